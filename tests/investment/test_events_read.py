"""Anchored in the same case with every event counted: what nobody reads is left out, and no result knows of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from test_investment_case import CROWDED, run

from costeff import CaseResult
from costeff.investment.case_plan import CasePlan
from costeff.investment.quantities import CaseQuantities, case_quantities
from costeff.investment.report.effect_changes import effect_changes
from costeff.reporting.workbook.content_of_result import Counting


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> CaseResult:
    return run(tmp_path_factory.mktemp("crowded"), CROWDED)


@pytest.fixture(scope="module")
def every_event(crowded: CaseResult) -> CaseQuantities:
    plan = replace(crowded.with_prices().plan)  # a copy, which has not worked out what is read
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(CasePlan, "events_read", property(lambda plan: frozenset(plan.layout.events)))
        return case_quantities([plan])[0]


def test_time_and_the_events_that_are_read_are_the_same(crowded: CaseResult, every_event: CaseQuantities) -> None:
    pricing, whole = crowded.with_prices(), every_event.quantities
    where, own = pricing.plan.layout, pricing.done.quantities
    read = np.ones(where.event_size, bool)
    read[: len(where.events)] = [name in pricing.plan.events_read for name in where.events]
    assert np.array_equal(own.time, whole.time)
    assert np.array_equal(own.events[:, :, :, read], whole.events[:, :, :, read])
    assert whole.events[:, :, :, read].any()
    assert whole.events[:, :, :, ~read].any()
    assert not own.events[:, :, :, ~read].any()


def test_money_effects_and_the_workbook_are_the_same(crowded: CaseResult, every_event: CaseQuantities) -> None:
    pricing = crowded.with_prices()
    other = replace(pricing, done=every_event, prices=None)
    for one, whole in ((pricing.cash().cash, other.cash().cash), (crowded.cash, other.cash().cash)):
        assert np.array_equal(one.usual, whole.usual)
        assert np.array_equal(one.programme, whole.programme)
    effects = [values for _, values in effect_changes(crowded)]
    assert effects
    assert np.array_equal(effects, [values for _, values in effect_changes(crowded, every_event)])
    plan, books = pricing.plan, []
    for one in (pricing, other):
        counting = Counting(plan.model, plan.layout, one.done.quantities, 0, crowded.cash.discount[pricing.period_year])
        for line in plan.layout.lines:
            list(counting.of(line))
        books.append([counted.value for counted in counting.counted])
    assert np.array_equal(*books)


def test_an_event_that_an_effect_names_is_read(crowded: CaseResult) -> None:
    """By its own name, by its leg or by its pair of states; without lines and effects nothing is."""
    where = replace(crowded.with_prices().plan.layout, lines=())
    assert where.events_read(()) == frozenset()
    effect = crowded.with_prices().plan.model.effects[0]
    for names in (where.events[0], where.legs[0], where.pairs[0]):
        assert where.events[0] in where.events_read([replace(effect, terms=(), events=(names,))])
