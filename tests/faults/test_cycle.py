"""Within-cycle rules and limits of time, strata of probabilities, totals at any scale."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import costeff
from costeff.errors import CosteffError
from tests.faults.fault import fault

MODEL = """
model: limits
title: Limits
parameters: ./parameters.yaml
conventions: {{cycle: year, horizon: {years} years, within_cycle: {rule}, discounting: {discounting},
  discount_rate_cost: {rate}, discount_rate_effect: {rate}, currency: DKK, price_year: 2024}}
states: {{a: , b: , dead: {{alive: false}}}}
population:
  sex: {{categories: {{women: 0.5, men: rest}}}}
  place: {{categories: {{town: 0.5, land: rest}}}}
  start_state: {{categories: {{a: 1, b: 0}}}}
start: start_state
transitions: [{transitions}]
{more}
strategies: {{usual: , new: }}
parties: {{payer: , resources: {{outside: true}}}}
flows:
{flows}
perspectives: {{payer: {{parties: [payer]}}}}
effects:
  years: {{unit: years, better: more, terms: [{{states: [a], amount: 1{within}}}]}}
"""
PARAMETERS = """parameters:
  h: {value: 0.1, unit: hazard per year, kind: assumption, note: for the test, distribution: fixed}
"""
COST = "  - {item: care, from: payer, to: resources, states: [a], amount: 1, real: care}"


def study(folder: Path, parameters: str = "", **changes: str) -> costeff.Study:
    given = {
        "years": "10",
        "rule": "none",
        "discounting": "annual",
        "rate": "0",
        "more": "",
        "flows": COST,
        "within": "",
        "transitions": "{from: b, to: dead, hazard: h}",
    }
    model = MODEL.format(**(given | changes))
    read = parameters or (PARAMETERS if re.search(r"\bh\b", model) else "parameters: {}\n")
    (folder / "parameters.yaml").write_text(read)
    (folder / "model.yaml").write_text(model)
    (folder / "scenario.yaml").write_text("scenario: limits\ntitle: Limits\nmodel: ./model.yaml\n")
    return costeff.load(folder / "scenario.yaml")


def cost(folder: Path, engine: str = "cohort", **changes: str) -> float:
    found = study(folder, **changes).run(individuals=10, engine=engine)
    return float(found.perspective("payer").cost[0, 0])


RULES = ("none", "none_end", "half_cycle", "simpson", "both_ends", "darth")


def banded(clock: str, edge: int, amount: int = 1) -> dict[str, str]:
    """A cost that is paid up to an edge of a clock."""
    return {
        "more": f"bands: {{treatment: {{clock: {clock}, edges: [{edge}]}}}}",
        "flows": COST.replace("amount: 1", f"amount: {amount}").replace(
            "}", ", share: {band: treatment, values: [1, 0]}}"
        ),
    }


@pytest.mark.parametrize("engine", ["cohort", "stepping"])
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(
    ("limit", "right"),
    [
        pytest.param(
            banded("time", 2),
            2.0,
            id="band on time",
            marks=fault(kind="time limit", given="two years of treatment, band on `time`", right="2 under every rule"),
        ),
        pytest.param(
            banded("time_in_state", 2),
            2.0,
            id="band on time in state",
            marks=fault(kind="time limit", given="two years, band on `time_in_state`", right="2 under every rule"),
        ),
        pytest.param(
            banded("time", 1, 4),
            4.0,
            id="first cycle",
            marks=fault(kind="time limit", given="4 kr in the first cycle", right="4 under every rule"),
        ),
        pytest.param(
            {"more": "deadlines: [{from: a, to: b, clock: time_in_state, at: 2}]"},
            2.0,
            id="deadline",
            marks=fault(kind="time limit", given="everybody leaves at a deadline at 2", right="2 years in the state"),
        ),
        pytest.param(
            {"more": "deadlines: [{from: a, to: b, clock: time, at: 3}]"},
            3.0,
            id="odd deadline",
            marks=fault(kind="time limit", given="everybody leaves at a deadline at 3", right="3 years in the state"),
        ),
        pytest.param(
            banded("age", 62) | {"more": "clocks: {age: {initial: 60}}\n" + banded("age", 62)["more"]},
            2.0,
            id="age",
            marks=fault(kind="time limit", given="aged 60 at the start, paid until 62", right="2 under every rule"),
        ),
    ],
)
def test_two_years_cost_two_years(limit: dict[str, str], right: float, rule: str, engine: str, tmp_path: Path) -> None:
    assert cost(tmp_path, engine, rule=rule, **limit) == pytest.approx(right, abs=1e-9)


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param(rule, marks=fault(kind="time limit", given=f"`within: 2` under {rule}", right="2 years counted"))
        for rule in RULES
    ],
)
def test_an_effect_within_two_years_counts_two_years(rule: str, tmp_path: Path) -> None:
    found = study(tmp_path, rule=rule, within=", within: 2").run(engine="cohort")
    assert found.effects.value[0, 0, 0] == pytest.approx(2.0, abs=1e-12)


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param(
            rule, marks=fault(kind="time limit", given=f"1 kr a year, cost by year under {rule}", right="1 in each")
        )
        for rule in ("none_end", "half_cycle", "simpson")
    ],
)
def test_each_year_costs_a_year(rule: str, tmp_path: Path) -> None:
    found = study(tmp_path, rule=rule).run(engine="cohort")
    assert found.cost_by_year("payer")[0, 0] == pytest.approx([1.0] * 10, abs=1e-9)


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param(
            rule,
            marks=fault(
                kind="two corrections", given=f"{rule} with mid_cycle discounting", right="refused, with both readings"
            ),
        )
        for rule in ("half_cycle", "simpson", "none_end", "both_ends", "darth")
    ],
)
def test_mid_cycle_is_no_second_correction(rule: str, tmp_path: Path) -> None:
    with pytest.raises(CosteffError, match="two corrections within the cycle"):
        study(tmp_path, rule=rule, discounting="mid_cycle", rate="0.05").run(engine="cohort")


STRATA = "{from: a, to: b, probability: 0.1%s}, {from: a, to: dead, probability: 0.01 + 0.1 * sex, strata: [sex]}"


@pytest.mark.parametrize(
    ("of_b", "more"),
    [
        pytest.param(
            "",
            "",
            marks=fault(kind="strata", given="only one of two competing probabilities reads sex", right="5.283621"),
        ),
        pytest.param(
            ", leg: cure",
            "strategy_effects: [{strategy: new, legs: [cure], ratio: 0.5, scale: probability}]",
            marks=fault(kind="strata", given="the other has a ratio on its probability", right="5.283621"),
        ),
    ],
)
def test_strata_of_one_probability_hold_for_its_rivals(of_b: str, more: str, tmp_path: Path) -> None:
    for engine, close in (("cohort", 1e-6), ("stepping", 0.25)):
        found = study(tmp_path, transitions=STRATA % of_b, more=more)
        result = found.run(individuals=2_000, engine=engine, seed=3)
        assert result.effects.value[0, 0, 0] == pytest.approx(5.283621, abs=close)


@fault(
    kind="strata", given="two competing probabilities with different strata", right="the mean of four geometric sums"
)
def test_two_different_strata(tmp_path: Path) -> None:
    exits = (
        "{from: a, to: b, probability: 0.1 * (1 + place), strata: [place]}, "
        "{from: a, to: dead, probability: 0.01 + 0.1 * sex, strata: [sex]}"
    )
    found = study(tmp_path, transitions=exits).run(engine="cohort")
    stay = [1 - 0.1 * (1 + place) - 0.01 - 0.1 * sex for place in (0, 1) for sex in (0, 1)]
    right = sum(sum(p**k for k in range(10)) for p in stay) / 4
    assert found.effects.value[0, 0, 0] == pytest.approx(right, rel=1e-12)


AMOUNTS = (1e-6, 1e-3, 0.05, 1.0, 5.0, 1e3, 1e6, 1e9)


@pytest.mark.parametrize(
    "amount",
    [
        pytest.param(
            amount,
            marks=fault(kind="scale", given=f"{amount:g} kr a year, 30 years, a PSA", right="readable, and right"),
        )
        for amount in AMOUNTS
    ],
)
def test_totals_are_readable_and_right_at_any_scale(amount: float, tmp_path: Path) -> None:
    flows = COST.replace("amount: 1", f"amount: {amount!r}")
    found = study(tmp_path, years="30", transitions="{from: a, to: dead, hazard: h}", flows=flows)
    for seed in range(1, 11):
        result = found.psa(draws=3, individuals=100, seed=seed)
        years = result.effects.value[:, :, 0]
        assert result.perspective("payer").cost == pytest.approx(amount * years, rel=1e-9)


@fault(kind="scale", given="4700.123 and -4700.122 kr a year together", right="readable: 0.001 a year")
def test_amounts_that_nearly_cancel_are_readable(tmp_path: Path) -> None:
    flows = (
        COST.replace("amount: 1", "amount: 4700.123")
        + "\n"
        + COST.replace("care", "saving").replace("amount: 1", "amount: -4700.122, negative: true")
    )
    found = study(tmp_path, years="30", transitions="{from: a, to: dead, hazard: h}", flows=flows)
    for seed in range(1, 11):
        result = found.psa(draws=3, individuals=100, seed=seed)
        years = result.effects.value[:, :, 0]
        assert result.perspective("payer").cost == pytest.approx(0.001 * years, abs=1e-5)


@fault(kind="message", given="probabilities that sum to 1.0000001", right="the sum in full, and the rule's tolerance")
def test_a_sum_just_above_one_is_printed(tmp_path: Path) -> None:
    exits = "{from: a, to: b, probability: 0.4}, {from: a, to: dead, probability: 0.6000001}"
    with pytest.raises(CosteffError, match=r"sum to 1\.0000001"):
        study(tmp_path, transitions=exits).run(engine="cohort")


@fault(kind="message", given="one probability of -0.01 beside 0.3", right="names the negative one")
def test_the_negative_probability_is_named(tmp_path: Path) -> None:
    exits = "{from: a, to: b, probability: 0.3}, {from: a, to: dead, probability: 0.01 * t - 0.01}"
    with pytest.raises(CosteffError, match="the probability of 'a -> dead' is negative"):
        study(tmp_path, transitions=exits).run(engine="cohort")


EVENT = "  - {{item: care, from: payer, to: resources, per: event, transitions: [{name}], amount: 10, real: care}}"


@pytest.mark.parametrize("engine", ["cohort", "microsim", "stepping", "weekly"])
@pytest.mark.parametrize(
    ("deadline", "name"),
    [
        pytest.param(
            "{from: a, to: b, clock: time_in_state, at: 3}",
            "a -> b",
            id="pair",
            marks=fault(kind="deadline", given="a cost on entry by a deadline, as `a -> b`", right="10 x 1"),
        ),
        pytest.param(
            "{name: end_of_right, from: a, to: b, clock: time, at: 3}",
            "end_of_right",
            id="name",
            marks=fault(kind="deadline", given="a cost on entry by a deadline, by its name", right="10 x 1"),
        ),
    ],
)
def test_a_deadline_is_an_event_that_can_be_paid_for(deadline: str, name: str, engine: str, tmp_path: Path) -> None:
    assert cost(tmp_path, engine, more=f"deadlines: [{deadline}]", flows=EVENT.format(name=f'"{name}"')) == 10.0


@fault(kind="deadline", given="an effect per event of a deadline", right="counted once for everybody")
def test_a_deadline_counts_in_effects(tmp_path: Path) -> None:
    given = study(
        tmp_path, more="deadlines: [{from: a, to: b, clock: time, at: 3}]", within="}, {events: [a -> b], amount: 0.5"
    )
    assert given.run(engine="cohort").effects.value[0, 0, 0] == 3.5


@fault(kind="deadline", given="a model whose people move by deadlines only", right="needs no `transitions`")
def test_deadlines_alone_move_people(tmp_path: Path) -> None:
    study(tmp_path, transitions="", more="deadlines: [{from: a, to: b, clock: time, at: 3}]")
    path = tmp_path / "model.yaml"
    path.write_text(path.read_text().replace("transitions: []", ""))
    for engine in ("cohort", "stepping"):
        found = costeff.load(tmp_path / "scenario.yaml").run(individuals=10, engine=engine)
        assert found.perspective("payer").cost[0, 0] == 3.0


@fault(kind="deadline", given="`a -> b` beside a hazard and a deadline from a to b", right="refused: name them")
def test_a_pair_of_states_with_two_ways_is_told_apart(tmp_path: Path) -> None:
    ways = {
        "transitions": "{from: a, to: b, hazard: h}",
        "more": "deadlines: [{from: a, to: b, clock: time, at: 3}]",
        "flows": EVENT.format(name='"a -> b"'),
    }
    with pytest.raises(CosteffError, match="read two ways"):
        cost(tmp_path, **ways)


@pytest.mark.parametrize(
    "covariance",
    [
        pytest.param(
            "[[1, 1], [1, 1]]",
            marks=fault(kind="covariance", given="two parameters with a correlation of 1", right="drawn"),
        ),
        pytest.param(
            "[[1, 0.5], [0.5000001, 1]]",
            marks=fault(kind="covariance", given="printed halves that differ by 1e-7", right="drawn"),
        ),
    ],
)
def test_a_printed_covariance_is_drawn(covariance: str, tmp_path: Path) -> None:
    member = "{value: 0, unit: number, kind: assumption, note: for the test}"
    parameters = (
        f"parameters:\n  x: {member}\n  y: {member}\ngroups:\n  both: {{distribution: multivariate_normal, "
        f"parameters: [x, y], mean: [0, 0], covariance: {covariance}}}\n"
    )
    given = study(tmp_path, parameters, transitions="{from: b, to: dead, hazard: exp(x + y)}")
    result = given.psa(draws=50, individuals=2, engine="cohort")
    drawn = result.parameters if hasattr(result, "parameters") else result.draws
    assert drawn["x"].std() > 0.5
