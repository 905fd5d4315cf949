"""Files, commands and Python as they were written for version 0.1.0: they work, and a warning names the new word."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import costeff as ce
from costeff.cli import main
from costeff.documents.section import OldWordWarning
from costeff.voi.trial_file import read_trial

ROOT = Path(__file__).resolve().parents[2]
TRIAL = (ROOT / "designs" / "tki2_trial.yaml").read_text(encoding="utf-8")
OLD = TRIAL.replace("\ntrial: tki2_trial", "\ndesign: tki2_trial  # ours")


def migrated(path: Path) -> str:
    done = CliRunner().invoke(main, ["migrate", str(path)])
    assert done.exit_code == 0, done.output
    return done.output


def test_an_old_key_is_read_with_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "ours.yaml"
    path.write_text(OLD, encoding="utf-8")
    with pytest.warns(OldWordWarning, match=r"ours.yaml, line 5: `design` is now called `trial`"):
        trial = read_trial(path)
    assert trial.name == "tki2_trial"
    assert trial.planned == read_trial("tki2_trial").planned


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_migrate_changes_the_word_and_nothing_else(tmp_path: Path, end: str) -> None:
    path = tmp_path / "ours.yaml"
    path.write_bytes(OLD.replace("\n", end).encode())
    assert "line 5: `design` is now `trial`" in migrated(path)
    expected = OLD.replace("\ndesign: tki2_trial", "\ntrial: tki2_trial").replace("\n", end)
    assert path.read_bytes() == expected.encode()
    assert read_trial(path).name == "tki2_trial"  # no warning, which would be an error here


def test_migrate_leaves_a_file_of_today_alone(tmp_path: Path) -> None:
    for source in (
        "scenarios/tki2.yaml",
        "models/hiv.yaml",
        "parameters/hiv.yaml",
        "parameters/rules/denmark.yaml",
        "scenarios/tki2-aarhus-investment.yaml",
        "designs/tki2_trial.yaml",
    ):
        path = tmp_path / Path(source).name
        path.write_bytes((ROOT / source).read_bytes())
        path.chmod(0o444)  # nothing is written
        before = path.stat().st_mtime_ns
        assert "nothing to change" in migrated(path)
        assert path.stat().st_mtime_ns == before
        path.unlink()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (OLD + "trial: both\n", ["both `design` and `trial`", "line 5", "keep the one that is right"]),
        ("a: 1\n", ["none of costeff's files", "value: a"]),
        ("design: [\n", ["not valid YAML"]),
        (OLD.replace("design:", "base: &base {design: x}\n<<: *base\nother:", 1), ["by hand"]),
    ],
)
def test_migrate_refuses_what_it_cannot_rewrite(tmp_path: Path, text: str, words: list[str]) -> None:
    path = tmp_path / "ours.yaml"
    path.write_text(text, encoding="utf-8")
    done = CliRunner().invoke(main, ["migrate", str(path)])
    assert done.exit_code != 0
    for word in words:
        assert word in done.output
    assert path.read_text(encoding="utf-8") == text


def test_an_old_option_works_and_says_the_new_one() -> None:
    refused = CliRunner().invoke(main, ["voi", "no_such_scenario", "--wtp", "1", "--design", "no_such_trial"])
    assert "warning: --design is now called --trial" in refused.output
    assert "no_such_trial" in refused.output  # it was taken


@pytest.fixture(scope="module")
def result() -> ce.Result:
    return ce.load("sick_sicker").psa(draws=4, individuals=1, engine="cohort", progress=False)


def test_draws_are_a_number_and_still_answer_as_the_parameters(result: ce.Result) -> None:
    assert result.draws == 4
    name = next(iter(result.parameters))
    with pytest.warns(DeprecationWarning, match=r"write result\.parameters"):
        column = result.draws[name]
    np.testing.assert_array_equal(column, result.parameters[name])
    with pytest.warns(DeprecationWarning, match=r"write result\.parameters"):
        assert dict(result.draws).keys() == result.parameters.keys()
    with pytest.warns(DeprecationWarning, match=r"write result\.parameters"):
        assert [name for name, _ in result.draws.items()] == list(result.parameters)
    with pytest.warns(DeprecationWarning, match=r"use `result\.draws`"):
        assert result.size == 4


def test_a_loop_over_draws_is_refused_and_never_something_else(result: ce.Result) -> None:
    import pandas as pd

    for use in (list, pd.DataFrame, set):
        with pytest.raises(TypeError, match=r"write result\.parameters"):
            use(result.draws)


def test_the_number_of_draws_is_a_plain_number(result: ce.Result) -> None:
    for count in (copy.copy(result.draws), pickle.loads(pickle.dumps(result.draws)), result.draws + 0):
        assert (type(count), count) == (int, 4)
    assert f"{result.draws:,}" == "4"
    assert np.arange(result.draws).tolist() == [0, 1, 2, 3]
