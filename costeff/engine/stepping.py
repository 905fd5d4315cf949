"""Stepping kernels: the same sojourn, plainly cycle by cycle.

`next_exit_stepping` uses the event kernel's own exponentials, so that every event must be identical: the oracle.
`next_exit_weekly` draws a fresh uniform number every cycle, with probabilities 1 - exp(-hazard): the textbook model.
"""

from __future__ import annotations

import numpy as np

from costeff.engine.events import clock_place, deadline, hazard_until, spend, table_place
from costeff.engine.plan import EXIT, FACTOR, MOVING
from costeff.kernel_cache import kernel_part
from costeff.random import SOJOURN, WEEKLY, philox, to_uniform


@kernel_part
def next_exit_stepping(tb, pl, h, ratio, seed, d, who, s, start, horizon, life):
    """(end, event) as `next_exit`, found by walking through the cycles."""
    exits = tb.exit_target.shape[0]
    when, which = deadline(tb, pl, s, start, horizon, life)
    first = tb.exit_first[s]
    place = SOJOURN | (np.uint64(life.visits[s]) << np.uint64(16)) | np.uint64(s)
    event = -1
    k = start
    while k < min(when, horizon) and event < 0:
        fraction = 2.0
        for j in range(first, tb.exit_first[s + 1]):
            x = pl.exit_at[j]
            m = life.own[pl.exit[EXIT * x + FACTOR]]
            i = clock_place(pl, x, table_place(pl, x, life), life)
            carried = tb.exit_lifelong[j]
            if carried >= 0:
                e = life.luck[carried]
            else:
                slot = tb.exit_slot[j]
                words = philox(seed, tb.draw_key[d], np.uint64(who), place, np.uint64(slot // 4))
                e = -np.log(to_uniform(words[slot % 4]))
            until_now = hazard_until(tb, pl, h, ratio, x, m, i, start, k + 1)
            if m == 0.0 or until_now < e:
                continue
            below = hazard_until(tb, pl, h, ratio, x, m, i, start, k)
            here = until_now - below
            part = (e - below) / here if here > 0.0 else 0.0
            if carried >= 0:
                part -= 2.0
            if part < fraction:
                fraction = part
                event = j
        k += 1
    if event >= 0:
        end = k
    elif which >= 0:
        end = when
        event = exits + which
    else:
        end = horizon + 1
    if event >= 0:
        spend(tb, pl, h, ratio, s, start, min(end, horizon), life)
    return end, event


@kernel_part
def next_exit_weekly(tb, pl, h, ratio, seed, d, who, s, start, horizon, life):
    """(end, event) with fresh numbers each cycle: lifelong exits first, the rest conditional on surviving those.

    The four words of a cycle's address decide: whether a lifelong exit happens, whether another does, which of each.
    """
    exits = tb.exit_target.shape[0]
    when, which = deadline(tb, pl, s, start, horizon, life)
    first, last = tb.exit_first[s], tb.exit_first[s + 1]
    for k in range(start, min(when, horizon)):
        w0, w1, w2, w3 = philox(seed, tb.draw_key[d], np.uint64(who), WEEKLY | np.uint64(k), np.uint64(0))
        for group in range(2):
            total = 0.0
            for repeat in range(2):
                target = total * to_uniform(w3 if group else w2)
                so_far = 0.0
                for j in range(first, last):
                    if (tb.exit_lifelong[j] >= 0) != (group == 0):
                        continue
                    x = pl.exit_at[j]
                    moving = pl.exit[EXIT * x + MOVING] != 0
                    i = clock_place(pl, x, table_place(pl, x, life), life) + (k - start if moving else 0)
                    m = life.own[pl.exit[EXIT * x + FACTOR]]
                    hazard = hazard_until(tb, pl, h, ratio, x, m, i, k, k + 1)
                    so_far += hazard
                    if repeat and hazard > 0.0 and so_far >= target:
                        return k + 1, j
                if repeat == 0:
                    total = so_far
                    if to_uniform(w1 if group else w0) >= -np.expm1(-total):
                        break
    if which >= 0:
        return when, exits + which
    return horizon + 1, -1
