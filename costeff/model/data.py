"""The declared model as data: an ordered collection of elements with the look-ups that later layers need."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any, Self

from costeff.errors import ModelError, Place
from costeff.labels import Label
from costeff.model.delivery import Delivery
from costeff.model.elements import (
    TIME,
    TIME_IN_STATE,
    Assumption,
    Attribute,
    Band,
    Clock,
    Conventions,
    Deadline,
    Effect,
    Flow,
    Party,
    Passage,
    Perspective,
    State,
    Strategy,
    StrategyEffect,
    Transition,
)
from costeff.model.formulas.expression import Expression
from costeff.model.system import System


@dataclass(frozen=True)
class ModelData:
    """The elements of a model as declared, unchecked: `costeff.model.model.Model` is the checked one."""

    name: str
    title: Label
    conventions: Conventions
    states: tuple[State, ...]
    attributes: tuple[Attribute, ...]
    start: str
    clocks: tuple[Clock, ...]
    transitions: tuple[Transition, ...]
    strategies: tuple[Strategy, ...]
    deadlines: tuple[Deadline, ...] = ()
    strategy_effects: tuple[StrategyEffect, ...] = ()
    windows: tuple[int, ...] = ()
    bands: tuple[Band, ...] = ()
    parties: tuple[Party, ...] = ()
    flows: tuple[Flow, ...] = ()
    perspectives: tuple[Perspective, ...] = ()
    passages: tuple[Passage, ...] = ()
    effects: tuple[Effect, ...] = ()
    definitions: Mapping[str, Expression] = field(default_factory=dict)
    assumptions: tuple[Assumption, ...] = ()
    parameters: str = ""
    file: str = ""
    validation: str = ""
    country: str = ""
    rules: str = ""
    dated: Mapping[str, tuple[tuple[dt.date, str], ...]] = field(default_factory=dict)
    delivery: tuple[Delivery, ...] = ()
    system: System | None = None
    left_out: str = ""  # a state of the dead in which those begin who are left out of a run; no file has it

    def __repr__(self) -> str:
        c = self.conventions
        return (
            f"Model: {self.name}, {len(self.states)} states, {c.horizon / c.cycles_per_year:g} years by {c.cycle}, "
            f"strategies: {', '.join(self.strategy_names)}"
        )

    def __getstate__(self) -> dict[str, Any]:
        return {one.name: getattr(self, one.name) for one in fields(self)}

    @cached_property
    def memory(self) -> dict[str, Any]:
        """What `once_a_model` keeps."""
        return {}

    @cached_property
    def state_names(self) -> tuple[str, ...]:
        """Names of the states, in the order of the model."""
        return tuple(s.name for s in self.states)

    @cached_property
    def empty_states(self) -> frozenset[str]:
        """States that hold nobody: outside a system, and those that count places or the system itself."""
        outside = () if self.system is None else (self.system.arrivals.outside,)
        return frozenset((*outside, *(s.name for s in self.states if s.counts)))

    @property
    def results_unit(self) -> str:
        """What results are per: "" for an individual, else "system_year" or "arrival"."""
        return "" if self.system is None else self.system.arrivals.unit

    @cached_property
    def strategy_names(self) -> tuple[str, ...]:
        """Names of the strategies, in the order of the model."""
        return tuple(s.name for s in self.strategies)

    @cached_property
    def comparator(self) -> str:
        """The strategy marked `comparator`, else the first."""
        return next((s.name for s in self.strategies if s.comparator), self.strategies[0].name)

    @property
    def clock_names(self) -> tuple[str, ...]:
        """The two built-in clocks, then the declared ones."""
        return (TIME_IN_STATE, TIME, *(c.name for c in self.clocks))

    @cached_property
    def categories(self) -> dict[str, int]:
        """Every category name and its code."""
        return {
            name: code for a in self.attributes if a.categories is not None for code, name in enumerate(a.categories)
        }

    @property
    def window_edges(self) -> tuple[int, ...]:
        """Starts of the effect windows, then the horizon; edges at or past the horizon fall away."""
        horizon = self.conventions.horizon
        return (0, *(w for w in self.windows if w < horizon), horizon)

    def find(self, kind: str, name: str, place: Place | None = None):  # type: ignore[no-untyped-def]
        """The element of `kind` ('states', 'bands', ...) called `name`; ModelError naming the closest if absent.

        Parameters
        ----------
        kind : str
            Such as "states" or "bands".
        name : str
            Its name.
        place : Place, optional
            File and line to name in an error.

        Returns
        -------
        object
            The element, as the model holds it.

        Raises
        ------
        ModelError
            For an unknown name.

        Examples
        --------
        >>> from costeff import read_model
        >>> model = read_model("sick_sicker")
        >>> model.find("states", model.state_names[0]).name == model.state_names[0]
        True
        """
        from difflib import get_close_matches

        elements = {e.name: e for e in getattr(self, kind)}
        if name not in elements:
            close = get_close_matches(name, elements, 1)
            raise ModelError(
                f"unknown {kind.rstrip('s')} '{name}'",
                where=place,
                value=name,
                rule=f"declared {kind}: {', '.join(elements) or 'none'}",
                way_out=f"did you mean '{close[0]}'?" if close else f"declare it under `{kind}` or correct the name",
            )
        return elements[name]

    def perspective_name(self, name: str | None = None) -> str:
        """The perspective meant by `name`: without one the first declared, as for everything that takes a perspective.

        Parameters
        ----------
        name : str, optional
            What was asked for.

        Returns
        -------
        str
            The name of the perspective.

        Raises
        ------
        ModelError
            When none is declared.

        Examples
        --------
        >>> from costeff import read_model
        >>> model = read_model("sick_sicker")
        >>> model.perspective_name() == model.perspectives[0].name
        True
        """
        if name is not None:
            return name
        if not self.perspectives:
            raise ModelError(
                "the model declares no perspective",
                where=self.file,
                rule="costs are summed over the parties of a perspective; the first declared is the default",
                way_out="declare one under `perspectives`, such as `society: {parties: all, label: Society}`",
            )
        return self.perspectives[0].name

    def with_horizon(self, cycles: int) -> Self:
        """The same model over another time horizon.

        Parameters
        ----------
        cycles : int
            Length of the horizon.

        Returns
        -------
        Model
            Another model; this one stays.

        Examples
        --------
        >>> from costeff import read_model
        >>> model = read_model("sick_sicker")
        >>> model.with_horizon(10).conventions.horizon
        10
        """
        return replace(self, conventions=replace(self.conventions, horizon=cycles))

    def moves(self, name: str) -> tuple[Transition | Deadline, ...]:
        """The exits that an event is called by: the name of a transition or deadline, a leg, or `a -> b`, all ways
        from a to b.

        Parameters
        ----------
        name : str
            Its name.

        Returns
        -------
        tuple of Transition or Deadline
            In the order of the model.

        Examples
        --------
        >>> from costeff import read_model
        >>> model = read_model("sick_sicker")
        >>> len(model.moves(model.transitions[0].name))
        1
        """
        every: tuple[Transition | Deadline, ...] = (*self.transitions, *self.deadlines)
        return tuple(x for x in every if name in (x.name, x.leg or x.name, f"{x.source} -> {x.target}"))

    def exits_on(self, leg: str) -> tuple[Transition, ...]:
        """The transitions called `leg` or carrying that leg.

        Parameters
        ----------
        leg : str
            Name of a transition or leg.

        Returns
        -------
        tuple of Transition
            In the order of the model.

        Examples
        --------
        >>> from costeff import read_model
        >>> model = read_model("sick_sicker")
        >>> [one.name for one in model.exits_on(model.transitions[0].name)] == [model.transitions[0].name]
        True
        """
        return tuple(t for t in self.transitions if leg in (t.name, t.leg))
