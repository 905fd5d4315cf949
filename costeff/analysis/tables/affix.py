"""Families of columns that are named by a word and a strategy: cost_A and cost_B, e.A and e.B, A_Eff and B_Eff."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from costeff.analysis.tables.asked import listed
from costeff.errors import Place, ResultError

_SEPARATORS = r"[_.:\- ]"


@dataclass(frozen=True)
class Family:
    """Columns of one kind, by strategy."""

    columns: dict[str, str]
    """Strategy to column."""
    form: str
    """The names with X for the strategy, as cost_X; how the family is shown."""
    order: tuple[str, ...] = field(default=())

    @property
    def pattern(self) -> str:
        """The names with * for the strategy, as a caller writes them."""
        return f"{self.form[:-1]}*" if self.form.endswith("X") else f"*{self.form[1:]}"


def families(names: Iterable[str], words: Sequence[str], letter: str = "") -> list[Family]:
    """All families of columns that one of `words` begins or ends, or `letter` with a point (c.X, as BCEA writes).

    Words are told apart from the strategy by _ . : - or a blank, and read in any case.

    >>> [(family.form, family.columns) for family in families(["Cost_A", "Cost_B", "x"], ["cost"])]
    [('Cost_X', {'A': 'Cost_A', 'B': 'Cost_B'})]
    >>> [(family.form, list(family.columns)) for family in families(["A_Eff", "B_Eff"], ["eff"])]
    [('X_Eff', ['A', 'B'])]
    """
    word = "|".join(sorted(map(re.escape, words), key=len, reverse=True))
    before = re.compile(rf"({word})({_SEPARATORS})(.+)", re.IGNORECASE)
    after = re.compile(rf"(.+?)({_SEPARATORS})({word})", re.IGNORECASE)
    letter_form = re.compile(rf"({letter})(\.)(.+)") if letter else None
    groups: dict[tuple[str, str, bool], tuple[str, list[tuple[str, str]]]] = {}
    for name in names:
        ahead = before.fullmatch(name) or (letter_form and letter_form.fullmatch(name))
        behind = after.fullmatch(name)
        if ahead:
            key = (ahead[1].casefold(), ahead[2], True)
            groups.setdefault(key, (f"{ahead[1]}{ahead[2]}X", []))[1].append((ahead[3], name))
        elif behind:
            key = (behind[3].casefold(), behind[2], False)
            groups.setdefault(key, (f"X{behind[2]}{behind[3]}", []))[1].append((behind[1], name))
    return [Family(_bare(pairs), form) for form, pairs in groups.values() if len(dict(pairs)) == len(pairs)]


def _bare(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Strategy to column; brackets around every strategy, as in Cost (A), are no part of their names."""
    if all(len(name) > 2 and name[0] + name[-1] in ("()", "[]") for name, _ in pairs):
        return {name[1:-1].strip(): column for name, column in pairs}
    return dict(pairs)


def by_naming(names: Sequence[str], naming: str | Sequence[str], what: str, where: Place | str) -> Family | str:
    """The columns that a caller names for `what` (cost, effect, net_benefit): a family, or one column.

    A text with * is a pattern in which * stands for the strategy; else the name of a column, a list of columns, or what
    the names of several columns begin or end with. Raises ResultError when it fits no column, or in two ways.
    """
    if not isinstance(naming, str):
        return _listed([str(name) for name in naming], names, what, where)
    if naming in names:
        return naming
    if "*" in naming:
        if naming.count("*") > 1:
            raise ResultError(
                f"the pattern of {what}= has more than one *",
                value=naming,
                rule="* stands for the strategy, once",
                way_out=f"write it as cost_* in {what}=",
            )
        start, end = naming.split("*")
        return _around(names, start, end, naming, what, where)
    parts = listed([naming], names)
    if len(parts) > 1:
        return _listed(parts, names, what, where)
    ahead = [name for name in names if name.startswith(naming) and name != naming]
    behind = [name for name in names if name.endswith(naming) and name != naming]
    if ahead and behind:
        raise ResultError(
            f"{what}= can be read in two ways",
            where=where,
            value=naming,
            rule=f"{', '.join(ahead[:3])} begin with it, {', '.join(behind[:3])} end with it",
            way_out=f"write {what}='{naming}*' or {what}='*{naming}'",
        )
    if behind:
        return _around(names, "", naming, naming, what, where)
    return _around(names, naming, "", naming, what, where)


def _around(names: Sequence[str], start: str, end: str, naming: str, what: str, where: Place | str) -> Family:
    columns = {
        name[len(start) : len(name) - len(end)]: name
        for name in names
        if name.startswith(start) and name.endswith(end) and len(name) > len(start) + len(end)
    }
    if not columns:
        raise ResultError(
            f"no column fits {what}=",
            where=where,
            value=naming,
            rule=f"columns: {', '.join(names)}",
            way_out=f"name a column in {what}=, or write a pattern in which * stands for the strategy",
        )
    return Family(columns, f"{start}X{end}")


def _listed(parts: Sequence[str], names: Sequence[str], what: str, where: Place | str) -> Family:
    """Columns one by one, in the order of the strategies, which must then be named."""
    unknown = [part for part in parts if part not in names]
    if unknown or len(set(parts)) < len(parts):
        raise ResultError(
            f"no such column, or one twice, in {what}=",
            where=where,
            value=", ".join(unknown or parts),
            rule=f"columns: {', '.join(names)}",
            way_out=f"name each column once in {what}=",
        )
    return Family({}, ", ".join(parts), tuple(parts))
