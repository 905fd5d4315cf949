"""Clocks that count events, clocks that count the last cycles only, and clocks of stages that are taken at set times.

A counter stands still in every state and is 1 more after each of its events. A clock that counts the last cycles only
keeps its stays in a bank, newest last, and its ordinary value beside it: how many cycles it has run since it was last
set back. Its value is how many of those, the newest first, lie within the look-back. It moves by at most 1 a cycle.

A clock of stages has the times of a person's stages in the same bank (`recent_within` below 0: minus their number), and
as its ordinary value how many events have ended them: its value is how many stages have come, and 0 after an end.
"""

from __future__ import annotations

import numpy as np

from costeff.engine.events.plan import (
    CROSS,
    CROSS_CELLS,
    CROSS_CLOCK,
    CROSS_LAST,
    CROSS_MOVING,
    CROSS_PLACE,
    NEVER,
    look,
)
from costeff.numerics.kernel_cache import kernel_outline, kernel_part


@kernel_part
def days_before(at, weekday):
    """Cycles that count before the point `at`: all of them, or those from Monday to Friday.

    `weekday` is the day of the week of cycle 0, or -1.
    """
    if weekday < 0:
        return np.int64(at)
    day = np.int64(at) + weekday
    return 5 * (day // 7) + min(day % 7, 5)


@kernel_part
def recent_value(tail, head, stays, low, weekday, y, b, ordinary, moving, entry, at):
    """The value at `at` of the clock of row y, for life b in a stay since `entry` in which it runs (`moving`) or not.

    `ordinary` is its ordinary value at that point; `stays` are those banked, `head` to `tail`, of which cycles from
    `low` count, on one day of the week or on all.
    """
    cycles_left, value = ordinary, np.int64(0)
    if moving != 0:
        since = max(entry, low, at - cycles_left)
        value += days_before(at, weekday) - days_before(since, weekday)
        cycles_left -= at - entry
    mask = stays.shape[1] - 1
    x = np.int64(tail[y, b]) - 1
    while x >= head[y, b] and cycles_left > 0:
        start, end = np.int64(stays[y, x & mask, b, 0]), np.int64(stays[y, x & mask, b, 1])
        if end <= low:
            break
        since = max(start, low, end - cycles_left)
        value += days_before(end, weekday) - days_before(since, weekday)
        cycles_left -= end - start
        x -= 1
    return value


@kernel_part
def _stages(stays, y, b, many, at):
    """(how many of the `many` stages of row y have come by `at` for life b, cycles until the next)."""
    count, until = np.int64(0), np.int64(NEVER)
    for k in range(many):
        time = np.int64(stays[y, k, b, 0])
        if time <= at:
            count += 1
        else:
            until = min(until, time - at)
    return count, until


@kernel_outline
def stages_at(tb, lives, y, b, ends, at):
    """(how many stages of row y have come by `at` for life b, cycles until the next); none after `ends` events."""
    many = -np.int64(tb.recent_within[y]) if ends == 0 else np.int64(0)
    return _stages(lives.stays_used, np.int64(y), np.uint64(b), many, np.int64(at))


@kernel_outline
def value_at(tb, pl, lives, c, b, moving, entry, at):
    """The value of clock c at `at` for life b, in a stay since `entry` in which the clock runs (`moving`) or not."""
    value = np.int64(lives.clock[c, b]) + pl.always[c] * entry + moving * (at - entry)
    y = np.int64(tb.clock_recent[c])
    if y >= 0 and tb.recent_within[y] < 0:
        return stages_at(tb, lives, y, b, value, at)[0]
    if y < 0:
        return value
    return recent_value(
        lives.used_tail,
        lives.used_head,
        lives.stays_used,
        at - np.int64(tb.recent_within[y]),
        np.int64(tb.recent_weekday[y]),
        y,
        np.uint64(b),
        value,
        np.int64(moving),
        np.int64(entry),
        np.int64(at),
    )


@kernel_outline
def first_used(tb, bl, lives, count):
    """The bank at the start: the cycles of the initial value in one piece."""
    lives.used_head[:] = 0
    lives.used_tail[:] = 0
    for c in range(tb.clock_recent.shape[0]):
        y = tb.clock_recent[c]
        if y < 0:
            continue
        if tb.recent_within[y] < 0:
            for k in range(-np.int64(tb.recent_within[y])):
                for b in range(count):
                    lives.stays_used[y, k, b, 0] = tb.recent_until[y + k, bl.d, bl.low + b]
            continue
        for b in range(count):
            cycles = tb.clock_initial[c, bl.d, bl.low + b]
            if cycles > 0:
                end = -tb.recent_until[y, bl.d, bl.low + b]
                lives.stays_used[y, 0, b, 0] = end - cycles
                lives.stays_used[y, 0, b, 1] = end
                lives.used_tail[y, b] = 1


@kernel_outline
def keep_used(tb, pl, s, lives, so, many):
    """Bank the stays in state s on the clocks that count the last cycles and run in s.

    A stay that begins where the last one ended lengthens it, so that no more are kept than fit into the look-back.
    """
    clocks = tb.clock_recent.shape[0]
    mask = lives.stays_used.shape[1] - 1
    for c in range(clocks):
        y = np.int64(tb.clock_recent[c])
        if y < 0 or look(pl.advance, s * clocks + c) == 0:
            continue
        for k in range(many):
            b = look(so.life, k)
            start, end = so.start[k], so.end[k]
            if end == start:
                continue
            head, tail = np.int64(lives.used_head[y, b]), np.int64(lives.used_tail[y, b])
            while head < tail and lives.stays_used[y, head & mask, b, 1] <= end - tb.recent_within[y]:
                head += 1
            lives.used_head[y, b] = head
            if head < tail and lives.stays_used[y, (tail - 1) & mask, b, 1] == start:
                lives.stays_used[y, (tail - 1) & mask, b, 1] = end
            else:
                lives.stays_used[y, tail & mask, b, 0] = start
                lives.stays_used[y, tail & mask, b, 1] = end
                lives.used_tail[y, b] = tail + 1


@kernel_outline
def count_events(tb, lives, so, many):
    """Each event of `so` adds 1 to the clocks that count it."""
    for k in range(many):
        b, event = look(so.life, k), look(so.event, k)
        for x in range(look(tb.count_first, event), look(tb.count_first, event + 1)):
            c = tb.count_clock[x]
            lives.clock[c, b] = min(lives.clock[c, b] + 1, tb.count_most[c])


@kernel_outline
def recent_deadline(tb, pl, bl, x, clock, due, moving, lives, so, many):
    """Let deadline x end the sojourns in which the last cycles of `clock` reach what is `due` before anything else.

    The value rises by at most 1 a cycle, so nothing is due before as many cycles as are missing.
    """
    exits = tb.exit_target.shape[0]
    for k in range(many):
        b = look(so.life, k)
        entry = np.int64(so.start[k])
        at, last = entry, min(np.int64(so.end[k]), np.int64(bl.horizon) + 1)
        while at < last:
            missing = np.int64(due[b]) - value_at(tb, pl, lives, clock, b, moving, entry, at)
            if missing <= 0:
                so.end[k] = at
                so.event[k] = exits + x
                break
            at = at + missing if moving != 0 else last


@kernel_outline
def recent_cell(tb, pl, x, lives, b, at, entry, end):
    """(cell of group x in which life b is at `at`, until when it surely stays there, at most `end`)."""
    cell = 0
    until = np.int64(end)
    for y in range(look(pl.cross_first, x), look(pl.cross_first, x + 1)):
        r = CROSS * y
        moving, clock = look(pl.cross, r + CROSS_MOVING), look(pl.cross, r + CROSS_CLOCK)
        value = min(value_at(tb, pl, lives, clock, b, moving, entry, at), look(pl.cross, r + CROSS_LAST))
        e = look(pl.cross, r + CROSS_PLACE) + 2 * value
        cell = cell * look(pl.cross, r + CROSS_CELLS) + look(pl.interval, e)
        row = np.int64(tb.clock_recent[clock])
        if row >= 0 and tb.recent_within[row] < 0:
            until = min(until, at + stages_at(tb, lives, row, b, lives.clock[clock, b], at)[1])
        elif row >= 0:
            until = min(until, at + min(look(pl.interval, e + 1), look(pl.interval_fall, e // 2) + 1))
        elif moving != 0:
            until = min(until, at + look(pl.interval, e + 1))
    return cell, until
