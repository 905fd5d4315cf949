"""Stepping kernels: the same sojourn, plainly cycle by cycle.

`next_exits_stepping` uses the event kernel's own exponentials, so that every event must be identical: the oracle.
`next_exits_weekly` draws a fresh uniform number every cycle, with probabilities 1 - exp(-hazard): the textbook model.
Columns of `Sojourns` hold what belongs to one sojourn by exit of its state, counted from 0.
"""

from __future__ import annotations

import numpy as np

from costeff.engine.events.plan import EXIT, FACTOR, MOVING, SECOND, STRATUM
from costeff.engine.events.search import clock_place, deadlines, hazard_until, table_place
from costeff.engine.events.second_clock import hazard_on_two
from costeff.numerics.kernel_cache import kernel_outline, kernel_part
from costeff.numerics.random import SOJOURN, WEEKLY, exit_word, exponential, philox, to_uniform


@kernel_outline
def next_exits_stepping(tb, pl, bl, s, lives, so, many):
    """Set `end` and `event` as `next_exits` does, found by walking through the cycles."""
    deadlines(tb, pl, bl, s, lives, so, many)
    for v in range(many):
        start = np.int64(so.start[v])
        _own(tb, pl, bl, s, lives, so, so.life[v], start)
        _draw(tb, bl, s, lives, so, so.life[v])
        k = start
        last = min(np.int64(so.end[v]), bl.horizon)
        event = np.int64(-1)
        while k < last and event < 0:
            event = _first_exit(tb, pl, bl, s, lives, so, so.life[v], start, k)
            k += 1
        if event >= 0:
            so.end[v] = k
            so.event[v] = event


@kernel_outline
def _own(tb, pl, bl, s, lives, so, b, start):
    """For each exit of s, life b's multiplier in `rate`, and in `place` where its clock stands in its table."""
    for j in range(tb.exit_first[s], tb.exit_first[s + 1]):
        x = pl.exit_at[j]
        f, z = pl.exit[EXIT * x + FACTOR], pl.exit[EXIT * x + STRATUM]
        stratum = lives.zeros if z < 0 else tb.stratum[z, bl.d][bl.low :]
        so.rate[j - tb.exit_first[s]] = 1.0 if f < 0 else tb.factor[f, bl.d, bl.low + b]
        so.place[j - tb.exit_first[s]] = clock_place(
            pl.exit, lives.clock, pl.always, x, table_place(pl.exit, x, stratum, b), b, start
        )


@kernel_outline
def _draw(tb, bl, s, lives, so, b):
    """The exponential of each exit of s in `wanted`."""
    place = SOJOURN | np.uint64(lives.visits[s, b])
    w0, w1, w2, w3 = philox(bl.seed, tb.draw_key[bl.d], np.uint64(bl.who + b), place, tb.state_name[s])
    for j in range(tb.exit_first[s], tb.exit_first[s + 1]):
        if tb.exit_lifelong[j] >= 0:
            e = lives.luck[tb.exit_lifelong[j], b]
        else:
            e = exponential(to_uniform(exit_word(w0, w1, w2, w3, tb.exit_name[j])))
        so.wanted[j - tb.exit_first[s]] = e


@kernel_outline
def _hazard(tb, pl, bl, s, lives, x, m, i, b, entry, start, until):
    """Hazard of the exit of record x for life b over cycles [start, until) of a sojourn in s since `entry`."""
    if pl.exit[EXIT * x + SECOND] >= 0:
        return hazard_on_two(tb, pl, bl, lives, x, s, b, m, i, entry, start, until)
    return hazard_until(pl.exit, pl.window_at, tb.window_edge, bl, x, m, i, start, until)


@kernel_outline
def _first_exit(tb, pl, bl, s, lives, so, b, start, k):
    """The exit that happens first in cycle k of life b's sojourn in s since `start`; -1 for none."""
    event = np.int64(-1)
    fraction = 2.0
    for j in range(tb.exit_first[s], tb.exit_first[s + 1]):
        x, o = pl.exit_at[j], j - tb.exit_first[s]
        m, i, e = so.rate[o], so.place[o], so.wanted[o]
        until_now = _hazard(tb, pl, bl, s, lives, x, m, i, b, start, start, k + 1)
        if m == 0.0 or until_now < e:
            continue
        below = _hazard(tb, pl, bl, s, lives, x, m, i, b, start, start, k)
        here = until_now - below
        part = (e - below) / here if here > 0.0 else 0.0
        if tb.exit_lifelong[j] >= 0:
            part -= 2.0
        if part < fraction:
            fraction = part
            event = np.int64(j)
    return event


@kernel_outline
def next_exits_weekly(tb, pl, bl, s, lives, so, many):
    """Set `end` and `event` with fresh numbers each cycle."""
    deadlines(tb, pl, bl, s, lives, so, many)
    for v in range(many):
        start = np.int64(so.start[v])
        _own(tb, pl, bl, s, lives, so, so.life[v], start)
        for k in range(start, min(np.int64(so.end[v]), bl.horizon)):
            event = _exit_in_cycle(tb, pl, bl, s, lives, so, so.life[v], start, k)
            if event >= 0:
                so.end[v] = k + 1
                so.event[v] = event
                break


@kernel_outline
def _exit_in_cycle(tb, pl, bl, s, lives, so, b, start, k):
    """The exit that happens in cycle k, or -1: lifelong exits first, the rest conditional on surviving those.

    Two words of the cycle's address decide whether a lifelong exit happens, and whether another does.
    """
    words = philox(bl.seed, tb.draw_key[bl.d], np.uint64(bl.who + b), WEEKLY | np.uint64(k), np.uint64(0))
    for group in range(2):
        total = 0.0
        for j in range(tb.exit_first[s], tb.exit_first[s + 1]):
            if (tb.exit_lifelong[j] >= 0) == (group == 0):
                total += _hazard_in_cycle(tb, pl, bl, s, lives, so, j, b, start, k)
        if to_uniform(words[1] if group else words[0]) < -np.expm1(-total):
            return _which_exit(tb, pl, bl, s, lives, so, b, start, k, group)
    return np.int64(-1)


@kernel_outline
def _which_exit(tb, pl, bl, s, lives, so, b, start, k, group):
    """Which of the lifelong exits (group 0) or of the others (1) happens in cycle k, as likely as its hazard is large.

    The first of exponentials with these hazards; each is addressed by name, so the order of exits is nothing.
    """
    key, who = tb.draw_key[bl.d], np.uint64(bl.who + b)
    w0, w1, w2, w3 = philox(bl.seed, key, who, WEEKLY | np.uint64(k), np.uint64(1))
    event = np.int64(-1)
    first = np.inf
    for j in range(tb.exit_first[s], tb.exit_first[s + 1]):
        if (tb.exit_lifelong[j] >= 0) == (group == 0):
            hazard = _hazard_in_cycle(tb, pl, bl, s, lives, so, j, b, start, k)
            when = exponential(to_uniform(exit_word(w0, w1, w2, w3, tb.exit_name[j]))) / hazard
            if hazard > 0.0 and when < first:
                first = when
                event = np.int64(j)
    return event


@kernel_part
def _hazard_in_cycle(tb, pl, bl, s, lives, so, j, b, start, k):
    """Hazard of exit j in cycle k of life b's sojourn in s since `start`, whose own numbers `_own` has set."""
    x, o = pl.exit_at[j], j - tb.exit_first[s]
    i = so.place[o] + (k - start if pl.exit[EXIT * x + MOVING] != 0 else 0)
    return _hazard(tb, pl, bl, s, lives, x, so.rate[o], i, b, start, k, k + 1)
