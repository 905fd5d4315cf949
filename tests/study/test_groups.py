"""Anchored in sums: groups of one attribute make up everyone, and what a group gets is what its people get."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest

from costeff import load
from costeff.labels import Label
from costeff.study.groups import groups as module
from costeff.study.groups.groups import GroupMeasure, GroupResult, Groups, groups
from costeff.study.groups.table import groups_frame, groups_sentences, groups_tables

STRATEGIES = {"usual_care": Label("Usual care", "Vanlig indsats"), "tki2": Label("TKI2", "TKI2")}


@pytest.fixture(scope="module")
def small() -> Groups:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("POOL", 4_000), ("LIVES", 60)):
            patch.setattr(module, name, value)
        result = load("tki2").psa(draws=2, individuals=10, seed=1, progress=False)
        own = groups(result, "municipal")
    assert own is not None
    return own


def test_groups_of_an_attribute_make_up_everyone(small: Groups) -> None:
    """Shares sum to 1, and levels weighted by them come near that of everyone, whose people are others."""
    by_attribute = defaultdict(list)
    for one in small.results:
        by_attribute[one.attribute].append(one)
    (everyone,) = by_attribute.pop("")
    assert list(by_attribute) == ["diagnosis", "origin", "sex", "age", "wage"]
    for own in by_attribute.values():
        assert sum(one.share for one in own) == pytest.approx(1)
        weeks = sum(one.share * one.level["weeks_work"] for one in own)
        assert weeks == pytest.approx(everyone.level["weeks_work"], rel=0.1)  # 480 lives each
    from_work, from_unemployment = (
        next(one for one in small.results if one.label["en"] == name) for name in ("From work", "From unemployment")
    )
    assert from_work.level["citizen"] > from_unemployment.level["citizen"]


def test_measures_and_files(small: Groups) -> None:
    assert [one.name for one in small.measures] == ["weeks_work", "qaly", "citizen", "municipal"]
    frame = groups_frame(small)
    assert len(frame) == len(small.results) * len(small.measures)
    assert np.isfinite(frame[["comparator", "difference", "mcse"]]).all(axis=None)
    for language, word in (("en", "lowest third"), ("da", "laveste tredjedel"), ("nb", "laveste tredel")):
        assert word in groups_tables(small, STRATEGIES, "usual_care", "DKK", language)


def test_sentences_name_the_groups_whose_income_is_settled() -> None:
    def group(label: str, change: float, certain: bool) -> GroupResult:
        own = {"citizen": change}
        name = Label(label, label)
        sex, error = Label("Sex", "Køn"), {"citizen": 1.0}
        return GroupResult("sex", sex, name, 0.5, "tki2", own, error, own, error, {"citizen": certain})

    income = GroupMeasure("citizen", "income", Label("Income", "Indkomst"), "DKK")
    split = Groups((income,), (group("Women", -900.0, True), group("Men", 400.0, True), group("Others", 9.0, False)))
    assert groups_sentences(split, STRATEGIES, "en") == [
        "With TKI2: income after tax falls in Sex: Women. income after tax rises in Sex: Men."
    ]
    unsure = Groups((income,), (group("Women", -900.0, False),))
    assert groups_sentences(unsure, STRATEGIES, "da") == [
        "Med TKI2 stiger eller falder ingen gruppes indkomst efter skat med mere end held."
    ]


def test_no_groups_without_a_declaration() -> None:
    result = load("sick_sicker").psa(draws=2, progress=False)
    assert groups(result, "health_care") is None
