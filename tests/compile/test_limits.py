"""Anchored in what a limit means: k years before point k, whatever the rule, and nothing made or lost by dividing."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_models import E, banded_flow, conventions, label, model, parties, start_in, states

from costeff import Evaluation
from costeff.compile import layout
from costeff.engine.quantities import Quantities
from costeff.errors import ResultError
from costeff.ledger import flows
from costeff.model import Attribute, Band, Clock, Deadline, Effect, Model, Term, Transition
from costeff.model.checks.structure import WITHIN_CYCLE
from costeff.simulation.simulate import simulate

RULES = st.sampled_from([rule for rule in WITHIN_CYCLE if rule != "both_ends"])
OFF = Transition("off", "b", "c", hazard=E("0.3"))


def lived(chosen: Model, engine: str = "cohort", draws: dict[str, Any] | None = None) -> Quantities:
    return simulate(chosen, draws or {}, {}, individuals=40, seed=1, engine=engine).quantities


def in_state(chosen: Model, quantities: Quantities, state: str, band: str | None = None) -> np.ndarray:
    """Mean time in a state under the first strategy, by interval of the band."""
    where = layout(chosen)
    tally = next(t for t in where.tallies if t.bands == ((band,) if band else ()))
    time = quantities.time[0, 0, :, where.cells(tally, state), :, 0].sum(axis=(0, 2))
    return np.asarray(time / quantities.half_sizes.sum())


@settings(max_examples=60, deadline=None)
@given(
    rule=RULES,
    horizon=st.integers(4, 14),
    edges=st.sets(st.integers(1, 13), min_size=1, max_size=3),
    clock=st.sampled_from(["time", "time_in_state", "age"]),
    engine=st.sampled_from(["cohort", "stepping"]),
)
def test_each_interval_of_a_known_clock_has_its_length(
    rule: str, horizon: int, edges: set[int], clock: str, engine: str
) -> None:
    """Nobody leaves: every interval within the horizon holds its own length, and together they are the whole."""
    inside = sorted(e for e in edges if e < horizon)
    chosen = model(
        OFF,
        conventions=conventions(horizon, rule),
        states=states("a", "b", "c"),
        clocks=(Clock("age", E(60)),),
        attributes=(start_in("a"),),
        bands=(Band("band", clock, tuple(e + 60 * (clock == "age") for e in sorted(edges))),),
        parties=parties(),
        flows=(banded_flow("money", ("a",), ("band",), len(edges) + 1, None),),
    )
    found = lived(chosen, engine)
    parts = in_state(chosen, found, "a", "band")
    assert parts[: len(inside)] == pytest.approx(np.diff([0, *inside]), abs=1e-9)
    assert parts.sum() == pytest.approx(in_state(chosen, found, "a").sum(), abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(rule=RULES, first=st.integers(1, 5), second=st.integers(1, 5), engine=st.sampled_from(["cohort", "stepping"]))
def test_deadlines_in_a_row(rule: str, first: int, second: int, engine: str) -> None:
    """Two treatments of known length, one after the other: each lasts as long as it lasts."""
    chosen = model(
        Transition("off", "c", "dead", hazard=E("0.3")),
        conventions=conventions(12, rule),
        states=states("a", "b", "c"),
        attributes=(start_in("a"),),
        deadlines=(
            Deadline("one", "a", "b", "time_in_state", E(first)),
            Deadline("two", "b", "c", "time_in_state", E(second)),
        ),
    )
    found = lived(chosen, engine)
    assert in_state(chosen, found, "a") == pytest.approx([first], abs=1e-9)
    assert in_state(chosen, found, "b") == pytest.approx([second], abs=1e-9)
    if rule != "darth":  # which does not add up to the horizon
        assert found.time[:, :, :, :4, :, 0].sum() / found.half_sizes.sum() == pytest.approx(12, abs=1e-9)


@pytest.mark.parametrize("engine", ["cohort", "stepping"])
def test_who_enters_on_the_way_is_counted_as_before(engine: str) -> None:
    """They enter anywhere in a cycle: two years in the state are two points, of full weight under `half_cycle`."""
    chosen = model(
        Transition("on", "a", "b", hazard=E("0.4")),
        conventions=conventions(40, "half_cycle"),
        states=states("a", "b", "c"),
        attributes=(start_in("a"),),
        deadlines=(Deadline("due", "b", "c", "time_in_state", E(2)),),
    )
    found = lived(chosen, engine)
    entered = 1 - np.exp(-0.4 * 40) if engine == "cohort" else 1.0
    assert in_state(chosen, found, "b") == pytest.approx([2 * entered], rel=1e-6)


def short(**changes: Any) -> Model:
    fields: dict[str, Any] = {
        "conventions": conventions(10, "half_cycle"),
        "states": states("a", "b", "c"),
        "attributes": (Attribute("w", value=E(2)), start_in("a")),
        "deadlines": (Deadline("due", "a", "b", "time_in_state", E("p")),),
    }
    return model(OFF, **(fields | changes))


def test_what_cannot_be_divided_is_said_with_its_size() -> None:
    """A deadline at another cycle in each draw; one whose time is weighted."""
    with pytest.warns(UserWarning, match=r"'due': under `within_cycle: half_cycle` .* up to 0.5 of a cycle too little"):
        lived(short(), draws={"p": np.array([2.0, 3.0])})
    weighted = short(
        deadlines=(Deadline("due", "a", "b", "time_in_state", E(2)),),
        effects=(Effect("e", label("e"), "years", "more", terms=(Term(("a",), E(1), "w"),)),),
    )
    with pytest.warns(UserWarning, match=r"'due'"):
        lived(weighted)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lived(short(), draws={"p": np.array([2.0, 2.0])})
        lived(short(conventions=conventions(10, "none")), draws={"p": np.array([2.0, 3.0])})


@pytest.mark.parametrize("scale", [1e-6, 1e-3, 1.0, 1e3, 1e6, 1e9])
def test_money_is_rounded_to_its_own_size(scale: float) -> None:
    """To less than a millionth of a millionth of the whole, and such that sums are exact in any order."""
    chosen = short(
        deadlines=(),
        parties=parties(),
        bands=(Band("band", "time", (2,)),),
        flows=tuple(banded_flow(f"money_{i}", ("a",), ("band",), 2, None) for i in range(3)),
    )
    quantities = lived(chosen)
    scaled = Quantities(
        quantities.time * scale, quantities.events, quantities.passages, quantities.trace, quantities.half_sizes
    )
    priced, exact = (flows(chosen, layout(chosen), {}, q).amount for q in (scaled, quantities))
    assert priced == pytest.approx(exact * scale, rel=1e-9 if scale >= 1 else 1e-8)
    total = priced[0, 0, :, :, 0]
    assert total.ravel().cumsum()[-1] == total.ravel()[::-1].cumsum()[-1]


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e9])
def test_a_wrong_half_is_refused_at_any_scale(scale: float) -> None:
    cost = scale * np.array([[100.0, 150.0]])
    half = np.stack([cost - 3 * scale, cost + 3 * scale], axis=1)
    effect = {"effect": [[1.0, 1.5]], "effect_half": [[[1.0, 1.5]] * 2]}
    names = ("payer", "qaly", ("usual", "new"), "usual")
    rounding = 30 * 2.0**-34 * scale
    assert Evaluation(*names, cost=cost, cost_half=half, **effect, rounding=rounding).draws == 1
    with pytest.raises(ResultError, match=r"halves of cost .*their mean is"):
        Evaluation(*names, cost=cost, cost_half=half + 1e-6 * scale, **effect, rounding=rounding)
