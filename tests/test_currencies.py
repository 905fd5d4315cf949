"""Anchored in Babel's lists: every currency in use somewhere has a code here, and no code is invented."""

from __future__ import annotations

import datetime as dt

from babel.core import get_global
from babel.numbers import get_territory_currencies, list_currencies

from costeff.currencies import CODES, meant_currency
from costeff.reporting.numbers import SPACE, currency_name, write_date, write_money

TODAY = dt.date(2026, 11, 28)


def test_codes_are_those_of_babel() -> None:
    in_use = {
        code
        for territory in get_global("territory_currencies")
        for code in get_territory_currencies(territory, start_date=TODAY, end_date=TODAY, tender=True)
    }
    assert len(in_use) > 140
    assert in_use - CODES == set()
    assert CODES - list_currencies() == set()


def test_names_of_currencies_are_words_or_codes() -> None:
    assert [currency_name("DKK", language) for language in ("en", "da")] == ["DKK", "kr."]
    assert [currency_name(code, "da") for code in ("EUR", "USD", "SEK", "odd")] == ["EUR", "USD", "SEK", "odd"]
    assert write_money(-1234.5, "da", currency="DKK") == f"−1.234{SPACE}kr."


def test_dates_are_those_of_the_language() -> None:
    assert [write_date(dt.date(2026, 3, 9), language) for language in ("en", "da")] == ["9 March 2026", "9. marts 2026"]


def test_ways_of_writing_money() -> None:
    assert [meant_currency(way) for way in ("kr.", "TDKK", "mio. kr.", "øre", "nkr.", "weeks")] == [
        ("DKK", 1.0),
        ("DKK", 1000.0),
        ("DKK", 1e6),
        ("DKK", 0.01),
        ("NOK", 1.0),
        ("", 1.0),
    ]
