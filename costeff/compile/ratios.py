"""Ratios of strategy effects by (draw, strategy, row, window); exits under the same effects share a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from costeff.compile.hazards import changed_ratio, ratio_values
from costeff.compile.scales import Exit, beside
from costeff.model.elements import TIME, StrategyEffect
from costeff.model.formulas.expression import Expression
from costeff.model.model import Model


def ratios(model: Model, exits: Sequence[Exit], env: Mapping[str, Any], draws: int) -> tuple[list[int], np.ndarray]:
    """Row of each exit, and (D, G, rows, windows); row 0 is 1."""
    shape = (draws, len(model.strategies), len(model.window_edges) - 1)
    row_by_key: dict[tuple[object, ...], int] = {((), None, None, ()): 0}
    rows = [np.ones(shape)]
    index = []
    for exit_ in exits:
        t = exit_.transition
        effects = tuple(
            i
            for i, e in enumerate(model.strategy_effects)
            if e.scale == "hazard" and e.clock == TIME and {t.name, t.leg} & set(e.legs)
        )
        code = exit_.code if any(model.strategy_effects[i].categories for i in effects) else None
        key = (effects, code, exit_.active, (t.name, exit_.ratios) if exit_.ratios else ())
        if key not in row_by_key:
            row_by_key[key] = len(rows)
            rows.append(_row(model, exits, exit_, effects, env, shape))
        index.append(row_by_key[key])
    return index, np.stack(rows, axis=2)


def _row(
    model: Model,
    exits: Sequence[Exit],
    exit_: Exit,
    effects: tuple[int, ...],
    env: Mapping[str, Any],
    shape: tuple[int, int, int],
) -> np.ndarray:
    """(D, G, windows) of one exit: its ratios on the hazard, what other scales make of it, and whether it is on."""
    draws, strategies, windows = shape
    row = np.ones(shape)
    for effect in (model.strategy_effects[i] for i in effects):
        g = model.strategy_names.index(effect.strategy)
        formulas = effect.ratio if exit_.code is None else effect.ratios(exit_.code)
        ratio = _by_window(formulas if len(formulas) > 1 else formulas * windows, effect, model, env, draws)
        row[:, g, :] *= ratio
    rivals = beside(list(dict.fromkeys(e.transition for e in exits)), exit_.transition)
    for (g, w), changes in exit_.ratios:
        row[:, g, w] *= changed_ratio(exit_, rivals, changes, env, draws)
    if exit_.active is not None:
        for g in range(strategies):
            for w in range(windows):
                if (g, w) not in exit_.active:
                    row[:, g, w] = 0.0
    return row


def _by_window(
    formulas: Sequence[Expression], effect: StrategyEffect, model: Model, env: Mapping[str, Any], draws: int
) -> np.ndarray:
    """(D, windows): the ratio of each window; of one that reads `t`, the mean over the cycles of the window."""
    edges = list(pairwise(model.window_edges))
    cycles: dict[Expression, list[np.ndarray]] = {}
    for formula, (low, high) in zip(formulas, edges, strict=False):  # windows past the horizon have a ratio too
        cycles.setdefault(formula, []).append(np.arange(low, high))
    means = {formula: iter(_means(formula, own, effect, env, draws)) for formula, own in cycles.items()}
    return np.stack([next(means[formula]) for formula in formulas[: len(edges)]], axis=1)


def _means(
    formula: Expression, cycles: list[np.ndarray], effect: StrategyEffect, env: Mapping[str, Any], draws: int
) -> np.ndarray:
    """(windows, D): the mean ratio over the cycles of each of its windows, worked out once for all."""
    if "t" not in formula.names:
        return np.broadcast_to(ratio_values(formula, env, draws, effect)[:, 0], (len(cycles), draws))
    here = {**env, "t": (np.concatenate(cycles) - effect.begins).astype(float)[None, :]}
    lengths = np.array([len(own) for own in cycles])
    each = ratio_values(formula, here, draws, effect, int(lengths.sum()))
    return np.asarray((np.add.reduceat(each, np.cumsum([0, *lengths[:-1]]), axis=1) / lengths).T)
