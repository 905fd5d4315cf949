"""Anchored in closed forms: the design effect of clusters, and a normal mean of people who share consultants."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from conftest import Rehearsed

from costeff.trial.extract import read_extract
from costeff.trial.learning.consultants import design_effects, wider_difference
from costeff.trial.learning.lensed import Prediction, choose_statistics, lensed_model
from costeff.trial.learning.posterior import WEIGHTS
from costeff.trial.learning.told import trial_data
from costeff.trial.learning.update import TrialData, _Simulated, update


def test_few_consultants_widen_the_programmes_figures_by_the_declared_prior(rehearsed: Rehearsed) -> None:
    """Of four consultants: 1 + 0.05 sqrt(2 / pi) (sum of squares / n - 1); nothing of usual care."""
    own = read_extract(rehearsed.folder, rehearsed.plan, rehearsed.lens, rehearsed.study)
    prior = rehearsed.study.evidence.columns(24, 5, "random")
    model = lensed_model(rehearsed.study, own.trial, own.lens, 26, lives=2, seed=1)
    by_group = choose_statistics(model, prior)
    factors = design_effects(own, by_group)
    consultants = own.trial.consultant[own.trial.group("tki2")]
    sizes = np.array([(consultants == one).sum() for one in sorted(set(consultants))], float)
    expected = 1 + 0.05 * np.sqrt(2 / np.pi) * ((sizes**2).sum() / sizes.sum() - 1)
    assert factors[: len(by_group[0])] == pytest.approx(1.0)
    assert factors[len(by_group[0]) :] == pytest.approx(expected, rel=1e-3)
    plain = replace(own, plan=replace(own.plan, between_consultants=None))
    assert (design_effects(plain, by_group) == 1).all()
    told = trial_data(own, model, prior, None, {})
    widened = _Simulated(rehearsed.study, model, told, 10).predicted(prior, 0)
    alone = _Simulated(rehearsed.study, model, replace(told, factors=None), 10).predicted(prior, 0)
    assert np.array_equal(widened.means, alone.means)
    # Of the trial's people the variance is so many times as wide; the luck of the simulation is what it was.
    both = (widened.covariances[0] * (1 + alone.noise)).diagonal() / (alone.covariances[0].diagonal())
    assert both - alone.noise == pytest.approx(factors)


def test_ten_consultants_tell_how_alike_their_citizens_are(rehearsed: Rehearsed) -> None:
    """Citizens who are numbered by what became of them share much; numbered at random they share next to nothing."""
    own = read_extract(rehearsed.folder, rehearsed.plan, rehearsed.lens, rehearsed.study)
    model = lensed_model(rehearsed.study, own.trial, own.lens, 26, lives=2, seed=1)
    by_group = choose_statistics(model, rehearsed.study.evidence.columns(24, 5, "random"))
    rows = own.trial.group("tki2")
    by_fate, by_luck = own.trial.consultant.copy(), own.trial.consultant.copy()
    order = np.argsort((own.trial.weeks[rows] == own.trial.weeks[rows[0], 0]).sum(axis=1))
    by_fate[rows[order]] = [f"K{i * 10 // len(rows)}" for i in range(len(rows))]
    by_luck[rows] = [f"K{i % 10}" for i in range(len(rows))]
    alike, apart = (
        design_effects(replace(own, trial=replace(own.trial, consultant=each)), by_group)[len(by_group[0]) :]
        for each in (by_fate, by_luck)
    )
    assert alike.max() > 2
    assert apart.mean() < 1.5


def test_a_difference_is_as_much_wider_as_its_programmes_half() -> None:
    assert wider_difference(2.0, (60, 120), 4.0) ** 2 == pytest.approx(4.0 * (1 / 60 + 4 / 120) / (1 / 60 + 1 / 120))


def test_the_posterior_is_that_of_a_normal_mean_with_shared_consultants(
    rehearsed: Rehearsed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One statistic that is a parameter itself, prior N(m, s^2): the posterior variance is 1 / (1 / s^2 + 1 / 4 v)."""
    own = read_extract(rehearsed.folder, rehearsed.plan, rehearsed.lens, rehearsed.study)
    model = lensed_model(rehearsed.study, own.trial, own.lens, 26, lives=2, seed=1)
    prior = rehearsed.study.evidence.columns(4000, 5)
    by_group = ((), choose_statistics(model, {n: c[:24] for n, c in prior.items()})[1][:1])
    column = np.log(prior["hr_self_support"])
    spread, variance = column.std(), 0.02

    def predicted(*_: object) -> Prediction:
        return Prediction(column[:, None], np.full((len(column), 1, 1), variance), 0.0)

    monkeypatch.setattr(type(model), "predicted", predicted)
    value = np.array([column.mean() + 0.1])
    for factor in (1.0, 4.0):
        posterior = update(rehearsed.study, model, prior, TrialData(by_group, value, factors=np.array([factor])))
        assert posterior.method == WEIGHTS
        after = np.log(posterior.posterior["hr_self_support"])
        assert after.std() == pytest.approx((1 / spread**2 + 1 / (factor * variance)) ** -0.5, rel=0.05)
        assert posterior.factor == factor
