"""`costeff calibrate` with another targets file: what it prints, writes and refuses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from test_calibrate import MODEL, PARAMETERS, targets_text

from costeff.calibrate import calibrate_command
from costeff.cli import main
from costeff.errors import ScenarioError


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from test_effects import with_effects

    path = tmp_path_factory.mktemp("command")
    (path / "three.yaml").write_text(MODEL, encoding="utf-8")
    (path / "three_parameters.yaml").write_text(PARAMETERS, encoding="utf-8")
    text = with_effects().replace("sources:\n", 'sources:\n  other: {title: O, address: "https://example.org/o"}\n', 1)
    text = text.replace("source: s,", "source: other,", 1)  # of one source none could be left out
    (path / "other_targets.yaml").write_text(text, encoding="utf-8")
    return path


def test_command_with_another_targets_file(folder: Path) -> None:
    settings = ["--draws", "40", "--individuals", "60", "--threads", "1", "--targets", "other_targets.yaml"]
    found = CliRunner().invoke(main, ["calibrate", str(folder / "three.yaml"), *settings, "--leave-one-out"])
    assert found.exit_code == 0, found.output
    assert "Left out by source, predicted from all other sources" in found.output
    short = CliRunner().invoke(main, ["calibrate", str(folder / "three.yaml"), *settings])
    assert "predicted from all other sources" not in short.output
    shown = CliRunner().invoke(main, ["calibrate", str(folder / "three.yaml"), *settings, "--ranks", "2"])
    assert "Ranks of 2 simulated truths" in shown.output


@pytest.mark.parametrize(
    "others", [["--leave-one-out"], ["--check"], ["--out", "x"], ["--figures", "x"], ["--register", "x.csv"]]
)
def test_ranks_refuse_what_they_would_pass_over(folder: Path, others: list[str]) -> None:
    refusal = CliRunner().invoke(main, ["calibrate", str(folder / "three.yaml"), "--ranks", "2", *others])
    assert refusal.exit_code == 2
    assert f"{others[0]} does not go with --ranks" in refusal.output


def test_ranks_go_on_from_their_folder(folder: Path, tmp_path: Path) -> None:
    settings = ["--draws", "40", "--individuals", "60", "--threads", "1", "--targets", "other_targets.yaml"]
    words = ["calibrate", str(folder / "three.yaml"), *settings, "--resume", str(tmp_path / "kept")]
    first = CliRunner().invoke(main, [*words, "--ranks", "2"])
    assert first.exit_code == 0, first.output
    assert len(list((tmp_path / "kept").iterdir())) == 2
    assert CliRunner().invoke(main, [*words, "--ranks", "2"]).output == first.output


def test_what_plain_targets_cannot_do_is_refused(folder: Path) -> None:
    (folder / "plain_targets.yaml").write_text(targets_text(), encoding="utf-8")
    with pytest.raises(ScenarioError, match="no source can be left out"):
        calibrate_command(folder / "three.yaml", targets="plain_targets.yaml", leave_one_out=True)


def test_register_joins_the_targets(folder: Path) -> None:
    block = """register:
  benefits: {sick_leave: {ended: back, within: 40, set: {p_start_work: 0}}}
  status: {work: [work]}
"""
    text = (folder / "other_targets.yaml").read_text(encoding="utf-8").replace("targets:\n", f"{block}targets:\n", 1)
    (folder / "register_targets.yaml").write_text(text, encoding="utf-8")
    rows = "benefit,measure,weeks,status,people\nsick_leave,begun,,,900\nsick_leave,ended,20,,610\n"
    (folder / "export.csv").write_text(rows, encoding="utf-8")
    settings = ["--draws", "40", "--individuals", "60", "--threads", "1", "--targets", "register_targets.yaml"]
    register = ["--register", str(folder / "export.csv")]
    found = CliRunner().invoke(main, ["calibrate", str(folder / "three.yaml"), *settings, *register])
    assert found.exit_code == 0, found.output
    assert re.search(r"register_sick_leave_ended_20 +0\.678 \(0\.647-0\.70[78]\)", found.output)


def test_figures_are_written(folder: Path, tmp_path: Path) -> None:
    settings = ["--draws", "40", "--individuals", "60", "--threads", "1", "--targets", "other_targets.yaml"]
    places = ["--figures", str(tmp_path / "pages"), "--language", "da"]
    found = CliRunner().invoke(main, ["calibrate", str(folder / "three.yaml"), *settings, *places])
    assert found.exit_code == 0, found.output
    assert "andre tal" in (tmp_path / "pages" / "fit_other.html").read_text(encoding="utf-8")


def test_targets_of_another_model_are_refused(folder: Path) -> None:
    text = (folder / "other_targets.yaml").read_text(encoding="utf-8").replace("model: three", "model: two", 1)
    (folder / "two_targets.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError, match="another model's") as caught:
        calibrate_command(folder / "three.yaml", targets="two_targets.yaml")
    assert "write `model: three`" in str(caught.value)


def test_no_such_targets_file(folder: Path) -> None:
    with pytest.raises(ScenarioError, match="no such targets file"):
        calibrate_command(folder / "three.yaml", targets="none.yaml")
    with pytest.raises(ScenarioError, match="no such targets file"):
        calibrate_command(folder / "three.yaml", targets="")
    found = CliRunner().invoke(main, ["calibrate", str(folder / "three.yaml"), "--resume", ""])
    assert "--resume names where to write" in found.output
