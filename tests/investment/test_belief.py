"""Anchored in a closed form: with a constant hazard h the share back in week w is 1 - exp(-h (w - 1)).

Then in an identity: a programme that is believed to change nothing is the column without effect, to the last digit.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from costeff import CaseResult, invest
from costeff.analysis.load import load
from costeff.catalogue import languages
from costeff.errors import CosteffError
from costeff.evidence.draw import Design
from costeff.investment import repricing
from costeff.investment.belief.belief import LOCAL, Belief, Guess
from costeff.investment.belief.translate import Lives, translate, with_local_return
from costeff.investment.read import read_case
from costeff.investment.report.content_of_case import case_content
from costeff.investment.report.sentences import case_sentences
from costeff.messages import error_text
from costeff.simulation.simulate import simulate

HAZARD = 0.03
MODEL = """
model: two_states
title: Sick or back
parameters: ./two_states_parameters.yaml
conventions: {cycle: week, cycles_per_year: 52, horizon: 2 years, within_cycle: none, discounting: annual,
  discount_rate_cost: 0, discount_rate_effect: 0, currency: DKK, price_year: 2024, price_basis: factor prices}
states:
  sick: {label: Sick}
  back: {label: Back}
population:
  start_state: {categories: {sick: rest}}
start: start_state
transitions:
  - {from: sick, to: back, hazard: "constant(t, h_back)", clock: time_in_state, leg: back}
strategies:
  usual_care: {label: Usual care}
  programme: {label: Programme}
strategy_effects:
  - {strategy: programme, legs: [back], ratio: hr_back}
passages:
  returned: {states: [back], stay: 1, label: Back}
effects:
  back_first_year: {unit: share, better: more, passage: returned, within: 52, label: Back}
"""
PARAMETERS = f"""
title: Of two states
parameters:
  h_back: {{value: {HAZARD}, unit: hazard per week, kind: assumption, note: made up}}
  hr_back:
    {{value: 0.9, centre: median, unit: ratio, distribution: lognormal, interval: [0.5, 1.62], kind: assumption,
     note: x}}
"""


@pytest.fixture(scope="module")
def lives(tmp_path_factory: pytest.TempPathFactory) -> Lives:
    folder = tmp_path_factory.mktemp("belief")
    (folder / "two_states.yaml").write_text(MODEL, encoding="utf-8")
    (folder / "two_states_parameters.yaml").write_text(PARAMETERS, encoding="utf-8")
    study = load(folder / "two_states.yaml")
    draws = {name: np.full(40, float(value)) for name, value in study.evidence.base().items()}
    return Lives(study.model, draws, study.tables, 500, Design(3))


def belief(measure: str, weeks: int, today: float, programme: float, low: float, high: float) -> Belief:
    return Belief("hr_back", "returned", measure, weeks, Guess(today, today, today), Guess(programme, low, high))


def test_a_share_is_the_ratio_of_the_closed_form(lives: Lives) -> None:
    found = translate(belief("share", 26, 0.55, 0.60, 0.52, 0.65), lives)

    def ratio(share: float) -> float:
        return math.log(1 - share) / math.log(1 - 0.55)

    # 20,000 people: the standard error of a share is 0.35 points, about 0.01 of a ratio
    assert found.local.value == pytest.approx(math.log(1 - 0.55) / (-HAZARD * 25), rel=0.03)
    assert found.ratio.value == pytest.approx(ratio(0.60), rel=0.02)
    assert (found.ratio.low, found.ratio.high) == pytest.approx((ratio(0.52), ratio(0.65)), rel=0.03)
    assert found.usual.shares[26] == pytest.approx(0.55, abs=5e-4)
    assert found.programme.shares[26] == pytest.approx(0.60, abs=5e-4)


def test_fifty_five_to_sixty_is_sixty_when_simulated_by_other_people(lives: Lives) -> None:
    """Within 0.2 points, on a million people with another seed: their standard error is 0.05 points."""
    many = replace(lives, individuals=25_000)
    asked = belief("share", 26, 0.55, 0.60, 0.60, 0.60)
    found = translate(asked, many)
    model = with_local_return(lives.model, asked)
    draws = {**lives.draws, LOCAL: np.full(40, found.local.value), "hr_back": np.full(40, found.ratio.value)}
    counted = simulate(model, draws, lives.tables, individuals=25_000, seed=11).quantities
    shares = counted.passages[:, :, :, 0, :26].sum(axis=(0, 2, 3)) / counted.half_sizes.sum() / 40
    assert shares == pytest.approx([0.55, 0.60], abs=0.002)


def test_a_median_is_not_a_mean(lives: Lives) -> None:
    """By the closed form a median of m weeks is a hazard of log(2)/m; a mean within 104 weeks is another equation."""
    median = translate(belief("median", 104, 35, 32, 30, 35), lives)
    assert median.usual.median == pytest.approx(35, abs=0.1)
    assert median.programme.median == pytest.approx(32, abs=0.1)
    assert median.ratio.value == pytest.approx(35 / 32, rel=0.03)
    assert median.ratio.low == 1.0  # as many weeks as today
    mean = translate(belief("mean", 104, 35, 32, 30, 35), lives)
    assert mean.usual.mean == pytest.approx(35, abs=0.05)
    assert abs(mean.ratio.value - median.ratio.value) > 0.01
    assert mean.usual.median < 30


def test_what_no_ratio_reaches_is_refused(lives: Lives) -> None:
    model = lives.model.with_horizon(80)
    with pytest.raises(CosteffError, match="beyond the years"):
        translate(belief("mean", 104, 35, 32, 30, 35), replace(lives, model=model))
    with pytest.raises(CosteffError, match="no ratio on return gives the `today`"):
        translate(belief("share", 2, 0.95, 0.96, 0.95, 0.97), lives)  # 50 times the hazard in one week: 78 % at most


# -- a whole case ----

CASE = """
case: own
scenario: own_programme
municipality: Nordkøb
about: {{target_group: Sygemeldte med rygsmerter, risks: [{{risk: Få henvises, answer: Læger orienteres}}]}}
rules: {{set: denmark_reform, regime: across}}
first_year: 2027
years: 3
price_year: 2026
inflow: 60
last_inflow: 2028
programme:
  label: Tidlig rygindsats
  departments: {{employment: {{share: 1, label: Job og Sundhed}}}}
  variable: 12001
  start_up: {{2027: 300001}}
effect: {{measure: share, weeks: 26, today: 55 %, {effect}}}
set: {{municipal_tax: 0.256}}
run: {{draws: 6, individuals: 40, seed: 1}}
"""


@cache
def run(folder: Path, effect: str) -> CaseResult:
    file = folder / f"own{abs(hash(effect))}.yaml"
    file.write_text(CASE.format(effect=effect), encoding="utf-8")
    return invest(file, progress=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("own")


BETTER = "programme: 60 %, programme_low: 55 %, programme_high: 65 %"


def test_a_belief_of_no_effect_is_the_column_without_effect(folder: Path) -> None:
    result = run(folder, "programme: 0.55, programme_low: 0.55, programme_high: 0.55")
    for party in ("municipal", "public", "citizen", "state"):
        idle = result.without_effect().net(result.members(party))
        assert np.array_equal(result.net(party), idle)
    evidence = result.by_evidence
    assert evidence is not None
    assert np.array_equal(evidence.without_effect().net(["employment"]), result.without_effect().net(["employment"]))
    assert not np.array_equal(evidence.net("municipal"), result.net("municipal"))


def test_the_three_columns_have_one_luck_and_are_told(folder: Path) -> None:
    result = run(folder, BETTER)
    told = case_content(result)
    assert told.belief is not None
    assert told.belief.translation.usual.shares[26] == pytest.approx(0.55, abs=0.003)
    assert told.belief.translation.programme.shares[26] == pytest.approx(0.60, abs=0.003)
    own, evidence, none = told.belief.npv
    assert own.mean == pytest.approx(float(result.npv("municipal").mean()))
    assert evidence.mean != own.mean != none.mean
    usual_of_both = [r.cash.usual for r in (result, result.by_evidence) if r is not None]
    assert np.array_equal(*usual_of_both)  # usual care is one life in both
    for language in languages():
        text = " ".join(case_sentences(told, language)).replace("\u00a0", " ")
        assert "60 %" in text
        assert "55 %" in text
        assert re.search(r"\d+ (of|ud af|av) 10", text)


def test_no_other_effect_of_the_programme_stands_beside_the_belief(folder: Path) -> None:
    result = run(folder, BETTER)
    names = set(result.sources()["name"])
    assert "hr_self_support" in names
    assert not names & {"hr_relapse", "hr_clarification", "hr_full_to_partial", "hr_unemployed_well"}
    assert result.by_evidence is not None
    assert {"hr_relapse", "hr_clarification"} <= set(repricing.sources(result.by_evidence)["name"])


def test_nothing_of_another_municipality_or_programme_stands_on_the_pages(folder: Path) -> None:
    from openpyxl import load_workbook

    from costeff.investment.report.write import write_case

    out = folder / "pages"
    write_case(run(folder, BETTER), out, "da", pdf=False)
    texts = {}
    for file in sorted(out.iterdir()):
        if file.suffix == ".xlsx":
            cells = (c.value for sheet in load_workbook(file) for row in sheet.iter_rows() for c in row)
            texts[file.name] = "\n".join(str(value) for value in cells if value is not None)
        else:
            texts[file.name] = re.sub(r"(?s)<script.*?</script>", "", file.read_text(encoding="utf-8"))
    assert len(texts) > 9
    strange = re.compile(r"(?i)aarhus|\btki|\bmso\b|\bmsb\b|magistrat|24[.,]52\b|0[.,]2452")
    leaks = {name: found[0] for name, text in texts.items() if (found := strange.search(text))}
    assert leaks == {}
    assert "Job og Sundhed" in texts["case.html"]
    assert "Få henvises" in texts["case.html"]


# -- what is refused ----


@pytest.mark.parametrize(
    ("effect", "words"),
    [
        ("programme: 60, programme_low: 0.5, programme_high: 0.6", "write 0.6 for 60 %"),
        ("programme: 0.6, programme_low: 0.7, programme_high: 0.8", "does not lie between"),
        ("programme: 0.6, programme_low: 0.5", "no `programme_high`"),
    ],
)
def test_a_figure_that_cannot_be_is_refused_in_two_languages(tmp_path: Path, effect: str, words: str) -> None:
    file = tmp_path / "case.yaml"
    file.write_text(CASE.format(effect=effect), encoding="utf-8")
    with pytest.raises(CosteffError) as caught:
        read_case(file)
    assert words in str(caught.value)
    assert error_text(caught.value, "da") != str(caught.value)


def test_a_median_has_no_weeks_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "case.yaml"
    text = CASE.format(effect="programme: 32, programme_low: 30, programme_high: 35")
    file.write_text(
        text.replace("measure: share", "measure: median").replace("today: 55 %", "today: 35"), encoding="utf-8"
    )
    with pytest.raises(CosteffError, match="`weeks` beside a median"):
        read_case(file)
