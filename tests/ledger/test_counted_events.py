"""Anchored in loops of plain Python: events by band, events whose amount is counted by person, and tax financing.

No simulation: every cell of a tally holds a number of its own.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from random_ledgers import LAYERS, YEAR, YEARS, E, Ledger, side_by_side
from test_ledger_edges import PAYER, D, G, care, effect_of, ledger

from costeff.engine.quantities import Quantities
from costeff.ledger import cost, effects, flows, rounding, rounding_by_draw
from costeff.model import Effect, Flow, Share, Term
from costeff.model.elements import TaxFinancing

SHARES = (0.5, 0.25, 1.0)  # of the three intervals of `ladder`
EDGES = (0, 2, 5)
HALF_SIZES = (3.0, 1.0)


def number(draw: int, strategy: int, half: int, cell: int, year: int, layer: int) -> float:
    """What a cell of a tally of events holds: no two alike."""
    return 1.0 + draw + 10 * strategy + 100 * half + 1000 * cell + 10_000 * year + 100_000 * layer


def counted_events(one: Ledger) -> Quantities:
    """The ledger's quantities, with every cell of its tallies of events filled by `number`."""
    where = one.layout
    (tally,) = where.event_tallies
    sizes = (D, G, 2, tally.cells, YEARS, LAYERS)
    cells = np.array([number(*map(int, at)) for at in np.ndindex(*sizes)]).reshape(sizes)
    quantities = one.quantities()
    return replace(quantities, events=np.concatenate([quantities.events, cells], axis=3))


def summed(draw: int, strategy: int, half: int, layer: int, weights: list[float], years: int = YEARS) -> float:
    """Cells times their weights, over the years."""
    total = 0.0
    for cell, weight in enumerate(weights):
        for year in range(years):
            total += weight * number(draw, strategy, half, cell, year, layer)
    return total


def by_hand(weights_of: list[list[float]], layer: int, years: int = YEARS) -> np.ndarray:
    """Per individual by draw and strategy, (D, G); `weights_of` has the weight of each cell by draw."""
    out = np.zeros((D, G))
    for d in range(D):
        for g in range(G):
            halves = [summed(d, g, h, layer, weights_of[d], years) for h in range(2)]
            out[d, g] = sum(halves) / sum(HALF_SIZES)
    return out


def paid(one: Ledger, layer: int) -> np.ndarray:
    """Over the years, (D, G)."""
    priced = flows(one.model, one.layout, one.env, counted_events(one))
    return np.asarray(priced.amount[:, :, 0, :, layer].sum(axis=-1))


def at_going(amount: str, *, banded: bool) -> Flow:
    """The state pays an amount to whoever goes from a to b, with a share by interval of `ladder`."""
    share = Share(tuple(E(str(s)) for s in SHARES), ("ladder",)) if banded else Share((E("1 / 2"),))
    return care(per="event", amounts={"": E(amount)}, transitions=("go",), shares=(share,))


@pytest.mark.parametrize("layer", range(LAYERS))
def test_a_payment_at_an_event_has_the_share_of_its_interval(layer: int) -> None:
    one = ledger(at_going("x1", banded=True))
    (tally,) = one.layout.event_tallies
    assert (tally.weight, tally.bands, tally.cells) == (None, ("ladder",), 3)
    expected = by_hand([[x1 * share for share in SHARES] for x1 in (1.0, 2.0, 3.0, 4.0)], layer)
    assert paid(one, layer) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("layer", range(LAYERS))
def test_a_payment_by_person_is_what_was_counted(layer: int) -> None:
    """The tally holds `wage * x1` itself, so that the price of a unit is 1 in every draw; half of it is paid."""
    one = ledger(at_going("wage * x1", banded=False))
    (tally,) = one.layout.event_tallies
    assert (tally.weight, tally.bands, tally.cells) == (E("wage * x1"), (), 1)
    assert paid(one, layer) == pytest.approx(by_hand([[0.5]] * D, layer), rel=1e-12)
    shared = ledger(at_going("wage * x1", banded=True))
    assert paid(shared, layer) == pytest.approx(by_hand([list(SHARES)] * D, layer), rel=1e-12)


@pytest.mark.parametrize(("amount", "banded"), [("x1", True), ("wage * x1", False), ("wage * x1", True)])
def test_events_priced_together_are_what_was_counted(amount: str, banded: bool) -> None:
    """Draws side by side, as a case has them; by line, the same money in the order in which it lies in memory."""
    one = ledger(at_going(amount, banded=banded))
    q = counted_events(one)
    priced = flows(one.model, one.layout, one.env, q.with_time_and_events(side_by_side(q.time), side_by_side(q.events)))
    shares = list(SHARES) if banded else [0.5]
    weights = [[share * (x1 if amount == "x1" else 1.0) for share in shares] for x1 in (1.0, 2.0, 3.0, 4.0)]
    assert priced.amount[:, :, 0, :, 0].sum(axis=-1) == pytest.approx(by_hand(weights, 0), rel=1e-12)
    money, half = priced.by_line
    assert np.array_equal(money, priced.amount[..., 0].transpose(2, 1, 3, 0))
    assert priced.half is not None
    assert half is not None
    assert np.array_equal(half, priced.half[..., 0].transpose(3, 1, 2, 4, 0))
    assert replace(priced, half=None).by_line[1] is None


def effect_by_hand(effect: Effect, weights_of: list[list[float]], years: int = YEARS) -> None:
    """An effect of layer 1 equals the loop, whole and by half."""
    one = ledger(effect=effect)
    found = effects(one.model, one.layout, one.env, counted_events(one), layer=1)
    assert found.value[:, :, 0] == pytest.approx(by_hand(weights_of, 1, years), rel=1e-12)
    assert found.half is not None
    first = [[summed(d, g, 0, 1, weights_of[d], years) / HALF_SIZES[0] for g in range(G)] for d in range(D)]
    assert found.half[:, 0, :, 0] == pytest.approx(np.array(first), rel=1e-12)


def test_an_effect_at_an_event_has_the_amount_of_its_interval() -> None:
    """`t` is the lower edge of each interval of `ladder`."""
    term = Term((), E("(1 + t) * x1"), events=("go",), band="ladder")
    weights = [[(1 + edge) * x1 for edge in EDGES] for x1 in (1.0, 2.0, 3.0, 4.0)]
    effect_by_hand(effect_of(terms=(term,), discount=True), weights)
    effect_by_hand(effect_of(terms=(replace(term, within=2 * YEAR),), discount=True), weights, years=2)


def test_an_effect_by_person_is_what_was_counted() -> None:
    plain = Term((), E("wage * x1"), events=("go",))
    effect_by_hand(effect_of(terms=(plain,), discount=True), [[1.0]] * D)
    twice = effect_of(terms=(plain, replace(plain, adds=True)), factor=E("x1"), discount=True)
    effect_by_hand(twice, [[2.0 * x1] for x1 in (1.0, 2.0, 3.0, 4.0)])


def test_tax_financing_is_its_rate_times_what_its_parties_pay_net() -> None:
    """The state pays 100 and gets 30 back from the citizen, whom the employer pays 7; items do not limit it."""
    back = replace(care(), item="fee", payer="citizen", recipient="state", amounts={"a": E(30)})
    wages = replace(care(), item="wages", payer="employer", recipient="citizen", amounts={"a": E(7)})
    view = replace(PAYER, parties=("employer",), tax_financing=TaxFinancing(("state",), E("x1 / 10")))
    one = ledger(care(), back, wages, view=view)
    priced = flows(one.model, one.layout, one.env, one.quantities())
    cycles = 6 * (1 + 2) / 4  # six crossings of the bands; one cycle in the first half's cells, two in the second's
    for draw, x1 in enumerate((1.0, 2.0, 3.0, 4.0)):
        by_year = cycles * (7 + x1 / 10 * (100 - 30))
        assert cost(view, priced, one.env, 1)[draw] == pytest.approx(np.full((G, YEARS), by_year), rel=1e-12)
    some = replace(view, items=("fee",))
    assert cost(some, priced, one.env, 1)[0] == pytest.approx(np.full((G, YEARS), cycles * 0.1 * 70), rel=1e-12)


def test_the_bound_on_rounding_counts_what_taxes_finance() -> None:
    """The line of 100 enters once, and four tenths of it at most in the draw with the highest rate."""
    view = replace(PAYER, tax_financing=TaxFinancing(("state",), E("x1 / 10")))
    one = ledger(view=view)
    priced = flows(one.model, one.layout, one.env, one.quantities())
    plain = rounding(PAYER, priced, one.env, 1)
    assert rounding(view, priced, one.env, 1) == pytest.approx(1.4 * plain, rel=1e-9)
    assert rounding_by_draw(view, priced, one.env, 1) == pytest.approx(plain * np.array([1.1, 1.2, 1.3, 1.4]), rel=1e-9)
