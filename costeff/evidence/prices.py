"""Price indices: the only way to move money between price years."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

from costeff.bundled import plain_file
from costeff.documents.numerals import read, whole
from costeff.documents.table_numerals import separator, table_format
from costeff.errors import EvidenceError, Place
from costeff.evidence.source import check_kind
from costeff.files.cells import unguarded
from costeff.problems import raise_all

INDEX_COLUMNS = ("index", "year", "value", "source", "kind", "note")
MOST_CHANGE = 1.5


@dataclass(frozen=True)
class PriceIndex:
    """An index by year; any base. `others` are the further indices of the same table, by name.

    >>> PriceIndex("cpi", {2012: 100.0, 2024: 121.0}).factor(2012, 2024)
    1.21
    """

    name: str
    values: Mapping[int, float]
    kinds: Mapping[int, str] = field(default_factory=dict)
    place: Place | None = None
    others: Mapping[str, PriceIndex] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        for year, value in self.values.items():
            if not (math.isfinite(value) and value > 0):
                raise EvidenceError(
                    f"price index {self.name!r}: a value is not above 0",
                    where=self.place,
                    value=f"{value} in {year}",
                    rule="index values are above 0, and finite",
                    way_out="correct the table",
                )
        years = sorted(self.values)
        for before, after in pairwise(years):
            change = (self.values[after] / self.values[before]) ** (1 / (after - before))
            if not 1 / MOST_CHANGE <= change <= MOST_CHANGE:
                raise EvidenceError(
                    f"price index {self.name!r}: prices jump between {before} and {after}",
                    where=self.place,
                    value=f"{self.values[before]:g} in {before}, {self.values[after]:g} in {after}",
                    rule=f"from one year to the next an index changes by a factor of at most {MOST_CHANGE:g}",
                    way_out="correct the value, or put all years on one base",
                )

    def named(self, name: str) -> PriceIndex | None:
        """This index for '' or its own name, another index of the same table by its name, else None.

        >>> wages = PriceIndex("wages", {2012: 100.0, 2024: 130.0})
        >>> PriceIndex("cpi", {2012: 100.0, 2024: 121.0}, others={"wages": wages}).named("wages").factor(2012, 2024)
        1.3
        """
        return self if name in ("", self.name) else self.others.get(name)

    def projected(self, growth: Mapping[int, float], where: Place | None = None) -> PriceIndex:
        """This index with further years, each `growth` times the year before it; so are the other indices of its table.

        Parameters
        ----------
        growth
            Year to the index of the year over that of the year before: the years that follow the last one, in order.
        where
            Where the growth is stated, for errors.

        Raises
        ------
        EvidenceError
            For a year that the index has, and for one whose year before is missing.

        Examples
        --------
        >>> PriceIndex("cpi", {2025: 100.0, 2026: 104.0}).projected({2027: 1.03}).factor(2026, 2027)
        1.03
        """
        years = set(self.values)
        for year in growth:
            if year in years or year - 1 not in years:
                last = max(years)
                raise EvidenceError(
                    f"the projection of price index {self.name!r} does not follow its last year",
                    where=where,
                    value=year,
                    rule=f"figures run to {last}, and a projection adds {last + 1}, {last + 2}, ... in order",
                    way_out=f"state the growth from {last + 1} on" if year > last else f"remove {year}",
                )
            years.add(year)
        others = {name: other._grown(growth) for name, other in self.others.items()}
        return replace(self._grown(growth), others=others)

    def _grown(self, growth: Mapping[int, float]) -> PriceIndex:
        """This index with those years of `growth` whose year before it has."""
        values, kinds = dict(self.values), dict(self.kinds)
        for year, factor in growth.items():
            if year not in values and year - 1 in values:
                values[year], kinds[year] = values[year - 1] * factor, "assumption"
        return replace(self, values=values, kinds=kinds)

    def factor(self, from_year: int, to_year: int) -> float:
        """What 1 krone of `from_year` is in `to_year`; exactly 1 between equal years."""
        for year in (from_year, to_year):
            if year not in self.values:
                years = f"{min(self.values)} to {max(self.values)}" if self.values else "no year"
                raise EvidenceError(
                    f"price index {self.name!r} lacks a year",
                    where=self.place,
                    value=year,
                    rule=f"the index holds {years}",
                    way_out="choose a price year that the index holds; an investment case projects it with "
                    "`price_index: {YEAR: GROWTH}`, and a parameter file of your own may name a longer table",
                )
        return 1.0 if from_year == to_year else self.values[to_year] / self.values[from_year]


def read_price_index(path: Path, name: str, where: Place | None = None) -> PriceIndex:
    """Read one index from a CSV with the columns index, year, value, source, kind, note, and its `others` beside it.

    Raises EvidenceError for a missing file, index or column, a year given twice, or a row without a source
    (unless its kind is assumption).
    """
    rows, mark = read_rows(path, INDEX_COLUMNS, where)
    form = table_format([[(Place(str(path), line), row["value"]) for line, row in rows]], mark, EvidenceError)
    names = list(dict.fromkeys(row["index"] for _, row in rows))
    if name not in names:
        raise EvidenceError(
            "unknown price index",
            where=where or Place(str(path)),
            value=name,
            rule=f"{path.name} holds {', '.join(sorted(names)) or 'no index'}",
            way_out="name one of these",
        )
    problems: list[EvidenceError] = []
    indices = {each: _index(path, each, rows, form, problems) for each in names}
    raise_all(problems, "evidence")
    return replace(indices.pop(name), others=indices)


def _index(
    path: Path, name: str, rows: list[tuple[int, dict[str, str]]], form: str, problems: list[EvidenceError]
) -> PriceIndex:
    """The index of one name, its numbers in a format; what is wrong with its rows is added to `problems`."""
    values: dict[int, float] = {}
    kinds: dict[int, str] = {}
    for line, row in rows:
        if row["index"] != name:
            continue
        place = Place(str(path), line)
        year, value = whole(row["year"], form), read(row["value"], form)
        if year is None or value is None:
            problems.append(
                EvidenceError(
                    "a price index row is not numeric",
                    where=place,
                    value=f"year {row['year']!r}, value {row['value']!r}",
                    rule="year is a whole number, value a number",
                    way_out="correct the row",
                )
            )
            continue
        if year in values:
            problems.append(
                EvidenceError(
                    f"price index {name!r} has a year twice",
                    where=place,
                    value=year,
                    rule="one value per index and year",
                    way_out="keep one of the rows",
                )
            )
        problems += check_kind(row["kind"], f"price index {name!r}, {row['year']}", place)
        if not row["source"] and row["kind"] != "assumption":
            problems.append(
                EvidenceError(
                    f"price index {name!r}: a row without a source",
                    where=place,
                    value=year,
                    rule="every figure has a source unless its kind is assumption",
                    way_out="name the source",
                )
            )
        values[year], kinds[year] = value, row["kind"]
    return PriceIndex(name, values, kinds, Place(str(path)))


def read_rows(
    path: Path, columns: tuple[str, ...], where: Place | None = None
) -> tuple[list[tuple[int, dict[str, str]]], str]:
    """Rows of a CSV as (line, column -> text), and what separates its cells. `columns` must all be there; others may
    be. Cells are stripped."""
    try:
        plain_file(path, EvidenceError, where)
    except EvidenceError as error:
        error.what = f"a file cannot be read: {error.what}"
        error.rule = error.rule or "files are named relative to the parameter file"
        raise
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            mark = separator(file.readline())
            file.seek(0)
            reader = csv.reader(file, delimiter=mark)
            header = [unguarded(cell.strip()) for cell in next(reader, [])]
            rows = [(reader.line_num, [unguarded(cell.strip()) for cell in row]) for row in reader if any(row)]
    except OSError as error:
        raise EvidenceError(
            "a file cannot be read",
            where=where or Place(str(path)),
            value=str(path),
            rule=f"files are named relative to the parameter file ({error.strerror})",
            way_out="correct the name",
        ) from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise EvidenceError(
            "a table is not a readable CSV",
            where=Place(str(path)),
            value=str(error),
            rule="CSV in UTF-8, separated by commas, semicolons or tabs",
            way_out="save the table again as UTF-8 CSV",
        ) from None
    missing = [column for column in columns if column not in header]
    if missing or not header or len(set(header)) != len(header):
        raise EvidenceError(
            "a table has the wrong columns",
            where=Place(str(path), 1),
            value=", ".join(header) or "an empty file",
            rule=f"columns are named once each, and include {', '.join(columns) or 'at least one'}",
            way_out=f"add {', '.join(missing)}" if missing else "correct the first line",
        )
    for line, row in rows:
        if len(row) != len(header):
            raise EvidenceError(
                "a row has the wrong number of cells",
                where=Place(str(path), line),
                value=len(row),
                rule=f"every row has {len(header)} cells, separated by {mark!r}",
                way_out="quote cells that contain the separator; a table with decimal commas is separated by "
                "semicolons or tabs",
            )
    return [(line, dict(zip(header, row, strict=True))) for line, row in rows], mark
