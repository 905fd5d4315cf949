"""An ICER in words: never a bare negative number, always which strategy it is against and what it means."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from costeff.analysis.frontier import DOMINATED, EFFICIENT, LESS_LESS, REFERENCE
from costeff.analysis.settled import FEWEST, margin, replicates_behind
from costeff.catalogue import say
from costeff.cea.icer import UNSETTLED_STATUS, UNTOLD, icer_interval, icer_table
from costeff.labels import Label
from costeff.reporting.numbers import MISSING, limit_error, write_money, write_money_interval, write_percent
from costeff.reporting.style import label_of
from costeff.reporting.unit_names import unit_name

if TYPE_CHECKING:
    from costeff.analysis.evaluation import EvaluationData


Row = dict[Any, Any]
_rows: WeakKeyDictionary[EvaluationData, tuple[list[Row], dict[str, Row], dict[str, Row]]] = WeakKeyDictionary()
"""By evaluation: pages, texts and tables of one run say the same ratios in words."""


@dataclass(frozen=True)
class Words:
    """What the ICER column says of a strategy, its interval, and the strategy it is against ('' for none)."""

    text: str
    interval: str
    against: str


def icer_words(evaluation: EvaluationData, labels: Mapping[str, Label], language: str = "en") -> dict[str, Words]:
    """Words for each strategy, in order of cost as in `icer_table`.

    An efficient strategy: money per unit gained (per unit avoided when fewer is better). Dominated and extendedly
    dominated: said so. Less costly and less effective than the comparator: the saving per unit lost. The only
    strategy beside a comparator that it dominates: 'dominant'. Equal effect: said so.
    """
    table, limits, errors = _records(evaluation)
    words = {}
    for row in table:
        name = str(row["strategy"])
        error = _error(errors.get(name), replicates_behind(evaluation))
        text, against = _status(row, evaluation, labels, language, len(table), error)
        if against and math.isnan(float(row["icer"])):
            # A strategy that dominates the comparator is the reference and has no increments: the other row's are used.
            own = row if not math.isnan(float(row["incremental_cost"])) else table[-1]
            text = qualified(text, own, evaluation, language)
        words[name] = Words(text, _limits(limits.get(name), str(row["status"]), language, error), against)
    return words


def _records(evaluation: EvaluationData) -> tuple[list[Row], dict[str, Row], dict[str, Row]]:
    """Rows of the ICER table, and by strategy those of its intervals: over draws, and as luck leaves them."""
    if evaluation not in _rows:
        limits, errors = (
            {str(row["strategy"]): row for row in icer_interval(evaluation, kind=kind).to_dict("records")}
            for kind in ("parameter", "monte_carlo")
        )
        _rows[evaluation] = icer_table(evaluation).to_dict("records"), limits, errors
    return _rows[evaluation]


def qualified(text: str, row: Mapping[Any, Any], evaluation: EvaluationData, language: str) -> str:
    """What a row of the ICER table says without a ratio, with how sure that is: it holds on average, or luck may do."""
    if row["settled"] is None:
        return say("in_one_draw", language, words=text)
    if row["settled"]:
        share = write_percent(row["quadrant_share"], language)
        return say("on_average", language, words=text, share=share)
    if replicates_behind(evaluation) < FEWEST:
        return say("too_few", language, words=text, number=FEWEST)
    return say("unsettled", language, words=text, error=error_name(evaluation, language))


def error_name(evaluation: EvaluationData, language: str) -> str:
    """What the errors of these draws are called inside a sentence: simulation error, or sampling error of the draws."""
    return say("error_simulation" if evaluation.simulated else "error_draws", language)


def _error(row: dict[Any, Any] | None, replicates: int) -> float:
    """Monte Carlo standard error of the ratio; NaN where there is no ratio or no error."""
    if row is None or str(row["status"]).startswith(("not defined", UNSETTLED_STATUS, UNTOLD)):
        return math.nan
    return float(row["upper"] - row["lower"]) / (2 * margin(1.0, replicates))


def _status(
    row: dict[Any, Any],
    evaluation: EvaluationData,
    labels: Mapping[str, Label],
    language: str,
    count: int,
    error: float,
) -> tuple[str, str]:
    status, against = str(row["status"]), str(row["against"])
    if status in (EFFICIENT, LESS_LESS):
        if math.isnan(float(row["icer"])):
            side = "south-west" if status == LESS_LESS else "north-east"
            return say("ratio_noisy", language, side=say(f"side_{side}", language)), against
        return _ratio(float(row["icer"]), status, evaluation, language, error), against
    if status == REFERENCE:
        if count == 2 and row["strategy"] != evaluation.comparator:
            base = label_of(labels, evaluation.comparator, language)
            side = str(row["quadrant"]).split(":")[0]
            key = {"south-east": "dominant", "east": "dominant_equal_cost", "south": "cheaper_equal"}[side]
            return say(key, language, strategy=base), evaluation.comparator
        return say("status_reference", language), ""
    if status == DOMINATED and float(row["incremental_cost"]) == 0:
        return say("status_dominated_equal_cost", language), against
    return say(f"status_{status}", language), against


def _ratio(icer: float, status: str, evaluation: EvaluationData, language: str, error: float) -> str:
    """The ratio with its unit; of a saving per unit given up the sign is in the words."""
    money = write_money(abs(icer), language, currency=evaluation.currency, error=error)
    unit = unit_name(evaluation.effect_unit, language, plural=False)
    more = evaluation.effect_sign == 1
    if status == LESS_LESS:
        key = "saved_per_lost" if more else "saved_per_added"
    else:
        key = "per_gained" if more else "per_avoided"
    return say(key, language, money=money, unit=unit)


def _limits(row: dict[Any, Any] | None, status: str, language: str, error: float) -> str:
    """The interval; a limit below 0 is said in words, as a negative ratio has two opposite meanings."""
    if row is None or row["status"] in (UNSETTLED_STATUS, UNTOLD):
        return MISSING
    if str(row["status"]).startswith("not defined"):
        return say("not_defined", language)
    low, high = float(row["lower"]), float(row["upper"])
    if not (math.isfinite(low) and math.isfinite(high)):
        return say("unbounded", language)
    if low < 0:  # the ratio itself, which is in the interval, is above 0
        below = say("end_dominated" if status == LESS_LESS else "end_saving", language)
        return f"{below} {say('to', language)} {write_money(high, language, error=limit_error(error))}"
    return write_money_interval(low, high, language, error=error)


def position(row: Mapping[Any, Any], language: str) -> str:
    """Where a row of the ICER table lies against the comparator, in words; a dash for the comparator itself."""
    side = str(row["quadrant"]).split(":")[0]
    return say(f"side_{side}", language) if side else MISSING
