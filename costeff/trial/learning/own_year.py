"""The year that the trial saw, in the place of the model's: the views of what comes after differ after it only."""

from __future__ import annotations

from dataclasses import replace

from costeff.trial.evaluation.evaluate import Interval, TrialEvaluation
from costeff.trial.evaluation.rounded import rounded
from costeff.trial.learning.worth import Spread, View

SCORED = "qaly"


def with_own_year(view: View, evaluation: TrialEvaluation, perspective: str) -> View:
    """The view with the trial's own adjusted differences of its weeks, and the model only after them.

    They are as they may leave, to the second digit of their error. A perspective that the plan does not evaluate keeps
    the model's year.

    >>> from costeff.trial.evaluation.evaluate import TrialEvaluation
    >>> nothing = View("lasts", Spread(1.0, 1.0), Spread(2.0, 1.0), Spread(0.1, 0.1), Spread(0.2, 0.1))
    >>> with_own_year(nothing, TrialEvaluation((), (), 0, False), "state").is_own_year
    False
    """
    pair = next((p for p in evaluation.pairs if p.perspective == perspective and p.effect_of == SCORED), None)
    if pair is None:
        return view
    return replace(view, seen_cost=_spread(pair.cost), seen_effect=_spread(pair.effect), is_own_year=True)


def _spread(one: Interval) -> Spread:
    return Spread(rounded(one.value, one.error), rounded(one.error, one.error))
