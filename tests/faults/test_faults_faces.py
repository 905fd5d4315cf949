"""What a user of other people's draws, or of a model of their own, could not see or was told wrong."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from coaching import MODEL, PARAMETERS, own
from fault import fault

import costeff as ce
from costeff.cli import main
from costeff.errors import CosteffError


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


@pytest.mark.parametrize(
    "draws",
    [
        pytest.param(
            draws,
            marks=fault(
                kind="a table of draws has no ICER table, CEAC, EVPI and report in the shell",
                given=f"two strategies, {draws} draws, no parameters",
                right="its increments, EVPI and a report",
            ),
        )
        for draws in (12, 49, 400)
    ],
)
def test_a_table_has_its_analysis(tmp_path: Path, draws: int) -> None:
    file, increment, evpi = psa(tmp_path, draws)
    out = tmp_path / "out"
    code, text = said("cea", str(file), "--wtp", "20000", "--out", str(out))
    assert code == 0, text
    summary = (out / "summary.json").read_text("utf-8")
    assert f"{increment:.6g}"[:6] in summary
    assert f'"evpi": {evpi:.6g}'[:12] in summary
    assert "Perfect information (EVPI)" in (out / "report.html").read_text("utf-8")


@fault(
    kind="an evaluation of other people's draws has no report in Python",
    given="read_psa(...) of two strategies",
    right="report(path) writes one HTML file",
)
def test_an_evaluation_has_a_report(tmp_path: Path) -> None:
    file, _, _ = psa(tmp_path, 20)
    ce.read_psa(file).report(tmp_path / "out.html", wtp=20_000)
    assert "Each strategy against A" in (tmp_path / "out.html").read_text("utf-8")


@fault(
    kind="no curve of one strategy against the comparator where there are several",
    given="three strategies; C against A alone at 100",
    right="0.75",
)
def test_a_pair_has_its_own_probability() -> None:
    cost, effect = np.zeros((4, 3)), np.array([[0, 9, 1], [0, 9, 1], [0, 0, 1], [0, 9, -1]], float)
    three = ce.Evaluation("p", "e", ("A", "B", "C"), "A", cost, effect)
    assert three.keep("A", "C").ceac(100)["probability"].values[0, 1] == 0.75


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param(
            shown,
            marks=fault(
                kind="a result prints all of its numbers at a prompt",
                given=f"repr of {shown}, 200 draws",
                right="at most 400 characters",
            ),
        )
        for shown in ("an evaluation",)
    ],
)
def test_a_prompt_is_not_flooded(shown: str) -> None:
    values = np.random.default_rng(0).normal(size=(200, 2))
    evaluation = ce.Evaluation("p", "e", ("A", "B"), "A", values, values, parameters={"x": values[:, 0]})
    assert len({"an evaluation": repr}[shown](evaluation)) <= 400


@fault(
    kind="where a strategy dominates, the comparison with the comparator is lost",
    given="coaching costs less and gives more than usual care",
    right="a row of its extra cost with its 95 % interval",
)
def test_a_dominating_strategy_is_compared_with_the_comparator(tmp_path: Path) -> None:
    code, text = said("run", own(tmp_path), "--draws", "40", "--individuals", "200", "--seed", "1", "--quiet")
    assert code == 0, text
    tables = text.split("\n\n")
    against = next((table for table in tables if table.startswith("coaching against usual_care")), "")
    assert re.search(r"municipality +-[\d,]+ +[\d,]+ +-[\d,]+ to -?[\d,]+", against), text


@fault(
    kind="an own model cannot be asked at a willingness to pay in the shell",
    given="run --wtp 300000 --out",
    right="the decision, its probability and 101 points of the CEAC",
)
def test_a_run_takes_a_willingness_to_pay(tmp_path: Path) -> None:
    few = ("--draws", "20", "--individuals", "50", "--seed", "1", "--quiet", "--wtp", "300000")
    code, text = said("run", own(tmp_path), *few, "--out", str(tmp_path / "out"))
    assert code == 0, text
    assert re.search(r"The decision at 300,000 DKK per QALY.*\n.*\n *municipality +coaching", text), text
    curve = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))["perspectives"]["municipality"]["ceac"]
    assert (len(curve["wtp"]), curve["wtp"][-1]) == (101, 600_000)


@fault(
    kind="a report without a willingness to pay has no CEAC and does not say so",
    given="an own model, --out",
    right="a sentence in the report and on the terminal",
)
def test_a_missing_curve_is_said(tmp_path: Path) -> None:
    few = ("--draws", "4", "--individuals", "20", "--seed", "1", "--quiet")
    code, text = said("run", own(tmp_path), *few, "--out", str(tmp_path / "out"))
    assert code == 0, text
    assert "No willingness to pay is stated" in text
    assert "No willingness to pay is stated" in (tmp_path / "out" / "report.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        pytest.param(
            "hr_coaching=1",
            1.0,
            marks=fault(
                kind="a parameter cannot be set in the shell",
                given="run --set hr_coaching=1",
                right="1 in summary.json",
            ),
        ),
        pytest.param(
            "benefit_week=4 100,5",
            4100.5,
            marks=fault(
                kind="a parameter cannot be set in the shell", given="run --set benefit_week='4 100,5'", right="4100.5"
            ),
        ),
    ],
)
def test_a_run_takes_a_figure(tmp_path: Path, typed: str, value: float) -> None:
    few = ("--draws", "4", "--individuals", "20", "--seed", "1", "--quiet", "--set", typed)
    code, text = said("run", own(tmp_path), *few, "--out", str(tmp_path / "out"))
    assert code == 0, text
    (row,) = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))["differences"]
    assert (row["name"], row["value"], row["kind"]) == (typed.split("=")[0], value, "assumption")
    assert "set on the command line" in text


@fault(
    kind="draws of parameters from elsewhere cannot be used",
    given="psa(values={'hr_coaching': [1, 1, 1]})",
    right="no effect in any draw",
)
def test_values_drawn_elsewhere_are_used(tmp_path: Path) -> None:
    study = ce.load(own(tmp_path))
    result = study.psa(individuals=40, seed=1, values={"hr_coaching": [1.0, 1.0, 1.0]}, progress=False)
    assert result.simulated.quantities.draws == 3
    assert (result.effects_table()["increment"] == 0).all()


def way_out(folder: Path, model: str, parameters: str = PARAMETERS) -> str:
    """What is said of a file that is refused."""
    with pytest.raises(CosteffError) as caught:
        ce.load(own(folder, model, parameters))
    return str(caught.value)


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param(
            asked,
            marks=fault(
                kind="a cost that ends is refused without the way to write it",
                given=asked,
                right="use a band, with lines that work",
            ),
        )
        for asked in (
            "amount: 'where(t < 12, benefit_week, 0)'",
            "amount: 'benefit_week * (week < 12)'",
            *(f"amount: benefit_week, {key}: 26" for key in ("within", "until", "for")),
        )
    ],
)
def test_a_cost_that_ends_is_written_with_a_band(tmp_path: Path, asked: str) -> None:
    said = way_out(tmp_path, MODEL.replace("amount: benefit_week", asked))
    lines = re.search(r"declare (bands: \{.*?\}\}) and give the flow (share: \{.*?\})", said)
    assert lines is not None, said
    mended = MODEL.replace("amount: benefit_week", f"amount: benefit_week, {lines[2]}") + f"{lines[1]}\n"
    items = ce.load(own(tmp_path, mended)).run(50, seed=1, progress=False).items().set_index("item")
    assert 0 < items.loc["benefit", "usual_care"] < 26 * 4500


@pytest.mark.parametrize(
    "formula",
    [
        pytest.param(
            formula,
            marks=fault(
                kind="a decimal comma in a function is read as two numbers",
                given=formula,
                right="refused with both readings",
            ),
        )
        for formula in ("max(0,5, benefit_week)", "min(1,5, benefit_week)", "max(benefit_week, 2,5)")
    ],
)
def test_a_decimal_comma_in_a_function_is_refused(tmp_path: Path, formula: str) -> None:
    said = way_out(tmp_path, MODEL.replace("amount: benefit_week", f"amount: '{formula}'"))
    assert "can be read as one number or as two" in said


@pytest.mark.parametrize(
    "key",
    [
        pytest.param(
            key,
            marks=fault(
                kind="a way out that loses the number", given=f"{key}: 0.005 of a parameter", right="did you mean 'se'?"
            ),
        )
        for key in ("stdev", "standard_deviation", "sigma", "std_dev")
    ],
)
def test_a_spread_is_not_dropped(tmp_path: Path, key: str) -> None:
    said = way_out(tmp_path, MODEL, PARAMETERS.replace("interval: [0.03, 0.05]", f"{key}: 0.005"))
    assert "did you mean 'se'?" in said


@fault(
    kind="a willingness to pay in a model is refused without its place",
    given="wtp: 300000 in a model",
    right="a scenario file, or run --wtp",
)
def test_wtp_in_a_model_is_sent_to_its_place(tmp_path: Path) -> None:
    said = way_out(tmp_path, MODEL + "wtp: 300000\n")
    assert "costeff run --wtp 300000" in said


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(
            value,
            marks=fault(
                kind="a number for wtp is refused without its keys",
                given=f"wtp: {value} in a scenario",
                right="the line that works",
            ),
        )
        for value in ("300000", "[0, 600000]")
    ],
)
def test_wtp_in_a_scenario_becomes_a_mapping(tmp_path: Path, value: str) -> None:
    own(tmp_path)
    file, text = tmp_path / "ours.yaml", "scenario: ours\nmodel: ./coaching.yaml\n"
    file.write_text(f"{text}wtp: {value}\n", encoding="utf-8")
    with pytest.raises(CosteffError) as caught:
        ce.load(str(file))
    line = re.search(r"write (wtp: \{.*?\})", str(caught.value))
    assert line is not None, caught.value
    file.write_text(f"{text}{line[1].replace('EFFECT', 'qaly')}\n", encoding="utf-8")
    assert ce.load(str(file)).scenario.wtp.range[1] == 600_000
