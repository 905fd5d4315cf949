"""One rehearsal for all tests of the folder: a simulated extract on disk, and what it was made of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from costeff.api import Study, with_face
from costeff.trial import command
from costeff.trial.lens import Lens
from costeff.trial.plan import AnalysisPlan
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
    plan, lens, read_study, prices, _ = setting("tki2_trial", 4)
    study = with_face(Study, read_study)
    histories = study.histories(individuals=PEOPLE, seed=4)
    trial = simulate_trial(plan, lens, study, histories, prices, seed=4)
    folder = tmp_path_factory.mktemp("extract")
    write_simulated(trial, folder, study.model)
    return Rehearsed(plan, lens, study, prices, trial, folder)


read_once = cache(command._setting)


def setting(plan: str, seed: int | None) -> tuple[Any, ...]:
    """Plan, model and rules of a name are read once in one process: they take seconds, and are never changed."""
    plan_read, lens, study, _, rules = read_once(plan, None)
    return plan_read, lens, study, base_prices(study, seed), rules


@pytest.fixture(autouse=True)
def _setting_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "_setting", setting)
