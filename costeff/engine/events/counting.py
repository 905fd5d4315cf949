"""What sojourns and events add to the counters of tallies: time in states, and events that are more than counted.

All counts are integers, so sums do not depend on order. What changes with the rule period, and what events add, is
entered only where a model has it.
"""

from __future__ import annotations

import numpy as np

from costeff.engine.events.counts import recent_cell, value_at
from costeff.engine.events.lives import clock_value, half_of
from costeff.engine.events.plan import (
    CROSS,
    CROSS_CELLS,
    CROSS_CLOCK,
    CROSS_LAST,
    CROSS_MOVING,
    CROSS_PLACE,
    GAIN,
    GAIN_CELL,
    GAIN_CROSS,
    GAIN_DATED,
    GAIN_LOAD,
    look,
)
from costeff.numerics.kernel_cache import kernel_outline, kernel_part


@kernel_outline
def add_time(tb, pl, bl, s, lives, so, many, occupancy):
    """Add the sojourns to every counter of their state as +1 on entry and -1 on exit of each cell of bands.

    Counters with the same bands share one walk through the bands and lie side by side.
    """
    strategies = tb.tally_strategy.shape[1]
    for x in range(look(pl.dated_first, s), look(pl.group_first, s + 1)):
        if look(pl.group_strategy, x * strategies + bl.g) == 0:
            continue
        _add_dated(tb, pl, bl, x, lives, so, many, occupancy)
    for x in range(look(pl.group_first, s), look(pl.dated_first, s)):
        if look(pl.group_strategy, x * strategies + bl.g) == 0:
            continue
        first = look(pl.member_first, x)
        members = look(pl.member_first, x + 1) - first
        if look(pl.cross_first, x) == look(pl.cross_first, x + 1):
            for m in range(first, first + members):
                _add_all(tb, pl, bl, m, look(pl.group_cell, x) + m - first, so, many, occupancy)
            continue
        if look(pl.group_recent, x) != 0:
            _add_recent(tb, pl, bl, x, lives, so, many, occupancy)
            continue
        for k in range(many):
            so.open[np.uint64(k)] = k
            so.since[np.uint64(k)] = look(so.start, k)
        open_count = many
        while open_count > 0:
            now, open_count = open_count, 0
            for o in range(now):
                k = look(so.open, o)
                b, at, end = look(so.life, k), look(so.since, k), look(so.end, k)
                cell, until = _cell(pl, x, lives, b, at, look(so.start, k), end)
                place = look(pl.group_cell, x) + cell * members
                for m in range(members):
                    w = _load(tb.weight, pl.member_load, first + m, bl.d, bl.low + b)
                    _count(bl, occupancy, b, at, until, place + m, w)
                so.since[np.uint64(k)] = until
                so.open[np.uint64(open_count)] = k
                open_count += 1 if until < end else 0


@kernel_outline
def _add_recent(tb, pl, bl, x, lives, so, many, occupancy):
    """Add the sojourns to the counters of group x, of which a band is on a clock that counts the last cycles only."""
    first = look(pl.member_first, x)
    members = look(pl.member_first, x + 1) - first
    for k in range(many):
        b, at, end = look(so.life, k), np.int64(so.start[k]), np.int64(so.end[k])
        while at < end:
            cell, until = recent_cell(tb, pl, x, lives, b, at, look(so.start, k), end)
            place = look(pl.group_cell, x) + cell * members
            for m in range(members):
                w = _load(tb.weight, pl.member_load, first + m, bl.d, bl.low + b)
                _count(bl, occupancy, b, at, until, place + m, w)
            at = until


@kernel_outline
def _add_dated(tb, pl, bl, x, lives, so, many, occupancy):
    """Add the sojourns to the counters of group x, whose weights change at the edges of rule periods."""
    first = look(pl.member_first, x)
    members = look(pl.member_first, x + 1) - first
    for k in range(many):
        b, start, end = look(so.life, k), look(so.start, k), np.int64(look(so.end, k))
        at = np.int64(start)
        while at < end:
            rule = np.int64(look(tb.rule_at, at))
            last = min(end, np.int64(look(tb.rule_start, rule + 1)))
            if look(pl.group_recent, x) != 0:
                cell, until = recent_cell(tb, pl, x, lives, b, at, start, last)
            else:
                cell, until = _cell(pl, x, lives, b, at, start, last)
            place = look(pl.group_cell, x) + cell * members
            for m in range(members):
                row = look(pl.member_load, first + m) - 1 + rule
                w = tb.weight[np.uint64(row), np.uint64(bl.d), np.uint64(bl.low + b)]
                _count(bl, occupancy, b, at, until, place + m, w)
            at = np.int64(until)


@kernel_outline
def add_gains(tb, pl, bl, lives, so, event_count, gains):
    """Add the events in `so` to the event tallies, in the cell of the cycle in which each happens."""
    for k in range(event_count):
        b, start, end = look(so.life, k), look(so.start, k), look(so.end, k)
        at = np.int64(max(end - 1, 0))
        event = np.int64(look(so.event, k))
        for r in range(look(pl.gain_first, event), look(pl.gain_first, event + 1)):
            y = GAIN * r
            cell = _gain_cell(tb, pl, look(pl.gain, y + GAIN_CROSS), lives, b, start, end)
            w = np.int64(1)
            row = look(pl.gain, y + GAIN_LOAD) - 1
            if row >= 0:
                row += np.int64(look(tb.rule_at, at)) if look(pl.gain, y + GAIN_DATED) != 0 else 0
                w = tb.weight[np.uint64(row), np.uint64(bl.d), np.uint64(bl.low + b)]
            gains[np.uint64(half_of(bl, b)), np.uint64(at), np.uint64(look(pl.gain, y + GAIN_CELL) + cell)] += w


@kernel_outline
def _gain_cell(tb, pl, x, lives, b, start, end):
    """The cell of bands x in the cycle in which a sojourn ends; one of no length ends where it begins."""
    cell = np.int64(0)
    for y in range(look(pl.cross_first, x), look(pl.cross_first, x + 1)):
        r = CROSS * y
        c, moving = look(pl.cross, r + CROSS_CLOCK), look(pl.cross, r + CROSS_MOVING)
        value = np.int64(clock_value(lives.clock, pl.always, c, b, start))
        value = max(value + moving * (end - 1 - start), min(np.int64(0), value))
        if tb.clock_recent[c] >= 0:
            value = value_at(tb, pl, lives, c, b, moving, start, max(np.int64(end) - 1, np.int64(start)))
        e = look(pl.cross, r + CROSS_PLACE) + 2 * min(value, look(pl.cross, r + CROSS_LAST))
        cell = cell * look(pl.cross, r + CROSS_CELLS) + look(pl.interval, e)
    return cell


@kernel_outline
def _add_all(tb, pl, bl, m, place, so, many, occupancy):
    """Add whole sojourns to the counter at `place`, that of member m."""
    for k in range(many):
        b = look(so.life, k)
        _count(
            bl,
            occupancy,
            b,
            look(so.start, k),
            look(so.end, k),
            place,
            _load(tb.weight, pl.member_load, m, bl.d, bl.low + b),
        )


@kernel_part
def _count(bl, occupancy, b, start, end, place, w):
    half = np.uint64(half_of(bl, b))
    occupancy[half, np.uint64(start), np.uint64(place)] += w
    occupancy[half, np.uint64(end), np.uint64(place)] -= w


@kernel_part
def _load(weight, member_load, m, d, n):
    a = np.int64(look(member_load, m))
    return np.int64(1) if a == 0 else weight[np.uint64(a - 1), np.uint64(d), np.uint64(n)]


@kernel_outline
def _cell(pl, x, lives, b, at, start, end):
    """(cell of group x in which life b is at `at`, when it leaves that cell, at most `end`)."""
    cell = 0
    until = np.int64(end)
    for y in range(look(pl.cross_first, x), look(pl.cross_first, x + 1)):
        r = CROSS * y
        moving = look(pl.cross, r + CROSS_MOVING)
        value = clock_value(lives.clock, pl.always, look(pl.cross, r + CROSS_CLOCK), b, start) + moving * (at - start)
        e = look(pl.cross, r + CROSS_PLACE) + 2 * min(value, look(pl.cross, r + CROSS_LAST))
        cell = cell * look(pl.cross, r + CROSS_CELLS) + look(pl.interval, e)
        cycles_left = look(pl.interval, e + 1)
        if moving != 0:
            until = min(until, at + cycles_left)
    return cell, until
