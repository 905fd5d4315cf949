"""Amounts at the start of each life, for all engines: they need no simulation, only the people."""

from __future__ import annotations

import numpy as np

from costeff.engine.tensors import FIXED_POINT, Tensors


def add_starts(tensors: Tensors, events: np.ndarray, first: int) -> None:
    """Add the event tallies without events to `events` (D, G, 2, events + cells, periods, layers), at the first point.

    The `first` individuals, or groups, belong to the first half. What falls on the start is not discounted.
    """
    t = tensors.tables
    for e in np.flatnonzero(t.event_tally_event.sum(axis=1) == 0).tolist():
        values = t.weight[t.event_tally_weight[e]]
        cell = tensors.events + int(t.event_tally_offset[e])
        if tensors.group_weight is not None:
            sums = [(values / FIXED_POINT * tensors.group_weight).sum(axis=1), np.zeros(len(values))]
        else:
            sums = [part.sum(axis=1) / FIXED_POINT for part in (values[:, :first], values[:, first:])]
        for half in range(2):
            events[:, :, half, cell, 0, :] += sums[half][:, None, None]
