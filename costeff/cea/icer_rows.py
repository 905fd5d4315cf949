"""The rows of an ICER table and of the comparison with the comparator, in words and to the digits that hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from costeff.analysis.keep import keep
from costeff.catalogue import say
from costeff.cea.icer import icer_table
from costeff.cea.icer_words import icer_words, position
from costeff.cea.pairwise import pairwise
from costeff.reporting.effect_words import effect_interval, write_effect
from costeff.reporting.numbers import MISSING, write_money, write_money_interval, write_percent
from costeff.reporting.style import label_of
from costeff.reporting.tables import Column, Row
from costeff.reporting.unit_names import unit_name

if TYPE_CHECKING:
    from costeff.analysis.evaluation import EvaluationData
    from costeff.labels import Label


def icer_columns(unit: str, labels: Mapping[str, Label], comparator: str, language: str) -> list[Column]:
    """Headings of the ICER table; with several strategies also where each lies against the comparator."""
    effect = f"{say('effect', language)} ({unit_name(unit, language)})"
    heads = [
        ("strategy", False),
        ("cost", True),
        ("", True),
        ("incremental_cost", True),
        ("incremental_effect", True),
        ("compared_with", False),
        ("icer", False),
        ("icer_interval", False),
    ]
    columns = [Column(say(key, language) if key else effect, number) for key, number in heads]
    if len(labels) > 2:  # with two strategies the ICER's words already say it
        columns.append(Column(say("position", language, strategy=label_of(labels, comparator, language))))
    return columns


def icer_rows(evaluation: EvaluationData, labels: Mapping[str, Label], language: str) -> list[Row]:
    """A row per strategy of the fully incremental table, by rising cost."""
    words = icer_words(evaluation, labels, language)
    unit, rows = evaluation.effect_unit, list[Row]()
    for row in _records(icer_table(evaluation)):
        own = words[row["strategy"]]
        rows.append(
            [
                label_of(labels, row["strategy"], language),
                write_money(row["cost"], language, error=row["cost_mcse"]),
                write_effect(row["effect"], unit, language, error=row["effect_mcse"]),
                write_money(row["incremental_cost"], language, error=row["incremental_cost_mcse"], with_sign=True),
                write_effect(
                    row["incremental_effect"], unit, language, error=row["incremental_effect_mcse"], with_sign=True
                ),
                label_of(labels, row["against"], language) if row["against"] else MISSING,
                own.text,
                own.interval,
                *([position(row, language)] if len(labels) > 2 else []),
            ]
        )
    return rows


def pairwise_columns(unit: str, language: str) -> list[Column]:
    """Headings of the comparison of each strategy with the comparator."""
    extra = f"{say('incremental_effect', language)} ({unit_name(unit, language)})"
    return [
        Column(say("strategy", language)),
        Column(say("incremental_cost", language), True),
        Column(say("interval_95", language), True),
        Column(extra, True),
        Column(say("interval_95", language), True),
        Column(say("icer", language)),
        Column(say("probability_cheaper", language), True),
        Column(say("probability_better", language), True),
    ]


def pairwise_rows(evaluation: EvaluationData, labels: Mapping[str, Label], language: str) -> list[Row]:
    """A row per strategy beside the comparator: its increments with 95 % intervals, and the ratio of the two alone."""
    unit, rows = evaluation.effect_unit, list[Row]()
    for row in _records(pairwise(evaluation)):
        name = row["strategy"]
        words = icer_words(keep(evaluation, evaluation.comparator, name), labels, language)
        cost, effect = (row[f"incremental_{key}_mcse"] for key in ("cost", "effect"))
        rows.append(
            [
                label_of(labels, name, language),
                write_money(row["incremental_cost"], language, error=cost, with_sign=True),
                write_money_interval(row["incremental_cost_lower"], row["incremental_cost_upper"], language, error=cost)
                + luck_mark(evaluation, row, "cost"),
                write_effect(row["incremental_effect"], unit, language, error=effect, with_sign=True),
                effect_interval(
                    row["incremental_effect_lower"], row["incremental_effect_upper"], unit, language, effect
                )
                + luck_mark(evaluation, row, "effect"),
                words[name].text,
                *(write_percent(row[f"probability_{key}"], language) for key in ("cheaper", "better")),
            ]
        )
    return rows


def luck_mark(evaluation: EvaluationData, row: Mapping[Any, Any], key: str) -> str:
    """A star at an interval of `pairwise` that still has the luck of the individuals in it, though it was measured."""
    luck_measured = evaluation.cost_half is not None and evaluation.draws > 1
    return "*" if luck_measured and not row[f"incremental_{key}_luck_removed"] else ""


def _records(frame: Any) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]
