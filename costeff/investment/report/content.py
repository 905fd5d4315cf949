"""What the planner's pages show of an investment case, already computed: presentation formats and draws it.

Money is that of the whole case at its price level; + is a gain (besparelse) for the party. Sizes: Y calendar years.
Undiscounted amounts are for the budget, discounted ones for ranking; each field says which it holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from costeff.labels import Label

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from costeff.investment import Service
    from costeff.investment.belief.belief import Belief, Translation
    from costeff.investment.full_time import LevelChange
    from costeff.investment.report.amounts import TypedAmount


QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
"""Of the fan around the cumulated net; the outer two are the ends of the 80 % interval used throughout."""


@dataclass(frozen=True)
class Spread:
    """An amount over the draws: mean, Monte Carlo error, the ends of its 80 % interval, share of draws above 0.

    `settled` says whether another run would give the mean the same sign; None for one draw.
    """

    mean: float
    error: float
    lo: float
    hi: float
    gains: float
    settled: bool | None = None


@dataclass(frozen=True)
class Payback:
    """Years until paid back for good, over draws with an investment. Infinity: never within the horizon.

    The median and the ends of the 80 % interval are draws themselves, never halfway between two. NaN throughout when no
    draw has an investment. `never` is the share of draws that do not pay back.
    """

    median: float
    lo: float
    hi: float
    never: float
    invests: float  # share of draws in which something is put in


@dataclass(frozen=True)
class Payer:
    """One party, or several read as one. Rows of the who-gains table, in order: parties, then the sum they lead to."""

    name: str
    label: Label
    parties: tuple[str, ...]
    total: bool
    net: np.ndarray  # (Y,) expected, undiscounted
    path: np.ndarray  # (Y,) expected, cumulated, undiscounted
    fan: np.ndarray  # (len(QUANTILES), Y) cumulated, undiscounted
    npv: Spread
    payback: Payback  # undiscounted
    payback_discounted: Payback
    break_even: np.ndarray  # (Y,) probability within 1..Y years, expected result, undiscounted
    realised: np.ndarray | None  # the same for the realised result of the actual citizens; None when not known
    need: float  # financing at the lowest point of the expected cumulated net, undiscounted; 0: none
    need_year: int | None  # the calendar year of that point
    deficit: Spread  # the deepest deficit of each draw, undiscounted: the risk
    permanent: Spread | None  # a year at full effect, undiscounted; None when inflow has ended by the last year
    per_krone: float  # expected present value gained per krone put in; NaN when nothing is
    largest_cost: float  # per citizen served; NaN when nothing is put in


@dataclass(frozen=True)
class AreaRow:
    """A row of the budget table for the decider: expected net by calendar year, undiscounted."""

    label: Label
    start_up: bool
    net: np.ndarray  # (Y,)
    permanent: float  # NaN when inflow has ended


@dataclass(frozen=True)
class DepartmentRow:
    """What a budget area of one department gains by calendar year, expected and undiscounted; start-up included."""

    department: Label
    area: Label
    frame: str  # of `investment.case.FRAMES`; '' where the case does not say
    net: np.ndarray  # (Y,)


@dataclass(frozen=True)
class ItemRow:
    """An item's expected present value for each payer, in the order of CaseContent.payers."""

    item: str
    label: Label
    programme: bool
    npv: tuple[float, ...]


@dataclass(frozen=True)
class EffectRow:
    """A health or work effect of the whole case, undiscounted unless the label says so; NaN ends with one draw."""

    label: Label
    unit: str
    more_is_better: bool
    mean: float
    lo: float
    hi: float


@dataclass(frozen=True)
class GroupRow:
    """What the case gives a target group, or all citizens. `effects` and the three of income are for each who begins.

    `income` is what a citizen has more to live on, undiscounted and after tax; `from_parties` what it is made of.
    """

    label: Label
    citizens: float
    npv: Spread  # of the decider
    public: Spread | None
    effects: tuple[EffectRow, ...]  # those in weeks
    income: Spread | None  # None in a model without citizens who are paid
    from_parties: Mapping[str, float]  # by party: expected


@dataclass(frozen=True)
class OnTopRow:
    """A present value where one of two programmes, or both, are there: `key` says which; `public` is expected."""

    key: str
    citizens: float
    npv: Spread  # of the decider
    public: float | None


@dataclass(frozen=True)
class OnTopContent:
    """A programme on top of another: each alone, this one beside the other, both, and the difference that it makes."""

    programme: Label
    other: Label
    rows: tuple[OnTopRow, ...]


@dataclass(frozen=True)
class ScenarioRow:
    """A line of the scenario table: present value for the decider and the public sector, each from its own draws."""

    label: Label
    npv: float
    public: float


@dataclass(frozen=True)
class BeliefContent:
    """What is said of a belief. Each of the three tuples is: own belief, the evidence's effect, no effect.

    `better` is the share of the evidence's draws for a new municipality whose ratio on return lies below the belief's.
    `more` is how many more of the citizens who begin are back after so many weeks, by the middle of the belief.
    """

    belief: Belief
    translation: Translation
    evidence_ratio: tuple[float, float, float]  # median and the ends of the 80 % interval
    better: float
    more: Mapping[int, float]
    npv: tuple[Spread, Spread, Spread]  # of the decider
    public: tuple[Spread, Spread, Spread] | None


@dataclass(frozen=True)
class LoweredRow:
    """A budget that is lowered by `amount` a year from `since`; `gain` is what the case expects there from then on."""

    department: Label
    area: Label
    since: int
    amount: float
    by: Label
    gain: float


@dataclass(frozen=True)
class FundingRow:
    """Money for the programme from outside, in all, until `last`; `after` is what the department then pays a year
    itself, on average over the years in which it still pays (0: in none)."""

    by: Label
    department: Label
    total: float
    last: int
    after: float


@dataclass(frozen=True)
class GrantContent:
    """The decider's net alone and if all municipalities do the same, (Y,) undiscounted and in present value.

    `coverage` is the share of a saving on each benefit that the state takes back, with its kind.
    """

    alone: np.ndarray
    together: np.ndarray
    npv_alone: float
    npv_together: float
    coverage: Sequence[tuple[Label, float, str]]


@dataclass(frozen=True)
class BudgetContent:
    """Full-time persons, budgets that are lowered, and the grant's side of the result."""

    levels: Sequence[LevelChange] = ()
    lowered_budgets: Sequence[LoweredRow] = ()
    funding: Sequence[FundingRow] = ()
    grant: GrantContent | None = None


@dataclass(frozen=True)
class StartDesign:
    """A start of the programme that teaches whether it works: by `lot`, or by `districts` one after another.

    So many citizens have the programme and so many do not, over `quarters`; the share back after `weeks` is known by
    `quarter` of `year`. `expected` is the difference in it, `smallest` the one that is seen with a chance of 80 %;
    `power` is the chance at what is expected, `mean_power` that over what is thought possible. `worth` is what the
    decider would pay to know the result before the share `later` of the citizens, who come after it; `held_back` is the
    net gain that citizens who get the programme later would have brought. `spread` between districts is assumed.
    """

    name: str
    quarters: int
    with_programme: float
    without: float
    year: int
    quarter: int
    weeks: int
    expected: float
    smallest: float
    power: float
    mean_power: float
    later: float
    worth: float
    error: float
    held_back: float
    spread: float


@dataclass(frozen=True)
class AskRow:
    """A figure worth asking for: who holds it and in which form, and what knowing it is worth to the decider.

    `form`, `holder` and `table` are keys of words (`ask_form_...`), or the name of a table. `more_than_luck`: another
    run would find it worth something too.
    """

    name: str
    unit: str
    form: str
    holder: str
    table: str
    worth: float
    error: float
    more_than_luck: bool


@dataclass(frozen=True)
class StatedCost:
    """A cost of the programme as the case states it, and the mean of the draws, which the tables use."""

    label: Label
    stated: float
    mean: float


@dataclass(frozen=True)
class Stamp:
    """What says which run a page is of: printed on it, in the foot of every sheet and in the JSON."""

    made_on: date
    costeff: str  # its version
    draws: int
    individuals: int
    seed: int
    author: str = ""
    version: str = ""  # of the case


@dataclass(frozen=True)
class CaseContent:
    """Everything on the planner's pages."""

    title: Label
    case: str
    programme: Label
    comparator: Label
    years: tuple[int, ...]
    price_year: int
    currency: str
    rules: Label
    view: str
    """'marginal' (this municipality alone) or 'all_municipalities'."""
    payers: Sequence[Payer]
    decider: str
    """Name of the payer whose case it is; its departments stand before it."""
    public: str
    """Name of the payer that is the whole public sector, or ''."""
    areas: Sequence[AreaRow]
    items: Sequence[ItemRow]
    effects: Sequence[EffectRow]
    service: Service
    citizens_served: float
    scenarios: Sequence[ScenarioRow]
    transfers: Sequence[tuple[str, str, float]] = ()
    """Smallest payments after which no public payer loses: payer, recipient (names of payers), present value."""
    shortfall: float = 0.0
    """What transfers within the public sector cannot cover, present value."""
    tornado: pd.DataFrame | None = None
    """Columns as `sensitivity.tornado.tornado_table`, on the decider's expected present value; None with too
    few draws."""
    effect_curve: pd.DataFrame | None = None
    """Columns effect (0: a run without effect, 1: the case), npv, lo, hi: the decider's present value."""
    smallest_effect: float = float("nan")
    """Strength of the effect (1 is the case) at which the decider's expected present value is 0; infinity: none."""
    heat: pd.DataFrame | None = None
    """Columns effect, cost (both relative to the case), npv: the decider's expected present value."""
    zero_line: tuple[tuple[float, float], ...] = ()
    """Ends (effect, cost) of the line on the heat map where that value is 0; empty when it is off the map."""
    noise: float = float("nan")
    """Share of the spread of the decider's present value that is luck of the simulated citizens; NaN: not known."""
    sources: pd.DataFrame | None = None
    """As `CaseResult.sources()`: what the result rests on, one row per figure."""
    differences: pd.DataFrame | None = None
    """As `CaseResult.differences()`: what the case or its scenario set in the place of the model's figures."""
    parameter_notes: Mapping[str, Label] = field(default_factory=dict)
    """Notes of parameters in every language, by their English text in `sources`."""
    parameter_labels: Mapping[str, Label] = field(default_factory=dict)
    """Labels of parameters and groups; a name without one is shown as it is."""
    provenance: Sequence[tuple[Label, str]] = ()
    typed: Sequence[TypedAmount] = ()
    """The amounts of the case's file, as its reader understood them."""
    stamp: Stamp | None = None
    stated: Sequence[StatedCost] = ()
    municipality: str = ""
    price_growth: Mapping[int, float] = field(default_factory=dict)
    """Growth of the price index by projected year: figures of the case, not of a source."""
    notes: Sequence[Label] = ()
    departments: Sequence[DepartmentRow] = ()
    budget: BudgetContent = field(default_factory=BudgetContent)
    ask_rows: Sequence[AskRow] = ()
    """Figures worth asking for, dearest first; () where they were not ranked."""
    start_designs: Sequence[StartDesign] = ()
    """Starts that teach whether the programme works; () where they were not worked out."""
    belief: BeliefContent | None = None
    about: Mapping[str, Any] = field(default_factory=dict)
    """What the case says of itself in words: labels by key, and `risks`, each with what is done about it."""
    paid_by: Sequence[tuple[Label, float]] = ()
    target_groups: Sequence[GroupRow] = ()
    on_top: OnTopContent | None = None
    """Departments that share the case's own costs, each with its share: a number that is not uncertain, or a mean."""

    @property
    def by_name(self) -> dict[str, Payer]:
        """Payers by name."""
        return {payer.name: payer for payer in self.payers}

    @property
    def leaves(self) -> list[Payer]:
        """Payers that are not sums of others."""
        return [payer for payer in self.payers if not payer.total]
