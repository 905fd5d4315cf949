"""Anchored in sums by hand and in accounting identities: what a view adds passes from one authority to another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from case_example import GROUPS, PARTIES, example_cash, example_result
from hypothesis import given, settings
from hypothesis import strategies as st

from costeff import load
from costeff.errors import CosteffError, ResultError
from costeff.evidence.draw import Design
from costeff.investment import CashFlow
from costeff.investment.views import all_municipalities, equalised, marginal, out_migrated, share_moved, viewed
from costeff.rules import load_rules

ITEMS = {"sick": ("benefit", "refund")}
OWN, OWN_WITH_TAX = GROUPS["municipal"], GROUPS["municipal_with_tax"]
EVERYBODY = (*PARTIES, "resources", "production")


def cash() -> CashFlow:
    return example_cash(draws=20)


def test_block_grant_by_hand() -> None:
    """Net spending on the benefit falls by 150, 600, 850, 900 and 900 thousand; three quarters go back to the state."""
    plain = cash()
    covered = all_municipalities(plain, {"sick": 0.75}, ITEMS, OWN)
    fall = np.array([200, 800, 1100, 1200, 1200]) - np.array([50, 200, 250, 300, 300])
    assert fall.tolist() == [150, 600, 850, 900, 900]
    change = covered.net(["msb"]) - plain.net(["msb"])
    scale = plain.net(["msb"], np.array([x.item == "benefit" for x in plain.lines])) / np.array(
        [200, 800, 1100, 1200, 1200]
    )  # kroner per thousand, and what the example does by draw
    np.testing.assert_allclose(change, -0.75 * fall * scale, rtol=1e-12)
    np.testing.assert_allclose(covered.net(["state"]) - plain.net(["state"]), -change, rtol=1e-12)
    assert marginal(plain) is plain


@settings(max_examples=30, deadline=None)
@given(share=st.floats(0, 1), moved=st.lists(st.floats(0, 1), min_size=5, max_size=5), part=st.floats(0, 1))
def test_totals_stay(share: float, moved: list[float], part: float) -> None:
    plain = cash()
    views = [
        all_municipalities(plain, {"sick": share}, ITEMS, OWN),
        out_migrated(plain, np.array(moved), OWN_WITH_TAX),
        equalised(plain, part),
        out_migrated(
            all_municipalities(equalised(plain, part), {"sick": share}, ITEMS, OWN), np.array(moved), OWN_WITH_TAX
        ),
    ]
    for seen in views:
        assert seen.usual.shape == seen.programme.shape == (plain.draws, 5, len(seen.lines))
        np.testing.assert_allclose(seen.net(GROUPS["public"]), plain.net(GROUPS["public"]), atol=1e-3)
        for party in ("region", "employer", "citizen"):
            np.testing.assert_allclose(seen.net([party]), plain.net([party]), atol=1e-3)
        assert np.abs(seen.net(EVERYBODY)).max() < 1e-3


def test_movers_by_hand() -> None:
    """A quarter of the money that is not the programme's own passes on, tax and equalisation too."""
    plain = cash()
    moved = np.array([0, 0, 0.25, 0.25, 1.0])
    gone = out_migrated(plain, moved, OWN_WITH_TAX)
    own = np.array([x.programme for x in plain.lines])
    for party in ("mso", "msb", "treasury"):
        kept = plain.net([party], own) + (1 - moved) * plain.net([party], ~own)
        np.testing.assert_allclose(gone.net([party]), kept, atol=1e-6)


def test_equalisation_by_hand() -> None:
    plain = cash()
    tax = np.array([x.item == "municipal_tax" for x in plain.lines])
    np.testing.assert_allclose(equalised(plain, 0.7).net(["treasury"]), 0.3 * plain.net(["treasury"], tax), atol=1e-6)
    by_draw = np.linspace(0, 1, plain.draws)
    found = equalised(plain, by_draw).net(["treasury"])
    np.testing.assert_allclose(found, (1 - by_draw)[:, None] * plain.net(["treasury"], tax), atol=1e-6)


@pytest.mark.parametrize("rate", [0.02, 0.1, 0.5])
def test_share_moved_is_a_sum_over_citizens(rate: float) -> None:
    """Twin: 2,000 entrants a year at even times, each followed at 400 moments of every year."""
    entrants = (1.0, 3.0, 0.0, 2.0)
    moments = (np.arange(400) + 0.5) / 400
    for year in range(4):
        gone = there = 0.0
        for entry, n in enumerate(entrants[: year + 1]):
            at = entry + (np.arange(2000) + 0.5) / 2000
            since = (year + moments)[:, None] - at[None, :]
            present = since >= 0
            there += n * present.mean()
            gone += n * (present * (1 - (1 - rate) ** np.where(present, since, 0))).mean()
        assert share_moved(entrants, rate)[year] == pytest.approx(gone / there, rel=1e-3)  # the grid is right to 1/800


def test_a_case_under_its_own_view() -> None:
    """Halves follow, the rule set's coverage holds unless the case names its own, and areas are the case's."""
    result = example_result(draws=20)
    model = load("tki2").model
    rules = load_rules("denmark", model)
    plain = result.cash
    half = np.repeat((plain.programme - plain.usual)[:, None], 2, axis=1)
    names = {"benefit": "sickness_benefit", "refund": "sickness_benefit_refund"}
    lines = tuple(replace(x, item=names.get(x.item, x.item)) for x in plain.lines)
    plain = replace(plain, lines=lines)
    assert viewed(plain, half, result.case, rules, 1, GROUPS)[0].net(["msb"]).tolist() == plain.net(["msb"]).tolist()
    case = replace(
        result.case, view="all_municipalities", coverage={"sickness_benefit": 0.5}, equalisation=0.2, out_migration=0.05
    )
    seen, seen_half = viewed(plain, half, case, rules, Design(1), GROUPS)
    assert seen_half is not None
    np.testing.assert_allclose(seen_half.mean(axis=1), seen.programme - seen.usual, atol=1e-6)
    grants = [x for x in seen.lines if x.item.startswith("block_grant")]
    assert [(x.payer, x.recipient, x.area) for x in grants] == [("state", "msb", "other")]
    benefit = np.array([x.item.startswith("sickness_benefit") for x in seen.lines])
    grant = np.array([x in grants for x in seen.lines])
    np.testing.assert_allclose(seen.net(["msb"], grant), -0.5 * seen.net(["msb"], benefit), atol=1e-6)
    without = replace(case, coverage={})
    by_rules = viewed(plain, half, without, rules, Design(1), GROUPS)[0]
    drawn = rules.coverage(plain.draws, 1)["sickness_benefit"]
    np.testing.assert_allclose(by_rules.net(["msb"], grant), -drawn[:, None] * seen.net(["msb"], benefit), atol=1e-6)


def test_refused() -> None:
    result, plain = example_result(draws=20), cash()
    for share in (1.2, -0.1, np.nan, np.array([[0.1, 2.0]])):
        with pytest.raises(ResultError, match="not a share"):
            all_municipalities(plain, {"sick": share}, ITEMS, OWN)
    with pytest.raises(ResultError, match="unknown benefit"):
        all_municipalities(plain, {"sicknes": 0.5}, ITEMS, OWN)
    with pytest.raises(ResultError, match="two benefits"):
        all_municipalities(plain, {"a": 0.5, "b": 0.5}, {"a": ["benefit"], "b": ["benefit"]}, OWN)
    with pytest.raises(ResultError, match="equalisation cannot be changed"):
        equalised(plain, 0.5, tax="church_tax")
    with pytest.raises(ResultError, match="cannot move"):
        share_moved([1.0, -1.0], 0.1)
    with pytest.raises(CosteffError, match=r"(?s)all-municipalities view needs.*Way out: name a rule set"):
        viewed(plain, None, replace(result.case, view="all_municipalities"), None, 1, GROUPS)
