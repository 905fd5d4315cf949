"""Anchors: the same lives alone and beside usual care, and nobody who waits a quarter takes a stage within it.

A case of a programme that is delivered in stages, with a queue for its places.
"""

from __future__ import annotations

import numpy as np
import pytest

from costeff import CaseResult, invest
from costeff.investment.read import read_case
from costeff.investment.variant_models import only
from costeff.simulation.simulate import Simulated, simulate

PEOPLE = 60
CASE = """
case: delivered
scenario: connect
strategy: as_planned
first_year: 2024
years: 2
price_year: 2024
inflow: {2024: 40, later: 0}
programme:
  departments: {municipality: 0.5, region: 0.5}
  start_up: {2024: 100000}
capacity: {consultants: 1, caseload: 6, course: 13, patience: 26, leaves: return_to_work}
meant: [staff]
run: {draws: 4, individuals: 60, seed: 3}
"""
STAGES = ("referred", "first_meetings", "telephone", "network")


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> CaseResult:
    path = tmp_path_factory.mktemp("case") / "case.yaml"
    path.write_text(CASE, encoding="utf-8")
    return invest(path, progress=False)


def by_quarter(result: CaseResult, delay: int, *, alone: bool) -> Simulated:
    plan = result.priced.plan
    cohort = plan.cohorts[0]
    model = plan.models.alone(cohort, delay) if alone else plan.models.both(cohort, ())
    return simulate(model, plan.draws, plan.tables, individuals=PEOPLE, seed=3, period_cycles=13)


def people_at(simulated: Simulated, stage: str, strategy: int) -> np.ndarray:
    """People in the one week in which they take a stage, (draw, quarter)."""
    tally = simulated.layout.tally(None, (f"as_planned_{stage}",))
    rows = [
        simulated.layout.cells(tally, state).start + 1 for state in ("sick_full", "sick_partial", "sick_unemployed")
    ]
    return np.asarray(simulated.quantities.time[:, strategy, :, rows, :, 0].sum(axis=(0, 2)))


def test_alone_it_is_delivered_as_beside_usual_care(result: CaseResult) -> None:
    both, alone = by_quarter(result, 0, alone=False), by_quarter(result, 0, alone=True)
    assert both.layout.states == alone.layout.states
    np.testing.assert_array_equal(alone.quantities.time[:, 0], both.quantities.time[:, 1])
    assert [one.strategy for one in only(result.priced.plan.model, "as_planned").delivery] == ["as_planned"]


def test_whoever_waits_a_quarter_takes_no_stage_within_it(result: CaseResult) -> None:
    assert result.service.mean_wait.max() > 0
    at_once, later = (by_quarter(result, delay, alone=True) for delay in (0, 1))
    for stage in STAGES:
        now, then = people_at(at_once, stage, 0), people_at(later, stage, 0)
        assert (now[:, 0] > 0).any()
        assert not then[:, 0].any()
        assert now.sum() >= then.sum()  # some have gone back to work before the programme begins
    assert people_at(later, "referred", 0).sum() > 0


def test_the_case_pays_for_the_stages_that_are_taken(result: CaseResult) -> None:
    """Each stage costs something, and only with the programme; nobody pays for usual care's stages."""
    change = result.cash.programme - result.cash.usual
    items = [line.item for line in result.cash.lines]
    for stage in STAGES:
        own = [i for i, item in enumerate(items) if item.startswith(stage)]
        assert own
        assert change[..., own].sum() > 0
        assert not result.cash.usual[..., own].any()
    assert not [item for item in items if item.startswith("ips_begun")]


def test_the_shipped_case_is_of_the_programme_as_planned() -> None:
    case = read_case("connect-copenhagen-investment")
    assert (case.scenario, case.strategy, case.years) == ("connect", "as_planned", 6)
    assert {basis.kind for basis in case.basis.values()} == {"assumption"}
