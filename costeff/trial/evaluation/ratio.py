"""The incremental cost-effectiveness ratio of a trial, with an interval that says when there is none."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

LEVEL = 1.959963984540054


@dataclass(frozen=True)
class RatioInterval:
    """Every ratio that the trial does not reject (Fieller). `kind` bounded: from `low` to `high`; outside: below `low`
    and above `high`, since the effect may be 0; none: no ratio is rejected."""

    kind: str
    low: float = float("nan")
    high: float = float("nan")


def ratio_interval(cost: float, effect: float, covariance: np.ndarray) -> RatioInterval:
    """The 95 % interval of cost over effect, from their covariance (2, 2), cost first.

    Ratios R are those for which cost less R times effect is within 1.96 of its own standard errors of 0.

    >>> one = ratio_interval(1000.0, 1.0, np.diag([100.0**2, 0.0]))            # a known effect: that of the cost
    >>> one.kind, round(one.low), round(one.high)
    ('bounded', 804, 1196)
    >>> ratio_interval(1000.0, 0.1, np.diag([100.0**2, 1.0])).kind
    'outside'
    >>> ratio_interval(10.0, 0.1, np.diag([100.0, 1.0])).kind
    'none'
    """
    square = LEVEL**2
    a = effect**2 - square * covariance[1, 1]
    b = effect * cost - square * covariance[0, 1]
    c = cost**2 - square * covariance[0, 0]
    inner = b * b - a * c
    if inner <= 0 or a == 0:
        return RatioInterval("none")
    low, high = sorted(((b - sqrt(inner)) / a, (b + sqrt(inner)) / a))
    return RatioInterval("bounded" if a > 0 else "outside", float(low), float(high))


def quadrants(cost: np.ndarray, effect: np.ndarray) -> dict[str, float]:
    """Share of replicates with more or less effect at more or less cost; the four sum to 1.

    >>> quadrants(np.array([-1.0, 1, 1, -1]), np.array([1.0, 1, -1, 1]))
    {'more_cheaper': 0.5, 'more_dearer': 0.25, 'less_cheaper': 0.0, 'less_dearer': 0.25}
    """
    more, cheaper = effect > 0, cost < 0
    masks = (more & cheaper, more & ~cheaper, ~more & cheaper, ~more & ~cheaper)
    names = ("more_cheaper", "more_dearer", "less_cheaper", "less_dearer")
    return {name: float(mask.mean()) for name, mask in zip(names, masks, strict=True)}
