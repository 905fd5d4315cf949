"""Anchored in what the commands promise: same seed, same files; counts hidden; no person in what is written."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import PEOPLE, Rehearsed

from costeff.cli import main
from costeff.trial import command
from costeff.trial.plan import read_plan

IDS = re.compile(r"S\d{6}")


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["trial", *words])
    return result.exit_code, result.output


def test_simulate_writes_the_same_files_for_a_seed(tmp_path: Path) -> None:
    for name in ("a", "b"):
        code, text = run("simulate", "tki2_trial", "--out", str(tmp_path / name), "--people", "12", "--seed", "9")
        assert code == 0, text
        assert "nobody in these files exists" in text
    assert read_plan("tki2_trial").short_hash() in text
    for one in sorted((tmp_path / "a").glob("*.*")):
        assert one.read_bytes() == (tmp_path / "b" / one.name).read_bytes()
    assert {p.name for p in (tmp_path / "a").iterdir()} >= {"register.csv", "persons.csv", "time.csv", "SIMULATED.txt"}


@pytest.mark.parametrize("language", ["en", "da"])
def test_check_and_describe_name_the_plan_and_no_person(rehearsed: Rehearsed, tmp_path: Path, language: str) -> None:
    report, results, figures = (str(tmp_path / name) for name in ("check.json", "results.json", "figures"))
    code, checked = run("check", "tki2_trial", str(rehearsed.folder), "--json", report, "--language", language)
    assert code == 0, checked
    words = ["describe", "tki2_trial", str(rehearsed.folder), "--json", results, "--figures", figures]
    code, described = run(*words, "--seed", "4", "--language", language)
    assert code == 0, described
    for text in (checked, described):
        assert rehearsed.plan.short_hash() in text
        assert ("unverified" if language == "en" else "ikke verificeret") in text
    written = [Path(report), Path(results), *Path(figures).glob("*.html")]
    assert len(written) >= 6
    for file in written:
        assert not IDS.search(file.read_text("utf-8"))
    assert not IDS.search(checked + described)
    content = json.loads(Path(results).read_text("utf-8"))
    assert content["plan"]["hash"] == rehearsed.plan.hash
    assert json.loads(Path(report).read_text("utf-8"))["facts"]["people"] == PEOPLE


def test_a_blind_description_names_no_group(rehearsed: Rehearsed) -> None:
    code, text = run("describe", "tki2_trial", str(rehearsed.folder), "--blind", "--seed", "4")
    assert code == 0, text
    assert "Group A" in text


def test_money_by_party_and_by_perspective_are_one(rehearsed: Rehearsed, tmp_path: Path) -> None:
    code, text = run("describe", "tki2_trial", str(rehearsed.folder), "--json", str(tmp_path / "r.json"), "--seed", "4")
    assert code == 0, text
    content = json.loads((tmp_path / "r.json").read_text("utf-8"))
    for group in rehearsed.plan.strategies:
        own = content["parties"][group]
        value = next(v for v in content["values"] if v["end_point"] == "cost_municipal" and v["group"] == group)
        assert value["value"] == pytest.approx(own["mso"] + own["msb"], rel=1e-9)


def test_the_lens_is_described_without_data(tmp_path: Path) -> None:
    code, text = run("describe", "tki2_trial", "--json", str(tmp_path / "lens.json"))
    assert code == 0, text
    items = json.loads((tmp_path / "lens.json").read_text("utf-8"))["items"]
    lived, seen = items["sickness_benefit_unemployed"]
    assert lived > 0
    assert seen == 0  # one code for all sickness benefit: from unemployment cannot be told
    lived, seen = items["wage_employer_period"]
    assert lived > 0
    assert seen == 0


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["check", "tki2_trial", "nowhere"], "no such folder"),
        (["check", "tki2_trials", "x"], "did you mean 'tki2_trial'"),
        (["describe", "tki2_trial", "--figures", "f"], "needs an EXTRACT"),
    ],
)
def test_what_cannot_be_done_is_said(words: list[str], complaint: str) -> None:
    code, text = run(*words)
    assert code != 0
    assert complaint in text


def test_a_fault_of_ours_shows_no_value(rehearsed: Rehearsed, monkeypatch: pytest.MonkeyPatch) -> None:
    from costeff.trial import extract

    def fail(*_: object) -> None:
        raise ValueError("could not convert S000001")

    monkeypatch.setattr(extract, "read_people", fail)
    code, text = run("check", "tki2_trial", str(rehearsed.folder))
    assert code != 0
    assert "this is a bug in costeff" in text
    assert "fail, line" in text
    assert not IDS.search(text)
    assert "costeff-bug" not in text
    assert callable(command.no_values)
