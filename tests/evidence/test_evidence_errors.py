"""Anchored in the line at which each mistake is made: every error names file, line, value, rule and way out."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from costeff.errors import EvidenceError
from costeff.evidence import CollectedEvidenceError, read_evidence

DATA = Path(__file__).parents[1] / "data" / "evidence"
SIMPLE = "parameters:\n  x: {value: 0.3, unit: probability, kind: assumption}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for file in DATA.iterdir():
        shutil.copy(file, tmp_path)
    return tmp_path


def parameter(line: str) -> str:
    return f"sources:\n  s: {{title: T, seen: seen}}\nparameters:\n  x: {line}\n"


BROKEN = [
    (
        parameter("{valeu: 1, value: 1, unit: weeks, kind: assumption}"),
        4,
        ["unknown key", "valeu", "did you mean 'value'"],
    ),
    (parameter("\n    value: 1\n    unit: weeks\n    kind: assumption\n    prise: 3"), 8, ["unknown key", "prise"]),
    ("parameters:\n  x: {value: 1}\n  x: {value: 2}\n", 3, ["duplicate key", "'x' stands twice"]),
    ("parameters:\n  x: {value: 1, unit: [}\n", 2, ["not valid YAML"]),
    ("titel: a\n" + SIMPLE, 1, ["unknown key", "titel", "did you mean 'title'"]),
    ("title: a\n", 1, ["lacks `parameters`"]),
    ("parameters: [1, 2]\n", 1, ["not a mapping"]),
    ("- 1\n", 1, ["not a mapping"]),
    (parameter("3"), 4, ["parameter 'x' is not a mapping"]),
    (parameter("{unit: weeks, kind: assumption}"), 4, ["lacks `value`"]),
    (
        parameter("{value: '6,000', unit: weeks, kind: assumption}"),
        4,
        ["`value` is not a number", "6,000", "write 6000 or 6.0"],
    ),
    (parameter("{value: yes, unit: weeks, kind: assumption}"), 4, ["`value` is not a number"]),
    (parameter("{value: true, unit: weeks, kind: assumption}"), 4, ["`value` is not a number", "True"]),
    (parameter("{value: .nan, unit: weeks, kind: assumption}"), 4, ["not finite", "nan"]),
    (parameter("{value: .inf, unit: weeks, kind: assumption}"), 4, ["not finite", "inf"]),
    (parameter("{value: 1, unit: fortnights, kind: assumption}"), 4, ["unknown unit", "fortnights", "hazard per week"]),
    (parameter("{value: 1, unit: weeks, kind: guess}"), 4, ["unknown kind", "guess", "assumption"]),
    (parameter("{value: 1, unit: weeks, kind: published}"), 4, ["no source"]),
    (
        parameter("{value: 1, unit: weeks, kind: published, source: t}"),
        4,
        ["unknown source", "value: t", "a key of `sources`: s"],
    ),
    (parameter("{value: 1, unit: weeks, kind: published, source: 3}"), 4, ["`source` is not a list of names"]),
    (parameter("{value: 1, unit: DKK per week, kind: assumption}"), 4, ["money without a price year"]),
    (parameter("{value: 1, unit: DKK, price_year: soon, kind: assumption}"), 4, ["`price_year` is not a whole number"]),
    (
        parameter("{value: 1, unit: weeks, price_year: 2020, kind: assumption}"),
        4,
        ["price year on something that is not money"],
    ),
    (parameter("{value: 1.2, unit: probability, kind: assumption}"), 4, ["outside its unit", "1.2", "0 to 1"]),
    (parameter("{value: -1, unit: DKK, price_year: 2020, kind: assumption}"), 4, ["outside its unit", "-1"]),
    (parameter("{value: 1.1, unit: utility, kind: assumption}"), 4, ["outside its unit"]),
    (
        parameter("{value: 0.5, unit: share, distribution: normal, se: 0.1, kind: assumption}"),
        4,
        ["normal distribution leaves the unit"],
    ),
    (
        parameter("{value: 0.5, unit: rate per year, distribution: normal, se: 0.1, kind: assumption}"),
        4,
        ["leaves the unit", "may be negative"],
    ),
    (
        parameter("{value: 0.5, unit: share, distribution: bta, se: 0.1, kind: assumption}"),
        4,
        ["unknown distribution", "did you mean 'beta'"],
    ),
    (
        parameter("{value: 0.5, unit: share, distribution: dirichlet, kind: assumption}"),
        4,
        ["unknown distribution", "declare a group"],
    ),
    (
        parameter("{value: 0.5, unit: share, distribution: beta, kind: assumption}"),
        4,
        ["needs one statement of spread", "none"],
    ),
    (
        parameter("{value: 0.5, unit: share, distribution: beta, se: 0.1, interval: [0.4, 0.6], kind: assumption}"),
        4,
        ["needs one statement of spread", "interval, se"],
    ),
    (
        parameter("{value: 0.5, unit: share, interval: [0.4, 0.6], kind: assumption}"),
        4,
        ["`interval` without a distribution"],
    ),
    (
        parameter("{value: 0.5, unit: share, distribution: beta, interval: [0.4], kind: assumption}"),
        4,
        ["`interval` is not a list of 2 numbers"],
    ),
    (
        parameter("{value: 0.5, unit: share, distribution: beta, interval: [0.6, 0.7], kind: assumption}"),
        4,
        ["outside its own interval"],
    ),
    (
        parameter("{value: 0.5, unit: share, distribution: beta, shape: 3, kind: assumption}"),
        4,
        ["`shape` is not a mapping"],
    ),
    (
        parameter("{value: 0.5, unit: share, distribution: beta, shape: {alpha: 2}, kind: assumption}"),
        4,
        ["wrong shape parameters"],
    ),
    (
        parameter("{value: 0.5, unit: share, distribution: beta, shape: {alpha: a, beta: 2}, kind: assumption}"),
        4,
        ["`alpha` is not a number"],
    ),
    (
        parameter("{value: 0.5, unit: share, distribution: beta, shape: {alpha: 2, beta: 3}, kind: assumption}"),
        4,
        ["value and the mean", "value 0.5", "mean 0.4", "1 %"],
    ),
    (parameter("{value: 0.5, unit: share, centre: mode, kind: assumption}"), 4, ["unknown centre", "mode"]),
    ("parameters:\n  1x: {value: 1, unit: weeks, kind: assumption}\n", 2, ["cannot be used", "1x"]),
    ("parameters:\n  draw: {value: 1, unit: weeks, kind: assumption}\n", 2, ["cannot be used"]),
    (SIMPLE + "sources:\n  s: {title: T}\n", 4, ["lacks `seen`"]),
    (SIMPLE + "sources:\n  s: {title: T, seen: maybe}\n", 4, ["how it was seen", "recalled"]),
    (SIMPLE + "sources:\n  s: {title: T, seen: seen, url: u}\n", 4, ["unknown key", "url"]),
    (
        SIMPLE + "groups:\n  g: {distribution: wishart, parameters: [x]}\n",
        4,
        ["group 'g': unknown `distribution`", "wishart"],
    ),
    (
        SIMPLE + "groups:\n  g: {distribution: dirichlet, parameters: [x, z], counts: [3, 7]}\n",
        4,
        ["unknown member", "value: z"],
    ),
    (
        SIMPLE + "groups:\n  g: {distribution: dirichlet, parameters: [x, z], count: [3, 7]}\n",
        4,
        ["unknown key", "did you mean 'counts'"],
    ),
    (
        SIMPLE + "groups:\n  g: {distribution: empirical, parameters: [x], file: none.csv}\n",
        4,
        ["cannot be read", "none.csv"],
    ),
    (
        SIMPLE + "groups:\n  g: {distribution: empirical, parameters: [x], file: posterior.csv}\n",
        4,
        ["lacks a column", "h1, unused, h2"],
    ),
    (SIMPLE + "correlations:\n  - {parameters: [x, y], correlation: 0.5}\n", 4, ["unknown parameter", "value: y"]),
    (SIMPLE + "correlations:\n  - {parameters: [x, x], correlation: 0.5}\n", 4, ["names something twice"]),
    (SIMPLE + "correlations:\n  - {parameters: [x, y], correlation: 1.5}\n", 4, ["out of range", "1.5"]),
    (SIMPLE + "correlations: {x: 1}\n", 3, ["not a list"]),
    (
        SIMPLE + "tables:\n  t: {file: mortality.csv, unit: rate per year, kind: published}\n",
        4,
        ["table 't': no source"],
    ),
    (SIMPLE + "tables:\n  t: {file: mortality.csv, unit: rte, kind: assumption}\n", 4, ["unknown unit"]),
    (SIMPLE + "tables:\n  x: {file: mortality.csv, unit: number, kind: assumption}\n", 2, ["the name of a table"]),
    (SIMPLE + "price_index: {file: index.csv, index: cpi}\n", 3, ["unknown price index", "cpi", "made_up"]),
    (SIMPLE + "price_index: {file: index.csv}\n", 3, ["lacks `index`"]),
]


@pytest.mark.parametrize(
    ("text", "line", "pieces"), BROKEN, ids=[pieces[0][:40] + str(i) for i, (_, _, pieces) in enumerate(BROKEN)]
)
def test_every_error_names_file_line_value_rule_and_way_out(
    folder: Path, text: str, line: int, pieces: list[str]
) -> None:
    file = folder / "broken.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(EvidenceError) as caught:
        read_evidence(file)
    message = str(caught.value)
    for piece in (f"{file}, line {line}: ", "Rule:", "Way out:", *pieces):
        assert piece in message


def test_group_member_with_a_spread_of_its_own(folder: Path) -> None:
    file = folder / "broken.yaml"
    text = (DATA / "complete.yaml").read_text(encoding="utf-8")
    text = text.replace("p_heart: {value: 0.3,", "p_heart: {value: 0.3, distribution: beta,")
    file.write_text(text, encoding="utf-8")
    with pytest.raises(EvidenceError, match="`distribution` on a group member"):
        read_evidence(file)


def test_group_means_are_compared_with_the_values(folder: Path) -> None:
    file = folder / "broken.yaml"
    text = (DATA / "complete.yaml").read_text(encoding="utf-8")
    file.write_text(text.replace("h1: {value: 3,", "h1: {value: 4,"), encoding="utf-8")
    with pytest.raises(EvidenceError) as caught:
        read_evidence(file)
    assert "value 4, mean 3" in str(caught.value)
    assert "line 27" in str(caught.value)


def test_all_problems_come_at_once(folder: Path) -> None:
    file = folder / "broken.yaml"
    file.write_text(
        "titel: x\nparameters:\n  x: {value: a, unit: week, kind: b}\n  y: {value: 2, unit: share, kind: published}\n",
        encoding="utf-8",
    )
    with pytest.raises(CollectedEvidenceError) as caught:
        read_evidence(file)
    lines = [problem.where.line for problem in caught.value.problems]  # type: ignore[union-attr]
    assert lines == [1, 3, 4, 4]
    assert str(caught.value).startswith("4 problems in the evidence")


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "pieces"),
    [
        ("mortality.csv", "60,0.01,0.02", "60,x,0.02", 3, ["column 'women'", "not a number", "value: x"]),
        ("mortality.csv", "60,0.01,0.02", "60,0.01", 3, ["wrong number of cells"]),
        ("mortality.csv", "age,women,men", "age,women,women", 1, ["wrong columns"]),
        ("mortality.csv", "60,", "-5,", None, ["age does not increase"]),
        ("mortality.csv", "0.02", "-0.02", None, ["outside the unit", "-0.02"]),
        ("index.csv", "made_up,2018", "made_up,2012", 3, ["a year twice"]),
        ("index.csv", "2018,110", "2018,much", 3, ["not numeric", "much"]),
        ("index.csv", "2018,110", "2018,0", None, ["not above 0"]),
        ("index.csv", ",assumption", ",published", 2, ["row without a source"]),
        ("index.csv", "index,year", "name,year", 1, ["wrong columns", "add index"]),
        ("posterior.csv", "h1,", "k1,", None, ["lacks a column", "h1"]),
        ("posterior.csv", "2,0,20", "2,0,", 3, ["not a number", "empty"]),
    ],
)
def test_errors_in_the_tables_beside(
    folder: Path, file: str, old: str, new: str, line: int | None, pieces: list[str]
) -> None:
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(EvidenceError) as caught:
        read_evidence(folder / "complete.yaml")
    for piece in pieces + ([f"{folder / file}, line {line}"] if line else []):
        assert piece in str(caught.value)


def test_a_missing_or_unreadable_file(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="no such file"):
        read_evidence(tmp_path / "none.yaml")
    (tmp_path / "latin.yaml").write_bytes("title: æ\n".encode("latin-1"))
    with pytest.raises(EvidenceError, match="not UTF-8"):
        read_evidence(tmp_path / "latin.yaml")
