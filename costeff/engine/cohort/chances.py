"""Probabilities of the cohort engine's kernels: from hazards on clocks that are the same for everybody in a cell."""

from __future__ import annotations

import numpy as np

from costeff.engine.tensors import CLOCK_TIME_IN_STATE, Tables
from costeff.numerics.kernel_cache import kernel_part


def changing_states(tables: Tables) -> tuple[np.ndarray, np.ndarray]:
    """(S,) whether lifelong exits depend on the duration; whether hazards by duration also change with time."""
    t, states = tables, len(tables.exit_first) - 1
    folds, moving = np.zeros(states, np.uint8), np.zeros(states, np.uint8)
    for s in range(states):
        mine = range(t.exit_first[s], t.exit_first[s + 1])
        own = {j: t.exit_clock[j] == CLOCK_TIME_IN_STATE for j in mine}
        folds[s] = any(t.exit_lifelong[j] >= 0 and own[j] for j in mine)
        table_exits = [j for j in mine if folds[s] or t.exit_lifelong[j] < 0]
        moving[s] = any(not own[j] and t.table_length[t.exit_table[j]] > 1 for j in table_exits)
    return folds, moving


def moving_with_time(tables: Tables) -> np.ndarray:
    """(S,) whether the hazard of any exit on another clock than the duration can change within a window."""
    t = tables
    by_time = (t.exit_clock != CLOCK_TIME_IN_STATE) & (t.table_length[t.exit_table] > 1)
    firsts = zip(t.exit_first[:-1], t.exit_first[1:], strict=True)
    return np.array([by_time[first:last].any() for first, last in firsts], np.uint8)


@kernel_part
def clock_value(tb, d, n, c, t, k):
    """Value at time t of a clock that is the same for everybody in the group (k: cycles in the state)."""
    if c == CLOCK_TIME_IN_STATE:
        return k
    return tb.clock_initial[c, d, n] + (t if tb.clock_advances[c, 0] else 0)


@kernel_part
def table_row(tb, d, n, j):
    """Where exit j's cumulative hazard for group n begins in `cumulative[d]`."""
    q = tb.exit_table[j]
    at = tb.table_offset[q]
    z = tb.table_stratum[q]
    if z >= 0:
        at += np.int64(tb.stratum[z, d, n]) * (tb.table_length[q] + 1)
    return at


@kernel_part
def exit_hazard(tb, d, g, n, j, t, k, window):
    """Hazard of exit j in the cycle that begins at t, after k cycles in the state."""
    m = 1.0 if tb.exit_factor[j] < 0 else tb.factor[tb.exit_factor[j], d, n]
    q = tb.exit_table[j]
    i = table_row(tb, d, n, j)
    if tb.table_length[q] > 1:  # else one hazard stands for all clock values
        i += clock_value(tb, d, n, tb.exit_clock[j], t, k) - tb.table_start[q]
    return m * tb.ratio[d, g, tb.exit_ratio[j], window] * (tb.cumulative[d, i + 1] - tb.cumulative[d, i])


@kernel_part
def leave_or_stay(hazard):
    """(1 - exp(-hazard), exp(-hazard)): the smaller of the two is the exact one."""
    if hazard < 0.5:
        leaving = -np.expm1(-hazard)
        return leaving, 1.0 - leaving
    staying = np.exp(-hazard)
    return 1.0 - staying, staying


@kernel_part
def chances(life, other):
    """(staying, leaving by a lifelong exit, leaving by another): lifelong exits come first."""
    by_life, alive = leave_or_stay(life)
    by_other, still = leave_or_stay(other)
    return alive * still, by_life, alive * by_other


@kernel_part
def renew_stays(tb, d, g, n, s, t, window, until, folds, hazard, p, stay):
    """Probabilities of state s for durations below `until`, where a hazard has changed."""
    first, last = tb.exit_first[s], tb.exit_first[s + 1]
    for k in range(until):
        any_change = False
        life = 0.0
        other = 0.0
        for j in range(first, last):
            lifelong = tb.exit_lifelong[j] >= 0
            if lifelong and not folds:
                continue
            h = exit_hazard(tb, d, g, n, j, t, k, window)
            if h != hazard[j, k]:
                hazard[j, k] = h
                any_change = True
            if lifelong:
                life += h
            else:
                other += h
        if not any_change:
            continue
        staying, by_life, by_other = chances(life, other)
        stay[s, k] = staying
        for j in range(first, last):
            h = hazard[j, k]
            if tb.exit_lifelong[j] >= 0:
                if folds:
                    p[j, k] = by_life * (h / life) if h > 0.0 else 0.0
            else:
                p[j, k] = by_other * (h / other) if h > 0.0 else 0.0
