"""Several cases side by side, in tables. Budget and present values stand in tables apart."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from costeff.catalogue import say
from costeff.investment.compare import NOTHING
from costeff.investment.report.comparison_names import title_of, unit_of
from costeff.investment.report.sentences import payback_interval, years_in_words
from costeff.investment.report.thousands import thousands
from costeff.reporting.numbers import MISSING, one_of_currency, write_interval, write_number, write_percent
from costeff.reporting.tables import Column, Row, html_table

if TYPE_CHECKING:
    from costeff.investment.report.comparison_content import CasesContent


def cases_tables(content: CasesContent, language: str) -> dict[str, str]:
    """Every table of the comparison by name, as HTML."""
    return {
        "differences": _differences(content, language),
        "sizes": _sizes(content, language),
        "financing": _financing(content, language),
        "ranking": _ranking(content, language),
        "best": _best(content, language),
        "worth": _worth(content, language),
        "budget": _budget(content, language),
        "payback": _payback(content, language),
        "portfolios": _portfolios(content, language),
    }


def _ranking(content: CasesContent, language: str) -> str:
    heads = (
        ("case", False),
        ("net_present_value", True),
        ("interval_80", True),
        ("probability_gain", True),
        ("case_probability_best", True),
        ("expected_rank", True),
    )
    columns = [Column(say(key, language), number) for key, number in heads]
    rows: list[Row] = []
    for x in content.ranking.to_dict("records"):
        idle = x["case"] == NOTHING
        interval_text = (
            MISSING
            if idle or math.isnan(x["lo"])
            else write_interval(x["lo"] / 1000, x["hi"] / 1000, language, decimals=0)
        )
        rows.append(
            [
                title_of(content, x["case"], language),
                thousands(x["mean"], language),
                interval_text,
                MISSING if idle else write_percent(x["gains"], language),
                write_percent(x["best"], language),
                write_number(x["rank"], language, decimals=1),
            ]
        )
    heading = say("ranking_heading", language, name=content.payers[content.decider][language])
    return html_table(columns, rows, f"{heading} ({unit_of(content, 'present_value', language)})")


def _differences(content: CasesContent, language: str) -> str:
    """What the choice is about, before anything is ranked."""
    columns = [
        Column(say("case_parameter", language)),
        *(Column(title_of(content, n, language)) for n in content.names),
    ]
    rows: list[Row] = [
        [x.label[language], *(x.values[name][language] for name in content.names)] for x in content.differences
    ]
    return html_table(columns, rows, say("differences_heading", language)) if rows else ""


def _sizes(content: CasesContent, language: str) -> str:
    """Totals per citizen and per krone, since a larger case is not a better one."""
    keys = ("case", "fact_citizens", "programme_cost", "npv_per_citizen", "npv_per_krone")
    unit = one_of_currency(content.currency, language)
    columns = [
        Column(say(key, language, **({"unit": unit} if key == "npv_per_krone" else {})), key != "case") for key in keys
    ]
    rows: list[Row] = []
    for name, x in content.sizes.items():
        rows.append(
            [
                title_of(content, name, language),
                write_number(x.served, language, decimals=0),
                thousands(x.cost, language, with_sign=False),
                write_number(x.per_citizen / 1000, language, decimals=1, with_sign=True),
                write_number(x.per_krone, language, decimals=2, with_sign=True),
            ]
        )
    return html_table(
        columns, rows, f"{say('sizes_heading', language, unit=unit)} ({unit_of(content, 'present_value', language)})"
    )


def _financing(content: CasesContent, language: str) -> str:
    """What each case asks of the budget: its outlay, what the expected profile needs and when, and the risk."""
    keys = ("case", "outlay_first_year", "financing", "need_year", "deficit_1_of_10")
    columns = [Column(say(key, language), key != "case") for key in keys]
    rows: list[Row] = [
        [
            title_of(content, name, language),
            thousands(x.outlay, language, with_sign=False),
            thousands(x.need, language, with_sign=False),
            MISSING if x.need_year is None else str(x.need_year),
            thousands(x.deficit, language, with_sign=False),
        ]
        for name, x in content.sizes.items()
    ]
    heading = say("financing_heading", language, name=content.payers[content.decider][language])
    return html_table(columns, rows, f"{heading} ({unit_of(content, 'undiscounted', language)})")


def _best(content: CasesContent, language: str) -> str:
    order = [*content.names, NOTHING]
    columns = [Column(say("party", language)), *(Column(title_of(content, name, language), True) for name in order)]
    rows: list[Row] = [
        [content.payers[payer][language], *(write_percent(chances[name], language) for name in order)]
        for payer, chances in content.best.items()
    ]
    return html_table(columns, rows, say("best_heading", language))


def _worth(content: CasesContent, language: str) -> str:
    columns = [
        Column(say("party", language)),
        *(Column(title_of(content, name, language), True) for name in content.names),
    ]
    rows: list[Row] = [
        [content.payers[payer][language], *(thousands(worth[name], language) for name in content.names)]
        for payer, worth in content.worth.items()
    ]
    return html_table(columns, rows, f"{say('who_gains', language)} ({unit_of(content, 'present_value', language)})")


def _budget(content: CasesContent, language: str) -> str:
    columns = [Column(say("case", language)), *(Column(str(year), True) for year in content.years)]
    rows: list[Row] = [
        [title_of(content, name, language), *(thousands(float(x), language) for x in content.net[name])]
        for name in content.names
    ]
    heading = say("figure_net", language, name=content.payers[content.decider][language])
    return html_table(columns, rows, f"{heading} ({unit_of(content, 'undiscounted', language)})")


def _payback(content: CasesContent, language: str) -> str:
    keys = ("case", "fact_citizens", "median", "interval_80", "share_never")
    columns = [Column(say(key, language), key != "case") for key in keys]
    rows: list[Row] = []
    for name in content.names:
        payback = content.payback[name]
        rows.append(
            [
                title_of(content, name, language),
                write_number(content.served[name], language, decimals=0),
                years_in_words(payback.median, language),
                payback_interval(payback, language, len(content.years)),
                write_percent(payback.never, language),
            ]
        )
    return html_table(columns, rows, say("payback_time", language))


def _portfolios(content: CasesContent, language: str) -> str:
    """Which cases to choose. The limit is undiscounted and the gain a present value, so only the former is shown."""
    keys = ("limit", "chosen", "financing", "deficit_1_of_10", "outlay_first_year", "probability_gain")
    columns = [Column(say(key, language), key != "chosen") for key in keys]
    rows: list[Row] = []
    for x in content.portfolios:
        limit = say("no_limit", language) if math.isinf(x.limit) else thousands(x.limit, language, with_sign=False)
        case_titles = ", ".join(title_of(content, name, language) for name in x.cases) or say("no_case", language)
        needs = (thousands(y, language, with_sign=False) for y in (x.financing, x.deficit, x.outlay))
        rows.append([limit, case_titles, *needs, write_percent(x.gains, language)])
    return html_table(
        columns, rows, f"{say('portfolio_heading', language)} ({unit_of(content, 'undiscounted', language)})"
    )
