"""Time and events of a whole case by calendar period: what a simulation by quarter since entry gives its citizens.

Citizens whose rules change at the same time after entry make a cohort (`investment.cohorts`). One simulation for each
variant of a cohort that is needed: how late the programme begins x its fidelity. Variants of a cohort share their luck,
so that differences between them are differences of the programme. Draws are taken in batches, and each batch is laid
over the calendar before the next begins, so that memory stays bounded.
Sizes: D draws, Q calendar quarters, K quarters since entry (K = Q), P calendar periods, W longest wait in quarters.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from costeff.compile.calendar import delayed, reformed
from costeff.compile.layout import Layout, layout
from costeff.engine.quantities import Quantities
from costeff.evidence.draw import Design
from costeff.investment.capacity import Queue, queue, unlimited
from costeff.investment.case import QUARTERS, Case
from costeff.investment.cohorts import Cohort, Reform, cohorts, equal_people
from costeff.investment.own_words import without_words
from costeff.investment.timing import overlap, summed
from costeff.model.formulas.expression import Expression
from costeff.model.model import Model
from costeff.model.names import simulation_names
from costeff.simulation.simulate import simulate

BATCH = 250  # draws simulated together
FIDELITY = "relative_fidelity"  # the parameter that a case's fidelity by year multiplies

_Key = tuple[Reform, int, bool]  # a model: its reform, its delay, both strategies or the programme's alone


@dataclass(frozen=True, eq=False)
class CasePlan:
    """A case ready to simulate: a model of two strategies over the case's horizon, and its drawn parameters.

    `reforms` (Q,) says for the entrants of each quarter when their rules change; `period` (Q,) numbers the calendar
    periods (a year, cut where prices change) that quarters belong to.
    """

    case: Case
    model: Model
    draws: Mapping[str, np.ndarray]
    tables: Mapping[str, Any]
    individuals: int
    design: Design
    reforms: tuple[Reform, ...]
    period: np.ndarray

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
        return cohorts(self.reforms, self.case.takers, self.individuals)

    @property
    def equal_people(self) -> int:
        """As many people in one cohort would leave as much to luck."""
        return equal_people(self.cohorts, self.case.takers)

    @cached_property
    def layout(self) -> Layout:
        """Cells and events of the model without reforms."""
        return layout(self.model)

    def shares_luck(self, other: CasePlan) -> bool:
        """Whether the two can share simulations: all but prices, scale and capacity alike."""
        names = moving_names(self.model) & set(self.draws)
        return (
            (self.individuals, self.design, self.size) == (other.individuals, other.design, other.size)
            and without_words(self.model) == without_words(other.model)
            and all(np.array_equal(self.draws[n], other.draws[n]) for n in names)
        )


@dataclass
class CaseQuantities:
    """What a case's citizens do: `quantities` by calendar period under both strategies, and the account of the queue.

    `quantities` holds citizens x weeks of the whole case, and counts one case (its sizes sum to 1). `starts` (D, P) who
    began, `takers` (D, P) who took the offer. `service` holds sums by quarter and draw.
    """

    quantities: Quantities
    starts: np.ndarray
    takers: np.ndarray
    service: dict[str, np.ndarray] = field(default_factory=dict)
    course: Quantities | None = None  # of those who begin, in the weeks of their course; None where nothing asks

    def without_effect(self, usual: int) -> CaseQuantities:
        """The same citizens in a programme that changes nobody's life: both strategies have the lives of usual care.

        Identical strategies share their luck, so a simulation with every ratio at 1 would give these very numbers. Who
        begins and who waits is decided under usual care, and stays.
        """

        def idle(q: Quantities) -> Quantities:
            time, events = (np.broadcast_to(a[:, usual : usual + 1], a.shape) for a in (q.time, q.events))
            return replace(q, time=time, events=events)

        course = None if self.course is None else idle(self.course)
        return replace(self, quantities=idle(self.quantities), course=course)


def case_quantities(
    plans: Sequence[CasePlan], threads: int | None = None, progress: bool = False
) -> list[CaseQuantities]:
    """Simulate and lay over the calendar; plans that can share simulations do."""
    from tqdm import tqdm

    groups: list[list[int]] = []
    for i, plan in enumerate(plans):
        home = next((g for g in groups if plans[g[0]].shares_luck(plan)), None)
        if home is None:
            groups.append([i])
        else:
            home.append(i)
    sums: list[_Sum] = [_Sum(plan) for plan in plans]
    total = sum(plans[g[0]].size for g in groups)
    with tqdm(total=total, unit="draw", desc="simulating", disable=not progress, file=sys.stderr, leave=False) as bar:
        for group in groups:
            size, models = plans[group[0]].size, dict[_Key, Model]()
            for low in range(0, size, BATCH):
                rows = slice(low, min(low + BATCH, size))
                variants = _Variants(plans[group[0]], rows, threads, models)
                for i in group:
                    sums[i].add(variants, rows)
                bar.update(rows.stop - rows.start)
    return [f.finish() for f in sums]


class _Variants:
    """Simulations of one batch of draws, each made once. Arrays are sums over people: (d, 2 halves x cells, K)."""

    def __init__(self, plan: CasePlan, rows: slice, threads: int | None, models: dict[_Key, Model]) -> None:
        self.plan, self.rows, self.threads, self.models = plan, rows, threads, models
        self.done: dict[tuple[Cohort, int, float], tuple[np.ndarray, np.ndarray]] = {}
        self.passages: dict[Cohort, np.ndarray] = {}
        self.traces: dict[Cohort, np.ndarray] = {}
        self.shares: dict[Cohort, np.ndarray] = {}  # of its people that are in either half

    def usual(self, cohort: Cohort) -> tuple[np.ndarray, np.ndarray]:
        """Time and events under usual care. The programme without delay comes with it."""
        if (cohort, -1, 1.0) not in self.done:
            self._simulate(cohort, 0, 1.0, both=True)
        return self.done[cohort, -1, 1.0]

    def programme(self, cohort: Cohort, delay: int, fidelity: float) -> tuple[np.ndarray, np.ndarray]:
        """Time and events when the programme begins `delay` quarters after entry."""
        if (cohort, delay, fidelity) not in self.done:
            self._simulate(cohort, delay, fidelity, both=False)
        return self.done[cohort, delay, fidelity]

    def remaining(self, cohort: Cohort, passage: str, quarters: int) -> np.ndarray:
        """Share who have not passed 0, 1, ... quarters after entry under usual care, (d, quarters)."""
        self.usual(cohort)
        names = [p.name for p in self.plan.model.passages]
        passage_shares = np.cumsum(self.passages[cohort][:, names.index(passage), :-1], axis=1)
        cycle = self.plan.model.conventions.cycles_per_year // QUARTERS
        out = np.ones((len(passage_shares), quarters))
        for quarter in range(1, quarters):
            out[:, quarter] = 1.0 - passage_shares[:, min(cycle * quarter, passage_shares.shape[1]) - 1]
        return out

    def _simulate(self, cohort: Cohort, delay: int, fidelity: float, both: bool) -> None:
        plan = self.plan
        cycle = plan.model.conventions.cycles_per_year // QUARTERS
        model_key = cohort.reform, delay, both
        if model_key not in self.models:
            model = plan.model if both else only(plan.model, plan.model.strategy_names[1 - plan.usual])
            for at, legs, closures in cohort.reform:
                model = reformed(model, dict(legs), at, dict(closures))
            self.models[model_key] = delayed(model, delay * cycle)
        draws = {name: np.asarray(values)[self.rows] for name, values in plan.draws.items()}
        if fidelity != 1.0:
            draws[FIDELITY] = draws[FIDELITY] * fidelity
        simulated = simulate(
            self.models[model_key],
            draws,
            plan.tables,
            individuals=cohort.individuals,
            seed=plan.design.seed,
            keys=cohort.addresses(self.rows),
            threads=self.threads,
            period_cycles=cycle,
        )
        q = simulated.quantities
        people = q.half_sizes.sum()
        names = simulated.layout.events
        rows = [names.index(name) for name in plan.layout.events]
        strategy_by_key = {(cohort, delay, fidelity): 1 - plan.usual if both else 0}
        if both:
            strategy_by_key[cohort, -1, 1.0] = plan.usual
            self.passages[cohort] = q.passages[:, plan.usual].sum(axis=1) / people
            self.traces[cohort], self.shares[cohort] = q.trace / people, q.half_sizes / people
        for key, g in strategy_by_key.items():
            time = q.time[:, g, ..., 0]
            events = q.events[:, g, :, :, :, 0][:, :, rows]
            size, last = time.shape[0], time.shape[-1]
            self.done[key] = time.reshape(size, -1, last), events.reshape(size, -1, last)


class _Sum:
    """The case's quantities, filled batch by batch."""

    def __init__(self, plan: CasePlan) -> None:
        self.plan = plan
        size, periods, where = plan.size, plan.periods, plan.layout
        self.time = np.zeros((size, 2, 2, where.size, periods, 1))
        self.events = np.zeros((size, 2, 2, len(where.events), periods, 1))
        # Time in the weeks of the course, for a programme that replaces usual work then.
        self.course = np.zeros_like(self.time) if plan.case.programme.replaces and plan.case.capacity else None
        self.starts, self.takers = np.zeros((size, periods)), np.zeros((size, periods))
        names = ("inflow", "begun", "left", "waiting", "waited")
        self.service = {name: np.zeros((size, len(plan.period))) for name in names}
        self.sizes, self.trace = np.ones(2), np.zeros(())

    def add(self, variants: _Variants, rows: slice) -> None:
        plan, case = self.plan, self.plan.case
        size = rows.stop - rows.start
        takers = np.broadcast_to(np.array(case.takers), (size, len(plan.period)))
        kinds = list(dict.fromkeys(plan.cohorts))
        at = np.array([kinds.index(cohort) for cohort in plan.cohorts])
        line = self._queue(variants, takers, kinds, at, size)
        programme_entrants = line.assigned.sum(axis=2)
        year = np.minimum(np.arange(len(at) + line.assigned.shape[2]) // QUARTERS, case.years - 1)
        fidelity = np.array(case.fidelity)
        for k, cohort in enumerate(kinds):
            mine, people = at == k, cohort.individuals
            self._lay(variants.usual(cohort), takers * mine / people, plan.usual, rows)
            self._lay(variants.usual(cohort), (takers - programme_entrants) * mine / people, 1 - plan.usual, rows)
            for wait in range(line.assigned.shape[2]):
                for dose in dict.fromkeys(case.fidelity):
                    mask = mine & (fidelity[year[np.arange(len(at)) + wait]] == dose)
                    entrants = line.assigned[:, :, wait] * mask / people  # for each of the people who stand for them
                    if entrants.any():
                        simulation = variants.programme(cohort, wait, dose)
                        self._lay(simulation, entrants, 1 - plan.usual, rows)
                        self._lay_course(simulation, entrants, 1 - plan.usual, rows, wait)
                        self._lay_course(variants.usual(cohort), entrants, plan.usual, rows, wait)
        self.starts[rows] = summed(line.begun_in, plan.period, plan.periods)
        self.takers[rows] = summed(takers, plan.period, plan.periods)
        for name, values in (
            ("inflow", takers),
            ("begun", line.begun_in),
            ("left", line.left),
            ("waiting", line.waiting),
            ("waited", line.waited),
        ):
            self.service[name][rows] = values
        largest = next(cohort for cohort in kinds if cohort.luck == 0)
        self.sizes, self.trace = variants.shares[largest], self.trace + variants.traces[largest]

    def _queue(self, variants: _Variants, takers: np.ndarray, kinds: list[Cohort], at: np.ndarray, size: int) -> Queue:
        capacity = self.plan.case.capacity
        if capacity is None:
            return unlimited(takers)
        quarters = len(at)
        places = np.array([capacity.places(q // QUARTERS) for q in range(quarters)])
        remaining = np.ones((size, quarters, capacity.patience + 2))
        for k, cohort in enumerate(kinds):
            remaining_shares = variants.remaining(cohort, capacity.leaves, capacity.patience + 2)
            remaining[:, at == k] = remaining_shares[:, None]
        return queue(takers, remaining, places, capacity.course)

    def _lay(self, simulated: tuple[np.ndarray, np.ndarray], entrants: np.ndarray, strategy: int, rows: slice) -> None:
        if not entrants.any():
            return
        weight = self._weight(entrants)
        for array, whole in zip(simulated, (self.time, self.events), strict=True):
            room = whole[rows, strategy, ..., 0]
            room += (array @ weight).reshape(room.shape)

    def _lay_course(
        self, simulated: tuple[np.ndarray, np.ndarray], entrants: np.ndarray, strategy: int, rows: slice, wait: int
    ) -> None:
        """The time of those who begin after `wait` quarters, in the quarters of their course only."""
        if self.course is None or self.plan.case.capacity is None:
            return
        weight = self._weight(entrants).copy()
        weight[..., :wait, :] = 0.0
        weight[..., wait + self.plan.case.capacity.course :, :] = 0.0
        room = self.course[rows, strategy, ..., 0]
        room += (simulated[0] @ weight).reshape(room.shape)

    def _weight(self, entrants: np.ndarray) -> np.ndarray:
        """Citizens times time, (K, P) or (D, K, P): without a queue the same entrants come in every draw."""
        one = bool((entrants == entrants[:1]).all())
        weight = overlap(entrants[:1] if one else entrants, self.plan.period, self.plan.periods)
        return weight[0] if one else weight

    def finish(self) -> CaseQuantities:
        model, points = self.plan.model, self.plan.model.conventions.horizon + 1
        passages = np.broadcast_to(0.0, (self.plan.size, 2, 2, len(model.passages), points + 1))
        quantities = Quantities(self.time, self.events, passages, self.trace, self.sizes)
        course = None
        if self.course is not None:
            course = replace(quantities, time=self.course, events=np.broadcast_to(0.0, self.events.shape))
        return CaseQuantities(quantities, self.starts, self.takers, self.service, course)


def moving_names(model: Model) -> frozenset[str]:
    """Parameters that say how people move. Discount rates do not: a case is discounted by calendar year, afterwards."""
    zero = Expression(0)
    plain = replace(model.conventions, discount_rate_cost=zero, discount_rate_effect=zero, discount_bands=())
    return simulation_names(replace(model, conventions=plain))


def only(model: Model, strategy: str) -> Model:
    """The model with one strategy; the same individuals have the same lives in it."""
    return replace(
        model,
        strategies=(model.find("strategies", strategy),),
        strategy_effects=tuple(e for e in model.strategy_effects if e.strategy == strategy),
    )
