"""Texts in files that act on a terminal or hang the reader, and priors that nobody read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from fault import fault

from costeff.calibrate import read_plan
from costeff.cli import main
from costeff.errors import CosteffError

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "title",
    [
        pytest.param(
            title,
            id=repr(title),
            marks=fault(
                kind="control characters reach the terminal, or turn figures round",
                given=f"title: {title!r}",
                right="refused with file and line, and not printed",
            ),
        )
        for title in (r'"\e[31mred"', r'"\a"', r'"a\0b"', r'"\u202e000,1"', "a\u202e000,1", r'"\x9b31m"', "a\u2066b")
    ],
)
def test_characters_that_act(tmp_path: Path, title: str) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(f"scenario: s\ntitle: {title}\nmodel: sick_sicker\n", encoding="utf-8")
    ended = CliRunner().invoke(main, ["run", str(file), "--engine", "cohort", "--draws", "2", "--quiet"])
    assert ended.exit_code == 2, ended.output
    assert "s.yaml, line 2: a character that no text may hold, U+" in ended.output
    assert not set(ended.output) & set("\x1b\a\0\u202e\x9b\u2066")


@pytest.mark.parametrize(
    "label",
    [
        pytest.param(
            label,
            id=repr(label),
            marks=fault(
                kind="control characters in a table are carried through",
                given=f"a SØM label {label!r}",
                right="refused with file, line and column",
            ),
        )
        for label in ("a\x00b", "a\x1b[2Jb", "a\u202eb")
    ],
)
def test_characters_in_a_table(tmp_path: Path, label: str) -> None:
    text = (ROOT / "scenarios" / "soem" / "tki2012.csv").read_text(encoding="utf-8")
    file = tmp_path / "t.csv"
    file.write_text(text.replace("TKI over the usual offer", label), encoding="utf-8")
    ended = CliRunner().invoke(main, ["soem", str(file)])
    assert ended.exit_code == 2, ended.output
    assert "column C: a character that no text may hold" in ended.output


@fault(
    kind="deep nesting is read for seconds before it is refused",
    given="a scenario with 50,000 open brackets",
    right="refused at once, with the line",
)
def test_brackets_without_end(tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(f"scenario: s\nmodel: {'[' * 50_000}\n", encoding="utf-8")
    ended = CliRunner().invoke(main, ["describe", str(file)])
    assert (ended.exit_code, "line 2: the file is nested too deeply" in ended.output) == (2, True), ended.output


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(
            old,
            new,
            id=new,
            marks=fault(
                kind="priors of a targets file are read unchecked", given=new, right="refused with file and line"
            ),
        )
        for old, new in [
            ("interval: [0.4, 2.5]", "interval: [0.4, high]"),
            ("value: 1,", "value: exp(1000),"),
            ("distribution: lognormal", "distribution: 1"),
            ("unit: ratio", "unit: x.y"),
            ("kind: assumption", "kind: guess"),
        ]
    ],
)
def test_priors(tmp_path: Path, old: str, new: str) -> None:
    text = (ROOT / "parameters" / "tki2_targets.yaml").read_text(encoding="utf-8")
    priors = (ROOT / "parameters" / "tki2_blind_priors.yaml").read_text(encoding="utf-8").split("parameters:\n")[1]
    assert old in priors
    inside = "priors:\n" + priors.replace(old, new, 1)
    file = tmp_path / "targets.yaml"
    file.write_text(re.sub(r"^priors: .*$", lambda _: inside, text, count=1, flags=re.M), encoding="utf-8")
    with pytest.raises(CosteffError, match=r"targets.yaml, line \d+: "):
        read_plan(file)
