"""Anchored in a twin in plain Python, in closed forms (places in use, open places, start-up) and in identities.

Nobody is lost, the two halves are whole systems, and the same bits come out for any number of threads.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from repeated import NEAR, RUNS
from twins import flow_systems as twin

from costeff import Result, Study, load
from costeff.compile import layout
from costeff.compile.systems import compile_systems
from costeff.errors import CosteffError, EngineError
from costeff.simulation.simulate import Simulated, simulate

DATA = Path(__file__).parent / "data"
DRAWS, YEARS = 6, 3
WARM_UP = 200


@pytest.fixture(scope="module")
def study() -> Study:
    return load(DATA / "places.yaml")


@pytest.fixture(scope="module")
def result(study: Study) -> Result:
    return study.psa(draws=DRAWS, individuals=200, seed=5, method="random", progress=False)


def simulated(study: Study, draws: Mapping[str, Any], **options: Any) -> Simulated:
    return simulate(study.model, draws, {}, **{"individuals": 200, "seed": 5, **options})


def test_time_events_and_people_are_those_of_the_twin(study: Study, result: Result) -> None:
    model, quantities = study.model, result.simulated.quantities
    where, d, system = layout(model), 4, 1  # the second system is the second half
    tensors = compile_systems(
        model, result.parameters, {}, systems=2, seed=5, keys=np.arange(DRAWS, dtype=np.uint64), where=where
    ).tensors
    people, many = tensors.people(system), int(tensors.people(system).many[d])
    edges = [WARM_UP + 365.0 * year for year in range(YEARS + 1)]
    closes = WARM_UP + (dt.date(2027, 3, 1) - dt.date(2026, 1, 1)).days
    came, waits = people.arrival[d, :many], people.start_state[0, d, :many]
    for g, places in enumerate(([(0, 14)], [(0, 14)], [(0, 14), (WARM_UP, 15), (closes, 13)])):
        stays = people.stays[tensors.places.stay_row[g, 0], 0, d, :many].copy()
        stays[came < WARM_UP] = people.stays[tensors.places.stay_row[0, 0], 0, d, :many][came < WARM_UP]
        lived = twin.live(
            came.tolist(),
            [model.state_names[i] for i in waits],
            {"hospital": 0, "at_home": 1},
            stays.tolist(),
            60.0,
            places,
            edges[-1],
        )
        days = twin.time_in_states(lived, edges, 2.0)
        plain, split = where.tally(None), where.tally(next(w for w in _weights(where)), ("steps",))
        for state in ("hospital", "at_home", "place", "later"):
            ours = quantities.time[d, g, system, where.cells(plain, state).start, :, 0]
            assert ours == pytest.approx([days[state, p, 0] + days[state, p, 1] for p in range(YEARS)], abs=1e-7)
        # The payment's amount by person and date is 2,000, and twice that from the second year on.
        ours = quantities.time[d, g, system, where.cells(split, "hospital"), :, 0]
        by_hand = [[days["hospital", p, b] * 2000 * (2 if p else 1) for p in range(YEARS)] for b in range(2)]
        assert ours == pytest.approx(np.array(by_hand), rel=1e-9, abs=1e-5)
        for what, event in (("placed", "placed"), ("left", "place_left"), ("gone", "later_left")):
            rows = where.event_rows((event,))
            ours = quantities.events[d, g, system, rows, :, 0].sum(axis=0)
            expected = [
                sum(a <= end < b for _, _, _, end, how in lived if how == what) for a, b in itertools.pairwise(edges)
            ]
            assert ours.tolist() == expected


def _weights(where: Any) -> list[Any]:
    return [t.weight for t in where.tallies if t.bands == ("steps",)]


def test_the_trace_is_open_and_loses_nobody(study: Study, result: Result) -> None:
    quantities = result.simulated.quantities
    assert quantities.come_and_gone is not None
    come, gone = quantities.come_and_gone[:, 0], quantities.come_and_gone[:, 1]
    assert np.array_equal(quantities.trace.sum(axis=1), come - gone)
    assert (np.diff(come) >= 0).all()
    assert (np.diff(gone) >= 0).all()
    assert np.array_equal(come[0], come[1]), "the same people come under every strategy"
    names = study.model.state_names
    for state in ("outside", "open_places", "running"):
        assert not quantities.trace[:, names.index(state)].any()
    with pytest.raises(EngineError, match="lost or made"):
        replace(quantities, come_and_gone=quantities.come_and_gone + np.array([0, 1])[:, None])


def test_the_trace_counts_whom_the_twin_sees_on_a_day(study: Study) -> None:
    draws = {name: np.array([value]) for name, value in study.evidence.base().items()}
    run = simulated(study, draws)
    tensors = compile_systems(
        study.model, draws, {}, systems=2, seed=5, keys=np.zeros(1, np.uint64), where=layout(study.model)
    ).tensors
    seen = dict.fromkeys(("hospital", "at_home", "place", "later"), 0)
    day = 500
    for system in range(2):
        people = tensors.people(system)
        many, names = int(people.many[0]), study.model.state_names
        lived = twin.live(
            people.arrival[0, :many].tolist(),
            [names[i] for i in people.start_state[0, 0, :many]],
            {"hospital": 0, "at_home": 1},
            people.stays[tensors.places.stay_row[0, 0], 0, 0, :many].tolist(),
            60.0,
            [(0, 14)],
            WARM_UP + 365.0 * YEARS,
        )
        for state, count in twin.present(lived, WARM_UP + day).items():
            seen[state] += count
    trace = run.quantities.trace[0, :, day]
    assert {state: trace[study.model.state_names.index(state)] for state in seen} == seen


def test_money_of_the_system_by_hand(result: Result) -> None:
    """Start-up once, meetings every day, places as many as are open: per system and year, discounted by the year."""
    factors = 1.03 ** -np.arange(YEARS)
    items = {}
    for i, line in enumerate(result.flows.lines):
        items.setdefault(line.item, 0)
        items[line.item] = items[line.item] + result.flows.amount[:, :, i, :, result.simulated.layer_cost]
    assert items["start_up"].sum(axis=2)[:, 1] == pytest.approx(100_000 / YEARS)
    assert items["meetings"][:, 2] == pytest.approx(np.tile(500 * 365 * factors / YEARS, (DRAWS, 1)))
    # Nobody is put out when a place closes: open are 14, or 15 and then 13 and who stays on.
    assert items["places"][:, 0] == pytest.approx(np.tile(3000 * 14 * 365 * factors / YEARS, (DRAWS, 1)))
    closed_from = 365 + 59
    least = 15 * (closed_from - 365) + 13 * (730 - closed_from)
    second = items["places"][:, 2, 1] / (3000 * factors[1] / YEARS)
    assert (second >= least - 1e-6).all()
    assert (second < least + 30).all()
    assert items["places"][:, 2, 0] == pytest.approx(3000 * 15 * 365 / YEARS)
    assert items["places"][:, 2, 2] == pytest.approx(3000 * 13 * 365 * factors[2] / YEARS)


def test_places_in_use_are_arrivals_times_stay(study: Study) -> None:
    """Where nobody waits, people on places are arrivals times stay (Little), within its error over systems."""
    base = study.evidence.base() | {"number": 500.0, "gain": 0.0}
    draws = {name: np.full(30, value) for name, value in base.items()}
    run = simulated(study, draws)
    where = layout(study.model)
    on_places = run.quantities.time[:, 0, :, where.cells(where.tally(None), "place").start, 0, 0] / 365
    mean, error = on_places.mean(), on_places.std(ddof=1) / np.sqrt(on_places.size)
    weights = 365 - 0.5 * 104 - 0.2 * 31 + 0.2 * 0.5 * 8  # 104 days of weekends, 8 of them in July 2026
    assert mean == pytest.approx(0.6 * 20 * weights / 365, abs=4 * error)
    waiting = run.quantities.time[:, 0, :, where.cells(where.tally(None), "hospital").start].sum()
    assert waiting == 0


def test_the_halves_are_whole_systems_without_each_other(study: Study) -> None:
    """Of draws with the same parameters both halves have one mean and no correlation."""
    draws = {name: np.full(60, value) for name, value in study.evidence.base().items()}
    run = simulated(study, draws)
    where = layout(study.model)
    waiting = run.quantities.time[:, 0, :, where.cells(where.tally(None), "at_home").start, :, 0].sum(axis=2)
    difference = waiting[:, 0] - waiting[:, 1]
    assert abs(difference.mean()) < 4 * difference.std(ddof=1) / np.sqrt(60)
    assert abs(np.corrcoef(waiting.T)[0, 1]) < 4 / np.sqrt(60)
    assert run.quantities.half_sizes.tolist() == [YEARS, YEARS]


def test_the_same_bits_for_any_threads_and_batches(study: Study, result: Result) -> None:
    draws = result.parameters
    one = simulated(study, draws, threads=1, batch=1).quantities
    two = simulated(study, draws, threads=2, batch=4).quantities
    last = simulated(study, {k: v[3:] for k, v in draws.items()}, keys=np.arange(3, DRAWS, dtype=np.uint64)).quantities
    assert np.array_equal(one.time, two.time)
    assert np.array_equal(one.events, two.events)
    assert np.array_equal(one.trace, two.trace)
    assert np.array_equal(one.time[3:], last.time)


def test_more_places_and_shorter_stays_never_make_anybody_wait_longer(study: Study, result: Result) -> None:
    waiting = result.effects.value[:, :, result.effects.names.index("waiting")]
    shorter = result.parameters["gain"] > 0
    assert shorter.any()
    assert (waiting[shorter, 1] <= waiting[shorter, 0]).all()


def test_per_arrival_is_per_system_and_year_over_expected_arrivals(study: Study, result: Result) -> None:
    assert study.model.system is not None
    come = replace(study.model.system.arrivals, unit="arrival")
    other = replace(study, model=replace(study.model, system=replace(study.model.system, arrivals=come)))
    by_arrival = other.psa(draws=DRAWS, individuals=200, seed=5, method="random", progress=False)
    days = np.arange(np.datetime64("2026-01-01"), np.datetime64("2026-01-01") + 365 * YEARS)
    weights = np.where((days.astype(int) + 3) % 7 >= 5, 0.5, 1.0)
    weights *= np.where(days.astype("datetime64[M]").astype(int) % 12 == 6, 0.8, 1.0)
    expected = result.parameters["per_day"] * weights.sum() / YEARS
    for perspective in ("municipality", "society"):
        ours = by_arrival.perspective(perspective).cost * expected[:, None]
        assert ours == pytest.approx(result.perspective(perspective).cost, rel=1e-9)
    assert by_arrival.model.results_unit == "arrival"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("within_cycle: none", "within_cycle: half_cycle", "`within_cycle` beside `arrivals`"),
        ("entry_date: 2026-01-01", "beyond_table: constant", "no `entry_date`"),
        ("outside: outside", "outside: place", "`outside` of the arrivals is a state inside"),
        ("priority: [hospital, at_home]", "priority: [hospital, place]", "unknown state of start 'place'"),
        ("warm_up: 200", "warm_up: some", "`warm_up` is not a whole number"),
        ("date: 2027-03-01", "date: 2025-03-01", "changes of 'place' under 'closed'"),
        ("strategies: [closed]}]", "strategies: [shut]}]", "unknown strategy 'shut'"),
        ("counts: place", "counts: ward", "`counts` of 'open_places'"),
        ("number: unlimited, until: 60", "number: unlimited", "has both or neither"),
        ("clock: time_in_state", "clock: other", "on another clock"),
        ("per_day: per_day", "per_day: per_day * stay", "`per_day` of the arrivals is"),
        (
            "number: {usual: number, short: number, closed: number + 1}",
            "number: {usual: number}",
            "has none for 'short'",
        ),
        (
            "start: waits_in",
            "start: waits_in\ntransitions: [{from: place, to: later, hazard: 1}]",
            "`transitions` beside",
        ),
        ("number - 1,", "number - 0.5,", "is not a whole number"),
    ],
)
def test_what_cannot_be_is_refused_with_its_line(tmp_path: Path, old: str, new: str, words: str) -> None:
    text = (DATA / "places.yaml").read_text()
    assert old in text
    (tmp_path / "places.yaml").write_text(text.replace(old, new, 1))
    (tmp_path / "places_parameters.yaml").write_text((DATA / "places_parameters.yaml").read_text())
    with pytest.raises(CosteffError) as caught:
        load(tmp_path / "places.yaml").run(individuals=200, progress=False)
    message = str(caught.value)
    assert words in message
    assert "places.yaml, line" in message
    assert "Way out" in message


def test_a_system_has_one_engine(study: Study) -> None:
    with pytest.raises(EngineError, match="is not simulated so"):
        study.run(engine="cohort", progress=False)
    with pytest.raises(EngineError, match="is not simulated so"):
        load("sick_sicker").run(engine="flow", progress=False)


@pytest.mark.nightly
def test_reported_errors_are_the_spread_over_seeds(study: Study) -> None:
    """At load 0.9: costs, increments and acceptability, as drawn and without luck, beside their reported errors."""
    weight = 1 - 0.5 * 2 / 7 - 0.2 * 31 / 365
    busy = replace(study, evidence=study.evidence.override({"per_day": 0.9 * 14 / 20 / weight}))
    values, errors = [], []
    for seed in range(RUNS):
        run = busy.psa(draws=128, individuals=200, seed=seed, method="random", progress=False)
        evaluation = run.perspective("municipality", "waiting")
        cost = np.concatenate([evaluation.cost, evaluation.cost[:, 1:] - evaluation.cost[:, :1]], axis=1)
        curve = evaluation.ceac([0.0, 200.0])
        clean = curve.probability_noise_corrected, curve.probability_noise_corrected_mcse
        values.append([*cost.mean(axis=0), *curve.probability.values.ravel(), *clean[0].values.ravel()])
        own_errors = cost.std(axis=0, ddof=1) / np.sqrt(128)
        errors.append([*own_errors, *curve.probability_mcse.values.ravel(), *clean[1].values.ravel()])
    spread = np.std(values, axis=0, ddof=1)
    reported = np.sqrt(np.mean(np.square(errors), axis=0))
    varies = spread > 0.01  # a chance that is 0 in nearly every run has no spread to compare
    ratio = reported[varies] / spread[varies]
    assert len(ratio) >= 14
    assert np.abs(ratio - 1).max() < NEAR, ratio
