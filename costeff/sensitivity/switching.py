"""Where another strategy becomes the best of all as one parameter grows: for thresholds, and for tornados of a model.

People and luck are the same at every value, and values met before are not simulated again.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from costeff.analysis.dust import cleared
from costeff.analysis.settled import margin
from costeff.sensitivity.measure import Measure
from costeff.sensitivity.points import Expected, Points
from costeff.sensitivity.threshold import Switch, bounded, root, switches

NEAR = 0.08
"""Share of the range on either side of a root over which the slope is told: lives change in steps as a parameter moves,
so that the curve of few people is rough, and a slope over less tells of single steps."""


class Curve:
    """The result less the target at values of the parameters; values met before are not simulated again."""

    def __init__(self, source: Points, on_what: Measure, names: tuple[str, ...], target: float) -> None:
        self.source, self.on_what, self.names, self.target = source, on_what, names, target

    def expected(self, values: Sequence[float | None]) -> Expected:
        """Costs and gains at each value; None is the base case."""
        changes = [{} if x is None else dict.fromkeys(self.names, x) for x in values]
        return self.source.at(changes, self.on_what.perspective)

    def benefits(self, values: Sequence[float | None]) -> np.ndarray:
        """(value, batch, strategy): what strategies are compared by, the comparator first."""
        names = self.on_what.model.strategy_names
        order = sorted(range(len(names)), key=lambda s: names[s] != self.on_what.model.comparator)
        return self.on_what.benefits(self.expected(values))[..., order]

    def results(self, values: Sequence[float | None]) -> np.ndarray:
        """(value, batch); None is the base case."""
        increments = self.on_what.results(self.expected(values))
        return cleared(increments - self.target, np.maximum(np.abs(increments), abs(self.target)))

    def __call__(self, value: float) -> float:
        return float(self.results([value]).mean())


def switches_along(curve: Curve, values: Sequence[float], tolerance: float) -> tuple[Switch, ...]:
    """The values at which another strategy becomes the best of all, each with its error.

    `tolerance` is the share of the range to which each is found. They are looked for between neighbours of `values`,
    which rise; a strategy that is the best only between two of them is not seen.
    """
    model, low, high = curve.on_what.model, values[0], values[-1]
    names = sorted(model.strategy_names, key=lambda name: name != model.comparator)

    def benefit(x: float) -> np.ndarray:
        return np.asarray(curve.benefits([x])[0].mean(axis=0))

    changes = []
    for x, before, after in switches(benefit, values, curve.benefits(values).mean(axis=1), tolerance=tolerance):

        def lead(x: float, before: int = before, after: int = after) -> float:
            worth = benefit(x)
            return float(worth[after] - worth[before])

        own = curve.benefits([x])[0]
        error = curve.source.error(own[:, after] - own[:, before])
        near = NEAR * (high - low)
        at = root(lead, x, max(x - near, low), min(x + near, high), error)
        far = 0.0 if curve.source.engine == "cohort" else margin(at.mcse, curve.source.batches)
        inside = bounded(x, far, low, high)
        changes.append(Switch(x, at.mcse, names[before], names[after], far, inside))
    return tuple(changes)
