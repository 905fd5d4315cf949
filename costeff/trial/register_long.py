"""A register with one row for each person and week: of two codes in one week the first in priority counts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from costeff.errors import Place, ScenarioError
from costeff.trial.lens import Lens
from costeff.trial.quality import Refusals
from costeff.trial.register_rows import UNKNOWN, Register, good_rows, grouped, person_ids
from costeff.trial.weeks import column_week

MOST_WEEKS = 53 * 60


def read_long(path: Path, person: str, lens: Lens, refusals: Refusals, blocks: Iterator[Any]) -> Register:
    """People by week, from rows in any order; a week without a row is a week without a code.

    A week is written as the column of a wide register, y_YYWW. Raises ScenarioError for another way of writing.
    """
    code_groups = lens.group_of_code()
    ids, weeks, groups = [], [], []
    for block in blocks:
        ids.append(person_ids(block[person]))
        weeks.append(_weeks(block["week"], path))
        groups.append(grouped(block["code"], code_groups, refusals))
    who, week, group = np.concatenate(ids), np.concatenate(weeks), np.concatenate(groups)
    refusals.rows += len(who)
    nobody = who == ""
    if nobody.any():
        refusals.refuse("no_person", int(np.argmax(nobody)) + 2, int(nobody.sum()))
        who, week, group = who[~nobody], week[~nobody], group[~nobody]
    names, place = np.unique(who.astype(str), return_inverse=True)
    first, last = int(week.min()), int(week.max())
    if last - first > MOST_WEEKS:
        raise ScenarioError("weeks more than a life apart", where=str(path), value=f"{last - first} weeks")
    blank = code_groups.get("", UNKNOWN)
    matrix = np.full((len(names), last - first + 1), np.iinfo(np.int8).max, np.int8)
    np.minimum.at(matrix, (place, week - first), group)
    matrix[matrix == np.iinfo(np.int8).max] = blank
    people = names.astype(object)
    rows = refusals.rows
    register = good_rows(people, matrix, first, lens, refusals)
    refusals.rows = rows
    return register


def _weeks(column: Any, path: Path) -> np.ndarray:
    import pyarrow as pa

    array = column if isinstance(column, pa.Array | pa.ChunkedArray) else pa.array(column, from_pandas=True)
    array = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    if not pa.types.is_dictionary(array.type):
        array = array.dictionary_encode()
    table = []
    for text in array.dictionary.to_pylist():
        week = column_week(str(text), Place(str(path)))
        if week is None:
            raise ScenarioError(
                "a week written in another way",
                where=str(path),
                value=str(text)[:20],
                rule="weeks are written y_YYWW, such as y_2401",
                way_out="write the column `week` so",
            )
        table.append(week)
    return np.asarray(np.array(table)[array.indices.to_numpy(zero_copy_only=False)])
