"""The models that a case simulates: with its reforms, its programme begun later, and without what only prices."""

from __future__ import annotations

import threading
from dataclasses import replace

from costeff.compile.calendar import delayed, reformed, with_later
from costeff.investment.case import QUARTERS, TargetGroup
from costeff.investment.cohorts import Cohort, Reform
from costeff.investment.target_groups import only_group
from costeff.model.checks.check import checked_at_the_end
from costeff.model.elements import Term
from costeff.model.formulas.expression import Expression
from costeff.model.model import Model
from costeff.model.two_strategies import without_unread
from costeff.simulation.simulate import undiscounted


class Models:
    """The models of the variants of one model, each made once; threads and plans of the same lives share them."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._by_key: dict[tuple[tuple[Reform, str], tuple[int, ...], bool], Model] = {}
        self._groups: dict[Expression, Models] = {}
        self._turn = threading.Lock()

    @property
    def cycle(self) -> int:
        """Cycles in a quarter."""
        return self.model.conventions.cycles_per_year // QUARTERS

    @property
    def programme(self) -> str:
        """Name of the programme."""
        return next(name for name in self.model.strategy_names if name != self.model.comparator)

    def of_group(self, group: TargetGroup) -> Models:
        """The models in which a target group alone lives on."""
        with self._turn:
            if group.who not in self._groups:
                self._groups[group.who] = Models(only_group(self.model, group))
            return self._groups[group.who]

    def both(self, cohort: Cohort, delays: tuple[int, ...]) -> Model:
        """Usual care and the programme, and the programme once more for each delay (quarters, above 0)."""
        key = _lives(cohort), delays, True
        if key not in self._by_key:
            with checked_at_the_end() as check_whole:
                model = self._reformed(self.model, cohort)
                model = with_later(model, self.programme, [delay * self.cycle for delay in delays])
                self._by_key[key] = check_whole(model)
        return self._by_key[key]

    def alone(self, cohort: Cohort, delay: int) -> Model:
        """The programme alone, begun `delay` quarters after entry."""
        key = _lives(cohort), (delay,), False
        if key not in self._by_key:
            with checked_at_the_end() as check_whole:
                model = self._reformed(only(self.model, self.programme), cohort)
                self._by_key[key] = check_whole(delayed(model, delay * self.cycle))
        return self._by_key[key]

    @staticmethod
    def _reformed(model: Model, cohort: Cohort) -> Model:
        if cohort.entry:
            model = replace(model, conventions=replace(model.conventions, entry_date=cohort.entry))
        for at, legs, closures in cohort.reform:
            model = reformed(model, dict(legs), at, dict(closures))
        return undiscounted(model)


def _lives(cohort: Cohort) -> tuple[Reform, str]:
    """What the models of a cohort depend on."""
    return cohort.reform, cohort.entry


def only(model: Model, strategy: str) -> Model:
    """The model with one strategy, for its lives only: the same individuals have the same lives in it.

    Amounts of the other strategy keep their cells, and are nobody's.
    """
    own = (strategy,)
    return without_unread(
        model,
        {
            "strategies": (model.find("strategies", strategy),),
            "strategy_effects": tuple(e for e in model.strategy_effects if e.strategy == strategy),
            "delivery": tuple(d for d in model.delivery if d.strategy == strategy),
            "flows": tuple(replace(f, strategies=own, adds=True) if f.strategies else f for f in model.flows),
            "effects": tuple(replace(e, terms=tuple(_term(term, own) for term in e.terms)) for e in model.effects),
        },
    )


def _term(term: Term, strategies: tuple[str, ...]) -> Term:
    return replace(term, strategies=strategies, adds=True) if term.strategies else term
