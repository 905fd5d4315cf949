"""Anchored in the draws that are given: psa(values=), and figures and values typed on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import costeff as ce
from costeff.analysis.given_values import given_values, stated
from costeff.cli import main
from costeff.errors import EvidenceError, ScenarioError
from costeff.evidence import Beta, Evidence, Parameter
from costeff.evidence.distributions.joint import Dirichlet
from costeff.shell.precision import typed_figures


@pytest.fixture(scope="module")
def study() -> ce.Study:
    return ce.load("sick_sicker")


def run(*options: str) -> str:
    few = ("--draws", "4", "--individuals", "20", "--seed", "1", "--quiet")
    ended = CliRunner().invoke(main, ["run", "sick_sicker", *few, *options])
    assert ended.exception is None or isinstance(ended.exception, SystemExit), repr(ended.exception)
    return str(ended.output)


def name_of(study: ce.Study, unit: str) -> str:
    """An uncertain parameter of a unit that is drawn by itself."""
    return next(p.name for p in study.evidence.parameters.values() if p.unit.startswith(unit) and not p.group)


# psa(values=)


def test_given_columns_are_the_draws_and_the_others_are_as_before(study: ce.Study, tmp_path: Path) -> None:
    names = list(study.evidence.draw(6, 3))
    first = str(names[0])
    column = np.asarray(study.evidence.draw(6, 99)[first])
    usual = study.psa(6, 20, seed=3, progress=False)
    for values in ({first: column}, pd.DataFrame({"draw": range(6), first: column})):
        given = study.psa(individuals=20, seed=3, values=values, progress=False)
        assert np.array_equal(given.parameters[first], column)
        for name in names[1:]:
            assert np.array_equal(given.parameters[str(name)], usual.parameters[str(name)])
    pd.DataFrame({first: column}).to_csv(tmp_path / "posterior.csv", index=False)
    read = study.psa(individuals=20, seed=3, values=tmp_path / "posterior.csv", progress=False)
    assert np.array_equal(read.perspective().cost, given.perspective().cost)


def test_the_usual_draws_given_back_are_the_usual_run(study: ce.Study) -> None:
    usual = study.psa(5, 20, seed=4, progress=False)
    again = study.psa(individuals=20, seed=4, values=usual.parameters, progress=False)
    assert np.array_equal(usual.perspective().cost, again.perspective().cost)


def test_what_was_given_stands_among_the_differences(study: ce.Study) -> None:
    first = str(next(iter(study.evidence.draw(2, 1))))
    column = np.asarray(study.evidence.draw(8, 1)[first])
    row = study.psa(individuals=10, values={first: column}, progress=False).study.evidence.differences().iloc[0]
    assert (row["name"], row["distribution"], row["setter"]) == (first, "empirical", "psa(values=)")
    assert row["value"] == pytest.approx(column.mean())


PART = Evidence(
    [Parameter(name, 0.5, "share", group="mix", kind="assumption") for name in "ab"]
    + [Parameter("p", 0.25, "probability", Beta(2, 6), kind="assumption")],
    [Dirichlet(("a", "b"), np.array([2.0, 2.0]), name="mix")],
)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"q": [0.1, 0.2]}, r"unknown parameter \(value: q\)"),
        ({"p": [0.1, 0.2], "a": [0.1]}, "not a column of draws"),
        (
            {"p": [0.1, 0.2], "a": [0.1, 0.2, 0.3], "b": [0.9, 0.8, 0.7]},
            r"not equally long \(value: p: 2, a: 3, b: 3\)",
        ),
        ({"p": [0.1, 1.2]}, r"draw 2: a value of parameter 'p' cannot be \(value: 1.2\)"),
        ({"p": [np.nan, 0.2]}, r"draw 1: .*\(value: nan\)"),
        ({"p": ["a", "b"]}, "no numbers"),
        ({"p": 0.5}, r"not a column of draws.*\n(.*\n)*.*run\(values=\)"),
        ({"a": [0.1, 0.2]}, r"a part of group 'mix'.*\n(.*\n)*.*give b too"),
        ({"draw": [1, 2]}, "names no parameter"),
        (5, "values= is no table"),
    ],
)
def test_values_that_cannot_be_are_refused(values: object, said: str) -> None:
    with pytest.raises(EvidenceError, match=said):
        given_values(PART, values)  # type: ignore[arg-type]


def test_a_whole_group_may_be_given() -> None:
    given = given_values(PART, {"a": [0.1, 0.2], "b": [0.9, 0.8]})
    told = stated(PART, given)
    assert told.groups["mix"].members == ()
    assert told.parameters["a"].mean == pytest.approx(0.15)


@pytest.mark.parametrize("more", [{"draws": 5}, {"method": "sobol"}, {"target_error": 10.0}], ids=str)
def test_options_that_do_not_go_with_given_draws(study: ce.Study, more: dict[str, object]) -> None:
    first = str(next(iter(study.evidence.draw(2, 1))))
    column = np.asarray(study.evidence.draw(3, 1)[first])
    with pytest.raises(ScenarioError, match="does not go with the draws that are given"):
        study.psa(values={first: column}, progress=False, **more)  # type: ignore[arg-type]


# run --set, run --wtp


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["wait"], "takes a name and a number"),
        (["=3"], "takes a name and a number"),
        (["wait=3", "wait=4"], "names 'wait' twice"),
        (["wait=1.000"], "two ways"),
        (["wait=1,000"], "two ways"),
        (["wait=much"], "--set wait: this is not a number"),
        (["wait="], "not a number"),
    ],
)
def test_figures_that_do_not_read_one_way(typed: list[str], said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        typed_figures(typed)


def test_a_typed_figure_is_an_assumption_that_is_shown(study: ce.Study, tmp_path: Path) -> None:
    name = name_of(study, "utility")
    text = run("--set", f"{name}=0,5", "--out", str(tmp_path / "out"))
    assert "set on the command line" in text
    told = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))
    (row,) = told["differences"]
    assert (row["name"], row["value"], row["set_by"], row["kind"]) == (name, 0.5, "command_line", "assumption")
    assert "set on the command line" in (tmp_path / "out" / "report.html").read_text("utf-8")
    draws = pd.read_csv(tmp_path / "out" / "draws.csv")
    assert set(draws[name]) == {0.5}


def test_an_unknown_figure_is_refused_with_the_closest(study: ce.Study) -> None:
    name = name_of(study, "utility")
    text = run("--set", f"{name}x=0.5")
    assert f"unknown parameter (value: {name}x)" in text
    assert f"did you mean {name}" in text


def test_a_typed_value_is_the_one_of_headline_curve_and_files(tmp_path: Path) -> None:
    text = run("--wtp", "100000", "--out", str(tmp_path / "out"))
    assert "The decision at 100,000 USD per QALY" in text
    told = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))
    assert told["wtp"] == {"effect": "qaly", "range": [0.0, 200_000.0], "at": 100_000.0}
    assert "nmb_at_100000" in (tmp_path / "out" / "pairwise.csv").read_text("utf-8").splitlines()[0]
    assert "Acceptability curve" in (tmp_path / "out" / "report.html").read_text("utf-8")


def test_nothing_to_pay_is_a_value_too(tmp_path: Path) -> None:
    text = run("--wtp", "0", "--out", str(tmp_path / "out"))
    assert "The decision at 0 USD per QALY" in text, text
