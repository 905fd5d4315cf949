"""Anchored in another method: a Gaussian-process emulator and MCMC on a reduced problem of usual care, frozen as JSON.

The answers were made by tests/calibration_emulator.py in an environment of its own, and no calibration enters them. An
ES-MDA differs from them by three errors that are known: of the chain, of the emulator (what halves of its design say
apart), and of the ensemble (SD over seeds). Beyond these it is exact for linear models only. Measured over four seeds:
means agree within 0.11 SD, and SDs are 6 to 19 % too wide (12 % in the middle); more people do not change that.
"""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from calibration_emulator import ANSWERS, es_mda, problem_of

FROZEN = json.loads(ANSWERS.read_text(encoding="utf-8"))
OFF = 0.1
"""Share of a posterior SD by which a mean may be off since the model is not linear."""
NARROWEST, WIDEST = 0.95, 1.25
"""Shares of its SD that an ES-MDA may give, apart from the errors: too wide is known, too narrow is a fault."""


@pytest.fixture(scope="module")
def problem() -> Any:
    return problem_of(FROZEN["fixed"], FROZEN["figures"])


@pytest.fixture(scope="module")
def ensemble(problem: Any) -> dict[str, tuple[float, float]]:
    return es_mda(problem, 1)


def errors_of(name: str) -> list[float]:
    """Errors of a difference in means and in SDs."""
    row, scatter = FROZEN["answers"][name], FROZEN["es_mda"]["scatter"][name]
    return [math.hypot(*parts) for parts in zip(scatter, row["errors"], row["emulator_errors"], strict=True)]


def test_problem_is_the_frozen_one(problem: Any) -> None:
    """Otherwise make the answers anew: the three commands at the top of tests/calibration_emulator.py."""
    assert {t.name for t in problem.fitted} == set(FROZEN["figures"])
    assert {e.name: e.sd for e in problem.plan.effects} == FROZEN["effects"]


def test_means_are_those_of_mcmc(ensemble: dict[str, tuple[float, float]]) -> None:
    assert set(ensemble) == set(FROZEN["answers"])
    for name, (mean, _) in ensemble.items():
        row = FROZEN["answers"][name]
        assert mean == pytest.approx(row["mean"], abs=3 * errors_of(name)[0] + OFF * row["sd"]), name


def test_spread_is_that_of_mcmc_or_somewhat_wider(ensemble: dict[str, tuple[float, float]]) -> None:
    for name, (_, sd) in ensemble.items():
        own, error = FROZEN["answers"][name]["sd"], 3 * errors_of(name)[1]
        assert NARROWEST * own - error < sd < WIDEST * own + error, name
    ratios = [sd / FROZEN["answers"][name]["sd"] for name, (_, sd) in ensemble.items()]
    assert NARROWEST < math.prod(ratios) ** (1 / len(ratios)) < WIDEST
