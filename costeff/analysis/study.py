"""Study: a model with its evidence and what a scenario asks of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from costeff.analysis.result import Result
from costeff.analysis.stopping import replicates_of, until_error
from costeff.errors import ScenarioError
from costeff.evidence import Changes, Evidence, Setter, read_evidence
from costeff.model import (
    Model,
    Scenario,
    apply_options,
    check_against,
    describe,
    describe_html,
    horizon_state,
    model_file,
    parameter_file,
    read_model,
    read_scenario,
)
from costeff.model.read import beside

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from costeff.analysis.given_values import Given
    from costeff.cea.stratified import Subgroups
    from costeff.sensitivity.global_ import GlobalSensitivity
    from costeff.sensitivity.threshold import Threshold

DRAWS, INDIVIDUALS, BASE_INDIVIDUALS, SEED = 1000, 1000, 20_000, 1


def load(name_or_path: str | os.PathLike[str]) -> Study:
    """The study of a scenario or model: a shipped name ("tki2", "no_effect") or the path of a YAML file.

    Raises CosteffError with file, line, value, rule and way out for anything wrong in the files.

    >>> study = load("tki2")
    >>> study.model.strategy_names
    ('usual_care', 'tki2')
    """
    return study_of(read_scenario(name_or_path))


def study_of(
    scenario: Scenario,
    options: Mapping[str, Any] | None = None,
    further: Changes | None = None,
    prepare: Callable[[Evidence], Evidence] | None = None,
    narrow: Callable[[Model], Model] | None = None,
) -> Study:
    """The study of a scenario that has been read, as it stands or as an investment case uses it.

    Parameters
    ----------
    scenario
        From `read_scenario`. Amounts under its `set` are at its own price year.
    options
        Horizon and price year that take the place of the scenario's own.
    further
        What is set after the scenario's own figures.
    prepare
        What is done to the evidence before anything is set: a case carries the price index on.
    narrow
        What is done to the model before its options are applied: a case leaves out effects longer than its years.

    Raises
    ------
    CosteffError
        As `load` does.

    Examples
    --------
    >>> study_of(read_scenario("tki2"), {"price_year": 2026}).model.conventions.price_year
    2026
    """
    declared = read_model(model_file(scenario))
    if narrow is not None:
        declared = narrow(declared)
    own = apply_options(declared, scenario)
    file = (
        beside(scenario.file, "parameters", scenario.parameters)
        if scenario.parameters
        else parameter_file(own)
    )
    evidence = read_evidence(file)
    if prepare is not None:
        evidence = prepare(evidence)
    if scenario.set or scenario.sources:
        setter, year = Setter("scenario", scenario.name), own.conventions.price_year
        figures = Changes(scenario.set, setter, scenario.places, year, scenario.sources)
        evidence = evidence.override(figures)
    if further is not None:
        evidence = evidence.override(further)
    asked = scenario
    if options:  # an option that is given stands on no line of the file
        places = {key: place for key, place in scenario.key_places.items() if key not in options}
        asked = replace(scenario, options={**scenario.options, **options}, key_places=places)
    model = apply_options(declared, asked)
    study = Study(until(model, evidence, asked), evidence, asked)
    if asked.implied is not None:
        from costeff.analysis.implied import spread_implied

        study, _ = spread_implied(study, asked)
    return study


def until(model: Model, evidence: Evidence, scenario: Scenario) -> Model:
    """The model over a horizon written 'to STATE': whole years until everyone's deadline to that state has passed."""
    state = horizon_state(scenario)
    if state is None:
        return model
    from costeff.compile.horizon import cycles_to

    base = {name: np.array([value]) for name, value in evidence.base().items()}
    return model.with_horizon(cycles_to(model, base, dict(evidence.tables), state))


@dataclass(frozen=True)
class Study:
    """A checked model, its evidence at the analysis price year, and the scenario's settings."""

    model: Model
    evidence: Evidence
    scenario: Scenario

    def __post_init__(self) -> None:
        check_against(self.model, self.evidence)
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

    def describe(self, language: str = "en") -> str:
        """What a reviewer would check: states, clocks, transitions, flows, every parameter and assumption."""
        return describe(self.model, self.evidence, language)

    def _repr_html_(self) -> str:
        return describe_html(self.model, self.evidence)

    def run(
        self,
        individuals: int | None = None,
        seed: int | None = None,
        *,
        values: Mapping[str, float] | None = None,
        engine: str | None = None,
        threads: int | None = None,
        progress: bool | None = None,
    ) -> Result:
        """The base case: every parameter at its stated value (`values` changes some), one draw of many individuals.

        `values` are at the prices of the study, and stand in the result's evidence as set by a program.
        """
        base = self.evidence.base() | dict(values or {})
        draws = {name: np.array([value]) for name, value in base.items()}
        people = BASE_INDIVIDUALS if individuals is None else individuals
        stated = self
        if values:
            figures = Changes(dict(values), Setter("program", "run"))
            stated = Study(self.model, self.evidence.override(figures), self.scenario)
        return stated._simulate(draws, people, self._seed(seed), engine, threads, progress, "base")

    def draw(self, draws: int, seed: int, method: str = "random", replicates: int = 1) -> xr.Dataset:
        """Parameter sets over `draw`, without a simulation."""
        return self.evidence.draw(draws, seed, method, replicates)

    def psa(
        self,
        draws: int | None = None,
        individuals: int | None = None,
        seed: int | None = None,
        *,
        values: Given | None = None,
        method: str | None = None,
        replicates: int | None = None,
        target_error: float | None = None,
        perspective: str | None = None,
        wtp: float | None = None,
        maximum: int | None = None,
        batch: int | None = None,
        engine: str | None = None,
        threads: int | None = None,
        progress: bool | None = None,
    ) -> Result:
        """Probabilistic sensitivity analysis: `draws` parameter sets, `individuals` new people in each.

        Defaults come from the scenario. The same seed gives the same numbers for any `threads`. Latin hypercube and
        Sobol draws are made of `replicates` designs (8 to 16 unless given), from which Monte Carlo errors come.

        `values`: parameters that were drawn elsewhere (a posterior, another program), as a mapping of names to columns,
        a DataFrame or the path of a table, one row per draw, at the prices of the study; a column `draw` is passed
        over. The others are drawn as usual. What is drawn jointly is given whole.

        `target_error`: draws are added in batches of `batch` (128) until the Monte Carlo error of the incremental net
        benefit at `wtp`, or of the net cost where none is stated, is no larger under `perspective`, or until there
        are `maximum` (20,000), which warns; `result.stop` says what was reached.
        """
        asked = self.scenario.run
        if target_error is None and (perspective, wtp, maximum, batch) != (None,) * 4:
            raise ScenarioError(
                "perspective, wtp, maximum and batch are for target_error", way_out="give target_error"
            )
        if target_error is not None and (draws, replicates) != (None, None):
            given = f"draws={draws}" if draws is not None else f"replicates={replicates}"
            raise ScenarioError(
                "a run to a target error decides how many draws it needs", value=given,
                way_out="give maximum= instead",
            )  # fmt: skip
        number = draws if draws is not None else int(asked.get("draws", DRAWS))
        people = individuals if individuals is not None else int(asked.get("individuals", INDIVIDUALS))
        if number < 2:
            raise ScenarioError(
                "a probabilistic analysis needs draws",
                value=number,
                rule="at least 2",
                way_out="or use run()",
            )
        if people < 1:
            raise ScenarioError("no individuals to simulate", value=people, rule="at least 1")
        chosen = method or str(asked.get("method", "random"))
        start = self._seed(seed)
        if values is not None:
            return self._with_values(
                values, draws, people, start, method, target_error, engine, threads, progress
            )
        if target_error is not None:
            return until_error(
                self, target_error, perspective=perspective, wtp=wtp, maximum=maximum, batch=batch,
                method=chosen, individuals=people, seed=start, threads=threads,
                engine=engine or str(self.scenario.options.get("engine", "microsim")),
                progress=sys.stderr.isatty() if progress is None else progress,
            )  # fmt: skip
        self._check_size(number, people, engine)
        blocks = replicates_of(chosen, number, replicates)
        dataset = self.evidence.draw(number, start, chosen, blocks or 1)
        drawn = {str(name): np.asarray(values) for name, values in dataset.data_vars.items()}
        return self._simulate(drawn, people, start, engine, threads, progress, chosen, blocks)

    def _with_values(
        self,
        values: Given,
        draws: int | None,
        people: int,
        seed: int,
        method: str | None,
        target_error: float | None,
        engine: str | None,
        threads: int | None,
        progress: bool | None,
    ) -> Result:
        """The analysis on parameters that were drawn elsewhere, the others drawn at random."""
        from costeff.analysis.given_values import given_values, stated

        given = given_values(self.evidence, values)
        number = len(next(iter(given.values())))
        for name, value, right in (
            ("draws", draws, number), ("method", method, "random"), ("target_error", target_error, None),
        ):  # fmt: skip
            if value not in (None, right):
                raise ScenarioError(
                    f"{name}= does not go with the draws that are given", value=value,
                    rule=f"values= holds {number} draws, each taken as it is", way_out=f"leave out {name}=",
                )  # fmt: skip
        self._check_size(number, people, engine)
        drawn = {
            str(name): np.asarray(column)
            for name, column in self.evidence.draw(number, seed).data_vars.items()
        }
        told = Study(self.model, stated(self.evidence, given), self.scenario)
        return told._simulate({**drawn, **given}, people, seed, engine, threads, progress, "random")

    def _check_size(self, draws: int, individuals: int, engine: str | None) -> None:
        """Refuse a run that is too large before its parameters are drawn."""
        from costeff.compile.run_size import check_run_size, run_size

        chosen = engine or str(self.scenario.options.get("engine", "microsim"))
        many = len(self.evidence.parameters)
        check_run_size(run_size(self.model, draws, individuals, engine=chosen, parameters=many))

    def one_way(self, perspective: str | None = None, **options: Any) -> pd.DataFrame:
        """Tornado table; bounds from each distribution's interval. Options: `costeff.sensitivity.one_way.one_way`."""
        from costeff.sensitivity.one_way import one_way

        return one_way(self, perspective, **options)

    def two_way(self, first: str, second: str, perspective: str | None = None, **options: Any) -> xr.Dataset:
        """Results and decisions on a grid of two parameters. Options: `costeff.sensitivity.two_way.two_way`."""
        from costeff.sensitivity.two_way import two_way

        return two_way(self, first, second, perspective, **options)

    def threshold(
        self, parameter: str | Sequence[str], perspective: str | None = None, **options: Any
    ) -> Threshold:
        """Where a perspective breaks even, by root finding. Options: `costeff.sensitivity.threshold_search.threshold`."""
        from costeff.sensitivity.threshold_search import threshold

        return threshold(self, parameter, perspective, **options)

    def scenario_table(self, scenarios: Sequence[str | Study], **options: Any) -> pd.DataFrame:
        """Base cases of this study and of other scenarios side by side: `costeff.sensitivity.scenarios`."""
        from costeff.sensitivity.scenarios import scenario_table

        others = [one if isinstance(one, Study) else load(one) for one in scenarios]
        return scenario_table([self, *others], **options)

    def histories(
        self,
        individuals: int | None = None,
        seed: int | None = None,
        *,
        draw: int | None = None,
        values: Given | None = None,
    ) -> pd.DataFrame:
        """Individual lives, one row per sojourn: see `costeff.simulation.histories.simulate_histories` for the columns.

        `draw` None: every parameter at its stated value, the lives of `run`. `draw=k`: parameter set k of
        `psa(..., method="random")` with the same seed, and the very lives counted there; with the same `values` where
        `psa` was given some. `result.histories` gives the lives of a result, however its draws were made.
        """
        from costeff.analysis.lives import history_settings
        from costeff.simulation.histories import simulate_histories

        chosen, people, start, keys = history_settings(self, individuals, seed, draw, values)
        return simulate_histories(self.model, chosen, self.tables, individuals=people, seed=start, keys=keys)

    def gsa(self, method: str = "sobol", **asked: Any) -> GlobalSensitivity:
        """What drives a result: Sobol indices, Morris' effects, or PAWN or regression on a PSA; see docs/decisions.md.

        `asked`: perspective (default: the model's first), effect, result (one of economics.RESULTS; default
        incremental net benefit at the scenario's wtp, else incremental cost), strategy, wtp, size (Sobol base points, a
        power of 2; Morris trajectories; draws of a PSA), individuals, seed, engine, threads, progress.
        """
        from costeff.sensitivity.global_search import gsa

        return gsa(self, method, **asked)

    def subgroups(self, attribute: str, perspective: str | None = None, **asked: Any) -> Subgroups:
        """The PSA for each category of an attribute, under a perspective (default: the model's first).

        Name to (share by draw, Evaluation); see `study.subgroups`.
        """
        from costeff.cea.subgroups import subgroups

        return subgroups(self, attribute, perspective, **asked)

    @property
    def seed(self) -> int:
        """The scenario's seed."""
        return int(self.scenario.run.get("seed", SEED))

    def _seed(self, seed: int | None) -> int:
        return self.seed if seed is None else seed

    def _simulate(
        self,
        draws: Mapping[str, np.ndarray],
        individuals: int,
        seed: int,
        engine: str | None,
        threads: int | None,
        progress: bool | None,
        method: str,
        replicates: int | None = None,
    ) -> Result:
        from costeff.simulation.simulate import simulate

        show = sys.stderr.isatty() if progress is None else progress
        chosen = engine or str(self.scenario.options.get("engine", "microsim"))
        simulated = simulate(
            self.model, draws, self.tables, individuals=individuals, seed=seed, threads=threads,
            engine=chosen, progress=show,
        )  # fmt: skip
        return Result(self, dict(draws), simulated, individuals, seed, method, replicates)

    @property
    def tables(self) -> dict[str, Any]:
        """Look-up tables by name."""
        return dict(self.evidence.tables)
