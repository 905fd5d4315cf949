"""Sums of money of a case by line, draw and calendar year, filled product by product.

Sizes: D draws, Y calendar years, L lines.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from costeff.investment.book_kernel import book_lines
from costeff.investment.costs import Key
from costeff.ledger import Flows


@dataclass(frozen=True, eq=False)
class Book:
    """Sums of money (L, D, Y), each line in one piece: usual care, the programme, and a programme without effect.

    `half` (L, D, 2, Y) is the programme less usual care in either half of the people; None where these differ in size.
    """

    rows: Mapping[Key, int]
    usual: np.ndarray
    programme: np.ndarray
    idle: np.ndarray
    half: np.ndarray | None

    @classmethod
    def empty(cls, lines: Iterable[Key], draws: int, years: int, sizes: np.ndarray) -> Book:
        rows = {key: i for i, key in enumerate(lines)}
        # The draws of a year lie side by side, as the sums of a line do.
        usual, programme, idle = (np.zeros((len(rows), years, draws)).swapaxes(1, 2) for _ in range(3))
        half = np.moveaxis(np.zeros((len(rows), 2, years, draws)), -1, 1) if sizes[0] == sizes[1] else None
        return cls(rows, usual, programme, idle, half)

    def without(self, keys: Collection[Key]) -> Book:
        """A copy in which the lines of these keys are empty."""
        rows = [self.rows[key] for key in keys]
        arrays = self.usual, self.programme, self.idle, self.half
        copies = [None if one is None else one.copy(order="K") for one in arrays]
        for one in copies:
            if one is not None:
                one[rows] = 0.0
        return Book(self.rows, *copies)  # type: ignore[arg-type]

    def put(self, rows: np.ndarray, part: Book) -> None:
        """Take the draws `rows` from another book of the same lines."""
        self.usual[:, rows], self.programme[:, rows], self.idle[:, rows] = part.usual, part.programme, part.idle
        if self.half is not None and part.half is not None:
            self.half[:, rows] = part.half

    def add_lines(
        self, keys: Iterable[Key], years: np.ndarray, payments: Flows, usual: int, own: np.ndarray, as_usual: Flows
    ) -> None:
        """Add lines that were priced together; `years` (P,) of their periods.

        `own` (L,) is the number, in `as_usual`, of what a line costs where everybody lives as under usual care; below 0
        it costs what it does there.
        """
        amount, half = payments.by_line
        book_half = np.empty((0, 2, *self.usual.shape[2:], 0)) if self.half is None else np.moveaxis(self.half, 1, -1)
        book_lines(
            amount,
            np.empty((0, 2, *amount.shape[1:])) if half is None else half,
            as_usual.by_line[0],
            own,
            np.array([self.rows[key] for key in keys], np.int64),
            years,
            usual,
            np.moveaxis(self.usual, 1, -1),
            np.moveaxis(self.programme, 1, -1),
            np.moveaxis(self.idle, 1, -1),
            book_half,
        )

    def add(
        self,
        key: Key,
        years: np.ndarray,
        amount: np.ndarray,
        usual: int,
        half: np.ndarray | None = None,
        idle: np.ndarray | None = None,
    ) -> None:
        """Add an amount under both strategies, (D, 2, periods). Without `half` both halves have it, without `idle` it
        does not depend on how people live."""
        both = None if half is None else half[:, :, 1 - usual] - half[:, :, usual]
        programme = amount[:, 1 - usual]
        self.usual[self.rows[key]][:, years] += amount[:, usual]
        if both is None:
            both = (programme - amount[:, usual])[:, None]
        self.add_programme(key, years, programme, both, idle)

    def add_programme(
        self,
        key: Key,
        years: np.ndarray,
        amount: np.ndarray,
        half: np.ndarray | None = None,
        idle: np.ndarray | None = None,
    ) -> None:
        """Add an amount (D, periods) of the programme alone; `half` (D, 2, periods)."""
        at = self.rows[key]
        self.programme[at][:, years] += amount
        self.idle[at][:, years] += amount if idle is None else idle
        if self.half is not None:
            self.half[at][..., years] += amount[:, None] if half is None else half
