"""Time and events of a whole case by calendar period: what a simulation by quarter since entry gives its citizens.

Citizens whose rules change at the same time after entry make a cohort (`investment.cohorts`). One simulation for each
variant of a cohort that is needed: how late the programme begins x its fidelity. Variants of a cohort share their luck,
so that differences between them are differences of the programme. Draws are taken in batches, and each batch is laid
over the calendar before the next begins, so that memory stays bounded.
Sizes: D draws, Q calendar quarters, K quarters since entry (K = Q), P calendar periods, W longest wait in quarters.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from costeff.engine.quantities import Quantities
from costeff.errors import ModelError
from costeff.investment.calendar_kernel import touch
from costeff.investment.capacity import Queue, queue, unlimited
from costeff.investment.case import QUARTERS
from costeff.investment.case_plan import CasePlan
from costeff.investment.cohorts import Cohort
from costeff.investment.laying import LivesOnTheWay, Target, lay_batch
from costeff.investment.timing import summed
from costeff.investment.variants import BATCH, FIRST_BATCH, Variants
from costeff.numerics.allocator import zeros_by_page
from costeff.simulation.workplace import workplace_now


@dataclass
class CaseQuantities:
    """What a case's citizens do: `quantities` by calendar period under both strategies, and the account of the queue.

    `quantities` holds citizens x weeks of the whole case, and counts one case (its sizes sum to 1); of events it holds
    those that a flow or an effect counts (`CasePlan.events_read`), and 0 in the rows of others. `starts` (D, P) who
    began, `takers` (D, P) who took the offer. `service` holds sums by quarter and draw.
    """

    quantities: Quantities
    starts: np.ndarray
    takers: np.ndarray
    service: dict[str, np.ndarray] = field(default_factory=dict)
    course: Quantities | None = None  # of those who begin, in the weeks of their course; None where nothing asks
    groups: dict[str, CaseQuantities] = field(default_factory=dict)  # the same of each target group alone


def case_quantities(
    plans: Sequence[CasePlan],
    threads: int | None = None,
    progress: bool = False,
    tell: Callable[[int, int], None] | None = None,
    keep: Callable[[Variants], None] | None = None,
) -> list[CaseQuantities]:
    """Simulate and lay over the calendar; plans that can share simulations do.

    Plans of the same citizens, which differ in prices and costs only, are given the same quantities.
    `tell` is called with how many draws of how many are done, and ends the work by raising. `keep` is given every batch
    of lives, by which other citizens can be laid over the calendar (`laid_again`).
    """
    from tqdm import tqdm

    alike = [
        next(j for j, other in enumerate(plans) if j == i or plan.same_citizens(other)) for i, plan in enumerate(plans)
    ]
    groups: list[list[int]] = []
    for i, plan in enumerate(plans):
        if alike[i] != i:
            continue
        home = next((g for g in groups if plans[g[0]].shares_luck(plan)), None)
        if home is None:
            groups.append([i])
        else:
            home.append(i)
    sums = {i: _Sum(plan) for i, plan in enumerate(plans) if alike[i] == i}
    total, done = sum(plans[g[0]].size for g in groups), 0
    with tqdm(total=total, unit="draw", desc="simulating", disable=not progress, file=sys.stderr, leave=False) as bar:
        for group in groups:
            for draws in _simulate_group([plans[i] for i in group], [sums[i] for i in group], threads, keep):
                bar.update(draws)
                done += draws
                if tell is not None:
                    tell(done, total)
    finished = {i: own.finish() for i, own in sums.items()}
    return [finished[i] for i in alike]


def laid_again(plan: CasePlan, lives: Sequence[Variants]) -> CaseQuantities:
    """The quantities of a plan from lives that are there: the same numbers as from a simulation of its own.

    Raises LookupError where the plan needs lives that are not there: of other people, or with other delays.
    """
    own = _Sum(plan)
    with ThreadPoolExecutor(2) as pool:  # compiled passes do not need the interpreter
        pages = pool.submit(own.touch, lives)
        entrants = own.entrants(lives)  # of all draws at once: the queue is one pass over arrays
        pages.result()
        list(pool.map(lambda batch: own.add(batch, batch.rows, entrants.of_draws(batch.rows)), lives))
    return own.finish()


def quantities_beside(plans: Sequence[CasePlan], lives: Sequence[Variants]) -> list[CaseQuantities]:
    """The quantities of plans that share the luck of lives that are there; what they need beside them is simulated."""
    sums, doses = [_Sum(plan) for plan in plans], doses_together(plans)
    for own in lives:
        own.doses = doses
        _simulate_batch(own, sums)
    return [own.finish() for own in sums]


def _simulate_group(
    plans: Sequence[CasePlan], sums: Sequence[_Sum], threads: int | None, keep: Callable[[Variants], None] | None = None
) -> Iterator[int]:
    """Simulate what the plans share, and lay it over the calendar of each; yields how many draws have been done.

    The first batch of draws, a small one that one thread works on alone, shows which delays are needed; in all others
    these are strategies of one model. Each thread takes a batch through all its simulations, so that none waits for
    another.
    """
    first, doses = plans[0], doses_together(plans)
    batches = _batches(first.size)
    workers = workplace_now().width(threads)  # each waits for what a cluster works out for it
    first_lives = Variants(first, batches[0], workers, {}, doses)
    delays = _simulate_batch(first_lives, sums)
    if keep is not None:
        keep(first_lives)
    yield batches[0].stop

    def one(rows: slice) -> int:
        lives = Variants(first, rows, 1, delays, doses)
        _simulate_batch(lives, sums)
        if keep is not None:
            keep(lives)
        return int(rows.stop - rows.start)

    with ThreadPoolExecutor(workers) as pool:
        futures = [pool.submit(one, rows) for rows in batches[1:]]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            for future in futures:
                future.cancel()


def _batches(size: int) -> list[slice]:
    """The draws of a small batch and of an even number of batches of like size, the same for any number of threads.

    >>> _batches(1000)[:2], _batches(1000)[-1]
    ([slice(0, 16, None), slice(16, 98, None)], slice(918, 1000, None))
    >>> _batches(17)
    [slice(0, 16, None), slice(16, 17, None)]
    """
    start = min(FIRST_BATCH, BATCH, size)
    count = 2 * math.ceil((size - start) / (2 * BATCH))
    ends = [start, *(start + (size - start) * (i + 1) // count for i in range(count))]
    return [slice(0, start), *(slice(low, high) for low, high in pairwise(ends) if high > low)]


def doses_together(plans: Sequence[CasePlan]) -> tuple[float, ...]:
    """Strengths of the effect that are simulated together: those of plans that differ in nothing else that says who
    begins when, each with one strength for all years; none otherwise."""
    who_begins = [(plan.cohorts, plan.case.takers, plan.case.capacity, plan.case.target_groups) for plan in plans]
    if any(one != who_begins[0] for one in who_begins) or any(len(set(plan.case.fidelity)) > 1 for plan in plans):
        return ()
    return tuple(dict.fromkeys(plan.case.fidelity[0] for plan in plans))


def _simulate_batch(variants: Variants, sums: Iterable[_Sum]) -> dict[Cohort, tuple[int, ...]]:
    """Add a batch of draws to each case's sums; returns the delays that it needed.

    An error names the draw by its number among all.
    """
    try:
        for own in sums:
            own.add(variants, variants.rows)
    except ModelError as error:
        error.draw = None if error.draw is None else variants.rows.start + error.draw
        raise
    return variants.delays_needed()


@dataclass(frozen=True)
class _Entrants:
    """Who enters in each quarter of a batch: how many take the offer (d, Q), of which of the cohorts `kinds` they are
    (`at`, (Q,)), and what becomes of them in the queue."""

    takers: np.ndarray
    kinds: tuple[Cohort, ...]
    at: np.ndarray
    line: Queue

    def of_draws(self, rows: slice) -> _Entrants:
        """Those of some draws."""
        line = self.line
        own = Queue(line.assigned[rows], line.begun[rows], line.left[rows], line.waiting[rows])
        return replace(self, takers=self.takers[rows], line=own)


class _Sum:
    """The quantities of a case, or of one of its target groups, filled batch by batch."""

    def __init__(self, plan: CasePlan) -> None:
        self.plan = plan
        self.groups = {group.name: _Sum(plan.without_groups) for group in plan.case.target_groups}
        size, periods, where = plan.size, plan.periods, plan.layout
        # By strategy, half and cell: all draws of a period side by side, as they are laid and priced.
        self.time = zeros_by_page((2, 2 * where.size, periods, size))
        self.events = zeros_by_page((2, 2 * where.event_size, periods, size))
        self.course = zeros_by_page(self.time.shape) if plan.counts_course else None
        self.starts, self.takers = np.zeros((size, periods)), np.zeros((size, periods))
        names = ("inflow", "begun", "left", "waiting", "waited")
        self.service = {name: np.zeros((size, len(plan.period))) for name in names}
        self.sizes = np.ones(2)
        self.traces: dict[int, np.ndarray] = {}  # by the first draw of a batch: threads end in any order

    def touch(self, lives: Sequence[Variants]) -> None:
        """Have the pages of the rows that lives are in given to one thread, ahead: two that ask at once wait twice."""
        for number, rooms in enumerate((self.time, self.events)):
            row_lists = [at for one in lives for both in one.done.values() for _, at in both[number].parts]
            row_numbers = np.unique(np.concatenate(row_lists)) if row_lists else np.zeros(0, np.int64)
            for room in rooms:
                touch(room, row_numbers)

    def entrants(self, lives: Sequence[Variants]) -> _Entrants:
        """Who enters, of batches of draws that follow one another."""
        plan = self.plan
        size = sum(one.rows.stop - one.rows.start for one in lives)
        takers = np.broadcast_to(np.array(plan.case.takers), (size, len(plan.period)))
        kinds = tuple(dict.fromkeys(plan.cohorts))
        at = np.array([kinds.index(cohort) for cohort in plan.cohorts])
        return _Entrants(takers, kinds, at, self._queue(lives, takers, kinds, at))

    def add(self, variants: Variants, rows: slice, entrants: _Entrants | None = None) -> None:
        """Add a batch of draws, whose `entrants` may be known."""
        plan = self.plan
        if entrants is None:
            entrants = self.entrants([variants])
        self._lay_lives(variants, rows, entrants)
        self._count(variants, rows, entrants)
        for group in plan.case.target_groups:
            own, lives = self.groups[group.name], variants.among(group)
            own._lay_lives(lives, rows, entrants)
            own._count(
                lives,
                rows,
                _part(entrants, np.stack([variants.share(group, cohort) for cohort in entrants.kinds])[entrants.at].T),
            )

    def _lay_lives(self, variants: Variants, rows: slice, entrants_of: _Entrants) -> None:
        """Lay what people do in their lives over the calendar, under usual care and with the programme."""
        plan, case = self.plan, self.plan.case
        takers, kinds, at, line = entrants_of.takers, entrants_of.kinds, entrants_of.at, entrants_of.line
        programme_entrants = line.assigned.sum(axis=2)
        year = np.minimum(np.arange(len(at) + line.assigned.shape[2]) // QUARTERS, case.years - 1)
        fidelity = np.array(case.fidelity)
        lives_targets: list[LivesOnTheWay] = []
        for k, cohort in enumerate(kinds):
            mine, people = at == k, cohort.individuals
            of_usual = [
                Target(plan.usual, takers * mine / people),
                Target(1 - plan.usual, (takers - programme_entrants) * mine / people),
            ]
            lives_targets.append((variants.usual(cohort), of_usual))
            for wait in range(line.assigned.shape[2]):
                for dose in dict.fromkeys(case.fidelity):
                    mask = mine & (fidelity[year[np.arange(len(at)) + wait]] == dose)
                    entrants = line.assigned[:, :, wait] * mask / people  # for each of the people who stand for them
                    if entrants.any():
                        of_programme = [Target(1 - plan.usual, entrants)]
                        lives_targets.append((variants.programme(cohort, wait, dose), of_programme))
                        if self.course is not None and case.capacity is not None:  # in the quarters of their course
                            span = slice(wait, wait + case.capacity.course)
                            of_usual.append(Target(2 + plan.usual, entrants, span))
                            of_programme.append(Target(3 - plan.usual, entrants, span))
        course = () if self.course is None else self.course
        lay_batch(plan, rows.start, lives_targets, {"time": (*self.time, *course), "events": (*self.events,)})

    def _count(self, variants: Variants, rows: slice, entrants: _Entrants) -> None:
        """Count who takes the offer, waits, leaves and begins."""
        plan, takers, line = self.plan, entrants.takers, entrants.line
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
        largest = next(cohort for cohort in entrants.kinds if cohort.luck == 0)
        variants.usual(largest)
        self.sizes, self.traces[rows.start] = variants.shares[largest], variants.traces[largest]

    def _queue(self, lives: Sequence[Variants], takers: np.ndarray, kinds: tuple[Cohort, ...], at: np.ndarray) -> Queue:
        capacity = self.plan.case.capacity
        if capacity is None:
            return unlimited(takers)
        size, quarters = takers.shape
        places = np.array([capacity.places(q // QUARTERS) for q in range(quarters)])
        remaining = np.ones((size, quarters, capacity.patience + 2))
        for k, cohort in enumerate(kinds):
            of_batches = [one.remaining(cohort, capacity.leaves, capacity.patience + 2) for one in lives]
            remaining[:, at == k] = np.concatenate(of_batches)[:, None]
        return queue(takers, remaining, places, capacity.course)

    def finish(self) -> CaseQuantities:
        model, points = self.plan.model, self.plan.model.conventions.horizon + 1
        passages = np.broadcast_to(0.0, (self.plan.size, 2, 2, len(model.passages), points + 1))
        trace = np.sum([self.traces[start] for start in sorted(self.traces)], axis=0)
        time, events = _by_draw(self.time), _by_draw(self.events)
        # Sums have been looked at where they were laid: most rows are of nobody, and to read all takes long.
        nothing = np.broadcast_to(0.0, time.shape), np.broadcast_to(0.0, events.shape)
        quantities = Quantities(*nothing, passages, trace, self.sizes).with_time_and_events(time, events)
        course = None
        if self.course is not None:  # a part of the time that has been checked
            course = quantities.with_time_and_events(_by_draw(self.course), np.broadcast_to(0.0, events.shape))
        groups = {name: group.finish() for name, group in self.groups.items()}
        return CaseQuantities(quantities, self.starts, self.takers, self.service, course, groups)


def _by_draw(values: np.ndarray) -> np.ndarray:
    """A view (D, 2 strategies, 2 halves, cells, P, 1) of sums (2, 2 x cells, P, D)."""
    strategies, _, periods, size = values.shape
    return np.moveaxis(values.reshape(strategies, 2, -1, periods, size), -1, 0)[..., None]


def _part(entrants: _Entrants, share: np.ndarray) -> _Entrants:
    """Those of them who belong to a group of which there are `share` (d, Q) in each quarter's people.

    Whoever waits, leaves and begins is taken to be mixed as those who come.
    """
    line, by_wait = entrants.line, share[:, :, None]
    part = Queue(line.assigned * by_wait, line.begun * by_wait, line.left * share, line.waiting * share)
    return replace(entrants, takers=entrants.takers * share, line=part)
