"""Anchored in amounts by hand: what a case's sentences and tables say where something is rare, absent or not known."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from case_example import example_case, example_result
from test_case_pages import by_hand, cells, plain

from costeff import CaseResult, invest
from costeff.catalogue import say
from costeff.errors import ResultError
from costeff.investment.read import read_case
from costeff.investment.report.amounts_of_case import typed_amounts
from costeff.investment.report.case import case_html
from costeff.investment.report.comparison_sentences import cases_sentences, overlap_sentences
from costeff.investment.report.content import CaseContent, EffectRow, Payback, Stamp
from costeff.investment.report.content_of_case import case_content, regression_tornado
from costeff.investment.report.figures import heat_map
from costeff.investment.report.figures_time import case_tornado, effect_needed
from costeff.investment.report.sentences import (
    case_notes,
    case_sentences,
    effect_in_words,
    effect_interval,
    payback_interval,
    years_in_words,
)
from costeff.investment.report.split import own_split
from costeff.investment.report.stamp import stamp_line
from costeff.investment.report.tables import case_tables
from costeff.investment.report.write_comparison import cases_content
from costeff.labels import Label
from costeff.model.formulas.expression import Expression

CONTENT = case_content(example_result(draws=40))
OWN = CONTENT.by_name[CONTENT.decider]


def said(content: CaseContent) -> tuple[str, str]:
    """All sentences and notes in both languages."""
    english, danish = (plain([*case_sentences(content, x), *case_notes(content, x)]) for x in ("en", "da"))
    return english, danish


def with_payer(content: CaseContent, **changes: object) -> CaseContent:
    """The content with other numbers of its decider."""
    rows = [replace(p, **changes) if p.name == content.decider else p for p in content.payers]
    return replace(content, payers=rows)


# -- payback ----


@pytest.mark.parametrize(
    ("ends", "english", "danish"),
    [
        ((3.0, 5.0), "3 to 5 years", "3 til 5 år"),
        ((4.0, 4.0), "4 years", "4 år"),
        ((1.0, math.inf), "1 year – not within 10 years", "1 år – ikke inden for 10 år"),
        ((math.nan, math.nan), "no investment", "ingen investering"),
    ],
)
def test_an_interval_of_years(ends: tuple[float, float], english: str, danish: str) -> None:
    payback = Payback(ends[0], *ends, 0.0, 1.0)
    assert plain([payback_interval(payback, x, 10) for x in ("en", "da")]) == f"{english}\n{danish}"
    assert plain([years_in_words(math.inf, x) for x in ("en", "da")]).startswith("never within the horizon\n")


def discounted(rate: float) -> CaseContent:
    """100 out and 40, 40 and 25 back: paid back after 3 years, undiscounted."""
    result = by_hand([[-100_000, 40_000, 40_000, 25_000]] * 2)
    return case_content(replace(result, cash=replace(result.cash, discount=(1 + rate) ** -np.arange(4.0))))


@pytest.mark.parametrize(
    ("rate", "english", "danish"),
    [
        (0.0, "", ""),
        (0.1, "Counted in discounted amounts it is not paid back", "Regnet i diskonterede beløb tjenes den ikke hjem"),
    ],
)
def test_discounting_may_turn_a_payback(rate: float, english: str, danish: str) -> None:
    """At 10 % the sum is -100 + 36.4 + 33.1 + 18.8 = -11.8: after the year 4 without discounting, and never with it."""
    told = said(discounted(rate))
    assert "After 4 years, in 2029" in told[0]
    for text, words in zip(told, (english, danish), strict=True):
        assert (words in text) if words else ("in discounted amounts" not in text and "diskonterede beløb" not in text)


def test_discounting_may_delay_a_payback() -> None:
    """100 out, 50, 50 and 40 back: after 3 years, and at 10 % (45.5 + 41.3 + 30.1) after 4."""
    result = by_hand([[-100_000, 50_000, 50_000, 40_000]] * 2)
    content = case_content(replace(result, cash=replace(result.cash, discount=1.1 ** -np.arange(4.0))))
    english, danish = said(content)
    assert "After 3 years, in 2028" in english
    assert "Counted in discounted amounts it takes 4 years." in english
    assert "Regnet i diskonterede beløb er det efter 4 år." in danish


# -- who is told ----


def test_another_decider_is_called_by_its_label_and_has_no_view() -> None:
    """The state decides: its label stands in the sentences, and nothing is said of how municipalities are seen."""
    content = case_content(replace(example_result(draws=40), decider="state", groups={"state": ("state",)}))
    english, danish = said(content)
    assert "State: over 5 years" in english
    assert "Staten: Over 5 år" in danish
    assert "the municipality" not in english
    view = say("fact_view", "en")
    assert [view in case_html(one, "en") for one in (content, CONTENT)] == [False, True]
    assert "kommunen" not in danish.split("\n")[0]


@pytest.mark.parametrize(
    ("state", "english", "danish"),
    [
        (
            -45_000.0,
            "The public sector as a whole loses 70,000 DKK, though the municipality gains 20,000 DKK: other public "
            "payers lose 90,000 DKK.",
            "Det offentlige under ét taber 70.000 kr., selv om kommunen vinder 20.000 kr.: andre offentlige betalere "
            "taber 90.000 kr.",
        ),
        (
            -8_000.0,
            "The public sector as a whole gains 4,000 DKK. The municipality gains 20,000 DKK, more than the whole: "
            "other public payers lose 16,000 DKK.",
            "Det offentlige under ét vinder 4.000 kr. Kommunen vinder 20.000 kr. og dermed mere end det hele: andre "
            "offentlige betalere taber 16.000 kr.",
        ),
        (30_000.0, "gains 80,000 DKK; the share of the municipality is 25 %.", "heraf tilfalder 25 % kommunen."),
    ],
)
def test_a_municipality_that_gains_more_than_the_public_sector(state: float, english: str, danish: str) -> None:
    """The municipality gains 20,000 in all; the state loses or gains `state` in each of two years."""
    content = case_content(by_hand([[-10_000, 30_000]] * 2, state=state))
    texts = said(content)
    assert english in texts[0]
    assert danish in texts[1]
    assert ("more than all of it" in case_html(content, "en")) == ("more than the whole" in english)
    assert "500 %" not in case_html(content, "en")


def test_a_public_sector_that_breaks_even_is_told_no_gain_and_no_loss() -> None:
    english, _ = said(case_content(by_hand([[-10_000, 30_000]] * 2, state=-10_000.0)))
    assert "public sector as a whole" not in english


def test_the_smallest_effect_is_said_where_less_than_all_will_do() -> None:
    gain = case_content(by_hand([[-40_000, 30_000, 30_000, 30_000]] * 4))
    english, danish = said(replace(gain, smallest_effect=0.4))
    assert "It pays for the municipality as long as at least 40 % of the effect's expected consequences" in english
    assert "40 %" in danish
    english, _ = said(replace(gain, smallest_effect=0.0))
    assert "The programme may cost the municipality up to" in english
    assert "of the effect's expected consequences" not in english


# -- effects ----


def weeks(mean: float, lo: float = math.nan, hi: float = math.nan) -> EffectRow:
    return EffectRow(Label("Weeks in work", "Uger i arbejde"), "weeks", True, mean, lo, hi)


@pytest.mark.parametrize(
    ("row", "english", "danish"),
    [
        (weeks(0.04), "no change", "ingen ændring"),
        (weeks(1.0), "1.0 more week", "1,0 flere uge"),
        (weeks(-412.3), "412 fewer weeks", "412 færre uger"),
        (weeks(2.5, -1.0, 6.0), "2.5 more weeks", "2,5 flere uger"),
    ],
)
def test_a_change_in_words(row: EffectRow, english: str, danish: str) -> None:
    assert plain([effect_in_words(row, x) for x in ("en", "da")]).split("\n") == [english, danish]


def test_the_interval_of_a_change_says_whether_it_covers_0() -> None:
    assert effect_interval(weeks(3.0), "en") == ""
    assert plain([effect_interval(weeks(2.5, -1.0, 6.0), "en")]) == "80 % interval −1.0 to 6.0, covers 0"
    assert plain([effect_interval(weeks(2.5, 1.0, 6.0), "da", "(", ")")]) == "(80 %-interval 1,0 til 6,0)"


# -- prices ----


def test_a_projection_is_told_with_its_growth() -> None:
    """3.4 % on the year before; of a year that is not the price level, amounts are moved and the level is none."""
    english, danish = said(replace(CONTENT, price_growth={2026: 1.034}))
    assert "The price level of 2026 is a projection" in english
    assert "growth on the year before 2026: +3.40 %." in english
    assert "vækst i forhold til året før 2026: +3,40 %." in danish
    assert "(projection)" in case_html(replace(CONTENT, price_growth={2026: 1.034}), "en").replace("\u00a0", " ")
    english, _ = said(replace(CONTENT, price_growth={2027: 0.99}))
    assert "Amounts of later years are moved to 2026 prices" in english
    assert "2027: −1.00 %." in english


def test_a_start_up_cost_that_is_a_number_stands_among_the_amounts() -> None:
    case = example_case()
    costs = {2026: Expression("250000"), 2027: Expression("start_up_cost")}
    programme = replace(case.programme, start_up=costs, fixed=Expression("5000"))
    told = {(a.key, a.years): a.values for a in typed_amounts(replace(case, programme=programme), {})}
    assert told["start_up", (2026,)] == (250_000.0,)
    assert told["fixed", ()] == (5000.0,)
    assert ("start_up", (2027,)) not in told


# -- pages ----


def test_a_name_alone_is_the_line_of_a_run_that_is_not_known() -> None:
    assert stamp_line("Ours", None, "en") == "Ours"
    stamp = Stamp(dt.date(2026, 5, 3), "9.9", 1000, 500, 7)
    assert stamp_line("Ours", stamp, "en") == "Ours · 3 May 2026 · costeff 9.9 · 1,000 draws × 500 individuals · seed 7"


def test_one_draw_has_no_ends() -> None:
    """A dash stands where several draws have an interval."""
    one, several = (case_content(by_hand([[-10_000, 30_000]] * n)) for n in (1, 6))
    rows = [cells(case_tables(content, "en")["who"]) for content in (one, several)]
    assert plain([rows[0][0][2]]) == "80 % interval"
    assert {row[2] for row in rows[0][1:]} == {"–"}
    assert rows[1][2][2] == "20 to 20"
    payback = {row[0]: row[1:] for row in cells(case_tables(one, "en")["payback"])}
    assert {text for name, row in payback.items() if name.startswith("80") for text in row} == {"–"}
    pages = [plain([case_html(content, "en")]).split("<table")[0] for content in (one, several)]
    assert ["80 % interval" in page for page in pages] == [False, True]
    assert ["Municipality, median" in page or "municipality, median" in page for page in pages] == [False, True]


def test_nothing_put_in_has_no_chance_of_payback() -> None:
    content = case_content(by_hand([[10_000, 10_000]] * 3, invests=False))
    assert np.isnan(content.by_name[content.decider].break_even).all()
    assert case_tables(content, "en")["probability"] == ""
    assert "Paid back within" not in case_html(content, "en")


def test_the_actual_citizens_have_a_row_of_their_own() -> None:
    realised = np.linspace(0.1, 0.5, 5)
    table = case_tables(with_payer(CONTENT, realised=realised), "en")["probability"].replace("\u00a0", " ")
    assert "50 %" in table
    assert table.count("<tr") == case_tables(with_payer(CONTENT, realised=None), "en")["probability"].count("<tr") + 1


def test_no_item_no_sum_and_no_public_sector_no_column() -> None:
    bare = replace(CONTENT, items=(), public="")
    assert "= " not in case_tables(bare, "en")["b"]
    full, less = (case_tables(content, "en")["scenarios"] for content in (CONTENT, bare))
    assert full.count("<th") == less.count("<th") + 1


def test_places_without_end_are_no_column() -> None:
    endless = replace(CONTENT.service, capacity=np.full(5, np.inf))
    tables = [case_tables(replace(CONTENT, service=s), "en")["citizens"] for s in (CONTENT.service, endless)]
    assert tables[0].count("<th") == tables[1].count("<th") + 1


@pytest.mark.parametrize(
    ("figure", "what"), [(heat_map, "no heat map"), (effect_needed, "no effect curve"), (case_tornado, "no tornado")]
)
def test_what_was_not_computed_is_not_drawn(figure: Callable[[CaseContent], object], what: str) -> None:
    bare = replace(CONTENT, heat=None, effect_curve=None, tornado=None)
    with pytest.raises(ResultError, match=what):
        figure(bare)
    title = say("figure_heat", "en")
    assert [title in case_html(one, "en") for one in (bare, CONTENT)] == [False, True]


@pytest.mark.parametrize("language", ["en", "da"])
@pytest.mark.parametrize(("base", "turns"), [(0.0, False), (-20_000.0, True)])
def test_a_tornado_is_drawn_in_thousands(language: str, base: float, turns: bool) -> None:
    """The value is 1,000 times the wage, of 2.5 to 97.5 DKK over 95 % of its draws; 20,000 less turns into a cost."""
    wage = np.linspace(0.0, 100.0, 201)
    table = regression_tornado(base + 1000 * wage, {"wage": wage})
    assert table is not None
    content = with_payer(replace(CONTENT, tornado=table), npv=replace(OWN.npv, mean=base + 50_000.0))
    figure = case_tornado(content, language)
    ends = [float(bar.base) + float(bar.x[0]) for bar in figure.data]
    assert ends == pytest.approx([base / 1000 + 2.5, base / 1000 + 97.5])
    assert (say("sign_mark", language) in case_html(content, language)) == turns


# -- what the case's own words decide ----


def test_the_split_of_the_models_own_cost_is_told_only_where_it_differs() -> None:
    """The model halves its cost; a case that says 0.4 and the rest is told both, one that says 0.5 is told nothing."""
    case = replace(
        read_case("tki2-aarhus-investment"), rules="", regime="old", capacity=None, set={"programme_share_mso": 0.5}
    )
    shares = {"mso": Expression("0.4"), "msb": Expression("0.6")}
    programme = replace(case.programme, shares=shares, variable=None, per_consultant=None, replaces={}, start_up={})
    result = invest(replace(case, programme=programme, parameters={}, labels={}), 2, 4, progress=False)
    note = own_split(result)
    assert note is not None
    assert "Health and Care (MSO) 50 %, Social Affairs and Employment (MSB) 50 %" in plain([note.en])
    assert "Sundhed og Omsorg (MSO) 40 %, Sociale Forhold og Beskæftigelse (MSB) 60 %" in plain([note.da])
    half = {"mso": Expression("programme_share_mso"), "msb": Expression("1 - programme_share_mso")}
    assert own_split(replace(result, case=replace(result.case, programme=replace(programme, shares=half)))) is None
    nobody = replace(result, cash=result.no_effect, case=replace(result.case, programme=programme))
    assert own_split(replace(nobody, cash=replace(nobody.cash, programme=nobody.cash.usual))) is None


# -- several cases ----


def compared(*nets: list[list[float]]) -> list[CaseResult]:
    """Cases A, B, ... with these nets (draw, year) of one department of the municipality."""
    results = []
    for name, net in zip("ab", nets, strict=False):
        result = by_hand(net)
        results.append(replace(result, case=replace(result.case, name=name, title=Label(name.upper(), name.upper()))))
    return results


def test_one_case_overlaps_with_nothing() -> None:
    content = cases_content(compared([[-10_000.0, 30_000.0]] * 6))
    assert overlap_sentences(content, "en") == []


@pytest.mark.parametrize(
    ("nets", "english", "danish"),
    [
        (
            ([[10.0, 30.0]] * 6, [[10.0, 30.0]] * 6),
            "A and B are equally good in expectation.",
            "A og B er lige gode i forventning.",
        ),
        (
            ([[-10_000.0, 30_000.0]], [[-10_000.0, 20_000.0]]),
            "With one draw it is not known how much of the lead is chance.",
            "Med én trækning vides det ikke, hvor meget af forspringet der er tilfældigt.",
        ),
    ],
)
def test_the_lead_where_there_is_none_or_nobody_knows(
    nets: tuple[list[list[float]], ...], english: str, danish: str
) -> None:
    content = cases_content(compared(*nets))
    told = [plain(cases_sentences(content, x)) for x in ("en", "da")]
    assert english in told[0]
    assert danish in told[1]
