"""Says the amounts of a case as its reader understood them, in English and Danish, where a person looks first.

A number that was typed otherwise than meant shows here: "12 DKK per citizen" in place of 12,000.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from costeff.model.elements import Label
from costeff.reporting.numbers import SPACE, check_language, currency_name, write_number

if TYPE_CHECKING:
    pass

WORDS = {
    "offered": ("{number} citizens offered the programme", "{number} borgere får tilbudt indsatsen"),
    "consultants": ("{number} consultants", "{number} konsulenter"),
    "caseload": ("{number} citizens at a time per consultant", "{number} borgere ad gangen pr. konsulent"),
    "variable": ("{number} per citizen", "{number} pr. borger"),
    "fixed": ("{number} a year whatever the number", "{number} om året uanset antal"),
    "per_consultant": ("{number} a year per consultant", "{number} om året pr. konsulent"),
    "start_up": ("{number} for the start", "{number} til opstart"),
    "own": ("{label}: {number}", "{label}: {number}"),
    "in": ("in", "i"),
    "heading": ("Amounts as read", "Beløb og antal som læst"),
}
"""Key: English, Danish."""
ONE = {
    "offered": ("1 citizen offered the programme", "1 borger får tilbudt indsatsen"),
    "consultants": ("1 consultant", "1 konsulent"),
    "caseload": ("1 citizen at a time per consultant", "1 borger ad gangen pr. konsulent"),
}
"""The same for exactly one."""
MONEY = ("variable", "fixed", "per_consultant", "start_up")
UNITS = {
    "hours": "timer", "days": "dage", "weeks": "uger", "months": "måneder", "years": "år", "ratio": "(forhold)",
    "share": "(andel)", "probability": "(sandsynlighed)", "count": "stk.", "individual": "borger", "hour": "time",
    "day": "dag", "week": "uge", "month": "måned", "year": "år", "event": "hændelse", "session": "samtale",
    "per": "pr.", "rate": "rate", "hazard": "hasard", "number": "", "DKK": "kr.",
}  # fmt: skip
"""Words of units in Danish; a word that is not here stands as it is."""


@dataclass(frozen=True)
class TypedAmount:
    """An amount of a case: what it is (a key of WORDS), its value in each of `years` (none: in all), and its unit."""

    key: str
    values: tuple[float, ...]
    years: tuple[int, ...] = ()
    unit: str = ""
    label: Label | None = None


def amounts_as_read(amounts: Sequence[TypedAmount], currency: str, language: str = "en") -> list[str]:
    """Each amount in words. Raises ScenarioError for an unknown language.

    >>> amounts_as_read([TypedAmount("variable", (12.0,))], "DKK", "da")[0].replace(SPACE, " ")
    '12 kr. pr. borger'
    >>> amounts_as_read([TypedAmount("consultants", (2.0, 2.0, 0.0), (2026, 2027, 2028))], "DKK")
    ['2 consultants in 2026–2027, 0 in 2028']
    """
    check_language(language)
    return [_in_words(amount, currency, language) for amount in amounts]


def _in_words(amount: TypedAmount, currency: str, language: str) -> str:
    words = WORDS[amount.key][language == "da"]
    label = amount.label[language] if amount.label else ""
    runs = [(value, [year for _, year in group]) for value, group in _runs(amount)]
    texts = []
    for position, (value, years) in enumerate(runs):
        number = write_number(value, language)
        if amount.key in MONEY:
            number += f"{SPACE}{currency_name(currency, language)}"
        if position == 0:
            one = value == 1 and amount.key in ONE
            text = ONE[amount.key][language == "da"] if one else words.format(number=number, label=label)
        else:
            text = number
        if amount.unit:
            text += f"{SPACE}{unit_in_words(amount.unit, language)}"
        texts.append(text + _when(years, language))
    return ", ".join(texts)


def _runs(amount: TypedAmount) -> list[tuple[float, list[tuple[float, int]]]]:
    """Values that hold for years on end, each with (value, year) of its years; one without years holds for all."""
    pairs = list(zip(amount.values, amount.years or (0,), strict=True))
    return [(value, list(group)) for value, group in groupby(pairs, key=lambda pair: pair[0])]


def _when(years: Sequence[int], language: str) -> str:
    if not years[0]:
        return ""
    span = f"{years[0]}" if len(years) == 1 else f"{years[0]}–{years[-1]}"
    return f" {WORDS['in'][language == 'da']} {span}"


def unit_in_words(unit: str, language: str) -> str:
    """A unit as readers of the language write it.

    >>> unit_in_words("DKK per individual", "da"), unit_in_words("ratio", "en")
    ('kr. pr. borger', '(ratio)')
    """
    plain = unit.removesuffix("(may be negative)").strip()
    if language == "da":
        return " ".join(UNITS.get(word, word) for word in plain.split()).strip()
    return f"({plain})" if plain in ("ratio", "share", "probability") else plain
