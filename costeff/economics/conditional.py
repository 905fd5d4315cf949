"""Deterministic questions put to draws that exist already: conditional means by regression, for PSA tables.

A model that is not at hand cannot be run at another value, but its draws tell the mean result *given* a value. That is
not the result with the others at base values: parameters that are correlated with it move along, and the rest is
averaged over. It can be asked only where there are draws.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from costeff.economics.dsa import Decision, decision, tornado_table, with_decisions
from costeff.economics.dust import cleared
from costeff.economics.evppi_fit import Fit, Regression
from costeff.economics.net_benefit import increments
from costeff.economics.threshold import Threshold, root, roots, search
from costeff.errors import ResultError, ScenarioError

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from costeff.economics.evaluation import Evaluation

Floats = NDArray[np.float64]
FEWEST = 50
"""Draws below which a regression is refused."""


@dataclass(frozen=True, eq=False)
class Given:
    """Means given values of some parameters, (row, strategy) as increments against the comparator (its own are 0)."""

    cost: Floats
    gain: Floats
    result: Floats
    """(row,): the measure for the compared strategy."""
    weights: Floats
    """(row, column): how the error of the fit enters each row, in units of the result."""

    @property
    def mcse(self) -> Floats:
        """(row,): standard error of the result."""
        return np.asarray(np.sqrt((self.weights**2).sum(axis=1)))

    def span_mcse(self) -> float:
        """Standard error of the last row's result less the first one's."""
        return float(np.sqrt(((self.weights[-1] - self.weights[0]) ** 2).sum()))


class Conditional:
    """Regressions of one evaluation on groups of parameters; `wtp` None: net cost, else net benefit.

    Raises ResultError for an unknown strategy or parameter or fewer than 50 draws, ScenarioError for a `wtp` out of
    range.
    """

    def __init__(self, evaluation: Evaluation, wtp: float | None = None, strategy: str | None = None) -> None:
        others = evaluation.alternatives
        if evaluation.draws < FEWEST:
            raise ResultError(
                "too few draws for conditional means", value=evaluation.draws, rule=f"at least {FEWEST}",
                way_out="run more draws, or give a scenario, which can be run at any value",
            )  # fmt: skip
        if not others:
            raise ResultError(
                "there is one strategy, and nothing to compare it with", value=evaluation.comparator,
                rule="a result here is the difference from the comparator", way_out="give two strategies or more",
            )  # fmt: skip
        if strategy is not None and strategy not in others:
            raise ResultError(
                "unknown strategy to compare", value=strategy, rule=f"strategies: {', '.join(others)}",
                way_out="name one of them",
            )  # fmt: skip
        if wtp is not None and not (np.isfinite(wtp) and wtp >= 0):
            raise ScenarioError(
                "willingness to pay is out of range", value=wtp, rule="finite and not negative"
            )
        self.evaluation, self.wtp, self.strategy = evaluation, wtp, strategy or others[-1]
        self.cost = increments(evaluation.cost, evaluation.comparator_index)
        self.gain = increments(evaluation.gain, evaluation.comparator_index)
        self.own = others.index(self.strategy)

    def column(self, name: str) -> Floats:
        """The draws of a parameter that varies. Raises ResultError for another."""
        known = self.evaluation.parameters
        if name not in known or np.ptp(known[name]) == 0:
            raise ResultError(
                "this parameter does not vary between the draws" if name in known else "unknown parameter", value=name,
                rule=f"parameters that vary: {', '.join(n for n, v in known.items() if np.ptp(v) > 0) or 'none'}",
                way_out="name one of them; a table's parameters stand in their own columns or in --parameters TABLE",
            )  # fmt: skip
        return known[name]

    def at(self, names: Sequence[str], values: Floats) -> Given:
        """Means given `values` (row, name)."""
        return self.fitted(names)(values)

    def fitted(self, names: Sequence[str]) -> Callable[[Floats], Given]:
        """The regressions on `names`, to be asked for any values."""
        points = np.column_stack([self.column(name) for name in names])
        none = np.zeros_like(self.cost)
        spent = Regression(points, none, -self.cost)
        gained = Regression(points, self.gain, none)
        whole = Regression(points, none if self.wtp is None else self.gain, self.cost)
        fits = (spent.fit(1.0), gained.fit(1.0), whole.fit(0.0 if self.wtp is None else self.wtp))
        sign = -1.0 if self.wtp is None else 1.0

        def given(values: Floats) -> Given:
            rows = len(values)
            cost = np.tile(self.cost.mean(axis=0), (rows, 1)) if fits[0] is None else fits[0].at(values)
            gain = np.tile(self.gain.mean(axis=0), (rows, 1)) if fits[1] is None else fits[1].at(values)
            if fits[2] is None:
                fixed = (0.0 if self.wtp is None else self.wtp * gain) - cost
                return Given(cost, gain, sign * fixed[:, self.own], np.zeros((rows, 1)))
            weights = fits[2].smoother.at(values) * fits[2].kept
            # the columns hold the constant too
            return Given(cost, gain, sign * fits[2].at(values)[:, self.own], weights @ self._luck(fits[2]))

        return given

    def _luck(self, fit: Fit) -> Floats:
        """(p, column): how the luck of the draws moves the columns' coefficients, by replicate where draws lie in them.

        The rows' products are the coefficients' covariance: that of independent residuals, each of its own size (a
        sandwich, MacKinnon and White's HC2), or that between replicates. A single replicate tells none (NaN).
        """
        columns, residual = fit.smoother.columns, fit.residual[:, self.own]
        blocks = self.evaluation.replicates
        if blocks is None:
            leverage = np.minimum(fit.smoother.squares @ fit.kept, 0.99)
            moved = columns * (residual / np.sqrt(1 - leverage))[:, None]
            size, axes = np.linalg.eigh(moved.T @ moved)
            return np.asarray(axes * np.sqrt(np.maximum(size, 0.0)))
        if blocks == 1:
            return np.full((columns.shape[1], 1), np.nan)
        moved = (columns * residual[:, None]).reshape(blocks, -1, columns.shape[1]).sum(axis=1)
        return np.asarray((moved - moved.mean(axis=0)).T * np.sqrt(blocks / (blocks - 1)))

    def mean(self) -> float:
        """The measure in the mean over all draws."""
        cost, gain = self.cost[:, self.own].mean(), self.gain[:, self.own].mean()
        return float(cost if self.wtp is None else self.wtp * gain - cost)

    def decide(self, cost: Floats, gain: Floats) -> Decision:
        """The decision from increments of the strategies beside the comparator."""
        names = (self.evaluation.comparator, *self.evaluation.alternatives)
        spent, gained = np.append(0.0, cost), np.append(0.0, gain)
        return decision(names, self.evaluation.comparator, self.strategy, spent, gained, self.wtp)

    def about(self) -> dict[str, object]:
        """What travels with every table."""
        e = self.evaluation
        who, money = e.label or e.perspective, e.currency
        worth = f"{self.wtp:,.10g} {money} per {e.effect_unit}" if self.wtp is not None else ""
        english = f"Incremental net benefit at {worth}" if worth else "Incremental net cost"
        danish = f"Ekstra nettogevinst ved {worth}" if worth else "Meromkostning"
        return {
            "measure": "net_cost" if self.wtp is None else "net_benefit",
            "measure_en": f"{english}: {who} ({money} per individual)",
            "measure_da": f"{danish}: {who} ({money} pr. borger)",
            "perspective": e.perspective, "strategy": self.strategy, "comparator": e.comparator,
            "effect": e.effect_name, "wtp": self.wtp, "currency": money, "price_year": e.price_year,
            "draws": e.draws, "simulations": 0, "conditional": True,
        }  # fmt: skip


def conditional_one_way(
    evaluation: Evaluation,
    names: Sequence[str] | None = None,
    *,
    wtp: float | None = None,
    level: float = 0.95,
    strategy: str | None = None,
) -> pd.DataFrame:
    """The mean result given each parameter at the ends of its central interval among the draws, widest first.

    Columns and attrs as a study's `one_way`; the base is the mean over all draws, and `mcse` the error of the span.
    """
    if not 0 < level < 1:
        raise ScenarioError("the level of the intervals is out of range", value=level, rule="0 < level < 1")
    ask = Conditional(evaluation, wtp, strategy)
    varying = [name for name, drawn in evaluation.parameters.items() if np.ptp(drawn) > 0]
    chosen = list(names) if names is not None else varying
    if not chosen:
        raise ResultError("no parameter varies between the draws", way_out="give parameters=, a second table")
    shown: dict[str, dict[str, tuple[float, float]]] = {"low": {}, "high": {}}
    decided: dict[str, dict[str, Decision]] = {"low": {}, "high": {}}
    errors = {}
    for name in chosen:
        ends = np.quantile(ask.column(name), [(1 - level) / 2, (1 + level) / 2])
        given = ask.at([name], ends[:, None])
        for i, end in enumerate(shown):
            shown[end][name] = (float(ends[i]), float(given.result[i]))
            decided[end][name] = ask.decide(given.cost[i], given.gain[i])
        errors[name] = given.span_mcse()
    base = ask.decide(ask.cost.mean(axis=0), ask.gain.mean(axis=0))
    table = with_decisions(
        tornado_table(ask.mean(), shown["low"], shown["high"]), base, decided["low"], decided["high"]
    )
    table["members"], table["joint"], table["needs_simulation"] = 1, False, False
    table["mcse"] = [errors[name] for name in table["name"]]
    table.attrs |= ask.about() | {"base": ask.mean(), "level": level}
    return table


def conditional_two_way(
    evaluation: Evaluation,
    first: str,
    second: str,
    *,
    wtp: float | None = None,
    grid: int = 9,
    level: float = 0.95,
    values: Mapping[str, Sequence[float]] | None = None,
    strategy: str | None = None,
) -> xr.Dataset:
    """The mean result given each pair of values over the central intervals; variables as a study's `two_way`.

    `values` gives the values of a parameter itself; they are refused outside the draws.
    """
    import xarray as xr

    ask = Conditional(evaluation, wtp, strategy)
    if first == second or grid < 2:
        raise ScenarioError(
            "a grid needs two parameters and two values of each", value=f"{first}, {second}, {grid}"
        )
    axes = {
        name: _axis(ask.column(name), name, (values or {}).get(name), grid, level) for name in (first, second)
    }
    rows, columns = axes.values()
    points = np.column_stack([np.repeat(rows, len(columns)), np.tile(columns, len(rows))])
    given = ask.at([first, second], points)
    shape = (len(rows), len(columns))
    found = [ask.decide(c, g) for c, g in zip(given.cost, given.gain, strict=True)]
    base = ask.decide(ask.cost.mean(axis=0), ask.gain.mean(axis=0))
    about = ask.about() | {
        "base": ask.mean(), "base_preferred": base.preferred, "held": [],
        "base_first": float(ask.column(first).mean()), "base_second": float(ask.column(second).mean()),
    }  # fmt: skip
    return xr.Dataset(
        {
            "result": ((first, second), given.result.reshape(shape)),
            "mcse": ((first, second), given.mcse.reshape(shape)),
            "preferred": ((first, second), np.array([d.preferred for d in found]).reshape(shape)),
            "quadrant": ((first, second), np.array([d.quadrant for d in found]).reshape(shape)),
        },
        {first: rows, second: columns},
        attrs=about,
    )


def conditional_threshold(
    evaluation: Evaluation,
    parameter: str,
    *,
    wtp: float | None = None,
    target: float = 0.0,
    low: float | None = None,
    high: float | None = None,
    points: int = 41,
    strategy: str | None = None,
) -> Threshold:
    """Where the mean result given a parameter equals `target`, within the middle 99 % of the draws or `low`, `high`."""
    ask = Conditional(evaluation, wtp, strategy)
    drawn = ask.column(parameter)
    ends = np.quantile(drawn, [0.005, 0.995])
    first = float(ends[0]) if low is None else low
    last = float(ends[1]) if high is None else high
    values = search(first, last, points)
    _inside(drawn, parameter, values)
    given = ask.fitted([parameter])

    def function(x: float) -> float:
        return float(given(np.array([[x]])).result[0]) - target

    curve = given(values[:, None])
    left = cleared(curve.result - target, np.maximum(np.abs(curve.result), abs(target))).tolist()
    found = roots(function, values.tolist(), left, tolerance=1e-10 * (last - first))
    near = 0.01 * (last - first)
    made = []
    for x in found:
        error = float(given(np.array([[x]])).mcse[0])
        made.append(root(function, x, max(x - near, first), min(x + near, last), error))
    import pandas as pd

    return Threshold(
        (parameter,), "", first, last, target, tuple(made),
        pd.DataFrame({"value": values, "result": curve.result, "mcse": curve.mcse}),
        base_value=float(drawn.mean()), base_result=ask.mean(),
        attrs=ask.about() | {"held": [], "everywhere": not np.any(left)},
        share_below=tuple(float((drawn < r.value).mean()) for r in made),
        interval=(float(np.quantile(drawn, 0.025)), float(np.quantile(drawn, 0.975))),
    )  # fmt: skip


def _axis(drawn: Floats, name: str, values: Sequence[float] | None, grid: int, level: float) -> Floats:
    if values is None:
        low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
        return np.linspace(float(low), float(high), grid)
    given = np.asarray(values, np.float64)
    if given.ndim != 1 or len(given) < 2 or not (np.diff(given) > 0).all():
        raise ScenarioError(
            f"the values of '{name}' make no grid", value=list(values), rule="two or more, rising"
        )
    _inside(drawn, name, given)
    return given


def _inside(drawn: Floats, name: str, values: Floats) -> None:
    low, high = float(drawn.min()), float(drawn.max())
    if not (low <= values[0] and values[-1] <= high):
        raise ResultError(
            f"draws of '{name}' do not reach so far", value=f"{values[0]:g} to {values[-1]:g}",
            rule=f"drawn from {low:g} to {high:g}; a regression says nothing outside",
            way_out="ask within the draws, or give a scenario, which can be run at any value",
        )  # fmt: skip
