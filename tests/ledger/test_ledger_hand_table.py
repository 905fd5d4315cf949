"""Anchored in a hand table: who pays whom in one person-week of TKI2, as arithmetic from the parameter values.

One individual-week in one state and one band is priced by the ledger; the table is written out below without it.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from costeff import Study, load
from costeff.compile import Layout, layout
from costeff.compile.environment import parameter_environment
from costeff.engine.quantities import Quantities
from costeff.ledger import QUANTUM, Effects, Flows, cost, effects, flows, parties_net
from costeff.model import Model

PARTIES = ("mso", "msb", "treasury", "other_municipalities", "state", "region", "employer", "citizen")
LADDER = (1, 2, 3, 4)  # weeks 1-4, 5-26, 27-52 and from 53 on public support
ABSENCE = (1, 2, 3)  # weeks 1-12, 13-26 and from 27 of the absence
WAGE, UTILITY = 9875.5, 0.8125  # this individual's wage a week before tax, and utility
STATES_ON_LADDER = ("sick_full", "sick_partial", "unemployed", "flex_job", "sick_flex", "disability_pension")


@cache
def study() -> Study:
    return load("tki2")


def model() -> Model:
    return study().model


@cache
def where() -> Layout:
    return layout(model())


@cache
def parameters(wage_share: float = 0.7, hours: float = 0.5) -> dict[str, float]:
    """The shipped values, with wage in sickness for this share, graded return at these hours, no self-employed."""
    changes = {"wage_during_sickness_share": wage_share, "partial_hours": hours, "p_self_employed": 0.0}
    return study().evidence.override(changes).base()


def env(p: dict[str, float]) -> dict[str, Any]:
    return parameter_environment(model(), {k: np.array([v]) for k, v in p.items()}, study().tables, 1)


def one_week(state: str, ladder: int = 1, absence: int = 1, is_employee: bool = True) -> Quantities:
    """One individual who is in `state` for one week of the first year, under usual care."""
    layers, years, strategies = 2, 5, 2
    time = np.zeros((1, strategies, 2, where().size, years, layers))
    weights = {None: 1.0, "wage": WAGE, "wage_employee": WAGE if is_employee else 0.0, "utility": UTILITY}
    interval = {"ladder": ladder - 1, "absence_weeks": absence - 1}
    for tally in where().tallies:
        cell = 0
        for band in tally.bands:
            cell = cell * where().band_cells[band] + interval[band]
        time[0, 0, 0, where().cells(tally, state).start + cell, 0, :] = weights[tally.weight]
    names = model().state_names
    trace = np.zeros((strategies, len(names), 261))
    trace[:, names.index(state)] = 1.0
    return Quantities(
        time=time,
        events=np.zeros((1, strategies, 2, len(where().events), years, layers)),
        passages=np.zeros((1, strategies, 2, len(model().passages), 262)),
        trace=trace,
        half_sizes=np.array([1.0, 0.0]),
    )


def priced(state: str, p: dict[str, float], ladder: int = 1, absence: int = 1) -> Flows:
    return flows(model(), where(), env(p), one_week(state, ladder, absence))


def ledger(state: str, p: dict[str, float], ladder: int = 1, absence: int = 1) -> dict[str, float]:
    """Net payment of each party in the week: paid less received, DKK."""
    money = priced(state, p, ladder, absence)
    return {name: float(values[0, 0].sum()) for name, values in parties_net(model(), money, 1).items()}


class Books:
    """The hand table: every payment of one week, written as payer, recipient and amount."""

    def __init__(self, p: dict[str, float]) -> None:
        self.p = p
        self.net = dict.fromkeys(PARTIES, 0.0)

    def pay(self, payer: str, recipient: str, amount: float) -> None:
        for party, signed in ((payer, amount), (recipient, -amount)):
            if party not in ("resources", "production"):
                self.net[party] += signed

    def municipal_tax(self, amount: float) -> None:
        """The citizen's municipal tax, of which equalisation passes a part on to other municipalities."""
        self.pay("citizen", "treasury", amount)
        self.pay("treasury", "other_municipalities", self.p["equalisation_share"] * amount)

    def tax_on_benefit(self, benefit: float) -> None:
        self.municipal_tax(self.p["municipal_tax"] * benefit)
        self.pay("citizen", "state", self.p["state_tax"] * benefit)

    def save_up(self, benefit: float, atp_share: float = 0.0) -> None:
        """Upon a benefit: the state's obligatory pension, and the municipality's part of ATP for a share of a week."""
        self.pay("state", "citizen", self.p["obligatory_pension"] * benefit)
        self.pay("msb", "citizen", atp_share * self.p["atp_month"] * 12 / 52)

    def pay_wage(self, wage: float) -> None:
        """Wage from the employer, and what the citizen hands on: labour-market contribution, then income tax."""
        contribution = self.p["labour_market_contribution"] * wage
        taxed = (wage - contribution) * self.p["wage_tax_base"]
        self.pay("employer", "citizen", wage)
        self.pay("citizen", "state", contribution)
        self.municipal_tax(self.p["municipal_tax"] * taxed)
        self.pay("citizen", "state", self.p["state_tax"] * taxed)

    def work(self, share: float) -> None:
        """Work for a share of full time: output is worth the wage and what the employer pays on top of it."""
        on_top = self.p["contributions"] * share * WAGE
        self.pay("production", "employer", share * WAGE + on_top)
        self.pay_wage(share * WAGE)
        self.pay("employer", "citizen", on_top)

    def casework(self, relative: float) -> None:
        p = self.p
        self.pay("msb", "resources", relative * p["caseworker_year"] / p["caseload"] / 52 * p["casework_overhead"])

    def activation(self) -> None:
        self.pay("msb", "resources", self.p["activation_week"])

    def health_care(self, works: bool) -> None:
        p = self.p
        self.pay("region", "resources", p["health_care_work"] + (0 if works else p["health_care_not_working"]))


def state_share(p: dict[str, float], ladder: int) -> float:
    """80 / 40 / 30 / 20 % by weeks on public support."""
    assert [p[f"state_share_{step}"] for step in LADDER] == [0.8, 0.4, 0.3, 0.2]
    return (0.8, 0.4, 0.3, 0.2)[ladder - 1]


def by_hand(week: str, p: dict[str, float], ladder: int, absence: int) -> dict[str, float]:
    """One week by party."""
    b, refund = Books(p), state_share(p, ladder)
    if week == "work":
        b.work(1.0)
        b.health_care(works=True)
    elif week == "sick_employer":
        b.pay_wage(WAGE)  # the employer pays, nothing is produced, and the public pays nothing
        b.pay("employer", "citizen", p["contributions"] * WAGE)
        b.health_care(works=False)
    elif week in ("sick_full", "sick_partial"):
        hours = p["partial_hours"] if week == "sick_partial" else 0.0
        benefit = (1 - hours) * p["sickness_benefit_max"] * p["sickness_benefit_level"]
        with_wage = p["wage_during_sickness_share"] if absence < 3 else 0.0  # wage during sickness ends at week 26
        if hours:
            b.work(hours)
        b.pay_wage(with_wage * (1 - hours) * WAGE)
        b.pay("msb", "employer", with_wage * benefit)
        b.pay("msb", "citizen", (1 - with_wage) * benefit)
        b.tax_on_benefit((1 - with_wage) * benefit)
        b.save_up((1 - with_wage) * benefit, (1 - with_wage) * (1 - hours))
        b.pay("state", "msb", refund * benefit)
        b.casework(p["casework_partial"] if hours else 1.0)
        b.activation()
        b.health_care(works=False)
    elif week == "unemployed":
        benefit = p["unemployment_benefit_max"] * p["unemployment_benefit_level"] * 12 / 52
        b.pay("state", "citizen", benefit)
        b.pay("msb", "state", (1 - refund) * benefit)
        b.tax_on_benefit(benefit)
        b.save_up(benefit)
        b.casework(p["casework_unemployed"])
        b.activation()
        b.health_care(works=False)
    elif week in (
        "flex_job",
        "sick_flex",
    ):  # sick: benefit for the hours in the place of the wage, and the subsidy goes on
        employed, works = 1 - p["flex_unemployed_share"], week == "flex_job"
        if works:
            b.work(employed * p["flex_hours"])
        for_hours = employed * p["flex_hours"] * p["sickness_benefit_max"] * p["sickness_benefit_level"] * (not works)
        mean_wage = p["wage_month"] * p["wage_relative"] * 12 / 52  # the taper is on the mean wage
        subsidy = employed * (p["flex_subsidy_max"] * 12 / 52 - p["flex_taper"] * p["flex_hours"] * mean_wage)
        assert p["flex_hours"] * mean_wage < p["flex_taper_limit"] * 12 / 52  # so 55 % above it takes nothing
        b.save_up(0.0, p["flex_unemployed_share"])
        for benefit in (subsidy, p["flex_unemployed_share"] * p["flex_unemployed_benefit"], for_hours):
            b.save_up(benefit)
            b.pay("msb", "citizen", benefit)
            b.pay("state", "msb", refund * benefit)
            b.tax_on_benefit(benefit)
        b.casework(p["casework_flex"] if works else 1.0)
        b.health_care(works=works)
    elif week == "disability_pension":
        partnered = p["share_partnered"]
        pension = (partnered * p["pension_partnered"] + (1 - partnered) * p["pension_single"]) * 12 / 52
        b.pay("state", "citizen", pension)
        b.pay("msb", "state", (1 - refund) * pension)
        b.tax_on_benefit(pension)
        b.save_up(pension)
        b.health_care(works=False)
    else:
        assert week == "dead"
    return b.net


CASES = [
    ("work", None),
    ("sick_employer", None),
    ("sick_full", 1.0),
    ("sick_full", 0.0),
    ("sick_full", 0.7),
    ("sick_partial", 1.0),
    ("sick_partial", 0.0),
    ("unemployed", None),
    ("flex_job", None),
    ("sick_flex", None),
    ("disability_pension", None),
    ("dead", None),
]


@pytest.mark.parametrize(("week", "wage_share"), CASES)
def test_one_week_equals_the_hand_table_in_every_band(week: str, wage_share: float | None) -> None:
    p = parameters() if wage_share is None else parameters(wage_share)
    for ladder in LADDER:
        for absence in ABSENCE:
            found, expected = ledger(week, p, ladder, absence), by_hand(week, p, ladder, absence)
            assert list(found) == list(PARTIES)
            for party in PARTIES:  # 5 roundings of 2**-25 DKK and the arithmetic: far below an oere
                assert abs(found[party] - expected[party]) < 2e-6, (week, ladder, absence, party)


def test_the_table_has_the_sizes_that_an_economist_expects() -> None:
    """A few cells in kroner, from round parameter values, so that hand and ledger cannot be wrong alike."""
    p = parameters(1.0) | {
        "sickness_benefit_max": 4500.0,
        "sickness_benefit_level": 1.0,
        "municipal_tax": 0.25,
        "state_tax": 0.1,
        "equalisation_share": 0.6,
        "labour_market_contribution": 0.08,
        "wage_tax_base": 0.5,
        "contributions": 0.1,
        "caseworker_year": 520000.0,
        "caseload": 50.0,
        "casework_overhead": 1.0,
        "casework_partial": 0.5,
        "health_care_work": 500.0,
        "health_care_not_working": 100.0,
        "obligatory_pension": 0.02,
        "activation_week": 100.0,
        "atp_month": 130.0,
    }
    without = p | {"wage_during_sickness_share": 0.0}
    # Full sickness benefit without wage, week 1-4: 4,500 paid, 80 % refunded, 200 of case work.
    # Tax 25 % + 10 % on the benefit: 1,125 municipal (of which 60 % goes on) and 450 to the state. Saved up: 90
    # by the state (2 %) and 30 by the municipality. Activation 100.
    week = ledger("sick_full", without, 1)
    assert week == pytest.approx(
        {
            "mso": 0,
            "msb": 4500 - 3600 + 200 + 30 + 100,
            "treasury": -1125 + 675,
            "other_municipalities": -675,
            "state": 3600 - 450 + 90,
            "region": 600,
            "employer": 0,
            "citizen": -4500 + 1125 + 450 - 90 - 30,
        },
        abs=0.005,
    )
    # The same with wage: the employer pays the wage and gets 4,500; the citizen is taxed on the wage.
    week = ledger("sick_full", p, 1)
    assert week["employer"] == pytest.approx(WAGE - 4500, abs=0.005)
    assert week["msb"] == pytest.approx(1200, abs=0.005)
    # Unemployment from week 53: the municipality pays 80 % of the state's benefit, and half a week of case work.
    week = ledger(
        "unemployed",
        p | {"unemployment_benefit_max": 19500.0, "unemployment_benefit_level": 1.0, "casework_unemployed": 0.5},
        4,
    )
    assert week["msb"] == pytest.approx(0.8 * 4500 + 100 + 100, abs=0.005)
    assert week["state"] == pytest.approx(0.2 * 4500 - 450 + 90, abs=0.005)


@pytest.mark.parametrize("state", ["sick_employer", "sick_full"])
def test_nobody_pays_the_self_employed_a_wage_in_sickness(state: str) -> None:
    p = parameters() | {"p_self_employed": 1.0}  # a population of them: all of the benefit goes to citizens
    money = flows(model(), where(), env(p), one_week(state, is_employee=False))
    net = {name: float(values[0, 0].sum()) for name, values in parties_net(model(), money, 1).items()}
    assert net["employer"] == 0
    benefit = p["sickness_benefit_max"] * p["sickness_benefit_level"] if state == "sick_full" else 0.0
    taxed = (p["municipal_tax"] + p["state_tax"] - p["obligatory_pension"]) * benefit
    saved = p["atp_month"] * 12 / 52 * (state == "sick_full")
    assert net["citizen"] == pytest.approx(taxed - benefit - saved, abs=1e-5)


def test_an_employer_nets_nothing_at_work() -> None:
    assert abs(ledger("work", parameters())["employer"]) <= 1.5 * QUANTUM  # three rounded cells


@pytest.mark.parametrize("state", STATES_ON_LADDER)
def test_the_ladder_moves_money_between_state_and_department_only(state: str) -> None:
    p = parameters()
    first = ledger(state, p, 1)
    for ladder in (2, 3, 4):
        later = ledger(state, p, ladder)
        assert all(later[party] == first[party] for party in PARTIES if party not in ("msb", "state"))
        assert later["msb"] > first["msb"]
        assert later["msb"] - first["msb"] == first["state"] - later["state"]


def test_nothing_is_paid_for_the_dead() -> None:
    money = priced("dead", parameters())
    paid = money.amount[0, 0]
    assert not paid.any()


@pytest.mark.parametrize("absence", ABSENCE)
@pytest.mark.parametrize(
    ("state", "lost"), [("sick_full", 1.0), ("sick_partial", 0.5), ("sick_employer", 1.0), ("work", 0.0)]
)
def test_friction_counts_lost_output_in_the_first_twelve_weeks(state: str, lost: float, absence: int) -> None:
    p = parameters(hours=0.5)
    money = priced(state, p, absence=absence)
    at = {v.name: float(cost(v, money, env(p), 1)[0, 0].sum()) for v in model().perspectives}
    resources = {"sick_full": 1.0, "sick_partial": p["casework_partial"], "sick_employer": 0.0, "work": 0.0}[state]
    b = Books(p)
    b.casework(resources)
    if state in ("sick_full", "sick_partial"):
        b.activation()
    b.health_care(works=state == "work")
    used = b.net["msb"] + b.net["region"]
    friction = p["friction_elasticity"] * (1 + p["contributions"]) * WAGE * lost * (absence == 1)  # the job is held
    assert at["societal_friction"] == pytest.approx(used + friction, abs=2e-6)
    made = {"work": 1.0, "sick_partial": 0.5}.get(state, 0.0) * (1 + p["contributions"]) * WAGE
    assert at["societal"] == pytest.approx(used - made, abs=2e-6)
    assert at["societal_market"] == at["societal"] * 1.28


def test_a_job_lost_in_an_absence_opens_a_vacancy_and_a_chain() -> None:
    """The friction period at the mean wage, times the chain; in the friction method alone."""
    p = parameters()
    q = one_week("dead")
    q.events[0, 0, 0, where().events.index("job_lost_sick"), 0, :] = 1.0
    money = flows(model(), where(), env(p), q)
    at = {v.name: float(cost(v, money, env(p), 1)[0, 0].sum()) for v in model().perspectives}
    wage = p["wage_month"] * p["wage_relative"] * 12 / 52
    lost = p["friction_weeks"] * wage * p["friction_elasticity"] * p["vacancy_chain"] * (1 + p["contributions"])
    assert at.pop("societal_friction") == pytest.approx(lost, abs=1e-5)
    assert set(at.values()) == {0.0}


def test_perspectives_of_one_week_are_sums_of_parties() -> None:
    p = parameters()
    money = priced("sick_partial", p, 3, 2)
    at = {v.name: float(cost(v, money, env(p), 1)[0, 0].sum()) for v in model().perspectives}
    net = ledger("sick_partial", p, 3, 2)
    assert at["municipal"] == net["mso"] + net["msb"]
    assert at["municipal_with_tax"] == net["mso"] + net["msb"] + net["treasury"]
    assert at["public"] == sum(net[q] for q in PARTIES if q not in ("employer", "citizen"))
    assert at["societal"] == sum(net.values())
    assert at["health_care"] == net["region"]
    for party in ("mso", "msb", "other_municipalities", "state", "region", "employer", "citizen"):
        assert at[party] == net[party]


def gained(state: str, p: dict[str, float]) -> dict[str, float]:
    found: Effects = effects(model(), where(), env(p), one_week(state), layer=1)
    return dict(zip(found.names, found.value[0, 0].tolist(), strict=True))


@pytest.mark.parametrize(
    ("state", "lives", "works", "on_benefit"),
    [
        ("work", True, True, False),
        ("sick_partial", True, True, True),
        ("flex_job", True, True, False),
        ("sick_flex", True, False, True),
        ("retired", True, True, False),
        ("sick_full", True, False, True),
        ("sick_employer", True, False, False),
        ("sick_unemployed", True, False, True),
        ("unemployed", True, False, False),
        ("disability_pension", True, False, False),
        ("dead", False, False, False),
    ],
)
def test_health_of_one_week(state: str, lives: bool, works: bool, on_benefit: bool) -> None:
    """A week is 1/52 year at the individual's utility, less a decrement out of work."""
    p = parameters()
    out = 0.0 if works else 1.0
    expected = {
        "qaly": (UTILITY - out * p["utility_not_working"]) / 52,
        "qaly_year_1": (UTILITY - out * p["utility_not_working"]) / 52,
        "stress_year_1": (p["stress_work"] + out * p["stress_not_working"]) / 52,
        "functioning_year_1": (p["functioning_work"] - out * p["functioning_not_working"]) / 52,
        "weeks_work": float(state == "work"),
        "weeks_sick": float(on_benefit),
        "weeks_sick_year_1": float(on_benefit),
        "repeated_sick_listings": 0.0,
    }
    found = gained(state, p)
    for name, value in expected.items():
        assert found[name] == pytest.approx(value if lives else 0.0, rel=1e-12, abs=1e-15), name
