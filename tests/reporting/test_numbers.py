"""Anchored in golden texts written by hand from the stated rule, and in reading every text back as a number."""

from __future__ import annotations

import math
from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costeff.errors import ScenarioError
from costeff.reporting.numbers import (
    supported_decimals,
    write_date,
    write_interval,
    write_money,
    write_money_interval,
    write_number,
    write_percent,
)

NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("value", "options", "english", "danish"),
    [
        (0, {}, "0", "0"),
        (1234567.891, {}, "1,234,568", "1.234.568"),
        (1234.5678, {"decimals": 2}, "1,234.57", "1.234,57"),
        (-1234.5, {"decimals": 1}, "−1,234.5", "−1.234,5"),
        (0.123456, {}, "0.1235", "0,1235"),
        (2.5, {}, "2.5", "2,5"),
        (12.0, {"with_sign": True}, "+12", "+12"),
        (-0.0001, {"decimals": 2}, "0.00", "0,00"),
        (-0.0001, {"decimals": 2, "with_sign": True}, "0.00", "0,00"),
        (1234.56, {"error": 37.0}, "1,230", "1.230"),
        (1234.56, {"error": 370.0}, "1,200", "1.200"),
        (0.0205987, {"error": 0.00032}, "0.0206", "0,0206"),
        (0.00018, {"error": 0.00052}, "0.0002", "0,0002"),
        (0.5, {"error": 0.0996}, "0.5", "0,5"),
        (12, {"error": 370.0}, "0", "0"),
        (3, {"error": 3700.0}, "0", "0"),
        (1.23456, {"error": 0.0}, "1.235", "1,235"),
        (1.23456, {"error": math.nan}, "1.235", "1,235"),
        (math.inf, {}, "∞", "∞"),
        (-math.inf, {}, "−∞", "−∞"),
        (None, {}, "–", "–"),
        (math.nan, {}, "–", "–"),
        (pd.NA, {}, "–", "–"),
    ],
)
def test_numbers(value: object, options: dict[str, object], english: str, danish: str) -> None:
    assert write_number(value, "en", **options) == english  # type: ignore[arg-type]
    assert write_number(value, "da", **options) == danish  # type: ignore[arg-type]


def test_money() -> None:
    assert write_money(-2602.4, "en", currency="DKK") == f"−2,602{NBSP}DKK"
    assert write_money(-2602.4, "da", currency="DKK") == f"−2.602{NBSP}kr."
    assert write_money(2602.4, "da", currency="EUR", with_sign=True) == f"+2.602{NBSP}EUR"
    assert write_money(2602.4, error=0.01) == "2,602"  # a small error does not bring back decimals
    assert write_money(2602.4, error=420.0) == "2,600"
    assert write_money(2602.4, error=4200.0) == "3,000"
    assert write_money(math.nan, currency="DKK") == "–"


def test_percent() -> None:
    assert write_percent(0.414, "en") == f"41{NBSP}%"
    assert write_percent(0.0, "en") == f"0{NBSP}%"
    assert write_percent(0.001, "en") == f"<1{NBSP}%"
    assert write_percent(0.999, "da") == f">99{NBSP}%"
    assert write_percent(0.9999, "da", decimals=1) == f">99,9{NBSP}%"
    assert write_percent(1.0, "da") == f"100{NBSP}%"
    assert write_percent(1.07, "en") == f"107{NBSP}%"
    assert write_percent(-0.031, "en", decimals=2, error=0.0012, with_sign=True) == f"−3.1{NBSP}%"
    assert write_percent(None, "en") == "–"


def test_intervals_and_dates() -> None:
    assert write_interval(-3000.2, 5400.4, "en", decimals=0) == "−3,000 to 5,400"
    assert write_interval(-3000.2, 5400.4, "da", decimals=0) == "−3.000 til 5.400"
    assert write_interval(-1234.0, 5432.0, "en", decimals=0, error=120.0) == "−1,200 to 5,400"
    assert write_interval(-1234.0, 5432.0, "en", decimals=0, error=12.0) == "−1,230 to 5,430"
    assert write_interval(math.nan, math.nan, "da") == "–"
    assert write_date(date(2024, 12, 1), "en") == "1 December 2024"
    assert write_date(date(2024, 5, 31), "da") == "31. maj 2024"


def test_unknown_language_is_refused() -> None:
    for write in (write_number, write_money, write_percent):
        with pytest.raises(ScenarioError, match="unknown language"):
            write(1.0, "sv")
    with pytest.raises(ScenarioError, match="unknown language"):
        write_interval(None, None, "sv")
    with pytest.raises(ScenarioError, match="unknown language"):
        write_date(date(2024, 1, 1), "sv")


def read_back(text: str, language: str) -> float:
    if language == "da":
        text = text.translate({ord("."): ",", ord(","): "."})
    return float(text.replace(",", "").replace("−", "-"))


@given(value=st.floats(-1e12, 1e12), error=st.floats(1e-6, 1e9), language=st.sampled_from(["en", "da"]))
def test_no_digit_is_shown_beyond_the_error(value: float, error: float, language: str) -> None:
    """The text is within half of the first digit of the error, and never shows a finer digit."""
    text = write_number(value, language, error=error)
    shown, unit = read_back(text, language), 10.0 ** -supported_decimals(error)
    assert abs(shown - value) <= unit / 2 * (1 + 1e-9) + 1e-9 * abs(value)
    assert 0.94 * unit <= error <= 9.51 * unit
    assert text != "−0"


@given(value=st.floats(-1e9, 1e9), language=st.sampled_from(["en", "da"]))
def test_without_an_error_four_digits_are_kept(value: float, language: str) -> None:
    shown = read_back(write_number(value, language), language)
    assert shown == pytest.approx(value, rel=5.01e-4, abs=5.01e-7)


@pytest.mark.parametrize(
    ("value", "error", "written"),
    [
        (99.94, None, "99.9"),
        (99.96, None, "100"),
        (100.4, None, "100"),
        (0.00043591, None, "0.000436"),
        (0.0, None, "0"),
        (-0.30, None, "−0.3"),
        (0.4359, 0.2, "0.4"),
        (22.058, 3.0, "22"),
        (1e-12, None, "0"),
        (1234.5, None, "1,234"),
    ],
)
def test_money_keeps_three_digits_below_a_hundred(value: float, error: float | None, written: str) -> None:
    assert write_money(value, error=error) == written
    danish = written.replace(".", ";").replace(",", ".").replace(";", ",")
    assert write_money(value, "da", error=error) == danish


def test_the_ends_of_an_amount_have_the_same_decimals() -> None:
    assert write_money_interval(-0.0437, 12.26) == "0.0 to 12.3"
    assert write_money_interval(0.4, 1.25, "da") == "0,40 til 1,25"
    assert write_money_interval(float("nan"), float("nan")) == "–"
