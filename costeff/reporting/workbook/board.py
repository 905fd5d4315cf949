"""The first sheet: what a board acts on, in sentences, and the decision of each primary perspective."""

from __future__ import annotations

from costeff.reporting.workbook.book import Book

WIDTHS = (34, 44, 26, 22, 26, 26)
LINE = 95
"""Characters of a sentence that a line over all columns but the first holds."""
HEIGHT = 15


def write_board(book: Book) -> None:
    """Write the sheet: a question beside each group of sentences, then the table, all as text."""
    sheet, content = book.sheets["board"], book.content
    for column, width in enumerate(WIDTHS):
        sheet.set_column(column, column, width)
    lead = book.said(content.answers_lead) if content.answers_lead else ""
    row = book.head("board", book.term("sheet_board"), book.said(content.title), lead)
    last = len(WIDTHS) - 1
    for question, sentences in content.answers:
        for i, sentence in enumerate(sentences):
            text = book.said(sentence)
            if i == 0:
                sheet.write_string(row, 0, book.said(question), book.format("wrap", bold=True))
            sheet.merge_range(row, 1, row, last, text, book.format("wrap"))
            sheet.set_row(row, HEIGHT * (1 + len(text) // (LINE + sum(WIDTHS[2:]) // 2)))
            row += 1
        row += 1
    book.heads("board", row, [book.said(head) for head in content.decision_heads], range(3, last + 1))
    for labels in content.decision_rows:
        row += 1
        for column, label in enumerate(labels):
            look = {"align": "right"} if column >= len(WIDTHS) // 2 else {}
            sheet.write_string(row, column, book.said(label), book.format("wrap", **look))
