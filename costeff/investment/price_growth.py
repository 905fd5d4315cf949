"""Reads a case's projection of the price index: growth on the year before, by year."""

from __future__ import annotations

from costeff.documents.values import plain
from costeff.investment.by_year import is_number
from costeff.model.formula_section import FormulaSection

LEAST, MOST = 0.9, 1.15
"""Growth of prices and wages from one year to the next that is taken for a ratio, and not for a percentage."""


def price_growth(top: FormulaSection) -> dict[int, float]:
    """Year to the index over that of the year before; that the years follow the index is checked when it is known."""
    if not top.has("price_index"):
        return {}
    block = top.block("price_index", "`price_index`")
    growth: dict[int, float] = {}
    for key, raw in block.data.items():
        year, value = plain(key), plain(raw)
        if not isinstance(year, int) or isinstance(year, bool):
            block.refuse(key, f"`price_index`: {year} is not a year", "a calendar year", "write for example 2027")
        if not is_number(value) or not LEAST <= value <= MOST:
            block.refuse(
                key,
                f"`price_index` of {year} is not a growth of prices",
                f"the index of the year over that of the year before, {LEAST:g} to {MOST:g}",
                "write 3.4 % as 1.034",
            )
        growth[year] = float(value)
    if list(growth) != sorted(growth):
        block.document.refuse(
            "`price_index`: the years are out of order",
            block.line,
            ", ".join(map(str, growth)),
            "years rise",
            "put them in order",
        )
    return growth
