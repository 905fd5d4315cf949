"""Anchored in the report itself: images draw its figures, and Word, LaTeX and Excel hold the numbers of its tables."""

from __future__ import annotations

import csv
import re
import sys
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner
from docx import Document

from costeff.cli import main
from costeff.errors import ResultError
from costeff.reporting.images import write_images, write_page_images
from costeff.study.still.tables import MOST_COLUMNS, latex, tables_of


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("still") / "out"
    command = ["run", "hiv", "--draws", "8", "--individuals", "20", "--out", str(out), "--image", "svg"]
    ran = CliRunner().invoke(
        main, [*command, *(word for kind in ("docx", "tex", "xlsx") for word in ("--tables", kind))]
    )
    assert ran.exit_code == 0, ran.output
    return out


def test_every_figure_of_the_report_is_an_image_with_its_caption(folder: Path) -> None:
    report = (folder / "report.html").read_text(encoding="utf-8")
    ids = re.findall(r'class="plot" id="([^"]+)"', report)
    rows = list(csv.DictReader((folder / "figures.csv").read_text(encoding="utf-8").splitlines()))
    assert sorted(row["file"] for row in rows) == sorted(f"{one}.svg" for one in ids)
    assert all(row["title"] and row["caption"] for row in rows)
    plane = (folder / rows[0]["file"]).read_text(encoding="utf-8")
    assert plane.startswith("<svg")
    assert "Extra cost, GBP per citizen" in plane


def test_word_and_latex_hold_the_tables_of_the_report(folder: Path) -> None:
    tables = list(tables_of((folder / "report.html").read_text(encoding="utf-8")))
    narrow = [one for one in tables if len(one.headings) <= MOST_COLUMNS]
    document = Document(str(folder / "tables.docx"))
    assert len(narrow) < len(tables) == document.element.xml.count('w:val="Heading2"')
    for one, own in zip(narrow, document.tables, strict=True):
        texts = [[cell.text for cell in row.cells] for row in own.rows]
        assert texts[0] == list(one.headings)
        assert [[t for t in row if t] for row in texts[1:]] == [[t for t in row if t] for row in one.rows]
    text = (folder / "tables.tex").read_text(encoding="utf-8")
    assert text.count(r"\begin{longtable}") == text.count(r"\end{longtable}") == len(tables)
    assert latex(tables[0]) in text


def test_excel_holds_the_tidy_tables_as_numbers(folder: Path) -> None:
    book = openpyxl.load_workbook(folder / "tables.xlsx")
    rows = list(book["pairwise"].values)
    own = pd.read_csv(folder / "pairwise.csv")
    assert list(rows[0]) == list(own.columns)
    at = list(own.columns).index("incremental_cost")
    assert [row[at] for row in rows[1:]] == pytest.approx(list(own["incremental_cost"]))


def test_latex_escapes_what_it_would_read_as_commands() -> None:
    from costeff.study.still.tables import StillTable

    text = latex(StillTable("50 % of_a", ("a&b", "c"), (False, True), (("x\\y", "\u22125"),)))
    assert r"50 \% of\_a" in text
    assert r"a\&b" in text
    assert r"x\textbackslash{}y & $-$5 \\" in text


def test_images_need_a_browser_and_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM", "")
    with pytest.raises(ResultError, match="CHROMIUM"):
        write_images({}, tmp_path, "png")
    monkeypatch.setitem(sys.modules, "kaleido", None)
    with pytest.raises(ResultError, match=r"costeff\[image\]"):
        write_images({}, tmp_path, "png")


def test_images_and_tables_need_a_folder() -> None:
    ran = CliRunner().invoke(main, ["run", "hiv", "--draws", "2", "--image", "png"])
    assert ran.exit_code != 0
    assert "--out" in ran.output


@pytest.mark.parametrize(
    "command",
    [["threshold", "hiv", "--parameter", "rr", "--wtp", "10000"], ["voi", "hiv", "--wtp", "10000", "--draws", "64"]],
)
def test_other_commands_draw_the_images_of_their_pages(command: list[str], tmp_path: Path) -> None:
    out = tmp_path / "figures"
    ran = CliRunner().invoke(main, [*command, "--figures", str(out), "--image", "svg"])
    assert ran.exit_code == 0, ran.output
    pages = sorted(out.glob("*.html"))
    assert [one.stem for one in sorted(out.glob("*.svg"))] == [one.stem for one in pages]
    drawn = (out / f"{pages[0].stem}.svg").read_text(encoding="utf-8")
    (out / f"{pages[0].stem}.svg").unlink()
    assert write_page_images(pages[0], "svg") == [f"{pages[0].stem}.svg"]  # the page holds the figure that was drawn
    title = re.search(r"<text[^>]*>[^<]+</text>", drawn)
    assert title is not None
    assert title[0] in (out / f"{pages[0].stem}.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("command", "option"), [(["dsa", "hiv"], "--figures"), (["invest", "x"], "--out"), (["run", "hiv"], "--out")]
)
def test_images_without_a_folder_are_refused(command: list[str], option: str) -> None:
    ran = CliRunner().invoke(main, [*command, "--image", "png"])
    assert ran.exit_code != 0
    assert f"add {option} FOLDER" in ran.output
