"""What a cycle in each cell, or an event, costs in a line of the ledger.

Sizes: D draws, N products of a line (a row of quantities times a price).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from costeff.compile.layout import EventTally, Layout, Tally, Weight, measure
from costeff.compile.lines import Line
from costeff.errors import ModelError
from costeff.model.formulas.expression import Expression
from costeff.model.model import Model


@dataclass(frozen=True, eq=False)
class LinePrices:
    """The products of a line: `rows` (N,) of the quantities, `quantity` says of time or events, and `prices` (N, D)."""

    quantity: str
    rows: np.ndarray
    prices: np.ndarray

    def of_draws(self, draws: np.ndarray) -> LinePrices:
        """Those of some draws."""
        return LinePrices(self.quantity, self.rows, self.prices[:, draws])


def line_prices(model: Model, where: Layout, line: Line, env: Mapping[str, Any], draws: int) -> LinePrices:
    """The products of a line by cycle or by event; `env` holds parameters as columns (D, 1).

    Raises ModelError for an amount or a share that is negative without saying so.
    """
    rows: list[int] = []
    columns: list[np.ndarray] = []
    if line.per != "cycle":
        weight = measure(model, line, line.amounts[""])
        tally = where.event_tally(weight, line.bands, line.transitions)
        price = event_price(model, line, weight, tally, env, draws)
        rows = (
            where.event_rows(line.transitions) if tally is None else [*range(tally.offset, tally.offset + tally.cells)]
        )
        columns = [np.broadcast_to(price.T, (len(rows), draws))]
    for state, formula in line.amounts.items() if line.per == "cycle" else ():
        weight = measure(model, line, formula)
        own_tally = where.tally(weight, line.bands)
        cells = where.cells(own_tally, state)
        rows += range(cells.start, cells.stop)
        columns.append(cell_prices(model, line, formula, weight, own_tally, env, draws).T)
    prices = np.concatenate([np.zeros((0, draws)), *columns])
    return LinePrices("time" if line.per == "cycle" else "events", np.array(rows, np.int64), prices)


def cell_prices(
    model: Model, line: Line, formula: Expression, weight: Weight, tally: Tally, env: Mapping[str, Any], draws: int
) -> np.ndarray:
    """What a unit of time in each cell of a state costs, (D, cells)."""
    price = _price(line, formula, weight, env, draws)
    return np.asarray(price[:, None] * _banded_share(model, line, tally, env, draws))


def event_price(
    model: Model, line: Line, weight: Weight, tally: EventTally | None, env: Mapping[str, Any], draws: int
) -> np.ndarray:
    """What an event costs, (D,), or a unit of each cell of its tally, (D, cells)."""
    amount = _price(line, line.amounts[""], weight, env, draws)
    if tally is None:
        return np.asarray(amount * _plain_shares(line, env, draws))
    return np.asarray(amount[:, None] * _banded_share(model, line, tally, env, draws))


def _price(line: Line, formula: Expression, weight: Weight, env: Mapping[str, Any], draws: int) -> np.ndarray:
    """What a unit of the tally costs, (D,): 1 where the tally holds the amount itself."""
    return np.ones(draws) if weight == formula else _amount(line, formula, env, draws)


def _amount(line: Line, formula: Any, env: Mapping[str, Any], draws: int) -> np.ndarray:
    values = np.broadcast_to(np.asarray(formula.evaluate(env), float).ravel(), (draws,))
    return _not_negative("amount", line, values)


def _not_negative(what: str, line: Line, values: np.ndarray) -> np.ndarray:
    if values.min() < 0 and not line.flow.negative:
        raise ModelError(
            f"{what} of '{line.item}' from {line.payer} to {line.recipient} is negative",
            draw=int(values.argmin()),
            where=line.flow.place,
            value=float(values.min()),
            rule="a flow runs from payer to recipient: amounts and shares are at least 0",
            way_out="swap payer and recipient, or say `negative: true` for a saving",
        )
    return values


def _plain_shares(line: Line, env: Mapping[str, Any], draws: int) -> np.ndarray:
    out = np.ones(draws)
    for share in line.shares:
        out = out * _not_negative("share", line, np.asarray(share.values[0].evaluate(env), float).ravel())
    return out


def _banded_share(
    model: Model, line: Line, tally: Tally | EventTally, env: Mapping[str, Any], draws: int
) -> np.ndarray:
    """Product of the line's shares in each cell of the tally, (D, cells)."""
    sizes = {band.name: len(band.edges) + 1 for band in model.bands}
    crossings = list(product(*(range(sizes[b]) for b in tally.bands)))
    out = np.ones((draws, len(crossings)), order="F")
    for share in line.shares:
        values = [_not_negative("share", line, np.asarray(v.evaluate(env), float).ravel()) for v in share.values]
        for cell, crossing in enumerate(crossings):
            at = dict(zip(tally.bands, crossing, strict=True))
            index = 0
            for band in share.bands:
                index = index * sizes[band] + at[band]
            out[:, cell] = out[:, cell] * values[index]
    return out
