"""Anchored in integrals and sums worked by hand, and in the present values of published programs."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costeff.compile.discount import discount_factors, event_weights, periods, share_before, within_cycle_weights
from costeff.errors import ModelError
from costeff.model.checks.structure import DISCOUNTING, WITHIN_CYCLE

#: 1 a year for 40 years at "3 %", by the names that give it: the differences between programs.
PRESENT_VALUES = [
    ("continuous", "simpson", 1, 23.29),
    ("annual", "half_cycle", 1, 23.46),
    ("annual", "simpson", 1, 23.46),
    ("annual", "none", 1, 23.81),
    ("mid_cycle", "none", 1, 23.46),
    ("annual", "none_end", 1, 23.11),
    ("nominal", "none", 12, 23.34),
    ("annual", "none", 12, 23.49),
    ("annual", "darth", 1, 23.03),
]


@pytest.mark.parametrize(("discounting", "within_cycle", "per_year", "expected"), PRESENT_VALUES)
def test_present_values(discounting: str, within_cycle: str, per_year: int, expected: float) -> None:
    cycles = 40 * per_year
    weights = within_cycle_weights(within_cycle, cycles) / per_year
    assert round(float(weights @ discount_factors(discounting, 0.03, cycles, per_year)), 2) == expected


def test_integrals() -> None:
    """Simpson's rule is exact to 1e-6 here; trapezoids are not."""
    continuous = discount_factors("continuous", 0.03, 40, 1)
    annual = discount_factors("annual", 0.03, 40, 1)
    assert within_cycle_weights("simpson", 40) @ continuous == pytest.approx((1 - math.exp(-1.2)) / 0.03, rel=1e-8)
    assert within_cycle_weights("simpson", 40) @ annual == pytest.approx((1 - 1.03**-40) / math.log(1.03), rel=1e-8)


@given(st.integers(2, 60))
@settings(deadline=None)
def test_simpson_integrates_cubics(cycles: int) -> None:
    """For even and odd numbers of cycles; 1/3 and 3/8 rules are both exact up to the third power."""
    t, weights = np.arange(cycles + 1.0), within_cycle_weights("simpson", cycles)
    for power in range(4):
        assert weights @ t**power == pytest.approx(cycles ** (power + 1) / (power + 1), rel=1e-12)
    assert (weights > 0).all()


@given(st.sampled_from(WITHIN_CYCLE), st.integers(1, 60))
@settings(deadline=None)
def test_weights_add_up(rule: str, cycles: int) -> None:
    total = within_cycle_weights(rule, cycles).sum()
    if rule == "both_ends":
        assert total == cycles + 1
    elif rule == "darth":
        assert total == pytest.approx(cycles - 1 / 3 if cycles % 2 else cycles - 2 / 3, abs=1e-9)
    else:
        assert total == pytest.approx(cycles, abs=1e-9)


def test_published_weights_of_darth() -> None:
    found = within_cycle_weights("darth", 75)
    assert found[:6] == pytest.approx([1 / 3, 2 / 3, 4 / 3, 2 / 3, 4 / 3, 2 / 3], abs=1e-15)
    assert found[-4:] == pytest.approx([4 / 3, 2 / 3, 4 / 3, 1 / 3], abs=1e-15)
    assert found.sum() == pytest.approx(74.6666666666667, abs=1e-12)


def test_rates_by_bands_are_chained() -> None:
    """The Ministry of Finance's 3.5 % to year 35, 2.5 % to 70, 1.5 % after."""
    found = discount_factors("annual", 0.035, 100, 1, [(35, 0.025), (70, 0.015)])
    assert round(found[36], 6) == 0.292660
    assert found[35] == pytest.approx(1.035**-35, rel=1e-14)
    assert found[80] == pytest.approx(1.035**-35 * 1.025**-35 * 1.015**-10, rel=1e-14)
    months = discount_factors("continuous", 0.035, 1200, 12, [(35, 0.025), (70, 0.015)])
    assert months[12 * 50] == pytest.approx(math.exp(-35 * 0.035 - 15 * 0.025), rel=1e-14)


@given(st.sampled_from(DISCOUNTING), st.floats(0, 0.2), st.sampled_from([1, 12, 52]), st.floats(0, 0.2))
@settings(deadline=None)
def test_factors_never_rise(rule: str, rate: float, per_year: int, later: float) -> None:
    found = discount_factors(rule, rate, 10 * per_year, per_year, [(3, later)])
    assert (np.diff(found) <= 0).all()
    assert found[0] == pytest.approx(1, abs=0.1)
    same = discount_factors(rule, rate, 10 * per_year, per_year, [(3, rate)])
    assert same == pytest.approx(discount_factors(rule, rate, 10 * per_year, per_year), rel=1e-12)


def test_events() -> None:
    start, middle, end = (event_weights(at, "annual", 0.03, "none", 4, 1) for at in ("start", "middle", "end"))
    assert middle == pytest.approx(start * 1.03**-0.5, rel=1e-14)
    assert end == pytest.approx(start / 1.03, rel=1e-14)
    weighted = event_weights("end_weighted", "annual", 0.03, "half_cycle", 4, 1)
    assert weighted[:4] == pytest.approx(end[:4] * [1, 1, 1, 0.5], rel=1e-14)


def test_the_year_of_a_point() -> None:
    """One rule for all conventions: what of a year's first point counts before it is `share_before`."""
    assert periods(24, 12).tolist() == [0] * 12 + [1] * 13


@pytest.mark.parametrize("cycles", range(1, 13))
@pytest.mark.parametrize("rule", ["none", "none_end", "half_cycle", "simpson", "both_ends", "darth"])
def test_what_is_before_a_limit_adds_up_to_it(rule: str, cycles: int) -> None:
    """Whatever the weights: k cycles before point k, of each point no more than there is."""
    weights, share = within_cycle_weights(rule, cycles), share_before(rule, cycles)
    assert share.min() >= 0
    assert share.max() <= 1
    for k in range(1, cycles):
        assert weights[:k].sum() + share[k] * weights[k] == pytest.approx(k, abs=1e-10)


@pytest.mark.parametrize("rule", ["annual", "nominal"])
def test_impossible_rates(rule: str) -> None:
    with pytest.raises(ModelError, match="-100 %"):
        discount_factors(rule, -1.0, 3, 1)
    with pytest.raises(ModelError, match="unknown discounting"):
        discount_factors("yearly", 0.03, 3, 1)
    with pytest.raises(ModelError, match="unknown within-cycle"):
        within_cycle_weights("simpsons", 3)
