"""Several cases side by side: sentences, tables, figures, page. Budget and present values stand in tables apart."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from costeff.analysis.settled import replicates_of, settled
from costeff.catalogue import check_language, say
from costeff.files import write_whole
from costeff.investment.compare import NOTHING
from costeff.investment.report.case import page_html
from costeff.investment.report.sentences import inside, payback_interval, years_in_words
from costeff.investment.report.stamp import stamp_line
from costeff.investment.report.tables import thousands
from costeff.reporting.numbers import (
    MISSING,
    currency_name,
    one_of_currency,
    write_interval,
    write_large,
    write_number,
    write_percent,
)
from costeff.reporting.page_figures import Figures
from costeff.reporting.style import OKABE_ITO, axis, folded, layout, safe
from costeff.reporting.tables import Column, Row, html_table

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from costeff.investment.report.comparison_content import CasesContent


def write_cases_report(content: CasesContent, path: str | os.PathLike[str], language: str = "en") -> Path:
    """Write the comparison to one self-contained HTML file, whole or not at all; returns its path."""
    return write_whole(cases_html(content, language), path)


def cases_sentences(content: CasesContent, language: str = "en") -> list[str]:
    """Which case is best for the decider and how surely, and who would choose another."""
    check_language(language)
    top = content.ranking.iloc[0]
    name = _inside(content, content.decider, language)
    chance = write_percent(float(top["best"]), language)
    if top["case"] == NOTHING:
        said_best = say("says_nothing_best", language, name=name, probability=chance)
    else:
        money = write_large(float(top["mean"]), language, currency=content.currency, error=_known(top["mcse"]))
        said_best = say(
            "says_best",
            language,
            case=_title(content, str(top["case"]), language),
            name=name,
            money=money,
            probability=chance,
        )
    return [
        said_best,
        *_lead(content, language),
        *_by_size(content, language),
        *_other_choices(content, language),
        *_same(content, language),
        *_shared(content, language),
        *overlap_sentences(content, language),
        *_within_limits(content, language),
    ]


def _same(content: CasesContent, language: str) -> list[str]:
    """Cases that are one case under several names: a rank between them would mean nothing."""
    return [
        say("says_same", language, list=_listed([_title(content, n, language) for n in group], language))
        for group in content.same
    ]


def _within_limits(content: CasesContent, language: str) -> list[str]:
    """Which cases are chosen together under each limit that was asked for."""
    texts = []
    for x in content.portfolios:
        if not math.isinf(x.limit):
            limit = write_large(x.limit, language, currency=content.currency)
            names = [_title(content, name, language) for name in x.cases] or [say("no_case", language)]
            texts.append(say("says_within", language, limit=limit, list=_listed(names, language)))
    return texts


def _by_size(content: CasesContent, language: str) -> list[str]:
    """Which case gains most for each citizen and each krone, where that is not the one that gains most in all."""
    top, texts = str(content.ranking.iloc[0]["case"]), []
    if len(content.names) < 2 or top == NOTHING:
        return []
    for key, sentence in (("per_citizen", "says_per_citizen"), ("per_krone", "says_per_krone")):
        values = {n: v for n, x in content.sizes.items() if not math.isnan(v := float(getattr(x, key)))}
        best = max(values, key=lambda n: values[n], default=top)
        if best != top:
            unit = one_of_currency(content.currency, language)
            texts.append(say(sentence, language, case=_title(content, best, language), unit=unit))
    return texts


def overlap_sentences(content: CasesContent, language: str) -> list[str]:
    """Which cases may reach the same citizens and how that is known, and whether others are added up."""
    if len(content.names) < 2:
        return []

    def titles(names: Sequence[str]) -> str:
        return _listed([_title(content, n, language) for n in names], language)

    texts = [say("note_apart", language, list=titles(group)) for group in content.apart]
    texts += [say("note_unknown", language, list=titles(pair)) for pair in content.unknown]
    every = len(content.names) * (len(content.names) - 1) // 2
    shared_pairs = {frozenset(pair) for group in content.apart for pair in combinations(group, 2)}
    if len(shared_pairs) < every:
        texts.append(say("note_others_differ" if shared_pairs else "note_all_differ", language))
    if content.declared:
        texts.append(say("note_declared", language))
    return texts


def _lead(content: CasesContent, language: str) -> list[str]:
    """How far the first is ahead of the next (doing nothing is one of them), and whether chance explains it."""
    top, following = (content.ranking.iloc[i] for i in (0, 1))
    ahead, error = float(top["ahead"]), float(top["ahead_mcse"])
    names = {"case": _title(content, str(top["case"]), language), "next": _next(content, following, language)}
    if ahead == 0:
        return [say("says_equal", language, **names)]
    if math.isnan(error):
        return [say("says_one_draw", language)]
    money, spread = (write_large(x, language, currency=content.currency, error=error) for x in (ahead, error))
    key = "says_ahead" if settled(ahead, error, replicates_of(content.draws, content.replicates)) else "says_close"
    return [say(key, language, money=money, error=spread, **names)]


def _next(content: CasesContent, row: Any, language: str) -> str:
    """The second of the ranking as it stands inside a sentence."""
    name = str(row["case"])
    return say("doing_nothing", language) if name == NOTHING else _title(content, name, language)


def _other_choices(content: CasesContent, language: str) -> list[str]:
    """A sentence for each choice that others than the decider would make, by expected present value."""
    own = str(content.ranking.iloc[0]["case"])
    fans: dict[str, list[str]] = {}
    for payer, worth in content.worth.items():
        choices = {NOTHING: 0.0, **worth}
        best = max(choices, key=lambda n: choices[n])
        if payer != content.decider and best != own:
            fans.setdefault(best, []).append(_inside(content, payer, language))
    return [
        say("says_other_choice", language, case=_title(content, case, language), list=_listed(who, language))
        for case, who in fans.items()
    ]


def _listed(names: Sequence[str], language: str) -> str:
    """Names in a row, the last after an 'and'."""
    if len(names) == 1:
        return names[0]
    return f"{', '.join(names[:-1])} {say('and', language)} {names[-1]}"


def _shared(content: CasesContent, language: str) -> list[str]:
    return [say("says_shared_luck", language)] if len(content.names) > 1 else []


def _known(value: Any) -> float | None:
    return None if math.isnan(float(value)) else float(value)


def _title(content: CasesContent, name: str, language: str) -> str:
    return say("nothing_chosen", language) if name == NOTHING else content.titles[name][language]


def _inside(content: CasesContent, payer: str, language: str) -> str:
    return inside(content.payers[payer][language])


def _unit(content: CasesContent, kind: str, language: str) -> str:
    unit = say("thousand_unit", language, currency=currency_name(content.currency, language), year=content.price_year)
    return f"{unit}, {say(kind, language)}"


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
                _title(content, x["case"], language),
                thousands(x["mean"], language),
                interval_text,
                MISSING if idle else write_percent(x["gains"], language),
                write_percent(x["best"], language),
                write_number(x["rank"], language, decimals=1),
            ]
        )
    heading = say("ranking_heading", language, name=content.payers[content.decider][language])
    return html_table(columns, rows, f"{heading} ({_unit(content, 'present_value', language)})")


def _differences(content: CasesContent, language: str) -> str:
    """What the choice is about, before anything is ranked."""
    columns = [Column(say("case_parameter", language)), *(Column(_title(content, n, language)) for n in content.names)]
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
                _title(content, name, language),
                write_number(x.served, language, decimals=0),
                thousands(x.cost, language, with_sign=False),
                write_number(x.per_citizen / 1000, language, decimals=1, with_sign=True),
                write_number(x.per_krone, language, decimals=2, with_sign=True),
            ]
        )
    return html_table(
        columns, rows, f"{say('sizes_heading', language, unit=unit)} ({_unit(content, 'present_value', language)})"
    )


def _financing(content: CasesContent, language: str) -> str:
    """What each case asks of the budget: its outlay, what the expected profile needs and when, and the risk."""
    keys = ("case", "outlay_first_year", "financing", "need_year", "deficit_1_of_10")
    columns = [Column(say(key, language), key != "case") for key in keys]
    rows: list[Row] = [
        [
            _title(content, name, language),
            thousands(x.outlay, language, with_sign=False),
            thousands(x.need, language, with_sign=False),
            MISSING if x.need_year is None else str(x.need_year),
            thousands(x.deficit, language, with_sign=False),
        ]
        for name, x in content.sizes.items()
    ]
    heading = say("financing_heading", language, name=content.payers[content.decider][language])
    return html_table(columns, rows, f"{heading} ({_unit(content, 'undiscounted', language)})")


def _best(content: CasesContent, language: str) -> str:
    order = [*content.names, NOTHING]
    columns = [Column(say("party", language)), *(Column(_title(content, name, language), True) for name in order)]
    rows: list[Row] = [
        [content.payers[payer][language], *(write_percent(chances[name], language) for name in order)]
        for payer, chances in content.best.items()
    ]
    return html_table(columns, rows, say("best_heading", language))


def _worth(content: CasesContent, language: str) -> str:
    columns = [
        Column(say("party", language)),
        *(Column(_title(content, name, language), True) for name in content.names),
    ]
    rows: list[Row] = [
        [content.payers[payer][language], *(thousands(worth[name], language) for name in content.names)]
        for payer, worth in content.worth.items()
    ]
    return html_table(columns, rows, f"{say('who_gains', language)} ({_unit(content, 'present_value', language)})")


def _budget(content: CasesContent, language: str) -> str:
    columns = [Column(say("case", language)), *(Column(str(year), True) for year in content.years)]
    rows: list[Row] = [
        [_title(content, name, language), *(thousands(float(x), language) for x in content.net[name])]
        for name in content.names
    ]
    heading = say("figure_net", language, name=content.payers[content.decider][language])
    return html_table(columns, rows, f"{heading} ({_unit(content, 'undiscounted', language)})")


def _payback(content: CasesContent, language: str) -> str:
    keys = ("case", "fact_citizens", "median", "interval_80", "share_never")
    columns = [Column(say(key, language), key != "case") for key in keys]
    rows: list[Row] = []
    for name in content.names:
        payback = content.payback[name]
        rows.append(
            [
                _title(content, name, language),
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
        case_titles = ", ".join(_title(content, name, language) for name in x.cases) or say("no_case", language)
        needs = (thousands(y, language, with_sign=False) for y in (x.financing, x.deficit, x.outlay))
        rows.append([limit, case_titles, *needs, write_percent(x.gains, language)])
    return html_table(
        columns, rows, f"{say('portfolio_heading', language)} ({_unit(content, 'undiscounted', language)})"
    )


def ranked_worth(content: CasesContent, language: str = "en") -> go.Figure:
    """The decider's expected present value of each case with its 80 % interval, best first."""
    import plotly.graph_objects as go

    ranked_cases = content.ranking[content.ranking["case"] != NOTHING]
    mean, low, high = (ranked_cases[key].to_numpy(dtype=float) / 1000 for key in ("mean", "lo", "hi"))
    names = [folded(_title(content, name, language), 20) for name in ranked_cases["case"]]
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": mean,
        "y": names,
        "marker": {"color": OKABE_ITO[0]},
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": high - mean,
            "arrayminus": mean - low,
            "thickness": 1.5,
            "color": "#000000",
        },
        "hovertemplate": "%{x:,.0f}<extra>%{y}</extra>",
        "showlegend": False,
    }
    title = f"{_unit(content, 'present_value', language)} · {say('sign_short', language)}"
    return go.Figure(
        [bars],
        layout(
            language,
            120 + 46 * len(names),
            bargap=0.4,
            xaxis=axis(title, tickformat=",.0f", zerolinewidth=2, nticks=7),
            yaxis=axis("", autorange="reversed", showgrid=False, ticks=""),
        ),
    )


def cumulated_paths(content: CasesContent, language: str = "en") -> go.Figure:
    """The decider's expected cumulated net of each case, undiscounted."""
    import plotly.graph_objects as go

    from costeff.reporting.style import DASHES, MARKERS

    years = [str(year) for year in content.years]
    data = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "x": years,
            "y": np.cumsum(content.net[name]) / 1000,
            "name": safe(_title(content, name, language)),
            "hovertemplate": "%{x}: %{y:,.0f}<extra>%{fullData.name}</extra>",
            "line": {"color": OKABE_ITO[i % len(OKABE_ITO)], "dash": DASHES[i % len(DASHES)], "width": 3},
            "marker": {"symbol": MARKERS[i % len(MARKERS)], "size": 8},
        }
        for i, name in enumerate(content.names)
    ]
    below = {"orientation": "h", "x": 0, "y": 0, "yref": "container", "yanchor": "bottom"}
    title = f"{_unit(content, 'undiscounted', language)} · {say('sign_short', language)}"
    return go.Figure(
        data,
        layout(
            language,
            430,
            legend=below,
            margin={"l": 60, "r": 16, "t": 16, "b": 60},
            xaxis=axis("", type="category", showgrid=False),
            yaxis=axis(title, tickformat=",.0f", zerolinewidth=2),
        ),
    )


def cases_html(content: CasesContent, language: str = "en") -> str:
    """The comparison as text; see write_cases_report."""
    from markupsafe import Markup

    check_language(language)
    figures, sign = Figures(language), say("sign", language)
    name = _inside(content, content.decider, language)
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
