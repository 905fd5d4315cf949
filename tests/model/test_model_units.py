"""Anchored in units: a time unit, currency or sort of number that does not fit is refused on random models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costeff.currencies import CODES
from costeff.labels import Label
from costeff.model import Conventions, Expression, Flow, Model, Party, State, Strategy, Transition
from costeff.model.checks.units import units_of
from costeff.model.elements import Attribute, Clock, Effect, Term
from costeff.model.formulas.dimension import USUAL, conversion
from costeff.units import parse_unit

E = Expression
CYCLES = {"day": 365, "week": 52, "month": 12, "year": 1}
NAMES = ("a", "b", "c")


def label(text: str) -> Label:
    return Label(text, text)


def model(cycle: str, formulas: Mapping[str, str]) -> Model:
    """Two living states; `formulas` says the hazard, the amounts and the start of a clock."""
    people = Attribute("first", categories={"well": E(1)})
    return Model(
        name="m",
        title=label("m"),
        conventions=Conventions(
            cycle, CYCLES[cycle], 10 * CYCLES[cycle], "none", "whole_year", E("rate"), E("rate"), "DKK", 2024
        ),
        states=(State("well", label("w")), State("ill", label("i")), State("dead", label("d"), alive=False)),
        attributes=(people,),
        start="first",
        clocks=(Clock("age", E(formulas["clock"])),),
        transitions=(
            Transition("fall_ill", "well", "ill", hazard=E(formulas["hazard"])),
            Transition("recover", "ill", "well", hazard=E(0.1)),
        ),
        strategies=(Strategy("one", label("o")), Strategy("two", label("t"))),
        parties=(Party("payer", label("p")), Party("resources", label("r"), outside=True)),
        flows=(
            Flow("care", "payer", "resources", label("c"), amounts={"ill": E(formulas["care"])}, real="care"),
            Flow(
                "onset",
                "payer",
                "resources",
                label("o"),
                per="event",
                amounts={"": E(formulas["onset"])},
                transitions=("fall_ill",),
                real="onset",
            ),
        ),
        effects=(
            Effect(
                "qaly",
                label("q"),
                "QALY",
                "more",
                (Term(("well", "ill"), E("utility")),),
                discount=True,
                factor=E("1 / cycles_per_year"),
            ),
        ),
    )


def evidence_of(units: Mapping[str, str]) -> SimpleNamespace:
    parameters = {
        name: SimpleNamespace(unit=unit, at=lambda key: None)
        for name, unit in {"utility": "utility", "rate": "rate per year", **units}.items()
    }
    return SimpleNamespace(parameters=parameters, tables={})


def refusals(cycle: str, formulas: Mapping[str, str], units: Mapping[str, str]) -> list[str]:
    return [str(p) for p in units_of(model(cycle, formulas), evidence_of(units)).problems]


GOOD = {"hazard": "h", "care": "c", "onset": "e", "clock": "floor(years * cycles_per_year)"}


def good_units(cycle: str) -> dict[str, str]:
    return {"h": f"hazard per {cycle}", "c": f"DKK per {cycle}", "e": "DKK per event", "years": "years"}


times = st.sampled_from(tuple(CYCLES))


@given(times)
@settings(max_examples=4)
def test_units_that_fit_are_accepted(cycle: str) -> None:
    assert refusals(cycle, GOOD, good_units(cycle)) == []


@st.composite
def harmless(draw: st.DrawFn, name: str) -> str:
    """A formula around a name that changes its size and not its unit of time."""
    text = name
    wraps = (
        "({}) * share",
        "max({}, 0)",
        "where(share > 0.5, {}, 0)",
        "({}) / (1 + share)",
        "0.3 * ({})",
        "({}) * 1.5",
        "-(-({}))",
        "({}) ** 1",
        "min({}, {})",
        "({}) * exp(share)",
        "abs({})",
        "({}) + 0",
    )
    for _ in range(draw(st.integers(0, 3))):
        wrap = draw(st.sampled_from(wraps))
        if len(text) < 150:
            text = wrap.replace("{}", text)
    return text


@given(st.data(), times, times)
@settings(max_examples=150, deadline=None)
def test_any_mismatch_of_time_unit_is_refused(data: st.DataObject, cycle: str, other: str) -> None:
    kind = data.draw(st.sampled_from(["hazard", "care"]))
    name = {"hazard": "h", "care": "c"}[kind]
    unit = {"hazard": data.draw(st.sampled_from(["hazard per", "rate per"])), "care": "DKK per"}[kind]
    units = {**good_units(cycle), "share": "share", name: f"{unit} {other}"}
    formulas = {**GOOD, kind: data.draw(harmless(name))}
    found = refusals(cycle, formulas, units)
    assert bool(found) == (cycle != other), found


@given(times, st.sampled_from(sorted(USUAL)), st.sampled_from("*/"), st.booleans())
@settings(max_examples=60, deadline=None)
def test_a_number_that_converts_what_is_per_cycle_is_refused(
    cycle: str, pair: tuple[str, str], sign: str, money: bool
) -> None:
    number = USUAL[pair][0]
    place, name = ("care", "c") if money else ("hazard", "h")
    found = refusals(cycle, {**GOOD, place: f"{name} {sign} {number:g}"}, good_units(cycle))
    assert bool(found) == (cycle in pair), found


@given(times, st.sampled_from([0.1, 0.5, 1.5, 2, 3, 10, 100, 1000]), st.sampled_from("*/"))
@settings(max_examples=30, deadline=None)
def test_a_number_that_converts_nothing_passes(cycle: str, number: float, sign: str) -> None:
    assert refusals(cycle, {**GOOD, "hazard": f"h {sign} {number:g}"}, good_units(cycle)) == []


@given(times, times)
@settings(max_examples=16)
def test_the_conversion_that_a_refusal_offers_is_accepted(cycle: str, other: str) -> None:
    if cycle == other:
        return
    units = {**good_units(cycle), "h": f"hazard per {other}", "c": f"DKK per {other}"}
    changed = {**GOOD, "hazard": f"h {conversion(other, cycle)}", "care": f"c {conversion(other, cycle)}"}
    assert refusals(cycle, changed, units) == []
    assert len(refusals(cycle, GOOD, units)) == 2


@given(st.data(), times, times)
@settings(max_examples=60, deadline=None)
def test_a_sum_of_two_time_units_is_refused(data: st.DataObject, one: str, other: str) -> None:
    cycle = data.draw(times)
    sign = data.draw(st.sampled_from(["+", "-"]))
    kind = data.draw(st.sampled_from([("hazard", "hazard per"), ("care", "DKK per"), ("clock", "")]))
    place, words = kind
    a, b = (f"{words} {time}" if words else f"{time}s" for time in (one, other))
    units = {**good_units(cycle), "first_part": a, "second_part": b}
    formulas = {**GOOD, place: f"first_part {sign} {data.draw(harmless('second_part'))}"}
    units["share"] = "share"
    found = refusals(cycle, formulas, units)
    assert bool(found) == (one != other or one != cycle), found


@given(times, st.sampled_from(["hour", "day", "week", "month", "year"]), st.sampled_from(["onset", "care"]))
@settings(max_examples=30)
def test_money_per_event_and_per_cycle_are_told_apart(cycle: str, time: str, place: str) -> None:
    unit = f"DKK per {time}" if place == "onset" else "DKK per event"
    units = {**good_units(cycle), "money": unit}
    assert refusals(cycle, {**GOOD, place: "money"}, units)


@given(st.sampled_from(sorted(CODES - {"DKK"})), times)
@settings(max_examples=40)
def test_another_currency_is_refused_and_known(currency: str, cycle: str) -> None:
    assert parse_unit(f"{currency} per week").currency == currency
    assert refusals(cycle, GOOD, {**good_units(cycle), "c": f"{currency} per {cycle}"})


def test_a_number_with_a_name_converts_as_the_number_does() -> None:
    """A definition that holds a number written in the model is that number."""
    units = {**good_units("week"), "h": "hazard per year"}
    named = replace(model("week", {**GOOD, "hazard": "h / weeks_a_year"}), definitions={"weeks_a_year": E(52)})
    assert not units_of(named, evidence_of(units)).problems
    wrong = replace(named, definitions={"weeks_a_year": E(4)})
    assert units_of(wrong, evidence_of(units)).problems


@pytest.mark.parametrize("text", ["number * h", "score_of * h", "exp(score_of)", "lookup(unknown_table, t, x)"])
def test_what_cannot_be_worked_out_passes(text: str) -> None:
    units = {**good_units("week"), "number": "number", "score_of": "score", "h": "hazard per year"}
    assert refusals("week", {**GOOD, "hazard": text}, units) == []
