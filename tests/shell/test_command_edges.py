"""Anchors: what cannot be answered or written is refused before a run; tables shown are those of the library."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from costeff import Study, load, read_psa
from costeff.cli import main
from costeff.labels import Label
from costeff.sensitivity.conditional import conditional_one_way
from costeff.sensitivity.figures.scenarios import scenarios

FOLDER = Path(__file__).parents[1] / "data"
TABLE, LINEAR = FOLDER / "economics" / "sick_sicker_psa.csv", FOLDER / "dsa" / "linear_cohort.yaml"
COMMANDS = {
    "dsa": ["dsa", str(TABLE)],
    "threshold": ["threshold", str(TABLE), "--parameter", "c_trtA"],
    "gsa": ["gsa", str(TABLE), "--strategy", "AB"],
    "voi": ["voi", str(TABLE), "--wtp", "80000"],
}


def refusal(words: list[str]) -> str:
    ran = CliRunner().invoke(main, words)
    assert ran.exit_code == 2, ran.output
    assert isinstance(ran.exception, SystemExit)
    assert "Way out" in ran.output
    return ran.output


@pytest.mark.parametrize("command", COMMANDS)
def test_what_cannot_be_written_is_refused_before_a_run(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setattr("costeff.shell.table_options_read.read_psa", lambda *_, **__: pytest.fail("it was read"))
    said = refusal([*COMMANDS[command], "--json", str(tmp_path / "not there" / "out.json")])
    assert "is not there" in said
    assert "choose another --json" in said
    said = refusal([*COMMANDS[command], "--figures", str(tmp_path / "file" / "figures")])
    assert "is a file" in said
    assert "choose another --figures" in said
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["dsa", LINEAR, "--perspective", "payr"], "did you mean payer"),
        (["dsa", LINEAR, "--strategy", "x"], "strategies: "),
        (["dsa", LINEAR, "--parameter", "programe"], "did you mean programme"),
        (["threshold", LINEAR, "--parameter", "programe"], "did you mean programme"),
        (["dsa", LINEAR, "--wtp", "-1"], "finite and not negative"),
        (["dsa", LINEAR, "--grid", "3"], "add --two-way A B"),
        (["dsa", LINEAR, "--two-way", "hr", "hr"], "two different names"),
        (["dsa", LINEAR, "--two-way", "hr", "care", "--parameter", "hr"], "--parameter does not go with a grid"),
        (["dsa", LINEAR, "--two-way", "hr", "care", "--range", "help", "0", "1"], "not in the grid"),
        (["dsa", LINEAR, "--two-way", "hr", "care", "--scenario", "tki2"], "two analyses"),
        (["dsa", LINEAR, "--scenario", "tki2", "--level", "0.9"], "--level does not go with scenarios"),
        (["dsa", LINEAR, "--scenario", "tki2", "--measure", "effect"], "--measure does not go with scenarios"),
        (["dsa", TABLE, "--perspective", "payer"], "(value: payer)"),
        (["gsa", TABLE, "--strategy", "AB", "--effect", "qaly"], "no column fits --effect"),
    ],
)
def test_mistakes_are_refused_before_a_run(words: list[object], what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in ("costeff.simulation.simulate.simulate", "costeff.sensitivity.points.simulate"):
        monkeypatch.setattr(place, lambda *_, **__: pytest.fail("it was run"))
    assert what in refusal([str(word) for word in words])


def test_another_strategy_of_a_table_is_compared() -> None:
    ran = CliRunner().invoke(main, ["dsa", str(TABLE), "--wtp", "100000", "--strategy", "B"])
    assert ran.exit_code == 0, ran.output
    base = conditional_one_way(read_psa(TABLE), wtp=100_000, strategy="B").attrs["base"]
    assert "B against SoC" in ran.output
    assert f"Mean of all draws: {base:,.0f}; " in ran.output
    assert "preferred (highest net benefit): B" in ran.output


def test_scenarios_side_by_side_are_drawn() -> None:
    study = load(LINEAR)
    cheap = Study(study.model, study.evidence.override({"programme": 0}), study.scenario)
    other = Study(cheap.model, cheap.evidence, type(study.scenario)(**{**vars(study.scenario), "name": "cheap"}))
    table = study.scenario_table([other])
    figure = scenarios(table, {"payer": Label("Payer", "Betaler")}, "da", titles={"cheap": Label("Cheap", "Billig")})
    assert [trace.name for trace in figure.data] == ["linear_cohort", "Billig"]
    assert "Betaler" in figure.layout.yaxis.ticktext
    for trace in figure.data:
        name = "cheap" if trace.name == "Billig" else trace.name
        np.testing.assert_array_equal(trace.x, table[table["scenario"] == name]["incremental_cost"])
    assert figure.layout.xaxis.title.text.startswith("Meromkostning")
    worth = scenarios(study.scenario_table([other], wtp=1000), {}, "en")
    np.testing.assert_array_equal(
        worth.data[0].x, study.scenario_table([other], wtp=1000).query("scenario == 'linear_cohort'")["net_benefit"]
    )
