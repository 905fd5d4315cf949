"""Lives as stays of a model: from histories of the engine, or from the state of each week. Rows of persons, in memory.

Sizes: N people, T weeks, R stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from costeff.compile.layout import Layout, layout
from costeff.engine.events.replay import END, EVENT, START, STATE, Stays
from costeff.errors import ResultError
from costeff.model.elements import Transition
from costeff.model.formulas.expression import Expression
from costeff.model.model import Model
from costeff.simulation.histories import HORIZON
from costeff.trial.persons import PersonRows

if TYPE_CHECKING:
    import pandas as pd

UNSEEN = -1  # a week in which a person is not in sight: before the extract, after emigration
MOVE = "observed {} -> {}"


@dataclass(frozen=True, eq=False, repr=False)
class Lives(PersonRows):
    """The lives of people who were under one strategy.

    `stays` in the states and events of `model`; `entry` (N,) datetime64[D], the Monday of each person's first week, or
    None where no date matters; `attributes` (name to (N,)) that are known of the people: codes for categories.
    `ambiguous`: pairs of states whose move could be one of several exits that the ledger prices differently.
    """

    model: Model
    strategy: str
    stays: Stays
    entry: np.ndarray | None = None
    attributes: Mapping[str, np.ndarray] = field(default_factory=dict)
    ambiguous: tuple[str, ...] = ()

    def people(self) -> int:
        """How many people there are."""
        return len(self.stays.first) - 1


def lives_of_histories(histories: pd.DataFrame, model: Model, strategy: str, **values_known: np.ndarray) -> Lives:
    """The lives under one strategy of a table that `Study.histories` or `costeff histories` wrote, of one draw.

    Raises ResultError for a state, reason or horizon that is not the model's.

    >>> from costeff import load
    >>> study = load("tki2")
    >>> lives_of_histories(study.histories(individuals=20, seed=1), study.model, "tki2")
    Lives of 20 people
    """
    own = histories[histories["strategy"].astype(str) == strategy]
    order = np.lexsort((np.arange(len(own)), own["individual"].to_numpy()))
    own = own.iloc[order]
    where, horizon = layout(model), model.conventions.horizon
    person = own["individual"].to_numpy()
    states = _codes(own["state"], model.state_names, "state")
    events = _events(model, where)
    reasons, ways = own["reason"].astype(str).to_numpy(), own["to"].astype(object).to_numpy()
    event = np.full(len(own), -1, np.int32)
    for row, (state, reason, to) in enumerate(zip(own["state"].astype(str), reasons, ways, strict=True)):
        if reason != HORIZON:
            try:
                event[row] = events[state, reason, str(to)]
            except KeyError:
                raise ResultError(
                    "a move that the model does not have",
                    value=f"{state} -> {to} by {reason}",
                    rule="histories belong to the model that wrote them",
                    way_out="name that model, and its scenario",
                ) from None
    end = own["exit"].to_numpy(np.int32)
    at_end = event < 0
    if len(own) == 0 or np.any(end[at_end] != horizon):
        raise ResultError(
            "histories of another horizon",
            value=int(end.max()) if len(own) else "no rows",
            rule=f"the lives of this model last {horizon} cycles",
            way_out="write the histories with the scenario's own horizon",
        )
    end = np.where(at_end, horizon + 1, end)
    rows = np.stack([states, own["entry"].to_numpy(np.int32), end, event], axis=1).astype(np.int32)
    first = np.append(np.flatnonzero(np.r_[True, person[1:] != person[:-1]]), len(rows)).astype(np.int64)
    return Lives(model, strategy, Stays(first, np.ascontiguousarray(rows)), attributes=values_known)


def lives_of_weeks(
    weeks: np.ndarray, model: Model, strategy: str, entry: np.ndarray | None = None, **values_known: np.ndarray
) -> Lives:
    """The lives of people whose state of each week is known: `weeks` (N, T) codes of the model's states, UNSEEN after.

    The model's horizon becomes T, or the longest span of its effects where that is longer; then nobody is in sight
    after T. A move that the model does not have gets an exit of its own that nobody is priced
    for. Where several exits lead from one state to another, the first stands for all, unless a flow or an effect tells
    them apart: then the move is none of them, and is listed as ambiguous. Raises ResultError for a person who is not
    seen in the first week, or is seen again after a week unseen.
    """
    in_sight = weeks != UNSEEN
    if not in_sight[:, 0].all() or np.any(in_sight[:, 1:] & ~in_sight[:, :-1]):
        raise ResultError(
            "a person's weeks have a gap",
            rule="a life is followed from its first week until it is lost from sight",
            way_out="end the life at the first week unseen",
        )
    horizon = max(weeks.shape[1], longest_span(model))
    change = np.ones(weeks.shape, bool)
    change[:, 1:] = weeks[:, 1:] != weeks[:, :-1]
    person, at = np.nonzero(change & in_sight)
    state = weeks[person, at].astype(np.int32)
    last = np.r_[person[1:] != person[:-1], True]
    length = in_sight.sum(axis=1)
    end = np.r_[at[1:], 0]
    end = np.where(last, np.where(length[person] == horizon, horizon + 1, length[person]), end)
    target = np.where(last, -1, np.r_[state[1:], 0])
    wide, events, ambiguous = moves(model, horizon, np.unique(state[~last] * len(model.states) + target[~last]))
    event = np.where(last, -1, events[state, target])
    rows = np.ascontiguousarray(np.stack([state, at, end, event], axis=1), dtype=np.int32)
    first = np.append(np.flatnonzero(np.r_[True, person[1:] != person[:-1]]), len(rows)).astype(np.int64)
    return Lives(wide, strategy, Stays(first, rows), entry, values_known, ambiguous)


def longest_span(model: Model) -> int:
    """The cycles that the model's effects look at: no shorter horizon can hold them."""
    spans = [(effect.within, effect.mean_within, *(term.within for term in effect.terms)) for effect in model.effects]
    return max((span or 0 for one in spans for span in one), default=0)


def weeks_of_lives(lives: Lives) -> np.ndarray:
    """The state of each week, (N, T) int16, of a model in which an occupied week is a whole one; UNSEEN after the last.

    >>> from costeff import load
    >>> study = load("tki2")
    >>> lives = lives_of_histories(study.histories(individuals=5, seed=1), study.model, "tki2")
    >>> weeks_of_lives(lives).shape
    (5, 260)
    """
    horizon = lives.model.conventions.horizon
    out = np.full((lives.people(), horizon), UNSEEN, np.int16)
    first, rows = lives.stays.first, lives.stays.rows
    person = np.repeat(np.arange(lives.people()), np.diff(first))
    begin, end = rows[:, START], np.minimum(rows[:, END], horizon)
    length = end - begin
    at = np.repeat(begin - np.r_[0, np.cumsum(length)[:-1]], length) + np.arange(length.sum())
    out[np.repeat(person, length), at] = np.repeat(rows[:, STATE], length)
    return out


def moves(model: Model, horizon: int, pairs: np.ndarray) -> tuple[Model, np.ndarray, tuple[str, ...]]:
    """(the model with `horizon` cycles and every move of `pairs`, event by state and target, ambiguous moves).

    `pairs` are source * states + target.
    """
    names = model.state_names
    where = layout(model)
    sizes = len(names)
    candidates: dict[int, list[int]] = {}
    for row, pair in enumerate(where.pairs):
        source, _, target = pair.partition(" -> ")
        candidates.setdefault(names.index(source) * sizes + names.index(target), []).append(row)
    told_apart = _told_apart(model, where)
    extra, ambiguous = [], []
    for pair in pairs.tolist():
        rows = candidates.get(pair, [])
        if len({told_apart[row] for row in rows}) == 1:
            continue
        source, target = names[pair // sizes], names[pair % sizes]
        extra.append(Transition(MOVE.format(source, target), source, target, hazard=Expression(0)))
        if rows:
            ambiguous.append(f"{source} -> {target}")
    conventions = replace(model.conventions, horizon=horizon)
    wide = replace(model, conventions=conventions, transitions=(*model.transitions, *extra))
    row_of = {(event, pair): row for row, (event, pair) in enumerate(_event_pairs(layout(wide)))}
    events = np.full((sizes, sizes), -1, np.int32)
    for pair in pairs.tolist():
        source, target = names[pair // sizes], names[pair % sizes]
        name = MOVE.format(source, target)
        own = (name, f"{source} -> {target}")
        if own not in row_of:
            own = (where.events[candidates[pair][0]], own[1])
        events[pair // sizes, pair % sizes] = row_of[own]
    return wide, events, tuple(ambiguous)


def _event_pairs(where: Layout) -> list[tuple[str, str]]:
    return list(zip(where.events, where.pairs, strict=True))


def _told_apart(model: Model, where: Layout) -> list[frozenset[int]]:
    """By event: which of the flows and effects that are paid by event count it."""
    groups = [line.transitions for line in where.lines if line.per == "event"]
    groups += [term.events for effect in model.effects for term in effect.terms if term.events]
    counts: list[set[int]] = [set() for _ in where.events]
    for number, names in enumerate(groups):
        for row in where.event_rows(names):
            counts[row].add(number)
    return [frozenset(one) for one in counts]


def _events(model: Model, where: Layout) -> dict[tuple[str, str, str], int]:
    """Row of each event by (state, name, target)."""
    rows = {}
    for row, (name, pair) in enumerate(_event_pairs(where)):
        source, _, target = pair.partition(" -> ")
        rows[source, name, target] = row
    return rows


def _codes(column: pd.Series, names: tuple[str, ...], what: str) -> np.ndarray:
    import pandas as pd

    codes = pd.Index(names).get_indexer(pd.Index(column.astype(str)))
    if np.any(codes < 0):
        value = str(column.astype(str).to_numpy()[codes < 0][0])
        raise ResultError(f"a {what} that the model does not have", value=value, rule=f"one of {', '.join(names)}")
    return np.asarray(codes, np.int32)


__all__ = [
    "END",
    "EVENT",
    "START",
    "STATE",
    "UNSEEN",
    "Lives",
    "lives_of_histories",
    "lives_of_weeks",
    "weeks_of_lives",
]
