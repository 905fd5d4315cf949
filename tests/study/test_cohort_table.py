"""Anchored in halves: of 100 people, half of those who are left die each year, and with the programme a quarter."""

from __future__ import annotations

import re
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr

from costeff.labels import Label
from costeff.study.report.cohort import cohort_table


def content(shares: np.ndarray, cycles_per_year: int = 1, people_come_and_go: bool = False) -> SimpleNamespace:
    names = {"usual": Label("Usual", "Vanlig"), "programme": Label("Programme", "Indsats")}
    trace = xr.DataArray(
        shares,
        dims=("strategy", "state", "cycle"),
        coords={"strategy": list(names), "state": ["well", "dead"], "cycle": np.arange(shares.shape[2])},
    )
    states = {"well": Label("Well", "Rask"), "dead": Label("Dead", "Død")}
    return SimpleNamespace(
        trace=trace,
        cycles_per_year=cycles_per_year,
        comparator="usual",
        strategies=names,
        states=states,
        people_come_and_go=people_come_and_go,
    )


def halves(years: int) -> np.ndarray:
    well = np.array([[kept**year for year in range(years + 1)] for kept in (0.5, 0.75)])
    return np.stack([well, 1 - well], axis=1)


def cells(table: str) -> list[list[str]]:
    return [
        [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)]
        for row in re.findall(r"<tr.*?</tr>", table, re.S)
    ]


def test_of_a_hundred_people_by_year() -> None:
    heads, band, well, dead = cells(cohort_table(content(halves(3)), "en"))  # type: ignore[arg-type]
    assert heads[1:3] == ["End of year 1: Usual", "End of year 1: difference"]
    assert band == ["Programme"]
    assert well == ["Well", "50.0", "+25.0", "25.0", "+31.2", "12.5", "+29.7"]
    assert dead == ["Dead", "50.0", "−25.0", "75.0", "−31.2", "87.5", "−29.7"]


def test_cycles_are_counted_in_years() -> None:
    monthly = content(np.repeat(halves(2), 12, axis=2)[:, :, 11:], 12)  # 25 points: the start and 24 months
    rows = cells(cohort_table(monthly, "da"))  # type: ignore[arg-type]
    assert rows[0][1::2] == ["Udgangen af år 1: Vanlig", "Udgangen af år 2: Vanlig"]
    assert rows[2] == ["Rask", "50,0", "+25,0", "25,0", "+31,2"]


@pytest.mark.parametrize("shares", [np.empty((2, 2, 0)), 7 * halves(2)])
def test_people_who_come_and_go_have_no_table(shares: np.ndarray) -> None:
    assert cohort_table(content(shares), "en") == ""  # type: ignore[arg-type]


def test_a_system_has_no_hundred_people_to_follow() -> None:
    """Its shares are of those present and add up to 1, so they do not tell."""
    assert cohort_table(content(halves(3)), "en")
    assert cohort_table(content(halves(3), people_come_and_go=True), "en") == ""
