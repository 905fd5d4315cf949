"""The table of figures worth asking for, on the page and on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from costeff.catalogue import say
from costeff.investment.report.sentences import decider_name
from costeff.reporting.numbers import write_large, write_number
from costeff.reporting.tables import Column, Row, html_table
from costeff.reporting.unit_names import unit_name

if TYPE_CHECKING:
    from costeff.investment.report.content import AskRow, CaseContent

TABLES = ("trial", "accounts", "cases", "programme", "none")
"""Tables that have a word; any other is called by its own name."""
MOST = 12
"""Rows that are told."""


def ask_rows(content: CaseContent, language: str) -> list[list[str]]:
    """Figure, worth, form, holder and table of the figures whose worth is more than luck, dearest first."""
    return [_row(content, row, language) for row in content.ask_rows if row.more_than_luck][:MOST]


def _row(content: CaseContent, row: AskRow, language: str) -> list[str]:
    label = content.parameter_labels.get(row.name)
    unit = unit_name(row.unit, language, plural=True) if row.unit not in ("", "1", "ratio", "share") else ""
    error = write_number(row.error / 1000, language, decimals=0)
    return [
        (label[language] if label is not None else row.name) + (f" ({unit})" if unit else ""),
        f"{write_large(row.worth, language, currency=content.currency)} (± {error} {say('thousands', language)})",
        say(f"ask_form_{row.form}", language),
        say(f"ask_holder_{row.holder}", language),
        say(f"ask_table_{row.table}", language) if row.table in TABLES else row.table,
    ]


def ask_note(content: CaseContent, language: str) -> str:
    """What the worth is, and how many figures are left out."""
    rows = sum(row.more_than_luck for row in content.ask_rows)
    if not rows:
        return say("ask_nothing", language)
    name = decider_name(content, language)
    return say("ask_note", language, name=name, left=len(content.ask_rows) - rows, all=len(content.ask_rows))


def ask_table(content: CaseContent, language: str) -> str:
    """The table for a page; '' where nothing was ranked or nothing is worth more than luck."""
    rows: list[Row] = [list(row) for row in ask_rows(content, language)]
    if not rows:
        return ""
    heads = ("ask_figure", "ask_worth", "ask_form", "ask_holder", "ask_table")
    return html_table(
        [Column(say(key, language), key == "ask_worth") for key in heads], rows, say("ask_heading", language)
    )
