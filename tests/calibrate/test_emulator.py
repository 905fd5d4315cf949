"""Anchored in another method: a Gaussian-process emulator and MCMC on a reduced problem of usual care, frozen as JSON.

The answers were made by tests/calibration_emulator.py in an environment of its own, and no calibration enters them.
They differ from an ES-MDA by the error of the chain, of the emulator (what halves of its design say apart), and of the
ensemble (SD over seeds of mean and SD); and an ES-MDA is exact for linear models only, which NONLINEAR allows for.
"""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from calibration_emulator import ANSWERS, PARAMETERS, es_mda, problem_of

FROZEN = json.loads(ANSWERS.read_text(encoding="utf-8"))
NONLINEAR = 0.1
"""Share of a posterior SD by which means and SDs may differ since the model is not linear: sources differ by more."""


@pytest.fixture(scope="module")
def problem() -> Any:
    return problem_of(FROZEN["fixed"])


def test_problem_is_the_frozen_one(problem: Any) -> None:
    """Otherwise make the answers anew: the three commands at the top of tests/calibration_emulator.py."""
    assert {t.name: [t.value, *t.interval, t.n or 0] for t in problem.fitted} == FROZEN["figures"]
    assert {e.name: e.sd for e in problem.plan.effects} == FROZEN["effects"]


def test_spread_of_the_posterior_is_that_of_mcmc(problem: Any) -> None:
    ensemble = es_mda(problem, 1)
    assert set(ensemble) == set(FROZEN["answers"])
    ratios = []
    for name, (mean, sd) in ensemble.items():
        row, scatter = FROZEN["answers"][name], FROZEN["es_mda"]["scatter"][name]
        errors = [math.hypot(*parts) for parts in zip(scatter, row["errors"], row["emulator_errors"], strict=True)]
        slack = NONLINEAR * row["sd"]
        assert mean == pytest.approx(row["mean"], abs=3 * errors[0] + slack), name
        assert sd == pytest.approx(row["sd"], abs=3 * errors[1] + slack), name
        ratios += [sd / row["sd"]] if name in PARAMETERS else []
    assert math.prod(ratios) ** (1 / len(ratios)) == pytest.approx(1, abs=0.1)
