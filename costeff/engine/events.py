"""Event kernel: each exit of a sojourn gets one exponential number and is searched in its cumulative hazard.

Exit j happens in the first cycle in which m_j * sum_w ratio_jw * (H_j[clock at the window's end] - H_j[clock at its
start]) reaches its exponential. The earliest cycle wins, ties by the fraction of the cycle; lifelong exits come first.
This is the week-by-week model exactly, at a cost per sojourn instead of per week.

Arguments: `h` is one draw's row of `cumulative`, `ratio` (L, W) the strategy's ratios, `m` the individual multiplier,
`i` the place in `h` of the exit's clock at the start of the sojourn, `moving` whether that clock advances in the state.
"""

from __future__ import annotations

import numpy as np

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

KEPT = 4  # visits of a state whose random numbers stay for the next strategy; a power of two


@kernel_part
def table_place(pl, x, code):
    """Where the table of the exit of record x begins in `cumulative[d]`; code[0] is 0, for tables without strata."""
    stratum = look(code, look(pl.exit, EXIT * x + STRATUM))
    return look(pl.exit, EXIT * x + FIRST) + (look(pl.exit, EXIT * x + LENGTH) + 1) * stratum


@kernel_part
def clock_place(pl, x, first, clock):
    """Where the clock of the exit of record x stands now in the table that begins at `first`."""
    return first + look(clock, look(pl.exit, EXIT * x + CLOCK)) - look(pl.exit, EXIT * x + START)


@kernel_part
def hazard_until(tb, pl, h, ratio, row, m, i, moving, start, until):
    """Hazard of an exit over cycles [start, until) of a sojourn that began at `start`; `row` of its ratios."""
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
def reach(tb, pl, h, guide, ratio, row, m, first, length, i, moving, start, until, e):
    """(cycle, hazard before it, hazard at its end) in which the hazard summed from `start` reaches e.

    The cycle is -1 when that is not before `until`. The same sums in the same order as `hazard_until`, so that both
    agree to the last bit: `guide` says where to look, the sums decide.
    """
    below = 0.0
    w = look(pl.window_at, start) if row != 0 else 0
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
            low = find(h, guide, first, length, base + (e - below) / f) - 1 - (i - start)
        else:
            low = a + _whole((e - below) / (f * hazard), b - a)
        low = min(max(low, a), b - 1)
        while True:
            reached = below + (
                f * (look(h, i + low + 1 - start) - base) if moving else f * ((low + 1 - a) * hazard)
            )
            if reached >= e or low == b - 1:
                break
            low += 1
        while True:
            before = below + (f * (look(h, i + low - start) - base) if moving else f * ((low - a) * hazard))
            if before < e or low == a:
                break
            low -= 1
            reached = before
        return low, before, reached
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
def deadline(tb, pl, s, start, horizon, clock, due):
    """(time at which the earliest deadline of s falls, its number); (horizon + 1, -1) without one."""
    when = horizon + 1
    which = -1
    for x in range(look(tb.deadline_first, s), look(tb.deadline_first, s + 1)):
        left = look(due, look(pl.deadline, DEADLINE * x + 1)) - look(clock, look(pl.deadline, DEADLINE * x))
        if left > 0 and look(pl.deadline, DEADLINE * x + 2) == 0:
            continue
        at = start + max(left, 0)
        if at < when:
            when = at
            which = x
    return when, which


@kernel_part
def draw_luck(tb, pl, seed, d, who, s, visit, luck, uniform, stamp):
    """Where the random numbers of a sojourn are: in `uniform`, and in `luck` a lower bound of each exponential -log(u).

    With x = 1 - u it is at least x + x^2/2 + x^3/3, which rules most exits out without a logarithm. They are drawn
    unless the individual's life under another strategy has left them there (`stamp`).
    """
    blocks = look(pl.blocks, s)
    row = s * KEPT + (visit & (KEPT - 1))
    room = uniform.shape[0] // stamp.shape[0]
    at = row * room
    mark = (who << 20) + visit
    if look(stamp, row) != mark:
        stamp[np.uint64(row)] = mark
        place = SOJOURN | (np.uint64(visit) << np.uint64(16)) | np.uint64(s)
        carried = luck.shape[0] - uniform.shape[0]
        for block in range(blocks):
            words = philox(seed, look(tb.draw_key, d), np.uint64(who), place, np.uint64(block))
            for k in range(4):
                u = to_uniform(words[k])
                x = 1.0 - u
                uniform[np.uint64(at + 4 * block + k)] = u
                luck[np.uint64(carried + at + 4 * block + k)] = x * (1.0 + x * (0.5 + x * (1.0 / 3.0)))
    return at


@kernel_part
def next_exit(
    tb,
    pl,
    h,
    guide,
    most,
    ratio,
    seed,
    d,
    who,
    s,
    visit,
    start,
    horizon,
    clock,
    own,
    due,
    code,
    luck,
    uniform,
    stamp,
):
    """(end, event) of the sojourn in s from `start`: event is an exit, J + a deadline, or -1 at the horizon.

    Spends the lifelong exponentials, the first in `luck`, over the cycles of the sojourn. In which order exits are
    tried changes nothing but time: ties go to the exit declared first.
    """
    exits = tb.exit_target.shape[0]
    when, which = deadline(tb, pl, s, start, horizon, clock, due)
    event = exits + which if which >= 0 else -1
    end = when
    searched = min(when, horizon)
    e_best, below_best, above_best = 0.0, 0.0, 1.0
    best_lifelong = False
    at = draw_luck(tb, pl, seed, d, who, s, visit, luck, uniform, stamp)
    carried = luck.shape[0] - uniform.shape[0]
    if searched > start:
        for x in range(look(tb.exit_first, s), look(tb.exit_first, s + 1)):
            m = look(own, look(pl.exit, EXIT * x + FACTOR))
            number = look(pl.exit, EXIT * x + LUCK) + (at & look(pl.exit, EXIT * x + OWN_LUCK))
            e = look(luck, number)
            if e > m * look(most, 2 * x) * (searched - start):
                continue
            first = table_place(pl, x, code)
            i = clock_place(pl, x, first, clock)
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
            k, below, above = reach(
                tb,
                pl,
                h,
                guide,
                ratio,
                row,
                m,
                first,
                look(pl.exit, EXIT * x + LENGTH),
                i,
                moving,
                start,
                searched,
                e,
            )
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
        spend(tb, pl, h, ratio, s, start, min(end, horizon), clock, own, code, luck)
    return end, event


@kernel_part
def _part(e, below, above, lifelong):
    """The fraction of its cycle at which an exit happens; lifelong exits come first."""
    here = above - below
    part = (e - below) / here if here > 0.0 else 0.0
    return part - 2.0 if lifelong else part


@kernel_part
def spend(tb, pl, h, ratio, s, start, until, clock, own, code, luck):
    """Take the hazard of [start, until) off the lifelong exponentials of state s."""
    if until > start:
        for y in range(look(pl.lifelong_first, s), look(pl.lifelong_first, s + 1)):
            x = look(pl.lifelong_exit, y)
            first = table_place(pl, x, code)
            i = clock_place(pl, x, first, clock)
            moving = look(pl.exit, EXIT * x + MOVING) != 0
            m = look(own, look(pl.exit, EXIT * x + FACTOR))
            row = look(pl.exit, EXIT * x + RATIO)
            spent = hazard_until(tb, pl, h, ratio, row, m, i, moving, start, until)
            luck[np.uint64(look(pl.exit, EXIT * x + LUCK))] -= spent
