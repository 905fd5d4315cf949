"""What a caller says about a table: its columns, its strategies, what to leave out; lists of names with commas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from costeff.analysis.tables.columns import Columns
from costeff.errors import Place, ResultError

Naming = str | Sequence[str] | None
"""How columns are named: one column, a pattern with *, what the names begin or end with, or a list of columns."""


@dataclass(frozen=True)
class Asked:
    """What `read_psa` was asked for beside the table; see there."""

    cost: Naming = None
    effect: Naming = None
    net_benefit: Naming = None
    strategies: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    columns: Mapping[str, str] | Sequence[str] = ()
    subgroup: str | None = None


def texts_of(names: Any) -> tuple[str, ...]:
    """One name or several as a tuple of texts; numbers, such as strategies 1 and 2, become texts.

    >>> texts_of("usual"), texts_of(["usual", 2])
    (('usual',), ('usual', '2'))
    """
    if isinstance(names, str) or not isinstance(names, Iterable):
        return (str(names),)
    return tuple(str(name) for name in names)


def same_name(name: str, choices: Iterable[str]) -> str | None:
    """The known name that is meant: the same text, else the one that is the same number.

    >>> same_name("2", ["1.0", "2.0"]), same_name("new", ["New"])
    ('2.0', None)
    """
    names = list(choices)
    if name in names:
        return name
    return next((other for other in names if _number(other) is not None and _number(other) == _number(name)), None)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def listed(texts: Iterable[str], choices: Iterable[str]) -> tuple[str, ...]:
    """Names as they were typed: each text is one name if there is such a name, else a list of names between commas.

    A name with a comma in a list stands in double quotes. What is not known is kept, for the caller to refuse.

    Parameters
    ----------
    texts : texts as typed
        Such as the values of an option that may be repeated.
    choices : names
        Those that there are.

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> listed(["drug a, 10 mg", "b,c"], ["drug a, 10 mg", "b", "c"])
    ('drug a, 10 mg', 'b', 'c')
    >>> listed(['"drug a, 10 mg",b'], ["drug a, 10 mg", "b"])
    ('drug a, 10 mg', 'b')
    """
    names, matches = list(choices), []
    for text in texts:
        whole = same_name(text, names) or same_name(text.strip(), names)
        if whole is not None:
            matches.append(whole)
        else:
            parts = next(csv.reader(io.StringIO(text), skipinitialspace=True), [])
            matches += [same_name(part.strip(), names) or part.strip() for part in parts if part.strip()]
    return tuple(matches)


def prepared(tables: Sequence[Columns], request: Asked) -> list[Columns]:
    """Tables with their columns renamed and without those to ignore; each name must be in one of them at least."""
    where = tables[0].head()
    new_tables = _renamed(tables, request.columns, where)
    names = list(dict.fromkeys(name for table in new_tables for name in table.names))
    omissions = listed(request.ignore, names)
    unknown = sorted(set(omissions) - set(names))
    if unknown:
        raise ResultError(
            "no such column to ignore",
            where=where,
            value=", ".join(unknown),
            rule=f"columns: {', '.join(names)}",
            way_out="correct the name in ignore=; a list is separated by commas, and a name with a comma in it stands "
            "by itself or in double quotes",
        )
    return [table.without(omissions) for table in new_tables]


def renaming(columns: Mapping[str, str] | Sequence[str], names: Sequence[str], where: Place | str) -> dict[str, str]:
    """Old names of columns to new ones, from a mapping or from texts OLD=NEW; each old name is a known one."""
    if isinstance(columns, Mapping):
        pairs = [(str(old), str(new)) for old, new in columns.items()]
    else:
        pairs = [_pair(text, names, where) for text in columns]
    new_names = dict(pairs)
    unknown = [old for old in new_names if old not in names]
    if unknown:
        raise ResultError(
            "no such column to rename",
            where=where,
            value=", ".join(unknown),
            rule=f"columns: {', '.join(names)}",
            way_out="correct the old name in columns=",
        )
    if len(new_names) < len(pairs) or not all(new_names.values()):
        raise ResultError(
            "a column is renamed twice, or to nothing",
            where=where,
            value=", ".join(f"{o}={n}" for o, n in pairs),
            rule="each column gets one new name",
            way_out="correct columns=; to leave a column out, ignore=",
        )
    return new_names


def _renamed(
    tables: Sequence[Columns], columns: Mapping[str, str] | Sequence[str], where: Place | str
) -> list[Columns]:
    """Tables whose columns have the names that `columns` gives them."""
    new_names = renaming(columns, [name for table in tables for name in table.names], where)
    for table in tables:
        after = [new_names.get(name, name) for name in table.names]
        twice = sorted({name for name in after if after.count(name) > 1})
        if twice:
            raise ResultError(
                "two columns would have one name",
                where=table.head(),
                value=", ".join(twice),
                rule="column names are unique",
                way_out="choose other new names in columns=",
            )
    return [table.renamed(new_names) for table in tables] if new_names else list(tables)


def _pair(text: str, names: Sequence[str], where: Place | str) -> tuple[str, str]:
    """OLD=NEW cut at the sign before which a column of the table stands; names may hold the sign themselves."""
    cuts = [i for i, sign in enumerate(text) if sign == "="]
    if not cuts:
        raise ResultError(
            "a column is renamed without a new name",
            where=where,
            value=text,
            rule="OLD=NEW",
            way_out="write it so in columns=",
        )
    cut = next((i for i in cuts if text[:i] in names), cuts[0])
    return text[:cut], text[cut + 1 :]
