"""What the spreadsheet twin shows, already computed: every cell has the library's value beside its formula.

Sizes: B price blocks (spells of calendar time with the same rules and prices; one for a result), P periods (columns of
quantities), G strategies. Money is parameter values x quantities: the base case, one draw, because the mean over draws
of prices times quantities is not the product of their means.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from costeff.labels import Label
from costeff.model.formulas.expression import Expression

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class BookMean:
    """A mean over draws, its Monte Carlo error, and whether another run would give it the same sign (None: unknown)."""

    mean: float
    error: float
    settled: bool | None


@dataclass(frozen=True)
class BookParameter:
    """A parameter with its value in each block. `live`: a change moves the money and nothing else, so it may be made
    in the workbook; others need a new simulation."""

    name: str
    values: tuple[float, ...]
    unit: str
    live: bool
    kind: str = ""
    source: str = ""
    address: str = ""
    note: Label | None = None


@dataclass(frozen=True)
class Derived:
    """A definition of the model, with its value in each block."""

    name: str
    formula: Expression
    values: tuple[float, ...]


@dataclass(frozen=True)
class Counted:
    """Expected time in a state, or events, or entrants: `value` and `discounted` are (G, P)."""

    what: Label
    weight: str
    band: str
    value: np.ndarray
    discounted: np.ndarray
    follows: bool = True
    """Whether twice as many citizens make twice as much of it."""


@dataclass(frozen=True)
class EffectGap:
    """How far a straight line between two levels of effect is at most from a simulation at their middle: in the
    payer's present value, and in its gain of one year."""

    payer: Label
    present_value: float
    year: float


@dataclass(frozen=True)
class EffectLevels:
    """Quantities under the strategy shown at levels of its effect, `values` (rows of `counted`, levels, P).

    `figures` (levels,) tell the effect as the planner counts it, which `what` says: a share, or weeks.
    """

    levels: tuple[float, ...]
    values: np.ndarray
    what: Label | None
    figures: tuple[float, ...]
    is_share: bool
    gap: EffectGap


@dataclass(frozen=True)
class QuarterPlaces:
    """Citizens who take the offer in a quarter, and the places there are."""

    quarter: Label
    takers: float
    places: float


@dataclass(frozen=True)
class PricedCell:
    """One product: amount x shares x a quantity. Values are (B,)."""

    line: int
    counted: int
    amount: Expression
    shares: tuple[Expression, ...]
    amount_values: tuple[float, ...]
    share_values: tuple[float, ...]


@dataclass(frozen=True)
class MoneyLine:
    """A flow from payer to recipient; `paid` (G,) says under which strategies. Its cells follow each other.

    `amount` and `discounted` (G, Y), by year, are the library's own figures, with which the workbook is compared.
    `of` holds (line before this one, sign): then the money is `weights` (Y,) times their sum, and there are no cells.
    """

    item: str
    label: Label
    payer: str
    recipient: str
    programme: bool
    paid: tuple[bool, ...]
    by_party: bool
    amount: np.ndarray
    discounted: np.ndarray
    of: tuple[tuple[int, int], ...] = ()
    weights: tuple[float, ...] = ()
    area: int = -1
    """The budget area of a case, by its place in `WorkbookContent.areas`."""


@dataclass(frozen=True)
class BookPerspective:
    """A set of parties with the sign (lines,) of each line in its cost and, where it has one, its factor.

    `financing` (lines,): the sign of each line in what tax financing is paid on, at `rate` of it.
    """

    name: str
    label: Label
    signs: tuple[int, ...]
    factor: Expression | None = None
    factor_value: float = 1.0
    rate: Expression | None = None
    rate_value: float = 0.0
    financing: tuple[int, ...] = ()

    def weight(self, line: int) -> float:
        """What one unit of money of a line adds to the cost, before the factor."""
        return self.signs[line] + (self.rate_value * self.financing[line] if self.financing else 0.0)


@dataclass(frozen=True)
class WorkbookContent:
    """Everything in the workbook."""

    title: Label
    facts: Sequence[tuple[Label, Label | str]]
    notes: Sequence[Label]
    currency: str
    unit: Label
    """What the money is for: one citizen, or the whole case."""
    strategies: Sequence[Label]
    comparator: int
    shown: int
    """The strategy compared with the comparator."""
    periods: Sequence[Label]
    years: Sequence[Label]
    year_of: Sequence[int]
    """The year of each period; periods of a year follow each other."""
    blocks: Sequence[Label]
    block_of: Sequence[int]
    """The price block of each period."""
    constants: Mapping[str, float]
    """Names in formulas that are plain numbers (category codes, cycles per year)."""
    parameters: Sequence[BookParameter]
    """Those that price, in the model's order."""
    unpriced: Sequence[BookParameter]
    """Those behind the quantities, shown for the record."""
    derived: Sequence[Derived]
    counted: Sequence[Counted]
    lines: Sequence[MoneyLine]
    cells: Sequence[PricedCell]
    """Sorted by line."""
    parties: Mapping[str, Label]
    """Parties inside society, then the accounts outside."""
    outside: Sequence[str]
    perspectives: Sequence[BookPerspective]
    discount: Sequence[float] | None = None
    """Factor of each period where one factor holds for all quantities; else discounted quantities are numbers."""
    charted: Sequence[str] = ()
    """Perspectives in the chart of cumulated gains."""
    per_citizen: bool = True
    """Whether money is for one citizen, and may be multiplied by their number."""
    areas: Sequence[Label] = ()
    """Budget areas of a case; with them there is a sheet by department, area and year."""
    departments: Sequence[str] = ()
    citizens: float = 0.0
    """Who begin, in all years."""
    places: Sequence[QuarterPlaces] = ()
    """By quarter, where there are places; each is taken for `course` quarters."""
    course: int = 1
    levels: EffectLevels | None = None
    """Of a case whose effect may be changed."""
    differences: pd.DataFrame | None = None
    """What was set in the place of the model's figures, as `Evidence.differences()`."""
    parameter_labels: Mapping[str, Label] = field(default_factory=dict)
    answers: Sequence[tuple[Label, Sequence[Label]]] = ()
    """The questions of a board, each with its sentences; with them they have the first sheet."""
    answers_lead: Label | None = None
    """What the result is, before the answers."""
    decision_heads: Sequence[Label] = ()
    decision_rows: Sequence[Sequence[Label]] = ()
    """The decision of each primary perspective, as texts."""
    draws: int = 0
    """Draws behind `means`; 0 when there are none."""
    perspective_means: Mapping[str, BookMean] = field(default_factory=dict)
    """Discounted gain as the mean over draws, to be read beside the base case."""
    party_means: Mapping[str, BookMean] = field(default_factory=dict)
