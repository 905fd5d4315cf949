"""Text tables as registers and questionnaires send them: encoding, separator, comma, dates. Nothing is repaired.

What a message shows of a table are names of columns, line numbers and single values, never a row.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from costeff.bundled import plain_file
from costeff.errors import Place, ScenarioError
from costeff.problems import way_to
from costeff.trial.quality import Refusals

SEPARATORS = (";", "\t", ",")
_DANISH_DATE = re.compile(r"(\d{1,2})[-.](\d{1,2})[-.](\d{4})")
_NUMBER = re.compile(r"[-+]?(\d+|\d{1,3}(\.\d{3})+)(,\d+)?|[-+]?\d*\.\d+")
_PIECE = 1 << 22
_NO_LETTER = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")  # bytes that Windows-1252 does not have


@dataclass(frozen=True)
class TextForm:
    """How a text table is written."""

    encoding: str
    separator: str
    columns: tuple[str, ...]


def text_form(path: Path, columns_needed: Sequence[str] = ()) -> TextForm:
    """Encoding, separator and columns of a text table. Raises ScenarioError for mixed encodings and missing columns."""
    plain_file(path)
    encoding = encoding_of(path)
    with path.open(encoding=encoding, newline="") as file:
        head = file.readline().rstrip("\r\n")
    separator = max(SEPARATORS, key=head.count)
    columns = tuple(name.strip().strip('"') for name in head.split(separator))
    check_columns(columns, columns_needed, path)
    return TextForm(encoding, separator, columns)


def check_columns(columns: Sequence[str], columns_needed: Sequence[str], path: Path) -> None:
    """Refuse a table that lacks a column, has one twice or has one without a name."""
    where = Place(str(path), 1)
    twice = [name for i, name in enumerate(columns) if name in columns[:i]]
    if twice or not all(columns):
        raise ScenarioError(
            "a column stands twice" if twice else "a column without a name",
            where=where,
            value=twice[0] if twice else f"column {[*columns].index('') + 1}",
            rule="each column has a name of its own",
            way_out="name the columns in the first line",
        )
    for name in columns_needed:
        if name not in columns:
            columns_shown = ", ".join(columns[:12]) + (" ..." if len(columns) > 12 else "")
            raise ScenarioError(
                f"the table lacks the column '{name}'",
                where=where,
                value=columns_shown,
                rule=f"columns here: {', '.join(columns_needed)}",
                way_out=way_to(name, columns, "rename the column in the first line, or extract it too"),
            )


def encoding_of(path: Path) -> str:
    """UTF-8 where the whole file is, else Windows-1252 where no part of it is UTF-8 beyond ASCII.

    Raises ScenarioError, with the line, for a file that mixes both, and for one that is neither.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    line, is_utf8, beyond = 1, True, 0
    first_bad = first_neither = 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            if piece.isascii() and is_utf8:
                line += piece.count(b"\n")
                continue
            for part in piece.splitlines(keepends=True):
                if not part.isascii():
                    try:
                        decoder.decode(part, final=True)
                        beyond = beyond or line
                    except UnicodeDecodeError:
                        is_utf8, first_bad = False, first_bad or line
                        first_neither = first_neither or (line if _NO_LETTER.search(part) else 0)
                    decoder.reset()
                line += part.endswith(b"\n")
            if not is_utf8 and beyond:
                break
    if is_utf8:
        return "utf-8-sig"
    if first_neither:
        raise ScenarioError(
            "text that is in no encoding known here",
            where=Place(str(path), first_neither),
            rule="a file is written in UTF-8, or in Windows-1252",
            way_out="write the file again from its source, all of it in UTF-8",
        )
    if beyond:
        raise ScenarioError(
            "two encodings in one file",
            where=Place(str(path), max(first_bad, beyond)),
            value=f"UTF-8 in line {beyond}, another in line {first_bad}",
            rule="a file is written in one encoding: UTF-8, or Windows-1252",
            way_out="write the file again from its source, all of it in UTF-8",
        )
    return "cp1252"


def rows(path: Path, columns_needed: Sequence[str], refusals: Refusals) -> Iterator[tuple[int, dict[str, str]]]:
    """(line, column to text) of each row; rows of another length are refused and counted.

    Raises ScenarioError for a missing column, mixed encodings, and a quote that is never closed.
    """
    form = text_form(path, columns_needed)
    with path.open(encoding=form.encoding, newline="") as file:
        reader = csv.reader(file, delimiter=form.separator, strict=True)
        is_head = True
        while True:
            try:
                row = next(reader, None)
            except csv.Error as error:
                raise ScenarioError(
                    "a row that is no row of a table",
                    where=Place(str(path), reader.line_num),
                    rule=f"cells with {form.separator!r} between them, quotes in pairs",
                    way_out="write the file again from its source",
                ) from error
            except UnicodeDecodeError as error:
                raise ScenarioError("text that cannot be read", where=Place(str(path), reader.line_num)) from error
            if row is None:
                return
            if is_head or not row:
                is_head = False
                continue
            refusals.rows += 1
            if len(row) != len(form.columns):
                refusals.refuse("row_of_another_length", reader.line_num)
                continue
            yield reader.line_num, {name: cell.strip() for name, cell in zip(form.columns, row, strict=True)}


def date(text: str) -> dt.date | None:
    """A date as 2024-01-31, 31-01-2024 or 31.01.2024; None for another text, also for 01/02/2024, which reads two ways.

    >>> date("31-01-2024"), date("2024-01-31"), date("01/02/2024")
    (datetime.date(2024, 1, 31), datetime.date(2024, 1, 31), None)
    """
    try:
        if match := _DANISH_DATE.fullmatch(text):
            return dt.date(int(match[3]), int(match[2]), int(match[1]))
        return dt.date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def number(text: str) -> float | None:
    """A number as 1234,5 or 1.234,5 or 1234; None for another text, and for 1.234, which reads two ways.

    >>> number("1.234,5"), number("12"), number("0.5"), number("1.234"), number("1,234")
    (1234.5, 12.0, 0.5, None, 1.234)
    """
    plain = text.replace("\u00a0", "").replace(" ", "")
    if not _NUMBER.fullmatch(plain):
        return None
    if "," in plain:
        return float(plain.replace(".", "").replace(",", "."))
    whole, point, decimals = plain.partition(".")
    if point and len(decimals) == 3 and whole.lstrip("+-0"):
        return None
    return None if plain.count(".") > 1 else float(plain)
