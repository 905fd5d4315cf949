"""Regression on discrete parameters: a mean for each combination of levels, which no curve could improve on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from costeff.analysis.dust import DUST
from costeff.analysis.levels import LEAST_DRAWS, levels_of
from costeff.analysis.regression.smooth import Smoother, smoothers
from costeff.errors import ResultError

if TYPE_CHECKING:
    from costeff.analysis.evaluation import EvaluationData

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Points:
    """What is regressed on: the values of a group of parameters, and where all are discrete, whose levels are whose.

    Parameters
    ----------
    values : (draw, column)
        Those that vary; each text by an indicator of every level but the most frequent one.
    cells : (draw,) or None
        Which combination of levels each draw has, from 0; None unless a mean of each combination can be taken.
    """

    values: Floats
    cells: NDArray[np.intp] | None = None

    def some(self, rows: NDArray[np.intp]) -> Points:
        """The same for some draws."""
        return Points(self.values[rows], None if self.cells is None else self.cells[rows])


def constants(evaluation: EvaluationData, names: Sequence[str]) -> tuple[str, ...]:
    """Those of some parameters that are the same in all draws, but for rounding."""
    parameters = evaluation.parameters
    return tuple(
        name for name in names if np.ptp(parameters[name]) <= DUST * float(np.abs(parameters[name]).max(initial=0))
    )


def points_of(evaluation: EvaluationData, names: Sequence[str]) -> Points:
    """The points of a group of parameters; constants are left out first, so that naming one changes nothing.

    Raises ResultError for a text that has too many levels to be a parameter, such as a name of the draw.

    Examples
    --------
    >>> from costeff import Evaluation
    >>> drawn = {"sort": [0.0, 1.0] * 10, "share": [i / 20 for i in range(20)]}
    >>> one = Evaluation("payer", "qaly", ("a",), "a", [[0.0]] * 20, [[0.0]] * 20, parameters=drawn)
    >>> points_of(one, ["sort"]).cells[:4].tolist(), points_of(one, ["share"]).cells
    ([0, 1, 0, 1], None)
    """
    still = constants(evaluation, names)
    moving = [name for name in names if name not in still]
    if not moving:
        return Points(np.zeros((evaluation.draws, 0)))
    levels = [levels_of(evaluation, name) for name in moving]
    for name, own in zip(moving, levels, strict=True):
        level_count = 0 if own is None else np.count_nonzero(own.counts)
        if LEAST_DRAWS * level_count > evaluation.draws:
            raise ResultError(
                f"text '{name}' has too many levels",
                value=f"{level_count} in {evaluation.draws} draws",
                rule=f"a level stands in {LEAST_DRAWS} draws or more on average; what names each draw is no parameter",
                way_out="leave it out (ignore=, in the shell --ignore), or give its levels in fewer groups",
            )
    if all(own is not None for own in levels):
        codes = np.column_stack([own.index for own in levels if own is not None])
        cells, index = np.unique(codes, axis=0, return_inverse=True)
        if LEAST_DRAWS * len(cells) <= evaluation.draws:
            return Points(codes.astype(np.float64), np.asarray(index.ravel(), np.intp))
    columns: list[Floats] = []
    for name, own in zip(moving, levels, strict=True):
        if own is None or name not in evaluation.levels:
            columns.append(evaluation.parameters[name])
            continue
        fewer = [level for level in np.flatnonzero(own.counts) if level != own.counts.argmax()]
        columns += [(own.index == level).astype(np.float64) for level in fewer]
    return Points(np.column_stack(columns))


def level_means(cells: NDArray[np.intp]) -> Smoother:
    """A regression whose fitted value is the mean of each draw's cell, (draw,) from 0; no penalty on any."""
    count = np.bincount(cells)
    columns = (cells[:, None] == np.arange(len(count))) / np.sqrt(count)
    return Smoother(
        cells[:, None].astype(np.float64),
        columns,
        np.zeros(len(count)),
        np.diag(1 / np.sqrt(count)),
        np.zeros(1),
        np.ones(1),
        cells=len(count),
    )


def bases(points: Floats | Points) -> list[Smoother]:
    """The bases to choose among: means of levels where all are discrete, else curves; none when nothing varies."""
    if not isinstance(points, Points):
        return smoothers(points)
    if points.cells is not None:
        return [level_means(points.cells)]
    return smoothers(points.values) if points.values.shape[1] else []
