"""Reads a case's `uptake`: a share by year, or a ramp towards a ceiling that may not last when project money ends."""

from __future__ import annotations

from costeff.documents.values import plain
from costeff.investment.by_year import by_year, is_share, not_negative, share_meant
from costeff.investment.keys import RAMP
from costeff.model.formula_section import FormulaSection
from costeff.numerics.reach import reach_by_year


def read_uptake(top: FormulaSection, years: tuple[int, ...]) -> tuple[float, ...]:
    """The share of those offered the programme who begin, by year of the case; 1 where nothing is said."""
    if not top.has("uptake") or "ceiling" not in _keys(top):
        return tuple(float(v) for v in by_year(top, "uptake", years, is_share, "a share from 0 to 1", 1.0))
    block = top.block("uptake", "`uptake`")
    block.closed(RAMP)
    for key in ("ceiling", "kept"):
        if block.has(key) and not is_share(plain(block.required(key))):
            rule, value = "a share from 0 to 1", plain(block.required(key))
            block.refuse(key, f"`{key}` of `uptake` is not a share", rule, share_meant(value))
    for key in ("time_constant", "loss"):
        if block.has(key) and not not_negative(plain(block.required(key))):
            block.refuse(key, f"`{key}` of `uptake` is below 0", "0 or more", "write years, or a rate per year")
    ends = None
    if block.has("ends"):
        ends = block.whole("ends", least=1900) - years[0] + 1
        if not 1 <= ends <= len(years):
            rule = f"the last year with project money, {years[0]} to {years[-1]}"
            block.refuse("ends", "`ends` of `uptake` is no year of the case", rule, f"write for example {years[0]}")
    reach = reach_by_year(
        block.number("ceiling"),
        block.number("time_constant"),
        len(years),
        ends=ends,
        kept_share=block.number("kept") if block.has("kept") else 1.0,
        loss=block.number("loss") if block.has("loss") else float("inf"),
    )
    return tuple(float(share) for share in reach)


def _keys(top: FormulaSection) -> tuple[object, ...]:
    raw = plain(top.data["uptake"])
    return tuple(raw) if isinstance(raw, dict) else ()
