"""A made-up case result whose every number can be worked out by hand: what tests of measures and output start from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from costeff import CaseResult
from costeff.investment import Area, Case, CashFlow, CashLine, Programme, Service
from costeff.labels import Label
from costeff.model.formulas.expression import Expression

PARTIES = {
    "mso": Label("Health and Care (MSO)", "Sundhed og Omsorg (MSO)"),
    "msb": Label("Social Affairs and Employment (MSB)", "Sociale Forhold og Beskæftigelse (MSB)"),
    "treasury": Label("Municipal tax account", "Kommunens skattekonto"),
    "other_municipalities": Label("Other municipalities", "Andre kommuner"),
    "state": Label("State", "Staten"),
    "region": Label("Region", "Regionen"),
    "employer": Label("Employer", "Arbejdsgiver"),
    "citizen": Label("Citizen", "Borger"),
}
GROUPS = {
    "municipal": ("mso", "msb"),
    "municipal_with_tax": ("mso", "msb", "treasury"),
    "public": ("mso", "msb", "treasury", "other_municipalities", "state", "region"),
    "societal": tuple(PARTIES),
}
LABELS = {
    "municipal": Label("Municipality, without tax", "Kommunen, uden skat"),
    "municipal_with_tax": Label("Municipality, with tax", "Kommunen, med skat"),
    "public": Label("Public sector", "Det offentlige"),
    "societal": Label("Society", "Samfundet"),
}
# item, payer, recipient, area, programme, then (usual care, programme) in each of five years, thousand kr.
_LINES = (
    ("programme", "mso", "resources", "service", True, (0, 0, 0, 0, 0), (600, 500, 500, 500, 500)),
    ("programme", "msb", "resources", "service", True, (0, 0, 0, 0, 0), (300, 250, 250, 250, 250)),
    ("casework", "msb", "resources", "service", False, (900, 900, 900, 900, 900), (800, 780, 780, 780, 780)),
    ("benefit", "msb", "citizen", "transfers", False, (9000, 9500, 9700, 9800, 9800), (8800, 8700, 8600, 8600, 8600)),
    ("refund", "state", "msb", "transfers", False, (3000, 2900, 2800, 2800, 2800), (2950, 2700, 2550, 2500, 2500)),
    ("municipal_tax", "citizen", "treasury", "tax", False, (2000,) * 5, (2030, 2060, 2080, 2090, 2090)),
    ("equalisation", "treasury", "other_municipalities", "tax", False, (0, 0, 0, 0, 0), (15, 30, 40, 45, 45)),
    ("state_tax", "citizen", "state", "tax", False, (1000, 1000, 1000, 1000, 1000), (1020, 1040, 1050, 1060, 1060)),
    ("health_care", "region", "resources", "health", False, (500, 500, 500, 500, 500), (490, 480, 480, 480, 480)),
    ("wage", "employer", "citizen", "outside", False, (4000, 4000, 4000, 4000, 4000), (4300, 4700, 4900, 5000, 5000)),
    ("production", "production", "employer", "outside", False, (4000,) * 5, (4320, 4750, 4960, 5070, 5070)),
)
_ITEMS = {
    "programme": ("TKI2", "TKI2"),
    "casework": ("Case work", "Sagsbehandling"),
    "benefit": ("Sickness benefit", "Sygedagpenge"),
    "refund": ("State refund", "Statsrefusion"),
    "municipal_tax": ("Municipal income tax", "Kommuneskat"),
    "equalisation": ("Equalisation", "Udligning"),
    "state_tax": ("State income tax", "Bundskat"),
    "health_care": ("Health care", "Sundhedsydelser"),
    "wage": ("Wage", "Løn"),
    "production": ("Production", "Produktion"),
}
AREAS = (
    Area("service", Label("Service", "Service"), ("programme", "casework")),
    Area("transfers", Label("Demand-driven transfers", "Efterspørgselsstyrede overførsler"), ("benefit", "refund")),
    Area("tax", Label("Tax and equalisation", "Skat og udligning"), ("municipal_tax", "equalisation")),
)


def example_cash(draws: int = 200, seed: int = 1, effect: float = 1.0) -> CashFlow:
    """Five years; draw d moves all but the programme's cost by `effect` x a normal factor (1, sd 0.5); draw 0 by 1."""
    factor = effect * (1 + 0.5 * np.random.default_rng(seed).standard_normal(draws))
    factor[0] = effect
    lines = tuple(
        CashLine(item, payer, to, area, Label(*_ITEMS[item]), own) for item, payer, to, area, own, *_ in _LINES
    )
    usual = np.repeat(np.array([x[5] for x in _LINES], float).T[None], draws, axis=0) * 1000
    change = np.array([np.subtract(x[6], x[5]) for x in _LINES], float).T[None] * 1000
    moved = np.where([x.programme for x in lines], change, change * factor[:, None, None])
    discount = 1.035 ** -np.arange(5.0)
    return CashFlow(tuple(range(2026, 2031)), lines, usual, usual + moved, discount, 2026)


def without_effect(cash: CashFlow) -> CashFlow:
    """The same case when nothing but the programme's own cost moves."""
    own = np.array([x.programme for x in cash.lines])
    return replace(cash, programme=np.where(own, cash.programme, cash.usual))


def example_case(name: str = "example") -> Case:
    """120 citizens a year, all served."""
    half = Expression("0.5")
    return Case(
        name=name,
        title=Label("An example", "Et eksempel"),
        scenario="tki2",
        first_year=2026,
        years=5,
        price_year=2026,
        inflow=(30.0,) * 20,
        programme=Programme({"mso": half, "msb": half}),
        uptake=(1.0,) * 5,
        fidelity=(1.0,) * 5,
        areas=AREAS,
    )


def example_result(draws: int = 200, seed: int = 1, effect: float = 1.0, name: str = "example") -> CaseResult:
    """The whole result. effect 0: the programme costs and changes nothing; below 0 it harms."""
    cash = example_cash(draws, seed, effect)
    each = np.full(5, 120.0)
    service = Service(cash.years, each, each, np.zeros(5), np.zeros(5), np.full(5, 60.0), np.zeros(5))
    spread = np.random.default_rng(seed + 1).standard_normal((draws, 1, 5, 1)) * 0.1
    half = (cash.programme - cash.usual)[:, None] * (1 + spread * np.array([1.0, -1.0])[:, None, None])
    return CaseResult(
        case=example_case(name),
        cash=cash,
        service=service,
        rules="denmark",
        parameters={"hr_self_support": np.ones(draws)},
        individuals=1000,
        seed=seed,
        citizens_served=600.0,
        parties=PARTIES,
        groups=GROUPS,
        decider="municipal",
        labels=LABELS,
        half=half,
        no_effect=without_effect(cash),
        currency="DKK",
    )
