"""A perspective is a set of parties: its cost is what flows out of the set less what flows in."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from costeff.errors import ResultError
from costeff.ledger.flows import Flows
from costeff.model.elements import Perspective
from costeff.model.formulas.expression import Expression
from costeff.model.model import Model


def enters(perspective: Perspective, flows: Flows) -> np.ndarray:
    """Sign (lines,) with which each line enters: +1 out of the set, -1 into it, 0 inside, outside or filtered away.

    What tax financing adds comes besides; see `financing`.
    """
    return _signs(perspective, perspective.parties, flows)


def financing(perspective: Perspective, flows: Flows) -> np.ndarray:
    """Sign (lines,) with which each line enters what the parties behind its tax financing pay net; 0 without it."""
    if perspective.tax_financing is None:
        return np.zeros(len(flows.lines))
    plain = replace(perspective, items=(), exclude_items=())
    return _signs(plain, perspective.tax_financing.parties, flows)


def _signs(perspective: Perspective, parties: Collection[str], flows: Flows) -> np.ndarray:
    inside = set(parties)
    signs = np.zeros(len(flows.lines))
    for i, line in enumerate(flows.lines):
        if line.flow.only_in and perspective.name not in line.flow.only_in:
            continue
        if perspective.items and line.item not in perspective.items:
            continue
        if line.item in perspective.exclude_items:
            continue
        signs[i] = (line.payer in inside) - (line.recipient in inside)
    return signs


def cost(
    perspective: Perspective, flows: Flows, env: Mapping[str, Any], layer: int, *, half: bool = False
) -> np.ndarray:
    """Cost per individual by period: (D, G, periods), or (D, 2, G, periods) for the halves.

    Sums of rounded cells are exact; only a perspective's tax financing and `factor` are applied after them. Raises
    ResultError for halves in a layer that was not kept.
    """
    amounts = flows.half if half else flows.amount
    assert amounts is not None
    if half and flows.half_layer is not None:
        if layer != flows.half_layer:
            raise ResultError(
                f"halves are kept for layer {flows.half_layer} only",
                value=layer,
                way_out="price with costeff.ledger.flows without half_layer",
            )
        layer = 0
    total = _net(amounts, enters(perspective, flows), layer)
    if perspective.tax_financing is not None:
        rate = _by_draw(perspective.tax_financing.rate, env, total.ndim)
        total = total + rate * _net(amounts, financing(perspective, flows), layer)
    if perspective.factor is not None:
        total = total * _by_draw(perspective.factor, env, total.ndim)
    return total


def _net(amounts: np.ndarray, signs: np.ndarray, layer: int) -> np.ndarray:
    """Sum of the lines with their signs, by everything but the line; exact."""
    total = np.zeros((*amounts.shape[:-3], amounts.shape[-2]))
    for i in np.flatnonzero(signs):
        add = np.add if signs[i] > 0 else np.subtract
        add(total, amounts[..., i, :, layer], out=total)
    return total


def _by_draw(formula: Expression, env: Mapping[str, Any], dimensions: int) -> np.ndarray:
    """The value in each draw, (D, 1, ...); (1, 1, ...) where it is the same in all."""
    return np.asarray(formula.evaluate(env), float).reshape(-1, *[1] * (dimensions - 1))


def rounding(perspective: Perspective, flows: Flows, env: Mapping[str, Any], layer: int) -> float:
    """How far the mean of both halves' cost may lie from the whole's by rounding alone, in kroner per individual."""
    return float(rounding_by_draw(perspective, flows, env, layer).max(initial=0.0))


def rounding_by_draw(perspective: Perspective, flows: Flows, env: Mapping[str, Any], layer: int) -> np.ndarray:
    """How far rounding alone may move the cost of each draw, (D,), in kroner per individual.

    A cell of the whole and the mean of its two halves are each rounded by at most half a step; sums of rounded cells
    are exact. Before that, either is worked out with four roundings of a float at most. What a party passes on is
    received and paid in different cells, so that its net is as far from 0 as this, and no farther.
    """
    entering = np.flatnonzero(enters(perspective, flows) + 2 * financing(perspective, flows))
    cells = len(entering) * flows.amount.shape[-2]
    step = np.zeros(len(flows.amount)) if flows.quantum is None else flows.quantum
    gross = np.abs(flows.amount[..., layer][:, :, entering]).sum(axis=(2, 3)).max(axis=1, initial=0.0)
    factor = np.ones(1)
    if perspective.tax_financing is not None:
        factor = factor + np.abs(_by_draw(perspective.tax_financing.rate, env, 1))
    if perspective.factor is not None:
        factor = factor * np.abs(_by_draw(perspective.factor, env, 1))
    return np.asarray(factor * (cells * step + 8 * float(np.finfo(float).eps) * gross))


def parties_net(model: Model, flows: Flows, layer: int, *, half: bool = False) -> dict[str, np.ndarray]:
    """What each party inside society pays less what it receives: name to (D, G, periods), without `only_in` flows.

    With `half` of each half of the individuals: (D, 2, G, periods).
    """
    return {
        party.name: cost(Perspective(party.name, party.label, (party.name,)), flows, {}, layer, half=half)
        for party in model.parties
        if not party.outside
    }
