"""Anchored in pricing everything: lines priced again because they read what has changed equal it to the last bit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from costeff.investment.invest import invest
from costeff.investment.keys_again import keys_again, names_read
from costeff.investment.pricing import Priced
from costeff.investment.result import CaseResultData
from costeff.model.formulas.expression import Expression

DRAWS = 24


@pytest.fixture(scope="module")
def result() -> CaseResultData:
    return invest("tki2-aarhus-investment", draws=DRAWS, individuals=6, seed=2, progress=False)


def same(pricing: Priced, changes: dict[str, np.ndarray], case: object = None) -> None:
    wanted = pricing._book(case or pricing.plan.case, changes)
    found = pricing._book_of(case or pricing.plan.case, changes)
    assert list(found.rows) == list(wanted.rows)
    for name in ("usual", "programme", "idle", "half"):
        assert np.array_equal(getattr(found, name), getattr(wanted, name)), name


def test_every_price_is_priced_again_as_if_all_were(result: CaseResultData) -> None:
    """Prices that many lines read, that one does, and that only the case's own costs do; two at once."""
    pricing = result.with_prices()
    names = ["activation_week", "state_share_3", "sickness_benefit_max", "municipal_tax", "caseworker_year", "caseload"]
    sizes = set()
    for name in names:
        value = np.asarray(pricing.plan.draws[name], float) * 1.125
        same(pricing, {name: value})
        sizes.add(len(keys_again(pricing.plan, pricing.plan.case, [name]) or ()))
    same(pricing, {name: np.full(DRAWS, 0.25) for name in ("state_share_3", "municipal_tax")})
    assert len(sizes) > 2
    assert max(sizes) < len(result.cash.lines)


def test_draws_whose_cells_take_other_steps_are_priced_whole(result: CaseResultData) -> None:
    """A benefit so much larger that some draws, not all, are rounded to coarser steps of a power of 2."""
    pricing = result.with_prices()
    first = {at: quantum.copy() for at, (_, quantum) in pricing._first[1].items()}
    shares = []
    for factor in (1.02, 1.3, 2.0):
        changes = {"sickness_benefit_max": np.asarray(pricing.plan.draws["sickness_benefit_max"], float) * factor}
        same(pricing, changes)
        before: dict[tuple[int, str], tuple[np.ndarray, np.ndarray]] = {}
        pricing._book(pricing.plan.case, changes, lines_before=before)
        shares.append(np.mean([np.any([before[at][1][d] != first[at][d] for at in first]) for d in range(DRAWS)]))
    assert any(0 < share < 1 for share in shares)


def test_other_costs_of_the_programme_are_priced_again(result: CaseResultData) -> None:
    pricing = result.with_prices()
    programme = replace(pricing.plan.case.programme, per_consultant=Expression("caseworker_year * 2"))
    case = replace(pricing.plan.case, programme=programme)
    again = keys_again(pricing.plan, case, [])
    assert again is not None
    assert {key[0] for key in again} >= {"programme_consultants", "displaced_work"}
    same(pricing, {}, case)
    more = replace(pricing.plan.case, programme=replace(programme, fixed=Expression("1000")))  # a line of its own
    assert keys_again(pricing.plan, more, []) is None
    same(pricing, {}, more)


def test_definitions_carry_what_they_read(result: CaseResultData) -> None:
    model = result.with_prices().plan.model
    name, formula = next((n, f) for n, f in model.definitions.items() if f.names & set(model.definitions))
    behind = {n for inner in formula.names if inner in model.definitions for n in model.definitions[inner].names}
    assert names_read(model, [Expression(name)]) >= {name, *formula.names, *behind}
