"""Reads a weekly register into groups of codes: wide (`y_YYWW`) or long; CSV, Parquet, SAS and Stata, in blocks.

Sizes: N people, W weeks of the extract.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from costeff.bundled import plain_file
from costeff.errors import MissingExtraError, Place, ScenarioError
from costeff.trial.lens import Lens
from costeff.trial.quality import Refusals
from costeff.trial.register_long import read_long
from costeff.trial.register_rows import Register, good_rows, grouped, person_ids
from costeff.trial.table_text import check_columns, text_form
from costeff.trial.weeks import check_consecutive, column_week

PERSON = ("person", "pnr")
LONG = ("week", "code")
MOST_BYTES = 4 * 10**9
BLOCK_ROWS = 4096
CSV_BLOCK = 1 << 24
SUFFIXES = (".csv", ".parquet", ".sas7bdat", ".xpt", ".dta")


def read_register(path: Path, lens: Lens, refusals: Refusals) -> Register:
    """The register of one file. Rows with an unknown code, of nobody or of a person who stands twice are refused.

    Raises ScenarioError for another kind of file, missing columns, weeks out of order or with a gap, mixed encodings.
    """
    plain_file(path, most=MOST_BYTES)
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise ScenarioError(
            "a register in another form",
            value=path.name,
            rule=f"files ending in {', '.join(SUFFIXES)}",
            way_out="extract it as CSV or Parquet",
        )
    person, columns = _columns(path, suffix)
    week_columns = [(name, week) for name in columns if (week := column_week(name, Place(str(path), 1))) is not None]
    if not week_columns and all(name in columns for name in LONG):
        return read_long(path, person, lens, refusals, _blocks(path, suffix, [person, *LONG], refusals))
    if not week_columns:
        check_columns(columns, ["y_YYWW"], path)
    names, weeks = [name for name, _ in week_columns], [week for _, week in week_columns]
    check_consecutive(names, weeks, Place(str(path), 1))
    code_groups = lens.group_of_code()
    ids: list[np.ndarray] = []
    parts: list[np.ndarray] = []
    for block in _blocks(path, suffix, [person, *names], refusals):
        count = len(block[person])
        groups = np.empty((count, len(names)), np.int8)
        for j, name in enumerate(names):
            groups[:, j] = grouped(block[name], code_groups, refusals)
        ids.append(person_ids(block[person]))
        parts.append(groups)
    every = np.concatenate(ids) if ids else np.zeros(0, object)
    groups = np.concatenate(parts) if parts else np.zeros((0, len(names)), np.int8)
    refusals.rows += len(every)
    return good_rows(every, groups, weeks[0], lens, refusals)


def _columns(path: Path, suffix: str) -> tuple[str, list[str]]:
    """(the column of persons, all columns)."""
    if suffix == ".csv":
        columns = list(text_form(path).columns)
    elif suffix == ".parquet":
        columns = list(_parquet(path).schema_arrow.names)
    else:
        columns = list(_statistics(path, suffix, 0)[0].columns)
    person = next((name for name in columns if name.lower() in PERSON), None)
    if person is None:
        check_columns(columns, [PERSON[0]], path)
    return str(person), columns


def _blocks(path: Path, suffix: str, names: list[str], refusals: Refusals) -> Iterator[Any]:
    """Column to values, some thousand rows at a time."""
    if suffix == ".csv":
        return _csv_blocks(path, names, refusals)
    if suffix == ".parquet":
        return _parquet_blocks(path, names)
    return _statistics_blocks(path, suffix, names)


def _parquet_blocks(path: Path, names: list[str]) -> Iterator[Any]:
    file, pa = _parquet(path), _pyarrow()
    try:
        yield from file.iter_batches(BLOCK_ROWS, columns=names)
    except (pa.ArrowException, OSError, UnicodeDecodeError):  # damage inside the file shows only here
        raise _unreadable(path, "Parquet") from None


def _csv_blocks(path: Path, names: list[str], refusals: Refusals) -> Iterator[Any]:
    pa = _pyarrow()
    from pyarrow import csv

    form = text_form(path)
    code_type = pa.dictionary(pa.int32(), pa.string())
    types = {name: pa.string() if name == names[0] else code_type for name in names}

    rows_skipped: list[int] = []

    def other_length(row: Any) -> str:
        rows_skipped.append(1)
        refusals.rows += 1
        refusals.refuse("row_of_another_length", int(row.number or 0))
        return "skip"

    try:
        reader = csv.open_csv(
            path,
            csv.ReadOptions(
                use_threads=False,
                block_size=CSV_BLOCK,
                encoding="utf8" if form.encoding.startswith("utf") else form.encoding,
            ),
            csv.ParseOptions(delimiter=form.separator, invalid_row_handler=other_length),
            csv.ConvertOptions(column_types=types, include_columns=names, strings_can_be_null=False),
        )
        count = 0
        for batch in reader:
            count += len(batch)
            yield batch
    except pa.ArrowInvalid:  # its message shows the row
        raise ScenarioError(
            "the file is no table",
            where=str(path),
            rule=f"one line for each person, cells with {form.separator!r} between them, no open quotes",
            way_out="write the file again from its source",
        ) from None
    with path.open("rb") as file:
        lines = sum(1 for line in file if line.strip()) - 1
    if count + len(rows_skipped) != lines:
        raise ScenarioError(
            "a quote that is never closed takes several lines for one",
            where=str(path),
            value=f"{lines} lines, {count + len(rows_skipped)} rows",
            rule="each line is one person",
            way_out="write the file again from its source, without quotes",
        )


def _parquet(path: Path) -> Any:
    pa = _pyarrow()
    from pyarrow import parquet

    try:
        return parquet.ParquetFile(path)
    except (pa.ArrowException, OSError, UnicodeDecodeError):
        raise _unreadable(path, "Parquet") from None


def _statistics(path: Path, suffix: str, rows: int) -> Any:
    """(frame, metadata) of a file of SAS or Stata, its first rows; 0 for the columns alone."""
    readstat = _readstat()
    try:
        return _reader(suffix)(str(path), metadataonly=rows == 0, row_limit=rows)
    except (readstat.ReadstatError, UnicodeDecodeError):
        raise _unreadable(path, "SAS or Stata") from None


def _statistics_blocks(path: Path, suffix: str, names: list[str]) -> Iterator[Any]:
    readstat = _readstat()
    try:
        for frame, _ in readstat.read_file_in_chunks(
            _reader(suffix), str(path), chunksize=BLOCK_ROWS, usecols=names, disable_datetime_conversion=True
        ):
            yield {name: frame[name] for name in names}
    except (readstat.ReadstatError, UnicodeDecodeError):
        raise _unreadable(path, "SAS or Stata") from None


def _reader(suffix: str) -> Any:
    readstat = _readstat()
    return {".dta": readstat.read_dta, ".xpt": readstat.read_xport, ".sas7bdat": readstat.read_sas7bdat}[suffix]


def _unreadable(path: Path, kind: str) -> ScenarioError:
    return ScenarioError(
        f"the file cannot be read as {kind}",
        where=str(path),
        rule="the ending of a file says what it is",
        way_out="write the file again from its source",
    )


def _pyarrow() -> Any:
    try:
        import pyarrow as pa
    except ImportError:
        raise _missing("pyarrow") from None
    return pa


def _readstat() -> Any:
    try:
        import pyreadstat
    except ImportError:
        raise _missing("pyreadstat") from None
    return pyreadstat


def _missing(package: str) -> MissingExtraError:
    return MissingExtraError(
        f"{package} is not installed",
        rule="registers are read with the extra `trial`",
        way_out="python3 -m pip install 'costeff[trial]'",
    )
