"""Anchored in closed forms, exact sums of fractions for whole shapes, and scipy.special over a wide grid."""

from __future__ import annotations

import math
from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np
import pytest
import scipy.special
from hypothesis import given, settings
from hypothesis import strategies as st

from costeff.numerics import quantiles
from costeff.numerics.quantile_kernels import beta_block, gamma_block
from costeff.numerics.quantiles import beta_quantiles, gamma_quantiles

U = np.array(
    [
        2.0**-54,
        1e-12,
        1e-6,
        1e-3,
        0.0199,
        0.0201,
        0.1,
        0.3,
        0.5,
        0.7,
        0.9,
        0.9799,
        0.9801,
        0.999,
        1 - 1e-6,
        1 - 1e-12,
        1 - 2.0**-53,
    ]
)
SHAPES = (0.05, 0.13, 0.5, 0.9, 1.0, 1.1, 2.0, 3.7, 10.0, 31.0, 90.0, 150.0)
CLOSE = 1e-13


def exact_beta(x: Fraction, a: int, b: int) -> Fraction:
    """Distribution function for whole shapes: the chance of a or more successes in a + b - 1."""
    n = a + b - 1
    return sum((math.comb(n, k) * x**k * (1 - x) ** (n - k) for k in range(a, n + 1)), Fraction(0))


def exact_gamma_tail(x: Decimal, a: int) -> Decimal:
    """Upper tail for a whole shape: the chance of fewer than a events of a Poisson variable."""
    return (-x).exp() * sum((x**k / math.factorial(k) for k in range(a)), Decimal(0))


@pytest.mark.parametrize("shape", [0.05, 0.3, 1.0, 2.5, 40.0])
def test_beta_closed_forms(shape: float) -> None:
    mean = shape / (shape + 1)
    if 0.05 <= mean <= 0.95:
        inside = U ** (1 / shape) > 1e-290
        np.testing.assert_allclose(beta_quantiles(U, shape, 1.0)[inside], U[inside] ** (1 / shape), rtol=CLOSE)
    np.testing.assert_allclose(beta_quantiles(U, 1.0, shape), -np.expm1(np.log1p(-U) / shape), rtol=CLOSE)
    np.testing.assert_allclose(beta_quantiles(U, 0.5, 0.5), np.sin(np.pi * U / 2) ** 2, rtol=CLOSE)


def test_gamma_closed_forms() -> None:
    np.testing.assert_allclose(gamma_quantiles(U, 1.0), -np.log1p(-U), rtol=CLOSE)
    low = U[U < 0.99]
    np.testing.assert_allclose(gamma_quantiles(low, 0.5), scipy.special.erfinv(low) ** 2, rtol=CLOSE)


@pytest.mark.parametrize(("a", "b"), [(1, 1), (2, 1), (3, 5), (12, 4), (20, 20), (6, 70), (90, 30)])
def test_beta_against_exact_sums(a: int, b: int) -> None:
    """The exact distribution function at the answer, moved by one part in 10^13 either way, lies on both sides of u."""
    for u, x in zip(U.tolist(), beta_quantiles(U, float(a), float(b)).tolist(), strict=True):
        below, above = (Fraction(x) * (1 + Fraction(k, 10**13)) for k in (-1, 1))
        assert exact_beta(below, a, b) < Fraction(u)
        assert above >= 1 or exact_beta(above, a, b) > Fraction(u)


@pytest.mark.parametrize("a", [1, 2, 3, 8, 25, 100])
def test_gamma_against_exact_sums(a: int) -> None:
    with localcontext() as context:
        context.prec = 120
        for u, x in zip(U.tolist(), gamma_quantiles(U, float(a)).tolist(), strict=True):
            below, above = (Decimal(x) * (1 + k * Decimal(2) / 10**13) for k in (-1, 1))
            assert exact_gamma_tail(above, a) < 1 - Decimal(u) < exact_gamma_tail(below, a)


@pytest.mark.parametrize("a", SHAPES)
def test_beta_against_the_library(a: float) -> None:
    for b in SHAPES:
        ours, other = beta_quantiles(U, a, b), scipy.special.betaincinv(a, b, U)
        np.testing.assert_allclose(ours, other, rtol=2e-13, err_msg=f"shapes {a}, {b}")


@pytest.mark.parametrize("a", SHAPES)
def test_gamma_against_the_library(a: float) -> None:
    np.testing.assert_allclose(gamma_quantiles(U, a), scipy.special.gammaincinv(a, U), rtol=2e-13)


def test_the_kernels_answer_where_they_should() -> None:
    """Little within the region is left to the library: quantiles below a double, long series, a start too far off."""
    u, a = (x.ravel() for x in np.meshgrid(U, np.array([s for s in SHAPES if s <= 100])))
    out = np.empty(len(u))
    left = int(gamma_block(u, a, *quantiles._shape_cache.gamma, out))
    assert left == np.isnan(out).sum() <= 0.02 * len(u)
    u, a, b = (x.ravel() for x in np.meshgrid(U, np.array(SHAPES), np.array(SHAPES)))
    inside = (a + b <= 200) & (a / (a + b) >= 0.05) & (b / (a + b) >= 0.05)
    out = np.empty(int(inside.sum()))
    left = int(beta_block(u[inside], a[inside], b[inside], *quantiles._shape_cache.beta, out))
    assert left == np.isnan(out).sum() <= 0.04 * len(out)


@pytest.mark.parametrize("shapes", [(1e4, 2e4), (0.01, 2.0), (0.01, 0.02), (3.0, 900.0)])
def test_outside_the_region_the_library_answers(shapes: tuple[float, float]) -> None:
    np.testing.assert_array_equal(beta_quantiles(U, *shapes), scipy.special.betaincinv(*shapes, U))
    for a in (0.01, 1e4):
        np.testing.assert_array_equal(gamma_quantiles(U, a), scipy.special.gammaincinv(a, U))


def test_ends_and_impossible_values() -> None:
    assert beta_quantiles([0.0, 1.0], 2.0, 3.0).tolist() == [0.0, 1.0]
    assert gamma_quantiles([0.0, 1.0], 2.0).tolist() == [0.0, math.inf]
    assert np.isnan(beta_quantiles([-0.1, 1.1, 0.5, 0.5, np.nan], [2, 2, -1, 2, 2], [3, 3, 3, np.nan, 3])).all()
    assert np.isnan(gamma_quantiles([-0.1, 1.1, 0.5, 0.5, np.nan], [2, 2, -1, np.nan, 2])).all()
    assert beta_quantiles(0.5, 1.0, 1.0).shape == ()
    assert gamma_quantiles(np.zeros((2, 0)), 1.0).shape == (2, 0)


shape_values = st.floats(0.05, 100)
uniforms = st.integers(0, 2**53 - 1).map(lambda k: min((k + 0.5) * 2.0**-53, 1 - 2.0**-53))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(uniforms, shape_values, shape_values), min_size=1, max_size=80), st.randoms())
def test_bits_do_not_depend_on_neighbours(rows: list[tuple[float, float, float]], random: object) -> None:
    """Alone, among others, in another order, with shapes seen before or not: the same bits."""
    u, a, b = np.array(rows).T
    order = np.arange(len(u))
    random.shuffle(order)  # type: ignore[attr-defined]
    together = beta_quantiles(u, a, b), gamma_quantiles(u, a)
    shuffled = beta_quantiles(u[order], a[order], b[order]), gamma_quantiles(u[order], a[order])
    alone = (
        [beta_quantiles(*row).item() for row in zip(u, a, b, strict=True)],
        [gamma_quantiles(*row).item() for row in zip(u, a, strict=True)],
    )
    for one, other, single in zip(together, shuffled, alone, strict=True):
        np.testing.assert_array_equal(one[order], other)
        np.testing.assert_array_equal(one, single)


@settings(deadline=None, max_examples=200)
@given(uniforms, shape_values, shape_values)
def test_round_trip(u: float, a: float, b: float) -> None:
    """The distribution function at the answer is u, as closely as the digits of both allow."""
    x = beta_quantiles(u, a, b).item()
    y = gamma_quantiles(u, a).item()
    assert 0 <= x <= 1
    assert y >= 0
    if 1e-290 < x < 1 - 1e-8:
        density = math.exp((a - 1) * math.log(x) + (b - 1) * math.log1p(-x) - float(scipy.special.betaln(a, b)))
        assert abs(scipy.special.betainc(a, b, x) - u) <= CLOSE * (density * x + u)
    if y > 1e-290:
        density = math.exp((a - 1) * math.log(y) - y - math.lgamma(a))
        assert abs(scipy.special.gammainc(a, y) - u) <= CLOSE * (density * y + u)
