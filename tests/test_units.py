"""Anchored in closed forms: each conversion against its formula in plain floats, and against its exact inverse."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costeff import units
from costeff.errors import EvidenceError, Place

PROBABILITIES = st.floats(0.0, 0.999)
RATES = st.floats(0.0, 5.0)
CYCLES = st.floats(0.05, 100.0)


@given(RATES, st.floats(0.05, 4.0))
def test_rate_and_probability_are_inverse(rate: float, cycles: float) -> None:
    p = units.rate_to_probability(rate, cycles)
    assert units.probability_to_rate(p, cycles) == pytest.approx(rate, rel=1e-6, abs=1e-14)
    assert float(p) == pytest.approx(1 - math.exp(-rate * cycles), abs=1e-15)


@given(PROBABILITIES, CYCLES)
def test_probability_and_rate_are_inverse(p: float, cycles: float) -> None:
    back = units.rate_to_probability(units.probability_to_rate(p, cycles), cycles)
    assert float(back) == pytest.approx(p, rel=1e-12, abs=1e-300)


@given(PROBABILITIES, st.integers(1, 60))
def test_probability_over_cycles_is_the_product_of_survivals(p: float, cycles: int) -> None:
    survival = 1.0
    for _ in range(cycles):
        survival *= 1 - p
    assert float(units.probability_over(p, cycles)) == pytest.approx(1 - survival, rel=1e-9, abs=1e-14)


@given(st.floats(0.0, 0.5), st.floats(0.1, 10.0))
def test_probability_over_is_its_own_inverse(p: float, cycles: float) -> None:
    there = units.probability_over(p, cycles)
    assert float(units.probability_over(there, 1 / cycles)) == pytest.approx(p, rel=1e-9, abs=1e-14)


def test_a_certain_event_stays_certain() -> None:
    assert units.probability_over([0.0, 1.0], 0.25).tolist() == [0.0, 1.0]


@given(PROBABILITIES)
def test_probability_and_odds_are_inverse(p: float) -> None:
    assert float(units.odds_to_probability(units.probability_to_odds(p))) == pytest.approx(p, rel=1e-12)


@given(st.floats(-1e6, 1e6))
def test_months_and_weeks_are_inverse(x: float) -> None:
    assert float(units.per_week_to_per_month(units.per_month_to_per_week(x))) == pytest.approx(x, rel=1e-14)
    assert float(units.weeks_to_months(units.months_to_weeks(x))) == pytest.approx(x, rel=1e-14)


def test_a_month_is_twelve_fiftyseconds_of_a_year() -> None:
    assert float(units.per_month_to_per_week(52.0)) == 12.0
    assert float(units.months_to_weeks(12.0)) == 52.0
    assert units.WEEKS_PER_MONTH == 52 / 12


def test_conversions_broadcast() -> None:
    p = units.rate_to_probability(np.array([[0.1], [0.2]]), np.array([1.0, 2.0, 3.0]))
    assert p.shape == (2, 3)
    assert p[1, 2] == pytest.approx(1 - math.exp(-0.6))


@pytest.mark.parametrize(
    ("convert", "bad"),
    [
        (units.rate_to_probability, -0.1),
        (units.probability_to_rate, 1.0),
        (units.probability_to_rate, -0.01),
        (units.probability_to_odds, 1.0),
        (units.odds_to_probability, -1.0),
        (units.rate_to_probability, math.nan),
    ],
)
def test_values_out_of_range_are_named(convert: object, bad: float) -> None:
    with pytest.raises(EvidenceError, match="out of range") as caught:
        convert([0.5, bad])  # type: ignore[operator]
    assert caught.value.value is not None
    assert str(caught.value.value) == str(float(bad))


def test_a_span_of_no_cycles_is_refused() -> None:
    with pytest.raises(EvidenceError, match="number of cycles"):
        units.rate_to_probability(0.1, 0)


@pytest.mark.parametrize(
    ("text", "low", "high", "money"),
    [
        ("probability", 0, 1, None),
        ("share", 0, 1, None),
        ("ratio", 0, math.inf, None),
        ("log ratio", -math.inf, math.inf, None),
        ("rate per year", 0, math.inf, None),
        ("hazard per week", 0, math.inf, None),
        ("weeks", 0, math.inf, None),
        ("utility", -math.inf, 1, None),
        ("DKK per individual", 0, math.inf, "DKK"),
        ("NOK per month", 0, math.inf, "NOK"),
        ("EUR per event", 0, math.inf, "EUR"),
        ("DKK per week (may be negative)", -math.inf, math.inf, "DKK"),
        ("probability (may be negative)", -math.inf, 1, None),
    ],
)
def test_units_are_read(text: str, low: float, high: float, money: str | None) -> None:
    unit = units.parse_unit(text)
    assert (unit.low, unit.high, unit.currency) == (low, high, money)
    assert units.currency(text) == money
    assert units.is_money(text) == (money is not None)


@pytest.mark.parametrize("unit", units.known_units())
def test_every_listed_unit_is_accepted(unit: str) -> None:
    assert units.parse_unit(unit).name == unit


@pytest.mark.parametrize("text", ["probabilty", "DKK per fortnight", "XYZ per week", "", "percent", "DKK per "])
def test_unknown_units_list_what_is_known(text: str) -> None:
    with pytest.raises(EvidenceError) as caught:
        units.parse_unit(text, Place("p.yaml", 7))
    message = str(caught.value)
    assert message.startswith("p.yaml, line 7: unknown unit")
    assert "probability" in message
    assert "hazard per week" in message
    assert "EUR" in message


def test_a_near_miss_gets_a_suggestion() -> None:
    with pytest.raises(EvidenceError, match="unknown unit") as caught:
        units.parse_unit("probabilty")
    assert "did you mean 'probability'" in str(caught.value)
