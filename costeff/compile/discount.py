"""Discount factors and within-cycle weights at the points of time 0, 1, ..., T cycles, by the names of conventions.

Published programs differ in these, and so do their figures; docs/model_language.md lists which name replicates which.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from costeff.errors import ModelError
from costeff.model.checks.structure import DISCOUNTING, WITHIN_CYCLE


def discount_factors(
    rule: str,
    rate: float,
    cycles: int,
    cycles_per_year: int,
    later: Sequence[tuple[float, float]] = (),
    shift: float = 0.0,
) -> np.ndarray:
    """Factors (cycles + 1,) for a yearly `rate`, at `shift` cycles after each point.

    `whole_year`: (1 + rate)**-(whole years since start), so that the first year is not discounted, as in Danish public
    budgets; `annual`: (1 + rate)**-(years since start); `mid_cycle`: the same from the middle of each cycle;
    `continuous`: exp(-rate * years); `nominal`: (1 + rate / cycles per year)**-cycles.
    `later` holds (year, rate): from that year on the rate is another, chained to the factor reached by then.

    >>> discount_factors("whole_year", 0.035, 104, 52)[[0, 51, 52, 104]].round(6).tolist()
    [1.0, 1.0, 0.966184, 0.933511]
    >>> discount_factors("annual", 0.035, 80, 1, later=[(35, 0.025), (70, 0.015)])[[35, 36, 70, 71]].round(6).tolist()
    [0.299977, 0.29266, 0.126402, 0.124534]
    """
    if rule not in DISCOUNTING:
        raise ModelError(f"unknown discounting rule '{rule}'", value=rule, rule=", ".join(DISCOUNTING))
    at = np.arange(cycles + 1) + shift + (0.5 if rule == "mid_cycle" else 0.0)
    years = at / cycles_per_year
    if rule == "whole_year":
        years = np.floor(years)
    starts = [0.0, *(float(year) for year, _ in later), np.inf]
    out = np.ones(cycles + 1)
    for (begin, end), r in zip(pairwise(starts), [rate, *(r for _, r in later)], strict=True):
        if r <= -1:
            raise ModelError("a discount rate of -100 % or less", value=r, rule="a yearly rate above -1")
        span = np.clip(years, begin, end) - begin
        if rule == "continuous":
            out = out * np.exp(-r * span)
        elif rule == "nominal":
            out = out * (1 + r / cycles_per_year) ** -(span * cycles_per_year)
        else:
            out = out * (1 + r) ** -span
    return np.asarray(out)


def within_cycle_weights(rule: str, cycles: int) -> np.ndarray:
    """Weights (cycles + 1,) of the states at the points of time; they sum to `cycles` but for the last two rules.

    `none`: a state counts for the whole cycle that it begins; `none_end`: that it ends; `half_cycle`: half a cycle at
    both ends (trapezoids); `simpson`: Simpson's 1/3 rule, for an odd number of cycles with the 3/8 rule over the last
    three (one cycle: a trapezoid). Only to replicate: `both_ends` counts all points fully, one cycle too many, and
    `darth` has the published Simpson weights with their indices shifted by one (2/3 and 4/3 exchanged).

    >>> within_cycle_weights("half_cycle", 3).tolist()
    [0.5, 1.0, 1.0, 0.5]
    >>> (3 * within_cycle_weights("simpson", 4)).round(9).tolist()
    [1.0, 4.0, 2.0, 4.0, 1.0]
    >>> (24 * within_cycle_weights("simpson", 5)).round(9).tolist()
    [8.0, 32.0, 17.0, 27.0, 27.0, 9.0]
    """
    weights = np.ones(cycles + 1)
    match rule:
        case "none":
            weights[-1] = 0.0
        case "none_end":
            weights[0] = 0.0
        case "half_cycle":
            weights[[0, -1]] = 0.5
        case "simpson":
            return _simpson(cycles)
        case "both_ends":
            pass
        case "darth":
            weights[::2], weights[1::2] = 4 / 3, 2 / 3
            weights[[0, -1]] = 1 / 3
        case _:
            raise ModelError(f"unknown within-cycle rule '{rule}'", value=rule, rule=", ".join(WITHIN_CYCLE))
    return weights


def _simpson(cycles: int) -> np.ndarray:
    if cycles == 1:
        return np.full(2, 0.5)
    weights = np.zeros(cycles + 1)
    even = cycles if cycles % 2 == 0 else cycles - 3
    for start in range(0, even, 2):
        weights[start : start + 3] += np.array([1, 4, 1]) / 3
    if even < cycles:
        weights[even:] += np.array([1, 3, 3, 1]) * 3 / 8
    return weights


def event_weights(
    events_at: str,
    rule: str,
    rate: float,
    within_cycle: str,
    cycles: int,
    cycles_per_year: int,
    later: Sequence[tuple[float, float]] = (),
) -> np.ndarray:
    """Factors (cycles + 1,) of the events of each cycle (none fall in the last, which begins at the horizon).

    `start`, `middle`, `end`: discounted from there; `end_weighted`: from the end, and multiplied by the within-cycle
    weight of that point too, as in programs that put rewards of transitions into an array of destinations.

    >>> event_weights("end", "annual", 1.0, "none", 2, 1).tolist()
    [0.5, 0.25, 0.125]
    """
    shift = {"start": 0.0, "middle": 0.5, "end": 1.0, "end_weighted": 1.0}[events_at]
    out = discount_factors(rule, rate, cycles, cycles_per_year, later, shift)
    if events_at == "end_weighted":
        out = out * np.append(within_cycle_weights(within_cycle, cycles)[1:], 0.0)
    return out


def share_before(rule: str, cycles: int) -> np.ndarray:
    """(cycles + 1,): how much of each point's weight counts before a limit at that point.

    As much as makes what is before add up to the limit: nothing under `none`, everything under `none_end`, half under
    `half_cycle` and, but for the last cycles of an odd number, under `simpson`.

    >>> share_before("half_cycle", 4).tolist(), share_before("simpson", 5).round(3).tolist()
    ([0.0, 0.5, 0.5, 0.5, 1.0], [0.0, 0.5, 0.471, 0.556, 0.444, 1.0])
    >>> share_before("none", 4).tolist(), share_before("none_end", 4).tolist()
    ([0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 1.0, 1.0, 1.0, 1.0])
    """
    weights = within_cycle_weights(rule, cycles)
    missing = np.arange(cycles + 1) - (np.cumsum(weights) - weights)
    share = np.divide(missing, weights, out=np.zeros(cycles + 1), where=weights > 0)
    return np.asarray(np.clip(share.round(12), 0.0, 1.0))


def periods(cycles: int, cycles_per_year: int) -> np.ndarray:
    """Year (cycles + 1,) that begins at or before each point of time; the horizon belongs to the last.

    >>> periods(4, 2).tolist()
    [0, 0, 1, 1, 1]
    """
    points = np.minimum(np.arange(cycles + 1), cycles - 1)
    return np.asarray(points // cycles_per_year, dtype=np.int32)
