"""Result: quantities of one run with everything that can be read off them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from costeff.api_evaluation import Evaluation
from costeff.cea.decision_matrix import decision_matrix
from costeff.compile.environment import parameter_environment
from costeff.errors import ResultError, ScenarioError
from costeff.evidence.problems import closest
from costeff.ledger import Effects, Flows, cost, effects, flows, rounding
from costeff.model import Effect, Model

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from numpy.typing import ArrayLike

    from costeff.analysis.stopping import Stop
    from costeff.analysis.study import Study
    from costeff.simulation.simulate import Simulated
    from costeff.voi.trial_value import StudyValue

MOST_NAMES = 6
"""Perspectives that the short text of a result names."""


@dataclass(frozen=True, eq=False)
class Result:
    """One run. Money is per individual; arrays are (draw, strategy, ...) in the model's order of strategies."""

    study: Study
    draws: Mapping[str, np.ndarray]
    simulated: Simulated
    individuals: int
    seed: int
    method: str
    replicates: int | None = None
    """Designs that the draws are made of (Latin hypercube, Sobol); None for independent draws."""
    stop: Stop | None = None
    """What a run to a target error reached; None for a fixed number of draws."""

    def __repr__(self) -> str:
        names = [p.name for p in self.model.perspectives]
        more = [f"and {len(names) - MOST_NAMES} more"] if len(names) > MOST_NAMES else []
        return (
            f"Result: scenario {self.study.scenario.name}, draws: {self.size}, individuals: {self.individuals}, "
            f"seed: {self.seed}, {self.simulated.engine}\n"
            f"  strategies: {', '.join(self.strategies)}; "
            f"perspectives: {', '.join(names[:MOST_NAMES])} {' '.join(more)}".rstrip()
        )

    @property
    def model(self) -> Model:
        return self.study.model

    @property
    def strategies(self) -> tuple[str, ...]:
        return self.model.strategy_names

    @property
    def size(self) -> int:
        """Number of draws."""
        return self.simulated.quantities.draws

    @cached_property
    def environment(self) -> dict[str, Any]:
        """Values that formulas may name, one row per draw."""
        return parameter_environment(self.model, self.draws, self.study.tables, self.size)

    @cached_property
    def flows(self) -> Flows:
        s = self.simulated
        return flows(self.model, s.layout, self.environment, s.quantities, s.layer_cost, s.threads)

    @cached_property
    def effects(self) -> Effects:
        s = self.simulated
        return effects(self.model, s.layout, self.environment, s.quantities, s.layer_effect)

    @property
    def halves(self) -> bool:
        """True when both halves of the individuals are equally many, so that noise can be measured."""
        first, second = self.simulated.quantities.size
        return bool(first == second)

    def histories(self, draw: int = 0) -> pd.DataFrame:
        """The lives that were counted in one draw, one row per sojourn: see `costeff.simulation.histories.simulate_histories`.

        Parameters
        ----------
        draw : int
            Number of the draw, from 0; a base case has one.

        Raises
        ------
        ScenarioError
            For a draw that the result does not hold, and for the shares of a cohort, which are no lives.
        """
        from costeff.analysis.lives import check_draw
        from costeff.simulation.histories import simulate_histories

        if self.simulated.engine == "cohort":
            raise ScenarioError(
                "a cohort counts shares of people, not lives", value=self.simulated.engine,
                rule="a history is one person's", way_out="run with engine='microsim'",
            )  # fmt: skip
        check_draw(draw, self.size, f"the result of scenario {self.study.scenario.name}")
        values = {name: np.asarray(column)[draw : draw + 1] for name, column in self.draws.items()}
        return simulate_histories(
            self.model, values, self.study.tables, individuals=self.individuals, seed=self.seed,
            keys=np.array([draw], np.uint64),
        )  # fmt: skip

    def replicates_known(self, half: bool) -> int | None:
        """Designs of the draws. One draw of lives without halves is one design: its luck is there, and not measured."""
        alone = self.size == 1 and not half and self.simulated.engine != "cohort"
        return 1 if alone and self.replicates is None else self.replicates

    def effect(self, name: str) -> Effect:
        """The declared effect; ResultError naming the known ones."""
        known = {e.name: e for e in self.model.effects}
        if name not in known:
            way_out = closest(name, known, "name one of them")
            raise ResultError(
                "unknown effect", value=name, rule=f"effects: {', '.join(known)}", way_out=way_out
            )
        return known[name]

    @property
    def main_effect(self) -> str:
        """The scenario's effect, else the one that its willingness to pay is for, else the first declared."""
        return self.study.main_effect

    def perspective(self, name: str | None = None, effect: str | None = None) -> Evaluation:
        """Discounted cost of a perspective (default: the model's first) and an effect, by draw and strategy."""
        name = self.model.perspective_name(name)
        known = {p.name: p for p in self.model.perspectives}
        if name not in known:
            raise ResultError("unknown perspective", value=name, rule=f"perspectives: {', '.join(known)}")
        declared = self.effect(effect or self.main_effect)
        at = self.effects.names.index(declared.name)
        layer = self.simulated.layer_cost
        half = self.halves and self.flows.half is not None and self.effects.half is not None
        conventions = self.model.conventions
        return Evaluation(
            perspective=name,
            effect_name=declared.name,
            strategies=self.strategies,
            comparator=self.model.comparator,
            cost=cost(known[name], self.flows, self.environment, layer).sum(axis=-1),
            effect=self.effects.value[:, :, at],
            cost_half=cost(known[name], self.flows, self.environment, layer, half=True).sum(axis=-1)
            if half
            else None,
            effect_half=self.effects.half[..., at] if half and self.effects.half is not None else None,
            parameters=self.draws,
            currency=conventions.currency,
            effect_unit=declared.unit,
            price_year=conventions.price_year,
            label=known[name].label.en,
            effect_sign=1 if declared.better == "more" else -1,
            replicates=self.replicates_known(half),
            rounding=rounding(known[name], self.flows, self.environment, layer) if half else 0.0,
            attrs={"labels": {s.name: s.label for s in self.model.strategies}},
            simulated=True,
        )

    def study_value(
        self,
        design: str,
        wtp: ArrayLike,
        perspective: str | None = None,
        effect: str | None = None,
        **more: Any,
    ) -> StudyValue:
        """EVSI and ENBS of a declared study, by a shipped name or a file; see costeff.voi.trial_value.study_value."""
        from costeff.voi.trial_file import read_design
        from costeff.voi.trial_value import study_value

        wanted = np.atleast_1d(np.asarray(wtp, float)).tolist()
        return study_value(self, read_design(design), self.perspective(perspective, effect), wanted, **more)

    def decision_matrix(
        self, wtp: ArrayLike | None = None, perspectives: Sequence[str] = (), effect: str | None = None
    ) -> xr.Dataset:
        """The preferred strategy of each perspective (default: all) at each wtp; see economics.decision_matrix."""
        names = perspectives or [p.name for p in self.model.perspectives]
        return decision_matrix({name: self.perspective(name, effect) for name in names}, wtp)

    def cost_by_year(self, name: str) -> np.ndarray:
        """Undiscounted cost of a perspective, (draw, strategy, year)."""
        return cost(self.model.find("perspectives", name), self.flows, self.environment, 0)

    @cached_property
    def trace(self) -> xr.DataArray:
        """Share of individuals in each state at each point of time: (strategy, state, cycle)."""
        import xarray as xr

        q = self.simulated.quantities
        share = q.trace / q.trace.sum(axis=1, keepdims=True)
        dims = ("strategy", "state", "cycle")
        coords = {"strategy": list(self.strategies), "state": list(self.model.state_names)}
        return xr.DataArray(
            share, dims=dims, coords={**coords, "cycle": np.arange(share.shape[-1])}, name="trace"
        )

    @cached_property
    def passages(self) -> xr.DataArray:
        """Share whose first passage began before each cycle: (passage, strategy, cycle), mean over draws."""
        import xarray as xr

        q = self.simulated.quantities
        counts = q.passages.sum(axis=(0, 2))[..., :-1]
        share = np.cumsum(counts, axis=-1) / (q.size.sum() * q.draws)
        share = np.concatenate([np.zeros((*share.shape[:-1], 1)), share[..., :-1]], axis=-1)
        names = [p.name for p in self.model.passages]
        coords = {"passage": names, "strategy": list(self.strategies), "cycle": np.arange(share.shape[-1])}
        by_passage = np.swapaxes(share, 0, 1)[: len(names)]
        return xr.DataArray(by_passage, dims=("passage", "strategy", "cycle"), coords=coords, name="passages")

    def parties(self) -> pd.DataFrame:
        """Who pays and who gains: discounted net cost per individual by party."""
        from costeff.analysis.result_tables import parties

        return parties(self)

    def items(self) -> pd.DataFrame:
        """Flows by item, payer and recipient, discounted."""
        from costeff.analysis.result_tables import items

        return items(self)

    def effects_table(self) -> pd.DataFrame:
        """Every effect by strategy, with increments, Monte Carlo errors and 95 % intervals."""
        from costeff.analysis.result_tables import effects_table

        return effects_table(self)

    def tornado(self, perspective: str | None = None, individuals: int = 2000) -> pd.DataFrame:
        """One-way sensitivity with this result's seed and engine, on one batch: see `costeff.sensitivity.one_way.one_way`."""
        from costeff.sensitivity.one_way import one_way

        engine, seed = self.simulated.engine, self.seed
        return one_way(
            self.study,
            perspective,
            individuals=individuals,
            batches=1,
            joint_draws=20,
            seed=seed,
            engine=engine,
        )

    def advice(
        self, perspective: str | None = None, wtp: float | None = None, **options: float | None
    ) -> pd.DataFrame:
        """How to split a run into draws and individuals, with this one as the pilot; see study.advice.advice."""
        from costeff.precision.advice_of_result import advice

        return advice(self, perspective, wtp, **options)

    def summary(self) -> dict[str, Any]:
        """The content of summary.json."""
        from costeff.study.summary import summary

        return summary(self)

    def report(self, path: str | os.PathLike[str], language: str = "en") -> None:
        """Write the self-contained HTML report."""
        from costeff.study.report.content_of_result import content
        from costeff.study.report.report import write_report

        write_report(content(self, language), path, language)

    def workbook(self, path: str | os.PathLike[str], language: str = "en") -> None:
        """Write the spreadsheet twin of the base case: inputs, quantities, and live formulas for every flow."""
        from costeff.reporting.workbook.content_of_result import workbook_content
        from costeff.reporting.workbook.write import write_workbook

        write_workbook(workbook_content(self), path, language)

    def write(self, folder: str | os.PathLike[str], language: str = "en") -> list[str]:
        """Write report, workbook, netCDF, tidy CSVs and summary.json; all of them or none. Returns the file names.

        A file of the same name that costeff did not write is renamed, which the log (logger `costeff`) says.
        """
        from costeff.study.writing import write

        written = write(self, folder, language)
        written.log()
        return written.names

    def _repr_html_(self) -> str:
        from costeff.study.pairwise_text import result_html

        return result_html(self)
