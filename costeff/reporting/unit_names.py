"""Units as readers of a language write them: of effects, of parameters and of a case's amounts."""

from __future__ import annotations

import re

from costeff.catalogue import check_language, is_word, say
from costeff.currencies import CODES
from costeff.reporting.numbers import currency_name


def unit_name(unit: str, language: str = "en", *, plural: bool = True) -> str:
    """The unit of an effect in the language; a unit without a translation is returned as it is.

    >>> unit_name("weeks", "da", plural=False), unit_name("life years", "da"), unit_name("EUR per week", "da")
    ('uge', 'life years', 'EUR pr. uge')
    """
    check_language(language)
    form = f"unit_{unit}" if plural else f"unit_{unit}.one"
    if is_word(form, language):
        return say(form, language)
    return parameter_unit(unit, language) if unit[:3] in CODES and unit[3:4] in ("", " ") else unit


def titled(name: str, unit: str, language: str = "en") -> str:
    """A parameter's label with its unit in brackets, when it has one.

    >>> titled("Wage", "EUR per month", "da"), titled("c_trtA", "")
    ('Wage (EUR pr. måned)', 'c_trtA')
    """
    return f"{name} ({parameter_unit(unit, language)})" if unit else name


def parameter_unit(unit: str, language: str = "en") -> str:
    """The unit of a parameter in the language; words without a translation stay.

    >>> parameter_unit("EUR per week", "da"), parameter_unit("hazard per year"), parameter_unit("USD per event", "da")
    ('EUR pr. uge', 'hazard per year', 'USD pr. hændelse')
    """
    return re.sub(r"[A-Za-z]+", lambda word: _word("unit_word_", word[0], language), unit)


def amount_unit(unit: str, language: str) -> str:
    """The unit of a case's own amount.

    >>> amount_unit("EUR per individual", "da"), amount_unit("ratio", "en")
    ('EUR pr. borger', '(ratio)')
    """
    plain = unit.removesuffix("(may be negative)").split()
    return " ".join(_word("amount_unit_", word, language) for word in plain).strip()


def _word(group: str, word: str, language: str) -> str:
    if word in CODES:
        return currency_name(word, language)
    return say(group + word, language) if is_word(group + word, language) else word
