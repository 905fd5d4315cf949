"""Who enters must be able to be there: nobody starts in a state whose deadline has passed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from costeff.compile.counts import at_start
from costeff.errors import ModelError

if TYPE_CHECKING:
    from costeff.engine.tensors import Tables
    from costeff.model.elements import Deadline
    from costeff.model.model import Model


def by_source(model: Model) -> list[Deadline]:
    """The deadlines in the order of the states they belong to, which is that of `Tables`."""
    order = {name: i for i, name in enumerate(model.state_names)}
    return sorted(model.deadlines, key=lambda deadline: order[deadline.source])


def check_entry(model: Model, arrays: Tables, first: int = 0, weight: np.ndarray | None = None) -> None:
    """Raise ModelError for an individual who starts in a state after one of its deadlines, which is an impossible life.

    The first individual of `arrays` is number `first`; groups count where they have weight.
    To start exactly at the deadline is to leave at once, as on the way.
    """
    for x, deadline in enumerate(by_source(model)):
        clock = at_start(arrays, int(arrays.deadline_clock[x]))
        at = arrays.deadline_at[arrays.deadline_row[x]]
        if clock.max() <= at.min():
            continue
        late = (clock > at) & (arrays.start_state == model.state_names.index(deadline.source)).any(axis=0)
        if weight is not None:
            late &= weight > 0
        if late.any():
            d, n = np.argwhere(late)[0]
            raise ModelError(
                f"individual {first + n} starts in '{deadline.source}' after its deadline '{deadline.name}'",
                draw=int(d),
                where=deadline.place,
                value=f"'{deadline.clock}' at {clock[d, n]}, the deadline at {at[d, n]}",
                rule="whoever starts in a state has not passed its deadlines",
                way_out=f"let such individuals start in '{deadline.target}', or bound the clock's `initial` with min",
            )
