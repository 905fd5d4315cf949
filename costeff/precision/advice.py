"""The best split of a run into draws and individuals, from a pilot's variances and the measured costs.

With parameter variance a of the increment, individual variance s, and costs c per draw and k per individual, a run
of D draws with n individuals has a mean of variance (a + s / n) / D at a cost of D (c + k n), least for
n = sqrt(s c / (a k)) (O'Hagan, Stevenson and Madan 2007, section 5). What intervals, acceptability and EVPI need is
the parameter variance itself: its estimate has variance 2 ((a + s / n)^2 + (s / n)^2) / D for normal draws, least at
the root of k a^2 n^3 - 2 s (k s + c a) n - 4 c s^2.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from costeff.analysis.noise import noise
from costeff.errors import ResultError, ScenarioError

if TYPE_CHECKING:
    import pandas as pd

    from costeff.analysis.evaluation import EvaluationData


def best_individuals(
    parameter: float, individual: float, per_draw: float, per_individual: float, purpose: str = "mean"
) -> float:
    """Individuals per draw that give the least variance for the money; variances and costs in any one unit each.

    `purpose`: "mean", the increment; "spread", its parameter variance.

    >>> best_individuals(1.0, 100.0, 4.0, 1.0)
    20.0
    >>> round(best_individuals(1.0, 100.0, 4.0, 1.0, "spread"), 1)
    147.9
    """
    if purpose == "mean":
        return math.sqrt(individual * per_draw / (parameter * per_individual))
    roots = np.roots(
        [
            per_individual * parameter**2,
            0.0,
            -2 * individual * (per_individual * individual + per_draw * parameter),
            -4 * per_draw * individual**2,
        ]
    )
    return float(roots.real.max())  # one change of sign, so one root above 0


def split_advice(
    evaluation: EvaluationData,
    individuals: int,
    *,
    per_draw: float,
    per_individual: float,
    wtp: ArrayLike | None = None,
    budget: float | None = None,
    target_error: float | None = None,
) -> pd.DataFrame:
    """How to split a run into draws and individuals, by a pilot with `individuals` in each draw.

    On the incremental net benefit at `wtp` (one number), on the net cost without it; of several strategies the one
    whose increment varies most. `per_draw` and `per_individual` are costs in one unit (seconds), of which `budget` is
    an amount; `target_error` asks for the cheapest run with that Monte Carlo error instead; neither: the pilot's own
    cost.

    Rows: `purpose` "pilot" (its own split), "mean" (least error of the increment), "spread" (least error of its
    parameter variance, hence of intervals, acceptability and EVPI). Columns: individuals (even), individuals_low and
    _high (95 %, as far as the pilot's variances are uncertain), draws, cost, mcse (of the increment),
    spread_error (relative standard error of the parameter variance), mean_cost and spread_cost (cost for equal
    precision, the best split's being 1). The numbers behind them are in `attrs`. Raises ResultError without halves or
    when the pilot cannot tell parameter uncertainty from 0, ScenarioError for impossible costs.
    """
    import pandas as pd

    if not (per_draw > 0 and per_individual > 0) or (budget is not None and target_error is not None):
        raise ScenarioError(
            "advice needs the cost of a draw and of an individual, and a budget or a target error, not both",
            value=f"{per_draw:g}, {per_individual:g}, {budget}, {target_error}",
            rule="costs above 0",
        )
    if not all(value is None or value > 0 for value in (budget, target_error)):
        raise ScenarioError("a budget or a target error is above 0", value=f"{budget}, {target_error}")
    row = _widest(evaluation, wtp)
    parameter, error = float(row["parameter_variance"]), float(row["parameter_variance_mcse"])
    own = float(row["noise_variance"]) * individuals
    if not parameter > 0 or not own > 0:
        raise ResultError(
            "the pilot cannot tell parameter uncertainty from the luck of the individuals"
            if own > 0
            else "the pilot shows no luck of the individuals",
            value=f"parameter variance {parameter:.4g}, individual variance {own:.4g}",
            rule="the best split weighs one against the other",
            way_out="run a pilot with more draws or more individuals" if own > 0 else "few individuals will do",
        )
    outlay = budget if budget is not None else evaluation.draws * (per_draw + per_individual * individuals)
    unsure = _unsure(parameter, error, own / individuals, evaluation.draws)
    best = {
        purpose: _even(best_individuals(parameter, own, per_draw, per_individual, purpose))
        for purpose in ("mean", "spread")
    }

    def relative(n: int, purpose: str) -> float:
        each = [_variance(parameter, own / m, purpose) * (per_draw + per_individual * m) for m in (n, best[purpose])]
        return each[0] / each[1]

    rows = []
    for purpose, n in (("pilot", individuals), *best.items()):
        price = per_draw + per_individual * n
        one = _variance(parameter, own / n, "mean")
        draws = max(2, math.ceil(one / target_error**2) if target_error is not None else int(outlay / price))
        ends = [
            _even(best_individuals(parameter, own * stretch, per_draw, per_individual, purpose))
            for stretch in (math.exp(-1.96 * unsure), math.exp(1.96 * unsure))
        ]
        rows.append(
            {
                "purpose": purpose,
                "individuals": n,
                "individuals_low": n if purpose == "pilot" else ends[0],
                "individuals_high": n if purpose == "pilot" else ends[1],
                "draws": draws,
                "cost": draws * price,
                "mcse": math.sqrt(one / draws),
                "spread_error": math.sqrt(_variance(parameter, own / n, "spread") / draws) / parameter,
                "mean_cost": relative(n, "mean"),
                "spread_cost": relative(n, "spread"),
            }
        )
    table = pd.DataFrame(rows)
    table.attrs = {
        **evaluation.conventions(),
        "strategy": str(row["strategy"]),
        "quantity": str(row["quantity"]),
        "parameter_sd": math.sqrt(parameter),
        "individual_sd": math.sqrt(own),
        "per_draw": per_draw,
        "per_individual": per_individual,
    }
    if row["wtp"] == row["wtp"]:
        table.attrs["wtp"] = float(row["wtp"])
    return table


def _widest(evaluation: EvaluationData, wtp: ArrayLike | None) -> pd.Series:
    """The row of `noise` for the increment that varies most."""
    quantity = "incremental_cost" if wtp is None else "incremental_nmb"
    table = noise(evaluation, wtp)
    table = table[table["quantity"] == quantity].reset_index(drop=True)
    if table.empty or table["total_variance"].isna().any():
        raise ResultError("a pilot needs two strategies and two draws or more", value=evaluation.draws)
    return table.iloc[int(table["total_variance"].argmax())]


def _variance(parameter: float, luck: float, purpose: str) -> float:
    """Variance of the estimate from one draw: of the mean increment, or of its parameter variance."""
    return parameter + luck if purpose == "mean" else 2 * ((parameter + luck) ** 2 + luck**2)


def _unsure(parameter: float, error: float, luck: float, draws: int) -> float:
    """Standard error of log(individual / parameter variance), by the delta method.

    The parameter variance is total less noise, so that it moves against the noise variance, whose own relative
    variance is 2 / draws for normal luck.
    """
    own = 2 * luck**2 / draws
    return math.sqrt(error**2 / parameter**2 + own / luck**2 + 2 * own / (parameter * luck))


def _even(individuals: float) -> int:
    """The nearest even number from 2 on: a draw's individuals make two halves."""
    return max(2, 2 * round(individuals / 2))
