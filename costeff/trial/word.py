"""The parts of a page as a Word file: headings, drawings, tables and sentences; other figures stay on the page."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from costeff.files.day import FIXED
from costeff.reporting.word import undated
from costeff.trial.page import PagePart

BODY, SMALL = 10, 8.5  # points
PICTURE = (17.0, 11.5)  # cm, at most
WIDTH = 25.0  # cm, of a page that lies on its side: tables have up to seven columns


def write_word(title: str, lines: Sequence[str], parts: Sequence[PagePart], path: Path) -> None:
    """Write the file to `path`; equal parts give equal bytes."""
    import docx
    from docx.enum.section import WD_ORIENT
    from docx.shared import Cm, Pt

    document = docx.Document()
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Cm(29.7), Cm(21.0)
    for side in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
        setattr(section, side, Cm(2.0))
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Calibri", Pt(BODY)
    normal.paragraph_format.space_after = Pt(4)
    document.add_heading(title, 1)
    for line in lines:
        document.add_paragraph().add_run(line).font.size = Pt(SMALL)
    for part in parts:
        document.add_heading(part.title, 2)
        if part.drawing is not None:
            shape = document.add_picture(io.BytesIO(part.drawing.png), width=Cm(PICTURE[0]))
            if shape.height > Cm(PICTURE[1]):  # else it would not fit below its heading
                shape.width, shape.height = round(shape.width * Cm(PICTURE[1]) / shape.height), Cm(PICTURE[1])
            shape._inline.docPr.set("descr", part.drawing.alternative)
        if part.heads:
            _table(document, part)
        for line in part.lines:
            document.add_paragraph(line)
    core = document.core_properties
    core.title, core.author, core.comments = title, "", ""
    core.created = core.modified = FIXED
    buffer = io.BytesIO()
    document.save(buffer)
    path.write_bytes(undated(buffer.getvalue()))


def _table(document: Any, part: PagePart) -> None:
    from docx.shared import Cm, Pt

    grid = document.add_table(rows=0, cols=len(part.heads))
    grid.style, grid.autofit = "Light Grid Accent 1", False
    widths = [2.0 if i == 0 else 1.0 for i in range(len(part.heads))]
    for number, texts in enumerate([part.heads, *part.rows]):
        cells = grid.add_row().cells
        for i, text in enumerate(texts):
            cells[i].width = Cm(WIDTH * widths[i] / sum(widths))
            paragraph = cells[i].paragraphs[0]
            paragraph.paragraph_format.space_after = Pt(0)
            run = paragraph.add_run(text)
            run.font.size = Pt(SMALL)
            run.bold = number == 0
    document.add_paragraph().paragraph_format.space_after = Pt(2)
