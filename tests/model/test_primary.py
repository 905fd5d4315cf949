"""Anchored in the keys that a scenario file may hold: primary perspectives, the study, groups, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from costeff import load
from costeff.errors import ScenarioError
from costeff.study.decision.board import board_of, primary_rules

HEAD = "scenario: own\nmodel: sick_sicker\noptions: {engine: cohort}\nrun: {draws: 2}\n"
WTP = "wtp: {effect: qaly, range: [0, 200000]}\n"


def study_of(folder: Path, text: str):  # type: ignore[no-untyped-def]
    file = folder / "own.yaml"
    file.write_text(HEAD + text, encoding="utf-8")
    return load(file)


def test_a_declaration_is_the_rule(tmp_path: Path) -> None:
    result = study_of(tmp_path, WTP + "primary: {health_care: net_cost}\n").psa(progress=False)
    assert primary_rules(result) == {"health_care": "net_cost"}
    assert board_of(result).has_declaration


def test_without_one_the_rule_follows_the_range(tmp_path: Path) -> None:
    assert primary_rules(study_of(tmp_path, WTP).psa(progress=False)) == {"health_care": "net_benefit"}
    assert primary_rules(study_of(tmp_path, "").psa(progress=False)) == {"health_care": "net_cost"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("primary: {health_care: net_benefit}\n", "net benefit needs a range of values"),
        (WTP + "primary: {health_car: net_cost}\n", "health_care"),
        (WTP + "primary: {health_care: cheapest}\n", "net_cost"),
        (WTP + "primary: {}\n", "names no perspective"),
        (WTP + "subgroups: {sexx: {en: Sex, da: Køn}}\n", "unknown attribute under `subgroups`"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ScenarioError, match=message) as refusal:
        study_of(tmp_path, text)
    assert "own.yaml" in str(refusal.value)
