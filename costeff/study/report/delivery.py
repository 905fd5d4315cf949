"""How far a delivery in stages reaches, and what each person who is reached costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from costeff.analysis.intervals import mean, monte_carlo_error
from costeff.catalogue import say
from costeff.reporting.numbers import currency_name, write_money, write_percent
from costeff.reporting.style import label_of
from costeff.reporting.tables import Band, Column, Row, html_table

if TYPE_CHECKING:
    from costeff.analysis.study import ResultData
    from costeff.study.report.content import Content

COLUMNS = [
    "strategy",
    "stage",
    "label",
    "share",
    "share_mcse",
    "programme",
    "programme_mcse",
    "net_cost",
    "net_cost_mcse",
]


def delivery(result: ResultData) -> pd.DataFrame:
    """One row per strategy with a delivery and stage of it, empty for a model without one.

    `share` of all people who take the stage; `programme`, what all stages of the programme cost, and `net_cost`, what
    the strategy costs over the comparator in the first perspective, each per person who takes the stage (discounted;
    NaN where nobody does). Each with its Monte Carlo error.
    """
    model, rows = result.model, []
    names, at = result.effects.names, {name: g for g, name in enumerate(result.strategies)}
    evaluation = result.perspective(model.perspectives[0].name)
    usual = at[model.comparator]
    for one in model.delivery:
        g = at[one.strategy]
        own = {
            line.item for line in result.simulated.layout.lines if line.flow.stage and one.strategy in line.strategies
        }
        payments = [values[:, g] for (item, _, _), values in result.totals.item.items() if item in own]
        programme = np.sum(payments, axis=0) if payments else np.zeros(result.draws)
        extra = evaluation.cost[:, g] - evaluation.cost[:, usual]
        for stage in one.stages:
            share = result.effects.value[:, g, names.index(f"reached_{stage.name}")]
            rows.append(
                {
                    "strategy": one.strategy,
                    "stage": stage.name,
                    "label": stage.label,
                    "share": float(mean(share)),
                    "share_mcse": float(monte_carlo_error(share, evaluation.replicates)),
                    **_per_person("programme", programme, share, evaluation.replicates),
                    **_per_person("net_cost", extra, share, evaluation.replicates),
                }
            )
    return pd.DataFrame(rows, columns=COLUMNS)


def _per_person(name: str, cost: np.ndarray, share: np.ndarray, replicates: int | None) -> dict[str, float]:
    """Mean cost over mean share, both by draw, with the error of their ratio to the first order."""
    mean_share = float(mean(share))
    if not mean_share > 0:
        return {name: np.nan, f"{name}_mcse": np.nan}
    ratio = float(mean(cost)) / mean_share
    return {name: ratio, f"{name}_mcse": float(monte_carlo_error(cost - ratio * share, replicates)) / mean_share}


def delivery_table(content: Content, language: str) -> str:
    """The table as HTML, a band for each strategy; '' without a delivery."""
    if content.delivery is None or not len(content.delivery):
        return ""
    view = content.perspectives[0].label[language]
    heads = [("reached_stage", {}), ("reached_share", {}), ("reached_programme", {}), ("reached_net", {"view": view})]
    columns = [Column(say(key, language, **values), i > 0) for i, (key, values) in enumerate(heads)]
    rows: list[Row] = []
    for strategy, own in content.delivery.groupby("strategy", sort=False):
        rows.append(Band(label_of(content.strategies, str(strategy), language)))
        rows += [
            [
                row["label"][language],
                write_percent(row["share"], language, decimals=1),
                write_money(row["programme"], language, error=row["programme_mcse"]),
                write_money(row["net_cost"], language, error=row["net_cost_mcse"]),
            ]
            for row in own.to_dict("records")
        ]
    money = f"{currency_name(content.currency, language)} {content.price_year}"
    return html_table(columns, rows, f"{say('reached', language)}, {money}")
