"""Limits that people meet at one known point of time: edges of bands, years and deadlines under a within-cycle rule.

A rule such as `half_cycle` corrects for changes that happen anywhere in a cycle. A change at a known point needs no
correction: two years of treatment are two years. So the weight of such a point is divided between before and after
it, and what is before adds up to the limit (`share_before`). The engines count whole points; they are given periods in
which each such point stands alone, and `divide` moves the share of it that counts before.

Known is a limit on a clock that begins at the same value for everybody, for those who have been on it since the
start, and on `time_in_state` for those who begin in the state or enter it all at one known point. Whoever enters on
the way does so anywhere in a cycle: the rule's weights are right for them as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from costeff.compile.discount import share_before
from costeff.compile.entry import by_source
from costeff.compile.environment import parameter_environment
from costeff.compile.known import Points, known_points
from costeff.compile.layout import Layout, Tally
from costeff.engine.quantities import Quantities
from costeff.model.elements import TIME_IN_STATE, Deadline
from costeff.model.model import Model

DRAWS = 256  # divided at a time


@dataclass(frozen=True)
class Leaving:
    """Those who leave by a deadline at a limit: the row of their event, and the cells that gain and lose their time."""

    event: int
    gain: tuple[int, ...]
    loss: tuple[int, ...]


@dataclass(frozen=True)
class Limit:
    """One point of time. `share` of its weight counts before it, in the cells `before` (cells,) of those of after."""

    point: int
    share: float
    before: np.ndarray
    leaving: tuple[Leaving, ...]


@dataclass(frozen=True)
class Limits:
    """All limits of a run. `fine` (T+1,) are the periods of the engine, `period` (T+1,) those of the results."""

    fine: np.ndarray
    period: np.ndarray
    limits: tuple[Limit, ...]


def limits(
    model: Model, where: Layout, draws: Mapping[str, np.ndarray], tables: Mapping[str, Any], period: np.ndarray
) -> Limits | None:
    """The limits of `model` in results by `period` (T+1,); None where the rule needs no division.

    `draws` maps parameters to (D,): a limit is known where it is the same in all of them.

    Warns of limits that cannot be divided, with what is missing in cycles.
    """
    share = share_before(model.conventions.within_cycle, model.conventions.horizon)
    if not share.any():
        return None
    size = len(next(iter(draws.values()))) if draws else 1
    facts = known_points(model, parameter_environment(model, draws, tables, size))
    deadlines = list(enumerate(by_source(model)))
    first = len(where.events) - len(deadlines)
    moves: dict[int, list[tuple[int, int]]] = {}
    for point, cell, before in _edges(model, where, facts):
        moves.setdefault(point, []).append((cell, before))
    leaving: dict[int, list[Leaving]] = {}
    for x, deadline in deadlines:
        falls = facts.deadlines[x]
        if falls is not None:
            leaving.setdefault(falls, []).append(_leaving(model, where, facts, deadline, falls, first + x))
    turns = np.flatnonzero(np.diff(period)) + 1
    facts.warn(float(share[1:-1].max(initial=0.0)), where)
    at = sorted({*moves, *leaving, *turns.tolist()} & set(np.flatnonzero(share).tolist()))
    if not at:
        return None
    all_limits = [
        Limit(point, float(share[point]), _before(where, moves.get(point, [])), tuple(leaving.get(point, ())))
        for point in at
    ]
    return Limits(_apart(period, at), period, tuple(all_limits))


def _apart(period: np.ndarray, at: list[int]) -> np.ndarray:
    """Finer periods, in which each point of `at`, and the one before it, stands alone."""
    begins = np.zeros(len(period), bool)
    begins[1:] = np.diff(period) != 0
    for point in at:
        begins[[p for p in (point - 1, point, point + 1) if 0 < p < len(period)]] = True
    return np.cumsum(begins).astype(np.int32)


def _edges(model: Model, where: Layout, facts: Points) -> Iterator[tuple[int, int, int]]:
    """(point of time, cell right after an edge, cell right before it) of all cells that an edge at that point parts."""
    bands = {band.name: band for band in model.bands}
    for tally in where.tallies:
        if not tally.bands:
            continue
        shape = [where.band_cells[name] for name in tally.bands]
        for state in tally.states:
            since = [facts.since(bands[name].clock, state) for name in tally.bands]
            points = [
                [] if begin is None else [edge + begin for edge in bands[name].edges]
                for name, begin in zip(tally.bands, since, strict=True)
            ]
            low = where.cells(tally, state).start
            for point in {point for own in points for point in own if point > 0}:
                for cell in np.ndindex(*shape):
                    back = [i - (i > 0 and own[i - 1 : i] == [point]) for i, own in zip(cell, points, strict=True)]
                    if tuple(back) != cell:
                        yield point, low + _flat(cell, shape), low + _flat(back, shape)


def _flat(place: Any, shape: list[int]) -> int:
    return int(np.ravel_multi_index(tuple(int(i) for i in place), tuple(shape)))


def _before(where: Layout, moves: list[tuple[int, int]]) -> np.ndarray:
    before = np.arange(where.size)
    for cell, other in moves:
        before[cell] = other
    return before


def _leaving(model: Model, where: Layout, facts: Points, deadline: Deadline, point: int, event: int) -> Leaving:
    gain, loss = [], []
    for tally in where.tallies:
        ends = [state in tally.states for state in (deadline.source, deadline.target)]
        if not any(ends):
            continue
        source_cell = _cell(model, where, facts, tally, deadline, point, at_target=False)
        target_cell = _cell(model, where, facts, tally, deadline, point, at_target=True)
        if tally.weight is not None or source_cell is None or target_cell is None:
            facts.missed.append(deadline)
            continue
        gain += [source_cell] if ends[0] else []
        loss += [target_cell] if ends[1] else []
    return Leaving(event, tuple(gain), tuple(loss))


def _cell(
    model: Model, where: Layout, facts: Points, tally: Tally, deadline: Deadline, point: int, at_target: bool
) -> int | None:
    """The cell in which those who leave by `deadline` are before `point`; `at_target`: in the state they enter.

    None where a band's clock does not tell.
    """
    state = deadline.target if at_target else deadline.source
    place = []
    for name in tally.bands:
        band = model.find("bands", name)
        since = facts.since(band.clock, state)
        value: int | None = None
        if band.clock == deadline.clock and not at_target:
            value = facts.at[deadline] - 1
        elif band.clock == TIME_IN_STATE and at_target:
            value = 0
        elif since is not None and (facts.steady(band.clock) or (state in facts.sole and band.clock == TIME_IN_STATE)):
            value = point - 1 - since
        if value is None:
            return None
        place.append(int(np.searchsorted(band.edges, value, side="right")))
    low = int(where.cells(tally, state).start)
    return low + _flat(place, [where.band_cells[name] for name in tally.bands]) if place else low


def divide(quantities: Quantities, limits: Limits, cycle_weight: np.ndarray, event_weight: np.ndarray) -> Quantities:
    """Quantities by `limits.fine` as quantities by `limits.period`, with the weight of each limit's point divided.

    The arrays of `quantities` are used for the result, some draws at a time: nothing is held twice.
    """
    first = limits.period[np.unique(limits.fine, return_index=True)[1]]
    begins = np.flatnonzero(np.diff(first, prepend=-1))
    time, events = quantities.time, quantities.events
    for low in range(0, quantities.draws, DRAWS):
        part = slice(low, low + DRAWS)
        period_time = _divided(time[part], events[part], limits, begins, cycle_weight, event_weight)
        time[part, ..., : len(begins), :] = period_time
        events[part, ..., : len(begins), :] = np.add.reduceat(events[part], begins, axis=4)
    return replace(quantities, time=time[..., : len(begins), :], events=events[..., : len(begins), :])


def _divided(
    time: np.ndarray,
    events: np.ndarray,
    limits: Limits,
    begins: np.ndarray,
    cycle_weight: np.ndarray,
    event_weight: np.ndarray,
) -> np.ndarray:
    """Time (draws, G, 2, cells, periods, layers) by the periods of the results, from that by fine periods."""
    fine, period = limits.fine, limits.period
    out = np.add.reduceat(time, begins, axis=4)
    for limit in limits.limits:
        k = limit.point
        time_moved = limit.share * time[..., fine[k], :]
        out[..., period[k], :] -= time_moved
        earlier = time_moved.copy()
        for cell in np.flatnonzero(limit.before != np.arange(len(limit.before))).tolist():
            earlier[:, :, :, cell] -= time_moved[:, :, :, cell]
            earlier[:, :, :, limit.before[cell]] += time_moved[:, :, :, cell]
        for departure in limit.leaving:
            leavers = events[:, :, :, departure.event, fine[k - 1], 0] / event_weight[0, k - 1]
            own = limit.share * leavers[..., None] * cycle_weight[:, k]
            for cell in departure.gain:
                earlier[:, :, :, cell] += own
            for cell in departure.loss:
                earlier[:, :, :, cell] -= own
        out[..., period[k - 1], :] += earlier
    return out
