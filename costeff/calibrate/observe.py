"""Simulates every target on its own source's start and reads its statistic, from Quantities where counts hold it and
else from the sojourns of each individual (`costeff.calibrate.lives`).

Time is gathered not by year but in the cycles that targets ask for: each is a period of its own, so that one
run gives the share in every state in those cycles, for each draw. For a median, a clock counts the cycles
spent in the target's states, and time is split by that clock.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from costeff.calibrate.effects import Effect, Level, levels_of, multiplied
from costeff.calibrate.fits import complements, unknown_names, unread
from costeff.calibrate.likelihood import transformed
from costeff.calibrate.lives import group_masks, lives_of, reading, value_of
from costeff.calibrate.target import Target
from costeff.calibrate.usual_care import ZERO, usual_care
from costeff.compile import Layout, compile_model, layout
from costeff.compile.environment import parameter_environment, population
from costeff.compile.layout import Tally
from costeff.engine.events.microsim import microsim
from costeff.engine.events.plan import plan
from costeff.engine.quantities import Quantities
from costeff.engine.tensors import Tensors
from costeff.errors import EngineError
from costeff.model import Attribute, Band, Clock, Expression, Model, parameter_names
from costeff.problems import raise_all
from costeff.simulation.parts import finished_parts
from costeff.simulation.store import Arrays

Floats = NDArray[np.float64]
BATCH = 50_000  # individuals compiled together in one thread
MOST_EMPTY = 0.02
"""Share of draws that may have nobody in a denominator: they take the mean of the others."""


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

    def of(self, rows: Sequence[int]) -> Observed:
        """The same of some statistics only, by their places."""
        return Observed(self.values[:, rows], self.halves[:, :, rows])


@dataclass(frozen=True)
class Population:
    """Targets that start with the same people (`changes`) under the same `levels` of effects, and the model cut down to
    them.

    `rows` are the places of its targets in the list that was asked for; `cycles` are those in which states
    are counted.
    """

    changes: Mapping[str, float]
    targets: tuple[Target, ...]
    rows: tuple[int, ...]
    model: Model
    where: Layout
    cycles: tuple[int, ...]
    effects: tuple[Effect, ...] = ()
    levels: tuple[Level, ...] = ()

    def environment(self, draws: Mapping[str, np.ndarray], part: slice) -> dict[str, np.ndarray]:
        """What the simulation of these draws reads, by name: drawn, multiplied by effects, or set by the population."""
        own = {name: np.asarray(draws[name])[part] for name in (*self.parameters, *(x.name for x in self.levels))}
        drawn = {name: multiplied(name, own[name], self.effects, self.levels, own) for name in self.parameters}
        return {**drawn, **{name: np.full(part.stop - part.start, value) for name, value in self.changes.items()}}

    @property
    def parameters(self) -> tuple[str, ...]:
        """Parameters that the simulation reads and that the population does not set."""
        return tuple(name for name in parameter_names(self.model) if name not in self.changes)


def populations(model: Model, targets: Sequence[Target], effects: Sequence[Effect] = ()) -> tuple[Population, ...]:
    """Targets grouped by the people they start with and by the levels of `effects` that they have: each simulated once.

    Raises ModelError for an unknown state or passage.
    """
    raise_all([error for target in targets for error in unknown_names(model, target)])
    raise_all(list(complements(model, targets)))
    groups: dict[tuple[str, tuple[tuple[str, float], ...], tuple[Level, ...]], list[int]] = {}
    for i, target in enumerate(targets):
        key = target.start, tuple(sorted(target.changes.items())), levels_of(effects, target)
        groups.setdefault(key, []).append(i)
    all_populations = tuple(
        replace(_population(model, dict(changes), targets, tuple(rows)), effects=tuple(effects), levels=levels)
        for (_, changes, levels), rows in groups.items()
    )
    raise_all([error for x in all_populations for error in unread(x.model, tuple(x.changes), x.targets[0])])
    return all_populations


def _population(
    model: Model, changes: dict[str, float], targets: Sequence[Target], rows: tuple[int, ...]
) -> Population:
    own_targets = tuple(targets[i] for i in rows)
    stays = {p.name: p.stay for p in model.passages}
    horizon = max(t.statistic.horizon(stays) for t in own_targets)
    passages = {name for t in own_targets for name in t.statistic.passages}
    groups_by = {t.statistic.between.attribute for t in own_targets if t.statistic.between}
    small = usual_care(started(model, own_targets[0].start), horizon, passages, groups_by)
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
    cycles = sorted({t.statistic.at for t in own_targets if t.statistic.type in ("state_share", "median_weeks")})
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
    known from the two halves, while luck of_all by all draws would move all of them the same way, unseen.
    """
    if individuals < 2:
        raise EngineError("too few individuals to know the noise", value=individuals, rule="at least 2")
    count, size = sum(len(group.targets) for group in groups), len(keys)
    values, halves = np.empty((size, count)), np.empty((size, 2, count))
    width = max(1, BATCH // individuals)
    work = [(group, slice(low, min(low + width, size))) for group in groups for low in range(0, size, width)]

    of_all = _Observation(tuple(groups), dict(tables), individuals, seed)
    places = {id(group): number for number, group in enumerate(groups)}
    owns = [(places[id(group)], group.environment(draws, part), keys[part]) for group, part in work]
    parts = finished_parts(_observed_part, of_all, owns, threads=threads)
    for (group, part), arrays in zip(work, _bar(parts, len(work), progress), strict=True):
        rows = list(group.rows)
        values[part, rows], halves[part, :, rows] = arrays["values"], arrays["halves"]
    for group in groups:
        for row, target in zip(group.rows, group.targets, strict=True):
            _fill(values[:, row], halves[:, :, row], target, individuals)
    return Observed(values, halves)


@dataclass(frozen=True)
class _Observation:
    """What all parts of an observation share."""

    groups: tuple[Population, ...]
    tables: Mapping[str, Any]
    individuals: int
    seed: int


def _observed_part(of_all: _Observation, own: tuple[int, dict[str, np.ndarray], np.ndarray]) -> Arrays:
    """Some draws of one population: values (d, K) and halves (d, 2, K) of its targets."""
    number, env, keys = own
    group, tables, individuals, seed = of_all.groups[number], of_all.tables, of_all.individuals, of_all.seed
    compilation = compile_model(
        group.model, env, tables, individuals=individuals, seed=seed, keys=keys, where=group.where
    )
    people: Mapping[str, np.ndarray] = {}
    if any(target.statistic.between for target in group.targets):
        formula_names = parameter_environment(group.model, env, tables, len(keys))
        people = population(group.model, formula_names, seed, keys, 0, individuals)
    values, halves = _observed(group, compilation.tensors, people)
    return {"values": values, "halves": halves}


def _fill(values: Floats, halves: Floats, target: Target, individuals: int) -> None:
    """Give the draws without a denominator, NaN in `values` (D,) or `halves` (D, 2), the mean of the others, in place.

    Raises EngineError when they are more than `MOST_EMPTY` of all.
    """
    empty = np.isnan(values) | np.isnan(halves).any(axis=1)
    if empty.mean() > MOST_EMPTY:
        raise _nobody(target, individuals)
    if empty.any():
        logging.getLogger("costeff").warning(
            "target '%s': %d of %d draws have nobody in its denominator and take the mean of the others",
            target.name,
            empty.sum(),
            len(empty),
        )
        values[empty], halves[empty] = values[~empty].mean(), halves[~empty].mean(axis=0)


def _bar(parts: Iterator[Arrays], total: int, show: bool) -> Iterator[Arrays]:
    import sys

    from tqdm import tqdm

    return iter(
        tqdm(parts, total=total, unit="part", desc="calibrating", disable=not show, file=sys.stderr, leave=False)
    )


def _by_cycle(tensors: Tensors, cycles: Sequence[int]) -> Tensors:
    """The same lives, with one period for each of `cycles` (1, 2, ...) and one for all the rest (0), undiscounted."""
    points = tensors.cycles + 1
    period = np.zeros(points, np.int32)
    for i, cycle in enumerate(cycles):
        period[cycle] = i + 1
    ones = np.ones((1, points))
    return replace(tensors, cycle_weight=ones, event_weight=ones.copy(), period=period)


def _observed(group: Population, tensors: Tensors, people: Mapping[str, np.ndarray]) -> tuple[Floats, Floats]:
    """(D, K) of all individuals and (D, 2, K) of the halves; `people` holds the attributes (D, N) of contrasts."""
    size = (tensors.draws, len(group.targets))
    values, halves = np.empty(size), np.empty((size[0], 2, size[1]))
    counted = [k for k, target in enumerate(group.targets) if target.statistic.counts]
    if counted:
        quantities = microsim(_by_cycle(tensors, group.cycles), threads=1)
        for k in counted:
            target = group.targets[k]
            values[:, k] = transformed(target, _from_counts(group, quantities, target, True))
            halves[:, :, k] = transformed(target, _from_counts(group, quantities, target, False))
    others = [k for k in range(size[1]) if k not in counted]
    if others:
        for k, column in zip(others, _from_lives(group, tensors, others, people), strict=True):
            values[:, k], halves[:, :, k] = column[:, 0], column[:, 1:]
    return values, halves


def _from_lives(
    group: Population, tensors: Tensors, targets: Sequence[int], people: Mapping[str, np.ndarray]
) -> list[Floats]:
    """For each of `targets` (D, 3): all individuals, their first half, their second half."""
    columns = [np.empty((tensors.draws, 3)) for _ in targets]
    first = np.arange(tensors.individuals) < tensors.split - tensors.first_individual
    parts = (np.ones_like(first), first, ~first)
    masks = {k: group_masks(b, people, group.model) for k in targets if (b := group.targets[k].statistic.between)}
    lists = plan(tensors.tables)
    for d in range(tensors.draws):
        lives = lives_of(tensors, d, lists)
        for k, column in zip(targets, columns, strict=True):
            statistic = group.targets[k].statistic
            everyone = reading(statistic.of or statistic, lives, group.model, group.where)
            members = (masks[k][0][d], masks[k][1][d]) if k in masks else None
            column[d] = [value_of(statistic, everyone.within(part), members) for part in parts]
    for k, column in zip(targets, columns, strict=True):
        column[:] = transformed(group.targets[k], column)
    return columns


def _nobody(target: Target, individuals: int) -> EngineError:
    """What to say when a statistic has no denominator in some draw."""
    statistic = target.statistic
    who = f"a group of `between` ({statistic.between.attribute})" if statistic.between else "its denominator"
    return EngineError(
        f"target '{target.name}': {who} holds nobody, or one individual where a variance is asked for",
        where=target.place,
        value=f"{individuals} individuals",
        rule=f"in all but {MOST_EMPTY:.0%} of draws each half of the individuals holds some of them",
        way_out="simulate more individuals, or widen whom it is about: `set`, `start`, `within`, `among`, `between`",
    )


def _from_counts(group: Population, quantities: Quantities, target: Target, together: bool) -> Floats:
    """(D,) of all individuals when `together`, else (D, 2) of the halves."""
    statistic = target.statistic
    if statistic.type == "median_weeks":
        counts = _cycles_spent(group, quantities, target)
        return _median(counts.sum(axis=1) if together else counts)
    if statistic.type == "passage_share":
        index = [p.name for p in group.model.passages].index(statistic.passage)
        counts = quantities.passages[:, 0, :, index, : statistic.at].sum(axis=-1)
        return _share(counts, np.broadcast_to(quantities.half_sizes, counts.shape), together)
    everyone = statistic.among or group.model.state_names
    inside = tuple(s for s in statistic.states if s in everyone)
    persons = _in_states(group, quantities, inside, statistic.at)
    return _share(persons, _in_states(group, quantities, everyone, statistic.at), together)


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
