"""The loop that all ratios are taken to. It uses nothing of costeff and is never changed: its text is hashed (`LOOP`).

Two parts of fixed work. `compiled` does what kernels do: a chain of numbers with branches on chance and a logarithm,
products of 64-bit integers and floats in vector lanes, loads from a table of 256 kB. `interpreted` does what commands
do: objects, dicts, texts, sorting. A busy neighbour, heat or another clock slow a workload and the loop beside it much
alike, and leave their ratio. A chain alone would not do: it takes as long beside a busy neighbour as alone.
"""

from __future__ import annotations

import hashlib
import json
import math
import time
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

LOOP = hashlib.sha256("\n".join(Path(__file__).read_text("utf-8").splitlines()).encode()).hexdigest()[:16]
"""Name of this loop: a hash of this file's text, the same whatever ends its lines."""


def _compiled(table: np.ndarray, words: np.ndarray, lanes: np.ndarray, many: int) -> float:
    """A number that holds all the work: `table` (32768,), `words` (1024,) uint64, `lanes` (1024,), `many` rounds."""
    word, total = np.uint64(88172645463325252), 0.0
    for _ in range(many):
        for _ in range(256):  # a chain: each number waits for the one before, and for guesses about branches
            word ^= word << np.uint64(13)
            word ^= word >> np.uint64(7)
            word ^= word << np.uint64(17)
            mix = word * np.uint64(0x9E3779B97F4A7C15)
            value = table[mix >> np.uint64(49)]
            if value * 2.0 < (np.float64(mix & np.uint64(0xFFFF)) + 0.5) / 65536.0 * 1.5:
                total -= math.log(value + 0.25)
            else:
                total += value * value
        for _ in range(2):  # whole numbers in vector lanes
            for j in range(words.shape[0]):
                x = words[j]
                x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
                x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
                words[j] = x ^ (x >> np.uint64(31))
        for j in range(lanes.shape[0]):  # floats in vector lanes, with a division
            y = lanes[j]
            z = y * (0.3 + y * (0.2 + y * (0.1 + y * (0.05 + y * 0.01))))
            lanes[j] = (z + 0.5) / (1.0 + y * y)
        for j in range(words.shape[0]):  # loads that wait for nothing, from the second-level cache
            x = words[j] * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
            words[j] = x
            lanes[j] += table[x >> np.uint64(49)]
    return float(total + lanes[0])


def _interpreted(many: int) -> int:
    """Length of a text made in `many` rounds of dicts, texts and sorting."""
    length = 0
    for k in range(many):
        rows: list[dict[str, Any]] = [
            {"name": f"item {(i * 7919 + k) % 257}", "value": (i * k) % 101 / 7, "at": i} for i in range(200)
        ]
        rows.sort(key=lambda row: (row["name"], row["value"]))
        groups: dict[Any, list[Any]] = {}
        for row in rows:
            groups.setdefault(row["name"][-1], []).append(row["value"])
        length += len(json.dumps({name: round(sum(values), 3) for name, values in groups.items()}))
        length += len(" ".join(str(row["value"]).upper().replace(".", ",") for row in rows))
    return length


@cache
def _kernel() -> Any:
    import numba

    return numba.njit(_compiled)


def compiled() -> float:
    """Seconds of this thread for the compiled part, once; the first call compiles it outside the timing."""
    table, words, lanes = np.linspace(0.0, 1.0, 32768), np.arange(1, 1025, dtype=np.uint64), np.linspace(0.0, 1.0, 1024)
    kernel = _kernel()
    kernel(table, words, lanes, 1)
    start_time = time.thread_time()
    kernel(table, words, lanes, 4_500)
    return time.thread_time() - start_time


def interpreted() -> float:
    """Seconds of this thread for the interpreted part, once."""
    start_time = time.thread_time()
    _interpreted(120)
    return time.thread_time() - start_time
