"""A strategy effect stated as one ratio on a first passage, spread over the legs so that it comes out.

Trials report one ratio on benefit-free return; the model has ratios on single legs. The same log ratio is put on every
parameter in `over` and solved for, in the base case with common random numbers, so that the implied ratio of cumulative
hazards at one year equals the stated one. Uncertainty is carried over in proportion on the log scale.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from costeff.analysis.psa import simulate_study
from costeff.analysis.study import StudyData
from costeff.errors import ScenarioError
from costeff.evidence import Changes, Setter
from costeff.model import Scenario

if TYPE_CHECKING:
    from costeff.analysis.study import ResultData, StudyData

INDIVIDUALS = 20_000
WIDEST = np.log(20.0)  # log ratio on a leg beyond which no answer is looked for
TOLERANCE = 1e-3  # of the implied log ratio


@dataclass(frozen=True)
class Spread:
    """What came out: the ratio put on each leg and the ratio that it implies in the base case."""

    leg_ratio: float
    implied: float
    slope: float


def implied_ratio(result: ResultData, passage: str, strategy: str) -> float:
    """Ratio of cumulative hazards -log(1 - share passed within a year), strategy against comparator, over all draws."""
    q = result.simulated.quantities
    row = [p.name for p in result.model.passages].index(passage)
    cycles = min(result.model.conventions.cycles_per_year, result.model.conventions.horizon)
    share = q.passages[:, :, :, row, :cycles].sum(axis=(0, 2, 3)) / (q.half_sizes.sum() * q.draws)
    pair = share[[result.strategies.index(strategy), result.strategies.index(result.model.comparator)]]
    if not np.all((pair > 0) & (pair < 1)):
        raise ScenarioError(
            f"nobody or everybody passes '{passage}' within a year, so no ratio is implied", value=pair.tolist()
        )
    return float(np.log1p(-pair[0]) / np.log1p(-pair[1]))


def spread_implied(study: StudyData, scenario: Scenario) -> tuple[StudyData, Spread]:
    """The study with the parameters in `scenario.implied.over` set so that the stated ratio is implied.

    Raises ScenarioError when no ratio on the legs within 1/20 to 20 gives it.
    """
    ratio = scenario.implied
    assert ratio is not None
    study.model.find("passages", ratio.passage)
    for name in ratio.over:
        if name not in study.evidence.parameters:
            raise ScenarioError(
                "unknown parameter under `over`",
                where=scenario.file or None,
                value=name,
                rule="names of ratios on legs",
                way_out="see `costeff describe`",
            )
    strategy = next(s for s in study.model.strategy_names if s != study.model.comparator)
    goal = float(np.log(ratio.value))

    def gap(x: float) -> float:
        # Ratios tried on the way are nobody's figures, so nobody is asked whether they are meant.
        values = study.evidence.base() | dict.fromkeys(ratio.over, float(np.exp(x)))
        draws = {name: np.array([value]) for name, value in values.items()}
        result = simulate_study(study, draws, INDIVIDUALS, study.seed, None, None, False, "base")
        return float(np.log(implied_ratio(result, ratio.passage, strategy))) - goal

    leg = _solve(gap, ratio.value, scenario)
    step = 0.1 if abs(leg) < 0.1 else leg
    slope = (gap(leg) - gap(leg - step)) / step if step else 1.0
    spread = Spread(float(np.exp(leg)), float(np.exp(gap(leg) + goal)), slope)
    changes: dict[str, object] = {}
    for name in ratio.over:
        entry: dict[str, object] = {
            "value": float(np.exp(leg)),
            "centre": "median",
            "unit": study.evidence.parameters[name].unit,
            "kind": ratio.kind or ("derived" if ratio.source else "assumption"),
            "note": "; ".join(
                [
                    *([ratio.note] if ratio.note else []),
                    f"spread from a ratio of {ratio.value:g} on {ratio.passage}; slope {slope:.3f} on the log scale",
                ]
            ),
        }
        if ratio.interval is not None:
            width = np.log(ratio.interval[1] / ratio.interval[0]) / 2 / slope
            entry |= {"distribution": "lognormal", "interval": [float(np.exp(leg - width)), float(np.exp(leg + width))]}
        if ratio.source:
            entry["source"] = ratio.source
        changes[name] = entry
    figures = Changes(changes, Setter("scenario", scenario.name), ratio.place)
    return StudyData(study.model, study.evidence.override(figures), scenario), spread


def _solve(gap: Callable[[float], float], value: float, scenario: Scenario) -> float:
    from scipy.optimize import brentq

    low, high = -WIDEST, WIDEST
    if gap(low) * gap(high) > 0:
        raise ScenarioError(
            "no ratio on the legs implies the stated ratio",
            where=scenario.file or None,
            value=value,
            rule="the legs under `over` must be able to produce it with ratios from 1/20 to 20",
            way_out="name more legs under `over`, or a less extreme value",
        )
    return float(brentq(gap, low, high, xtol=TOLERANCE, maxiter=40))
