"""Figures by calendar year: one for all years, or one per year in order, none missing."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Any

from costeff.documents.numerals import advice
from costeff.documents.values import plain, shown
from costeff.model.formula_section import FormulaSection

LATER = "later"


def by_year(
    block: FormulaSection,
    key: str,
    years: tuple[int, ...],
    fits: Callable[[Any], bool],
    rule: str,
    default: Any = None,
    amount: bool = False,
) -> tuple[Any, ...]:
    """One value per calendar year: a single value for all, or `{2026: a, 2027: b, later: c}` in order of years.

    An `amount` (citizens, consultants) that was typed so that it reads two ways is refused; a share is not.
    """
    if default is not None and not block.has(key):
        return (default,) * len(years)
    raw = block.required(key)
    if not isinstance(raw, dict):
        if amount:
            block.document.sure(raw, f"`{key}`", block.line_of(key))
        if not fits(raw):
            way_out = advice(raw) or f"write `{key}: NUMBER` or one per year"
            block.refuse(key, f"`{key}` is not {rule}", rule, way_out)
        return (raw,) * len(years)
    inner = block.block(key, f"`{key}`")
    year_keys = [plain(y) for y in inner.data]
    for year in year_keys:
        check_year(inner, key, year, years)
    calendar_years = [y for y in year_keys if y != LATER]
    if calendar_years != sorted(calendar_years) or (LATER in year_keys and year_keys[-1] != LATER):
        inner.document.refuse(
            f"`{key}`: the years are out of order",
            inner.line,
            ", ".join(map(str, year_keys)),
            "years rise, and `later` stands last",
            "put them in order",
        )
    values = {}
    for year in year_keys:
        values[year] = plain(inner.data[year])
        if amount:
            block.document.sure(values[year], f"`{key}` in {year}", inner.line_of(year))
        if not fits(values[year]):
            inner.document.refuse(
                f"`{key}` in {year} is not {rule}",
                inner.line_of(year),
                shown(values[year]),
                rule,
                advice(values[year]) or "correct the figure",
            )
    for year in years:
        if year not in values and (LATER not in values or year < max(calendar_years, default=years[0])):
            inner.document.refuse(
                f"`{key}` has no figure for {year}",
                inner.line,
                ", ".join(map(str, year_keys)),
                f"every year from {years[0]} to {years[-1]} has a figure",
                f"add `{year}: ...`, or `later: ...` for all that follow",
            )
    return tuple(values.get(year, values.get(LATER)) for year in years)


def check_year(inner: FormulaSection, key: str, year: Any, years: tuple[int, ...]) -> None:
    """Refuse what is not a calendar year of the horizon, nor `later`."""
    if year == LATER or (isinstance(year, int) and not isinstance(year, bool) and year in years):
        return
    whole = isinstance(year, int) and not isinstance(year, bool)
    inner.document.refuse(
        f"`{key}`: {year} is {'outside the horizon' if whole else 'not a year'}",
        inner.line_of(year),
        shown(year),
        f"calendar years {years[0]} to {years[-1]}, or `later`",
        "correct the year, `first_year` or `years`",
    )


def is_number(value: Any) -> bool:
    """A finite number; yes and no are none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def not_negative(value: Any) -> bool:
    """A number of 0 or more."""
    return is_number(value) and value >= 0


def is_share(value: Any) -> bool:
    """A number from 0 to 1."""
    return is_number(value) and 0 <= value <= 1


def share_meant(value: Any) -> str:
    """The way out for what is not a share: 15 is most likely a percentage.

    >>> share_meant(15), share_meant("0,15")
    ('write 0.15 for 15 %', 'it has a decimal comma: write 0.15, or write `numbers: da` at the top of the file')
    """
    if is_number(value) and 1 < value <= 100:
        return f"write {value / 100:g} for {value:g} %"
    return advice(value) or "write for example 0.7"
