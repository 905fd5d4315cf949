"""The mean of results given one or two parameters: smooth curves of draws, with the error of each point.

A curve is a penalised spline along the parameter itself, along its logarithm or along its ranks, averaged by how likely
each makes the draws (and each smoothness, see smooth.choose), so that a straight line is seen as one, and what bends
with the logarithm of a skewed parameter is followed to the ends. Straight lines are never shrunk. Discrete parameters
have the mean of each level.

The error of a point is the spread that it would have over other draws: each draw's residual times its weight in the
point (HC2, MacKinnon and White 1985), what smoothing may have missed (the spread of the spline's coefficients about 0
that the chosen smoothness implies, Nychka 1988; and the distance between the curves that were averaged), and the luck
of what was averaged over.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from costeff.analysis.levels import Levels
from costeff.analysis.regression.smooth import Smoother, choose, spline_to_the_ends
from costeff.numerics.ranks import normal_scores
from costeff.sensitivity.netting import standard

Floats = NDArray[np.float64]

FEW = 5
"""Draws of a level below which its spread is taken from all levels."""
FEWEST_OF_A_CURVE = 20
"""Draws of a level from which a curve along another parameter is drawn within it."""
_MOST_LOGS = 10.0
"""Size up to which a parameter may be the logarithm of what acts, such as that of a hazard ratio."""
_STRAIGHT = 0.9995
"""Correlation of two ways along a parameter above which they are one."""


@dataclass(frozen=True, eq=False)
class Way:
    """A coordinate along a parameter: values and what they become, both rising; between them straight."""

    values: Floats
    becomes: Floats

    def __call__(self, values: Floats) -> Floats:
        return np.interp(values, self.values, self.becomes)


def ways(draws: Floats) -> list[Way]:
    """The coordinates to try: the parameter, and its logarithm, ranks and exponential where these differ from it.

    All in standard deviations, the parameter itself first.
    """
    values, first = np.unique(draws, return_index=True)
    coordinates = [Way(values, standard(values, draws))]
    others = [normal_scores(draws)]
    if values[0] > 0:
        others.insert(0, np.log(draws))
    if np.abs(values).max() < _MOST_LOGS:
        others.append(np.exp(draws))
    for other in others:
        if all(abs(np.corrcoef(one(draws), other)[0, 1]) < _STRAIGHT for one in coordinates):
            coordinates.append(Way(values, standard(other[first], other)))
    return coordinates


@dataclass(frozen=True, eq=False)
class Bases:
    """Splines on the draws of one or two parameters, one for each coordinate that is tried."""

    points: Floats
    """(draw, parameter)"""
    along: list[list[Way]]
    """By spline, the coordinate of each parameter."""
    splines: list[Smoother]

    @classmethod
    def on(cls, points: Floats) -> Bases:
        """Bases on the draws of one or two parameters, (draw, parameter)."""
        by_column = [ways(column) for column in points.T]
        along = [[own[min(i, len(own) - 1)] for own in by_column] for i in range(max(map(len, by_column)))]
        splines = [
            spline_to_the_ends(np.column_stack([way(x) for way, x in zip(one, points.T, strict=True)])) for one in along
        ]
        return cls(points, along, splines)

    def at(self, values: Floats) -> list[Floats]:
        """The columns of each spline at (row, parameter)."""
        return [
            spline.at(np.column_stack([way(x) for way, x in zip(one, values.T, strict=True)]))
            for spline, one in zip(self.splines, self.along, strict=True)
        ]


class Curve:
    """Means of `responses` (draw, response) given one or two parameters, by splines averaged over coordinates."""

    def __init__(self, bases: Bases, responses: Floats) -> None:
        self.bases, self.mean = bases, responses.mean(axis=0)
        deviations = responses - self.mean
        whole = deviations.T @ deviations
        self.kept, self.scores, evidence = [], [], []
        for spline in bases.splines:
            score = spline.columns.T @ deviations
            weight, value = choose(spline, score, whole - score.T @ score, len(deviations))
            self.kept.append(weight @ spline.kept)
            self.scores.append(score)
            straight = score[spline.roughness == 0]
            # `choose` measures in units of what straight lines leave, which differ between coordinates
            offset = (len(deviations) - len(straight)) * _log_size(whole - straight.T @ straight)
            evidence.append(-0.5 * (float(value) + offset) - np.log(weight.max()))
        likely = np.exp(np.array(evidence) - max(evidence))
        self.weight = likely / likely.sum()
        leverage = sum(
            (w * (s.squares @ k) for w, s, k in zip(self.weight, bases.splines, self.kept, strict=True)),
            np.zeros(len(responses)),
        )
        self.spread = (responses - self.at(bases.points)) / np.sqrt(1 - np.minimum(leverage, 0.99))[:, None]

    def at(self, values: Floats) -> Floats:
        """(row, response) at (row, parameter)."""
        means = np.tile(self.mean, (len(values), 1))
        for w, shares, score, columns in self._each(values):
            means += w * (columns @ (shares[:, None] * score))
        return means

    def _each(self, values: Floats) -> Iterator[tuple[float, Floats, Floats, Floats]]:
        """By spline: its weight, the share kept of each column, their scores, and the columns at (row, parameter)."""
        return zip(self.weight, self.kept, self.scores, self.bases.at(values), strict=True)

    def pull(self, values: Floats) -> Floats:
        """(row, draw): the weight of each draw's response in each row."""
        weights = np.zeros((len(values), len(self.spread)))
        for (w, shares, _, columns), spline in zip(self._each(values), self.bases.splines, strict=True):
            weights += w * (columns * shares) @ spline.columns.T
        return weights

    def missed(self, values: Floats, contrast: Floats) -> Floats:
        """(row, column): what smoothing may have missed in a combination of the responses, as errors that add up."""
        sd = float(np.sqrt(((self.spread @ contrast) ** 2).mean()))
        centre, errors = self.at(values) @ contrast, []
        for w, shares, score, columns in self._each(values):
            errors.append(columns * (sd * np.sqrt(w * np.maximum(shares - shares**2, 0.0))))
            own = (self.mean + columns @ (shares[:, None] * score)) @ contrast
            errors.append(np.sqrt(w) * (own - centre)[:, None])
        return np.hstack(errors)


def _log_size(products: Floats) -> float:
    """The log of the determinant of products of responses, without responses that repeat others."""
    scale = np.sqrt(np.maximum(np.diagonal(products), 1e-300))
    size = np.linalg.eigvalsh(products / (scale[:, None] * scale))
    return float(2 * np.log(scale).sum() + np.log(size[size > 1e-10 * size[-1]]).sum())


class LevelMeans:
    """Means of `responses` (draw, response) given the level of a discrete parameter."""

    def __init__(self, levels: Levels, responses: Floats) -> None:
        self.values, self.counts = levels.values, levels.counts
        is_one = levels.index[:, None] == np.arange(len(self.counts))
        self._share = (is_one / np.maximum(self.counts, 1)).T
        self.means = np.where((self.counts > 0)[:, None], self._share @ responses, np.nan)
        self._residual = responses - self.means[levels.index]
        own = self.counts[levels.index]
        # the spread of few draws says little of itself: they are counted under `missed`
        self.spread = np.where((own < FEW)[:, None], 0.0, self._residual / np.sqrt(1 - 1 / np.maximum(own, 2))[:, None])

    def _place(self, values: Floats) -> NDArray[np.intp]:
        return np.searchsorted(self.values, values[:, 0])

    def at(self, values: Floats) -> Floats:
        """(row, response) at levels (row, 1)."""
        return np.asarray(self.means[self._place(values)])

    def pull(self, values: Floats) -> Floats:
        """(row, draw): the weight of each draw's response in each row."""
        return np.asarray(self._share[self._place(values)])

    def missed(self, values: Floats, contrast: Floats) -> Floats:
        """(row, level): the error of a level of few draws, by the spread within all levels."""
        degrees = max(len(self._residual) - int((self.counts > 0).sum()), 1)
        sd = float(np.sqrt(((self._residual @ contrast) ** 2).sum() / degrees))
        place = self._place(values)
        few = np.where(self.counts < FEW, sd / np.sqrt(np.maximum(self.counts, 1)), 0.0)
        return np.asarray((place[:, None] == np.arange(len(few))) * few)


class ByLevel:
    """Means given a discrete parameter and another one: a curve along the other one within each level."""

    def __init__(self, points: Floats, place: int, levels: Levels, responses: Floats) -> None:
        self.place, self.levels = place, levels
        self.curves: dict[int, tuple[NDArray[np.intp], Curve]] = {}
        self.spread: Floats = np.zeros(responses.shape)
        for level in range(len(levels.labels)):
            here = np.flatnonzero(levels.index == level)
            other = points[here][:, [1 - place]]
            if len(here) >= FEWEST_OF_A_CURVE and np.ptp(other) > 0:
                curve = Curve(Bases.on(other), responses[here])
                self.curves[level] = here, curve
                self.spread[here] = curve.spread

    def _parts(self, values: Floats) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp], Curve, Floats]]:
        """By level: the rows of it, its draws, its curve, and the values of the other parameter in these rows."""
        level = np.searchsorted(self.levels.values, values[:, self.place])
        for here, (draws, curve) in self.curves.items():
            rows = np.flatnonzero(level == here)
            if len(rows):
                yield rows, draws, curve, values[rows][:, [1 - self.place]]

    def at(self, values: Floats) -> Floats:
        """(row, response) at (row, parameter); NaN where a level has too few draws."""
        means = np.full((len(values), self.spread.shape[1]), np.nan)
        for rows, _, curve, other in self._parts(values):
            means[rows] = curve.at(other)
        return means

    def pull(self, values: Floats) -> Floats:
        """(row, draw): the weight of each draw's response in each row."""
        weights = np.zeros((len(values), len(self.spread)))
        for rows, draws, curve, other in self._parts(values):
            weights[np.ix_(rows, draws)] = curve.pull(other)
        return weights

    def missed(self, values: Floats, contrast: Floats) -> Floats:
        """(row, column): what smoothing may have missed, as errors that add up."""
        parts = [(rows, curve.missed(other, contrast)) for rows, _, curve, other in self._parts(values)]
        errors = np.zeros((len(values), sum(part.shape[1] for _, part in parts)))
        start = 0
        for rows, part in parts:
            errors[rows, start : start + part.shape[1]] = part
            start += part.shape[1]
        return errors


class Cells:
    """Means given two discrete parameters: that of each pair of levels."""

    def __init__(self, one: Levels, other: Levels, responses: Floats) -> None:
        self.one, self.other = one, other
        count = len(other.labels)
        pairs = one.index * count + other.index
        every = np.arange(len(one.labels) * count, dtype=np.float64)
        self.cells = LevelMeans(Levels(every, tuple(map(str, every)), pairs), responses)
        self.spread = self.cells.spread

    def _pair(self, values: Floats) -> Floats:
        first = np.searchsorted(self.one.values, values[:, 0])
        second = np.searchsorted(self.other.values, values[:, 1])
        return np.asarray(first * len(self.other.labels) + second, dtype=np.float64)[:, None]

    def at(self, values: Floats) -> Floats:
        """(row, response) at (row, parameter); NaN where no draw has both levels."""
        return self.cells.at(self._pair(values))

    def pull(self, values: Floats) -> Floats:
        """(row, draw): the weight of each draw's response in each row."""
        return self.cells.pull(self._pair(values))

    def missed(self, values: Floats, contrast: Floats) -> Floats:
        """(row, pair): the error of a pair of few draws."""
        return self.cells.missed(self._pair(values), contrast)


Mean = Curve | LevelMeans
PairMean = Curve | ByLevel | Cells


def mean_given_pair(
    points: Floats, levels: Sequence[Levels | None], responses: Floats, bases: Bases | None
) -> PairMean:
    """The means of responses (draw, response) given two parameters (draw, 2), of which either may be discrete.

    `bases` are those on both, where neither is.
    """
    one, other = levels
    if one is not None and other is not None:
        return Cells(one, other, responses)
    if one is not None:
        return ByLevel(points, 0, one, responses)
    if other is not None:
        return ByLevel(points, 1, other, responses)
    return Curve(bases or Bases.on(points), responses)
