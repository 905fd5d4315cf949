"""Anchored in differences of means by hand, in the ratio's test turned round on a grid, and in what may never leave."""

from __future__ import annotations

import json
import pickle
import re
from dataclasses import replace
from pathlib import Path

import docx
import numpy as np
import pytest
from click.testing import CliRunner
from conftest import Rehearsed
from docx.shared import Cm

from costeff.catalogue import say
from costeff.cli import main
from costeff.errors import CosteffError, ScenarioError
from costeff.labels import same
from costeff.trial.evaluation.evaluate import FEWEST_IN_BIN, evaluate
from costeff.trial.evaluation.flow import guarded
from costeff.trial.evaluation.person_values import EffectValues, PersonValues
from costeff.trial.evaluation.ratio import LEVEL, ratio_interval
from costeff.trial.evaluation.rounded import exported
from costeff.trial.figures.flow import flow_drawing

PEOPLE = 120


def people(seed: int = 1, missing: int = 0) -> PersonValues:
    luck = np.random.default_rng(seed)
    group = (np.arange(PEOPLE) % 3 > 0).astype(float)
    start = luck.beta(5, 2, PEOPLE)
    quality = 0.3 + 0.05 * group + 0.5 * start + luck.normal(0, 0.05, PEOPLE)
    quality[:missing] = np.nan
    effects = (
        EffectValues("quality", same("Quality"), "qaly", quality, start),
        EffectValues("work", same("Work"), "share", (luck.random(PEOPLE) < 0.4 + 0.2 * group).astype(float), None),
    )
    cost = {"state": luck.gamma(2, 50_000, PEOPLE) - 8_000 * group, "all": luck.normal(9e4, 2e4, PEOPLE)}
    return PersonValues(group, cost, effects, np.zeros((PEOPLE, 0)), (), np.zeros((PEOPLE, 0)))


def test_without_covariates_differences_are_those_of_means_and_errors_their_own() -> None:
    own = people()
    result = evaluate(own, (0, 1e6), 5, replicates=4000, seed=3)
    pair = next(one for one in result.pairs if (one.perspective, one.effect_name) == ("state", "work"))
    group = own.in_programme == 1
    for interval, values in ((pair.cost, own.cost["state"]), (pair.effect, own.effects[1].value)):
        assert interval.value == pytest.approx(values[group].mean() - values[~group].mean(), rel=1e-9)
        by_hand = sum(values[mask].var() / mask.sum() for mask in (group, ~group)) ** 0.5
        assert interval.error == pytest.approx(by_hand, rel=4 / (2 * 4000) ** 0.5)  # four errors of a standard error
        assert interval.low < interval.value < interval.high
    assert pair.people == (40, 80)
    assert not pair.acceptability[0]  # nobody has said what a return is worth


def test_curves_shares_and_corners_are_of_the_same_replicates() -> None:
    for pair in evaluate(people(), (0, 1e6), 5, replicates=1000, seed=3).pairs:
        assert sum(pair.quadrants.values()) == pytest.approx(1)
        if pair.effect_of == "qaly":
            wtp, share = pair.acceptability
            assert (wtp[0], wtp[-1]) == (0, 1e6)
            cheaper = pair.quadrants["more_cheaper"] + pair.quadrants["less_cheaper"]
            assert share[0] == pytest.approx(cheaper)  # at 0 only money counts
            assert [b.wtp for b in pair.benefits] == [0, 250_000, 500_000, 750_000, 1e6]
        held = pair.density.share[pair.density.share > 0]
        assert held.min() >= FEWEST_IN_BIN / 1000
        assert held.sum() <= 1


def test_the_luck_is_secret_unless_the_result_stays_inside() -> None:
    own = people()
    one, same_again = (evaluate(own, (0, 1e6), 5, replicates=300, seed=9) for _ in range(2))
    assert one.inside_only
    assert one.pairs[0].cost == same_again.pairs[0].cost
    secret, other = (evaluate(own, (0, 1e6), 5, replicates=300) for _ in range(2))
    assert not secret.inside_only
    assert secret.pairs[0].cost.value == other.pairs[0].cost.value
    assert secret.pairs[0].cost.error != other.pairs[0].cost.error


def test_complete_cases_and_too_few_of_them() -> None:
    result = evaluate(people(missing=30), (0, 1e6), 5, replicates=200, seed=1)
    assert {pair.effect_name: pair.people for pair in result.pairs} == {"quality": (30, 60), "work": (40, 80)}
    with pytest.raises(ScenarioError, match="too few people"):
        evaluate(people(missing=112), (0, 1e6), 5, replicates=200, seed=1)
    with pytest.raises(ScenarioError, match="no effect to evaluate"):
        evaluate(replace(people(), effects=()), (0, 1e6), 5)


@pytest.mark.parametrize(
    ("effect", "error", "kind"), [(0.1, 0.02, "bounded"), (0.03, 0.02, "outside"), (-0.01, 0.02, "none")]
)
def test_the_ratio_interval_is_its_test_turned_round(effect: float, error: float, kind: str) -> None:
    cost = 5000.0 if kind != "none" else 500.0
    covariance = np.array([[1500.0**2, 8.0], [8.0, error**2]])
    own = ratio_interval(cost, effect, covariance)
    assert own.kind == kind
    for ratio in np.linspace(-2e6, 2e6, 4001) + 123.4:
        line = np.array([1.0, -ratio])
        accepted = abs(cost - ratio * effect) < LEVEL * float(line @ covariance @ line) ** 0.5
        inside = own.low < ratio < own.high
        assert accepted == {"bounded": inside, "outside": not inside, "none": True}[kind]


def test_what_leaves_has_no_replicate_and_few_digits() -> None:
    result = evaluate(people(), (0, 1e6), 5, replicates=300)
    content = exported(result)
    text = json.dumps(content)
    assert "density" not in text
    for pair, own in zip(content["pairs"], result.pairs, strict=True):
        for name in ("cost", "effect"):
            interval, whole = pair[name], getattr(own, name)
            assert interval["value"] != whole.value
            assert abs(interval["value"] - whole.value) < whole.error / 10
    with pytest.raises(CosteffError, match="rows of persons cannot be saved"):
        pickle.dumps(people())


def test_a_count_that_would_tell_of_a_few_is_not_exact() -> None:
    steps = [("listed", [60, 60], ""), ("analysed", [58, 60], ""), ("followed", [50, 3], ""), ("complete", [53, 0], "")]
    assert [one.counts for one in guarded(steps, 5)] == [("60", "60"), ("≥56", "60"), ("50", "<5"), ("≤54", "0")]


@pytest.mark.parametrize("language", ["en", "da"])
def test_the_command_writes_a_report_without_a_person(rehearsed: Rehearsed, tmp_path: Path, language: str) -> None:
    words = ["trial", "analyse", "tki2_trial", str(rehearsed.folder), "--replicates", "300", "--language", language]
    done = CliRunner().invoke(main, [*words, "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    content = json.loads((tmp_path / "out" / "evaluation.json").read_text("utf-8"))
    for text in (done.output, page):
        assert rehearsed.plan.short_hash() in text
        assert not re.search(r"S\d{6}", text)
        assert ("pooled by Rubin" if language == "en" else "efter Rubins regler") in text
        assert ("Sex: Women" if language == "en" else "Køn: Kvinder") in text
        assert ("Diagnosis: Cancer" if language == "en" else "Diagnose: Kræft") in text
        assert "Weeks on sickness benefit" in text if language == "en" else "Uger på sygedagpenge" in text
    assert content["hash"] == rehearsed.plan.hash
    assert {one["perspective"] for one in content["pairs"]} == set(rehearsed.plan.perspectives)
    assert not content["inside_only"]
    assert 'data-scroll-hint="' in page
    assert (
        content["consultants"][0]["another"] > content["consultants"][0]["nested"] > content["consultants"][0]["alone"]
    )
    assert {one["attribute"] for one in content["subgroups"]} <= set(rehearsed.plan.subgroups)
    word = docx.Document(str(tmp_path / "out" / "report.docx"))
    checklist = word.tables[-1]
    assert len(checklist.rows) == 29  # the items of CHEERS 2022, and a head
    by_authors = [i for i in range(1, 29) if checklist.rows[i].cells[1].text == say("trial_cheers_authors", language)]
    assert set(by_authors) >= {1, 2, 3, 21, 25, 26, 27, 28}
    assert not any(re.search(r"S\d{6}", cell.text) for table in word.tables for row in table.rows for cell in row.cells)
    assert page.count('<div class="drawing" role="img"') == 1
    planned = "Planned: 180" if language == "en" else "Planlagt: 180"
    assert f"{planned}." in page[page.index("<svg") : page.index("</svg>")]
    assert len(word.inline_shapes) == 1
    assert word.inline_shapes[0].height <= Cm(14.5)  # a page that lies on its side holds it below its heading
    assert all(row["per_protocol"]["error"] > 0 for row in content["uptake"])
    assert page.count("<figure>") == 6  # plane and curve of two perspectives, and the plane of two for the other effect


def test_a_known_seed_is_marked(rehearsed: Rehearsed) -> None:
    words = ["trial", "analyse", "tki2_trial", str(rehearsed.folder), "--replicates", "200", "--seed", "1"]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    assert "Inside only" in done.output


def test_the_diagram_holds_every_number_of_the_flow_and_equal_flows_give_equal_bytes() -> None:
    steps = [["Usual care: 60", "TKI2: 120"], ["Seen for all 52 weeks: ≥56", "Seen for all 52 weeks: 111"]]
    one, same_again = (flow_drawing("Planned: 180. Randomised: 180", steps, "in words") for _ in range(2))
    assert one == same_again
    texts = re.sub(r"\s+", " ", " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", one.svg)))
    for words in ("Planned: 180. Randomised: 180", *steps[0], *steps[1]):
        assert words in texts
    assert one.png.startswith(b"\x89PNG")
