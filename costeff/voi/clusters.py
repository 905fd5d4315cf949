"""A study that allocates whole clusters, such as municipalities: how many people its participants count as, its power.

Those of one cluster are alike: a share of the variance, the intraclass correlation, lies between clusters. A group's
mean then varies as that of n / (1 + (m - 1) x correlation) people, where m is how many each cluster has. What the
correlation is, is rarely known, so it is drawn: values are averaged over it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from costeff.errors import Place, ScenarioError
from costeff.evidence import Parameter
from costeff.voi.trial_cells import Cells

if TYPE_CHECKING:
    import xarray as xr

Floats = NDArray[np.float64]
POINTS = 7
"""Correlations, at equal steps of their distribution, over which a value is averaged."""
LEVEL = 0.05
WANTED = 0.8
MOST_CLUSTERS = 100_000


@dataclass(frozen=True)
class Clusters:
    """How many clusters, how alike their people are, and the differences that the study looks for, by endpoint."""

    number: int
    icc: Parameter
    detects: Mapping[str, float] = field(default_factory=dict)

    def correlations(self) -> Floats:
        """Intraclass correlations at equal steps of their distribution, (POINTS,)."""
        if self.icc.fixed:
            return np.array([self.icc.value])
        return np.array([self.icc.spread.ppf((i + 0.5) / POINTS) for i in range(POINTS)], float)

    def counts_as(self, participants: float, correlation: Floats | float) -> Floats:
        """How many people outside clusters would tell as much.

        >>> one = Clusters(6, Parameter("icc", 0.05, "share", kind="assumption"))
        >>> one.counts_as(600, np.array([0.0, 0.05, 1.0])).round(1).tolist()
        [600.0, 100.8, 6.0]
        """
        size = participants / self.number
        return np.asarray(participants / (1 + (max(size, 1.0) - 1) * np.asarray(correlation, float)))


def check_split(clusters: Clusters | None, allocation: Mapping[str, float], where: Place | None = None) -> None:
    """Raise ScenarioError for clusters that the allocation cannot divide into groups of whole ones, two at least."""
    if clusters is None:
        return
    whole = sum(allocation.values())
    shares = [clusters.number * part / whole for part in allocation.values()]
    if all(share >= 2 - 1e-9 and abs(share - round(share)) < 1e-9 for share in shares):
        return
    raise ScenarioError(
        "the clusters cannot be split between the groups",
        where=where,
        value=clusters.number,
        rule=f"whole clusters, two or more in each group; {', '.join(allocation)} get "
        + ", ".join(f"{share:.3g}" for share in shares),
        way_out="choose another number, or another allocation",
    )


def over_correlations(table: xr.Dataset, sizes: Sequence[float], points: int) -> xr.Dataset:
    """The value by participants, averaged over correlations; `table` has one row for each of both, in that order."""
    means = table.coarsen(participants=points).mean(keep_attrs=True)
    return means.assign_coords(participants=[float(size) for size in sizes])


def power(
    clusters: Clusters, cells: Cells, ends: tuple[int, int], participants: float, difference: float
) -> tuple[float, float, float]:
    """Chance that a two-sided 5 % test of cluster means sees the difference: mean, lowest and highest over the ICC.

    Parameters
    ----------
    clusters : Clusters
        Of the study.
    cells : Cells
        What the study sees; the spread between people is averaged over draws.
    ends : tuple of int
        The cells that are compared.
    participants : float
        People in all.
    difference : float
        Between the two cells' means, in the endpoint's unit.
    """
    spread = [float((cells.sd[:, c] ** 2).mean()) / cells.observed[c] for c in ends]
    parts = [cells.parts[cells.groups[c]] for c in ends]
    chances = power_of(clusters.number, participants, clusters.correlations(), spread, parts, difference)
    low, high = (power_of(clusters.number, participants, x, spread, parts, difference) for x in clusters.icc.interval())
    return float(chances.mean()), float(min(low, high)), float(max(low, high))


def power_of(
    number: int,
    participants: float,
    correlation: Floats | float,
    variance: Sequence[float],
    parts: Sequence[float],
    difference: float,
) -> Floats:
    """Power of the t test between two groups' cluster means, by the noncentral t distribution.

    `variance` between people and `parts`, the share of participants and of clusters, of each of the two groups. With a
    correlation of 1 a cluster is one observation: 64 in each group see half a standard deviation with 80 %.

    >>> round(float(power_of(128, 1280, 1.0, [1, 1], [0.5, 0.5], 0.5)), 4)
    0.8015
    """
    from scipy.stats import nct  # half a second of imports, for a trial in clusters alone
    from scipy.stats import t as student

    size = max(participants / number, 1.0)
    design_effect = 1 + (size - 1) * np.asarray(correlation, float)
    error = np.sqrt(sum(v / (part * participants) for v, part in zip(variance, parts, strict=True)) * design_effect)
    freedom = number - 2
    limit = student.ppf(1 - LEVEL / 2, freedom)
    away = difference / error
    return np.asarray(nct.sf(limit, freedom, away) + nct.cdf(-limit, freedom, away))


def clusters_wanted(
    clusters: Clusters, cells: Cells, ends: tuple[int, int], participants: float, difference: float
) -> int | None:
    """The fewest clusters of the same size that see the difference with 80 %, averaged over the ICC; None: too many."""
    from dataclasses import replace

    size = participants / clusters.number
    step = clusters.number

    def enough(times: int) -> bool:
        more = replace(clusters, number=step * times)
        return power(more, cells, ends, size * step * times, difference)[0] >= WANTED

    low, high = 0, 1
    while not enough(high):
        low, high = high, 2 * high
        if step * high > MOST_CLUSTERS:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return step * high
