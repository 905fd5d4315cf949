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


NORMAL = 1.96
"""Standard errors on either side of an estimate in a 95 % interval."""


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
    limits, errors = (
        {row["strategy"]: row for row in icer_interval(evaluation, kind=kind).to_dict("records")}
        for kind in ("parameter", "monte_carlo")
    )
    words = {}
    for row in table:
        name = str(row["strategy"])
        error = _error(errors.get(name))
        text, against = _status(row, evaluation, labels, language, len(table), error)
        if against and math.isnan(float(row["icer"])) and _unsettled_row(row, table):
            text = term("unsettled", language, words=text)
        words[name] = Words(text, _limits(limits.get(name), str(row["status"]), language, error), against)
    return words


def unsettled(difference: float, error: float) -> bool:
    """Whether more simulation could turn the sign of a difference: it is not 0 and within 1.96 errors of it."""
    return difference != 0 and abs(difference) < NORMAL * error


def _unsettled_row(row: dict[Any, Any], table: list[dict[Any, Any]]) -> bool:
    """Whether the words of a row rest on a difference that the simulation does not settle.

    A strategy that dominates the comparator is the reference and has no increments: the other row's are used.
    """
    own = row if not math.isnan(float(row["incremental_cost"])) else table[-1]
    pairs = [(own[f"incremental_{key}"], own[f"incremental_{key}_mcse"]) for key in ("cost", "effect")]
    return any(unsettled(float(difference), float(error)) for difference, error in pairs)


def _error(row: dict[Any, Any] | None) -> float:
    """Monte Carlo standard error of the ratio; infinite when simulation does not even fix the sign of the effect."""
    if row is None or str(row["status"]).startswith("not defined"):
        return math.nan
    return float(row["upper"] - row["lower"]) / (2 * NORMAL)


def _status(
    row: dict[Any, Any],
    evaluation: Evaluation,
    labels: Mapping[str, Label],
    language: str,
    count: int,
    error: float,
) -> tuple[str, str]:
    status, against = str(row["status"]), str(row["against"])
    if status in (EFFICIENT, LESS_LESS):
        return _ratio(float(row["icer"]), status, evaluation, language, error), against
    if status == REFERENCE:
        if count == 2 and row["strategy"] != evaluation.comparator:
            base = label_of(labels, evaluation.comparator, language)
            side = str(row["quadrant"]).split(":")[0]
            key = {"south-east": "dominant", "east": "dominant_equal_cost", "south": "cheaper_equal"}.get(
                side
            )
            if key is not None:
                return term(key, language, strategy=base), evaluation.comparator
        return term("status_reference", language), ""
    if status == DOMINATED and float(row["incremental_cost"]) == 0:
        return term("status_dominated_equal_cost", language), against
    return term(f"status_{status}", language), against


def _ratio(icer: float, status: str, evaluation: Evaluation, language: str, error: float) -> str:
    """The ratio with its unit; of a saving per unit given up the sign is in the words."""
    if math.isinf(error):
        side = "south-west" if status == LESS_LESS else "north-east"
        return term("ratio_noisy", language, side=term(f"side_{side}", language))
    money = write_money(abs(icer), language, currency=evaluation.currency, error=error)
    unit = unit_name(evaluation.effect_unit, language, plural=False)
    more = evaluation.effect_sign == 1
    if status == LESS_LESS:
        key = "saved_per_lost" if more else "saved_per_added"
    else:
        key = "per_gained" if more else "per_avoided"
    return term(key, language, money=money, unit=unit)


def _limits(row: dict[Any, Any] | None, status: str, language: str, error: float) -> str:
    """The interval; a limit below 0 is said in words, as a negative ratio has two opposite meanings."""
    if row is None:
        return MISSING
    if str(row["status"]).startswith("not defined"):
        return term("not_defined", language)
    low, high = float(row["lower"]), float(row["upper"])
    if not (math.isfinite(low) and math.isfinite(high)):
        return term("unbounded", language)
    below = term("end_dominated" if status == LESS_LESS else "end_saving", language)
    if high < 0:
        return below
    if low < 0:
        return f"{below} {term('to', language)} {write_money(high, language, error=error)}"
    return write_interval(low, high, language, decimals=0, error=error)


def position(row: Mapping[Any, Any], language: str) -> str:
    """Where a row of the ICER table lies against the comparator, in words; a dash for the comparator itself."""
    side = str(row["quadrant"]).split(":")[0]
    return term(f"side_{side}", language) if side else MISSING
