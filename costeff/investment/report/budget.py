"""Money as budgets are made: full-time persons beside the present level, lowered budgets, and all doing the same."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from costeff.catalogue import say
from costeff.investment import measures
from costeff.investment.full_time import LevelChange, level_changes
from costeff.investment.payers import MUNICIPALITY
from costeff.investment.report.content import BudgetContent, FundingRow, GrantContent, LoweredRow
from costeff.investment.report.thousands import thousands
from costeff.reporting.numbers import MISSING, write_large, write_number, write_percent
from costeff.reporting.tables import Column, Row, html_table

if TYPE_CHECKING:
    from costeff.investment.report.content import CaseContent
    from costeff.investment.result import CaseResultData

UNSEEN = 0.03
"""Below this share of the present level a change cannot be seen in the public figure, which moves more by itself."""
YEARS_SHOWN = 5
"""Calendar years of a table: the budget year and four after it."""


def budget_content(result: CaseResultData, decider: str) -> BudgetContent:
    """What budgets ask of a result; the grant's side only for a municipality under dated rules."""
    return BudgetContent(level_changes(result), _lowered(result), _funding(result), _grant(result, decider))


def _lowered(result: CaseResultData) -> list[LoweredRow]:
    areas = {area.name: area.label for area in result.case.areas}
    rows = []
    for change in result.case.budget_changes:
        mask = np.array([line.area == change.area for line in result.cash.lines])
        net = result.cash.net((change.department,), mask).mean(axis=0)[result.years.index(change.since) :]
        rows.append(
            LoweredRow(
                result.parties[change.department],
                areas[change.area],
                change.since,
                change.amount,
                change.by,
                float(net.mean()),
            )
        )
    return rows


def _funding(result: CaseResultData) -> list[FundingRow]:
    """Each external payer's money, its last year, and what the department pays for the programme after it."""
    rows = []
    for funding in result.case.funding:
        last = max(funding.amounts)
        later = measures.outlay(result.cash, (funding.department,)).mean(axis=0)[result.years.index(last) + 1 :]
        after = float(later[later > 0].mean()) if (later > 0).any() else 0.0
        total = sum(funding.amounts.values())
        rows.append(FundingRow(funding.by, result.parties[funding.department], total, last, after))
    return rows


def _grant(result: CaseResultData, decider: str) -> GrantContent | None:
    case, pricing = result.case, result.priced
    if pricing is None or pricing.rules is None or decider != MUNICIPALITY or case.view != "marginal":
        return None
    if not (case.about or case.belief or case.budget_changes):
        return None
    together = pricing.cash(replace(case, view="all_municipalities"), result.repriced).cash
    members = result.members(decider)
    benefits = [(b.label, b.covered.value, b.covered.kind) for b in pricing.rules.benefits.values()]
    return GrantContent(
        alone=result.net(decider).mean(axis=0),
        together=together.net(members).mean(axis=0),
        npv_alone=float(result.npv(decider).mean()),
        npv_together=float(measures.npv(together, members).mean()),
        coverage=benefits,
    )


def level_table(content: CaseContent, language: str) -> str:
    """Full-time persons by year beside the present level; '' where the case names no levels."""
    rows: list[Row] = [list(row) for row in level_rows(content, language)]
    if not rows:
        return ""
    years = [Column(str(year), True) for year in content.years[:YEARS_SHOWN]]
    columns = [Column(say("level_benefit", language)), *years, Column(say("level_now", language), True)]
    columns.append(Column(say("level_share", language), True))
    return html_table(columns, rows, say("level_heading", language))


def level_rows(content: CaseContent, language: str) -> list[list[str]]:
    """Benefit, change by year, present level and share of it."""
    return [_level(change, language) for change in content.budget.levels]


def _level(change: LevelChange, language: str) -> list[str]:
    now = change.level.now
    return [
        change.level.label[language],
        *(write_number(x, language, decimals=1, with_sign=True) for x in change.change[:YEARS_SHOWN]),
        MISSING if now is None else write_number(now, language, decimals=0),
        MISSING if now is None else write_percent(change.share, language, decimals=1),
    ]


def level_note(content: CaseContent, language: str) -> str:
    """Which changes will not be seen in the public figure."""
    unseen = [x.level.label[language] for x in content.budget.levels if x.level.now and x.share < UNSEEN]
    texts = [say("level_counting", language)] if content.budget.levels else []
    if unseen:
        texts.append(say("level_unseen", language, list=", ".join(unseen), share=write_percent(UNSEEN, language)))
    return " ".join(texts)


def lowered_sentences(content: CaseContent, language: str) -> list[str]:
    """Each budget that is lowered beside what the case expects there; or that none is."""

    def money(amount: float) -> str:
        return write_large(amount, language, currency=content.currency, with_sign=False)

    rows = content.budget.lowered_budgets
    if not rows:
        return [say("note_not_released", language)]
    return [
        say(
            "lowered_covered" if row.gain >= row.amount else "lowered_short",
            language,
            department=row.department[language],
            area=row.area[language],
            amount=money(row.amount),
            year=row.since,
            by=row.by[language],
            gain=money(row.gain),
        )
        for row in rows
    ]


def funding_sentences(content: CaseContent, language: str) -> list[str]:
    """Who funds the programme from outside until when, and what the department then pays itself."""

    def money(amount: float) -> str:
        return write_large(amount, language, currency=content.currency, with_sign=False)

    return [
        say(
            "funding_then" if row.after else "funding_ends",
            language,
            by=row.by[language],
            department=row.department[language],
            amount=money(row.total),
            year=row.last,
            after=money(row.after),
        )
        for row in content.budget.funding
    ]


def grant_sentence(content: CaseContent, language: str) -> str:
    """The result alone and if all municipalities do the same; '' where it is not known."""
    grant = content.budget.grant
    if grant is None:
        return ""
    error = content.by_name[content.decider].npv.error
    error_shown = None if np.isnan(error) else error
    alone, together = (
        write_large(x, language, currency=content.currency, with_sign=True, error=error_shown)
        for x in (grant.npv_alone, grant.npv_together)
    )
    return say("grant_both", language, alone=alone, together=together)


def grant_table(content: CaseContent, language: str) -> str:
    """Both columns by year, and the covered share of each benefit with what it rests on; '' where not known."""
    grant = content.budget.grant
    if grant is None:
        return ""

    columns = [Column(""), *(Column(str(year), True) for year in content.years[:YEARS_SHOWN])]
    rows: list[Row] = [
        [say(f"view_{view}", language), *(thousands(x, language) for x in net[:YEARS_SHOWN])]
        for view, net in (("marginal", grant.alone), ("all_municipalities", grant.together))
    ]
    heads = [Column(say("level_benefit", language)), Column(say("grant_covered", language), True)]
    heads.append(Column(say("grant_kind", language)))
    coverage_rows: list[Row] = [
        [label[language], write_percent(share, language), say(f"kind_{kind}", language)]
        for label, share, kind in grant.coverage
    ]
    tables = html_table(columns, rows, say("grant_heading", language))
    return tables + "\n" + html_table(heads, coverage_rows, say("grant_coverage", language))
