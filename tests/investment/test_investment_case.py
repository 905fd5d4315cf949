"""Anchored in a twin that lays simulated quarters over the calendar entrant by entrant, and in ledger identities."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from costeff import CaseResult, invest
from costeff.compile.calendar import delayed
from costeff.compile.environment import parameter_environment
from costeff.errors import ResultError, ScenarioError
from costeff.investment import Case
from costeff.investment.invest import base_case, best_capacity, invest_all, smallest_effect
from costeff.investment.read import read_case
from costeff.investment.variant_models import only
from costeff.ledger import flows
from costeff.simulation.simulate import Simulated, simulate

DRAWS, PEOPLE = 6, 60
PLAIN = """
case: plain
scenario: tki2
first_year: 2026
years: 3
price_year: 2026
inflow: {2026: 40, 2027: [10, 0, 5, 5], later: 0}
uptake: {2026: 0.5, later: 1}
programme:
  departments: {mso: 0.4, msb: rest}
  start_up: {2026: 100000}
  fixed: 50000
meant: [programme, staff]
run: {draws: 6, individuals: 60, seed: 3}
"""
CROWDED = PLAIN + "capacity: {consultants: 1, caseload: 4, course: 26, patience: 26, leaves: end_of_sickness_benefit}\n"
STAFFED = (
    PLAIN.replace("fixed: 50000", "per_consultant: 600000\n  variable: 0\n  replaces: {casework: 0.3}")
    + "capacity: {consultants: 2, caseload: 50, course: 26, leaves: end_of_sickness_benefit}\n"
)
REFORMED = PLAIN + "rules: denmark_reform\n"


def written(folder: Path, text: str, name: str = "case.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def run(folder: Path, text: str) -> CaseResult:
    return invest(written(folder, text), progress=False)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> CaseResult:
    return run(tmp_path_factory.mktemp("plain"), PLAIN)


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> CaseResult:
    return run(tmp_path_factory.mktemp("crowded"), CROWDED)


@pytest.fixture(scope="module")
def under_reform(tmp_path_factory: pytest.TempPathFactory) -> CaseResult:
    return run(tmp_path_factory.mktemp("reform"), REFORMED)


@pytest.fixture(scope="module")
def staffed(tmp_path_factory: pytest.TempPathFactory) -> CaseResult:
    return run(tmp_path_factory.mktemp("staffed"), STAFFED)


def by_quarter(result: CaseResult, delay: int = 0) -> Simulated:
    plan = result.priced.plan
    return simulate(
        delayed(plan.model, 13 * delay), plan.draws, plan.tables, individuals=PEOPLE, seed=3, period_cycles=13
    )


def money(result: CaseResult, simulated: Simulated, block: int = 0) -> np.ndarray:
    """(D, G, lines, K) per entrant, without what is paid at the start."""
    plan = result.priced.plan
    env = parameter_environment(plan.model, {**plan.draws, **result.priced.blocks[block]}, plan.tables, DRAWS)
    paid = flows(plan.model, simulated.layout, env, simulated.quantities)
    amount = paid.amount[..., 0].copy()
    for i, line in enumerate(paid.lines):
        if line.per == "start":
            amount[:, :, i] = 0.0
    return amount


def laid(amount: np.ndarray, entrants: list[float], years: int) -> np.ndarray:
    """Entrant by entrant, quarter by quarter: half in the calendar quarter itself, half in the next. (D, lines, Y)."""
    out = np.zeros((amount.shape[0], amount.shape[1], years))
    for entry, people in enumerate(entrants):
        for since in range(4 * years):
            for now in (entry + since, entry + since + 1):
                if now < 4 * years:
                    out[:, :, now // 4] += people / 2 * amount[:, :, since]
    return out


def total(result: CaseResult, item: str, payer: str, recipient: str, own: bool = False) -> np.ndarray:
    """(2, D, Y): usual care and case."""
    at = [
        i
        for i, x in enumerate(result.cash.lines)
        if (x.item, x.payer, x.recipient, x.programme) == (item, payer, recipient, own)
    ]
    assert len(at) == 1
    return np.stack([result.cash.usual[..., at[0]], result.cash.programme[..., at[0]]])


def entrants(case: Case) -> list[float]:
    return [5.0] * 4 + [10.0, 0.0, 5.0, 5.0] + [0.0] * 4


def test_case_against_entrants_laid_one_by_one(plain: CaseResult) -> None:
    assert list(plain.case.takers) == entrants(plain.case)
    amount = money(plain, by_quarter(plain))
    lines = plain.priced.plan.layout.lines
    for g in range(2):
        by_line = laid(amount[:, g], entrants(plain.case), 3)
        for key in {(x.item, x.payer, x.recipient) for x in lines if x.per != "start" and not x.flow.only_in}:
            own = [i for i, x in enumerate(lines) if (x.item, x.payer, x.recipient) == key]
            found = total(plain, *key)[g]
            assert found == pytest.approx(by_line[:, own].sum(axis=1), rel=1e-9, abs=1e-4)


def test_what_begins_is_paid_when_it_begins(plain: CaseResult) -> None:
    """20 citizens begin in each of the first two years; the model's cost per citizen is programme_cost x its share."""
    draws = plain.parameters
    paid = total(plain, "programme_mso", "mso", "resources", own=True)
    each = draws["programme_cost"] * draws["relative_uptake"] * draws["programme_share_mso"]
    assert paid[1] == pytest.approx(np.outer(each, [20.0, 20.0, 0.0]), rel=1e-9)
    assert not paid[0].any()
    assert total(plain, "programme_start_up", "mso", "resources", own=True)[1][:, 0] == pytest.approx(40_000)
    assert total(plain, "programme_start_up", "msb", "resources", own=True)[1].sum(axis=1) == pytest.approx(60_000)
    fixed = total(plain, "programme_fixed", "msb", "resources", own=True)[1]
    assert fixed == pytest.approx(np.tile([30_000.0, 30_000.0, 0.0], (DRAWS, 1)))


def test_staff_are_paid_and_take_over_a_share_of_case_work_in_the_course(staffed: CaseResult) -> None:
    """Against entrants laid one by one: 0.3 of the case work in each citizen's first two quarters of the programme."""
    paid = sum(total(staffed, "programme_consultants", d, "resources", own=True)[1] for d in ("mso", "msb"))
    assert paid == pytest.approx(np.full((DRAWS, 3), 1_200_000.0))
    assert not any(x.item.startswith("programme_ms") for x in staffed.cash.lines)
    amount = money(staffed, by_quarter(staffed))
    lines = staffed.priced.plan.layout.lines
    casework = [i for i, x in enumerate(lines) if x.item == "casework"]
    course = np.where(np.arange(amount.shape[-1]) < 2, 1.0, 0.0)
    shown = 1 - staffed.priced.plan.usual
    by_line = laid(amount[:, shown] * course, entrants(staffed.case), 3)[:, casework].sum(axis=1)
    taken_over = total(staffed, "displaced_work", "msb", "resources", own=True)
    assert taken_over[1] == pytest.approx(-0.3 * by_line, rel=1e-9)
    assert taken_over[1].max() <= 0 > taken_over[1].min()
    assert not taken_over[0].any()


def test_staff_without_effect_take_over_the_case_work_of_usual_care(tmp_path: Path, staffed: CaseResult) -> None:
    still = run(tmp_path, STAFFED + "set: {relative_fidelity: 0}\n")
    assert staffed.without_effect().net(["msb"]) == pytest.approx(still.cash.net(["msb"]), rel=1e-9, abs=1e-4)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("\n  replaces: {casework: 0.3}", "", "priced by its staff, without `replaces`"),
        ("per_consultant: 600000\n  variable: 0", "variable: 9000", "`replaces` beside a cost over usual care"),
        ("casework: 0.3", "casework: 1.3", "`casework` is not a share"),
        ("casework: 0.3", "case_work: 0.3", "did you mean 'casework'"),
        ("casework: 0.3", "municipal_tax: 0.3", "not an item of usual work"),
    ],
)
def test_a_whole_cost_says_what_it_replaces_and_a_net_cost_does_not(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    assert old in STAFFED
    with pytest.raises(ScenarioError, match=words) as caught:
        run(tmp_path, STAFFED.replace(old, new))
    assert "case.yaml, line" in str(caught.value)


@pytest.mark.parametrize("which", ["plain", "crowded", "under_reform", "staffed"])
def test_parties_departments_and_items_sum_to_the_whole(which: str, request: pytest.FixtureRequest) -> None:
    """In every draw and calendar year: what all parties and outside accounts net is 0, and parts sum to groups."""
    result: CaseResult = request.getfixturevalue(which)
    cash = result.cash
    everyone = {x.payer for x in cash.lines} | {x.recipient for x in cash.lines}
    size = np.abs(cash.programme).sum(axis=2).max()
    assert np.abs(cash.net(everyone)).max() <= 1e-9 * size
    assert np.abs(sum(cash.net([p]) for p in everyone)).max() <= 1e-9 * size
    for name, members in result.groups.items():
        parts = sum(result.net([p]) for p in members)
        assert result.net(name) == pytest.approx(parts, rel=1e-9, abs=1e-9 * size)
    items = dict.fromkeys(x.item for x in cash.lines)
    by_item = sum(cash.net(["msb"], np.array([x.item == i for x in cash.lines])) for i in items)
    assert result.net("msb") == pytest.approx(by_item, rel=1e-9, abs=1e-9 * size)
    public = sum(result.net(p) for p in ("mso", "msb", "treasury", "other_municipalities", "region", "state"))
    assert result.net("public") == pytest.approx(public, rel=1e-9, abs=1e-9 * size)


def test_halves_average_to_the_whole(plain: CaseResult) -> None:
    assert plain.half is not None
    change = plain.cash.programme - plain.cash.usual
    assert plain.half.mean(axis=1) == pytest.approx(change, rel=1e-6, abs=1e-3)


def test_prices_change_with_the_rules_on_the_calendar(tmp_path: Path) -> None:
    """Each calendar year's citizen-weeks on sickness benefit from unemployment, at that year's own rate."""
    result = run(tmp_path, PLAIN.replace("2027", "2025").replace("2026", "2024") + "rules: denmark\n")
    plan, priced = result.priced.plan, result.priced
    at = plan.layout.cells(plan.layout.tally(None), "sick_unemployed")
    weeks = priced.done.quantities.time[:, plan.usual, :, at, :, 0].sum(axis=(1, 2))
    rates = [priced.blocks[block]["sickness_benefit_max"] for block in priced.period_block]
    assert len({float(r[0]) for r in rates}) == 3
    level = result.parameters["sickness_benefit_level"]
    hand = np.zeros((DRAWS, 3))
    for period, year in enumerate(priced.period_year):
        hand[:, year] += weeks[:, period] * rates[period] * level
    assert total(result, "sickness_benefit_unemployed", "msb", "citizen")[0] == pytest.approx(hand, rel=1e-9)
    # The rates of 2024, 2025 and 2026, at the level of 2024 by the index of unemployment benefit.
    nominal = [4695, 4865, 5085]
    index = [1.0, 20359 / 21092, 20359 / 22041]
    assert [float(r[0]) for r in rates] == pytest.approx([n * i for n, i in zip(nominal, index, strict=True)], rel=1e-9)


def test_old_rules_are_the_rules_without_a_set(tmp_path: Path, plain: CaseResult) -> None:
    """With the rates of 2024 throughout and no reform, a rule set moves people as no rule set does."""
    old = run(tmp_path, PLAIN + "rules: {set: denmark_reform, regime: old}\n")
    new = run(tmp_path, PLAIN + "rules: {set: denmark_reform, regime: new}\n")
    assert np.array_equal(old.priced.done.quantities.time, plain.priced.done.quantities.time)
    assert not np.array_equal(new.priced.done.quantities.time, plain.priced.done.quantities.time)


def test_repricing_equals_a_run_at_the_other_price(tmp_path: Path, plain: CaseResult) -> None:
    again = run(tmp_path, PLAIN + "set: {caseload: 40, programme_cost: 9000}\n")
    cost = again.parameters["programme_cost"][0]  # at the case's price level
    repriced = plain.reprice({"caseload": 40.0, "programme_cost": cost})
    assert np.array_equal(repriced.cash.programme, again.cash.programme)
    assert repriced.npv("municipal") == pytest.approx(again.npv("municipal"), rel=1e-12)


def test_repricing_refuses_what_moves_people(plain: CaseResult) -> None:
    with pytest.raises(ResultError, match="needs a new simulation"):
        plain.reprice({"hr_self_support": 1.2})
    with pytest.raises(ResultError, match="did you mean 'caseload'"):
        plain.reprice({"caselode": 40})


def test_a_fixed_cost_moves_the_net_and_nothing_else(plain: CaseResult) -> None:
    base = plain.case.programme
    dearer = plain.reprice(programme=replace(base, start_up={2026: base.start_up[2026], 2027: base.start_up[2026]}))
    moved = dearer.net("municipal") - plain.net("municipal")
    assert moved == pytest.approx(np.tile([0.0, -100_000.0, 0.0], (DRAWS, 1)), abs=1e-6)
    assert np.array_equal(dearer.net("state"), plain.net("state"))


def test_own_cost_per_citizen_stands_in_the_models_place(tmp_path: Path) -> None:
    text = PLAIN.replace("  fixed: 50000\n", "  variable: cost_each\n") + (
        "parameters:\n  cost_each: {value: 8000, unit: DKK per individual, price_year: 2026, kind: assumption}\n"
    )
    result = run(tmp_path, text)
    assert not [x for x in result.cash.lines if x.item.startswith("programme_m") and x.programme]
    paid = total(result, "programme_variable", "mso", "resources", own=True)[1]
    assert paid == pytest.approx(np.tile([64_000.0, 64_000.0, 0.0], (DRAWS, 1)))
    assert result.sources().set_index("name").loc["cost_each", "origin"] == "case"


def test_cases_share_simulations_and_change_nothing(tmp_path: Path, plain: CaseResult, crowded: CaseResult) -> None:
    both = invest_all([written(tmp_path, PLAIN, "a.yaml"), written(tmp_path, CROWDED, "b.yaml")], progress=False)
    for found, alone in zip(both, (plain, crowded), strict=True):
        assert np.array_equal(found.cash.programme, alone.cash.programme)
        assert np.array_equal(found.cash.usual, alone.cash.usual)


def test_one_strategy_alone_lives_the_same_lives(plain: CaseResult) -> None:
    plan = plain.priced.plan
    alone = simulate(only(plan.model, "tki2"), plan.draws, plan.tables, individuals=PEOPLE, seed=3, period_cycles=13)
    assert np.array_equal(alone.quantities.time[:, 0], by_quarter(plain).quantities.time[:, 1])


def test_no_effect_costs_the_programme_and_nothing_else(tmp_path: Path) -> None:
    """Fidelity 0: the same lives as under usual care, so that only the programme differs."""
    result = run(tmp_path, PLAIN + "fidelity: 0\n")
    change = result.cash.programme - result.cash.usual
    moved = {x.item for i, x in enumerate(result.cash.lines) if np.abs(change[..., i]).max() > 1e-6}
    assert moved <= {"programme_mso", "programme_msb", "programme_fixed", "programme_start_up"}
    assert "programme_mso" in moved


def test_fidelity_by_year_holds_for_those_who_begin_in_it(tmp_path: Path, plain: CaseResult) -> None:
    mixed = run(tmp_path, PLAIN + "fidelity: {2026: 0, later: 1}\n")
    none = run(tmp_path, PLAIN + "fidelity: 0\n")
    assert mixed.net("employer")[:, 0] == pytest.approx(none.net("employer")[:, 0], abs=1e-6)
    assert not np.allclose(mixed.net("employer")[:, 2], none.net("employer")[:, 2])
    first = laid(money(plain, by_quarter(plain))[:, 0], [5.0] * 4 + [0.0] * 8, 3)
    later = laid(money(plain, by_quarter(plain))[:, 1], [0.0] * 4 + [10.0, 0, 5, 5, 0, 0, 0, 0], 3)
    i = next(n for n, x in enumerate(plain.priced.plan.layout.lines) if x.item == "production")
    found = total(mixed, "production", "production", "employer")[1]
    assert found == pytest.approx((first + later)[:, i], rel=1e-9)


def test_best_capacity_equals_brute_force(tmp_path: Path) -> None:
    """Each number of consultants run by itself from its own file, the best picked by hand."""
    text = CROWDED.replace("fixed: 50000", "per_consultant: 20000\n  replaces: {casework: 0}").replace(
        "years: 3", "years: 2"
    )
    text = text + "set: {hr_self_support: 1.6}\n"
    tried = [1, 2, 5]
    alone = {n: run(tmp_path, text.replace("consultants: 1", f"consultants: {n}")).npv("public").mean() for n in tried}
    best, results = best_capacity(written(tmp_path, text), "public", tried)
    assert [r.npv("public").mean() for r in results] == pytest.approx(list(alone.values()), rel=1e-12)
    assert best == max(alone, key=lambda n: alone[n])
    assert all(r.service.served.sum() <= r.service.inflow.sum() for r in results)


def test_smallest_effect_pays_where_the_lines_cross(tmp_path: Path) -> None:
    path = written(tmp_path, PLAIN + "set: {hr_self_support: 1.8}\n")
    dose, table = smallest_effect(path, "societal", (0.0, 1.0, 2.0))
    assert table[1, 0] < 0 < table[1, -1]
    assert 0 < dose < 2
    assert np.interp(dose, *table) == pytest.approx(0, abs=1e-6 * abs(table[1]).max())


def test_discounting_is_the_rules_or_what_the_case_sets(tmp_path: Path, plain: CaseResult) -> None:
    assert plain.cash.discount == pytest.approx(1.035 ** -np.arange(3.0))
    assert plain.reprice({"discount_rate": 0.0}).cash.discount.tolist() == [1, 1, 1]
    ruled = run(tmp_path, PLAIN + "rules: denmark\n")
    assert ruled.cash.discount == pytest.approx(1.035 ** -np.arange(3.0))
    set_ = run(tmp_path, PLAIN + "rules: denmark\nset: {discount_rate: 0.05}\n")
    assert set_.cash.discount == pytest.approx(1.05 ** -np.arange(3.0))
    assert np.array_equal(plain.reprice({"discount_rate": 0.0}).net("msb"), plain.net("msb"))


def test_bands_of_the_discount_rate_chain(tmp_path: Path) -> None:
    """3.5 % to year 35, then 2.5 %: at year 36 the factor is 0.292660 (Finance Ministry, chained)."""
    longer = "rules: longer\ntitle: longer\nbase: denmark\nheld_to: {value: 2070, kind: assumption}\n"
    written(tmp_path, longer, "longer.yaml")
    text = PLAIN.replace("years: 3", "years: 38") + "rules: ./longer.yaml\n"
    factor = invest(written(tmp_path, text), draws=1, individuals=2, progress=False).cash.discount
    assert factor[[0, 35, 36]] == pytest.approx([1.0, 0.299977, 0.292660], abs=5e-7)


@pytest.mark.parametrize("view", ["", "view: all_municipalities\nrules: denmark\n"])
def test_stated_case_has_one_draw_at_the_stated_values(tmp_path: Path, view: str) -> None:
    base = base_case(written(tmp_path, PLAIN + view), individuals=20)
    assert base.draws == 1
    assert base.parameters["caseload"].tolist() == [50.0]
    everyone = {x.payer for x in base.cash.lines} | {x.recipient for x in base.cash.lines}
    assert np.abs(base.net("public") - sum(base.net(p) for p in base.groups["public"])).max() < 1e-3
    assert np.abs(base.cash.net(everyone)).max() < 1e-3


def test_realised_result_needs_two_equal_halves(tmp_path: Path, plain: CaseResult) -> None:
    assert plain.realised_noise("municipal").shape == (DRAWS, 3)
    odd = invest(written(tmp_path, PLAIN), individuals=7, progress=False)
    assert odd.half is None
    with pytest.raises(ResultError, match="even number of individuals"):
        odd.break_even_probability("municipal", realised=True)


def test_weeks_by_state_sum_to_the_calendar(plain: CaseResult) -> None:
    """Everybody is somewhere: over all states, the programme changes no citizen-week."""
    states = plain.priced.plan.model.state_names
    assert np.abs(plain.weeks(states)).max() < 1e-6
    with pytest.raises(ResultError, match="unknown state"):
        plain.weeks("ill")


def test_shipped_case_reads() -> None:
    case = read_case("tki2-aarhus-investment")
    assert case.title.da
    assert case.areas
