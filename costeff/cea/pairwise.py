"""Every strategy against the comparator: increments with intervals, which a fully incremental table leaves out.

In the fully incremental table a strategy stands against its neighbour on the frontier, and the reference against none;
what a reader asks first is what each strategy costs and gives more than the comparator.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costeff.analysis.apart import check_apart
from costeff.analysis.intervals import interval, mean, monte_carlo_error
from costeff.analysis.keep import keep
from costeff.analysis.noise import corrected_nmb
from costeff.analysis.wtp import read_wtp
from costeff.cea.icer import icer_table

if TYPE_CHECKING:
    import pandas as pd

    from costeff.analysis.evaluation import EvaluationData

Floats = NDArray[np.float64]
_known: WeakKeyDictionary[EvaluationData, dict[tuple[float, ...], pd.DataFrame]] = WeakKeyDictionary()
"""Tables by evaluation, and by willingness to pay and level: text, report and files show the same."""


def pairwise(evaluation: EvaluationData, wtp: ArrayLike | None = None, level: float = 0.95) -> pd.DataFrame:
    """One row per strategy beside the comparator: its increments against the comparator, with intervals over draws.

    Parameters
    ----------
    evaluation : Evaluation
        Cost and effect over (draw, strategy), in currency and in units of effect, per individual.
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
        costeff.analysis.settled; None for one draw without an error). With `wtp`, `nmb_at_W`, its error and interval,
        and `probability_at_W`: how often the strategy has the higher net benefit of the two. `_luck_removed` of each:
        its interval and probability are those of the parameters alone, the luck of the simulated individuals removed;
        False where that was not measured, or is as large as the whole spread, which is then shown as drawn.

    Raises
    ------
    ScenarioError
        For a level or a willingness to pay out of range.

    Examples
    --------
    >>> from costeff import Evaluation
    >>> two = Evaluation("payer", "qaly", ("usual", "new"), "usual",
    ...                  cost=[[100.0, 150.0], [120.0, 150.0]] * 3, effect=[[1.0, 1.5], [1.0, 1.5]] * 3)
    >>> row = pairwise(two, 100).iloc[0]
    >>> [float(row[f"incremental_cost{end}"]) for end in ("", "_lower", "_upper")], float(row["nmb_at_100"])
    ([40.0, 30.0, 50.0], 10.0)
    """
    import pandas as pd

    check_apart(evaluation, "a comparison of costs and effects")
    values = [] if wtp is None else read_wtp(wtp, evaluation)[0].tolist()
    tables, key = _known.setdefault(evaluation, {}), (*values, level)
    if key not in tables:
        rows = [_row(evaluation, name, values, level) for name in evaluation.alternatives]
        tables[key] = pd.DataFrame(rows, columns=_columns(values))
    table = tables[key].copy()
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
    ends = ("", "_mcse", "_lower", "_upper", "_luck_removed")
    names = ["strategy", "comparator", *(f"incremental_{key}{end}" for key in ("cost", "effect") for end in ends)]
    names += ["probability_cheaper", "probability_better", "icer", "quadrant", "settled"]
    for value in wtp:
        at = wtp_name(value)
        names += [*(f"nmb_at_{at}{end}" for end in ends), f"probability_at_{at}"]
    return names


def _row(evaluation: EvaluationData, name: str, wtp: list[float], level: float) -> dict[str, object]:
    two = keep(evaluation, evaluation.comparator, name)
    pair = {row["strategy"]: row for row in icer_table(two).to_dict("records")}
    # the comparator's row has the increments where the strategy is the reference of the two: their sign turns
    sign = -1 if pair[name]["against"] == "" else 1
    source = pair[name if sign == 1 else evaluation.comparator]
    nothing = np.zeros_like(two.cost)
    halves = None if two.cost_half is None else np.zeros_like(two.cost_half)
    free = replace(two, cost=nothing, cost_half=halves)  # its net benefit at 1 is the gain
    cost, cost_removed = _net(two, 0.0)
    gain, gain_removed = _net(free, 1.0)
    row: dict[str, object] = {"strategy": name, "comparator": evaluation.comparator}
    for key, increments, luck_removed in (
        ("cost", -cost, cost_removed),
        ("effect", two.effect_sign * gain, gain_removed),
    ):
        lower, upper = interval(increments, level)
        row |= {
            f"incremental_{key}": sign * float(source[f"incremental_{key}"]),
            f"incremental_{key}_mcse": float(source[f"incremental_{key}_mcse"]),
            f"incremental_{key}_lower": float(lower),
            f"incremental_{key}_upper": float(upper),
            f"incremental_{key}_luck_removed": luck_removed,
        }
    for key, true in (("cheaper", cost > 0), ("better", gain > 0)):
        row[f"probability_{key}"] = float(true.mean()) if two.draws > 1 else math.nan
    row |= {"icer": pair[name]["icer"], "quadrant": pair[name]["quadrant"], "settled": source["settled"]}
    for value in wtp:
        row |= _at(two, value, level)
    return row


def _at(two: EvaluationData, wtp: float, level: float) -> dict[str, object]:
    """Net benefit of the second strategy above the comparator's at one willingness to pay."""
    raw = wtp * (two.gain[:, 1] - two.gain[:, 0]) - (two.cost[:, 1] - two.cost[:, 0])
    benefits, luck_removed = _net(two, wtp)
    lower, upper = interval(benefits, level)
    name = wtp_name(wtp)
    return {
        f"nmb_at_{name}": float(mean(raw)),
        f"nmb_at_{name}_mcse": float(monte_carlo_error(raw, two.replicates)),
        f"nmb_at_{name}_lower": float(lower),
        f"nmb_at_{name}_upper": float(upper),
        f"nmb_at_{name}_luck_removed": luck_removed,
        f"probability_at_{name}": float(((benefits > 0) + 0.5 * (benefits == 0)).mean()),  # ties share, as in `ceac`
    }


def _net(two: EvaluationData, wtp: float) -> tuple[Floats, bool]:
    """(draw,): net benefit of the second strategy less the comparator's, and whether the luck is taken out of it.

    Luck that is as large as the whole spread leaves nothing to show; then the draws stay as they are.
    """
    raw = wtp * (two.gain[:, 1] - two.gain[:, 0]) - (two.cost[:, 1] - two.cost[:, 0])
    if two.cost_half is None or two.draws < 2:
        return raw, False
    clean_benefit, excess_noise = corrected_nmb(two, wtp)
    return (raw, False) if excess_noise else (clean_benefit[:, 1], True)
