"""Anchored in closed forms of a model of two cycles: time ill is 2 - (1 - exp(-h hr)), all else is multiplication."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from math import exp, isnan, log, nan
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costeff import Study, load
from costeff.errors import CosteffError, ResultError, ScenarioError
from costeff.sensitivity.measure import measure
from costeff.sensitivity.one_way import FINE, OneWay, tornado_of
from costeff.sensitivity.points import Points
from costeff.sensitivity.threshold import FALLS, RISES, roots, search
from costeff.sensitivity.tornado import decision

FOLDER = Path(__file__).parents[1] / "data" / "dsa"
GAIN = exp(-0.5) - exp(-0.75)
"""Years well gained at base values."""
EXACT = 1e-6
"""Money is rounded to 2^-24 in each cell."""


@cache
def study() -> Study:
    return load(FOLDER / "linear_cohort.yaml")


def net_cost(h: float = 0.5, hr: float = 1.5, care: float = 1000.0, programme: float = 150.0) -> float:
    return programme - care * (exp(-h) - exp(-h * hr))


@pytest.mark.parametrize("wtp", [None, 0.0, 400.0])
def test_the_tornado_is_the_formula_at_both_ends(wtp: float | None) -> None:
    table = study().one_way("payer", wtp=wtp).set_index("name")
    parameters = study().evidence.parameters
    assert set(table.index) == {"h", "hr", "care", "programme"}  # rate and help are fixed
    base = {"h": 0.5, "hr": 1.5, "care": 1000.0, "programme": 150.0}
    for name, row in table.iterrows():
        for end, value in zip(("low", "high"), parameters[str(name)].interval(), strict=True):
            here = base | {str(name): value}
            gain = exp(-here["h"]) - exp(-here["h"] * here["hr"])
            expected = net_cost(**here) if wtp is None else wtp * gain - net_cost(**here)
            assert row[f"{end}_value"] == value
            assert row[f"{end}_result"] == pytest.approx(expected, abs=EXACT)
    assert table["swing"].is_monotonic_decreasing
    assert table.attrs["measure"] == ("net_cost" if wtp is None else "net_benefit")
    assert table.attrs["base_mcse"] == 0  # the cohort engine has no luck
    assert (table["mcse"] == 0).all()


def test_what_is_on_the_tornado_is_never_an_icer() -> None:
    with pytest.raises(ScenarioError, match="unknown measure") as refused:
        study().one_way("payer", on="icer")
    assert "never an ICER" in str(refused.value.rule)


def test_quadrant_and_preference_are_recorded_at_both_ends() -> None:
    table = study().one_way("payer").set_index("name")
    assert table.attrs["base_quadrant"].startswith("north-east")
    assert table.attrs["base_preferred"] == "usual"
    assert table.loc["hr", "low_quadrant"] == "north-west: more costly, less effective"
    assert table.loc["hr", "high_quadrant"] == "south-east: less costly, more effective"
    assert table["changes_quadrant"].to_dict() == {"hr": True, "care": True, "programme": True, "h": False}
    assert table["changes_preferred"].to_dict() == {"hr": True, "care": True, "programme": True, "h": False}
    rich = study().one_way("payer", wtp=1e6).set_index("name")
    assert rich.attrs["base_preferred"] == "new"
    assert rich.index[rich["changes_preferred"]].tolist() == ["hr"]  # where it harms
    assert rich["changes_quadrant"].to_dict() == table["changes_quadrant"].to_dict()


def test_a_price_needs_no_simulation() -> None:
    def bars(*names: str) -> pd.DataFrame:
        asked = OneWay(parameters=names or None)
        return tornado_of(Points(study()), measure(study(), "payer"), asked)

    table = bars("care", "programme")
    assert not table["needs_simulation"].any()
    assert (table.attrs["simulations"], table.attrs["priced"]) == (1, 5)
    both = bars()
    assert (both.attrs["simulations"], both.attrs["priced"]) == (5, 9)  # the base, h and hr at two ends each
    # where the best strategy changes between the ends is looked for beyond the bars, of prices without a simulation
    prices = study().one_way("payer", parameters=["care", "programme"])
    assert prices.attrs["simulations"] == 1
    assert set(prices.attrs["switches"]) == {"care", "programme"}


def test_where_the_best_strategy_changes_is_where_the_two_cost_the_same() -> None:
    table = study().one_way("payer")
    found = {name: [(one["before"], one["after"]) for one in own] for name, own in table.attrs["switches"].items()}
    assert found == {"hr": [("usual", "new")], "care": [("usual", "new")], "programme": [("new", "usual")]}
    exact = {"programme": 1000 * GAIN, "care": 150 / GAIN, "hr": -log(exp(-0.5) - 0.15) / 0.5}
    widths = (table["high_value"] - table["low_value"]).set_axis(table["name"])
    for name, value in exact.items():
        assert table.attrs["switches"][name][0]["value"] == pytest.approx(value, abs=FINE * widths[name])


def test_a_discount_rate_is_simulated_again() -> None:
    table = study().one_way("payer", ranges={"rate": (0.0, 0.25)}, parameters=[])
    assert table.attrs["simulations"] == 2
    (row,) = table.to_dict("records")
    assert row["low_result"] == pytest.approx(net_cost(), abs=EXACT)
    assert row["high_result"] == pytest.approx(150 - 1000 * GAIN / 1.25, abs=EXACT)


@pytest.mark.parametrize(
    ("parameter", "expected", "direction"),
    [("programme", 1000 * GAIN, RISES), ("care", 150 / GAIN, FALLS), ("hr", -log(exp(-0.5) - 0.15) / 0.5, FALLS)],
)
def test_thresholds_have_a_closed_form(parameter: str, expected: float, direction: str) -> None:
    found = study().threshold(parameter, "payer")
    (root,) = found.roots
    assert root.value == pytest.approx(expected, rel=2e-7)
    assert root.direction == direction
    assert root.mcse == 0
    assert found.low < root.value < found.high
    assert found.base_result == pytest.approx(net_cost(), abs=EXACT)
    for row in found.curve.to_dict("records"):
        assert row["result"] == pytest.approx(net_cost(**{parameter: row["value"]}), abs=EXACT)


def test_a_target_and_a_willingness_to_pay_move_the_threshold() -> None:
    (saves,) = study().threshold("programme", "payer", target=-50).roots
    assert saves.value == pytest.approx(1000 * GAIN - 50, abs=1e-4)
    (worth,) = study().threshold("programme", "payer", wtp=100.0).roots
    assert worth.value == pytest.approx(1100 * GAIN, abs=1e-4)
    assert worth.direction == FALLS  # of net benefit


def test_two_roots_are_both_found() -> None:
    """Net cost as a function of h is least at ln(1.5) / 0.5."""
    found = study().threshold("h", "payer", low=0.01, high=5.0, target=20.0)
    assert [root.direction for root in found.roots] == [FALLS, RISES]
    for root in found.roots:
        assert net_cost(h=root.value) == pytest.approx(20.0, abs=1e-4)


def test_no_root_is_said_plainly() -> None:
    found = study().threshold("help", "payer", low=0, high=1000)
    assert not found.found
    assert set(found.curve["result"]) == {found.base_result}
    never = study().threshold("programme", "payer", low=200, high=400)
    assert not never.found
    assert (never.curve["result"] > 0).all()


def test_a_share_of_the_distribution_lies_below_the_root() -> None:
    found = study().threshold("hr", "payer")
    median = found.base_value
    sd = log(2.5 / 0.9) / (2 * 1.959963984540054)
    z = (log(found.roots[0].value) - log(median)) / sd
    from scipy.special import ndtr

    assert found.share_below[0] == pytest.approx(ndtr(z), abs=1e-4)


def test_the_grid_is_the_formula() -> None:
    grid = study().two_way("hr", "programme", "payer", grid=4)
    assert dict(grid.sizes) == {"hr": 4, "programme": 4}
    assert grid.attrs["simulations"] == 5  # the base and four hazard ratios: the price costs none
    for hr in grid["hr"].values.tolist():
        for programme in grid["programme"].values.tolist():
            one = grid.sel(hr=hr, programme=programme)
            expected = net_cost(hr=hr, programme=programme)
            assert float(one["result"]) == pytest.approx(expected, abs=EXACT)
            assert str(one["preferred"].values) == ("new" if expected < 0 else "usual")
            side = ("south" if expected < 0 else "north") + ("-east" if hr > 1 else "-west")
            assert str(one["quadrant"].values).startswith(side)
    given = study().two_way("hr", "help", "all", first_values=[1.0, 2.0], second_values=[0.0, 200.0, 900.0])
    saved = exp(-0.5) - exp(-1.0)
    assert given["result"].values[1].tolist() == pytest.approx(
        [150 - (1000 + h) * saved for h in (0, 200, 900)], abs=EXACT
    )


@pytest.mark.parametrize(
    ("ask", "what"),
    [
        (lambda s: s.one_way("payer", parameters=["help"]), "no interval"),
        (lambda s: s.one_way("payer", parameters=["halp"]), "unknown parameter"),
        (lambda s: s.one_way("payer", ranges={"h": (0.5, 0.5)}), "is empty"),
        (lambda s: s.one_way("payer", ranges={"h": (-1, 0.5)}), "outside its unit"),
        (lambda s: s.one_way("payer", level=1), "level"),
        (lambda s: s.one_way("payer", joint_draws=1), "joint draws"),
        (lambda s: s.one_way("payer", individuals=0), "no individuals"),
        (lambda s: s.one_way("payer", batches=0), "no batches"),
        (lambda s: s.one_way("payer", wtp=-1), "out of range"),
        (lambda s: s.one_way("payer", wtp=nan), "out of range"),
        (lambda s: s.one_way("payer", on="net_benefit"), "willingness to pay"),
        (lambda s: s.one_way("payr"), "unknown name among perspectives"),
        (lambda s: s.one_way("payer", effect="qaly"), "unknown name among effects"),
        (lambda s: s.one_way("payer", strategy="old"), "unknown name among strategies"),
        (lambda s: s.one_way("payer", strategy="usual"), "with itself"),
        (lambda s: s.two_way("h", "h"), "two parameters"),
        (lambda s: s.two_way("h", "help"), "no interval"),
        (lambda s: s.two_way("h", "hr", grid=1), "too small"),
        (lambda s: s.two_way("h", "hr", first_values=[2.0, 1.0]), "no grid"),
        (lambda s: s.threshold("help", "payer"), "no interval"),
        (lambda s: s.threshold("h", "payer", low=2, high=1), "range searched is empty"),
        (lambda s: s.threshold("h", "payer", points=1), "too few points"),
        (lambda s: s.threshold(["h", "hr"], "payer"), "different units"),
        (lambda s: s.threshold([], "payer"), "different parameters"),
        (lambda s: s.threshold("hrr", "payer"), "unknown parameter"),
        (lambda s: s.scenario_table([s]), "different names"),
    ],
)
def test_what_cannot_be_asked_is_refused(ask: object, what: str) -> None:
    with pytest.raises(CosteffError, match=what):
        ask(study())  # type: ignore[operator]


# -- the root finder and the decision by themselves ----


@given(st.lists(st.integers(-40, 40), min_size=1, max_size=4, unique=True), st.integers(2, 30), st.booleans())
def test_roots_of_polynomials(zeros: list[int], points: int, up: bool) -> None:
    def function(x: float) -> float:
        return float(np.prod([(x - zero) / 50 for zero in zeros])) * (1 if up else -1)

    values = np.linspace(-50.5, 50.5, points).tolist()
    found = roots(function, values, [function(x) for x in values], tolerance=1e-9)
    assert found == sorted(found)
    for root in found:
        assert min(abs(root - zero) for zero in zeros) < 1e-6
    # one for an odd number between neighbours; next to a value that is a root itself no sign tells of another
    between = [sum(a < zero < b for zero in zeros) % 2 for a, b in pairwise(values) if not {a, b} & set(zeros)]
    assert len(found) == sum(between) + sum(x in zeros for x in values)


def test_the_root_finder_on_odd_functions() -> None:
    assert roots(lambda x: 0.0, [0, 1, 2], [0.0, 0.0, 0.0], tolerance=1e-9) == []
    assert roots(lambda x: x, [0, 1], [0.0, 1.0], tolerance=1e-9) == [0.0]
    with pytest.raises(ResultError, match="not finite"):
        roots(lambda x: x, [0, 1], [nan, 1.0], tolerance=1e-9)
    with pytest.raises(ScenarioError, match="empty"):
        search(0, float("inf"), 3)


def test_of_equals_the_comparator_is_preferred() -> None:
    names = ("a", "b", "c")
    assert decision(names, "b", "a", [0, 0, 0], [1, 1, 1], 10).preferred == "b"
    assert decision(names, "b", "a", [0, 1, 0], [0, 0, 9], None).preferred == "a"
    assert decision(names, "b", "c", [0, 1, 0], [0, 0, 9], 1).preferred == "c"
    assert isnan(study().one_way("payer", engine="microsim", batches=1, individuals=10).attrs["base_mcse"])
