"""Expected costs and effects at chosen parameter values, with the same people and the same luck at every point.

A point is simulated only when a parameter that acts on lives is new there; what merely prices is applied to quantities
that exist already. `simulated` and `priced` count both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

import numpy as np

from costeff.analysis.settled import FEWEST
from costeff.compile.environment import parameter_environment
from costeff.engine.quantities import pick
from costeff.errors import ResultError, ScenarioError
from costeff.ledger import cost, effects, flows
from costeff.model import simulation_names
from costeff.problems import closest
from costeff.simulation.simulate import Simulated, simulate
from costeff.types import Engine

if TYPE_CHECKING:
    from costeff.analysis.study import StudyData

ROWS_AT_ONCE = 500
"""Rows that are priced together, so that memory stays bounded."""

Change = Mapping[str, float]


class PointOptions(TypedDict, total=False):
    """How much to simulate at each point, as keywords: the fields of `Settings`, where their meaning stands."""

    individuals: int
    batches: int
    seed: int | None
    engine: Engine | None
    threads: int | None


@dataclass(frozen=True)
class Settings:
    """How much to simulate at each point: `batches` groups of `individuals` people each.

    Batch k holds the people of draw k of a probabilistic run with the same seed, so batch 0 is that of `Study.run`. The
    spread between batches gives the Monte Carlo error; fewer than five give none, as it would say too little of itself.
    """

    individuals: int = 2000
    batches: int = 5
    seed: int | None = None
    engine: Engine | None = None
    threads: int | None = None

    def __post_init__(self) -> None:
        for name in ("individuals", "batches"):
            if getattr(self, name) < 1:
                raise ScenarioError(f"no {name} to simulate", value=getattr(self, name), rule="at least 1")


@dataclass(frozen=True, eq=False)
class Expected:
    """Discounted cost and gain (more is better) per individual: each (point, batch, strategy)."""

    cost: np.ndarray
    gain: np.ndarray


class Points:
    """Points of one study. `effect` is the one that counts as gain; default the study's main effect.

    Raises ScenarioError for an unknown effect, EvidenceError for an unknown parameter or a value outside its unit.
    """

    def __init__(self, study: StudyData, settings: Settings | None = None, effect: str | None = None) -> None:
        self.study, self.settings = study, settings or Settings()
        self.engine = self.settings.engine or str(study.scenario.options.get("engine", "microsim"))
        self.seed = study.seed if self.settings.seed is None else self.settings.seed
        self.batches = 1 if self.engine == "cohort" else self.settings.batches
        effects_by_name = {e.name: e for e in study.model.effects}
        self.effect = effect or study.main_effect
        if self.effect not in effects_by_name:
            way_out = closest(self.effect, effects_by_name, "name one of them")
            raise ResultError(
                "unknown effect", value=self.effect, rule=f"effects: {', '.join(effects_by_name)}", way_out=way_out
            )
        self._sign = 1 if effects_by_name[self.effect].better == "more" else -1
        self._at = list(effects_by_name).index(self.effect)
        self._base = study.evidence.base()
        self.needs = simulation_names(study.model)
        self._acting = tuple(name for name in self._base if name in self.needs)
        self._runs: list[Simulated] = []
        self._where: dict[tuple[float, ...], tuple[int, int]] = {}
        self.priced = 0

    @property
    def simulated(self) -> int:
        """Different sets of parameter values that were simulated, each in every batch."""
        return len(self._where)

    def error(self, batches: np.ndarray) -> float:
        """Monte Carlo error of a mean over batches (batch,): 0 for the cohort engine; NaN of too few batches."""
        if self.engine == "cohort":
            return 0.0
        return float(batches.std(ddof=1) / np.sqrt(len(batches))) if len(batches) >= FEWEST else float("nan")

    def about(self) -> dict[str, object]:
        """What was simulated: for the attrs of a table."""
        return {
            "simulations": self.simulated,
            "priced": self.priced,
            "individuals": self.settings.individuals,
            "batches": self.batches,
            "seed": self.seed,
            "engine": self.engine,
        }

    def acts(self, names: Sequence[str]) -> bool:
        """Whether changing these parameters needs a new simulation."""
        return any(name in self.needs for name in names)

    def at(self, changes: Sequence[Change], perspective: str) -> Expected:
        """Expected cost for a perspective, and gain, with each mapping's values in place of the base values."""
        view = _perspective(self.study, perspective)
        sets = [self._base | self._checked(change) for change in changes]
        self._simulate(sets)
        strategies = len(self.study.model.strategies)
        shape = (len(sets), self.batches, strategies)
        expected = Expected(np.zeros(shape), np.zeros(shape))
        most = max(1, ROWS_AT_ONCE // self.batches)
        for number in range(len(self._runs)):
            own = [i for i, one in enumerate(sets) if self._where[self._key(one)][0] == number]
            for low in range(0, len(own), most):
                part = own[low : low + most]
                costs, gains = self._price(view, number, [sets[i] for i in part])
                expected.cost[part] = costs.reshape(len(part), self.batches, strategies)
                expected.gain[part] = gains.reshape(len(part), self.batches, strategies)
        self.priced += len(sets)
        return expected

    def effects_at(self, change: Change) -> np.ndarray:
        """Every effect of the model with these values, (strategy, effect), mean over batches, as counted."""
        one = self._base | self._checked(change)
        self._simulate([one])
        number, place = self._where[self._key(one)]
        run, rows = self._runs[number], place * self.batches + np.arange(self.batches)
        env = parameter_environment(self.study.model, self._columns([one]), self.study.tables, len(rows))
        values = effects(self.study.model, run.layout, env, pick(run.quantities, rows), run.layer_effect).value
        return np.asarray(values.mean(axis=0))

    def _checked(self, change: Change) -> dict[str, float]:
        for name, value in change.items():
            parameter = self.study.evidence.parameters.get(name)
            if parameter is None:
                self.study.evidence.override({name: value})  # refuses the name, and says which are near
            else:
                parameter.known(value)  # refuses a value outside the unit
        return {name: float(value) for name, value in change.items()}

    def _key(self, one: Mapping[str, float]) -> tuple[float, ...]:
        return tuple(map(one.__getitem__, self._acting))

    def _columns(self, sets: Sequence[Mapping[str, float]]) -> dict[str, np.ndarray]:
        return {name: np.repeat([one[name] for one in sets], self.batches) for name in self._base}

    def _simulate(self, sets: Sequence[Mapping[str, float]]) -> None:
        missing = {key: one for one in sets if (key := self._key(one)) not in self._where}
        groups: dict[tuple[float, ...], list[tuple[float, ...]]] = {}
        for key, rates in zip(missing, self._rates(list(missing.values())), strict=True):
            groups.setdefault(rates, []).append(key)
        for keys in groups.values():
            run = simulate(
                self.study.model,
                self._columns([missing[key] for key in keys]),
                self.study.tables,
                individuals=self.settings.individuals,
                seed=self.seed,
                keys=np.tile(np.arange(self.batches, dtype=np.uint64), len(keys)),
                engine=self.engine,
                threads=self.settings.threads,
            )
            self._runs.append(run)
            self._where |= {key: (len(self._runs) - 1, i) for i, key in enumerate(keys)}

    def _rates(self, sets: Sequence[Mapping[str, float]]) -> list[tuple[float, ...]]:
        """Discount rates of each set: one run has one schedule of them."""
        if not sets:
            return []
        rules = self.study.model.conventions
        formulas = [rules.discount_rate_cost, rules.discount_rate_effect]
        formulas += [formula for band in rules.discount_bands for formula in (band.cost, band.effect)]
        columns = {name: np.array([one[name] for one in sets]) for name in self._base}
        env = parameter_environment(self.study.model, columns, self.study.tables, len(sets))
        values = [np.broadcast_to(np.ravel(formula.evaluate(env)), len(sets)) for formula in formulas]
        return [tuple(float(value[i]) for value in values) for i in range(len(sets))]

    def _price(self, view: str, number: int, sets: Sequence[Mapping[str, float]]) -> tuple[np.ndarray, np.ndarray]:
        """Cost and gain (point x batch, strategy) of sets whose quantities stand in one run."""
        model, run = self.study.model, self._runs[number]
        first = np.array([self._where[self._key(one)][1] for one in sets]) * self.batches
        rows = (first[:, None] + np.arange(self.batches)).ravel()
        quantities = pick(run.quantities, rows)
        env = parameter_environment(model, self._columns(sets), self.study.tables, len(rows))
        money = flows(model, run.layout, env, quantities)
        costs = cost(model.find("perspectives", view), money, env, run.layer_cost).sum(axis=-1)
        gains = effects(model, run.layout, env, quantities, run.layer_effect).value[:, :, self._at]
        return np.asarray(costs), np.asarray(self._sign * gains)


def _perspective(study: StudyData, name: str) -> str:
    names = [p.name for p in study.model.perspectives]
    if name not in names:
        raise ResultError("unknown perspective", value=name, rule=f"perspectives: {', '.join(names)}")
    return name
