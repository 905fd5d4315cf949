"""Individual histories: the sojourns of each life as rows, from the kernel that counts them.

A pass over a block counts its sojourns and writes as many as it has rows for; where those were too few, another pass
has exactly as many. Memory is that of the block.
"""

from __future__ import annotations

import numpy as np

from costeff.engine.events.microsim import Worker, rooms
from costeff.engine.events.plan import EventPlan, plan
from costeff.engine.tensors import Tensors
from costeff.numerics.kernel_cache import announce


def sojourns(
    tensors: Tensors,
    d: int,
    low: int,
    high: int,
    mode: str = "events",
    lists: EventPlan | None = None,
    expected_rows: int = 0,
) -> tuple[np.ndarray, np.ndarray]:
    """Sojourns of the individuals low..high-1 of draw `d`: (lengths, rows).

    lengths (individuals * strategies,) counts the sojourns of each life, strategies varying fastest; rows (sum of
    lengths, 4) are (state, entry, exit, event) in that order, in cycles; the last exit of a life is past the horizon
    and its event is -1. One who asks for many draws makes `lists`, the plan of the tensors, once, and saves a pass by
    `expected_rows` that are enough. Raises EngineError for a model whose deadlines form a loop.
    """
    announce("block", "live_draws")
    lists, room = plan(tensors.tables) if lists is None else lists, rooms(tensors, 0, np.int64)
    worker = Worker(tensors, lists, mode, room, expected_rows)
    rows = worker.live(d, low, high)
    if rows > expected_rows:
        worker = Worker(tensors, lists, mode, room, rows)
        worker.live(d, low, high)
    record = worker.counts.record[:rows]
    life = (record[:, 0] - low) * tensors.strategies + record[:, 1]
    length = np.bincount(life, minlength=(high - low) * tensors.strategies)
    return length, record[np.argsort(life, kind="stable"), 2:]
