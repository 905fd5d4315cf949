"""Anchored in Hussey and Hughes's closed form of a staggered start, in counts by hand, in the law of two shares, and in
bounds of a trial's worth: nothing for a belief that is certain, at most perfect information."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from costeff.catalogue import languages, say
from costeff.investment.invest import invest
from costeff.investment.note.blocks import budget_note
from costeff.investment.report.content_of_case import case_content
from costeff.investment.report.start_designs import start_rows, start_sentences, start_table
from costeff.investment.result import CaseResultData
from costeff.study.start_designs import back_shares, power, staggered, staggered_variance, start_designs

CASE = """
case: start
scenario: own_programme
rules: {set: denmark, regime: old}
first_year: 2027
years: 4
price_year: 2026
inflow: 240
last_inflow: 2029
programme:
  departments: {employment: 1}
  variable: 12001
set: {municipal_tax: 0.256}
effect: {measure: share, weeks: 26, today: 0.55, programme: 0.6, programme_low: LOW, programme_high: HIGH}
run: {draws: 100, individuals: 8, seed: 1}
"""
PLACES = """
capacity: {consultants: 2, caseload: 20, course: 13, patience: 26, leaves: end_of_sickness_benefit}
meant: [staff]
"""


def run(folder: Path, low: float, high: float, more: str = "") -> CaseResultData:
    file = folder / "start.yaml"
    file.write_text(CASE.replace("LOW", str(low)).replace("HIGH", str(high)) + more, encoding="utf-8")
    return invest(file, progress=False)


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> CaseResultData:
    return run(tmp_path_factory.mktemp("short"), 0.5, 0.7, PLACES)


def hussey_hughes(on: np.ndarray, cell: float, between: float) -> float:
    """Their formula (8): `cell` is the variance of a district's mean in a quarter, `between` that of districts."""
    clusters, times = on.shape
    u, w, v = on.sum(), (on.sum(axis=0) ** 2).sum(), (on.sum(axis=1) ** 2).sum()
    above = clusters * cell * (cell + times * between)
    below = (clusters * u - w) * cell + (u**2 + clusters * times * u - times * w - clusters * v) * between
    return float(above / below)


@pytest.mark.parametrize(("districts", "quarters", "between"), [(4, 5, 1), (4, 9, 2), (7, 9, 1), (2, 3, 1)])
@pytest.mark.parametrize("spread", [0.0, 0.03, 0.2])
def test_a_staggered_start_has_the_published_variance(
    districts: int, quarters: int, between: int, spread: float
) -> None:
    on = staggered(districts, quarters, between)
    found = staggered_variance(on, np.full(quarters, 15.0), 0.24, spread)
    assert found == pytest.approx(hussey_hughes(on, 0.24 / 15, spread**2), rel=1e-9)


def test_power_is_the_share_of_repeated_trials_that_see_the_difference() -> None:
    """40,000 trials of two groups of 300, 55 against 62 % back."""
    rng, n, shares = np.random.default_rng(5), 300, (0.55, 0.62)
    seen = [rng.binomial(n, share, 40_000) / n for share in shares]
    variance = sum(share * (1 - share) / n for share in shares)
    share_seen = (np.abs(seen[1] - seen[0]) > 1.959964 * np.sqrt(variance)).mean()
    expected = float(power(shares[1] - shares[0], variance))
    assert abs(share_seen - expected) < 4 * np.sqrt(expected * (1 - expected) / 40_000) + 0.01  # counts are lattices


def test_lot_is_between_those_who_get_a_place_and_those_who_do_not(short: CaseResultData) -> None:
    """60 come in each quarter to 40 places of a quarter's course: 40 with, 20 without."""
    lots = [one for one in start_designs(short) if one.name == "lot"]
    assert [(one.with_programme, one.without) for one in lots] == [(160, 80), (320, 160)]
    assert [(one.year, one.quarter) for one in lots] == [(2028, 3), (2029, 3)]  # enrolled, and 26 weeks on
    assert [one.later for one in lots] == pytest.approx([6 / 12, 2 / 12])
    usual, programme = back_shares(short.with_prices().plan).mean(axis=0)
    variance = programme * (1 - programme) / 160 + usual * (1 - usual) / 80
    assert lots[0].smallest == pytest.approx(2.801585 * np.sqrt(variance), rel=1e-5)
    assert lots[0].expected == pytest.approx(0.05, abs=0.03)  # what the case believes, on 800 people
    assert lots[0].held_back == 0.0


def test_districts_wait_in_turn(short: CaseResultData) -> None:
    """40 begin in each quarter; four districts with 0, 1, 2, 3 and all of them in five quarters."""
    first, second = (one for one in start_designs(short) if one.name == "districts")
    assert (first.with_programme, first.without) == (40 * (0 + 1 + 2 + 3 + 4) / 4, 40 * (4 + 3 + 2 + 1 + 0) / 4)
    assert first.held_back == pytest.approx(short.npv("municipal").mean() / short.citizens_served * first.without)
    assert second.smallest < first.smallest
    wide = start_designs(short, spread=0.2)[-1]
    assert wide.smallest > second.smallest


def test_a_trial_is_worth_at_most_perfect_information_and_more_the_more_it_sees(short: CaseResultData) -> None:
    npv = short.npv("municipal")
    perfect = np.maximum(npv, 0).mean() - max(npv.mean(), 0)
    designs = start_designs(short)
    assert any(one.worth > 0 for one in designs)
    for one in designs:
        assert 0 <= one.worth <= one.later * perfect + 3 * one.error
    before = {one.name: one.worth / one.later for one in designs[::2]}
    after = {one.name: one.worth / one.later for one in designs[1::2]}
    assert all(after[name] >= 0.9 * before[name] for name in before)


def test_what_is_certain_is_worth_nothing_to_learn(tmp_path: Path) -> None:
    certain = run(tmp_path, 0.6, 0.6)
    designs = start_designs(certain)
    assert {one.name for one in designs} == {"districts"}  # places are not short
    assert [one.worth for one in designs] == [0, 0]


def test_pages_note_and_terminal_tell_the_same(short: CaseResultData) -> None:
    content = replace(case_content(short), start_designs=start_designs(short))
    for language in languages():
        rows = start_rows(content, language)
        assert len(rows) == 4
        assert rows[0][1] == "160 / 80"
        assert start_table(content, language).count("<tr") == 5
        heads = [block.heading for block in budget_note(content, language).blocks]
        assert say("start_heading", language) in heads
    without = replace(content, start_designs=[one for one in content.start_designs if one.name != "lot"])
    assert say("start_no_lot", "da") in start_sentences(without, "da")
    assert start_sentences(replace(content, start_designs=[]), "en") == []
