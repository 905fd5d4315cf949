"""The price at which a strategy is as good as the best of the others: linear in the price, so that no model is run."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from costeff.analysis.intervals import mean, monte_carlo_error
from costeff.analysis.net_benefit import increments
from costeff.analysis.ties import chances_of
from costeff.analysis.wtp import read_wtp
from costeff.errors import ResultError, ScenarioError

if TYPE_CHECKING:
    import pandas as pd

    from costeff.analysis.evaluation import EvaluationData

Floats = NDArray[np.float64]


def value_based_price(
    evaluation: EvaluationData, wtp: float, *, units: float | str, price: float | str = 0.0, strategy: str | None = None
) -> pd.DataFrame:
    """The price per unit at which `strategy` has the same expected net benefit as each other one, highest first.

    Each person uses `units` of it, discounted as costs are, and `price` is what the evaluation counts for one; either
    is a number or the name of a parameter. The cost is linear in the price, so that the price may be fixed in the
    draws: it is the price counted, plus the lead in net benefit for each unit. Only this strategy uses it.

    Columns: against, price, mcse, lead (the expected net benefit over the other one as counted). The last row's price
    is the value-based price, attrs["price"] with ["price_mcse"]: at most so much, and the strategy is the best of all.
    The error of the latter knows that near a tie another strategy may be the best of the others (see ties). Below 0
    the strategy is not worth having free of charge.

    Raises ScenarioError for units or a price that cannot be used, ResultError for an unknown strategy or parameter.

    >>> from costeff import Evaluation
    >>> cost, effect = [[0.0, 500.0, 900.0]] * 2, [[0.0, 0.05, 0.1]] * 2
    >>> one = Evaluation("payer", "qaly", ("usual", "cheap", "new"), "usual", cost, effect)
    >>> value_based_price(one, 20_000, units=4, price=100)[["against", "price"]].values.tolist()
    [['usual', 375.0], ['cheap', 250.0]]
    """
    import pandas as pd

    value = float(read_wtp(wtp, evaluation)[0][0])
    others = evaluation.alternatives
    strategy_name = strategy or (others[-1] if others else "")
    if strategy_name not in evaluation.strategies or not others:
        raise ResultError(
            "which strategy's price?",
            value=strategy or "none",
            rule=f"strategies: {', '.join(evaluation.strategies)}",
            way_out="name one of two strategies or more: strategy=, or --strategy in the shell",
        )
    units_by_draw, now = (
        _by_draw(evaluation, quantity, what) for quantity, what in ((units, "units of it"), (price, "price of a unit"))
    )
    if mean(units_by_draw) <= 0:
        raise ScenarioError(
            "nobody uses it, so that its price changes nothing",
            value=units,
            rule="more than 0 units for each person",
            way_out="give the mean number of units that a person uses, discounted",
        )
    at = evaluation.strategies.index(strategy_name)
    rest = [name for name in evaluation.strategies if name != strategy_name]
    # less that of the strategy, with the sign turned: its lead over each other one, without rounding dust
    lead = increments(evaluation.cost, at) - value * increments(evaluation.gain, at)
    free = lead + (units_by_draw * now)[:, None]
    prices = mean(free) / mean(units_by_draw)
    error = monte_carlo_error((free - prices * units_by_draw[:, None]) / mean(units_by_draw), evaluation.replicates)
    rows = {"against": rest, "price": prices, "mcse": error, "lead": mean(lead)}
    table = pd.DataFrame(rows).sort_values("price", ascending=False, kind="stable", ignore_index=True)
    best = float(prices.min())
    near = chances_of(-lead, evaluation.replicates)
    influence = (free @ near - best * units_by_draw) / mean(units_by_draw)
    table.attrs = {
        **evaluation.conventions(),
        "strategy": strategy_name,
        "wtp": value,
        "unit": evaluation.currency,
        "units": float(mean(units_by_draw)),
        "price_counted": float(mean(now)),
        "price": best,
        "price_mcse": float(monte_carlo_error(influence, evaluation.replicates)),
    }
    return table


def _by_draw(evaluation: EvaluationData, quantity: float | str, what: str) -> Floats:
    """A number or a parameter by draw, (draw,)."""
    if isinstance(quantity, str):
        if quantity not in evaluation.parameters:
            raise ResultError(
                f"the {what} are not in the draws" if what.startswith("units") else f"the {what} is not in the draws",
                value=quantity,
                rule=f"parameters: {', '.join(evaluation.parameters) or 'none'}",
                way_out="give a number, or the name of a parameter",
            )
        return evaluation.parameters[quantity]
    if not math.isfinite(quantity) or quantity < 0:
        raise ScenarioError(f"the {what} cannot be used", value=quantity, rule="a finite number, 0 or more")
    return np.full(evaluation.draws, float(quantity))
