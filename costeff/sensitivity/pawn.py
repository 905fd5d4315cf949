"""PAWN from draws that exist: how far the result's distribution moves when one parameter is known.

A parameter's draws are parted by its levels where it is discrete, else into tenths. Each part's distribution of the
result is compared with that of all draws by the largest distance between their cumulative distributions (Kolmogorov
and Smirnov). Source: Pianosi and Wagener 2018.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from costeff.analysis.levels import levels_of
from costeff.analysis.settled import margin, replicates_of

if TYPE_CHECKING:
    import pandas as pd

    from costeff.analysis.evaluation import EvaluationData

Floats = NDArray[np.float64]
Parts = NDArray[np.intp]

_SLICES = 10
_SHUFFLES = 40
"""Times that a parameter's parts are dealt out anew to learn what chance reaches; so many that a parameter without
influence exceeds the highest of both the median and the largest distance in one case of twenty."""
_RESAMPLES = 100
"""Bootstrap samples behind an interval."""


def parts_of(evaluation: EvaluationData, name: str) -> Parts:
    """Which part each draw belongs to, (draw,) from 0 without gaps: its level, or the tenth of its value.

    >>> from costeff import Evaluation
    >>> drawn = {"dose": [0.0, 2.0] * 10, "share": [i / 20 for i in range(20)]}
    >>> one = Evaluation("payer", "qaly", ("a",), "a", [[0.0]] * 20, [[0.0]] * 20, parameters=drawn)
    >>> parts_of(one, "dose")[:4].tolist(), parts_of(one, "share")[:4].tolist()
    ([0, 1, 0, 1], [0, 0, 1, 1])
    """
    levels = levels_of(evaluation, name)
    if levels is not None:
        return np.asarray(np.unique(levels.index, return_inverse=True)[1], np.intp)
    values = evaluation.parameters[name]
    first = np.searchsorted(np.sort(values), values)  # equal values are never parted
    return np.asarray(np.unique(first * _SLICES // len(values), return_inverse=True)[1], np.intp)


class Distances:
    """Distance of each part's distribution of `y` (draw,) from that of all draws, for any weights of the draws."""

    def __init__(self, y: Floats, parts: Parts) -> None:
        rank = np.unique(y, return_inverse=True)[1].ravel()
        self.rank, self.order = rank, np.lexsort((rank, parts))
        self.ranks = rank[self.order]
        self.starts = np.flatnonzero(np.diff(parts[self.order], prepend=-1))
        self.own = parts[self.order]
        same = (np.diff(self.ranks) == 0) & (np.diff(self.own) == 0)
        self.last, self.first = np.append(~same, True), np.append(True, ~same)  # of equal results in one part

    def of(self, weight: Floats | None = None) -> Floats:
        """Distances by part, (part,); those of parts without weight are 0."""
        weight = np.ones(len(self.rank)) if weight is None else weight
        whole = np.concatenate([[0.0], np.cumsum(np.bincount(self.rank, weights=weight))])
        whole /= whole[-1]
        own = weight[self.order]
        sums = np.cumsum(own)
        before = np.append(0.0, sums)[self.starts]
        total = np.diff(np.append(before, sums[-1]))
        scale = np.where(total > 0, total, 1.0)
        share = (sums - before[self.own]) / scale[self.own]
        earlier = (sums - own - before[self.own]) / scale[self.own]
        # between a part's results its own distribution stands still, so it is farthest off at them, or just before
        apart = np.where(self.last, np.abs(share - whole[self.ranks + 1]), 0.0)
        apart = np.maximum(apart, np.where(self.first, np.abs(earlier - whole[self.ranks]), 0.0))
        return np.where(total > 0, np.maximum.reduceat(apart, self.starts), 0.0)


def pawn(evaluation: EvaluationData, parameters: Mapping[str, str], y: Floats, seed: int) -> tuple[pd.DataFrame, float]:
    """One row per parameter (label to name), largest median first, and the highest floor; see gsa."""
    import pandas as pd

    floors: dict[tuple[int, ...], tuple[float, float]] = {}
    weights = _resampled(len(y), evaluation.replicates, seed)
    wide = _stretch(evaluation)
    rows = []
    for label, name in parameters.items():
        parts = parts_of(evaluation, name)
        sizes = tuple(np.bincount(parts).tolist())
        if sizes not in floors:
            floors[sizes] = _by_chance(y, parts, seed)
        floor, highest_floor = floors[sizes]
        distances = Distances(y, parts)
        own = distances.of()
        median, highest = float(np.median(own)), float(own.max())
        again = np.array([distances.of(weight) for weight in weights])
        rows.append(
            {
                "factor": label,
                "parts": len(sizes),
                "median": median,
                **_interval("median", median, np.median(again, axis=1) if len(again) else None, wide),
                "mean": float(own.mean()),
                "lowest": float(own.min()),
                "highest": highest,
                **_interval("highest", highest, again.max(axis=1) if len(again) else None, wide),
                "floor": floor,
                "above_floor": median > floor or highest > highest_floor,
            }
        )
    table = pd.DataFrame(rows).sort_values("median", ascending=False, kind="stable", ignore_index=True)
    return table, float(table["floor"].max())


def _by_chance(y: Floats, parts: Parts, seed: int) -> tuple[float, float]:
    """Largest median and largest distance that parts of these sizes reach when draws are dealt to them by lot."""
    rng = np.random.default_rng([seed, 3])
    distances = [Distances(y, rng.permutation(parts)).of() for _ in range(_SHUFFLES)]
    return max(float(np.median(one)) for one in distances), max(float(one.max()) for one in distances)


def _resampled(draws: int, replicates: int | None, seed: int) -> Floats:
    """How often each draw is in each bootstrap sample, (sample, draw): draws, or whole replicates, taken by lot."""
    rng = np.random.default_rng([seed, 4])
    if replicates is None:
        return rng.multinomial(draws, np.full(draws, 1 / draws), _RESAMPLES).astype(np.float64)
    if replicates == 1:  # a single randomisation says nothing about its own error
        return np.zeros((0, draws))
    counts = rng.multinomial(replicates, np.full(replicates, 1 / replicates), _RESAMPLES)
    return np.repeat(counts, draws // replicates, axis=1).astype(np.float64)


def _stretch(evaluation: EvaluationData) -> float:
    """Bootstrap errors on either side in an interval: by Student's law; a few designs drawn anew spread too little."""
    count = replicates_of(evaluation.draws, evaluation.replicates)
    return margin(math.sqrt(count / (count - 1)) if count > 1 else math.nan, count)


def _interval(name: str, value: float, again: Floats | None, wide: float) -> dict[str, float]:
    """A 95 % interval of the distance that endless draws would show, from 0 to 1.

    Luck makes squared distances larger, on average by its variance: in the draws, and once more in samples of them, by
    which it is taken off.
    """
    if again is None:
        return {f"{name}_lower": np.nan, f"{name}_upper": np.nan}
    square = again**2
    centre, half = 2 * value**2 - float(square.mean()), wide * float(square.std(ddof=1))
    low, high = np.sqrt(np.clip([centre - half, centre + half], 0.0, 1.0))
    return {f"{name}_lower": float(low), f"{name}_upper": float(high)}
