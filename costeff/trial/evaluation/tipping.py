"""What the result would be if answers are missing for what they would have been: by a reference, and by a shift.

By the reference whoever did not answer in the programme's group is imputed as if in the other one (jump to reference).
By a shift every imputed value of the programme's group is moved by the same amount; the tipping point is the shift at
which the difference, or the end of its interval, is 0. Sizes: N people, M imputations.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from costeff.trial.evaluation.imputation import IMPUTATIONS, areas, imputed, pooled
from costeff.trial.evaluation.person_values import EffectValues, PersonValues
from costeff.trial.evaluation.regression import GROUP, least_squares

LEVEL = 1.959963984540054


@dataclass(frozen=True)
class MissingAnswers:
    """Differences with their errors: at random, by the reference; shares missing by group; shifts that tip the result.

    `tips_at` moves the difference to 0, `tips_interval_at` the nearer end of its interval; missing where no imputed
    value is in the programme's group.
    """

    effect_name: str
    at_random: tuple[float, float]
    by_reference: tuple[float, float]
    missing: tuple[float, float]
    tips_at: float
    tips_interval_at: float


def missing_answers(
    own: PersonValues, effect: EffectValues, luck: np.random.Generator, smallest: int
) -> MissingAnswers:
    """Both, of the people in the register whose covariates are known. `effect` has scores to impute from.

    A share of fewer than `smallest` people without answers is not told, NaN.
    """
    assert effect.scores is not None
    observed = ~np.isnan(np.column_stack([own.covariates, own.register])).any(axis=1)
    group, covariates = own.in_programme[observed], own.covariates[observed]
    auxiliary = np.column_stack([own.register[observed], covariates])
    scores, value = effect.scores[:, observed], effect.value[observed]
    is_missing = np.isnan(value)
    fits: dict[bool, list[tuple[float, float]]] = {False: [], True: []}
    pull = []
    for by_reference, rows in fits.items():
        for _ in range(IMPUTATIONS):
            full = imputed(scores, auxiliary, group, luck, by_reference=by_reference)
            years = np.where(is_missing, areas(full, effect.weeks, effect.until), value)
            design = np.column_stack([np.ones(len(group)), group, covariates, full[0]])
            fit = least_squares(design, years)
            rows.append((fit.difference, fit.error))
            pull.append(least_squares(design, is_missing * group).coefficients[GROUP])
    both = {by_reference: _pooled(rows) for by_reference, rows in fits.items()}
    at_random, per_unit = both[False], float(np.mean(pull))
    low, high = at_random[0] - LEVEL * at_random[1], at_random[0] + LEVEL * at_random[1]
    nearer = low if abs(low) < abs(high) else high
    has_moves = per_unit > 0 and bool((is_missing & (group == 1)).any())
    return MissingAnswers(
        effect.name,
        at_random,
        both[True],
        (_share(is_missing[group == 0], smallest), _share(is_missing[group == 1], smallest)),
        -at_random[0] / per_unit if has_moves else float("nan"),
        -nearer / per_unit if has_moves else float("nan"),
    )


def _share(is_missing: np.ndarray, smallest: int) -> float:
    return float(is_missing.mean()) if is_missing.sum() >= smallest else float("nan")


def _pooled(rows: list[tuple[float, float]]) -> tuple[float, float]:
    table = np.array(rows)
    both = pooled(table[:, :1], table[:, 1:, None] ** 2)
    return float(both.estimate[0]), float(both.covariance[0, 0] ** 0.5)
