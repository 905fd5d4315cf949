"""Anchored in cases small enough to work out by hand, and in sums: what the pages print adds up to the cash flow."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from case_example import example_result, without_effect

import costeff.reporting
from costeff import CaseResult
from costeff.catalogue import say
from costeff.errors import ResultError
from costeff.investment import CashFlow, CashLine
from costeff.investment.report.content import CaseContent
from costeff.investment.report.content_of_case import case_content, payback_spread, regression_tornado
from costeff.investment.report.figures_time import stays_from
from costeff.investment.report.sentences import case_notes, case_sentences, stated_sentences
from costeff.investment.report.tables import case_tables
from costeff.labels import Label
from costeff.reporting.numbers import SPACE

FOLDER = Path(costeff.reporting.__file__).parent


def line(item: str, payer: str, to: str, own: bool = False) -> CashLine:
    return CashLine(item, payer, to, "service", Label(item, item), own)


def by_hand(net: Sequence[Sequence[float]], invests: bool = True, state: float = 0.0) -> CaseResult:
    """A case whose net for the municipality is `net` (D, Y) DKK, undiscounted; the state gains `state` in each year."""
    amount = np.array(net, dtype=float)
    lines = (
        line("saving", "msb", "citizen"),
        line("programme", "msb", "resources", invests),
        line("state", "citizen", "state"),
    )
    zero = np.zeros_like(amount)
    usual = np.stack([np.maximum(amount, 0), zero, zero], axis=2)
    programme = np.stack([zero, np.maximum(-amount, 0), zero + state], axis=2)
    years = tuple(range(2026, 2026 + amount.shape[1]))
    cash = CashFlow(years, lines, usual, programme, np.ones(len(years)), 2026)
    start = example_result(draws=2)
    n = len(years)
    service = replace(
        start.service,
        years=years,
        **{
            name: np.resize(getattr(start.service, name), n)
            for name in ("inflow", "served", "left", "waiting", "capacity", "mean_wait")
        },
    )
    return replace(start, cash=cash, half=None, service=service, no_effect=without_effect(cash))


def plain(texts: Sequence[str]) -> str:
    return "\n".join(text.replace(SPACE, " ") for text in texts)


def both(result: CaseResult) -> tuple[str, str]:
    content = case_content(result)
    return plain(case_sentences(content, "en")), plain(case_sentences(content, "da"))


# -- words ----


# -- sentences ----


def test_paid_back() -> None:
    """40,000 out, then 30,000 a year: paid back in the third calendar year, 50,000 in the end, in every draw."""
    english, danish = both(by_hand([[-40_000, 30_000, 30_000, 30_000]] * 4))
    assert "over 4 years (2026–2029) the case is a net gain of 50,000 DKK in present value" in english
    assert "Over 4 år (2026–2029) giver casen en nettogevinst på 50.000 kr. i nutidsværdi" in danish
    assert (
        "After 3 years, in 2028, the municipality has the investment back (median; 80 % interval 3 years). The "
        "probability that it is paid back within 4 years is 100 %." in english
    )
    assert (
        "Kommunen har efter 3 år, i 2028, tjent investeringen hjem (median; 80 %-interval 3 år). Sandsynligheden for, "
        "at investeringen er tjent hjem inden for 4 år, er 100 %." in danish
    )
    assert "Den forventede budgetprofil kræver 40.000 kr. (2026, udiskonteret)." in danish
    assert "I 1 ud af 10" not in danish  # all draws are alike
    assert "i 2029, er budgettet for kommunen forbedret med 30.000 kr. om året" in danish


def test_never_is_said_and_no_number_is_given() -> None:
    english, danish = both(by_hand([[-90_000, 10_000, 10_000]] * 3))
    assert "net cost of 70,000 DKK" in english
    assert "not paid back within the horizon of 3 years: the municipality is still short of 70,000 DKK" in english
    assert "tjenes ikke hjem inden for horisonten på 3 år: kommunen mangler da 70.000 kr." in danish
    assert "∞" not in english + danish
    assert "inf" not in re.findall(r"\w+", english + danish)


def test_no_investment_is_said() -> None:
    """Money is saved and nothing of the programme's cost is theirs."""
    english, danish = both(by_hand([[10_000, 10_000]] * 3, invests=False))
    assert "The municipality puts no money into the programme, so there is no payback time." in english
    assert "Kommunen lægger ingen penge i indsatsen, så der er ingen tilbagebetalingstid." in danish
    assert "tjent investeringen hjem" not in danish


def test_neither_costs_nor_saves() -> None:
    english, danish = both(by_hand([[-10_000, 10_000]] * 3))
    assert "the case neither costs nor saves" in english
    assert "hverken koster eller sparer casen penge" in danish


def test_one_draw_has_no_interval() -> None:
    english, danish = both(by_hand([[-10_000, 30_000]]))
    assert "20,000 DKK in present value (one draw, so no interval)" in english
    assert "har efter 2 år, i 2027, tjent investeringen hjem." in danish
    assert "80 %" not in english + danish


def test_median_paid_back_but_short_on_average() -> None:
    """Three draws in five gain a little, two lose much: the middle draw and the mean disagree, and both are said."""
    english, danish = both(by_hand([[-10_000, 12_000]] * 3 + [[-100_000, 0]] * 2))
    assert "In the middle draw the municipality has the investment back after 2 years, in 2027" in english
    assert "on average 39,000 DKK is missing" in english  # 38,800
    assert "I den midterste trækning har kommunen efter 2 år, i 2027, tjent investeringen hjem" in danish
    assert "80 %-interval 2 år – ikke inden for 2 år" in danish


def test_wrong_pocket() -> None:
    """The municipality loses 20,000 and the state gains 45,000 in each of two years: the public gains 70,000."""
    english, danish = both(by_hand([[-30_000, 10_000]] * 2, state=45_000))
    assert "the public sector as a whole gains 70,000 DKK, but the municipality loses 20,000 DKK" in english
    assert "Det offentlige under ét vinder 70.000 kr., men kommunen taber 20.000 kr." in danish


def test_share_of_the_public_gain() -> None:
    english, _ = both(by_hand([[-10_000, 30_000]] * 2, state=30_000))
    assert "The public sector as a whole gains 80,000 DKK; the share of the municipality is 25 %." in english


def test_all_municipalities_are_named() -> None:
    result = by_hand([[-10_000, 30_000]] * 2)
    content = case_content(replace(result, case=replace(result.case, view="all_municipalities")))
    assert "kommunerne under ét" in plain(case_sentences(content, "da"))
    assert "bloktilskuddet følger" in plain(case_notes(content, "da"))


def test_queue_is_said() -> None:
    result = by_hand([[-10_000, 30_000]] * 2)
    service = replace(result.service, waiting=np.array([4.0, 12.0]), left=np.array([3.0, 5.0]))
    english, danish = both(replace(result, service=service))
    assert "waiting at the end of 2027: 12; leaving the queue over the years: 8" in english
    assert "venter ved udgangen af 2027: 12; forlader køen i løbet af årene: 8" in danish


def test_luck_of_the_simulated_is_measured_from_the_halves() -> None:
    """Half of the variance of the mean of two halves is left when halves differ by as much as draws do."""
    result = example_result(draws=400)
    assert result.half is not None
    content = case_content(result)
    sign = np.array([(x.recipient in ("mso", "msb")) * 1.0 - (x.payer in ("mso", "msb")) for x in result.cash.lines])
    worth = (result.half @ sign) @ result.cash.discount
    expected = np.mean((worth[:, 0] - worth[:, 1]) ** 2) / 4 / np.var(result.npv("municipal"), ddof=1)
    assert content.noise == pytest.approx(expected)
    louder = replace(result, half=result.half * np.array([5.0, 1.0])[:, None, None])
    assert "tilfældigheder mellem de simulerede borgere" in plain(case_notes(case_content(louder), "da"))


def test_quantiles_of_payback_are_draws() -> None:
    """With infinities there is no halfway: the median of (2, inf) is 2, the upper end is infinity."""
    told = payback_spread(np.array([np.inf, 2.0]))
    assert (told.lo, told.median, told.hi, told.never) == (2.0, 2.0, np.inf, 0.5)
    mixed = payback_spread(np.array([np.nan, 4.0]))
    assert (mixed.median, mixed.never, mixed.invests) == (4.0, 0.0, 0.5)


def test_marker_needs_a_lasting_year() -> None:
    assert stays_from(np.array([-1.0, 3.0, -2.0, 1.0])) == 3
    assert stays_from(np.array([-1.0, 3.0, -2.0])) is None


# -- tables ----


def cells(table: str) -> list[list[str]]:
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", table)
    return [[re.sub(r"<[^>]+>", "", c) for c in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)] for row in rows]


def number(text: str, language: str) -> float:
    text = text.replace("−", "-").replace("+", "").replace("–", "0")
    return float(text.replace(".", "").replace(",", ".") if language == "da" else text.replace(",", ""))


@pytest.fixture(scope="module")
def result() -> CaseResult:
    return example_result(draws=50, effect=1.3)


@pytest.fixture(scope="module")
def content(result: CaseResult) -> CaseContent:
    return case_content(result)


@pytest.mark.parametrize("language", ["en", "da"])
def test_budget_table_sums_to_the_decider(content: CaseContent, result: CaseResult, language: str) -> None:
    """Areas sum to the total row, and the total is the cash flow's net, to the rounding of a thousand."""
    rows = cells(case_tables(content, language)["a_all"])
    totals = [number(text, language) for text in rows[-1][1:-1]]
    expected = result.net("municipal").mean(axis=0) / 1000
    assert np.allclose(totals, expected, atol=0.51)
    areas = np.array(
        [[number(t, language) for t in row[1:-1]] for row in rows if len(row) > 2 and "=" not in row[0]][1:]
    )
    assert np.allclose(areas.sum(axis=0), totals, atol=0.5 * (len(areas) + 1))


@pytest.mark.parametrize("language", ["en", "da"])
def test_item_table_sums_over_items_and_parties(content: CaseContent, result: CaseResult, language: str) -> None:
    rows = cells(case_tables(content, language)["b"])
    body = np.array([[number(text, language) for text in row[1:]] for row in rows[1:]])
    assert np.allclose(body[:-1].sum(axis=0), body[-1], atol=0.5 * len(body))
    for p, total in zip(content.payers, body[-1], strict=True):
        assert total == pytest.approx(result.npv(p.name).mean() / 1000, abs=0.51)
    at = {p.name: i for i, p in enumerate(content.payers)}
    parts = body[:, at["mso"]] + body[:, at["msb"]]
    assert np.allclose(parts, body[:, at["municipal"]], atol=1.01)


def test_exact_sums_behind_the_tables(content: CaseContent, result: CaseResult) -> None:
    """Over areas, items, parties and calendar years, before rounding."""
    areas = np.sum([row.net for row in content.areas], axis=0)
    assert np.allclose(areas, result.net("municipal").mean(axis=0), rtol=1e-9)
    items = np.sum([row.npv for row in content.items], axis=0)
    assert np.allclose(items, [p.npv.mean for p in content.payers], rtol=1e-9)
    leaves = [p for p in content.leaves if p.name in content.by_name["public"].parties]
    assert np.allclose(np.sum([p.net for p in leaves], axis=0), content.by_name["public"].net, rtol=1e-9)


def test_start_up_stands_apart() -> None:
    base = by_hand([[-10_000, 30_000]] * 2)
    lines = (base.cash.lines[0], replace(base.cash.lines[1], item="programme_start_up"), base.cash.lines[2])
    rows = case_content(replace(base, cash=replace(base.cash, lines=lines))).areas
    assert [(row.start_up, row.net.tolist()) for row in rows] == [(False, [0.0, 30_000.0]), (True, [-10_000.0, 0.0])]
    assert rows[1].permanent == 0.0


@pytest.mark.parametrize("language", ["en", "da"])
def test_budget_and_present_values_never_share_a_table(content: CaseContent, language: str) -> None:
    undiscounted, worth = say("undiscounted", language), say("present_value", language)
    told = 0
    for name, table in case_tables(content, language).items():
        text = table.lower()
        marks = (undiscounted in text, worth in text)
        assert marks != (True, True), name
        told += any(marks)
        if "1,000 dkk" in text or "1.000 kr." in text:
            assert any(marks), f"{name} does not say which kind of amount it holds"
    assert told >= 6


def test_scenarios_bracket_the_mean_and_no_effect_is_the_cost(content: CaseContent, result: CaseResult) -> None:
    low, central, high, nothing = (row.npv for row in content.scenarios)
    assert low < central < high
    assert nothing == pytest.approx(-3_654_809.4, abs=0.1)  # 900 + 750 x 4 thousand at 3.5 %
    assert central == pytest.approx(result.npv("municipal").mean())


def test_effect_curve_and_heat_map_agree_with_the_case(content: CaseContent) -> None:
    worth = content.by_name["municipal"].npv.mean
    curve, heat = content.effect_curve, content.heat
    assert curve is not None
    assert heat is not None
    assert float(curve.loc[curve["effect"] == 1.0, "npv"].iloc[0]) == pytest.approx(worth)
    at = heat[(heat["effect"] == 1.0) & (heat["cost"] == 1.0)]["npv"].iloc[0]
    assert float(at) == pytest.approx(worth)
    slope = np.polyfit(curve["effect"], curve["npv"], 1)
    assert content.smallest_effect == pytest.approx(-slope[1] / slope[0])


def test_tornado_is_exact_where_the_result_is_a_line() -> None:
    """The present value is a line in the factor on all consequences; an input that does nothing is left out."""
    result = example_result(draws=150)
    worth = result.npv("municipal")
    factor = (worth - worth[0]) / 1e6
    idle = np.random.default_rng(5).standard_normal(150)
    table = regression_tornado(worth, {"idle": idle, "factor": factor, "fixed": np.ones(150)})
    assert table is not None
    assert table["name"].tolist() == ["factor"]
    assert np.allclose(table.loc[0, ["low_result", "high_result"]].astype(float), np.quantile(worth, [0.025, 0.975]))
    assert bool(table.loc[0, "changes_decision"])
    assert regression_tornado(worth[:50], {"factor": factor[:50]}) is None


def test_party_label_with_markup_is_text(result: CaseResult) -> None:
    evil = Label("<script>x</script>", "<script>x</script>")
    shown = case_content(replace(result, parties={**result.parties, "state": evil}))
    for table in case_tables(shown, "da").values():
        assert "<script>" not in table


def test_figures_carry_the_sign(content: CaseContent) -> None:
    from costeff.investment.report import figures as money
    from costeff.investment.report import figures_time as time

    payer = content.by_name["municipal"]
    drawn: list[Any] = [
        money.who_gains(content, "da"),
        money.net_by_year(content, "da"),
        money.waterfall(content, payer, "da"),
        money.heat_map(content, "da"),
        time.cumulated(content, payer, "da"),
        time.effect_needed(content, "da"),
    ]
    for figure in drawn:
        assert "besparelse for aktøren" in figure.to_json().replace("\\u00f8", "ø").replace("<br>", " ")


def test_waterfall_ends_at_the_total(content: CaseContent) -> None:
    from costeff.investment.report.figures import waterfall

    payer = content.by_name["municipal"]
    bars = waterfall(content, payer, "en").data[0]
    assert float(np.sum(bars.x[:-1])) * 1000 == pytest.approx(payer.npv.mean)
    assert bars.x[-1] * 1000 == pytest.approx(payer.npv.mean)
    assert bars.base[-1] == bars.base[0] == 0
    np.testing.assert_allclose(bars.base[1:-1], np.cumsum(bars.x[:-2]))  # each begins where the one before it ends


def test_a_figure_that_was_not_computed_is_refused(content: CaseContent) -> None:
    """Fifty draws are too few for a regression on inputs."""
    from costeff.investment.report.figures_time import case_tornado

    with pytest.raises(ResultError, match="no tornado"):
        case_tornado(content)


@pytest.mark.parametrize("language", ["en", "da"])
def test_the_dark_line_is_told_only_where_there_is_one(content: CaseContent, language: str) -> None:
    from costeff.investment.report.case import case_html

    words = say("marker_line", language)
    assert content.zero_line
    assert words in case_html(content, language)
    assert words not in case_html(replace(content, zero_line=()), language)


def test_citizens_have_intervals_and_few_have_no_mean_wait(content: CaseContent) -> None:
    """A wait of 13 weeks for one citizen is not told as a mean; a change whose interval holds 0 says so."""
    from costeff.investment.report.content import EffectRow

    row = EffectRow(Label("Weeks in work", "Uger i arbejde"), "weeks", True, -412.0, -2000.0, 900.0)
    shown = replace(content, effects=[row])
    assert "Uger i arbejde: 412 færre uger (80 %-interval −2.000 til 900, dækker 0)" in plain(
        case_sentences(shown, "da")
    )
    assert "Weeks in work: 412 fewer weeks (80 % interval −2,000 to 900, covers 0)" in plain(
        case_sentences(shown, "en")
    )
    s = content.service
    few = replace(s, served=np.array([120.0, 120, 120, 120, 1]), left=np.full(5, 3.0), mean_wait=np.full(5, 13.0))
    rows = cells(case_tables(replace(content, service=few), "en")["citizens"])
    assert [r[5] for r in rows[1:]] == ["13.0"] * 4 + ["–"]


def test_the_page_and_its_foot_say_which_run_it_is(content: CaseContent) -> None:
    """Author, version, date, library, size and seed; an author cannot break out of the style sheet."""
    import datetime as dt

    from costeff.investment.report.case import case_html
    from costeff.investment.report.content import Stamp

    stamp = Stamp(dt.date(2026, 5, 3), "9.9", 1000, 500, 7, author='A </style><script>"', version="2")
    page = case_html(replace(content, stamp=stamp), "da")
    assert "version 2" in page
    assert "3. maj 2026 · costeff 9.9 · 1.000 trækninger × 500 individer · startværdi 7" in page
    assert "@bottom-left" in page
    assert "<script>&#34;" not in page.replace("&lt;script&gt;", "")
    assert "</style><script>" not in page


def test_a_stated_cost_stands_beside_the_mean_of_the_draws() -> None:
    from costeff import invest
    from costeff.investment.read import read_case
    from costeff.investment.report.stated import stated_costs

    case = replace(read_case("tki2-aarhus-investment"), rules="", regime="old")
    result = invest(case, 6, 4, progress=False)
    found = next(x for x in stated_costs(result) if x.label.en == "Programme, start-up 2026")
    assert found.stated == 250_000
    assert found.mean == pytest.approx(float(result.parameters["start_up_cost"].mean()))
    assert "angivet til 250.000 kr. og usikker" in plain(stated_sentences(case_content(result), "da"))
