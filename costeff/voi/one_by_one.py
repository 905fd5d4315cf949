"""What each of many parameters is worth by itself, where most are worth nothing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from costeff.analysis.net_benefit import increments
from costeff.analysis.regression.level_means import points_of
from costeff.voi.evpi import evpi
from costeff.voi.regression.error import value_error
from costeff.voi.regression.regression import Regression

if TYPE_CHECKING:
    from costeff.analysis.evaluation import EvaluationData


def worth_of_each(evaluation: EvaluationData, wtp: float) -> dict[str, tuple[float, float]]:
    """(value, its standard error) of every parameter, as `evppi` and `cut_at_bounds` give them.

    The error, which takes longer than the value, is worked out of values above 0 alone, and NaN elsewhere.

    >>> import numpy as np
    >>> from costeff import Evaluation
    >>> draws = np.random.default_rng(1).normal(size=(200, 3))
    >>> many = Evaluation("payer", "qaly", ("usual", "new"), "usual", draws[:, :2] * [0.0, 10.0],
    ...                   draws[:, :2] * 0.0, parameters={"x": draws[:, 1], "z": draws[:, 2]})
    >>> {name: (value > 0, error > 0) for name, (value, error) in worth_of_each(many, 0.0).items()}
    {'x': (True, True), 'z': (False, False)}
    """
    gain = increments(evaluation.gain, evaluation.comparator_index)
    cost = increments(evaluation.cost, evaluation.comparator_index)
    perfect = float(evpi(evaluation, [wtp])["evpi"].item())
    worth = {}
    for name in evaluation.parameters:
        fit = Regression(points_of(evaluation, (name,)), gain, cost, evaluation.replicates).fit(wtp)
        value = 0.0 if fit is None else min(fit.value(), perfect)
        error = value_error(fit, evaluation.replicates)[0] if fit is not None and value > 0 else math.nan
        worth[name] = (value, error)
    return worth
