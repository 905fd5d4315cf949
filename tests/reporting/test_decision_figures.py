"""Anchored in the numbers put in: figures of decisions and sensitivity hold exactly what economics returned."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from chromium import CHROMIUM
from click.testing import CliRunner
from present_example import example_content
from scipy.stats import t as student

from costeff import read_psa
from costeff.cea.decision_matrix import decision_matrix
from costeff.cea.figures import decisions as figure_decisions
from costeff.cea.mixed import mixed_strategy
from costeff.cea.risk_aversion import risk_aversion
from costeff.cli import main
from costeff.precision import figures as figure_convergence
from costeff.precision.convergence import convergence
from costeff.sensitivity.figures import global_ as figure_gsa
from costeff.sensitivity.global_ import GlobalSensitivity, gsa
from costeff.sensitivity.sampling import design, indices

CONTENT = example_content(wtp_at=250_000.0)
VIEWS = {view.name: view.evaluation for view in CONTENT.perspectives}
ONE = VIEWS["municipal"]
LABELS = {**CONTENT.strategies, **{view.name: view.label for view in CONTENT.perspectives}}
TABLE = Path(__file__).parents[1] / "data" / "economics" / "sick_sicker_psa.csv"
WTP = np.linspace(0, 500_000, 11)


@pytest.mark.parametrize(
    ("asked", "title"),
    [
        ({"wtp": 250_000}, "Ekstra nettogevinst ved 250.000 kr. pr. QALY, kr. pr. borger"),
        ({"result": "incremental_cost"}, "Meromkostning, kr. pr. borger"),
        ({"result": "incremental_effect"}, "Ekstra effekt, QALY pr. borger"),
    ],
)
def test_convergence_shows_the_band_of_its_error(asked: dict[str, Any], title: str) -> None:
    running = convergence(ONE, **asked)
    figure = figure_convergence.convergence(running, LABELS, "da")
    band, line = figure.data
    np.testing.assert_array_equal(line.y, running["mean"].values[:, 0])
    enough = running["draws"].values >= 5  # no error of fewer is drawn
    counts, errors = running["draws"].values[enough], running["mcse"].values[enough, 0]
    np.testing.assert_array_equal(band.x[: len(counts)], counts)
    upper = band.y[: len(counts)] - np.asarray(line.y)[enough]
    np.testing.assert_allclose(upper, student.ppf(0.975, counts - 1) * errors)
    assert title in figure.layout.yaxis.title.text.replace("<br>", " ").replace("\u00a0", " ")


def sensitivity(method: str) -> GlobalSensitivity:
    if method in ("pawn", "regression"):
        return gsa(read_psa(TABLE, currency="USD", comparator="SoC"), method, strategy="B", wtp=1e5)
    made = design(method, {"alpha": "a", "both of them": "bc"}, 16)
    halves = (made.uniforms @ [1.0, 2.0, 3.0])[:, None] + np.random.default_rng(1).normal(0, 0.1, (made.points, 2))
    told = {"result": "incremental_cost", "currency": "DKK", "effect_unit": "QALY", "perspective": "municipal"}
    table = indices(made, halves.mean(axis=1), halves)
    return GlobalSensitivity(
        method, table, {**told, **table.attrs, "strategy": "new", "comparator": "old", "unit": "DKK"}
    )


@pytest.mark.parametrize("language", ["en", "da"])
@pytest.mark.parametrize("method", ["sobol", "morris", "pawn", "regression"])
def test_sensitivity_holds_its_table(method: str, language: str) -> None:
    found = sensitivity(method)
    figure = figure_gsa.sensitivity(found, {}, language, most=10)
    top = found.table.head(10)
    if method == "morris":
        single, joint = figure.data
        assert (list(single.x), list(single.y)) == (
            top.loc[top["factor"] == "alpha", "mu_star"].tolist(),
            top.loc[top["factor"] == "alpha", "sigma"].tolist(),
        )
        assert list(joint.y) == [0.0]
        return
    column = {"sobol": "first_corrected", "pawn": "median", "regression": "first"}[method]
    bar = figure.data[0]
    np.testing.assert_array_equal(bar.x, top[column])
    assert bar.y[0] == top["factor"][0]
    if method == "pawn":
        assert figure.layout.shapes[0].x0 == found.attrs["floor"]
    if method == "sobol":
        np.testing.assert_allclose(bar.error_x.array, top["first_corrected_upper"] - top["first_corrected"])
        np.testing.assert_array_equal(figure.data[1].x, top["total_corrected"])
    if method == "regression":
        np.testing.assert_allclose(bar.error_x.array, student.ppf(0.975, found.attrs["points"] - 1) * top["first_mcse"])


def test_command_on_a_table(tmp_path: Path) -> None:
    asked = ["gsa", str(TABLE), "--strategy", "B", "--wtp", "100000", "--currency", "USD", "--comparator", "SoC"]
    file = tmp_path / "gsa.json"
    ran = CliRunner().invoke(main, [*asked, "--json", str(file), "--figures", str(tmp_path / "out")])
    assert ran.exit_code == 0, ran.output
    written = json.loads(file.read_text("utf-8"))
    found = sensitivity("regression")
    assert [row["factor"] for row in written["factors"]] == found.table["factor"].tolist()
    np.testing.assert_allclose([row["first"] for row in written["factors"]], found.table["first"])
    assert written["conventions"]["wtp"] == 100_000
    assert written["conventions"]["noise_share"] is None
    assert "c_trtB" in ran.output
    assert (tmp_path / "out" / "gsa_regression.html").stat().st_size > 10_000
    for options, what in (
        (["--method", "sobol"], "needs runs of its own"),
        (["--size", "64"], "--size does not go with a PSA table"),
    ):
        ran = CliRunner().invoke(main, [*asked, *options])
        assert (ran.exit_code, what in ran.output) == (2, True), ran.output


def test_command_on_a_scenario() -> None:
    asked = ["gsa", "sick_sicker", "--perspective", "health_care", "--strategy", "B", "--size", "16", "--quiet"]
    ran = CliRunner().invoke(main, asked)
    assert ran.exit_code == 0, ran.output
    assert "Global sensitivity (sobol) of incremental_nmb of B against SoC at 100,000 USD per QALY" in ran.output
    assert "c_trtB" in ran.output
    ran = CliRunner().invoke(main, ["gsa", "sick_sicker", "--perspective", "health_care", "--quiet"])
    assert (ran.exit_code, "which strategy?" in ran.output) == (2, True)
    ran = CliRunner().invoke(main, ["gsa", "sick_sicker", "--perspective", "nobody", "--strategy", "B"])
    assert (ran.exit_code, "nobody" in ran.output) == (2, True)


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium: set CHROMIUM to its path")
def test_every_figure_is_drawn_and_keeps_its_texts_inside(browser: Any, tmp_path: Path) -> None:
    """In a real browser, 700 pixels wide, Danish: marks are there, no text leaves the figure, nothing complains."""
    figures = {
        "loss": figure_decisions.expected_loss(ONE.expected_loss(WTP), LABELS, "da"),
        "matrix": figure_decisions.decision_matrix(decision_matrix(VIEWS, [0, 1e5, 2.5e5, 5e5]), LABELS, "da"),
        "mixed": figure_decisions.mixed_strategy(mixed_strategy(ONE, WTP, shares={"tki2": 1.0}), LABELS, "da"),
        "risk": figure_decisions.risk_aversion(risk_aversion(ONE, 1e5, [0, 1e-5, 1e-4]), LABELS, "da", wtp=1e5),
        "convergence": figure_convergence.convergence(convergence(ONE, 1e5), LABELS, "da"),
    } | {method: figure_gsa.sensitivity(sensitivity(method), {}, "da") for method in ("sobol", "morris", "pawn")}
    script = figures["loss"].to_html(full_html=False, include_plotlyjs=True)
    body = "".join(
        f"<div id='{name}' style='width:700px'>"
        f"{script if name == 'loss' else figure.to_html(full_html=False, include_plotlyjs=False)}</div>"
        for name, figure in figures.items()
    )
    page_file = tmp_path / "figures.html"
    page_file.write_text(f"<!doctype html><meta charset=utf-8><body>{body}", encoding="utf-8")
    drawn = """() => Array.from(document.querySelectorAll('.plotly-graph-div')).map(p => ({
      marks: p.querySelectorAll('.js-line, .js-fill, .point path, .points path').length,
      outside: Array.from(p.querySelectorAll('.main-svg text')).filter(t => {
        const a = t.getBoundingClientRect(), b = p.getBoundingClientRect();
        return a.width > 0 && (a.left < b.left - 2 || a.right > b.right + 2
          || a.bottom > b.bottom + 2 || a.top < b.top - 2);
      }).map(t => t.textContent)}))"""
    complaints: list[str] = []
    page = browser.new_page(viewport={"width": 760, "height": 900})
    page.set_default_timeout(180_000)  # tests say nothing of time: a loaded machine opens a large page slowly
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(page_file.as_uri())
    page.wait_for_function(
        "Array.from(document.querySelectorAll('.plotly-graph-div')).every(p => p.querySelector('.main-svg'))"
    )
    told = page.evaluate(drawn)
    page.close()
    assert len(told) == len(figures)
    for name, one in zip(figures, told, strict=True):
        assert one["marks"] >= 1, name
        assert one["outside"] == [], name
    assert complaints == []
