"""Anchored in exact equality on the shipped TKI2: ledger identities, and what a programme without effect costs.

A small simulation; where money is compared it is compared with `==`.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from costeff import Result, load
from costeff.cea.icer import icer_table
from costeff.errors import ResultError
from costeff.ledger import QUANTUM, Flows, cost, enters, flows, parties_net
from costeff.model import Perspective

DRAWS, INDIVIDUALS = 50, 200
LAYERS = (0, 1)  # undiscounted, discounted


@cache
def no_effect() -> Result:
    return load("no_effect").psa(DRAWS, INDIVIDUALS, seed=1)


@cache
def base_case() -> Result:
    return load("tki2").psa(20, 100, seed=2)


def money(result: Result) -> Flows:
    """The flows with the halves in every layer; a Result keeps those of the layer of costs."""
    s = result.simulated
    return flows(result.model, s.layout, result.environment, s.quantities)


def views(result: Result) -> dict[str, Perspective]:
    return {p.name: p for p in result.model.perspectives}


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("half", [False, True])
def test_the_public_is_its_parts_in_every_period(layer: int, half: bool) -> None:
    result = base_case()
    paid = money(result)
    at = {n: cost(p, paid, result.environment, layer, half=half) for n, p in views(result).items()}
    assert np.abs(result.flows.amount).sum(axis=2).max() < 5e8
    parts = at["municipal_with_tax"] + at["other_municipalities"] + at["region"] + at["state"]
    assert np.array_equal(parts, at["public"])
    assert np.array_equal(at["mso"] + at["msb"], at["municipal"])
    assert np.array_equal(at["public"] + at["employer"] + at["citizen"], at["societal"])


@pytest.mark.parametrize("layer", LAYERS)
def test_society_pays_for_resources_less_production(layer: int) -> None:
    result = base_case()
    societal = cost(views(result)["societal"], result.flows, {}, layer)
    assert np.array_equal(sum(parties_net(result.model, result.flows, layer).values()), societal)
    lines = [line for line in result.flows.lines if not line.flow.only_in]
    used = [i for i, line in enumerate(result.flows.lines) if line.recipient == "resources" and line in lines]
    made = [i for i, line in enumerate(result.flows.lines) if line.payer == "production" and line in lines]
    outside = result.flows.amount[..., layer]
    assert np.array_equal(outside[:, :, used].sum(axis=2) - outside[:, :, made].sum(axis=2), societal)
    assert {result.flows.lines[i].item for i in made} == {"production"}


def test_sums_over_years_and_parties_are_exact_too() -> None:
    """The costs that the ICER table starts from are sums of quanta: their order is of no account."""
    result = base_case()
    total = result.perspective("societal").cost
    net = parties_net(result.model, result.flows, result.simulated.layer_cost)
    assert np.array_equal(total, sum(values.sum(axis=-1) for values in net.values()))
    assert np.array_equal(total / QUANTUM, np.rint(total / QUANTUM))


def test_without_effect_people_live_the_same_lives() -> None:
    q = no_effect().simulated.quantities
    for array in (q.time, q.events, q.passages):
        assert np.array_equal(array[:, 0], array[:, 1])
        assert array.any()
    assert np.array_equal(q.trace[0], q.trace[1])


def test_without_effect_every_effect_differs_by_exactly_nothing() -> None:
    result = no_effect()
    assert np.all(result.effects.value[:, 1] - result.effects.value[:, 0] == 0.0)
    assert result.effects.half is not None
    assert np.all(result.effects.half[:, :, 1] - result.effects.half[:, :, 0] == 0.0)
    table = result.effects_table()
    assert len(table) == len(result.model.effects) >= 10
    for column in ("increment", "mcse", "lo", "hi"):
        assert np.all(table[column] == 0.0)


def test_without_effect_every_other_item_differs_by_exactly_nothing() -> None:
    result = no_effect()
    programme = np.array([line.flow.programme for line in result.flows.lines])
    change = result.flows.amount[:, 1] - result.flows.amount[:, 0]
    assert np.all(change[:, ~programme] == 0.0)
    assert np.all(result.flows.amount[:, 0][:, programme] == 0.0)
    assert np.all((change[:, programme] != 0.0).any(axis=(2, 3))), "a programme flow without money"
    items = result.items()
    assert set(items.loc[items["programme"], "item"]) == {"programme_mso", "programme_msb"}
    assert np.all(items.loc[~items["programme"], "increment"] == 0.0)


@pytest.mark.parametrize("half", [False, True])
@pytest.mark.parametrize("layer", LAYERS)
def test_without_effect_a_perspective_pays_its_share_of_the_programme(layer: int, half: bool) -> None:
    result = no_effect()
    paid = money(result)
    amounts = paid.half if half else paid.amount
    assert amounts is not None
    paying = set()
    for name, view in views(result).items():
        costs = cost(view, paid, result.environment, layer, half=half)
        increment = costs[..., 1, :] - costs[..., 0, :]
        signs = enters(view, result.flows)
        own = [i for i, line in enumerate(result.flows.lines) if line.flow.programme and signs[i]]
        assert all(signs[i] == 1 for i in own), "every programme flow leaves society"
        share = amounts[..., layer][..., 1, :, :][..., own, :].sum(axis=-2)
        if view.factor is None:
            assert np.array_equal(increment, share), name
        else:  # a factor is applied after the exact sums
            np.testing.assert_allclose(increment, 1.28 * share, rtol=1e-6, atol=1e-9)
        if own:
            paying.add(name)
            assert np.all(share[..., 0] != 0)  # paid at the start
            assert not share[..., 1:].any()
        else:
            assert np.all(increment == 0.0)
    society = {"societal", "societal_market", "societal_friction"}
    assert paying == {"mso", "msb", "municipal", "municipal_with_tax", "public"} | society


def test_without_effect_the_tables_say_so() -> None:
    result = no_effect()
    for one in (result, load("no_effect").psa(7, 20, seed=3)):
        parties = one.parties().set_index("party")
        assert np.array_equal(parties["increment"], parties["programme"])
        assert set(parties.index[parties["increment"] != 0]) == {"mso", "msb"}
    for name in views(result):
        row = icer_table(result.perspective(name)).set_index("strategy").loc["tki2"]
        assert row["incremental_effect"] == 0.0
        assert row["status"] == "equal effect" or row["incremental_cost"] == 0.0
        if name not in ("mso", "msb", "municipal", "municipal_with_tax", "public") and "societal" not in name:
            assert row["incremental_cost"] == 0.0
    mso = icer_table(result.perspective("mso")).set_index("strategy").loc["tki2", "incremental_cost"]
    p = result.parameters
    published = p["programme_cost"] * p["relative_uptake"] * p["programme_share_mso"]
    assert mso == pytest.approx(published.mean(), rel=1e-9)


def test_a_result_keeps_halves_of_the_layer_of_costs() -> None:
    result = base_case()
    layer, whole = result.simulated.layer_cost, money(result)
    assert result.flows.half is not None
    assert whole.half is not None
    assert np.array_equal(result.flows.half[..., 0], whole.half[..., layer])
    assert np.array_equal(result.flows.amount, whole.amount)
    view = views(result)["municipal"]
    assert np.array_equal(
        cost(view, result.flows, result.environment, layer, half=True),
        cost(view, whole, result.environment, layer, half=True),
    )
    with pytest.raises(ResultError, match="halves are kept for layer 1 only"):
        cost(view, result.flows, result.environment, 0, half=True)
