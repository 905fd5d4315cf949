"""Anchored in a simulation with every ratio of the programme at 1, and in lines and lowest points by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from case_example import example_cash, example_result, without_effect
from hypothesis import given, settings
from hypothesis import strategies as st
from test_compare import one_line_cash

from costeff.errors import ResultError
from costeff.investment import Case, measures
from costeff.investment.invest import invest_all
from costeff.investment.read import read_case, with_capacity
from costeff.investment.report.effect import COSTS, EFFECTS, effect_and_cost, scenarios
from costeff.investment.repricing import reprice


def shipped(**changes: object) -> Case:
    return replace(read_case("tki2-aarhus-investment"), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "case",
    [
        shipped(),
        with_capacity(shipped(regime="new"), 0.3),  # a queue, and citizens who begin late
        shipped(regime="old", view="all_municipalities", out_migration=0.02),
        shipped(rules="", regime="old", uptake=(0.7,) * 10, set={"relative_uptake": 0.8}),
    ],
    ids=["shipped", "queue", "all_municipalities", "no_rules"],
)
def test_no_effect_equals_a_simulation_without_effect(case: Case) -> None:
    """For every party and year, to rounding: `set: {relative_fidelity: 0}`, and a fidelity of 0 in every year."""
    idle = replace(case, set={**case.set, "relative_fidelity": 0})
    result, *simulated = invest_all([case, idle, replace(case, fidelity=(0.0,) * 10)], 3, 20, progress=False)
    found = result.without_effect()
    scale = np.abs(found.usual).sum(axis=2).max()
    assert np.abs(result.cash.programme - found.programme).max() > 1e-3 * scale / 100  # the case has an effect
    for other in simulated:
        for party in result.parties:
            assert np.allclose(found.net([party]), other.net([party]), rtol=0, atol=1e-12 * scale), party


def test_other_prices_reprice_the_case_without_effect() -> None:
    case, dear = shipped(rules="", regime="old"), {"start_up_cost": 900_000.0}
    result, idle = invest_all([case, replace(case, set={"relative_fidelity": 0})], 2, 20, progress=False)
    found = reprice(result, dear).without_effect().net(["mso", "msb"])
    assert found.sum() < result.without_effect().net(["mso", "msb"]).sum()
    assert np.allclose(found, reprice(idle, dear).net("municipal"), atol=1e-3)


def test_a_result_that_knows_no_run_without_effect_says_so() -> None:
    with pytest.raises(ResultError, match="without effect is not known"):
        replace(example_result(draws=2), no_effect=None).without_effect()


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(st.floats(-1e6, 1e6), min_size=4, max_size=4), min_size=1, max_size=6))
def test_the_expected_profile_needs_no_more_than_draws_do_on_average(net: list[list[float]]) -> None:
    """The lowest point of a mean is not below the mean of the lowest points."""
    cash = one_line_cash(net)
    need, year = measures.expected_financing(cash, ("msb",))
    assert need <= measures.peak_financing(cash, ("msb",)).mean() + 1e-6
    path = np.cumsum(np.mean(net, axis=0))
    assert need == pytest.approx(max(-path.min(), 0.0), abs=1e-6)
    assert (year is None) == (need == 0)
    if year is not None:
        assert path[year - 2026] == pytest.approx(-need, abs=1e-6)


@pytest.mark.parametrize("effect", [-0.5, 0.2, 1.0, 3.0])
def test_the_dark_line_is_where_the_map_is_zero(effect: float) -> None:
    """Its ends lie on the map, the value between cells is 0 there, and there is no line where no cell changes sign."""
    cash = example_cash(draws=20, effect=effect)
    _, heat, smallest, line = effect_and_cost(cash, without_effect(cash), ("mso", "msb"))
    wide = heat.pivot(index="cost", columns="effect", values="npv").to_numpy()
    if not line:
        assert (wide >= 0).all() or (wide <= 0).all()
        return
    by_effect = (wide[0, -1] - wide[0, 0]) / (EFFECTS[-1] - EFFECTS[0])
    by_cost = (wide[-1, 0] - wide[0, 0]) / (COSTS[-1] - COSTS[0])
    for x, y in line:
        assert EFFECTS[0] <= x <= EFFECTS[-1] + 0.125
        assert COSTS[0] - 0.1251 <= y <= COSTS[-1] + 0.1251
        assert wide[0, 0] + by_effect * x + by_cost * (y - COSTS[0]) == pytest.approx(0, abs=1)
    assert wide[2, 0] + by_effect * smallest == pytest.approx(0, abs=1)


def test_saved_case_work_counts_without_effect() -> None:
    """A programme of 100 that replaces case work of 40 in each of two years: without effect it costs 20."""
    cash = one_line_cash([[-100.0, 0.0]])
    saves = replace(cash, usual=cash.usual + np.array([40.0, 0.0]))
    both = replace(saves, usual=saves.usual + np.array([[0.0, 0.0], [100.0, 0.0]]))
    _, heat, smallest, _ = effect_and_cost(both, saves, ("msb",))
    assert smallest == pytest.approx((100 - 80) / 100)
    at = heat.set_index(["effect", "cost"])["npv"]
    assert at[0.0, 1.0] == pytest.approx(-100 + 80)
    assert at[0.0, 2.0] == pytest.approx(-200 + 80)


def test_one_draw_has_no_low_and_high() -> None:
    from costeff.investment.report.content_of_case import payers

    result = example_result(draws=1)
    rows = scenarios(result, payers(result), "municipal", "public")
    assert [row.label.en.split()[0] for row in rows] == ["Central", "No"]
