"""Each strategy of a run against the comparator in every perspective, and the decision: as a table and as text."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import pandas as pd

from costeff.analysis.result_tables import effects_table
from costeff.analysis.wtp import wtp_curve
from costeff.cea.icer import evaluation_html
from costeff.cea.icer_rows import luck_mark
from costeff.cea.pairwise import pairwise
from costeff.labels import same
from costeff.reporting.numbers import limit_error, write_percent
from costeff.reporting.terminal import by_error
from costeff.study.report.evaluation_report import decisions

if TYPE_CHECKING:
    from costeff.analysis.study import ResultData


def pairwise_frame(result: ResultData) -> pd.DataFrame:
    """`cea.pairwise.pairwise` of every perspective below each other, at the scenario's stated willingness to pay."""
    scenario_wtp = result.study.scenario.wtp
    wtp = None if scenario_wtp is None else scenario_wtp.at
    frames = []
    for perspective in result.model.perspectives:
        frame = pairwise(result.perspective(perspective.name), wtp)
        frame.attrs = {}
        frame.insert(0, "perspective", perspective.name)
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def result_html(result: ResultData) -> str:
    """What a notebook shows of a result: the run in words, the extra cost of every perspective, and the effects."""
    head = f"<p>{html.escape(repr(result)).replace(chr(10), '<br>')}</p>"
    if len(result.strategies) < 2:
        return f"{head}\n{evaluation_html(result.perspective())}"
    costs = pairwise_frame(result)[
        ["perspective", "strategy", "incremental_cost", "incremental_cost_lower", "incremental_cost_upper", "settled"]
    ]
    effects = effects_table(result)
    return "\n".join([head, _html(costs, ",.0f"), _html(effects.drop(columns="label"), ",.4g")])


def _html(frame: pd.DataFrame, form: str) -> str:
    return str(frame.to_html(index=False, na_rep="", float_format=lambda value: format(value, form)))


def against_comparator(result: ResultData) -> list[str]:
    """The extra cost of each strategy with its 95 % interval, a row per perspective; [] where there is one strategy.

    The fully incremental tables compare with the frontier: of a strategy that dominates they show no increment.
    """
    frame = pairwise_frame(result)
    if not len(frame):
        return []
    several, footnote = len(result.strategies) > 2, False
    rows = []
    for row in frame.to_dict("records"):
        error = row["incremental_cost_mcse"]
        star = luck_mark(result.perspective(row["perspective"]), row, "cost")
        footnote = footnote or bool(star)
        low, high = (by_error(row[f"incremental_cost_{end}"], limit_error(error), 0) for end in ("lower", "upper"))
        rows.append(
            {"perspective": row["perspective"]}
            | ({"strategy": row["strategy"]} if several else {})
            | {
                "extra cost": by_error(row["incremental_cost"], error, 0),
                "mcse": by_error(error, error, 0),
                "95 % interval": f"{low} to {high}{star}" if low else "",
                "P(saves)": write_percent(row["probability_cheaper"]),
            }
        )
    comparator, c = result.model.comparator, result.model.conventions
    other = "Each strategy" if several else result.perspective().alternatives[0]
    luck = ", without the luck of individuals" if bool(frame["incremental_cost_luck_removed"].any()) else ""
    head = f"{other} against {comparator}, {c.currency} per individual (95 % intervals over draws{luck})"
    text = f"{head}\n{pd.DataFrame(rows).to_string(index=False)}"
    if footnote:
        text += "\n* with that luck, which here is as large as the whole spread"
    return [text.replace("\u2212", "-").replace("\u2013", "-").replace("\u00a0", " ")]


def decision_at_wtp(result: ResultData) -> list[str]:
    """What each perspective would choose at the stated willingness to pay, and how surely; or that none is stated.

    The value is money per unit of one effect; another effect of the model has none.
    """
    scenario_wtp = result.study.scenario.wtp
    if len(result.strategies) < 2 or result.draws < 2:
        return []
    if scenario_wtp is None or scenario_wtp.at is None:
        what = "No willingness to pay is stated" if scenario_wtp is None else "No single willingness to pay is stated"
        return [f"{what}, and none is assumed: give --wtp for the decision and its probability."]
    labels = {name: same(name) for name in result.strategies}
    rows = []
    for perspective in result.model.perspectives:
        (row,) = decisions(result.perspective(perspective.name), wtp_curve(scenario_wtp.at), labels, "en")
        rows.append(
            {
                "perspective": perspective.name,
                "best on average": row["best"],
                "probability": row["probability"],
                "EVPI": row["evpi"],
                "mcse": row["evpi_mcse"],
            }
        )
    unit = result.effect(scenario_wtp.effect).unit
    currency = result.model.conventions.currency
    head = f"The decision at {scenario_wtp.at:,.10g} {currency} per {unit} ({scenario_wtp.effect})"
    text = f"{head}\n{pd.DataFrame(rows).to_string(index=False)}"
    others = [effect.name for effect in result.model.effects if effect.name != scenario_wtp.effect]
    if others:
        text += f"\nNo willingness to pay is stated for: {', '.join(others)}."
    return [text.replace("\u2212", "-").replace("\u2013", "-").replace("\u00a0", " ")]
