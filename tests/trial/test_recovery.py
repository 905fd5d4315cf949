"""Anchored in truths that trials were simulated by: a few of them here, and the log of four hundred."""

from __future__ import annotations

import numpy as np
import pytest
import trial_recovery

from costeff.errors import ResultError


def test_draws_that_are_moved_out_of_the_model_are_refused() -> None:
    """24 draws do not tell how parameters hang together: some utility is moved above what a beta can have."""
    run = trial_recovery.Recovery(people=40, draws=24, lives=2)

    def learn_from_eight() -> None:
        for k in range(8):
            extract = trial_recovery.trial_of(run.study, run.plan, run.lens, run.truths, k, 40)
            trial_recovery.learn(run.study, extract, run.prior, 2, k, True)

    with pytest.raises(ResultError, match="moved to where a formula of the model has no value") as caught:
        learn_from_eight()
    assert "tki2.yaml" in str(caught.value)
    assert "--draws" in str(caught.value)


def test_a_small_part_of_the_recovery_of_truths() -> None:
    """`tests/trial_recovery.py` in small: two trials through the lens; its log holds the whole."""
    recovery = trial_recovery.recover(trials=2, people=90, draws=80, lives=2)
    assert recovery.truth.shape == (2, len(trial_recovery.QUANTITIES))
    assert np.all(recovery.low < recovery.mean)
    assert np.all(recovery.mean < recovery.high)
    assert np.abs(recovery.mean - recovery.truth).max() < 4 * np.log(2)  # the prior's own reach
    assert len(trial_recovery.report(recovery)) == len(trial_recovery.QUANTITIES) + 2
    assert trial_recovery.by_holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])


def test_the_log_of_the_recovery_holds_what_was_to_be_shown() -> None:
    """No coverage is rejected at 1 % after Holm or below 90 %, and no bias is told from luck; without the lens
    coverage of relapse and of graded return is rejected."""
    through, without = trial_recovery.LOG.read_text("utf-8").split("Against the model's own states")
    assert "399 trials" in through
    for name in trial_recovery.QUANTITIES:
        covered, holm, error, its_error, *_ = row_of(through, name)
        assert covered >= 0.9
        assert holm >= 0.01
        assert abs(error) < 2 * its_error
    assert all(row_of(without, name)[1] < 0.01 for name in ("hr_relapse", "hr_full_to_partial"))


def row_of(text: str, name: str) -> list[float]:
    """Numbers of a quantity's line of the log."""
    return [float(x) for x in next(line for line in text.splitlines() if line.startswith(name)).split()[1:]]
