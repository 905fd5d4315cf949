"""Counts of individuals that results ask of a run: sizes, the trace, and first passages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from costeff.engine.quantities import Quantities
from costeff.model import Model


class Counts(Protocol):
    """Of D draws, G strategies, S states, P passages, T cycles."""

    @property
    def draws(self) -> int:
        """D."""
        ...

    @property
    def half_sizes(self) -> np.ndarray:
        """(2,): individuals in each half."""
        ...

    @property
    def sojourns(self) -> int:
        """Stays that were simulated."""
        ...

    @property
    def trace(self) -> np.ndarray:
        """(G, S, T+1): individuals in each state, over all draws."""
        ...

    @property
    def passages(self) -> np.ndarray:
        """(G, P, T+2): individuals by the cycle of their first passage, over all draws; the last: never."""
        ...

    def early(self, cycles: int) -> np.ndarray:
        """(D, G, 2, P): individuals whose first passage begins within so many cycles."""
        ...


@dataclass(frozen=True)
class WholeCounts:
    """Read from quantities that are there whole."""

    quantities: Quantities

    @property
    def draws(self) -> int:
        return self.quantities.draws

    @property
    def half_sizes(self) -> np.ndarray:
        return self.quantities.half_sizes

    @property
    def sojourns(self) -> int:
        return self.quantities.sojourns

    @property
    def trace(self) -> np.ndarray:
        return self.quantities.trace

    @property
    def passages(self) -> np.ndarray:
        return np.asarray(self.quantities.passages.sum(axis=(0, 2)))

    def early(self, cycles: int) -> np.ndarray:
        return np.asarray(self.quantities.passages[..., :cycles].sum(axis=-1))


@dataclass(frozen=True)
class GatheredCounts:
    """Put together from parts. `by_cycles` holds what `early` gives, for the numbers of cycles of `early_cycles`."""

    draws: int
    half_sizes: np.ndarray
    sojourns: int
    trace: np.ndarray
    passages: np.ndarray
    by_cycles: Mapping[int, np.ndarray]

    def early(self, cycles: int) -> np.ndarray:
        return self.by_cycles[cycles]


def early_cycles(model: Model) -> tuple[int, ...]:
    """Within how many cycles results ask for first passages: a year, and a year of what is simulated."""
    year = model.conventions.cycles_per_year
    return tuple(sorted({year, min(year, model.conventions.horizon)}))
