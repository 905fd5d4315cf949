"""Ratios of strategy effects by (draw, strategy, row, window); exits under the same effects share a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from costeff.compile.hazards import changed_ratio, ratio_values
from costeff.compile.scales import Exit, beside
from costeff.model.model import Model


def ratios(model: Model, exits: Sequence[Exit], env: Mapping[str, Any], draws: int) -> tuple[list[int], np.ndarray]:
    """Row of each exit, and (D, G, rows, windows); row 0 is 1."""
    shape = (draws, len(model.strategies), len(model.window_edges) - 1)
    row_by_key: dict[tuple[object, ...], int] = {((), None, ()): 0}
    rows = [np.ones(shape)]
    index = []
    for exit_ in exits:
        t = exit_.transition
        effects = tuple(
            i for i, e in enumerate(model.strategy_effects) if e.scale == "hazard" and {t.name, t.leg} & set(e.legs)
        )
        key = (effects, exit_.active, (t.name, exit_.ratios) if exit_.ratios else ())
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
        formulas = effect.ratio if len(effect.ratio) > 1 else effect.ratio * windows
        row[:, g, :] *= np.concatenate([ratio_values(f, env, draws, effect) for f in formulas][:windows], axis=1)
    rivals = beside(list(dict.fromkeys(e.transition for e in exits)), exit_.transition)
    for (g, w), changes in exit_.ratios:
        row[:, g, w] *= changed_ratio(exit_, rivals, changes, env, draws)
    if exit_.active is not None:
        for g in range(strategies):
            for w in range(windows):
                if (g, w) not in exit_.active:
                    row[:, g, w] = 0.0
    return row
