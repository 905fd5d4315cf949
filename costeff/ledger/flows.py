"""Flows: time and events times amounts and shares, per individual, by draw, strategy, period and discounting layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from costeff.compile.layout import Layout, measure
from costeff.compile.lines import Line
from costeff.engine.quantities import Quantities
from costeff.ledger.line_kernel import CHUNK, price_lines, round_to_quantum
from costeff.ledger.line_prices import LinePrices, cell_prices, event_price, line_prices
from costeff.model.model import Model

QUANTUM = 2.0**-24  # kroner; one rounding per cell makes all later sums exact
FINER_BELOW = 10  # where the flows of a draw add up to less than 2^10 kroner, cells are rounded to finer steps
COARSER_ABOVE = 28  # and to coarser ones above 2^28, so that their sums, below 2^53 steps, stay exact


@dataclass(frozen=True)
class Flows:
    """Money per individual, from payer to recipient.

    `amount` (D, G, lines, periods, layers) over all individuals; `half` (D, 2, G, lines, periods, layers) for the two
    halves of each draw's individuals, None when there is only one individual. With `half_layer`, `half` has that layer
    alone. `quantum` (D,) is the step to which the cells of each draw are rounded, see `quantum_of`.
    """

    lines: tuple[Line, ...]
    amount: np.ndarray
    half: np.ndarray | None
    half_layer: int | None = None
    quantum: np.ndarray | None = None
    gross: np.ndarray | None = None
    """Of each line the money of a draw over all periods, signs left out, (lines, D, G, layers)."""

    def rows(self, item: str) -> list[int]:
        """Lines of one item."""
        return [i for i, line in enumerate(self.lines) if line.item == item]

    @property
    def by_line(self) -> tuple[np.ndarray, np.ndarray | None]:
        """Of the first layer `amount` (lines, G, periods, D) and `half` (lines, 2, G, periods, D), as they lie in
        memory."""
        return _in_memory(self.amount)[:, 0], None if self.half is None else _in_memory(self.half)[:, 0]


Prices = dict[int, LinePrices]
"""What lines cost, by a line's identity."""


@dataclass(frozen=True)
class Among:
    """Lines priced again among others: `gross` of all as it was, and `numbers` of these among them."""

    gross: np.ndarray
    numbers: Sequence[int]


def flows(
    model: Model,
    where: Layout,
    env: Mapping[str, Any],
    quantities: Quantities,
    half_layer: int | None = None,
    threads: int = 1,
    among: Among | None = None,
    prices: Prices | None = None,
) -> Flows:
    """Price `quantities` with the parameters in `env` (columns (D, 1), see `compile.environment`).

    `half_layer`: the halves are kept for this layer only, which saves a quarter of the memory or more. The same numbers
    come out for any `threads`. Lines that are priced `among` others are rounded as with them. `prices` keeps what lines
    cost, for later quantities with the same `env`; the caller holds the lines.

    Raises ModelError for an amount that is negative without saying so, or not finite.
    """
    size = quantities.half_sizes
    shape = (quantities.draws, quantities.time.shape[1], len(where.lines), *quantities.time.shape[4:])
    amount = _by_line(shape)
    both = bool(np.all(size > 0))
    half_layers = slice(None) if half_layer is None else slice(half_layer, half_layer + 1)
    half = _by_line((shape[0], 2, *shape[1:-1], len(range(shape[-1])[half_layers]))) if both else None
    gross, people = np.zeros((len(where.lines), shape[0], shape[1], shape[-1])), size.sum()
    if _lie_side_by_side(quantities, where.lines):
        _price_together(model, where, env, quantities, {} if prices is None else prices, amount, half, gross)
        quantum = _steps(gross, among)
        for values in (amount, half):
            if values is not None:
                round_to_quantum(_in_memory(values).reshape(-1, shape[0]), quantum)
        return Flows(where.lines, amount, half, half_layer, quantum, gross)

    def price(i: int) -> None:
        line = where.lines[i]
        total = _line(model, where, line, env, quantities)
        if line.strategies:
            total[:, [s not in line.strategies for s in model.strategy_names]] = 0.0
        # Worked out as the total lies in memory, and laid by line in one pass: sums between two layouts take longer.
        amount[:, :, i] = (total[:, :, 0] + total[:, :, 1]) / people
        gross[i] = np.abs(amount[:, :, i]).sum(axis=2)
        if half is not None:
            for h in range(2):
                half[:, h, :, i] = total[:, :, h, :, half_layers] / size[h]

    def round_line(i: int) -> None:
        _round(amount[:, :, i], quantum)
        if half is not None:
            _round(half[:, :, :, i], quantum)

    numbers = range(len(where.lines))
    if threads == 1:
        for i in numbers:
            price(i)
        quantum = _steps(gross, among)
        for i in numbers:
            round_line(i)
        return Flows(where.lines, amount, half, half_layer, quantum, gross)
    # Lines do not touch each other, and their sums do not need the interpreter.
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(price, numbers))
        quantum = _steps(gross, among)
        list(pool.map(round_line, numbers))
    return Flows(where.lines, amount, half, half_layer, quantum, gross)


def _lie_side_by_side(quantities: Quantities, lines: Sequence[Line]) -> bool:
    """Whether the draws lie side by side in memory, as those of a case do, so that lines are priced together."""
    arrays = quantities.time, quantities.events
    return all(one.strides[0] == one.itemsize and one.shape[5] == 1 for one in arrays) and all(
        line.per != "start" for line in lines
    )


def _price_together(
    model: Model,
    where: Layout,
    env: Mapping[str, Any],
    quantities: Quantities,
    prices: Prices,
    amount: np.ndarray,
    half: np.ndarray | None,
    gross: np.ndarray,
) -> None:
    """Fill `amount`, `half` and `gross` of all lines, not rounded, in one compiled pass over time and one over events.

    `prices` has what lines cost, and is given what it has not.
    """
    draws, size = quantities.draws, quantities.half_sizes
    for line in where.lines:
        if id(line) not in prices:
            prices[id(line)] = line_prices(model, where, line, env, draws)
    is_paid = np.array([[not x.strategies or s in x.strategies for s in model.strategy_names] for x in where.lines])
    half_room = np.empty((0, 2, *amount.shape[1:2], amount.shape[3], draws)) if half is None else _in_memory(half)[:, 0]
    gross_room = np.empty((len(where.lines), amount.shape[1], draws))
    for quantity in ("time", "events"):
        numbers = [i for i, line in enumerate(where.lines) if prices[id(line)].quantity == quantity]
        if not numbers:
            continue
        own = [prices[id(where.lines[i])] for i in numbers]
        values = np.moveaxis(getattr(quantities, quantity)[..., 0], 0, -1)
        strides = np.array(values.strides[:-1]) // values.itemsize
        reach = 1 + int(strides @ (np.array(values.shape[:-1]) - 1)) + draws - 1
        price_lines(
            np.lib.stride_tricks.as_strided(values, (reach,), (values.itemsize,), writeable=False),
            strides,
            np.array(numbers),
            np.cumsum([0, *(len(one.rows) for one in own)]),
            np.concatenate([one.rows for one in own]),
            np.concatenate([one.prices for one in own]),
            is_paid,
            float(size.sum()),
            size,
            _in_memory(amount)[:, 0],
            half_room,
            gross_room,
            np.empty((2, CHUNK)),
        )
    gross[..., 0] = np.moveaxis(gross_room, 1, 2)


def _steps(gross: np.ndarray, among: Among | None) -> np.ndarray:
    """The steps of all lines, (D,); of those that are priced again, as among the others."""
    if among is None:
        return quantum_of(gross.sum(axis=0).max(axis=(1, 2), initial=0.0))
    whole = among.gross.copy()
    whole[list(among.numbers)] = gross
    return quantum_of(whole.sum(axis=0).max(axis=(1, 2), initial=0.0))


def quantum_of(gross: np.ndarray) -> np.ndarray:
    """The step, a power of 2, to which cells are rounded in a draw whose flows add up to `gross`, signs left out.

    2^-24 between 1,000 and 268 million kroner per individual; smaller or larger with the amounts outside, so that
    totals in millions of kroner, or of billions, are as exact as those in kroner. It depends on the draw alone.

    >>> (np.log2(quantum_of(np.array([0.0, 1e-6, 500.0, 1e5, 1e8, 1e12]))) + 24).tolist()
    [0.0, -29.0, -1.0, 0.0, 0.0, 12.0]
    """
    _, exponent = np.frexp(gross)  # the least power of 2 above
    beyond = np.minimum(exponent - FINER_BELOW, 0) + np.maximum(exponent - COARSER_ABOVE, 0)
    return QUANTUM * 2.0 ** np.where(gross > 0, beyond, 0)


def _by_line(shape: tuple[int, ...]) -> np.ndarray:
    """Room for (D, ..., lines, periods, layers), each line and layer in one piece of memory, its draws side by side."""
    draws, *front, lines, periods, layers = shape
    return np.moveaxis(np.empty((lines, layers, *front, periods, draws)), (-1, 0, 1), (0, -3, -1))


def _in_memory(values: np.ndarray) -> np.ndarray:
    """What `_by_line` made, in the order in which it lies in memory."""
    return np.moveaxis(values, (-3, -1, 0), (0, 1, -1))


def _round(values: np.ndarray, quantum: np.ndarray) -> None:
    """Round `values` (D, ...) in place to whole multiples of each draw's `quantum`."""
    step = quantum[(slice(None), *[None] * (values.ndim - 1))]
    whole = values / step
    np.rint(whole, out=whole)
    np.multiply(whole, step, out=values)


def _line(model: Model, where: Layout, line: Line, env: Mapping[str, Any], quantities: Quantities) -> np.ndarray:
    """Total over individuals, (D, G, 2, periods, layers)."""
    draws = quantities.draws
    if line.per != "cycle":
        return _of_events(model, where, line, env, quantities)
    out = np.zeros_like(quantities.time[:, :, :, 0])
    for state, formula in line.amounts.items():
        weight = measure(model, line, formula)
        tally = where.tally(weight, line.bands)
        price = cell_prices(model, line, formula, weight, tally, env, draws)
        out += np.einsum("dc,dghcpl->dghpl", price, quantities.time[:, :, :, where.cells(tally, state)])
    return out


def _of_events(model: Model, where: Layout, line: Line, env: Mapping[str, Any], quantities: Quantities) -> np.ndarray:
    """Total over individuals of a line per event or at the start, (D, G, 2, periods, layers)."""
    draws = quantities.draws
    weight = measure(model, line, line.amounts[""])
    tally = where.event_tally(weight, line.bands, line.transitions)
    price = event_price(model, line, weight, tally, env, draws)
    if tally is not None:
        cells = quantities.events[:, :, :, tally.offset : tally.offset + tally.cells]
        return np.asarray(np.einsum("dc,dghcpl->dghpl", price, cells))
    if line.per == "start":
        out = np.zeros_like(quantities.time[:, :, :, 0])
        out[..., 0, :] = price[:, None, None, None] * quantities.starting.reshape(-1, 1, 2, 1)
        return out
    rows = where.event_rows(line.transitions)
    return np.asarray(quantities.events[:, :, :, rows].sum(axis=3) * price[:, None, None, None, None])
