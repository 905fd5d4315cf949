"""What the trial alone says of a parameter: the posterior less the prior, on a scale on which both are near normal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

LEVEL = 1.959963984540054
NEXT_TO_NONE = 0.97
"""Share of the prior's spread that is left, above which luck of the draws could be all that was learnt."""


@dataclass(frozen=True)
class Span:
    """A middle with a 95 % interval."""

    middle: float
    low: float
    high: float


@dataclass(frozen=True)
class EffectRow:
    """One parameter: before, by the trial alone (None where it told next to nothing), and after."""

    name: str
    prior: Span
    trial: Span | None
    posterior: Span
    spread_left: float


def effect_row(name: str, prior: np.ndarray, posterior: np.ndarray) -> EffectRow:
    """The row of one parameter, from its draws (D,) before and after.

    Precisions add: that of the trial is what the posterior has over the prior, on the log scale of what is positive.

    >>> from scipy.special import ndtri
    >>> z = ndtri((np.arange(2000) + 0.5) / 2000)
    >>> row = effect_row("x", z * 2.0, 1.0 + z * 0.5**0.5)                 # prior variance 4, posterior 0.5
    >>> round(row.trial.middle, 2), round((row.trial.high - row.trial.low) / 3.92, 2)      # 1/0.5 - 1/4 = 1/0.571
    (1.14, 0.76)
    """
    is_positive = bool(prior.min() > 0 and posterior.min() > 0)
    on_scale = [np.log(x) if is_positive else x for x in (prior, posterior)]
    (before, after), (spread_before, spread_after) = [x.mean() for x in on_scale], [x.std() for x in on_scale]
    share_left = float(spread_after / spread_before) if spread_before > 0 else 1.0
    trial = None
    if 0 < share_left < NEXT_TO_NONE:
        precision = spread_after**-2 - spread_before**-2
        middle = (after * spread_after**-2 - before * spread_before**-2) / precision
        ends = middle + np.array([0.0, -LEVEL, LEVEL]) * precision**-0.5
        trial = Span(*(float(x) for x in (np.exp(ends) if is_positive else ends)))
    return EffectRow(name, _span(prior), trial, _span(posterior), share_left)


def _span(draws: np.ndarray) -> Span:
    low, middle, high = np.percentile(draws, (2.5, 50, 97.5))
    return Span(float(middle), float(low), float(high))
