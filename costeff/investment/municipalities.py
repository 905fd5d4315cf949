"""Municipalities with their tax rates, and the questions of a new case that their table answers."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from costeff import bundled
from costeff.errors import ScenarioError
from costeff.problems import way_to

FOLDER = Path(__file__).parent / "forms" / "known"
"""What a table answers of each form; a form without a file here has no table."""
AVERAGE = "average"


@cache
def tax_rates(table: str = "tax_rates.csv") -> Mapping[str, Mapping[int, float]]:
    """Rate (0-1) by municipality and year, and the average of all.

    >>> len(tax_rates()) - 1, tax_rates()["Aarhus"][2026]
    (98, 0.2452)
    """
    rates: dict[str, dict[int, float]] = {}
    with (bundled.data_dir("parameters") / table).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rates.setdefault(row["municipality"], {})[int(row["year"])] = float(row["rate"])
    return rates


def municipality_names(table: str = "tax_rates.csv") -> list[str]:
    """Names in a table of tax rates.

    >>> len(municipality_names()), municipality_names()[0]
    (98, 'Aabenraa')
    """
    return [name for name in tax_rates(table) if name != AVERAGE]


def tax_rate(municipality: str, year: int, table: str = "tax_rates.csv") -> tuple[int, float]:
    """(year, rate) of a municipality: of the year, or of the last year before it that is known, else of the first.

    Raises ScenarioError for a name that is not in the table.

    >>> tax_rate("Randers", 2030)
    (2026, 0.26)
    """
    names = municipality_names(table)
    if municipality not in names:
        raise ScenarioError(
            "no municipality of this name in the table of tax rates",
            value=municipality,
            rule=f"the {len(names)} municipalities of {table}",
            way_out=way_to(municipality, names, "leave it out, and answer the questions for name and rate"),
        )
    rates = tax_rates(table)[municipality]
    year_known = max([one for one in rates if one <= year] or [min(rates)])
    return year_known, rates[year_known]


def with_answers(text: str, form: str, municipality: str, year: int, decimal: str) -> str:
    """The text of a form with what the table answers of a municipality; `decimal` is the file's decimal mark.

    Raises ScenarioError for a form without a table, and for a name that is not in it.
    """
    file = FOLDER / f"{form}.yaml"
    if not file.exists():
        raise ScenarioError(
            "this form has no table of municipalities", value=form, way_out="leave the municipality out, and answer"
        )
    template: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    at, rate = tax_rate(municipality, year, template["table"])
    average = tax_rates(template["table"])[AVERAGE][at]
    share = round(template["equalised"] * average / rate, 4)
    figures = {
        name: f"{x:g}".replace(".", decimal) for name, x in (("rate", rate), ("share", share), ("average", average))
    }
    for question, lines in template["answers"].items():
        answer = lines.format(name=municipality, year=at, **figures)
        text = re.sub(rf"( *)#\? {question}\n.*\n", lambda found, a=answer: _indented(a, found[1]), text)  # type: ignore[misc]
    return f"{text}{template['end']}"


def _indented(lines: str, by: str) -> str:
    return "".join(f"{by}{line}\n" for line in lines.splitlines())
