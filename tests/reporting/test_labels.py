"""Anchors: labels as written in a file of three parameters; every parameter of TKI2 has one in both languages."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from costeff import load
from costeff.errors import EvidenceError
from costeff.evidence import read_evidence
from costeff.labels import Label
from costeff.reporting.charts.tornado import tornado
from costeff.reporting.parameter_labels import parameter_labels

FILE = """parameters:
  stay: {value: 4, unit: weeks, kind: assumption}
  p_a: {value: 0.4, unit: probability, kind: assumption}
  p_b: {value: 0.6, unit: probability, kind: assumption}
groups:
  mix: {distribution: dirichlet, parameters: [p_a, p_b], counts: [4, 6]}
"""


def read(folder: Path, labels: str):
    path = folder / "parameters.yaml"
    path.write_text(FILE + labels, encoding="utf-8")
    return read_evidence(path)


def test_labels_of_parameters_groups_and_lists(tmp_path: Path) -> None:
    evidence = read(tmp_path, "labels:\n  stay: {en: Stay, da: Ophold}\n  mix: Mix\n")
    assert evidence.labels == {"stay": Label("Stay", "Ophold"), "mix": Label("Mix", "Mix")}
    assert evidence.override({"stay": 5}).labels == evidence.labels
    found = parameter_labels(evidence, ["stay + p_a", "p_a,stay", "p_a + p_b"])
    assert found["stay + p_a"] == Label("Stay + p_a", "Ophold + p_a")
    assert found["p_a,stay"] == Label("p_a, Stay", "p_a, Ophold")
    assert "p_a + p_b" not in found


@pytest.mark.parametrize(
    ("labels", "what", "line"),
    [
        ("labels: {stya: Stay}\n", "did you mean stay", 7),
        ("labels:\n  stay: {en: Stay}\n", "lacks `da`", 8),
        ("labels:\n  stay: {en: Stay, da: Ophold, sv: Vistelse}\n", "unknown key", 8),
        ("labels: [stay]\n", "not a mapping", 7),
    ],
)
def test_labels_that_are_refused(tmp_path: Path, labels: str, what: str, line: int) -> None:
    with pytest.raises(EvidenceError) as caught:
        read(tmp_path, labels)
    assert what in str(caught.value)
    assert f"line {line}" in str(caught.value)
    assert "Way out" in str(caught.value)


def test_every_parameter_of_tki2_is_labelled_in_both_languages() -> None:
    study = load("tki2")
    evidence = study.evidence
    assert set(evidence.labels) == {*evidence.parameters, *evidence.groups}
    for label in evidence.labels.values():
        assert label.en
        assert label.da
        assert "_" not in label.en + label.da
    assert len({label.en for label in evidence.labels.values()}) == len(evidence.labels)
    assert len({label.da for label in evidence.labels.values()}) == len(evidence.labels)
    diagnosis = study.model.find("attributes", "diagnosis")
    assert {name: diagnosis.labels[name].da for name in diagnosis.categories} == {
        "heart": "Hjertesygdom",
        "cancer": "Kræft",
        "other": "Anden sygdom",
    }


def row(name: str, **more: object) -> dict[str, object]:
    return {
        "name": name,
        "low_value": 1.0,
        "high_value": 2.5,
        "low_result": -5.0,
        "high_result": 5.0,
        "swing": 10.0,
        "changes_decision": True,
        **more,
    }


def test_the_tornado_shows_labels_units_and_marks_only_what_changes_the_preferred_strategy() -> None:
    table = pd.DataFrame(
        [row("c_stay", changes_preferred=False, unit="DKK per week"), row("u_a", changes_preferred=True, unit="ratio")]
    )
    figure = tornado(table, 0.0, "Result", "da", labels={"u_a": Label("Utility", "Nytte")}, with_marks=True)
    first, second = figure.data[0].y
    assert first == "c_stay<br>1 – 2,5 kr. pr. uge"  # its sign changes, but a third strategy is best
    assert second == "◆ Nytte<br>1 – 2,5"
    alone = tornado(table.drop(columns="changes_preferred"), 0.0, "Result", "da")
    assert all(name.startswith("◆ ") for name in alone.data[0].y)


def test_description_names_parameters_with_their_labels() -> None:
    study = load("tki2")
    assert "\nhr_self_support (Effect on return to self-support): " in study.describe()
    assert "\nhr_self_support (Effekt på selvforsørgelse): " in study.describe("da")
    assert "hr_self_support (Effect on return to self-support)</td>" in study._repr_html_()


def test_a_label_is_no_list_of_texts() -> None:
    """It has a text for whatever is asked, so that going through it would never end."""
    with pytest.raises(TypeError, match="not iterable"):
        set(Label("week", "uge"))  # type: ignore[call-overload]
