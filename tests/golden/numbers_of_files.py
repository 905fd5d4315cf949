"""Every number and every other cell of the files that a command wrote, by file and place."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

_PRINTED_NUMBER = re.compile(r"[-−]?\d(?:[\d.,]*\d)?(?:e[-+]\d+)?")
_LINE_OF_FILE = re.compile(r"\.yaml:\d+")
Cell = tuple[str, str]
"""("number", its shortest exact text) or ("text", the text)."""


def cells_of(folder: Path) -> dict[str, Cell]:
    """All cells of all JSON, CSV, netCDF and XLSX files and of the printed text below a folder.

    Parameters
    ----------
    folder : Path
        Outputs of one command.

    Returns
    -------
    dict
        By place, such as `files/summary.json/parties/0/cost`; HTML and PDF are left out, since their numbers are those
        of the tables beside them.
    """
    readers = {".json": _json, ".csv": _csv, ".nc": _netcdf, ".xlsx": _workbook, ".txt": _lines}
    cells: dict[str, Cell] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in readers:
            name = path.relative_to(folder).as_posix()
            cells.update((f"{name}/{place}", cell) for place, cell in readers[path.suffix](path))
    return cells


def _cell(value: Any) -> Cell:
    if isinstance(value, (bool, str)) or value is None:
        return "text", str(value)
    return "number", repr(value)


def _json(path: Path) -> Iterator[tuple[str, Cell]]:
    def walk(value: Any, place: str) -> Iterator[tuple[str, Cell]]:
        if isinstance(value, dict):
            for key, inner in value.items():
                yield from walk(inner, f"{place}/{key}" if place else key)
        elif isinstance(value, list):
            for i, inner in enumerate(value):
                yield from walk(inner, f"{place}/{i}")
        else:
            yield place, _cell(value)

    yield from walk(json.loads(path.read_text(encoding="utf-8")), "")


def _csv(path: Path) -> Iterator[tuple[str, Cell]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        head = lines.readline()
        lines.seek(0)
        mark = ";" if head.count(";") > head.count(",") else ","
        rows = csv.reader(lines, delimiter=mark)
        header = next(rows)
        for number, row in enumerate(rows):
            for column, text in zip(header, row, strict=True):
                try:
                    float(text.replace(",", ".") if mark == ";" else text)
                except ValueError:
                    yield f"{number}/{column}", ("text", text)
                else:  # as written: another number of digits is another number
                    yield f"{number}/{column}", ("number", text)


def _netcdf(path: Path) -> Iterator[tuple[str, Cell]]:
    import xarray as xr

    def walk(attrs: Any, place: str) -> Iterator[tuple[str, Cell]]:
        for name, value in attrs.items():
            plain = value.item() if isinstance(value, np.generic) else value
            cell = _cell(plain) if isinstance(plain, (str, int, float)) else ("text", str(plain))
            yield f"{place}/{name}", cell

    with xr.open_dataset(path) as data:
        yield from walk(data.attrs, "attributes")
        for name, array in data.variables.items():
            values = np.ascontiguousarray(array.values)
            place = f"{name}({','.join(map(str, array.dims))})"
            if values.dtype.kind in "OUS":
                for index, text in enumerate(values.ravel()):
                    yield f"{place}/{index}", ("text", str(text))
            else:  # a million numbers are equal when their bytes are; the first ones show where they part
                shape = "x".join(map(str, values.shape))
                digest = hashlib.sha256(values.tobytes()).hexdigest()
                yield f"{place}/bytes", ("number", f"{values.dtype} {shape} {digest}")
                for index, value in enumerate(values.ravel()[:50].tolist()):
                    yield f"{place}/{index}", _cell(value)
            yield from walk(array.attrs, f"{place}/attributes")


def _workbook(path: Path) -> Iterator[tuple[str, Cell]]:
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True)
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None:
                    yield f"{sheet.title}/{cell.coordinate}", _cell(cell.value)
    book.close()


def _lines(path: Path) -> Iterator[tuple[str, Cell]]:
    """The numbers of each line in their order, and the line without them."""
    for row, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
        text = _LINE_OF_FILE.sub(".yaml", line.rstrip())
        yield f"{row}/words", ("text", _PRINTED_NUMBER.sub("#", text))
        for place, number in enumerate(_PRINTED_NUMBER.findall(text)):
            yield f"{row}/{place}", ("number", number)
