"""Anchored in closed forms: with one interval and two groups the hazard is -log(1 - moves / weeks) of each group, with
several moves in proportion to their counts; in shares counted by hand; in lives whose frailty and hazard are known; and
in a written model that runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from conftest import Rehearsed

from costeff import load
from costeff.cli import main
from costeff.errors import ResultError
from costeff.trial.hazards.families import FAMILIES
from costeff.trial.hazards.files import BENEFIT, MODEL_FILE, PARAMETER_FILE, model_text, parameter_names, parameter_text
from costeff.trial.hazards.fit import FittedTrial, _shares_with_frailty, hazards_of
from costeff.trial.hazards.likelihood import fit_hazards
from costeff.trial.hazards.parametric import _Likelihood, fit_family
from costeff.trial.hazards.person_weeks import TIME, person_weeks
from costeff.trial.lives import UNSEEN

PEOPLE = 400


def lives(seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Weeks (N, 40) of three states, and who is in the programme's group, whose hazard 0 -> 1 is doubled."""
    luck = np.random.default_rng(seed)
    programme = (np.arange(PEOPLE) % 2).astype(float)
    weeks = np.zeros((PEOPLE, 40), np.int16)
    for week in range(39):
        now, u = weeks[:, week], luck.random(PEOPLE)
        to_work, away = 0.03 * (1 + programme), 0.015
        after = np.where(now == 0, np.where(u < to_work, 1, np.where(u < to_work + away, 2, 0)), now)
        weeks[:, week + 1] = np.where((now == 1) & (u < 0.02), 0, after)
    return weeks, programme


def test_hazards_of_one_interval_are_those_of_counts() -> None:
    weeks, programme = lives()
    own = person_weeks(weeks, 1, [], 5)
    fit = fit_hazards(own, programme, np.zeros((PEOPLE, 0)))
    for group in (0, 1):
        at_risk = weeks[programme == group]
        number = int((at_risk[:, :-1] == 1).sum())
        moves = int(((at_risk[:, :-1] == 1) & (at_risk[:, 1:] == 0)).sum())
        assert hazards_of(fit, 0, group)[0] == pytest.approx(-np.log1p(-moves / number), rel=1e-3)


def test_competing_moves_share_the_hazard_by_their_counts() -> None:
    weeks, programme = lives()
    fit = fit_hazards(person_weeks(weeks, 0, [], 5), programme, np.zeros((PEOPLE, 0)))
    assert fit.targets == (1, 2)
    for group in (0, 1):
        own = weeks[programme == group]
        number = int((own[:, :-1] == 0).sum())
        moves = np.array([((own[:, :-1] == 0) & (own[:, 1:] == target)).sum() for target in (1, 2)])
        exact = -np.log1p(-moves.sum() / number) * moves / moves.sum()
        assert hazards_of(fit, 0, group) == pytest.approx(exact, rel=2e-3)
    ratio, error = fit.coefficients[1], fit.covariance[1, 1] ** 0.5
    assert abs(ratio - np.log(2)) < 3 * error
    assert error == pytest.approx(np.sqrt(1 / 130 + 1 / 200), rel=0.3)


def test_intervals_and_delayed_entry_split_the_weeks_at_risk() -> None:
    weeks = np.array([[0, 0, 0, 1], [0, 0, 1, 0], [0, UNSEEN, UNSEEN, UNSEEN]], np.int16)
    since_inclusion = person_weeks(weeks, 0, [2], 1)
    assert since_inclusion.interval.tolist() == [0, 0, 1, 0, 0]
    assert since_inclusion.move.tolist() == [-1, -1, 0, -1, 0]
    of_spell = person_weeks(weeks, 0, [2], 1, np.array([1, 7, 0]))
    assert of_spell.interval.tolist() == [0, 1, 1, 1, 1]


def test_a_move_of_one_group_only_is_refused() -> None:
    weeks, programme = lives()
    weeks[:, 1:][(programme == 1)[:, None] & (weeks[:, 1:] == 2)] = 0
    with pytest.raises(ResultError, match="a move that only one group makes"):
        fit_hazards(person_weeks(weeks, 0, [], 5), programme, np.zeros((PEOPLE, 0)))


def test_fit_writes_a_model_that_runs(rehearsed: Rehearsed, tmp_path: Path) -> None:
    out = tmp_path / "fitted"
    words = ["trial", "fit", "tki2_trial", str(rehearsed.folder), "--out", str(out), "--split", "26"]
    done = CliRunner().invoke(main, [*words, "--language", "da"])
    assert done.exit_code == 0, done.output
    assert "Hazarder skifter i uge 26" in done.output
    study = load(str(out / "fitted.yaml"))
    assert {"sick_full", "work"} <= set(study.model.state_names)
    values = study.evidence.columns(3, 1)
    assert all((values[name] > 0).all() for name in values if name.startswith("h"))
    result = study.psa(draws=3, individuals=20, seed=1, progress=False)
    assert result.effects.value.shape[:2] == (3, 2)
    wrong = CliRunner().invoke(main, [*words[:4], "--split", "26", "--split", "13"])
    assert wrong.exit_code != 0
    assert "each later than the one before" in wrong.output


SHAPE, SCALE, RATIO, FRAILTY = 0.7, 20.0, 1.6, 0.8
FRAIL_PEOPLE = 600


def frail_lives(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(weeks (N, 53) of two states, who is in the programme's group, weeks of the spell before inclusion).

    Spells in state 0 have a Weibull hazard on the clock of the spell, times a person's frailty. Everybody was included
    late in a spell, and had lasted so far without the programme.
    """
    luck = np.random.default_rng(seed)
    programme, before = (np.arange(FRAIL_PEOPLE) % 2).astype(float), luck.integers(0, 20, FRAIL_PEOPLE).astype(float)
    frailty, waits = np.empty(FRAIL_PEOPLE), np.ones(FRAIL_PEOPLE, bool)
    while waits.any():
        drawn = np.exp(FRAILTY * luck.standard_normal(FRAIL_PEOPLE) - FRAILTY**2 / 2)
        frailty = np.where(waits, drawn, frailty)
        waits &= luck.random(FRAIL_PEOPLE) > np.exp(-((before / SCALE) ** SHAPE) * frailty)
    weeks, clock = np.zeros((FRAIL_PEOPLE, 53), np.int16), before.copy()
    for week in range(52):
        hazard = (((clock + 1) / SCALE) ** SHAPE - (clock / SCALE) ** SHAPE) * frailty * RATIO**programme
        leaves, returns = luck.random((2, FRAIL_PEOPLE)) < np.stack([-np.expm1(-hazard), np.full(FRAIL_PEOPLE, 0.08)])
        inside = weeks[:, week] == 0
        weeks[:, week + 1] = np.where(inside, leaves, ~returns)
        clock = np.where(inside & ~leaves, clock + 1, 0.0)
    return weeks, programme, before


def test_a_constant_hazard_of_a_family_is_that_of_one_interval() -> None:
    weeks, programme = lives()
    own = person_weeks(weeks, 0, [], 5)
    covariate = np.random.default_rng(1).standard_normal((PEOPLE, 1))
    one, other = fit_hazards(own, programme, covariate), fit_family(own, FAMILIES["exponential"], programme, covariate)
    assert other.coefficients == pytest.approx(one.coefficients, abs=1e-4)
    assert other.covariance == pytest.approx(one.covariance, rel=1e-3, abs=1e-7)
    assert other.log_likelihood == pytest.approx(one.log_likelihood, abs=1e-4)


def test_frailty_delayed_entry_and_shape_are_found_where_a_fit_without_frailty_is_wrong() -> None:
    truth, rows, plain_rows = np.log([SHAPE, SCALE, RATIO, FRAILTY]), [], []
    for seed in range(3):
        weeks, programme, before = frail_lives(seed)
        own, nothing = person_weeks(weeks, 0, [], 5, before), np.zeros((FRAIL_PEOPLE, 0))
        fit = fit_family(own, FAMILIES["weibull"], programme, nothing, before, has_frailty=True)
        assert fit.has_frailty
        rows.append((fit.coefficients - truth) / np.sqrt(np.diag(fit.covariance)))
        plain = fit_family(own, FAMILIES["weibull"], programme, nothing)
        plain_rows.append((plain.coefficients - truth[:3]) / np.sqrt(np.diag(plain.covariance)))
        assert fit.log_likelihood > plain.log_likelihood + 5
    assert (np.abs(np.mean(rows, axis=0)) < 3 / 3**0.5).all()
    assert (np.abs(np.mean(plain_rows, axis=0))[:2] > 2.5).all()  # the hazard falls too fast: the frail leave first


@pytest.mark.parametrize("family", list(FAMILIES))
def test_the_likelihood_rises_as_its_slopes_say(family: str) -> None:
    weeks, programme, before = frail_lives(3)
    own = person_weeks(weeks, 0, [], 5, before)
    covariate = np.random.default_rng(1).standard_normal((FRAIL_PEOPLE, 1))
    likelihood = _Likelihood.of(own, FAMILIES[family], programme, covariate, before, True)
    at = likelihood.start() + np.random.default_rng(2).normal(0, 0.1, len(likelihood.start()))
    ends = [[likelihood.terms(at + sign * step)[0].sum() for sign in (1, -1)] for step in np.eye(len(at)) * 1e-5]
    assert likelihood.terms(at)[1].sum(axis=0) == pytest.approx([(up - down) / 2e-5 for up, down in ends], rel=1e-4)


def test_where_nobody_differs_no_frailty_is_found() -> None:
    """Everybody's spells are alike to the week, less spread than any luck would have them."""
    weeks = np.tile(np.tile(np.array([0, 0, 0, 1], np.int16), 10), (60, 1))
    programme = (np.arange(60) % 2).astype(float)
    own = person_weeks(weeks, 0, [], 5)
    fit = fit_family(own, FAMILIES["exponential"], programme, np.zeros((60, 0)), has_frailty=True)
    assert not fit.has_frailty
    assert np.exp(fit.coefficients) == pytest.approx([-np.log1p(-1 / 3), 1.0], rel=1e-3)


def test_a_frailty_is_written_into_a_model_that_runs(rehearsed: Rehearsed, tmp_path: Path) -> None:
    """Lives that are lived by the written model have the shares of the fit."""
    weeks, programme, _ = frail_lives(1)
    own = person_weeks(weeks, 0, [], 5)
    fits = [
        fit_family(own, FAMILIES["weibull"], programme, np.zeros((FRAIL_PEOPLE, 0)), has_frailty=True),
        fit_family(person_weeks(weeks, 1, [], 5), FAMILIES["exponential"], programme, np.zeros((FRAIL_PEOPLE, 0))),
    ]
    names, states = ("sick_full", "work"), rehearsed.study.model.state_names
    number = [states.index(name) for name in names]
    placed = [replace(fit, state=number[fit.state], targets=tuple(number[t] for t in fit.targets)) for fit in fits]
    starts = np.eye(len(states))[number[0]]
    shares = np.stack([_shares_with_frailty(placed, starts, g, (), TIME) for g in (0, 1)])
    estimates = FittedTrial(
        tuple(placed), states, (), TIME, (), starts, shares, shares, (), "DKK", 2025, "weibull", True
    )
    (tmp_path / PARAMETER_FILE).write_text(parameter_text(estimates, rehearsed.plan), "utf-8")
    (tmp_path / MODEL_FILE).write_text(model_text(estimates, rehearsed.plan, rehearsed.lens), "utf-8")
    study = load(str(tmp_path / MODEL_FILE))
    assert {f"frailty_sd_{names[0]}", f"shape_{names[0]}_{names[1]}"} <= set(study.evidence.parameters)
    assert all((column > 0).all() for name, column in study.evidence.columns(50, 1).items() if name != BENEFIT)
    middle = {
        name: np.full(2, np.exp(x))
        for fit in placed
        for name, x in zip(parameter_names(fit, states, ()), fit.coefficients, strict=True)
    }
    people = 1000
    result = study.psa(values=middle, individuals=people, seed=1, progress=False)
    at_work = result.effects.value[:, :, result.effects.names.index("weeks_work")].mean(axis=0)
    most_spread = 26 / (2 * people) ** 0.5  # no number between 0 and 52 varies more
    assert at_work == pytest.approx(shares[:, :52, number[1]].sum(axis=1), abs=3 * most_spread)


def test_a_family_with_frailty_writes_a_model_that_runs(rehearsed: Rehearsed, tmp_path: Path) -> None:
    out = tmp_path / "fitted"
    words = ["trial", "fit", "tki2_trial", str(rehearsed.folder), "--out", str(out), "--family", "weibull"]
    done = CliRunner().invoke(main, [*words, "--frailty"])
    assert done.exit_code == 0, done.output
    assert "of the Weibull family" in done.output
    assert "No frailty was found" in done.output  # ninety people tell too little of it
    assert "piecewise" not in (out / "fitted.yaml").read_text("utf-8")
    study = load(str(out / "fitted.yaml"))
    result = study.psa(draws=3, individuals=20, seed=1, progress=False)
    assert result.effects.value.shape[:2] == (3, 2)
    wrong = CliRunner().invoke(main, [*words, "--split", "13"])
    assert wrong.exit_code != 0
    assert "only hazards that are constant between splits have them" in wrong.output
