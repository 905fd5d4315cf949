"""Anchors: what cannot be answered or written is refused before a run; tables shown are those of the library."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from costeff import Study, load, read_psa
from costeff.cea.figures.subgroups import subgroups
from costeff.cea.stratified import stratified
from costeff.cea.text import by_subgroup
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
        (["voi", "tki2", "--wtp", "1", "--perspective", "municpal"], "did you mean 'municipal'"),
        (["voi", "tki2", "--wtp", "1", "--matrix", "stat"], "did you mean 'state'"),
        (["voi", "tki2", "--wtp", "1", "--subgroups", "sex"], "take subgroups of diagnosis"),
        (["voi", "tki2", "--wtp", "1", "--effect", "qualy"], "did you mean 'qaly'"),
        (["voi", "tki2", "--wtp", "1", "--implementation", "uptak=1"], "uptake=0.1"),
        (["voi", "tki2", "--wtp", "-1"], "not negative"),
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


def test_matrix_and_subgroups_of_the_command_are_the_librarys(tmp_path: Path) -> None:
    file, run = tmp_path / "voi.json", ["--draws", "50", "--individuals", "10", "--quiet"]
    asked = ["voi", "tki2", "--wtp", "0", "--wtp", "300000", *run, "--language", "da", "--json", str(file)]
    views = ["--matrix", "municipal", "--matrix", "state", "--subgroups", "diagnosis"]
    ran = CliRunner().invoke(main, [*asked, *views, "--figures", str(tmp_path / "figures")])
    assert ran.exit_code == 0, ran.output
    written = json.loads(file.read_text("utf-8"))
    study = load("tki2")
    result = study.psa(50, 10, progress=False)
    matrix = result.decision_matrix([0, 300_000], ["municipal", "state"])
    assert [row["preferred"] for row in written["decision_matrix"]["rows"]] == matrix[
        "preferred"
    ].values.ravel().tolist()
    groups = study.subgroups("diagnosis", "municipal", draws=50, individuals=10, progress=False)
    value = stratified(groups, [0, 300_000])
    np.testing.assert_allclose([row["value"] for row in written["subgroups"]["value"]], value["value"])
    rows = [row for row in written["subgroups"]["rows"] if row["wtp"] == 300_000]
    own = [float(value["nmb"].sel(wtp=300_000, subgroup=row["subgroup"]).values @ [-1, 1]) for row in rows]
    np.testing.assert_allclose([row["incremental_nmb"] for row in rows], own)
    names = {page.name for page in (tmp_path / "figures").iterdir()}
    assert {"decision_matrix.html", "subgroups_diagnosis_0.html", "subgroups_diagnosis_300000.html"} <= names
    page = (tmp_path / "figures" / "subgroups_diagnosis_0.html").read_text("utf-8")
    assert page.startswith('<!DOCTYPE html>\n<html lang="da">')
    assert "Hjertesygdom" in page
    assert "Decision matrix" in ran.output
    assert "Results by diagnosis" in ran.output
    table = by_subgroup(groups, [0, 300_000])
    figure = subgroups(table, {}, "en", wtp=300_000)
    np.testing.assert_allclose(figure.data[0].x, own)
    low = np.asarray(figure.data[0].x) - np.asarray(figure.data[0].error_x.arrayminus)
    np.testing.assert_allclose(low, table[table["wtp"] == 300_000]["lower"])
