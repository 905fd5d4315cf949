"""Event kernel: each exit of a sojourn gets one exponential number and is searched in its cumulative hazard.

Exit j happens in the first cycle in which m_j * sum_w ratio_jw * (H_j[clock at the window's end] - H_j[clock at its
start]) reaches its exponential. The earliest cycle wins, ties by the fraction of the cycle; lifelong exits come first.
This is the week-by-week model exactly, at a cost per sojourn instead of per week.

All sojourns that lives of a block spend in one state are worked on together, exit by exit. Bounds rule most of them
out, each in a loop without a branch that depends on a random number: such a branch would cost more than the sum.

Arguments: `x` is the exit's record in the plan, `m` the individual multiplier, `i` the place in `h` of the exit's clock
at the start of the sojourn.
"""

from __future__ import annotations

import numpy as np

from costeff.engine.events.counts import recent_deadline
from costeff.engine.events.lives import clock_value, column
from costeff.engine.events.plan import (
    CLOCK,
    DEADLINE,
    EXIT,
    FACTOR,
    FIRST,
    LENGTH,
    LIFELONG_LUCK,
    MOVING,
    NUMBER,
    RATIO,
    ROW,
    SECOND,
    SLOT,
    START,
    STRATUM,
    look,
)
from costeff.engine.events.second_clock import hazard_on_two, reaches_on_two
from costeff.numerics.kernel_cache import kernel_outline, kernel_part
from costeff.numerics.random import SOJOURN, exit_word, exponential, philox_many, to_uniform


@kernel_part
def table_place(exit, x, stratum, b):
    """Where the table of the exit of record x begins in `cumulative[d]` for life b."""
    return look(exit, EXIT * x + FIRST) + (look(exit, EXIT * x + LENGTH) + 1) * look(stratum, b)


@kernel_part
def clock_place(exit, clock, always, x, first, b, at):
    """Where the clock of the exit of record x stands at `at` in its table, which begins at `first`."""
    return first + clock_value(clock, always, look(exit, EXIT * x + CLOCK), b, at) - look(exit, EXIT * x + START)


@kernel_part
def hazard_until(exit, window_at, window_edge, bl, x, m, i, start, until):
    """Hazard of the exit of record x over cycles [start, until) of a sojourn that began at `start`."""
    h = bl.h
    moving = look(exit, EXIT * x + MOVING) != 0
    row = look(exit, EXIT * x + RATIO)
    if row == 0:
        if moving:
            return m * (look(h, i + until - start) - look(h, i))
        return m * ((until - start) * (look(h, i + 1) - look(h, i)))
    total = 0.0
    for w in range(look(window_at, start), window_edge.shape[0] - 1):
        a = max(start, look(window_edge, w))
        b = min(until, look(window_edge, w + 1))
        if a >= b:
            break
        f = m * bl.ratio[row, w]
        if moving:
            total += f * (look(h, i + b - start) - look(h, i + a - start))
        else:
            total += f * ((b - a) * (look(h, i + 1) - look(h, i)))
    return total


@kernel_part
def _whole(x, most):
    """x rounded down, from 0 to `most`; 0 for NaN."""
    x = x if x > 0.0 else 0.0
    return np.int64(x if x < most else np.float64(most))


@kernel_part
def find(h, guide, scale, first, length, value):
    """The first entry at least `value` of the table at `first`, which has `scale` steps of the guide to a hazard."""
    bucket = first + _whole((value - look(h, first)) * scale, length - 1)
    k, last = np.int64(look(guide, bucket)), np.int64(look(guide, bucket + 1))
    # Two halvings find nearly all; as they take no branch, no processor guesses wrong.
    for _ in range(2):
        middle = (k + last) >> 1
        enough = look(h, middle) >= value
        k, last = k if enough or k == last else middle + 1, middle if enough else last
    while k < last:
        middle = (k + last) >> 1
        if look(h, middle) >= value:
            last = middle
        else:
            k = middle + 1
    return k


@kernel_outline
def make_guide(pl, h, guide, scale):
    """For each table, cut into as many equal steps of hazard as it has cycles: the entry that reaches each step."""
    for row in range(pl.row_first.shape[0]):
        first, length = pl.row_first[row], pl.row_length[row]
        low = h[first]
        step = (h[first + length] - low) / length
        scale[row] = 1.0 / step
        k = first
        for b in range(length):
            while k < first + length and h[k] < low + b * step:
                k += 1
            guide[first + b] = k
        guide[first + length] = first + length


@kernel_outline
def deadlines(tb, pl, bl, s, lives, so, many):
    """Set `end` and `event` to the earliest deadline of s; horizon + 1 and -1 without one."""
    exits = tb.exit_target.shape[0]
    for k in range(many):
        so.end[k] = bl.horizon + 1
        so.event[k] = -1
    for x in range(look(tb.deadline_first, s), look(tb.deadline_first, s + 1)):
        clock = look(pl.deadline, DEADLINE * x)
        due = tb.deadline_at[np.uint64(look(pl.deadline, DEADLINE * x + 1)), np.uint64(bl.d)][bl.low :]
        moving = look(pl.deadline, DEADLINE * x + 2) != 0
        if tb.clock_recent[clock] >= 0:
            recent_deadline(tb, pl, bl, x, clock, due, moving, lives, so, many)
            continue
        for k in range(many):
            b = look(so.life, k)
            cycles_left = np.int64(look(due, b)) - clock_value(lives.clock, pl.always, clock, b, look(so.start, k))
            at = look(so.start, k) + max(cycles_left, 0)
            falls = (cycles_left <= 0 or moving) and at < look(so.end, k)
            so.end[k] = at if falls else look(so.end, k)
            so.event[k] = exits + x if falls else look(so.event, k)


@kernel_outline
def draw_luck(tb, pl, bl, s, lives, so, many):
    """Draw the numbers of each sojourn, and a lower bound of each exponential -log(u).

    One address for the sojourn, from which the name of each exit picks its number. With x = 1 - u the exponential is at
    least x + x^2/2 + x^3/3, which rules most exits out without a logarithm.
    """
    first = look(pl.slot_first, s)
    slots = look(pl.slot_first, s + 1) - first
    if slots == 0:
        return
    key, state = look(tb.draw_key, bl.d), look(tb.state_name, s)
    for k in range(many):
        b = look(so.life, k)
        visit = np.uint64(column(lives.visits, s, b))
        so.who[np.uint64(k)] = bl.who + b
        so.address[np.uint64(k)] = SOJOURN | visit
    philox_many(bl.seed, key, so.who, so.address, state, many, so.block)
    w0, w1, w2, w3 = so.block[0], so.block[1], so.block[2], so.block[3]
    for slot in range(slots):
        name = look(pl.slot_name, first + slot)
        word, least = so.word[np.uint64(slot)], so.least[np.uint64(slot)]
        for k in range(np.uint64(many)):
            word[k] = exit_word(w0[k], w1[k], w2[k], w3[k], name)
        for k in range(np.uint64(many)):
            x = 1.0 - to_uniform(word[k])
            least[k] = x * (1.0 + x * (0.5 + x * (1.0 / 3.0)))


@kernel_outline
def next_exits(tb, pl, bl, s, lives, so, many):
    """Set `end` and `event` of the sojourns in s: an exit, J + a deadline, or -1 at the horizon.

    In which order exits are tried changes nothing but time: ties go to the exit declared first.
    """
    deadlines(tb, pl, bl, s, lives, so, many)
    for k in range(many):
        so.cycles[np.uint64(k)] = min(np.int64(look(so.end, k)), bl.horizon) - look(so.start, k)
    draw_luck(tb, pl, bl, s, lives, so, many)
    for x in range(look(tb.exit_first, s), look(tb.exit_first, s + 1)):
        if look(bl.most, 2 * x) == 0.0:
            continue  # another strategy's
        f, z = look(pl.exit, EXIT * x + FACTOR), look(pl.exit, EXIT * x + STRATUM)
        factor = lives.ones if f < 0 else tb.factor[f, bl.d][bl.low :]
        stratum = lives.zeros if z < 0 else tb.stratum[z, bl.d][bl.low :]
        tries = _may_happen(pl, bl, x, factor, lives, so, many)
        if tries == 0:
            continue
        tries = _can_happen(pl, bl, x, factor, stratum, lives, so, tries)
        if tries == 0:
            continue
        if look(pl.exit, EXIT * x + SECOND) < 0:
            tries = _reaches(tb, pl, bl, x, factor, so, tries)
        else:
            tries = reaches_on_two(tb, pl, bl, s, x, factor, lives, so, tries)
        _happens(pl, bl, x, stratum, lives, so, tries)
        _end(tb, pl, x, so, tries)


@kernel_outline
def _may_happen(pl, bl, x, factor, lives, so, many):
    """List in `tried` the sojourns that the largest hazard of any cycle lets the exit end; returns how many."""
    most = look(bl.most, 2 * x)
    lifelong, slot = look(pl.exit, EXIT * x + LIFELONG_LUCK), look(pl.exit, EXIT * x + SLOT)
    tries = 0
    if lifelong >= 0:
        for k in range(many):
            b = look(so.life, k)
            e = column(lives.luck, lifelong, b)
            limit = look(factor, b) * most * look(so.cycles, k)
            so.tried[np.uint64(tries)] = k
            tries += 1 if e <= limit else 0
    else:
        for k in range(many):
            b = look(so.life, k)
            e = column(so.least, slot, k)
            limit = look(factor, b) * most * look(so.cycles, k)
            so.tried[np.uint64(tries)] = k
            tries += 1 if e <= limit else 0
    return tries


@kernel_outline
def _can_happen(pl, bl, x, factor, stratum, lives, so, many):
    """Keep in `tried` the sojourns whose own hazards let the exit end them; returns how many."""
    h = bl.h
    ratio = look(bl.most, 2 * x + 1)
    moving = look(pl.exit, EXIT * x + MOVING) != 0
    lifelong, slot = look(pl.exit, EXIT * x + LIFELONG_LUCK), look(pl.exit, EXIT * x + SLOT)
    tries = 0
    for v in range(many):
        k = look(so.tried, v)
        b = look(so.life, k)
        i = clock_place(pl.exit, lives.clock, pl.always, x, table_place(pl.exit, x, stratum, b), b, look(so.start, k))
        cycles = np.int64(look(so.cycles, k))
        raw = (1 if moving else cycles) * (look(h, i + (cycles if moving else 1)) - look(h, i))
        limit = look(factor, b) * raw * ratio
        e = column(lives.luck, lifelong, b) if lifelong >= 0 else column(so.least, slot, k)
        so.tried[np.uint64(tries)] = k
        so.place[np.uint64(tries)] = i
        so.limit[np.uint64(tries)] = limit
        so.wanted[np.uint64(tries)] = e if lifelong >= 0 else to_uniform(column(so.word, slot, k))
        tries += 1 if e <= limit else 0
    if lifelong >= 0:
        return tries
    many, tries = tries, 0
    for v in range(np.uint64(many)):
        so.wanted[v] = exponential(so.wanted[v])
    for v in range(many):
        k, i, e = look(so.tried, v), look(so.place, v), look(so.wanted, v)
        so.tried[np.uint64(tries)] = k
        so.place[np.uint64(tries)] = i
        so.wanted[np.uint64(tries)] = e
        tries += 1 if e <= look(so.limit, v) else 0
    return tries


@kernel_outline
def _reaches(tb, pl, bl, x, factor, so, many):
    """Keep in `tried` the sojourns in which the hazard summed from the start reaches `wanted`; returns how many.

    For those: where it is reached lies in the stretch from `since` to `until`, of one effect window, with the hazard
    `below` before it, at `rate` times that of the table. The same sums in the same order as `hazard_until`, so that
    both agree to the last bit.
    """
    h = bl.h
    moving = look(pl.exit, EXIT * x + MOVING) != 0
    row = look(pl.exit, EXIT * x + RATIO)
    hits = 0
    for v in range(many):
        k = look(so.tried, v)
        so.since[np.uint64(v)] = look(so.start, k)
        so.below[np.uint64(v)] = 0.0
        so.open[np.uint64(v)] = v
        if row == 0:
            cycles = np.int64(look(so.cycles, k))
            i, m = look(so.place, v), look(factor, look(so.life, k))
            raw = look(h, i + (cycles if moving else 1)) - look(h, i)
            so.rate[np.uint64(v)] = m
            so.until[np.uint64(v)] = look(so.start, k) + cycles
            so.found[np.uint64(hits)] = v
            hits += 1 if m * (raw if moving else cycles * raw) >= look(so.wanted, v) and cycles > 0 else 0
    if row == 0:
        return hits
    while many > 0:
        open_count = 0
        for o in range(many):
            v = look(so.open, o)
            k = look(so.tried, v)
            start, a = np.int64(look(so.start, k)), np.int64(look(so.since, v))
            last = start + look(so.cycles, k)
            i, m = look(so.place, v), look(factor, look(so.life, k))
            w = look(pl.window_at, a)
            b = min(last, np.int64(look(tb.window_edge, w + 1)))
            f = m * bl.ratio[np.uint64(row), np.uint64(w)]
            base = look(h, i + a - start if moving else i)
            above = (look(h, i + b - start) if moving else look(h, i + 1)) - base
            below = look(so.below, v)
            above = below + f * (above if moving else (b - a) * above)
            is_hit = above >= look(so.wanted, v) and a < b
            so.found[np.uint64(hits)] = v
            so.rate[np.uint64(v)] = f
            so.until[np.uint64(v)] = b
            hits += 1 if is_hit else 0
            so.open[np.uint64(open_count)] = v
            go_on = not is_hit and b < last
            so.since[np.uint64(v)] = b if go_on else a
            so.below[np.uint64(v)] = above if go_on else below
            open_count += 1 if go_on else 0
        many = open_count
    return hits


@kernel_outline
def _happens(pl, bl, x, stratum, lives, so, many):
    """Search the cycle of the exit in each sojourn in `found`: writes `cycle`, and the hazard before and at its end.

    `guide` says where to look, the sums decide.
    """
    h = bl.h
    moving = look(pl.exit, EXIT * x + MOVING) != 0
    length = look(pl.exit, EXIT * x + LENGTH)
    for o in range(many):
        v = np.uint64(look(so.found, o))
        k = look(so.tried, v)
        start, a, b = np.int64(look(so.start, k)), np.int64(look(so.since, v)), np.int64(look(so.until, v))
        i, e, f, below = look(so.place, v), look(so.wanted, v), look(so.rate, v), look(so.below, v)
        if moving:
            code = look(stratum, look(so.life, k))
            first = look(pl.exit, EXIT * x + FIRST) + (length + 1) * code
            scale = look(lives.scale, look(pl.exit, EXIT * x + ROW) + code)
            base = look(h, i + a - start)
            low = find(h, lives.guide, scale, first, length, base + (e - below) / f) - 1 - (i - start)
        else:
            base = look(h, i + 1) - look(h, i)
            low = a + _whole((e - below) / (f * base), b - a)
        low = min(max(low, a), b - 1)
        while True:
            part = f * (look(h, i + low + 1 - start) - base) if moving else f * ((low + 1 - a) * base)
            above = below + part
            if above >= e or low == b - 1:
                break
            low += 1
        while True:
            before = below + (f * (look(h, i + low - start) - base) if moving else f * ((low - a) * base))
            if before < e or low == a:
                break
            low -= 1
            above = before
        so.cycle[v] = low
        so.below[v] = before
        so.above[v] = above


@kernel_outline
def _end(tb, pl, x, so, many):
    """Let the exit end the sojourns in `found`, unless another does earlier in the same cycle.

    What is found is never later than the end so far: no cycle after that is searched.
    """
    exits = tb.exit_target.shape[0]
    number = look(pl.exit, EXIT * x + NUMBER)
    lifelong = look(pl.exit, EXIT * x + LIFELONG_LUCK) >= 0
    for o in range(many):
        v = np.uint64(look(so.found, o))
        k = np.uint64(look(so.tried, v))
        end = np.int64(so.cycle[v]) + 1
        event = so.event[k]
        if end == so.end[k] and 0 <= event < exits:
            part = _part(so.wanted[v], so.below[v], so.above[v], lifelong)
            best = _part(so.best[0, k], so.best[1, k], so.best[2, k], so.lifelong[k] != 0)
            if best < part or (part == best and event < number):
                continue
        so.end[k] = end
        so.event[k] = number
        so.cycles[k] = end - so.start[k]
        so.best[0, k], so.best[1, k], so.best[2, k] = so.wanted[v], so.below[v], so.above[v]
        so.lifelong[k] = lifelong


@kernel_part
def _part(e, below, above, lifelong):
    """The fraction of its cycle at which an exit happens; lifelong exits come first."""
    here = above - below
    part = (e - below) / here if here > 0.0 else 0.0
    return part - 2.0 if lifelong else part


@kernel_outline
def spend(tb, pl, bl, s, lives, so, many):
    """Take the hazard of the sojourns in s off the lifelong exponentials."""
    for y in range(look(pl.lifelong_first, s), look(pl.lifelong_first, s + 1)):
        x = look(pl.lifelong_exit, y)
        f, z = look(pl.exit, EXIT * x + FACTOR), look(pl.exit, EXIT * x + STRATUM)
        factor = lives.ones if f < 0 else tb.factor[f, bl.d][bl.low :]
        stratum = lives.zeros if z < 0 else tb.stratum[z, bl.d][bl.low :]
        row = np.uint64(look(pl.exit, EXIT * x + LIFELONG_LUCK))
        if look(pl.exit, EXIT * x + SECOND) >= 0:
            _spend_on_two(tb, pl, bl, s, x, row, factor, stratum, lives, so, many)
            continue
        for k in range(many):
            b = np.uint64(look(so.life, k))
            start = np.int64(look(so.start, k))
            i = clock_place(pl.exit, lives.clock, pl.always, x, table_place(pl.exit, x, stratum, b), b, start)
            # Spent is only what is lived: nothing after the end, which is at most the horizon for all that go on.
            lives.luck[row, b] -= hazard_until(
                pl.exit, pl.window_at, tb.window_edge, bl, x, look(factor, b), i, start, np.int64(look(so.end, k))
            )


@kernel_outline
def _spend_on_two(tb, pl, bl, s, x, row, factor, stratum, lives, so, many):
    """The same for the exit of record x, whose hazard is read on two clocks: apart, so that others pay nothing."""
    for k in range(many):
        b = np.uint64(look(so.life, k))
        start, end = np.int64(look(so.start, k)), np.int64(look(so.end, k))
        i = clock_place(pl.exit, lives.clock, pl.always, x, table_place(pl.exit, x, stratum, b), b, start)
        lives.luck[row, b] -= hazard_on_two(tb, pl, bl, lives, x, s, b, look(factor, b), i, start, start, end)
