"""Exits whose hazard is multiplied by a step function of another clock: of a counter, or of time spent somewhere.

A stay is cut where an effect window ends and where the step function has another value, and what is left of the
exponential carries over, which is exact. Other exits never come here.
"""

from __future__ import annotations

import numpy as np

from costeff.engine.events.counts import stages_at, value_at
from costeff.engine.events.plan import EXIT, MOVING, NEVER, RATIO, SECOND, look
from costeff.numerics.kernel_cache import kernel_outline


@kernel_outline
def second_ratio(tb, pl, bl, lives, x, s, b, entry, at):
    """(value of the step function of record x at `at`, cycles for which it surely stays), in a stay since `entry`."""
    r = look(pl.exit, EXIT * x + SECOND)
    c = np.int64(look(tb.second_clock, r))
    moving = look(pl.advance, s * tb.clock_recent.shape[0] + c)
    value = value_at(tb, pl, lives, c, b, moving, entry, at) - look(tb.second_start, r)
    e = look(tb.second_offset, r) + min(max(value, 0), np.int64(look(tb.second_length, r)) - 1)
    cycles = np.int64(NEVER)
    row = np.int64(tb.clock_recent[c])
    if row >= 0 and tb.recent_within[row] < 0:
        cycles = stages_at(tb, lives, row, b, lives.clock[c, b], at)[1]
    elif row >= 0:
        cycles = min(pl.second_rise[bl.d, e], pl.second_fall[bl.d, e] + 1)
    elif moving != 0:
        cycles = pl.second_rise[bl.d, e] + max(-value, 0)
    return tb.second_value[bl.d, e], cycles


@kernel_outline
def part_on_two(tb, pl, bl, lives, x, s, b, m, i, entry, start, a, until):
    """(end of the part from `a` in which one ratio holds, at most `until`; that ratio; hazard of the part).

    `i` is the place of the exit's clock in its table at `start`, `m` the individual multiplier.
    """
    w = look(pl.window_at, a)
    ratio, cycles = second_ratio(tb, pl, bl, lives, x, s, b, entry, a)
    end = min(np.int64(until), np.int64(look(tb.window_edge, w + 1)), a + cycles)
    f = m * bl.ratio[np.uint64(look(pl.exit, EXIT * x + RATIO)), np.uint64(w)] * ratio
    h = bl.h
    if look(pl.exit, EXIT * x + MOVING) != 0:
        return end, f, f * (look(h, i + end - start) - look(h, i + a - start))
    return end, f, f * ((end - a) * (look(h, i + 1) - look(h, i)))


@kernel_outline
def hazard_on_two(tb, pl, bl, lives, x, s, b, m, i, entry, start, until):
    """Hazard of the exit of record x over cycles [start, until) of a stay in s that began at `entry`."""
    total = 0.0
    a = np.int64(start)
    while a < until:
        end, _, part = part_on_two(tb, pl, bl, lives, x, s, b, m, i, entry, start, a, until)
        total += part
        a = end
    return total


@kernel_outline
def reaches_on_two(tb, pl, bl, s, x, factor, lives, so, many):
    """As `_reaches` of the search, for an exit with a step function: the same sums as `hazard_on_two`."""
    hits = 0
    for v in range(many):
        k = look(so.tried, v)
        b = look(so.life, k)
        i, m, e = look(so.place, v), look(factor, b), look(so.wanted, v)
        start = np.int64(look(so.start, k))
        last = start + look(so.cycles, k)
        below, a = 0.0, start
        while a < last:
            end, f, part = part_on_two(tb, pl, bl, lives, x, s, b, m, i, start, start, a, last)
            if below + part >= e:
                so.since[v], so.until[v], so.rate[v], so.below[v] = a, end, f, below
                so.found[hits] = v
                hits += 1
                break
            below += part
            a = end
    return hits
