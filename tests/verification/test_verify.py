"""Anchored in known answers: shipped and random sound models pass, and those with a fault put in fail."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from mutation.verify_faults import faulty, seed_per_strategy
from random_models import models

import costeff as ce
from costeff import bundled
from costeff.analysis.study import StudyData
from costeff.cli import main
from costeff.errors import ScenarioError
from costeff.labels import Label
from costeff.model import Model, Perspective, Scenario
from costeff.verification import subject as subjects
from costeff.verification.verdict import CHECKS, SUBJECTS
from costeff.verification.verify import verify

QUICK = ("sick_sicker", "hiv", "haderslev", "haderslev-places")
SLOW_RANDOM = 50


@pytest.mark.parametrize("name", QUICK)
def test_shipped_models_pass(name: str) -> None:
    verification = verify(name)
    assert verification.failures == ()
    passed = sum(verdict.standing == "pass" for _, verdict in verification)
    assert passed >= 45


@pytest.mark.nightly
@pytest.mark.parametrize("name", [n for n in bundled.available("models") if n not in QUICK])
def test_all_shipped_models_pass(name: str) -> None:
    verification = verify(name)
    assert verification.failures == ()
    assert sum(verdict.standing == "pass" for _, verdict in verification) >= 45


def study_of_random(model: Model) -> StudyData:
    """A random model as a study: it reads one parameter and someone pays; units are not checked, it has none."""
    payer = Perspective("payer", Label("payer", "payer"), ("payer",))
    model = replace(model, perspectives=(payer,))
    scale = ce.Parameter("scale", 1.0, "ratio", kind="assumption")
    scenario = Scenario("random", Label("random", "random"), model="random")
    study = object.__new__(StudyData)
    vars(study).update(model=model, evidence=ce.Evidence([scale]), scenario=scenario)
    return study


@pytest.mark.filterwarnings("ignore:deadline")
@settings(max_examples=10, suppress_health_check=list(HealthCheck), deadline=None)
@given(models())
def test_no_check_fails_on_random_sound_models(model: Model) -> None:
    sound = CHECKS.keys() - ABOUT_DECLARATIONS
    assert verify(study_of_random(model), only=sorted(sound)).failures == ()


ABOUT_DECLARATIONS = {
    "all_die_at_once",
    "every_life_can_end",
    "every_state_can_be_entered",
    "every_clock_is_read",
    "one_death_has_one_clock",
}
"""The random models declare clocks that nothing reads, and states that nobody enters or dies in."""


@pytest.mark.nightly
@pytest.mark.filterwarnings("ignore:deadline")
@settings(max_examples=SLOW_RANDOM, suppress_health_check=list(HealthCheck), deadline=None)
@given(models(cohort=True))
def test_no_check_fails_on_random_models_that_a_cohort_holds(model: Model) -> None:
    assert verify(study_of_random(model), only=sorted(CHECKS.keys() - ABOUT_DECLARATIONS)).failures == ()


SEEN = {
    "drop an exit": ("every_life_can_end", lambda m: m["transitions"].pop(0)),
    "reverse a flow": (
        "resources_pay_nobody",
        lambda m: m["flows"][0].update({"from": m["flows"][0]["to"], "to": m["flows"][0]["from"]}),
    ),
    "ratio inverted": (
        "ratios_rise_with_their_parameters",
        lambda m: m["strategy_effects"][0].update(ratio="1 / hr_S1S2_trtB"),
    ),
    "swap two parameters": (
        "parameters_stand_where_their_names_say",
        lambda m: m["flows"][0].update(amount={"H": "c_S1", "S1": "c_H", "S2": "c_S2"}),
    ),
}


@pytest.mark.parametrize("kind", SEEN)
def test_a_fault_is_seen_by_the_check_that_is_about_it(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mutation import verify_faults

    check, change = SEEN[kind]
    monkeypatch.setitem(verify_faults.FAULTS, kind, lambda model, parameters, rng: str(change(model)))
    _, file = faulty("sick_sicker", kind, random.Random(1), tmp_path)
    assert verify(str(file), only=[check]).failures == (check,)


def test_an_untouched_copy_passes(tmp_path: Path) -> None:
    """The control of the faults: what the copy loses would count as seen."""
    _, file = faulty("sick_sicker", "", random.Random(1), tmp_path)
    assert verify(str(file)).failures == ()


def test_a_seed_per_strategy_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subjects, "simulate", seed_per_strategy)
    checks = ["equal_strategies_live_alike", "shares_sum"]
    assert verify("sick_sicker", only=checks).failures == ("equal_strategies_live_alike",)


def engine_with(change: str) -> object:
    """The engine with a fault in what it counts."""
    from dataclasses import replace

    from costeff.simulation.simulate import simulate

    def run(*args: object, **options: object) -> object:
        ran = simulate(*args, **options)  # type: ignore[arg-type]
        q = ran.quantities
        if change == "time":
            return replace(ran, quantities=replace(q, time=q.time * 1.01))
        if change == "events":
            return replace(ran, quantities=replace(q, events=np.roll(q.events, 1, axis=3)))
        time = q.time.copy()
        time[..., 1:] = time[..., :1]
        return replace(ran, quantities=replace(q, time=time))

    return run


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ("time", "time_is_the_horizon"),
        ("events", "states_balance"),
        ("layers", "money_discounted_by_hand"),
        ("layers", "time_discounted_by_hand"),
    ],
)
def test_a_fault_of_the_engine_is_seen(change: str, check: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model = "hiv" if check != "time_discounted_by_hand" else "sick_sicker"  # hiv does not discount effects
    assert verify(model, only=[check]).failures == ()
    monkeypatch.setattr(subjects, "simulate", engine_with(change))
    assert verify(model, only=[check]).failures == (check,)


def test_the_command_ends_with_1_for_a_failure_and_0_without(tmp_path: Path) -> None:
    out = tmp_path / "verified.json"
    ran = CliRunner().invoke(main, ["verify", "hiv", "--only", "shares_sum", "--json", str(out)])
    assert ran.exit_code == 0, ran.output
    assert json.loads(out.read_text(encoding="utf-8"))["checks"][0]["verdict"] == "pass"
    _, file = faulty("sick_sicker", "", random.Random(1), tmp_path)
    file.write_text(file.read_text().replace("ratio: hr_S1S2_trtB", "ratio: 1 / hr_S1S2_trtB"), encoding="utf-8")
    ran = CliRunner().invoke(main, ["verify", str(file), "--only", "ratios_rise_with_their_parameters", "--lang", "da"])
    assert ran.exit_code == 1
    assert "Ikke bestået" in ran.output
    assert "hr_S1S2_trtB" in ran.output


def test_an_unknown_check_is_refused() -> None:
    with pytest.raises(ScenarioError, match="unknown check"):
        verify("hiv", only=["shares_summ"])


def test_every_check_has_a_subject_and_is_on_the_page() -> None:
    page = (Path(__file__).parents[2] / "docs" / "verify.md").read_text(encoding="utf-8")
    for name, one in CHECKS.items():
        assert one.subject in SUBJECTS
        assert f"| `{name}` | {one.item} |" in page, name
