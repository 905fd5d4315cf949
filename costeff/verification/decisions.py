"""Checks of decisions: tables and curves worked out anew from costs and effects by draw (TECH-VER, results)."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from costeff.analysis.evaluation import EvaluationData
from costeff.analysis.net_benefit import nmb
from costeff.cea.acceptability import ceac
from costeff.cea.icer import icer_table
from costeff.verification.subject import Subject
from costeff.verification.verdict import DIGITS, Verdict, check, of_equal, of_limits, without
from costeff.voi.evpi import evpi

VALUES = (0.0, 1e3, 1e5, 1e7)


def _evaluation(subject: Subject) -> EvaluationData | None:
    model = subject.model
    if len(model.strategies) < 2 or not model.perspectives or not model.effects:
        return None
    evaluation: EvaluationData = subject.result.perspective()
    return evaluation


def _net(evaluation: EvaluationData, value: float) -> np.ndarray:
    return np.asarray(value * evaluation.effect_sign * evaluation.effect - evaluation.cost)


@check("net_benefit_by_hand", "decisions", "40")
def net_benefit_by_hand(subject: Subject) -> Verdict:
    """Net benefit from costs and effects."""
    evaluation = _evaluation(subject)
    if evaluation is None:
        return without("no_decision")
    actual = np.stack([np.asarray(nmb(evaluation, value)) for value in VALUES])
    expected = np.stack([_net(evaluation, value) for value in VALUES])
    return of_equal(actual.reshape(expected.shape), expected)


@check("icer_by_hand", "decisions", "40, 42")
def icer_by_hand(subject: Subject) -> Verdict:
    """The ratio of extra cost to extra effect of each efficient strategy over the one before it."""
    evaluation = _evaluation(subject)
    if evaluation is None:
        return without("no_decision")
    table = icer_table(evaluation)
    rows = table[table["status"] == "efficient"].reset_index(drop=True)
    cost = dict(zip(evaluation.strategies, evaluation.cost.mean(axis=0), strict=True))
    effect = dict(zip(evaluation.strategies, evaluation.effect_sign * evaluation.effect.mean(axis=0), strict=True))
    names = sorted(rows["strategy"], key=lambda n: effect[n])
    pairs = [(a, b) for a, b in pairwise(names) if effect[a] != effect[b]]
    if not pairs:
        return without("one_efficient")
    icers = dict(zip(rows["strategy"], rows["icer"], strict=True))
    expected = np.array([(cost[b] - cost[a]) / (effect[b] - effect[a]) for a, b in pairs])
    return of_equal(np.array([icers[b] for _, b in pairs], float), expected, 1e-6)


@check("ratios_rise_along_the_frontier", "decisions", "43")
def ratios_rise_along_the_frontier(subject: Subject) -> Verdict:
    """Among efficient strategies in the order of their effects."""
    evaluation = _evaluation(subject)
    if evaluation is None:
        return without("no_decision")
    table = icer_table(evaluation)
    icers = np.array(table.loc[table["status"] == "efficient"].sort_values("incremental_cost")["icer"], float)
    rising = np.diff(icers[np.isfinite(icers)])
    return of_limits(rising, 0, np.inf) if len(rising) else without("one_efficient")


@check("probabilities_sum_to_one", "decisions", "71")
def probabilities_sum_to_one(subject: Subject) -> Verdict:
    """Probabilities of being best at each value."""
    evaluation = _evaluation(subject)
    if evaluation is None:
        return without("no_decision")
    return of_equal(ceac(evaluation, VALUES)["probability"].sum("strategy"), 1.0)


@check("information_is_worth_no_less_than_nothing", "decisions", "78, 79")
def information_is_worth_no_less_than_nothing(subject: Subject) -> Verdict:
    """The value of perfect information by hand: the mean of each draw's best less the best mean."""
    evaluation = _evaluation(subject)
    if evaluation is None:
        return without("no_decision")
    expected, scale = [], 1.0
    for value in VALUES:
        net = _net(evaluation, value)
        scale = max(scale, float(np.abs(net).max()))
        expected.append(net.max(axis=1).mean() - net.mean(axis=0).max())
    actual = np.asarray(evpi(evaluation, VALUES)["evpi"])
    if np.abs(actual - np.array(expected)).max() <= DIGITS * scale:  # differences of large numbers: by their scale
        return of_limits(actual + DIGITS * scale, 0, np.inf)
    return of_equal(actual, expected)
