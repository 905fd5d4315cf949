"""Reads a case's `capacity`: consultants by year, their caseload, the course, and what becomes of a queue."""

from __future__ import annotations

from costeff.documents.numerals import advice
from costeff.investment.by_year import by_year, not_negative, share_meant
from costeff.investment.case import QUARTER_WEEKS, Capacity
from costeff.investment.keys import CAPACITY
from costeff.model.formula_section import FormulaSection


def read_capacity(block: FormulaSection, years: tuple[int, ...], much_turnover: bool) -> Capacity:
    """The capacity of a case. `much_turnover` says that more than all posts are meant to change hands in a year."""
    block.closed(CAPACITY)
    rule = "a number of consultants of 0 or more"
    consultants = by_year(block, "consultants", years, not_negative, rule, amount=True)
    caseload = _amount(block, "caseload")
    if caseload == 0:
        block.refuse("caseload", "`caseload` is 0", "citizens per consultant, above 0", "write the caseload")
    vacancy = _amount(block, "vacancy", 0.0)
    if vacancy > 52:
        block.refuse("vacancy", "`vacancy` is longer than a year", "0 to 52 weeks", "write weeks")
    return Capacity(
        consultants=tuple(float(n) for n in consultants),
        caseload=caseload,
        course=_quarters(block, "course", least=1),
        leaves=block.text("leaves"),
        patience=_quarters(block, "patience", least=0) if block.has("patience") else 4,
        turnover=_turnover(block, vacancy, much_turnover),
        vacancy=vacancy,
        place=block.place,
    )


def _turnover(block: FormulaSection, vacancy: float, much_turnover: bool) -> float:
    """Share of the posts that change hands in a year; more than all of them only where that is meant."""
    if not block.has("turnover"):
        return 0.0
    turnover = _amount(block, "turnover")
    if turnover > 1 and not much_turnover:
        way_out = f"{share_meant(turnover)}; `meant: [turnover]` at the top of the case allows more than 1"
        block.refuse("turnover", "`turnover` is not a share", "a share from 0 to 1 of the posts a year", way_out)
    if turnover * vacancy > 52:
        rule = "turnover x vacancy is at most 52 weeks a year"
        block.refuse("turnover", "posts are vacant for more than the year", rule, "correct one of the two")
    return turnover


def _amount(block: FormulaSection, key: str, default: float | None = None) -> float:
    if default is not None and not block.has(key):
        return default
    value = block.required(key)
    block.document.sure(value, f"`{key}`", block.line_of(key))
    if not not_negative(value):
        way_out = advice(value) or "correct the figure"
        block.refuse(key, f"`{key}` is not a number of 0 or more", "a number of 0 or more", way_out)
    return float(value)


def _quarters(block: FormulaSection, key: str, least: int) -> int:
    weeks = block.whole(key, least=least)
    if weeks % QUARTER_WEEKS:
        rule = f"whole quarters: {QUARTER_WEEKS}, {2 * QUARTER_WEEKS}, {3 * QUARTER_WEEKS}, ... weeks"
        block.refuse(key, f"`{key}` is not in whole quarters", rule, "round it to whole quarters")
    return weeks // QUARTER_WEEKS
