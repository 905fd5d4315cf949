"""Cohort engine: exact expectations for discrete groups, by carrying probabilities instead of individuals.

The "individuals" axis of Tensors holds groups with `group_weight`. Each group is a vector over (state x cycles in
state), and over the values of one clock that counts cycles in some states only, where bands or deadlines need it. What
a vector cannot hold (resets, hazards on such a clock, two of them) is refused by name.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from costeff.engine.cohort.chances import changing_states, moving_with_time
from costeff.engine.cohort.check import MICROSIM, carried_clocks, check_cohort
from costeff.engine.cohort.kernel import live_group
from costeff.engine.cohort.lanes import COARSE, FINE, LANES, live_lanes
from costeff.engine.cohort.lanes import scratch as lanes_scratch
from costeff.engine.cohort.stays import live_stays
from costeff.engine.cohort.stays import scratch as stays_scratch
from costeff.engine.events.microsim import thread_count
from costeff.engine.quantities import Quantities
from costeff.engine.starts import add_starts
from costeff.engine.tensors import CLOCK_TIME_IN_STATE, Tables, Tensors
from costeff.errors import EngineError
from costeff.numerics.kernel_cache import announce

MOST_CELLS = 20_000_000  # doubles in one vector


@dataclass(frozen=True)
class _Grid:
    """The cells of one vector: durations by state, and the values of at most one carried clock."""

    cell_first: np.ndarray
    carried: int
    base: int
    values: int

    def parts(self, runs: int) -> tuple[np.ndarray, int, int]:
        return self.cell_first, self.values, runs

    def without_clock(self) -> _Grid:
        return _Grid(self.cell_first, -1, 0, 1)


def cohort(tensors: Tensors, threads: int | None = None, progress: Callable[[int], None] | None = None) -> Quantities:
    """Expected quantities of all groups, draw by draw. Everything stands in the first half; the second is empty.

    Raises EngineError naming what only the microsimulation can do (see `check_cohort`), and for deadlines in a circle.
    """
    time, events = room(tensors, tensors.draws)
    passages, size, trace = expectations(tensors, time, events, threads)
    if progress:
        progress(tensors.draws)
    return Quantities(time, events, passages, whole_trace(trace), np.array([size, 0.0]))


def room(tensors: Tensors, draws: int) -> tuple[np.ndarray, np.ndarray]:
    """Zeros for the `time` and `events` of Quantities of so many draws."""
    shape = (draws, tensors.strategies, 2)
    ends = (tensors.periods, tensors.layers)
    return np.zeros((*shape, tensors.cells, *ends)), np.zeros((*shape, tensors.events + tensors.event_cells, *ends))


def expectations(
    tensors: Tensors, time: np.ndarray, events: np.ndarray, threads: int | None = None
) -> tuple[np.ndarray, float, np.ndarray]:
    """Fill `time` and `events`, which are zeros (see `room`); returns passages, the size of the cohort, and the trace.

    The trace comes in two parts, (2, G, S, T+1) int64, that add up exactly over batches of draws: see `whole_trace`.
    """
    check_cohort(tensors)
    size = _size(tensors)
    t = tensors.tables
    depth = _depths(tensors)
    has_clock, passing = bool(carried_clocks(t)), bool(t.passage_state.any())
    plain = np.full(tensors.draws, not has_clock) & (depth == 1).all(axis=1)
    passages = _nobody_passes(tensors, size)
    if passing:
        passages = np.array(passages)
    workers = min(thread_count(threads), tensors.draws)

    def work(worker: int) -> np.ndarray:
        trace = np.zeros((2, tensors.strategies, tensors.states, tensors.cycles + 1), np.int64)
        share = (worker, workers, (time, events, trace))
        _plain_draws(tensors, np.flatnonzero(plain), *share)
        if not has_clock:
            _draws_of_stays(tensors, np.flatnonzero(~plain), depth, *share)
        others = range(worker, tensors.draws, workers) if has_clock or passing else range(0)
        for d in others:
            occupancy, draw_events, draw_passages = _one_draw(tensors, d, depth[d], passages_only=not has_clock)
            if passing:
                passages[d, :, 0] = draw_passages
            if has_clock:
                time[d, :, 0] = _by_period(occupancy, tensors.cycle_weight, tensors)
                events[d, :, 0] = _by_period(draw_events, tensors.event_weight, tensors)
                trace += _exact(occupancy[:, : tensors.states])
        return trace

    with ThreadPoolExecutor(workers) as pool:
        trace = np.sum(list(pool.map(work, range(workers))), axis=0)
    add_starts(tensors, events, tensors.individuals)
    return passages, size, trace


def _nobody_passes(tensors: Tensors, size: float) -> np.ndarray:
    """(D, G, 2, P, T+2): everybody in the last column, "never", without memory for each draw."""
    row = np.zeros((2, tensors.passages, tensors.cycles + 2))
    row[0, :, -1] = size
    return np.broadcast_to(row, (tensors.draws, tensors.strategies, *row.shape))


def _exact(values: np.ndarray) -> np.ndarray:
    """`values` as whole multiples of 1/COARSE and 1/FINE, (2, ...): sums of each part are exact in any order."""
    coarse = np.rint(values * COARSE)
    return np.stack([coarse, np.rint((values - coarse / COARSE) * FINE)]).astype(np.int64)


def whole_trace(parts: np.ndarray) -> np.ndarray:
    """(G, S, T+1) from the two exact parts of a trace, (2, G, S, T+1) int64."""
    return np.asarray(parts[0] / COARSE + parts[1] / FINE)


Into = tuple[np.ndarray, np.ndarray, np.ndarray]  # time, events, and both parts of the trace: added to


def _plain_draws(tensors: Tensors, draws: np.ndarray, worker: int, workers: int, into: Into) -> None:
    """Every `workers`-th block of the draws without durations, side by side in lanes."""
    if not len(draws):
        return
    t = tensors.tables
    rows = np.full((-(-len(draws) // LANES), LANES), -1)
    rows.flat[: len(draws)] = draws
    constant = np.asarray(t.table_length)[t.exit_table] == 1
    steady = [constant[a:b].all() for a, b in zip(t.exit_first[:-1], t.exit_first[1:], strict=True)]
    announce("lanes", "live_lanes")
    success = live_lanes(
        t,
        rows,
        worker,
        workers,
        _weights(tensors),
        _windows(tensors),
        np.array(steady, np.uint8),
        tensors.cycle_weight,
        tensors.event_weight,
        tensors.period,
        lanes_scratch(t, tensors.layers),
        *into,
    )
    if not success:
        raise _circle()


def _draws_of_stays(
    tensors: Tensors, draws: np.ndarray, depth: np.ndarray, worker: int, workers: int, into: Into
) -> None:
    """Every `workers`-th of the draws whose states need durations, but no carried clock."""
    if not len(draws):
        return
    t = tensors.tables
    announce("stays", "live_stays")
    success = live_stays(
        t,
        draws,
        worker,
        workers,
        depth,
        _weights(tensors),
        _windows(tensors),
        _uses(t, -1)[:, 0].copy(),
        changing_states(t)[0],
        moving_with_time(t),
        tensors.cycle_weight,
        tensors.event_weight,
        tensors.period,
        stays_scratch(t, tensors.cycles, tensors.layers),
        *into,
    )
    if not success:
        raise _circle()


def _windows(tensors: Tensors) -> np.ndarray:
    """(T,) effect window of each cycle."""
    return np.searchsorted(tensors.tables.window_edge, np.arange(tensors.cycles), side="right") - 1


def _weights(tensors: Tensors) -> np.ndarray:
    """(D, N) weight of each group."""
    if tensors.group_weight is None:
        return np.ones((tensors.draws, tensors.individuals))
    return np.ascontiguousarray(tensors.group_weight, float)


def _circle() -> EngineError:
    return EngineError(
        "deadlines send a group round in a circle within one cycle",
        rule="a deadline that has passed must not lead back to the state it left",
        way_out="check `deadlines`: their targets need exits of their own",
    )


def _size(tensors: Tensors) -> float:
    if tensors.group_weight is None:
        return float(tensors.individuals)
    totals = tensors.group_weight.sum(axis=1)
    if tensors.group_weight.min() < 0 or not np.allclose(totals, totals[0], rtol=1e-12):
        raise EngineError(
            "weights of groups do not sum to the same in every draw",
            value=f"{totals.min():g} to {totals.max():g}",
            rule="weights are at least 0 and sum to one total",
        )
    return round(float(totals[0]), 9)


def _grid(tensors: Tensors, d: int, alive: np.ndarray, depth: np.ndarray) -> _Grid:
    """The cells that groups `alive` of draw d need. Made draw by draw, so that a batch cannot change how sums round."""
    t = tensors.tables
    cell_first = np.concatenate([[0], np.cumsum(depth)]).astype(np.int64)
    clock_index = next(iter(carried_clocks(t)), -1)
    base, values = 0, 1
    if clock_index >= 0:
        initial = t.clock_initial[clock_index, d, alive].astype(np.int64)
        bands = [b for b in t.tally_band if t.band_clock[b] == clock_index]
        cap = max([int(t.band_edge[t.band_first[b + 1] - 1]) for b in bands], default=int(initial.min()))
        rows = t.deadline_row[t.deadline_clock == clock_index]
        cap = max(cap, int(t.deadline_at[rows][:, d, alive].max(initial=cap)))
        cap = min(cap, int(initial.max()) + tensors.cycles)  # further the clock does not get
        base = min(int(initial.min()), cap)
        values = cap - base + 1
    stays = t.passage_stay[t.passage_state.any(axis=1)]
    cells = int(cell_first[-1]) * values * int(stays.max(initial=1))
    if cells > MOST_CELLS:
        raise EngineError(
            "the cohort engine would need too large a vector",
            value=f"{cells:,} cells",
            rule=f"at most {MOST_CELLS:,} (cycles in state x values of a clock x cycles of a passage)",
            way_out=MICROSIM,
        )
    return _Grid(cell_first, clock_index, base, values)


def _depths(tensors: Tensors) -> np.ndarray:
    """(D, S): durations that must be told apart: until the hazards stay the same and nothing more falls due."""
    t = tensors.tables
    depth = np.ones((tensors.draws, tensors.states), np.int64)
    changes: dict[int, np.ndarray] = {}
    alive = _weights(tensors) > 0
    for s in range(tensors.states):
        for j in range(t.exit_first[s], t.exit_first[s + 1]):
            if t.exit_clock[j] == CLOCK_TIME_IN_STATE:
                q = int(t.exit_table[j])
                if q not in changes:
                    changes[q] = _changes_until(t, q)
                depth[:, s] = np.maximum(depth[:, s], changes[q] + 1)
        for x in range(t.deadline_first[s], t.deadline_first[s + 1]):
            if t.deadline_clock[x] == CLOCK_TIME_IN_STATE:
                at = np.where(alive, t.deadline_at[t.deadline_row[x]], 0).max(axis=1)
                depth[:, s] = np.maximum(depth[:, s], at + 1)
        for k in range(len(t.tally_weight)):
            for b in t.tally_band[t.tally_first[k] : t.tally_first[k + 1]]:
                if t.tally_state[k, s] and t.band_clock[b] == CLOCK_TIME_IN_STATE:
                    depth[:, s] = np.maximum(depth[:, s], t.band_edge[t.band_first[b + 1] - 1] + 1)
    return np.minimum(depth, tensors.cycles + 1)


def _changes_until(t: Tables, q: int) -> np.ndarray:
    """(D,) first cycle from which table q has one hazard for good, in every stratum."""
    length = int(t.table_length[q]) + 1
    begin = int(t.table_offset[q])
    later = t.table_offset[t.table_offset > begin]
    end = int(later.min(initial=t.cumulative.shape[1]))
    draws = len(t.cumulative)
    if length == 2:
        return np.zeros(draws, np.int64)
    hazards = np.diff(t.cumulative[:, begin:end].reshape(draws, -1, length), axis=2)
    changes = (np.diff(hazards, axis=2) != 0).any(axis=1)
    return np.where(changes.any(axis=1), changes.shape[1] - np.argmax(changes[:, ::-1], axis=1), 0)


def _one_draw(
    tensors: Tensors, d: int, depth: np.ndarray, passages_only: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Occupancy (G, cells, T+1), events (G, events, T+1) and passages (G, P, T+2) of one draw."""
    t, points = tensors.tables, tensors.cycles + 1
    occupancy = np.zeros((tensors.strategies, tensors.cells, points))
    events = np.zeros((tensors.strategies, tensors.events + tensors.event_cells, points))
    passages = np.zeros((tensors.strategies, tensors.passages, points + 1))
    windows = _windows(tensors)
    weights = np.ones(tensors.individuals) if tensors.group_weight is None else tensors.group_weight[d]
    alive = np.flatnonzero(weights > 0)
    grid = _grid(tensors, d, alive, depth)
    uses = _uses(t, grid.carried)
    changing = changing_states(t)
    needs_clock = grid.carried in t.deadline_clock
    runs = [] if passages_only else [(-1, 1, grid)]
    for p, mask in enumerate(t.passage_state):
        if mask.any():
            runs.append((p, int(t.passage_stay[p]), grid if needs_clock else grid.without_clock()))
    passages[:, ~t.passage_state.any(axis=1), points] = weights.sum()
    for p, stay, run_grid in runs:
        scratch = _scratch(t, run_grid, stay)
        for n in alive:
            for g in range(tensors.strategies):
                announce("kernel", "live_group")
                success = live_group(
                    t,
                    d,
                    g,
                    n,
                    weights[n],
                    run_grid.parts(stay),
                    (run_grid.carried, run_grid.base),
                    windows,
                    uses,
                    changing,
                    p,
                    scratch,
                    occupancy[g],
                    events[g],
                    passages[g, max(p, 0)],
                )
                if not success:
                    raise _circle()
    return occupancy, events, passages


def _uses(t: Tables, clock_index: int) -> np.ndarray:
    """(K, 2): whether the bands of each tally need the duration, and the carried clock."""
    uses = np.zeros((len(t.tally_weight), 2), np.uint8)
    for k in range(len(t.tally_weight)):
        clocks = [int(t.band_clock[b]) for b in t.tally_band[t.tally_first[k] : t.tally_first[k + 1]]]
        uses[k] = CLOCK_TIME_IN_STATE in clocks, clock_index in clocks
    return uses


def _scratch(t: Tables, grid: _Grid, runs: int) -> tuple[Any, ...]:
    """Both vectors, flows by exit, occupancy by duration and by clock value, and the tables of `renew_stays`."""
    cells = int(grid.cell_first[-1]) * grid.values * runs
    states, exits = len(t.exit_first) - 1, len(t.exit_target)
    most = max(1, int(np.diff(t.exit_first).max()))
    depth = int(np.diff(grid.cell_first).max())
    tables = (np.full((exits, depth), -1.0), np.zeros((exits, depth)), np.ones((states, depth)), np.zeros(exits))
    return (
        np.zeros(cells),
        np.zeros(cells),
        np.zeros((most, grid.values * runs)),
        np.zeros(depth),
        np.zeros(grid.values),
        tables,
    )


def _by_period(counts: np.ndarray, weight: np.ndarray, tensors: Tensors) -> np.ndarray:
    """(..., T+1) by point of time to (..., periods, layers), weighted by layer."""
    out = np.zeros((*counts.shape[:-1], tensors.periods, tensors.layers))
    for period in range(tensors.periods):
        inside = tensors.period == period
        out[..., period, :] = counts[..., inside] @ weight[:, inside].T
    return out
