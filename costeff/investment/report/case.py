"""The planner's pages of one case: one HTML file that opens anywhere without a network, and prints on A4."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from costeff.catalogue import check_language, say, words_of
from costeff.files import write_whole
from costeff.investment.payers import MUNICIPALITY
from costeff.investment.report import figures as money
from costeff.investment.report import figures_time as time
from costeff.investment.report.amounts_fact import amounts_fact
from costeff.investment.report.budget import funding_sentences, grant_sentence, level_note, lowered_sentences
from costeff.investment.report.figures_to_ask import ask_note
from costeff.investment.report.sentences import (
    case_notes,
    case_sentences,
    decider_name,
    effect_in_words,
    effect_interval,
    inside,
    is_at_risk,
    is_projected,
    money_interval,
    paid_by_fact,
    payback_interval,
    stated_sentences,
    title_of,
    years_in_words,
)
from costeff.investment.report.stamp import foot_style, stamp_line
from costeff.investment.report.start_designs import start_sentences
from costeff.investment.report.tables import case_tables
from costeff.investment.report.target_groups import group_note
from costeff.reporting.differences import certain_sentences
from costeff.reporting.numbers import SPACE, currency_name, write_large, write_number, write_percent
from costeff.reporting.page import packed_plotly, page_script, script_json, script_words, shipped
from costeff.reporting.page_figures import Figures
from costeff.reporting.template import template

if TYPE_CHECKING:
    from costeff.investment.report.content import CaseContent, Payer


def write_case_report(content: CaseContent, path: str | os.PathLike[str], language: str = "en") -> Path:
    """Write the pages of a case to one self-contained HTML file, whole or not at all; returns its path.

    Raises ScenarioError for an unknown language and OSError when the file cannot be written.
    """
    return write_whole(case_html(content, language), path)


def case_html(content: CaseContent, language: str = "en") -> str:
    """The pages as text; see write_case_report."""
    from markupsafe import Markup

    check_language(language)
    figures = Figures(language)
    page = {
        "title": content.title[language],
        "kind": say("case_kind", language),
        "stamp": stamp_line(content.case, content.stamp, language),
        "facts": _facts(content, language),
        "tiles": case_tiles(content, language),
        "sentences": case_sentences(content, language),
        "notes": case_notes(content, language),
        "made_certain": certain_sentences(content.differences, content.parameter_labels, language),
        "stated": stated_sentences(content, language),
        "level_note": level_note(content, language),
        "group_note": group_note(content, language),
        "grant_note": grant_sentence(content, language),
        "lowered": [
            *funding_sentences(content, language),
            *(lowered_sentences(content, language) if content.departments else []),
        ],
        "ask_note": ask_note(content, language) if content.ask_rows else "",
        "start_sentences": start_sentences(content, language),
        "decider": content.by_name[content.decider].label[language],
        "tables": {name: Markup(text) for name, text in case_tables(content, language).items()},
        "drawn": _drawn(content, figures, language),
        "words": [text.split("|") for key, text in words_of(language).items() if key.startswith("word_")],
        "parts": [
            ("page-one", say("page_one", language)),
            ("table-a", say("table_a", language)),
            ("table-b", say("table_b", language)),
            ("figures-of-case", say("figures", language)),
            ("scenarios", say("scenario_heading", language)),
            ("citizens", say("citizens_heading", language)),
            ("annex", say("annex", language)),
        ],
    }
    return page_html("case.html.j2", page, figures, language)


def page_html(name: str, page: dict[str, Any], figures: Figures, language: str) -> str:
    """A page of the case family from its template's name, with style, script, plotly and figures put in."""
    from markupsafe import Markup

    return template(name).render(
        language=language,
        say=lambda key, **values: say(key, language, **values),
        style=Markup(shipped("report.css") + shipped("case.css") + foot_style(str(page["stamp"]))),
        script=Markup(page_script()),
        plotly=Markup(packed_plotly()),
        figures=Markup(script_json({"figures": figures.drawn, "words": script_words(language)})),
        **page,
    )


def _facts(content: CaseContent, language: str) -> list[tuple[str, str]]:
    currency = currency_name(content.currency, language)
    level = say("price_level", language, year=content.price_year)
    if is_projected(content):
        level += f" ({say('projected', language)})"
    municipality = [(say("fact_municipality", language), content.municipality)] if content.municipality else []
    view = [(say("fact_view", language), say(f"view_{content.view}", language))]
    if content.decider != MUNICIPALITY:
        view = []
    return [
        *municipality,
        (say("fact_programme", language), content.programme[language]),
        (say("fact_against", language), content.comparator[language]),
        (say("fact_years", language), f"{content.years[0]}–{content.years[-1]}"),
        (say("fact_citizens", language), write_number(content.citizens_served, language, decimals=0)),
        (say("fact_prices", language), f"{currency} {level}"),
        (say("fact_rules", language), content.rules[language]),
        *view,
        *paid_by_fact(content, language),
        *amounts_fact(content, language),
    ]


def case_tiles(content: CaseContent, language: str) -> list[dict[str, str]]:
    """The box on page 1: net results, payback, its probability, the most to finance, what citizens get."""
    own = content.by_name[content.decider]
    name = title_of(decider_name(content, language))
    worth = say("net_present_value", language)
    tiles = [_money_tile(p, f"{p.label[language]}: {worth}", content, language) for p in _box(content, own)]
    interval = payback_interval(own.payback, language, len(content.years))
    median = f"{name}, {say('median', language).lower()}; {say('interval_80', language)} {interval}"
    tiles.append(
        {
            "name": say("payback_time", language),
            "side": "",
            "value": years_in_words(own.payback.median, language),
            "more": name if math.isnan(own.npv.lo) else median,  # one draw has neither median nor interval
        }
    )
    if not np.isnan(own.break_even).all():
        last = len(content.years)
        horizons = [n for n in (3, 4, 6, 10) if n <= last] or [last]
        last = _within(own.payback.median, horizons)
        chances = {n: write_percent(own.break_even[n - 1], language) for n in horizons}
        others = "; ".join(
            f"{years_in_words(n, language)}: {chances[n]}".replace(" ", SPACE) for n in horizons if n != last
        )
        title = say("payback_within", language, years=years_in_words(last, language))
        tiles.append({"name": title, "side": "", "value": chances[last], "more": others})

    def plain(title: str, value: str, more: str) -> dict[str, str]:
        return {"name": title, "side": "", "value": value, "more": more}

    tiles.append(plain(say("need", language), *_financing(content, own, language)))
    whole = say("case_difference", language)
    tiles += [
        plain(x.label[language], effect_in_words(x, language), effect_interval(x, language) or whole)
        for x in content.effects[:2]
    ]
    return tiles


def _financing(content: CaseContent, own: Payer, language: str) -> tuple[str, str]:
    """The lowest point of the expected profile, and below it its year and the risk."""
    error = None if math.isnan(own.deficit.error) else own.deficit.error
    need = write_large(own.need, language, currency=content.currency, error=error)
    more = [say("undiscounted", language)]
    if own.need_year is not None:
        more.insert(0, str(own.need_year))
    if is_at_risk(own):
        high = write_large(own.deficit.hi, language, currency=content.currency, error=error)
        more.append(say("tile_deficit", language, high=high))
    return need, "; ".join(more)


def _within(median: float, years: Sequence[int]) -> int:
    """The number of years told large: the first that the median does not exceed, after 3; else the last."""
    return next((n for n in years if n > 3 and median <= n), years[-1])


def _box(content: CaseContent, own: Payer) -> list[Payer]:
    """Whose net result stands in the box: the decider, the state, the region, the public sector."""
    candidates = [content.by_name.get(name) for name in ("state", "region", content.public)]
    return [own, *(p for p in candidates if p is not None and p.name != own.name)]


def _money_tile(payer: Payer, name: str, content: CaseContent, language: str) -> dict[str, str]:
    npv = payer.npv
    more = ""
    if not math.isnan(npv.lo):
        more = f"{say('interval_80', language)} {money_interval(npv, language, content.currency)}"
    return {
        "name": name,
        "side": "gain" if npv.mean > 0 else "cost" if npv.mean < 0 else "",
        "more": more,
        "value": write_large(
            npv.mean,
            language,
            currency=content.currency,
            with_sign=True,
            error=None if math.isnan(npv.error) else npv.error,
        ),
    }


def _drawn(content: CaseContent, figures: Figures, language: str) -> dict[str, Sequence[Any]]:
    """Every figure, in the order of the page."""
    own = content.by_name[content.decider]
    name = inside(own.label[language], own.total)
    sign = say("sign", language)

    def add(key: str, figure: Any, **values: Any) -> dict[str, Any]:
        caption = "case_caption_tornado" if key == "tornado" else f"caption_{key}"
        title = say(f"figure_{key}", language, **{k: v for k, v in values.items() if k == "name"})
        return figures.add(key, figure, title, say(caption, language, **({"sign": sign} | values)))

    totals = [own, *(p for p in content.payers if p.total and p.name != own.name)]
    markers = {p.name: say("marker_none" if time.stays_from(p.path) is None else "marker_at", language) for p in totals}
    sections: dict[str, Sequence[Any]] = {
        "first": [add("who", money.who_gains(content, language)), add("years", money.net_by_year(content, language))],
        "cumulated": [
            {
                "label": p.label[language],
                "figures": [
                    add(
                        "cumulative",
                        time.cumulated(content, p, language),
                        name=inside(p.label[language], p.total),
                        marker=markers[p.name],
                    )
                ],
            }
            for p in totals
        ],
        "waterfall": [
            {
                "label": p.label[language],
                "figures": [
                    add("waterfall", money.waterfall(content, p, language), name=inside(p.label[language], p.total))
                ],
            }
            for p in totals
        ],
        "citizens": [add("citizens", time.citizens(content, language))],
    }
    rest = []
    if not np.isnan(own.break_even).all():
        rest.append(add("probability", time.payback_chances(content, own, language), name=name))
    if content.effect_curve is not None:
        rest.append(
            add("effect", time.effect_needed(content, language), name=name, marker=_effect_words(content, language))
        )
    if content.heat is not None:
        line = say("marker_line", language) if content.zero_line else ""
        rest.append(add("heat", money.heat_map(content, language), name=name, marker=line))
    if content.tornado is not None and len(content.tornado):
        mark = say("sign_mark", language) if content.tornado["changes_decision"].any() else ""
        rest.append(add("tornado", time.case_tornado(content, language), name=name, marker=mark))
    return sections | {"rest": rest}


def _effect_words(content: CaseContent, language: str) -> str:
    smallest = content.smallest_effect
    if math.isnan(smallest) or math.isinf(smallest):
        return say("effect_none", language)
    return say("effect_from", language, share=write_percent(smallest, language))
