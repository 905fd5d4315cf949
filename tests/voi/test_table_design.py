"""Anchors: an endless study of a parameter, or of results that follow it, is worth the EVPPI of the parameter."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from costeff import read_psa
from costeff.cli import main
from costeff.voi.trial_file import read_trial
from costeff.voi.trial_of_table import endpoint_columns, results_among
from costeff.voi.trial_value import trial_value

TEXT = """trial: small
title: {en: Small, da: Lille}
model: elsewhere
allocation: {old: 1, new: 1}
participants: {planned: 100, range: [10, 1000], kind: assumption, note: "x"}
endpoints:
  seen: {ENDPOINT, note: "x"}
learns: [g]
cost: {fixed: 10, per_participant: 1, kind: assumption, note: "x"}
people: {per_year: 100, years: 2, discount_rate: 0.0, kind: assumption, note: "x"}
"""
BY_GROUP = "effect: score, sd: 1.0"
DRAWS = 1000


def table(folder: Path) -> Path:
    """g decides; score is 5 in the old group and 5 + g in the new, with a little luck; h is idle."""
    rng = np.random.default_rng(1)
    g = rng.normal(0.1, 0.5, DRAWS)
    zero = np.zeros(DRAWS)
    frame = pd.DataFrame(
        {
            "g": g,
            "h": rng.uniform(size=DRAWS),
            "score_old": 5 + zero,
            "score_new": 5 + g + rng.normal(0, 0.01, DRAWS),
            "cost_old": zero,
            "cost_new": zero,
            "effect_old": zero,
            "effect_new": g,
        }
    )
    frame.to_csv(folder / "psa.csv", index=False)
    return folder / "psa.csv"


def design(folder: Path, endpoint: str = BY_GROUP) -> Path:
    path = folder / "design.yaml"
    path.write_text(TEXT.replace("ENDPOINT", endpoint), encoding="utf-8")
    return path


@pytest.mark.parametrize("endpoint", ["effect: g, sd: 1.0, contrast: false", BY_GROUP])
def test_an_endless_study_is_worth_what_it_is_about(tmp_path: Path, endpoint: str) -> None:
    evaluation = read_psa(table(tmp_path))
    asked = read_trial(design(tmp_path, endpoint))
    found = trial_value(None, asked, evaluation, [1.0], participants=[10, 100_000_000], method="gaussian")
    perfect = float(evaluation.evppi("g", 1.0)["evppi"].item())
    small, large = found.evsi["evsi"].values.ravel()
    assert large == pytest.approx(perfect, rel=0.02)
    assert 0 < small < 0.95 * large


def test_columns_and_which_of_them_are_results(tmp_path: Path) -> None:
    evaluation = read_psa(table(tmp_path))
    by_group = read_trial(design(tmp_path))
    assert endpoint_columns(evaluation, by_group) == {"seen": {"old": "score_old", "new": "score_new"}}
    assert results_among(evaluation, by_group) == {"score_old", "score_new"}
    direct = read_trial(design(tmp_path, "effect: g, sd: 1.0, contrast: false"))
    assert results_among(evaluation, direct) == set()  # a parameter stays one


def test_command(tmp_path: Path) -> None:
    file = tmp_path / "voi.json"
    asked = ["voi", str(table(tmp_path)), "--wtp", "1", "--trial", str(design(tmp_path)), "--n", "50"]
    ran = CliRunner().invoke(main, [*asked, "--json", str(file)])
    assert ran.exit_code == 0, ran.output
    written = json.loads(file.read_text("utf-8"))
    assert {row["group"] for row in written["evppi"]} == {"g", "h"}  # not what the study measures
    evaluation = read_psa(tmp_path / "psa.csv")
    found = trial_value(None, read_trial(design(tmp_path)), evaluation, [1.0], participants=[50])
    assert written["study"]["sizes"][0]["evsi"] == pytest.approx(found.evsi["evsi"].item())
    assert "Study: Small" in ran.output


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("effect: score", "effect: weeks", "columns weeks_old, weeks_new"),
        ("effect: score", "effect: g", "`contrast: false`"),
        (", sd: 1.0", "", "give `sd`"),
        ("{old: 1", "{odl: 1", "unknown strategy"),
        ("learns: [g]", "learns: [gg]", "unknown parameter"),
        ("learns: [g]", "learns: [score_old]", "nothing that the study learns about"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_line(tmp_path: Path, old: str, new: str, what: str) -> None:
    path = design(tmp_path)
    path.write_text(path.read_text("utf-8").replace(old, new), encoding="utf-8")
    ran = CliRunner().invoke(main, ["voi", str(table(tmp_path)), "--wtp", "1", "--trial", str(path)])
    assert ran.exit_code == 2
    assert what in ran.output
    assert "design.yaml, line" in ran.output
    assert "Way out" in ran.output
