"""Where the mean result given a parameter reaches a target, and where another strategy becomes the best of all."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from costeff.analysis.dust import cleared
from costeff.analysis.levels import Levels
from costeff.analysis.settled import margin, replicates_behind, settled
from costeff.errors import ResultError
from costeff.sensitivity.conditional_means import Conditional, Means
from costeff.sensitivity.threshold import Root, Switch, Threshold, bounded, root, roots, search, switches

if TYPE_CHECKING:
    import pandas as pd

    from costeff.analysis.evaluation import EvaluationData

Floats = NDArray[np.float64]
_STEP = 0.01
"""Share of the range over which the slope at a root is taken, to each side."""
ABOVE, BELOW, AT = "above", "below", "at"


def conditional_threshold(
    evaluation: EvaluationData,
    parameter: str,
    *,
    wtp: float | None = None,
    target: float = 0.0,
    low: float | None = None,
    high: float | None = None,
    points: int = 41,
    strategy: str | None = None,
    on: str | None = None,
) -> Threshold:
    """Where the mean result given a parameter equals `target`, within the middle 99 % of the draws or `low`, `high`.

    `switches` says where which strategy is the best of all. attrs["slope"] and ["slope_mcse"]: how far the result
    moves per unit of the parameter over its middle 95 %; attrs["partners"]: the parameters that move along with it.
    A discrete parameter has no roots, for no draw lies between its levels: attrs["levels"] says of each level on which
    side of the target its mean is.

    >>> import numpy as np
    >>> from costeff import Evaluation
    >>> price, saved = np.random.default_rng(1).normal([900, 1000], [200, 300], (400, 2)).T
    >>> one = Evaluation("payer", "qaly", ("usual", "new"), "usual", np.column_stack([0 * price, price - saved]),
    ...                  np.zeros((400, 2)), parameters={"price": price, "saved": saved})
    >>> found = conditional_threshold(one, "price", target=100)
    >>> [(round(at.value, -2), at.direction) for at in found.roots], [(s.before, s.after) for s in found.switches]
    ([(1100.0, 'rises')], [('new', 'usual')])
    """
    ask = Conditional(evaluation, wtp, strategy, on)
    draws, means = ask.column(parameter), ask.given([parameter])
    levels = ask.varying[parameter]
    if levels is not None:
        return _by_level(ask, parameter, levels, means, target)
    middle = np.quantile(draws, [0.005, 0.025, 0.975, 0.995])
    first = float(middle[0]) if low is None else low
    last = float(middle[3]) if high is None else high
    values = search(first, last, points)
    inside(draws, parameter, values)

    def function(x: float) -> float:
        result = means(np.array([[x]])).result
        return float(cleared(result - target, np.maximum(np.abs(result), abs(target)))[0])

    curve = means(values[:, None])
    differences = cleared(curve.result - target, np.maximum(np.abs(curve.result), abs(target))).tolist()
    crossings = []
    for x in roots(function, values.tolist(), differences, tolerance=1e-10 * (last - first)):
        error = float(means(np.array([[x]])).mcse[0])
        crossings.append(_with_margin(root(function, x, *_about(x, first, last), error), evaluation, first, last))
    return Threshold(
        (parameter,),
        "",
        first,
        last,
        target,
        tuple(crossings),
        _frame(ask, means, values),
        base_value=float(draws.mean()),
        base_result=ask.mean(),
        attrs=ask.about()
        | _slope(means, middle[1:3])
        | {"held": [], "everywhere": not np.any(differences), "partners": means.partners},
        share_below=tuple(float((draws < r.value).mean()) for r in crossings),
        interval=(float(middle[1]), float(middle[2])),
        switches=switches_of(ask, means, values),
    )


def _with_margin(crossing: Root, evaluation: EvaluationData, first: float, last: float) -> Root:
    """A root with its 95 % margin, and whether that lies inside the range searched."""
    far = margin(crossing.mcse, replicates_behind(evaluation))
    return replace(crossing, margin=far, settled=bounded(crossing.value, far, first, last))


def _about(x: float, first: float, last: float) -> tuple[float, float]:
    near = _STEP * (last - first)
    return max(x - near, first), min(x + near, last)


def _names(ask: Conditional) -> tuple[str, ...]:
    return (ask.evaluation.comparator, *ask.evaluation.alternatives)


def _frame(ask: Conditional, means: Means, values: Floats) -> pd.DataFrame:
    """The curve that was searched: the result with its error, and what strategies are compared by."""
    import pandas as pd

    estimates = means(values[:, None])
    best_strategies = [
        ask.decide(c, g, b).preferred for c, g, b in zip(estimates.cost, estimates.gain, estimates.benefit, strict=True)
    ]
    return pd.DataFrame(
        {"value": values, "result": estimates.result, "mcse": estimates.mcse, "preferred": best_strategies}
    )


def _slope(means: Means, ends: Floats) -> dict[str, object]:
    estimates = means(ends[:, None])
    span = float(ends[1] - ends[0])
    return {
        "slope": float(estimates.result[1] - estimates.result[0]) / span,
        "slope_mcse": estimates.span_mcse() / span,
        "slope_between": [float(end) for end in ends],
    }


def switches_of(ask: Conditional, means: Means, values: Floats) -> tuple[Switch, ...]:
    """Where another strategy becomes the best of all, with the error of the value."""
    names, first, last = _names(ask), float(values[0]), float(values[-1])

    def benefit(x: float) -> Floats:
        return np.asarray(means.benefit(np.array([[x]]))[0])

    changes = []
    for x, before, after in switches(benefit, values.tolist(), means.benefit(values[:, None])):

        def lead(x: float, before: int = before, after: int = after) -> float:
            worth = benefit(x)
            return float(worth[after] - worth[before])

        contrast = np.zeros(len(names))
        contrast[after], contrast[before] = 1.0, -1.0
        error = float(np.sqrt((means.errors(np.array([[x]]), contrast[1:]) ** 2).sum()))
        at = root(lead, x, *_about(x, first, last), error)
        far = margin(at.mcse, replicates_behind(ask.evaluation))
        inside = bounded(x, far, first, last)
        changes.append(Switch(x, at.mcse, names[before], names[after], far, inside))
    return tuple(changes)


def _by_level(ask: Conditional, parameter: str, levels: Levels, means: Means, target: float) -> Threshold:
    """The side of the target on which the mean of each level lies; no value between levels is a root."""
    has_draws = levels.counts > 0
    values, draws = levels.values[has_draws], ask.column(parameter)
    frame = _frame(ask, means, values)
    frame.insert(1, "label", [levels.labels[i] for i in np.flatnonzero(has_draws)])
    frame["draws"] = levels.counts[has_draws]
    result = frame["result"].to_numpy(float)
    differences = cleared(result - target, np.maximum(np.abs(result), abs(target)))
    frame["side"] = [{1: ABOVE, -1: BELOW, 0: AT}[int(sign)] for sign in np.sign(differences)]
    count = replicates_behind(ask.evaluation)
    errors = frame["mcse"].to_numpy(float)
    frame["settled"] = [settled(*pair, count) for pair in zip(differences.tolist(), errors.tolist(), strict=True)]
    return Threshold(
        (parameter,),
        "",
        float(values[0]),
        float(values[-1]),
        target,
        (),
        frame,
        base_value=float(draws.mean()),
        base_result=ask.mean(),
        attrs=ask.about()
        | {
            "held": [],
            "everywhere": not differences.any(),
            "partners": means.partners,
            "levels": frame.to_dict("records"),
        },
    )


def inside(draws: Floats, name: str, values: Floats) -> None:
    """Refuse values, rising, that lie outside the draws of a parameter."""
    low, high = float(draws.min()), float(draws.max())
    if not (low <= values[0] and values[-1] <= high):
        raise ResultError(
            f"draws of '{name}' do not reach so far",
            value=f"{values[0]:g} to {values[-1]:g}",
            rule=f"drawn from {low:g} to {high:g}; a regression says nothing outside",
            way_out="ask within the draws, or give a scenario, which can be run at any value",
        )
