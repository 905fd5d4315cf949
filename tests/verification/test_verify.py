"""Anchored in known answers: shipped and random sound models pass, and those with a fault put in fail."""

from __future__ import annotations

import json
import random
from copy import copy
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from mutation import model_faults, verify_faults
from mutation.verify_faults import faulty, seed_per_strategy
from random_models import models
from verification.random_sound import verified

from costeff import bundled, load
from costeff.analysis.study import StudyData
from costeff.cli import main
from costeff.errors import ScenarioError
from costeff.evidence import Parameter
from costeff.labels import Label
from costeff.model import Expression, Flow, Model
from costeff.verification import subject as subjects
from costeff.verification.by_hand import effects_count_known_times
from costeff.verification.kinds_of_money import kind_of
from costeff.verification.verdict import CHECKS, SUBJECTS
from costeff.verification.verify import verify

QUICK = ("sick_sicker", "hiv", "haderslev")
SLOW_RANDOM = 50


@pytest.mark.parametrize("name", QUICK)
def test_shipped_models_pass(name: str) -> None:
    verification = verify(name)
    assert verification.failures == ()
    passed = sum(verdict.standing == "pass" for _, verdict in verification)
    assert passed >= 45


def test_a_system_is_checked_as_a_system() -> None:
    """Nobody is lost, places hold who is on them, and copies of a strategy have its places and stays."""
    own = ("nobody_is_lost", "places_hold_who_is_on_them", "states_balance", "equal_strategies_live_alike")
    standings = {check.name: verdict.standing for check, verdict in verify("haderslev-places", only=own)}
    assert standings == dict.fromkeys(own, "pass")
    closed = {check.name: verdict.standing for check, verdict in verify("sick_sicker", only=own[:2])}
    assert set(closed.values()) == {"not applicable"}


@pytest.mark.nightly
@pytest.mark.parametrize("name", [n for n in bundled.available("models") if n not in QUICK])
def test_all_shipped_models_pass(name: str) -> None:
    verification = verify(name)
    assert verification.failures == ()
    assert sum(verdict.standing == "pass" for _, verdict in verification) >= 45


@pytest.mark.filterwarnings("ignore:deadline")
@settings(max_examples=10, suppress_health_check=list(HealthCheck), deadline=None)
@given(models())
def test_no_check_fails_on_random_sound_models(model: Model) -> None:
    assert verified(model).failures == ()


@pytest.mark.nightly
@pytest.mark.filterwarnings("ignore:deadline")
@settings(max_examples=SLOW_RANDOM, suppress_health_check=list(HealthCheck), deadline=None)
@given(models(cohort=True))
def test_no_check_fails_on_random_models_that_a_cohort_holds(model: Model) -> None:
    assert verified(model).failures == ()


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
    "halve a cycle": (  # any kind will do: the fault that is put in is this one
        "moves_read_the_numbers_named_after_them",
        lambda m: (
            m["transitions"][3].update(probability="rate_to_probability(r_S1H)"),
            m["transitions"][4].update(probability="rate_to_probability(r_HS1)"),
        ),
    ),
    "effect on the wrong leg": ("a_shared_ratio_acts_alike", lambda m: m["strategy_effects"][0].update(legs=["onset"])),
}


SEEN_IN_WEEKS = {
    "swap two parameters": (
        "numbered_parameters_stand_in_order",
        lambda m: m["transitions"][1].update(
            hazard=m["transitions"][1]["hazard"].replace("_1", "_0").replace("_2", "_1").replace("_0", "_2")
        ),
    ),
    "wrong clock": ("one_hazard_has_one_clock", lambda m: m["transitions"][10].update(clock="time")),
    "effect on the wrong leg": (
        "effects_act_where_their_names_say",
        lambda m: (
            m["strategy_effects"][1].update(ratio="hr_clarification"),
            m["strategy_effects"][3].update(ratio=["hr_partial", "hr_partial", 1, 1]),
        ),
    ),
    "ratio inverted": (
        "numbers_of_a_group_stand_in_its_branch",
        lambda m: m["population"]["utility"].update(
            value=m["population"]["utility"]["value"]
            .replace("utility_heart", "x")
            .replace("utility_cancer", "utility_heart")
            .replace("x", "utility_cancer")
        ),
    ),
}


@pytest.mark.parametrize("kind", SEEN_IN_WEEKS)
def test_a_fault_of_names_is_seen_in_a_model_of_many(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mutation import verify_faults

    check, change = SEEN_IN_WEEKS[kind]
    monkeypatch.setitem(verify_faults.FAULTS, kind, lambda model, parameters, rng: str(change(model)))
    _, file = faulty("tki2_reduced", kind, random.Random(1), tmp_path)
    assert verify("tki2_reduced", only=[check]).failures == ()
    assert verify(str(file), only=[check]).failures == (check,)


def test_a_parameter_that_moves_nothing_is_seen(tmp_path: Path) -> None:
    """Read by the text of a formula, and without any say in it."""
    _, file = faulty("sick_sicker", "", random.Random(1), tmp_path)
    text = file.read_text().replace("amount: c_trtA", "amount: 12000 + 0 * c_trtA")
    file.write_text(text, encoding="utf-8")
    verification = verify(str(file), only=["every_parameter_moves_a_number"])
    assert [dict(verdict.fields) for _, verdict in verification] == [{"names": "c_trtA"}]


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


def reversed_flow(model: Model, item: str) -> Model:
    """The model with the first flow of an item the other way."""
    at = next(i for i, flow in enumerate(model.flows) if flow.item == item)
    flow = model.flows[at]
    other = replace(flow, payer=flow.recipient, recipient=flow.payer)
    return replace(model, flows=(*model.flows[:at], other, *model.flows[at + 1 :]))


@pytest.mark.parametrize(
    ("model", "item"),
    [
        ("tki2_reduced", "production"),
        ("tki2_reduced", "wage"),
        ("tki2_reduced", "sickness_benefit_refund"),
        ("tki2_reduced", "state_benefit_cofinancing"),
        ("expert-at-work", "gp_fee"),
        ("expert-at-work", "gp_copay"),
        ("expert-at-work", "tax"),
        ("haderslev", "own_payment"),
    ],
)
def test_money_of_a_kind_that_runs_the_wrong_way_is_seen(model: str, item: str) -> None:
    study = load(model)
    only = ["money_runs_as_its_names_say"]
    assert verify(study, only=only).failures == ()
    ((_, verdict),) = verify(replace(study, model=reversed_flow(study.model, item)), only=only)
    assert verdict.fields == {"names": item}


def with_clock(model: Model, source: str, target: str, clock: str) -> Model:
    """The model with another clock of the exits from one state to another."""
    changed = (replace(t, clock=clock) if (t.source, t.target) == (source, target) else t for t in model.transitions)
    return replace(model, transitions=tuple(changed))


@pytest.mark.parametrize(
    ("move", "clock", "seen"),
    [
        (("sick_full", "sick_graded"), "time_in_state", {"hazards_read_the_clock_of_their_evidence"}),
        (("aap", "work"), "age", {"hazards_read_the_clock_of_their_evidence", "someone_is_in_every_span_of_a_hazard"}),
    ],
)
def test_a_wrong_clock_is_seen(move: tuple[str, str], clock: str, seen: set[str]) -> None:
    """Weeks of graded sick leave in the place of weeks since the sick-listing; nobody is younger than 52 weeks."""
    study = load("expert-at-work")
    only = ["hazards_read_the_clock_of_their_evidence", "someone_is_in_every_span_of_a_hazard"]
    assert verify(study, only=only).failures == ()
    assert set(verify(replace(study, model=with_clock(study.model, *move, clock)), only=only).failures) == seen


def swap_of(one: str, other: str) -> model_faults.Fault:
    """The fault that puts these two parameters in each other's place."""

    def swap(data: dict[str, object], parameters: dict[str, object], rng: random.Random) -> str:
        names = {one: other, other: one}
        for section in ("definitions", "population", "transitions", "strategy_effects", "flows", "effects"):
            if section in data:
                data[section] = model_faults.strings(
                    data[section], lambda text: model_faults.NAME.sub(lambda m: names.get(m[0], m[0]), text)
                )
        return f"{one} with {other}"

    return swap


@pytest.mark.parametrize(
    ("model", "one", "other", "check"),
    [
        ("expert-at-work", "hr_mi_nav", "hr_return_mental", "numbers_of_a_strategy_are_read_for_it"),
        ("haderslev", "own_payment", "payment_state_first", "money_called_as_an_item_is_in_it"),
    ],
)
def test_a_number_in_the_place_of_another_is_seen_by_its_whole_name(
    model: str, one: str, other: str, check: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(verify_faults.FAULTS, "swap two parameters", swap_of(one, other))
    _, file = faulty(model, "swap two parameters", random.Random(1), tmp_path)
    assert verify(model, only=[check]).failures == ()
    assert verify(load(file), only=[check]).failures == (check,)


def test_two_numbers_of_a_unit_that_changed_places_are_seen_by_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names tell neither state nor item: the share who cannot come for the share of fees that the state pays."""
    only = ["no_two_numbers_changed_places"]
    assert verify("followup-teams", only=only).failures == ()
    monkeypatch.setitem(verify_faults.FAULTS, "swap two parameters", swap_of("gp_fee_share", "p_ready"))
    _, file = faulty("followup-teams", "swap two parameters", random.Random(1), tmp_path)
    ((_, verdict),) = verify(load(file), only=only)
    assert verdict.standing == "fail"
    assert "gp_fee_share <-> p_ready" in verdict.fields["names"]


@pytest.mark.parametrize(
    ("model", "old", "new", "wrong"),
    [
        ("followup-teams", "up_some / cycles_per_year", "up_some / (2 * cycles_per_year)", "home_some -> home_medium"),
        ("connect", "sex) / cycles_per_year", "sex) * 2 / (2 * cycles_per_year)", ""),  # the same rate
        ("connect", "sex) / cycles_per_year", "sex) / (2 * cycles_per_year)", "sick_full -> dead"),
    ],
)
def test_a_rate_that_is_told_for_half_a_year_is_seen(
    tmp_path: Path, model: str, old: str, new: str, wrong: str
) -> None:
    _, file = faulty(model, "", random.Random(1), tmp_path)
    file = tmp_path / f"{model}.yaml"
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), encoding="utf-8")
    ((_, verdict),) = verify(load(file), only=["rates_by_hand"])
    assert verdict.standing == ("fail" if wrong else "pass")
    assert wrong in verdict.fields.get("names", "")


@pytest.mark.parametrize(
    ("factor", "seen"),
    [
        ("1 / cycles_per_year", False),
        ("12 / cycles_per_year", False),
        ("100 / cycles_per_year", False),
        ("2 / cycles_per_year", True),
        ("1 / (2 * cycles_per_year)", True),
    ],
)
def test_an_effect_that_counts_half_years_is_seen(factor: str, seen: bool) -> None:
    """The check alone: other checks, and the reader, know the factors of utilities."""
    study = load("connect")
    effects = tuple(replace(e, factor=Expression(factor)) if e.factor else e for e in study.model.effects)
    changed = SimpleNamespace(model=subjects.model_with(study.model, effects=effects))
    verdict = effects_count_known_times(subjects.Subject(changed))  # type: ignore[arg-type]
    assert verdict.standing == ("fail" if seen else "pass")


def with_legs(study: StudyData, strategy: str, *legs: str) -> StudyData:
    """The study whose first effect of a strategy acts on other legs."""
    effects = list(study.model.strategy_effects)
    at = next(i for i, effect in enumerate(effects) if effect.strategy == strategy)
    effects[at] = replace(effects[at], legs=legs)
    return replace(study, model=replace(study.model, strategy_effects=tuple(effects)))


@pytest.mark.parametrize(
    ("strategy", "leg", "check"),
    [
        ("mi_nav", "relapse", "ratios_act_on_the_legs_of_their_evidence"),
        ("i_more", "full_to_work", "legs_are_treated_whole"),
    ],
)
def test_a_ratio_on_another_leg_than_its_evidence_is_seen(strategy: str, leg: str, check: str) -> None:
    study = load("expert-at-work")
    assert verify(study, only=[check]).failures == ()
    assert verify(with_legs(study, strategy, leg), only=[check]).failures == (check,)


def with_parameters(study: StudyData, **changed: Parameter) -> StudyData:
    """The study with other parameters, at the prices of the analysis."""
    evidence = copy(study.evidence)
    evidence.parameters = {**study.evidence.parameters, **changed}
    return replace(study, evidence=evidence)


def test_without_legs_in_the_evidence_the_check_asks_for_them() -> None:
    study = load("sick_sicker")
    plain = {name: replace(p, legs=()) for name, p in study.evidence.parameters.items()}
    ((_, verdict),) = verify(with_parameters(study, **plain), only=["ratios_act_on_the_legs_of_their_evidence"])
    assert (verdict.standing, verdict.fields) == ("not applicable", {"names": "hr_S1S2_trtB"})


def test_words_tell_kinds_of_money_in_three_languages() -> None:
    kinds = {
        ("x", "Municipal tax", "Kommuneskat"): "tax",
        ("x", "Taxi", "Taxa"): "",
        ("sickness_benefit_refund", "", ""): "refund",
        ("pension_contribution", "", ""): "",
        ("x", "Paid by the patient", "Egenbetaling"): "own_payment",
    }
    assert {text: kind_of(Flow(text[0], "a", "b", Label(*text[1:]))) for text in kinds} == kinds


def test_a_seed_per_strategy_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subjects, "simulate", seed_per_strategy)
    checks = ["equal_strategies_live_alike", "shares_sum"]
    assert verify("sick_sicker", only=checks).failures == ("equal_strategies_live_alike",)


def engine_with(change: str) -> object:
    """The engine with a fault in what it counts."""

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
