"""Anchored in identities of any ledger, with `==`: what one party pays another receives, over random models."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_ledgers import INSIDE, MUNICIPAL, OTHERS, OUTSIDE, E, Ledger, build, label, ledgers

from costeff.errors import ModelError
from costeff.ledger import Flows, cost, flows, parties_net
from costeff.model import Flow, Model, Perspective, Share


def priced(ledger: Ledger, model: Model | None = None) -> Flows:
    changed = ledger if model is None else replace(ledger, model=model)
    return flows(changed.model, changed.layout, changed.env, changed.quantities())


def views(ledger: Ledger, money: Flows, layer: int) -> dict[str, np.ndarray]:
    """Cost of each perspective, (D, G, years)."""
    return {p.name: cost(p, money, ledger.env, layer) for p in ledger.model.perspectives}


@settings(max_examples=50)
@given(ledgers(), st.integers(0, 1))
def test_public_is_the_sum_of_its_parts_in_every_period(ledger: Ledger, layer: int) -> None:
    money = priced(ledger)
    at = views(ledger, money, layer)
    assert np.abs(money.amount).sum(axis=2).max() < 5e8, "beyond the range in which sums are exact"
    parts = at["municipal_with_tax"] + at["other_municipalities"] + at["region"] + at["state"]
    assert np.array_equal(parts, at["public"])
    assert np.array_equal(sum(at[p] for p in (*MUNICIPAL, *OTHERS)), at["public"])


@settings(max_examples=50)
@given(ledgers(), st.integers(0, 1), st.lists(st.sampled_from(INSIDE), min_size=1, unique=True))
def test_the_cost_of_a_set_is_the_sum_over_its_parties(ledger: Ledger, layer: int, some: list[str]) -> None:
    money = priced(ledger)
    net = parties_net(ledger.model, money, layer)
    whole = cost(Perspective("set", label("set"), tuple(some)), money, {}, layer)
    assert np.array_equal(sum(net[p] for p in some), whole)
    if money.half is not None:
        halves = [cost(Perspective(p, label(p), (p,)), money, {}, layer, half=True) for p in some]
        whole = cost(Perspective("set", label("set"), tuple(some)), money, {}, layer, half=True)
        assert np.array_equal(sum(halves), whole)


@settings(max_examples=50)
@given(ledgers(), st.integers(0, 1))
def test_society_pays_for_resources_less_production(ledger: Ledger, layer: int) -> None:
    money = priced(ledger)
    societal = views(ledger, money, layer)["societal"]
    assert np.array_equal(sum(parties_net(ledger.model, money, layer).values()), societal)
    used, made = np.zeros_like(societal), np.zeros_like(societal)
    for i, line in enumerate(money.lines):
        if not line.flow.only_in:
            used += money.amount[:, :, i, :, layer] * (line.recipient in OUTSIDE)
            made += money.amount[:, :, i, :, layer] * (line.payer in OUTSIDE)
    assert np.array_equal(used - made, societal)


@settings(max_examples=50)
@given(ledgers(plain=True), st.lists(st.sampled_from(INSIDE), min_size=2, unique=True))
def test_transfers_cancel_inside_an_unfiltered_perspective(ledger: Ledger, some: list[str]) -> None:
    """Money that stays inside a set can be multiplied, or redirected inside it, without a trace in the set's cost."""
    view = Perspective("set", label("set"), tuple(some))
    money = priced(ledger)
    before = cost(view, money, {}, 0)
    inside = [i for i, line in enumerate(money.lines) if {line.payer, line.recipient} <= set(some)]
    louder = money.amount.copy()
    louder[:, :, inside] *= 1000.0
    assert np.array_equal(cost(view, replace(money, amount=louder), {}, 0), before)
    outward = [i for i in range(len(money.lines)) if i not in inside]
    alone = Flows(tuple(money.lines[i] for i in outward), money.amount[:, :, outward], None)
    assert np.array_equal(cost(view, alone, {}, 0), before)


@settings(max_examples=50)
@given(ledgers(plain=True), st.integers(0, 1))
def test_two_identical_strategies_differ_by_exactly_nothing(ledger: Ledger, layer: int) -> None:
    time = {key: np.repeat(values[:, :1], 3, axis=1) for key, values in ledger.time.items()}
    events = {key: np.repeat(values[:, :1], 3, axis=1) for key, values in ledger.events.items()}
    same = replace(ledger, time=time, events=events)
    money = priced(same)
    assert np.array_equal(money.amount[:, 0], money.amount[:, 1])
    for values in views(same, money, layer).values():
        assert np.all(values[:, 1] - values[:, 0] == 0.0)


@settings(max_examples=50)
@given(ledgers(), st.randoms(use_true_random=False))
def test_the_order_of_flows_does_not_change_a_bit(ledger: Ledger, rng: object) -> None:
    order = list(range(len(ledger.model.flows)))
    rng.shuffle(order)  # type: ignore[attr-defined]
    shuffled = replace(ledger.model, flows=tuple(ledger.model.flows[i] for i in order))
    first, second = priced(ledger), priced(ledger, shuffled)
    for layer in (0, 1):
        for one, other in zip(views(ledger, first, layer).values(), views(ledger, second, layer).values(), strict=True):
            assert np.array_equal(one, other)


def benefit(**fields: object) -> Flow:
    given_fields: dict[str, object] = {"amounts": {"a": E("x1")}} | fields
    return Flow("benefit", "state", "citizen", label("b"), **given_fields)  # type: ignore[arg-type]


def refund(**fields: object) -> Flow:
    return Flow("refund", "region", "state", label("r"), of="benefit", **fields)  # type: ignore[arg-type]


@pytest.fixture
def detail() -> Ledger:
    """Two draws with one cycle in every cell."""
    model = build((benefit(),), ())
    shape = (2, 3, 2, 3, 2, 2, 2)
    return Ledger(
        model=model,
        draws={
            "x1": np.array([10.0, 20.0]),
            "x2": np.ones(2),
            "x3": np.ones(2),
            "s1": np.full(2, 0.5),
            "s2": np.full(2, 2.0),
        },
        time={(w, s): np.ones(shape) for w in (None, "wage", "utility") for s in ("a", "b", "c", "dead")},
        events={name: np.ones((2, 3, 2, 2, 2)) for name in ("go", "back", "die")},
        passages=np.ones((2, 3, 2, 1, 26)),
        half_sizes=np.array([1.0, 1.0]),
    )


def test_a_share_of_a_flow_of_another_strategy_is_never_paid(detail: Ledger) -> None:
    pair = (benefit(strategies=("programme",)), refund(strategies=("usual_care",)))
    money = priced(detail, build(pair, ()))
    paid = {line.item: money.amount[:, :, i].sum(axis=(0, 2, 3)) for i, line in enumerate(money.lines)}
    assert paid["benefit"][0] == 0 < paid["benefit"][1]
    assert not np.any(paid.get("refund", 0.0))


def test_a_negative_share_is_refused(detail: Ledger) -> None:
    for share in (Share((E("1 - s2"),)), Share((E(1), E("1 - s2"), E(1)), ("ladder",))):
        flow = benefit(shares=(share,))
        with pytest.raises(ModelError) as refused:
            priced(detail, build((flow,), ()))
        assert refused.value.value == -1.0
        assert "benefit" in str(refused.value)
        assert refused.value.rule
        assert refused.value.way_out


def test_a_negative_amount_is_refused_unless_declared(detail: Ledger) -> None:
    with pytest.raises(ModelError, match="negative") as refused:
        priced(detail, build((benefit(amounts={"a": E("-x1")}),), ()))
    assert refused.value.value == -20.0
    money = priced(detail, build((benefit(amounts={"a": E("-x1")}, negative=True),), ()))
    assert np.all(money.amount <= 0)
