"""Anchored in scipy.stats and scipy.interpolate, whose answers these give without their imports."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.interpolate import BSpline
from scipy.stats import binom, poisson, rankdata

from costeff.numerics.count_quantiles import binomial_quantile, poisson_quantile
from costeff.numerics.ranks import ranks
from costeff.numerics.spline import cubic_basis


def levels(count: int) -> np.ndarray:
    """Chances all over, near 0, near 1, and both ends."""
    rng = np.random.default_rng(1)
    tail = 10.0 ** -rng.uniform(1, 12, count // 10)
    return np.concatenate([rng.random(count), tail, 1 - tail, [0, 0, 1, 1]])


@pytest.mark.parametrize("people", [1, 2, 17, 100, 20_000])
def test_quantiles_of_counts(people: int) -> None:
    """Of a million people 1 count in 6,004 differs, by one: where its chance is the level but for rounding."""
    level = levels(5_000)
    rng = np.random.default_rng(people)
    rare = 10.0 ** -rng.uniform(0, 8, 500)
    share = np.concatenate([rng.random(len(level) - 1004), rare, 1 - rare, [0.3, 1, 0.3, 1]])
    np.testing.assert_array_equal(
        binomial_quantile(level, people, share), np.maximum(binom.ppf(level, people, share), 0)
    )
    np.testing.assert_array_equal(
        poisson_quantile(level, people * share), np.maximum(poisson.ppf(level, people * share), 0)
    )


def test_nobody_is_counted_where_nothing_can_happen() -> None:
    """scipy.stats answers the whole support at a level of 1."""
    assert binomial_quantile([0.0, 0.5, 1.0], 9, 0.0).tolist() == [0.0, 0.0, 0.0]
    assert poisson_quantile([0.0, 0.5], 0.0).tolist() == [0.0, 0.0]


def test_ranks_with_ties() -> None:
    values = np.random.default_rng(2).integers(0, 50, 1_000).astype(float)
    np.testing.assert_array_equal(ranks(values), rankdata(values))
    values[3] = np.nan
    np.testing.assert_array_equal(ranks(values), rankdata(values))


@pytest.mark.parametrize("inner", [[0.0, 1.0], [0.0, 0.2, 0.21, 0.9, 1.0], [-3.0, -1.0, -1.0, 2.5, 4.0]])
def test_cubic_basis(inner: list[float]) -> None:
    """Between knots, on them, and at both ends."""
    knots = np.concatenate([[inner[0]] * 3, inner, [inner[-1]] * 3])
    points = np.concatenate([np.random.default_rng(3).uniform(inner[0], inner[-1], 300), inner])
    expected = BSpline.design_matrix(points, knots, 3).toarray()
    np.testing.assert_allclose(cubic_basis(points, knots), expected, rtol=0, atol=1e-15)
    with pytest.raises(ValueError, match="beyond knots"):
        cubic_basis(np.array([inner[-1] + 1e-9]), knots)


def test_a_case_is_run_without_them(tmp_path: Path) -> None:
    """Half a second of a command."""
    code = (
        "import sys; from click.testing import CliRunner; from costeff.cli import main;"
        "done = CliRunner().invoke(main, ['invest', 'tki2-aarhus-investment', '--draws', '128', '--individuals', '10',"
        " '--out', sys.argv[1], '--quiet']); assert done.exit_code == 0, done.output;"
        "print([name for name in ('scipy.stats', 'scipy.interpolate', 'scipy.optimize') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "case")],
        capture_output=True,
        text=True,
        env={**os.environ, "CHROMIUM": ""},
        check=False,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr
