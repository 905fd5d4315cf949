"""The municipalities of Denmark with their tax rates, and the equalisation that follows from a rate by law."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache

from costeff import bundled
from costeff.errors import ScenarioError
from costeff.problems import way_to

FILE = "municipal_tax.csv"
SOURCE = "svmn_tax_rates"
TITLE = "Ministry of Taxation and Growth, municipal tax rates (Kommuneskattesatser) of 2025 and 2026"
ADDRESS = "https://svmn.dk/tal-og-metode/satser/statistik-i-kommunerne/kommuneskatteprocenter-siden-1977"
READ = "read in a public copy (12 September 2026); the rates of 2025 are the same in a second copy, for all 98"
EQUALISED = 0.75
"""Of the difference in tax base per head, times the average rate: law L 196 of 2019-20, section 2(2), for all."""
DANISH = "af forskellen i beskatningsgrundlag x gennemsnitssatsen"
AVERAGE_RATES = {2025: 0.25068, 2026: 0.25049}
"""The average municipal tax rate, as the Ministry of Taxation publishes it."""


@cache
def tax_rates() -> Mapping[str, Mapping[int, float]]:
    """Rate (0-1) by municipality and year.

    >>> len(tax_rates()), tax_rates()["Aarhus"][2026]
    (98, 0.2452)
    """
    rates: dict[str, dict[int, float]] = {}
    with (bundled.data_dir("parameters") / FILE).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rates.setdefault(row["municipality"], {})[int(row["year"])] = float(row["rate"])
    return rates


def tax_rate(municipality: str, year: int) -> tuple[int, float]:
    """(year, rate) of a municipality: of the year, or of the last year before it that is known, else of the first.

    Raises ScenarioError for a name that is not in the table.

    >>> tax_rate("Randers", 2030)
    (2026, 0.26)
    """
    rates = tax_rates().get(municipality)
    if rates is None:
        raise ScenarioError(
            "no municipality of this name in the table of tax rates",
            value=municipality,
            rule=f"the {len(tax_rates())} municipalities of Denmark, as the Ministry of Taxation writes them",
            way_out=way_to(municipality, tax_rates(), "leave it out, and answer the questions for name and rate"),
        )
    known = [one for one in rates if one <= year] or [min(rates)]
    return max(known), rates[max(known)]


def answers_for(municipality: str, year: int, decimal: str = ".") -> dict[str, str]:
    """What the table answers of a new case: the key's lines in the form, and what stands in their place.

    `decimal` is the mark with which the file writes its numbers.
    """
    known, rate = tax_rate(municipality, year)
    share = round(EQUALISED * AVERAGE_RATES[known] / rate, 4)
    note = f'{{en: "{municipality}, {known}", da: "{municipality}, {known}"}}'
    english = (
        f"law: 75 % of the difference in tax base x the average rate; 0.75 x {AVERAGE_RATES[known]:.5f} / {rate:g}"
    )
    danish = english.replace("law", "lov").replace("of the difference in tax base x the average rate", DANISH)
    law = f'{{en: "{english}", da: "{danish}"}}'
    own_rate, own_share = (f"{value:g}".replace(".", decimal) for value in (rate, share))
    source = f'{{title: "{TITLE}", address: "{ADDRESS}", seen: seen, note: "{READ}"}}'
    sources = f"[equalisation_law, skm_average_tax, {SOURCE}]"
    return {
        "#? municipality\nmunicipality:\n": f"municipality: {municipality}\n",
        "  #? tax\n  municipal_tax:\n": (
            f'  municipal_tax: {{value: "{own_rate}", kind: published, source: {SOURCE}, note: {note}}}\n'
            f'  equalisation_share: {{value: "{own_share}", kind: derived, source: {sources}, note: {law}}}\n'
            f"sources:\n  {SOURCE}: {source}\n"
        ),
    }
