"""Anchored in the catalogue of words: pages, workbooks and errors in Danish without the English one, and in a language
that a test invents. A key that is missing is an error, so a page that is written has all its words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result
from ruamel.yaml import YAML
from test_words import INVENTED, PACKAGE

from costeff import catalogue, load, messages
from costeff.catalogue import languages
from costeff.cli import main
from costeff.errors import CosteffError
from costeff.investment.invest import invest
from costeff.investment.read import read_case
from costeff.study.writing import write

DATA = Path(__file__).parents[1] / "data" / "cases"
GOOD = (DATA / "good_case.yaml").read_text(encoding="utf-8")
BAD = YAML(typ="safe", pure=True).load((DATA / "bad_cases.yaml").read_text(encoding="utf-8"))
SMALL = ("--draws", "3", "--individuals", "10", "--quiet")
ENGLISH = re.compile(r"\b(the|and|with|which|parties|discounted|per citizen|present value)\b", re.IGNORECASE)


def call(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], catch_exceptions=False)


def forget() -> None:
    for kept in (catalogue._files, catalogue._words, messages._patterns):
        kept.cache_clear()


@pytest.fixture
def danish_alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The catalogue without its English files."""
    every = catalogue._files("")
    forget()
    monkeypatch.setattr(catalogue, "_files", lambda own: {"da": every["da"]})
    monkeypatch.setenv("CHROMIUM", "/nowhere")
    assert languages() == ("da",)
    yield
    monkeypatch.undo()
    forget()


@pytest.fixture
def invented(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A language of the user: one file of words, and nothing else."""
    folder = tmp_path / "words"
    folder.mkdir()
    (folder / "xx.yaml").write_text(INVENTED, encoding="utf-8")
    monkeypatch.setenv(catalogue.VARIABLE, str(folder))
    monkeypatch.setenv("CHROMIUM", "/nowhere")
    yield
    forget()


def case_file(folder: Path, name: str = "mine", **changes: str) -> Path:
    text = GOOD.replace("case: mine", f"case: {name}")
    for old, new in changes.items():
        text = text.replace(old, new)
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def book_texts(path: Path) -> list[str]:
    book = openpyxl.load_workbook(path)
    return [str(x) for sheet in book for row in sheet.iter_rows(values_only=True) for x in row if x is not None]


def test_a_case_in_danish_alone(danish_alone: None, tmp_path: Path) -> None:
    ended = call("invest", case_file(tmp_path), *SMALL, "--out", tmp_path / "out", "--language", "da")
    assert ended.exit_code == 0, ended.output
    assert "Skrevet til" in ended.output
    assert not ENGLISH.search(ended.stdout), ended.stdout
    page = (tmp_path / "out" / "case.html").read_text(encoding="utf-8")
    assert "Hvem betaler" in page
    assert "efter hukommelsen" in page
    assert "no figure" not in page
    assert "Nutidsværdi, netto" in "\n".join(book_texts(tmp_path / "out" / "case.xlsx")) + page


def test_cases_in_danish_alone(danish_alone: None, tmp_path: Path) -> None:
    cases = case_file(tmp_path, "a"), case_file(tmp_path, "b")
    cases[1].write_text(cases[1].read_text().replace("later: 80", "later: 90"), encoding="utf-8")
    ended = call("compare", *cases, *SMALL, "--out", tmp_path / "out", "--language", "da")
    assert ended.exit_code == 0, ended.output
    assert (tmp_path / "out" / "cases.html").exists()


def test_soem_in_danish_alone(danish_alone: None, tmp_path: Path) -> None:
    ended = call("soem", "tki2012", "--language", "da", "--out", tmp_path / "table.csv")
    assert ended.exit_code == 0, ended.output
    assert "Beregning efter SØM-princippet" in ended.output
    assert "Aktør" in ended.output


def test_a_report_in_danish_alone(danish_alone: None, tmp_path: Path) -> None:
    """The tables that `run` prints on a terminal are in English for economists; its files are not."""
    write(load("sick_sicker").psa(draws=4, seed=1, progress=False), tmp_path / "out", "da")
    assert "Hovedresultat" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Resultat" in openpyxl.load_workbook(tmp_path / "out" / "workbook.xlsx").sheetnames


def test_there_are_enough_bad_cases() -> None:
    assert len(BAD) >= 42
    assert len({str(change) for change in BAD}) == len(BAD)


@pytest.mark.parametrize("change", BAD, ids=lambda change: str(change["stands"])[:30])
def test_errors_of_cases_in_danish(danish_alone: None, change: dict[str, str], tmp_path: Path) -> None:
    """Every sentence of the error has a Danish pattern; names, numbers and the file stay as they are."""
    assert GOOD.count(change["instead_of"]) >= 1
    path = tmp_path / "mine.yaml"
    path.write_text(GOOD.replace(change["instead_of"], change["stands"], 1), encoding="utf-8")
    with pytest.raises(CosteffError) as caught:
        invest(read_case(path), progress=False)
    assert messages.untranslated(caught.value, "da") == []
    told = messages.error_text(caught.value, "da")
    assert "Udvej: " in told
    assert "Way out" not in told
    assert not re.search(r"\b(the|and|with|which|is not|has|write)\b", told), told


def test_a_case_and_a_report_in_an_invented_language(invented: None, tmp_path: Path) -> None:
    ended = call("invest", case_file(tmp_path), *SMALL, "--out", tmp_path / "case", "--language", "xx")
    assert ended.exit_code == 0, ended.output
    assert "«Skrevet til" in ended.output
    page = (tmp_path / "case" / "case.html").read_text(encoding="utf-8")
    assert "«Hvem betaler – hvem får gevinsten»" in page
    assert any(text.startswith("«") for text in book_texts(tmp_path / "case" / "case.xlsx"))
    sizes = ("--draws", "4", "--seed", "1", "--quiet")
    ended = call("run", "sick_sicker", *sizes, "--out", tmp_path / "run", "--language", "xx")
    assert ended.exit_code == 0, ended.output
    assert "«Hovedresultat»" in (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert any(text.startswith("«") for text in book_texts(tmp_path / "run" / "workbook.xlsx"))


def texts_of(node: ast.expr) -> list[str]:
    """A text that code writes, with a word in the place of what is put in; each branch of a choice by itself."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    if isinstance(node, ast.JoinedStr):
        return ["".join(str(part.value) if isinstance(part, ast.Constant) else "X" for part in node.values)]
    if isinstance(node, ast.IfExp):
        return texts_of(node.body) + texts_of(node.orelse)
    if isinstance(node, ast.BoolOp):
        return [text for value in node.values for text in texts_of(value)]
    return []


def texts_of_errors(path: Path) -> list[str]:
    """What a file says in errors: in the calls that raise or make one, and under the names that go into them."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name.endswith("Error") or name in ("refuse", "_problem", "_refuse"):
                keys = [key.value for key in node.keywords if key.arg in ("what", "rule", "way_out")]
                found += [text for value in (*node.args, *keys) for text in texts_of(value)]
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in ("what", "rule", "way_out"):
            found += texts_of(node.value)
    return [text for text in found if " " in text and re.search("[a-z]{2}", text)]


VALUES = ("uptake X", "`X`: X is X")
"""The value of an error, which stays as it is; and a text whose last words are put in, of which there are two."""


@pytest.mark.parametrize("path", sorted((PACKAGE / "investment").rglob("*.py")), ids=lambda path: path.name)
def test_every_error_of_cases_has_a_danish_text(path: Path) -> None:
    lacking = [
        text
        for text in texts_of_errors(path)
        if text not in VALUES and messages._found(text, "da") is None and messages._found(f"X: {text}", "da") is None
    ]
    assert lacking == []
