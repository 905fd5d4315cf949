"""What a case says of itself in words: purpose, owner, when a budget is lowered and by whom, and risks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from costeff.catalogue import say
from costeff.investment.case import ABOUT
from costeff.reporting.tables import Column, Row, html_table

if TYPE_CHECKING:
    from costeff.investment.report.content import CaseContent


def about_rows(content: CaseContent, language: str) -> list[tuple[str, str]]:
    """Heading and text of what is said, in the order of the keys; what is not said is left out."""
    return [(say(f"about_{key}", language), content.about[key][language]) for key in ABOUT if key in content.about]


def risk_rows(content: CaseContent, language: str) -> list[tuple[str, str]]:
    """Each risk and what is done about it."""
    return [(risk[language], answer[language]) for risk, answer in content.about.get("risks", ())]


def about_table(content: CaseContent, language: str) -> str:
    """All of it as tables; '' where nothing is said."""
    texts: list[Row] = [[heading, text] for heading, text in about_rows(content, language)]
    risks: list[Row] = [[risk, answer] for risk, answer in risk_rows(content, language)]
    parts = []
    if texts:
        heads = [Column(say("about_what", language)), Column(say("about_said", language))]
        parts.append(html_table(heads, texts, say("about_heading", language)))
    if risks:
        heads = [Column(say("about_risk", language)), Column(say("about_answer", language))]
        parts.append(html_table(heads, risks, say("about_risks", language)))
    return "\n".join(parts)
