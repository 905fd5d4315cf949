"""Cumulative hazard tables: one for each different (formula, clock, strata), shared by all individuals of a draw.

Hazards are rounded to whole multiples of 2**-44 per cycle, so that sums and differences are exact and do not depend on
where a table begins, hence not on which draws or individuals are compiled together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from costeff.errors import ModelError
from costeff.model.elements import Transition
from costeff.model.model import Model

QUANTUM = 2.0**-44
CERTAIN = 64.0  # hazard that stands for probability 1: the chance of staying is below 1e-27
ROUNDING = 1e-9  # sums of probabilities this close to 1 count as 1


@dataclass(frozen=True)
class HazardTables:
    """Rows for `Tables`: which table each exit reads, and the cumulative hazards of all, (D, M)."""

    exit_table: list[int]
    offset: list[int]
    start: list[int]
    length: list[int]
    stratum: list[int]
    strata: list[tuple[str, ...]]
    cumulative: np.ndarray


def hazard_tables(
    model: Model,
    exits: list[Transition],
    env: Mapping[str, Any],
    ranges: Mapping[str, tuple[int, int]],
    draws: int,
    compact: bool = False,
) -> HazardTables:
    """Build all tables. `ranges` gives each clock's first value and the value it stays below.

    With `compact`, a hazard whose formula does not read `t` is a table of one cycle that stands for all (cohort only).
    """
    keys: dict[tuple[object, ...], int] = {}
    exit_table: list[int] = []
    offset: list[int] = []
    start: list[int] = []
    length: list[int] = []
    stratum: list[int] = []
    strata: list[tuple[str, ...]] = []
    blocks: list[np.ndarray] = []
    size = 0
    for transition in exits:
        beside = _beside(exits, transition)
        formula = transition.hazard or transition.probability
        key = (formula, transition.clock, transition.strata, tuple(t.probability for t in beside))
        if key not in keys:
            keys[key] = len(keys)
            low, high = ranges[transition.clock]
            if compact and not any(
                "t" in f.names for x in beside or [transition] if (f := x.hazard or x.probability)
            ):
                high = low + 1
            hazards = _hazards(model, transition, beside, env, low, high, draws)
            sums = _accumulate(hazards)
            _check_overflow(transition, sums, low)
            blocks.append(sums.reshape(draws, -1))
            offset.append(size)
            start.append(low)
            length.append(high - low)
            size += blocks[-1].shape[1]
            if transition.strata and transition.strata not in strata:
                strata.append(transition.strata)
            stratum.append(strata.index(transition.strata) if transition.strata else -1)
        exit_table.append(keys[key])
    cumulative = np.concatenate(blocks, axis=1) if blocks else np.zeros((draws, 1))
    return HazardTables(exit_table, offset, start, length, stratum, strata, cumulative)


def stratum_sizes(model: Model, strata: tuple[str, ...]) -> list[int]:
    """Number of categories of each attribute in `strata`."""
    by_name = {a.name: a for a in model.attributes}
    return [len(by_name[name].categories or ()) for name in strata]


def _beside(exits: list[Transition], transition: Transition) -> list[Transition]:
    """The exits whose probabilities share a cycle with this one (empty for a hazard)."""
    if transition.probability is None:
        return []
    same = [t for t in exits if t.source == transition.source and t.probability is not None]
    return [t for t in same if (t.lifelong is None) == (transition.lifelong is None)]


def _hazards(
    model: Model,
    transition: Transition,
    beside: list[Transition],
    env: Mapping[str, Any],
    low: int,
    high: int,
    draws: int,
) -> np.ndarray:
    """Hazard per cycle, (D, strata, cycles), checked."""
    t = np.arange(low, high, dtype=float)[None, :]
    codes = list(product(*(range(n) for n in stratum_sizes(model, transition.strata))))
    rows = []
    for code in codes:
        here = {**env, "t": t, **dict(zip(transition.strata, map(float, code), strict=True))}
        if transition.hazard is not None:
            rows.append(_evaluate(transition, transition.hazard, here, (draws, high - low)))
        else:
            rows.append(_converted(transition, beside, here, (draws, high - low)))
    hazards = np.stack(rows, axis=1)
    bad = ~np.isfinite(hazards) | (hazards < 0)
    if bad.any():
        d, _, k = np.argwhere(bad)[0]
        raise ModelError(
            f"hazard of '{transition.name}' is negative or not finite (draw {d}, '{transition.clock}' at {low + k})",
            where=transition.place,
            value=float(hazards[bad][0]),
            rule="a hazard per cycle is finite and at least 0; certain exits are deadlines",
            way_out="bound the formula with max(0, ...), or declare a deadline",
        )
    return hazards


def _evaluate(
    transition: Transition, formula: Any, env: Mapping[str, Any], shape: tuple[int, int]
) -> np.ndarray:
    return np.broadcast_to(np.asarray(formula.evaluate(env), float), shape)


def _converted(
    transition: Transition, beside: list[Transition], env: Mapping[str, Any], shape: tuple[int, int]
) -> np.ndarray:
    """Hazards H p_j / sum(p) with H = -log(1 - sum(p)): they return exactly the declared probabilities."""
    p = {t.name: _evaluate(t, t.probability, env, shape) for t in beside}
    total = np.sum(list(p.values()), axis=0)
    low = np.min([v.min() for v in p.values()])
    if low < 0 or total.max() > 1 + ROUNDING:
        d, k = np.argwhere((total > 1 + ROUNDING) | np.any([v < 0 for v in p.values()], axis=0))[0]
        parts = ", ".join(f"{name} {v[d, k]:.6g}" for name, v in p.items())
        raise ModelError(
            f"probabilities leaving '{transition.source}' sum to {total[d, k]:.6g} (draw {d}, cycle {k}: {parts})",
            where=transition.place,
            value=float(total[d, k]),
            rule="probabilities of one cycle are at least 0 and sum to at most 1",
            way_out="give them as rates, or make one the complement",
        )
    certain = total >= 1 - ROUNDING
    hazard = np.where(certain, CERTAIN, -np.log1p(-np.where(certain, 0.0, total)))
    return hazard * np.where(total > 0, p[transition.name] / np.where(total > 0, total, 1.0), 0.0)


def _accumulate(hazards: np.ndarray) -> np.ndarray:
    """Prefix sums from 0 along the last axis, one entry more than cycles."""
    out = np.zeros((*hazards.shape[:-1], hazards.shape[-1] + 1))
    with np.errstate(over="ignore"):  # named by _check_overflow
        np.cumsum(np.rint(hazards / QUANTUM) * QUANTUM, axis=-1, out=out[..., 1:])
    return out


def _check_overflow(transition: Transition, sums: np.ndarray, low: int) -> None:
    """Raise ModelError when hazards that are finite have a sum that is not."""
    bad = ~np.isfinite(sums)
    if bad.any():
        d, _, k = np.argwhere(bad)[0]
        raise ModelError(
            f"the cumulative hazard of '{transition.name}' overflows (draw {d}, '{transition.clock}' at {low + k - 1})",
            where=transition.place,
            value=str(transition.hazard or transition.probability),
            rule="hazards sum to a finite number over all values of the clock; certain exits are deadlines",
            way_out="bound the formula with min(64, ...): above that an exit is certain to 1e-27",
        )
