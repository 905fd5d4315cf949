"""Simulates every target on its own source's start and reads its statistic from Quantities.

Time is gathered not by year but in the cycles that targets ask for: each is a period of its own, so that one
run gives the share in every state in those cycles, for each draw. For a median, a clock counts the cycles
spent in the target's states, and time is split by that clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from costeff.calibrate.likelihood import transformed
from costeff.calibrate.targets import Target
from costeff.calibrate.usual_care import ZERO, usual_care
from costeff.compile import Layout, compile_model, layout
from costeff.compile.layout import Tally
from costeff.engine.events.microsim import microsim, thread_count
from costeff.engine.quantities import Quantities
from costeff.engine.tensors import Tensors
from costeff.errors import CosteffError, EngineError
from costeff.model import Attribute, Band, Clock, Expression, Model, parameter_names
from costeff.model.problems import problem, unknown
from costeff.problems import raise_all, way_to

Floats = NDArray[np.float64]
BATCH = 50_000  # individuals compiled together in one thread


@dataclass(frozen=True)
class Observed:
    """Statistics on the likelihood's scale: (D, K) of everyone, and (D, 2, K) of the two halves of them."""

    values: Floats
    halves: Floats

    @property
    def noise(self) -> Floats:
        """Covariance (K, K) of the simulation noise in `values`, from the difference of the two halves."""
        half = (self.halves[:, 0] - self.halves[:, 1]) / 2
        return np.asarray(half.T @ half / len(half))


@dataclass(frozen=True)
class Population:
    """Targets that start with the same people (`changes`), and the model cut down to them.

    `rows` are the places of its targets in the list that was asked for; `cycles` are those in which states
    are counted.
    """

    changes: Mapping[str, float]
    targets: tuple[Target, ...]
    rows: tuple[int, ...]
    model: Model
    where: Layout
    cycles: tuple[int, ...]

    @property
    def parameters(self) -> tuple[str, ...]:
        """Parameters that the simulation reads and that the population does not set."""
        return tuple(name for name in parameter_names(self.model) if name not in self.changes)


def populations(model: Model, targets: Sequence[Target]) -> tuple[Population, ...]:
    """Targets grouped by the people they start with. Raises ModelError for an unknown state or passage."""
    raise_all([error for target in targets for error in _unknown(model, target)])
    groups: dict[tuple[str, tuple[tuple[str, float], ...]], list[int]] = {}
    for i, target in enumerate(targets):
        groups.setdefault((target.start, tuple(sorted(target.changes.items()))), []).append(i)
    all_populations = tuple(_population(model, dict(key[1]), targets, tuple(rows)) for key, rows in groups.items())
    raise_all([error for group in all_populations for error in _unread(group)])
    return all_populations


def _unknown(model: Model, target: Target) -> Iterator[CosteffError]:
    statistic, what = target.statistic, f"target '{target.name}'"
    yield from unknown("state", (*statistic.states, *statistic.among), model.state_names, target.place, what)
    if target.start:
        living = [state.name for state in model.states if state.alive]
        yield from unknown("living state", [target.start], living, target.place, f"{what}, `start`")
    if statistic.passage:
        passage_names = [p.name for p in model.passages]
        yield from unknown("passage", [statistic.passage], passage_names, target.place, what)


def _unread(group: Population) -> Iterator[CosteffError]:
    """A problem for each parameter that is set and that no life under usual care reads."""
    read, target = parameter_names(group.model), group.targets[0]
    for name in group.changes:
        if name not in read:
            what = f"target '{target.name}' sets a parameter that its simulation does not read"
            rule = "what is set changes the people or their hazards"
            yield problem(what, target.place, name, rule, way_to(name, read, "take it out of `set`"))


def _population(
    model: Model, changes: dict[str, float], targets: Sequence[Target], rows: tuple[int, ...]
) -> Population:
    own_targets = tuple(targets[i] for i in rows)
    stays = {p.name: p.stay for p in model.passages}
    horizon = max(t.statistic.at + stays.get(t.statistic.passage, 1) for t in own_targets)
    small = usual_care(started(model, own_targets[0].start), horizon, {t.statistic.passage for t in own_targets})
    medians = [t for t in own_targets if t.statistic.type == "median_weeks"]
    small = replace(
        small,
        clocks=(*small.clocks, *(Clock(_clock(t), ZERO, t.statistic.states) for t in medians)),
        bands=tuple(Band(_clock(t), _clock(t), tuple(range(1, t.statistic.at + 1))) for t in medians),
    )
    where = layout(small)
    tallies = list(where.tallies)
    for target in medians:
        end = tallies[-1].offset + tallies[-1].cells * len(small.states)
        tallies.append(Tally(None, (_clock(target),), small.state_names, end, target.statistic.at + 1))
    cycles = sorted({t.statistic.at for t in own_targets if t.statistic.type != "passage_share"})
    return Population(changes, own_targets, rows, small, replace(where, tallies=tuple(tallies)), tuple(cycles))


def started(model: Model, state: str) -> Model:
    """The model with everyone starting in `state`; the model itself for ''."""
    if not state:
        return model
    everyone = Attribute(model.start, categories={state: Expression(1)})
    return replace(model, attributes=tuple(everyone if a.name == model.start else a for a in model.attributes))


def _clock(target: Target) -> str:
    """The clock, and the band on it, that count the cycles of a median."""
    return f"cycles_of_{target.name}"


def observe(
    groups: Sequence[Population],
    draws: Mapping[str, np.ndarray],
    tables: Mapping[str, Any],
    *,
    individuals: int,
    seed: int,
    keys: np.ndarray,
    threads: int | None = None,
    progress: bool = False,
) -> Observed:
    """Simulate all populations for every draw. `draws` maps names to (D,), `keys` (D,) address the random numbers.

    The columns are the targets in the order given to `populations`. Every draw has its own luck: its noise is
    known from the two halves, while luck shared by all draws would move all of them the same way, unseen.
    """
    if individuals < 2:
        raise EngineError("too few individuals to know the noise", value=individuals, rule="at least 2")
    count, size = sum(len(group.targets) for group in groups), len(keys)
    values, halves = np.empty((size, count)), np.empty((size, 2, count))
    width = max(1, BATCH // individuals)
    work = [(group, slice(low, min(low + width, size))) for group in groups for low in range(0, size, width)]

    def one(task: tuple[Population, slice]) -> None:
        group, part = task
        batch_draws = {name: np.asarray(draws[name])[part] for name in group.parameters}
        fixed = {name: np.full(part.stop - part.start, value) for name, value in group.changes.items()}
        compilation = compile_model(
            group.model,
            {**batch_draws, **fixed},
            tables,
            individuals=individuals,
            seed=seed,
            keys=keys[part],
            where=group.where,
        )
        quantities = microsim(_by_cycle(compilation.tensors, group.cycles), threads=1)
        rows = list(group.rows)
        halves[part, :, rows] = _statistics(group, quantities, False)
        values[part, rows] = _statistics(group, quantities, True)

    with ThreadPoolExecutor(thread_count(threads)) as pool:
        for _ in _bar(pool.map(one, work), len(work), progress):
            pass
    return Observed(values, halves)


def _bar(batches: Iterator[None], total: int, show: bool) -> Iterator[None]:
    import sys

    from tqdm import tqdm

    return iter(
        tqdm(batches, total=total, unit="batch", desc="calibrating", disable=not show, file=sys.stderr, leave=False)
    )


def _by_cycle(tensors: Tensors, cycles: Sequence[int]) -> Tensors:
    """The same lives, with one period for each of `cycles` (1, 2, ...) and one for all the rest (0), undiscounted."""
    points = tensors.cycles + 1
    period = np.zeros(points, np.int32)
    for i, cycle in enumerate(cycles):
        period[cycle] = i + 1
    ones = np.ones((1, points))
    return replace(tensors, cycle_weight=ones, event_weight=ones.copy(), period=period)


def _statistics(group: Population, quantities: Quantities, together: bool) -> Floats:
    """(D, K) of all individuals when `together`, else (D, 2, K) of the halves."""
    columns = []
    for target in group.targets:
        statistic = target.statistic
        if statistic.type == "median_weeks":
            counts = _cycles_spent(group, quantities, target)
            value = _median(counts.sum(axis=1) if together else counts)
        elif statistic.type == "passage_share":
            index = [p.name for p in group.model.passages].index(statistic.passage)
            counts = quantities.passages[:, 0, :, index, : statistic.at].sum(axis=-1)
            value = _share(counts, np.broadcast_to(quantities.half_sizes, counts.shape), together)
        else:
            everyone = statistic.among or group.model.state_names
            inside = tuple(s for s in statistic.states if s in everyone)
            persons = _in_states(group, quantities, inside, statistic.at)
            value = _share(persons, _in_states(group, quantities, everyone, statistic.at), together)
        columns.append(transformed(target, value))
    return np.stack(columns, axis=-1)


def _in_states(group: Population, quantities: Quantities, states: Sequence[str], cycle: int) -> Floats:
    """Individuals in `states` in one cycle, (D, 2)."""
    tally, period = group.where.tallies[0], group.cycles.index(cycle) + 1
    cells = [group.where.cells(tally, state).start for state in states]
    return np.asarray(quantities.time[:, 0, :, cells, period, 0].sum(axis=0))


def _cycles_spent(group: Population, quantities: Quantities, target: Target) -> Floats:
    """Individuals by number of cycles spent in the target's states before its cycle, (D, 2, cycles + 1)."""
    tally = next(t for t in group.where.tallies if t.bands == (_clock(target),))
    period = group.cycles.index(target.statistic.at) + 1
    states = [quantities.time[:, 0, :, group.where.cells(tally, s), period, 0] for s in group.model.state_names]
    return np.asarray(np.sum(states, axis=0))


def _share(persons: Floats, everyone: Floats, together: bool) -> Floats:
    """Shares, half a person added on both sides so that 0 and all have a logit."""
    if together:
        persons, everyone = persons.sum(axis=1), everyone.sum(axis=1)
    return np.asarray((persons + 0.5) / (everyone + 1))


def _median(counts: Floats) -> Floats:
    """Median of whole numbers 0, 1, ... from counts on the last axis, interpolated within the middle number's unit.

    >>> _median(np.array([0.0, 0.0, 10.0, 10.0])).item()
    2.5

    """
    total = counts.sum(axis=-1, keepdims=True)
    below = np.cumsum(counts, axis=-1)
    middle = np.argmax(below >= total / 2, axis=-1, keepdims=True)
    inside = np.take_along_axis(counts, middle, -1)
    before = np.take_along_axis(below, middle, -1) - inside
    value = middle - 0.5 + (total / 2 - before) / np.where(inside > 0, inside, 1.0)
    return np.asarray(np.maximum(value[..., 0], 0.25))
