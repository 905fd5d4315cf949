"""Bands and lines of every figure, anchored in Student's law of the replicates that carry their errors."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student

from costeff import Evaluation
from costeff.analysis.curves import groups_left_out
from costeff.labels import Label
from costeff.precision.figures import convergence
from costeff.reporting.bands import count_of, reach, with_intervals
from costeff.sensitivity.figures.global_ import sensitivity
from costeff.sensitivity.figures.scenarios import scenarios
from costeff.sensitivity.global_ import gsa
from costeff.voi.decision_makers import by_decision_maker
from costeff.voi.evsi import enbs, evsi
from costeff.voi.figures.implementation import by_decision_maker as drawn_deciders
from costeff.voi.figures.implementation import implementation as drawn_implementation
from costeff.voi.figures.voi import enbs as drawn_enbs
from costeff.voi.figures.voi import evpi as drawn_evpi
from costeff.voi.figures.voi import evppi_bars
from costeff.voi.figures.voi import evsi as drawn_evsi
from costeff.voi.implementation import implementation
from costeff.voi.trial_design import Endpoint, TrialDesign

DRAWS = 128
NONE = "No interval is drawn"


def wide(replicates: int) -> float:
    return float(student.ppf(0.975, replicates - 1))


def made(replicates: int | None, *, halves: bool = False, draws: int = DRAWS) -> Evaluation:
    """Two strategies that nearly tie, with one parameter behind the difference."""
    rng = np.random.default_rng(3)
    x = rng.normal(0.0, 1.0, draws)
    cost = np.column_stack([np.zeros(draws), 10 + 40 * x])
    effect = np.column_stack([np.ones(draws), 1.1 + 0.2 * x])
    luck = rng.normal(0.0, 5.0, (draws, 1, 1)) * np.array([[[1.0], [-1.0]]])
    more: dict[str, Any] = {}
    if halves:
        more = {"cost_half": cost[:, None] + luck, "effect_half": np.repeat(effect[:, None], 2, axis=1)}
    return Evaluation(
        "payer",
        "qaly",
        ("usual", "new"),
        "usual",
        cost,
        effect,
        parameters={"x": x, "y": rng.random(draws)},
        replicates=replicates,
        **more,
    )


def figures(one: Evaluation) -> dict[str, tuple[Any, float]]:
    """Figures by name, each with the largest half width in it, as drawn."""
    wtp = [100.0]
    four = implementation(one, wtp, uptake=0.4)
    who = by_decision_maker({"payer": one, "other": one}, 100.0)
    partial = one.evppi({"x": "x"}, wtp)
    drivers = gsa(one, "regression", wtp=100.0)
    return {
        "evpi_one": (drawn_evpi(one.evpi(wtp)), float(one.evpi(wtp)["evpi_mcse"][0])),
        "evppi": (evppi_bars(partial, {}, wtp=100.0), float(partial["evppi_mcse"][0, 0])),
        "implementation": (drawn_implementation(four, wtp=100.0), float(four["value_mcse"].max())),
        "deciders": (drawn_deciders(who, {}, wtp=100.0), float(who["information_mcse"].max())),
        "gsa": (sensitivity(drivers, {}), float(drivers.table["first_mcse"].max())),
    }


def widest(figure: Any) -> float:
    """The longest line of any bar."""
    ends = [bar.error_x.array if bar.error_x.array is not None else bar.error_y.array for bar in figure.data]
    return float(np.max(np.concatenate([np.asarray(one, float) for one in ends])))


@pytest.mark.parametrize("replicates", [8, None])
def test_lines_are_as_long_as_students_law_says(replicates: int | None) -> None:
    for name, (figure, error) in figures(made(replicates)).items():
        # what each decision maker gains has its error from leaving out tenths of the draws in turn
        count = replicates or (10 if name == "deciders" else DRAWS)
        assert widest(figure) == pytest.approx(wide(count) * error, rel=1e-9), name
        assert "Lines: 95\u00a0% interval for the sampling error of the draws." in figure.layout.meta["caption"], name


def test_of_too_few_designs_no_line_is_drawn_and_the_caption_says_why() -> None:
    for name, (figure, error) in figures(made(4)).items():
        assert error > 0, name
        assert np.isnan(widest(figure)), name
        caption = figure.layout.meta["caption"]
        assert NONE in caption, name
        assert "Lines" not in caption, name


def test_what_luck_was_removed_from_has_its_error_from_tenths_of_the_draws() -> None:
    one = made(None, halves=True)
    information = one.evpi([50.0, 100.0])
    figure = drawn_evpi(information)
    band = next(trace for trace in figure.data if trace.fill == "toself")
    half = wide(10) * information["evpi_noise_corrected_mcse"].values
    np.testing.assert_allclose(np.asarray(band.y[:2]) - information["evpi_noise_corrected"].values, half)
    four = implementation(one, 100.0, uptake=0.4)
    assert count_of(four.attrs) == groups_left_out(DRAWS) == 10
    assert count_of(implementation(made(8), 100.0, uptake=0.4).attrs) == 8


def test_the_curve_over_study_size_and_its_net_benefit() -> None:
    trial = TrialDesign((Endpoint("x", {"all": "x"}, sd=2.0),), {"all": 1})
    value = evsi(made(8), trial, 100.0, participants=[10, 20], method="gaussian", population=1000)
    net = enbs(value, fixed_cost=1.0, cost_per_participant=1.0)
    for name, table, drawn in (("evsi", value, drawn_evsi), ("enbs", net, drawn_enbs)):
        band = next(trace for trace in drawn(table, wtp=100.0).data if trace.fill == "toself")
        here = table.sel(wtp=100.0)
        half = np.asarray(band.y[:2]) - here[name].values
        np.testing.assert_allclose(half, wide(8) * here[f"{name}_mcse"].values, err_msg=name)


def test_no_diamond_is_promised_where_no_study_is_worth_its_cost() -> None:
    trial = TrialDesign((Endpoint("x", {"all": "x"}, sd=2.0),), {"all": 1})
    value = evsi(made(8), trial, 100.0, participants=[10, 20], method="gaussian", population=1000)
    for cost, drawn in ((1.0, True), (1e9, False)):
        figure = drawn_enbs(enbs(value, fixed_cost=cost, cost_per_participant=1.0), wtp=100.0)
        diamonds = [trace for trace in figure.data if trace.marker.symbol == "diamond"]
        assert len(diamonds) == drawn
        assert ("diamond" in figure.layout.meta["caption"]) is drawn


def test_the_figure_of_who_decides_says_what_is_learnt() -> None:
    """Pages of perfect information and of a study beside each other differ in their numbers alone otherwise."""
    pair, trial = (
        {"payer": made(8), "other": made(8)},
        TrialDesign((Endpoint("x", {"all": "x"}, sd=2.0),), {"all": 1}),
    )
    for more, said in (
        ({}, "every parameter exactly"),
        ({"names": ["x"]}, "The information: x exactly"),
        ({"study": (trial, 90)}, "a study of 90 participants"),
    ):
        figure = drawn_deciders(by_decision_maker(pair, 100.0, **more), {}, wtp=100.0)
        assert said in figure.layout.meta["caption"]


def test_running_means_are_counted_by_whole_designs() -> None:
    one = made(16)
    running = one.convergence(100.0)
    band, line = convergence(running, {}).data
    sizes = running["draws"].values // (DRAWS // 16)
    known = sizes >= 5
    counts = sizes[known]
    half = np.asarray(band.y[: len(counts)]) - np.asarray(line.y)[known]
    np.testing.assert_allclose(half, student.ppf(0.975, counts - 1) * running["mcse"].values[known, 0])
    few = convergence(made(4).convergence(100.0), {})
    assert len(few.data) == 1
    assert NONE in few.layout.meta["caption"]


@pytest.mark.parametrize(("batches", "expected"), [(5, wide(5) * 10.0), (2, None)])
def test_scenarios_are_counted_by_batches(batches: int, expected: float | None) -> None:
    rows = {
        "perspective": "payer",
        "scenario": "base",
        "net_benefit": 30.0,
        "benefit_mcse": 10.0 if expected else np.nan,
    }
    table = pd.DataFrame([rows])
    table.attrs = {
        "strategy": "new",
        "comparator": "usual",
        "currency": "DKK",
        "effect_unit": "QALY",
        "wtp": 100.0,
        "batches": batches,
    }
    figure = scenarios(table, {}, titles={"base": Label("Base", "Grund")})
    (half,) = figure.data[0].error_x.array
    if expected is None:
        assert np.isnan(half)
        assert NONE in figure.layout.meta["caption"]
    else:
        assert half == pytest.approx(expected)


def test_an_error_of_nothing_reaches_nowhere_and_is_no_reason_for_an_excuse() -> None:
    assert reach([0.0], 1).tolist() == [0.0]
    assert with_intervals("Et mærke.", [np.nan], {}, "da").startswith("Et mærke. Der er intet interval")


def test_the_error_of_a_run_and_that_of_a_table_have_their_own_names() -> None:
    """Draws made elsewhere were not simulated by costeff: what is left of their mean's error is sampling error."""
    for simulated, name, danish in (
        (True, "simulation error", "simulationsusikkerhed"),
        (False, "the sampling error of the draws", "trækningernes stikprøvefejl"),
    ):
        about = replace(made(None), simulated=simulated).conventions()
        said = with_intervals("A mark.", [0.0], about, "en", "line_interval")
        assert said == f"A mark. Lines: 95\u00a0% interval for {name}."
        assert with_intervals("Et mærke.", [0.0], about, "da").endswith(f"for {danish}.")
        assert f"how large {name} is" in with_intervals("A mark.", [np.nan], about, "en")
