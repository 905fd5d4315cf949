"""Effects: health and work, per individual, by draw and strategy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from costeff.compile.layout import EventTally, Layout, Tally, measure
from costeff.engine.quantities import Quantities
from costeff.errors import ModelError
from costeff.model.elements import Effect, Term
from costeff.model.model import Model


@dataclass(frozen=True)
class Effects:
    """`value` (D, G, effects) over all individuals; `half` (D, 2, G, effects) for halves, None for one individual."""

    names: tuple[str, ...]
    value: np.ndarray
    half: np.ndarray | None


def effects(
    model: Model,
    where: Layout,
    env: Mapping[str, Any],
    quantities: Quantities,
    layer: int,
    some: Sequence[Effect] | None = None,
) -> Effects:
    """Every effect of `model`, or `some` of them; `layer` is the discounting layer of those that are discounted."""
    own = model.effects if some is None else some
    size = quantities.half_sizes
    both = bool(np.all(size > 0))
    shape = (quantities.draws, quantities.time.shape[1], len(own))
    value = np.zeros(shape)
    half = np.zeros((shape[0], 2, *shape[1:])) if both else None
    for i, effect in enumerate(own):
        total = _total(model, where, effect, env, quantities, layer if effect.discount else 0)
        value[:, :, i] = total.sum(axis=2) / size.sum()
        if half is not None:
            half[:, :, :, i] = np.swapaxes(total / size, 1, 2)
    return Effects(tuple(e.name for e in own), value, half)


def _total(
    model: Model, where: Layout, effect: Effect, env: Mapping[str, Any], quantities: Quantities, layer: int
) -> np.ndarray:
    """Sum over individuals, (D, G, 2)."""
    if effect.passage is not None:
        out = _passage(model, effect, quantities)
    elif effect.events:
        rows = where.event_rows(effect.events)
        periods = _periods(model, effect, effect.within, quantities)
        out = quantities.events[:, :, :, rows][..., periods, layer].sum(axis=(3, 4))
    else:
        out = np.zeros(quantities.time.shape[:3])
        for term in effect.terms:
            keep = [not term.strategies or s in term.strategies for s in model.strategy_names]
            term_total = _term(model, where, effect, term, env, quantities, layer)
            out = out + np.array(keep, float)[None, :, None] * term_total
    if effect.factor is not None:
        out = out * np.asarray(effect.factor.evaluate(env), float).ravel()[:, None, None]
    return np.asarray(out)


def _term(
    model: Model, where: Layout, effect: Effect, term: Term, env: Mapping[str, Any], quantities: Quantities, layer: int
) -> np.ndarray:
    """One term summed over individuals, (D, G, 2), under every strategy."""
    periods = _periods(model, effect, term.within or effect.within, quantities)
    weight = measure(model, term, term.amount)
    bands = (term.band,) if term.band else ()
    out = np.zeros(quantities.time.shape[:3])
    if term.events:
        tally = where.event_tally(weight, bands, term.events)
        if tally is None:
            amount = np.asarray(term.amount.evaluate(env), float).ravel()[:, None, None]
            rows = where.event_rows(term.events)
            return np.asarray(amount * quantities.events[:, :, :, rows][..., periods, layer].sum(axis=(3, 4)))
        gains = quantities.events[:, :, :, tally.offset : tally.offset + tally.cells, periods, layer].sum(axis=-1)
        for amount, cells in _amounts(model, tally, term, env):
            out = out + amount[:, None, None] * gains[..., cells].sum(axis=-1)
        return out
    time_tally = where.tally(weight, bands)
    for amount, cells in _amounts(model, time_tally, term, env):
        for state in term.states:
            time = quantities.time[..., where.cells(time_tally, state), periods, layer].sum(axis=-1)
            out = out + amount[:, None, None] * time[..., cells].sum(axis=-1)
    return out


def _amounts(
    model: Model, tally: Tally | EventTally, term: Term, env: Mapping[str, Any]
) -> list[tuple[np.ndarray, np.ndarray | slice]]:
    """The amount of a term, (D,), with the cells of the tally it holds for; one for each interval of its band.

    1 where the tally holds the amount itself.
    """
    if tally.weight == term.amount:
        return [(np.ones(1), slice(None))]
    if term.band is None:
        return [(np.asarray(term.amount.evaluate(env), float).ravel(), slice(None))]
    sizes = {b.name: len(b.edges) + 1 for b in model.bands}
    shape = [sizes[b] for b in tally.bands]
    interval = np.indices(shape)[tally.bands.index(term.band)].ravel()
    lows = (0, *model.find("bands", term.band).edges)
    return [
        (np.asarray(term.amount.evaluate({**env, "t": float(low)}), float).ravel(), np.flatnonzero(interval == i))
        for i, low in enumerate(lows)
    ]


def _periods(model: Model, effect: Effect, within: int | None, quantities: Quantities) -> slice:
    """Periods that lie before `within` cycles (all without it)."""
    if within is None:
        return slice(None)
    per_year = model.conventions.cycles_per_year
    years = -(-model.conventions.horizon // per_year)
    if quantities.time.shape[4] != years:
        raise ModelError(
            f"effect '{effect.name}' counts the first years, and time is not kept by year",
            where=effect.place,
            value=f"{quantities.time.shape[4]} periods",
            rule=f"{years} periods, one for each year of the horizon",
            way_out="simulate without `period_cycles`",
        )
    return slice(0, within // per_year)


def _passage(model: Model, effect: Effect, quantities: Quantities) -> np.ndarray:
    names = [p.name for p in model.passages]
    counts = quantities.passages[:, :, :, names.index(effect.passage or "")]
    if effect.mean_within is None:
        return np.asarray(counts[..., : effect.within].sum(axis=-1))
    at = np.minimum(np.arange(counts.shape[-1]), effect.mean_within)  # the last cell holds who never passes
    return np.asarray((counts * at).sum(axis=-1))
