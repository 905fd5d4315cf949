"""Anchored in quadrature: the illness-death process with Weibull hazards, of time and of time since falling ill.

In continuous time P(ill at T) = integral of f(s) S(T - s) ds, where f is the density of falling ill alive and S is
survival since then. A model in cycles moves people at the end of a cycle, which is off by about one cycle; the error
halves with the cycle, and what is left after extrapolation is of second order.
"""

from __future__ import annotations

import numpy as np
import pytest
from random_models import E, model
from scipy.integrate import quad

from costeff.compile import compile_model
from costeff.compile.groups import compile_groups
from costeff.engine.cohort.cohort import cohort
from costeff.engine.events.microsim import microsim
from costeff.model import Model, Transition

YEARS = 10
ILL, DIE_ILL, DIE = (1.5, 12.0), (0.8, 6.0), 0.02  # Weibull (shape, scale in years); constant rate per year


def illness_death(per_year: int) -> Model:
    """The process in cycles of 1/per_year years."""
    return model(
        Transition("fall_ill", "a", "b", "time", hazard=E(f"weibull(t, {ILL[0]}, {ILL[1] * per_year})")),
        Transition("die", "a", "dead", hazard=E(DIE / per_year)),
        Transition("die_ill", "b", "dead", hazard=E(f"weibull(t, {DIE_ILL[0]}, {DIE_ILL[1] * per_year})")),
        horizon=YEARS * per_year,
    )


def survival(t: float, shape: float, scale: float) -> float:
    return float(np.exp(-((t / scale) ** shape)))


def density_of_illness(s: float) -> float:
    shape, scale = ILL
    return shape / scale * (s / scale) ** (shape - 1) * survival(s, *ILL) * float(np.exp(-DIE * s))


def exact(until: float) -> tuple[float, float]:
    """P(healthy), P(ill) at a time in years."""
    ill = quad(lambda s: density_of_illness(s) * survival(until - s, *DIE_ILL), 0, until, epsabs=1e-12)[0]
    return survival(until, *ILL) * float(np.exp(-DIE * until)), ill


def ill_at_end(per_year: int) -> float:
    trace = cohort(compile_groups(illness_death(per_year), {}, {}).tensors).trace
    assert trace[0, 0, -1] == pytest.approx(exact(YEARS)[0], rel=1e-10), "nobody returns: exact in any cycle"
    return float(trace[0, 1, -1])


def test_cohort_against_quadrature() -> None:
    expected = exact(YEARS)[1]
    coarse, middle, fine = (ill_at_end(n) for n in (12, 24, 48))
    assert abs(fine - expected) < 2e-3
    assert (coarse - middle) / (middle - fine) == pytest.approx(2, abs=0.2), "an error of first order"
    assert 2 * fine - middle == pytest.approx(expected, abs=2e-5)
    assert abs(2 * fine - middle - expected) < abs(fine - expected) / 20


def test_years_ill_against_quadrature() -> None:
    """Time spent ill, by trapezoids over the trace."""
    expected = quad(lambda t: exact(t)[1], 0, YEARS, epsabs=1e-9)[0]

    def years(per_year: int) -> float:
        trace = cohort(compile_groups(illness_death(per_year), {}, {}).tensors).trace[0, 1]
        return float(np.trapezoid(trace) / per_year)

    assert 2 * years(48) - years(24) == pytest.approx(expected, abs=2e-4)


def test_microsimulation_against_quadrature() -> None:
    """200,000 lives in weekly cycles, within Monte Carlo error and what the cycle itself is off by."""
    size = 200_000
    tensors = compile_model(illness_death(52), {}, {}, individuals=size, seed=3).tensors
    trace = microsim(tensors).trace[0] / size
    healthy, ill = exact(YEARS)
    bias = abs(ill_at_end(52) - ill)
    assert abs(trace[0, -1] - healthy) < 4.5 * np.sqrt(healthy * (1 - healthy) / size)
    assert abs(trace[1, -1] - ill) < 4.5 * np.sqrt(ill * (1 - ill) / size) + bias
