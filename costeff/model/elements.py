"""What a model is made of: frozen declarations, each field in cycles or per cycle unless it says otherwise.

These classes hold what was declared and check nothing beyond their own fields; `costeff.model.checks.check` checks the
whole. Formulas are `Expression` objects (`costeff.model.formulas.expression`); which names each may use is listed in
docs/model_language.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from costeff.errors import Place
from costeff.labels import Label
from costeff.model.formulas.expression import Expression

TIME_IN_STATE = "time_in_state"
TIME = "time"


NO_LABEL = Label("", "")


@dataclass(frozen=True)
class State:
    """A condition that a person is in for whole cycles. `alive` is False only for death.

    In a model with `arrivals` a state may count no people but open places, or the system itself: `counts` names the
    places, or is "system".
    """

    name: str
    label: Label
    alive: bool = True
    place: Place | None = None
    counts: str = ""


@dataclass(frozen=True)
class Attribute:
    """A property of an individual, redrawn for every draw: either `categories` (name to probability) or `value`.

    `labels` are those of categories; one without is read as its name.
    """

    name: str
    value: Expression | None = None
    categories: Mapping[str, Expression] | None = None
    unit: str = ""
    place: Place | None = None
    labels: Mapping[str, Label] = field(default_factory=dict)


@dataclass(frozen=True)
class LookBack:
    """Back to 0 once `after` cycles were spent in `counted_in` within the last `within`, since the latest placement.

    `banked` cycles were earned before the start; they ended `banked_until` cycles before it.
    """

    after: int
    within: int
    counted_in: tuple[str, ...]
    banked: Expression | None = None
    banked_until: Expression | None = None


@dataclass(frozen=True)
class OnLeaving:
    """Back to 0 whenever one of these states is left."""

    states: tuple[str, ...]


@dataclass(frozen=True)
class Clock:
    """A count of cycles that starts at `initial` and advances in `advances_in` (None: in every state).

    With `counts` it counts events instead (names of exits, legs, `a -> b`, or states that are entered). With `within`
    only what lies in the last so many cycles counts; the initial cycles had ended `initial_until` before the start.
    With `weekdays` only those from Monday to Friday count, in a model by days. With `stages` its value is how many of
    these cycles since the start have come, one for each stage that is taken, and 0 once an event in `counts` has
    ended them.
    """

    name: str
    initial: Expression
    advances_in: tuple[str, ...] | None = None
    reset: LookBack | OnLeaving | None = None
    place: Place | None = None
    counts: tuple[str, ...] = ()
    within: int | None = None
    initial_until: Expression | None = None
    weekdays: bool = False
    stages: tuple[Expression, ...] = ()

    @property
    def plain(self) -> bool:
        """True for a count of all cycles, which rises by 1 in each cycle in which it advances."""
        return not self.counts and self.within is None and not self.stages


@dataclass(frozen=True)
class Transition:
    """One exit: from `source` to `target` at a hazard (or probability) per cycle read on one clock."""

    name: str
    source: str
    target: str
    clock: str = TIME_IN_STATE
    hazard: Expression | None = None
    probability: Expression | None = None
    multiplier: Expression | None = None
    strata: tuple[str, ...] = ()
    leg: str = ""
    lifelong: str | None = None
    place: Place | None = None
    ratio_clock: str = ""  # another clock, or a counter, that multiplies the hazard under every strategy
    ratio_on: Expression | None = None  # by so much, `t` being its value

    @property
    def formulas(self) -> tuple[Expression, ...]:
        """All formulas of the exit."""
        return tuple(e for e in (self.hazard, self.probability, self.multiplier, self.ratio_on) if e is not None)


@dataclass(frozen=True)
class Deadline:
    """A certain exit: `source` is left for `target` when `clock` reaches `at` cycles."""

    name: str
    source: str
    target: str
    clock: str
    at: Expression
    place: Place | None = None

    @property
    def leg(self) -> str:
        """The name that it shares with the deadlines of the other states under one `from`."""
        return self.name.removesuffix(f" [{self.source}]")


@dataclass(frozen=True)
class Strategy:
    """An option compared. `start` names the attribute that tells first states under it, where that is another one."""

    name: str
    label: Label
    comparator: bool = False
    place: Place | None = None
    start: str = ""


@dataclass(frozen=True)
class StrategyEffect:
    """Ratios on the hazard of named legs, one per window (see `Model.windows`).

    `reform` marks a change of rules (`compile.calendar`): it multiplies the strategy's own effect on the same exit, and
    does not begin later when that does. A ratio may read `t`, the value of `clock`; on `time` that is counted from
    `begins`, and a ratio is held for `every` cycles. With `categories` (all of one attribute) the ratios of the first
    come first, as many for each. On the scale `instead` they are no ratios: they take the place of the exit's hazard or
    probability.
    """

    strategy: str
    legs: tuple[str, ...]
    ratio: tuple[Expression, ...]
    scale: str = "hazard"
    reform: bool = False
    place: Place | None = None
    clock: str = TIME
    begins: int = 0
    every: int = 1
    categories: tuple[str, ...] = ()

    def ratios(self, category: int | None = None) -> tuple[Expression, ...]:
        """Those of one category: one for all windows, or one for each."""
        if not self.categories or category is None:
            return self.ratio
        count = len(self.ratio) // len(self.categories)
        return self.ratio[category * count : (category + 1) * count]

    def in_window(self, window: int, category: int | None = None) -> Expression:
        """The ratio of one window."""
        own = self.ratios(category)
        return own[window if len(own) > 1 else 0]


@dataclass(frozen=True)
class Band:
    """Named intervals of a clock: below the first edge, between edges, from the last edge on."""

    name: str
    clock: str
    edges: tuple[int, ...]
    place: Place | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """Interval names, counted from cycle 1 as people do: ('1-4', '5-26', '27+')."""
        low = (0, *self.edges)
        intervals = (f"{a + 1}-{b}" for a, b in zip(low, self.edges, strict=False))
        return (*intervals, f"{low[-1] + 1}+")


@dataclass(frozen=True)
class Party:
    """Who pays or receives. `outside` marks the two accounts outside society (resources, production)."""

    name: str
    label: Label
    outside: bool = False
    place: Place | None = None


@dataclass(frozen=True)
class Share:
    """A factor on a flow: one formula, or one per interval of the crossed `bands` (first band varies slowest)."""

    values: tuple[Expression, ...]
    bands: tuple[str, ...] = ()


@dataclass(frozen=True)
class Flow:
    """Money from `payer` to `recipient`: per cycle in `states`, per event of `transitions`, or once at the start.

    `amounts` maps a state to its formula (per: cycle) or '' to the only one. `shares` multiply each other.
    `adds` says that another flow of the item may meet it, `after_death` that it is meant to be paid for the dead.
    A programme's money is what it costs over usual care, unless `gross` says that it is the programme's whole cost.
    """

    item: str
    payer: str
    recipient: str
    label: Label
    per: str = "cycle"
    amounts: Mapping[str, Expression] = field(default_factory=dict)
    transitions: tuple[str, ...] = ()
    weight: str | None = None
    shares: tuple[Share, ...] = ()
    strategies: tuple[str, ...] = ()
    of: str | None = None
    real: str | None = None
    programme: bool = False
    gross: bool = False
    negative: bool = False
    only_in: tuple[str, ...] = ()
    needs_simulation: bool = False
    adds: bool = False
    after_death: bool = False
    place: Place | None = None
    stage: str = ""
    """The stage of a programme's delivery that it pays: once, in the cycle in which the stage is taken."""


@dataclass(frozen=True)
class TaxFinancing:
    """What it costs society to raise the money that `parties` pay net, transfers included: `rate` for each unit."""

    parties: tuple[str, ...]
    rate: Expression


@dataclass(frozen=True)
class Perspective:
    """A set of parties whose cost is what flows out of the set less what flows in.

    `items` / `exclude_items` filter by item, `tax_financing` adds a share of what some parties pay net, and `factor`
    multiplies the total; all are printed. `group` says whether an investment case tells a perspective of one party by
    the perspective's name, as a house with one department, or by the party's; of several it is always the
    perspective's.
    """

    name: str
    label: Label
    parties: tuple[str, ...]
    items: tuple[str, ...] = ()
    exclude_items: tuple[str, ...] = ()
    factor: Expression | None = None
    tax_financing: TaxFinancing | None = None
    place: Place | None = None
    group: bool | None = None

    @property
    def filtered(self) -> bool:
        """True when a filter, a factor or tax financing applies, so that sums between perspectives need not hold."""
        return bool(self.items or self.exclude_items or self.factor or self.tax_financing)


@dataclass(frozen=True)
class Passage:
    """A first passage: the first of `stay` consecutive cycles in `states` (spells may join across them)."""

    name: str
    states: tuple[str, ...]
    stay: int
    label: Label
    place: Place | None = None


@dataclass(frozen=True)
class Term:
    """One part of an effect: time in `states`, times an attribute (`weight`), times `amount` per cycle; or the
    `events` of transitions or legs, times `amount` each.

    With a `band`, `amount` may read `t`, the first cycle of each of its intervals. `adds` says that another term of the
    effect may meet it.
    """

    states: tuple[str, ...]
    amount: Expression
    weight: str | None = None
    strategies: tuple[str, ...] = ()
    within: int | None = None
    events: tuple[str, ...] = ()
    band: str | None = None
    adds: bool = False
    place: Place | None = None


@dataclass(frozen=True)
class Effect:
    """A result in health or work: exactly one of `terms`, `events` (legs) or `passage`.

    `without` names the living states that are meant to count 0 in an effect in QALY.
    """

    name: str
    label: Label
    unit: str
    better: str
    terms: tuple[Term, ...] = ()
    events: tuple[str, ...] = ()
    passage: str | None = None
    within: int | None = None
    mean_within: int | None = None
    discount: bool = False
    factor: Expression | None = None
    without: tuple[str, ...] = ()
    place: Place | None = None


@dataclass(frozen=True)
class Assumption:
    """A structural choice that no published source settles, in words; numbers carry their own kind and source."""

    name: str
    text: Label
    place: Place | None = None


@dataclass(frozen=True)
class DiscountBand:
    """Other yearly rates from `after` years on, chained to the factor reached by then."""

    after: int
    cost: Expression
    effect: Expression
    place: Place | None = None


@dataclass(frozen=True)
class Conventions:
    """How time, money and discounting are counted; written into every result."""

    cycle: str
    cycles_per_year: int
    horizon: int
    within_cycle: str
    discounting: str
    discount_rate_cost: Expression
    discount_rate_effect: Expression
    currency: str
    price_year: int
    price_basis: Label = NO_LABEL
    entry_date: str = ""
    beyond_table: str = "constant"
    events_at: str = "start"
    discount_bands: tuple[DiscountBand, ...] = ()
    place: Place | None = None
