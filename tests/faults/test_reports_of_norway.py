"""Anchored in what is right by construction: who is paid what the work costs has 0, and a Norwegian note is Norwegian.

Given: `costeff run followup-teams --language nb`. The GP had 0,000000 and an error of 0,000000002; notes of
price levels and the unit "hours" stood in English.
"""

from __future__ import annotations

import costeff as ce
from costeff.catalogue import say
from costeff.reporting.parameter_labels import parameter_notes
from costeff.reporting.unit_names import parameter_unit


def test_a_party_whose_receipts_are_its_work_has_nothing() -> None:
    table = ce.load("followup-teams").psa(8, seed=1, progress=False).parties()
    gp = table[(table["party"] == "gp") & (table["strategy"] == "coordinator")].iloc[0]
    assert [gp[key] for key in ("usual_care", "coordinator", "increment", "mcse", "lo", "hi")] == [0] * 6
    team = table[(table["party"] == "gp") & (table["strategy"] == "team")].iloc[0]
    assert team["increment"] > 100  # hours in meetings that no fee pays


def test_notes_and_units_are_norwegian() -> None:
    evidence = ce.load("followup-teams").evidence
    notes = [note["nb"] for note in parameter_notes(evidence.parameters.values()).values()]
    moved = [note for note in notes if "priser med" in note]
    assert moved
    assert not any("moved from" in note or "index values" in note for note in notes)
    assert all(say("kind_assumption", "nb") in note for note in moved if "indeksverdier" in note)
    assert parameter_unit("hours per week", "nb") == "timer per uke"
