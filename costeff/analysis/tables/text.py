"""Text tables: encoding, what stands between the cells, lines above the header, quotes that stay open, empty rows."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from costeff.analysis.tables.cells import missing
from costeff.analysis.tables.columns import Columns
from costeff.analysis.tables.header import Rows, check_header, counts_rows, tidy
from costeff.documents.numerals import readings
from costeff.documents.table_numerals import outside_quotes
from costeff.errors import Place, ResultError
from costeff.files.cells import unguarded

_MARKS = {"\t": "tabs", ";": "semicolons", ",": "commas"}
_ONE_COLUMN = "\t"
_SAMPLE = 50  # lines by which the mark between cells is told
_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_ENCODINGS = "text tables are UTF-8, UTF-16 with its mark at the beginning, or what encoding= says"
_SEP = re.compile(r'"?sep=(.)"?', re.IGNORECASE)


def text_table(path: Path, encoding: str | None = None) -> Columns:
    """A text table: tabs, semicolons or commas between cells; decimal points or commas, as its cells tell.

    `encoding` is that of a file that is not UTF-8, as windows-1252.
    """
    notes: list[str] = []
    lines = list(io.StringIO(_decoded(path, encoding), newline=""))
    mark, first = _above(lines, notes)
    mark = mark or _mark(lines[first:])
    records = _records(path, lines, first, mark or _ONE_COLUMN)
    header, rows = tidy(_without_comments(records, notes), str(path), "", notes)
    names = [str(unguarded(name)) for name in header.names]
    _check_lengths(path, names, rows, mark)
    blank_column = names.index("") if "" in names else None
    row_names = blank_column is not None and counts_rows([cells[blank_column] for _, cells in rows])
    check_header(names, Place(str(path), header.line), row_names)
    columns = {
        name: [unguarded(cells[i]) if "'" in cells[i] else cells[i] for _, cells in rows]
        for i, name in enumerate(names)
    }
    numbers = [line for line, _ in rows]
    return Columns(columns, len(rows), str(path), numbers, header=header.line, mark=mark or _ONE_COLUMN, notes=notes)


def _decoded(path: Path, fallback: str | None) -> str:
    """The text of a file in UTF-8, or in UTF-16 where its first bytes say so, else in the encoding that is declared.

    UTF-8 is tried first, for no text in another encoding passes for it. ResultError for what fits none of them.
    """
    data = path.read_bytes()
    encoding = next((name for bom, name in _BOMS.items() if data.startswith(bom)), "utf-8")
    if fallback is not None and encoding == "utf-8" and not _is_utf8(data):
        encoding = _known(fallback)
    elif encoding == "utf-8" and b"\0" in data[:1000]:
        raise ResultError(
            "the file is not written in UTF-8",
            where=Place(str(path)),
            value="it looks like UTF-16",
            rule=_ENCODINGS,
            way_out="say encoding='utf-16-le', or save it as 'CSV UTF-8'",
        )
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        plain = encoding == "utf-8"
        option = "say encoding='windows-1252'" if plain else "correct encoding="
        looks = "Windows-1252 or Latin-1, as Excel's 'CSV' on a Danish computer" if plain else "another encoding"
        raise ResultError(
            f"the file is not written in {encoding.upper().replace('-SIG', '')}",
            where=Place(str(path), line),
            value=f"byte {data[error.start]:#04x}; it looks like {looks}",
            rule=_ENCODINGS,
            way_out=f"{option}, or save it as 'CSV UTF-8'",
        ) from error


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b"\0" not in data


def _known(encoding: str) -> str:
    """The name of an encoding of texts that Python knows."""
    try:
        "".encode(encoding)
    except (LookupError, ValueError) as error:
        raise ResultError(
            "unknown encoding",
            value=encoding,
            rule="such as windows-1252, latin-1 or utf-16-le",
            way_out="correct it in encoding=",
        ) from error
    return encoding


def _above(lines: Sequence[str], notes: list[str]) -> tuple[str, int]:
    """The mark that a first line `sep=;` declares, or "", and the position of the first line that is no comment."""
    mark, comments = "", 0
    for position, line in enumerate(lines):
        text = line.strip("\r\n")
        match = _SEP.fullmatch(text.rstrip(";,\t ") if not _SEP.fullmatch(text) else text)
        if match and not mark and not comments:
            mark = match[1]
            notes.append(f"cells are separated as line {position + 1} says ({text.strip()})")
        elif text.lstrip().startswith("#"):
            comments += 1
        elif text.strip():
            break
    else:
        position = len(lines)
    if comments:
        notes.append(f"{comments} line{'s' if comments > 1 else ''} of comment above the header left out")
    return mark, position


def _mark(lines: Sequence[str]) -> str:
    """What stands between cells: the mark of which most lines have equally many, outside quotes.

    A line that is one number as a whole has a single cell, though its decimals may take a comma; where no line tells,
    the table has one column, and there is no mark.
    """
    sample = [outside_quotes(line) for line in lines[:_SAMPLE] if line.strip() and not readings(line)]

    def agreeing(mark: str) -> int:
        counts = Counter(count for line in sample if (count := line.count(mark)))
        return max(counts.values(), default=0)

    return max((mark for mark in _MARKS if agreeing(mark)), key=agreeing, default="")


def _records(path: Path, lines: Sequence[str], first: int, mark: str) -> Rows:
    """The cells of each record from line `first` (from 0), with the line (from 1) in which it begins."""
    reader = csv.reader(lines[first:], delimiter=mark, strict=True)
    rows: Rows = []
    start = first + 1
    try:
        for cells in reader:
            rows.append((start, list(cells)))
            start = first + reader.line_num + 1
    except csv.Error as error:
        if mark == _ONE_COLUMN and mark not in lines[start - 1]:
            raise ResultError(
                "the cells of a line are not separated",
                where=Place(str(path), start),
                value=lines[start - 1].strip()[:80],
                rule="cells are separated by tabs, semicolons or commas",
                way_out="save the table as CSV UTF-8; from R by write.csv",
            ) from error
        at = _opening(lines, start)
        if at is None:
            raise ResultError(
                "the line cannot be read",
                where=Place(str(path), first + reader.line_num),
                value=str(error),
                rule="a cell is a name or a number; one with a quote or line break stands in double quotes, and a "
                "quote within it is doubled",
                way_out="correct the cell",
            ) from error
        raise _open_quote(path, at, "nowhere") from error
    return rows


def _opening(lines: Sequence[str], start: int) -> int | None:
    """The line (from 1), at or after `start`, in which a quote opens that the line does not close."""
    for number in range(start, len(lines) + 1):
        if lines[number - 1].count('"') % 2:
            return number
    return None


def _open_quote(path: Path, line: int, end: str) -> ResultError:
    return ResultError(
        "a quote opens and is not closed in its cell",
        where=Place(str(path), line),
        value=f"closed {end}",
        rule="a cell that begins with a double quote ends with one; a quote within it is doubled",
        way_out="close the quote, or delete it",
    )


def _without_comments(rows: Rows, notes: list[str]) -> Rows:
    """Rows without those that begin with # below the header; an error of a spreadsheet begins with # too."""
    usual = Counter(len(cells) for _, cells in rows).most_common(1)
    width = usual[0][0] if usual else 0
    records = []
    for line, cells in rows:
        first = cells[0].strip() if cells else ""
        alone = len(cells) < width or not any(cell.strip() for cell in cells[1:])
        if not (first.startswith("#") and not missing(first) and alone):
            records.append((line, cells))
    if len(records) < len(rows):
        count = len(rows) - len(records)
        notes.append(f"{count} line{'s' if count > 1 else ''} of comment left out")
    return [(line, cells) for line, cells in records if cells]


def _check_lengths(path: Path, names: Sequence[str], rows: Rows, mark: str) -> None:
    for position, (line, cells) in enumerate(rows):
        if len(cells) == len(names):
            continue
        if any("\n" in cell or "\r" in cell for cell in cells):
            end = rows[position + 1][0] - 1 if position + 1 < len(rows) else line
            raise _open_quote(path, line, f"in line {end}" if end > line else "later")
        way_out = "a table with decimal commas is separated by semicolons or tabs"
        if len(cells) == len(names) + 1:
            way_out += "; R's row names are left out by write.csv(..., row.names = FALSE)"
        raise ResultError(
            "a row has another number of cells than the header",
            where=Place(str(path), line),
            value=len(cells),
            rule=f"{len(names)} cells, separated by {_MARKS.get(mark, repr(mark))}",
            way_out=way_out,
        )
