"""Anchored in closed forms, then in a plain-Python twin without merged cells, then in the microsimulation."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from random_models import E, banded_flow, label, model, models, parties, start_in, states
from twins.cohort import Twin

from costeff.bundled import resolve
from costeff.compile import compile_model
from costeff.compile.environment import parameter_environment
from costeff.compile.groups import compile_groups, groups
from costeff.compile.layout import layout
from costeff.engine.cohort.cohort import cohort
from costeff.engine.events.microsim import microsim
from costeff.engine.quantities import Quantities
from costeff.engine.tensors import Tensors
from costeff.errors import EngineError
from costeff.evidence import read_evidence
from costeff.model import (
    Attribute,
    Band,
    Clock,
    Deadline,
    LookBack,
    Model,
    OnLeaving,
    Passage,
    Transition,
    parameter_file,
    read_model,
)
from costeff.simulation.simulate import simulate

SCALE = {"scale": np.array([0.5, 2.0])}


def run(chosen: Model, **draws: np.ndarray) -> Quantities:
    return cohort(compile_groups(chosen, draws, {}).tensors)


def out_of_a(*rest: Transition, hazard: str = "0.13", **fields: Any) -> Model:
    return model(Transition("out", "a", "b", hazard=E(hazard)), *rest, **fields)


# -- closed forms ---------------------------------------------------------------------------------------------------


def test_a_constant_hazard() -> None:
    found = run(out_of_a())
    q = np.exp(-0.13)
    assert np.abs(found.trace[0, 0] - q ** np.arange(21)).max() < 1e-13
    assert found.time[0, 0, 0, 0, :, 0].sum() == pytest.approx((1 - q**20) / (1 - q), rel=1e-13)
    assert found.events[0, 0, 0, 0, :, 0].sum() == pytest.approx(1 - q**20, rel=1e-13)
    assert found.half_sizes.tolist() == [1, 0]


def test_two_states_to_and_fro() -> None:
    """p(t) = pi + (p(0) - pi) (1 - a - b)**t for per-cycle probabilities a and b."""
    a, b = 0.2, 0.3
    found = run(model(Transition("on", "a", "b", probability=E(a)), Transition("back", "b", "a", probability=E(b))))
    expected = b / (a + b) + (1 - b / (a + b)) * (1 - a - b) ** np.arange(21)
    assert np.abs(found.trace[0, 0] - expected).max() < 1e-12


def test_weibull_stays_need_every_duration() -> None:
    found = run(out_of_a(hazard="weibull(t, 1.7, 8)"))
    assert np.abs(found.trace[0, 0] - np.exp(-((np.arange(21) / 8) ** 1.7))).max() < 1e-12


def test_declared_probabilities_come_out_exactly() -> None:
    exits = [Transition(f"x{i}", "a", "b", probability=E(p)) for i, p in enumerate((0.1, 0.25, 0.05))]
    found = run(model(*exits, horizon=1))
    assert np.abs(found.events[0, 0, 0, :, 0, 0] - [0.1, 0.25, 0.05]).max() < 1e-13
    certain = [Transition(f"x{i}", "a", "b", probability=E(p)) for i, p in enumerate((0.25, 0.75))]
    found = run(model(*certain, horizon=1))
    assert np.abs(found.events[0, 0, 0, :, 0, 0] - [0.25, 0.75]).max() < 1e-13
    assert found.trace[0, 0, 1] < 1e-27


def test_a_lifelong_exit_comes_first() -> None:
    death = Transition("death", "a", "dead", "age", hazard=E(0.4), lifelong="death")
    found = run(out_of_a(death, horizon=1))
    expected = [np.exp(-0.4) * -np.expm1(-0.13), -np.expm1(-0.4)]
    events = found.events[0, 0, 0, :, 0, 0]
    assert np.abs(events - expected).max() < 1e-13


def test_a_deadline_cuts_the_stay() -> None:
    found = run(out_of_a(deadlines=(Deadline("due", "a", "dead", "time_in_state", E(6)),)))
    q = np.exp(-0.13)
    assert np.abs(found.trace[0, 0, :6] - q ** np.arange(6)).max() < 1e-13
    assert found.trace[0, 0, 6:].tolist() == [0.0] * 15
    assert found.trace[0, 2, 6] == pytest.approx(q**6, rel=1e-13)
    assert found.events[0, 0, 0, 1, :, 0].sum() == pytest.approx(q**6, rel=1e-13)


def test_first_passage_with_a_minimum_stay() -> None:
    """Entering b with probability p a cycle and leaving it with r: passed at k if b is entered at k and kept."""
    p, r = 0.2, 0.5
    exits = (Transition("on", "a", "b", probability=E(p)), Transition("off", "b", "dead", probability=E(r)))
    found = run(model(*exits, horizon=8, passages=(Passage("p", ("b",), 3, label("p")),)))
    at = np.arange(8)
    expected = np.where((at >= 1) & (at + 3 <= 8), (1 - p) ** (at - 1.0) * p * (1 - r) ** 2, 0)
    assert np.abs(found.passages[0, 0, 0, 0, :8] - expected).max() < 1e-13
    assert found.passages[0, 0, 0, 0].sum() == pytest.approx(1, rel=1e-13)


def test_bands_of_a_clock_that_stands_still() -> None:
    """Time in a by the clock that runs in a alone, from 2: three cycles below 5, the rest above."""
    chosen = out_of_a(
        clocks=(Clock("support", E(2), advances_in=("a",)),),
        bands=(Band("band", "support", (1, 5)),),
        parties=parties(),
        flows=(banded_flow("money", ("a", "b"), ("band",), 3, None),),
    )
    tensors = compile_groups(chosen, {}, {}).tensors
    found = cohort(tensors).time[0, 0, 0, :, :, 0].sum(axis=1)
    where = layout(chosen)
    in_a, in_b = (found[where.cells(where.tally(None, ("band",)), s)] for s in "ab")
    q = np.exp(-0.13)
    below = q ** np.arange(20)
    assert np.abs(in_a - [0, below[:3].sum(), below[3:].sum()]).max() < 1e-12
    # In b the clock stands at 2 + the cycles lived in a; entered at j + 1 with probability q**j (1 - q).
    entered = (1 - q) * below * (20 - 1 - np.arange(20))
    assert np.abs(in_b - [0, entered[:2].sum(), entered[2:].sum()]).max() < 1e-12


# -- the twin -------------------------------------------------------------------------------------------------------


def assert_twin(tensors: Tensors, rtol: float = 1e-10) -> None:
    found = cohort(tensors, threads=2)
    twin = Twin(tensors.tables._asdict())
    weights = np.ones((tensors.draws, tensors.individuals)) if tensors.group_weight is None else tensors.group_weight
    trace = np.zeros_like(found.trace)
    for d in range(tensors.draws):
        for g in range(tensors.strategies):
            answer = twin.expect(d, g, weights[d].tolist())
            occupancy, events = np.array(answer.occupancy), np.array(answer.events)
            assert np.abs(found.passages[d, g, 0] - answer.passages).max() < 1e-12
            trace[g] += occupancy[: tensors.states]
            for period in range(tensors.periods):
                inside = tensors.period == period
                for layer in range(tensors.layers):
                    time = (occupancy * tensors.cycle_weight[layer])[:, inside].sum(axis=1)
                    counts = (events * tensors.event_weight[layer])[:, inside].sum(axis=1)
                    np.testing.assert_allclose(found.time[d, g, 0, :, period, layer], time, rtol=rtol, atol=1e-12)
                    np.testing.assert_allclose(found.events[d, g, 0, :, period, layer], counts, rtol=rtol, atol=1e-12)
    assert np.abs(found.trace - trace).max() < 1e-11
    assert not found.time[:, :, 1].any()


@settings(max_examples=30)
@given(models(cohort=True))
def test_random_models_have_the_twins_expectations(chosen: Model) -> None:
    assert_twin(compile_groups(chosen, SCALE, {}).tensors)


@settings(max_examples=15)
@given(models(cohort=True))
def test_random_models_agree_with_the_microsimulation(chosen: Model) -> None:
    """Traces within the Bonferroni limit at 1e-6 over all cells of all examples (fixed seed)."""
    from scipy.special import ndtri

    people = 50_000  # in each of two draws
    exact = cohort(compile_groups(chosen, SCALE, {}).tensors)
    found = microsim(compile_model(chosen, SCALE, {}, individuals=people, seed=21).tensors)
    p = exact.trace / exact.draws
    sd = np.sqrt(np.maximum(p * (1 - p), 0.25 / people) / people / exact.draws)
    limit = -ndtri(1e-6 / p.size)
    assert (np.abs(found.trace / people / exact.draws - p) <= limit * sd).all()
    passed = found.passages.sum(axis=(0, 2)) / people / exact.draws
    p = exact.passages.sum(axis=(0, 2)) / exact.draws
    sd = np.sqrt(np.maximum(p * (1 - p), 0.25 / people) / people / exact.draws)
    assert (np.abs(passed - p) <= limit * sd).all()


def test_reduced_tki2_agrees_with_the_microsimulation() -> None:
    """The shipped reduced model against 40 populations of 2,500: every cell within Student's limit (Bonferroni)."""
    from scipy.stats import t as student

    chosen = read_model(resolve("models", "tki2_reduced")).with_horizon(104)
    evidence = read_evidence(parameter_file(chosen))
    populations, people = 40, 2_500
    draws = {name: np.full(populations, p.value) for name, p in evidence.parameters.items()}
    one = {name: values[:1] for name, values in draws.items()}
    exact = simulate(chosen, one, evidence.tables, individuals=1, seed=0, engine="cohort").quantities
    found = simulate(chosen, draws, evidence.tables, individuals=people, seed=8).quantities
    compared = 0
    for name in ("time", "events"):
        expected = getattr(exact, name).sum(axis=2)[0].ravel()
        each = getattr(found, name).sum(axis=2).reshape(populations, -1) / people
        error = each.std(axis=0, ddof=1) / np.sqrt(populations)
        often = expected > 1e-2  # a thousand cycles or events in all: the mean is near normal
        limit = student.isf(1e-3 / 2 / often.sum(), populations - 1)
        assert (np.abs(each.mean(axis=0) - expected)[often] <= limit * error[often]).all()
        assert each.mean(axis=0)[expected == 0].sum() == 0, "what cannot happen does not"
        compared += int(often.sum())
    assert compared > 150
    p, everybody = exact.trace, populations * people
    sd = np.sqrt(np.maximum(p * (1 - p), 1 / everybody) / everybody)
    assert (np.abs(found.trace / everybody - p) <= student.isf(1e-3 / 2 / p.size, 1e6) * sd).all()


# -- groups ---------------------------------------------------------------------------------------------------------


def grouped() -> Model:
    return model(
        Transition("out", "a", "b", hazard=E(0.1), multiplier=E("m")),
        attributes=(
            Attribute("sex", categories={"women": E("p"), "men": E("rest")}),
            Attribute("unread", categories={"x": E(0.5), "y": E("rest")}),
            Attribute("noise", value=E("u + sex")),
            Attribute("origin", categories={"job": E("where(sex == men, 1, 0.25)"), "none": E("rest")}),
            Attribute("m", value=E("1 + sex + 10 * origin")),
            start_in("a"),
        ),
    )


def test_groups_are_the_possible_combinations_of_what_matters() -> None:
    chosen = grouped()
    draws = {"p": np.array([0.3, 0.6])}
    people, weight = groups(chosen, parameter_environment(chosen, draws, {}, 2), layout(chosen), 2)
    assert set(people) == {"sex", "origin", "m", "start_state"}, "neither `unread` nor `noise` matters"
    found = {
        (int(s), int(o), float(m)): w.tolist()
        for s, o, m, w in zip(people["sex"][0], people["origin"][0], people["m"][0], weight.T, strict=True)
    }
    assert set(found) == {(0, 0, 1.0), (0, 1, 11.0), (1, 0, 2.0)}, "men without a job are impossible"
    expected = {(0, 0, 1.0): [0.3 * 0.25, 0.6 * 0.25], (0, 1, 11.0): [0.3 * 0.75, 0.6 * 0.75], (1, 0, 2.0): [0.7, 0.4]}
    for key, value in expected.items():
        assert found[key] == pytest.approx(value, rel=1e-14)


def test_weights_of_groups_may_differ_between_draws() -> None:
    p = np.array([0.3, 0.6])
    found = run(grouped(), p=p)

    def left(m: float) -> np.ndarray:
        return np.asarray(np.exp(-0.1 * m * np.arange(21)))

    for d in range(2):
        expected = p[d] * (0.25 * left(1) + 0.75 * left(11)) + (1 - p[d]) * left(2)
        alone = run(grouped(), p=p[d : d + 1])
        assert np.abs(alone.trace[0, 0] - expected).max() < 1e-13
        assert np.array_equal(alone.time[0], found.time[d])


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("batch", [1, 3, None])
def test_threads_and_batches_change_no_bit(threads: int, batch: int | None) -> None:
    draws = {"p": np.linspace(0, 1, 5)}
    whole = cohort(compile_groups(grouped(), draws, {}).tensors, threads=1)
    found = simulate(grouped(), draws, {}, individuals=1, seed=0, threads=threads, batch=batch, engine="cohort")
    assert np.array_equal(found.quantities.time, whole.time)
    assert np.array_equal(found.quantities.events, whole.events)
    assert found.engine == "cohort"


# -- what it refuses ------------------------------------------------------------------------------------------------


def banded(*clocks: Clock, **fields: Any) -> Model:
    bands = tuple(Band(f"band_{c.name}", c.name, (2, 5)) for c in clocks)
    flows = tuple(banded_flow(f"money_{b.name}", ("a", "b"), (b.name,), 3, None) for b in bands)
    return out_of_a(clocks=clocks, bands=bands, parties=parties(), flows=flows, **fields)


REFUSED: dict[str, tuple[Callable[[], Model], str]] = {
    "a look-back": (lambda: banded(Clock("ladder", E(0), ("a",), LookBack(2, 4, ("b",)))), "'ladder', which is reset"),
    "a reset on leaving": (
        lambda: banded(Clock("absence", E(0), None, OnLeaving(("b",)))),
        "'absence', which is reset",
    ),
    "two carried clocks": (
        lambda: banded(Clock("one", E(0), ("a",)), Clock("two", E(0), ("b",))),
        "clocks 'one' and 'two'",
    ),
    "a hazard on a carried clock": (
        lambda: model(
            Transition("out", "a", "b", "support", hazard=E("0.1 * t")), clocks=(Clock("support", E(0), ("a",)),)
        ),
        "hazard of 'out' is read on clock 'support'",
    ),
    "a number of each individual's own": (
        lambda: out_of_a(attributes=(Attribute("m", value=E("2 * u")), start_in("a")), clocks=(Clock("age", E("m")),)),
        "attribute 'm' differs between individuals",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusals_name_the_thing_and_the_way_out(case: str) -> None:
    make, words = REFUSED[case]
    with pytest.raises(EngineError) as caught:
        compile_groups(make(), {}, {})
    assert words in str(caught.value)
    assert "microsimulation" in str(caught.value.way_out)


def test_an_unused_reset_is_no_obstacle() -> None:
    reset = Clock("absence", E(0), None, OnLeaving(("b",)))
    assert run(out_of_a(clocks=(Clock("age", E(0)), reset))).trace[0, 0, 1] == pytest.approx(np.exp(-0.13))


def test_a_deadline_on_the_carried_clock_is_exact() -> None:
    chosen = model(
        Transition("on", "a", "b", hazard=E(0.3)),
        Transition("off", "b", "a", hazard=E(0.5)),
        clocks=(Clock("used", E(1), advances_in=("a",)),),
        deadlines=(Deadline("spent", "a", "dead", "used", E(6)), Deadline("gone", "b", "dead", "used", E(4))),
        passages=(Passage("p", ("b",), 2, label("p")),),
        states=states("a", "b"),
    )
    tensors = compile_groups(chosen, {}, {}).tensors
    assert_twin(tensors)
    assert (cohort(tensors).events[0, 0, 0, 2:, :, 0].sum(axis=1) > 0.01).all()


def test_deadlines_in_a_circle() -> None:
    circle = (Deadline("on", "a", "b", "time", E(3)), Deadline("back", "b", "a", "time", E(3)))
    with pytest.raises(EngineError, match="circle"):
        run(out_of_a(deadlines=circle))


def test_a_vector_too_large_is_refused() -> None:
    chosen = banded(Clock("support", E(0), ("a",)), passages=(Passage("p", ("b",), 10**7, label("p")),))
    with pytest.raises(EngineError, match="too large a vector"):
        run(chosen)


def test_too_many_groups_are_refused() -> None:
    many = {f"c{i}": E(1 / 60) for i in range(60)}
    attributes = [Attribute(f"x{k}", categories={f"{name}_{k}": p for name, p in many.items()}) for k in range(3)]
    chosen = out_of_a(
        attributes=(*attributes, Attribute("m", value=E("x0 + x1 + x2")), start_in("a")), clocks=(Clock("age", E("m")),)
    )
    with pytest.raises(EngineError, match="too many groups with attribute 'x2'"):
        compile_groups(chosen, {}, {})


def test_weights_must_sum_to_the_same_in_every_draw() -> None:
    tensors = compile_groups(grouped(), {"p": np.array([0.3, 0.6])}, {}).tensors
    assert tensors.group_weight is not None
    with pytest.raises(EngineError, match="sum to the same"):
        cohort(dataclasses.replace(tensors, group_weight=tensors.group_weight * [[1.0], [2.0]]))
