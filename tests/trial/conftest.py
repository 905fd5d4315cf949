"""One rehearsal for all tests of the folder: a simulated extract on disk, and what it was made of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from costeff import load
from costeff.api import Study
from costeff.trial import command
from costeff.trial.lens import Lens, read_lens
from costeff.trial.plan import AnalysisPlan, read_plan
from costeff.trial.pricing import Prices, base_prices
from costeff.trial.simulate import SimulatedTrial, simulate_trial
from costeff.trial.simulated_files import write_simulated

PEOPLE = 90


@dataclass(frozen=True)
class Rehearsed:
    """A simulated trial with everything around it."""

    plan: AnalysisPlan
    lens: Lens
    study: Study
    prices: Prices
    trial: SimulatedTrial
    folder: Path


@pytest.fixture(scope="session")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> Rehearsed:
    study, plan = load("tki2"), read_plan("tki2_trial")
    lens, prices = read_lens(plan.lens), base_prices(study, seed=4)
    histories = study.histories(individuals=PEOPLE, seed=4)
    trial = simulate_trial(plan, lens, study, histories, prices, seed=4)
    folder = tmp_path_factory.mktemp("extract")
    write_simulated(trial, folder, study.model)
    return Rehearsed(plan, lens, study, prices, trial, folder)


read_once = cache(command._setting)


@pytest.fixture(autouse=True)
def _setting_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands of one process read plan, model and rules of a name once: they take seconds, and are never changed."""
    monkeypatch.setattr(command, "_setting", read_once)
