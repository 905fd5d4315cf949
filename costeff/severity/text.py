"""A severity as a table of a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from costeff.catalogue import say
from costeff.model.country import Country
from costeff.reporting.numbers import write_money, write_number
from costeff.severity.shortfall import Severity


def severity_text(country: Country, conditions: Sequence[tuple[str, Severity]], language: str) -> str:
    """One row per condition with its name, below what people of that age have left, and what the classes mean."""
    first = conditions[0][1]
    qalys_left = write_number(first.population_qalys, language, decimals=1)
    currency = str(country.conventions.get("currency", ""))
    rows = [[say(f"severity_{key}", language) for key in ("condition", "shortfall", "class", "weight", "value")]]
    rows += [
        [
            name,
            write_number(one.shortfall, language, decimals=2),
            str(one.number),
            write_number(one.weight, language, decimals=1),
            write_money(one.value_of_qaly, language, currency=currency),
        ]
        for name, one in conditions
    ]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    table = [
        "  ".join(
            cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    head = say("severity_population", language, country=country.title[language], age=first.age, qalys=qalys_left)
    return "\n".join([head, "", *table, "", say("severity_analogy", language)])
