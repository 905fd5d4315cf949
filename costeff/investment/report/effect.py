"""A case at other strengths of its effect: low, central, high and none, and how much of the effect it takes to pay.

"No effect" is a run in which the programme changes nobody's life: `CaseResult.without_effect`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np

from costeff.analysis.intervals import interval, monte_carlo_error
from costeff.analysis.settled import replicates_of, settled
from costeff.investment import measures
from costeff.investment.report.content import Payer, ScenarioRow, Spread
from costeff.labels import worded

if TYPE_CHECKING:
    import pandas as pd

    from costeff.investment import CashFlow
    from costeff.investment.result import CaseResultData


EFFECTS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5)
COSTS = (0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0)

#: Ends (effect, cost) of the line on the heat map along which the expected present value is 0; empty: off the map.
Ends = tuple[tuple[float, float], ...]


def spread(values: np.ndarray, replicates: int | None) -> Spread:
    """Mean, Monte Carlo error, 80 % interval and share above 0 of (D,) values, drawn in so many designs.

    The interval is `analysis.intervals.interval`, the one rule for quantiles of amounts on every page.
    """
    lo, hi = interval(values, 0.8)
    gains = float((values > 0).mean()) if len(values) > 1 else float("nan")
    mean, error = float(values.mean()), float(monte_carlo_error(values, replicates))
    return Spread(
        mean, error, float(lo), float(hi), gains, settled(mean, error, replicates_of(len(values), replicates))
    )


def scenarios(result: CaseResultData, payers: Sequence[Payer], decider: str, public: str) -> list[ScenarioRow]:
    """Low, central and high of each payer's own draws, as page 1 has them, and the expected value without effect."""
    payer_pair = [next(p for p in payers if p.name == name) for name in (decider, public or decider)]
    own, wide = (p.npv for p in payer_pair)
    idle = result.without_effect()
    first, second = (float(measures.npv(idle, p.parties).mean()) for p in payer_pair)
    rows = [("low", own.lo, wide.lo), ("central", own.mean, wide.mean), ("high", own.hi, wide.hi)]
    if result.draws < 2:
        rows = rows[1:2]
    rows.append(("no_effect", first, second))
    return [ScenarioRow(worded(key), mine, all_) for key, mine, all_ in rows]


def effect_and_cost(
    cash: CashFlow, without: CashFlow, parties: Collection[str]
) -> tuple[pd.DataFrame, pd.DataFrame, float, Ends]:
    """Present value by share of the effect's consequences, the same by the programme's cost as well, the smallest
    share that pays (0 when none is needed; infinity when none does), and the line of break-even on the map.

    `without` is the case without effect. Between it and the case the consequences are scaled alike, so that no
    simulation is needed; a weaker effect simulated (`investment.invest.smallest_effect`) need not scale them alike.
    """
    import pandas as pd

    none = measures.npv(without, parties)
    gain = measures.npv(cash, parties) - none
    cost = float(measures.programme_cost(cash, parties).mean())
    curve = []
    for effect in EFFECTS:
        npv = spread(none + effect * gain, cash.replicates)
        curve.append({"effect": effect, "npv": npv.mean, "lo": npv.lo, "hi": npv.hi})
    start, mean_gain = float(none.mean()), float(gain.mean())
    heat = [
        {"effect": effect, "cost": factor, "npv": start + effect * mean_gain - (factor - 1) * cost}
        for factor in COSTS
        for effect in EFFECTS
    ]
    smallest = 0.0 if start >= 0 else -start / mean_gain if mean_gain > 0 else float("inf")
    return pd.DataFrame(curve), pd.DataFrame(heat), smallest, _zero_line(start, mean_gain, cost)


def _zero_line(start: float, mean_gain: float, cost: float) -> Ends:
    """Where start + effect x mean_gain = (factor - 1) x cost crosses the map, whose cells reach half a step beyond.

    >>> _zero_line(-1.0, 2.0, 1.0)
    ((0.1875, 0.375), (1.0625, 2.125))
    >>> _zero_line(-10.0, 2.0, 1.0)
    ()
    """
    if cost <= 0:
        return ()
    half = (EFFECTS[1] - EFFECTS[0]) / 2
    low, high = (COSTS[0] - half, COSTS[-1] + half)
    at = np.linspace(0.0, EFFECTS[-1] + half, 2)
    if mean_gain != 0:  # the shares at which the line meets the lower and the upper edge
        meets = [((edge - 1) * cost - start) / mean_gain for edge in (low, high)]
        at = np.clip(np.sort(meets), *at)
    line = 1 + (start + at * mean_gain) / cost
    if at[0] == at[-1] or line.min() < low - 1e-9 or line.max() > high + 1e-9:
        return ()
    return tuple((float(x), float(y)) for x, y in zip(at, line, strict=True))
