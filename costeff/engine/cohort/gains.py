"""Weights of tallies at a point of time, and event tallies, shared by the kernels of the cohort engine."""

from __future__ import annotations

import numpy as np

from costeff.engine.cohort.chances import clock_value
from costeff.engine.tensors import FIXED_POINT
from costeff.numerics.kernel_cache import kernel_part


@kernel_part
def unit_of(tb, d, n, tally, t):
    """What one of group n counts in a tally at time t."""
    a = np.int64(tb.tally_weight[tally])
    if a < 0:
        return 1.0
    return tb.weight[a + tb.tally_dated[tally] * tb.rule_at[t], d, n] / FIXED_POINT


@kernel_part
def gain_of(tb, d, n, e, t):
    """What an event of group n in the cycle from t counts in event tally e."""
    a = np.int64(tb.event_tally_weight[e])
    if a < 0:
        return 1.0
    return tb.weight[a + tb.event_tally_dated[e] * tb.rule_at[t], d, n] / FIXED_POINT


@kernel_part
def gain_row(tb, d, n, e, t):
    """The row of events that holds the cell of event tally e in the cycle from t; its bands lie on certain clocks."""
    cell = 0
    for i in range(tb.event_tally_first[e], tb.event_tally_first[e + 1]):
        b = tb.event_tally_band[i]
        value = clock_value(tb, d, n, tb.band_clock[b], t, 0)
        first, last = tb.band_first[b], tb.band_first[b + 1]
        edge = first
        while edge < last and value >= tb.band_edge[edge]:
            edge += 1
        cell = cell * (last - first + 1) + edge - first
    return tb.event_tally_event.shape[1] + tb.event_tally_offset[e] + cell


@kernel_part
def turns(tb, t):
    """Whether what an event counts may be other in the cycle from t than in the one before."""
    return tb.rule_at[t] != tb.rule_at[t - 1] or tb.event_tally_band.shape[0] > 0
