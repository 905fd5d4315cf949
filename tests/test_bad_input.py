"""Anchored in issue 2: each kind of bad input ends with exit 2 and a message of file, line, value, rule and way out.

The inputs are the shipped TKI2 files with one place changed, so that lines are real; nothing may be written.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from costeff.bundled import data_dir
from costeff.cli import main

MODEL, PARAMETERS, SCENARIO = "models/tki2.yaml", "parameters/tki2.yaml", "scenarios/tki2.yaml"
DOSE = "dose: relative_uptake * relative_fidelity"


@dataclass(frozen=True)
class Bad:
    """One change of one file: `line` is where the message must point, after the place of the change."""

    file: str
    old: str
    new: str
    value: str
    rule: str
    way_out: str
    lines_on: int = 0


BAD = {
    "probability above 1": Bad(
        PARAMETERS,
        "p_section_56: {value: 0.1,",
        "p_section_56: {value: 1.1,",
        "1.1",
        "probability lies in 0 to 1",
        "correct the value",
    ),
    "unknown state": Bad(
        MODEL,
        "{from: sick_employer, to: work, hazard",
        "{from: sick_employer, to: worl, hazard",
        "worl",
        "declared: .*work",
        "'work'",
    ),
    "unread parameter": Bad(
        PARAMETERS,
        "  vacancy_chain:",
        "  spare: {value: 7, unit: ratio, kind: assumption, note: x}\n  vacancy_chain:",
        "7",
        "every parameter .* is read",
        "delete it",
    ),
    "unknown name in a formula": Bad(
        MODEL, DOSE, "dose: relative_uptake * fidelity", "fidelity", "every name in a formula", "."
    ),
    "a formula that imports": Bad(
        MODEL,
        DOSE,
        "dose: \"__import__('os').system('touch hacked')\"",
        "__import__",
        "a formula holds",
        "functions are",
    ),
    "a formula that touches an attribute": Bad(
        MODEL,
        DOSE,
        "dose: relative_uptake.real * relative_fidelity",
        "relative_uptake.real",
        "a formula holds",
        "use a plain name",
    ),
    "transition out of an undeclared state": Bad(
        MODEL,
        "{from: flex_job, to: sick_flex, hazard",
        "{from: flexjob, to: sick_flex, hazard",
        "flexjob",
        "declared: .*flex_job",
        "'flex_job'",
    ),
    "wrong unit": Bad(
        PARAMETERS,
        "discount_rate: {value: 0.035, unit: rate per year",
        "discount_rate: {value: 0.035, unit: DKK per moth",
        "DKK per moth",
        "the list of units is closed",
        "'DKK per month'",
    ),
    "money without a price year": Bad(
        PARAMETERS,
        "discount_rate: {value: 0.035, unit: rate per year",
        "discount_rate: {value: 0.035, unit: DKK per month",
        "DKK per month",
        "price_year",
        "add price_year",
    ),
    "missing source": Bad(
        PARAMETERS,
        'kind: published, source: fm_2023, note: {en: "real, years',
        'kind: published, note: {en: "real, years',
        "published",
        "has a source",
        "sources",
    ),
    "unknown source": Bad(
        PARAMETERS,
        'source: fm_2023, note: {en: "real, years',
        'source: fm_2032, note: {en: "real, years',
        "fm_2032",
        "key of `sources`",
        "fm_2023",
    ),
    "negative population": Bad(SCENARIO, "individuals: 200", "individuals: -200", "-200", "at least 1", "whole number"),
    "broken YAML in the model": Bad(
        MODEL, "windows: [26, 52, 104]", "windows: [26, 52, 104", "transitions", "YAML", "brackets", 2
    ),
    "broken YAML in the parameters": Bad(
        PARAMETERS,
        "net_tax_factor: {value: 1.28,",
        "net_tax_factor {value: 1.28,",
        "net_tax_factor {value",
        "YAML",
        "brackets",
    ),
    "unknown parameter in a scenario": Bad(
        SCENARIO,
        "effect: qaly\n",
        "effect: qaly\nset: {hr_self_suport: 1}\n",
        "hr_self_suport",
        "parameter file",
        "hr_self_support",
    ),
    "unknown key": Bad(
        SCENARIO, "effect: qaly\n", "effect: qaly\nefect: qaly\n", "qaly", "scenario, title, .*model", "'effect'"
    ),
}
AT = {"unknown parameter in a scenario": 1, "unknown key": 1}  # the fault is on the line after the change begins


def study_in(folder: Path) -> Path:
    """The shipped study as a user's own files; returns the scenario."""
    for name in (MODEL, PARAMETERS, SCENARIO):
        kind, file = name.split("/")
        (folder / kind).mkdir(exist_ok=True)
        shutil.copy(data_dir(kind) / file, folder / name)
    for table in data_dir("parameters").glob("*.csv"):  # that the parameters name
        shutil.copy(table, folder / "parameters")
    change(folder / MODEL, "\nparameters: tki2\n", "\nparameters: ../parameters/tki2.yaml\n")
    change(folder / SCENARIO, "model: tki2\n", "model: ../models/tki2.yaml\n")
    return folder / SCENARIO


def change(file: Path, old: str, new: str) -> int:
    """Replace the only (or first) `old`; returns the line where it stood."""
    text = file.read_text(encoding="utf-8")
    assert old in text, (file, old)
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def run(scenario: Path, *options: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a run that would write beside the scenario."""
    out = str(scenario.parents[1] / "out")
    ended = CliRunner().invoke(
        main, ["run", str(scenario), "--draws", "2", "--individuals", "2", "--quiet", "--out", out, *options]
    )
    if ended.exception is not None and not isinstance(ended.exception, SystemExit):
        raise ended.exception
    return ended.exit_code, ended.stdout, ended.stderr


def messages(text: str) -> list[dict[str, str]]:
    """Every problem told, in its parts: file, line, value, rule and way out."""
    pattern = (
        r"^(?:costeff: )?(?P<file>[^\n]*\.yaml), line (?P<line>\d+): (?P<what>[^\n]+?) "
        r"\(value:(?P<value>(?s:.*?))\)\.\n"
        r"  Rule: (?P<rule>[^\n]+)\n  Way out: (?P<way_out>[^\n]+)$"
    )
    return [found.groupdict() for found in re.finditer(pattern, text, re.M)]


@pytest.mark.parametrize("kind", BAD)
def test_bad_input_is_refused_with_all_a_user_needs(kind: str, tmp_path: Path) -> None:
    bad, scenario = BAD[kind], study_in(tmp_path)
    line = change(tmp_path / bad.file, bad.old, bad.new) + bad.lines_on + AT.get(kind, 0)
    before = contents(tmp_path)
    code, stdout, stderr = run(scenario)
    assert code == 2
    assert stdout == ""
    assert "Traceback" not in stderr
    told = messages(stderr)
    assert told, stderr
    fits = [
        m
        for m in told
        if Path(m["file"]).resolve() == (tmp_path / bad.file).resolve()
        and int(m["line"]) == line
        and bad.value in m["value"]
        and re.search(bad.rule, m["rule"])
        and re.search(bad.way_out, m["way_out"])
    ]
    assert fits, (line, stderr)
    assert contents(tmp_path) == before, "something was written"
    assert not Path("hacked").exists()


def test_the_unchanged_files_are_fine(tmp_path: Path) -> None:
    """Without it, every case above could fail for a reason of its own."""
    scenario = study_in(tmp_path)
    ended = CliRunner().invoke(main, ["describe", str(scenario)])
    assert ended.exit_code == 0, ended.output


RUNNING = {
    "a category's probability above 1 in some draw": (MODEL, "p_start_partial)", "p_start_partial + 2)", "0-1"),
    "a negative hazard": (MODEL, '"constant(t, h_sick_employer_work)"', '"constant(t, -h_sick_employer_work)"', "."),
    "a negative amount": (
        MODEL,
        "states: [sick_unemployed], amount: sickness_benefit_week",
        "states: [sick_unemployed], amount: -sickness_benefit_week",
        "at least 0",
    ),
    "a negative share": (MODEL, "of: wage, share: tax_wage_state", "of: wage, share: -tax_wage_state", "at least 0"),
}


@pytest.mark.parametrize("kind", RUNNING)
def test_what_shows_only_when_drawn_is_refused_too(kind: str, tmp_path: Path) -> None:
    file, old, new, rule = RUNNING[kind]
    scenario = study_in(tmp_path)
    line = change(tmp_path / file, old, new)
    before = contents(tmp_path)
    code, _, stderr = run(scenario)
    assert code == 2
    assert "Traceback" not in stderr
    told = messages(stderr)
    assert told, stderr
    # The message names the declaration, which may begin some lines before the formula.
    assert any(
        0 <= line - int(m["line"]) <= 4
        and Path(m["file"]).resolve() == (tmp_path / file).resolve()
        and re.search(rule, m["rule"])
        for m in told
    ), (line, stderr)
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--individuals", "-5"), "-5 is not in the range"),
        (("--draws", "1"), "1 is not in the range"),
        (("--seed", "-1"), "-1 is not in the range"),
        (("--method", "dice"), "'dice' is not one of"),
        (("--horizon", "five years"), "the horizon is not a span of time"),
        (("--engine", "quantum"), "unknown engine 'quantum'"),
    ],
)
def test_bad_options_are_refused(options: tuple[str, ...], said: str, tmp_path: Path) -> None:
    scenario = study_in(tmp_path)
    before = contents(tmp_path)
    code, _, stderr = run(scenario, *options)
    assert code == 2
    assert said in stderr
    assert "Traceback" not in stderr
    assert contents(tmp_path) == before


def test_an_unknown_name_lists_what_there_is() -> None:
    ended = CliRunner().invoke(main, ["run", "tki3"])
    assert ended.exit_code == 2
    assert "'tki3'" in ended.stderr
    assert "no_effect" in ended.stderr
    assert "did you mean 'tki2'" in ended.stderr


def test_a_real_process_ends_the_same_way(tmp_path: Path) -> None:
    scenario = study_in(tmp_path)
    change(tmp_path / PARAMETERS, "p_section_56: {value: 0.1,", "p_section_56: {value: 1.1,")
    command = [sys.executable, "-m", "costeff.cli", "run", str(scenario), "--out", str(tmp_path / "out")]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert any(m["value"].strip() == "1.1" for m in messages(ended.stderr)), ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "out").exists()
