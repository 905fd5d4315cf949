"""The decision before and after a trial, and what happens after the weeks that it saw. Sizes: D draws, G strategies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from costeff.analysis.evaluation import EvaluationData
from costeff.analysis.study import ResultData


@dataclass(frozen=True)
class Spread:
    """Mean and standard deviation over draws."""

    mean: float
    error: float


@dataclass(frozen=True)
class DecisionRow:
    """One perspective at the stated willingness to pay: differences, what is best, and how sure that is.

    `change` is what the posterior thinks the trial's change of the decision is worth, 0 where it stays.
    """

    perspective: str
    cost: tuple[Spread, Spread]
    effect: tuple[Spread, Spread]
    net: tuple[Spread, Spread]
    best: tuple[str, str]
    sure: tuple[float, float]
    change: float


@dataclass(frozen=True)
class Asked:
    """What knowing one parameter, or all, is worth for each citizen: before and after the trial."""

    name: str
    before: float
    after: float


@dataclass(frozen=True)
class TrialWorth:
    """What the trial was expected to be worth and what it was, per citizen, under one perspective."""

    perspective: str
    wtp: float
    promise: float
    promise_error: float
    decisions: tuple[DecisionRow, ...]
    perfect: Asked
    parameters: tuple[Asked, ...] = ()


@dataclass(frozen=True)
class View:
    """What one view of the time after the trial gives: extra cost and effect in the year seen, and after it.

    `is_own_year`: the year seen is the trial's own, else the model's as updated.
    """

    name: str
    seen_cost: Spread
    later_cost: Spread
    seen_effect: Spread
    later_effect: Spread
    year_one: np.ndarray = field(repr=False, compare=False, default_factory=lambda: np.zeros(0))
    is_own_year: bool = False

    @property
    def share_beyond(self) -> float:
        """Share of the extra cost that lies beyond the data, of the sizes of both parts."""
        return share_beyond(self.seen_cost.mean, self.later_cost.mean)

    @property
    def share_beyond_effect(self) -> float:
        """The same of the effect."""
        return share_beyond(self.seen_effect.mean, self.later_effect.mean)


def share_beyond(year_one: float, later: float) -> float:
    """Size of what comes later over the sizes of both; missing where both are 0.

    >>> share_beyond(-100.0, 300.0), share_beyond(1.0, 0.0)
    (0.75, 0.0)
    """
    whole = abs(year_one) + abs(later)
    return abs(later) / whole if whole else float("nan")


def decision(before: EvaluationData, after: EvaluationData, wtp: float) -> DecisionRow:
    """The decision under one perspective before and after, the last strategy against the comparator.

    >>> from costeff import Evaluation
    >>> cost = np.array([[0.0, 1.0], [0.0, 3.0]])
    >>> def of(shift):
    ...     return Evaluation("payer", "qaly", ("usual", "new"), "usual", cost - np.array([0, shift]), cost * 0)
    >>> row = decision(of(0.0), of(5.0), 0.0)
    >>> row.best, row.sure, row.change
    (('usual', 'new'), (1.0, 1.0), 3.0)
    """
    nets = [_net(one, wtp) for one in (before, after)]
    best = [int(np.argmax(net.mean(axis=0))) for net in nets]
    first, last = before.comparator_index, len(before.strategies) - 1
    sides = [(one.cost, one.effect * one.effect_sign, net) for one, net in zip((before, after), nets, strict=True)]
    differences = [[spread(x[:, last] - x[:, first]) for x in side] for side in sides]
    sure = [float((net.argmax(axis=1) == place).mean()) for net, place in zip(nets, best, strict=True)]
    after_net = nets[1].mean(axis=0)
    return DecisionRow(
        before.perspective,
        (differences[0][0], differences[1][0]),
        (differences[0][1], differences[1][1]),
        (differences[0][2], differences[1][2]),
        (before.strategies[best[0]], before.strategies[best[1]]),
        (sure[0], sure[1]),
        float(after_net[best[1]] - after_net[best[0]]),
    )


def _net(evaluation: EvaluationData, wtp: float) -> np.ndarray:
    return np.asarray(wtp * evaluation.effect_sign * evaluation.effect - evaluation.cost)


def spread(values: np.ndarray) -> Spread:
    """Mean and standard deviation of values (D,)."""
    return Spread(float(values.mean()), float(values.std(ddof=1)))


def view_of(name: str, result: ResultData, perspective: str, effect: str, effect_seen: str) -> View:
    """The extra cost of a perspective, undiscounted, in the first year and later; of the effect likewise.

    `effect_seen` is the effect of the model that counts the first year of `effect`; without one, nothing is said of it.
    """
    by_year = result.cost_by_year(perspective)
    extra = by_year[:, -1] - by_year[:, 0]
    whole = result.perspective(perspective, effect).effect
    extra_effect = whole[:, -1] - whole[:, 0]
    first = np.full(len(extra_effect), np.nan)
    if effect_seen:
        own = result.perspective(perspective, effect_seen).effect
        first = own[:, -1] - own[:, 0]
    return View(
        name,
        spread(extra[:, 0]),
        spread(extra[:, 1:].sum(axis=1)),
        spread(first),
        spread(extra_effect - first),
        by_year[:, :, 0],
    )


def columns_under(posterior: Mapping[str, np.ndarray], values: Mapping[str, float]) -> dict[str, np.ndarray]:
    """The posterior's draws with the parameters that a view sets, the same in every draw."""
    size = len(next(iter(posterior.values())))
    return {**posterior, **{name: np.full(size, float(value)) for name, value in values.items()}}
