"""What a user of other people's draws, or of a model of their own, could not see or was told wrong."""

from __future__ import annotations

import json
import re
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


PARAMETERS = """discount_rate: {value: 0.035, unit: rate per year, kind: assumption}
h_return: {value: 0.04, unit: hazard per week, distribution: gamma, interval: [0.03, 0.05], kind: assumption}
h_death: {value: 0.0002, unit: hazard per week, kind: assumption}
hr_coaching: {value: 1.4, unit: ratio, distribution: lognormal, interval: [1.2, 1.6], kind: assumption}
benefit_week: {value: 4500, unit: DKK per week, price_year: 2024, kind: assumption}
coaching_cost: {value: 800, unit: DKK per individual, price_year: 2024, distribution: gamma, interval: [600, 1040],
                kind: assumption}
utility_sick: {value: 0.70, unit: utility, kind: assumption}
utility_work: {value: 0.80, unit: utility, kind: assumption}
"""
MODEL = """model: coaching
title: {en: Coaching, da: Coaching}
parameters: ./numbers.yaml
conventions: {cycle: week, cycles_per_year: 52, horizon: 1 year, within_cycle: none, discounting: whole_year,
              discount_rate_cost: discount_rate, discount_rate_effect: discount_rate, currency: DKK, price_year: 2024}
states:
  sick: {label: {en: Sick, da: Syg}}
  work: {label: {en: Work, da: Arbejde}}
  dead: {label: {en: Dead, da: Død}, alive: false}
population:
  start_state: {categories: {sick: 1}}
start: start_state
transitions:
  - {from: sick, to: work, hazard: h_return, leg: return}
  - {from: [sick, work], to: dead, hazard: h_death, lifelong: death}
strategies:
  usual_care: {label: {en: Usual care, da: Vanlig indsats}}
  coaching: {label: {en: Coaching, da: Coaching}}
strategy_effects:
  - {strategy: coaching, legs: [return], ratio: hr_coaching}
parties:
  municipality: {label: {en: Municipality, da: Kommune}}
  citizen: {label: {en: Citizen, da: Borger}}
  resources: {outside: true}
flows:
  - {item: benefit, from: municipality, to: citizen, states: [sick], amount: benefit_week}
  - {item: coaching, from: municipality, to: resources, per: start, amount: coaching_cost, strategies: [coaching],
     programme: true, real: coaching}
perspectives:
  municipality: {parties: [municipality], label: {en: Municipality, da: Kommune}}
effects:
  qaly: {unit: QALY, better: more, discount: true, factor: 1 / cycles_per_year,
         terms: [{states: [sick], amount: utility_sick}, {states: [work], amount: utility_work}]}
"""


def own(folder: Path, model: str = MODEL, parameters: str = PARAMETERS) -> str:
    """A model of a user's own, whose second strategy costs less and gives more; its path."""
    (folder / "numbers.yaml").write_text(f"parameters:\n{indented(parameters)}", encoding="utf-8")
    (folder / "coaching.yaml").write_text(model, encoding="utf-8")
    return str(folder / "coaching.yaml")


def indented(text: str) -> str:
    return "".join(f"  {line}\n" for line in text.splitlines())


@fault(kind="where a strategy dominates, the comparison with the comparator is lost",
       given="coaching costs less and gives more than usual care",
       right="a row of its extra cost with its 95 % interval")  # fmt: skip
def test_a_dominating_strategy_is_compared_with_the_comparator(tmp_path: Path) -> None:
    code, text = said("run", own(tmp_path), "--draws", "40", "--individuals", "200", "--seed", "1", "--quiet")
    assert code == 0, text
    tables = text.split("\n\n")
    against = next((table for table in tables if table.startswith("coaching against usual_care")), "")
    assert re.search(r"municipality +-[\d,]+ +[\d,]+ +-[\d,]+ to -?[\d,]+", against), text


@fault(kind="an own model cannot be asked at a willingness to pay in the shell", given="run --wtp 300000 --out",
       right="the decision, its probability and 101 points of the CEAC")  # fmt: skip
def test_a_run_takes_a_willingness_to_pay(tmp_path: Path) -> None:
    few = ("--draws", "20", "--individuals", "50", "--seed", "1", "--quiet", "--wtp", "300000")
    code, text = said("run", own(tmp_path), *few, "--out", str(tmp_path / "out"))
    assert code == 0, text
    assert re.search(r"The decision at 300,000 DKK per QALY.*\n.*\n *municipality +coaching", text), text
    curve = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))["perspectives"][
        "municipality"
    ]["ceac"]
    assert (len(curve["wtp"]), curve["wtp"][-1]) == (101, 600_000)


@fault(kind="a report without a willingness to pay has no CEAC and does not say so", given="an own model, --out",
       right="a sentence in the report and on the terminal")  # fmt: skip
def test_a_missing_curve_is_said(tmp_path: Path) -> None:
    few = ("--draws", "4", "--individuals", "20", "--seed", "1", "--quiet")
    code, text = said("run", own(tmp_path), *few, "--out", str(tmp_path / "out"))
    assert code == 0, text
    assert "No willingness to pay is stated" in text
    assert "No willingness to pay is stated" in (tmp_path / "out" / "report.html").read_text("utf-8")


@pytest.mark.parametrize(("typed", "value"), [
    pytest.param("hr_coaching=1", 1.0, marks=fault(
        kind="a parameter cannot be set in the shell", given="run --set hr_coaching=1", right="1 in summary.json")),
    pytest.param("benefit_week=4 100,5", 4100.5, marks=fault(
        kind="a parameter cannot be set in the shell", given="run --set benefit_week='4 100,5'", right="4100.5")),
])  # fmt: skip
def test_a_run_takes_a_figure(tmp_path: Path, typed: str, value: float) -> None:
    few = ("--draws", "4", "--individuals", "20", "--seed", "1", "--quiet", "--set", typed)
    code, text = said("run", own(tmp_path), *few, "--out", str(tmp_path / "out"))
    assert code == 0, text
    (row,) = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))["differences"]
    assert (row["name"], row["value"], row["kind"]) == (typed.split("=")[0], value, "assumption")
    assert "set on the command line" in text


@fault(kind="draws of parameters from elsewhere cannot be used", given="psa(values={'hr_coaching': [1, 1, 1]})",
       right="no effect in any draw")  # fmt: skip
def test_values_drawn_elsewhere_are_used(tmp_path: Path) -> None:
    study = ce.load(own(tmp_path))
    result = study.psa(individuals=40, seed=1, values={"hr_coaching": [1.0, 1.0, 1.0]}, progress=False)
    assert result.size == 3
    assert (result.effects_table()["increment"] == 0).all()
