"""A belief about the programme's effect in the planner's units: a share back after some weeks, or weeks until back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

import numpy as np

from costeff.evidence.distributions.distribution import Z975
from costeff.types import EffectMeasure

MEASURES = get_args(EffectMeasure)
"""A share of the citizens back after `weeks`; the week by which half are back; the mean weeks, nobody counted beyond
`weeks`."""
Z90 = 1.2815515655446004  # 90 % point of the standard normal distribution: the ends of an 80 % interval
TOLD_WEEKS = (26, 52)
LOCAL = "local_return"
"""The parameter by which return in the municipality differs from the model's, under every strategy."""


@dataclass(frozen=True)
class Guess:
    """A figure with its low and high: one time in ten it is thought to lie below, one time in ten above."""

    value: float
    low: float
    high: float

    @property
    def certain(self) -> bool:
        """Whether low and high are the figure itself."""
        return self.low == self.value == self.high

    def at(self, z: np.ndarray) -> np.ndarray:
        """The figure where a standard normal number is `z`: normal on the log scale, with its own width on each side.

        >>> Guess(2.0, 1.0, 8.0).at(np.array([-Z90, 0.0, Z90])).round(6).tolist()
        [1.0, 2.0, 8.0]
        """
        middle = np.log(self.value)
        ends = sorted((np.log(self.low), np.log(self.high)))
        widths = np.where(z < 0, middle - ends[0], ends[1] - middle) / Z90
        return np.asarray(np.exp(middle + widths * z))

    @property
    def interval_95(self) -> tuple[float, float]:
        """Both ends of the 95 % interval of a lognormal around the figure, as wide as low and high are apart."""
        width = abs(np.log(self.high / self.low)) / 2 / Z90 * Z975
        return float(self.value * np.exp(-width)), float(self.value * np.exp(width))


@dataclass(frozen=True)
class Measures:
    """What is simulated of return: the share back after so many weeks, the median and the mean (NaN: not reached).

    Nobody is counted beyond `within` weeks in the mean.
    """

    shares: Mapping[int, float]
    median: float
    mean: float
    within: int


@dataclass(frozen=True)
class Translation:
    """A belief as ratios on return. `local` moves both strategies, `ratio` is the programme's beside usual care.

    `usual` and `programme` are simulated with the middle of both.
    """

    local: Guess
    ratio: Guess
    usual: Measures
    programme: Measures


@dataclass(frozen=True)
class Belief:
    """`measure` of the first passage `passage` today and with the programme; shares are 0-1, the rest weeks.

    `parameter` is the model's ratio on return. `others` says whether the programme's other effects are those of the
    evidence; else their ratios are 1. Without `believes` only the local base rate holds: the evidence's own column.
    """

    parameter: str
    passage: str
    measure: str
    weeks: int
    today: Guess
    programme: Guess
    others: bool = False
    believes: bool = True
    translation: Translation | None = None

    @property
    def no_effect(self) -> bool:
        """Whether nothing is believed to change, for certain."""
        return self.programme.certain and self.programme.value == self.today.value

    @property
    def told(self) -> tuple[int, ...]:
        """Weeks after which the share back is told: half a year, a year, and that of the belief."""
        return tuple(sorted({*TOLD_WEEKS, *((self.weeks,) if self.measure == "share" else ())}))

    @property
    def counted(self) -> int:
        """Weeks after the start that must be simulated to see the measure."""
        if self.measure != "median":
            return self.weeks
        return int(np.ceil(max(self.today.value, self.today.high, self.programme.low, self.programme.high))) + 1
