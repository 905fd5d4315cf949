"""An ICER in words: never a bare negative number, always which strategy it is against and what it means."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from costeff.economics import icer_interval
from costeff.economics.frontier import (
    DOMINATED,
    EFFICIENT,
    LESS_LESS,
    REFERENCE,
)
from costeff.model.elements import Label
from costeff.present.numbers import MISSING, write_interval, write_money
from costeff.present.style import label_of
from costeff.present.terms import term, unit_name

if TYPE_CHECKING:
    from costeff.economics import Evaluation


@dataclass(frozen=True)
class Words:
    """What the ICER column says of a strategy, its interval, and the strategy it is against ('' for none)."""

    text: str
    interval: str
    against: str


def icer_words(evaluation: Evaluation, labels: Mapping[str, Label], language: str = "en") -> dict[str, Words]:
    """Words for each strategy, in order of cost as in `icer_table`.

    An efficient strategy: money per unit gained (per unit avoided when fewer is better). Dominated and extendedly
    dominated: said so. Less costly and less effective than the comparator: the saving per unit lost. The only
    strategy beside a comparator that it dominates: 'dominant'. Equal effect: said so.
    """
    table = evaluation.icer_table().to_dict("records")
    limits = {row["strategy"]: row for row in icer_interval(evaluation).to_dict("records")}
    words = {}
    for row in table:
        name = str(row["strategy"])
        text, against = _status(row, evaluation, labels, language, len(table))
        words[name] = Words(text, _limits(limits.get(name), evaluation, language), against)
    return words


def _status(
    row: dict[Any, Any], evaluation: Evaluation, labels: Mapping[str, Label], language: str, count: int
) -> tuple[str, str]:
    status, against = str(row["status"]), str(row["against"])
    if status in (EFFICIENT, LESS_LESS):
        return _ratio(float(row["icer"]), status, evaluation, language), against
    if status == REFERENCE:
        if count == 2 and row["strategy"] != evaluation.comparator:
            base = label_of(labels, evaluation.comparator, language)
            side = str(row["quadrant"]).split(":")[0]
            key = {"south-east": "dominant", "east": "dominant_equal_cost", "south": "cheaper_equal"}.get(side)
            if key is not None:
                return term(key, language, strategy=base), evaluation.comparator
        return term("status_reference", language), ""
    if status == DOMINATED and float(row["incremental_cost"]) == 0:
        return term("status_dominated_equal_cost", language), against
    return term(f"status_{status}", language), against


def _ratio(icer: float, status: str, evaluation: Evaluation, language: str) -> str:
    """The ratio with its unit; of a saving per unit given up the sign is in the words."""
    money = write_money(abs(icer), language, currency=evaluation.currency)
    unit = unit_name(evaluation.effect_unit, language, plural=False)
    more = evaluation.effect_sign == 1
    if status == LESS_LESS:
        key = "saved_per_lost" if more else "saved_per_added"
    else:
        key = "per_gained" if more else "per_avoided"
    return term(key, language, money=money, unit=unit)


def _limits(row: dict[Any, Any] | None, evaluation: Evaluation, language: str) -> str:
    if row is None:
        return MISSING
    if str(row["status"]).startswith("not defined"):
        return term("not_defined", language)
    if not (math.isfinite(row["lower"]) and math.isfinite(row["upper"])):
        return term("unbounded", language)
    return write_interval(row["lower"], row["upper"], language, decimals=0)


def position(row: Mapping[Any, Any], language: str) -> str:
    """Where a row of the ICER table lies against the comparator, in words; a dash for the comparator itself."""
    side = str(row["quadrant"]).split(":")[0]
    return term(f"side_{side}", language) if side else MISSING
