"""Anchored in the shipped model of places: a change after its three years, and more places than there can be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import costeff as ce
from costeff import bundled
from costeff.errors import CosteffError, ModelError
from costeff.messages import error_text, untranslated
from costeff.model import Expression, read_model


def said(error: CosteffError) -> str:
    assert untranslated(error, "da") == []
    return error_text(error, "da").replace("\xa0", " ")


def test_a_change_beyond_the_declared_horizon_is_refused(tmp_path: Path) -> None:
    text = (bundled.data_dir("models") / "haderslev-places.yaml").read_text(encoding="utf-8")
    file = tmp_path / "own.yaml"
    for date, is_late in (("2028-12-30", False), ("2029-06-01", True)):  # of three years from 2026-01-01
        file.write_text(text.replace("date: 2027-01-01", f"date: {date}"), encoding="utf-8")
        if not is_late:
            model = read_model(file)
            assert model.with_horizon(200).conventions.horizon == 200  # a shorter look ends before the change
            continue
        with pytest.raises(ModelError, match="a change of places 'place' beyond the horizon") as refused:
            read_model(file)
        assert "slutter før 2028-12-31" in said(refused.value)
        assert date in said(refused.value)
        assert refused.value.where is not None


def test_more_places_than_there_can_be_are_refused() -> None:
    study = ce.load("haderslev-places")
    system = study.model.system
    assert system is not None
    first, *rest = system.places
    more = replace(first, changes=(replace(first.changes[0], number=Expression("places_left * 1e15")),))
    own = replace(study, model=replace(study.model, system=replace(system, places=(more, *rest))))
    with pytest.raises(CosteffError, match="the number of 'place' is beyond all sense") as refused:
        own.psa(draws=2, individuals=2, progress=False)
    assert "højst 10,000,000 pladser" in said(refused.value)
