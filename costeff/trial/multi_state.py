"""Reads lives in the long form of R's mstate back: one row for each state that a stay could have led to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from costeff.engine.events.replay import Stays
from costeff.errors import ResultError
from costeff.model.model import Model
from costeff.simulation.histories import transition_matrix
from costeff.trial.lives import Lives, moves

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("id", "from", "to", "trans", "Tstart", "Tstop", "status", "strategy")


def lives_of_mstate(table: pd.DataFrame, model: Model, strategy: str) -> Lives:
    """The lives under one strategy of a table that `costeff histories --form mstate` wrote, of one draw.

    The form says from which state to which, not by which of two exits: where a flow or an effect tells them apart the
    move is listed as ambiguous, as for weekly codes. A stay of no length has no row there and is put back where the
    state that was entered is not the state that follows. Raises ResultError for missing columns, moves that the model
    does not number so, rows that do not follow each other, and another horizon.

    >>> from costeff import load
    >>> from costeff.simulation.histories import multi_state
    >>> study = load("tki2")
    >>> table = multi_state(study.histories(individuals=20, seed=1), study.model)
    >>> lives_of_mstate(table, study.model, "tki2")
    Lives of 20 people
    """
    missing = [name for name in COLUMNS if name not in table.columns]
    if missing:
        raise _refused("a table that is not in the form of mstate", missing[0], f"columns {', '.join(COLUMNS)}")
    own = table[table["strategy"].astype(str) == strategy]
    if not len(own) or ("draw" in own and own["draw"].nunique() > 1):
        raise _refused("lives of no draw, or of several", strategy, "one draw, of a strategy of the model")
    person, source, target, move, start, stop, status = (own[name].to_numpy(np.int64) for name in COLUMNS[:7])
    matrix = transition_matrix(model).fillna(0).to_numpy(np.int64)
    size = len(matrix)
    wrong = (np.minimum(source, target) < 1) | (np.maximum(source, target) > size)
    wrong = wrong | (matrix[(source - 1) % size, (target - 1) % size] != move) | (move < 1) | ((status | 1) != 1)
    if wrong.any():
        row = int(np.argmax(wrong))
        value = f"from {source[row]} to {target[row]} as move {move[row]}, status {status[row]}"
        raise _refused("a move that the model does not number so", value, "the numbers of `transition_matrix`")
    order = np.lexsort((-status, start, person))
    person, source, target, start, stop, status = (x[order] for x in (person, source, target, start, stop, status))
    first = np.r_[True, (person[1:] != person[:-1]) | (start[1:] != start[:-1])]
    if np.any(status[~first]):
        raise _refused("a stay that ends in two states", f"person {person[~first][status[~first] == 1][0]}", "one")
    next_state = np.where(status == 1, target, 0)
    stays = np.stack([person, source, start, stop, next_state], axis=1)[first]
    return _lives(_with_unwritten(stays, model, np.asarray((matrix > 0).any(axis=1))), model, strategy)


def _with_unwritten(stays: np.ndarray, model: Model, has_exits: np.ndarray) -> np.ndarray:
    """Rows (person, state, entry, end, state entered) with the stays that the form leaves out put back.

    They are those of no length, those in states that nobody leaves (`has_exits` (S,)), and those entered at the end.
    """
    horizon = model.conventions.horizon
    last = np.r_[stays[1:, 0] != stays[:-1, 0], True]
    following = np.r_[stays[1:], stays[:1]]
    is_cut = ~last & ((following[:, 2] != stays[:, 3]) | (stays[:, 4] == 0))
    if is_cut.any():
        value = f"person {stays[np.argmax(is_cut), 0]}, after cycle {stays[np.argmax(is_cut), 3]}"
        raise _refused("stays that do not follow each other", value, "each begins where the one before ends")
    brief = ~last & (following[:, 1] != stays[:, 4])
    between = np.stack([stays[:, 0], stays[:, 4], stays[:, 3], stays[:, 3], following[:, 1]], axis=1)[brief]
    final = last & (stays[:, 4] > 0)
    cut = final & (stays[:, 3] < horizon) & has_exits[stays[:, 4] - 1]
    if cut.any():
        value = f"person {stays[np.argmax(cut), 0]} until cycle {stays[np.argmax(cut), 3]}"
        raise _refused("lives of another horizon", value, f"the lives of this model last {horizon} cycles")
    tail = np.stack([stays[:, 0], stays[:, 4], stays[:, 3], np.full(len(stays), horizon), np.zeros(len(stays))], axis=1)
    place = np.arange(len(stays), dtype=float)
    rows = np.concatenate([stays, between, tail[final].astype(np.int64)])
    return rows[np.argsort(np.concatenate([place, place[brief] + 0.5, place[final] + 0.5]), kind="stable")]


def _lives(stays: np.ndarray, model: Model, strategy: str) -> Lives:
    horizon, size = model.conventions.horizon, len(model.states)
    person, state, entry, end, next_state = stays.T
    at_end = next_state == 0
    if np.any(end[at_end] != horizon) or np.any(end > horizon):
        raise _refused("lives of another horizon", int(end.max()), f"the lives of this model last {horizon} cycles")
    pairs = np.unique((state[~at_end] - 1) * size + next_state[~at_end] - 1)
    wide, events, ambiguous = moves(model, horizon, pairs)
    event = np.where(at_end, -1, events[state - 1, next_state - 1])
    rows = np.stack([state - 1, entry, np.where(at_end, horizon + 1, end), event], axis=1)
    first = np.append(np.flatnonzero(np.r_[True, person[1:] != person[:-1]]), len(rows)).astype(np.int64)
    return Lives(wide, strategy, Stays(first, np.ascontiguousarray(rows, dtype=np.int32)), None, {}, ambiguous)


def _refused(what: str, value: object, rule: str) -> ResultError:
    way_out = "write the table with `costeff histories SCENARIO --form mstate`, of this scenario and one draw"
    return ResultError(what, value=value, rule=rule, way_out=way_out)
