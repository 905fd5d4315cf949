"""Anchored in the rules of docs/model_language.md: one thing wrong at a time, with its line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from costeff.errors import CosteffError, ModelError, Place
from costeff.labels import Label
from costeff.model import (
    Attribute,
    Clock,
    Conventions,
    Expression,
    LookBack,
    Model,
    Party,
    Perspective,
    State,
    Strategy,
    StrategyEffect,
    Transition,
    check_model,
    parameter_names,
    pricing_names,
    read_model,
    simulation_names,
    table_names,
)

FOLDER = Path(__file__).parents[1] / "data" / "models"
TEXT = (FOLDER / "example.yaml").read_text(encoding="utf-8")
FIGURES = (FOLDER / "example_parameters.yaml").read_text(encoding="utf-8")
E = Expression
Broken = Callable[..., tuple[CosteffError, int]]

#: (old, new, pieces of the message). The line expected is where the element begins that holds the change.
RULES: dict[str, tuple[str, str, list[str]]] = {
    # states and exits
    "unknown state": (
        "- {from: sick, to: work, hazard",
        "- {from: sick, to: wrok, hazard",
        ["unknown state 'wrok'", "did you mean 'work'?"],
    ),
    "out of an undeclared state": (
        "{from: work, to: sick, hazard",
        "{from: leave, to: sick, hazard",
        ["unknown state 'leave'", "declared: sick, work, retired, dead"],
    ),
    "out of the dead": ("{from: work, to: sick, hazard", "{from: dead, to: sick, hazard", ["state of the dead"]),
    "to itself": ("{from: work, to: sick, hazard", "{from: work, to: work, hazard", ["from a state to itself"]),
    "both hazard and probability": (
        "hazard: h_relapse,",
        "hazard: h_relapse, probability: h_relapse,",
        ["has both or neither"],
    ),
    "neither": ("hazard: h_relapse, ", "", ["has both or neither"]),
    "unknown clock": ("hazard: h_relapse,", "hazard: h_relapse, clock: abcence,", ["unknown clock", "'absence'"]),
    "unknown stratum": ("strata: [sex]", "strata: [sexx]", ["unknown categorical attribute 'sexx'"]),
    "a stratum without categories": ("strata: [sex]", "strata: [wage]", ["unknown categorical attribute 'wage'"]),
    "deadline on an unknown clock": ("to: retired, clock: age", "to: retired, clock: ages", ["unknown clock"]),
    "probability above 1": (
        "hazard: h_relapse",
        "probability: 1.2",
        ["the probability of 'relapse' is out of range", "value: 1.2", "Rule: 0 to 1"],
    ),
    "negative hazard": ("hazard: h_relapse", "hazard: -0.1", ["out of range", "0 or more"]),
    # population
    "start is not an attribute": ("start: start_state", "start: state", ["unknown attribute 'state'"]),
    "start is a state": ("start: start_state", "start: sick", ["`start` names a state"]),
    "start has no categories": ("start: start_state", "start: wage", ["start attribute has no categories"]),
    "start names no state": ("{sick: 1, work: rest}", "{sick: 1, ill: rest}", ["unknown living state 'ill'"]),
    "start among the dead": ("{sick: 1, work: rest}", "{sick: 1, dead: rest}", ["unknown living state 'dead'"]),
    "negative population": (
        "{women: 0.5, men: rest}",
        "{women: -0.5, men: rest}",
        ["the probability of 'women' is out of range", "-0.5"],
    ),
    "probabilities that do not add up": ("{women: 0.5, men: rest}", "{women: 0.5, men: 0.4}", ["add to 1", "0.9"]),
    "two rests": ("{women: 0.5, men: rest}", "{women: rest, men: rest}", ["several rests"]),
    "value and categories": (
        "utility: {value: utility_mean}",
        "utility: {value: 1, categories: {a: 1}}",
        ["both or neither"],
    ),
    # names
    "a reserved name": ("hr_waned: hr ** 0.5", "t: hr ** 0.5", ["a reserved name as definition"]),
    "a function's name": ("  banked_weeks: {value: 10", "  probit: {value: 10", ["a reserved name as attribute"]),
    "a name no formula can hold": ("{women: 0.5, men: rest}", "{women: 0.5, the men: rest}", ["no formula can name"]),
    "a category twice": ("{women: 0.5, men: rest}", "{women: 0.5, other: rest}", ["with a name in use"]),
    "an unread definition": ("ratio: [hr, hr_waned, 1]", "ratio: [hr, hr, 1]", ["'hr_waned' is never read"]),
    "t in an amount": ("amount: sickness_benefit_week", "amount: t", ["reads 't', which has no value there"]),
    "an attribute in a share": ("share: 1}", "share: wage}", ["reads 'wage'", "`weight`"]),
    "an attribute in a hazard": ("hazard: h_relapse", "hazard: h_relapse * wage", ["reads 'wage'", "`multiplier`"]),
    "a category without its stratum": (
        "hazard: h_relapse",
        'hazard: "where(diagnosis == cancer, 1, 0)"',
        ["reads 'cancer'", "`strata`"],
    ),
    "a later attribute": ("value: utility_mean}", "value: start_state}", ["reads 'start_state'", "earlier"]),
    "u in a category": ("heart: p_heart", "heart: u", ["reads 'u'"]),
    # clocks, windows, bands
    "reset in an unknown state": ("on_leaving: [work]", "on_leaving: [works]", ["unknown state 'works'"]),
    "advances in an unknown state": ("advances_in: [sick]", "advances_in: [ill]", ["unknown state 'ill'"]),
    "an impossible look-back": ("after: 52, within: 156", "after: 157, within: 156", ["impossible look-back"]),
    "a bank without an end": (
        "banked: banked_weeks, banked_until: spell_weeks",
        "banked: banked_weeks",
        ["has only one of them"],
    ),
    "a full bank": ("banked: banked_weeks,", "banked: 52,", ["out of range", "0 to 51"]),
    "a built-in clock": ("  calendar: {initial: 0}", "  time: {initial: 0}", ["built-in name"]),
    "windows that fall": ("windows: [26, 52]", "windows: [52, 26]", ["do not increase"]),
    "a window at 0": ("windows: [26, 52]", "windows: [0, 52]", ["do not increase"]),
    "edges that fall": ("edges: [4, 26, 52]", "edges: [4, 52, 26]", ["edges of band 'ladder'"]),
    "a band on an unknown clock": ("ladder: {clock: public_support", "ladder: {clock: support", ["unknown clock"]),
    # strategies
    "an unknown strategy": (
        "{strategy: tki2, legs: [relapse]",
        "{strategy: tki, legs: [relapse]",
        ["unknown strategy 'tki'"],
    ),
    "an unknown leg": (
        "{strategy: tki2, legs: [relapse]",
        "{strategy: tki2, legs: [relaps]",
        ["unknown leg 'relaps'", "'relapse'"],
    ),
    "two ratios for three windows": ("ratio: [hr, hr_waned, 1]", "ratio: [hr, hr_waned]", ["number of ratios"]),
    "a negative ratio": ("ratio: [hr, hr_waned, 1]", "ratio: [hr, hr_waned, -1]", ["a ratio", "out of range"]),
    "a scale on a hazard": ("scale: hazard", "scale: rate", ["on 'sick -> work', a hazard", "`scale: hazard`"]),
    "two effects on one exit": ("legs: [relapse]", "legs: [relapse, return_to_work]", ["a second effect"]),
    # flows
    "an unknown party": (
        "{item: wage, from: employer",
        "{item: wage, from: employers",
        ["unknown party", "'employer'"],
    ),
    "to the payer": ("from: employer, to: citizen", "from: citizen, to: citizen", ["goes to its own payer"]),
    "between outside accounts": (
        "from: production, to: employer",
        "from: production, to: resources",
        ["joins two outside accounts"],
    ),
    "outside without a tag": (", real: case_work,", ",", ["has no `real` tag", "resources"]),
    "a transfer with a tag": (
        "weight: wage, amount: 1}",
        "weight: wage, amount: 1, real: wages}",
        ["a transfer with a `real` tag"],
    ),
    "a tag for two items": ("real: listing}", "real: programme}", ["repeats a `real` tag", "programme"]),
    "per cycle without states": (
        "states: [work], weight: wage, amount: 1}",
        "weight: wage, amount: 1}",
        ["lacks `states`"],
    ),
    "an amount in an unknown state": ("{sick: case_work_week, work: 0}", "{sick: 1, works: 0}", ["unknown state"]),
    "per event without transitions": ("transitions: [relapse], amount", "amount", ["names no transitions"]),
    "an unknown transition": (
        "transitions: [relapse]",
        "transitions: [relapses]",
        ["unknown transition, deadline or leg"],
    ),
    "transitions per start": ("per: start,", "per: start, transitions: [relapse],", ["names transitions per start"]),
    "of itself": ("of: sickness_benefit,", "of: sickness_benefit_refund,", ["is a share of itself"]),
    "of an unknown item": ("of: sickness_benefit,", "of: sick_pay,", ["unknown item 'sick_pay'"]),
    "an unknown band": ("share: {band: ladder", "share: {band: laddr", ["unknown band 'laddr'", "'ladder'"]),
    "three shares for four intervals": ("[0.8, 0.4, 0.3, 0.2]", "[0.8, 0.4, 0.3]", ["number of shares", "write 4"]),
    "an unknown weight": ("weight: utility", "weight: utilities", ["unknown attribute with a value"]),
    "a weight without a value": ("weight: utility", "weight: sex", ["unknown attribute with a value 'sex'"]),
    "a weight beside a person's amount": (
        "weight: wage, amount: 1}",
        "weight: wage, amount: wage}",
        ["a weight beside"],
    ),
    "a negative amount": ("amount: 1 + contributions", "amount: -1", ["out of range", "negative: true"]),
    "a whole cost that replaces nothing": (
        "negative: true,\n     strategies: [tki2], programme: true,",
        "negative: true,\n     strategies: [tki2],",
        ["the programme's whole cost, and nothing says what it replaces"],
    ),
    "a saving off a cost over usual care": (
        "programme: true, gross: true",
        "programme: true",
        ["'displaced' takes a saving off", "write `gross: true`"],
    ),
    "gross without a programme": ("programme: true, gross: true", "gross: true", ["no cost of a programme"]),
    "only under an unknown strategy": (
        "strategies: [tki2], programme: true, gross: true, real: programme",
        "strategies: [tki3], programme: true, gross: true, real: programme",
        ["'tki3'"],
    ),
    "only in an unknown perspective": ("only_in: [societal_friction]", "only_in: [friction]", ["unknown perspective"]),
    # perspectives, passages, effects
    "a perspective outside": (
        "parties: [mso, msb], label",
        "parties: [mso, resources], label",
        ["unknown party inside society 'resources'"],
    ),
    "an unknown item": ("exclude_items: [production]", "exclude_items: [produce]", ["unknown item 'produce'"]),
    "in and out": ("exclude_items: [production]", "items: [wage], exclude_items: [wage]", ["does both"]),
    "a passage in an unknown state": ("{states: [work], stay: 4", "{states: [job], stay: 4", ["unknown state 'job'"]),
    "events of nothing": ("events: [relapse]", "events: [relapsing]", ["unknown transition, deadline or leg"]),
    "two ways to count": (
        "events: [relapse]",
        "events: [relapse], passage: return_to_work, within: 52",
        ["counted in 2 ways"],
    ),
    "an unknown passage": ("passage: return_to_work, within", "passage: returned, within", ["unknown passage"]),
    "a passage without a span": ("passage: return_to_work, within: 52", "passage: return_to_work", ["both or neither"]),
    "a broken year": ("better: fewer, within: 52", "better: fewer, within: 50", ["whole number of years", "52"]),
    "beyond the horizon": ("mean_within: 52", "mean_within: 261", ["beyond the horizon"]),
    "a restricted mean of events": ("events: [relapse]", "events: [relapse], mean_within: 52", ["has no passage"]),
    "cycles per year": ("cycles_per_year: 52", "cycles_per_year: 12", ["does not fit `cycle`", "write 52"]),
    "a discount rate in percent": ("discount_rate_cost: discount_rate", "discount_rate_cost: 3.5", ["out of range"]),
}


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Broken:
    path = tmp_path_factory.mktemp("models") / "broken.yaml"

    def read(old: str, new: str) -> tuple[CosteffError, int]:
        assert TEXT.count(old) == 1, f"{old!r} occurs {TEXT.count(old)} times"
        path.write_text(TEXT.replace(old, new), encoding="utf-8")
        with pytest.raises(ModelError) as caught:
            read_model(path)
        return caught.value, TEXT[: TEXT.index(old)].count("\n") + 1

    return read


def problems(error: CosteffError) -> list[CosteffError]:
    return list(getattr(error, "problems", [error]))


#: the line named, by its text, where it is not the one of the change; None: the model as a whole.
AT: dict[str, str | None] = {
    "a whole cost that replaces nothing": "  - {item: programme_mso",
    "gross without a programme": "  - {item: programme_mso",
    "a saving off a cost over usual care": "  - {item: displaced",
    "advances in an unknown state": "  public_support:",
    "an impossible look-back": "  public_support:",
    "a bank without an end": "  public_support:",
    "unknown stratum": "  - {from: [sick, work], to: dead",
    "a stratum without categories": "  - {from: [sick, work], to: dead",
    "only in an unknown perspective": "  - {item: friction_loss",
    "only under an unknown strategy": "  - {item: programme_mso",
    "a tag for two items": "  - {item: programme_mso",
    "three shares for four intervals": "  - {item: sickness_benefit_refund",
    "an unknown band": "  - {item: sickness_benefit_refund",
    "an unknown weight": "  qaly:",
    "a weight without a value": "  qaly:",
    "cycles per year": "conventions:",
    "an unread definition": "  hr_waned:",
    "start has no categories": "  wage:",
    "start is not an attribute": None,
    "start is a state": None,
    "windows that fall": None,
    "a window at 0": None,
}


@pytest.mark.parametrize("case", RULES)
def test_rule_with_line(case: str, broken: Broken) -> None:
    old, new, pieces = RULES[case]
    error, line = broken(old, new)
    for piece in pieces:
        assert piece in str(error)
    assert all(p.rule and p.way_out for p in problems(error))
    first = next(p for p in problems(error) if pieces[0] in str(p))
    if case in AT and AT[case] is None:
        assert first.where is None
        return
    expected = TEXT[: TEXT.index("\n" + str(AT[case]))].count("\n") + 2 if case in AT else line
    assert isinstance(first.where, Place)
    assert first.where.line == expected, str(error)


def test_two_comparators(tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    text = TEXT.replace("label: {en: Usual care", "comparator: true, label: {en: Usual care")
    path.write_text(text.replace("{label: TKI2}", "{label: TKI2, comparator: true}"), encoding="utf-8")
    with pytest.raises(ModelError, match="two strategies are the comparator"):
        read_model(path)


def test_all_problems_at_once(tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    path.write_text(TEXT.replace("to: wor", "to: wro", 1).replace("of: sick", "of: ill"), encoding="utf-8")
    with pytest.raises(ModelError) as caught:
        read_model(path)
    assert {type(p) for p in problems(caught.value)} == {ModelError}
    assert "'wrok'" in str(caught.value)
    assert "'illness_benefit'" in str(caught.value)


# -- rules on probabilities, in Python ----


def small(*exits: Transition, **changes: object) -> Model:
    """Three states in yearly cycles."""
    fields: dict[str, object] = {
        "name": "small",
        "title": Label("small", "lille"),
        "conventions": Conventions("year", 1, 10, "none", "whole_year", E(0), E(0), "DKK", 2024),
        "states": tuple(State(s, Label(s, s), alive=s != "dead") for s in ("well", "ill", "dead")),
        "attributes": (Attribute("start", categories={"well": E("rest")}),),
        "start": "start",
        "clocks": (Clock("age", E(50)),),
        "transitions": exits,
        "strategies": (Strategy("usual", Label("usual", "vanlig")), Strategy("new", Label("new", "ny"))),
        **changes,
    }
    return Model(**fields)  # type: ignore[arg-type]


ILL = Transition("ill", "well", "ill", probability=E("p"))


def test_probabilities_beside_a_lifelong_hazard_are_allowed() -> None:
    death = Transition("death", "well", "dead", "age", hazard=E("h"), lifelong="death")
    assert check_model(small(ILL, death)) == {"p", "h"}


def test_probabilities_and_hazards_do_not_mix() -> None:
    with pytest.raises(ModelError, match="mixes probabilities and hazards"):
        small(ILL, Transition("death", "well", "dead", hazard=E("h")))


def test_probabilities_on_two_clocks_are_refused() -> None:
    with pytest.raises(ModelError, match="probabilities on two clocks"):
        small(ILL, Transition("death", "well", "dead", "age", probability=E("q")))


def test_one_lifelong_number_serves_one_exit_of_a_state() -> None:
    first = Transition("a", "well", "dead", "age", hazard=E("h"), lifelong="life")
    with pytest.raises(ModelError, match="lifelong number twice"):
        small(first, replace(first, name="b", target="ill"))


@pytest.mark.parametrize("scale", ["hazard", "rate", "probability"])
def test_every_scale_stands_on_a_probability(scale: str) -> None:
    effect = StrategyEffect("new", ("ill",), (E("hr"),), scale)
    assert "hr" in check_model(small(ILL, strategy_effects=(effect,)))


def test_unknown_scale() -> None:
    with pytest.raises(ModelError, match="unknown scale"):
        small(ILL, strategy_effects=(StrategyEffect("new", ("ill",), (E("hr"),), "odds"),))


def test_a_state_without_exits_is_absorbing() -> None:
    assert small(ILL).exits_on("ill") == (ILL,)


def test_a_look_back_needs_a_clock_that_stands_still() -> None:
    with pytest.raises(ModelError, match="never stands still"):
        small(ILL, clocks=(Clock("c", E(0), None, LookBack(1, 2, ("ill",))),))


def test_circles_of_flows(broken: Broken) -> None:
    circle = "- {item: a, from: msb, to: state, of: b}\n  - {item: b, from: state, to: msb, of: a}\n  "
    error, _ = broken("- {item: wage,", circle + "- {item: wage,")
    assert str(error).count("is a share of itself") == 2


def test_a_shorter_horizon_is_checked_again() -> None:
    model = read_model(FOLDER / "example.yaml")
    assert model.with_horizon(104).conventions.horizon == 104
    with pytest.raises(ModelError, match="beyond the horizon"):
        model.with_horizon(26)


# -- names ----


def test_names_of_the_example() -> None:
    model = read_model(FOLDER / "example.yaml")
    names = parameter_names(model)
    assert check_model(model) == set(names)
    assert {"hr", "p_heart", "discount_rate", "wage_mean", "mso_share"} <= set(names)
    assert not {"t", "u", "z", "rest", "cancer", "wage", "hr_waned", "horizon", "cycles_per_year"} & set(names)
    line = TEXT[: TEXT.index("hr_waned: hr ** 0.5")].count("\n") + 1
    assert names["hr"][0] == Place(str(FOLDER / "example.yaml"), line)
    assert list(table_names(model)) == ["mortality"]


def test_what_can_be_repriced() -> None:
    model = read_model(FOLDER / "example.yaml")
    prices, simulation = pricing_names(model), simulation_names(model)
    assert prices == {
        "sickness_benefit_week",
        "contributions",
        "listing_cost",
        "programme_cost",
        "mso_share",
        "net_tax_factor",
        "utility_gain_work",
        "direct_gain",
    }
    assert not prices & simulation
    assert "discount_rate" in simulation  # quantities are discounted while they are counted
    assert prices | simulation == set(parameter_names(model)) | {"mortality"}
    assert "hr" in simulation  # read through the definition hr_waned too
    assert "case_work_week" in simulation  # one of its flows is marked `needs_simulation`


def test_a_definition_passes_on_what_it_is_needed_for() -> None:
    definitions = {"double": E("2 * x"), "more": E("double + y")}
    market = Perspective("market", Label("market", "marked"), ("state",), factor=E("more"))
    model = small(
        replace(ILL, probability=E("double")),
        definitions=definitions,
        parties=(Party("state", Label("state", "staten")),),
        perspectives=(market,),
    )
    assert simulation_names(model) == {"x"}
    assert pricing_names(model) == {"y"}
