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


def same_name(name: str, known: Iterable[str]) -> str | None:
    """The known name that is meant: the same text, else the one that is the same number.

    >>> same_name("2", ["1.0", "2.0"]), same_name("new", ["New"])
    ('2.0', None)
    """
    listed = list(known)
    if name in listed:
        return name
    return next(
        (other for other in listed if _number(other) is not None and _number(other) == _number(name)), None
    )


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def listed(texts: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
    """Names as they were typed: each text is one name if there is such a name, else a list of names between commas.

    A name with a comma in a list stands in double quotes. What is not known is kept, for the caller to refuse.

    Parameters
    ----------
    texts : texts as typed
        Such as the values of an option that may be repeated.
    known : names
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
    names, found = list(known), []
    for text in texts:
        whole = same_name(text, names) or same_name(text.strip(), names)
        if whole is not None:
            found.append(whole)
        else:
            parts = next(csv.reader(io.StringIO(text), skipinitialspace=True), [])
            found += [same_name(part.strip(), names) or part.strip() for part in parts if part.strip()]
    return tuple(found)


def prepared(tables: Sequence[Columns], asked: Asked) -> list[Columns]:
    """Tables with their columns renamed and without those to ignore; each name must be in one of them at least."""
    where = tables[0].head()
    renamed = _renamed(tables, asked.columns, where)
    known = list(dict.fromkeys(name for table in renamed for name in table.names))
    ignored = listed(asked.ignore, known)
    unknown = sorted(set(ignored) - set(known))
    if unknown:
        raise ResultError(
            "no such column to ignore", where=where, value=", ".join(unknown), rule=f"columns: {', '.join(known)}",
            way_out="correct the name in ignore=; a list is separated by commas, and a name with a comma in it stands "
            "by itself or in double quotes",
        )  # fmt: skip
    return [table.without(ignored) for table in renamed]


def renaming(
    columns: Mapping[str, str] | Sequence[str], known: Sequence[str], where: Place | str
) -> dict[str, str]:
    """Old names of columns to new ones, from a mapping or from texts OLD=NEW; each old name is a known one."""
    if isinstance(columns, Mapping):
        pairs = [(str(old), str(new)) for old, new in columns.items()]
    else:
        pairs = [_pair(text, known, where) for text in columns]
    made = dict(pairs)
    unknown = [old for old in made if old not in known]
    if unknown:
        raise ResultError(
            "no such column to rename", where=where, value=", ".join(unknown), rule=f"columns: {', '.join(known)}",
            way_out="correct the old name in columns=",
        )  # fmt: skip
    if len(made) < len(pairs) or not all(made.values()):
        raise ResultError(
            "a column is renamed twice, or to nothing", where=where, value=", ".join(f"{o}={n}" for o, n in pairs),
            rule="each column gets one new name", way_out="correct columns=; to leave a column out, ignore=",
        )  # fmt: skip
    return made


def _renamed(
    tables: Sequence[Columns], columns: Mapping[str, str] | Sequence[str], where: Place | str
) -> list[Columns]:
    """Tables whose columns have the names that `columns` gives them."""
    made = renaming(columns, [name for table in tables for name in table.names], where)
    for table in tables:
        after = [made.get(name, name) for name in table.names]
        twice = sorted({name for name in after if after.count(name) > 1})
        if twice:
            raise ResultError(
                "two columns would have one name", where=table.head(), value=", ".join(twice),
                rule="column names are unique", way_out="choose other new names in columns=",
            )  # fmt: skip
    return [table.renamed(made) for table in tables] if made else list(tables)


def _pair(text: str, known: Sequence[str], where: Place | str) -> tuple[str, str]:
    """OLD=NEW cut at the sign before which a column of the table stands; names may hold the sign themselves."""
    cuts = [i for i, sign in enumerate(text) if sign == "="]
    if not cuts:
        raise ResultError(
            "a column is renamed without a new name", where=where, value=text, rule="OLD=NEW",
            way_out="write it so in columns=",
        )  # fmt: skip
    cut = next((i for i in cuts if text[:i] in known), cuts[0])
    return text[:cut], text[cut + 1 :]
