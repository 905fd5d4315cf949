"""Threshold analysis: the value of a parameter at which a perspective breaks even, or a result reaches a target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from costeff.economics.dust import cleared
from costeff.economics.measures import EFFECT, NET_BENEFIT
from costeff.economics.settled import margin
from costeff.economics.threshold import (
    FALLS,
    RISES,
    Root,
    Switch,
    Threshold,
    bounded,
    root,
    roots,
    search,
    switches,
)
from costeff.errors import ScenarioError
from costeff.study.measure import Measure, measure
from costeff.study.one_way import partners
from costeff.study.parameter_labels import unknown_parameter
from costeff.study.points import Expected, Points, Settings
from costeff.study.two_way import spread

if TYPE_CHECKING:
    import pandas as pd

    from costeff.study.study import Study

SEARCHED = 0.999
"""Level of the interval that is searched unless told otherwise: wide, for a root far out is an answer too."""
POINTS = 21
NEAR = 0.08
"""Share of the range on either side of a root over which the slope is told: lives change in steps as a parameter moves,
so that the curve of few people is rough, and a slope over less tells of single steps."""
FINEST = 1e-7
"""Share of the range to which a root is found; its Monte Carlo error is larger by far."""


def threshold(
    study: Study,
    parameter: str | Sequence[str],
    perspective: str | None = None,
    *,
    target: float = 0.0,
    low: float | None = None,
    high: float | None = None,
    points: int = POINTS,
    wtp: float | None = None,
    effect: str | None = None,
    strategy: str | None = None,
    on: str | None = None,
    **settings: Any,
) -> Threshold:
    """Where the increment of net cost (or net benefit) for a perspective equals `target` as one parameter changes.

    Several parameters of one unit may be given: all take the same value. The range searched is the 99.9 % interval of
    the first one's distribution unless `low` and `high` say otherwise; it is divided by `points`, and each crossing
    between neighbours is found by Brent's method. People and luck are the same everywhere; the error of a root is that
    of the result there divided by the slope about it, and its margin follows Student's law of the batches. `settings`
    as in `one_way`; with fewer than five batches no error is given.

    Parameters estimated together with these stay at their base values: attrs["held"] names them. attrs else as
    `one_way`. Raises ScenarioError or EvidenceError for a range, name or unit that cannot be used.
    """
    names = (parameter,) if isinstance(parameter, str) else tuple(parameter)
    unit = _unit(study, names)
    first, last = _range(study, names[0], low, high)
    values = search(first, last, points).tolist()
    on_what = measure(study, perspective, wtp=wtp, effect=effect, strategy=strategy, on=on)
    source = Points(study, Settings(**settings), on_what.effect)
    curve = _Curve(source, on_what, names, target)
    results = curve.results([*values, None])
    mean = results.mean(axis=1)
    found = roots(curve, values, mean[:-1].tolist(), tolerance=FINEST * (last - first))
    made = tuple(_with_error(curve, value, first, last) for value in found)
    changes = _switches(curve, values, made)
    about = on_what.about() | {"held": list(partners(study, names)), "everywhere": not mean[:-1].any()}
    about |= source.about()
    uncertain = study.evidence.parameters[names[0]]
    return Threshold(
        names, unit, first, last, target, made, _frame(curve, values, results[:-1] + target),
        base_value=study.evidence.base()[names[0]], base_result=float(mean[-1]) + target, attrs=about,
        share_below=() if uncertain.fixed else tuple(_share_below(study, names[0], r.value) for r in made),
        interval=None if uncertain.fixed else uncertain.interval(), switches=changes,
    )  # fmt: skip


class _Curve:
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
        found = self.on_what.results(self.expected(values))
        return cleared(found - self.target, np.maximum(np.abs(found), abs(self.target)))

    def __call__(self, value: float) -> float:
        return float(self.results([value]).mean())


def _with_error(curve: _Curve, value: float, low: float, high: float) -> Root:
    """A root with its error, its margin, and whether both lie inside the range searched."""
    source, near = curve.source, NEAR * (high - low)
    error = source.error(curve.results([value])[0])
    found = root(curve, value, max(value - near, low), min(value + near, high), error)
    far = 0.0 if source.engine == "cohort" else margin(found.mcse, source.batches)
    return replace(found, margin=far, settled=bounded(value, far, low, high))


def _switches(curve: _Curve, values: Sequence[float], made: Sequence[Root]) -> tuple[Switch, ...]:
    """Where another strategy becomes the best of all; of two, that is where they break even."""
    model, low, high = curve.on_what.model, values[0], values[-1]
    names = sorted(model.strategy_names, key=lambda name: name != model.comparator)
    if len(names) == 2 and curve.target == 0 and curve.on_what.name != EFFECT:
        better = RISES if curve.on_what.name == NET_BENEFIT else FALLS
        pair = {True: (names[0], names[1]), False: (names[1], names[0])}
        return tuple(
            Switch(one.value, one.mcse, *pair[one.direction == better], one.margin, one.settled)
            for one in made
        )

    def benefit(x: float) -> np.ndarray:
        return np.asarray(curve.benefits([x])[0].mean(axis=0))

    found = []
    for x, before, after in switches(benefit, values, curve.benefits(values).mean(axis=1), tolerance=FINEST):

        def lead(x: float, before: int = before, after: int = after) -> float:
            worth = benefit(x)
            return float(worth[after] - worth[before])

        own = curve.benefits([x])[0]
        error = curve.source.error(own[:, after] - own[:, before])
        near = NEAR * (high - low)
        at = root(lead, x, max(x - near, low), min(x + near, high), error)
        far = 0.0 if curve.source.engine == "cohort" else margin(at.mcse, curve.source.batches)
        inside = bounded(x, far, low, high)
        found.append(Switch(x, at.mcse, names[before], names[after], far, inside))
    return tuple(found)


def _frame(curve: _Curve, values: Sequence[float], results: np.ndarray) -> pd.DataFrame:
    import pandas as pd

    error = [curve.source.error(one) for one in results]
    preferred = [one.preferred for one in curve.on_what.decisions(curve.expected(values))]
    return pd.DataFrame(
        {"value": values, "result": results.mean(axis=1), "mcse": error, "preferred": preferred}
    )


def _unit(study: Study, names: tuple[str, ...]) -> str:
    if not names or len(set(names)) != len(names):
        raise ScenarioError("a threshold needs different parameters", value=", ".join(names) or "none")
    for name in names:
        if name not in study.evidence.parameters:
            raise unknown_parameter(study.evidence, name)
    units = {study.evidence.parameters[name].unit for name in names}
    if len(units) > 1:
        raise ScenarioError(
            "parameters of different units cannot take the same value", value=", ".join(sorted(units)),
            rule="one unit", way_out="ask for one parameter at a time",
        )  # fmt: skip
    return units.pop()


def _range(study: Study, name: str, low: float | None, high: float | None) -> tuple[float, float]:
    if low is not None and high is not None:
        return float(low), float(high)
    wide = spread(study, name, SEARCHED)
    return (wide[0] if low is None else float(low), wide[1] if high is None else float(high))


def _share_below(study: Study, name: str, value: float) -> float:
    """Probability that the parameter lies below a value, from its quantiles at 10,000 equal distances."""
    u = (np.arange(10_000) + 0.5) / 10_000
    return float(np.mean(study.evidence.parameters[name].spread.ppf(u) < value))
