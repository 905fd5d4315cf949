"""What small counts say: how often a step was taken of how many, when people entered at different times and some wait.

A share that is complete is a beta (`Beta.from_counts`). A step that some had not taken when all were evaluated is the
hazard of the step instead: who entered late had less time, and when each entered is known as a law only.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costeff.evidence.distributions.distribution import COUNTED, Distribution, require
from costeff.numerics.special import gamma_probability

Floats = NDArray[np.float64]
_CELLS = 4096
"""Cells of the logarithm of the hazard; each is summed by Simpson's rule."""
_DEPTH = 45.0
"""Where the logarithm of the density lies further below its highest, it counts as 0."""


@dataclass(frozen=True)
class EventRate(Distribution):
    """Hazard per cycle of a step that `events` of `of` people had taken at `evaluated`, entry dates summed over.

    People entered between `first` and `last` (evenly, or by `shares` of the pieces between `edges`), and all were
    looked at at `evaluated`, on the same scale of cycles. Whoever has entered takes the step at the hazard in question
    and leaves without it at the known hazard `exit_hazard`. With `stages` above 1, so many stages in a row have that
    hazard each, and the last of them is what was counted. Before the counts the hazard is gamma with shape `alpha` and
    rate `beta` (cycles). Entry dates are not known one by one: each person's are summed over, so that

        P(step seen) = (h / (h + exit))^stages  mean over entries e of  P(Gamma(stages) < (h + exit) (evaluated - e)),

    in closed form for even entry, and the counts are binomial with it.

    >>> seen = EventRate(2, 10, 0, 22, 28, 1, 0.0, 1, 20)
    >>> round(seen.mean, 4), round(seen.interval()[0], 4), round(seen.interval()[1], 4)
    (0.0181, 0.0036, 0.0447)
    """

    events: float
    of: float
    first: float
    last: float
    evaluated: float
    stages: float
    exit_hazard: float
    alpha: float
    beta: float
    edges: tuple[float, ...] = field(default=(), kw_only=True)
    shares: tuple[float, ...] = field(default=(), kw_only=True)
    family: ClassVar[str] = "event_rate"
    fields: ClassVar[tuple[str, ...]] = (
        "events",
        "of",
        "first",
        "last",
        "evaluated",
        "stages",
        "exit_hazard",
        "alpha",
        "beta",
    )

    def __post_init__(self) -> None:
        require_counts(self.family, self.events, self.of)
        in_order = all(map(math.isfinite, (self.first, self.last, self.evaluated)))
        in_order = in_order and self.first <= self.last <= self.evaluated and self.first < self.evaluated
        require(
            in_order,
            self.family,
            "entries do not come before the evaluation",
            [self.first, self.last, self.evaluated],
            "first entry <= last entry <= evaluated, in cycles, and some follow-up",
        )
        require(
            self.stages >= 1 and float(self.stages).is_integer(),
            self.family,
            "stages are not whole",
            self.stages,
            "a whole number of stages from 1",
        )
        is_hazard = 0 <= self.exit_hazard < math.inf
        require(is_hazard, self.family, "the exit is no hazard", self.exit_hazard, "a finite hazard of 0 or more")
        for number in (self.alpha, self.beta):
            rule = "prior: [shape, rate in cycles], both above 0"
            require(0 < number < math.inf, self.family, "the prior is not a gamma distribution", number, rule)
        if self.edges or self.shares:
            self._check_pieces()

    def _check_pieces(self) -> None:
        edges, shares = self.edges, self.shares
        rises = all(a < b for a, b in itertools.pairwise(edges))
        require(
            len(edges) == len(shares) + 1 and rises and (edges[0], edges[-1]) == (self.first, self.last),
            self.family,
            "pieces of the entry period do not fit",
            f"{len(edges)} edges, {len(shares)} shares",
            "rising edges, one more than shares",
        )
        require(
            min(shares) >= 0 and abs(sum(shares) - 1) < 1e-9,
            self.family,
            "shares of entry do not make up a whole",
            list(shares),
            "each 0 or more; they sum to 1",
        )

    def probability(self, hazard: ArrayLike) -> Floats:
        """Chance that one person has taken the step when evaluated, at a hazard per cycle; any shape."""
        h = np.asarray(hazard, dtype=float)
        total = h + self.exit_hazard
        edges, shares = self.edges or (self.first, self.last), self.shares or (1.0,)
        chance = np.zeros(h.shape)
        for (start, end), share in zip(itertools.pairwise(edges), shares, strict=True):
            chance += share * self._mean_taken(total, self.evaluated - end, self.evaluated - start)
        return np.asarray((h / total) ** self.stages * chance)

    def _mean_taken(self, total: Floats, shortest: float, longest: float) -> Floats:
        """P(Gamma(stages) < total x follow-up), mean over an even follow-up: its antiderivative is closed."""
        if longest == shortest:
            return gamma_probability(self.stages, total * longest)

        def up_to(time: float) -> Floats:
            at = total * time
            whole: Floats = time * gamma_probability(self.stages, at)
            return whole - self.stages / total * gamma_probability(self.stages + 1, at)

        return (up_to(longest) - up_to(shortest)) / (longest - shortest)

    def log_density(self, x: Floats) -> Floats:
        """Logarithm of the density of log(hazard) at `x`, up to a constant."""
        h = np.exp(x)
        p = np.clip(self.probability(h), 1e-300, 1.0)
        p_without = np.maximum(1.0 - p, 1e-300)
        of_events = self.events * np.log(p) if self.events else 0.0
        of_others = (self.of - self.events) * np.log(p_without) if self.of > self.events else 0.0
        return np.asarray(self.alpha * x - self.beta * h + of_events + of_others)

    @cached_property
    def _grid(self) -> tuple[Floats, Floats, Floats, Floats]:
        """log(hazard) at the edges of cells, density there, distribution function there, mass x hazard moments (2,)."""
        centre = math.log(self.alpha / self.beta)
        coarse = np.linspace(centre - 60.0, centre + 20.0, 8001)
        height = self.log_density(coarse)
        near = np.flatnonzero(height > height.max() - _DEPTH)
        x = np.linspace(coarse[max(near[0] - 1, 0)], coarse[min(near[-1] + 1, 8000)], 2 * _CELLS + 1)
        height = self.log_density(x)
        density = np.exp(height - height.max())
        width = x[2] - x[0]

        def cells(values: Floats) -> Floats:
            return np.asarray((values[:-2:2] + 4 * values[1::2] + values[2::2]) * (width / 6))

        mass = cells(density)
        total = mass.sum()
        h = np.exp(x)
        moments = np.array([cells(density * h).sum(), cells(density * h * h).sum()]) / total
        cumulative = np.concatenate([[0.0], np.cumsum(mass)]) / total
        return x[::2], density[::2] / total, cumulative, moments

    def ppf(self, u: ArrayLike) -> NDArray[np.float64]:
        """Inverse distribution function at `u`: the cubic through values and slopes of a cell, solved by Newton."""
        x, density, cumulative, _ = self._grid
        p = np.asarray(u, dtype=float)
        cell = np.clip(np.searchsorted(cumulative, p, side="right") - 1, 0, len(x) - 2)
        width = x[1] - x[0]
        low, rise = cumulative[cell], cumulative[cell + 1] - cumulative[cell]
        first, last = density[cell] * width, density[cell + 1] * width
        want = p - low
        at = np.clip(want / np.where(rise > 0, rise, 1.0), 0.0, 1.0)
        for _ in range(6):
            value = first * at + (3 * rise - 2 * first - last) * at**2 + (first + last - 2 * rise) * at**3
            slope = first + 2 * (3 * rise - 2 * first - last) * at + 3 * (first + last - 2 * rise) * at**2
            at = np.clip(at + (want - value) / np.where(slope > 0, slope, 1.0), 0.0, 1.0)
        return np.asarray(np.exp(x[cell] + at * width))

    @property
    def mean(self) -> float:
        """Expected value."""
        return float(self._grid[3][0])

    @property
    def sd(self) -> float:
        """Standard deviation."""
        first, second = self._grid[3]
        return math.sqrt(max(float(second - first * first), 0.0))

    @property
    def support(self) -> tuple[float, float]:
        """Limits of what can be drawn."""
        return (0.0, math.inf)

    @classmethod
    def from_counts(cls, value: float, counts: Mapping[str, Any], centre: str = "mean") -> Self:
        """From `events`, `of`, `entry`, `evaluated` and `prior`; optional `entry_shares`, `stages`, `exit_hazard`."""
        lacks = [key for key in ("entry", "evaluated", "prior") if key not in counts]
        require(
            not lacks,
            cls.family,
            "the counts do not say how long people were seen",
            f"{', '.join(lacks)} missing",
            "entry: [first, last], evaluated and prior: [shape, rate] of a gamma, in cycles",
            "add them; a share whose follow-up is complete is a beta",
        )
        entry: Sequence[float] = counts["entry"]
        shares = tuple(counts.get("entry_shares", ()))
        require(len(entry) >= 2, cls.family, "no entry period", list(entry), "entry: [first, last], in cycles")
        require(
            len(entry) == 2 or bool(shares),
            cls.family,
            "entry in pieces without their shares",
            list(entry),
            "with more than two edges, entry_shares says what share of people entered in each piece",
        )
        shape, rate = counts["prior"]
        return cls(
            float(counts["events"]),
            float(counts["of"]),
            float(entry[0]),
            float(entry[-1]),
            float(counts["evaluated"]),
            float(counts.get("stages", 1)),
            float(counts.get("exit_hazard", 0.0)),
            float(shape),
            float(rate),
            edges=tuple(entry) if shares else (),
            shares=shares,
            rule=f"{COUNTED}: {counts['events']:g} of {counts['of']:g} had taken the step when evaluated, entry dates "
            f"summed over; gamma prior, shape {shape:g}, rate {rate:g}",
        )


def require_counts(family: str, events: float, of: float) -> None:
    """Raise EvidenceError unless counts are whole and `events` of them lie within `of`."""
    whole = all(math.isfinite(number) and float(number).is_integer() for number in (events, of))
    require(
        whole and 0 <= events <= of and of > 0,
        family,
        "counts are not a part of a whole",
        f"{events:g} of {of:g}",
        "whole numbers, 0 <= events <= of, and somebody",
    )
