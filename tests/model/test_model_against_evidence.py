"""Anchored in the rules of docs/model_language.md: a model against its parameters, one thing wrong at a time."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from test_model_check import FIGURES, FOLDER, ILL, TEXT, small

from costeff.errors import CosteffError, EvidenceError, FormulaError, ModelError, Place
from costeff.evidence import Parameter, read_evidence
from costeff.model import check_against, check_model, read_model
from costeff.model.checks import against_evidence as check_values
from costeff.model.checks import plausible as check_plausible
from costeff.model.checks import units as check_units


def fresh(tmp_path: Path, model: tuple[str, str] = ("", ""), figures: tuple[str, str] = ("", "")) -> None:
    """Read the example with one passage of each file replaced, and check the model against its evidence."""
    for name, text, (old, new) in (("example", TEXT, model), ("example_parameters", FIGURES, figures)):
        assert not old or text.count(old) == 1
        (tmp_path / f"{name}.yaml").write_text(text.replace(old, new) if old else text, encoding="utf-8")
    table = (FOLDER / "example_mortality.csv").read_text(encoding="utf-8")
    (tmp_path / "example_mortality.csv").write_text(table, encoding="utf-8")
    evidence = read_evidence(tmp_path / "example_parameters.yaml")
    check_against(read_model(tmp_path / "example.yaml"), evidence)


def line_of(text: str, piece: str) -> int:
    return text[: text.index(piece)].count("\n") + 1


def test_the_example_is_whole(tmp_path: Path) -> None:
    fresh(tmp_path)
    model, evidence = (read_model(tmp_path / "example.yaml"), read_evidence(tmp_path / "example_parameters.yaml"))
    assert check_model(model) == set(evidence.parameters)
    found = [check.problems(model, evidence) for check in (check_units, check_plausible, check_values)]
    assert found == [[], [], []]


def test_unknown_name_in_a_formula(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="reads an unknown name") as caught:
        fresh(tmp_path, ("amount: listing_cost", "amount: listing_csot"))
    assert caught.value.where == Place(str(tmp_path / "example.yaml"), line_of(TEXT, "amount: listing_cost"))
    assert caught.value.value == "listing_csot"
    assert "'listing_cost'" in str(caught.value)


def test_unread_parameter(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="no formula of the model reads parameter 'listing_cost'") as caught:
        fresh(tmp_path, ("amount: listing_cost", "amount: 5"))
    expected = Place(str(tmp_path / "example_parameters.yaml"), line_of(FIGURES, "listing_cost:"))
    assert caught.value.where == expected
    assert "Way out: delete it" in str(caught.value)


def test_several_unread_parameters(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="2 problems") as caught:
        fresh(tmp_path, ("amount: programme_cost * mso_share", "amount: 5"))
    assert "'programme_cost'" in str(caught.value)
    assert "'mso_share'" in str(caught.value)


def test_unknown_table_and_column(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="unknown table 'deaths'"):
        fresh(tmp_path, ("lookup(mortality,", "lookup(deaths,"))
    with pytest.raises(ModelError, match="unknown column of table 'mortality' 'sexx'"):
        fresh(tmp_path, ("cycles_per_year, sex)", "cycles_per_year, sexx)"))


def test_a_column_coded_by_an_attribute_that_is_no_stratum(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="unknown column of table 'mortality' 'sex'"):
        fresh(tmp_path, ("strata: [sex], ", ""))


def test_a_parameter_hidden_by_an_attribute(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="a parameter has a name of the model") as caught:
        fresh(tmp_path, figures=("  hr_cancer: {", "  wage: {"))
    assert "wage" in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "piece"),
    [
        ("value: 0.3, unit: probability, kind", "value: 1.3, unit: probability, kind", "1.3"),  # above 1
        ("value: 47, unit: years", "value: 47, unit: yeers", "yeers"),  # wrong unit
        ("interval: [0.8, 1.8], kind: derived, source: made_up", "interval: [0.8, 1.8], kind: derived", "source"),
    ],
)
def test_figures_that_the_evidence_refuses(old: str, new: str, piece: str, tmp_path: Path) -> None:
    with pytest.raises(EvidenceError) as caught:
        fresh(tmp_path, figures=(old, new))
    assert piece in str(caught.value)
    assert f"line {line_of(FIGURES, old)}" in str(caught.value)


@pytest.mark.parametrize("formula", ["__import__('os').system('id')", "hr.__class__", "open('x')", "hr[0]"])
def test_formulas_that_reach_out(formula: str, tmp_path: Path) -> None:
    with pytest.raises(FormulaError) as caught:
        fresh(tmp_path, ("hr_waned: hr ** 0.5", f'hr_waned: "{formula}"'))
    assert caught.value.where == Place(str(tmp_path / "example.yaml"), line_of(TEXT, "hr_waned:"))


def test_evidence_is_only_asked_for_parameters_and_tables() -> None:
    model = small(ILL)
    p = Parameter("p", 0.1, "number", kind="assumption")
    check_against(model, SimpleNamespace(parameters={"p": p}, tables={}))
    with pytest.raises(ModelError, match="unknown name"):
        check_against(model, SimpleNamespace(parameters={}, tables={}))


@pytest.mark.parametrize(("name", "unit"), [("p", "weeks"), ("q", "number")])
def test_a_model_that_fitted_is_held_against_other_units_and_names(name: str, unit: str) -> None:
    """Names and units that fitted are not looked at again; the answer is that of a model that was never checked."""
    model, p = small(ILL), Parameter("p", 0.1, "number", kind="assumption")
    check_against(model, SimpleNamespace(parameters={"p": p}, tables={}))
    parameters = {"p": p, name: Parameter(name, 0.1, unit, kind="assumption")}
    answers = []
    for one in (model, small(ILL)):
        with pytest.raises(CosteffError) as caught:
            check_against(one, SimpleNamespace(parameters=parameters, tables={}))
        answers.append(str(caught.value))
    assert answers[0] == answers[1]
