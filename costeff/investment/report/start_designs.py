"""Starts that teach whether the programme works, as a table and sentences of pages, note and terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from costeff.catalogue import say
from costeff.investment.report.sentences import decider_name
from costeff.reporting.numbers import write_large, write_number, write_percent
from costeff.reporting.tables import Column, Row, html_table

if TYPE_CHECKING:
    from costeff.investment.report.content import CaseContent, StartDesign

HEADS = (
    "start_design",
    "start_citizens",
    "start_known",
    "start_smallest",
    "start_power",
    "start_worth",
    "start_held_back",
)
QUARTERS = 4


def start_rows(content: CaseContent, language: str) -> list[list[str]]:
    """Start, citizens with and without, when it is known, smallest difference seen, power, worth, and what it holds
    back."""
    return [_row(content, design, language) for design in content.start_designs]


def _row(content: CaseContent, design: StartDesign, language: str) -> list[str]:
    def number(value: float) -> str:
        return write_number(value, language, decimals=0)

    def money(amount: float, with_sign: bool = False) -> str:
        return write_large(amount, language, currency=content.currency, with_sign=with_sign, error=design.error or None)

    quarters = number(design.quarters)
    return [
        say(f"start_{design.name}", language, quarters=quarters),
        say("start_groups", language, programme=number(design.with_programme), without=number(design.without)),
        say("start_quarter", language, year=design.year, quarter=design.quarter),
        _points(design.smallest, language, decimals=0),
        f"{write_percent(design.power, language)} ({write_percent(design.mean_power, language)})",
        money(design.worth) if design.worth > 0 else say("start_no_worth", language),
        money(-design.held_back, with_sign=True) if design.held_back else say("start_nothing_held", language),
    ]


def _points(share: float, language: str, **digits: int | bool) -> str:
    return say("start_points", language, number=write_number(100 * share, language, **digits))  # type: ignore[arg-type]


def start_sentences(content: CaseContent, language: str) -> list[str]:
    """What is learnt, and what the figures rest on; none where no start was worked out."""
    designs = content.start_designs
    if not designs:
        return []
    first = designs[0]
    texts = [
        say(
            "start_learns",
            language,
            weeks=first.weeks,
            expected=say(
                "start_points",
                language,
                number=write_number(100 * first.expected, language, decimals=1, with_sign=True),
            ),
            name=decider_name(content, language),
        )
    ]
    if all(design.name != "lot" for design in designs):
        texts.append(say("start_no_lot", language))
    if all(design.power < 0.5 for design in designs):
        texts.append(say("start_weak", language))
    return [*texts, say("start_rests_on", language, spread=write_number(100 * first.spread, language))]


def start_heads(language: str) -> list[str]:
    """The heads of the table."""
    return [say(key, language) for key in HEADS]


def start_table(content: CaseContent, language: str) -> str:
    """The table for a page; '' where no start was worked out."""
    rows: list[Row] = [list(row) for row in start_rows(content, language)]
    if not rows:
        return ""
    columns = [Column(head, at > 1) for at, head in enumerate(start_heads(language))]
    return html_table(columns, rows, say("start_heading", language))
