"""Reads a SØM-style table from CSV (commas or semicolons between the columns) or XLSX into a `SoemCase`.

What is wrong is refused with file, row and column; nothing is guessed. Whether decimals take a point or a comma is told
by the numbers of the table; a number that could be read in two ways (1.234) is refused where none of them tells.
"""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from costeff.bundled import NO_FILE, data_dir, plain_file
from costeff.characters import RULE, WAY_OUT, banned, visible
from costeff.documents.numerals import read, whole
from costeff.documents.table_numerals import separator, table_format
from costeff.errors import Place, ScenarioError
from costeff.files.cells import unguarded
from costeff.investment.soem.form import COLUMNS, NEEDED, RECORDS, SETTINGS, TEXTS, USES
from costeff.investment.soem.form_of_costs import PAYERS, Consequence, Cost, Price, SoemCase
from costeff.investment.soem.xlsx import xlsx_rows

TABLE_BYTES = 20 * 10**6

Row = tuple[int, Sequence[Any]]


def read_soem(path: str | os.PathLike[str]) -> SoemCase:
    """The calculation in a CSV or XLSX table, with columns in English or Danish; a bare name is a shipped one.

    Raises ScenarioError (file, row, column, value, remedy).
    """
    files_by_name = {file.stem: file for file in sorted((data_dir("scenarios") / "soem").glob("*.csv"))}
    try:
        file = plain_file(files_by_name.get(os.fspath(path), path), most=TABLE_BYTES)
    except ScenarioError as error:
        if error.what == NO_FILE:
            error.what = "no such table"
            error.rule = f"a .csv or .xlsx file, or shipped: {', '.join(files_by_name)}"
        raise
    if file.suffix.lower() in (".xlsx", ".xlsm"):
        return _Table(file.name, xlsx_rows(file), ",").case()
    return _Table(file.name, *_csv_rows(file)).case()


def _csv_rows(file: Path) -> tuple[list[Row], str]:
    """Rows with their lines, and what stands between the columns."""
    data = file.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")  # Excel's plain CSV in Western Europe
    mark = separator(text.split("\n", 1)[0])
    reader = csv.reader(text.splitlines(keepends=True), delimiter=mark, strict=True)
    rows: list[Row] = []
    try:
        rows = [(reader.line_num, [unguarded(cell) for cell in row]) for row in reader]
    except csv.Error as error:
        raise ScenarioError(
            "the table cannot be read",
            where=Place(file.name, reader.line_num),
            value=str(error),
            rule="a cell with the separator, a quote or a line break stands in double quotes",
            way_out="close the quotes",
        ) from error
    return rows, mark


class _Table:
    """Rows of one table; every refusal knows its row and column."""

    def __init__(self, file: str, rows: Sequence[Row], mark: str) -> None:
        self.file = file
        content_rows = [(line, row) for line, row in rows if any(str(cell).strip() for cell in row)]
        if not content_rows:
            raise ScenarioError(
                "the table is empty", where=Place(file), rule="a heading row, then one row for each number"
            )
        self._check_characters(content_rows)
        self.rows = content_rows[1:]
        self._headings(*content_rows[0])
        i = self.columns.index("value")
        at = self._column("value")
        values = [
            (f"{Place(file, n)}: {at}", row[i]) for n, row in self.rows if i < len(row) and isinstance(row[i], str)
        ]
        self.form = table_format([values], mark, ScenarioError)
        """How the numbers of the table are written: en or da."""

    def _check_characters(self, rows: Sequence[Row]) -> None:
        for line, cells in rows:
            for i, cell in enumerate(cells):
                if isinstance(cell, str) and banned(cell):
                    raise ScenarioError(
                        f"column {_letter(i)}: a character that no text may hold, {banned(cell)}",
                        where=Place(self.file, line),
                        value=visible(cell)[:80],
                        rule=RULE,
                        way_out=WAY_OUT,
                    )

    def _headings(self, line: int, cells: Sequence[Any]) -> None:
        heads = [str(cell).strip().lower() for cell in cells]
        while heads and not heads[-1]:
            heads.pop()
        self.danish = COLUMNS["record"] in heads
        names_by_heading = {(da if self.danish else en): en for en, da in COLUMNS.items()}
        self.columns: list[str] = []
        self.written = dict(zip(names_by_heading.values(), names_by_heading, strict=True))
        for i, head in enumerate(heads):
            if head not in names_by_heading or names_by_heading[head] in self.columns:
                raise ScenarioError(
                    f"column {_letter(i)}: {'unknown' if head not in names_by_heading else 'repeated'} heading",
                    where=Place(self.file, line),
                    value=head,
                    rule=f"headings: {', '.join(names_by_heading)}",
                    way_out="correct the heading, or delete the column",
                )
            self.columns.append(names_by_heading[head])
        missing = [self.written[c] for c in COLUMNS if c not in self.columns]
        if missing:
            raise ScenarioError(
                f"the heading '{missing[0]}' is missing",
                where=Place(self.file, line),
                rule=f"headings: {', '.join(names_by_heading)}",
                way_out="add the column, empty if need be",
            )

    def _column(self, name: str) -> str:
        """A column by its letter and its heading."""
        return f"column {_letter(self.columns.index(name))} ({self.written[name]})"

    def refuse(self, line: int, column: str, what: str, value: object, rule: str, way_out: str) -> NoReturn:
        raise ScenarioError(
            f"{self._column(column)}: {what}", where=Place(self.file, line), value=value, rule=rule, way_out=way_out
        )

    def case(self) -> SoemCase:
        """The calculation; what belongs together is checked by `SoemCase` itself."""
        settings: dict[str, Any] = {}
        parts: dict[str, list[Any]] = {"cost": [], "consequence": [], "price": []}
        index: dict[int, float] = {}
        more: dict[str, str] = {}
        sources: dict[str, str] = {}
        for line, cells in self.rows:
            record, row = self._row(line, cells)
            if record == "setting":
                self._setting(line, row, settings, sources)
            elif record == "payer":
                self._new(line, "item", row["item"], {**dict.fromkeys(PAYERS), **more})
                more[row["item"]] = row["label"]
            elif record == "index":
                self._new(line, "year", row["year"], index)
                index[row["year"]] = row["value"]
                if row["source"]:
                    sources[f"index {row['year']}"] = row["source"]
            else:
                kind = record.removesuffix("_per_participant")
                parts[kind].append(self._part(kind, line, row, record != kind))
        for name in NEEDED:
            if name not in settings:
                raise ScenarioError(
                    f"the setting '{self._word(SETTINGS, name)}' is missing",
                    where=Place(self.file),
                    rule=f"every table has {', '.join(self._word(SETTINGS, n) for n in NEEDED)}",
                    way_out=f"add a row '{self._word(RECORDS, 'setting')}' with it",
                )
        return self._checked(settings, parts, index, more, sources)

    def _checked(
        self,
        settings: dict[str, Any],
        parts: Mapping[str, list[Any]],
        index: dict[int, float],
        more: dict[str, str],
        sources: dict[str, str],
    ) -> SoemCase:
        try:
            return SoemCase(
                **{"title": "", **settings},
                costs=tuple(parts["cost"]),
                prices=tuple(parts["price"]),
                consequences=tuple(parts["consequence"]),
                index=index,
                more_payers=more,
                sources=sources,
            )
        except ScenarioError as error:
            if error.where is None:
                error.where = Place(self.file)
            raise

    def _row(self, line: int, cells: Sequence[Any]) -> tuple[str, dict[str, Any]]:
        if len(cells) > len(self.columns) and any(str(c).strip() for c in cells[len(self.columns) :]):
            raise ScenarioError(
                "the row is longer than the headings",
                where=Place(self.file, line),
                value=len(cells),
                rule=f"{len(self.columns)} cells",
                way_out="put a cell with the separator in double quotes",
            )
        all_cells = [*cells, *[""] * len(self.columns)]
        row: dict[str, Any] = dict(zip(self.columns, all_cells, strict=False))
        record = self._named(line, "record", row["record"], RECORDS)
        use = USES[record]
        texts = ("label", "unit", "source")
        for column in COLUMNS:
            cell = row[column]
            text = cell.strip() if isinstance(cell, str) and column not in texts else cell
            row[column] = text
            if column == "record":
                continue
            if text == "" and column in use.needs:
                self.refuse(line, column, "the cell is empty", None, f"a row '{row['record']}' needs it", "fill it in")
            if text != "" and column not in (*use.needs, *use.may):
                self.refuse(
                    line,
                    column,
                    "the cell is not used by this kind of row",
                    text,
                    f"a row '{row['record']}' has {', '.join(self.written[c] for c in (*use.needs, *use.may))}",
                    "empty the cell, or correct the kind of row",
                )
        for column in texts:
            row[column] = str(row[column])
        if record != "setting":
            row["item"] = str(row["item"])
            for column in {"year", "price_year"} & set(use.needs):
                row[column] = self._year(line, column, row[column])
            if "value" in use.needs:
                row["value"] = self._number(line, "value", row["value"])
            if "payer" in use.needs:
                row["payer"] = self._payer(row["payer"])
        return record, row

    def _setting(self, line: int, row: dict[str, Any], settings: dict[str, Any], sources: dict[str, str]) -> None:
        name = self._named(line, "item", row["item"], SETTINGS)
        self._new(line, "item", name, settings)
        column, empty = ("label", "value") if name in TEXTS else ("value", "label")
        if row[column] == "":
            self.refuse(line, column, "the cell is empty", None, f"'{row['item']}' stands here", "fill it in")
        if row[empty] != "":
            self.refuse(
                line,
                empty,
                "the cell is not used by this setting",
                row[empty],
                f"'{row['item']}' stands under {self.written[column]}",
                "empty the cell",
            )
        if name in TEXTS:
            settings[name] = row["label"]
        elif name in ("start_year", "price_level"):
            settings[name] = self._year(line, "value", row["value"])
        else:
            settings[name] = self._number(line, "value", row["value"])
        if row["source"]:
            sources[name] = row["source"]

    def _part(self, kind: str, line: int, row: dict[str, Any], per_participant: bool) -> Cost | Consequence | Price:
        place = Place(self.file, line)
        about = {"label": row["label"], "source": row["source"], "place": place}
        if kind == "cost":
            return Cost(row["item"], row["year"], row["payer"], row["value"], per_participant, **about)
        if kind == "consequence":
            return Consequence(row["item"], row["year"], row["value"], row["unit"], **about)
        return Price(row["item"], row["payer"], row["value"], row["price_year"], **about)

    def _new(self, line: int, column: str, value: object, entries: Mapping[Any, Any]) -> None:
        if value in entries:
            self.refuse(line, column, "given twice", value, "one row each", "delete one of the two rows")

    def _word(self, table: Mapping[str, str], name: str) -> str:
        return table[name] if self.danish else name

    def _named(self, line: int, column: str, cell: Any, table: Mapping[str, str]) -> str:
        names_by_word = {self._word(table, name): name for name in table}
        text = str(cell).strip()
        if text not in names_by_word:
            self.refuse(
                line, column, "unknown word", text or None, f"one of {', '.join(names_by_word)}", "correct the word"
            )
        return names_by_word[text]

    def _payer(self, cell: Any) -> str:
        back = {da: en for en, da in PAYERS.items()} if self.danish else {}
        return back.get(str(cell), str(cell))

    def _year(self, line: int, column: str, cell: Any) -> int:
        exact = isinstance(cell, int | float) and not isinstance(cell, bool) and float(cell).is_integer()
        text_year = whole(cell, self.form) if isinstance(cell, str) else None
        year = text_year if text_year is not None else int(cell) if exact else 0
        if not 1900 <= year <= 2200:
            rule = "a whole number such as 2026"
            self.refuse(line, column, "not a calendar year", cell, rule, "write the year")
        return year

    def _number(self, line: int, column: str, cell: Any) -> float:
        if isinstance(cell, int | float) and not isinstance(cell, bool):
            number = float(cell)
        elif isinstance(cell, str) and (text_number := read(cell, self.form)) is not None:
            number = text_number
        else:
            rule = f"digits with a decimal {'comma: 1234,5' if self.form == 'da' else 'point: 1234.5'}"
            self.refuse(line, column, "not a number", cell, rule, "write a plain number without unit")
        if not math.isfinite(number):
            self.refuse(line, column, "not a finite number", cell, "kroner, units or a share", "write a number")
        return number


def _letter(i: int) -> str:
    """A column's letter, as spreadsheets count: A, B, ..., AA."""
    return _letter(i // 26 - 1) + chr(65 + i % 26) if i >= 26 else chr(65 + i)
