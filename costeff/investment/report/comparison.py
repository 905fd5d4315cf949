"""The page of several cases side by side: its sentences, figures and tables."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from costeff.catalogue import check_language, say
from costeff.files import write_whole
from costeff.investment.report.case import page_html
from costeff.investment.report.comparison_figures import cumulated_paths, ranked_worth
from costeff.investment.report.comparison_names import inside_of
from costeff.investment.report.comparison_sentences import cases_sentences
from costeff.investment.report.comparison_tables import cases_tables
from costeff.investment.report.stamp import stamp_line
from costeff.reporting.numbers import currency_name, write_number
from costeff.reporting.page_figures import Figures

if TYPE_CHECKING:
    from costeff.investment.report.comparison_content import CasesContent


def write_cases_report(content: CasesContent, path: str | os.PathLike[str], language: str = "en") -> Path:
    """Write the comparison to one self-contained HTML file, whole or not at all; returns its path."""
    return write_whole(cases_html(content, language), path)


def cases_html(content: CasesContent, language: str = "en") -> str:
    """The comparison as text; see write_cases_report."""
    from markupsafe import Markup

    check_language(language)
    figures, sign = Figures(language), say("sign", language)
    name = inside_of(content, content.decider, language)
    charts = [
        figures.add(
            "ranked",
            ranked_worth(content, language),
            say("figure_ranked", language),
            say("caption_ranked", language, name=name, sign=sign),
        ),
        figures.add(
            "cumulated",
            cumulated_paths(content, language),
            say("figure_cumulative", language, name=name),
            say("caption_paths", language, name=name, sign=sign),
        ),
    ]
    level = say("price_level", language, year=content.price_year)
    page = {
        "title": say("compared_title", language, count=len(content.names)),
        "kind": say("compared_kind", language),
        "stamp": stamp_line(", ".join(content.names), content.stamp, language),
        "facts": [
            (say("party", language), content.payers[content.decider][language]),
            (say("fact_years", language), f"{content.years[0]}–{content.years[-1]}"),
            (say("fact_prices", language), f"{currency_name(content.currency, language)} {level}"),
            (say("draws", language), write_number(content.draws, language)),
        ],
        "sentences": cases_sentences(content, language),
        "notes": [say("note_prediction", language), say("note_discounting", language, year=content.years[0])],
        "portfolio_note": say("caption_portfolio", language, name=name),
        "tables": {key: Markup(text) for key, text in cases_tables(content, language).items()},
        "drawn": charts,
        "parts": [
            ("page-one", say("page_one", language)),
            ("budget", say("budget_heading", language)),
            ("portfolio", say("portfolio_heading", language)),
            ("figures-of-cases", say("figures", language)),
        ],
    }
    return page_html("cases.html.j2", page, figures, language)
