"""Anchored in closed forms: with one interval and two groups the hazard is -log(1 - moves / weeks) of each group, with
several moves in proportion to their counts; in shares counted by hand; and in a written model that runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from conftest import Rehearsed

from costeff import load
from costeff.cli import main
from costeff.errors import ResultError
from costeff.trial.hazards.fit import hazards_of
from costeff.trial.hazards.likelihood import fit_hazards
from costeff.trial.hazards.person_weeks import person_weeks
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
