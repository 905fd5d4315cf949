"""Time in states by bands, as +1 on entry and -1 on exit of a cell: integers, so that sums do not depend on order."""

from __future__ import annotations

import numpy as np

from costeff.engine.events.counts import recent_cell
from costeff.engine.events.lives import clock_value
from costeff.engine.events.plan import CROSS, CROSS_CELLS, CROSS_CLOCK, CROSS_LAST, CROSS_MOVING, CROSS_PLACE, look
from costeff.numerics.kernel_cache import kernel_outline, kernel_part


@kernel_outline
def add_time(tb, pl, bl, s, lives, so, many, occupancy):
    """Add the sojourns to every counter of their state as +1 on entry and -1 on exit of each cell of bands.

    Counters with the same bands share one walk through the bands and lie side by side.
    """
    for x in range(look(pl.group_first, s), look(pl.group_first, s + 1)):
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
def half_of(bl, b):
    """The half, 0 or 1, of the individuals to which life b belongs."""
    return np.int64(b >= bl.split)


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
