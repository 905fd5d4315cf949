"""Anchored in closed forms: geometric and Weibull stays, competing exits, declared probabilities.

Each within Monte Carlo error at fixed seeds (4 standard errors; Bonferroni where many cells are compared).
"""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from random_models import E, model, start_in

from costeff.compile import compile_model
from costeff.engine.events.microsim import microsim
from costeff.engine.quantities import Quantities
from costeff.errors import EngineError, ModelError
from costeff.model import Deadline, Model, Transition
from costeff.simulation.simulate import simulate

MANY = 40_000


def run(chosen: Model, individuals: int = MANY, mode: str = "events", seed: int = 11) -> Quantities:
    return microsim(compile_model(chosen, {}, {}, individuals=individuals, seed=seed).tensors, mode=mode)


def assert_shares(found: np.ndarray, expected: np.ndarray, size: int) -> None:
    """Every share within the Bonferroni limit of a two-sided test at 1e-4 over all cells."""
    from scipy.special import ndtri

    sd = np.sqrt(np.maximum(expected * (1 - expected), 1 / size) / size)
    limit = -ndtri(1e-4 / 2 / found.size)
    assert np.abs(found - expected).max() <= (limit * sd).max()
    assert (np.abs(found - expected) <= limit * sd).all()


@pytest.mark.parametrize("mode", ["events", "stepping", "weekly"])
def test_a_constant_hazard_gives_geometric_stays(mode: str) -> None:
    h, horizon = 0.13, 20
    found = run(model(Transition("out", "a", "b", hazard=E(f"constant(t, {h})")), horizon=horizon), mode=mode)
    assert_shares(found.trace[0, 0] / MANY, np.exp(-h * np.arange(horizon + 1)), MANY)
    mean = found.time[0, 0, :, 0, :, 0].sum() / MANY
    q = np.exp(-h)
    expected = (1 - q**horizon) / (1 - q)
    second = sum((2 * k + 1) * q**k for k in range(horizon))  # E X**2 of the stay, cut at the horizon
    assert abs(mean - expected) < 4 * np.sqrt((second - expected**2) / MANY)


@pytest.mark.parametrize("mode", ["events", "weekly"])
def test_two_exits_split_by_their_hazards(mode: str) -> None:
    h1, h2 = 0.1, 0.3
    found = run(
        model(Transition("one", "a", "b", hazard=E(h1)), Transition("two", "a", "dead", hazard=E(h2)), horizon=60),
        mode=mode,
    )
    events = found.events[0, 0].sum(axis=0)[:, :, 0].sum(axis=1)
    assert events.sum() == pytest.approx(MANY, abs=3)  # exp(-24) of them stay
    assert_shares(events / events.sum(), np.array([h1, h2]) / (h1 + h2), MANY)


def test_weibull_stays() -> None:
    shape, scale, horizon = 1.7, 8.0, 25
    found = run(model(Transition("out", "a", "b", hazard=E(f"weibull(t, {shape}, {scale})")), horizon=horizon))
    assert_shares(found.trace[0, 0] / MANY, np.exp(-((np.arange(horizon + 1) / scale) ** shape)), MANY)


@pytest.mark.parametrize("mode", ["events", "weekly"])
def test_probabilities_come_out_as_declared(mode: str) -> None:
    p = np.array([0.2, 0.35])
    exits = (Transition("one", "a", "b", probability=E(p[0])), Transition("two", "a", "dead", probability=E(p[1])))
    found = run(model(*exits, horizon=1), mode=mode)
    assert_shares(found.trace[0, :, 1] / MANY, np.array([1 - p.sum(), *p]), MANY)


def test_weekly_mode_has_the_same_distribution() -> None:
    """Traces of a model with a lifelong exit, three clocks and a deadline, from different random numbers."""
    from scipy.special import ndtri

    chosen = model(
        Transition("ab", "a", "b", hazard=E("weibull(t, 1.5, 9)")),
        Transition("ba", "b", "a", "time", hazard=E("0.02 * t")),
        Transition("death_a", "a", "dead", "age", hazard=E("0.01 * (1 + t)"), lifelong="death"),
        Transition("death_b", "b", "dead", "age", hazard=E("0.02 * (1 + t)"), lifelong="death"),
        deadlines=(Deadline("due", "a", "b", "time_in_state", E(7)),),
        attributes=(start_in("a", "b"),),
    )
    one, two = run(chosen).trace[0] / MANY, run(chosen, mode="weekly").trace[0] / MANY
    middle = (one + two) / 2
    sd = np.sqrt(2 * np.maximum(middle * (1 - middle), 1 / MANY) / MANY)
    assert (np.abs(one - two) <= -ndtri(1e-3 / 2 / sd.size) * sd).all()
    assert not np.array_equal(one, two), "they do not share their numbers"


# -- certain and impossible -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "stay", "shares"),
    [("0", "0", 1.0, None), ("0.25", "0.75", 0.0, 0.25), ("0.25", "0.75 + 1e-12", 0.0, 0.25), ("1", "0", 0.0, 1.0)],
)
def test_probabilities_that_sum_to_0_or_1(first: str, second: str, stay: float, shares: float | None) -> None:
    exits = (Transition("one", "a", "b", probability=E(first)), Transition("two", "a", "dead", probability=E(second)))
    found = run(model(*exits, horizon=3), 4_000)
    assert found.trace[0, 0, 1:].tolist() == [stay * 4_000] * 3, "certain means everybody"
    if shares is not None:
        assert abs(found.trace[0, 1, 1] / 4_000 - shares) <= 4 * np.sqrt(shares * (1 - shares) / 4_000)


def test_probabilities_above_1_name_the_state() -> None:
    exits = (Transition("one", "a", "b", probability=E(0.5)), Transition("two", "a", "dead", probability=E(0.51)))
    with pytest.raises(ModelError, match=r"leaving 'a' sum to 1\.01 .*one 0\.5, two 0\.51"):
        run(model(*exits), 1)


def test_a_negative_hazard_names_transition_and_cycle() -> None:
    with pytest.raises(ModelError, match=r"'out' is negative .*at 6\)"):
        run(model(Transition("out", "a", "b", hazard=E("0.5 - 0.1 * t"))), 1)


def test_deadlines_in_a_circle() -> None:
    circle = (Deadline("on", "a", "b", "time", E(3)), Deadline("back", "b", "a", "time", E(3)))
    for mode in ("events", "stepping", "weekly"):
        with pytest.raises(EngineError, match="circle"):
            run(model(Transition("out", "a", "dead", hazard=E(0.1)), deadlines=circle), 5, mode)


def test_a_deadline_at_the_horizon_still_moves() -> None:
    due = (Deadline("on", "a", "b", "time", E(20)),)
    found = run(model(Transition("out", "b", "dead", hazard=E(9)), deadlines=due), 5)
    assert found.trace[0, 0].tolist() == [5] * 20 + [0]
    assert found.trace[0, 1].tolist() == [0] * 20 + [5]
    assert found.events.sum(axis=(0, 1, 2, 4))[:, 0].tolist() == [0, 5]


@pytest.mark.parametrize("engine", ["microsim", "cohort"])
def test_nobody_is_refused(engine: str) -> None:
    with pytest.raises(EngineError, match="at least 1"):
        simulate(model(Transition("out", "a", "b", hazard=E(1))), {}, {}, individuals=0, seed=1, engine=engine)


@pytest.mark.parametrize("seed", [-1, 2**64])
def test_a_seed_outside_64_bits_is_refused(seed: int) -> None:
    tensors = compile_model(model(Transition("out", "a", "b", hazard=E(1))), {}, {}, individuals=2, seed=1).tensors
    with pytest.raises(EngineError, match="seed out of range"):
        dataclasses.replace(tensors, seed=seed)
