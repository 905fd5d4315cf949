"""Tables that were read in part, executed by a spreadsheet, or never read to an end."""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from fault import fault

from costeff.cli import main

ROOT = Path(__file__).parents[2]
UNREADABLE = "not a readable XLSX file"
SHEET = "xl/worksheets/sheet1.xml"


def workbook(folder: Path, change: Callable[[str], str]) -> Path:
    """The shipped SØM calculation as a workbook whose sheet is doctored by `change`."""
    whole, made = folder / "whole.xlsx", folder / "table.xlsx"
    assert CliRunner().invoke(main, ["soem", "tki2012", "--out", str(whole)]).exit_code == 0
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.infolist():
            data = source.read(part)
            if part.filename == SHEET:
                text = data.decode()
                data = change(text).encode()
                assert data.decode() != text
            target.writestr(part.filename, data)
    return made


def soem(file: Path) -> tuple[int, str]:
    ended = CliRunner().invoke(main, ["soem", str(file)])
    assert ended.exception is None or isinstance(ended.exception, SystemExit), repr(ended.exception)
    return ended.exit_code, ended.output


def dimension(ref: str) -> Callable[[str], str]:
    return lambda text: re.sub(r'<dimension ref="[^"]*"', f'<dimension ref="{ref}"', text)


@pytest.mark.parametrize(
    "ref",
    [
        pytest.param(
            ref,
            marks=fault(
                kind="rows beyond a workbook's stated dimension are dropped",
                given=f"a SØM table whose sheet says {ref}",
                right="All payers 3,000,000",
            ),
        )
        for ref in ("A1:I9", "A1", "A1:D30", "A1:I3")
    ],
)
def test_a_stated_dimension_hides_nothing(tmp_path: Path, ref: str) -> None:
    code, said = soem(workbook(tmp_path, dimension(ref)))
    assert (code, re.findall(r"All payers.*?(-?[\d,]{5,})", said)[-1:]) == (0, ["3,000,000"])


def swapped(text: str) -> str:
    rows = re.findall(r"<row .*?</row>", text, re.S)
    return text.replace(rows[3] + rows[4], rows[4] + rows[3])


def doubled(text: str) -> str:
    last = re.findall(r"<row .*?</row>", text, re.S)[-1]
    return text.replace(last, last + last)


def far(text: str) -> str:
    cell = '<row r="1048576"><c r="A1048576"><v>1</v></c></row>'
    return dimension("A1:I11")(text).replace("</sheetData>", f"{cell}</sheetData>")


def wide(text: str) -> str:
    return re.sub(r'(<row r="2".*?)(</row>)', r'\1<c r="XFD2"><v>1</v></c>\2', text, count=1, flags=re.S)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        pytest.param(
            change,
            match,
            id=name,
            marks=fault(
                kind="a doctored workbook is read in part or ends in a traceback", given=name, right=f"refused: {match}"
            ),
        )
        for name, change, match in [
            ("rows in another order", swapped, "rows out of order"),
            ("a row twice", doubled, "rows out of order"),
            ("a cell in row 1,048,576", far, "outside the table"),
            ("a cell in column XFD", wide, "outside the table"),
            ("cut XML", lambda text: text[: len(text) // 2], UNREADABLE),
            ("a number that is none", lambda text: text.replace("<v>6000.0</v>", "<v>x0</v>"), UNREADABLE),
            ("an entity of a file", lambda text: text.replace("<v>6000.0</v>", "<v>&file;</v>"), UNREADABLE),
            ("a sheet of 120 MB unpacked", lambda text: text + " " * 120_000_000, "too large"),
        ]
    ],
)
def test_a_doctored_workbook_is_refused(tmp_path: Path, change: Callable[[str], str], match: str) -> None:
    code, said = soem(workbook(tmp_path, change))
    assert (code, match in said) == (2, True), said
    assert "table.xlsx" in said


@fault(
    kind="a CSV cell that a spreadsheet executes",
    given="labels =HYPERLINK(...), +cmd|... of effects and items",
    right="each such cell begins with an apostrophe",
)
def test_no_cell_of_a_result_is_executed(tmp_path: Path) -> None:
    text = (ROOT / "models" / "sick_sicker.yaml").read_text(encoding="utf-8")
    for plain, formula in (
        ("Quality-adjusted life years", "'=HYPERLINK(1)'"),
        ("Health care", "'@SUM(1+1)'"),
        ("Life years", "'+cmd|x!A0'"),
        ("Care", "'-2+3+cmd'"),
    ):
        text = text.replace(f"en: {plain}", f"en: {formula}")
    model, out = tmp_path / "model.yaml", tmp_path / "out"
    model.write_text(text, encoding="utf-8")
    run = ["run", str(model), "--engine", "cohort", "--draws", "4", "--quiet", "--out", str(out)]
    ended = CliRunner().invoke(main, run)
    assert ended.exit_code == 0, ended.output
    tables = [list(csv.reader(file.read_text(encoding="utf-8").splitlines())) for file in out.glob("*.csv")]
    cells = [cell for table in tables for row in table for cell in row]
    assert any("HYPERLINK" in cell for cell in cells)
    assert any("cmd" in cell for cell in cells)
    assert [cell for cell in cells if re.match(r"[=+@]|-[^\d.]", cell)] == []
