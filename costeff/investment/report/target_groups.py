"""The result by target group, and what citizens of each have to live on: two tables of pages, CSV and note."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from costeff.catalogue import say
from costeff.investment.by_group import CITIZEN, GroupResult, group_results
from costeff.investment.report.content import EffectRow, GroupRow, Spread
from costeff.investment.report.effect import spread
from costeff.investment.report.thousands import thousands
from costeff.reporting.numbers import MISSING, currency_name, write_interval, write_number, write_percent
from costeff.reporting.tables import Column, Row, html_table

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from costeff.investment.quantities import CaseQuantities
    from costeff.investment.report.content import CaseContent
    from costeff.investment.result import CaseResultData

SPANS = ("weeks", "days")
"""Units of the effects that are told for each citizen."""


FEWEST = 30
"""People in a draw for a group, below which an interval and a chance would be luck for the most part."""


def group_rows(
    result: CaseResultData, decider: str, public: str, effects: Callable[[CaseQuantities, float], list[EffectRow]]
) -> list[GroupRow]:
    """All citizens, then each target group. `effects` gives those of quantities, each divided by a number."""
    return [_row(result, one, decider, public, effects) for one in group_results(result)]


def _row(
    result: CaseResultData,
    one: GroupResult,
    decider: str,
    public: str,
    effects: Callable[[CaseQuantities, float], list[EffectRow]],
) -> GroupRow:
    citizens = max(float(one.citizens.mean()), 1e-9)
    replicates = one.cash.replicates

    def worth(name: str) -> Spread:
        return spread(one.cash.net(result.members(name)) @ one.cash.discount, replicates)

    has_income = CITIZEN in result.parties
    others = [name for name in result.parties if name != CITIZEN] if has_income else []
    amounts = {name: float(one.income_from(name).mean()) / citizens for name in others}
    return GroupRow(
        label=one.label,
        citizens=float(one.citizens.mean()),
        npv=worth(decider),
        public=worth(public) if public else None,
        effects=tuple(row for row in effects(one.quantities, citizens) if row.unit in SPANS),
        income=spread(one.income() / citizens, replicates) if has_income else None,
        from_parties={name: amount for name, amount in amounts.items() if amount},
        simulated=result.individuals * float(one.citizens.mean()) / max(result.citizens_served, 1e-9),
    )


def group_table(content: CaseContent, language: str) -> str:
    """What the case gives each target group; '' where the case names none."""
    if len(content.target_groups) < 2:
        return ""
    heads, rows = group_cells(content, language)
    columns = [Column(head, at > 0) for at, head in enumerate(heads)]
    table_rows: list[Row] = [list(row) for row in rows]
    return html_table(
        columns, table_rows, f"{say('group_heading', language)} ({_unit(content, 'present_value', language)})"
    )


def group_cells(content: CaseContent, language: str) -> tuple[list[str], list[list[str]]]:
    """Heads and rows: citizens, the decider's gain with its interval and chance, for each citizen, and the public's."""
    own = content.by_name[content.decider].label[language]
    heads = [
        say("group", language),
        say("group_citizens", language),
        own,
        say("interval_80", language),
        say("group_each", language, name=own),
        say("probability_gain", language),
    ]
    heads += [content.by_name[content.public].label[language]] if content.public else []

    rows = []
    for row in content.target_groups:
        npv = row.npv
        cells = [
            row.label[language],
            write_number(row.citizens, language, decimals=0),
            thousands(npv.mean, language),
            _interval(row, npv, language, 0),
            _thousands_each(npv.mean / row.citizens if row.citizens else np.nan, language),
            MISSING if row.simulated < FEWEST else write_percent(npv.gains, language),
        ]
        rows.append([*cells, *([thousands(row.public.mean, language)] if row.public is not None else [])])
    return heads, rows


def _interval(row: GroupRow, amount: Spread, language: str, decimals: int) -> str:
    if np.isnan(amount.lo) or row.simulated < FEWEST:
        return MISSING
    return write_interval(amount.lo / 1000, amount.hi / 1000, language, decimals=decimals)


def _thousands_each(amount: float, language: str) -> str:
    return write_number(amount / 1000, language, decimals=1, with_sign=True)


def income_table(content: CaseContent, language: str) -> str:
    """What each citizen has more to live on, by what it is made of; '' in a model that pays no citizens."""
    heads, rows = income_cells(content, language)
    if not rows:
        return ""
    columns = [Column(head, at > 0) for at, head in enumerate(heads)]
    table_rows: list[Row] = [list(row) for row in rows]
    return html_table(
        columns, table_rows, f"{say('income_heading', language)} ({_unit(content, 'undiscounted', language)})"
    )


def income_cells(content: CaseContent, language: str, by_party: bool = True) -> tuple[list[str], list[list[str]]]:
    """Heads and rows for each citizen who begins: weeks, what comes from and goes to every party, and what is left.

    A narrow page leaves the parties out.
    """
    income_rows = [row for row in content.target_groups if row.income is not None]
    if not any(row.income is not None and row.income.mean for row in income_rows):
        return [], []
    effects = [row.label[language] for row in income_rows[0].effects]
    parties = [
        p for p in content.payers if by_party and not p.total and any(p.name in r.from_parties for r in income_rows)
    ]
    heads = [
        say("group", language),
        *effects,
        *(say("income_from", language, name=p.label[language]) for p in parties),
        say("income_left", language),
        say("interval_80", language),
    ]
    rows = []
    for row in income_rows:
        income = row.income
        assert income is not None
        rows.append(
            [
                row.label[language],
                *(write_number(x.mean, language, decimals=1, with_sign=True) for x in row.effects),
                *(_thousands_each(row.from_parties.get(p.name, 0.0), language) for p in parties),
                _thousands_each(income.mean, language),
                _interval(row, income, language, 1),
            ]
        )
    return heads, rows


def group_note(content: CaseContent, language: str) -> str:
    """How costs that follow no citizen are shared, where there are groups."""
    if len(content.target_groups) < 2:
        return ""
    few = any(row.simulated < FEWEST for row in content.target_groups)
    return " ".join([say("group_note", language), *([say("group_few", language, people=FEWEST)] if few else [])])


def group_frame(content: CaseContent, language: str) -> pd.DataFrame:
    """The same figures with full precision."""
    import pandas as pd

    rows = []
    for row in content.target_groups:
        income = row.income
        rows.append(
            {
                "group": row.label[language],
                "citizens": row.citizens,
                "npv": row.npv.mean,
                "mcse": row.npv.error,
                "lo_80": row.npv.lo,
                "hi_80": row.npv.hi,
                "probability_gain": row.npv.gains,
                "public": np.nan if row.public is None else row.public.mean,
                **{f"{x.label[language]} ({x.unit})": x.mean for x in row.effects},
                "income_each": np.nan if income is None else income.mean,
                "income_each_lo_80": np.nan if income is None else income.lo,
                "income_each_hi_80": np.nan if income is None else income.hi,
                **{f"income_from_{name}": amount for name, amount in row.from_parties.items()},
            }
        )
    return pd.DataFrame(rows)


def _unit(content: CaseContent, kind: str, language: str) -> str:
    unit = say("thousand_unit", language, currency=currency_name(content.currency, language), year=content.price_year)
    return f"{unit}, {say(kind, language)}"
