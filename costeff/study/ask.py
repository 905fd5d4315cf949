"""Figures worth asking for: what knowing each of a case's uncertain figures is worth to its decider, and who holds it.

The worth is the expected value of partial perfect information of the choice between the programme and usual care, in
present value of the whole case.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from costeff.analysis.evaluation import EvaluationData
from costeff.errors import ResultError
from costeff.investment.report.content import AskRow
from costeff.voi.one_by_one import worth_of_each

if TYPE_CHECKING:
    from collections.abc import Mapping

    from costeff.investment.result import CaseResultData

FILE = Path(__file__).parent / "where_to_ask.csv"
"""Who holds a figure and in which table, by the name of its parameter: the first pattern that fits. The tables of
jobindsats.dk are those that public code of municipalities was seen to read (2025-26)."""
FEWEST = 100
"""Draws below which nothing is ranked."""
CERTAIN = 2.0
"""Standard errors from 0 from which a worth is not taken for luck."""
FORMS = {"share": "share", "probability": "share", "weeks": "mean", "years": "mean", "hazard per week": "events"}


def worth_asking(result: CaseResultData, party: str | None = None) -> list[AskRow]:
    """Every uncertain figure of a case by what knowing it is worth to the decider, dearest first.

    Raises ResultError with fewer than 100 draws.
    """
    decider = party or result.decider
    worth = ranked(result.npv(decider), result.parameters, result.currency, result.cash.replicates)
    units = (
        {} if result.priced is None else {n: p.unit for e in result.priced.evidence for n, p in e.parameters.items()}
    )
    rows = []
    for name, (value, error, more_than_luck) in worth:
        unit = units.get(name, "")
        holder, table = holder_of(name)
        rows.append(AskRow(name, unit, form_of(unit), holder, table, value, error, more_than_luck))
    return rows


def ranked(
    npv: np.ndarray, parameters: Mapping[str, np.ndarray], currency: str, replicates: int | None = None
) -> list[tuple[str, tuple[float, float, bool]]]:
    """(name, (worth, its standard error, whether it is more than luck)) of each figure that varies, dearest first.

    What is worth 0 has no error (NaN).

    `npv` (D,) is the gain of the programme over usual care; `parameters` hold a value for each draw.
    """
    if len(npv) < FEWEST:
        raise ResultError(
            "too few draws to rank figures",
            value=len(npv),
            rule=f"at least {FEWEST} draws",
            way_out=f"write --draws {FEWEST} or more",
        )
    columns = {name: np.asarray(values, float).reshape(-1) for name, values in parameters.items()}
    varying = {name: values for name, values in columns.items() if len(values) == len(npv) and np.ptp(values) > 0}
    if not varying:
        return []
    choice = choice_of_decider(npv, varying, currency, replicates)
    rows = [
        (name, (value, error, value > CERTAIN * error))  # where nothing is gained there is no error, and this is false
        for name, (value, error) in worth_of_each(choice, 0.0).items()
    ]
    return sorted(rows, key=lambda row: (-row[1][2], -row[1][0]))


def choice_of_decider(
    npv: np.ndarray, parameters: Mapping[str, np.ndarray], currency: str, replicates: int | None
) -> EvaluationData:
    """Whether to have the programme, by its gain (D,) over usual care; each parameter has a value for each draw."""
    cost = np.stack([np.zeros(len(npv)), -npv], axis=1)
    return EvaluationData(
        "decider",
        "nothing",
        ("usual", "programme"),
        "usual",
        cost,
        np.zeros_like(cost),
        parameters=parameters,
        currency=currency,
        replicates=replicates,
    )


def form_of(unit: str) -> str:
    """In which form a figure of a unit is asked for: a word of the catalogue, `ask_form_...`.

    >>> form_of("probability"), form_of("EUR per week"), form_of("ratio")
    ('share', 'amount', 'ratio')
    """
    if unit in FORMS:
        return FORMS[unit]
    return "ratio" if unit in ("ratio", "number", "count", "utility") or not unit else "amount"


def holder_of(name: str) -> tuple[str, str]:
    """Who holds the figure of a parameter, and the table: words `ask_holder_...`, and `ask_table_...` or a name.

    >>> holder_of("h_sick_full_job_clarification_1"), holder_of("utility_sd")
    (('register', 'jobindsats.dk y12a02'), ('nobody', 'none'))
    """
    for pattern, holder, table in _holders():
        if pattern.fullmatch(name):
            return holder, table
    return "nobody", "none"


@cache
def _holders() -> tuple[tuple[re.Pattern[str], str, str], ...]:
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    return tuple((re.compile(row["pattern"]), row["holder"], row["table"]) for row in rows)
