"""Event kernel: each exit of a sojourn gets one exponential number and is searched in its cumulative hazard.

Exit j happens in the first cycle in which m_j * sum_w ratio_jw * (H_j[clock at the window's end] - H_j[clock at its
start]) reaches its exponential. The earliest cycle wins, ties by the fraction of the cycle; lifelong exits come first.
This is the week-by-week model exactly, at a cost per sojourn instead of per week.

Arguments: `h` is one draw's row of `cumulative`, `ratio` (L, W) the strategy's ratios, `m` the individual multiplier,
`i` the place in `h` of the exit's clock at the start of the sojourn, `moving` whether that clock advances in the state.
"""

from __future__ import annotations

import numpy as np

from costeff.engine.plan import look
from costeff.kernel_cache import kernel_part
from costeff.random import SOJOURN, philox, to_uniform

PROBES = 4  # by proportion, before a search goes on by halves


@kernel_part
def multiplier(tb, own, j):
    """The individual's multiplier on exit j; own[0] is 1."""
    return look(own, look(tb.exit_factor, j) + 1)


@kernel_part
def clock_place(tb, pl, d, n, j, clock):
    """Where exit j's clock stands now in `cumulative[d]`, for individual n."""
    at = look(pl.exit_row, j) + look(clock, look(tb.exit_clock, j))
    if look(pl.exit_stride, j) > 0:
        at += tb.stratum[pl.exit_stratum[j], d, n] * pl.exit_stride[j]
    return at


@kernel_part
def hazard_until(tb, h, ratio, j, m, i, moving, start, until):
    """Hazard of exit j over cycles [start, until) of a sojourn that began at `start`."""
    row = look(tb.exit_ratio, j)
    if row == 0:
        if moving:
            return m * (look(h, i + until - start) - look(h, i))
        return m * ((until - start) * (look(h, i + 1) - look(h, i)))
    total = 0.0
    for w in range(tb.window_edge.shape[0] - 1):
        a = max(start, tb.window_edge[w])
        b = min(until, tb.window_edge[w + 1])
        if a < b:
            f = m * ratio[row, w]
            if moving:
                total += f * (look(h, i + b - start) - look(h, i + a - start))
            else:
                total += f * ((b - a) * (look(h, i + 1) - look(h, i)))
    return total


@kernel_part
def reach(tb, h, ratio, j, m, i, moving, start, until, e):
    """(cycle, hazard before it, hazard at its end) in which the hazard summed from `start` reaches e.

    The cycle is -1 when that is not before `until`. The same sums in the same order as `hazard_until`, so that both
    agree to the last bit. Within one window the cycle is looked for by proportion, which is right at once where the
    hazard is constant, and at last by halves.
    """
    row = look(tb.exit_ratio, j)
    below = 0.0
    for w in range(1 if row == 0 else tb.window_edge.shape[0] - 1):
        a, b, f = start, until, m
        if row != 0:
            a = max(start, tb.window_edge[w])
            b = min(until, tb.window_edge[w + 1])
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
def next_exit(
    tb, pl, h, rate, most, ratio, seed, d, n, who, s, visit, start, horizon, clock, own, remaining, uniform
):
    """(end, event) of the sojourn in s from `start`: event is an exit, J + a deadline, or -1 at the horizon.

    Spends the lifelong exponentials in `remaining` over the cycles of the sojourn. In which order exits are tried
    changes nothing but time: ties go to the exit declared first.
    """
    exits = tb.exit_target.shape[0]
    when, which = deadline(tb, d, n, s, start, horizon, clock)
    event = exits + which if which >= 0 else -1
    end = when
    searched = min(when, horizon)
    e_best, below_best, above_best = 0.0, 0.0, 1.0
    place = SOJOURN | (np.uint64(visit) << np.uint64(16)) | np.uint64(s)
    for block in range(look(pl.blocks, s)):
        words = philox(seed, tb.draw_key[d], np.uint64(who), place, np.uint64(block))
        for k in range(4):
            uniform[4 * block + k] = to_uniform(words[k])
    for x in range(look(tb.exit_first, s), look(tb.exit_first, s + 1)):
        j = look(pl.exit_order, x)
        m = multiplier(tb, own, j)
        life = look(tb.exit_lifelong, j)
        # -log(u) >= 1 - u: most exits are ruled out here, without a logarithm and without a look at their table.
        e = look(remaining, life) if life >= 0 else 1.0 - look(uniform, look(tb.exit_slot, j))
        if e > m * look(rate, j) * (searched - start) or searched <= start:
            continue
        i = clock_place(tb, pl, d, n, j, clock)
        moving = look(pl.exit_moving, j) != 0
        cycles = searched - start
        raw = look(h, i + cycles) - look(h, i) if moving else cycles * (look(h, i + 1) - look(h, i))
        at_most = m * raw * look(most, j)
        if e > at_most:
            continue
        if life < 0:
            e = -np.log(look(uniform, look(tb.exit_slot, j)))
            if e > at_most:
                continue
        k, below, above = reach(tb, h, ratio, j, m, i, moving, start, searched, e)
        if k < 0:
            continue
        if k + 1 == end and 0 <= event < exits:
            part = _part(e, below, above, life)
            best = _part(e_best, below_best, above_best, tb.exit_lifelong[event])
            earlier = part < best or (part == best and j < event)
        else:
            earlier = k + 1 <= end
        if earlier:
            end = k + 1
            event = j
            e_best, below_best, above_best = e, below, above
            searched = min(searched, k + 1)
    if event >= 0:
        spend(tb, pl, h, ratio, d, n, s, start, min(end, horizon), clock, own, remaining)
    return end, event


@kernel_part
def _part(e, below, above, life):
    """The fraction of its cycle at which an exit happens; lifelong exits come first."""
    here = above - below
    part = (e - below) / here if here > 0.0 else 0.0
    return part - 2.0 if life >= 0 else part


@kernel_part
def spend(tb, pl, h, ratio, d, n, s, start, until, clock, own, remaining):
    """Take the hazard of [start, until) off the lifelong exponentials of state s."""
    if until > start:
        for x in range(look(pl.lifelong_first, s), look(pl.lifelong_first, s + 1)):
            j = look(pl.lifelong_exit, x)
            i = clock_place(tb, pl, d, n, j, clock)
            moving = look(pl.exit_moving, j) != 0
            m = multiplier(tb, own, j)
            remaining[tb.exit_lifelong[j]] -= hazard_until(tb, h, ratio, j, m, i, moving, start, until)
