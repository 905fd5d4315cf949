"""Study and result as data: a model with its evidence and settings, and the quantities of one run.

Both hold fields, checks and properties; what is done with them are functions of the folders above, which
`costeff.api` binds to the classes that users hold.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Generic, cast

import numpy as np

from costeff.analysis.counts import Counts, WholeCounts
from costeff.analysis.draw_count import DrawCount
from costeff.analysis.evaluation import EvaluationData
from costeff.analysis.streamed import Streamed, not_whole
from costeff.analysis.totals import Totals, totals_of
from costeff.compile.environment import parameter_environment
from costeff.errors import ResultError, ScenarioError
from costeff.evidence import Evidence
from costeff.evidence.required import refuse_missing
from costeff.ledger import Effects, Flows, effects, flows
from costeff.model import Effect, Model, Perspective, Scenario, check_against
from costeff.problems import closest

if TYPE_CHECKING:
    import xarray as xr
    from typing_extensions import TypeVar

    from costeff.analysis.stop import Stop
    from costeff.simulation.simulate import Simulated

    E_co = TypeVar("E_co", bound=EvaluationData, default=EvaluationData, covariant=True)
    R_co = TypeVar("R_co", bound="ResultData[Any]", default="ResultData", covariant=True)
    R = TypeVar("R", bound="ResultData[Any]", default="ResultData")
else:
    from typing import TypeVar

    E_co, R_co, R = TypeVar("E_co", covariant=True), TypeVar("R_co", covariant=True), TypeVar("R")

DRAWS, INDIVIDUALS, BASE_INDIVIDUALS, SEED = 1024, 200, 20_000, 1
MOST_NAMES = 6
"""Perspectives that the short text of a result names."""


@dataclass(frozen=True, eq=False)
class ResultData(Generic[E_co]):
    """One run. Money is per individual; arrays are (draw, strategy, ...) in the model's order of strategies."""

    evaluation_class: ClassVar[type[EvaluationData]] = EvaluationData
    """What `perspective` makes: the face of costeff sets its own class."""

    study: StudyData[Any]
    parameters: Mapping[str, np.ndarray]
    """Drawn values (draw,) of each parameter, by name."""
    simulated: Simulated
    individuals: int
    seed: int
    method: str
    replicates: int | None = None
    """Designs that the draws are made of (Latin hypercube, Sobol); None for independent draws."""
    stop: Stop | None = None
    """What a run to a target error reached; None for a fixed number of draws."""
    streamed: Streamed | None = None
    """What a run left that is too large to be held whole; None where quantities and flows are at hand."""

    def __repr__(self) -> str:
        names = [p.name for p in self.model.perspectives]
        more = [f"and {len(names) - MOST_NAMES} more"] if len(names) > MOST_NAMES else []
        return (
            f"Result: scenario {self.study.scenario.name}, draws: {self.draws}, individuals: {self.individuals}, "
            f"seed: {self.seed}, {self.simulated.engine}\n"
            f"  strategies: {', '.join(self.strategies)}; "
            f"perspectives: {', '.join(names[:MOST_NAMES])} {' '.join(more)}".rstrip()
        )

    @property
    def model(self) -> Model:
        """The model that was run."""
        return self.study.model

    @property
    def strategies(self) -> tuple[str, ...]:
        """Names of the strategies, in the order of the model."""
        return self.model.strategy_names

    @property
    def draws(self) -> DrawCount:
        """Number of draws."""
        return DrawCount.of(self.counts.draws, self.parameters)

    @property
    def size(self) -> int:
        """Number of draws, by its name in version 0.1.0."""
        warnings.warn("result.size has moved: use `result.draws`", DeprecationWarning, stacklevel=2)
        return int(self.draws)

    @cached_property
    def environment(self) -> dict[str, Any]:
        """Values that formulas may name, one row per draw."""
        return parameter_environment(self.model, self.parameters, self.study.tables, self.draws)

    @cached_property
    def flows(self) -> Flows:
        """Money by draw, strategy, line and year, in currency per individual."""
        if self.streamed is not None:
            raise not_whole("flows of each year and line")
        s = self.simulated
        return flows(self.model, s.layout, self.environment, s.quantities, s.layer_cost, s.threads)

    @cached_property
    def effects(self) -> Effects:
        """Effects by draw and strategy, per individual, in their units."""
        if self.streamed is not None:
            return self.streamed.effects
        s = self.simulated
        return effects(self.model, s.layout, self.environment, s.quantities, s.layer_effect)

    def __getstate__(self) -> dict[str, Any]:
        """Without totals that are worked out on demand: who gets the result works them out anew."""
        return {name: value for name, value in self.__dict__.items() if name != "totals"}

    @cached_property
    def totals(self) -> Totals:
        """What tables and decisions ask of the flows, by draw."""
        if self.streamed is not None:
            return self.streamed.totals
        s = self.simulated
        return totals_of(self.model, s.layout, self.flows, self.environment, s.layer_cost, self.halves)

    @cached_property
    def counts(self) -> Counts:
        """Individuals by state and first passage, and how many there were."""
        return WholeCounts(self.simulated.quantities) if self.streamed is None else self.streamed.counts

    @property
    def halves(self) -> bool:
        """True when both halves of the individuals are equally many, so that noise can be measured."""
        first, second = self.counts.half_sizes
        return bool(first == second)

    def replicates_known(self, half: bool) -> int | None:
        """Count the designs of the draws.

        One draw of lives without halves is one design: its luck is there, and not measured.

        Parameters
        ----------
        half : bool
            Whether halves of the individuals are known.

        Returns
        -------
        int or None
            How many.

        Examples
        --------
        >>> from costeff import load
        >>> result = load("sick_sicker").run(engine="cohort", progress=False)
        >>> result.replicates_known(half=False)
        """
        alone = self.draws == 1 and not half and self.simulated.engine != "cohort"
        return 1 if alone and self.replicates is None else self.replicates

    def effect(self, name: str) -> Effect:
        """The declared effect of a name.

        Parameters
        ----------
        name : str
            Its name.

        Returns
        -------
        Effect
            As the model declares it.

        Raises
        ------
        ResultError
            For an unknown name.

        Examples
        --------
        >>> from costeff import load
        >>> result = load("sick_sicker").run(engine="cohort", progress=False)
        >>> result.effect("qaly").name
        'qaly'
        """
        effects = {e.name: e for e in self.model.effects}
        if name not in effects:
            way_out = closest(name, effects, "name one of them")
            raise ResultError("unknown effect", value=name, rule=f"effects: {', '.join(effects)}", way_out=way_out)
        return effects[name]

    @property
    def main_effect(self) -> str:
        """The scenario's effect, else the one that its willingness to pay is for, else the first declared."""
        return self.study.main_effect

    def perspective(self, name: str | None = None, effect: str | None = None) -> E_co:
        """Discounted cost of a perspective (default: the model's first) and an effect, by draw and strategy.

        Parameters
        ----------
        name : str, optional
            Of the perspective.
        effect : str, optional
            Which effect counts. Default: the model's main effect.

        Returns
        -------
        Evaluation
            Over (draw, strategy), with the parameters drawn.

        Raises
        ------
        ResultError
            For an unknown name.

        Examples
        --------
        >>> from costeff import load
        >>> result = load("sick_sicker").run(engine="cohort", progress=False)
        >>> result.perspective().cost.shape == (1, len(result.strategies))
        True
        """
        name = self.model.perspective_name(name)
        perspectives = {p.name: p for p in self.model.perspectives}
        if name not in perspectives:
            raise ResultError("unknown perspective", value=name, rule=f"perspectives: {', '.join(perspectives)}")
        outcome = self.effect(effect or self.main_effect)
        key = name, outcome.name
        if key not in self._evaluations:
            self._evaluations[key] = self._evaluation(perspectives[name], outcome)
        return cast("E_co", self._evaluations[key])

    @cached_property
    def _evaluations(self) -> dict[tuple[str, str], EvaluationData]:
        """By perspective and effect: the same one each time, so that its curves are worked out once."""
        return {}

    def _evaluation(self, perspective: Perspective, outcome: Effect) -> EvaluationData:
        at = self.effects.names.index(outcome.name)
        half = bool(self.totals.cost_half) and self.effects.half is not None
        conventions = self.model.conventions
        return self.evaluation_class(
            perspective=perspective.name,
            effect_name=outcome.name,
            strategies=self.strategies,
            comparator=self.model.comparator,
            cost=self.totals.cost[perspective.name],
            effect=self.effects.value[:, :, at],
            cost_half=self.totals.cost_half[perspective.name] if half else None,
            effect_half=self.effects.half[..., at] if half and self.effects.half is not None else None,
            parameters=next((one.parameters for one in self._evaluations.values()), self.parameters),
            currency=conventions.currency,
            effect_unit=outcome.unit,
            price_year=conventions.price_year,
            label=perspective.label.en,
            effect_sign=1 if outcome.better == "more" else -1,
            replicates=self.replicates_known(half),
            rounding=self.totals.rounding[perspective.name] if half else 0.0,
            attrs={"labels": {s.name: s.label for s in self.model.strategies}},
            simulated=True,
        )

    def cost_by_year(self, name: str) -> np.ndarray:
        """Undiscounted cost of a perspective, (draw, strategy, year).

        Parameters
        ----------
        name : str
            Of the perspective.

        Returns
        -------
        numpy.ndarray
            Over (draw, strategy, year), in currency per individual.

        Examples
        --------
        >>> from costeff import load
        >>> result = load("sick_sicker").run(engine="cohort", progress=False)
        >>> result.cost_by_year(result.model.perspectives[0].name).shape[:2]
        (1, 4)
        """
        return self.totals.cost_by_year[self.model.find("perspectives", name).name]

    @cached_property
    def trace(self) -> xr.DataArray:
        """Share of individuals in each state at each point of time: (strategy, state, cycle)."""
        import xarray as xr

        trace = self.counts.trace
        share = trace / trace.sum(axis=1, keepdims=True)
        dims = ("strategy", "state", "cycle")
        coords = {"strategy": list(self.strategies), "state": list(self.model.state_names)}
        return xr.DataArray(share, dims=dims, coords={**coords, "cycle": np.arange(share.shape[-1])}, name="trace")

    @cached_property
    def passages(self) -> xr.DataArray:
        """Share whose first passage began before each cycle: (passage, strategy, cycle), mean over draws."""
        import xarray as xr

        every = self.counts
        share = np.cumsum(every.passages[..., :-1], axis=-1) / (every.half_sizes.sum() * every.draws)
        share = np.concatenate([np.zeros((*share.shape[:-1], 1)), share[..., :-1]], axis=-1)
        names = [p.name for p in self.model.passages]
        coords = {"passage": names, "strategy": list(self.strategies), "cycle": np.arange(share.shape[-1])}
        by_passage = np.swapaxes(share, 0, 1)[: len(names)]
        return xr.DataArray(by_passage, dims=("passage", "strategy", "cycle"), coords=coords, name="passages")


@dataclass(frozen=True)
class StudyData(Generic[R_co]):
    """A checked model, its evidence at the analysis price year, and the scenario's settings."""

    result_class: ClassVar[type[ResultData[Any]]] = ResultData
    """What a run makes: the face of costeff sets its own class."""

    model: Model
    evidence: Evidence
    scenario: Scenario

    def __post_init__(self) -> None:
        check_against(self.model, self.evidence)
        refuse_missing(self.evidence.parameters)
        self._check_wtp()
        object.__setattr__(self, "evidence", self.evidence.at_prices(self.model.conventions.price_year))

    @property
    def main_effect(self) -> str:
        """The scenario's effect, else the one that its willingness to pay is for, else the first declared."""
        wtp = self.scenario.wtp
        return self.scenario.effect or (wtp.effect if wtp else self.model.effects[0].name)

    def _check_wtp(self) -> None:
        """Willingness to pay is money per unit of one effect; another effect cannot be read with it."""
        wtp = self.scenario.wtp
        if wtp is not None and wtp.effect != self.main_effect:
            raise ScenarioError(
                f"the scenario's effect is not the one that `wtp` is for, '{wtp.effect}'",
                where=self.scenario.place_of("effect" if self.scenario.effect else "wtp"),
                value=self.main_effect,
                rule="a willingness to pay is money per unit of the effect that is compared",
                way_out=f"state `wtp` per unit of '{self.main_effect}', or leave `wtp` out",
            )

    def __repr__(self) -> str:
        return f"Study: scenario {self.scenario.name}\n  {self.model!r}\n  {self.evidence!r}"

    def draw(self, draws: int, seed: int, method: str = "random", replicates: int = 1) -> xr.Dataset:
        """Parameter sets over `draw`, without a simulation.

        Parameters
        ----------
        draws : int
            How many.
        seed : int
            Start of the random numbers.
        method : str
            "random", "latin_hypercube" or "sobol".
        replicates : int
            Equal designs of the draws, each randomised by itself.

        Returns
        -------
        xarray.Dataset
            One variable per parameter over (draw,), in its unit.

        Examples
        --------
        >>> from costeff import load
        >>> study = load("sick_sicker")
        >>> study.draw(4, seed=1).sizes["draw"]
        4
        """
        return self.evidence.draw(draws, seed, method, replicates)

    @property
    def seed(self) -> int:
        """The scenario's seed."""
        return int(self.scenario.run.get("seed", SEED))

    def seed_or(self, seed: int | None) -> int:
        """The seed that is asked for, else the scenario's.

        Parameters
        ----------
        seed : int or None
            What was asked for.

        Returns
        -------
        int
            The seed.

        Examples
        --------
        >>> from costeff import load
        >>> study = load("sick_sicker")
        >>> study.seed_or(7)
        7
        """
        return self.seed if seed is None else seed

    @property
    def tables(self) -> dict[str, Any]:
        """Look-up tables by name."""
        return dict(self.evidence.tables)
