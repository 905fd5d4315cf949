"""A case ready to simulate: its model, its drawn parameters, and when the rules of each quarter's entrants change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from costeff.compile.environment import category_probabilities, parameter_environment, population
from costeff.compile.layout import Layout, layout
from costeff.evidence.draw import Design
from costeff.investment.case import Case
from costeff.investment.cohorts import Cohort, Reform, cohorts, equal_people
from costeff.investment.own_words import without_words
from costeff.investment.variant_models import Models
from costeff.model.memory import once_a_model
from costeff.model.model import Model
from costeff.model.names import simulation_names
from costeff.simulation.simulate import undiscounted

SAMPLE_SIZE = 200
"""Individuals in whom the chance of a category is looked at, where it depends on their other attributes."""


@dataclass(frozen=True, eq=False)
class CasePlan:
    """A case ready to simulate: a model of two strategies over the case's horizon, and its drawn parameters.

    `reforms` (Q,) says for the entrants of each quarter when their rules change, `entries` (Q,) from which date amounts
    are theirs; `period` (Q,) numbers the calendar
    periods (a year, cut where prices change) that quarters belong to. `models` may be shared with plans of the same
    lives.
    """

    case: Case
    model: Model
    draws: Mapping[str, np.ndarray]
    tables: Mapping[str, Any]
    individuals: int
    design: Design
    reforms: tuple[Reform, ...]
    period: np.ndarray
    models: Models
    entries: tuple[str, ...] = ()

    @property
    def usual(self) -> int:
        """Index of usual care among the two strategies."""
        return self.model.strategy_names.index(self.model.comparator)

    @property
    def periods(self) -> int:
        """Number of calendar periods."""
        return int(self.period.max()) + 1

    @property
    def replicates(self) -> int | None:
        """Designs that the draws are made of; None for independent draws."""
        return None if self.design.method == "random" else self.design.replicates

    @property
    def size(self) -> int:
        """Number of draws."""
        return len(next(iter(self.draws.values())))

    @cached_property
    def cohorts(self) -> tuple[Cohort, ...]:
        """The cohort that each quarter's entrants belong to, (Q,)."""
        return cohorts(self.reforms, self.case.takers, self.individuals, self.entries)

    @property
    def equal_people(self) -> int:
        """As many people in one cohort would leave as much to luck."""
        return equal_people(self.cohorts, self.case.takers)

    @cached_property
    def layout(self) -> Layout:
        """Cells and events of the model without reforms."""
        return layout(self.model)

    @cached_property
    def events_read(self) -> frozenset[str]:
        """Events that a flow or an effect of the model counts; the case's quantities hold no others."""
        return self.layout.events_read(self.model.effects)

    @cached_property
    def possible(self) -> dict[str, frozenset[str]]:
        """Categories that the citizens can have, by attribute: those with a chance above 0 in any draw.

        The chance is worked out by its formula, so that a rare category is not missed. Attributes that are numbers are
        left out: two ranges of age that hardly touch are not known to be different citizens.
        """
        env = parameter_environment(self.model, self.draws, self.tables, self.size)
        keys = np.arange(self.size, dtype=np.uint64)
        people = population(self.model, env, self.design.seed, keys, 0, SAMPLE_SIZE)
        categories = {}
        for attribute in self.model.attributes:
            if attribute.categories is not None:
                chances = category_probabilities(attribute, {**env, **people})
                possible_ones = (n for n, p in zip(attribute.categories, chances, strict=True) if np.max(p) > 0)
                categories[attribute.name] = frozenset(possible_ones)
        return categories

    @property
    def without_groups(self) -> CasePlan:
        """The plan of what one target group does, or of the case where nobody asks for groups."""
        return replace(self, case=replace(self.case, target_groups=()))

    @cached_property
    def moving(self) -> frozenset[str]:
        """Parameters that say how people move."""
        return moving_names(self.model)

    @cached_property
    def plain_model(self) -> Model:
        """The model without the words that a case may change; making it checks a whole model, so it is made once."""
        return without_words(self.model)

    def shares_luck(self, other: CasePlan) -> bool:
        """Whether the two can share simulations: all but prices, scale and capacity alike."""
        names = self.moving & set(self.draws)
        return (
            (self.individuals, self.design, self.size) == (other.individuals, other.design, other.size)
            and (self.model is other.model or self.plain_model == other.plain_model)
            and all(np.array_equal(self.draws[n], other.draws[n]) for n in names)
        )

    def same_citizens(self, other: CasePlan) -> bool:
        """Whether the quantities of the other are this one's: the two differ in prices and costs only."""
        return (
            self.shares_luck(other)
            and (self.cohorts, self.case.takers) == (other.cohorts, other.case.takers)
            and (self.case.fidelity, self.case.capacity) == (other.case.fidelity, other.case.capacity)
            and np.array_equal(self.period, other.period)
            and self.counts_course == other.counts_course
            and [(g.name, g.who) for g in self.case.target_groups]
            == [(g.name, g.who) for g in other.case.target_groups]
        )

    @property
    def counts_course(self) -> bool:
        """Whether time in the weeks of the course is counted apart: for a programme that replaces usual work then."""
        return bool(self.case.programme.replaces) and self.case.capacity is not None


@once_a_model
def moving_names(model: Model) -> frozenset[str]:
    """Parameters that say how people move. Discount rates do not: a case is discounted by calendar year, afterwards."""
    return simulation_names(undiscounted(model))
