"""Lives whole systems of places under every strategy, and returns their `Quantities`.

Every draw has several independent systems, in two halves: what differs between the halves is luck, as it is between
halves of independent people. Under every strategy the same people come at the same time with the same luck.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from costeff.engine.flow import kernel
from costeff.engine.flow.sojourns import count, sojourns
from costeff.engine.flow.tensors import FlowTensors, People, PeopleWeights, Places
from costeff.engine.quantities import Quantities
from costeff.engine.tensors import Tables
from costeff.errors import EngineError


def live_systems(tensors: FlowTensors) -> Quantities:
    """All systems of a batch: person-days and events by draw, strategy, half, cell and year; the trace is open.

    Raises EngineError when people were lost: present = arrived - left on every day.
    """
    places, edges = tensors.places, tensors.edges
    draws, strategies = places.change_places.shape[:2]
    days, states = round(edges[-1] - edges[0]), len(places.move_rows)
    time = np.zeros((draws, strategies, 2, len(edges) - 1, tensors.cells))
    events = np.zeros((draws, strategies, 2, len(edges) - 1, tensors.event_cells))
    present = np.zeros((strategies, states, days + 2), np.int64)
    come_and_gone = np.zeros((strategies, 2, days + 2), np.int64)
    stays, spans, lists = 0, _Spans.of(tensors), _tallies_of_states(tensors.tables)
    for number in range(tensors.systems):
        people, half = tensors.people(number), int(number >= tensors.split)
        room = _Room.of(people, places)
        for d in range(draws):
            for g in range(strategies):
                own = time[d, g, half], events[d, g, half], present[g], come_and_gone[g]
                stays += _one(tensors, people, lists[g], spans, room, d, g, *own)
    whole = np.cumsum(present, axis=2)[:, :, : days + 1].astype(float)
    open_trace = np.cumsum(come_and_gone, axis=2)[:, :, : days + 1].astype(float)
    systems = np.array([tensors.split, tensors.systems - tensors.split], dtype=float)
    return Quantities(
        time=_layers(time, tensors.cycle_weight, tensors.unit),
        events=_layers(events, tensors.event_weight, tensors.unit),
        passages=np.broadcast_to(np.zeros((), np.int16), (draws, strategies, 2, 1, days + 2)),
        trace=whole,
        half_sizes=systems * tensors.years,
        sojourns=stays,
        come_and_gone=open_trace,
        starts=tensors.unit[:, None] * systems,
    )


def _tallies_of_states(tables: Tables) -> list[tuple[np.ndarray, np.ndarray]]:
    """By strategy, where each state's list of tallies begins, (M + 1,), and the lists, one after another."""
    lists = []
    for g in range(tables.tally_strategy.shape[1]):
        state, tally = np.nonzero((tables.tally_state & tables.tally_strategy[:, g, None]).T)
        lists.append((np.searchsorted(state, np.arange(tables.tally_state.shape[1] + 1)), tally))
    return lists


def _layers(totals: np.ndarray, weight: np.ndarray, unit: np.ndarray) -> np.ndarray:
    """Totals (D, G, 2, P, cells) in every layer of discounting, in the unit of the results: (D, G, 2, cells, P, L)."""
    return np.ascontiguousarray(np.einsum("dghpc,lp,d->dghcpl", totals, weight, unit))


@dataclass(frozen=True)
class _Spans:
    """The counted time cut where periods or rules begin: edges, and the period and the rule of each span."""

    edges: np.ndarray
    period: np.ndarray
    rule: np.ndarray

    @classmethod
    def of(cls, tensors: FlowTensors) -> _Spans:
        edges, begins = tensors.edges, tensors.rule_begins
        fine = np.union1d(edges, begins[(begins > edges[0]) & (begins < edges[-1])])
        period, rule = (np.searchsorted(cuts, fine[:-1], side="right") - 1 for cuts in (edges, begins))
        return cls(fine, period, rule)


@dataclass(frozen=True)
class _Room:
    """Work space that all draws and strategies of one system write over: see the kernels for what each array holds."""

    heap: tuple[np.ndarray, np.ndarray, np.ndarray]
    lines: tuple[np.ndarray, np.ndarray, np.ndarray]
    sojourns: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]
    moments: np.ndarray

    @classmethod
    def of(cls, people: People, places: Places) -> _Room:
        visits, many = people.stays.shape[1], people.arrival.shape[1]
        stations = places.change_places.shape[2]
        heap, line, most = many * (visits + 1) + 8, many * visits + 1, (4 + 3 * stations) * visits * many
        return cls(
            (np.empty(heap), np.empty(heap, np.int64), np.empty(heap, np.int64)),
            (np.empty((stations, line)), np.empty((stations, line), np.int64), np.empty((stations, line), np.int64)),
            (*(np.empty(most, np.int64) for _ in range(3)), np.empty(most), np.empty(most)),  # type: ignore[arg-type]
            np.empty(visits * stations * many * 5),
        )


def _one(
    tensors: FlowTensors,
    people: People,
    lists: tuple[np.ndarray, np.ndarray],
    spans: _Spans,
    room: _Room,
    d: int,
    g: int,
    time: np.ndarray,
    events: np.ndarray,
    present: np.ndarray,
    come_and_gone: np.ndarray,
) -> int:
    """One system of one draw under one strategy, added to time (P, cells) and the rest; how many stays there were."""
    places, edges, t = tensors.places, tensors.edges, tensors.tables
    many, stations = int(people.many[d]), places.change_places.shape[2]
    visits = people.stays.shape[1]
    arrival = people.arrival[d, :many]
    early = np.searchsorted(arrival, edges[0])
    stay, delay = (np.zeros((visits, stations, many)) for _ in range(2))
    for rows, into in ((places.stay_row, stay), (places.delay_row, delay)):
        for s in range(stations):
            if rows[g, s] >= 0:
                into[:, s] = people.stays[rows[g, s], :, d, :many]
            if early and rows[places.comparator, s] != rows[g, s]:
                before = rows[places.comparator, s]
                into[:, s, :early] = people.stays[before, :, d, :early] if before >= 0 else 0.0
    fine = spans.edges
    counts = np.zeros((len(fine) - 1, stations, 6), np.int64)
    days, totals = np.zeros((len(fine) - 1, stations, 6)), np.zeros((stations + 1, 4), np.int64)
    moments = room.moments[: visits * stations * many * 5].reshape(visits, stations, many, 5)
    moments.fill(np.nan)
    kernel.live(
        *(arrival, people.priority[d, :many], stay, delay, people.patience[d, :many], people.gap[:, d, :many].copy()),
        np.ascontiguousarray(np.broadcast_to(places.change_time, (stations, len(places.change_time)))),
        *(places.change_places[d, g], int(places.room[d, g]), True, fine),
        *room.heap,
        *room.lines,
        *(np.zeros(stations, np.int64), np.full(many, kernel.NOWHERE), np.zeros(many, np.int64)),
        *(np.zeros(many, np.int64), np.zeros(many), np.zeros(many), np.zeros(many, np.int64)),
        np.zeros((stations, 6), np.int64),
        *(counts, days, totals, np.full(many, np.nan), np.full(many, np.nan), moments),
    )
    start_state = people.start_state[t.start_row[g], d, :many]
    weights = people.weights
    stays = sojourns(
        *(moments, start_state, places.place_states, places.line_rows, places.move_rows, places.outside), *room.sojourns
    )
    count(
        *(*room.sojourns, stays, arrival, places.outside, edges),
        *(t.band_clock, t.band_first, t.band_edge, t.tally_first, t.tally_band, t.tally_weight, t.tally_dated),
        *(t.tally_offset, t.tally_cells, *lists),
        *(weights.own_row, weights.by_draw[d], weights.own[d], tensors.rule_begins),
        *(t.event_tally_event, t.event_tally_weight, t.event_tally_dated, t.event_tally_first, t.event_tally_band),
        *(tensors.event_offset, time, events, present, come_and_gone),
    )
    for s, state in enumerate(places.counted_states):
        if state >= 0:
            open_days = _open(places, d, g, s, fine, days[:, s])
            _add_to_state(t, weights, lists, int(state), d, time, spans, open_days)
    if places.running >= 0:
        _add_to_state(t, weights, lists, places.running, d, time, spans, np.diff(fine))
    _check(arrival, totals)
    return int(stays)


def _add_to_state(
    t: Tables,
    weights: PeopleWeights,
    lists: tuple[np.ndarray, np.ndarray],
    state: int,
    d: int,
    time: np.ndarray,
    spans: _Spans,
    days: np.ndarray,
) -> None:
    """Days of what is no person, by span, in every tally of its state: time (P, cells)."""
    first, tallies = lists
    for k in tallies[first[state] : first[state + 1]]:
        row = t.tally_weight[k] + (spans.rule if t.tally_dated[k] else 0)
        amount = 1.0 if t.tally_weight[k] < 0 else weights.by_draw[d, row]
        np.add.at(time[:, t.tally_offset[k] + state * t.tally_cells[k]], spans.period, days * amount)


def _open(places: Places, d: int, g: int, s: int, fine: np.ndarray, days: np.ndarray) -> np.ndarray:
    """Days of open places between the edges `fine`, with those that stay taken after they were closed.

    The product of days and places, which is exact; the kernel adds up many spans, and tells only what lies above it.
    """
    until = np.append(places.change_time[1:], np.inf)
    spans = np.minimum(until, fine[1:, None]) - np.maximum(places.change_time, fine[:-1, None])
    stated = np.maximum(spans, 0) @ places.change_places[d, g, s].astype(float)
    above = days[:, kernel.OPEN] - stated
    return np.asarray(stated + np.where(above > 1e-6 * np.maximum(stated, 1), above, 0.0))


def _check(arrival: np.ndarray, totals: np.ndarray) -> None:
    """Everybody who came has left or is there."""
    present = totals[1, 0] + totals[1:, 1].sum()
    if totals[0, 0] != totals[0, 1:].sum() + present or totals[0, 0] < len(arrival):
        raise EngineError("people were lost in a flow", rule="arrived = left + turned away + gave up + present")
