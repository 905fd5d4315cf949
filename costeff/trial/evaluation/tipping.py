"""What the result would be if answers are missing for what they would have been: by a reference, and by a shift.

By the reference whoever did not answer in the programme's group is imputed as if in the other one (jump to reference).
By a shift every imputed value of the programme's group is moved by the same amount; the tipping point is the shift at
which the difference is 0, and its interval holds the shifts at which 0 lies within the interval of the difference.
Sizes: N people, M imputations.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from costeff.trial.evaluation.imputation import IMPUTATIONS, Pooled, areas, imputed, pooled
from costeff.trial.evaluation.person_values import EffectValues, PersonValues
from costeff.trial.evaluation.ratio import RatioInterval, ratio_interval
from costeff.trial.evaluation.regression import differences_together


@dataclass(frozen=True)
class MissingAnswers:
    """Differences with their errors: at random, by the reference; shares missing by group; shifts that tip the result.

    `tips_at` moves the difference to 0; `tips` holds every shift that leaves 0 in the difference's interval (Fieller).
    Missing, and of kind `none`, where no imputed value is in the programme's group.
    """

    effect_name: str
    at_random: tuple[float, float]
    by_reference: tuple[float, float]
    missing: tuple[float, float]
    tips_at: float
    tips: RatioInterval


def missing_answers(
    own: PersonValues, effect: EffectValues, luck: np.random.Generator, smallest: int, imputations: int = IMPUTATIONS
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
    fits: dict[bool, list[tuple[np.ndarray, np.ndarray]]] = {False: [], True: []}
    for by_reference, rows in fits.items():
        for _ in range(imputations):
            full = imputed(scores, auxiliary, group, luck, by_reference=by_reference)
            years = np.where(is_missing, areas(full, effect.weeks, effect.until), value)
            design = np.column_stack([np.ones(len(group)), group, covariates, full[0]])
            # What a shift of 1 does to each person stands beside the years, so that both are estimated together.
            rows.append(differences_together(design, np.column_stack([years, is_missing * group])))
    both = {by_reference: _pooled(rows) for by_reference, rows in fits.items()}
    (difference, per_unit), covariance = both[False].estimate, both[False].covariance
    has_moves = per_unit > 0 and bool((is_missing & (group == 1)).any())
    mirror = np.array([[1.0, -1.0], [-1.0, 1.0]])
    return MissingAnswers(
        effect.name,
        _first(both[False]),
        _first(both[True]),
        (_share(is_missing[group == 0], smallest), _share(is_missing[group == 1], smallest)),
        float(-difference / per_unit) if has_moves else float("nan"),
        ratio_interval(-difference, per_unit, covariance * mirror) if has_moves else RatioInterval("none"),
    )


def _share(is_missing: np.ndarray, smallest: int) -> float:
    return float(is_missing.mean()) if is_missing.sum() >= smallest else float("nan")


def _pooled(rows: list[tuple[np.ndarray, np.ndarray]]) -> Pooled:
    return pooled(np.stack([estimate for estimate, _ in rows]), np.stack([covariance for _, covariance in rows]))


def _first(both: Pooled) -> tuple[float, float]:
    """The difference with its error."""
    return float(both.estimate[0]), float(both.covariance[0, 0] ** 0.5)
