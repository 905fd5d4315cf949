"""A programme on top of another: each alone, this one beside the other, and what both give, all on the same luck."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from costeff.catalogue import say
from costeff.investment.report.content import OnTopContent, OnTopRow
from costeff.investment.report.effect import spread
from costeff.investment.report.thousands import thousands
from costeff.reporting.numbers import MISSING, currency_name, write_interval, write_large, write_number, write_percent
from costeff.reporting.tables import Column, Row, html_table

if TYPE_CHECKING:
    from costeff.investment.report.content import CaseContent
    from costeff.investment.result import CaseResultData
    from costeff.labels import Label


def on_top_content(result: CaseResultData, decider: str, public: str) -> OnTopContent | None:
    """The five rows; None for a case that lies on top of no other."""
    if result.on_top is None:
        return None
    other, alone = result.on_top.other, result.on_top.alone
    replicates = result.cash.replicates

    def row(key: str, citizens: float, decided: np.ndarray, wide: np.ndarray | None) -> OnTopRow:
        return OnTopRow(key, citizens, spread(decided, replicates), None if wide is None else float(wide.mean()))

    def worth(one: CaseResultData) -> tuple[np.ndarray, np.ndarray | None]:
        return one.npv(decider), one.npv(public) if public else None

    mine, theirs, here = worth(alone), worth(other), worth(result)
    wide = None if mine[1] is None or theirs[1] is None or here[1] is None else (mine[1], theirs[1], here[1])
    return OnTopContent(
        programme=_name(result),
        other=_name(other),
        rows=(
            row("alone", alone.citizens_served, *mine),
            row("other", other.citizens_served, *theirs),
            row("on_top", result.citizens_served, *here),
            row("both", other.citizens_served, theirs[0] + here[0], None if wide is None else wide[1] + wide[2]),
            row("overlap", result.citizens_served, here[0] - mine[0], None if wide is None else wide[2] - wide[0]),
        ),
    )


def _name(result: CaseResultData) -> Label:
    model = result.with_prices().plan.model
    label: Label = model.find("strategies", next(n for n in model.strategy_names if n != model.comparator)).label
    return label


def on_top_sentence(content: CaseContent, language: str) -> str:
    """What the case is compared with, and how much less it gives than alone; '' for a case that stands alone."""
    about = content.on_top
    if about is None:
        return ""
    amounts = {row.key: row.npv for row in about.rows}

    def money(key: str) -> str:
        error = None if np.isnan(amounts[key].error) else amounts[key].error
        return write_large(amounts[key].mean, language, currency=content.currency, with_sign=True, error=error)

    return say(
        "on_top_sentence",
        language,
        programme=about.programme[language],
        other=about.other[language],
        alone=money("alone"),
        here=money("on_top"),
        name=content.by_name[content.decider].label[language],
    )


def on_top_table(content: CaseContent, language: str) -> str:
    """The rows as a table; '' for a case that stands alone."""
    about = content.on_top
    if about is None:
        return ""
    columns = [Column(head, at > 0) for at, head in enumerate(on_top_heads(content, language))]
    rows: list[Row] = [list(cells) for cells in on_top_cells(content, language)]
    unit = say("thousand_unit", language, currency=currency_name(content.currency, language), year=content.price_year)
    return html_table(columns, rows, f"{say('on_top_heading', language)} ({unit}, {say('present_value', language)})")


def on_top_heads(content: CaseContent, language: str) -> list[str]:
    """The heads of the table."""
    own = content.by_name[content.decider].label[language]
    heads = [say("group_citizens", language), own, say("interval_80", language), say("probability_gain", language)]
    return ["", *heads, *([content.by_name[content.public].label[language]] if content.public else [])]


def on_top_cells(content: CaseContent, language: str) -> list[list[str]]:
    """Name, citizens, the decider's present value with interval and chance, and the public's."""
    about = content.on_top
    if about is None:
        return []

    rows = []
    for row in about.rows:
        npv = row.npv
        cells = [
            say(f"on_top_{row.key}", language, programme=about.programme[language], other=about.other[language]),
            write_number(row.citizens, language, decimals=0),
            thousands(npv.mean, language),
            MISSING if np.isnan(npv.lo) else write_interval(npv.lo / 1000, npv.hi / 1000, language, decimals=0),
            MISSING if row.key == "overlap" else write_percent(npv.gains, language),
        ]
        rows.append([*cells, *([] if row.public is None else [thousands(row.public, language)])])
    return rows
