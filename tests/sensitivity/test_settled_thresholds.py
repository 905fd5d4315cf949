"""Thresholds from tables of draws are settled or not by the rule of all results, in Python, JSON and text."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from scipy.stats import t as student

from costeff import read_psa
from costeff.cli import main
from costeff.sensitivity.conditional import conditional_one_way, conditional_threshold

DRAWS = 200


def table(noise: float, seed: int = 1) -> pd.DataFrame:
    """Net cost price - 1000, so that break-even is 1,000 exactly; two strategies beside it in a tie-free order."""
    rng = np.random.default_rng(seed)
    price = rng.normal(1000, 100, DRAWS)
    return pd.DataFrame(
        {
            "cost_usual": 0.0,
            "cost_new": price - 1000 + rng.normal(0, noise, DRAWS),
            "effect_usual": 1.0,
            "effect_new": 1.0,
            "price": price,
            "late": price > 1050,
        }
    )


@pytest.mark.parametrize(("noise", "settled"), [(20.0, True), (4000.0, False)])
def test_roots_and_switches_are_settled_by_their_interval(noise: float, settled: bool, tmp_path: Path) -> None:
    seed = (
        1
        if settled
        else next(s for s in range(40) if conditional_threshold(read_psa(table(noise, s)), "price", wtp=0).roots)
    )
    evaluation = read_psa(table(noise, seed))
    found = conditional_threshold(evaluation, "price", wtp=0)
    for one in (*found.roots, *found.switches):
        far = student.ppf(0.975, DRAWS - 1) * one.mcse
        assert one.margin == pytest.approx(far)
        inside = found.low <= one.value - far and one.value + far <= found.high
        assert one.settled is bool(inside) is settled
    assert found.roots
    assert found.switches
    (switch,) = conditional_one_way(evaluation, ["price"], wtp=0).attrs["switches"]["price"][:1]
    assert switch["settled"] in (True, False)

    table(noise, seed).to_csv(tmp_path / "psa.csv", index=False)
    words = ["threshold", str(tmp_path / "psa.csv"), "--parameter", "price", "--wtp", "0"]
    ended = CliRunner().invoke(main, [*words, "--json", str(tmp_path / "out.json")])
    assert ended.exit_code == 0, ended.output
    content = json.loads((tmp_path / "out.json").read_text())["threshold_price"]
    assert [one["settled"] for one in (*content["roots"], *content["switches"])] == [settled] * (
        len(found.roots) + len(found.switches)
    )
    assert ("not settled" in ended.output) is not settled


def test_levels_are_settled_by_their_error(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    dose = np.repeat(["high", "low"], DRAWS // 2)
    net = np.where(dose == "high", 100.0, 0.4) + rng.normal(0, 10, DRAWS)
    draws = pd.DataFrame({"cost_usual": 0.0, "cost_new": net, "effect_usual": 1.0, "effect_new": 1.0, "dose": dose})
    found = conditional_threshold(read_psa(draws), "dose").curve
    far = student.ppf(0.975, DRAWS - 1) * found["mcse"]
    assert found["settled"].tolist() == (found["result"].abs() > far).tolist() == [True, False]
    draws.to_csv(tmp_path / "psa.csv", index=False)
    ended = CliRunner().invoke(main, ["threshold", str(tmp_path / "psa.csv"), "--parameter", "dose"])
    rows = [line.split() for line in ended.output.splitlines() if line.strip().startswith(("high", "low"))]
    assert [row[5] for row in rows] == ["yes", "no"]
