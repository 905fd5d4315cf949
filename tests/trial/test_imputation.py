"""Anchored in a twin of Rubin's rules, in trials whose truth is known, and in what nothing missing must give."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from twins import trial_regression as twin

from costeff.errors import ScenarioError
from costeff.labels import same
from costeff.trial.evaluation.bootstrap import adjusted_pairs, resampled_products
from costeff.trial.evaluation.evaluate import evaluate
from costeff.trial.evaluation.imputation import areas, imputed, pooled
from costeff.trial.evaluation.nested_imputation import nested_replicates
from costeff.trial.evaluation.person_values import EffectValues, PersonValues
from costeff.trial.instruments import area_under_curve

WEEKS = (0.0, 26.0, 52.0)
PEOPLE, TRIALS = 240, 60


def trial(seed: int, share_lost: float = 0.0, spread: float = 0.05) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(scores (3, N), register weeks (N, 1), group): who is sick for long scores lower.

    Sick weeks are fewer in the programme, and nothing else differs, so the last score's difference is known. In the
    programme those who are sick for long do not answer; in usual care as many, whoever they are.
    """
    luck = np.random.default_rng(seed)
    group = (np.arange(PEOPLE) % 3 > 0).astype(float)
    sick = luck.normal(0, 1, PEOPLE) - 0.5 * group
    scores = 0.7 - np.array([0.0, 0.06, 0.1])[:, None] * sick + luck.normal(0, spread, (3, PEOPLE))
    if share_lost:
        by_weeks = 2 * share_lost / (1 + np.exp(-3 * (sick + 0.5)))
        lost = luck.random(PEOPLE) < np.where(group == 1, by_weeks, share_lost)
        scores[2, lost] = np.nan
    return scores, sick[:, None], group


def test_rubins_rules_are_the_twin() -> None:
    luck = np.random.default_rng(1)
    estimates, variances = luck.normal(3, 1, 12), luck.gamma(2, 1, 12)
    own = pooled(estimates[:, None], variances[:, None, None])
    mean, total, freedom = twin.rubin(estimates.tolist(), variances.tolist())
    assert (own.estimate[0], own.covariance[0, 0], own.freedom[0]) == pytest.approx((mean, total, freedom))


@cache
def biases() -> tuple[np.ndarray, np.ndarray]:
    """Error of the last score's difference in each trial: with imputation from the register, and of complete cases."""
    truth = 0.1 * 0.5
    errors = []
    for seed in range(TRIALS):
        scores, sick, group = trial(seed, 0.3)
        luck = np.random.default_rng([seed, 1])
        full = np.mean([imputed(scores, sick, group, luck)[2] for _ in range(3)], axis=0)
        seen = ~np.isnan(scores[2])
        mine, theirs = (
            score[mask & (group == 1)].mean() - score[mask & (group == 0)].mean()
            for score, mask in ((full, np.ones(PEOPLE, bool)), (scores[2], seen))
        )
        errors.append((mine - truth, theirs - truth))
    own, complete = np.array(errors).T
    return own, complete


def test_imputation_from_the_register_is_unbiased_and_complete_cases_are_not() -> None:
    own, complete = biases()
    error = own.std(ddof=1) / TRIALS**0.5
    assert abs(own.mean()) < 3 * error
    assert abs(complete.mean()) > 4 * complete.std(ddof=1) / TRIALS**0.5


def person_values(scores: np.ndarray, sick: np.ndarray, group: np.ndarray) -> PersonValues:
    value = areas(scores, WEEKS, 52.0)
    effect = EffectValues("quality", same("Quality"), "qaly", value, scores[0], scores, WEEKS, 52.0)
    cost = {"state": 90_000 + 30_000 * sick[:, 0] + np.random.default_rng(2).gamma(1, 20_000, len(group))}
    return PersonValues(group, cost, (effect,), np.zeros((len(group), 0)), (), sick)


def test_with_nothing_missing_imputation_changes_nothing() -> None:
    own = person_values(*trial(3))
    one, other = (
        evaluate(own, (0, 1e6), 5, replicates=4000, seed=1, is_imputed=flag).pairs[0] for flag in (True, False)
    )
    assert one.cost.value == pytest.approx(other.cost.value, rel=1e-9)
    assert one.effect.value == pytest.approx(other.effect.value, rel=1e-9)
    assert one.effect.error == pytest.approx(other.effect.error, rel=0.12)  # of the fit, and of the bootstrap
    assert one.benefits[2].error == pytest.approx(other.benefits[2].error, rel=1e-9)


def test_everybody_with_weeks_in_the_register_counts_and_missing_answers_widen_the_interval() -> None:
    """Of scores that the register's weeks tell little about."""
    pairs = []
    for seed in range(4):
        both = [person_values(*trial(seed, lost, spread=0.2)) for lost in (0.0, 0.45)]
        pairs.append([evaluate(x, (0, 1e6), 5, replicates=2000, seed=1, is_imputed=True).pairs[0] for x in both])
    assert all(one.people == (80, 160) for two in pairs for one in two)
    whole, some = np.array([[one.effect.error for one in two] for two in pairs]).mean(axis=0)
    assert some > 1.05 * whole
    cases = evaluate(person_values(*trial(4, 0.3)), (0, 1e6), 5, replicates=2000, seed=1).pairs[0]
    assert sum(cases.people) < 200


def nested(own: PersonValues, replicates: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Replicates (B,) of the first perspective's cost and of the effect."""
    effect, (cost,) = own.effects[0], own.cost.values()
    assert effect.scores is not None
    smaller = np.column_stack([np.ones(len(cost)), own.in_programme])
    luck, value = np.random.default_rng(seed), effect.value
    blocks = nested_replicates(
        effect.scores, value, own.register, smaller, cost[:, None], WEEKS, 52.0, replicates, luck
    )
    costs, effects = zip(*blocks, strict=True)
    return np.concatenate(costs)[:, 0], np.concatenate(effects)[:, 0]


def test_with_nothing_missing_nested_imputation_is_the_bootstrap() -> None:
    own = person_values(*trial(3))
    effect, (cost,) = own.effects[0], own.cost.values()
    assert effect.start is not None
    table = np.column_stack([np.ones(PEOPLE), own.in_programme, effect.start, cost, effect.value])
    products = resampled_products(table, own.in_programme, 90, np.random.default_rng(7))
    plain = adjusted_pairs(products, 2, 3, 3, 4)
    for ours, theirs in zip(nested(own, 90, 7), plain, strict=True):
        assert ours == pytest.approx(theirs, rel=1e-9)


def test_nested_imputation_has_the_spread_of_rubins_rules() -> None:
    """Over five trials with half of the last scores missing: errors agree on average, and so do estimates."""
    pairs = []
    for seed in range(5):
        own = person_values(*trial(seed, 0.45))
        pooled_error = evaluate(own, (0, 1e6), 5, replicates=200, seed=1, is_imputed=True).pairs[0].effect
        _, effects = nested(own, 300, seed)
        pairs.append((effects.std(ddof=1), pooled_error.error, effects.mean() - pooled_error.value))
    one, other, apart = np.array(pairs).T
    assert one.mean() == pytest.approx(other.mean(), rel=0.08)
    assert abs(apart.mean()) < 0.15 * other.mean()


def test_nested_replicates_reach_the_curves() -> None:
    own = person_values(*trial(5, 0.4, spread=0.2))
    one, other = (
        evaluate(own, (0, 1e6), 5, replicates=3000, seed=1, is_imputed=True, is_nested=flag) for flag in (True, False)
    )
    assert one.is_nested
    assert one.pairs[0].effect.value == other.pairs[0].effect.value
    assert one.pairs[0].effect.error == pytest.approx(other.pairs[0].effect.error, rel=0.15)
    assert one.pairs[0].acceptability[1] != other.pairs[0].acceptability[1]


def test_areas_are_those_of_each_person() -> None:
    scores, *_ = trial(5)
    by_person = [area_under_curve(column, np.array(WEEKS) * 7, 364) for column in scores.T]
    assert areas(scores, WEEKS, 52.0) == pytest.approx(by_person)


def test_too_few_answers_are_refused() -> None:
    scores, sick, group = trial(1)
    scores[2, 8:] = np.nan
    with pytest.raises(ScenarioError, match="too few answers"):
        imputed(scores, sick, group, np.random.default_rng(1))
