"""Codes of a register as groups of a lens, and what a row must be to be read; the rows of people stay in memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from costeff.trial.lens import Lens, plain_code
from costeff.trial.persons import PersonRows
from costeff.trial.quality import Refusals

UNKNOWN = -2


@dataclass(frozen=True, eq=False, repr=False)
class Register(PersonRows):
    """`groups` (N, W) int8: the lens's group of each week; `ids` (N,) stay here; `lines` (N,) are those of the file."""

    ids: np.ndarray
    groups: np.ndarray
    first_week: int
    lines: np.ndarray

    def people(self) -> int:
        """How many people there are."""
        return len(self.ids)


def good_rows(ids: np.ndarray, groups: np.ndarray, first_week: int, lens: Lens, refusals: Refusals) -> Register:
    """Without the refused rows, each counted once, by the first reason."""
    lines = np.arange(2, len(ids) + 2)
    good = np.ones(len(ids), bool)

    def refuse(kind: str, wrong: np.ndarray) -> None:
        nonlocal good
        wrong = wrong & good
        if wrong.any():
            refusals.refuse(kind, int(lines[np.argmax(wrong)]), int(wrong.sum()))
            good = good & ~wrong

    refuse("no_person", ids == "")
    _, place, counts = np.unique(ids, return_inverse=True, return_counts=True)
    refuse("person_twice", counts[place] > 1)
    refuse("unknown_code", (groups == UNKNOWN).any(axis=1))
    dead = next((i for i, group in enumerate(lens.groups) if group.read_as == "dead"), None)
    if dead is not None:
        is_dead = groups == dead
        refuse("alive_after_death", (is_dead[:, :-1] & ~is_dead[:, 1:]).any(axis=1))
    return Register(ids[good], groups[good] if not good.all() else groups, first_week, lines[good])


def grouped(column: Any, code_groups: dict[str, int], refusals: Refusals) -> np.ndarray:
    """Groups of one column of codes, whatever its type: each different code is looked up once."""
    import pyarrow as pa

    array = column if isinstance(column, pa.Array | pa.ChunkedArray) else pa.array(column, from_pandas=True)
    array = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    if not pa.types.is_dictionary(array.type):
        array = array.dictionary_encode()
    codes = ["" if value is None else plain_code(str(value)) for value in array.dictionary.to_pylist()]
    table = np.array([*(code_groups.get(code, UNKNOWN) for code in codes), code_groups.get("", UNKNOWN)], np.int8)
    index = array.indices.fill_null(len(codes)).to_numpy(zero_copy_only=False)
    if (table == UNKNOWN).any():
        counts = np.bincount(index, minlength=len(table))
        for i in np.flatnonzero((table == UNKNOWN) & (counts > 0)):
            code = codes[i] if i < len(codes) else ""
            refusals.unknown_codes[code] = refusals.unknown_codes.get(code, 0) + int(counts[i])
    return np.asarray(table[index])


def person_ids(column: Any) -> np.ndarray:
    """The numbers of persons of one column as texts; '' where there is none."""
    import pyarrow as pa

    values = column.to_pylist() if isinstance(column, pa.Array | pa.ChunkedArray) else list(column)
    return np.array(["" if value is None or value != value else plain_id(value) for value in values], object)


def plain_id(value: object) -> str:
    """A person's number as text, the same from every kind of file."""
    text = str(value).strip()
    return text[:-2] if text.endswith(".0") else text
