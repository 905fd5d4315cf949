"""Citizens whose rules change soon after entry are few, and few people stand for them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from costeff.errors import ScenarioError
from costeff.investment import cohorts as module
from costeff.investment.cohorts import FEWEST, cohorts, equal_people
from costeff.investment.invest import base_case, invest
from costeff.investment.read import read_case
from costeff.investment.timing import overlap

SOON, LATER, NOW = ((20, (), ()),), ((7, (), ()),), ((0, (), ()),)
CASE = "tki2-aarhus-investment"


def test_people_follow_the_size_of_a_cohort_in_steps() -> None:
    by_quarter = cohorts([SOON, LATER, NOW, NOW], [12.5, 30.0, 100.0, 100.0], 1000)
    assert [(c.individuals, c.luck) for c in by_quarter] == [(126, 1), (250, 2), (1000, 0), (1000, 0)]
    assert all(c.individuals % 2 == 0 for c in by_quarter)


def test_no_cohort_has_fewer_people_than_the_least_and_none_more_than_the_run() -> None:
    assert [c.individuals for c in cohorts([SOON, NOW], [1.0, 100.0], 100)] == [FEWEST, 100]
    assert [c.individuals for c in cohorts([SOON, NOW], [1.0, 100.0], 10)] == [10, 10]
    assert [c.individuals for c in cohorts([SOON, NOW], [60.0, 100.0], 400)] == [400, 400]
    assert [c.individuals for c in cohorts([NOW, NOW], [0.0, 0.0], 400)] == [400, 400]


def test_cohorts_have_people_of_their_own() -> None:
    soon, now = cohorts([SOON, NOW], [1.0, 100.0], 200)
    rows = slice(0, 1000)
    assert not set(soon.addresses(rows).tolist()) & set(now.addresses(rows).tolist())
    assert now.addresses(rows).tolist() == list(range(1000))


def test_equal_people_is_what_the_variance_of_the_weighted_mean_says() -> None:
    """Means of unit normals, weighted by shares: variance 0.2²/100 + 0.8²/400 = 1/500."""
    few, many = cohorts([SOON, NOW], [20.0, 80.0], 400)
    assert (few.individuals, many.individuals) == (100, 400)
    assert equal_people([few, many], [20.0, 80.0]) == 500
    assert equal_people([few, many], [0.0, 0.0]) == 400
    rng = np.random.default_rng(1)
    means = 0.2 * rng.normal(size=(4000, 100)).mean(axis=1) + 0.8 * rng.normal(size=(4000, 400)).mean(axis=1)
    assert means.var() == pytest.approx(1 / 500, rel=4 * np.sqrt(2 / 4000))


def test_fewer_people_leave_the_case_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw by draw, the two runs differ by the luck of the few citizens before the reform and by nothing else."""
    fewer = invest(CASE, draws=64, individuals=800, progress=False)
    monkeypatch.setattr(module, "PARTS", ())
    all_alike = invest(CASE, draws=64, individuals=800, progress=False)
    difference = fewer.npv("municipal") - all_alike.npv("municipal")
    assert np.abs(difference).max() > 0
    assert abs(difference.mean()) < 4 * difference.std(ddof=1) / np.sqrt(64)
    assert difference.std() < 0.25 * all_alike.npv("municipal").std()
    np.testing.assert_array_equal(fewer.service.inflow, all_alike.service.inflow)
    assert (fewer.equal_people, all_alike.equal_people) == (module.equal_people(*_of(fewer)), 1004)


def _of(result: object) -> tuple[object, object]:
    plan = result.priced.plan  # type: ignore[attr-defined]
    return plan.cohorts, plan.case.takers


def test_weeks_of_all_citizens_are_counted_whatever_their_cohort() -> None:
    """Everybody is somewhere in every week: weeks alive and dead add up to citizens times weeks since entry."""
    result = invest(CASE, draws=3, individuals=120, progress=False)
    assert result.priced is not None
    plan, quantities = result.priced.plan, result.priced.done.quantities
    tally = plan.layout.tally(None)
    cells = np.concatenate([np.r_[plan.layout.cells(tally, name)] for name in plan.model.state_names])
    weeks = quantities.time[:, :, :, cells].sum(axis=(2, 3, 4, 5))
    left = overlap(np.array([plan.case.takers]), plan.period, plan.periods)[0].sum()  # quarters of all citizens
    np.testing.assert_allclose(weeks, 13 * left, rtol=1e-9)


def test_base_case_of_a_run_reads_nothing_again(monkeypatch: pytest.MonkeyPatch) -> None:
    case = read_case(CASE)
    result = invest(case, draws=2, individuals=60, progress=False)
    again = base_case(case, 200, 1)
    monkeypatch.setattr("costeff.investment.shared_reads._study", _never)
    monkeypatch.setattr("costeff.investment.shared_reads._rules", _never)
    kept = base_case(case, 200, 1, run=result.priced)
    np.testing.assert_array_equal(kept.npv("municipal"), again.npv("municipal"))
    other = replace(case, years=case.years, price_year=2025)
    with pytest.raises(AssertionError, match="read again"):
        base_case(other, 200, 1, run=result.priced)


def _never(*_: object) -> object:
    raise AssertionError("read again")


def test_a_case_is_not_drawn_by_sobol_points() -> None:
    """Parameters of the model and of the case are drawn apart: two sets of Sobol points have correlations up to 1."""
    with pytest.raises(ScenarioError, match="a case cannot be drawn by this method") as caught:
        invest(CASE, draws=16, individuals=10, method="sobol", progress=False)  # type: ignore[arg-type]
    assert "one of random, latin_hypercube" in str(caught.value)
    result = invest(CASE, draws=512, individuals=2, progress=False)
    columns = np.array([v for v in result.parameters.values() if np.ptp(v) > 0])
    assert result.cash.replicates == 16
    names = [n for n, v in result.parameters.items() if np.ptp(v) > 0]
    others = np.corrcoef(columns)[[names.index("start_up_cost"), names.index("replaced_casework")]]
    others[np.abs(others) > 0.999] = 0.0  # with themselves
    assert np.abs(others).max() < 5 / np.sqrt(512)
