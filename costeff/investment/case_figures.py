"""What is read of a case's result by the functions that are bound to it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

import numpy as np

from costeff.investment.cash import CashFlow, Service

Parties = str | Collection[str]


class CaseFigures(Protocol):
    """What the measures read of a case's result."""

    @property
    def cash(self) -> CashFlow:
        """Money by draw, year and line."""
        ...

    @property
    def half(self) -> np.ndarray | None:
        """(D, 2, Y, L): case less usual care as either half of the individuals has it."""
        ...

    @property
    def no_effect(self) -> CashFlow | None:
        """The same case when the programme changes nobody's life."""
        ...

    @property
    def service(self) -> Service:
        """The account of the queue."""
        ...

    @property
    def citizens_served(self) -> float:
        """How many."""
        ...

    @property
    def individuals(self) -> int:
        """Simulated people in each draw and cohort."""
        ...

    @property
    def equal_people(self) -> int | None:
        """As many in one cohort leave as much to luck; None: `individuals`."""
        ...

    def members(self, parties: Parties) -> tuple[str, ...]:
        """The parties meant by a name or a list."""
        ...
