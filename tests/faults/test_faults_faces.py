"""What a user of other people's draws, or of a model of their own, could not see or was told wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from fault import fault

import costeff as ce
from costeff.cli import main


def said(*arguments: str) -> tuple[int, str]:
    ended = CliRunner().invoke(main, list(arguments))
    assert ended.exception is None or isinstance(ended.exception, SystemExit), repr(ended.exception)
    return ended.exit_code, ended.output


def psa(folder: Path, draws: int) -> tuple[Path, float, float]:
    """A table of two strategies without parameters; its incremental cost, and its EVPI at 20,000."""
    rng = np.random.default_rng(draws)
    cost, effect = rng.normal([1000, 3000], 400, (draws, 2)), rng.normal([1.0, 1.1], 0.05, (draws, 2))
    rows = np.c_[cost, effect]
    file = folder / "psa.csv"
    text = "\n".join(",".join(f"{value:.17g}" for value in row) for row in rows)
    file.write_text(f"cost_A,cost_B,effect_A,effect_B\n{text}\n", encoding="utf-8")
    net = 20_000 * effect - cost
    return file, (cost[:, 1] - cost[:, 0]).mean(), net.max(axis=1).mean() - net.mean(axis=0).max()


@pytest.mark.parametrize("draws", [
    pytest.param(draws, marks=fault(
        kind="a table of draws has no ICER table, CEAC, EVPI and report in the shell",
        given=f"two strategies, {draws} draws, no parameters", right="its increments, EVPI and a report"))
    for draws in (12, 49, 400)
])  # fmt: skip
def test_a_table_has_its_analysis(tmp_path: Path, draws: int) -> None:
    file, increment, evpi = psa(tmp_path, draws)
    out = tmp_path / "out"
    code, text = said("cea", str(file), "--wtp", "20000", "--out", str(out))
    assert code == 0, text
    summary = (out / "summary.json").read_text("utf-8")
    assert f"{increment:.6g}"[:6] in summary
    assert f'"evpi": {evpi:.6g}'[:12] in summary
    assert "Perfect information (EVPI)" in (out / "report.html").read_text("utf-8")


@fault(kind="an evaluation of other people's draws has no report in Python", given="read_psa(...) of two strategies",
       right="report(path) writes one HTML file")  # fmt: skip
def test_an_evaluation_has_a_report(tmp_path: Path) -> None:
    file, _, _ = psa(tmp_path, 20)
    ce.read_psa(file).report(tmp_path / "out.html", wtp=20_000)
    assert "Each strategy against A" in (tmp_path / "out.html").read_text("utf-8")


@fault(kind="no curve of one strategy against the comparator where there are several",
       given="three strategies; C against A alone at 100", right="0.75")  # fmt: skip
def test_a_pair_has_its_own_probability() -> None:
    cost, effect = np.zeros((4, 3)), np.array([[0, 9, 1], [0, 9, 1], [0, 0, 1], [0, 9, -1]], float)
    three = ce.Evaluation("p", "e", ("A", "B", "C"), "A", cost, effect)
    assert three.keep("A", "C").ceac(100)["probability"].values[0, 1] == 0.75


@pytest.mark.parametrize("shown", [
    pytest.param(shown, marks=fault(
        kind="a result prints all of its numbers at a prompt", given=f"repr of {shown}, 200 draws",
        right="at most 400 characters"))
    for shown in ("an evaluation",)
])  # fmt: skip
def test_a_prompt_is_not_flooded(shown: str) -> None:
    values = np.random.default_rng(0).normal(size=(200, 2))
    evaluation = ce.Evaluation("p", "e", ("A", "B"), "A", values, values, parameters={"x": values[:, 0]})
    assert len({"an evaluation": repr}[shown](evaluation)) <= 400
