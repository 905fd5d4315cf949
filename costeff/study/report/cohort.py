"""Of a hundred people who begin: how many are in each state after some years, and what each strategy changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from costeff.catalogue import say
from costeff.reporting.numbers import write_number
from costeff.reporting.style import label_of
from costeff.reporting.tables import Band, Column, Row, html_table

if TYPE_CHECKING:
    from costeff.study.report.content import Content

PEOPLE = 100
YEARS = (1, 2, 5, 10, 20, 50)
MOST_TIMES = 3
"""Points of time that are shown: the first ones, and the end of the horizon."""


def times(horizon: float) -> list[float]:
    """The years that a table shows.

    >>> times(5), times(3), times(0.5), times(30)
    ([1, 2, 5], [1, 2, 3], [0.5], [1, 2, 30])
    """
    before = [year for year in YEARS if year < horizon]
    return [*before[: MOST_TIMES - 1], horizon]


def cohort_table(content: Content, language: str) -> str:
    """The table as HTML, a band for each strategy but the comparator; '' where there are no hundred people to follow.

    A system that people come to and leave has none, nor has a model without a trace or whose shares do not sum to 1.
    """
    shares = content.trace
    if content.people_come_and_go or not shares.size or not np.allclose(shares.sum("state"), 1.0, atol=1e-6):
        return ""
    horizon = round(float(shares["cycle"].max()) / content.cycles_per_year, 2)
    years = times(int(horizon) if horizon == int(horizon) else horizon)
    at = [round(year * content.cycles_per_year) for year in years]
    counts = PEOPLE * shares.sel(cycle=at)
    base = counts.sel(strategy=content.comparator)
    heads = [say("cohort_after", language, number=write_number(year, language)) for year in years]
    usual = label_of(content.strategies, content.comparator, language)
    columns = [Column(say("cohort_state", language))]
    for head in heads:
        columns += [Column(f"{head}: {usual}", True), Column(f"{head}: {say('cohort_difference', language)}", True)]
    names = [str(name) for name in shares["state"].values if float(shares.sel(state=name).max()) > 0]
    others = [str(name) for name in shares["strategy"].values if str(name) != content.comparator]
    rows: list[Row] = []
    for strategy in others:
        rows.append(Band(label_of(content.strategies, strategy, language)))
        change = counts.sel(strategy=strategy) - base
        for name in names:
            cells = [label_of(content.states, name, language)]
            for cycle in at:
                cells.append(write_number(float(base.sel(state=name, cycle=cycle)), language, decimals=1))
                gap = float(change.sel(state=name, cycle=cycle))
                cells.append(write_number(gap, language, decimals=1, with_sign=True))
            rows.append(cells)
    return html_table(columns, rows, say("cohort_caption", language)) if rows else ""
