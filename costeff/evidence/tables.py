"""Look-up tables, such as mortality by age and sex: numbers that are not drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costeff.documents.numerals import NEAR_ZERO_RULE, is_near_zero, read
from costeff.documents.table_numerals import table_format
from costeff.errors import EvidenceError, Place
from costeff.evidence.prices import read_rows
from costeff.evidence.source import check_kind, check_source, normal_source
from costeff.problems import raise_all
from costeff.units import parse_unit

Floats = NDArray[np.float64]


_ROWS, _MOSTLY = 10, 0.8  # rows from which steps are compared; share of equal steps that is called usual


@dataclass(frozen=True, eq=False)
class Table:
    """A step function: `columns[stratum][i]` holds from `index[i]` up to, not including, `index[i + 1]`.

    `argument` names the look-up argument (the first column of the file, for instance age); the last row holds
    for everything above it. A table without strata has the one column `value`. Rows that miss in equal steps are
    refused unless `gaps` says that they are meant; `meant` says so of rates that look like a slip.

    >>> table = Table("mortality", "rate per year", "age", [0, 60], {"women": [0.1, 0.2]}, kind="assumption")
    >>> table.lookup([59.9, 60.0, 99.0], "women").tolist()
    [0.1, 0.2, 0.2]
    """

    name: str
    unit: str
    argument: str
    index: ArrayLike
    columns: Mapping[str, ArrayLike]
    kind: str = ""
    source: tuple[str, ...] = ()
    note: str = ""
    price_year: int | None = None
    file: str = ""
    place: Place | None = None
    price_note: str = ""
    gaps: bool = False
    meant: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "source", normal_source(self.source))
        object.__setattr__(self, "index", np.asarray(self.index, dtype=float))
        object.__setattr__(self, "columns", {k: np.asarray(v, dtype=float) for k, v in self.columns.items()})
        problems = check_kind(self.kind, f"table {self.name!r}", self.place)
        problems += check_source(self.kind, self.source, f"table {self.name!r}", self.place)
        raise_all(problems + self._shape_problems() + self._unit_problems(), "evidence")

    def _problem(self, what: str, value: object, rule: str, way_out: str) -> EvidenceError:
        return EvidenceError(f"table {self.name!r}: {what}", where=self.place, value=value, rule=rule, way_out=way_out)

    def _shape_problems(self) -> list[EvidenceError]:
        index = np.asarray(self.index)
        if index.ndim != 1 or index.size == 0 or not self.columns:
            return [self._problem("it is empty", index.shape, "at least one row and one column", "fill the table")]
        problems = []
        if not (np.isfinite(index).all() and (np.diff(index) > 0).all()):
            row = int(np.argmin(np.diff(index) > 0)) + 1 if index.size > 1 else 0
            problems.append(
                self._problem(
                    f"{self.argument} does not increase",
                    float(index[row]),
                    f"{self.argument} rises from row to row",
                    "sort the table, and keep one row per value",
                )
            )
        if not self.gaps and not problems:
            problems += self._gap_problems(index)
        for name, column in self.columns.items():
            if np.shape(column) != index.shape:
                problems.append(
                    self._problem(
                        f"column {name!r} is too short or long", np.shape(column), "one value per row", "mend"
                    )
                )
        return problems

    def _gap_problems(self, index: Floats) -> list[EvidenceError]:
        """Rows that are missing where nearly all follow in equal steps: the row before would stand for them."""
        if index.size < _ROWS:
            return []
        steps = np.round(np.diff(index), 9)
        sizes, counts = np.unique(steps, return_counts=True)
        usual = float(sizes[counts.argmax()])
        whole = np.round(steps / usual, 9)
        wide = (whole > 1) & (whole == np.round(whole))
        if counts.max() < _MOSTLY * steps.size or not wide.any():
            return []
        row = int(np.argmax(wide))
        return [
            self._problem(
                "rows are missing",
                f"{self.argument} goes from {index[row]:g} to {index[row + 1]:g}, elsewhere by {usual:g}",
                "a row stands for all up to the next; a gap is filled from the row before it without a word",
                "add the rows, or say `gaps: true` when the table is meant so",
            )
        ]

    def _unit_problems(self) -> list[EvidenceError]:
        try:
            unit = parse_unit(self.unit, self.place)
        except EvidenceError as error:
            return [error]
        problems = []
        if unit.currency is not None and self.price_year is None:
            problems.append(
                self._problem("money without a price year", self.unit, "money has a price_year", "add price_year")
            )
        for name, values in self.columns.items():
            column = np.asarray(values)
            bad = column[~(np.isfinite(column) & (column >= unit.low) & (column <= unit.high))]
            if bad.size:
                problems.append(
                    self._problem(
                        f"a value in column {name!r} is outside the unit",
                        float(bad[0]),
                        f"{self.unit} lies in {unit.low:g} to {unit.high:g}",
                        "correct the value or the unit",
                    )
                )
        return problems

    def lookup(self, argument: ArrayLike, column: str = "value") -> Floats:
        """Values at `argument` (any shape). Raises EvidenceError below the first row, or for no such column."""
        if column not in self.columns:
            raise self._problem("unknown column", column, f"it holds {', '.join(self.columns)}", "name one of these")
        at = np.asarray(argument, dtype=float)
        row = np.searchsorted(np.asarray(self.index), at, side="right") - 1
        if np.any(row < 0) or np.any(np.isnan(at)):
            raise self._problem(
                f"{self.argument} below the first row",
                float(np.min(at)),
                f"the table starts at {float(np.asarray(self.index)[0]):g}",
                "extend the table",
            )
        return np.asarray(np.asarray(self.columns[column])[row])

    def scaled(self, factor: float, year: int, note: str) -> Table:
        """The table in the prices of another year."""
        columns = {name: np.asarray(column) * factor for name, column in self.columns.items()}
        return replace(self, columns=columns, price_year=year, price_note=note)


def read_columns(path: Path, where: Place | None = None) -> tuple[list[str], Floats]:
    """Header and numbers of an all-numeric CSV; a cell that is no number is an error with its line.

    Cells are separated by commas, semicolons or tabs; whether decimals take a point or a comma is told by the cells.
    """
    rows, mark = read_rows(path, (), where)
    names = list(rows[0][1]) if rows else []
    places = [Place(str(path), line) for line, _ in rows]
    columns = [[(place, row[name]) for place, (_, row) in zip(places, rows, strict=True)] for name in names]
    form = table_format(columns, mark, EvidenceError)
    numbers = np.empty((len(rows), len(names)))
    problems = []
    for i, (line, row) in enumerate(rows):
        for j, name in enumerate(names):
            number = read(row[name], form)
            numbers[i, j] = np.nan if number is None else number
            if fault := _cell_fault(row[name], number):
                what, rule = fault
                problem = EvidenceError(
                    f"column {name!r} has a cell that {what}",
                    where=Place(str(path), line),
                    value=row[name][:40] or "empty",
                    rule=rule,
                    way_out="correct the cell",
                )
                problems.append(problem)
    raise_all(problems, "evidence")
    return names, numbers


def _cell_fault(text: str, number: float | None) -> tuple[str, str] | None:
    """What a cell is that a table of numbers does not take, and the rule; None when nothing is wrong."""
    if number is None:
        return "is not a number", "every cell is a number"
    if np.isinf(number):
        return "is too large", "numbers up to 1e308"
    return ("is too near to 0 to be told from it", NEAR_ZERO_RULE) if is_near_zero(text, number) else None
