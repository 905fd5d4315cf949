"""Whose budget is changed by how much in which year: department by budget area by calendar year."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from costeff.catalogue import say
from costeff.investment.report.content import DepartmentRow
from costeff.investment.report.thousands import thousands
from costeff.labels import same, worded
from costeff.reporting.numbers import currency_name
from costeff.reporting.tables import Column, Row, html_table

if TYPE_CHECKING:
    from costeff.investment.report.content import CaseContent
    from costeff.investment.result import CaseResultData

ROUNDS_TO_NOTHING = 0.5


def department_rows(result: CaseResultData, decider: str) -> list[DepartmentRow]:
    """Every department of the decider with each area in which it gains or loses, in the order of the case.

    Over all rows a year adds up to the decider's net: what one department pays another cancels.
    """
    areas = {area.name: area for area in result.case.areas}
    names = dict.fromkeys([*areas, *(line.area for line in result.cash.lines)])
    rows = []
    for party in result.members(decider):
        for name in names:
            mask = np.array([line.area == name for line in result.cash.lines])
            net = result.cash.net((party,), mask).mean(axis=0)
            if np.abs(net).max() >= ROUNDS_TO_NOTHING:
                area = areas.get(name)
                label = area.label if area is not None else worded("area_other") if name == "other" else same(name)
                rows.append(DepartmentRow(result.parties[party], label, area.frame if area is not None else "", net))
    return rows


def frame_sums(content: CaseContent) -> dict[str, np.ndarray]:
    """What each frame gains by calendar year (Y,), over all departments of the decider."""
    sums: dict[str, np.ndarray] = {}
    for row in content.departments:
        sums[row.frame] = sums.get(row.frame, 0) + row.net
    return sums


def department_cells(content: CaseContent, language: str, years: int) -> tuple[list[str], list[list[str]]]:
    """Heads and rows of the table in thousands, for the first so many calendar years, the sum last."""

    heads = [say("department", language), say("area", language), *(str(year) for year in content.years[:years])]
    rows = [
        [x.department[language], x.area[language], *(thousands(amount, language) for amount in x.net[:years])]
        for x in content.departments
    ]
    total = np.sum([x.net for x in content.departments], axis=0) if rows else np.zeros(len(content.years))
    rows.append([f"= {say('in_all', language)}", "", *(thousands(amount, language) for amount in total[:years])])
    return heads, rows


def department_table(content: CaseContent, language: str) -> str:
    """The table for a page; '' where nothing is booked."""
    if not content.departments:
        return ""
    heads, rows = department_cells(content, language, len(content.years))
    columns = [Column(heads[0]), Column(heads[1]), *(Column(head, True) for head in heads[2:])]
    unit = say("thousand_unit", language, currency=currency_name(content.currency, language), year=content.price_year)
    table_rows: list[Row] = [list(row) for row in rows]
    return html_table(
        columns, table_rows, f"{say('by_department', language)} ({unit}, {say('undiscounted', language)})"
    )
