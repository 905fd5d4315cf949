"""Individual histories: the sojourns of each life as rows, from the same kernel part that counts them.

Two passes over a block: the first counts the sojourns of each life, so that the second writes into rows of exactly
the right number. Memory is that of the block.
"""

from __future__ import annotations

import numpy as np

from costeff.engine.life import new_life
from costeff.engine.microsim import MODES, live, prepare
from costeff.engine.plan import plan
from costeff.errors import EngineError
from costeff.kernel_cache import announce, kernel
from costeff.tensors import Tensors


@kernel
def live_histories(
    tb, pl, seed, d, low, high, first, horizon, mode, life, occupancy, events, passages, row, length, record
):
    """Live the lives low..high under each strategy; life i writes (state, start, end, event) into its rows.

    Life i owns record[row[i]:row[i + 1]], which may be empty; length[i] is how many sojourns it has. Returns -1 on a
    loop of deadlines, else 0.
    """
    i = 0
    prepare(tb, pl, d, life)
    for n in range(low, high):
        for g in range(tb.ratio.shape[1]):
            length[i] = live(
                tb, pl, seed, d, g, n, first + n, horizon, mode, life, occupancy, events, passages,
                record[row[i] : row[i + 1]],
            )  # fmt: skip
            if length[i] < 0:
                return np.int64(-1)
            i += 1
    return np.int64(0)


def sojourns(
    tensors: Tensors, d: int, low: int, high: int, mode: str = "events"
) -> tuple[np.ndarray, np.ndarray]:
    """Sojourns of the individuals low..high-1 of draw `d`: (lengths, rows).

    lengths (individuals * strategies,) counts the sojourns of each life, strategies varying fastest; rows (sum of
    lengths, 4) are (state, entry, exit, event) in that order, in cycles; the last exit of a life is past the horizon
    and its event is -1. Raises EngineError for a model whose deadlines form a loop.
    """
    announce("histories", "live_histories")
    lists = plan(tensors.tables)
    lives, points = (high - low) * tensors.strategies, tensors.cycles + 1
    counts = (
        np.zeros((points + 1, len(lists.unit)), np.int64),
        np.zeros((points, tensors.events), np.int32),
        np.zeros((tensors.passages, points + 1), np.int64),
    )
    length = np.zeros(lives, np.int64)
    row = np.zeros(lives + 1, np.int64)
    record = np.zeros((0, 4), np.int64)
    for _ in range(2):
        record = np.zeros((row[-1], 4), np.int64)
        looped = live_histories(
            tensors.tables, lists, np.uint64(tensors.seed), d, low, high, tensors.first_individual, tensors.cycles,
            MODES[mode], new_life(tensors.tables), *counts, row, length, record,
        )  # fmt: skip
        if looped < 0:
            raise EngineError(
                "deadlines send an individual round in a circle within one cycle",
                rule="a deadline that has passed must not lead back to the state it left",
                way_out="check `deadlines`: their targets need exits of their own",
            )
        np.cumsum(length, out=row[1:])
    return length, record
