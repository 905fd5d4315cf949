"""Hypothesis strategies for random ledgers: parties, flows, shares and perspectives, with random quantities to price.

No simulation: time in states is drawn for every crossing of all bands, and each tally of the layout gets its sums.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from costeff.compile import Layout, layout
from costeff.compile.environment import parameter_environment
from costeff.engine.quantities import Quantities
from costeff.labels import Label
from costeff.model import (
    Attribute,
    Band,
    Clock,
    Conventions,
    Effect,
    Expression,
    Flow,
    Model,
    Party,
    Passage,
    Perspective,
    Share,
    State,
    Strategy,
    Term,
    Transition,
)

E = Expression
STATES = ("a", "b", "c", "dead")
WEIGHTS = (None, "wage", "utility")
BANDS = {"ladder": 3, "absence": 2}  # intervals of each band
YEAR, YEARS, LAYERS = 12, 3, 2  # cycles in a year, years, layers of discounting
MUNICIPAL, OTHERS = ("mso", "msb", "treasury"), ("other_municipalities", "region", "state")
INSIDE = (*MUNICIPAL, *OTHERS, "employer", "citizen", "fund")
OUTSIDE = ("resources", "production")
NUMBERS = ("x1", "x2", "x3", "s1", "s2")
AMOUNTS = ("120", "x1", "x2 * 3", "x1 + x3", "x2 / 7", "0")
SHARES = ("s1", "1 - s1", "0.3", "s2", "1", "0", "s1 * s2")


def label(text: str) -> Label:
    return Label(text, text)


def conventions() -> Conventions:
    return Conventions(
        cycle="month",
        cycles_per_year=YEAR,
        horizon=YEAR * YEARS,
        within_cycle="none",
        discounting="annual",
        discount_rate_cost=E(0),
        discount_rate_effect=E(0),
        currency="DKK",
        price_year=2024,
    )


@dataclass(frozen=True, repr=False)
class Ledger:
    """A model, its parameters by name (D,), and time, events and passages in full detail."""

    model: Model
    draws: Mapping[str, np.ndarray]
    time: Mapping[tuple[str | None, str], np.ndarray]  # (weight, state): (D, G, 2, ladder, absence, years, layers)
    events: Mapping[str, np.ndarray]  # transition: (D, G, 2, years, layers)
    passages: np.ndarray  # (D, G, 2, passages, cycles + 2)
    half_sizes: np.ndarray

    def __repr__(self) -> str:
        return "\n".join(["Ledger", *(repr(replace(f, label=label(""))) for f in self.model.flows)])

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))  # hypothesis would print every array

    @property
    def layout(self) -> Layout:
        return layout(self.model)

    @property
    def env(self) -> dict[str, Any]:
        return parameter_environment(self.model, self.draws, {}, len(self.draws["x1"]))

    def quantities(self, where: Layout | None = None) -> Quantities:
        """As an engine would have counted them: each tally summed over the bands that it does not split."""
        where = where or self.layout
        shape = next(iter(self.time.values())).shape
        time = np.zeros((*shape[:3], where.size, *shape[-2:]))
        names = list(BANDS)
        for tally in where.tallies:
            merged = tuple(3 + i for i, name in enumerate(names) if name not in tally.bands)
            for state in tally.states:
                full = self.time[tally.weight, state].sum(axis=merged)
                time[:, :, :, where.cells(tally, state)] = full.reshape(*shape[:3], tally.cells, *shape[-2:])
        trace = np.zeros((shape[1], len(STATES), YEAR * YEARS + 1))
        trace[:, 0] = self.half_sizes.sum() * shape[0]
        return Quantities(
            time=time,
            events=np.stack([self.events[name] for name in where.events], axis=3),
            passages=self.passages,
            trace=trace,
            half_sizes=self.half_sizes,
        )


def _real(payer: str, recipient: str, item: str) -> str | None:
    return item if {payer, recipient} & set(OUTSIDE) else None


def _pair(draw: st.DrawFn) -> tuple[str, str]:
    one = draw(st.sampled_from(INSIDE))
    other = draw(st.sampled_from([p for p in (*INSIDE, *OUTSIDE) if p != one]))
    return draw(st.sampled_from([(one, other), (other, one)]))


def _shares(draw: st.DrawFn, banded: bool) -> tuple[Share, ...]:
    """None, one or two shares, plain or by one or two crossed bands."""
    found = []
    for _ in range(draw(st.integers(0, 2))):
        kinds: list[tuple[str, ...]] = [(), ("ladder",), ("absence",), ("ladder", "absence"), ("absence", "ladder")]
        bands = draw(st.sampled_from(kinds if banded else kinds[:1]))
        count = int(np.prod([BANDS[b] for b in bands]))
        found.append(Share(tuple(E(draw(st.sampled_from(SHARES))) for _ in range(count)), bands))
    return tuple(found)


def _some_strategies(draw: st.DrawFn) -> tuple[str, ...]:
    return draw(st.sampled_from([(), (), (), ("programme",), ("usual_care",), ("usual_care", "programme")]))


def _base(draw: st.DrawFn, item: str, number: int, plain: bool) -> Flow:
    """A flow with an amount of its own."""
    payer, recipient = _pair(draw)
    per = draw(st.sampled_from(["cycle", "cycle", "cycle", "event", "start"]))
    negative = draw(st.sampled_from([False, False, False, True]))
    sign = "-" if negative else ""
    amount = st.sampled_from(AMOUNTS).map(lambda text: E(f"{sign}({text})"))
    states = draw(st.lists(st.sampled_from(STATES), min_size=1, unique=True)) if per == "cycle" else [""]
    return Flow(
        item,
        payer,
        recipient,
        label(item),
        per=per,
        amounts={state: draw(amount) for state in states},
        transitions=draw(st.sampled_from([("go",), ("leave",), ("back", "die")])) if per == "event" else (),
        weight=draw(st.sampled_from(WEIGHTS)) if per == "cycle" else None,
        shares=_shares(draw, per == "cycle"),
        strategies=() if plain else _some_strategies(draw),
        real=_real(payer, recipient, f"{item}_{number}" if plain else item),
        negative=negative,
        only_in=() if plain else draw(st.sampled_from([(), (), (), ("filtered",)])),
        adds=True,
        after_death="dead" in states,
    )


@st.composite
def flow_lists(draw: st.DrawFn, plain: bool = False) -> tuple[Flow, ...]:
    """Base flows, several of them under one item, then chains of flows `of` those items.

    plain: no flow is kept to a strategy or to a perspective.
    """
    flows = [
        _base(draw, draw(st.sampled_from(["benefit", "wage_paid", "care"])), i, plain)
        for i in range(draw(st.integers(1, 5)))
    ]
    flows = [f for i, f in enumerate(flows) if f not in flows[:i]]  # a line copied whole is refused
    per_cycle = {f.item: all(g.per == "cycle" for g in flows if g.item == f.item) for f in flows}
    for i in range(draw(st.integers(0, 4))):
        of = draw(st.sampled_from(list(per_cycle)))
        item, (payer, recipient) = f"share_{i}", _pair(draw)
        shares, strategies = _shares(draw, per_cycle[of]), () if plain else _some_strategies(draw)
        real = _real(payer, recipient, item)
        flows.append(
            Flow(
                item,
                payer,
                recipient,
                label(item),
                of=of,
                shares=shares,
                strategies=strategies,
                real=real,
                negative=True,
            )
        )
        per_cycle[item] = per_cycle[of]
    return tuple(flows)


def perspectives(flows: tuple[Flow, ...], draw: st.DrawFn) -> tuple[Perspective, ...]:
    some = draw(st.lists(st.sampled_from(INSIDE), min_size=1, unique=True).map(tuple))
    items = draw(st.lists(st.sampled_from([f.item for f in flows]), unique=True).map(tuple))
    excluded = draw(st.booleans())
    return (
        Perspective("municipal_with_tax", label("m"), MUNICIPAL),
        *(Perspective(party, label(party), (party,)) for party in INSIDE),
        Perspective("public", label("public"), (*MUNICIPAL, *OTHERS)),
        Perspective("societal", label("societal"), INSIDE),
        Perspective("some", label("some"), some),
        Perspective(
            "filtered",
            label("filtered"),
            some,
            items=() if excluded else items,
            exclude_items=items if excluded else (),
            factor=E("1.28 + s1"),
        ),
    )


def _effects(draw: st.DrawFn) -> tuple[Effect, ...]:
    some = st.lists(st.sampled_from(STATES[:-1]), min_size=1, unique=True).map(tuple)
    terms = tuple(
        Term(
            draw(some),
            E(draw(st.sampled_from(("1", "x1", "-s1")))),
            draw(st.sampled_from(WEIGHTS)),
            _some_strategies(draw),
            draw(st.sampled_from([None, YEAR, 2 * YEAR])),
            adds=True,
        )
        for _ in range(draw(st.integers(1, 3)))
    )
    terms = tuple(t for i, t in enumerate(terms) if t not in terms[:i])
    within, discount = draw(st.sampled_from([None, YEAR])), draw(st.booleans())
    return (
        Effect(
            "terms",
            label("t"),
            "QALY",
            "more",
            terms,
            within=within,
            discount=discount,
            factor=E("1 / 12"),
            without=STATES[:-1],
        ),
        Effect("events", label("e"), "events", "fewer", events=("leave",), within=within, discount=not discount),
        Effect("passed", label("p"), "share", "more", passage="return", within=draw(st.integers(1, 2 * YEAR))),
        Effect("mean_time", label("p"), "weeks", "fewer", passage="return", mean_within=draw(st.integers(1, 2 * YEAR))),
    )


def build(flows: tuple[Flow, ...], views: tuple[Perspective, ...], effects: tuple[Effect, ...] = ()) -> Model:
    return Model(
        name="ledger",
        title=label("ledger"),
        conventions=conventions(),
        states=(*(State(s, label(s)) for s in STATES[:-1]), State("dead", label("dead"), alive=False)),
        attributes=(
            Attribute("wage", value=E(1)),
            Attribute("utility", value=E(1)),
            Attribute("start_state", categories={"a": E(1)}),
        ),
        start="start_state",
        clocks=(Clock("age", E(0)),),
        transitions=(
            Transition("go", "a", "b", hazard=E(0.1), leg="leave"),
            Transition("back", "b", "a", hazard=E(0.1), leg="leave"),
            Transition("die", "a", "dead", hazard=E(0.1)),
        ),
        strategies=tuple(Strategy(name, label(name)) for name in ("usual_care", "programme", "other")),
        bands=(Band("ladder", "age", (2, 5)), Band("absence", "time", (3,))),
        parties=(*(Party(p, label(p)) for p in INSIDE), *(Party(p, label(p), outside=True) for p in OUTSIDE)),
        flows=flows,
        perspectives=views,
        passages=(Passage("return", ("b",), 2, label("r")),),
        effects=effects,
    )


@st.composite
def ledgers(draw: st.DrawFn, plain: bool = False) -> Ledger:
    """A random ledger with random quantities of 4 draws; `plain` as in `flow_lists`."""
    flows = draw(flow_lists(plain))
    model = build(flows, perspectives(flows, draw), _effects(draw))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    d, g = 4, 3  # no size equals another, or the 2 halves: an axis taken for another is then seen
    scale = {"x1": 9000, "x2": 300, "x3": 1, "s1": 1, "s2": 1}
    shape = (d, g, 2, *BANDS.values(), YEARS, LAYERS)
    empty = draw(st.sampled_from([0.0, 0.5]))  # share of cells without time
    return Ledger(
        model=model,
        draws={name: rng.random(d) * scale[name] for name in NUMBERS},
        time={(w, s): rng.random(shape) * 20 * (rng.random(shape) >= empty) for w in WEIGHTS for s in STATES},
        events={name: rng.integers(0, 9, (d, g, 2, YEARS, LAYERS)).astype(float) for name in ("go", "back", "die")},
        passages=rng.integers(0, 5, (d, g, 2, 1, YEAR * YEARS + 2)).astype(float),
        half_sizes=np.array(draw(st.sampled_from([(3.0, 3.0), (4.0, 3.0), (1.0, 0.0)]))),
    )


def side_by_side(values: np.ndarray) -> np.ndarray:
    """The first layer alone, its draws side by side in memory, as those of a case are."""
    return np.moveaxis(np.ascontiguousarray(np.moveaxis(values[..., :1], 0, -1)), -1, 0)
