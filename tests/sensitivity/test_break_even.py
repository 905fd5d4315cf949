"""Anchored in thresholds and in runs with the parameter set: the tornado where a strategy's effect pays for itself."""

from __future__ import annotations

from functools import cache

import pytest

from costeff import Study, load
from costeff.errors import ScenarioError
from costeff.sensitivity.break_even import break_even, effect_parameters
from costeff.sensitivity.measure import measure
from costeff.sensitivity.points import Points, Settings


@cache
def study() -> Study:
    return load("sick_sicker")


def test_parameters_of_the_effect_are_found_through_definitions() -> None:
    assert effect_parameters(study().model, "B") == ("hr_S1S2_trtB",)
    assert effect_parameters(study().model, "SoC") == ()
    names = effect_parameters(load("tki2").model, "tki2")
    assert set(names) >= {"hr_self_support", "hr_relapse", "relative_uptake", "kept_104"}
    assert "ratio_work" not in names
    assert "dose" not in names


def test_the_break_even_is_where_the_threshold_is() -> None:
    """Strategy B of the Sick-Sicker model at a willingness to pay that its ratio can reach."""
    points = Points(study(), Settings(engine="cohort"))
    on_what = measure(study(), wtp=75_000, strategy="B")
    even = break_even(points, on_what)
    assert even is not None
    assert even.parameter == "hr_S1S2_trtB"
    low, high = study().evidence.parameters[even.parameter].interval()
    root = study().threshold(even.parameter, wtp=75_000, strategy="B", engine="cohort", low=low, high=high).roots[0]
    assert even.value == pytest.approx(root.value, abs=0.003 * (high - low))


def test_held_elsewhere_is_a_run_with_the_figure_set() -> None:
    """The base case and every end of a row equal runs in which the held parameter has that value."""
    held = {"hr_S1S2_trtB": 0.75}
    table = study().one_way(wtp=75_000, strategy="B", engine="cohort", parameters=["c_S1", "u_S1"], at=held)
    assert table.attrs["at"] == held

    def benefit(values: dict[str, float]) -> float:
        run = study().run(values=values, engine="cohort", progress=False)
        view = run.perspective()
        cost, gain = view.cost[0], view.effect[0]
        own, other = (view.strategies.index(name) for name in ("B", "SoC"))
        return float(75_000 * (gain[own] - gain[other]) - (cost[own] - cost[other]))

    assert table.attrs["base"] == pytest.approx(benefit(held), rel=1e-9)
    for row in table.to_dict("records"):
        assert row["low_result"] == pytest.approx(benefit(held | {row["name"]: row["low_value"]}), rel=1e-9)
        assert row["high_result"] == pytest.approx(benefit(held | {row["name"]: row["high_value"]}), rel=1e-9)


def test_the_held_parameter_itself_still_takes_its_ends() -> None:
    table = study().one_way(
        wtp=75_000, strategy="B", engine="cohort", parameters=["hr_S1S2_trtB"], at={"hr_S1S2_trtB": 0.75}
    )
    plain = study().one_way(wtp=75_000, strategy="B", engine="cohort", parameters=["hr_S1S2_trtB"])
    columns = ["low_result", "high_result"]
    assert table[columns].values.tolist() == plain[columns].values.tolist()


def test_a_result_without_break_even_says_so() -> None:
    result = load("no_effect").run(individuals=20, progress=False)  # all ratios are 1, and certain
    with pytest.raises(ScenarioError, match="breaks even"):
        result.tornado(individuals=20, at="break_even")


def test_the_report_and_its_files_hold_both(tmp_path) -> None:
    result = load("tki2").psa(draws=8, individuals=40, progress=False)
    result.write(tmp_path)
    import pandas as pd

    first, even = (pd.read_csv(tmp_path / f"{name}.csv") for name in ("tornado", "tornado_break_even"))
    assert set(even["held"]) == {"hr_self_support"}
    assert set(first["name"]) == set(even["name"])
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "at break-even (Effect on return to self-support at 1." in page
