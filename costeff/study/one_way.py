"""One-way sensitivity: each uncertain parameter at the ends of its 95 % interval, the others at their base values.

All points share the same people and the same luck. Parameters that only price are re-priced without a new simulation.
Members of jointly estimated groups are not varied one by one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from costeff.compile.environment import parameter_environment
from costeff.economics import tornado_table
from costeff.ledger import cost, effects, flows
from costeff.model import simulation_names
from costeff.run import Simulated, simulate
from costeff.study.tables import pair

if TYPE_CHECKING:
    from costeff.study.result import Result


def tornado(result: Result, perspective: str, individuals: int) -> pd.DataFrame:
    """Increment of net benefit at the scenario's `wtp.at`, else of net cost, for `perspective`.

    Columns as `economics.tornado_table`. The base value is in `attrs["base"]`, what it is on in `attrs["outcome"]`.
    """
    outcomes = _Outcomes(result, individuals)
    base, low, high = outcomes.of(perspective)
    table = tornado_table(base, low, high)
    at = outcomes.wtp
    outcome = "net_benefit" if at is not None else "net_cost"
    table.attrs |= {"base": base, "outcome": outcome, "perspective": perspective}
    return table


def varied(result: Result) -> dict[str, tuple[float, float]]:
    """The parameters that are varied and the ends of their 95 % intervals."""
    found = {}
    for name, parameter in result.study.evidence.parameters.items():
        if parameter.fixed or parameter.group is not None:
            continue
        low, high = parameter.interval()
        if low < high:
            found[name] = (float(low), float(high))
    return found


class _Outcomes:
    """All points of the one-way analysis, simulated in one run."""

    def __init__(self, result: Result, individuals: int) -> None:
        self.result, self.model = result, result.model
        scenario = result.study.scenario
        self.wtp = scenario.wtp.at if scenario.wtp else None
        self.base = dict(result.study.evidence.base())
        self.points = {
            (name, end): value
            for name, ends in varied(result).items()
            for end, value in zip(("low", "high"), ends, strict=True)
        }
        needs = simulation_names(self.model)
        self.simulated_points = [p for p in self.points if p[0] in needs]
        self.priced_points = [p for p in self.points if p[0] not in needs]
        self.run = self._simulate(individuals)

    def _columns(self, points: list[tuple[str, str]]) -> dict[str, np.ndarray]:
        """Parameter columns: the base case, then one row per point."""
        columns = {name: np.full(len(points) + 1, value) for name, value in self.base.items()}
        for row, (name, end) in enumerate(points, start=1):
            columns[name][row] = self.points[name, end]
        return columns

    def _simulate(self, individuals: int) -> Simulated:
        columns = self._columns(self.simulated_points)
        keys = np.zeros(len(self.simulated_points) + 1, np.uint64)
        return simulate(
            self.model,
            columns,
            self.result.study.tables,
            individuals=individuals,
            seed=self.result.seed,
            keys=keys,
        )

    def _values(self, columns: Mapping[str, np.ndarray], rows: np.ndarray, perspective: str) -> np.ndarray:
        """Outcome for each row, with the quantities of the simulated `rows`."""
        from costeff.quantities import pick

        model, where = self.model, self.run.layout
        quantities = pick(self.run.quantities, rows)
        env = parameter_environment(model, columns, self.result.study.tables, len(rows))
        money = flows(model, where, env, quantities)
        view = model.find("perspectives", perspective)
        costs = cost(view, money, env, self.run.layer_cost).sum(axis=-1)
        comparator, other = pair(self.result)
        if self.wtp is None:
            return np.asarray(costs[:, other] - costs[:, comparator])
        gained = effects(model, where, env, quantities, self.run.layer_effect)
        declared = self.result.effect(self.result.main_effect)
        sign = 1 if declared.better == "more" else -1
        gain = sign * gained.value[:, :, gained.names.index(declared.name)]
        return np.asarray(
            self.wtp * (gain[:, other] - gain[:, comparator]) - (costs[:, other] - costs[:, comparator])
        )

    def of(
        self, perspective: str
    ) -> tuple[float, dict[str, tuple[float, float]], dict[str, tuple[float, float]]]:
        """(base, low, high): the base value and, by parameter, (value, outcome) at either end."""
        simulated = self._values(
            self._columns(self.simulated_points), np.arange(len(self.simulated_points) + 1), perspective
        )
        priced = self._values(
            self._columns(self.priced_points), np.zeros(len(self.priced_points) + 1, int), perspective
        )
        found: dict[str, dict[str, tuple[float, float]]] = {"low": {}, "high": {}}
        for points, values in ((self.simulated_points, simulated), (self.priced_points, priced)):
            for (name, end), value in zip(points, values[1:], strict=True):
                found[end][name] = (self.points[name, end], float(value))
        return float(simulated[0]), found["low"], found["high"]
