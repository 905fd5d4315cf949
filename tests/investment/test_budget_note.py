"""Anchored in a hand-made case: the note's figures are those of the tables, and both files say the same words."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from case_example import example_case, example_result

from costeff.catalogue import languages, say
from costeff.investment.note.answers import QUESTIONS, five_answers
from costeff.investment.note.blocks import BUDGET_YEARS, budget_note
from costeff.investment.note.page import note_html
from costeff.investment.report.content import BudgetContent, CaseContent, LoweredRow
from costeff.investment.report.content_of_case import case_content
from costeff.labels import same, worded
from costeff.reporting.numbers import write_number
from costeff.reporting.pdf import print_pdf
from costeff.reporting.word import write_docx

ABOUT = {
    "target_group": same("Sygemeldte med rygsmerter"),
    "risks": ((same("Få <henvises>"), same("Læger orienteres")),),
}


@pytest.fixture(scope="module")
def content() -> CaseContent:
    case = example_case()
    frames = {"service": "service", "transfers": "transfers", "tax": "financing"}
    areas = tuple(replace(area, frame=frames.get(area.name, "")) for area in case.areas)
    result = example_result(draws=40)
    return case_content(replace(result, case=replace(result.case, areas=areas, about=ABOUT, municipality="Nordkøb")))


def test_departments_add_up_to_the_decider_in_every_year(content: CaseContent) -> None:
    total = np.sum([row.net for row in content.departments], axis=0)
    assert total == pytest.approx(content.by_name[content.decider].net)
    assert {str(row.department) for row in content.departments} == {
        "Health and Care (MSO)",
        "Social Affairs and Employment (MSB)",
    }


def test_five_questions_are_answered_on_page_one_in_every_language(content: CaseContent) -> None:
    for language in languages():
        note = budget_note(content, language)
        later = next((n for n, block in enumerate(note.blocks) if block.page), len(note.blocks))
        answers = five_answers(content, language)
        assert [question for question, _ in answers] == [say(f"note_ask_{key}", language) for key in QUESTIONS]
        assert all(len(answer) > 20 for _, answer in answers)
        first = [block.table for block in note.blocks[:later] if block.table is not None]
        assert answers in [table.rows for table in first]


def test_the_table_has_the_budget_year_and_the_years_after_it(content: CaseContent) -> None:
    table = next(b.table for b in budget_note(content, "en").blocks if b.heading == say("by_department"))
    assert table is not None
    assert table.heads[2:] == [str(year) for year in content.years[:BUDGET_YEARS]]
    own = content.by_name[content.decider].net
    expected = [write_number(amount / 1000, "en", decimals=0, with_sign=True) for amount in own[:BUDGET_YEARS]]
    assert list(table.rows[-1][2:]) == expected


def test_cash_is_released_only_where_the_case_says_by_whom(content: CaseContent) -> None:
    row = LoweredRow(same("Job"), same("Overførsler"), 2028, 400_000.0, same("Byrådet"), 250_000.0)
    lowered = replace(content, budget=BudgetContent(lowered_budgets=[row]))
    said = dict(five_answers(lowered, "da"))[say("note_ask_budget", "da")]
    assert "Byrådet" in said
    assert "ikke dækket" in said
    enough = replace(lowered, budget=BudgetContent(lowered_budgets=[replace(row, gain=500_000.0)]))
    assert "ikke dækket" not in dict(five_answers(enough, "da"))[say("note_ask_budget", "da")]
    silent = dict(five_answers(content, "da"))[say("note_ask_budget", "da")]
    assert say("note_not_released", "da") in silent


def test_what_if_not_tells_the_row_without_effect(content: CaseContent) -> None:
    row = next(row for row in content.scenarios if row.label["en"] == worded("no_effect")["en"])
    answer = dict(five_answers(content, "en"))[say("note_ask_else")]
    digits = re.sub(r"\D", "", write_number(abs(row.npv) / 1e6, "en", decimals=1))
    assert digits[:2] in re.sub(r"\D", "", answer)


def test_word_and_the_page_say_the_same(content: CaseContent, tmp_path: Path) -> None:
    import docx

    note = budget_note(content, "da")
    write_docx(note, tmp_path / "note.docx")
    document = docx.Document(str(tmp_path / "note.docx"))
    cells = {cell.text for table in document.tables for row in table.rows for cell in row.cells}
    texts = cells | {paragraph.text for paragraph in document.paragraphs}
    page = note_html(note, "da")
    for block in note.blocks:
        rows = [] if block.table is None else [block.table.heads, *block.table.rows]
        for text in (block.heading, *block.paragraphs, *(cell for row in rows for cell in row)):
            assert not text or text in texts
            assert text.replace("<", "&lt;").replace(">", "&gt;").replace("'", "&#x27;") in page
    again = tmp_path / "again.docx"
    write_docx(note, again)
    assert again.read_bytes() == (tmp_path / "note.docx").read_bytes()


def test_the_pdf_has_two_pages(content: CaseContent, tmp_path: Path) -> None:
    page = tmp_path / "note.html"
    page.write_text(note_html(budget_note(content, "da"), "da"), encoding="utf-8")
    pdf = print_pdf(page, tmp_path / "note.pdf").read_bytes()
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf)) == 2
