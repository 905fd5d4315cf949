"""Anchored in target groups whose overlap is known by hand, and in brute force over every set of cases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from case_example import example_case, example_result
from hypothesis import given
from hypothesis import strategies as st

from costeff import CaseResult
from costeff.errors import Place, ResultError
from costeff.investment import Case
from costeff.investment.case_plan import CasePlan
from costeff.investment.choice import _cliques, check_alike, check_choice, check_plans, one_decider, overlap
from costeff.investment.invest import invest_all
from costeff.investment.read import read_case
from costeff.investment.report.differences import differences

NAMES = "abcdef"


def case(name: str, scenario: str = "tki2", **changes: object) -> Case:
    start = replace(read_case("tki2-aarhus-investment"), name=name, scenario=scenario)
    return replace(start, **changes)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def results() -> list[CaseResult]:
    cases = [
        case("all"),
        case("heart", "heart"),
        case("cancer", "cancer"),
        case("other", "other"),
        case("work", "from_work"),
        case("unemployed", "from_unemployment"),
        case("rare", set={"p_heart": 0.0005, "p_cancer": 0, "p_other": 0.9995}),
    ]
    return invest_all([two_years(c) for c in cases], 2, 4, progress=False)


def two_years(case: Case) -> Case:
    """The case over two years, under the model's own rules."""
    assert case.capacity is not None
    return replace(
        case,
        years=2,
        uptake=(1.0,) * 2,
        fidelity=(1.0,) * 2,
        inflow=case.inflow[:8],
        rules="",
        regime="old",
        capacity=replace(case.capacity, consultants=case.capacity.consultants[:2]),
    )


def test_overlap_is_worked_out_from_the_populations(results: list[CaseResult]) -> None:
    found = overlap(results)
    apart = [set(pair) for pair in combinations([r.case.name for r in results], 2) if pair not in found.pairs]
    assert apart == [
        {"heart", "cancer"},
        {"heart", "other"},
        {"cancer", "other"},
        {"cancer", "rare"},
        {"work", "unemployed"},
    ]
    assert found.unknown == ()
    assert ("all", "heart", "work", "rare") in found.groups


def test_a_category_of_one_in_two_thousand_is_not_missed(results: list[CaseResult]) -> None:
    rare = results[-1]
    assert rare.priced is not None
    assert rare.priced.plan.possible["diagnosis"] == {"heart", "other"}


def test_declared_citizens_decide(results: list[CaseResult]) -> None:
    def named(r: CaseResult, citizens: str) -> CaseResult:
        return replace(r, case=replace(r.case, citizens=citizens))

    everyone, heart = results[:2]
    assert overlap([named(everyone, "north"), named(heart, "south")]).pairs == ()
    both = overlap([named(results[1], "x"), named(results[2], "x")])
    assert both.pairs == both.declared == (("heart", "cancer"),)
    one = overlap([named(everyone, "north"), heart])  # one alone says nothing
    assert (one.pairs, one.declared) == ((("all", "heart"),), ())


def test_what_is_not_known_is_taken_to_overlap() -> None:
    pair = [example_result(draws=2, name=name) for name in "ab"]
    found = overlap(pair)
    assert found.pairs == found.unknown == (("a", "b"),)


@given(st.sets(st.sampled_from(list(combinations(NAMES, 2)))))
def test_groups_are_the_largest_sets_of_which_all_pairs_meet(pairs: set[tuple[str, str]]) -> None:
    sets = [
        group
        for n in range(2, len(NAMES) + 1)
        for group in combinations(NAMES, n)
        if set(combinations(group, 2)) <= pairs
    ]
    largest = {g for g in sets if not any(set(g) < set(other) for other in sets)}
    assert set(_cliques(NAMES, sorted(pairs))) == largest


def test_only_what_differs_is_told(results: list[CaseResult]) -> None:
    rows = {row.label.en: {n: x.en for n, x in row.values.items()} for row in differences(results[:2])}
    assert rows["Scenario of the model"] == {"all": "tki2", "heart": "heart"}
    assert "Share who take the offer" not in rows
    assert any(values["heart"] == "1" for values in rows.values())  # the share with heart disease
    assert differences(results[:1]) == ()


# -- what cannot be chosen between ----


def told(call: Callable[[], object]) -> str:
    """The refusal, which says rule and way out."""
    with pytest.raises(ResultError) as refused:
        call()
    message = str(refused.value)
    assert "Rule: " in message
    assert "Way out: " in message
    return message


def plans(results: list[CaseResult], *names: str) -> list[CasePlan]:
    """The plans of these cases."""
    priced = {r.case.name: r.priced for r in results}
    return [plan.plan for name in names if (plan := priced[name]) is not None]


def test_no_case_is_called_nothing() -> None:
    one = replace(example_case("nothing"), places={"case": Place("b.yaml", 1)})
    message = told(lambda: check_alike([example_case("a"), one]))
    assert message.startswith("b.yaml, line 1: a case may not have this name (value: nothing)")


@pytest.mark.parametrize(
    ("changes", "what", "values"),
    [
        ({"first_year": 2027}, "do not cover the same calendar years", "a: 2026-2030; b: 2027-2031"),
        ({"price_year": 2025}, "are at different price levels", "a: 2026; b: 2025"),
        ({"price_index": {2027: 1.02}}, "project prices differently", "a: as they are; b: 2027 1.02"),
        ({"view": "all_municipalities"}, "are seen from different places", "a: marginal; b: all_municipalities"),
        ({"out_migration": 0.1}, "book between authorities differently", "b: equalisation None, out_migration 0.1"),
        ({"rules": "denmark"}, "hold under different rules", "a: those of the model (across); b: denmark (across)"),
        ({"municipality": "Randers"}, "are of different municipalities", "a: not stated; b: Randers"),
    ],
)
def test_cases_of_other_worlds_are_no_choice(changes: dict[str, Any], what: str, values: str) -> None:
    start = replace(example_case("a"), rules="", regime="across")
    message = told(lambda: check_alike([start, replace(start, name="b", **changes)]))
    assert f"the cases cannot be chosen between: they {what}" in message
    assert values in message


def test_cases_of_one_world_are_a_choice(results: list[CaseResult]) -> None:
    """Their results, their plans, and for parties that all of them have."""
    check_choice(results)
    both = plans(results, "all", "heart")
    check_plans(both)
    check_plans(both, "state")
    message = told(lambda: check_plans(both, "sate"))
    assert "unknown party (value: sate)" in message
    assert "did you mean 'state'" in message


def test_cases_for_other_deciders_need_one() -> None:
    message = told(lambda: one_decider({"a": "municipal", "b": "state"}))
    assert "the cases are not for the same parties (value: municipal (a), state (b))" in message
    assert "name the parties: --perspective" in message


def test_currencies_and_parties_must_be_the_same(results: list[CaseResult]) -> None:
    one, other = plans(results, "all", "heart")
    euro = replace(other.model, conventions=replace(other.model.conventions, currency="EUR"))
    assert "are in different currencies (value: all: DKK; heart: EUR)" in told(
        lambda: check_plans([one, replace(other, model=euro)])
    )
    fewer = replace(results[1], parties={name: label for name, label in results[1].parties.items() if name != "state"})
    assert "they have other parties" in told(lambda: check_choice([results[0], fewer]))


def test_cases_are_told_apart_by_models_made_once(results: list[CaseResult], monkeypatch: pytest.MonkeyPatch) -> None:
    """Another parameter of how people move, and nothing that only prices, parts two cases' luck; asked again, no model
    is made again."""
    (plan,) = plans(results, "all")
    mover, price = changed(plan, "h_work_sick_1"), changed(plan, "municipal_tax")
    assert {"h_work_sick_1"} <= plan.moving
    assert "municipal_tax" not in plan.moving
    assert [plan.shares_luck(other) for other in (mover, price)] == [False, True]
    monkeypatch.setattr("costeff.investment.case_plan.without_words", None)
    monkeypatch.setattr("costeff.investment.case_plan.moving_names", None)
    assert [plan.shares_luck(other) for other in (mover, price)] == [False, True]


def changed(plan: CasePlan, name: str) -> CasePlan:
    """The plan with a parameter that the case sets, on line 7 of its file, to half of what it was."""
    places = {**plan.case.places, f"set.{name}": Place("b.yaml", 7)}
    return replace(
        plan, case=replace(plan.case, places=places), draws={**plan.draws, name: np.asarray(plan.draws[name]) / 2}
    )


def test_prices_and_taxes_are_the_same_in_all_cases(results: list[CaseResult]) -> None:
    """Even of citizens who never meet; what is not behind usual care, such as the programme's effect, may differ."""
    heart, cancer = plans(results, "heart", "cancer")
    message = told(lambda: check_plans([heart, changed(cancer, "municipal_tax")]))
    assert message.startswith("b.yaml, line 7: the cases cannot be chosen between: prices, taxes or usual care differ")
    was = float(np.mean(heart.draws["municipal_tax"]))
    assert f"heart: municipal_tax {was:g}; cancer: municipal_tax {was / 2:g}" in message
    check_plans([heart, changed(cancer, "hr_relapse")])


def test_usual_care_of_the_same_citizens_takes_the_same_course(results: list[CaseResult]) -> None:
    """How often work ends in sickness is no price: free between citizens who never meet."""
    everyone, heart, cancer = plans(results, "all", "heart", "cancer")
    check_plans([heart, changed(cancer, "h_work_sick_1")])
    assert "h_work_sick_1" in told(lambda: check_plans([everyone, changed(cancer, "h_work_sick_1")]))
    apart, same = (
        [
            replace(p, case=replace(p.case, citizens=words))
            for p, words in zip((everyone, cancer), citizens, strict=True)
        ]
        for citizens in (("north", "south"), ("north", "North "))
    )
    check_plans([apart[0], changed(apart[1], "h_work_sick_1")])
    assert "h_work_sick_1" in told(lambda: check_plans([same[0], changed(same[1], "h_work_sick_1")]))


def test_other_models_are_other_worlds_of_which_nothing_is_known(results: list[CaseResult]) -> None:
    """Their parameters are not compared, and whether their citizens meet is unknown: taken to overlap."""
    first, second = results[1], results[2]
    assert second.priced is not None
    model = replace(second.priced.plan.model, name="another")
    plan = replace(second.priced.plan, model=model)
    check_plans([*plans(results, "heart"), changed(plan, "municipal_tax")])
    other = replace(second, priced=replace(second.priced, plan=plan))
    assert overlap([first, second]).pairs == ()
    assert overlap([first, other]).unknown == (("heart", "cancer"),)
