"""The model as the register would show it: lives of the trial's own people in every draw, seen through the lens.

Each person of the trial is lived several times under the strategy of their group, with what the trial knows of them
(age, diagnosis, weeks before inclusion); the rest is drawn as the model draws it. So the model is compared with the
register on the same people, in the same weeks, through the same lens.
Sizes: D draws, N people, R lives of each, T weeks, K statistics, G groups.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from costeff.analysis.study import StudyData
from costeff.compile.compiler import assemble, compile_arrays
from costeff.compile.environment import parameter_environment, population
from costeff.compile.layout import layout
from costeff.compile.windows import prepared
from costeff.engine.events.histories import sojourns
from costeff.engine.events.plan import plan as event_plan
from costeff.model.model import Model
from costeff.trial.intake import TrialPeople
from costeff.trial.learning.statistics import Counts, Statistic, counts, every_statistic, informative
from costeff.trial.lens import Lens, seen_groups, states_seen
from costeff.trial.lives import longest_span
from costeff.trial.persons import PersonRows

GroupStatistics = tuple[tuple[Statistic, ...], ...]
LIVES_AT_ONCE = 40_000
PILOT_DRAWS = 24


@dataclass(frozen=True, eq=False)
class Prediction:
    """Statistics of every draw: `means` (D, K) and `covariances` (D, K, K) of what a trial of these people would show.

    Groups stand one after the other. `noise` is the share of the covariance that the simulation adds to the means.
    """

    means: np.ndarray
    covariances: np.ndarray
    noise: float


@dataclass(frozen=True, eq=False, repr=False)
class LensedModel(PersonRows):
    """The model, the lens and the people whom it is asked about. `attributes` (N,) by name, of group after group."""

    study: StudyData
    model: Model
    lens: Lens
    strategies: tuple[str, ...]
    sizes: tuple[int, ...]
    attributes: Mapping[str, np.ndarray]
    weeks: int
    lives: int
    seed: int
    contamination: float = 0.0

    def people(self) -> int:
        """How many people there are."""
        return sum(self.sizes)

    def weeks_shown(self, draws: Mapping[str, np.ndarray], turn: int = 0) -> Iterator[np.ndarray]:
        """What each draw would show: states (N * R, T + 1), a person's lives side by side; `turn` gives other luck."""
        size = len(next(iter(draws.values())))
        width = max(LIVES_AT_ONCE // (self.people() * self.lives), 1)
        for low in range(0, size, width):
            part = {name: column[low : low + width] for name, column in draws.items()}
            yield from self._part(
                part, np.arange(low, min(low + width, size), dtype=np.uint64) + np.uint64(turn * size)
            )

    def _part(self, draws: Mapping[str, np.ndarray], keys: np.ndarray) -> Iterator[np.ndarray]:
        size, count = len(keys), self.people() * self.lives
        env = parameter_environment(self.model, draws, self.study.tables, size)
        known_of_lives = {name: np.repeat(values, self.lives) for name, values in self.attributes.items()}
        people = population(self.model, env, self.seed, keys, 0, count, known_of_lives)
        where = layout(self.model)
        arrays = compile_arrays(self.model, env, people, (size, count), where, keys)
        tensors = assemble(self.model, env, arrays, where, seed=self.seed, split=(count + 1) // 2).tensors
        lists = event_plan(tensors.tables)
        strategy, expected_rows = self._strategy(), 0
        for d in range(size):
            length, rows = sojourns(tensors, d, 0, count, lists=lists, expected_rows=expected_rows)
            expected_rows = max(expected_rows, len(rows) * 5 // 4)
            weeks = self._weeks(length, rows, strategy)
            yield self.by_register(weeks, np.random.default_rng([self.seed, int(keys[d])]))

    def by_register(self, weeks: np.ndarray, luck: np.random.Generator) -> np.ndarray:
        """What the register shows of weeks (N * R, T + 1) of states, read as states."""
        return states_seen(seen_groups(weeks, self.lens, self.model, luck), self.lens, self.model)

    def _weeks(self, length: np.ndarray, rows: np.ndarray, strategy: np.ndarray) -> np.ndarray:
        """States (N * R, T + 1) of each life under the strategy of its person's group."""
        strategies, horizon = len(self.model.strategies), self.weeks + 1
        life = np.repeat(np.arange(len(length)), length)
        own = life % strategies == strategy[life // strategies]
        person, state = life[own] // strategies, rows[own, 0]
        begin = np.minimum(rows[own, 1], horizon)
        stay = np.minimum(rows[own, 2], horizon) - begin
        at = np.repeat(begin - np.r_[0, np.cumsum(stay)[:-1]], stay) + np.arange(stay.sum())
        out = np.empty((len(strategy), horizon), np.int16)
        out[np.repeat(person, stay), at] = np.repeat(state, stay)
        return out

    def _strategy(self) -> np.ndarray:
        """What each life gets, (N * R,): that of its group; of the first group a share gets the last one's."""
        numbers = [self.model.strategy_names.index(name) for name in self.strategies]
        out = np.repeat(np.repeat(numbers, self.sizes), self.lives)
        first = np.arange(self.sizes[0] * self.lives)
        gets_last = np.random.default_rng(self.seed).random(len(first)) < self.contamination
        out[first[gets_last]] = numbers[-1]
        return out

    def predicted(self, draws: Mapping[str, np.ndarray], by_group: GroupStatistics, turn: int = 0) -> Prediction:
        """Statistics of every draw."""
        size, number = len(next(iter(draws.values()))), sum(len(own) for own in by_group)
        means, covariances = np.empty((size, number)), np.zeros((size, number, number))
        edges = np.r_[0, np.cumsum(self.sizes)] * self.lives
        for d, weeks in enumerate(self.weeks_shown(draws, turn) if number else ()):
            at = 0
            for g, statistics in enumerate(by_group):
                own, end = counts(weeks[edges[g] : edges[g + 1]], statistics), at + len(statistics)
                means[d, at:end] = own.values()
                covariances[d, at:end, at:end] = _within(own, self.lives) / self.sizes[g]
                at = end
        return Prediction(means, covariances, 1 / self.lives)


def lensed_model(
    study: StudyData,
    people: TrialPeople,
    lens: Lens,
    informative_weeks: int,
    *,
    lives: int,
    seed: int,
    contamination: float = 0.0,
) -> LensedModel:
    """The lensed model of the people of a trial, followed for so many weeks.

    A share `contamination` of the first group is taken to get the programme of the last.
    """
    strategies = people.plan.strategies
    places = [people.group(name) for name in strategies]
    order = np.concatenate(places)
    model = study.model
    horizon = max(informative_weeks + 1, longest_span(model))
    short = prepared(replace(model, conventions=replace(model.conventions, horizon=horizon)))
    attributes = {name: values[order] for name, values in people.attributes.items()}
    sizes = tuple(len(own) for own in places)
    return LensedModel(study, short, lens, strategies, sizes, attributes, informative_weeks, lives, seed, contamination)


def choose_statistics(lens_model: LensedModel, draws: Mapping[str, np.ndarray]) -> GroupStatistics:
    """The statistics of each group that it can be expected to tell about: by the prior alone, not by its data."""
    size = len(next(iter(draws.values())))
    few = {name: column[:: max(size // PILOT_DRAWS, 1)] for name, column in draws.items()}
    weeks = np.stack(list(lens_model.weeks_shown(few)))
    edges = np.r_[0, np.cumsum(lens_model.sizes)] * lens_model.lives
    out = []
    for g, people in enumerate(lens_model.sizes):
        own = weeks[:, edges[g] : edges[g + 1]].reshape(-1, weeks.shape[2])
        statistics = every_statistic(own, lens_model.weeks)
        is_told = informative(counts(own, statistics), statistics, people)
        out.append(tuple(one for one, keep in zip(statistics, is_told, strict=True) if keep))
    return tuple(out)


def trial_statistics(people: TrialPeople, by_group: GroupStatistics) -> np.ndarray:
    """The same statistics (K,) of the trial, group after group."""
    return np.concatenate(
        [
            counts(people.weeks[people.group(name)], own).values()
            for name, own in zip(people.plan.strategies, by_group, strict=True)
        ]
    )


def _within(own: Counts, lives: int) -> np.ndarray:
    """Covariance (K, K) of one person's statistics about that person's own mean, from several lives of each."""
    rest = own.influences().reshape(-1, lives, own.top.shape[1])
    rest = rest - rest.mean(axis=1, keepdims=True)
    flat = rest.reshape(-1, rest.shape[2])
    return np.asarray(flat.T @ flat / (len(rest) * (lives - 1)))
