"""What a case moves between parties, by calendar year: the cube that every measure, table and workbook reads.

Sizes: D draws, Y calendar years, L lines (one payer, one recipient, one item).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from costeff.errors import ModelError
from costeff.labels import Label


@dataclass(frozen=True)
class CashLine:
    """One kind of payment. `area` is the budget area it is booked on (service, transfers, ...)."""

    item: str
    payer: str
    recipient: str
    area: str
    label: Label
    programme: bool = False  # the programme's own cost, start-up included


@dataclass(frozen=True)
class CashFlow:
    """Payments of the whole case in money at one price level, undiscounted, with and without the programme.

    `usual` and `programme` (D, Y, L) are what the same citizens move under usual care alone and under the case;
    `discount` (Y,) brings each calendar year to the first, for present values only.
    """

    years: tuple[int, ...]
    lines: tuple[CashLine, ...]
    usual: np.ndarray
    programme: np.ndarray
    discount: np.ndarray
    price_year: int
    replicates: int | None = None  # designs that the draws are made of; None for independent draws

    def __post_init__(self) -> None:
        shape = (self.usual.shape[0], len(self.years), len(self.lines))
        for name in ("usual", "programme"):
            array = getattr(self, name)
            if array.shape != shape or not np.isfinite(array).all():
                raise ModelError(
                    f"cash flow '{name}' has the wrong form or a number that is not finite",
                    value=f"{array.shape}",
                    rule=f"(draws, years, lines) = {shape}, finite",
                )

    @property
    def draws(self) -> int:
        return int(self.usual.shape[0])

    @cached_property
    def gain(self) -> np.ndarray:
        """What each line moves more under the case than under usual care, (D, Y, L), each line in one piece."""
        return np.moveaxis(np.ascontiguousarray(np.moveaxis(self.programme - self.usual, -1, 0)), 0, -1)

    def net(self, parties: Collection[str], lines: np.ndarray | None = None) -> np.ndarray:
        """Net gain of `parties` together, (D, Y) of money: received less paid, case less usual care. + is a gain.

        `lines` (L,) bool keeps some lines only. Payments inside the set cancel.

        >>> import numpy as np
        >>> from costeff.labels import same
        >>> line = CashLine("benefit", "town", "citizen", "transfers", same("Benefit"))
        >>> cash = CashFlow((2026,), (line,), np.array([[[100.0]]]), np.array([[[60.0]]]), np.ones(1), 2026)
        >>> cash.net(["town"]).tolist(), cash.net(["citizen"]).tolist(), cash.net(["town", "citizen"]).tolist()
        ([[40.0]], [[-40.0]], [[0.0]])
        """
        asked = frozenset(parties), None if lines is None else np.asarray(lines, bool).tobytes()
        if asked not in self._nets:
            sign = np.array([(x.recipient in parties) * 1.0 - (x.payer in parties) for x in self.lines])
            if lines is not None:
                sign = np.where(lines, sign, 0.0)
            counted = np.flatnonzero(sign)
            self._nets[asked] = np.asarray(self.gain[..., counted] @ sign[counted])
        return self._nets[asked].copy()

    @cached_property
    def _nets(self) -> dict[tuple[frozenset[str], bytes | None], np.ndarray]:
        """Nets that have been asked for: one page asks for each many times."""
        return {}


def net_by_half(cash: CashFlow, half: np.ndarray, parties: Collection[str]) -> np.ndarray:
    """What `half` (D, 2, Y, L), the gain of each line by half of the people, comes to for `parties`, (D, 2, Y)."""
    sign = np.array([(x.recipient in parties) * 1.0 - (x.payer in parties) for x in cash.lines])
    lines = np.moveaxis(half, (-1, 0), (0, -1))  # each in one piece, its draws side by side
    total = np.zeros(lines.shape[1:])
    for line in np.flatnonzero(sign):  # most lines are between others
        (np.add if sign[line] > 0 else np.subtract)(total, lines[line], out=total)
    return np.moveaxis(total, -1, 0)


@dataclass(frozen=True)
class Service:
    """Expected citizens by calendar year, each (Y,): who came, who was served, who waited and left, and how long."""

    years: tuple[int, ...]
    inflow: np.ndarray  # new citizens in the target group who take the offer
    served: np.ndarray  # who began the programme
    left: np.ndarray  # who recovered or left while waiting
    waiting: np.ndarray  # waiting at the end of the year
    capacity: np.ndarray  # places
    mean_wait: np.ndarray  # weeks, over those served in the year
