"""Anchored in a plain-Python twin (twins/ledger.py): every price, net cost and effect by plain loops."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import given, settings
from random_ledgers import BANDS, NUMBERS, STATES, YEAR, YEARS, Ledger, ledgers, side_by_side
from twins import ledger as twin

from costeff.ledger import QUANTUM, cost, effects, flows
from costeff.ledger.flows import Flows, Prices
from costeff.model import Expression, Flow


def by_draw(ledger: Ledger, formula: Expression | None) -> list[float]:
    """Value of an arithmetic formula in each draw, by Python itself and not by costeff."""
    count = len(ledger.draws["x1"])
    rows = [{name: float(ledger.draws[name][d]) for name in NUMBERS} for d in range(count)]
    return [float(eval(formula.text if formula else "1", {"__builtins__": {}}, row)) for row in rows]


def told(ledger: Ledger, flow: Flow) -> dict[str, Any]:
    return {
        "item": flow.item,
        "payer": flow.payer,
        "recipient": flow.recipient,
        "per": flow.per,
        "amounts": {state: by_draw(ledger, formula) for state, formula in flow.amounts.items()},
        "transitions": flow.transitions,
        "weight": flow.weight,
        "shares": [{"bands": s.bands, "values": [by_draw(ledger, v) for v in s.values]} for s in flow.shares],
        "strategies": flow.strategies,
        "of": flow.of,
        "only_in": flow.only_in,
    }


def world(ledger: Ledger) -> dict[str, Any]:
    return {
        "strategies": ledger.model.strategy_names,
        "states": STATES,
        "bands": BANDS,
        "size": ledger.half_sizes.tolist(),
        "time": {key: values.tolist() for key, values in ledger.time.items()},
        "events": {key: values.tolist() for key, values in ledger.events.items()},
        "legs": {"leave": ["go", "back"]},
        "years": YEARS,
        "cycles_per_year": YEAR,
    }


def by_flow(ledger: Ledger, priced: Flows, d: int, g: int, year: int, layer: int, half: int | None) -> list[float]:
    """Priced amount of each declared flow: the sum of its lines."""
    amounts = priced.amount if half is None else priced.half
    assert amounts is not None
    place = (d, g) if half is None else (d, half, g)
    return [
        sum(float(amounts[(*place, i, year, layer)]) for i, line in enumerate(priced.lines) if line.flow is flow)
        for flow in ledger.model.flows
    ]


def close(found: float, expected: float, roundings: int) -> bool:
    """Equal to 1e-12, beside the declared rounding of each cell to a multiple of the quantum."""
    return abs(found - expected) <= 1e-12 * abs(expected) + roundings * QUANTUM / 2


@settings(max_examples=40)
@given(ledgers())
def test_every_flow_and_perspective_equals_the_twin(ledger: Ledger) -> None:
    priced = flows(ledger.model, ledger.layout, ledger.env, ledger.quantities())
    step = priced.quantum[:, None, None, None, None]
    assert np.all(priced.amount / step == np.rint(priced.amount / step))
    assert (priced.half is None) == (0 in ledger.half_sizes)
    declared, all_flows = ledger.model.flows, [told(ledger, f) for f in ledger.model.flows]
    lines = [sum(line.flow is f for line in priced.lines) for f in declared]
    here = world(ledger)
    wholes: list[int | None] = [None] if priced.half is None else [None, 0, 1]
    for half in wholes:
        halves = [0, 1] if half is None else [half]
        size = sum(here["size"][h] for h in halves)
        for d, g, year, layer in ((0, 0, 0, 0), (0, 1, 1, 1), (3, 2, 0, 1)):
            expected = [twin.money(f, all_flows, here, d, g, halves, year, layer) / size for f in all_flows]
            found = by_flow(ledger, priced, d, g, year, layer, half)
            assert all(map(close, found, expected, lines)), (found, expected)
            for view in ledger.model.perspectives:
                factor = by_draw(ledger, view.factor)[d]
                seen = {
                    "name": view.name,
                    "parties": view.parties,
                    "items": view.items,
                    "exclude_items": view.exclude_items,
                    "factor": factor,
                }
                net = float(
                    cost(view, priced, ledger.env, layer, half=half is not None)[
                        (d, g, year) if half is None else (d, half, g, year)
                    ]
                )
                large = factor * sum(map(abs, expected))  # 1e-12 of what is summed: the difference may be near 0
                off = abs(net - twin.net(seen, all_flows, expected))
                assert off <= 1e-12 * large + factor * sum(lines) * QUANTUM / 2, view


@settings(max_examples=30)
@given(ledgers())
def test_lines_priced_together_equal_those_priced_one_by_one(ledger: Ledger) -> None:
    """Draws side by side, as a case has them: by two orders of the same sums, so to a step of the rounding."""
    where = ledger.layout
    where = replace(where, lines=tuple(line for line in where.lines if line.per != "start"))
    q = ledger.quantities()
    one_layer = q.with_time_and_events(q.time[..., :1], q.events[..., :1])
    alone = flows(ledger.model, where, ledger.env, one_layer)
    kept: Prices = {}
    laid = q.with_time_and_events(side_by_side(q.time), side_by_side(q.events))
    for part in (slice(None), slice(1, 2)):  # the second time from prices that are kept, and of one year
        some = laid.with_time_and_events(laid.time[..., part, :], laid.events[..., part, :])
        together = flows(ledger.model, where, ledger.env, some, prices=kept)
        assert together.quantum is not None
        assert alone.quantum is not None
        assert len(kept) == len(where.lines)
        for found, wanted in ((together.amount, alone.amount), (together.half, alone.half)):
            assert (found is None) == (wanted is None)
            if found is not None and wanted is not None:
                step, other = (one.quantum.reshape(-1, *[1] * (found.ndim - 1)) for one in (together, alone))
                wanted = wanted[..., part, :]
                assert (np.abs(found - wanted) <= step + other + 1e-12 * np.abs(wanted)).all()
                assert np.array_equal(found / step, np.rint(found / step))


@settings(max_examples=40)
@given(ledgers())
def test_every_effect_equals_the_twin(ledger: Ledger) -> None:
    here, model = world(ledger), ledger.model
    found = effects(model, ledger.layout, ledger.env, ledger.quantities(), layer=1)
    for i, effect in enumerate(model.effects):
        plain: dict[str, Any] = {
            "within": effect.within,
            "mean_within": effect.mean_within,
            "terms": [
                {
                    "states": t.states,
                    "weight": t.weight,
                    "strategies": t.strategies,
                    "amount": by_draw(ledger, t.amount),
                    "within": t.within or effect.within,
                }
                for t in effect.terms
            ],
            "events": [n for name in effect.events for n in here["legs"][name]],
            "factor": by_draw(ledger, effect.factor)[0],
        }
        if effect.passage:
            plain["passages"] = ledger.passages[:, :, :, 0].tolist()
        layer = 1 if effect.discount else 0
        for d in (0, 3):
            for g in range(3):
                expected = twin.effect(plain, here, d, g, [0, 1], layer)
                np.testing.assert_allclose(found.value[d, g, i], expected, rtol=1e-12, atol=1e-9)
                halves = found.half
                for half in range(2) if halves is not None else ():
                    assert halves is not None
                    expected = twin.effect(plain, here, d, g, [half], layer)
                    np.testing.assert_allclose(halves[d, half, g, i], expected, rtol=1e-12, atol=1e-9)
