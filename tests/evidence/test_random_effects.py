"""Anchored in closed forms: places that agree, places measured without error, and the sites of TKI2's effect."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from costeff.errors import EvidenceError
from costeff.evidence import new_place, read_evidence
from costeff.evidence.random_effects import WIDTH

ROOT = Path(__file__).resolve().parents[2]
SELF_SUPPORT = ([0.99, 1.32, 0.72], [(0.84, 1.17), (1.08, 1.61), (0.54, 0.95)])
END_OF_BENEFIT = ([1.12, 1.51, 0.80], [(0.97, 1.29), (1.31, 1.74), (0.63, 1.03)])


def interval(ratio: float, error: float) -> tuple[float, float]:
    return ratio * math.exp(-error * WIDTH / 2), ratio * math.exp(error * WIDTH / 2)


def test_without_spread_between_places_it_is_the_pooled_ratio() -> None:
    """tau near 0: inverse-variance mean of the logs, with its own error only."""
    errors = (0.1, 0.2)
    found = new_place([1.2, 0.9], [interval(1.2, 0.1), interval(0.9, 0.2)], scale=1e-6)
    weights = [1 / e**2 for e in errors]
    mean = sum(w * math.log(r) for w, r in zip(weights, (1.2, 0.9), strict=True)) / sum(weights)
    error = sum(weights) ** -0.5
    assert found.median == pytest.approx(math.exp(mean), rel=1e-6)
    assert found.low == pytest.approx(math.exp(mean - WIDTH / 2 * error), rel=1e-6)
    assert found.high == pytest.approx(math.exp(mean + WIDTH / 2 * error), rel=1e-6)
    assert found.between == pytest.approx(0, abs=1e-9)


def test_the_limits_are_those_of_draws() -> None:
    """Tau by weights over the same prior, drawn: 400,000 draws leave an error below 0.01 on the log scale."""
    rng = np.random.default_rng(1)
    ratios, intervals = SELF_SUPPORT
    logs = np.log(ratios)[:, None]
    errors = np.array([math.log(high / low) / WIDTH for low, high in intervals])[:, None]
    tau = np.abs(rng.normal(0, 0.25, 400_000))
    weight = 1 / (errors**2 + tau**2)
    mean = (weight * logs).sum(axis=0) / weight.sum(axis=0)
    likelihood = (0.5 * np.log(weight)).sum(axis=0) - 0.5 * np.log(weight.sum(axis=0))
    likelihood -= 0.5 * (weight * (logs - mean) ** 2).sum(axis=0)
    chance = np.exp(likelihood - likelihood.max())
    at = rng.choice(len(tau), 400_000, p=chance / chance.sum())
    new = rng.normal(mean[at], np.sqrt(1 / weight.sum(axis=0)[at] + tau[at] ** 2))
    found = new_place(ratios, intervals, 0.25)
    assert np.log([found.low, found.median, found.high]) == pytest.approx(
        np.quantile(new, [0.025, 0.5, 0.975]), abs=0.01
    )


@pytest.mark.parametrize("arguments", [([1.1], [(1, 1.2)], 0.25), (*SELF_SUPPORT, 0.0), ([1.1, 1.2], [(1, 1.2)], 0.25)])
def test_what_cannot_be_predicted_is_refused(arguments) -> None:
    with pytest.raises(EvidenceError, match="two places or more"):
        new_place(*arguments)


def stated(name: str, file: Path = ROOT / "parameters" / "tki2.yaml") -> list[float]:
    return [round(x, 4) for x in read_evidence(file).parameters[name].interval()]


def test_tki2_states_what_the_three_municipalities_say() -> None:
    """Drawn limits of the parameter file, against the sites' published ratios."""
    found = new_place(*SELF_SUPPORT, 0.25)
    assert stated("hr_self_support") == pytest.approx([found.low, found.high], rel=0.004)
    ends = new_place(*END_OF_BENEFIT, 0.25)
    factor = math.sqrt(ends.high / ends.low)
    assert stated("hr_unemployed_well") == pytest.approx([1 / factor, factor], rel=0.001)


def test_scenarios_and_design_follow_the_same_sites() -> None:
    from ruamel.yaml import YAML

    read = YAML(typ="safe").load
    wide = read(ROOT / "scenarios" / "effect_spread_wide.yaml")["set"]
    place, ends = new_place(*SELF_SUPPORT, 0.5), new_place(*END_OF_BENEFIT, 0.5)
    factor = math.sqrt(ends.high / ends.low)
    assert wide["hr_self_support"]["interval"] == pytest.approx([place.low, place.high], rel=0.001)
    assert wide["hr_unemployed_well"]["interval"] == pytest.approx([1 / factor, factor], rel=0.001)
    composite = read(ROOT / "scenarios" / "composite.yaml")["set"]
    ends = new_place(*END_OF_BENEFIT, 0.25)
    assert composite["hr_self_support"]["interval"] == pytest.approx([ends.low, ends.high], rel=0.001)
    shares = read(ROOT / "designs" / "tki2_trial.yaml")["between"]["shares"]
    assert shares["hr_self_support"] == pytest.approx(new_place(*SELF_SUPPORT, 0.25).between, abs=0.005)
