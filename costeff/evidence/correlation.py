"""Gaussian copula between univariate parameters.

The stated correlation is that of the normal scores of the two parameters (not of their values, whose
product-moment correlation is a little smaller for skewed distributions). Pairs that are not named are
uncorrelated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from costeff.errors import EvidenceError, Place
from costeff.numerics.special import normal_probability, normal_quantile

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Correlation:
    """A pair of parameter names, and the correlation of their normal scores, strictly between -1 and 1."""

    parameters: tuple[str, str]
    correlation: float
    place: Place | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", tuple(self.parameters))
        if len(set(self.parameters)) != 2 or self.parameters[2:]:
            raise self.problem("a correlation joins two different parameters", "parameters: [first, second]")
        if not -1.0 < self.correlation < 1.0:
            raise self.problem("a correlation is out of range", "-1 < correlation < 1", self.correlation)

    def problem(self, what: str, rule: str, value: object = None, way_out: str = "correct the pair") -> EvidenceError:
        """An error about this pair at its place."""
        detail = " and ".join(map(str, self.parameters)) if value is None else value
        return EvidenceError(what, where=self.place, value=detail, rule=rule, way_out=way_out)


def blocks(correlations: Sequence[Correlation], order: Sequence[str]) -> list[list[str]]:
    """Parameters connected by correlations, directly or through others; each block in file order."""
    block_of: dict[str, set[str]] = {}
    for pair in correlations:
        members = set(pair.parameters).union(*(block_of.get(name, set()) for name in pair.parameters))
        for name in members:
            block_of[name] = members
    rank = {name: i for i, name in enumerate(order)}
    unique = {min(block, key=rank.__getitem__): block for block in block_of.values()}
    return [sorted(unique[first], key=rank.__getitem__) for first in sorted(unique, key=rank.__getitem__)]


def matrix(correlations: Sequence[Correlation], block: Sequence[str]) -> Floats:
    """Correlation matrix of one block; 0 where no pair is named."""
    place = {name: i for i, name in enumerate(block)}
    coefficients = np.eye(len(block))
    for pair in correlations:
        first, second = pair.parameters
        if first in place:
            i, j = place[first], place[second]
            coefficients[i, j] = coefficients[j, i] = pair.correlation
    return coefficients


def check_definite(correlations: Sequence[Correlation], block: Sequence[str]) -> EvidenceError | None:
    """None when the block's correlations can hold together; otherwise the error, naming the pair that weighs
    most."""
    coefficients = matrix(correlations, block)
    values, vectors = np.linalg.eigh(coefficients)
    if values[0] > 1e-10:
        return None
    direction = dict(zip(block, vectors[:, 0], strict=True))
    inside = [pair for pair in correlations if pair.parameters[0] in direction]
    worst = min(inside, key=lambda p: p.correlation * direction[p.parameters[0]] * direction[p.parameters[1]])
    return EvidenceError(
        f"the correlations of {', '.join(block)} cannot all hold; "
        f"the pair {' and '.join(worst.parameters)} weighs most",
        where=worst.place,
        value=f"{worst.correlation:g}; smallest eigenvalue {values[0]:.4g}",
        rule="a correlation matrix is positive definite; pairs that are not named count as 0",
        way_out="weaken this correlation, or state the missing pairs among these parameters",
    )


def correlate(uniforms: dict[str, Floats], correlations: Sequence[Correlation], order: Sequence[str]) -> None:
    """Replace the uniform columns of correlated parameters by correlated ones, in place. The first of a block
    stays."""
    for block in blocks(correlations, order):
        scores = np.column_stack([normal_quantile(uniforms[name]) for name in block])
        lower = np.linalg.cholesky(matrix(correlations, block))
        joint_scores = scores @ lower.T
        for i, name in enumerate(block[1:], start=1):
            uniforms[name] = np.clip(normal_probability(joint_scores[:, i]), 2.0**-60, 1.0 - 2.0**-53)
