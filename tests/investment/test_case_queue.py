"""Who waits for a place and begins later: anchored in a queue by hand and in the programme begun so much later."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from test_investment_case import CROWDED, DRAWS, by_quarter, entrants, laid, money, run, total

from costeff import CaseResult
from costeff.errors import EngineError, ModelError
from costeff.investment import laying, quantities
from costeff.investment.calendar_kernel import put
from costeff.investment.quantities import case_quantities
from costeff.simulation.simulate import Simulated, simulate


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> CaseResult:
    return run(tmp_path_factory.mktemp("crowded"), CROWDED)


def test_nobody_beyond_the_places_and_everybody_accounted_for(crowded: CaseResult) -> None:
    service, case = crowded.service, crowded.case
    assert case.capacity is not None
    assert service.served.sum() < service.inflow.sum()
    assert (service.mean_wait[:2] > 0).any()
    lasting = np.cumsum(service.inflow - service.served - service.left)
    assert lasting == pytest.approx(service.waiting, abs=1e-9)
    begun = crowded.priced.done.service["begun"]
    for now in range(begun.shape[1]):
        assert begun[:, max(0, now - 1) : now + 1].sum(axis=1).max() <= 4 + 1e-9


def test_late_beginners_follow_the_delayed_programme(crowded: CaseResult) -> None:
    """The case is the sum of its entrants by quarters waited, each under the programme so much later."""
    plan = crowded.priced.plan
    usual = money(crowded, by_quarter(crowded))[:, 0]
    remaining = _remaining(by_quarter(crowded), plan.model)
    begun, assigned = _hand_queue(entrants(crowded.case), remaining, places=4, course=2, patience=2)
    i = next(n for n, x in enumerate(plan.layout.lines) if x.item == "health_care")
    hand = np.zeros((DRAWS, 3))
    for d in range(DRAWS):
        unserved = [n - sum(assigned[d][e]) for e, n in enumerate(entrants(crowded.case))]
        hand[d] = laid(usual[d : d + 1, [i]], unserved, 3)[0, 0]
        for wait in range(3):
            late = money(crowded, by_quarter(crowded, wait))[d : d + 1, 1][:, [i]]
            hand[d] += laid(late, [assigned[d][e][wait] for e in range(12)], 3)[0, 0]
    assert total(crowded, "health_care", "region", "resources")[1] == pytest.approx(hand, rel=1e-9)
    assert crowded.citizens_served == pytest.approx(np.mean([sum(map(sum, b)) for b in begun]), rel=1e-9)


def test_delays_of_the_first_draws_are_strategies_beside_in_the_rest_and_change_nothing(
    crowded: CaseResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All draws in one batch, as `crowded` was: each delay in a simulation of its own. Here batches of two draws."""
    plan, alone = crowded.priced.plan, crowded.priced.done
    strategies = []

    def counted(model, *rest, **more):  # type: ignore[no-untyped-def]
        strategies.append(len(model.strategies))
        return simulate(model, *rest, **more)

    monkeypatch.setattr("costeff.investment.quantities.BATCH", 2)
    monkeypatch.setattr("costeff.investment.variants.BATCH", 2)
    monkeypatch.setattr("costeff.investment.variants.simulate", counted)
    for threads in (1, 2):
        strategies.clear()
        (beside,) = case_quantities([plan], threads)
        assert strategies[:2] == [2, 1]
        assert max(strategies) > 2
        for name in ("time", "events"):
            assert np.array_equal(getattr(beside.quantities, name), getattr(alone.quantities, name)), name
        assert np.array_equal(beside.starts, alone.starts)


def test_an_error_names_the_draw_by_its_number_among_all(crowded: CaseResult, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(model, *rest, **more):  # type: ignore[no-untyped-def]
        if more["keys"][0] == 4:
            raise ModelError("no such life", draw=1)
        return simulate(model, *rest, **more)

    monkeypatch.setattr("costeff.investment.quantities.BATCH", 2)
    monkeypatch.setattr("costeff.investment.variants.simulate", refuse)
    with pytest.raises(ModelError, match="no such life") as caught:
        case_quantities([crowded.priced.plan], threads=1)
    assert caught.value.draw == 5


def _remaining(simulated: Simulated, model) -> np.ndarray:  # type: ignore[no-untyped-def]
    at = [p.name for p in model.passages].index("end_of_sickness_benefit")
    q = simulated.quantities
    counts = q.passages[:, 0].sum(axis=1)[:, at, :-1] / q.half_sizes.sum()
    return np.stack([1 - counts[:, : 13 * k].sum(axis=1) for k in range(4)], axis=1)


@pytest.mark.parametrize(("strategy", "name"), [(0, "time"), (1, "events")])
def test_a_sum_that_is_no_number_is_refused(
    strategy: int, name: str, crowded: CaseResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoil(sums, row_numbers, start, room):  # type: ignore[no-untyped-def]
        if room.ctypes.data == spoiled[0].ctypes.data:
            sums[-1, 0, 0] = np.nan
        return put(sums, row_numbers, start, room)

    class Spoiled(quantities._Sum):
        def __init__(self, plan) -> None:  # type: ignore[no-untyped-def]
            super().__init__(plan)
            spoiled.append(getattr(self, name)[strategy])

    spoiled: list[np.ndarray] = []
    monkeypatch.setattr(laying, "put", spoil)
    monkeypatch.setattr(quantities, "_Sum", Spoiled)
    with pytest.raises(EngineError, match=f"returned a {name} that is not finite"):
        case_quantities([crowded.priced.plan], 1)


def test_who_waits_longer_than_the_case_lasts_does_not_begin_in_it(tmp_path: Path) -> None:
    """In a case of one year nobody can wait a year and begin, so that more patience than that changes nothing."""
    text = CROWDED.replace("years: 3", "years: 1").replace(
        "{2026: 40, 2027: [10, 0, 5, 5], later: 0}", "{2026: 40, later: 0}"
    )
    year, longer = (run(tmp_path, text.replace("patience: 26", f"patience: {weeks}")) for weeks in (52, 104))
    assert np.array_equal(year.net("msb"), longer.net("msb"))


def _hand_queue(
    come: list[float], remaining: np.ndarray, places: float, course: int, patience: int
) -> tuple[list[list[list[float]]], list[list[list[float]]]]:
    """Per draw: who of each quarter's citizens began, and were assigned, after each wait. Plain lists, oldest first."""
    all_begun, all_assigned = [], []
    for still in remaining:
        begun = [[0.0] * (patience + 1) for _ in come]
        assigned = [[0.0] * (patience + 1) for _ in come]
        for now in range(len(come)):
            inside = sum(begun[e][w] for e in range(now + 1) for w in range(patience + 1) if now - course < e + w < now)
            free = places - inside
            for entry in range(max(0, now - patience), now + 1):
                wait = now - entry
                here = (come[entry] - sum(assigned[entry])) * still[wait]
                served = min(here, free)
                free -= served
                begun[entry][wait] = served
                assigned[entry][wait] = served / still[wait]
        all_begun.append(begun)
        all_assigned.append(assigned)
    return all_begun, all_assigned
