"""Anchored in published models: the figures of their programs, run in R or quoted, under the convention each uses.

Sources and figures are in tests/data/reference; docs/replications tells what is matched and what is right.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from twins.krijkamp import chains, share, totals

from costeff import Evaluation, Result, Study, load
from costeff.bundled import available
from costeff.compile.environment import parameter_environment
from costeff.ledger import effects, flows
from costeff.ledger.perspectives import cost
from costeff.model import Expression, Model, Transition
from costeff.simulation.simulate import simulate

DATA = Path(__file__).parent / "data" / "reference"
SICK_SICKER = ("sick_sicker", "sick_sicker_age", "sick_sicker_residence")


@cache
def reference(name: str) -> Any:
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))


def under(name: str, change: Callable[[Model], Model] = lambda model: model, **conventions: Any) -> Study:
    """A shipped study under other conventions."""
    study = load(name)
    model = change(replace(study.model, conventions=replace(study.model.conventions, **conventions)))
    return Study(model, study.evidence, study.scenario)


def on_the_hazard(model: Model) -> Model:
    return replace(model, strategy_effects=tuple(replace(e, scale="hazard") for e in model.strategy_effects))


def death_competes(model: Model) -> Model:
    """The same matrix of probabilities, with death as one of the competing exits instead of first."""

    def changed(t: Transition) -> Transition:
        if t.hazard is not None:
            return replace(
                t, hazard=None, lifelong=None, probability=Expression(f"rate_to_probability({t.hazard.text})")
            )
        assert t.probability is not None
        ratio = {"H": "1", "S1": "hr_S1"}[t.source]
        return replace(t, probability=Expression(f"{t.probability.text} * exp(-r_HD * {ratio})"))

    return replace(model, transitions=tuple(map(changed, model.transitions)))


def evaluated(result: Result) -> Evaluation:
    return result.perspective("health_care")


def icers(evaluation: Evaluation) -> list[float]:
    """ICERs along the frontier."""
    return [float(x) for x in evaluation.icer_table()["icer"] if np.isfinite(x)]


def assert_totals(evaluation: Evaluation, expected: Any) -> None:
    assert evaluation.cost[0] == pytest.approx(expected["cost"], rel=1e-11)
    assert evaluation.effect[0] == pytest.approx(expected["effect"], rel=1e-12)


# -- Sick-Sicker, cohorts -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", ["darth", "half_cycle", "both_ends"])
def test_constant_rates(rule: str) -> None:
    expected = reference("sick_sicker_cohort")["time_independent"][rule]
    found = evaluated(under("sick_sicker", within_cycle=rule).run())
    assert_totals(found, expected)
    assert icers(found) == pytest.approx(expected["icer"], rel=1e-9)


def test_continuous_discounting_at_the_same_factor() -> None:
    """hesim's way to the tutorial's figures: a continuous rate of log 1.03 and trapezoids."""
    expected = reference("sick_sicker_cohort")["time_independent"]["half_cycle"]
    study = under("sick_sicker", within_cycle="half_cycle", discounting="continuous")
    assert_totals(evaluated(study.run(values={"discount_rate": float(np.log(1.03))})), expected)


def test_the_right_figures_with_constant_rates() -> None:
    """Simpson's rule as it should be: the default of the shipped model."""
    found = evaluated(load("sick_sicker").run())
    assert np.rint(found.cost[0]).tolist() == [152_282, 285_889, 260_222, 380_378]
    assert found.effect[0].round(2).tolist() == [21.03, 21.83, 22.50, 23.46]
    assert np.rint(icers(found)).tolist() == [73_279, 125_302]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("sick_sicker_published", "time_independent"),
        ("sick_sicker_age_published", "simulation_time_dependent"),
        ("sick_sicker_residence_published", "state_residence_dependent"),
    ],
)
def test_published_scenarios(name: str, key: str) -> None:
    """Costs, effects, ICERs and the trace of each program, under its mis-indexed weights."""
    expected = reference("sick_sicker_cohort")[key]
    result = load(name).run()
    found = evaluated(result)
    assert_totals(found, expected.get("darth", expected))
    assert icers(found) == pytest.approx(expected.get("darth", expected)["icer"], rel=1e-9)
    for strategy in ("SoC", "B"):
        rows = expected.get(f"trace_{strategy}_rows")
        if rows is not None:
            trace = result.trace.sel(strategy=strategy).to_numpy()
            assert np.abs(trace[:, rows["cycle"]].T - np.array(rows["rows"])).max() < 1e-12


def test_life_expectancy() -> None:
    """The program adds up survival over all points."""
    expected = reference("sick_sicker_cohort")["simulation_time_dependent"]["life_expectancy_SoC"]
    found = under("sick_sicker_age", within_cycle="both_ends").run().perspective("health_care", "life_years")
    assert found.effect[0, 0] == pytest.approx(expected, rel=1e-12)


def test_progression_by_years_sick() -> None:
    """The probabilities of the 75 tunnel states, from the compiled tables of each strategy."""
    expected = reference("sick_sicker_cohort")["state_residence_dependent"]
    from costeff.compile.groups import compile_groups

    study = load("sick_sicker_residence")
    draws = {name: np.array([value]) for name, value in study.evidence.base().items()}
    compiled = compile_groups(study.model, draws, study.tables)
    t = compiled.tensors.tables
    hazard = np.zeros((4, 3, 75))
    for j in range(t.exit_first[1], t.exit_first[2]):
        begin = int(t.table_offset[t.exit_table[j]])
        steps = np.diff(t.cumulative[0, begin : begin + 76])
        kind = ("death", "recovery", "progression").index(compiled.layout.legs[j])
        hazard[:, kind] += t.ratio[0, :, t.exit_ratio[j], 0][:, None] * steps
    leaving = hazard[:, 1:].sum(axis=1)
    p = -np.expm1(-leaving) * hazard[:, 2] / leaving
    for g, key in (
        (0, "p_S1S2_tunnels"),
        (1, "p_S1S2_tunnels"),
        (2, "p_S1S2_tunnels_trtB"),
        (3, "p_S1S2_tunnels_trtB"),
    ):
        assert p[g] == pytest.approx(expected[key], abs=2e-12)


def test_the_scale_of_a_ratio_changes_the_answer() -> None:
    """Treatment B multiplies the rate; on the compiled hazard the same 0.6 is another model."""
    assert round(icers(evaluated(under("sick_sicker", within_cycle="half_cycle").run()))[0]) == 73_134
    found = under("sick_sicker", on_the_hazard, within_cycle="half_cycle").run()
    assert round(icers(evaluated(found))[0]) == 68_836, "death first, then the others' hazards"
    found = under("sick_sicker", lambda m: on_the_hazard(death_competes(m)), within_cycle="half_cycle").run()
    assert round(icers(evaluated(found))[0]) == 69_304, "all hazards behind one row of the matrix"


@cache
def published_draws() -> pd.DataFrame:
    with gzip.open(DATA / "sick_sicker_psa.csv.gz") as file:
        return pd.read_csv(file)


@cache
def psa() -> Evaluation:
    """The model on the 1,000 published draws."""
    study, table = load("sick_sicker_published"), published_draws()
    draws = {name: table[name].to_numpy() for name in study.evidence.parameters if name in table}
    draws["discount_rate"] = np.full(len(table), 0.03)
    assert set(draws) == set(study.evidence.parameters)
    found = simulate(study.model, draws, study.tables, individuals=1, seed=0, engine="cohort")
    env = parameter_environment(study.model, draws, study.tables, len(table))
    priced = flows(study.model, found.layout, env, found.quantities)
    health = effects(study.model, found.layout, env, found.quantities, found.layer_effect)
    return Evaluation(
        perspective="health_care",
        effect_name="qaly",
        strategies=study.model.strategy_names,
        comparator="SoC",
        cost=cost(study.model.perspectives[0], priced, env, found.layer_cost).sum(axis=-1),
        effect=health.value[:, :, 0],
    )


def test_every_published_draw() -> None:
    """1,000 x 4 totals, draw for draw."""
    table = published_draws()
    for g, strategy in enumerate(psa().strategies):
        assert np.abs(psa().cost[:, g] / table[f"cost_{strategy}"] - 1).max() < 1e-9
        assert np.abs(psa().effect[:, g] / table[f"effect_{strategy}"] - 1).max() < 1e-9


def test_published_summary_of_the_draws() -> None:
    expected = reference("sick_sicker_cohort")["time_independent"]["psa"]
    assert psa().cost.mean(axis=0) == pytest.approx(expected["mean_cost"], rel=1e-11)
    assert psa().effect.mean(axis=0) == pytest.approx(expected["mean_effect"], rel=1e-11)
    assert icers(psa()) == pytest.approx(expected["icer"], rel=1e-8)
    exact = expected["exact"]
    names = ("Standard of care", "Strategy A", "Strategy B", "Strategy AB")
    curve = psa().ceac(exact["wtp"])
    loss = psa().expected_loss(exact["wtp"])
    shares, losses = next(iter(curve.data_vars.values())), next(iter(loss.data_vars.values()))
    for strategy, name in zip(psa().strategies, names, strict=True):
        assert shares.sel(strategy=strategy).to_numpy() == pytest.approx(exact["ceac"][name], abs=1e-12)
        assert losses.sel(strategy=strategy).to_numpy() == pytest.approx(exact["expected_loss"][name], abs=2e-5)
    smallest = losses.min(dim="strategy").to_numpy()
    assert smallest == pytest.approx(exact["evpi"], abs=2e-5)


def test_microsimulation_of_progression_by_years_sick() -> None:
    """Effects on the rate whose tables depend on time are exits of their own: the event engine draws the same law."""
    exact = evaluated(load("sick_sicker_residence").run())
    drawn = load("sick_sicker_residence").run(individuals=40_000, seed=7, engine="microsim")
    found = evaluated(drawn)
    spread = 60_000 / np.sqrt(40_000)  # of a life's cost under standard of care; larger under the others
    assert np.abs(found.cost[0] - exact.cost[0]).max() < 5 * 2.5 * spread
    assert np.abs(found.effect[0] - exact.effect[0]).max() < 5 * 6 / np.sqrt(40_000)


# -- HIV ------------------------------------------------------------------------------------------------------------


def test_hiv_as_published() -> None:
    expected = reference("hiv")["heemod_exact"]
    found = evaluated(load("hiv").run())
    assert_totals(found, expected)
    assert icers(found) == pytest.approx([expected["icer"]], rel=1e-9)
    assert round(icers(found)[0]) == 6_276
    assert np.rint(found.cost[0]).tolist() == [44_663, 50_602]
    assert found.effect[0].round(3).tolist() == [7.991, 8.937], "the book's 7.996 is this 7.991"


def lamivudine_for(years: int) -> Callable[[Model], Model]:
    return lambda model: replace(model, bands=tuple(replace(band, edges=(years,)) for band in model.bands))


@pytest.mark.parametrize(("key", "rule", "years"), [("riemann_right", "none_end", 2), ("riemann_left", "none", 3)])
def test_hiv_in_continuous_discounting(key: str, rule: str, years: int) -> None:
    """hesim discounts by exp(-0.06 t); by left sums it pays for lamivudine at the points 0, 1 and 2: three years."""
    expected = reference("hiv")["hesim_deterministic"][key]
    study = under("hiv", lamivudine_for(years), within_cycle=rule, discounting="continuous")
    found = evaluated(study.run())
    assert found.cost[0] == pytest.approx(expected["cost"], rel=1e-11)
    assert found.effect[0] == pytest.approx(expected["life_years"], rel=1e-12)
    assert icers(found) == pytest.approx([expected["icer"]], rel=1e-9)


def test_hiv_by_trapezoids() -> None:
    """hesim pays for the point at 2 in full, two years and a half: half of a third year beside costeff's two."""
    expected = reference("hiv")["hesim_deterministic"]["trapz"]
    found = evaluated(under("hiv", within_cycle="half_cycle", discounting="continuous").run())
    two, three = (
        evaluated(under("hiv", lamivudine_for(years), within_cycle="none", discounting="continuous").run()).cost[0]
        for years in (2, 3)
    )
    assert found.cost[0] + (three - two) / 2 == pytest.approx(expected["cost"], rel=1e-11)
    assert found.effect[0] == pytest.approx(expected["life_years"], rel=1e-12)


def test_hiv_by_microsimulation() -> None:
    """Ratios on probabilities in two windows, drawn by event: within four standard errors of the expectation."""
    exact, size = evaluated(load("hiv").run()), 100_000
    found = evaluated(load("hiv").run(individuals=size, seed=11, engine="microsim"))
    trace = load("hiv").run().trace.to_numpy()[:, :3].sum(axis=1)  # alive at each point
    years = np.arange(21)
    second = ((2 * years - 1) * trace)[:, 1:].sum(axis=1)  # E[N^2] of years lived, from survival
    spread = np.sqrt(second - exact.effect[0] ** 2)
    assert np.all(np.abs(found.effect[0] - exact.effect[0]) < 4 * spread / np.sqrt(size))
    assert np.all(np.abs(found.cost[0] - exact.cost[0]) < 4 * 13_372 * spread / np.sqrt(size)), "no year costs more"


def test_hiv_trace() -> None:
    expected = reference("hiv")["hesim_deterministic"]["stateprobs"]
    trace = load("hiv").run().trace.to_numpy()
    found = [
        trace[g - 1, s - 1, t] for g, s, t in zip(*(expected[k] for k in ("strategy_id", "state_id", "t")), strict=True)
    ]
    assert found == pytest.approx(expected["prob"], abs=1e-12)


def test_hiv_with_the_ratio_on_the_hazard() -> None:
    assert round(icers(evaluated(under("hiv", on_the_hazard).run()))[0]) == 6_659


# -- Krijkamp -------------------------------------------------------------------------------------------------------

ALL_POINTS = [1.0] * 31
TRAPEZOIDS = [0.5, *[1.0] * 29, 0.5]


def test_the_twin_of_the_microsimulation() -> None:
    expected = reference("krijkamp")["exact_extended_model"]
    pairs = [totals(treated, ALL_POINTS) for treated in (False, True)]
    assert [c for c, _ in pairs] == pytest.approx(expected["cost"], rel=1e-12)
    assert [q for _, q in pairs] == pytest.approx(expected["effect"], rel=1e-12)
    slip = totals(True, ALL_POINTS, misaligned=True)[1]
    assert slip == pytest.approx(expected["effect_treated_if_dur_misaligned_as_in_vectorised"], rel=1e-12)
    rows = [[share(chains()[t], s) for s in ("H", "S1", "S2", "D")] for t in expected["trace_cycles"]]
    assert np.array(rows) == pytest.approx(np.array(expected["trace"]), abs=1e-12)


@pytest.mark.parametrize(("name", "weights"), [("krijkamp_published", ALL_POINTS), ("krijkamp", TRAPEZOIDS)])
def test_krijkamp(name: str, weights: list[float]) -> None:
    """100,000 people x 30 cycles, within Monte Carlo error of the expectation (errors of the program at that size)."""
    result = load(name).run(individuals=100_000, seed=1)
    found = evaluated(result)
    expected = np.array([totals(treated, weights) for treated in (False, True)])
    error = reference("krijkamp")["vectorised_appendix_B_samplev"]
    assert np.all(np.abs(found.cost[0] - expected[:, 0]) < 4 * np.array(error["mcse_cost"]))
    assert np.all(np.abs(found.effect[0] - expected[:, 1]) < 4 * np.array(error["mcse_effect"]))
    gained = np.diff(found.effect[0])[0] - (expected[1, 1] - expected[0, 1])
    spent = np.diff(found.cost[0])[0] - (expected[1, 0] - expected[0, 0])
    assert abs(gained) < 4 * error["mcse_inc_effect"], "strategies share their luck, so the difference is sharp"
    assert abs(spent) < 4 * error["mcse_inc_cost"]
    exact = np.array([[share(chain, s) for chain in chains()] for s in ("H", "S1", "S2", "D")])
    for g in range(2):
        assert np.abs(result.trace.to_numpy()[g] - exact).max() < 5 * 0.5 / np.sqrt(100_000)


def without_memory(model: Model) -> Model:
    """The basic model as a cohort: nothing depends on the years sick or on the individual."""
    return replace(
        model,
        transitions=tuple(replace(t, clock="time_in_state") for t in model.transitions),
        bands=tuple(replace(b, clock="time") for b in model.bands),
        clocks=(),
        attributes=tuple(
            replace(a, value=Expression("0 * gain_low + 0 * gain_high + 1")) if a.name == "gain" else a
            for a in model.attributes
        ),
    )


def test_krijkamp_cohort() -> None:
    """Appendix C of the publication: the same model as a cohort, without memory."""
    expected = reference("krijkamp")["cohort_appendix_C"]
    study = under("krijkamp_published", without_memory)
    found = evaluated(study.run(values={"rp_sick": 0, "ru_sick": 0}, engine="cohort"))
    assert_totals(found, expected)
    assert icers(found) == pytest.approx([expected["icer"]], rel=1e-9)


def test_published_microsimulation_within_its_error() -> None:
    published, error = (reference("krijkamp")["published"], reference("krijkamp")["vectorised_appendix_B_samplev"])
    expected = np.array([totals(treated, ALL_POINTS) for treated in (False, True)])
    assert np.all(np.abs(np.array(published["cost"]) - expected[:, 0]) < 2 * np.array(error["mcse_cost"]))
    assert np.all(np.abs(np.array(published["effect"]) - expected[:, 1]) < 2 * np.array(error["mcse_effect"]))
    icer = (expected[1, 0] - expected[0, 0]) / (expected[1, 1] - expected[0, 1])
    assert icer == pytest.approx(published["icer"], rel=1e-4)


def test_reference_models_are_shipped() -> None:
    assert {*SICK_SICKER, "hiv", "krijkamp"} <= set(available("models"))
    assert {f"{name}_published" for name in (*SICK_SICKER, "krijkamp")} <= set(available("scenarios"))


def test_a_report_of_four_strategies(tmp_path: Path) -> None:
    """Tables of increments have a row for each strategy beside the comparator, and say whose it is."""
    result = load("sick_sicker").psa(draws=20)
    found = result.parties()
    assert found["strategy"].tolist() == ["A", "B", "AB"]
    increments = evaluated(result).cost.mean(axis=0)[1:] - evaluated(result).cost.mean(axis=0)[0]
    assert found["increment"].to_numpy() == pytest.approx(increments, rel=1e-9)
    gained = result.effects_table().query("effect == 'qaly'").set_index("strategy")["increment"]
    assert gained["B"] == pytest.approx(
        (result.effects.value[:, 2, 0] - result.effects.value[:, 0, 0]).mean(), rel=1e-9
    )
    of_a = result.items().query("strategy == 'A' and item == 'treatment_b'")
    assert of_a["increment"].tolist() == [0.0]
    assert "report.html" in result.write(tmp_path / "out")
