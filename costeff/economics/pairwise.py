"""Every strategy against the comparator: increments with intervals, which a fully incremental table leaves out.

In the fully incremental table a strategy stands against its neighbour on the frontier, and the reference against none;
what a reader asks first is what each strategy costs and gives more than the comparator.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costeff.economics.icer import icer_table
from costeff.economics.intervals import interval, mean, monte_carlo_error
from costeff.economics.keep import keep
from costeff.economics.noise import corrected_nmb
from costeff.economics.wtp import read_wtp

if TYPE_CHECKING:
    import pandas as pd

    from costeff.economics.evaluation import Evaluation

Floats = NDArray[np.float64]


def pairwise(evaluation: Evaluation, wtp: ArrayLike | None = None, level: float = 0.95) -> pd.DataFrame:
    """One row per strategy beside the comparator: its increments against the comparator, with intervals over draws.

    Parameters
    ----------
    evaluation : Evaluation
    wtp : number or row of numbers, optional
        Willingness to pay at which the increment of net benefit is shown too, in columns that name it.
    level : float
        Of the intervals.

    Returns
    -------
    DataFrame
        `strategy`, `comparator`; `incremental_cost` and `incremental_effect` (as counted), each with its Monte Carlo
        error (`_mcse`) and percentile interval over draws (`_lower`, `_upper`; NaN with one draw);
        `probability_cheaper` and `probability_better`, the share of draws with a lower cost and with a better effect;
        `icer` and `quadrant` of the two alone. The ratio is given where `icer_table` of the two gives one, so not where
        one dominates or luck could explain the increments; `settled` says whether the signs of both are settled (see
        costeff.economics.settled; None for one draw without an error). With `wtp`, `nmb_at_W`, its error and interval,
        and `probability_at_W`: how often the strategy has the higher net benefit of the two. `luck_removed`: intervals
        and probabilities are those of the parameters
        alone, the luck of the simulated individuals removed; False where it was not measured.

    Raises
    ------
    ScenarioError
        For a level or a willingness to pay out of range.

    Examples
    --------
    >>> from costeff.economics.evaluation import Evaluation
    >>> two = Evaluation("payer", "qaly", ("usual", "new"), "usual",
    ...                  cost=[[100.0, 150.0], [120.0, 150.0]] * 3, effect=[[1.0, 1.5], [1.0, 1.5]] * 3)
    >>> row = pairwise(two, 100).iloc[0]
    >>> [float(row[f"incremental_cost{end}"]) for end in ("", "_lower", "_upper")], float(row["nmb_at_100"])
    ([40.0, 30.0, 50.0], 10.0)
    """
    import pandas as pd

    values = [] if wtp is None else read_wtp(wtp)[0].tolist()
    corrected = evaluation.cost_half is not None and evaluation.draws > 1
    rows = [_row(evaluation, name, values, level, corrected) for name in evaluation.alternatives]
    table = pd.DataFrame(rows, columns=_columns(values))
    table.attrs = {**evaluation.conventions(), "level": level}
    return table


def wtp_name(value: float) -> str:
    """A willingness to pay in the name of a column.

    >>> wtp_name(20_000.0), wtp_name(0.5)
    ('20000', '0.5')
    """
    return f"{value:.15g}"


def _columns(wtp: list[float]) -> list[str]:
    """Columns of the table, the same for any number of strategies."""
    ends = ("", "_mcse", "_lower", "_upper")
    names = [
        "strategy",
        "comparator",
        *(f"incremental_{key}{end}" for key in ("cost", "effect") for end in ends),
    ]
    names += ["probability_cheaper", "probability_better", "icer", "quadrant", "settled"]
    for value in wtp:
        at = wtp_name(value)
        names += [*(f"nmb_at_{at}{end}" for end in ends), f"probability_at_{at}"]
    return [*names, "luck_removed"]


def _row(
    evaluation: Evaluation, name: str, wtp: list[float], level: float, corrected: bool
) -> dict[str, object]:
    two = keep(evaluation, evaluation.comparator, name)
    pair = {row["strategy"]: row for row in icer_table(two).to_dict("records")}
    # the comparator's row has the increments where the strategy is the reference of the two: their sign turns
    turned = -1 if pair[name]["against"] == "" else 1
    source = pair[name if turned == 1 else evaluation.comparator]
    spread = {"cost": _spread(two, "cost", corrected), "effect": _spread(two, "effect", corrected)}
    row: dict[str, object] = {"strategy": name, "comparator": evaluation.comparator}
    for key, drawn in spread.items():
        lower, upper = interval(drawn, level)
        row |= {
            f"incremental_{key}": turned * float(source[f"incremental_{key}"]),
            f"incremental_{key}_mcse": float(source[f"incremental_{key}_mcse"]),
            f"incremental_{key}_lower": float(lower), f"incremental_{key}_upper": float(upper),
        }  # fmt: skip
    chances = {"cheaper": spread["cost"] < 0, "better": evaluation.effect_sign * spread["effect"] > 0}
    for key, true in chances.items():
        row[f"probability_{key}"] = float(true.mean()) if evaluation.draws > 1 else math.nan
    row |= {"icer": pair[name]["icer"], "quadrant": pair[name]["quadrant"], "settled": source["settled"]}
    for value in wtp:
        row |= _at(two, value, level, corrected)
    return row | {"luck_removed": corrected}


def _at(two: Evaluation, wtp: float, level: float, corrected: bool) -> dict[str, object]:
    """Net benefit of the second strategy above the comparator's at one willingness to pay."""
    raw = wtp * (two.gain[:, 1] - two.gain[:, 0]) - (two.cost[:, 1] - two.cost[:, 0])
    drawn = corrected_nmb(two, wtp)[0][:, 1] if corrected else raw
    lower, upper = interval(drawn, level)
    better = float(((drawn > 0) + 0.5 * (drawn == 0)).mean())  # ties share equally, as in `ceac`
    name = wtp_name(wtp)
    return {
        f"nmb_at_{name}": float(mean(raw)), f"nmb_at_{name}_mcse": float(monte_carlo_error(raw, two.replicates)),
        f"nmb_at_{name}_lower": float(lower), f"nmb_at_{name}_upper": float(upper), f"probability_at_{name}": better,
    }  # fmt: skip


def _spread(two: Evaluation, key: str, corrected: bool) -> Floats:
    """(draw,): the increment of the second strategy, the luck of individuals removed where it was measured."""
    if not corrected:
        drawn: Floats = getattr(two, key)
        return drawn[:, 1] - drawn[:, 0]
    if key == "cost":
        return -corrected_nmb(two, 0.0)[0][:, 1]
    nothing = np.zeros_like(two.cost)
    free = replace(two, cost=nothing, cost_half=np.zeros((two.draws, 2, 2)))
    return two.effect_sign * corrected_nmb(free, 1.0)[0][:, 1]
