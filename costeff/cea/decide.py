"""The decision of one perspective under its own rule: which strategy, where that turns, how surely, and the loss."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from costeff.analysis.intervals import mean
from costeff.cea.acceptability import ceac
from costeff.cea.decision_matrix import decision_matrix
from costeff.cea.loss import expected_loss

if TYPE_CHECKING:
    from costeff.analysis.evaluation import EvaluationData

NET_COST, NET_BENEFIT = "net_cost", "net_benefit"
RULES = (NET_COST, NET_BENEFIT)
"""Net cost puts no value on health; net benefit values an effect over a stated range."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Stretch:
    """Values of willingness to pay, `low` to `high`, over which one strategy has the highest expected net benefit.

    Pairs are those at the lowest and the highest value looked at within it. Money is per individual.
    """

    low: float
    high: float
    strategy: str
    rival: str | None
    """The best of the others where the lead is least; None of one strategy."""
    lead: tuple[float, float]
    """Expected net benefit of the strategy less that of the next best."""
    lead_mcse: tuple[float, float]
    probability: tuple[float, float]
    """That the strategy is the best in a draw; NaN with one draw."""
    loss: tuple[float, float]
    """Expected loss of the strategy; NaN with one draw."""
    rival_loss: tuple[float, float]
    settled: bool | None
    """Whether more draws are unlikely to turn the choice, but for values near a turn; None where that is not known."""


@dataclass(frozen=True)
class Decision:
    """What a perspective would choose under `rule`, by stretches of willingness to pay; of net cost one, at 0."""

    perspective: str
    rule: str
    comparator: str
    draws: int
    noise_removed: bool
    stretches: tuple[Stretch, ...]

    @property
    def turns(self) -> tuple[float, ...]:
        """Values of willingness to pay at which another strategy becomes the best."""
        return tuple(stretch.low for stretch in self.stretches[1:])

    @property
    def strategies(self) -> tuple[str, ...]:
        """Those that are chosen somewhere, from the lowest value up."""
        return tuple(stretch.strategy for stretch in self.stretches)


def decide(evaluation: EvaluationData, rule: str, grid: Sequence[float] | Floats) -> Decision:
    """The decision of an evaluation under a rule.

    Probabilities and losses are those of the parameters alone where halves of the individuals tell their luck. They
    are those of acceptability curves and expected loss on the same grid: nothing is computed twice.

    Parameters
    ----------
    evaluation : Evaluation
        Cost and effect over (draw, strategy), per individual.
    rule : str
        `net_cost`, where only the costs at a willingness to pay of 0 count, or `net_benefit`.
    grid : sequence of float
        Rising values of willingness to pay, (wtp,), that curves are drawn at. Net cost reads the value at 0.

    Returns
    -------
    Decision

    Examples
    --------
    >>> from costeff import Evaluation
    >>> two = Evaluation("payer", "qaly", ("usual", "new"), "usual",
    ...                  cost=[[0.0, 100.0], [0.0, 100.0]], effect=[[0.0, 1.0], [0.0, 0.2]])
    >>> decide(two, "net_cost", [0, 500]).strategies
    ('usual',)
    >>> found = decide(two, "net_benefit", [0, 100, 200, 300])
    >>> found.strategies, [round(turn, 2) for turn in found.turns], found.stretches[1].probability
    (('usual', 'new'), [166.67], (0.5, 0.5))
    """
    values = np.asarray(grid, float)
    if rule == NET_COST and 0.0 not in values:
        values = np.array([0.0])
    shares, losses = ceac(evaluation, values), expected_loss(evaluation, values)
    noise_removed = "probability_noise_corrected" in shares
    end = "_noise_corrected" if noise_removed else ""
    probability, loss = shares[f"probability{end}"].values, losses[f"expected_loss{end}"].values
    if evaluation.draws < 2:
        probability, loss = np.full_like(probability, np.nan), np.full_like(loss, np.nan)
    if rule == NET_COST:
        at = np.flatnonzero(values == 0.0)[:1]
        values, probability, loss = values[at], probability[at], loss[at]
    best = decision_matrix([evaluation], values[[0, -1]]) if len(values) > 1 else decision_matrix([evaluation], values)
    preferred = _preferred(evaluation, values)
    edges = [0, *(np.flatnonzero(preferred[1:] != preferred[:-1]) + 1).tolist(), len(values)]
    stretches = []
    for first, after in itertools.pairwise(edges):
        last, own = after - 1, int(preferred[first])
        low = values[0] if first == 0 else _turn(evaluation, int(preferred[first - 1]), own, values[first - 1 : after])
        high = values[-1] if after == len(values) else _turn(evaluation, own, int(preferred[after]), values[last:])
        whole = first == 0 and after == len(values)
        at_ends = best if whole else decision_matrix([evaluation], values[[first, last]])
        leads, errors = (_pair(at_ends[name].values[0]) for name in ("lead", "lead_mcse"))
        rival = _rival(evaluation, own, float(values[first if leads[0] <= leads[1] else last]))
        stretches.append(
            Stretch(
                low=float(low),
                high=float(high),
                strategy=evaluation.strategies[own],
                rival=None if rival is None else evaluation.strategies[rival],
                lead=leads,
                lead_mcse=errors,
                probability=_pair(probability[[first, last], own]),
                loss=_pair(loss[[first, last], own]),
                rival_loss=_pair(loss[[first, last], own if rival is None else rival]),
                settled=_settled(at_ends, evaluation, first == 0, after == len(values)),
            )
        )
    return Decision(
        evaluation.perspective, rule, evaluation.comparator, evaluation.draws, noise_removed, tuple(stretches)
    )


def _preferred(evaluation: EvaluationData, values: Floats) -> NDArray[np.intp]:
    from costeff.analysis.curves import optimal

    return optimal(evaluation, values)[0]


def _pair(ends: Floats) -> tuple[float, float]:
    return float(ends[0]), float(ends[-1])


def _turn(evaluation: EvaluationData, before: int, after: int, around: Floats) -> float:
    """Where the expected net benefits of two strategies are equal; kept between the two values around it."""
    gain, cost = mean(evaluation.gain), mean(evaluation.cost)
    step = gain[after] - gain[before]
    turn = (cost[after] - cost[before]) / step if step else around[0]
    return float(np.clip(turn, around[0], around[1] if len(around) > 1 else around[0]))


def _rival(evaluation: EvaluationData, own: int, wtp: float) -> int | None:
    """The best of the other strategies at a willingness to pay."""
    benefit = wtp * mean(evaluation.gain) - mean(evaluation.cost)
    others = [s for s in range(len(benefit)) if s != own]
    return max(others, key=lambda s: benefit[s]) if others else None


def _settled(at_ends: object, evaluation: EvaluationData, from_start: bool, to_end: bool) -> bool | None:
    """Whether the choice is settled at the ends that are no turn: a lead less some errors is concave in between."""
    from costeff.analysis.settled import replicates_behind

    if not replicates_behind(evaluation) or len(evaluation.strategies) < 2:
        return None
    flags = at_ends["settled"].values[0].astype(bool)  # type: ignore[index]
    ends = [flag for flag, free in zip((flags[0], flags[-1]), (from_start, to_end), strict=True) if free]
    return bool(all(ends)) if ends else bool(flags.any())
