"""Checks of price years by what notes and sources tell of them (TECH-VER, inputs)."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable

from costeff.evidence import Parameter
from costeff.verification.subject import Subject
from costeff.verification.verdict import Verdict, check, of_names, without

YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:\d{4})?(?!\d)")
"""A year, or that of a date as names of dated rates end with."""
AMOUNT = r"\d{1,3}(?:[,. \u00a0]\d{3})+(?!\d)|\d+(?:[.,]\d+)?"
"""A number of a text, with or without marks between thousands."""
AMOUNT_OF_A_YEAR = re.compile(rf"({AMOUNT})(?: \D{{1,20}}?)? (?:in|i) ((?:19|20)\d\d)(?!\d)")
"""As in "5,508 in 2023"."""
FEWEST_DIGITS = 3
"""Of a number that is looked for in texts: 20 stands in many for something else."""
DIGITS_LOST = 1e-9
"""What moving a price to another year and back may leave of a difference."""


@check("price_years_are_told", "uncertainty", "25")
def price_years_are_told(subject: Subject) -> Verdict:
    """A price is of the year of the analysis, or of one that its note or its sources name."""
    money = [p for p in subject.study.evidence.parameters.values() if p.price_year is not None]
    if not money:
        return without("no_prices")
    own = _own_year(subject, money)
    of_setter = subject.model.conventions.price_year
    wrong = [
        p.name for p in money if _stated_year(p) != (of_setter if p.set_by else own) and not _names_year(subject, p)
    ]
    return of_names(wrong, len(money))


def _stated_year(p: Parameter) -> int:
    """The price year that stands in the file."""
    return p.stated_year or p.price_year or 0


def _own_year(subject: Subject, money: list[Parameter]) -> int:
    """The price year of the model as written; where a scenario moved it, that of most assumptions without a source."""
    if "price_year" in subject.study.scenario.options:
        years = Counter(_stated_year(p) for p in money if not p.set_by and not p.source)
        if years:
            return years.most_common(1)[0][0]
    return subject.model.conventions.price_year


@check("no_price_of_another_year_stays_unmoved", "uncertainty", "25")
def no_price_of_another_year_stays_unmoved(subject: Subject) -> Verdict:
    """A price said to be of the analysis year is not one that its note, its sources or its index know of another."""
    money = [p for p in subject.study.evidence.parameters.values() if p.price_year is not None]
    own = _own_year(subject, money)
    prices = [p for p in money if not p.set_by and _stated_year(p) == own]
    if not prices:
        return without("no_prices")
    years = {p.name: year for p in prices if (year := _year_of_its_evidence(subject, p))}
    return of_names([f"{name} ({year})" for name, year in years.items()], len(prices))


def _year_of_its_evidence(subject: Subject, p: Parameter) -> int | None:
    """The other year that a price is of by all that is known of it; None where nothing speaks against its own.

    A figure that was assumed is judged only where a text has it: else it is a judgement, whatever it leans on.
    """
    year, amount = _stated_year(p), _stated_amount(subject, p)
    if (other := _year_in_the_index(subject, p, amount)) is not None:
        return other
    own_texts, source_texts = _own_texts(p), _source_texts(subject, p)
    texts = own_texts + source_texts
    if (other := _year_beside_the_amount(texts, amount, year)) is not None:
        return other
    if p.kind == "assumption" and not any(_is(number, amount) for text in texts for number in _numbers(text)):
        return None
    years_in_notes, years_in_sources = _years(own_texts), _years(source_texts)
    if year in years_in_notes | years_in_sources:
        return None
    if years_in_notes:
        return max(years_in_notes)
    newest = max(years_in_sources, default=year)
    return newest if newest < year else None  # what appeared later may tell the prices of the year


def _year_in_the_index(subject: Subject, p: Parameter, amount: float) -> int | None:
    """The other year in which the index that has a price's name, and so is that price by year, stood at its amount."""
    table = subject.study.evidence.price_index
    index = table.named(p.name) if table is not None else None
    if index is None or _is(index.values.get(_stated_year(p), math.nan), amount):
        return None
    return next((year for year, value in index.values.items() if _is(value, amount)), None)


def _year_beside_the_amount(texts: list[str], amount: float, year: int) -> int | None:
    """The year that texts say an amount is of, where they have another amount for the year asked for."""
    amounts_by_year: dict[int, set[float]] = defaultdict(set)
    for text in texts:
        for number, of_year in AMOUNT_OF_A_YEAR.findall(text):
            amounts_by_year[int(of_year)] |= _readings(number)
    if not amounts_by_year[year] or any(_is(number, amount) for number in amounts_by_year[year]):
        return None
    return next(
        (other for other, numbers in amounts_by_year.items() if any(_is(number, amount) for number in numbers)), None
    )


def _stated_amount(subject: Subject, p: Parameter) -> float:
    """The amount that stands in the file, before it was moved to another price year."""
    table = subject.study.evidence.price_index
    index = table.named(p.index) if table is not None else None
    if index is None or p.price_year in (None, _stated_year(p)):
        return float(p.value)
    return float(p.value) / index.factor(_stated_year(p), p.price_year)


def _is(number: float, amount: float) -> bool:
    return math.isclose(number, amount, rel_tol=DIGITS_LOST)


def _numbers(text: str) -> set[float]:
    """Numbers of a text that tell an amount: not years, nor a few of something."""
    numbers = [number for number in re.findall(AMOUNT, text) if len(re.findall(r"\d", number)) >= FEWEST_DIGITS]
    return {reading for number in numbers if not YEAR.fullmatch(number) for reading in _readings(number)}


def _readings(number: str) -> set[float]:
    """What a number may be: 1,266 is a thousand and more, or one and a quarter; both are looked for."""
    plain = number.replace(" ", "").replace("\u00a0", "")
    texts = {re.sub(r"[.,](?=\d{3})", "", plain), plain.replace(",", ".")}
    return {float(text) for text in texts if text.count(".") <= 1 and "," not in text}


def _years(texts: Iterable[str]) -> set[int]:
    return {int(year) for text in texts for year in YEAR.findall(text)}


def _own_texts(p: Parameter) -> list[str]:
    return [p.name, p.note, *(p.notes or {}).values()]


def _source_texts(subject: Subject, p: Parameter) -> list[str]:
    """Keys, titles and notes of a price's sources."""
    sources = subject.study.evidence.sources
    named_sources = [(key, sources[key]) for key in p.source if key in sources]
    return [text for key, source in named_sources for text in (key, source.title, source.note)]


def _names_year(subject: Subject, p: Parameter) -> bool:
    """Whether a note, or the key, a title or note of a source, names the year that a price is stated in."""
    return _stated_year(p) in _years(_own_texts(p) + _source_texts(subject, p))
