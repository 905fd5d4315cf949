"""Anchored in the same result worked out in Python: the command says it in three languages and writes it as a table."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

import costeff as ce
from costeff.cli import main
from costeff.rollout.rollout import rollout

TEXT = """scenario: ours
model: followup-teams-young
options: {engine: cohort}
rollout:
  strategy: team
  first_year: 2019
  years: 3
  payer: unit
  ceiling: 0.5
  time_constant: 0
  kept: 0
  running: 1000
  municipalities: {ours: {citizens: 10, ends: 2020, label: {en: Ours, da: Vores, nb: Vår}}}
"""


SAID = [("en", "at no pace"), ("da", "Vores"), ("nb", "Utbredelse 2019 til 2021")]


@pytest.mark.parametrize(("language", "words"), SAID)
def test_the_command_says_who_is_reached_and_for_whom_it_pays(tmp_path: Path, language: str, words: str) -> None:
    file, table = tmp_path / "ours.yaml", tmp_path / "reach.csv"
    file.write_text(TEXT, encoding="utf-8")
    call = ["rollout", str(file), "--draws", "8", "--seed", "4", "--quiet", "--language", language, "--csv", str(table)]
    done = CliRunner().invoke(main, call)
    assert done.exit_code == 0, done.output
    assert words in done.output
    assert "50" in done.output
    rows = pd.read_csv(table)
    of = rollout(ce.load(str(file)).psa(8, seed=4, progress=False))
    assert rows["reach"].tolist() == [0.5, 0.5, 0]
    assert rows["fixed"].tolist() == [1000, 1000, 0]
    assert rows["reached"].tolist() == [5, 5, 0]
    assert of.by_perspective()["cost"].iloc[0] == pytest.approx(of.total("municipality").mean())


def test_a_scenario_without_a_roll_out_says_how_to_add_one() -> None:
    done = CliRunner().invoke(main, ["rollout", "followup-teams-young", "--draws", "4", "--quiet"])
    assert done.exit_code != 0
    assert "add `rollout:` to the scenario" in done.output + str(done.stderr)
