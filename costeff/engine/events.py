"""Event kernel: each exit of a sojourn gets one exponential number and is searched in its cumulative hazard.

Exit j happens in the first cycle in which m_j * sum_w ratio_jw * (H_j[clock at the window's end] - H_j[clock at its
start]) reaches its exponential. The earliest cycle wins, ties by the fraction of the cycle; lifelong exits come first.
This is the week-by-week model exactly, at a cost per sojourn instead of per week.

Arguments: `h` is one draw's row of `cumulative`, `ratio` (L, W) the strategy's ratios, `m` the individual multiplier,
`i` the place in `h` of the exit's clock at the start of the sojourn, `moving` whether that clock advances in the state.
"""

from __future__ import annotations

import numpy as np

from costeff.engine.plan import CLOCK, EXIT, FACTOR, LUCK, MOVING, NUMBER, RATIO, ROW, STRIDE, look
from costeff.kernel_cache import kernel_part
from costeff.random import SOJOURN, philox, to_uniform

THIRD = (1.0 - 1e-9) / 3.0  # a little less, so that rounding cannot lift the bound above -log(u)
PROBES = 4  # by proportion, before a search goes on by halves


@kernel_part
def clock_place(tb, pl, d, n, x, clock):
    """Where the clock of the exit of record x stands now in `cumulative[d]`, for individual n."""
    at = look(pl.exit, EXIT * x + ROW) + look(clock, look(pl.exit, EXIT * x + CLOCK))
    stride = look(pl.exit, EXIT * x + STRIDE)
    if stride > 0:
        at += stride * tb.stratum[tb.table_stratum[tb.exit_table[look(pl.exit, EXIT * x + NUMBER)]], d, n]
    return at


@kernel_part
def hazard_until(tb, h, ratio, row, m, i, moving, start, until):
    """Hazard of an exit over cycles [start, until) of a sojourn that began at `start`; `row` of its ratios."""
    if row == 0:
        if moving:
            return m * (look(h, i + until - start) - look(h, i))
        return m * ((until - start) * (look(h, i + 1) - look(h, i)))
    total = 0.0
    for w in range(tb.window_edge.shape[0] - 1):
        a = max(start, look(tb.window_edge, w))
        b = min(until, look(tb.window_edge, w + 1))
        if a < b:
            f = m * ratio[row, w]
            if moving:
                total += f * (look(h, i + b - start) - look(h, i + a - start))
            else:
                total += f * ((b - a) * (look(h, i + 1) - look(h, i)))
    return total


@kernel_part
def reach(tb, h, ratio, row, m, i, moving, start, until, e):
    """(cycle, hazard before it, hazard at its end) in which the hazard summed from `start` reaches e.

    The cycle is -1 when that is not before `until`. The same sums in the same order as `hazard_until`, so that both
    agree to the last bit. Within one window the cycle is looked for by proportion, which is right at once where the
    hazard is constant, and at last by halves.
    """
    below = 0.0
    for w in range(1 if row == 0 else tb.window_edge.shape[0] - 1):
        a, b, f = start, until, m
        if row != 0:
            a = max(start, look(tb.window_edge, w))
            b = min(until, look(tb.window_edge, w + 1))
            if a >= b:
                continue
            f = m * ratio[row, w]
        before = below
        base = look(h, i + a - start) if moving else look(h, i)
        hazard = look(h, i + 1) - look(h, i)
        above = before + (f * (look(h, i + b - start) - base) if moving else f * ((b - a) * hazard))
        if above < e:
            below = above
            continue
        low, high = a, b - 1
        probes = 0
        while low < high:
            middle = (low + high) // 2
            if probes < PROBES:
                middle = min(low + np.int64((e - below) / (above - below) * (high - low + 1)), high - 1)
            probes += 1
            part = f * (look(h, i + middle + 1 - start) - base) if moving else f * ((middle + 1 - a) * hazard)
            if before + part >= e:
                high = middle
                above = before + part
            else:
                low = middle + 1
                below = before + part
        return low, below, above
    return -1, 0.0, 0.0


@kernel_part
def deadline(tb, d, n, s, start, horizon, clock):
    """(time at which the earliest deadline of s falls, its number); (horizon + 1, -1) without one."""
    when = horizon + 1
    which = -1
    for x in range(look(tb.deadline_first, s), look(tb.deadline_first, s + 1)):
        c = tb.deadline_clock[x]
        left = tb.deadline_at[tb.deadline_row[x], d, n] - clock[c]
        if left > 0 and not tb.clock_advances[c, s]:
            continue
        at = start + max(left, 0)
        if at < when:
            when = at
            which = x
    return when, which


@kernel_part
def draw_luck(tb, pl, seed, d, who, s, visit, carried, luck, uniform):
    """The random numbers of a sojourn: `uniform`, and in `luck` a lower bound of each exponential -log(u).

    With x = 1 - u it is at least x + x^2/2 + x^3/3, which rules most exits out without a logarithm.
    """
    place = SOJOURN | (np.uint64(visit) << np.uint64(16)) | np.uint64(s)
    for block in range(look(pl.blocks, s)):
        words = philox(seed, look(tb.draw_key, d), np.uint64(who), place, np.uint64(block))
        for k in range(4):
            u = to_uniform(words[k])
            x = 1.0 - u
            uniform[np.uint64(4 * block + k)] = u
            luck[np.uint64(carried + 4 * block + k)] = x * (1.0 + x * (0.5 + x * THIRD))


@kernel_part
def next_exit(
    tb, pl, h, most, ratio, seed, d, n, who, s, visit, start, horizon, clock, own, carried, luck, uniform
):
    """(end, event) of the sojourn in s from `start`: event is an exit, J + a deadline, or -1 at the horizon.

    Spends the lifelong exponentials, the first `carried` in `luck`, over the cycles of the sojourn. In which order
    exits are tried changes nothing but time: ties go to the exit declared first.
    """
    exits = tb.exit_target.shape[0]
    when, which = deadline(tb, d, n, s, start, horizon, clock)
    event = exits + which if which >= 0 else -1
    end = when
    searched = min(when, horizon)
    e_best, below_best, above_best = 0.0, 0.0, 1.0
    best_lifelong = False
    draw_luck(tb, pl, seed, d, who, s, visit, carried, luck, uniform)
    if searched > start:
        for x in range(look(tb.exit_first, s), look(tb.exit_first, s + 1)):
            m = look(own, look(pl.exit, EXIT * x + FACTOR))
            number = look(pl.exit, EXIT * x + LUCK)
            e = look(luck, number)
            if e > m * look(most, 2 * x) * (searched - start):
                continue
            i = clock_place(tb, pl, d, n, x, clock)
            moving = look(pl.exit, EXIT * x + MOVING) != 0
            cycles = searched - start
            raw = look(h, i + cycles) - look(h, i) if moving else cycles * (look(h, i + 1) - look(h, i))
            at_most = m * raw * look(most, 2 * x + 1)
            if e > at_most:
                continue
            if number >= carried:
                e = -np.log(look(uniform, number - carried))
                if e > at_most:
                    continue
            row = look(pl.exit, EXIT * x + RATIO)
            k, below, above = reach(tb, h, ratio, row, m, i, moving, start, searched, e)
            if k < 0:
                continue
            j = look(pl.exit, EXIT * x + NUMBER)
            if k + 1 == end and 0 <= event < exits:
                part = _part(e, below, above, number < carried)
                best = _part(e_best, below_best, above_best, best_lifelong)
                earlier = part < best or (part == best and j < event)
            else:
                earlier = k + 1 <= end
            if earlier:
                end = k + 1
                event = j
                e_best, below_best, above_best = e, below, above
                best_lifelong = number < carried
                searched = min(searched, k + 1)
    if event >= 0:
        spend(tb, pl, h, ratio, d, n, s, start, min(end, horizon), clock, own, luck)
    return end, event


@kernel_part
def _part(e, below, above, lifelong):
    """The fraction of its cycle at which an exit happens; lifelong exits come first."""
    here = above - below
    part = (e - below) / here if here > 0.0 else 0.0
    return part - 2.0 if lifelong else part


@kernel_part
def spend(tb, pl, h, ratio, d, n, s, start, until, clock, own, luck):
    """Take the hazard of [start, until) off the lifelong exponentials of state s."""
    if until > start:
        for y in range(look(pl.lifelong_first, s), look(pl.lifelong_first, s + 1)):
            x = look(pl.lifelong_exit, y)
            i = clock_place(tb, pl, d, n, x, clock)
            moving = look(pl.exit, EXIT * x + MOVING) != 0
            m = look(own, look(pl.exit, EXIT * x + FACTOR))
            row = look(pl.exit, EXIT * x + RATIO)
            spent = hazard_until(tb, h, ratio, row, m, i, moving, start, until)
            luck[np.uint64(look(pl.exit, EXIT * x + LUCK))] -= spent
