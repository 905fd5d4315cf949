"""The budget note as a page of HTML, from which the browser prints its PDF."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING

from costeff.catalogue import check_language

if TYPE_CHECKING:
    from costeff.reporting.note import Note, NoteTable

STYLE = """
@page { size: A4; margin: 18mm 18mm 16mm; }
body { font: 10pt/1.35 "Liberation Sans", Arial, sans-serif; color: #1a1a1a; margin: 0 auto; max-width: 174mm; }
h1 { font-size: 15pt; margin: 0 0 1mm; } h2 { font-size: 11.5pt; margin: 4mm 0 1mm; break-after: avoid; }
p { margin: 0 0 1.6mm; } p.line { font-size: 8pt; color: #4d4d4d; } p.caption { font-size: 8pt; margin: 0 0 0.8mm; }
table { border-collapse: collapse; width: 100%; font-size: 9pt; } tr { break-inside: avoid; }
th, td { border-bottom: 0.2mm solid #999; padding: 0.7mm 1.4mm; text-align: left; vertical-align: top; }
th { border-bottom-width: 0.4mm; } .number { text-align: right; } td.number { white-space: nowrap; }
td:first-child { font-weight: 600; } .page { break-before: page; }
"""


def note_html(note: Note, language: str) -> str:
    """The note as one page that opens anywhere."""
    parts = [f"<h1>{html.escape(note.title)}</h1>", f'<p class="line">{html.escape(note.line)}</p>']
    for block in note.blocks:
        if block.heading:
            parts.append(f"<h2{' class=page' if block.page else ''}>{html.escape(block.heading)}</h2>")
        parts += [f"<p>{html.escape(text)}</p>" for text in block.paragraphs]
        if block.table is not None:
            parts.append(_table(block.table))
    body = "\n".join(parts)
    return (
        f'<!DOCTYPE html>\n<html lang="{check_language(language)}"><head><meta charset="utf-8">'
        f"<title>{html.escape(note.title)}</title><style>{STYLE}</style></head>\n<body>\n{body}\n</body></html>\n"
    )


def _table(table: NoteTable) -> str:
    def row(texts: Sequence[str], tag: str) -> str:
        cells = (
            f"<{tag}{' class=number' if n >= table.words else ''}>{html.escape(text)}</{tag}>"
            for n, text in enumerate(texts)
        )
        return f"<tr>{''.join(cells)}</tr>"

    caption = f'<p class="caption">{html.escape(table.caption)}</p>' if table.caption else ""
    rows = "".join(row(texts, "td") for texts in table.rows)
    return f"{caption}<table><thead>{row(table.heads, 'th')}</thead><tbody>{rows}</tbody></table>"
