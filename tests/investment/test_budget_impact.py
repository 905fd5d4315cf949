"""Anchored in sums by hand over a made-up case, and in the case itself: with nobody served today and its own inflow as
the target group, the budget impact is the case's net gain."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from case_example import example_case, example_result

from costeff import invest
from costeff.errors import CosteffError, ResultError, ScenarioError
from costeff.investment import Case
from costeff.investment.budget import budget_impact as run
from costeff.investment.budget_impact import BudgetImpact, Mixes, budget_impact, mixes, uptake_curve
from costeff.investment.read import read_case

NEW = (0.1, 0.2, 0.3, 0.4, 0.4)
GROUP = (1200.0,) * 5
SMALL: dict[str, Any] = {"draws": 4, "individuals": 40, "seed": 3, "threads": 1}


def by_hand() -> tuple[Mixes, BudgetImpact]:
    """The made-up case moves money in proportion to those served: 10 % today against 50 % in the new mix."""
    asked = mixes(example_case(), (240.0,) * 5, (0.5,) * 5, 0.1)
    whole = example_result(draws=20)
    tenth, half = (
        replace(whole, cash=replace(c, usual=u * c.usual, programme=u * c.programme))
        for u, c in ((0.1, whole.cash), (0.5, whole.cash))
    )
    return asked, budget_impact(asked, [whole, tenth, half])


def test_made_up_case_by_hand() -> None:
    _, found = by_hand()
    whole = example_result(draws=20)
    for parties in ("msb", "municipal_with_tax", "public"):
        np.testing.assert_allclose(found.net(parties), 0.4 * whole.net(parties), atol=1e-6)
    # msb under usual care: case work 900, benefit 9,000 less a refund of 3,000 thousand kroner in the first year;
    # with a tenth of the effect 10 + (20 - 5) less and a tenth of 300 thousand for the programme more (draw 0).
    first = found.spending("msb", "current")[0, 0] / 1000
    assert first == pytest.approx(900 + 9000 - 3000 - 0.1 * (100 + 200 - 50) + 0.1 * 300)


def test_table_adds_up() -> None:
    _, found = by_hand()
    table = found.table(["public", "msb", "mso", "treasury", "other_municipalities", "state", "region"])
    assert set(table.year) == {0, *range(2026, 2031)}
    for column in ("current", "new", "impact"):
        wide = table.pivot(index="party", columns="year", values=column)
        np.testing.assert_allclose(wide[0], wide.drop(columns=0).sum(axis=1), atol=1e-3)
        np.testing.assert_allclose(wide.loc["public"], wide.drop(index="public").sum(), atol=1e-3)
    np.testing.assert_allclose(table.impact, table.current - table.new, atol=1e-3)
    assert (table.lo <= table.impact).all()
    assert (table.impact <= table.hi).all()
    assert table.probability.between(0, 1).all()


@cache
def shipped(limited: bool = False) -> Case:
    case = read_case("tki2-aarhus-investment")
    if limited:
        return case
    unpaid = replace(case.programme, per_consultant=None, replaces={}, variable=None)
    own = {name: p for name, p in case.parameters.items() if name != "replaced_casework"}
    return replace(case, capacity=None, programme=unpaid, parameters=own)


@pytest.mark.parametrize(("current", "limited"), [(0.0, False), (0.05, True)])
def test_the_case_itself(current: float, limited: bool) -> None:
    """Own inflow, today's uptake against the case's: the difference of two cases run by themselves."""
    case = shipped(limited)
    asked = mixes(case, GROUP, NEW, current)
    found = run(case, GROUP, NEW, current, **SMALL)
    assert found.years == case.calendar[:5]
    assert asked.new is not None
    after = invest(asked.new, **SMALL)
    before = invest(asked.current, **SMALL) if asked.current is not None else None
    assert (before is None) == (current == 0)
    for parties in ("municipal", "state", "public", "citizen"):
        expected = after.net(parties) - (0 if before is None else before.net(parties))
        np.testing.assert_allclose(found.net(parties), expected, rtol=1e-6, atol=1e-2)
    wanted = np.array(GROUP) * NEW
    if limited:
        assert (found.served["new"] < wanted).all()
        assert found.served["new"].sum() == pytest.approx(after.citizens_served)
    else:
        np.testing.assert_allclose(found.served["new"], wanted, rtol=1e-9)
        assert found.served["current"].sum() == 0
    start_up = np.array([x.item == "programme_start_up" for x in found.lines])
    assert (found.current[:, :, start_up] == 0).all()  # paid under the new mix only
    assert found.new[:, 0, start_up].sum() > 0
    assert found.citizens().columns.tolist() == [
        "year",
        "target",
        "uptake_current",
        "served_current",
        "uptake_new",
        "served_new",
    ]


def test_the_same_mix_has_no_impact_but_the_start_up() -> None:
    found = run(shipped(), GROUP, NEW, NEW, **SMALL)
    start_up = np.array([x.item == "programme_start_up" for x in found.lines])
    rest = (found.new - found.current)[:, :, ~start_up]
    assert np.abs(rest).max() == 0
    assert (found.new - found.current)[:, :, start_up].sum() > 0


def test_uptake_curve() -> None:
    assert uptake_curve(0, 0.3, 3) == (0, 0.1, 0.2, 0.3, 0.3)
    assert uptake_curve(0.5, 0.2, 0, 3) == (0.2, 0.2, 0.2)


def test_refused() -> None:
    case = example_case()
    for target, new, current, words in (
        ((100.0,) * 6, (0.1,) * 6, 0.0, "runs past the case"),
        ((), (), 0.0, "runs past the case"),
        ((100.0,) * 5, (0.1,) * 4, 0.0, "uptake of the new mix"),
        ((100.0,) * 5, (1.1,) * 5, 0.0, "uptake of the new mix"),
        ((100.0,) * 5, (0.1,) * 5, -0.1, "uptake of the current mix"),
        ((100.0, -1.0, 0, 0, 0), (0.1,) * 5, 0.0, "number of citizens"),
        ((0.0,) * 5, (0.1,) * 5, 0.0, "number of citizens"),
    ):
        with pytest.raises(ScenarioError, match=words) as caught:
            mixes(case, target, new, current)
        assert isinstance(caught.value, CosteffError)
    asked, found = by_hand()
    with pytest.raises(ResultError, match="results are missing"):
        budget_impact(asked, [found.result])
    with pytest.raises(ResultError, match="unknown mix"):
        found.spending("public", "old")
