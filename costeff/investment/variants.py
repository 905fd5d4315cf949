"""Simulations by quarter since entry of one batch of draws: a cohort under usual care, and by how the programme begins.

Variants of a cohort share their luck, so that differences between them are differences of the programme. Those that
differ by the programme's delay are strategies of one model, so that what they have in common is compiled once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from costeff.compile.environment import parameter_environment, population
from costeff.investment.case import TargetGroup
from costeff.investment.case_plan import CasePlan
from costeff.investment.cohorts import Cohort
from costeff.investment.target_groups import condition
from costeff.model.formulas.expression import Expression
from costeff.model.model import Model
from costeff.simulation.simulate import Simulated, simulate

BATCH = 96  # draws simulated together, in one thread: with fewer the interpreter, which threads share, is asked more
FIRST_BATCH = 16
FIDELITY = "relative_fidelity"  # the parameter that a case's fidelity by year multiplies


class Counted(NamedTuple):
    """Sums over people of a batch of draws, in the rows (of 2 halves x cells) in which anybody is.

    `parts` are rows of one type of numbers: (their values (rows, K, d), which rows these are). The type is the
    narrowest that holds them exactly. Draws lie side by side, as they are laid over the calendar.
    """

    parts: tuple[tuple[np.ndarray, np.ndarray], ...]

    @classmethod
    def of(cls, array: np.ndarray) -> Counted:
        """Of an array (d, rows, K).

        >>> [(p.dtype.name, used.tolist()) for p, used in Counted.of(np.array([[[0.0], [2.0], [0.1]]])).parts]
        [('uint16', [1]), ('float64', [2])]
        >>> Counted.of(np.array([[[0.0], [np.nan]]])).parts[0][1].tolist()
        [1]
        """
        other_rows, parts = np.flatnonzero(array.any(axis=(0, 2))), []
        for kind in _KINDS:
            values = array[:, other_rows]
            with np.errstate(invalid="ignore"):
                narrow = values.astype(kind)
            exact = (narrow == values).all(axis=(0, 2)) | (kind is _KINDS[-1])  # what is no number is kept as it is
            if exact.any():
                parts.append((np.ascontiguousarray(np.moveaxis(narrow[:, exact], 0, -1)), other_rows[exact]))
            other_rows = other_rows[~exact]
        return cls(tuple(parts))

    @property
    def nbytes(self) -> int:
        """What it takes of memory."""
        return sum(values.nbytes + row_numbers.nbytes for values, row_numbers in self.parts)


_KINDS = (np.uint16, np.float32, np.float64)


class Variants:
    """Simulations of the draws `rows`, each made once. Arrays are sums over people: (d, 2 halves x cells, K).

    `delays` are those (quarters, above 0) that are simulated with usual care, as strategies of one model; others are
    simulated when they are asked for. A delivery in stages has one time of each stage in a model, so all of its are.
    `doses` are strengths of the effect that are wanted wherever one of them is: they are simulated together, as draws
    with the luck of the same citizens.
    """

    def __init__(
        self,
        plan: CasePlan,
        rows: slice,
        threads: int | None,
        delays: Mapping[Cohort, tuple[int, ...]],
        doses: tuple[float, ...] = (),
    ) -> None:
        self.plan, self.rows, self.threads, self.delays, self.doses = plan, rows, threads, delays, doses
        if plan.model.delivery:
            self.delays = {}
        self.models = plan.models
        self.done: dict[tuple[Cohort, int, float], tuple[Counted, Counted]] = {}
        self.passages: dict[Cohort, dict[str, np.ndarray]] = {}  # share of its people by name and cycle, (d, T+2)
        self.traces: dict[Cohort, np.ndarray] = {}
        self.shares: dict[Cohort, np.ndarray] = {}  # of its people that are in either half
        self._groups: dict[Expression, Variants] = {}
        self._group_shares: dict[tuple[Expression, Cohort], np.ndarray] = {}

    def among(self, group: TargetGroup) -> Variants:
        """The same lives of a target group alone: the others are dead from the start."""
        if group.who not in self._groups:
            model = self.models.of_group(group)
            plan = replace(self.plan.without_groups, model=model.model, models=model)
            self._groups[group.who] = Variants(plan, self.rows, self.threads, self.delays, self.doses)
        return self._groups[group.who]

    def share(self, group: TargetGroup, cohort: Cohort) -> np.ndarray:
        """The share of a cohort's people who belong to a group, (d,)."""
        key = group.who, cohort
        if key not in self._group_shares:
            plan, addresses = self.plan, cohort.addresses(self.rows)
            draws = {name: np.asarray(values)[self.rows] for name, values in plan.draws.items()}
            env = parameter_environment(plan.model, draws, plan.tables, len(addresses))
            people = population(plan.model, env, plan.design.seed, addresses, 0, cohort.individuals)
            inside = np.asarray(Expression(condition(group)).evaluate({**env, **people}), float)
            self._group_shares[key] = np.broadcast_to(inside, (len(addresses), cohort.individuals)).mean(axis=1)
        return self._group_shares[key]

    def usual(self, cohort: Cohort) -> tuple[Counted, Counted]:
        """Time and events under usual care. The programme comes with it, and the programme with each of `delays`."""
        if (cohort, -1, 1.0) not in self.done:
            plan = self.plan
            delays = self.delays.get(cohort, ())
            simulated = self._simulate(self.models.both(cohort, delays), cohort, (1.0,))
            q = simulated.quantities
            people = q.half_sizes.sum()
            self._keep((cohort, -1, 1.0), simulated, plan.usual)
            self._keep((cohort, 0, 1.0), simulated, 1 - plan.usual)
            for number, delay in enumerate(delays, start=len(plan.model.strategies)):
                self._keep((cohort, delay, 1.0), simulated, number)
            shares = q.passages[:, plan.usual].sum(axis=1) / people
            self.passages[cohort] = {p.name: shares[:, i].copy() for i, p in enumerate(plan.model.passages)}
            self.traces[cohort] = q.trace[: len(plan.model.strategies)] / people
            self.shares[cohort] = q.half_sizes / people
        return self.done[cohort, -1, 1.0]

    def programme(self, cohort: Cohort, delay: int, fidelity: float) -> tuple[Counted, Counted]:
        """Time and events when the programme begins `delay` quarters after entry."""
        if (cohort, delay, fidelity) not in self.done:
            wanted = self.doses if fidelity in self.doses else (fidelity,)
            doses = tuple(dose for dose in wanted if (cohort, delay, dose) not in self.done)
            simulated = self._simulate(self.models.alone(cohort, delay), cohort, doses)
            size = self.rows.stop - self.rows.start
            for i, dose in enumerate(doses):
                self._keep((cohort, delay, dose), simulated, 0, slice(i * size, (i + 1) * size))
        return self.done[cohort, delay, fidelity]

    def delays_needed(self) -> dict[Cohort, tuple[int, ...]]:
        """By cohort the delays (quarters, above 0) with which the programme has been simulated at full fidelity."""
        delays: dict[Cohort, set[int]] = {cohort: set() for cohort in self.passages}
        for cohort, delay, fidelity in self.done:
            if delay > 0 and fidelity == 1.0:
                delays[cohort].add(delay)
        return {cohort: tuple(sorted(own)) for cohort, own in delays.items()}

    def remaining(self, cohort: Cohort, passage: str, quarters: int) -> np.ndarray:
        """Share who have not passed 0, 1, ... quarters after entry under usual care, (d, quarters)."""
        self.usual(cohort)
        passage_shares = np.cumsum(self.passages[cohort][passage][:, :-1], axis=1)
        out = np.ones((len(passage_shares), quarters))
        for quarter in range(1, quarters):
            out[:, quarter] = 1.0 - passage_shares[:, min(self.models.cycle * quarter, passage_shares.shape[1]) - 1]
        return out

    def _simulate(self, model: Model, cohort: Cohort, doses: Sequence[float]) -> Simulated:
        """The draws at each of several strengths, one strength after another."""
        plan = self.plan
        addresses = cohort.addresses(self.rows)
        draws = {name: np.tile(np.asarray(values)[self.rows], len(doses)) for name, values in plan.draws.items()}
        if tuple(doses) != (1.0,):
            draws[FIDELITY] = draws[FIDELITY] * np.repeat(doses, len(addresses))
        return simulate(
            model,
            draws,
            plan.tables,
            individuals=cohort.individuals,
            seed=plan.design.seed,
            keys=np.tile(addresses, len(doses)),
            threads=self.threads,
            batch=BATCH,
            period_cycles=self.models.cycle,
        )

    def _keep(
        self, key: tuple[Cohort, int, float], simulated: Simulated, strategy: int, draws: slice = slice(None)
    ) -> None:
        """Keep what one strategy gives in some of the draws, with those events of the plan that are read."""
        time = simulated.quantities.time[draws, strategy, ..., 0]
        events_of_all = simulated.quantities.events[draws, strategy, :, :, :, 0]
        rows_of: dict[str, list[int]] = {}
        for row, name in enumerate(simulated.layout.events):
            if name in self.plan.events_read:
                rows_of.setdefault(name, []).append(row)
        # A transition with a hazard by strategy has a row for each, in the plan's model and in this one not as many:
        # its first row has them all, which is what a reader of its name adds up.
        layout = self.plan.layout
        rows = [rows_of.pop(name, []) for name in layout.events]
        tallies = zip(layout.event_tallies, simulated.layout.event_tallies, strict=True)
        rows += [[own.offset + cell] for tally, own in tallies for cell in range(tally.cells)]
        events = np.stack([events_of_all[:, :, own].sum(axis=2) for own in rows], axis=2)
        size, last = time.shape[0], time.shape[-1]
        self.done[key] = Counted.of(time.reshape(size, -1, last)), Counted.of(events.reshape(size, -1, last))
