"""Other scenarios beside the report's own: what each would cost, gain and choose, under the primary perspectives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from costeff.analysis.load import load
from costeff.catalogue import say
from costeff.cea.decide import NET_COST
from costeff.reporting.numbers import currency_name, write_money, write_number
from costeff.reporting.style import label_of
from costeff.reporting.tables import Band, Column, Row, html_table
from costeff.reporting.unit_names import unit_name
from costeff.sensitivity.scenarios import scenario_table
from costeff.study.decision.board import primary_rules

if TYPE_CHECKING:
    import pandas as pd

    from costeff.analysis.study import ResultData
    from costeff.study.report.content import Content

PEOPLE = 500
"""In each of five batches; all scenarios share their luck, so that differences are precise."""


def other_scenarios(result: ResultData, scenarios: Sequence[str]) -> pd.DataFrame | None:
    """`scenario_table` of the result's scenario and others, with their titles; None without others."""
    if not scenarios:
        return None
    studies = [result.study, *(load(name) for name in scenarios)]
    rules = primary_rules(result)
    table = scenario_table(studies, list(rules), individuals=PEOPLE, threads=result.simulated.threads)
    titles = {study.scenario.name: study.scenario.title for study in studies}
    # where health has a value, the best depends on it, and is not said here
    pairs = zip(table["perspective"], table["preferred"], strict=True)
    cheapest = [str(preferred) if rules[name] == NET_COST else "" for name, preferred in pairs]
    table["title"] = table["scenario"].map(titles)
    return table.assign(cheapest=cheapest)


def beside_table(content: Content, language: str) -> str:
    """The table as HTML, a band for each perspective; '' where no other scenario was asked for."""
    table = content.beside
    if table is None:
        return ""
    unit = unit_name(content.effect_unit, language)
    gain = f"{content.effect_label[language]} ({unit})"
    heads = ("beside_scenario", "beside_cost", "beside_change", None, "beside_choice")
    columns = [Column(say(key, language) if key else gain, bool(i) and i < 4) for i, key in enumerate(heads)]
    names = {view.name: view.label[language] for view in content.perspectives}
    rows: list[Row] = []
    for perspective, own in table.groupby("perspective", sort=False):
        rows.append(Band(names.get(str(perspective), str(perspective))))
        for at, row in enumerate(own.to_dict("records")):
            change = write_money(row["cost_difference"], language, error=row["cost_difference_mcse"], with_sign=True)
            rows.append(
                [
                    row["title"][language],
                    write_money(row["incremental_cost"], language, error=row["cost_mcse"], with_sign=True),
                    change if at else "",
                    write_number(row["incremental_effect"], language, error=row["effect_mcse"], with_sign=True),
                    label_of(content.strategies, str(row["cheapest"]), language),
                ]
            )
    strategy = label_of(content.strategies, str(table.attrs["strategy"]), language)
    against = label_of(content.strategies, content.comparator, language)
    money = f"{currency_name(content.currency, language)} {content.price_year}"
    return html_table(columns, rows, say("beside_caption", language, strategy=strategy, against=against, money=money))
