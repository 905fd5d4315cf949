"""Discount factors and within-cycle weights at the points of time 0, 1, ..., T cycles."""

from __future__ import annotations

import numpy as np

from costeff.errors import ModelError


def discount_factors(rule: str, rate: float, cycles: int, cycles_per_year: int) -> np.ndarray:
    """Factors (cycles + 1,) for a yearly `rate`.

    `whole_year`: (1 + rate)**-(whole years since start), so that the first year is not discounted, as in Danish public
    budgets; `annual`: (1 + rate)**-(years since start); `continuous`: exp(-rate * years).

    >>> discount_factors("whole_year", 0.035, 104, 52)[[0, 51, 52, 104]].round(6).tolist()
    [1.0, 1.0, 0.966184, 0.933511]
    """
    if rate <= -1:
        raise ModelError("a discount rate of -100 % or less", value=rate, rule="a yearly rate above -1")
    years = np.arange(cycles + 1) / cycles_per_year
    if rule == "whole_year":
        return np.asarray((1 + rate) ** -np.floor(years))
    if rule == "annual":
        return np.asarray((1 + rate) ** -years)
    if rule == "continuous":
        return np.asarray(np.exp(-rate * years))
    raise ModelError(
        f"unknown discounting rule '{rule}'", value=rule, rule="whole_year, annual or continuous"
    )


def within_cycle_weights(rule: str, cycles: int) -> np.ndarray:
    """Weights (cycles + 1,) of the states at the points of time; they sum to `cycles`.

    `none`: a state counts for the whole cycle that it begins; `half_cycle`: half a cycle at both ends.

    >>> within_cycle_weights("half_cycle", 3).tolist()
    [0.5, 1.0, 1.0, 0.5]
    """
    weights = np.ones(cycles + 1)
    if rule == "none":
        weights[-1] = 0.0
    elif rule == "half_cycle":
        weights[[0, -1]] = 0.5
    else:
        raise ModelError(f"unknown within-cycle rule '{rule}'", value=rule, rule="none or half_cycle")
    return weights
