"""Anchored in an attacker who knows the library, the plan, and everything of everybody but what they cost or when they
returned: each exported figure is an equation of the unknown values, and all are solved together."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
from conftest import Rehearsed

from costeff.trial.evaluation.censored import FollowedCosts, _means
from costeff.trial.evaluation.cost_models import cost_model
from costeff.trial.evaluation.evaluate import evaluate
from costeff.trial.evaluation.further import COST, _followed_protocol, further
from costeff.trial.evaluation.further_text import exported_further
from costeff.trial.evaluation.group_means import group_means
from costeff.trial.evaluation.lost import EDGES, follow_up, lost_rows
from costeff.trial.evaluation.person_values import PersonValues, person_values
from costeff.trial.evaluation.rounded import exported
from costeff.trial.extract import Extract, read_extract
from costeff.trial.results import costs_by_part, trial_results

SMALLEST, PARTS = 5, len(EDGES) - 1


@dataclass
class Equations:
    """Rows (E, N * J) of what the figures add up, and the figures (E,)."""

    rows: list[np.ndarray] = field(default_factory=list)
    right: list[float] = field(default_factory=list)

    def add(self, row: np.ndarray, figure: float) -> None:
        self.rows.append(row)
        self.right.append(figure)


@dataclass(frozen=True)
class Exports:
    """An extract, its people, and what `analyse` and `describe` write of it."""

    extract: Extract
    values: PersonValues
    analysis: dict[str, Any]
    around: dict[str, Any]
    described: Any
    parts: np.ndarray
    categories: dict[str, list[str]]
    codes: dict[str, np.ndarray]

    def adjusted(self, among: np.ndarray) -> np.ndarray:
        """What the adjusted difference among some people adds up of everybody, (N,)."""
        group = self.values.in_programme
        design = np.column_stack([np.ones(len(group)), group, self.values.covariates])[among]
        row = np.zeros(len(group))
        row[among] = np.linalg.pinv(design)[1]
        return row

    def apart(self, inside: np.ndarray) -> np.ndarray:
        """The same of a plain difference of means."""
        share = [inside & (self.values.in_programme == g) for g in (0, 1)]
        return share[1] / share[1].sum() - share[0] / share[0].sum()

    def subgroup_equations(self, name: str, observed: np.ndarray) -> list[tuple[np.ndarray, float]]:
        out = []
        for one in self.around["subgroups"]:
            for row in one["rows"] if one["of"] == name else ():
                code = self.categories[one["attribute"]].index(row["category"])
                out.append((self.apart(observed & (self.codes[one["attribute"]] == code)), row["value"]))
        return out


@pytest.fixture(scope="module")
def exports(rehearsed: Rehearsed) -> Exports:
    """All of the rehearsal, with a smallest cell of 3, so that nothing about those who were lost is left out."""
    plan = replace(rehearsed.plan, smallest_cell=3)
    own = read_extract(rehearsed.folder, plan, rehearsed.lens, rehearsed.study)
    values, luck = person_values(own, rehearsed.prices), np.random.default_rng(3)
    view = plan.perspectives[0]
    parts = [costs_by_part(own, rehearsed.prices, None, name, EDGES)[view] for name in plan.strategies]
    lost = lost_rows(own, rehearsed.prices, None, luck)
    order = np.concatenate([own.trial.group(name) for name in plan.strategies])
    model = rehearsed.study.model
    return Exports(
        own,
        values,
        exported(evaluate(values, (0.0, 1e6), plan.smallest_cell, replicates=300)),
        exported_further(further(own, values, luck, lost), plan, model),
        trial_results(own, rehearsed.prices),
        np.concatenate(parts),
        {one.name: list(one.categories or ()) for one in model.attributes},
        {name: codes[order].astype(int) for name, codes in own.trial.attributes.items()},
    )


def solved(equations: Equations, means: np.ndarray) -> np.ndarray:
    """The attacker's guess of every unknown value: nearest to the published means among all that fit the figures."""
    table = np.array(equations.rows)
    return means + np.linalg.lstsq(table, np.array(equations.right) - table @ means, rcond=1e-9)[0]


def told(equations: Equations, of_person: np.ndarray) -> float:
    """The largest share of a person's value (rows (N, N * J)) that the figures determine; 1 for one that they give."""
    _, sizes, basis = np.linalg.svd(np.array(equations.rows), full_matrices=False)
    inside = of_person @ basis[sizes > 1e-9 * sizes[0]].T
    return float(((inside**2).sum(axis=1) / (of_person**2).sum(axis=1)).max())


def root_mean_square(values: np.ndarray) -> float:
    return float(np.sqrt((values**2).mean()))


def cost_equations(exports: Exports) -> Equations:
    """Every exported figure that adds up costs of the first perspective, as an equation of costs by quarter."""
    out, values, around = Equations(), exports.values, exports.around
    group, size = values.in_programme, len(values.in_programme)
    view = exports.extract.plan.perspectives[0]
    seen = ~np.isnan(values.cost[view])

    def whole(row: np.ndarray) -> np.ndarray:
        return np.repeat(row, PARTS)

    for pair in exports.analysis["pairs"]:
        if pair["perspective"] == view:
            effect = next(one for one in values.effects if one.name == pair["effect_name"])
            observed = ~np.isnan(np.column_stack([effect.value, *([] if effect.start is None else [effect.start])]))
            out.add(whole(exports.adjusted(seen & observed.all(axis=1))), pair["cost"]["value"])
    for row in around["means"]:
        if row["perspective"] == view:
            for g, key in enumerate(("usual", "programme")):
                inside = seen & (group == g)
                out.add(whole(inside / inside.sum()), row[key]["value"])
    for row in around["cost_models"]:
        if row["perspective"] == view:
            out.add(whole(exports.adjusted(seen)), row["linear"]["value"])
            out.add(gamma_slopes(exports, seen, view), row["gamma"]["value"])
    for inside, figure in exports.subgroup_equations(COST, seen):
        out.add(whole(inside), figure)
    for row in around["lost"]:
        if row["perspective"] == view:
            out.add(whole(exports.apart(seen)), row["complete"]["value"])
            for key, slopes in censored_slopes(exports).items():
                out.add(slopes, row[key]["value"])
    parties = exports.extract.study.model.find("perspectives", view).parties
    for g, name in enumerate(exports.extract.plan.strategies):
        figure = sum(round(exports.described.parties[name][party]) for party in parties)
        out.add(whole((group == g) / (group == g).sum()), figure)
    assert all(len(row) == size * PARTS for row in out.rows)
    return out


def gamma_slopes(exports: Exports, seen: np.ndarray, view: str) -> np.ndarray:
    """How the gamma model's difference moves with each cost, where it is: more than an attacker could know.

    Less what it is at these costs, so that slopes times costs are the figure: a gamma model with a log link is
    homogeneous of degree one.
    """
    cost, group = exports.values.cost[view][seen], exports.values.in_programme[seen]
    design = np.column_stack([np.ones(len(group)), group, exports.values.covariates[seen]])
    step, slopes = 1e-4 * cost.mean(), np.zeros(len(cost))
    for i in range(len(cost)):
        ends = []
        for sign in (1, -1):
            moved = cost.copy()
            moved[i] += sign * step
            fit = cost_model(design, moved)
            assert fit is not None
            ends.append(fit.difference)
        slopes[i] = (ends[0] - ends[1]) / (2 * step)
    out = np.zeros(len(seen))
    out[seen] = slopes
    return np.repeat(out, PARTS)


def censored_slopes(exports: Exports) -> dict[str, np.ndarray]:
    """What Lin's estimator, and Bang and Tsiatis's, add up of costs by quarter: both are linear in them."""
    plan = exports.extract.plan
    out: dict[str, list[np.ndarray]] = {"lin": [], "weighted": []}
    for name, sign in zip((plan.strategies[0], plan.strategies[-1]), (-1, 1), strict=True):
        weeks, has_died = follow_up(exports.extract, name)
        units = np.eye(len(weeks) * PARTS).reshape(-1, len(weeks), PARTS)
        figures = [_means(np.ones((1, len(weeks))), FollowedCosts(unit, weeks, has_died, EDGES)) for unit in units]
        for key, each in zip(out, zip(*figures, strict=True), strict=True):
            out[key].append(sign * np.array([float(one[0]) for one in each]))
    return {key: np.concatenate(rows) for key, rows in out.items()}


def test_all_figures_about_costs_together_give_back_nobody(exports: Exports) -> None:
    """Of differences, means, gamma models, subgroups, those who were lost, and money by party of `describe`."""
    equations = cost_equations(exports)
    assert len(equations.rows) >= 12
    truth = exports.parts.ravel()
    apart = np.abs(np.array(equations.rows) @ truth - equations.right)
    assert apart.max() < 0.1 * exports.parts.sum(axis=1).std()  # they are equations of the costs
    group = exports.values.in_programme
    means = np.stack([exports.parts[group == g].mean(axis=0) for g in (0, 1)])[group.astype(int)]
    guess = solved(equations, means.ravel()).reshape(means.shape)
    total = exports.parts.sum(axis=1)
    assert root_mean_square(guess.sum(axis=1) - total) > 0.9 * root_mean_square(means.sum(axis=1) - total)
    assert told(equations, np.kron(np.eye(len(group)), np.ones(PARTS))) < 0.5


def test_all_figures_about_return_to_work_together_give_back_nobody(exports: Exports) -> None:
    """Of differences, per protocol, who took it up, subgroups, and the groups' shares of `describe`."""
    name, values, out = "return_to_work", exports.values, Equations()
    plan, group = exports.extract.plan, exports.values.in_programme
    value = next(one.value for one in values.effects if one.name == name)
    observed = ~np.isnan(value)
    with_cost = observed & ~np.isnan(values.cost[plan.perspectives[0]])
    for pair in exports.analysis["pairs"]:
        if pair["effect_name"] == name:
            out.add(exports.adjusted(with_cost), pair["effect"]["value"])
    order = np.concatenate([exports.extract.trial.group(one) for one in plan.strategies])
    protocol = _followed_protocol(exports.extract, order)
    for row in exports.around["uptake"]:
        if row["of"] == name:
            assert protocol is not None
            out.add(exports.adjusted(observed & protocol), row["per_protocol"]["value"])
            out.add(exports.adjusted(observed), row["value"] * row["share"])
    for inside, figure in exports.subgroup_equations(name, observed):
        out.add(inside, figure)
    for one in exports.described.values:
        if (one.end_point, one.measure) == (name, "share"):
            g = plan.strategies.index(one.group)
            out.add((group == g) / (group == g).sum(), round(one.value, 3))
    assert len(out.rows) >= 9
    assert np.abs(np.array(out.rows) @ np.where(observed, value, 0) - out.right).max() < 0.05
    means = np.where(group == 1, value[group == 1].mean(), value[group == 0].mean())
    guess = solved(out, means)
    assert root_mean_square(guess - value) > 0.9 * root_mean_square(means - value)
    assert told(out, np.eye(len(group))) < 0.5


def test_means_of_all_but_a_few_are_not_told_beside_those_of_everybody() -> None:
    """The attacker's own subtraction: everybody's mean less that of all but one gives the one."""
    luck = np.random.default_rng(2)
    cost, group = luck.gamma(2, 50_000, 40), np.repeat([0.0, 1.0], 20)
    found = 20 * cost[:20].mean() - 19 * cost[1:20].mean()
    assert found == pytest.approx(cost[0])
    for lost, is_told in ((0, True), (1, False), (4, False), (5, True)):
        seen = np.where(np.arange(40) < lost, np.nan, cost)
        own = PersonValues(group, {"state": seen}, (), np.zeros((40, 0)), (), np.zeros((40, 0)))
        assert bool(group_means(own, SMALLEST, luck)) == is_told
