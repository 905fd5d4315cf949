"""A made-up cash flow for tests of the planner's output: invented lines and amounts, shaped like a real case.

No figure here is evidence. `cash` is by hand where a test needs closed forms; `drawn_cash` has draws from a seeded
generator.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from costeff.investment import CashFlow, CashLine, Service

YEARS = (2026, 2027, 2028, 2029, 2030, 2031, 2032, 2033, 2034, 2035)


def line(item: str, payer: str, recipient: str, area: str, en: str, da: str, own: bool = False) -> CashLine:
    return CashLine(item, payer, recipient, area, {"en": en, "da": da}, own)


LINES = (
    line("start_up", "mso", "resources", "service", "Start-up", "Implementering", True),
    line("programme", "mso", "resources", "service", "Programme", "Indsatsen", True),
    line("programme_msb", "msb", "resources", "service", "Programme, job centre", "Indsatsen, jobcenter", True),
    line("sickness_benefit", "msb", "citizen", "transfers", "Sickness benefit", "Sygedagpenge"),
    line("refund", "state", "msb", "transfers", "State refund of sickness benefit", "Statsrefusion af sygedagpenge"),
    line("case_work", "msb", "resources", "service", "Case work", "Sagsbehandling"),
    line("tax_municipal", "citizen", "treasury", "tax", "Municipal tax", "Kommuneskat"),
    line("tax_state", "citizen", "state", "tax", "State tax", "Statsskat"),
    line("equalisation", "treasury", "other_municipalities", "tax", "Equalisation", "Udligning"),
    line("health_care", "region", "resources", "outside", "Health care", "Sundhedsydelser"),
    line("wage", "employer", "citizen", "outside", "Wage", "Løn"),
    line("production", "production", "employer", "outside", "Production", "Produktion"),
)  # fmt: skip

PARTIES = {
    "mso": ("Health and Care (MSO)", "Sundhed og Omsorg (MSO)"),
    "msb": ("Social Affairs and Employment (MSB)", "Sociale Forhold og Beskæftigelse (MSB)"),
    "treasury": ("Municipal tax account", "Kommunens skattekonto"),
    "other_municipalities": ("Other municipalities (equalisation)", "Andre kommuner (udligning)"),
    "state": ("State", "Staten"),
    "region": ("Region", "Regionen"),
    "employer": ("Employer", "Arbejdsgiver"),
    "citizen": ("Citizen", "Borger"),
    "resources": ("Real resources used", "Reelt ressourceforbrug"),
    "production": ("Production", "Produktion"),
}


def one_line_cash(
    net: Sequence[Sequence[float]], party: str = "msb", first: int = 2026, rate: float = 0.0
) -> CashFlow:
    """A cash flow whose net for `party` is `net` (D, Y) exactly: a cost of the programme where it is negative."""
    amount = np.array(net, dtype=float)
    lines = (line("saving", party, "citizen", "transfers", "Saving", "Besparelse"),
             line("programme", party, "resources", "service", "Programme", "Indsatsen", True))  # fmt: skip
    usual = np.stack([np.maximum(amount, 0), np.zeros_like(amount)], axis=2)
    programme = np.stack([np.zeros_like(amount), np.maximum(-amount, 0)], axis=2)
    years = tuple(range(first, first + amount.shape[1]))
    return CashFlow(years, lines, usual, programme, (1 + rate) ** -np.arange(len(years), dtype=float), 2026)


def drawn_cash(
    draws: int = 200, *, scale: float = 1.0, effect: float = 1.0, seed: int = 1, years: Sequence[int] = YEARS
) -> CashFlow:
    """Start-up in the first year, cost in all years, savings that grow over three; `effect` scales the savings."""
    rng = np.random.default_rng(seed)
    n = len(years)
    ramp = np.minimum(np.arange(1, n + 1) / 3, 1.0)
    strength = effect * rng.normal(1.0, 0.35, draws)[:, None]
    price = rng.normal(1.0, 0.05, draws)[:, None]
    flat = np.ones(n)
    first = np.zeros(n)
    first[0] = 1.0
    usual_each = {
        "sickness_benefit": 60e6 * flat, "refund": 25e6 * flat, "case_work": 8e6 * flat, "health_care": 30e6 * flat,
        "wage": 150e6 * flat, "production": 165e6 * flat, "tax_municipal": 50e6 * flat, "tax_state": 20e6 * flat,
        "equalisation": 2e6 * flat,
    }  # fmt: skip
    change = {
        "sickness_benefit": -6.0e6, "refund": -2.4e6, "case_work": -0.6e6, "health_care": -0.5e6, "wage": 7.5e6,
        "production": 8.2e6, "tax_municipal": 1.1e6, "tax_state": 0.7e6, "equalisation": 0.6e6,
    }  # fmt: skip
    usual = np.zeros((draws, n, len(LINES)))
    programme = np.zeros_like(usual)
    for at, x in enumerate(LINES):
        if x.programme:
            cost = {"start_up": 1.8e6 * first, "programme": 1.9e6 * flat, "programme_msb": 0.6e6 * flat}[
                x.item
            ]
            programme[:, :, at] = price * cost * scale
        else:
            usual[:, :, at] = usual_each[x.item] * scale
            programme[:, :, at] = usual[:, :, at] + strength * ramp * change[x.item] * scale
    discount = 1.035 ** -np.arange(n, dtype=float)
    return CashFlow(tuple(years), LINES, usual, programme, discount, 2026)


def service(years: Sequence[int] = YEARS, capacity: float = 400.0) -> Service:
    n = len(years)
    came = np.linspace(200, 480, n)
    served = np.minimum(came, capacity)
    return Service(
        tuple(years), inflow=came, served=served, left=(came - served) * 0.7, waiting=(came - served) * 0.3,
        capacity=np.full(n, capacity), mean_wait=np.where(came > capacity, 3.0, 0.0),
    )  # fmt: skip
