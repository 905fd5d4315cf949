"""Cases and comparisons of cases: inputs that were computed, or found out, only after the whole simulation."""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from fault import fault

from costeff.cli import main

SMALL = ("--draws", "3", "--individuals", "4", "--quiet")
CASE = """case: {name}
title: {{en: "Case {name}", da: "Sag {name}"}}
scenario: tki2
first_year: 2026
years: {years}
price_year: 2026
inflow: {inflow}
programme:
  departments: {departments}
  variable: {variable}
"""


@pytest.fixture(autouse=True)
def no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """No PDF is needed here."""
    monkeypatch.setenv("CHROMIUM", "")


@pytest.fixture
def simulated(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How often a simulation was begun; it is not made."""
    begun: list[int] = []

    def count(*_: object, **__: object) -> None:
        begun.append(1)
        raise RuntimeError("a simulation was begun")

    monkeypatch.setattr(importlib.import_module("costeff.investment.invest"), "case_quantities", count)
    return begun


def written(folder: Path, name: str, more: str = "", **changes: object) -> Path:
    values = {"years": 2, "inflow": "{2026: 40, later: 10}", "departments": "{mso: 0.4, msb: rest}", "variable": 12000}
    path = folder / f"{name}.yaml"
    path.write_text(CASE.format(**{"name": name, **values, **changes}) + more, encoding="utf-8")
    return path


def call(*words: object) -> Any:
    return CliRunner().invoke(main, [str(word) for word in words])


def refused(ended: Any, match: str) -> None:
    assert (ended.exit_code, type(ended.exception)) == (2, SystemExit), repr(ended.exception)
    assert re.search(match, ended.output), ended.output


CAPACITY = "capacity: {{consultants: {0}, caseload: 20, course: 26, leaves: end_of_sickness_benefit}}\nmeant: [staff]\n"


@pytest.mark.parametrize(
    ("more", "match"),
    [
        pytest.param(
            more,
            match,
            id=given,
            marks=fault(
                kind="a case that nobody begins is found out after the simulation, without file and line",
                given=given,
                right="refused before anything runs, with file and line",
            ),
        )
        for more, match, given in (
            (CAPACITY.format("0"), r"a\.yaml, line 11: .*no places", "consultants: 0"),
            (
                CAPACITY.format("{2026: 0, 2027: 0, 2028: 0, 2029: 1}"),
                r"a\.yaml, line 11: .*no places",
                "consultants who come when everybody has left the queue",
            ),
            ("uptake: 0\n", r"a\.yaml, line 11: nobody takes the offer", "uptake: 0"),
        )
    ],
)
def test_nobody_begins(tmp_path: Path, simulated: list[int], more: str, match: str) -> None:
    path = written(tmp_path, "a", more, years=4, inflow="{2026: 40, later: 0}")
    refused(call("invest", path, *SMALL), match)
    assert not simulated


@fault(
    kind="a programme that nobody begins changes lives",
    given="0.001 consultants, so that 0.08 citizens begin in two years; 4 simulated citizens",
    right="the citizens in all change by less than a week",
)
def test_a_tiny_capacity_has_a_tiny_effect(tmp_path: Path) -> None:
    path = written(tmp_path, "a", CAPACITY.format("0.001"))
    assert call("invest", path, *SMALL, "--out", tmp_path / "out").exit_code == 0
    told = json.loads((tmp_path / "out" / "case.json").read_text(encoding="utf-8"))
    change = {x["label"]["en"]: x["mean"] for x in told["effects"]}
    assert max(abs(weeks) for weeks in change.values()) < 1, change


@fault(
    kind="a case of one year is refused for effects that no case tells", given="years: 1", right="one year is computed"
)
def test_one_year(tmp_path: Path) -> None:
    ended = call("invest", written(tmp_path, "a", years=1, inflow=40), *SMALL)
    assert ended.exit_code == 0, ended.output
    assert "1 year" in ended.output


@pytest.mark.parametrize(
    ("changes", "more", "match"),
    [
        pytest.param(
            {},
            more,
            match,
            id=given,
            marks=fault(
                kind="a name in a case that is no file is refused without file and line",
                given=given,
                right="file and line of the case",
            ),
        )
        for more, match, given in (("rules: denmrk\n", r"a\.yaml, line 11: .*denmrk", "rules: denmrk"),)
    ],
)
def test_names_have_places(tmp_path: Path, changes: dict[str, Any], more: str, match: str) -> None:
    refused(call("invest", written(tmp_path, "a", more, **changes), *SMALL), match)


@pytest.mark.parametrize(
    ("variable", "way_out"),
    [
        pytest.param(
            variable,
            way_out,
            id=variable,
            marks=fault(
                kind="an amount with its unit is called a formula with wrong parentheses",
                given=f"variable: {variable}",
                right=f"the way out: write {way_out}",
            ),
        )
        for variable, way_out in (("kr. 500", "500"), ("1500,-", "1500"), ("12,5 %", "0.125"), ("1,500", "1500 or 1.5"))
    ],
)
def test_amounts_with_units(tmp_path: Path, variable: str, way_out: str) -> None:
    refused(call("invest", written(tmp_path, "a", variable=variable), *SMALL), rf"write .*{re.escape(way_out)}")


OTHER = "  label: {en: Early back pain coordination, da: Tidlig rygindsats}\n"
OWN = '{mso: {share: 0.4, label: "Health, Randers"}, msb: {share: rest, label: {en: Job centre, da: Jobcenter}}}'


@pytest.mark.parametrize("language", ["en", "da"])
@fault(
    kind="a case of another programme is printed under the model's names",
    given="a case that names its programme and its departments in its own words",
    right="those words on the page, in the tables and on the terminal",
)
def test_own_words(tmp_path: Path, language: str) -> None:
    path = written(tmp_path, "a", OTHER, departments=OWN)
    ended = call("invest", path, *SMALL, "--out", tmp_path / "out", "--language", language)
    assert ended.exit_code == 0, ended.output
    programme, centre = {
        "en": ("Early back pain coordination", "Job centre"),
        "da": ("Tidlig rygindsats", "Jobcenter"),
    }[language]
    page = (tmp_path / "out" / "case.html").read_text(encoding="utf-8")
    body = page[page.index("<body") :]
    for words in (programme, centre, "Health, Randers"):
        assert words in body, words
        assert words in ended.output, words
    for name in ("who_gains", "items", "cash"):
        table = (tmp_path / "out" / f"{name}.csv").read_text(encoding="utf-8-sig")
        assert "TKI2" not in table, name
        assert "(MSB)" not in table, name
    assert centre in (tmp_path / "out" / "who_gains.csv").read_text(encoding="utf-8-sig")


PRICED = """parameters: {start_cost: {value: 12000, unit: DKK, price_year: 2026, kind: assumption, note: a guess}}
labels: {start_cost: {en: Cost of the start, da: Startudgift}}
"""


@pytest.mark.parametrize(
    ("language", "words"),
    [
        pytest.param(
            language,
            words,
            id=language,
            marks=fault(
                kind="a case's own figures are shown by their code names",
                given="a parameter of the case with a label",
                right=words,
            ),
        )
        for language, words in (("en", "Cost of the start: 12,000"), ("da", "Startudgift: 12.000"))
    ],
)
def test_own_parameters_have_names(tmp_path: Path, language: str, words: str) -> None:
    ended = call("invest", written(tmp_path, "a", PRICED, variable="start_cost"), *SMALL, "--language", language)
    assert words in ended.output, ended.output


@fault(
    kind="a label of nothing is dropped without a word",
    given="labels: {strat_cost: ...} beside the parameter start_cost",
    right="refused with file, line and the name that was meant",
)
def test_labels_are_of_parameters(tmp_path: Path) -> None:
    more = PRICED.replace("labels: {start_cost", "labels: {strat_cost")
    refused(
        call("invest", written(tmp_path, "a", more, variable="start_cost"), *SMALL),
        "line 12.*strat_cost(.|\n)*start_cost",
    )


@fault(
    kind="the model's own cost is shared otherwise than the case's departments say, without a word",
    given="departments: {mso: 0.4, msb: rest} without `variable`, where the model shares half and half",
    right="both shares said on the terminal",
)
def test_the_models_own_split_is_said(tmp_path: Path) -> None:
    path = written(tmp_path, "a", variable=0)
    path.write_text(path.read_text(encoding="utf-8").replace("  variable: 0\n", ""), encoding="utf-8")
    ended = call("invest", path, *SMALL)
    assert "is paid as the model has it" in ended.output, ended.output


PAIRS = [
    ("the same name in two files", ("a", ""), ("a", ""), "two cases have the same name"),
    ("a case called nothing", ("a", ""), ("nothing", ""), "may not have this name"),
    ("another tax", ("a", ""), ("b", "set: {municipal_tax: 0.26}\n"), "prices, taxes or usual care differ"),
    ("another wage", ("a", ""), ("b", "set: {wage_month: 40000}\n"), "prices, taxes or usual care differ"),
    ("another discount rate", ("a", ""), ("b", "set: {discount_rate: 0.01}\n"), "prices, taxes or usual care differ"),
]


@pytest.mark.parametrize(
    ("first", "second", "match"),
    [
        pytest.param(
            first,
            second,
            match,
            id=given,
            marks=fault(
                kind="cases that cannot be compared are refused after the whole simulation",
                given=given,
                right=f"refused before anything is simulated: {match}",
            ),
        )
        for given, first, second, match in PAIRS
    ],
)
def test_compare_refuses_before_it_runs(
    tmp_path: Path, simulated: list[int], first: tuple[str, str], second: tuple[str, str], match: str
) -> None:
    (tmp_path / "other").mkdir()
    paths = [written(tmp_path, *first), written(tmp_path / "other", *second)]
    refused(call("compare", *paths, *SMALL), match)
    assert not simulated


@pytest.mark.parametrize(
    ("one", "other", "match"),
    [
        pytest.param(
            one,
            other,
            match,
            id=given,
            marks=fault(
                kind="cases that do not share their luck are compared, or refused for another reason",
                given=given,
                right=f"refused before anything is simulated: {match}",
            ),
        )
        for given, one, other, match in (
            (
                "3 and 4 draws under `run`",
                "draws: 3, individuals: 4",
                "draws: 4, individuals: 4",
                "same number of draws",
            ),
            (
                "4 and 6 individuals",
                "draws: 3, individuals: 4",
                "draws: 3, individuals: 6",
                "same number of individuals",
            ),
            ("seeds 1 and 2", "draws: 3, individuals: 4, seed: 1", "draws: 3, individuals: 4, seed: 2", "same seed"),
        )
    ],
)
def test_compare_shares_luck(tmp_path: Path, simulated: list[int], one: str, other: str, match: str) -> None:
    paths = [written(tmp_path, "a", f"run: {{{one}}}\n"), written(tmp_path, "b", f"run: {{{other}}}\n")]
    refused(call("compare", *paths, "--quiet"), match)
    assert not simulated


@fault(
    kind="a slip in an option of a comparison is found out after the simulation",
    given="--perspective municipl",
    right="refused before anything is simulated, with the name that was meant",
)
def test_compare_perspective(tmp_path: Path, simulated: list[int]) -> None:
    paths = [written(tmp_path, "a"), written(tmp_path, "b", variable=20000)]
    refused(call("compare", *paths, *SMALL, "--perspective", "municipl"), "unknown party.*municipl(.|\n)*'municipal'")
    assert not simulated


@fault(
    kind="a case that is not there is called a scenario",
    given="compare a.yaml missing.yaml",
    right="refused: no such file",
)
def test_compare_missing(tmp_path: Path) -> None:
    refused(call("compare", written(tmp_path, "a"), tmp_path / "missing.yaml", *SMALL), "no such file")


@fault(
    kind="one case under two names is ranked as two",
    given="the same case under the names a and b",
    right="said: the same cash flow in every draw",
)
def test_the_same_case_twice(tmp_path: Path) -> None:
    paths = [written(tmp_path, "a"), written(tmp_path, "b")]
    ended = call("compare", *paths, *SMALL)
    assert ended.exit_code == 0, ended.output
    assert "the same cash flow in every draw" in ended.output


@fault(
    kind="capitals and blanks make the same citizens different ones",
    given="citizens: north in one case and North in the other",
    right="the same citizens: at most one is chosen",
)
def test_declared_citizens_are_words(tmp_path: Path) -> None:
    paths = [written(tmp_path, "a", "citizens: north\n"), written(tmp_path, "b", "citizens: 'North '\n", variable=1)]
    ended = call("compare", *paths, *SMALL)
    assert ended.exit_code == 0, ended.output
    assert "at most one of them is chosen" in ended.output


@fault(
    kind="a limit that was asked for is answered nowhere on the terminal",
    given="compare a.yaml b.yaml --limit 500000",
    right="which cases are chosen within it",
)
def test_limits_are_answered(tmp_path: Path) -> None:
    paths = [written(tmp_path, "a"), written(tmp_path, "b", variable=20000)]
    ended = call("compare", *paths, *SMALL, "--limit", "500000")
    assert ended.exit_code == 0, ended.output
    assert re.search(r"500,000.DKK of financing: (none|Case)", ended.output), ended.output


@fault(
    kind="a projection of later prices is said to be the price level",
    given="price_year 2026 with price_index: {2027: 1.034}",
    right="2026 is not called a projection",
)
def test_a_projection_beyond_the_price_year(tmp_path: Path) -> None:
    path = written(tmp_path, "a", "price_index: {2027: 1.034}\n")
    assert call("invest", path, *SMALL, "--out", tmp_path / "out").exit_code == 0
    page = (tmp_path / "out" / "case.html").read_text(encoding="utf-8")
    assert "The price level of 2026 is a projection" not in page
    assert "2026 p/l (projection)" not in page


@fault(
    kind="a case without rules is computed under those of another year without a word",
    given="a case of 2060 without `rules`",
    right="said on the terminal and on the page",
)
def test_without_rules(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    text = written(tmp_path, "a", inflow=40).read_text(encoding="utf-8").replace("2026\nyears", "2060\nyears")
    path.write_text(text, encoding="utf-8")
    ended = call("invest", path, *SMALL)
    assert ended.exit_code == 0, ended.output
    assert "names no `rules`" in ended.output


@pytest.mark.parametrize(
    ("inflow", "words"),
    [
        pytest.param(
            inflow,
            words,
            id=words,
            marks=fault(kind="few citizens are told as another number", given=f"inflow: {inflow}", right=words),
        )
        for inflow, words in (
            ("{2026: 1, 2027: 0}", "1 citizen begins"),
            ("{2026: 0.4, 2027: 0.4}", "0.8 citizens begin"),
        )
    ],
)
def test_few_citizens(tmp_path: Path, inflow: str, words: str) -> None:
    ended = call("invest", written(tmp_path, "a", inflow=inflow), *SMALL)
    assert words in ended.output, ended.output
