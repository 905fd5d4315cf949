"""What an engine must count: one tally for each (weight, crossed bands) that a flow or an effect needs of time in
states, and one for each (events, weight, crossed bands) of events that are more than counted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod

from costeff.compile.lines import Line, lines
from costeff.compile.scales import compiled_exits
from costeff.model.amounts import counted
from costeff.model.elements import Term
from costeff.model.formulas.expression import Expression
from costeff.model.memory import once_a_model
from costeff.model.model import Model

Weight = str | Expression | None
"""What is counted: an attribute, an amount by person and date, or (None) one for each individual."""
Key = tuple[Weight, tuple[str, ...]]


@dataclass(frozen=True)
class Tally:
    """Time in states, times a weight, split by crossed bands (first varies slowest).

    By stages of a delivery it is counted under `strategies` alone, those that need it; () is all.
    """

    weight: Weight
    bands: tuple[str, ...]
    states: tuple[str, ...]
    offset: int
    cells: int
    strategies: tuple[str, ...] = ()


@dataclass(frozen=True)
class EventTally:
    """Events in `rows` (none: the start of each life), times a weight, split by crossed bands at the event.

    Its cells are rows of `Quantities.events` from `offset` on, behind those that count each event.
    """

    weight: Weight
    bands: tuple[str, ...]
    rows: tuple[int, ...]
    offset: int
    cells: int


@dataclass(frozen=True)
class Layout:
    """The cells of `Quantities.time` and the rows of its events, by name."""

    states: tuple[str, ...]
    tallies: tuple[Tally, ...]
    band_cells: dict[str, int]
    events: tuple[str, ...]
    legs: tuple[str, ...]
    pairs: tuple[str, ...]
    lines: tuple[Line, ...]
    event_tallies: tuple[EventTally, ...] = ()

    @property
    def event_size(self) -> int:
        """Rows of `Quantities.events`: those that count each event, then the cells of the event tallies."""
        return len(self.events) + sum(t.cells for t in self.event_tallies)

    @property
    def size(self) -> int:
        last = self.tallies[-1]
        return last.offset + last.cells * len(self.states)

    def tally(self, weight: Weight, bands: tuple[str, ...] = ()) -> Tally:
        """The tally that holds time by these bands (its own, or the first that is finer)."""
        fits = [t for t in self.tallies if t.weight == weight and set(bands) <= set(t.bands)]
        return min(fits, key=lambda t: t.cells)

    def event_tally(self, weight: Weight, bands: tuple[str, ...], names: tuple[str, ...]) -> EventTally | None:
        """The tally of these events (without names: of the start); None where each event simply counts."""
        rows = tuple(self.event_rows(names))
        fits = (t for t in self.event_tallies if (t.weight, t.rows) == (weight, rows) and set(bands) == set(t.bands))
        return next(fits, None)

    def cells(self, tally: Tally, state: str) -> slice:
        """Where the cells of one state lie."""
        first = tally.offset + self.states.index(state) * tally.cells
        return slice(first, first + tally.cells)

    def event_rows(self, names: tuple[str, ...]) -> list[int]:
        """Rows of the events whose transition, deadline, leg or pair of states (`a -> b`) has one of these names."""
        event_names = zip(self.events, self.legs, self.pairs, strict=True)
        return [i for i, row in enumerate(event_names) if set(row) & set(names)]


@once_a_model
def layout(model: Model) -> Layout:
    """Collect what flows and effects of `model` need. The first tally counts individuals in every state."""
    all_lines = lines(model)
    states_by_key: dict[Key, set[str]] = {(None, ()): set(model.state_names)}
    strategies_by_key: dict[Key, set[str]] = {(None, ()): set(model.strategy_names)}
    order = {band.name: i for i, band in enumerate(model.bands)}
    for line in all_lines:
        if line.per == "cycle":
            bands = tuple(sorted(line.bands, key=order.__getitem__))
            for state, formula in line.amounts.items():
                key = measure(model, line, formula), bands
                states_by_key.setdefault(key, set()).add(state)
                strategies_by_key.setdefault(key, set()).update(line.strategies or model.strategy_names)
    for effect in model.effects:
        for term in effect.terms:
            if term.states:
                bands = (term.band,) if term.band else ()
                key = measure(model, term, term.amount), bands
                states_by_key.setdefault(key, set()).update(term.states)
                strategies_by_key.setdefault(key, set()).update(term.strategies or model.strategy_names)
    cells = {band.name: len(band.edges) + 1 for band in model.bands}
    of_stages = {clock.name for clock in model.clocks if clock.stages}
    by_stages = {band.name for band in model.bands if band.clock in of_stages}
    tallies: list[Tally] = []
    offset = 0
    for (weight, bands), states in states_by_key.items():
        count = prod(cells[b] for b in bands)
        inside = tuple(s for s in model.state_names if s in states)
        own = strategies_by_key[weight, bands] if by_stages & set(bands) else set(model.strategy_names)
        strategies = () if len(own) == len(model.strategies) else tuple(sorted(own))
        tallies.append(Tally(weight, bands, inside, offset, count, strategies))
        offset += count * len(model.states)
    exits = [e.transition for e in compiled_exits(model)]
    deadlines = sorted(model.deadlines, key=lambda x: model.state_names.index(x.source))
    whole = Layout(
        states=model.state_names,
        tallies=tuple(tallies),
        band_cells=cells,
        events=(*(t.name for t in exits), *(x.name for x in deadlines)),
        legs=(*(t.leg for t in exits), *(x.leg for x in deadlines)),
        pairs=(*(f"{t.source} -> {t.target}" for t in exits), *(f"{x.source} -> {x.target}" for x in deadlines)),
        lines=all_lines,
    )
    return replace(whole, event_tallies=_event_tallies(model, whole, order))


def measure(model: Model, element: Line | Term, formula: Expression) -> Weight:
    """What is counted for an amount: the amount itself where it is by person or date, else the weight beside it."""
    return formula if counted(model, formula) else element.weight


def _event_tallies(model: Model, where: Layout, order: dict[str, int]) -> tuple[EventTally, ...]:
    """One for each (weight, bands, events) of lines and terms that need more than the number of events."""
    keys: dict[tuple[Weight, tuple[str, ...], tuple[int, ...]], None] = {}
    for line in where.lines:
        if line.per != "cycle":
            bands = tuple(sorted(line.bands, key=order.__getitem__))
            weight = measure(model, line, line.amounts[""])
            keys[weight, bands, tuple(where.event_rows(line.transitions))] = None
    for term in (term for effect in model.effects for term in effect.terms if term.events):
        bands = (term.band,) if term.band else ()
        keys[measure(model, term, term.amount), bands, tuple(where.event_rows(term.events))] = None
    tallies: list[EventTally] = []
    offset = len(where.events)
    for weight, bands, rows in keys:
        if weight is not None or bands:
            count = prod(where.band_cells[b] for b in bands)
            tallies.append(EventTally(weight, bands, rows, offset, count))
            offset += count
    return tuple(tallies)
