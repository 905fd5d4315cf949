"""Parts of the kernel for stays, for states whose hazards split: one part by duration, one by time.

With a(k) the hazard of the exits by duration after k cycles in the state, and b(t) that of the exits by time, the
chance to stay through a cycle is exp(-a) exp(-b), and the chance to leave for each unit of hazard is
((1 - exp(-a)) + (1 - exp(-b)) exp(-a)) / (a + b). Nothing of it is negative, so nothing cancels. Exponentials are
made once a window by duration and once a cycle by time; a cell costs one division where b has changed, else none.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from costeff.engine.cohort.chances import exit_hazard, leave_or_stay, table_row
from costeff.engine.cohort.lanes import leave
from costeff.engine.tensors import CLOCK_TIME_IN_STATE, Tables
from costeff.numerics.kernel_cache import kernel_outline, kernel_part
from costeff.numerics.sums import padded, sum_of, sum_of_products

HAZARD, LEAVE, STAY, LIFELONG, DEATH, SURVIVE = 0, 1, 2, 3, 4, 5  # columns of `by_time`


class Split(NamedTuple):
    """What one thread keeps of the hazards of all states. Hazards are per cycle; W is the width of a row."""

    own: np.ndarray  # (S, W) hazard of the exits by duration
    leave: np.ndarray  # (S, W) chance to leave by them
    stay: np.ndarray  # (S, W) chance to stay, as far as they go
    rate: np.ndarray  # (S, W) chance to leave by any exit but lifelong ones, for each unit of hazard
    ready: np.ndarray  # (S,) int64: durations for which `rate` is that of this cycle
    # (S, 6), exits by time: their hazard, chance to leave and to stay without lifelong ones; hazard of lifelong exits,
    # chance to die for each unit of it, chance to survive
    by_time: np.ndarray
    present: np.ndarray  # (J,) hazard in this cycle of exits by time
    leavers: np.ndarray  # (W,) individuals of one state who leave for each unit of hazard, if they survive


def split_scratch(tables: Tables, width: int) -> Split:
    """The arrays for rows of `width` durations, as if all hazards were 0 and none by time had been looked up."""
    states, exits = len(tables.exit_first) - 1, len(tables.exit_target)
    rows = (states, width)
    return Split(
        own=np.zeros(rows),
        leave=np.zeros(rows),
        stay=np.ones(rows),
        rate=np.zeros(rows),
        ready=np.zeros(states, np.int64),
        by_time=np.full((states, 6), -1.0),
        present=np.zeros(exits),
        leavers=np.zeros(width),
    )


@kernel_outline
def renew_by_duration(tb, d, g, n, s, window, until, hazard, split):
    """Hazards (exits, width) of state s for durations below `until`, and their chances where one has changed."""
    own = split.own[s]
    any_change = False
    own[:until] = 0.0
    for j in range(tb.exit_first[s], tb.exit_first[s + 1]):
        if tb.exit_clock[j] != CLOCK_TIME_IN_STATE:
            continue
        # As in `exit_hazard`, with what is the same for all durations looked up once.
        m = 1.0 if tb.exit_factor[j] < 0 else tb.factor[tb.exit_factor[j], d, n]
        m *= tb.ratio[d, g, tb.exit_ratio[j], window]
        i = table_row(tb, d, n, j)
        step = 0
        if tb.table_length[tb.exit_table[j]] > 1:
            i -= tb.table_start[tb.exit_table[j]]
            step = 1
        for k in range(until):
            h = m * (tb.cumulative[d, i + 1] - tb.cumulative[d, i])
            i += step
            if h != hazard[j, k]:
                hazard[j, k] = h
                any_change = True
            own[k] += h
    if any_change:
        leave(own[:until], split.leave[s, :until], split.stay[s, :until])
        split.ready[s] = 0


@kernel_outline
def renew_by_time(tb, d, g, n, s, t, window, split):
    """Hazards and chances of state s in the cycle from t by exits on other clocks than the duration."""
    lifelong = 0.0
    other = 0.0
    for j in range(tb.exit_first[s], tb.exit_first[s + 1]):
        if tb.exit_clock[j] == CLOCK_TIME_IN_STATE:
            continue
        h = exit_hazard(tb, d, g, n, j, t, np.int64(0), window)
        split.present[j] = h
        if tb.exit_lifelong[j] >= 0:
            lifelong += h
        else:
            other += h
    row = split.by_time[s]
    if other != row[HAZARD]:
        row[HAZARD] = other
        row[LEAVE], row[STAY] = leave_or_stay(other)
        split.ready[s] = 0
    if lifelong != row[LIFELONG]:
        row[LIFELONG] = lifelong
        death, row[SURVIVE] = leave_or_stay(lifelong)
        row[DEATH] = death / lifelong if lifelong > 0.0 else 0.0


@kernel_part
def renew_rates(s, until, split):
    """Chance to leave for each unit of hazard, for the durations below `until` that are not ready."""
    first = split.ready[s]
    if first >= until:
        return
    own, leave_own, stay_own = split.own[s, first:until], split.leave[s, first:until], split.stay[s, first:until]
    rate = split.rate[s, first:until]
    b, leave_by_time = split.by_time[s, HAZARD], split.by_time[s, LEAVE]
    for k in range(until - first):
        total = own[k] + b
        rate[k] = (leave_own[k] + leave_by_time * stay_own[k]) / total if total > 0.0 else 0.0
    split.ready[s] = until


@kernel_outline
def leave_split(tb, s, until, row, total, hazard, split, flux):
    """Moves of the cycle out of state s, into `flux` (exits,); `row` (durations,) is left with those who stay.

    `total` is the sum of the row; what lies beyond `until` in it is zero as far as the next multiple of PARTS.
    """
    renew_rates(s, until, split)
    count = padded(until)
    rate, stay, leavers = split.rate[s, :count], split.stay[s, :count], split.leavers[:count]
    survive = split.by_time[s, SURVIVE]
    keep = survive * split.by_time[s, STAY]
    for k in range(count):
        leavers[k] = row[k] * rate[k]
        row[k] *= keep * stay[k]
    leavers_sum = -1.0  # made when an exit needs it
    for j in range(tb.exit_first[s], tb.exit_first[s + 1]):
        if tb.exit_clock[j] == CLOCK_TIME_IN_STATE:
            flux[j] = survive * sum_of_products(hazard[j], leavers, count)
        elif tb.exit_lifelong[j] >= 0:
            flux[j] = total * (split.by_time[s, DEATH] * split.present[j])
        else:
            if leavers_sum < 0.0:
                leavers_sum = sum_of(leavers, count)
            flux[j] = survive * (leavers_sum * split.present[j])
