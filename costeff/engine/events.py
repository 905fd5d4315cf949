"""Event kernel: each exit of a sojourn gets one exponential number and is searched in its cumulative hazard.

Exit j happens in the first cycle in which m_j * sum_w ratio_jw * (H_j[clock at the window's end] - H_j[clock at its
start]) reaches its exponential. The earliest cycle wins, ties by the fraction of the cycle; lifelong exits come first.
This is the week-by-week model exactly, at a cost per sojourn instead of per week.

Arguments: `h` is one draw's row of `cumulative`, `ratio` (L, W) the strategy's ratios, `m` the individual multiplier,
`i` the place in `h` of the exit's clock at the start of the sojourn, `x` the exit's record in the plan, where `moving`
says whether that clock advances in the state.
"""

from __future__ import annotations

import numpy as np

from costeff.engine.life import KEPT
from costeff.engine.plan import (
    CLOCK,
    DEADLINE,
    EXIT,
    FACTOR,
    FIRST,
    LENGTH,
    LUCK,
    MOVING,
    NUMBER,
    OWN_LUCK,
    RATIO,
    START,
    STRATUM,
    look,
)  # fmt: skip
from costeff.kernel_cache import kernel_part
from costeff.random import SOJOURN, philox, to_uniform


@kernel_part
def table_place(pl, x, life):
    """Where the table of the exit of record x begins in `cumulative[d]`."""
    stratum = look(life.code, look(pl.exit, EXIT * x + STRATUM))
    return look(pl.exit, EXIT * x + FIRST) + (look(pl.exit, EXIT * x + LENGTH) + 1) * stratum


@kernel_part
def clock_place(pl, x, first, life):
    """Where the clock of the exit of record x stands now in its table, which begins at `first`."""
    return first + look(life.clock, look(pl.exit, EXIT * x + CLOCK)) - look(pl.exit, EXIT * x + START)


@kernel_part
def hazard_until(tb, pl, h, ratio, x, m, i, start, until):
    """Hazard of the exit of record x over cycles [start, until) of a sojourn that began at `start`."""
    moving = look(pl.exit, EXIT * x + MOVING) != 0
    row = look(pl.exit, EXIT * x + RATIO)
    if row == 0:
        if moving:
            return m * (look(h, i + until - start) - look(h, i))
        return m * ((until - start) * (look(h, i + 1) - look(h, i)))
    total = 0.0
    for w in range(look(pl.window_at, start), tb.window_edge.shape[0] - 1):
        a = max(start, look(tb.window_edge, w))
        b = min(until, look(tb.window_edge, w + 1))
        if a >= b:
            break
        f = m * ratio[row, w]
        if moving:
            total += f * (look(h, i + b - start) - look(h, i + a - start))
        else:
            total += f * ((b - a) * (look(h, i + 1) - look(h, i)))
    return total


@kernel_part
def reach(tb, pl, h, guide, ratio, x, m, first, i, start, until, e):
    """(cycle, hazard before it, hazard at its end) in which the hazard summed from `start` reaches e.

    The cycle is -1 when that is not before `until`. The same sums in the same order as `hazard_until`, so that both
    agree to the last bit: `guide` says where to look, the sums decide.
    """
    moving = look(pl.exit, EXIT * x + MOVING) != 0
    row = look(pl.exit, EXIT * x + RATIO)
    below = 0.0
    w = look(pl.window_at, start)
    a = start
    while a < until:
        b, f = until, m
        if row != 0:
            b = min(until, look(tb.window_edge, w + 1))
            f = m * ratio[row, w]
        base = look(h, i + a - start) if moving else 0.0
        hazard = look(h, i + 1) - look(h, i)
        above = below + (f * (look(h, i + b - start) - base) if moving else f * ((b - a) * hazard))
        if above < e:
            below = above
            a = b
            w += 1
            continue
        if moving:
            length = look(pl.exit, EXIT * x + LENGTH)
            low = find(h, guide, first, length, base + (e - below) / f) - 1 - (i - start)
        else:
            low = a + _whole((e - below) / (f * hazard), b - a)
        low = min(max(low, a), b - 1)
        while True:
            part = f * (look(h, i + low + 1 - start) - base) if moving else f * ((low + 1 - a) * hazard)
            above = below + part
            if above >= e or low == b - 1:
                break
            low += 1
        while True:
            before = below + (f * (look(h, i + low - start) - base) if moving else f * ((low - a) * hazard))
            if before < e or low == a:
                break
            low -= 1
            above = before
        return low, before, above
    return -1, 0.0, 0.0


@kernel_part
def _whole(x, most):
    """x rounded down, from 0 to `most`; 0 for NaN."""
    x = x if x > 0.0 else 0.0
    return np.int64(x if x < most else np.float64(most))


@kernel_part
def find(h, guide, first, length, value):
    """The first entry of the table at `first` that is at least `value`."""
    low = look(h, first)
    bucket = first + _whole((value - low) * (length / (look(h, first + length) - low)), length - 1)
    k, last = look(guide, bucket), look(guide, bucket + 1)
    while k < last:
        middle = (k + last) // 2
        if look(h, middle) >= value:
            last = middle
        else:
            k = middle + 1
    return k


@kernel_part
def make_guide(pl, h, guide):
    """For each table, cut into as many equal steps of hazard as it has cycles: the entry that reaches each step."""
    for row in range(pl.row_first.shape[0]):
        first, length = pl.row_first[row], pl.row_length[row]
        low = h[first]
        step = (h[first + length] - low) / length
        k = first
        for b in range(length):
            while k < first + length and h[k] < low + b * step:
                k += 1
            guide[first + b] = k
        guide[first + length] = first + length


@kernel_part
def deadline(tb, pl, s, start, horizon, life):
    """(time at which the earliest deadline of s falls, its number); (horizon + 1, -1) without one."""
    when = horizon + 1
    which = -1
    for x in range(look(tb.deadline_first, s), look(tb.deadline_first, s + 1)):
        clock = look(life.clock, look(pl.deadline, DEADLINE * x))
        left = look(life.due, look(pl.deadline, DEADLINE * x + 1)) - clock
        if left > 0 and look(pl.deadline, DEADLINE * x + 2) == 0:
            continue
        at = start + max(left, 0)
        if at < when:
            when = at
            which = x
    return when, which


@kernel_part
def draw_luck(tb, pl, seed, d, who, s, life):
    """Where the random numbers of a sojourn are in `uniform`; `luck` has a lower bound of each exponential -log(u).

    With x = 1 - u it is at least x + x^2/2 + x^3/3, which rules most exits out without a logarithm. They are drawn
    unless the individual's life under another strategy has left them there.
    """
    visit = look(life.visits, s)
    row = s * KEPT + (visit & (KEPT - 1))
    at = row * (life.uniform.shape[0] // life.stamp.shape[0])
    mark = (who << 20) + visit
    if look(life.stamp, row) != mark:
        life.stamp[np.uint64(row)] = mark
        place = SOJOURN | (np.uint64(visit) << np.uint64(16)) | np.uint64(s)
        carried = life.luck.shape[0] - life.uniform.shape[0]
        for block in range(look(pl.blocks, s)):
            words = philox(seed, look(tb.draw_key, d), np.uint64(who), place, np.uint64(block))
            for k in range(4):
                u = to_uniform(words[k])
                x = 1.0 - u
                life.uniform[np.uint64(at + 4 * block + k)] = u
                life.luck[np.uint64(carried + at + 4 * block + k)] = x * (1.0 + x * (0.5 + x * (1.0 / 3.0)))
    return at


@kernel_part
def next_exit(tb, pl, h, most, ratio, seed, d, who, s, start, horizon, life):
    """(end, event) of the sojourn in s from `start`: event is an exit, J + a deadline, or -1 at the horizon.

    Spends the lifelong exponentials, the first in `luck`, over the cycles of the sojourn. In which order exits are
    tried changes nothing but time: ties go to the exit declared first.
    """
    exits = tb.exit_target.shape[0]
    when, which = deadline(tb, pl, s, start, horizon, life)
    event = exits + which if which >= 0 else -1
    end = when
    searched = min(when, horizon)
    e_best, below_best, above_best, lifelong_best = 0.0, 0.0, 1.0, False
    at = draw_luck(tb, pl, seed, d, who, s, life)
    carried = life.luck.shape[0] - life.uniform.shape[0]
    if searched > start:
        for x in range(look(tb.exit_first, s), look(tb.exit_first, s + 1)):
            m = look(life.own, look(pl.exit, EXIT * x + FACTOR))
            number = look(pl.exit, EXIT * x + LUCK) + (at & look(pl.exit, EXIT * x + OWN_LUCK))
            e = look(life.luck, number)
            if e > m * look(most, 2 * x) * (searched - start):
                continue
            first = table_place(pl, x, life)
            i = clock_place(pl, x, first, life)
            cycles = searched - start
            moving = look(pl.exit, EXIT * x + MOVING) != 0
            raw = look(h, i + cycles) - look(h, i) if moving else cycles * (look(h, i + 1) - look(h, i))
            at_most = m * raw * look(most, 2 * x + 1)
            if e > at_most:
                continue
            if number >= carried:
                e = -np.log(look(life.uniform, number - carried))
                if e > at_most:
                    continue
            k, below, above = reach(tb, pl, h, life.guide, ratio, x, m, first, i, start, searched, e)
            if k < 0:
                continue
            j = look(pl.exit, EXIT * x + NUMBER)
            if k + 1 == end and 0 <= event < exits:
                part = _part(e, below, above, number < carried)
                best = _part(e_best, below_best, above_best, lifelong_best)
                earlier = part < best or (part == best and j < event)
            else:
                earlier = k + 1 <= end
            if earlier:
                end = k + 1
                event = j
                e_best, below_best, above_best, lifelong_best = e, below, above, number < carried
                searched = min(searched, k + 1)
    if event >= 0:
        spend(tb, pl, h, ratio, s, start, min(end, horizon), life)
    return end, event


@kernel_part
def _part(e, below, above, lifelong):
    """The fraction of its cycle at which an exit happens; lifelong exits come first."""
    here = above - below
    part = (e - below) / here if here > 0.0 else 0.0
    return part - 2.0 if lifelong else part


@kernel_part
def spend(tb, pl, h, ratio, s, start, until, life):
    """Take the hazard of [start, until) off the lifelong exponentials of state s."""
    if until > start:
        for y in range(look(pl.lifelong_first, s), look(pl.lifelong_first, s + 1)):
            x = look(pl.lifelong_exit, y)
            i = clock_place(pl, x, table_place(pl, x, life), life)
            m = look(life.own, look(pl.exit, EXIT * x + FACTOR))
            spent = hazard_until(tb, pl, h, ratio, x, m, i, start, until)
            life.luck[np.uint64(look(pl.exit, EXIT * x + LUCK))] -= spent
