"""A rehearsal: a trial of the planned shape, from lives of the engine seen through the register lens.

Nobody in it exists. What the engine lived is the truth that every later step can be held against.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from costeff.analysis.study import StudyData
from costeff.errors import ScenarioError
from costeff.trial.lens import Lens, seen_groups, states_seen
from costeff.trial.lives import UNSEEN, Lives, lives_of_histories, lives_of_weeks, weeks_of_lives
from costeff.trial.plan import AnalysisPlan
from costeff.trial.plan_parts import Rehearsal
from costeff.trial.pricing import Prices, with_attributes
from costeff.trial.weeks import monday, week_of

if TYPE_CHECKING:
    import pandas as pd

HISTORY_CODE = {"sickness": "sick_full", "ladder": "unemployed", "self_support": "work"}


@dataclass(frozen=True, eq=False)
class SimulatedTrial:
    """People who do not exist. `lives` as the engine lived them, all with the strategy of their group; `true_strategy`
    (N,) is what they got, which contamination makes another one. `groups` (N, W) what the register shows, from the week
    `first_week` on; `included` (N,) dates; `attributes` (name to (N,)) as the model drew them."""

    plan: AnalysisPlan
    lens: Lens
    strategy: np.ndarray
    true_strategy: np.ndarray
    weeks: np.ndarray
    groups: np.ndarray
    first_week: int
    inclusion: np.ndarray
    attributes: Mapping[str, np.ndarray]
    consultant: np.ndarray
    seed: int

    @property
    def people(self) -> int:
        """How many people there are."""
        return len(self.strategy)

    def ids(self) -> list[str]:
        """Numbers that no person has."""
        return [f"S{i:06d}" for i in range(1, self.people + 1)]


def simulate_trial(
    plan: AnalysisPlan, lens: Lens, study: StudyData, histories: pd.DataFrame, prices: Prices, *, seed: int = 1
) -> SimulatedTrial:
    """A trial of the plan's rehearsal, from the lives of as many people under every strategy (`Study.histories`).

    Who is in which group is drawn in the plan's shares, exactly as far as numbers allow. A share `contamination` of the
    comparison group gets the programme. Raises ScenarioError for a plan without a rehearsal.
    """
    shape = plan.rehearsal
    if shape is None:
        raise ScenarioError(
            "the plan has no rehearsal",
            where=plan.place,
            rule="`rehearsal` says when people are included and what is missing",
            way_out="add `rehearsal:`, as in the shipped design tki2_trial",
        )
    model = study.model
    luck = np.random.default_rng(seed)
    by_strategy = [with_attributes(lives_of_histories(histories, model, name), prices) for name in plan.strategies]
    people = by_strategy[0].people()
    strategy = _allocated(plan, people, luck)
    true = strategy.copy()
    is_contaminated = (strategy == 0) & (luck.random(people) < shape.contamination)
    true[is_contaminated] = len(plan.strategies) - 1
    weeks = np.stack([weeks_of_lives(lives) for lives in by_strategy])[true, np.arange(people)]
    start = week_of(shape.start)
    inclusion = start + luck.integers(0, shape.recruiting_weeks, people)
    attributes = dict(by_strategy[0].attributes)
    last = start + shape.recruiting_weeks + plan.follow_up + lens.delay
    groups = _register(weeks, inclusion, attributes, start - shape.weeks_before, last, lens, study, luck)
    days = np.array([monday(week) for week in inclusion], "datetime64[D]") + luck.integers(0, 5, people)
    consultant = np.where(
        strategy == 0, "", np.char.add("K", (luck.integers(0, shape.consultants, people) + 1).astype(str))
    )
    return SimulatedTrial(
        plan, lens, strategy, true, weeks, groups, start - shape.weeks_before, days, attributes, consultant, seed
    )


def true_lives(trial: SimulatedTrial, model: object, name: str) -> Lives:
    """The lives of one group as they were lived, within the follow-up of the plan."""
    own = np.flatnonzero(trial.strategy == trial.plan.strategies.index(name))
    values_known = {key: values[own] for key, values in trial.attributes.items()}
    return lives_of_weeks(trial.weeks[own, : trial.plan.follow_up], model, name, _mondays(trial, own), **values_known)  # type: ignore[arg-type]


def lensed_lives(trial: SimulatedTrial, model: object, name: str) -> Lives:
    """The same lives as the register shows them, with everything else known."""
    own = np.flatnonzero(trial.strategy == trial.plan.strategies.index(name))
    at = np.array([week_of(day) for day in trial.inclusion[own].astype(object)]) - trial.first_week
    groups = trial.groups[own[:, None], at[:, None] + np.arange(trial.plan.follow_up)]
    states = states_seen(groups.astype(np.int16), trial.lens, model)  # type: ignore[arg-type]
    values_known = {key: values[own] for key, values in trial.attributes.items()}
    return lives_of_weeks(states, model, name, _mondays(trial, own), **values_known)  # type: ignore[arg-type]


def _mondays(trial: SimulatedTrial, own: np.ndarray) -> np.ndarray:
    return np.array([monday(week_of(day)) for day in trial.inclusion[own].astype(object)], "datetime64[D]")


def _allocated(plan: AnalysisPlan, people: int, luck: np.random.Generator) -> np.ndarray:
    shares = np.array([*plan.allocation.values()])
    edges = np.rint(np.cumsum(shares / shares.sum()) * people).astype(int)
    return np.asarray(luck.permutation(np.searchsorted(edges, np.arange(people), side="right")))


def _register(
    weeks: np.ndarray,
    inclusion: np.ndarray,
    attributes: Mapping[str, np.ndarray],
    first: int,
    last: int,
    lens: Lens,
    study: StudyData,
    luck: np.random.Generator,
) -> np.ndarray:
    """What the register shows from week `first` to `last`: the weeks before inclusion follow from the attributes.

    Right before inclusion lies the spell, before it self-support that is banked, before that earlier benefit.
    """
    model = study.model
    people, span = len(weeks), last - first
    state = {name: model.state_names.index(name) for name in HISTORY_CODE.values()}
    life = np.full((people, span), state["work"], np.int16)
    none = np.zeros(people)
    for i in range(people):
        at = inclusion[i] - first
        spell = int(attributes.get("spell_weeks", none)[i])
        weeks_banked = int(attributes.get("banked_weeks", none)[i])
        earlier = int(attributes.get("earlier_weeks", none)[i])
        life[i, max(at - spell - weeks_banked - earlier, 0) : max(at - spell - weeks_banked, 0)] = state["unemployed"]
        life[i, max(at - spell, 0) : at] = state["sick_full"]
        length = min(span - at, weeks.shape[1])
        life[i, at : at + length] = weeks[i, :length]
        life[i, at + length :] = weeks[i, length - 1] if length < span - at else life[i, at + length :]
    assert not np.any(life == UNSEEN)
    return seen_groups(life, lens, model, luck).astype(np.int8)


def planned_people(plan: AnalysisPlan, people: int | None) -> int:
    """How many people a rehearsal has: as asked for, else as the rehearsal says, else as planned."""
    shape: Rehearsal | None = plan.rehearsal
    return people or (shape.participants if shape else 0) or plan.participants


__all__ = ["SimulatedTrial", "lensed_lives", "planned_people", "replace", "simulate_trial", "true_lives"]
