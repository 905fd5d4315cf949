"""Anchors: what the command prints and writes is what evpi and evppi return; figures show those numbers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from costeff import Evaluation, load, read_psa
from costeff.cea.figures.subgroups import subgroups
from costeff.cea.stratified import stratified
from costeff.cea.text import by_subgroup
from costeff.cli import main
from costeff.voi.evsi import enbs
from costeff.voi.figures import voi as figure_voi
from costeff.voi.text import printed_voi, voi
from costeff.voi.trial_design import Endpoint, TrialDesign

TABLE = Path(__file__).parents[1] / "data" / "economics" / "sick_sicker_psa.csv"


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    return read_psa(TABLE, currency="USD")


def test_command_on_a_table(tmp_path: Path, evaluation: Evaluation) -> None:
    file = tmp_path / "voi.json"
    asked = ["voi", str(TABLE), "--wtp", "80000", "--wtp", "120000", "--group", "u_S1,u_trtA", "--currency", "USD"]
    people = ["--population", "1000", "--years", "2", "--discount-rate", "0", "--json", str(file)]
    ran = CliRunner().invoke(main, [*asked, *people, "--figures", str(tmp_path / "figures")])
    assert ran.exit_code == 0, ran.output
    assert "5,600" in ran.output  # the published EVPI at 80,000 is 5,583; its error is in the hundreds
    written = json.loads(file.read_text("utf-8"))
    assert round(written["evpi"][0]["evpi"]) == 5583
    assert 100 <= written["evpi"][0]["evpi_mcse"] < 950
    assert written["conventions"]["currency"] == "USD"
    perfect = evaluation.evpi([80_000, 120_000])["evpi"].values
    np.testing.assert_allclose([row["evpi"] for row in written["evpi"]], perfect)
    np.testing.assert_allclose([row["population_evpi"] for row in written["evpi"]], 2000 * perfect)
    both = evaluation.evppi(["u_S1", "u_trtA"], [80_000, 120_000])["evppi"].values[0]
    found = [row["evppi"] for row in written["evppi"] if row["group"] == "u_S1,u_trtA"]
    np.testing.assert_allclose(found, both)
    assert len(written["evppi"]) == 2 * 17
    pages = sorted(page.name for page in (tmp_path / "figures").glob("*.html"))
    assert pages == ["evpi.html", "evppi_120000.html", "evppi_80000.html", "evppi_curves.html"]


def test_values_hardly_told_from_0_are_named() -> None:
    """Those shown whose value is below 2.5 times its error, and no others; without any, no sentence."""
    rng = np.random.default_rng(5)
    x, y, luck = rng.normal(0, 1, (3, 400))
    zero = np.zeros(400)
    cost = np.column_stack([zero, 1 - x + 0.6 * y + luck])
    one = Evaluation("m", "q", ("usual", "new"), "usual", cost, np.zeros((400, 2)), parameters={"x": x, "y": y})
    tables = voi(one, [0.0])
    part = tables[1].isel(wtp=0)
    rough = (part["evppi"] < 2.5 * part["evppi_mcse"]) & (part["evppi_mcse"] > 0)
    assert rough.sel(group=["x", "y"]).values.tolist() == [False, True]
    last = printed_voi(*tables).splitlines()[-1]
    assert last.startswith("Less than 2.5 times its error")
    assert last.endswith(": y.")
    assert "times its error" not in printed_voi(*voi(one, [0.0], leave_out=["y"]))


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (["--wtp", "-1"], "out of range"),
        (["--wtp", "1", "--group", "u_S1,x"], "unknown"),
        (["--wtp", "1", "--years", "3"], "without a population"),
        (["--wtp", "1", "--comparator", "x"], "comparator"),
    ],
)
def test_mistakes_end_with_their_message(options: list[str], what: str) -> None:
    ran = CliRunner().invoke(main, ["voi", str(TABLE), *options])
    assert ran.exit_code == 2
    assert what in ran.output


@pytest.mark.parametrize("language", ["en", "da"])
def test_figures_show_the_numbers(evaluation: Evaluation, language: str) -> None:
    wtp = np.arange(0, 200_001, 20_000)
    information, partial = evaluation.evpi(wtp), evaluation.evppi(None, wtp)
    curve = figure_voi.evpi(information, language)
    np.testing.assert_array_equal(curve.data[-1].y, information["evpi"])
    assert "USD" in curve.layout.yaxis.title.text
    bars = figure_voi.evppi_bars(partial, {}, language, wtp=120_000, most=5)
    here = partial.sel(wtp=120_000)["evppi"].to_series().sort_values(ascending=False)
    np.testing.assert_array_equal(bars.data[0].x, here.iloc[:5])
    assert list(bars.data[0].y) == here.index[:5].tolist()
    assert (bars.data[0].x - bars.data[0].error_x.arrayminus >= 0).all()
    many = figure_voi.evppi_curves(partial, {}, language, most=3)
    assert len(many.data) == 3
    assert len({(line.line.color, line.line.dash) for line in many.data}) == 3


@pytest.mark.parametrize("language", ["en", "da"])
def test_figures_of_a_study(language: str) -> None:
    rng = np.random.default_rng(1)
    gain, zero = rng.normal(0.1, 0.3, 2000), np.zeros(2000)
    cost = np.column_stack([zero, zero + 0.05])
    one = Evaluation("m", "q", ("usual", "new"), "usual", cost, np.column_stack([zero, gain]), parameters={"g": gain})
    design = TrialDesign((Endpoint("g", {"usual": 0.0, "new": "g"}, sd=1.0, contrast=True),), {"usual": 1, "new": 2})
    sizes = [10, 50, 100, 500, 1000]
    found = one.evsi(design, [0.5, 1], participants=sizes, method="gaussian", population=1e5)
    net = enbs(found, fixed_cost=100, cost_per_participant=2)
    curve = figure_voi.evsi(found, language, wtp=1)
    np.testing.assert_array_equal(curve.data[-2].y, found["evsi"].sel(wtp=1))
    np.testing.assert_array_equal(curve.data[-1].y, [float(found["evppi_limit"].sel(wtp=1))] * 2)
    np.testing.assert_array_equal(curve.data[-1].x, [0, sizes[-1]])
    chosen = figure_voi.enbs(net, language, wtp=1)
    np.testing.assert_array_equal(chosen.data[-2].y, net["enbs"].sel(wtp=1))
    assert list(chosen.data[-1].x) == [float(net["best_participants"].sel(wtp=1))]


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
