"""Anchored in small tables worked out by hand, and in brute force over every subset for the integer programme."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from case_example import example_cash
from hypothesis import given
from hypothesis import strategies as st

from costeff.errors import ResultError
from costeff.investment import CashFlow, CashLine
from costeff.investment.compare import (
    NOTHING,
    best_portfolio,
    efficient_portfolios,
    first_outlay,
    present_values,
    probability_best,
    ranking,
)
from costeff.investment.measures import financing_need

MUNICIPAL = ("msb",)


def line(item: str, payer: str, recipient: str, area: str, en: str, own: bool = False) -> CashLine:
    return CashLine(item, payer, recipient, area, {"en": en, "da": en}, own)


def one_line_cash(net: Sequence[Sequence[float]], party: str = "msb", first: int = 2026, rate: float = 0.0) -> CashFlow:
    """A cash flow whose net for `party` is `net` (D, Y) exactly: a cost of the programme where it is negative."""
    amount = np.array(net, dtype=float)
    lines = (
        line("saving", party, "citizen", "transfers", "Saving"),
        line("programme", party, "resources", "service", "Programme", True),
    )
    usual = np.stack([np.maximum(amount, 0), np.zeros_like(amount)], axis=2)
    programme = np.stack([np.zeros_like(amount), np.maximum(-amount, 0)], axis=2)
    years = tuple(range(first, first + amount.shape[1]))
    return CashFlow(years, lines, usual, programme, (1 + rate) ** -np.arange(len(years), dtype=float), 2026)


def scaled(cash: CashFlow, factor: float) -> CashFlow:
    return replace(cash, usual=cash.usual * factor, programme=cash.programme * factor)


def test_probability_best_by_hand() -> None:
    """Draws: a wins, b wins, both lose (nothing wins), a and b tie."""
    cases = {"a": one_line_cash([[3.0], [1.0], [-1.0], [2.0]]), "b": one_line_cash([[2.0], [4.0], [-2.0], [2.0]])}
    assert probability_best(cases, MUNICIPAL) == {NOTHING: 0.25, "a": 0.375, "b": 0.375}
    table = ranking(cases, MUNICIPAL).set_index("case")
    assert table.index.tolist() == ["b", "a", NOTHING]
    assert table["mean"].tolist() == [1.5, 1.25, 0.0]
    assert table["gains"].tolist() == [0.75, 0.75, 0.0]
    assert table["rank"].tolist() == [(2 + 1 + 3 + 1.5) / 4, (1 + 2 + 2 + 1.5) / 4, (3 + 3 + 1 + 3) / 4]
    assert table["ahead"].tolist()[:2] == [0.25, 1.25]
    lead = np.array([-1.0, 3.0, -1.0, 0.0])
    assert table.loc["b", "ahead_mcse"] == pytest.approx(lead.std(ddof=1) / 2)


def test_present_values_are_discounted_and_parties_differ() -> None:
    cash = one_line_cash([[-100.0, 60.0, 60.0]], rate=0.25)
    assert present_values({"a": cash}, MUNICIPAL)[0, 0] == pytest.approx(-100 + 60 / 1.25 + 60 / 1.25**2)
    assert present_values({"a": cash}, ["citizen"])[0, 0] == pytest.approx(-60 / 1.25 - 60 / 1.25**2)


def test_best_for_one_party_is_not_best_for_another() -> None:
    """Shared luck: the larger case is the smaller one doubled, so it is best for all who gain in every draw."""
    small, large = example_cash(100), scaled(example_cash(100), 2)
    gain = present_values({"small": small, "large": large}, ["state"])
    assert np.allclose(gain[:, 1], 2 * gain[:, 0])
    best = probability_best({"small": small, "large": large}, ["mso"])
    assert best[NOTHING] == 1.0  # it only pays
    best = probability_best({"small": small, "large": large}, ["state"])
    assert best["small"] == 0.0
    assert best["large"] == np.mean(gain[:, 1] > 0)


def test_financing_need_by_hand() -> None:
    assert financing_need(np.array([-3.0, -2.0, 1.0, 10.0])) == 5.0
    assert financing_need(np.array([1.0, 2.0])) == 0.0


def test_needs_are_looked_at_together() -> None:
    """One case gives money back when the other needs it: each needs 10, together 10 and not 20."""
    cases = {
        "first": one_line_cash([[-10.0, 25.0, 0.0]]),
        "second": one_line_cash([[0.0, -10.0, 12.0]]),
        "third": one_line_cash([[-1.0, 0.0, 16.0]]),
    }
    assert best_portfolio(cases, MUNICIPAL, 10.0).cases == ("first", "second")
    assert best_portfolio(cases, MUNICIPAL, 11.0).cases == ("first", "second", "third")
    assert best_portfolio(cases, MUNICIPAL, 11.0).financing == 11.0
    assert best_portfolio(cases, MUNICIPAL, 0.0).cases == ()


def brute_force(
    cases: dict[str, CashFlow], parties: tuple[str, ...], limit: float, limit_on: str, apart: list[set[str]]
) -> float:
    best = 0.0
    values = {name: float(present_values({name: cash}, parties).mean()) for name, cash in cases.items()}
    years = sorted({year for cash in cases.values() for year in cash.years})
    for size in range(len(cases) + 1):
        for chosen in combinations(cases, size):
            if any(len(group & set(chosen)) > 1 for group in apart):
                continue
            if limit_on == "outlay":
                needed = sum(first_outlay(cases[name], parties) for name in chosen)
            else:
                total = np.zeros(len(years))
                for name in chosen:
                    net = cases[name].net(parties).mean(axis=0)
                    total[[years.index(year) for year in cases[name].years]] += net
                needed = float(financing_need(total))
            if needed <= limit + 1e-6:
                best = max(best, sum(values[name] for name in chosen))
    return best


@given(st.data())
def test_the_integer_programme_equals_brute_force(data: st.DataObject) -> None:
    amount = st.integers(-40, 60)
    count = data.draw(st.integers(1, 6))
    cases = {}
    for i in range(count):
        years = data.draw(st.integers(1, 4))
        net = data.draw(st.lists(st.lists(amount, min_size=years, max_size=years), min_size=2, max_size=2))
        cases[f"case_{i}"] = one_line_cash(net, rate=0.035)
    limit = float(data.draw(st.integers(0, 120)))
    limit_on = data.draw(st.sampled_from(["financing", "outlay"]))
    apart = [{"case_0", "case_1"}] if count > 1 and data.draw(st.booleans()) else []
    found = best_portfolio(cases, MUNICIPAL, limit, limit_on=limit_on, apart=apart)
    assert found.mean == pytest.approx(brute_force(cases, MUNICIPAL, limit, limit_on, apart), abs=1e-6)
    assert (found.outlay if limit_on == "outlay" else found.financing) <= limit + 1e-6


def test_more_money_is_never_worse_and_repeats_are_left_out() -> None:
    cases = {f"case_{i}": scaled(example_cash(50), factor) for i, factor in enumerate((0.5, 1.0, 2.0))}
    found = efficient_portfolios(cases, ("mso", "msb", "treasury"), [0, 2e5, 4e5, 8e5, 1.6e6, 1e9])
    means = [portfolio.mean for portfolio in found]
    assert means == sorted(means)
    assert len({portfolio.cases for portfolio in found}) == len(found)
    assert found[-1].cases == tuple(cases)


def test_gain_of_others_may_be_what_counts() -> None:
    case = one_line_cash([[-5.0, 2.0]])
    assert best_portfolio({"a": case}, MUNICIPAL, 10.0).cases == ()
    paid = best_portfolio({"a": case}, MUNICIPAL, 10.0, value_to=["resources"])
    assert paid.cases == ("a",)
    assert paid.mean == 5.0


@pytest.mark.parametrize(
    ("cases", "told"),
    [
        ({}, "no case"),
        ({"a": one_line_cash([[1.0]]), "b": one_line_cash([[1.0], [2.0]])}, "number of draws"),
        ({"a": one_line_cash([[1.0]]), "b": one_line_cash([[1.0]], first=2027)}, "first year"),
        ({NOTHING: one_line_cash([[1.0]])}, "may not have this name"),
    ],
)
def test_cases_that_cannot_be_compared_are_refused(cases: dict[str, CashFlow], told: str) -> None:
    with pytest.raises(ResultError, match=told):
        ranking(cases, MUNICIPAL)


def test_bad_limits_are_refused() -> None:
    cases = {"a": one_line_cash([[1.0]])}
    with pytest.raises(ResultError, match="negative"):
        best_portfolio(cases, MUNICIPAL, -1.0)
    with pytest.raises(ResultError, match="unknown kind"):
        best_portfolio(cases, MUNICIPAL, 1.0, limit_on="peak")
    with pytest.raises(ResultError, match="unknown case"):
        best_portfolio(cases, MUNICIPAL, 1.0, apart=[{"a", "c"}])
