"""People, money and effects of a roll-out by year and municipality: reach times what one course costs and gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtri

from costeff.compile.discount import discount_factors
from costeff.errors import ScenarioError
from costeff.evidence.draw import uniforms
from costeff.model.rollout_plan import STAND_IN, UNITS, RolloutPlan
from costeff.numerics.reach import reach_by_year

if TYPE_CHECKING:
    from costeff.analysis.study import ResultData
    from costeff.model.elements import Perspective
    from costeff.model.formulas.expression import Expression

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Rollout:
    """What a roll-out reaches, costs and gives, against usual care for everybody.

    Attributes
    ----------
    plan : the section `rollout` of the scenario
    reach : mean share reached of those who could be, (D, M, Y)
    citizens : people who could be reached for the first time, (M,) a year
    fixed : what the payer pays whoever is reached: start-up, running and training, (D, M, Y)
    grant : what the payer is given by `grant_from`, (D, M, Y)
    cost : by perspective, extra cost of one citizen who is reached, over that citizen's course, (D,)
    effect : by effect of the model, extra effect of one citizen who is reached, (D,)
    discount : factor of each year to the first, (Y,)
    shared_by : perspectives that hold the payer and the giver of the grant: name to (payer, giver)
    """

    plan: RolloutPlan
    reach: Floats
    citizens: Floats
    fixed: Floats
    grant: Floats
    cost: dict[str, Floats]
    effect: dict[str, Floats]
    discount: Floats
    shared_by: dict[str, tuple[bool, bool]]
    figures: dict[str, Floats]

    @property
    def years(self) -> tuple[int, ...]:
        """Calendar years."""
        return tuple(range(self.plan.first_year, self.plan.first_year + self.plan.years))

    @property
    def reached(self) -> Floats:
        """People who are reached, (D, M, Y)."""
        return np.asarray(self.reach * self.citizens[:, None])

    def net_cost(self, perspective: str) -> Floats:
        """Extra cost of the roll-out by year in which people are reached, (D, M, Y), not discounted by that year.

        The course of each citizen counts in the year in which it begins, as the model discounts it.
        """
        pays, gives = self.shared_by[perspective]
        return np.asarray(
            self.reached * self.cost[perspective][:, None, None]
            + self.fixed * pays
            + self.grant * (float(gives) - float(pays))
        )

    def total(self, perspective: str) -> Floats:
        """Extra cost over all years and municipalities, discounted to the first year, (D,)."""
        return np.asarray((self.net_cost(perspective) * self.discount).sum(axis=(1, 2)))

    def gained(self, effect: str) -> Floats:
        """Extra effect over all years and municipalities, discounted to the first year, (D,)."""
        return np.asarray((self.reached * self.effect[effect][:, None, None] * self.discount).sum(axis=(1, 2)))

    def by_year(self, level: float = 0.95) -> pd.DataFrame:
        """One row per municipality and year: `municipality`, `year`, `reach` and its `lo` and `hi`, `reached`, `fixed`,
        `grant`, means over draws; money of one year, not discounted."""
        low, high = np.quantile(self.reach, [(1 - level) / 2, (1 + level) / 2], axis=0)
        rows = [
            {
                "municipality": place.name,
                "year": year,
                "reach": self.reach[:, m, y].mean(),
                "lo": low[m, y],
                "hi": high[m, y],
                "reached": self.reached[:, m, y].mean(),
                "fixed": self.fixed[:, m, y].mean(),
                "grant": self.grant[:, m, y].mean(),
            }
            for m, place in enumerate(self.plan.municipalities)
            for y, year in enumerate(self.years)
        ]
        return pd.DataFrame(rows)

    def by_perspective(self, level: float = 0.95) -> pd.DataFrame:
        """One row per perspective: mean extra cost in all with its error over draws (`mcse`), `lo`, `hi`, its part that
        is `fixed`, and the share of draws in which it `saves`; discounted."""
        rows = []
        for name, (pays, gives) in self.shared_by.items():
            total = self.total(name)
            fixed = ((self.fixed * pays + self.grant * (float(gives) - float(pays))) * self.discount).sum(axis=(1, 2))
            low, high = np.quantile(total, [(1 - level) / 2, (1 + level) / 2])
            rows.append(
                {
                    "perspective": name,
                    "cost": total.mean(),
                    "mcse": mean_error(total),
                    "lo": low,
                    "hi": high,
                    "fixed": fixed.mean(),
                    "saves": float((total < 0).mean()),
                }
            )
        return pd.DataFrame(rows)

    def slowest(self, perspective: str) -> float:
        """The longest time constant, in years, at which the programme costs the perspective nothing over the years.

        All other figures are at their means over draws, and every municipality has the mean reach. Infinity where any
        pace will do, NaN where none will: no ramp makes a course that costs more than it saves pay for itself.

        Raises
        ------
        ScenarioError
            For an unknown perspective.
        """
        if perspective not in self.shared_by:
            rule = f"perspectives: {', '.join(self.shared_by)}"
            raise ScenarioError("unknown perspective", value=perspective, rule=rule, way_out="name one of them")
        from scipy.optimize import brentq

        if self._cost_at(0.0, perspective) > 0:
            return float("nan")
        if self._cost_at(_SLOW, perspective) <= 0:
            return float("inf")
        return float(brentq(lambda constant: self._cost_at(constant, perspective), 0.0, _SLOW, xtol=1e-9))

    def _cost_at(self, constant: float, perspective: str) -> float:
        mean = {name: float(values.mean()) for name, values in self.figures.items()}
        pays, gives = self.shared_by[perspective]
        total = 0.0
        for m, place in enumerate(self.plan.municipalities):
            reach = reach_by_year(mean["ceiling"], constant, self.plan.years, **_ending(mean, place.ends))
            money = reach * self.citizens[m] * float(self.cost[perspective].mean())
            money = money + self.fixed[:, m].mean(axis=0) * pays
            money = money + self.grant[:, m].mean(axis=0) * (float(gives) - float(pays))
            total += float((money * self.discount).sum())
        return total


def mean_error(values: Floats) -> float:
    """Standard error of the mean of independent draws, 0 of a single one; what draws are spread over evenly has less.

    >>> mean_error(np.array([1.0, 3.0]))
    1.0
    """
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else 0.0


_SLOW = 1e4
"""Years; slower than this nobody is reached within a plan."""


def rollout(result: ResultData, plan: RolloutPlan | None = None) -> Rollout:
    """The roll-out of a scenario's programme on the draws of a result.

    It covers the perspectives that are plain sets of parties.

    Parameters
    ----------
    result : ResultData
        A run of the scenario: what a citizen's course costs and gives with the programme and without.
    plan : RolloutPlan, optional
        In the place of the scenario's.

    Raises
    ------
    ScenarioError
        Where the scenario has no roll-out.

    Notes
    -----
    Municipalities differ by random effects, addressed by their names: on the log odds of the ceiling and the logarithm
    of the time constant. So one more municipality leaves the luck of the others as it is.
    """
    chosen_plan = result.study.scenario.rollout if plan is None else plan
    if chosen_plan is None:
        raise ScenarioError(
            "this scenario says nothing of a roll-out",
            value=result.study.scenario.name,
            rule="a section `rollout` with reach by year and municipality",
            way_out="add `rollout:` to the scenario, as docs/followup_teams.md shows",
        )
    figures = _figures(result, chosen_plan)
    names = [one.name for one in chosen_plan.municipalities]
    reach = np.stack([_reach(result, chosen_plan, figures, m) for m in range(len(names))], axis=1)
    running = np.stack([_running(chosen_plan, figures, m) for m in range(len(names))], axis=1)
    at = result.strategies.index(chosen_plan.strategy)
    other = result.strategies.index(result.model.comparator)
    effects = result.effects
    members_by_view = {p.name: _members(p, chosen_plan) for p in result.model.perspectives if not p.filtered}
    start = np.zeros(chosen_plan.years)
    start[0] = 1
    project_years = np.stack([_project(chosen_plan, m) for m in range(len(names))])
    has_people = np.array([one.citizens > 0 for one in chosen_plan.municipalities], float)[:, None]
    once = figures["start_up"] + figures["training"]
    yearly = figures["running"] + figures["training"] * figures["turnover"] * figures["retrained"]
    fixed = has_people * (once[:, None, None] * start + yearly[:, None, None] * running)
    return Rollout(
        plan=chosen_plan,
        reach=reach,
        citizens=np.array([one.citizens for one in chosen_plan.municipalities]),
        fixed=fixed,
        grant=has_people * figures["grant"][:, None, None] * project_years,
        cost={name: _difference(result.perspective(name).cost, at, other) for name in members_by_view},
        effect={name: _difference(effects.value[:, :, e], at, other) for e, name in enumerate(effects.names)},
        discount=_discount(result, chosen_plan.years),
        shared_by=members_by_view,
        figures=figures,
    )


def _figures(result: ResultData, plan: RolloutPlan) -> dict[str, Floats]:
    """Each figure as (D,): drawn where the result's parameters are, else at its value; what is not stated stands in."""
    evidence = plan.evidence(result.model, result.study.evidence.sources, result.study.evidence.price_index)
    draws = int(result.draws)
    values_by_name: dict[str, Any] = (
        evidence.columns(draws, result.seed, result.method) if draws > 1 else dict(evidence.base().items())
    )
    own_figures = {name: np.broadcast_to(np.asarray(value, float), (draws,)) for name, value in values_by_name.items()}
    others = {name: np.full(draws, value) for name, value in STAND_IN.items()}
    figures = {**others, **own_figures}
    if "loss" not in figures:
        figures["loss"] = np.full(draws, np.inf)
    return {name: figures[name] for name in UNITS}


def _reach(result: ResultData, plan: RolloutPlan, figures: dict[str, Floats], m: int) -> Floats:
    """(D, Y) of a municipality, with its random effects; none in a base case."""
    place = plan.municipalities[m]
    draws = int(result.draws)
    ceiling, constant = figures["ceiling"], figures["time_constant"]
    if draws > 1:
        addresses = [f"rollout {place.name} {what}" for what in ("ceiling", "pace")]
        luck = uniforms(addresses, draws, result.seed, "random")
        first, second = (ndtri(luck[address]) for address in addresses)
        # expit(logit(x)) is not x to the last digit, so no spread leaves the ceiling alone.
        spread_out = expit(logit(ceiling) + figures["spread"] * first)
        ceiling = np.where(figures["spread"] > 0, spread_out, ceiling)
        constant = constant * np.exp(figures["spread_pace"] * second)
    return reach_by_year(ceiling, constant, plan.years, **_ending(figures, place.ends))


def _running(plan: RolloutPlan, figures: dict[str, Floats], m: int) -> Floats:
    """(D, Y): the part of running costs that is paid: all of them while the project lasts, then what is kept."""
    ending = _ending(figures, plan.municipalities[m].ends) | {"attrition_rate": 0.0}
    return reach_by_year(np.ones_like(figures["kept"]), 0.0, plan.years, **ending)


def _project(plan: RolloutPlan, m: int) -> Floats:
    """(Y,): 1 in the years with project money."""
    ends = plan.municipalities[m].ends
    return np.asarray(np.arange(plan.years) < (plan.years if ends is None else ends), float)


def _ending(figures: dict[str, Any], ends: int | None) -> dict[str, Any]:
    attrition_rate = figures["turnover"] * (1 - figures["retrained"])
    return {"ends": ends, "kept_share": figures["kept"], "loss": figures["loss"], "attrition_rate": attrition_rate}


def _difference(values: Floats, at: int, other: int) -> Floats:
    return np.asarray(values[:, at] - values[:, other])


def _members(perspective: Perspective, plan: RolloutPlan) -> tuple[bool, bool]:
    """Whether the perspective holds who pays the fixed costs, and who gives the grant."""
    return plan.payer in perspective.parties, plan.grant_from in perspective.parties


def _discount(result: ResultData, years: int) -> Floats:
    """Factor of each year to the first, at the model's rate for costs, by its bands."""
    conventions = result.model.conventions
    environment = result.environment

    def rate(formula: Expression) -> float:
        return float(np.asarray(formula.evaluate(environment), float).mean())

    bands = [(float(band.after), rate(band.cost)) for band in conventions.discount_bands]
    return discount_factors("annual", rate(conventions.discount_rate_cost), years - 1, 1, bands)
