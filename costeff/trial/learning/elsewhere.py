"""What a trial in one municipality says of another: random effects, of which the prior holds what others have shown.

The log ratio of a municipality is a part common to all and a part of its own. The design says which share of the
prior's variance lies between municipalities. What the trial taught of its own ratio moves a new one's by the common
part only, and a new one's own part is as uncertain as before: its interval is a prediction interval.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from costeff.trial.learning.alone import LEVEL, Span


@dataclass(frozen=True)
class ElsewhereRow:
    """One ratio: where the trial was, in a new municipality, and the share of its spread that lies between them."""

    name: str
    here: Span
    elsewhere: Span
    between: float


def elsewhere_rows(
    prior: Mapping[str, np.ndarray], posterior: Mapping[str, np.ndarray], between: Mapping[str, float]
) -> list[ElsewhereRow]:
    """The rows of the ratios that the design says differ between places, from draws (D,) before and after."""
    return [
        elsewhere_row(name, prior[name], posterior[name], share) for name, share in between.items() if name in prior
    ]


def elsewhere_row(name: str, prior: np.ndarray, posterior: np.ndarray, between: float) -> ElsewhereRow:
    """One ratio in a new municipality, normal on the log scale.

    With variance V before and v after, and a share s between places, a new ratio has variance V - (1 - s)^2 (V - v).

    >>> from scipy.special import ndtri
    >>> z = ndtri((np.arange(2000) + 0.5) / 2000)
    >>> one = elsewhere_row("hr", np.exp(0.2 * z), np.exp(0.3 + 0.1 * z), 0.5)       # 0.04 - 0.25 * 0.03 = 0.0325
    >>> round(float(np.log(one.elsewhere.middle)), 2), round(float(np.log(one.elsewhere.high)) - 0.15, 2)
    (0.15, 0.35)
    """
    before, after = np.log(prior), np.log(posterior)
    common = 1 - between
    middle = before.mean() + common * (after.mean() - before.mean())
    variance = before.var() - common**2 * (before.var() - after.var())
    ends = np.exp(middle + np.array([0.0, -LEVEL, LEVEL]) * np.sqrt(max(variance, 0.0)))
    low, center, high = (float(x) for x in np.percentile(posterior, (2.5, 50, 97.5)))
    return ElsewhereRow(name, Span(center, low, high), Span(*(float(x) for x in ends)), between)
