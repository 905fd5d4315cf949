"""Individual histories as tables: one row per sojourn, and the long multi-state forms of mstate and lifelines.

Rank 6. Works in blocks of individuals, so that `history_blocks` needs memory for one block only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from costeff.compile import Layout, compile_model, layout
from costeff.compile.scales import compiled_exits
from costeff.engine.events.histories import sojourns
from costeff.errors import EngineError, ResultError
from costeff.model.model import Model

if TYPE_CHECKING:
    import pandas as pd

BLOCK = 2**13  # individuals compiled and written together
HORIZON = "horizon"  # the reason of a stay that lasts to the end
COLUMNS = ("draw", "individual", "strategy", "state", "entry", "exit", "reason", "to")
FORMS = ("sojourns", "mstate", "lifelines")


def simulate_histories(
    model: Model,
    draws: Mapping[str, np.ndarray],
    tables: Mapping[str, Any],
    *,
    individuals: int,
    seed: int,
    keys: np.ndarray | None = None,
) -> pd.DataFrame:
    """The lives that `costeff.simulation.simulate.simulate` counts, one row per sojourn.

    Columns: draw (its address), individual (0, 1, ...), strategy, state, entry, exit (cycles), reason (name of the
    transition or deadline, 'horizon' at the end), to (the next state, missing at the end). The rows of one life are in
    order and tile [0, horizon]. A state whose deadline had passed on entry has a row with entry == exit.
    `draws` maps parameter names to (D,); `keys` (D,) are the draws' addresses, as in `simulate`.
    Raises EngineError without individuals or draws.
    """
    import pandas as pd

    blocks = list(history_blocks(model, draws, tables, individuals=individuals, seed=seed, keys=keys))
    return pd.concat(blocks, ignore_index=True)


def history_blocks(
    model: Model,
    draws: Mapping[str, np.ndarray],
    tables: Mapping[str, Any],
    *,
    individuals: int,
    seed: int,
    keys: np.ndarray | None = None,
    block: int = BLOCK,
) -> Iterator[pd.DataFrame]:
    """The same rows in blocks of at most `block` individuals of one draw."""
    if individuals < 1:
        raise EngineError("no individuals to simulate", value=individuals, rule="at least 1")
    if not 0 <= seed < 2**64:
        raise EngineError("the seed is out of range", value=seed, rule="a whole number from 0 to 2^64 - 1")
    size = len(next(iter(draws.values()))) if draws else (1 if keys is None else len(keys))
    if size < 1:
        raise EngineError("no draws to simulate", value=size, rule="at least 1")
    keys = np.arange(size, dtype=np.uint64) if keys is None else np.asarray(keys, np.uint64)
    where = layout(model)
    for d in range(size):
        one = {name: np.asarray(values)[d : d + 1] for name, values in draws.items()}
        for first in range(0, individuals, block):
            count = min(block, individuals - first)
            tensors = compile_model(
                model,
                one,
                tables,
                individuals=individuals,
                seed=seed,
                keys=keys[d : d + 1],
                first=first,
                count=count,
                where=where,
            ).tensors
            yield _frame(model, where, int(keys[d]), first, *sojourns(tensors, 0, 0, count))


def _frame(model: Model, where: Layout, key: int, first: int, length: np.ndarray, rows: np.ndarray) -> pd.DataFrame:
    import pandas as pd

    strategies, horizon = len(model.strategies), model.conventions.horizon
    life = np.repeat(np.arange(len(length)), length)
    event = rows[:, 3]
    target = np.append(_targets(model), -1)  # event -1, the horizon, picks the last
    reasons = list(dict.fromkeys((*where.events, HORIZON)))
    reason = np.array([reasons.index(name) for name in (*where.events, HORIZON)])
    states = list(model.state_names)
    return pd.DataFrame(
        {
            "draw": np.full(len(rows), key),
            "individual": first + life // strategies,
            "strategy": _named(life % strategies, list(model.strategy_names)),
            "state": _named(rows[:, 0], states),
            "entry": rows[:, 1],
            "exit": np.minimum(rows[:, 2], horizon),
            "reason": _named(reason[event], reasons),
            "to": _named(target[event], states),
        }
    )


def _named(codes: np.ndarray, names: list[str]) -> Any:
    """Codes with their names; -1 is missing."""
    import pandas as pd

    return pd.Categorical.from_codes(codes.tolist(), pd.Index(names))


def _targets(model: Model) -> np.ndarray:
    """State reached by each event: compiled exits by source state, then deadlines, as in `Layout.events`.

    A transition may be several compiled exits, one for each strategy that changes its table.
    """
    order = model.state_names.index
    deadlines = sorted(model.deadlines, key=lambda x: order(x.source))
    exits = [one.transition.target for one in compiled_exits(model)]
    return np.array([order(target) for target in exits + [x.target for x in deadlines]])


def transition_matrix(model: Model) -> pd.DataFrame:
    """Numbers 1, 2, ... of the moves that `model` allows, from states (rows) to states (columns); missing: none.

    This is mstate's `trans`. A transition and a deadline between the same two states have one number.
    """
    import pandas as pd

    names = list(model.state_names)
    matrix = pd.DataFrame(None, index=names, columns=names, dtype="Int64")
    moves = {(t.source, t.target) for t in model.transitions} | {(x.source, x.target) for x in model.deadlines}
    sorted_moves = sorted(moves, key=lambda move: (names.index(move[0]), names.index(move[1])))
    for number, (source, target) in enumerate(sorted_moves, start=1):
        matrix.loc[source, target] = number
    return matrix


def multi_state(histories: pd.DataFrame, model: Model, form: str = "mstate") -> pd.DataFrame:
    """Long form: each stay has one row for every state that can be reached next, with status 1 for the one that was.

    `form` "mstate": id, from, to, trans, Tstart, Tstop, time, status, with states and moves numbered from 1 as in
    `transition_matrix`; "lifelines": id, start, stop, event, and from, to, trans. Both keep draw and strategy, since an
    id is one person under every strategy. Times are in cycles since the start. Stays of no length (a deadline that had
    passed on entry, a state entered at the horizon) have no one at risk and no row.
    Raises ResultError for another form.
    """
    import pandas as pd

    if form not in FORMS[1:]:
        raise ResultError(f"unknown form '{form}'", value=form, rule=f"one of {', '.join(FORMS[1:])}")
    matrix = transition_matrix(model).fillna(0).to_numpy(np.int64)
    stays = histories[histories["exit"] > histories["entry"]]
    state = stays["state"].cat.codes.to_numpy(np.int64)
    repeats = (matrix > 0).sum(axis=1)[state]
    stay = np.repeat(np.arange(len(stays)), repeats)
    following = np.concatenate([np.flatnonzero(matrix[s]) for s in range(len(matrix))])
    begins = np.concatenate([[0], np.cumsum((matrix > 0).sum(axis=1))])
    within = np.arange(len(stay)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    target = following[begins[state[stay]] + within]
    source = state[stay]
    status = (stays["to"].cat.codes.to_numpy(np.int64)[stay] == target).astype(np.int64)
    entry, leave = stays["entry"].to_numpy()[stay], stays["exit"].to_numpy()[stay]
    key_columns = {name: stays[name].iloc[stay].array for name in ("draw", "strategy")}
    person = stays["individual"].to_numpy()[stay]
    move = matrix[source, target]
    if form == "mstate":
        columns = {"id": person + 1, "from": source + 1, "to": target + 1, "trans": move}
        times = {"Tstart": entry, "Tstop": leave, "time": leave - entry, "status": status}
        return pd.DataFrame({**columns, **times, **key_columns})
    names = list(model.state_names)
    return pd.DataFrame(
        {
            "id": person,
            "start": entry,
            "stop": leave,
            "event": status,
            "from": _named(source, names),
            "to": _named(target, names),
            "trans": move,
            **key_columns,
        }
    )
