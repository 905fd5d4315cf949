"""Writes the budget note beside the pages of a case: Word, and PDF where a browser prints."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from costeff.investment.note.blocks import budget_note
from costeff.investment.note.page import note_html
from costeff.reporting.pdf import find_browser, print_pdf
from costeff.reporting.word import write_docx

if TYPE_CHECKING:
    from costeff.investment.report.content import CaseContent
    from costeff.reporting.browser import Browser

WORD, PRINT = "note.docx", "note.pdf"


def has_note(content: CaseContent) -> bool:
    """Whether a case says enough of itself for a note: what it is for, or what it believes in."""
    return bool(content.about) or content.belief is not None


def write_note(
    content: CaseContent, folder: Path, language: str, *, pdf: bool = True, browser: Browser | None = None
) -> None:
    """Write note.docx into `folder`, and note.pdf beside it where a browser is. Raises ResultError if it fails."""
    note = budget_note(content, language)
    write_docx(note, folder / WORD)
    if pdf and find_browser() is not None:
        page = folder / "note.html"
        page.write_text(note_html(note, language), encoding="utf-8")
        try:
            print_pdf(page, folder / PRINT, browser)
        finally:
            page.unlink()
