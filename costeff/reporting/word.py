"""A note as a Word file."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costeff.files.day import FIXED

if TYPE_CHECKING:
    from costeff.reporting.note import Note, NoteTable

BODY, SMALL = 10, 8.5  # points
MARGIN, TEXT_WIDTH = 2.0, 17.0  # cm
A_SIGN, PADDING = 0.26, 0.45  # cm: a bold sign of a table, and both sides of a cell


def write_docx(note: Note, path: Path) -> None:
    """Write the note to `path`: A4, two pages where the case is an ordinary one."""
    import docx
    from docx.enum.section import WD_ORIENT
    from docx.shared import Cm, Pt

    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = (Cm(29.7), Cm(21.0)) if note.wide else (Cm(21.0), Cm(29.7))
    width = TEXT_WIDTH + 8.7 * note.wide
    if note.wide:
        section.orientation = WD_ORIENT.LANDSCAPE
    for side in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
        setattr(section, side, Cm(MARGIN))
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Calibri", Pt(BODY)
    normal.paragraph_format.space_after = Pt(4)
    document.add_heading(note.title, 1)
    document.add_paragraph().add_run(note.line).font.size = Pt(SMALL)
    for block in note.blocks:
        if block.heading:
            document.add_heading(block.heading, 2).paragraph_format.page_break_before = block.page
        for text in block.paragraphs:
            document.add_paragraph(text)
        if block.table is not None:
            _table(document, block.table, width)
    core = document.core_properties
    core.title, core.author, core.comments = note.title, "", ""
    core.created = core.modified = FIXED
    buffer = io.BytesIO()
    document.save(buffer)
    path.write_bytes(undated(buffer.getvalue()))


def undated(docx_bytes: bytes) -> bytes:
    """The same file with one fixed date on all its parts, so that equal notes have equal bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx_bytes)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(zipfile.ZipInfo(part.filename, FIXED.timetuple()[:6]), old.read(part), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def column_widths(table: NoteTable, width: float = TEXT_WIDTH) -> list[float]:
    """Widths in cm that fill the page: words take twice the room of a number, and an answer three times its question's.

    Beside three columns of words or more, numbers get nearly as much as they, so that no amount is broken. A column
    whose longest word would be broken takes what it lacks from those that have room.

    >>> from costeff.reporting.note import NoteTable
    >>> column_widths(NoteTable(["Question", "Answer"], [], 2)), column_widths(NoteTable(["", "a", "b"], [], 1))
    ([4.25, 12.75], [8.5, 4.25, 4.25])
    """
    count = len(table.heads)
    wide = 2.0 if table.words < 3 else 1.2
    shares = [1.0, 3.0] if table.words == count == 2 else [wide if n < table.words else 1.0 for n in range(count)]
    widths = [width * share / sum(shares) for share in shares]
    least = least_widths(table)
    lacks = [max(need - own, 0.0) for need, own in zip(least, widths, strict=True)]
    room = [max(own - need, 0.0) for need, own in zip(least, widths, strict=True)]
    from_room = min(sum(lacks) / sum(room), 1.0) if any(room) else 0.0
    of_lack = min(sum(room) / sum(lacks), 1.0) if any(lacks) else 0.0
    return [own + of_lack * lack - from_room * free for own, lack, free in zip(widths, lacks, room, strict=True)]


def least_widths(table: NoteTable) -> list[float]:
    """Widths in cm at which no word of a column is broken, in letters of the usual size.

    >>> from costeff.reporting.note import NoteTable
    >>> [round(width, 2) for width in least_widths(NoteTable(["Benefit", "2027"], [["Sickness benefit", "-1.5"]], 1))]
    [2.53, 1.49]
    """
    return [
        max(len(word) for row in (table.heads, *table.rows) for word in (row[n].split() or [""])) * A_SIGN + PADDING
        for n in range(len(table.heads))
    ]


def _table(document: Any, table: NoteTable, width: float) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Cm, Pt

    if table.caption:
        document.add_paragraph().add_run(table.caption).font.size = Pt(SMALL)
    grid = document.add_table(rows=0, cols=len(table.heads))
    grid.style, grid.autofit = "Light Grid Accent 1", False
    widths = column_widths(table, width)
    size = round((SMALL + 0.5) * min(1.0, width / sum(least_widths(table))), 1)  # smaller where many columns need it
    for column, own in zip(grid.columns, widths, strict=True):  # what LibreOffice reads
        column.width = Cm(own)
    for number, texts in enumerate([table.heads, *table.rows]):
        cells = grid.add_row().cells
        for column, text in enumerate(texts):
            cells[column].width = Cm(widths[column])
            paragraph = cells[column].paragraphs[0]
            paragraph.paragraph_format.space_after = Pt(0)
            run = paragraph.add_run(text)
            run.font.size = Pt(size)
            run.bold = number == 0 or column == 0
            if column >= table.words:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    document.add_paragraph().paragraph_format.space_after = Pt(2)
