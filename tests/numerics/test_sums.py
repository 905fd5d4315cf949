"""Sums over a row, anchored in the same sums in plain Python: eight parts, then the parts in pairs; every bit equal."""

from __future__ import annotations

import numpy as np
import pytest

from costeff.numerics.kernel_cache import kernel
from costeff.numerics.sums import PARTS, padded, sum_of, sum_of_products


@kernel
def both_sums(a: np.ndarray, x: np.ndarray, s: int, first: int, count: int) -> tuple[float, float]:
    """(sum of x, sum of a x) over `count` numbers of row s, those of x from place `first` on."""
    row = x[s, first : first + count]
    return sum_of(row, count), sum_of_products(a[s], row, count)


@pytest.mark.parametrize("count", [0, 8, 16, 104])
def test_sums_are_made_in_eight_parts(count: int) -> None:
    a, x = np.random.default_rng(3).lognormal(0, 4, (2, 2, 120))
    row = x[1, 7 : 7 + count]
    for total, terms in zip(both_sums(a, x, 1, 7, count), (row, a[1, :count] * row), strict=True):
        parts = [0.0] * PARTS
        for k, term in enumerate(terms.tolist()):
            parts[k % PARTS] += term
        s0, s1, s2, s3, s4, s5, s6, s7 = parts
        assert total == ((s0 + s4) + (s1 + s5)) + ((s2 + s6) + (s3 + s7))


@kernel
def next_multiple(count: int) -> int:
    return padded(count)


def test_a_row_is_read_in_whole_parts() -> None:
    assert [next_multiple(count) for count in (0, 1, 7, 8, 9, 260)] == [0, 8, 8, 8, 16, 264]
