"""The second waist: what the engines return. Time in states, events and first passages; never money.

Sizes: D draws, G strategies, 2 halves of the individuals, cells (tally x state x bands), periods, layers of discounting
(0 is undiscounted), J+X events, P passages, T cycles.

Of a system that people come to and leave, the individuals in a half are systems and years (or arrivals), and the trace
is open: those present are those who have come less those who have left, exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from costeff.errors import EngineError


@dataclass(frozen=True)
class Quantities:
    """Totals over individuals, by draw, strategy and half. Divided by the sum of `half_sizes`: means."""

    time: np.ndarray  # (D, G, 2, cells, periods, layers) float64, cycles (times a weight)
    # (D, G, 2, events + cells, periods, layers) float64: counts, then cells of event tallies, in units of their weights
    events: np.ndarray
    passages: np.ndarray  # (D, G, 2, P, T+2) float64 or int16/32: by cycle of first passage; the last: never
    trace: np.ndarray  # (G, S, T+1) float64: individuals in each state, summed over draws and halves
    half_sizes: np.ndarray  # (2,) float64: individuals (or group weight) in each half
    sojourns: int = 0  # stays in states that were simulated, over all draws and strategies
    come_and_gone: np.ndarray | None = None  # (G, 2, T+1) of an open trace: who has come, and has left, by each cycle
    starts: np.ndarray | None = None  # (D, 2) of systems: what starts in each half, in the unit of `half_sizes`

    def __post_init__(self) -> None:
        for name in ("time", "events", "passages", "trace"):
            check_finite(name, _once(getattr(self, name)))
        total = self.trace.sum(axis=1)
        if self.come_and_gone is not None:
            # People are whole, so that what is nearer than 1e-6 is equal; picked draws scale all three alike.
            if not np.allclose(total, self.come_and_gone[:, 0] - self.come_and_gone[:, 1], rtol=0, atol=1e-6):
                raise EngineError("people were lost or made in a flow", rule="present = arrived - left, in every cycle")
            return
        expected = self.half_sizes.sum() * self.time.shape[0]
        if not np.allclose(total, expected, rtol=1e-9):
            raise EngineError(
                "individuals were lost or made: the trace does not sum to the cohort",
                value=float(total.min()),
                rule=f"every cycle holds {expected:g} individuals",
            )

    @property
    def draws(self) -> int:
        return int(self.time.shape[0])

    def with_time_and_events(self, time: np.ndarray, events: np.ndarray) -> Quantities:
        """The same individuals with other time and events, of which each is a part of what was checked, or nothing."""
        part = object.__new__(Quantities)
        part.__dict__.update(self.__dict__, time=time, events=events)
        return part

    @property
    def starting(self) -> np.ndarray:
        """What begins in each half, (2,) or (D, 2), and pays what is paid at the start."""
        return self.half_sizes if self.starts is None else self.starts


def check_finite(name: str, array: np.ndarray) -> None:
    """Raise EngineError for a number that is not finite."""
    with np.errstate(all="ignore"):
        finite = np.isfinite(array.sum())  # a sum needs no second array
    if not finite and not np.isfinite(array).all():
        raise EngineError(f"the engine returned a {name} that is not finite")


def join(parts: Iterable[Quantities], draws: int | None = None, order: np.ndarray | None = None) -> Quantities:
    """Batches of draws, in order, as one. With `draws`, their number, an iterator is read one batch at a time.

    With `order`, (D,), the batches hold these draws in the place of 0, 1, ..., and each comes to its own place.
    Each batch is copied into arrays of the full size and let go, so that the peak is the result and not twice that.
    """
    if draws is None:
        parts = list(parts)
        draws = sum(part.draws for part in parts)
    whole: dict[str, np.ndarray] = {}
    trace, size, sojourns, low = np.zeros(()), np.zeros(2), 0, 0
    come_and_gone: np.ndarray | None = None
    starts: list[np.ndarray] = []
    for part in parts:
        if part.draws == draws and order is None:
            return part
        at = slice(low, low + part.draws) if order is None else order[low : low + part.draws]
        for name in ("time", "events", "passages"):
            array = getattr(part, name)
            if name not in whole:
                whole[name] = np.empty((draws, *array.shape[1:]), array.dtype)
            whole[name][at] = array
        trace, size = trace + part.trace, part.half_sizes
        sojourns += part.sojourns
        if part.come_and_gone is not None:
            come_and_gone = part.come_and_gone + (0 if come_and_gone is None else come_and_gone)
        starts += [] if part.starts is None else [part.starts]
        low += part.draws
    if low != draws:
        raise EngineError("batches of draws are missing", value=low, rule=f"{draws} draws in all")
    started = np.concatenate(starts) if starts else None
    if started is not None and order is not None:
        started = started[np.argsort(order)]
    return Quantities(
        trace=trace, half_sizes=size, sojourns=sojourns, come_and_gone=come_and_gone, starts=started, **whole
    )


def _once(array: np.ndarray) -> np.ndarray:
    """`array` without the repeats that `numpy.broadcast_to` made."""
    return array[tuple(slice(0, 1) if step == 0 else slice(None) for step in array.strides)]


def stacked(arrays: Sequence[np.ndarray]) -> np.ndarray:
    """Concatenated draws; where one row stands for all draws it still does, and takes no memory."""
    rows = [_once(a) for a in arrays]
    if all(len(row) == 1 and np.array_equal(row, rows[0]) for row in rows):
        return np.broadcast_to(rows[0][0], (sum(map(len, arrays)), *arrays[0].shape[1:]))
    return np.concatenate(arrays)


def pick(quantities: Quantities, rows: np.ndarray) -> Quantities:
    """The quantities of some draws, which may repeat: a simulated draw priced several times. The trace stays whole."""
    open_trace = quantities.come_and_gone
    return Quantities(
        time=quantities.time[rows],
        events=quantities.events[rows],
        passages=quantities.passages[rows],
        trace=quantities.trace * (len(rows) / quantities.draws),
        half_sizes=quantities.half_sizes,
        come_and_gone=None if open_trace is None else open_trace * (len(rows) / quantities.draws),
        starts=None if quantities.starts is None else quantities.starts[rows],
    )
