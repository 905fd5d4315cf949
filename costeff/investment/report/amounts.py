"""Says the amounts of a case as its reader understood them, in English and Danish, where a person looks first.

A number that was typed otherwise than meant shows here: "12 kr. per citizen" in place of 12,000.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from costeff.catalogue import check_language, counted, say
from costeff.labels import Label
from costeff.reporting.numbers import SPACE, currency_name, write_number
from costeff.reporting.unit_names import amount_unit

MONEY = ("variable", "fixed", "per_consultant", "start_up")


@dataclass(frozen=True)
class TypedAmount:
    """An amount of a case: what it is, its value in each of `years` (none: in all), and its unit.

    `key` is that of its text in the catalogue of words, without `amount_`.
    """

    key: str
    values: tuple[float, ...]
    years: tuple[int, ...] = ()
    unit: str = ""
    label: Label | None = None


def amounts_as_read(amounts: Sequence[TypedAmount], currency: str, language: str = "en") -> list[str]:
    """Each amount in words. Raises ScenarioError for an unknown language.

    >>> amounts_as_read([TypedAmount("variable", (12.0,))], "EUR", "da")[0].replace(SPACE, " ")
    '12 EUR pr. borger'
    >>> amounts_as_read([TypedAmount("consultants", (2.0, 2.0, 0.0), (2026, 2027, 2028))], "EUR")
    ['2 consultants in 2026–2027, 0 in 2028']
    """
    check_language(language)
    return [_in_words(amount, currency, language) for amount in amounts]


def _in_words(amount: TypedAmount, currency: str, language: str) -> str:
    label = amount.label[language] if amount.label else ""
    runs = [(value, [year for _, year in group]) for value, group in _runs(amount)]
    texts = []
    for position, (value, years) in enumerate(runs):
        number = write_number(value, language)
        if amount.key in MONEY:
            number += f"{SPACE}{currency_name(currency, language)}"
        if position == 0:
            text = counted(f"amount_{amount.key}", value, language, number=number, label=label)
        else:
            text = number
        if amount.unit:
            text += f"{SPACE}{amount_unit(amount.unit, language)}"
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
    return f" {say('amount_in', language)} {span}"
