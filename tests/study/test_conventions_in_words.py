"""Anchored in texts written by hand: conventions of a report are words of its language, and no names of the program."""

from __future__ import annotations

import typing

import pytest

from costeff import Result, load
from costeff.catalogue import say
from costeff.labels import Label
from costeff.model.checks.structure import CYCLES_PER_YEAR, DISCOUNTING, EVENTS_AT, WITHIN_CYCLE
from costeff.study.report.conventions_in_words import conventions_in_words, of_items, percent_label
from costeff.types import DrawMethod, Engine


@pytest.mark.parametrize("language", ["en", "da", "nb"])
def test_every_choice_has_words(language: str) -> None:
    choices = {
        "cycle": CYCLES_PER_YEAR,
        "within_cycle": WITHIN_CYCLE,
        "events_at": EVENTS_AT,
        "discounting": DISCOUNTING,
        "engine": typing.get_args(Engine),
        "method": ("base", *typing.get_args(DrawMethod)),
    }
    texts = [say(f"convention_{key}_is_{name}", language) for key, names in choices.items() for name in names]
    assert "_" not in "".join(texts)
    assert all(texts)


@pytest.fixture(scope="module")
def result() -> Result:
    return load("expert-at-work").psa(draws=2, individuals=4, progress=False)


def test_conventions_are_told_in_the_language_of_the_report(result: Result) -> None:
    told = {
        name["nb"]: value["nb"] if isinstance(value, Label) else value for name, value in conventions_in_words(result)
    }
    assert told["Syklus"] == "uke"
    assert told["Diskonteringsregel"] == "etter hele år"
    assert told["Diskonteringsrente, kostnader"] == "4\u00a0%"
    assert told["Senere diskonteringsrenter"] == (
        "fra år 40: kostnad 3\u00a0%, effekt 3\u00a0%; fra år 75: kostnad 2\u00a0%, effekt 2\u00a0%"
    )
    assert told["Beregningsmotor"] == "simulerte livsløp"


def test_few_items_are_named_and_many_are_counted(result: Result) -> None:
    assert of_items(result, "only_items", ("wage",))["da"] == "kun posterne: Løn for arbejde"
    many = tuple(dict.fromkeys(flow.item for flow in result.model.flows))
    assert of_items(result, "only_items", many[:9])["en"].startswith(f"only 9 of {len(many)} items of money")


def test_shares_in_percent() -> None:
    shares = {0.04: "4", 0.035: "3,5", 0.0275: "2,75", 0.0: "0"}
    assert {share: percent_label(share)["da"] for share in shares} == {x: f"{t}\u00a0%" for x, t in shares.items()}
