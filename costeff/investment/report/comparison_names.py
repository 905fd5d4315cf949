"""How cases, payers and units are called in a comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

from costeff.catalogue import say
from costeff.investment.compare import NOTHING
from costeff.investment.report.sentences import inside
from costeff.reporting.numbers import currency_name

if TYPE_CHECKING:
    from costeff.investment.report.comparison_content import CasesContent


def title_of(content: CasesContent, name: str, language: str) -> str:
    """A case's title, or that nothing is chosen."""
    return say("nothing_chosen", language) if name == NOTHING else content.titles[name][language]


def inside_of(content: CasesContent, payer: str, language: str) -> str:
    """A payer as it stands inside a sentence."""
    return inside(content.payers[payer][language])


def unit_of(content: CasesContent, kind: str, language: str) -> str:
    """The unit of a table: thousands of the currency, its price year, and `kind`."""
    unit = say("thousand_unit", language, currency=currency_name(content.currency, language), year=content.price_year)
    return f"{unit}, {say(kind, language)}"
