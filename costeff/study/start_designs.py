"""Starts of a case's programme that teach whether it works: by lot where places are short, or district by district.

Each is a trial of the share of the citizens who are back after some weeks: how many are in it, when it ends, how large
a difference it sees, and what the decider would pay for its result before the citizens who come after it.
Sizes: D draws, J districts, T quarters.
"""

from __future__ import annotations

import math
import warnings
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr

from costeff.investment.capacity import queue
from costeff.investment.case import QUARTER_WEEKS, QUARTERS
from costeff.investment.report.content import StartDesign
from costeff.labels import same
from costeff.model.two_strategies import without_unread
from costeff.simulation.simulate import simulate, undiscounted
from costeff.study.ask import FEWEST, choice_of_decider
from costeff.voi.evsi import evsi
from costeff.voi.trial_design import TrialDesign
from costeff.voi.trial_file import MeasuredEffect, Trial
from costeff.voi.trial_of_table import table_design

if TYPE_CHECKING:
    from costeff.investment import CaseResultData
    from costeff.investment.case_plan import CasePlan

DISTRICTS = 4
"""Districts of a staggered start, when nothing else is said."""
DISTRICT_SD = 0.03
"""How far the shares of districts spread about their mean under usual care (standard deviation): an assumption."""
WEEKS = 26
"""After which the share back is counted, where the case does not believe in another."""
PEOPLE = 200
"""Individuals in each draw, at most, in whom the share is simulated."""
SURE, CHANCE = 1.959963984540054, 0.8416212335729143
"""Standard normal points of a two-sided test at 5 %, and of a chance of 80 % to see what is there."""
SPANS = (1, 2)
"""Years of a lot, and quarters between the starts of two districts."""


def start_designs(result: CaseResultData, districts: int = DISTRICTS, spread: float = DISTRICT_SD) -> list[StartDesign]:
    """The starts that a case can choose between, each with what it would teach and when; none where the case has too
    few draws, or no first passage of which a share could be counted.

    `districts` start one after another; `spread` is the standard deviation of the share between them.
    """
    pricing = result.priced
    if pricing is None or result.draws < FEWEST or districts < 2:
        return []
    shares = back_shares(pricing.plan)
    if shares is None:
        return []
    takers = np.array(result.case.takers)
    begin, beyond = _at_once(result), takers - _at_once(result)
    designs = []
    for years in SPANS:
        quarters = years * QUARTERS
        if beyond[:quarters].sum() > 1 and quarters < len(takers):
            groups = float(begin[:quarters].sum()), float(beyond[:quarters].sum())
            designs.append(("lot", quarters, groups, _two_groups(shares, groups)))
    for quarter_steps in SPANS:
        quarters = (districts - 1) * quarter_steps + quarter_steps + 1
        if quarters < len(takers) and (begin[:quarters] > 0).all():
            on = staggered(districts, quarters, quarter_steps)
            groups = (
                float((begin[:quarters] * on.mean(axis=0)).sum()),
                float((begin[:quarters] * (1 - on.mean(axis=0))).sum()),
            )
            variance = shares.mean() * (1 - shares.mean())
            designs.append(
                ("districts", quarters, groups, staggered_variance(on, begin[:quarters] / districts, variance, spread))
            )
    worth = _Worth(result, shares, spread)
    return [worth.of(*design) for design in designs]


def staggered(districts: int, quarters: int, between: int) -> np.ndarray:
    """Which districts have the programme in which quarter, (J, T): none in the first, then one more each `between`.

    >>> staggered(2, 3, 1).astype(int).tolist()
    [[0, 1, 1], [0, 0, 1]]
    """
    starts = 1 + between * np.arange(districts)
    return np.asarray(np.arange(quarters)[None, :] >= starts[:, None], float)


def staggered_variance(on: np.ndarray, people: np.ndarray, variance: float, spread: float) -> float:
    """Variance of the programme's effect in a staggered start, by generalised least squares.

    `on` (J, T) is 1 where a district has the programme, `people` (T,) come in each district in a quarter, `variance` is
    of one person's value, `spread` the standard deviation of the districts. Quarters have levels of their own (Hussey
    and Hughes, Contemporary Clinical Trials 2007;28:182-91).
    """
    districts, quarters = on.shape
    covariance = np.diag(variance / people) + spread**2
    weight = np.linalg.inv(covariance)
    information = np.zeros((quarters + 1, quarters + 1))
    for district in range(districts):
        columns = np.column_stack([np.eye(quarters), on[district]])
        information += columns.T @ weight @ columns
    return float(np.linalg.inv(information)[-1, -1])


def power(difference: np.ndarray | float, variance: np.ndarray | float) -> np.ndarray:
    """The chance that a two-sided test at 5 % sees a difference.

    >>> round(float(power(SURE + CHANCE, 1.0)), 3), round(float(power(0.0, 1.0)), 3)
    (0.8, 0.05)
    """
    z = np.abs(difference) / np.sqrt(variance)
    return np.asarray(ndtr(z - SURE) + ndtr(-z - SURE))


def back_shares(plan: CasePlan) -> np.ndarray | None:
    """Share back after the weeks counted in each draw, (D, 2): under usual care and with the programme.

    None where the case names no first passage that it could be counted by, or ends before.
    """
    passage, weeks = counted_passage(plan)
    names = [p.name for p in plan.model.passages]
    if passage not in names or weeks >= plan.model.conventions.horizon:
        return None
    place = names.index(passage)
    span = weeks + plan.model.passages[place].stay
    model = undiscounted(without_unread(plan.model, {"effects": ()}))
    quantities = simulate(
        model.with_horizon(min(span, plan.model.conventions.horizon)),
        plan.draws,
        plan.tables,
        individuals=min(plan.individuals, PEOPLE),
        seed=plan.design.seed,
    ).quantities
    passages = quantities.passages[:, :, :, place, :weeks].sum(axis=(2, 3)) / quantities.half_sizes.sum()
    return np.asarray(passages[:, [plan.usual, 1 - plan.usual]])


def counted_passage(plan: CasePlan) -> tuple[str, int]:
    """The first passage and the weeks after which the share is counted: of the case's belief, else of its queue."""
    belief, capacity = plan.case.belief, plan.case.capacity
    if belief is not None:
        return belief.passage, belief.weeks if belief.measure == "share" else WEEKS
    return (capacity.leaves if capacity is not None else "return_to_work"), WEEKS


def _at_once(result: CaseResultData) -> np.ndarray:
    """Citizens of each quarter for whom a place is free when they come, nobody waiting, (Q,)."""
    case, takers = result.case, np.array(result.case.takers)
    if case.capacity is None:
        return takers
    places = np.array([case.capacity.places(q // QUARTERS) for q in range(len(takers))])
    nobody_waits = np.zeros((1, len(takers), case.capacity.patience + 2))
    nobody_waits[:, :, 0] = 1.0
    return np.asarray(queue(takers[None], nobody_waits, places, case.capacity.course).begun_in[0])


def _two_groups(shares: np.ndarray, groups: tuple[float, float]) -> float:
    """Variance of the difference of two shares, the programme's citizens first."""
    usual, programme = shares.mean(axis=0)
    return float(programme * (1 - programme) / groups[0] + usual * (1 - usual) / groups[1])


class _Worth:
    """What a start's result is worth to the decider of a case."""

    def __init__(self, result: CaseResultData, shares: np.ndarray, spread: float) -> None:
        self.result, self.shares, self.spread = result, shares, spread
        npv = result.npv(result.decider)
        assert result.priced is not None
        plan = result.priced.plan
        learns = [n for n in sorted(plan.moving & set(plan.draws)) if n in _read_by_programme(plan)]
        draws = {name: np.asarray(plan.draws[name], float).reshape(-1) for name in learns}
        self.learns = tuple(name for name, values in draws.items() if np.ptp(values) > 0)
        columns = {f"back_{name}": shares[:, g] for g, name in enumerate(("usual", "programme"))}
        parameters = {name: draws[name] for name in self.learns} | columns
        self.choice = choice_of_decider(npv, parameters, result.currency, result.cash.replicates)
        self.each = float(npv.mean()) / result.citizens_served

    def of(self, name: str, quarters: int, groups: tuple[float, float], variance: float) -> StartDesign:
        """One start: its citizens, its end, its power and its worth."""
        case, (usual, programme) = self.result.case, self.shares.mean(axis=0)
        assert self.result.priced is not None
        weeks = counted_passage(self.result.priced.plan)[1]
        end = quarters + math.ceil(weeks / QUARTER_WEEKS)
        later = sum(case.takers[end:]) / sum(case.takers)
        worth, error = self._evsi(variance)
        return StartDesign(
            name=name,
            quarters=quarters,
            with_programme=groups[0],
            without=groups[1],
            year=case.first_year + end // QUARTERS,
            quarter=end % QUARTERS + 1,
            weeks=weeks,
            expected=float(programme - usual),
            smallest=float((SURE + CHANCE) * np.sqrt(variance)),
            power=float(power(programme - usual, variance)),
            mean_power=float(power(self.shares[:, 1] - self.shares[:, 0], variance).mean()),
            later=later,
            worth=later * worth,
            error=later * error,
            held_back=self.each * groups[1] if name == "districts" else 0.0,
            spread=self.spread,
        )

    def _evsi(self, variance: float) -> tuple[float, float]:
        """Worth of knowing the difference so well, if all citizens came after it; nothing when nothing is uncertain."""
        if not self.learns:
            return 0.0, 0.0
        usual, programme = self.shares.mean(axis=0)
        people = 2 * (usual * (1 - usual) + programme * (1 - programme)) / variance  # of two equal groups as precise
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that a fit leaves something is told by its error here
            table = evsi(self.choice, self._design, [0.0], participants=[people])
        return float(table["evsi"][0, 0]), float(table["evsi_mcse"][0, 0])

    @cached_property
    def _design(self) -> TrialDesign:
        """A trial that measures the share back, of any number of people."""
        trial = Trial(
            name="start",
            title=same("start"),
            model="",
            allocation={"usual": 1.0, "programme": 1.0},
            planned=1,
            range=(1, 1),
            endpoints=(MeasuredEffect("back", "back"),),
            learns=self.learns,
            decides_for="here",
            between={},
            fixed_cost=0.0,
            cost_per_participant=0.0,
            people=0.0,
            years=0,
            discount_rate=0.0,
            result_after=0,
            notes={},
        )
        return table_design(self.choice, trial)


def _read_by_programme(plan: CasePlan) -> set[str]:
    """Parameters that the programme's effects read, by the model's definitions too."""
    names = {name for effect in plan.model.strategy_effects for formula in effect.ratio for name in formula.names}
    for name in reversed(list(plan.model.definitions)):
        if name in names:
            names |= set(plan.model.definitions[name].names)
    return names
