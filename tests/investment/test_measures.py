"""Anchored in cash flows small enough to work out by hand, and in identities that hold for any cash flow."""

from __future__ import annotations

import numpy as np
import pytest
from case_example import example_cash, example_result
from hypothesis import given, settings
from hypothesis import strategies as st

from costeff.errors import ResultError
from costeff.investment import CashFlow, CashLine, measures

PAID = CashLine("programme", "m", "resources", "service", {"en": "Programme"}, programme=True)
SAVED = CashLine("benefit", "m", "citizen", "transfers", {"en": "Benefit"})
STATE = CashLine("tax", "citizen", "s", "tax", {"en": "Tax"})


def cash(costs: list[float], savings: list[float], rate: float = 0.0, tax: list[float] | None = None) -> CashFlow:
    """One draw. A saving is a benefit not paid."""
    years = len(costs)
    usual = np.stack([np.zeros(years), np.full(years, 1000.0), np.zeros(years)], axis=1)[None]
    case = np.stack([costs, 1000.0 - np.array(savings), tax or [0.0] * years], axis=1)[None]
    discount = (1 + rate) ** -np.arange(years)
    return CashFlow(tuple(range(2026, 2026 + years)), (PAID, SAVED, STATE), usual, np.array(case), discount, 2026)


def test_payback_must_last() -> None:
    """Cumulated -10, 2, -3, 1: at or above 0 in year 2, below in year 3, for good from year 4."""
    assert measures.payback(cash([10, 0, 5, 0], [0, 12, 0, 4]), ["m"])[0] == 4
    assert measures.payback(cash([10, 0, 0], [0, 10, 0]), ["m"])[0] == 2
    assert measures.payback(cash([10, 0, 0], [12, 0, 0]), ["m"])[0] == 1
    assert measures.payback(cash([10, 0, 0], [0, 9, 0]), ["m"])[0] == np.inf
    assert measures.payback(cash([10, 0, 5], [0, 12, 0]), ["m"])[0] == np.inf


def test_discounting_delays_payback() -> None:
    """10 kr. against 2 a year: 5 years of them undiscounted (year 6); at 10 % seven years give 9.74, eight 10.67."""
    flow = cash([10] + [0] * 11, [0] + [2] * 11, rate=0.10)
    assert measures.payback(flow, ["m"])[0] == 6
    factor = 1.1 ** -np.arange(12)
    hand = next(k for k in range(12) if (2 * factor[1 : k + 1]).sum() >= 10) + 1
    assert measures.payback(flow, ["m"], discounted=True)[0] == hand == 9


def test_no_outlay_is_no_investment() -> None:
    flow = cash([10, 0], [0, 20], tax=[3, 3])
    assert np.isnan(measures.payback(flow, ["s"])[0])
    assert np.isnan(measures.break_even_probability(flow, ["s"])).all()
    assert np.isnan(measures.return_per_krone(flow, ["s"])[0])
    assert np.isnan(measures.expected_return_per_krone(flow, ["s"]))
    assert measures.npv(flow, ["s"])[0] == 6
    assert measures.payback(cash([0, 0], [5, 5]), ["m"])[0] != 1  # nothing was put in


def test_break_even_probability_counts_draws() -> None:
    one = cash([10, 0, 0], [0, 10, 0])
    two = cash([10, 0, 0], [0, 0, 10])
    never = cash([10, 0, 0], [0, 0, 9])
    both = CashFlow(
        one.years,
        one.lines,
        np.concatenate([one.usual] * 4),
        np.concatenate([one.programme, two.programme, never.programme, one.programme]),
        one.discount,
        2026,
    )
    assert measures.break_even_probability(both, ["m"]).tolist() == [0, 0.5, 0.75]
    assert measures.payback(both, ["m"]).tolist() == [2, 3, np.inf, 2]
    assert np.quantile(measures.payback(both, ["m"]), 0.5, method="inverted_cdf") == 2


def test_a_small_amount_is_an_investment_too() -> None:
    """Half a krone put in, one gained."""
    flow = cash([0.5, 0], [0, 1])
    assert measures.invests(flow, ["m"]).tolist() == [True]
    assert measures.payback(flow, ["m"]).tolist() == [2]
    assert measures.return_per_krone(flow, ["m"]).tolist() == [2]
    assert measures.expected_return_per_krone(flow, ["m"]) == 2
    assert measures.largest_cost_factor(flow, ["m"]) == 2


def test_break_even_is_undiscounted_unless_asked() -> None:
    """10 kr. against 2 a year, at 10 %: paid back from year 6, and from year 9 where later kroner count less."""
    flow = cash([10] + [0] * 11, [0] + [2] * 11, rate=0.10)
    assert measures.break_even_probability(flow, ["m"]).tolist() == [0] * 5 + [1] * 7
    assert measures.break_even_probability(flow, ["m"], discounted=True).tolist() == [0] * 8 + [1] * 4


def test_no_need_has_no_year() -> None:
    assert measures.expected_financing(cash([0, 0], [5, 5]), ["m"]) == (0.0, None)
    assert measures.expected_financing(cash([5, 3], [0, 1]), ["m"]) == (7.0, 2027)
    assert measures.expected_financing(cash([0.5, 0], [0, 1]), ["m"]) == (0.5, 2026)


def test_the_spread_by_hand() -> None:
    """Halves 3 and 1 of 8 individuals: 2 x sqrt(8 / (4 x 2)) for two citizens, twice that for half a citizen."""
    half = np.array([[[3.0], [1.0]]])
    assert measures.half_spread(half, 8, 2).tolist() == [[2.0]]
    assert measures.half_spread(half, 8, 0.5).tolist() == [[4.0]]


def test_noise_is_used_with_both_signs() -> None:
    """Expected: 0 from year 2. One realised path ends 1 above, its mirror 1 below: half are paid back."""
    flow = cash([10, 0, 0], [0, 10, 0])
    noise = np.array([[0.0, 0.0, 1.0]])
    assert measures.break_even_probability(flow, ["m"], noise=noise).tolist() == [0, 0.5, 0.5]


def test_return_peak_and_permanent_change() -> None:
    flow = cash([100, 50, 0, 0], [0, 60, 90, 40], rate=0.05)
    assert measures.peak_financing(flow, ["m"])[0] == 100
    assert measures.permanent_change(flow, ["m"])[0] == 40
    gained = 60 / 1.05 + 90 / 1.05**2 + 40 / 1.05**3
    assert measures.return_per_krone(flow, ["m"])[0] == pytest.approx(gained / (100 + 50 / 1.05))
    assert measures.peak_financing(cash([0, 0], [5, 5]), ["m"])[0] == 0


def test_at_the_largest_cost_the_case_is_worth_nothing() -> None:
    flow = example_cash()
    factor = measures.largest_cost_factor(flow, ["mso", "msb"])
    own = measures.programme_lines(flow)
    dearer = CashFlow(
        flow.years, flow.lines, flow.usual, np.where(own, flow.programme * factor, flow.programme), flow.discount, 2026
    )
    size = np.abs(measures.npv(flow, ["msb"])).mean()
    assert measures.npv(dearer, ["mso", "msb"]).mean() == pytest.approx(0, abs=1e-9 * size)
    result = example_result()
    cost = float(measures.outlay(flow, ["mso", "msb"]).sum(axis=1).mean()) / 600
    assert result.largest_cost("municipal") == pytest.approx(factor * cost)
    assert measures.largest_cost_factor(cash([5, 0], [-3, -3]), ["m"]) == 0


def test_spread_of_the_realised_result() -> None:
    """Individuals with variance s² each: halves of 500 differ by 4 s²/1000; 90 citizens' total has variance 90 s²."""
    rng, spread, people, citizens = np.random.default_rng(5), 7.0, 1000, 90
    means = rng.normal(0, spread / np.sqrt(people / 2), (4000, 2, 1))  # per citizen
    noise = measures.half_spread(means * citizens, people, citizens)
    assert noise.std() == pytest.approx(spread * np.sqrt(citizens), rel=0.05)
    with pytest.raises(ResultError, match="no citizens"):
        measures.half_spread(means, people, 0)


def test_realised_results_are_less_certain() -> None:
    """More citizens, less luck: with very many the realised probabilities are the expected ones."""
    result = example_result(draws=2000)
    expected = result.break_even_probability("municipal")
    assert np.all(np.diff(expected) >= 0)
    spread = result.realised_noise("municipal")
    assert spread.shape == (2000, 5)
    assert result.break_even_probability("municipal", realised=True)[-1] == pytest.approx(expected[-1], abs=0.05)


def test_wrong_pockets_adds_up() -> None:
    result = example_result()
    table = result.wrong_pockets().set_index("name")
    parts = table.loc[[*result.groups["public"]]]
    assert parts["npv"].sum() == pytest.approx(table.loc["public", "npv"])
    assert parts["share"].sum() == pytest.approx(1)
    assert table["npv"].to_numpy() == pytest.approx((table["gain"] - table["programme_cost"]).to_numpy())
    assert table.loc["municipal", "npv"] == pytest.approx(table.loc["mso", "npv"] + table.loc["msb", "npv"])


def test_transfers_make_every_payer_whole_and_are_the_smallest() -> None:
    result = example_result()
    table = result.transfers()
    worth = {name: float(result.npv(name).mean()) for name in result.groups["public"]}
    after = dict(worth)
    for row in table.itertuples():
        assert row.amount > 0
        after[row.payer] -= row.amount
        after[row.recipient] += row.amount
    assert min(after.values()) >= -1e-6
    losses = -sum(v for v in worth.values() if v < 0)
    assert table["amount"].sum() == pytest.approx(losses)  # each loss paid once: less would leave a loser
    assert table.attrs["shortfall"] == 0
    assert (table["payer"] == "msb").any()  # its own house first
    lost = example_result(effect=-1.0).transfers()
    assert lost.attrs["shortfall"] > 0


paths = st.lists(st.floats(-100, 100), min_size=1, max_size=12)


@settings(deadline=None, max_examples=100)
@given(paths)
def test_first_lasting_year_by_its_definition(path: list[float]) -> None:
    array = np.array([path])
    slack = measures.TOLERANCE * np.abs(array).max()
    lasting = [k for k in range(len(path)) if all(v >= -slack for v in path[k:])]
    expected = lasting[0] + 1 if lasting else np.inf
    assert measures.first_lasting_year(array)[0] == expected


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 10_000))
def test_net_of_everybody_is_nothing(seed: int) -> None:
    """Payments only move money: over all parties and outside accounts, each year's net is 0, and parts are additive."""
    flow = example_cash(draws=3, seed=seed)
    everyone = sorted({x.payer for x in flow.lines} | {x.recipient for x in flow.lines})
    assert np.abs(flow.net(everyone)).max() < 1e-6
    for cut in range(1, len(everyone)):
        both = flow.net(everyone[:cut]) + flow.net(everyone[cut:])
        assert np.abs(both).max() < 1e-6
    items = sum(flow.net(["msb"], np.array([x.item == i for x in flow.lines])) for i in {x.item for x in flow.lines})
    assert items == pytest.approx(flow.net(["msb"]), abs=1e-6)
    discounted = measures.cumulative(flow, ["msb"], discounted=True)[:, -1]
    assert discounted == pytest.approx(measures.npv(flow, ["msb"]), rel=1e-12, abs=1e-6)


def test_names_of_parties_are_checked() -> None:
    with pytest.raises(ResultError, match="unknown party"):
        example_result().net("municipality")
