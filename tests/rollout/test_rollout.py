"""Anchored in identities: everybody reached is the plain model, nobody is usual care and fixed cost; and in quadrature.

The ramp of each year is held against an integral by scipy; what lasts against the ramp without end and against nothing.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

import costeff as ce
from costeff import Result
from costeff.errors import CosteffError, ScenarioError
from costeff.labels import same
from costeff.model.rollout_plan import RolloutMunicipality, RolloutPlan
from costeff.numerics.reach import reach_by_year
from costeff.rollout.rollout import Rollout, rollout

SIX = {"suldal": 2023, "kinn": 2023, "bo": 2023, "senja": 2023, "steinkjer": 2021, "asker": 2021}
SPREAD = {"distribution": "gamma", "interval": [0.2, 1.2], "interval_approximate": True}
FIXED = {"start_up": 100_000, "running": 50_000, "training": 20_000, "grant": 70_000}


@cache
def result() -> Result:
    return ce.load("followup-teams-young").psa(16, seed=2, progress=False)


def plan(figures: dict[str, Any], ends: dict[str, int | None] | None = None, years: int = 10) -> RolloutPlan:
    """Ten people a year in each municipality, from 2019."""
    places = SIX if ends is None else ends
    return RolloutPlan(
        strategy="team",
        first_year=2019,
        years=years,
        payer="unit",
        figures=figures,
        municipalities=tuple(
            RolloutMunicipality(name, 10.0, None if last is None else last - 2018, same(name))
            for name, last in places.items()
        ),
        grant_from="state" if "grant" in figures else "",
    )


def planned(figures: dict[str, Any], ends: dict[str, int | None] | None = None) -> Rollout:
    return rollout(result(), plan(figures, ends))


@given(
    ceiling=st.floats(0, 1),
    constant=st.floats(0.05, 8),
    kept=st.floats(0, 1),
    loss=st.floats(0, 50),
    unlearned=st.floats(0, 0.5),
    ends=st.integers(1, 5),
)
@settings(max_examples=40, deadline=None)
def test_each_year_is_the_integral_of_the_ramp(
    ceiling: float, constant: float, kept: float, loss: float, unlearned: float, ends: int
) -> None:
    def at(t: float) -> float:
        ramp = ceiling * (1 - np.exp(-t / constant)) * np.exp(-unlearned * t)
        return float(ramp if t < ends else ramp * (kept + (1 - kept) * np.exp(-loss * (t - ends))))

    ours = reach_by_year(ceiling, constant, 6, ends=ends, kept_share=kept, loss=loss, attrition_rate=unlearned)
    for year in range(6):
        # Just after the year's beginning, so that the year of the end lies after it.
        theirs = quad(at, year + 1e-12, year + 1, limit=200)[0]
        assert ours[year] == pytest.approx(theirs, rel=1e-5, abs=1e-9)


def test_everybody_from_the_start_is_the_plain_model() -> None:
    of = planned({"ceiling": 1, "time_constant": 0}, dict.fromkeys(SIX, None))
    np.testing.assert_array_equal(of.reach, 1)
    for name in ("municipality", "society", "hospital_trust"):
        cost = result().perspective(name).cost
        plain = cost[:, 1] - cost[:, 0]
        np.testing.assert_allclose(of.net_cost(name), np.broadcast_to(10 * plain[:, None, None], (16, 6, 10)))
    weeks = result().effects.value[:, :, result().effects.names.index("weeks_several")]
    people = 10 * 6 * of.discount.sum()
    np.testing.assert_allclose(of.gained("weeks_several"), people * (weeks[:, 1] - weeks[:, 0]))
    assert of.discount[:3].tolist() == pytest.approx([1, 1 / 1.04, 1 / 1.04**2])  # Norway's 4 %


def test_nobody_is_usual_care_and_fixed_cost() -> None:
    of = planned({"ceiling": 0, "time_constant": 2, "turnover": 0.2, "spread": 0.5, **FIXED})
    np.testing.assert_array_equal(of.reach, 0)
    np.testing.assert_array_equal(of.gained("goals"), 0)
    # 100,000 and 20,000 once; 50,000 a year and a fifth of the training again: by hand.
    first, later = 100_000 + 20_000 + 50_000 + 4_000, 50_000 + 4_000
    for name, pays, gives in (("unit", 1, 0), ("state", 0, 1), ("public", 1, 1), ("school", 0, 0)):
        net = of.net_cost(name)[0]
        assert net[0, 0] == pytest.approx(pays * first + 70_000 * (gives - pays))
        assert net[4, 2] == pytest.approx(pays * later + 70_000 * (gives - pays))  # Steinkjer, 2021
        assert net[4, 3] == pytest.approx(pays * later)  # and 2022, without a grant
    # The grant is a transfer: no part of what the public sector pays.
    np.testing.assert_allclose(of.net_cost("unit") + of.net_cost("state"), of.net_cost("public"))


def test_what_is_kept_whole_is_the_ramp_without_end() -> None:
    figures = {"ceiling": 0.6, "time_constant": 2, "loss": 0.7, "turnover": 0.1, "retrained": 0.5, **FIXED}
    kept = planned({**figures, "kept": 1})
    endless = planned({**figures, "kept": 1}, dict.fromkeys(SIX, None))
    np.testing.assert_allclose(kept.reach, endless.reach, rtol=1e-13)
    np.testing.assert_allclose(kept.fixed, endless.fixed, rtol=1e-13)


def test_what_is_not_kept_is_usual_care_after_the_end_and_sunk_cost() -> None:
    figures = {"ceiling": 0.6, "time_constant": 2, "spread": SPREAD | {"value": 0.6}, **FIXED}
    none, endless = planned({**figures, "kept": 0}), planned(figures, dict.fromkeys(SIX, None))
    for m, last in enumerate(SIX.values()):
        during = last - 2018
        np.testing.assert_allclose(none.net_cost("unit")[:, m, :during], endless.net_cost("unit")[:, m, :during])
        for array in (none.reach, none.fixed, none.grant, none.net_cost("society")):
            np.testing.assert_array_equal(array[:, m, during:], 0)
    sunk = (none.net_cost("society") * none.discount).sum(axis=(1, 2))
    np.testing.assert_allclose(none.total("society"), sunk)
    assert (sunk > 0).all()


def test_municipalities_share_luck_by_name() -> None:
    figures = {
        "ceiling": {"value": 0.5, "distribution": "beta", "interval": [0.2, 0.8], "interval_approximate": True},
        "time_constant": 2,
        "spread": {"value": 0.6} | SPREAD,
        "spread_pace": 0.4,
        "kept": 0.5,
    }
    six = planned(figures)
    two = planned(figures, {"asker": 2021, "kinn": 2023})
    np.testing.assert_array_equal(six.reach[:, 5], two.reach[:, 0])
    np.testing.assert_array_equal(six.reach[:, 1], two.reach[:, 1])
    # Another end changes nothing before it, and municipalities differ.
    longer = planned(figures, {"asker": 2023})
    np.testing.assert_array_equal(longer.reach[:, 0, :3], six.reach[:, 5, :3])
    assert np.std(six.reach[:, :, 2], axis=1).min() > 0.01
    np.testing.assert_array_equal(planned(figures).reach, six.reach)


def test_the_slowest_ramp_by_hand() -> None:
    """One municipality, two years without discounting: 2 - constant (1 - exp(-2 / constant)) citizens' courses pay."""
    of = planned({"ceiling": 1, "time_constant": 1, "start_up": 100}, {"ours": None})
    two = replace(
        of,
        plan=replace(of.plan, years=2),
        fixed=np.full((16, 1, 2), 50.0),
        discount=np.ones(2),
        cost={"unit": np.full(16, -20.0)},
        shared_by={"unit": (True, False)},
        grant=np.zeros((16, 1, 2)),
    )
    # 10 citizens a year save 20 each; 100 are paid: reach must add up to 0.5 in two years.
    constant = two.slowest("unit")
    assert 2 - constant * (1 - np.exp(-2 / constant)) == pytest.approx(0.5, abs=1e-6)
    assert two.slowest("unit") > 0
    assert np.isnan(replace(two, cost={"unit": np.full(16, 1.0)}).slowest("unit"))
    assert np.isinf(replace(two, fixed=np.zeros((16, 1, 2))).slowest("unit"))
    with pytest.raises(ScenarioError, match="unknown perspective"):
        two.slowest("nobody")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("strategy: team", "strategy: usual_care", "`strategy` of `rollout` is not known"),
        ("payer: unit", "payer: resources", "`payer` of `rollout` is not known"),
        ("ends: 2020", "ends: 2030", "lies outside the roll-out"),
        ("grant_from: state", "note: no giver", "does not say who gives the grant"),
        ("years: 3", "years: 300", "is too large"),
        ("citizens: 10", "citizens: -1", "`citizens` is below 0"),
        ("kept: 0.5", "keep: 0.5", "unknown key 'keep'"),
        ("  ceiling: 0.5\n", "", "ceiling"),
    ],
)
def test_a_roll_out_that_cannot_be_read_is_refused(tmp_path: Path, old: str, new: str, told: str) -> None:
    text = """scenario: ours
model: followup-teams-young
rollout:
  strategy: team
  first_year: 2019
  years: 3
  payer: unit
  grant_from: state
  ceiling: 0.5
  time_constant: 1
  kept: 0.5
  grant: 1000
  municipalities: {ours: {citizens: 10, ends: 2020}}
"""
    file = tmp_path / "ours.yaml"
    file.write_text(text, encoding="utf-8")
    assert ce.load(str(file)).scenario.rollout is not None
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(CosteffError) as caught:
        ce.load(str(file))
    assert told in str(caught.value)
    assert "ours.yaml" in str(caught.value)


def test_figures_outside_their_range_are_refused() -> None:
    for figures, told in (
        ({"ceiling": 1.2, "time_constant": 1}, "parameter 'ceiling': the value is outside its unit"),
        ({"ceiling": 0.5, "time_constant": -1}, "parameter 'time_constant': the value is outside its unit"),
        ({"ceiling": 0.5, "time_constant": 1, "spread": -0.5}, "`spread` of `rollout` is below 0"),
    ):
        with pytest.raises(CosteffError) as caught:
            planned(figures)
        assert told in str(caught.value)
    with pytest.raises(ScenarioError, match="says nothing of a roll-out"):
        rollout(result())
