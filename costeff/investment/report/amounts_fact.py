"""The amounts of a case as its reader understood them, for its page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from costeff.catalogue import say
from costeff.investment.report.amounts import amounts_as_read

if TYPE_CHECKING:
    from costeff.investment.report.content import CaseContent


def amounts_fact(content: CaseContent, language: str) -> list[tuple[str, str]]:
    """Heading and text of the row about a case's amounts; none when nothing is known of its file."""
    texts = amounts_as_read(content.typed, content.currency, language)
    return [(say("amount_heading", language), "; ".join(texts))] if texts else []
