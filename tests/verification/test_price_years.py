"""Anchored in shipped models, sound as they are, and in prices that are put on a wrong year by hand."""

from __future__ import annotations

import random
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mutation.verify_faults import faulty

from costeff import bundled, load
from costeff.analysis.study import StudyData
from costeff.evidence import Parameter
from costeff.evidence.prices import PriceIndex
from costeff.evidence.source import Source
from costeff.verification.verify import verify

UNMOVED = ["no_price_of_another_year_stays_unmoved"]
PUT_ON_THE_YEAR = "a price put on the analysis year"


def with_parameters(study: StudyData[Any], sources: dict[str, Source] | None = None, **changed: Parameter) -> Any:
    """The study with other parameters, at the prices of the analysis."""
    evidence = copy(study.evidence)
    evidence.parameters = {**study.evidence.parameters, **changed}
    evidence.sources = {**study.evidence.sources, **(sources or {})}
    return replace(study, evidence=evidence)


@pytest.mark.parametrize(
    ("year", "note", "seen"),
    [(2024, "", False), (2023, "", True), (2019, "median wage in 2019", False), (2021, "from 20210 people", True)],
)
def test_a_price_year_that_nobody_names_is_seen(year: int, note: str, seen: bool) -> None:
    """The analysis is in prices of 2024; an index moves other years there, so the reader refuses none."""
    study = load("followup-teams")
    price = study.evidence.parameters["start_up"]
    assert (price.price_year, price.source) == (2024, ())
    moved = with_parameters(study, start_up=replace(price, price_year=year, note=note, notes={}))
    assert bool(verify(moved, only=["price_years_are_told"]).failures) is seen
    assert moved.evidence.parameters["start_up"].price_year == 2024


@pytest.mark.parametrize("name", bundled.available("models"))
def test_shipped_prices_are_of_the_years_they_say(name: str) -> None:
    ((_, verdict),) = verify(name, only=UNMOVED)
    assert verdict.standing == "pass"


@pytest.mark.parametrize("name", ["rates_2026", "expert-at-work-2025", "own_programme"])
def test_a_scenario_of_another_year_or_price_alarms_nobody(name: str) -> None:
    assert verify(name, only=UNMOVED).failures == ()


SOURCES = {
    "old": Source("Unit costs 2019", seen="seen"),
    "young": Source("A tutorial, 2026", seen="seen"),
    "dated": Source("Unit costs of hospitals 2024, from prices of 2019", seen="seen"),
    "table": Source("Ready days: NOK 5,508 in 2023, 5,745 in 2024", seen="seen"),
    "undated": Source("Unit costs", seen="seen"),
}


@pytest.mark.parametrize(
    ("kind", "source", "amount", "note", "other"),
    [
        ("published", "old", 400, "", 2019),  # a source does not know the prices of years to come
        ("published", "young", 400, "", None),  # but one of later years may tell those of this one
        ("published", "dated", 400, "", None),
        ("published", "undated", 400, "", None),
        ("published", "undated", 400, "the rate of 2026", 2026),  # what stands in a note is about the figure
        ("published", "old", 400, "the rate of 2019, taken as unchanged in 2024", None),
        ("published", "table", 5508, "", 2023),  # both years stand there, each with its amount
        ("published", "table", 5745, "", None),
        ("published", "table", 6000, "", None),
        ("assumption", "old", 400, "", None),  # a judgement of today, whatever it leans on
        ("assumption", "old", 6000, "published as about 6,000 there", 2019),  # taken as it stood
        ("assumption", "old", 6000, "offentliggjort som ca. 6.000 kr.", 2019),
        ("assumption", "old", 6000, "og 6 000 kroner", 2019),
        ("assumption", "old", 2019, "a price of two thousand", None),  # a year is no amount
        ("assumption", "old", 20, "20 % of all", None),
    ],
)
def test_what_notes_and_sources_tell_of_a_price_of_the_year(
    kind: str, source: str, amount: float, note: str, other: int | None
) -> None:
    study = load("followup-teams")
    price = replace(
        study.evidence.parameters["ready_payment"], value=amount, distribution=None, kind=kind, source=(source,)
    )
    changed = with_parameters(study, SOURCES, ready_payment=replace(price, note=note, notes={}))
    ((_, verdict),) = verify(changed, only=UNMOVED)
    assert (verdict.standing, verdict.fields.get("names")) == (
        ("fail", f"ready_payment ({other})") if other else ("pass", None)
    )


@pytest.mark.parametrize(("amount", "other"), [(19728, 2023), (20359, None), (20000, None)])
def test_an_amount_of_the_index_itself_is_told_by_the_index(amount: float, other: int | None) -> None:
    """The maximum unemployment benefit moves other prices: 19,728 in 2023, 20,359 in 2024, the year of the analysis."""
    study = load("connect")
    price = study.evidence.parameters["unemployment_benefit_max"]
    index = study.evidence.price_index
    assert isinstance(index, PriceIndex)
    assert (index.values[2023], index.values[2024], price.price_year) == (19728, 20359, 2024)
    changed = with_parameters(study, unemployment_benefit_max=replace(price, value=amount, distribution=None))
    ((_, verdict),) = verify(changed, only=UNMOVED)
    assert verdict.fields.get("names") == (f"unemployment_benefit_max ({other})" if other else None)


def test_a_year_that_is_put_on_the_analysis_is_seen_and_the_untouched_copy_is_not(tmp_path: Path) -> None:
    (tmp_path / "sound").mkdir()
    _, sound = faulty("connect", "", random.Random(1), tmp_path / "sound")
    assert verify(str(sound), only=UNMOVED).failures == ()
    place, file = faulty("connect", PUT_ON_THE_YEAR, random.Random(1), tmp_path)
    ((_, verdict),) = verify(str(file), only=UNMOVED)
    assert place in {"wage_month", "caseworker_year"}
    assert verdict.fields == {"names": f"{place} (2022)"}


def test_what_is_not_seen_is_a_price_of_a_year_to_come(tmp_path: Path) -> None:
    """The amount of activation is of 2026, by a source of 2026, which might as well have told prices of 2024."""
    study = load("tki2")
    price = study.evidence.parameters["activation_week"]
    assert (price.stated_year, study.model.conventions.price_year) == (2026, 2024)
    changed = with_parameters(study, activation_week=replace(price, stated_year=2024))
    assert verify(changed, only=UNMOVED).failures == ()


def test_a_price_read_in_an_older_source_is_seen(tmp_path: Path) -> None:
    place, file = faulty("krijkamp", PUT_ON_THE_YEAR, random.Random(1), tmp_path)
    ((_, verdict),) = verify(str(file), only=UNMOVED)
    name, years = str(place).removesuffix(" years").split(", ")
    assert verdict.fields == {"names": f"{name} ({2018 - int(years)})"}
