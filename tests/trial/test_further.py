"""Anchored in closed forms and identities: variance components by hand, a difference that is 0 at its tipping point,
subgroups that are fitted apart; and in a trial whose answers are missing for what they would have been."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from conftest import Rehearsed
from scipy.stats import norm

from costeff.labels import Label
from costeff.trial.evaluation.further import further
from costeff.trial.evaluation.imputation import imputed
from costeff.trial.evaluation.nested import intraclass, nested_error
from costeff.trial.evaluation.person_values import EffectValues, PersonValues, person_values
from costeff.trial.evaluation.ratio import ratio_interval
from costeff.trial.evaluation.regression import differences_together, least_squares
from costeff.trial.evaluation.subgroups import subgroups
from costeff.trial.evaluation.tipping import missing_answers
from costeff.trial.extract import read_extract

PEOPLE = 240


def answers(benefit: float = 0.06, lost_by_score: float = 0.0, seed: int = 4) -> tuple[PersonValues, EffectValues]:
    """Two scores of each person; the last is missing of a fifth, in the programme more often where it is low."""
    luck = np.random.default_rng(seed)
    group = (np.arange(PEOPLE) % 2).astype(float)
    start = 0.6 + 0.1 * luck.standard_normal(PEOPLE)
    last = start + 0.05 + benefit * group + 0.05 * luck.standard_normal(PEOPLE)
    is_lost = luck.random(PEOPLE) < 0.2 + lost_by_score * group * (last < np.median(last))
    years = np.where(is_lost, np.nan, (start + last) / 2 * 364 / 365.25)
    scores = np.stack([start, np.where(is_lost, np.nan, last)])
    effect = EffectValues("q", Label("q", "q"), "qaly", years, start, scores, (0.0, 52.0), 52.0)
    return PersonValues(group, {}, (effect,), np.zeros((PEOPLE, 0)), (), np.zeros((PEOPLE, 0))), effect


def test_the_correlation_of_clusters_is_that_of_variance_components_by_hand() -> None:
    values, which = np.array([1.0, 3.0, 5.0, 7.0, 6.0, 8.0]), np.array([0, 0, 1, 1, 2, 2])
    between, within = 2 * ((2 - 5) ** 2 + (6 - 5) ** 2 + (7 - 5) ** 2) / 2, (1 + 1) * 3 / 3
    assert intraclass(values, which) == pytest.approx((between - within) / (between + within))


def test_shared_consultants_widen_by_the_design_effect() -> None:
    """Twelve consultants of ten: var of the mean is spread / n (1 + 9 rho), and one more rho for another consultant."""
    luck = np.random.default_rng(1)
    which = np.repeat(np.arange(12), 10)
    residuals = luck.standard_normal(12)[which] + luck.standard_normal(120)
    residuals -= residuals.mean()
    spread = residuals.var()
    alone = float(np.sqrt(spread / 120))
    one = nested_error(alone, residuals, which.astype(str), 0.0)
    assert one.is_estimated
    assert one.nested**2 == pytest.approx(spread / 120 * (1 + 9 * one.correlation), rel=1e-9)
    assert one.another**2 - one.nested**2 == pytest.approx(one.correlation * spread, rel=1e-9)


def test_few_consultants_take_the_declared_prior() -> None:
    residuals = np.random.default_rng(2).standard_normal(100)
    one = nested_error(0.1, residuals, np.repeat(list("abcd"), 25), 0.05)
    assert not one.is_estimated
    assert one.correlation == pytest.approx(0.05 * np.sqrt(2 / np.pi), rel=1e-3)  # the mean of a half-normal
    assert one.alone < one.nested < one.another


def test_at_the_tipping_point_the_difference_is_nothing() -> None:
    own, effect = answers()
    one = missing_answers(own, effect, np.random.default_rng(3), 5)
    assert one.at_random[0] > 1.96 * one.at_random[1]
    assert one.tips.low < one.tips_at < one.tips.high < 0
    is_lost = np.isnan(effect.value)
    design = np.column_stack([np.ones(PEOPLE), own.in_programme, effect.start])
    pull = least_squares(design, is_lost * own.in_programme).difference
    assert one.at_random[0] + one.tips_at * pull == pytest.approx(0, abs=1e-9)


def test_the_ends_of_the_tipping_interval_are_where_a_shifted_fit_just_holds_nothing() -> None:
    luck = np.random.default_rng(9)
    design = np.column_stack([np.ones(60), np.arange(60) % 2, luck.standard_normal(60)])
    years, is_lost = luck.standard_normal(60) + design[:, 1], (luck.random(60) < 0.4) * design[:, 1]
    (difference, pull), covariance = differences_together(design, np.column_stack([years, is_lost]))
    tips = ratio_interval(-difference, pull, covariance * np.array([[1, -1], [-1, 1]]))
    for shift in (tips.low, tips.high):
        fit = least_squares(design, years + shift * is_lost)
        assert abs(fit.difference) == pytest.approx(1.959963984540054 * fit.error, rel=1e-9)


def test_the_other_group_as_reference_gives_a_smaller_benefit() -> None:
    own, effect = answers()
    one = missing_answers(own, effect, np.random.default_rng(3), 5)
    share = float(np.isnan(effect.value[own.in_programme == 1]).mean())
    assert one.by_reference[0] == pytest.approx(one.at_random[0] * (1 - share), abs=0.006)


def test_nobody_is_missing_and_nothing_tips() -> None:
    own, effect = answers()
    whole = replace(effect, value=np.where(np.isnan(effect.value), 0.6, effect.value))
    one = missing_answers(own, whole, np.random.default_rng(3), 5)
    assert np.isnan(one.tips_at)
    assert all(np.isnan(share) for share in one.missing)


TRIALS = 100
LOSS, BY_SCORE, LUCK_OF_SCORE = -0.8, -1.5, 0.05
"""Probit of loss in the programme: this, and so much more for each standard deviation of the unseen luck."""


def lost_by_what_is_unseen(seed: int) -> tuple[PersonValues, EffectValues]:
    """A trial without an effect: usual care loses a fifth at random, the programme whoever would have scored low."""
    luck = np.random.default_rng([7, seed])
    group = (np.arange(PEOPLE) % 2).astype(float)
    start = 0.6 + 0.1 * luck.standard_normal(PEOPLE)
    own_luck = luck.standard_normal(PEOPLE)
    last = start + 0.05 + LUCK_OF_SCORE * own_luck
    by_score = luck.standard_normal(PEOPLE) < LOSS + BY_SCORE * own_luck
    is_lost = np.where(group == 1, by_score, luck.random(PEOPLE) < 0.2)
    years = np.where(is_lost, np.nan, (start + last) / 2 * 364 / 365.25)
    scores = np.stack([start, np.where(is_lost, np.nan, last)])
    effect = EffectValues("q", Label("q", "q"), "qaly", years, start, scores, (0.0, 52.0), 52.0)
    return PersonValues(group, {}, (effect,), np.zeros((PEOPLE, 0)), (), np.zeros((PEOPLE, 0))), effect


def true_shift() -> float:
    """Years by which the lost lie below those imputed from who answered, in closed form.

    The luck of who is selected by a probit has the mean of a truncated normal: b / sqrt(1 + b^2) phi(z) / Phi(z).
    """
    slope, at = BY_SCORE / np.sqrt(1 + BY_SCORE**2), LOSS / np.sqrt(1 + BY_SCORE**2)
    apart = slope * norm.pdf(at) * (1 / norm.cdf(at) + 1 / norm.cdf(-at))
    return float(LUCK_OF_SCORE * apart / 2 * 364 / 365.25)


def test_loss_by_the_unseen_score_biases_every_method_and_the_tipping_point_covers_the_truth() -> None:
    """The truth is no effect, so the shift at which the difference is 0 is the true one, in 90 of 100 trials."""
    truth, covers, differences = true_shift(), [], []
    for seed in range(TRIALS):
        own, effect = lost_by_what_is_unseen(seed)
        one = missing_answers(own, effect, np.random.default_rng(seed), 5, imputations=8)
        covers.append(one.tips.kind == "bounded" and one.tips.low <= truth <= one.tips.high)
        seen = ~np.isnan(effect.value)
        start = effect.scores[0] if effect.scores is not None else effect.value
        design = np.column_stack([np.ones(PEOPLE), own.in_programme, start])[seen]
        differences.append(
            (one.at_random[0], one.by_reference[0], least_squares(design, effect.value[seen]).difference)
        )
    errors = np.array(differences)
    assert (errors.mean(axis=0) > 4 * errors.std(axis=0, ddof=1) / TRIALS**0.5).all()
    assert sum(covers) >= 90


def test_references_are_drawn_from_the_other_group() -> None:
    own, effect = answers(benefit=1.0)
    assert effect.scores is not None
    luck = np.random.default_rng(5)
    full = imputed(effect.scores, np.zeros((PEOPLE, 0)), own.in_programme, luck, by_reference=True)
    is_lost = np.isnan(effect.scores[1]) & (own.in_programme == 1)
    assert (
        full[1, is_lost].mean() < effect.scores[1][~np.isnan(effect.scores[1]) & (own.in_programme == 1)].mean() - 0.8
    )


def test_per_protocol_is_the_difference_of_those_with_every_step(rehearsed: Rehearsed) -> None:
    """Without covariates: the mean of those who had all required steps less that of all of the other group."""
    plan = replace(rehearsed.plan, covariates=(), subgroups=())
    own = read_extract(rehearsed.folder, plan, rehearsed.lens, rehearsed.study)
    values = person_values(own, rehearsed.prices)
    result = further(own, values, np.random.default_rng(1))
    row = next(one for one in result.uptake if one.effect_name == "return_to_work")
    value = next(one.value for one in values.effects if one.name == "return_to_work")
    milestones = own.milestones
    assert milestones is not None
    required = [i for i, one in enumerate(plan.process) if one.is_required]
    members = own.trial.group("tki2")
    has_all = [all(not np.isnan(milestones.day[i, person]) for i in required) for person in members]
    usual, programme = value[: len(value) - len(members)], value[len(value) - len(members) :]
    assert row.per_protocol is not None
    assert row.per_protocol[0] == pytest.approx(programme[np.array(has_all)].mean() - usual.mean(), rel=1e-9)
    assert row.effect == pytest.approx((programme.mean() - usual.mean()) / row.share, rel=1e-9)


def test_subgroups_are_those_fitted_apart() -> None:
    luck = np.random.default_rng(6)
    group, codes = (np.arange(200) % 2).astype(float), luck.integers(0, 3, 200)
    values = luck.standard_normal(200) + group * codes
    codes[:4] = 7
    result = subgroups("diagnosis", "cost", codes, group, values, 5)
    assert result is not None
    assert [row.category for row in result.rows] == [0, 1, 2]
    for row in result.rows:
        own = codes == row.category
        alone = values[own & (group == 1)].mean() - values[own & (group == 0)].mean()
        assert row.difference == pytest.approx(alone, rel=1e-9)
    assert subgroups("diagnosis", "cost", np.zeros(200, int), group, values, 5) is None
