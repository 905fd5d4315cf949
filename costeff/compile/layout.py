"""Which time an engine must count: one tally for each (weight, crossed bands) that a flow or an effect needs."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from costeff.compile.lines import Line, lines
from costeff.compile.scales import compiled_exits
from costeff.model.model import Model

Key = tuple[str | None, tuple[str, ...]]


@dataclass(frozen=True)
class Tally:
    """Time in states, times an attribute (None: one per individual), split by crossed bands (first varies slowest)."""

    weight: str | None
    bands: tuple[str, ...]
    states: tuple[str, ...]
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

    @property
    def size(self) -> int:
        last = self.tallies[-1]
        return last.offset + last.cells * len(self.states)

    def tally(self, weight: str | None, bands: tuple[str, ...] = ()) -> Tally:
        """The tally that holds time by these bands (its own, or the first that is finer)."""
        fits = [t for t in self.tallies if t.weight == weight and set(bands) <= set(t.bands)]
        return min(fits, key=lambda t: t.cells)

    def cells(self, tally: Tally, state: str) -> slice:
        """Where the cells of one state lie."""
        first = tally.offset + self.states.index(state) * tally.cells
        return slice(first, first + tally.cells)

    def event_rows(self, names: tuple[str, ...]) -> list[int]:
        """Rows of the events whose transition, deadline, leg or pair of states (`a -> b`) has one of these names."""
        event_names = zip(self.events, self.legs, self.pairs, strict=True)
        return [i for i, row in enumerate(event_names) if set(row) & set(names)]


def layout(model: Model) -> Layout:
    """Collect what flows and effects of `model` need. The first tally counts individuals in every state."""
    all_lines = lines(model)
    states_by_key: dict[Key, set[str]] = {(None, ()): set(model.state_names)}
    order = {band.name: i for i, band in enumerate(model.bands)}
    for line in all_lines:
        if line.per == "cycle":
            bands = tuple(sorted(line.bands, key=order.__getitem__))
            states_by_key.setdefault((line.weight, bands), set()).update(line.states)
    for effect in model.effects:
        for term in effect.terms:
            if term.states:
                bands = (term.band,) if term.band else ()
                states_by_key.setdefault((term.weight, bands), set()).update(term.states)
    cells = {band.name: len(band.edges) + 1 for band in model.bands}
    tallies: list[Tally] = []
    offset = 0
    for (weight, bands), states in states_by_key.items():
        count = prod(cells[b] for b in bands)
        inside = tuple(s for s in model.state_names if s in states)
        tallies.append(Tally(weight, bands, inside, offset, count))
        offset += count * len(model.states)
    exits = [e.transition for e in compiled_exits(model)]
    deadlines = sorted(model.deadlines, key=lambda x: model.state_names.index(x.source))
    return Layout(
        states=model.state_names,
        tallies=tuple(tallies),
        band_cells=cells,
        events=(*(t.name for t in exits), *(x.name for x in deadlines)),
        legs=(*(t.leg for t in exits), *(x.leg for x in deadlines)),
        pairs=(*(f"{t.source} -> {t.target}" for t in exits), *(f"{x.source} -> {x.target}" for x in deadlines)),
        lines=all_lines,
    )
