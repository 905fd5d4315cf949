"""Anchors: what the commands print and write is what the functions return; figures are drawn from those numbers."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from costeff import Study, load, read_psa
from costeff.cli import main
from costeff.reporting.charts.tornado import tornado
from costeff.reporting.unit_names import parameter_unit
from costeff.sensitivity.conditional import conditional_one_way, conditional_threshold
from costeff.sensitivity.figures.threshold import threshold as threshold_figure
from costeff.sensitivity.figures.two_way import two_way as two_way_figure

FOLDER = Path(__file__).parents[1] / "data"
TABLE, LINEAR = FOLDER / "economics" / "sick_sicker_psa.csv", FOLDER / "dsa" / "linear_cohort.yaml"
LABELS = {s.name: s.label for s in load(LINEAR).model.strategies}


@cache
def study() -> Study:
    return load(LINEAR)


def said(*words: str) -> str:
    ran = CliRunner().invoke(main, [str(word) for word in words])
    assert ran.exit_code == 0, ran.output
    return ran.output


def test_dsa_on_a_scenario(tmp_path: Path) -> None:
    file = tmp_path / "dsa.json"
    asked = ["dsa", LINEAR, "--perspective", "payer", "--perspective", "all", "--json", file]
    text = said(*asked, "--figures", tmp_path / "figures", "--language", "da")
    assert "Incremental net cost: Payer (DKK per citizen), new against usual" in text
    assert "usual .. new" in text
    assert "south-east" in text
    assert "Parameter sets simulated: 13; points priced: 56; re-priced without a new simulation: 2 parameters." in text
    written = json.loads(file.read_text("utf-8"))
    assert list(written) == ["tornado_payer", "tornado_all"]
    for perspective in ("payer", "all"):
        table, found = study().one_way(perspective), written[f"tornado_{perspective}"]
        assert [row["name"] for row in found["rows"]] == table["name"].tolist()
        np.testing.assert_allclose([row["low_result"] for row in found["rows"]], table["low_result"])
        assert found["conventions"]["points"] == table.attrs["points"]
    counts = [written[f"tornado_{one}"]["conventions"]["simulations"] for one in ("payer", "all")]
    # the base and both ends of h and hr are shared between perspectives; where the best strategy changes is not
    assert counts[0] == study().one_way("payer").attrs["simulations"]
    assert 0 < counts[1] - counts[0] <= study().one_way("all").attrs["simulations"] - 5
    assert written["tornado_payer"]["conventions"]["perspective"] == "payer"
    pages = sorted(page.name for page in (tmp_path / "figures").glob("*.html"))
    assert pages == ["tornado_all.html", "tornado_payer.html"]
    assert "Meromkostning" in (tmp_path / "figures" / "tornado_payer.html").read_text("utf-8")


def test_a_range_and_a_choice_of_parameters() -> None:
    text = said("dsa", LINEAR, "--parameter", "care", "--range", "help", "0", "900", "--perspective", "all")
    rows = [line.split()[0] for line in text.splitlines() if line.strip().startswith(("care", "help", "h "))]
    assert sorted(rows) == ["care", "help"]


def test_two_way_and_scenarios(tmp_path: Path) -> None:
    file = tmp_path / "grid.json"
    text = said("dsa", LINEAR, "--two-way", "hr", "programme", "--grid", "3", "--json", file, "--figures", tmp_path)
    assert "Result by hr (down) and programme (across)" in text
    grid = study().two_way("hr", "programme", grid=3)
    rows = json.loads(file.read_text("utf-8"))["two_way_payer_hr_programme"]["rows"]
    np.testing.assert_allclose([row["result"] for row in rows], grid["result"].values.ravel())
    assert (tmp_path / "two_way_payer_hr_programme.html").is_file()
    assert (tmp_path / "plotly.min.js").stat().st_size > 1e6
    ends = said("dsa", LINEAR, "--two-way", "hr", "help", "--range", "help", "0", "100", "--grid", "2")
    assert "help" in ends
    few = ["--individuals", "20", "--batches", "2", "--perspective", "municipal"]
    side = said("dsa", "tki2", "--scenario", "no_effect", *few)
    assert "difference in net cost from tki2" in side
    assert "no_effect" in side


def test_threshold_on_a_scenario(tmp_path: Path) -> None:
    file = tmp_path / "threshold.json"
    text = said(
        "threshold", LINEAR, "--parameter", "programme", "--perspective", "payer", "--json", file, "--figures", tmp_path
    )
    assert "The result is zero at programme = 134.2 (Monte Carlo error 0); it rises there" in text
    (root,) = study().threshold("programme", "payer").roots
    written = json.loads(file.read_text("utf-8"))["threshold_payer_programme"]
    assert written["roots"][0]["value"] == root.value
    assert len(written["curve"]) == 21
    assert (tmp_path / "threshold_payer_programme.html").is_file()
    assert (tmp_path / "plotly.min.js").stat().st_size > 1e6
    none = said("threshold", LINEAR, "--parameter", "programme", "--low", "200", "--high", "400")
    assert "None within the range: between 200 and 400 the result is nowhere zero; it goes from 66 to 266." in none
    flat = said("threshold", LINEAR, "--parameter", "help", "--low", "0", "--high", "9", "--perspective", "payer")
    assert "does not depend on it: 16 everywhere" in flat
    held = said(
        "threshold",
        "tki2",
        "--parameter",
        "hr_self_support",
        "--individuals",
        "20",
        "--points",
        "3",
        "--perspective",
        "municipal",
    )
    assert "kept at base values: hr_unemployed_well" in held
    both = said(
        "threshold",
        "tki2",
        "--parameter",
        "hr_self_support",
        "--parameter",
        "hr_unemployed_well",
        "--individuals",
        "20",
        "--points",
        "3",
        "--perspective",
        "municipal",
    )
    assert "hr_self_support = hr_unemployed_well (ratio)" in both
    assert "kept at base values" not in both


def test_on_a_table(tmp_path: Path) -> None:
    file, evaluation = tmp_path / "dsa.json", read_psa(TABLE, currency="USD")
    text = said("dsa", TABLE, "--wtp", "100000", "--currency", "USD", "--json", file, "--figures", tmp_path)
    assert "Nothing was simulated" in text
    table = conditional_one_way(evaluation, wtp=100_000)
    rows = json.loads(file.read_text("utf-8"))["tornado"]["rows"]
    np.testing.assert_allclose([row["high_result"] for row in rows], table["high_result"])
    said("dsa", TABLE, "--wtp", "100000", "--two-way", "c_trtA", "u_trtA", "--grid", "3", "--figures", tmp_path)
    said("threshold", TABLE, "--wtp", "100000", "--parameter", "c_trtA", "--json", file, "--figures", tmp_path)
    (root,) = conditional_threshold(evaluation, "c_trtA", wtp=100_000).roots
    assert json.loads(file.read_text("utf-8"))["threshold_c_trtA"]["roots"][0]["value"] == root.value
    pages = sorted(page.name for page in tmp_path.glob("*.html"))
    assert pages == ["threshold_c_trtA.html", "tornado.html", "two_way.html"]


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["dsa", str(TABLE), "--individuals", "10"], "--individuals does not go with a PSA table"),
        (["dsa", str(TABLE), "--scenario", "tki2"], "--scenario does not go with a PSA table"),
        (["dsa", str(TABLE), "--range", "c_trtA", "0", "1"], "--range does not go"),
        (["dsa", str(TABLE), "--measure", "net_benefit"], "willingness to pay"),
        (["dsa", str(TABLE), "--parameter", "x"], "unknown parameter"),
        (["threshold", str(TABLE), "--parameter", "c_trtA", "--parameter", "c_trtB"], "several parameters"),
        (["threshold", str(TABLE), "--parameter", "c_trtA", "--high", "1e9"], "do not reach"),
        (["dsa", str(LINEAR), "--currency", "USD"], "--currency does not go with a scenario"),
        (["dsa", str(LINEAR), "--perspective", "payr"], "unknown name among perspectives"),
        (["dsa", str(LINEAR), "--two-way", "h", "hrr"], "unknown parameter"),
        (["dsa", "no_such"], "no shipped scenario"),
        (["threshold", str(LINEAR), "--parameter", "help"], "no interval"),
    ],
)
def test_mistakes_end_with_their_message(words: list[str], what: str) -> None:
    ran = CliRunner().invoke(main, words)
    assert ran.exit_code == 2
    assert what in ran.output


# -- figures ----


@pytest.mark.parametrize("language", ["en", "da"])
def test_the_tornado_marks_what_changes(language: str) -> None:
    table = load("tki2").one_way("municipal", individuals=20, batches=1, joint_draws=3)
    figure = tornado(table, table.attrs["base"], str(table.attrs[f"measure_{language}"]), language, with_marks=True)
    # rows that do not move the result have no bar
    still = (table["low_result"] - table.attrs["base"]).abs() + (table["high_result"] - table.attrs["base"]).abs()
    top = table[still > 1e-6].head(15)
    joint = top["joint"].to_numpy()
    assert joint.any()
    low, high, lower, upper = figure.data
    np.testing.assert_allclose(np.array(low.x) + low.base, top["low_result"][~joint])
    np.testing.assert_allclose(np.array(high.x) + high.base, top["high_result"][~joint])
    np.testing.assert_allclose(np.array(lower.x) + lower.base, top["low_result"][joint])
    np.testing.assert_allclose(np.array(upper.x) + upper.base, top["high_result"][joint])
    names = list(figure.layout.yaxis.categoryarray)
    assert ["◆" in name for name in names] == top["changes_preferred"].tolist()
    assert ["◇" in name for name in names] == top["changes_quadrant"].tolist()
    assert ("kvadrant" if language == "da" else "quadrant") in figure.layout.xaxis.title.text.replace("<br>", " ")
    assert len({trace.marker.color for trace in figure.data}) == 3


@pytest.mark.parametrize("language", ["en", "da"])
def test_the_heat_map_shows_the_grid(language: str) -> None:
    grid = study().two_way("hr", "programme", "payer", grid=4)
    figure = two_way_figure(grid, LABELS, language)
    heat, *marks, base = figure.data
    np.testing.assert_array_equal(heat.z, grid["result"].values.T)
    assert heat.zmin == -heat.zmax  # so that white is zero
    assert sum(len(mark.x) for mark in marks) == 16
    for mark, name in zip(marks, np.unique(grid["preferred"]), strict=True):
        for x, y in zip(mark.x, mark.y, strict=True):
            assert str(grid["preferred"].sel(hr=x, programme=y).values) == name
    assert (base.x[0], base.y[0]) == (1.5, 150)
    unit = "kr. pr. borger" if language == "da" else "DKK per individual"
    assert unit in figure.layout.yaxis.title.text
    assert ("Betaler" if language == "da" else "Payer") in heat.colorbar.title.text


@pytest.mark.parametrize("language", ["en", "da"])
def test_the_threshold_figure_shows_roots_or_says_that_there_are_none(language: str) -> None:
    found = study().threshold("h", "payer", low=0.01, high=5.0, target=20.0)
    figure = threshold_figure(found, language)
    diamonds = [trace for trace in figure.data if trace.marker.symbol == "diamond"]
    assert [trace.x[0] for trace in diamonds] == [root.value for root in found.roots]
    curve: Any = figure.data[0]
    assert len(curve.x) == 24  # 21 points, two roots, and the base case
    assert found.base_value in curve.x
    assert list(curve.x) == sorted(curve.x)
    none = threshold_figure(study().threshold("programme", "payer", low=200, high=400), language)
    title = none.layout.xaxis.title.text.replace("<br>", " ")
    assert ("Nås ikke mellem 200 og 400" if language == "da" else "Not reached between 200 and 400") in title
    noisy = study().threshold("hr", "payer", engine="microsim", individuals=200, batches=5, points=5)
    drawn = threshold_figure(noisy, language)
    assert drawn.data[0].fill == "toself"  # the Monte Carlo band
    assert drawn.layout.shapes[0].x0 == noisy.interval[0]  # type: ignore[index]


def test_units_in_danish() -> None:
    assert parameter_unit("DKK per week (may be negative)", "da") == "kr. pr. uge (kan være negativ)"
