"""Regression of net benefit on parameters: penalised splines with all interactions, or a kernel for many.

Every basis is turned into orthonormal columns in which the penalty is diagonal (Demmler and Reinsch), so that
a fit at any smoothness, for any number of responses, is a product of small arrays.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from costeff.analysis.dust import DUST
from costeff.numerics.spline import cubic_basis

Floats = NDArray[np.float64]

SPLINE_LIMIT = 3
"""Up to so many parameters the basis is a full tensor product, which sees every interaction."""
_INTERVALS = {1: 20, 2: 8, 3: 4}
"""Intervals between knots for each parameter, by their number; fewer when draws are few."""
_LANDMARKS = 250
_WIDTHS = (0.5, 2.0, 8.0)
"""Squared widths of the kernel tried, in units of the number of parameters (which are scaled to SD 1)."""
_SMOOTHNESS = np.logspace(-9, 9, 73)
_OUTER = 10
"""Draws in the outermost interval between knots of a spline that is asked for its ends."""
_NEAR = 8
"""Nearest draws among which a neighbour is taken by lot."""
_LEAST_SIZE = 1e-9
"""Relative size below which a direction of the basis is not told apart by these draws."""


@dataclass(frozen=True, eq=False)
class Smoother:
    """A basis on given draws: `columns` (draw, p) orthonormal, `roughness` (p,) the penalty of each."""

    points: Floats
    """(draw, parameter), scaled."""
    columns: Floats
    roughness: Floats
    back: Floats
    """(basis function, p): columns = design(points) @ back."""
    centre: Floats
    scale: Floats
    knots: tuple[Floats, ...] = ()
    landmarks: Floats | None = None
    width: float = 0.0
    cells: int = 0
    """Number of cells where each has a mean of its own, and a point is the number of its cell; 0 for curves."""
    used: NDArray[np.bool_] | None = None
    """(parameter,): those that vary, where others were given too; None where all do."""
    lines: bool = False
    """Whether straight lines stand before the spline's own basis functions."""

    @cached_property
    def squares(self) -> Floats:
        """Squares of the columns, whose weighted sums are leverages."""
        return np.asarray(self.columns**2)

    @cached_property
    def kept(self) -> Floats:
        """Share that a fit keeps of each column, from 0 to 1, at each smoothness that is tried: (smoothness, p)."""
        return np.asarray(np.reciprocal(1 + np.outer(_SMOOTHNESS, self.roughness)))

    @cached_property
    def lost(self) -> Floats:
        """What is not kept, of columns with a penalty: (smoothness, p)."""
        return np.asarray(np.where(self.roughness == 0, 0.0, 1 - self.kept))

    @cached_property
    def log_lost(self) -> Floats:
        """Sum over columns with a penalty of the log of what is not kept: (smoothness,)."""
        return np.asarray(np.log(np.where(self.roughness == 0, 1.0, np.maximum(self.lost, 1e-300))).sum(axis=1))

    def at(self, values: Floats) -> Floats:
        """The columns at other points (unscaled, (row, parameter)); outside the draws' range, at its edge."""
        moving = values if self.used is None else values[:, self.used]
        points = (moving - self.centre) / self.scale
        points = np.clip(points, self.points.min(axis=0), self.points.max(axis=0))
        return np.asarray(self._design(points) @ self.back)

    def _design(self, points: Floats) -> Floats:
        if self.cells:
            return np.asarray(np.round(points) == np.arange(self.cells), np.float64)
        if self.landmarks is not None:
            return _kernel(points, self.landmarks, self.width)
        tensor = _tensor(points, self.knots)
        return np.hstack([_lines(points), tensor]) if self.lines else tensor


def choose(smoother: Smoother, score: Floats, rest: Floats, draws: int) -> tuple[Floats, Floats]:
    """Weight of each smoothness that is tried, (..., smoothness), and -2 log of the likeliest's restricted likelihood.

    `score` (..., p, response) are the responses' products with the columns, `rest` (..., response, response) the
    products of what no fit reaches. A penalty is a normal prior of the columns' coefficients, so that a smoothness has
    a likelihood, the responses' noise (of any covariance) and the columns without a penalty taken out (Wood 2011).
    Fits are averaged with it as weight: a single best smoothness jumps between runs, which adds an error that no
    draw accounts for.
    """
    free, lost_share = smoother.roughness == 0, smoother.lost
    penalty_score = score[..., ~free, :]
    whole = rest + penalty_score.swapaxes(-1, -2) @ penalty_score
    scale = np.sqrt(np.maximum(np.diagonal(whole, axis1=-2, axis2=-1), 1e-300))
    size, axes = np.linalg.eigh(whole / (scale[..., :, None] * scale[..., None, :]))
    own = size > 1e-10 * size[..., -1:]  # responses that repeat others say nothing more
    white = axes * inverse_root(size, own)[..., None, :] / scale[..., :, None]
    white_score = score @ white
    products = white_score[..., :, None] * white_score[..., None, :]
    shape = (*products.shape[:-3], len(lost_share), *products.shape[-2:])
    residual = (lost_share @ products.reshape(*products.shape[:-2], -1)).reshape(shape)
    residual += (white.swapaxes(-1, -2) @ rest @ white)[..., None, :, :]
    residual += (np.where(own, 1e-14, 1.0)[..., None] * np.eye(own.shape[-1]))[..., None, :, :]
    value = (draws - free.sum()) * np.linalg.slogdet(residual)[1]
    value -= own.sum(axis=-1)[..., None] * smoother.log_lost
    fewest = value.min(axis=-1, keepdims=True)
    weight = np.exp(-0.5 * (value - fewest))
    return np.asarray(weight / weight.sum(axis=-1, keepdims=True)), np.asarray(fewest[..., 0])


def inverse_root(size: Floats, own: NDArray[np.bool_]) -> Floats:
    """1 / sqrt of those that are `own`, 0 for the others, which are taken for rounding."""
    return np.asarray(np.where(own, 1 / np.sqrt(np.where(own, size, 1.0)), 0.0))


def smoothers(values: Floats) -> list[Smoother]:
    """The bases to choose among for (draw, parameter); none when no parameter varies.

    Constants are left out before the kind of basis is chosen, so that one more of them changes nothing.
    """
    varies = np.ptp(values, axis=0) > DUST * np.abs(values).max(axis=0, initial=0)
    if not varies.any():
        return []
    mask = None if varies.all() else varies
    moving = values[:, varies]
    centre, scale = moving.mean(axis=0), moving.std(axis=0)
    points = (moving - centre) / scale
    if points.shape[1] <= SPLINE_LIMIT:
        bases = [_spline(points, centre, scale)]
    else:
        bases = [_kernel_smoother(points, centre, scale, width) for width in _WIDTHS]
    return bases if mask is None else [replace(one, used=mask) for one in bases]


def orthonormal(design: Floats, penalty: Floats) -> tuple[Floats, Floats, Floats]:
    """Columns, roughness and back-transformation of a design less its mean and a penalty on its coefficients."""
    size, axes = np.linalg.eigh(design.T @ design)
    axis_mask = size > _LEAST_SIZE * size[-1]
    white = axes[:, axis_mask] / np.sqrt(size[axis_mask])
    roughness, turn = np.linalg.eigh(white.T @ penalty @ white)
    back = white @ turn
    roughness = np.where(roughness > 1e-10 * max(roughness[-1], 1e-300), roughness, 0.0)
    positive = roughness[roughness > 0]
    return design @ back, roughness / (np.median(positive) if positive.size else 1.0), back


def spline_to_the_ends(points: Floats) -> Smoother:
    """A spline on one or two coordinates (draw, coordinate), whose knots go as far as draws do.

    They lie at even distances of the normal score, so that the outermost draws, which are far apart, are not all in
    one interval: what is asked of a curve are its ends. Straight lines (and, of two coordinates, their product) are
    columns of their own, so that they are fitted to the last digit. Coordinates are taken as they are.
    """
    from scipy.special import ndtr, ndtri

    draws, count = points.shape
    intervals = min(_INTERVALS[count], max(2, int((draws / 10) ** (1 / count)) - 3))
    far = -float(ndtri(min(_OUTER / draws, 0.25)))
    share = np.concatenate([[0.0], ndtr(np.linspace(-far, far, max(intervals - 1, 1))), [1.0]])
    knots = tuple(_knots(points[:, j], share) for j in range(count))
    tensor, lines = _tensor(points, knots), _lines(points)
    size, axes = np.linalg.eigh(lines.T @ lines)
    line_mask = size > _LEAST_SIZE * size[-1]  # of two coordinates that are one, the lines are fewer
    own = axes[:, line_mask] / np.sqrt(size[line_mask])
    flat = lines @ own
    there = flat.T @ tensor
    columns, rough, back = orthonormal(tensor - flat @ there, _bending(knots))
    return Smoother(
        points,
        np.hstack([flat, columns]),
        np.append(np.zeros(flat.shape[1]), rough),
        np.block([[own, -own @ there @ back], [np.zeros((tensor.shape[1], flat.shape[1])), back]]),
        np.zeros(count),
        np.ones(count),
        knots,
        lines=True,
    )


def _spline(points: Floats, centre: Floats, scale: Floats) -> Smoother:
    draws, count = points.shape
    most = max(2, int((draws / 10) ** (1 / count)) - 3)
    share = np.linspace(0, 1, min(_INTERVALS[count], most) + 1)
    return _on_knots(points, tuple(_knots(points[:, j], share) for j in range(count)), centre, scale)


def _on_knots(points: Floats, knots: tuple[Floats, ...], centre: Floats, scale: Floats) -> Smoother:
    columns, rough, back = orthonormal(_tensor(points, knots), _bending(knots))
    return Smoother(points, columns, rough, back, centre, scale, knots)


def _bending(knots: tuple[Floats, ...]) -> Floats:
    """Penalty on the coefficients of a tensor product: bends along one parameter, whatever the others."""
    size = [len(t) - 4 for t in knots]
    penalty = np.zeros((math.prod(size),) * 2)
    for i, own in enumerate(knots):
        before, after = np.eye(math.prod(size[:i])), np.eye(math.prod(size[i + 1 :]))
        penalty += np.kron(np.kron(before, _roughness(own)), after)
    return penalty


def _lines(points: Floats) -> Floats:
    """1, each coordinate, and of two their product, (row, column)."""
    design = np.ones((len(points), 1))
    for column in points.T:
        design = np.hstack([design, design * column[:, None]])
    return design


def bends_along(points: Floats, most: int) -> tuple[Floats, Floats]:
    """The points themselves and the smoothest bends along them, (draw, k up to `most`), and the penalty of each, (k,).

    The penalty of the first bend, and of the points, is 1.
    """
    one = _spline(points[:, None], np.zeros(1), np.ones(1))
    bends = np.flatnonzero(one.roughness > 0)
    bends = bends[np.argsort(one.roughness[bends])][: most - 1]
    rough = one.roughness[bends] / one.roughness[bends].min(initial=np.inf)
    return np.column_stack([points, one.columns[:, bends]]), np.append(1.0, rough)


def _knots(points: Floats, share: Floats) -> Floats:
    """Knots of a cubic spline at quantiles of the points, the ends fourfold."""
    inner = np.unique(np.quantile(points, share))
    return np.concatenate([np.repeat(inner[0], 3), inner, np.repeat(inner[-1], 3)])


def _roughness(knots: Floats) -> Floats:
    """Penalty on changes of slope of a cubic spline's coefficients; straight lines are free."""
    where = (knots[1:-3] + knots[2:-2] + knots[3:-1]) / 3  # a straight line has these coefficients
    gap = np.diff(where)
    slope = np.diff(np.eye(len(where)), axis=0) / gap[:, None]
    bend = np.diff(slope, axis=0) * ((gap[1:] + gap[:-1]) / 2)[:, None]
    return np.asarray(bend.T @ bend)


def _tensor(points: Floats, knots: tuple[Floats, ...]) -> Floats:
    """Products of the splines' basis functions, (row, product of their numbers)."""
    design = np.ones((len(points), 1))
    for j, t in enumerate(knots):
        own = cubic_basis(points[:, j], t)
        design = (design[:, :, None] * own[:, None, :]).reshape(len(points), -1)
    return design


def _kernel_smoother(points: Floats, centre: Floats, scale: Floats, width: float) -> Smoother:
    draws, count = points.shape
    positions = np.linspace(0, draws - 1, min(_LANDMARKS, draws // 4)).astype(int)
    landmarks = points[positions]
    near = _near(landmarks, landmarks, width)
    free = 1 + count
    bends = _polynomial(points[:1]).shape[1] - free
    penalty = np.zeros((free + bends + len(landmarks),) * 2)
    penalty[range(free, free + bends), range(free, free + bends)] = 0.01 * draws
    penalty[free + bends :, free + bends :] = draws * near
    columns, rough, back = orthonormal(_kernel(points, landmarks, width), penalty)
    return Smoother(points, columns, rough, back, centre, scale, (), landmarks, width)


def _kernel(points: Floats, landmarks: Floats, width: float) -> Floats:
    return np.hstack([_polynomial(points), _near(points, landmarks, width)])


def _near(points: Floats, landmarks: Floats, width: float) -> Floats:
    """Gaussian kernel between points and landmarks."""
    apart = (points**2).sum(axis=1)[:, None] + (landmarks**2).sum(axis=1) - 2 * points @ landmarks.T
    return np.asarray(np.exp(-np.maximum(apart, 0) / (2 * width * points.shape[1])))


def _polynomial(points: Floats) -> Floats:
    """1, each parameter, and squares and products (squares only when products would be very many)."""
    count = points.shape[1]
    first, second = np.triu_indices(count) if count <= 20 else (np.arange(count),) * 2
    return np.hstack([np.ones((len(points), 1)), points, points[:, first] * points[:, second]])


def neighbours(points: Floats, most: int = 4000) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pairs of draws that are near in their parameters, among the first `most` when these are many.

    A neighbour is taken by lot among the nearest: the very nearest Sobol points are related in every other
    parameter too, which would look like structure.
    """
    lot = np.random.default_rng(0)
    draws, count = points.shape
    if count == 1:
        order = np.argsort(points[:, 0], kind="stable")[: draws // _NEAR * _NEAR].reshape(-1, _NEAR)
        order = lot.permuted(order, axis=1)
        return order[:, ::2].ravel(), order[:, 1::2].ravel()
    from scipy.spatial import cKDTree

    some = points[:most] if count > SPLINE_LIMIT else points
    nearest = np.asarray(cKDTree(some).query(some, k=_NEAR + 1)[1])
    one = np.arange(len(some))
    return one, nearest[one, lot.integers(1, _NEAR + 1, len(some))]
