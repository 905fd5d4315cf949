"""The table of groups, and the sentences that say whose income falls and whose rises."""

from __future__ import annotations

from typing import TYPE_CHECKING

from costeff.catalogue import say
from costeff.reporting.effect_words import write_effect
from costeff.reporting.numbers import currency_name, write_money, write_percent
from costeff.reporting.style import label_of
from costeff.reporting.tables import Band, Column, Row, html_table
from costeff.reporting.unit_names import unit_name
from costeff.study.groups.groups import EVERYONE, GroupMeasure, GroupResult, Groups

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from costeff.labels import Label


def groups_tables(
    groups: Groups, strategies: Mapping[str, Label], comparator: str, currency: str, language: str
) -> str:
    """One table for each strategy, as HTML; a difference that the lives do not settle says so."""
    columns = [Column(say("groups_group", language)), Column(say("groups_share", language), True)]
    for measure in groups.measures:
        if measure.kind == "effect":
            heading = f"{measure.label[language]} ({unit_name(measure.unit, language)})"
            # the level of one measure says who people are; with more the table is too wide
            if measure is groups.measures[0]:
                columns.append(Column(f"{heading}: {label_of(strategies, comparator, language)}", True))
        else:
            heading = f"{measure.label[language]} ({currency_name(currency, language)})"
        columns.append(Column(f"{heading}: {say('difference', language)}", True))
    parts = []
    for strategy in dict.fromkeys(one.strategy for one in groups.results):
        rows: list[Row] = []
        attribute = EVERYONE
        for one in (one for one in groups.results if one.strategy == strategy):
            if one.attribute != attribute:
                rows.append(Band(one.attribute_label[language]))
                attribute = one.attribute
            rows.append(_row(groups, one, language))
        caption = say("groups_caption", language, strategy=label_of(strategies, strategy, language))
        parts.append(html_table(columns, rows, caption, as_lists=True))
    return "\n".join(parts)


def _row(groups: Groups, one: GroupResult, language: str) -> list[str]:
    cells = [one.label[language], write_percent(one.share, language)]
    for measure in groups.measures:
        if measure is groups.measures[0] and measure.kind == "effect":
            error = one.level_mcse[measure.name]
            cells.append(write_effect(one.level[measure.name], measure.unit, language, error=error))
        cells.append(_difference(measure, one, language))
    return cells


def _difference(measure: GroupMeasure, one: GroupResult, language: str) -> str:
    value, error = one.difference[measure.name], one.mcse[measure.name]
    if measure.kind == "effect":
        text = write_effect(value, measure.unit, language, error=error, with_sign=True)
    else:
        text = write_money(value, language, error=error, with_sign=True)
    return f"{text} ({say('groups_open', language)})" if one.settled[measure.name] is False else text


def groups_sentences(groups: Groups, strategies: Mapping[str, Label], language: str) -> list[str]:
    """For each strategy, in which groups a citizen's income after tax falls and rises, as far as that is settled."""
    incomes = [measure.name for measure in groups.measures if measure.kind == "income"]
    sentences = []
    for strategy in dict.fromkeys(one.strategy for one in groups.results):
        for name in incomes:
            own = [one for one in groups.results if one.strategy == strategy and one.attribute != EVERYONE]
            certain = [one for one in own if one.settled[name]]
            texts = []
            for key, sign in (("groups_falls", -1), ("groups_rises", 1)):
                labels = [_name(one, language) for one in certain if sign * one.difference[name] > 0]
                if labels:
                    texts.append(say(key, language, list="; ".join(labels)))
            label = label_of(strategies, strategy, language)
            key, fields = ("groups_with", {"text": " ".join(texts)}) if texts else ("groups_none", {})
            sentences.append(say(key, language, strategy=label, **fields))
    return sentences


def groups_frame(groups: Groups) -> pd.DataFrame:
    """One row per strategy, group and measure, in full precision and English."""
    import pandas as pd

    return pd.DataFrame(
        {
            "strategy": one.strategy,
            "attribute": one.attribute or "everyone",
            "group": one.label["en"],
            "share": one.share,
            "measure": measure.name,
            "unit": measure.unit,
            "comparator": one.level[measure.name],
            "difference": one.difference[measure.name],
            "mcse": one.mcse[measure.name],
            "settled": one.settled[measure.name],
        }
        for one in groups.results
        for measure in groups.measures
    )


def _name(one: GroupResult, language: str) -> str:
    return f"{one.attribute_label[language]}: {one.label[language]}"
