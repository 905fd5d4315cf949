"""Anchor: the spread over repeated runs near a tie, for every value that compares a choice with the best one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from repeated import NEAR, RUNS
from test_ties import near_tie, ratios, standard_error

from costeff import Evaluation
from costeff.cea.mixed import mixed_strategy
from costeff.cea.risk_aversion import risk_aversion
from costeff.cea.stratified import stratified
from costeff.cea.structures import structural_average
from costeff.voi.decision_makers import by_decision_maker
from costeff.voi.implementation import implementation


def moved(one: Evaluation, by: float) -> Evaluation:
    """The second strategy `by` worse."""
    return replace(one, cost=one.cost + np.array([0.0, by]))


@pytest.mark.repeated
def test_values_of_choices_near_a_tie() -> None:
    """At a tie and one standard error from it; means alone (`*`) are not normal there, and may be twice as far off."""
    wtp = [0.0, standard_error("random", False)]
    told: list[dict[str, tuple[float, float]]] = []
    for seed in range(RUNS):
        one = near_tie(seed, "random", 2)
        parts = {"a": (0.5, moved(one, -0.4)), "b": (0.5, moved(one, 0.4))}
        reached, aversion = (implementation(one, wtp, uptake=0.4, uptake_then=0.7), risk_aversion(one, wtp, 0.3))
        models = structural_average(parts, wtp)
        tables: list[tuple[str, xr.Dataset, str, tuple[int, ...]]] = [
            ("mix, all", mixed_strategy(one, wtp, shares={"u": 0.3, "v": 0.7}), "loss*", ()),
            ("subgroups", stratified(parts, wtp), "value*", ()),
            ("reached", reached, "of_information", (1, 2)),
            ("reached", reached, "of_both", (1, 1)),
            ("reached", reached, "value", (0, 1)),
            ("aversion", aversion, "evpi", (0,)),
            ("models", models, "evpi_structure*", ()),
            ("models", models, "evpi", ()),
        ]
        now = {}
        for label, table, name, at in tables:
            value, error = (table[name.rstrip("*") + end].values[at] for end in ("", "_mcse"))
            now |= {f"{label} {name} {gap}": (value[gap], error[gap]) for gap in (0, 1)}
        found = by_decision_maker({"x": one, "y": one}, dict(zip("xy", wtp, strict=True)))
        value, error = (found[f"information{end}"].values for end in ("", "_mcse"))
        now |= {f"decides and values {k}": (value[k, k], error[k, k]) for k in (0, 1)}
        told.append(now)
    found_ratios = ratios(told)
    assert len(found_ratios) == 18
    wrong = {name: r for name, r in found_ratios.items() if not abs(r - 1) <= (2 * NEAR if "*" in name else NEAR)}
    assert wrong == {}


@pytest.mark.repeated
def test_individuals_luck_near_a_tie() -> None:
    """The same for implementation with the luck of individuals taken out, by leaving out tenths of the draws."""
    wtp = [0.0, standard_error("random", True)]
    told = []
    for seed in range(RUNS):
        found = implementation(near_tie(seed, "random", 2, halves=True), wtp, uptake=0.4)
        told.append(
            {
                f"{name} {gap}": (found[name].values[(*at, gap)], found[f"{name}_mcse"].values[(*at, gap)])
                for name, at in (("value", (0, 2)), ("of_information", (1, 2)))
                for gap in (0, 1)
            }
        )
    assert {name: r for name, r in ratios(told).items() if not abs(r - 1) <= 1.2 * NEAR} == {}


def test_what_another_chooses_jumps_at_a_tie() -> None:
    """Two parties of opposite interests: what one loses by the other's choice jumps, and errors hold the jump.

    Parties that agree in every draw lose nothing by one another, and are sure of it.
    """
    one = near_tie(1, "random", 2)
    gap = float((one.cost[:, 0] - one.cost[:, 1]).mean())
    tie = moved(one, gap)  # of x; y is sure of the second strategy
    found = by_decision_maker({"x": tie, "y": moved(tie, -2.0)}, 0)
    assert float(found["left_mcse"][0, 1]) > 0.9  # a coin between 0 and 2 has an SD of 1
    assert float(found["information_mcse"][0, 1]) > 0.9
    assert float(found["information_mcse"][1, 1]) < 0.2
    same = by_decision_maker({"x": tie, "y": tie}, 0)
    np.testing.assert_allclose([same["left"], same["left_mcse"]], 0.0, atol=1e-12)
