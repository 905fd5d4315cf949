"""Event kernel: each exit of a sojourn gets one exponential number and is searched in its cumulative hazard.

Exit j happens in the first cycle in which m_j * sum_w ratio_jw * (H_j[clock at the window's end] - H_j[clock at its
start]) reaches its exponential. The earliest cycle wins, ties by the fraction of the cycle; lifelong exits come first.
This is the week-by-week model exactly, at a cost per sojourn instead of per week.
"""

from __future__ import annotations

import numpy as np

from costeff.kernel_cache import kernel_part
from costeff.random import SOJOURN, philox, to_uniform

ROOM = 1.0 + 1e-9  # more than the rounding of a sum over windows


@kernel_part
def table_row(tb, d, n, j):
    """Where exit j's cumulative hazard for individual n begins in `cumulative[d]`."""
    q = tb.exit_table[j]
    at = tb.table_offset[q]
    z = tb.table_stratum[q]
    if z >= 0:
        at += np.int64(tb.stratum[z, d, n]) * (tb.table_length[q] + 1)
    return at


@kernel_part
def hazard_until(tb, d, g, j, m, at, value, moving, start, until):
    """Hazard of exit j over cycles [start, until) of a sojourn that began with its clock at `value`.

    `at` is the exit's row in the tables and `m` its individual multiplier.
    """
    row = tb.exit_ratio[j]
    i = at + value - tb.table_start[tb.exit_table[j]]
    h = tb.cumulative
    if row == 0:
        if moving:
            return m * (h[d, i + until - start] - h[d, i])
        return m * ((until - start) * (h[d, i + 1] - h[d, i]))
    total = 0.0
    for w in range(tb.window_edge.shape[0] - 1):
        a = max(start, tb.window_edge[w])
        b = min(until, tb.window_edge[w + 1])
        if a < b:
            f = m * tb.ratio[d, g, row, w]
            if moving:
                total += f * (h[d, i + b - start] - h[d, i + a - start])
            else:
                total += f * ((b - a) * (h[d, i + 1] - h[d, i]))
    return total


@kernel_part
def hazard_at_most(tb, d, g, j, m, at, value, moving, start, until):
    """An upper limit to `hazard_until`: the largest ratio throughout, and room for rounding."""
    i = at + value - tb.table_start[tb.exit_table[j]]
    h = tb.cumulative
    raw = h[d, i + until - start] - h[d, i] if moving else (until - start) * (h[d, i + 1] - h[d, i])
    return ROOM * m * tb.ratio_most[d, g, tb.exit_ratio[j]] * raw


@kernel_part
def reach(tb, d, g, j, m, at, value, moving, start, until, e):
    """(cycle, hazard before it, hazard in it) in which the hazard summed from `start` reaches e, before `until`.

    The same sums in the same order as `hazard_until`, so that both agree to the last bit; bisection within one window.
    """
    row = tb.exit_ratio[j]
    i = at + value - tb.table_start[tb.exit_table[j]]
    h = tb.cumulative
    before = 0.0
    for w in range(1 if row == 0 else tb.window_edge.shape[0] - 1):
        a, b, f = start, until, m
        if row != 0:
            a = max(start, tb.window_edge[w])
            b = min(until, tb.window_edge[w + 1])
            f = m * tb.ratio[d, g, row, w]
        if a >= b:
            continue
        base = h[d, i + a - start] if moving else h[d, i]
        step = h[d, i + 1] - h[d, i]
        inside = f * (h[d, i + b - start] - base) if moving else f * ((b - a) * step)
        if before + inside < e:
            before += inside
            continue
        low, high = a, b - 1
        while low < high:
            middle = (low + high) // 2
            part = f * (h[d, i + middle + 1 - start] - base) if moving else f * ((middle + 1 - a) * step)
            if before + part >= e:
                high = middle
            else:
                low = middle + 1
        below = before + (f * (h[d, i + low - start] - base) if moving else f * ((low - a) * step))
        above = before + (f * (h[d, i + low + 1 - start] - base) if moving else f * ((low + 1 - a) * step))
        return low, below, above - below
    return until - 1, before, 0.0


@kernel_part
def deadline(tb, d, n, s, start, horizon, clock):
    """(time at which the earliest deadline of s falls, its number); (horizon + 1, -1) without one."""
    when = horizon + 1
    which = -1
    for x in range(tb.deadline_first[s], tb.deadline_first[s + 1]):
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
def next_exit(tb, seed, d, g, n, who, s, visit, start, horizon, clock, remaining):
    """(end, event) of the sojourn in s from `start`: event is an exit, J + a deadline, or -1 at the horizon.

    Spends the lifelong exponentials in `remaining` over the cycles of the sojourn.
    """
    exits = tb.exit_target.shape[0]
    when, which = deadline(tb, d, n, s, start, horizon, clock)
    event = exits + which if which >= 0 else -1
    end = when
    searched = min(when, horizon)
    fraction = 2.0
    words = (np.uint64(0), np.uint64(0), np.uint64(0), np.uint64(0))
    block = -1
    place = SOJOURN | (np.uint64(visit) << np.uint64(16)) | np.uint64(s)
    for j in range(tb.exit_first[s], tb.exit_first[s + 1]):
        if searched <= start:
            break
        m = 1.0 if tb.exit_factor[j] < 0 else tb.factor[tb.exit_factor[j], d, n]
        if m == 0.0:
            continue
        c = tb.exit_clock[j]
        moving = tb.clock_advances[c, s] != 0
        at = table_row(tb, d, n, j)
        value = clock[c]
        life = tb.exit_lifelong[j]
        if life >= 0:
            e = remaining[life]
        else:
            slot = tb.exit_slot[j]
            if slot // 4 != block:
                block = slot // 4
                words = philox(seed, tb.draw_key[d], np.uint64(who), place, np.uint64(block))
            u = to_uniform(words[slot % 4])
            # -log(u) >= 1 - u: most exits are ruled out here, without a logarithm and without looking at windows.
            if 1.0 - u > hazard_at_most(tb, d, g, j, m, at, value, moving, start, searched):
                continue
            e = -np.log(u)
        if e > hazard_until(tb, d, g, j, m, at, value, moving, start, searched):
            continue
        k, below, here = reach(tb, d, g, j, m, at, value, moving, start, searched, e)
        part = (e - below) / here if here > 0.0 else 0.0
        if life >= 0:
            part -= 2.0
        if k + 1 < end or (k + 1 == end and (event >= exits or event < 0 or part < fraction)):
            end = k + 1
            event = j
            fraction = part
            searched = min(searched, k + 1)
    if event >= 0:
        spend(tb, d, g, n, s, start, min(end, horizon), clock, remaining)
    return end, event


@kernel_part
def spend(tb, d, g, n, s, start, until, clock, remaining):
    """Take the hazard of [start, until) off the lifelong exponentials of state s."""
    for j in range(tb.exit_first[s], tb.exit_first[s + 1]):
        life = tb.exit_lifelong[j]
        if life >= 0 and until > start:
            m = 1.0 if tb.exit_factor[j] < 0 else tb.factor[tb.exit_factor[j], d, n]
            c = tb.exit_clock[j]
            at = table_row(tb, d, n, j)
            moving = tb.clock_advances[c, s] != 0
            remaining[life] -= hazard_until(tb, d, g, j, m, at, clock[c], moving, start, until)
