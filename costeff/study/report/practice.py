"""What implementing would be worth, where the scenario says what is done today."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from costeff.catalogue import say
from costeff.reporting.numbers import currency_name, write_money, write_percent
from costeff.reporting.style import label_of
from costeff.reporting.tables import Column, Row, html_table
from costeff.reporting.unit_names import unit_name
from costeff.voi.implementation import implementation
from costeff.voi.practice import delivered_today

if TYPE_CHECKING:
    from costeff.analysis.study import ResultData
    from costeff.study.report.content import Content

STATED_VALUES = 3
"""Values of a stated range at which the table is shown where the scenario names no single one."""


def practice(result: ResultData) -> pd.DataFrame:
    """One row per willingness to pay; empty where the scenario states no practice or no willingness to pay.

    `preferred`, the strategy that is best for everybody; `perfect`, what perfect implementation is worth per decision,
    and from what (`gain_from`); `as_planned`, the gain from delivering as planned what is in use; with errors.
    """
    scenario = result.study.scenario
    today, wtp = scenario.practice, scenario.wtp
    if today is None or wtp is None or result.draws < 2:
        return pd.DataFrame()
    values = [wtp.at] if wtp.at is not None else np.linspace(*wtp.range, STATED_VALUES).tolist()
    evaluation = result.perspective(result.model.perspectives[0].name)
    now = delivered_today(evaluation, today.delivered)
    table = implementation(evaluation, values, mix=today.mix, delivered=now)
    here = table.sel(information="current", implementation="perfect")
    columns = {
        "wtp": here["wtp"],
        "preferred": here["preferred"],
        "gain_from": here["gain_from"],
        "perfect": here["of_implementation"],
        "perfect_mcse": here["of_implementation_mcse"],
        "as_planned": here["as_planned"],
        "as_planned_mcse": here["as_planned_mcse"],
    }
    return pd.DataFrame({name: np.asarray(column.values) for name, column in columns.items()})


def practice_words(content: Content, language: str) -> str:
    """What is assumed to be done today, in a sentence; '' without a practice."""
    today = content.practice_today
    if today is None:
        return ""
    parts = [
        say("practice_share", language, share=write_percent(share, language), strategy=_label(content, name, language))
        for name, share in today.mix.items()
    ]
    sentence = say("practice_intro", language, mix=", ".join(parts))
    for strategy, now in today.delivered.items():
        names = {"planned": _label(content, strategy, language), "today": _label(content, now, language)}
        sentence += " " + say("practice_delivered", language, **names)
    return f"{sentence} {say('practice_note', language, note=today.note[language])}" if today.note else sentence


def practice_table(content: Content, language: str) -> str:
    """The table as HTML; '' without a practice."""
    if content.practice is None or not len(content.practice):
        return ""
    keys = ("practice_wtp", "practice_best", "practice_perfect", "practice_from", "practice_as_planned")
    columns = [Column(say(key, language), key not in ("practice_best", "practice_from")) for key in keys]
    rows: list[Row] = [
        [
            write_money(row["wtp"], language),
            _label(content, row["preferred"], language),
            write_money(row["perfect"], language, error=row["perfect_mcse"]),
            say(f"practice_{row['gain_from']}", language),
            write_money(row["as_planned"], language, error=row["as_planned_mcse"], with_sign=True),
        ]
        for row in content.practice.to_dict("records")
    ]
    view = content.perspectives[0].label[language]
    money = f"{currency_name(content.currency, language)} {content.price_year} {say('per_citizen', language)}"
    unit = unit_name(content.effect_unit, language, plural=False)
    return html_table(columns, rows, say("practice_caption", language, view=view, money=money, unit=unit))


def _label(content: Content, name: str, language: str) -> str:
    return label_of(content.strategies, str(name), language)
