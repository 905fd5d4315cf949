"""Threshold analysis: the value of a parameter at which a perspective breaks even, or a result reaches a target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Unpack

import numpy as np

from costeff import types
from costeff.analysis.measures import EFFECT, NET_BENEFIT
from costeff.analysis.settled import margin
from costeff.errors import ScenarioError
from costeff.reporting.parameter_labels import unknown_parameter
from costeff.sensitivity.measure import measure
from costeff.sensitivity.one_way import partners
from costeff.sensitivity.points import PointOptions, Points, Settings
from costeff.sensitivity.switching import NEAR, Curve, switches_along
from costeff.sensitivity.threshold import FALLS, RISES, Root, Switch, Threshold, bounded, root, roots, search
from costeff.sensitivity.two_way import spread

if TYPE_CHECKING:
    import pandas as pd

    from costeff.analysis.study import StudyData

SEARCH_LEVEL = 0.999
"""Level of the interval that is searched unless told otherwise: wide, for a root far out is an answer too."""
POINTS = 21
FINEST = 1e-7
"""Share of the range to which a root is found; its Monte Carlo error is larger by far."""


def threshold(
    study: StudyData,
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
    on: types.Measure | None = None,
    **settings: Unpack[PointOptions],
) -> Threshold:
    """Where the increment of net cost (or net benefit) for a perspective equals `target` as one parameter changes.

    Several parameters of one unit may be given: all take the same value. The range searched is the 99.9 % interval of
    the first one's distribution unless `low` and `high` say otherwise; it is divided by `points`, and each crossing
    between neighbours is found by Brent's method. People and luck are the same everywhere; the error of a root is that
    of the result there divided by the slope about it, and its margin follows Student's law of the batches. `settings`
    as in `one_way`; with fewer than five batches no error is given.

    Parameters estimated together with these stay at their base values: attrs["held"] names them. attrs else as
    `one_way`.

    Parameters
    ----------
    study : Study
        The model, its evidence and the settings of the scenario.
    parameter : str or sequence of str
        What changes.
    perspective : str, optional
        Whose costs count. Default: the model's first perspective.
    target : float
        Of the increment, in currency per individual.
    low : float, optional
        End of the range, in the parameter's unit.
    high : float, optional
        End of the range, in the parameter's unit.
    points : int
        Points of the range.
    wtp : float, optional
        In currency per unit of effect; with it net benefit is measured, else net cost.
    effect : str, optional
        Which effect counts. Default: the model's main effect.
    strategy : str, optional
        The strategy that is compared with the comparator. Default: the last other one.
    on : str, optional
        What is measured: net benefit, or net cost. Default: net benefit where `wtp` is given.
    **settings : options of a run
        Of `individuals`, `batches`, `seed`, `engine` and `threads`: see `costeff.sensitivity.points.Settings`.

    Returns
    -------
    Threshold
        Roots, with their errors, and the points searched.

    Raises
    ------
    ScenarioError or EvidenceError
        For a range, name or unit that cannot be used.

    Examples
    --------
    >>> from costeff import load
    >>> study = load("sick_sicker")
    >>> found = study.threshold("c_trtA", low=0, high=20_000, wtp=50_000, strategy="A")
    >>> type(found).__name__
    'Threshold'
    """
    names = (parameter,) if isinstance(parameter, str) else tuple(parameter)
    unit = _unit(study, names)
    first, last = _range(study, names[0], low, high)
    values = search(first, last, points).tolist()
    on_what = measure(study, perspective, wtp=wtp, effect=effect, strategy=strategy, on=on)
    source = Points(study, Settings(**settings), on_what.effect)
    curve = Curve(source, on_what, names, target)
    results = curve.results([*values, None])
    mean = results.mean(axis=1)
    root_values = roots(curve, values, mean[:-1].tolist(), tolerance=FINEST * (last - first))
    crossings = tuple(_with_error(curve, value, first, last) for value in root_values)
    changes = _switches(curve, values, crossings)
    about = on_what.about() | {"held": list(partners(study, names)), "everywhere": not mean[:-1].any()}
    about |= source.about()
    uncertain = study.evidence.parameters[names[0]]
    return Threshold(
        names,
        unit,
        first,
        last,
        target,
        crossings,
        _frame(curve, values, results[:-1] + target),
        base_value=study.evidence.base()[names[0]],
        base_result=float(mean[-1]) + target,
        attrs=about,
        share_below=() if uncertain.fixed else tuple(_share_below(study, names[0], r.value) for r in crossings),
        interval=None if uncertain.fixed else uncertain.interval(),
        switches=changes,
    )


def _with_error(curve: Curve, value: float, low: float, high: float) -> Root:
    """A root with its error, its margin, and whether both lie inside the range searched."""
    source, near = curve.source, NEAR * (high - low)
    error = source.error(curve.results([value])[0])
    crossing = root(curve, value, max(value - near, low), min(value + near, high), error)
    far = 0.0 if source.engine == "cohort" else margin(crossing.mcse, source.batches)
    return replace(crossing, margin=far, settled=bounded(value, far, low, high))


def _switches(curve: Curve, values: Sequence[float], crossings: Sequence[Root]) -> tuple[Switch, ...]:
    """Where another strategy becomes the best of all; of two, that is where they break even."""
    model = curve.on_what.model
    names = sorted(model.strategy_names, key=lambda name: name != model.comparator)
    if len(names) == 2 and curve.target == 0 and curve.on_what.name != EFFECT:
        better = RISES if curve.on_what.name == NET_BENEFIT else FALLS
        pair = {True: (names[0], names[1]), False: (names[1], names[0])}
        return tuple(
            Switch(one.value, one.mcse, *pair[one.direction == better], one.margin, one.settled) for one in crossings
        )
    return switches_along(curve, values, FINEST)


def _frame(curve: Curve, values: Sequence[float], results: np.ndarray) -> pd.DataFrame:
    import pandas as pd

    error = [curve.source.error(one) for one in results]
    best_strategies = [one.preferred for one in curve.on_what.decisions(curve.expected(values))]
    return pd.DataFrame({"value": values, "result": results.mean(axis=1), "mcse": error, "preferred": best_strategies})


def _unit(study: StudyData, names: tuple[str, ...]) -> str:
    if not names or len(set(names)) != len(names):
        raise ScenarioError("a threshold needs different parameters", value=", ".join(names) or "none")
    for name in names:
        if name not in study.evidence.parameters:
            raise unknown_parameter(study.evidence, name)
    units = {study.evidence.parameters[name].unit for name in names}
    if len(units) > 1:
        raise ScenarioError(
            "parameters of different units cannot take the same value",
            value=", ".join(sorted(units)),
            rule="one unit",
            way_out="ask for one parameter at a time",
        )
    return units.pop()


def _range(study: StudyData, name: str, low: float | None, high: float | None) -> tuple[float, float]:
    if low is not None and high is not None:
        return float(low), float(high)
    wide = spread(study, name, SEARCH_LEVEL)
    return (wide[0] if low is None else float(low), wide[1] if high is None else float(high))


def _share_below(study: StudyData, name: str, value: float) -> float:
    """Probability that the parameter lies below a value, from its quantiles at 10,000 equal distances."""
    u = (np.arange(10_000) + 0.5) / 10_000
    return float(np.mean(study.evidence.parameters[name].spread.ppf(u) < value))
