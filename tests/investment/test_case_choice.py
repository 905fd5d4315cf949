"""Anchored in target groups whose overlap is known by hand, and in brute force over every set of cases."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
from case_example import example_result
from hypothesis import given
from hypothesis import strategies as st

from costeff import CaseResult
from costeff.investment import Case
from costeff.investment.choice import _cliques, overlap, possible
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
    assert possible(rare.priced.plan)["diagnosis"] == {"heart", "other"}


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
