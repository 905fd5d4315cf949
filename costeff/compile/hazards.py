"""Cumulative hazard tables: one for each different (formula, clock, strata), shared by all individuals of a draw.

Hazards are rounded to whole multiples of 2**-44 per cycle, so that sums and differences are exact and do not depend on
where a table begins, hence not on which draws or individuals are compiled together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, product
from typing import Any

import numpy as np

from costeff.compile.hazard_sums import sum_hazards
from costeff.compile.scales import Changes, Exit, beside
from costeff.errors import ModelError
from costeff.model.elements import StrategyEffect, Transition
from costeff.model.formulas.expression import Expression
from costeff.model.model import Model

CERTAIN = 64.0  # hazard that stands for probability 1: the chance of staying is below 1e-27
REST = Expression("rest")  # the probability that the others of a state leave
ROUNDING = 1e-9  # sums of probabilities this close to 1 count as 1
MOST_CYCLES = 10_000_000  # of one table: 80 MB a draw


@dataclass(frozen=True)
class HazardTables:
    """Rows for `Tables`: which table each exit reads, cumulative hazards, (D, M), and the largest of each, (D, Q)."""

    exit_table: list[int]
    offset: list[int]
    start: list[int]
    length: list[int]
    stratum: list[int]
    strata: list[tuple[str, ...]]
    cumulative: np.ndarray
    most: np.ndarray


def hazard_tables(
    model: Model,
    exits: Sequence[Exit],
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
    start: list[int] = []
    length: list[int] = []
    stratum: list[int] = []
    strata: list[tuple[str, ...]] = []
    blocks: list[np.ndarray] = []  # hazards of each table, (D or 1, strata, cycles)
    where: list[tuple[Transition, int]] = []
    transitions = list(dict.fromkeys(e.transition for e in exits))
    for exit_ in exits:
        transition = exit_.transition
        rivals = beside(transitions, transition)
        formula = transition.hazard or transition.probability
        codes = strata_of(transition, rivals)
        key = (formula, transition.clock, codes, tuple(t.probability for t in rivals), exit_.table)
        if key not in keys:
            keys[key] = len(keys)
            low, high = ranges[transition.clock]
            if compact and not _reads_time(exit_, rivals or [transition]):
                high = low + 1
            blocks.append(_hazards(model, exit_, rivals, env, low, high, draws))
            where.append((transition, low))
            start.append(low)
            length.append(high - low)
            if codes and codes not in strata:
                strata.append(codes)
            stratum.append(strata.index(codes) if codes else -1)
        exit_table.append(keys[key])
    *offset, size = accumulate((block.shape[1] * (block.shape[2] + 1) for block in blocks), initial=0)
    cumulative = np.empty((draws, size)) if size else np.zeros((draws, 1))
    most = np.zeros((draws, len(blocks)))
    for q, (at, block, (transition, low)) in enumerate(zip(offset, blocks, where, strict=True)):
        strata_here, cycles = block.shape[1:]
        # Of one type for the kernel, whether a draw changes the hazard or not.
        sum_hazards(np.broadcast_to(block, block.shape), at, cumulative, most, q)
        sums = cumulative[:, at : at + strata_here * (cycles + 1)].reshape(draws, strata_here, cycles + 1)
        _check_overflow(transition, sums, low)
    return HazardTables(exit_table, offset, start, length, stratum, strata, cumulative, most)


def _reads_time(exit_: Exit, rivals: Sequence[Transition]) -> bool:
    """Whether the exit's table differs along its clock."""
    formulas = [f for x in rivals if (f := x.hazard or x.probability)]
    changes = [(e, ratio) for _, e, ratio in exit_.table if e.scale != "hazard" or e.clock == exit_.transition.clock]
    return any("t" in f.names for f in (*formulas, *(ratio for _, ratio in changes)))


def strata_of(transition: Transition, rivals: list[Transition]) -> tuple[str, ...]:
    """The attributes that an exit's hazard depends on: those of all the probabilities that it competes with, too."""
    return tuple(dict.fromkeys(name for t in rivals or [transition] for name in t.strata))


def stratum_sizes(model: Model, strata: tuple[str, ...]) -> list[int]:
    """Number of categories of each attribute in `strata`."""
    by_name = {a.name: a for a in model.attributes}
    return [len(by_name[name].categories or ()) for name in strata]


def changed_ratio(
    exit_: Exit, rivals: list[Transition], changes: Changes, env: Mapping[str, Any], draws: int
) -> np.ndarray:
    """(D,): hazard of an exit under `changes` over its hazard without; its probabilities do not depend on time."""
    before = _converted(exit_.transition, rivals, (), env, (draws, 1))[:, 0]
    after = _converted(exit_.transition, rivals, changes, env, (draws, 1))[:, 0]
    return np.asarray(np.where(before > 0, after / np.where(before > 0, before, 1.0), 1.0))


def _hazards(
    model: Model, exit_: Exit, rivals: list[Transition], env: Mapping[str, Any], low: int, high: int, draws: int
) -> np.ndarray:
    """Hazard per cycle, (D, strata, cycles), checked; (1, strata, cycles) when no draw changes it."""
    transition = exit_.transition
    if high - low > MOST_CYCLES:
        raise ModelError(
            f"the clock '{transition.clock}' spans more cycles than can be tabulated",
            where=transition.place,
            value=f"{low} to {high}",
            rule=f"a table runs over at most {MOST_CYCLES:,} cycles, from the clock's lowest value to its highest",
            way_out="check the clock's `initial`, and the attributes and parameters behind it",
        )
    t = np.arange(low, high, dtype=float)[None, :]
    strata = strata_of(transition, rivals)
    codes = list(product(*(range(n) for n in stratum_sizes(model, strata))))
    rows = []
    for code in codes:
        here = {**env, "t": t, **dict(zip(strata, map(float, code), strict=True))}
        if transition.hazard is not None:
            formula = next((own for _, e, own in exit_.table if e.scale == "instead"), transition.hazard)
            values = np.asarray(formula.evaluate(here), float)
            row = np.broadcast_to(values, (1 if values.size == 1 else len(values), high - low))
        else:
            row = _converted(transition, rivals, exit_.table, here, (draws, high - low))
        for _, effect, ratio in exit_.table:
            if effect.scale == "hazard" and effect.clock == transition.clock:
                row = row * ratio_values(ratio, here, draws, effect, high - low)
        rows.append(row)
    hazards = rows[0][:, None] if len(rows) == 1 else np.stack(np.broadcast_arrays(*rows), axis=1)
    if not (hazards.min() >= 0 and hazards.max() < np.inf):
        bad = ~np.isfinite(hazards) | (hazards < 0)
        d, _, k = np.argwhere(bad)[0]
        raise ModelError(
            f"hazard of '{transition.name}' is negative or not finite ('{transition.clock}' at {low + k})",
            draw=int(d),
            where=transition.place,
            value=float(hazards[bad][0]),
            rule="a hazard per cycle is finite and at least 0; certain exits are deadlines",
            way_out="bound the formula with max(0, ...), or declare a deadline",
        )
    return hazards


def _evaluate(transition: Transition, formula: Any, env: Mapping[str, Any], shape: tuple[int, int]) -> np.ndarray:
    return np.broadcast_to(np.asarray(formula.evaluate(env), float), shape)


def _converted(
    transition: Transition, rivals: list[Transition], changes: Changes, env: Mapping[str, Any], shape: tuple[int, int]
) -> np.ndarray:
    """Hazards H p_j / sum(p) with H = -log(1 - sum(p)): they return exactly the declared probabilities.

    `changes` multiply probabilities, or the rates -log(1 - p) behind them, before that.
    """
    own = {name: formula for name, effect, formula in changes if effect.scale == "instead"}
    rest = next((t.name for t in rivals if own.get(t.name, t.probability) == REST), None)
    p = {t.name: _evaluate(t, own.get(t.name, t.probability), env, shape) for t in rivals if t.name != rest}
    for name, effect, formula in changes:
        if effect.scale in ("hazard", "instead"):
            continue
        ratio = ratio_values(formula, env, shape[0], effect)
        if effect.scale == "probability":
            p[name] = p[name] * ratio
        else:
            certain = p[name] >= 1
            probability = -np.expm1(ratio * np.log1p(-np.where(certain, 0.0, p[name])))
            p[name] = np.where(certain, np.where(ratio > 0, p[name], 0.0), probability)
    if rest is not None:
        others = np.sum([np.zeros(shape), *p.values()], axis=0)
        p[rest] = np.where(np.abs(1 - others) < ROUNDING, 0.0, 1 - others)
        p = {t.name: p[t.name] for t in rivals}
    total = np.sum(list(p.values()), axis=0)
    _check_probabilities(transition, {t.name: t for t in rivals}, p, total)
    certain = total >= 1 - ROUNDING
    hazard = np.where(certain, CERTAIN, -np.log1p(-np.where(certain, 0.0, total)))
    return hazard * np.where(total > 0, p[transition.name] / np.where(total > 0, total, 1.0), 0.0)


def _check_probabilities(
    transition: Transition, exits: Mapping[str, Transition], p: Mapping[str, np.ndarray], total: np.ndarray
) -> None:
    """Raise ModelError for a probability below 0, by name, or for probabilities that sum to more than 1."""
    for name, values in p.items():
        if values.min() < 0:
            d, k = np.argwhere(values < 0)[0]
            raise ModelError(
                f"the probability of '{name}' is negative (cycle {k} of '{transition.clock}')",
                draw=int(d),
                where=exits[name].place,
                value=float(values[d, k]),
                rule="a probability lies in 0-1; what is left when others are taken from 1 may be below 0 in a draw",
                way_out="draw the probabilities together (a dirichlet group), or bound the formula with max(0, ...)",
            )
    if total.max() > 1 + ROUNDING:
        d, k = np.argwhere(total > 1 + ROUNDING)[0]
        parts = ", ".join(f"{name} {v[d, k]:.10g}" for name, v in p.items())
        raise ModelError(
            f"probabilities leaving '{transition.source}' sum to {total[d, k]:.12g} (cycle {k}: {parts})",
            draw=int(d),
            where=transition.place,
            value=float(total[d, k]),
            rule=f"probabilities of one cycle sum to at most 1, within {ROUNDING:g} for rounding",
            way_out="give them as rates, or make one the complement",
        )


def ratio_values(
    formula: Expression, env: Mapping[str, Any], draws: int, effect: StrategyEffect, cycles: int = 1
) -> np.ndarray:
    """A ratio of a strategy effect by draw and, where `env` holds so many `t`, by cycle; (D, cycles), checked."""
    values = np.broadcast_to(np.asarray(formula.evaluate(env), float), (draws, cycles))
    if not np.isfinite(values).all() or values.min() < 0:
        raise ModelError(
            f"ratio of '{effect.strategy}' on {', '.join(effect.legs)} is negative or not finite",
            where=effect.place,
            value=float(values.min()),
            rule="a ratio is finite and at least 0",
        )
    return values


def _check_overflow(transition: Transition, sums: np.ndarray, low: int) -> None:
    """Raise ModelError when hazards that are finite have a sum that is not."""
    if not np.isfinite(sums[..., -1]).all():  # sums do not fall
        d, _, k = np.argwhere(~np.isfinite(sums))[0]
        raise ModelError(
            f"the cumulative hazard of '{transition.name}' overflows ('{transition.clock}' at {low + k - 1})",
            draw=int(d),
            where=transition.place,
            value=str(transition.hazard or transition.probability),
            rule="hazards sum to a finite number over all values of the clock; certain exits are deadlines",
            way_out="bound the formula with min(64, ...): above that an exit is certain to 1e-27",
        )
