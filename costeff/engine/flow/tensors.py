"""The first waist of the flow engine: the people who come to whole systems of places, and the places, as plain arrays.

Sizes: D draws, W systems in each, G strategies, N people at most, V visits, S stations, M states, Q rows of stays, C
changes of places, T days that are counted. Times are in days from the start of the warm-up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from costeff.engine.tensors import Tables
from costeff.errors import EngineError


class PeopleWeights(NamedTuple):
    """What tallies weigh time and events with: A weights, of which B differ between the people of a draw.

    own_row (A,) int64: row of `own`, -1: all people share it; by_draw (D, A); own (D, B, N) float64.
    """

    own_row: np.ndarray
    by_draw: np.ndarray
    own: np.ndarray


@dataclass(frozen=True)
class People:
    """Everything random about those who come to one system in each draw, in order of arrival.

    arrival (D, N), of which the first `many` (D,) come; priority, patience (D, N); stays (Q, V, D, N), below 0 for a
    stay that lasts until so many days after the visit began; gap (V, D, N) until the next visit; start_state (rows, D,
    N) as in `Tables`.
    """

    arrival: np.ndarray
    many: np.ndarray
    priority: np.ndarray
    patience: np.ndarray
    stays: np.ndarray
    gap: np.ndarray
    start_state: np.ndarray
    weights: PeopleWeights

    def __post_init__(self) -> None:
        if not np.isfinite(self.stays).all():
            raise EngineError("a stay is not finite", rule="days, finite")


@dataclass(frozen=True)
class Places:
    """The places of every draw and strategy.

    stay_row and delay_row (G, S): rows of `People.stays`, -1 for no delay, those of the comparator for people who come
    in the warm-up. change_time (C,), the first 0; change_places (D, G, S, C) int64. room (D, G): how many may wait, -1
    without a limit. place_states (S, 3), line_rows (4, M) and move_rows (M, M) as in `sojourns`; counted_states (S,):
    the state that counts open places, -1; `running`: the state that counts the system itself, -1.
    """

    stay_row: np.ndarray
    delay_row: np.ndarray
    change_time: np.ndarray
    change_places: np.ndarray
    room: np.ndarray
    place_states: np.ndarray
    line_rows: np.ndarray
    move_rows: np.ndarray
    counted_states: np.ndarray
    running: int
    outside: int
    comparator: int


@dataclass(frozen=True)
class FlowTensors:
    """All systems of a batch of draws. `people` gives those of one of the W `systems`; the first `split` form a half.

    `tables` hold bands, tallies and rows of start, and nothing by person; cycle_weight and event_weight (layers, P):
    discount factors of each period; edges (P + 1,) of the periods, the first is the end of the warm-up; event_offset
    (E,): first cells of the event tallies in the rows of events; rule_begins as in `sojourns.count`. `unit` (D,): what
    a year of a system comes to in the unit of the results (1 where that is a year of a system); `years`: how many are
    counted.
    """

    people: Callable[[int], People]
    systems: int
    places: Places
    tables: Tables
    edges: np.ndarray
    cycle_weight: np.ndarray
    event_weight: np.ndarray
    event_offset: np.ndarray
    rule_begins: np.ndarray
    cells: int
    event_cells: int
    split: int
    unit: np.ndarray
    years: float

    def __post_init__(self) -> None:
        if self.edges[0] < 0 or (np.diff(self.edges) <= 0).any():
            raise EngineError("periods must increase from the end of the warm-up", value=self.edges.tolist())
