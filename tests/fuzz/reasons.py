"""Why a changed file may give another result: what differs as both are read, and the rule that allows it.

A difference that no rule explains is a finding. The rules look at what the mutant says, not at how it was made: a
number in place of a number is a legitimate change of the file whatever produced it, provided that it is written as the
file writes numbers.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from typing import Any

TEXTS = {"label", "title", "note", "source", "address", "seen", "en", "da", "text", "labels", "sources", "assumptions"}
RUN = {"run", "draws", "individuals", "seed", "method"}
_WRITTEN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True)
class Change:
    """One difference: where, and what stands there before and after (None: nothing)."""

    path: tuple[str, ...]
    old: Any
    new: Any

    def __str__(self) -> str:
        return f"{'.'.join(self.path)}: {_short(self.old)} -> {_short(self.new)}"


def reason(kind: str, old: str, new: str) -> tuple[str | None, list[str]]:
    """Why `new` may give another result than `old`, or None; and what differs."""
    try:
        changes = list(_changes(kind, old, new))
    except Exception as error:
        return None, [f"the mutant cannot be read by another reader: {type(error).__name__}"]
    if not changes:
        return None, ["nothing: both are read alike"]
    told = [_explained(change) for change in changes]
    return None if None in told else "; ".join(dict.fromkeys(filter(None, told))), [str(c) for c in changes[:3]]


def _changes(kind: str, old: str, new: str) -> Iterator[Change]:
    if kind in ("soem", "table", "price index"):
        yield from _rows(old, new)
    else:
        yield from _tree(_parsed(old), _read(new), ())


@cache
def _parsed(text: str) -> Any:
    return _read(text)


def _read(text: str) -> Any:
    from ruamel.yaml import YAML

    reader = YAML(typ="safe", pure=True)
    reader.constructor.add_constructor("tag:yaml.org,2002:timestamp", lambda _, node: str(node.value))
    return reader.load(text.encode("utf-8", "surrogateescape").decode("utf-8-sig"))


def _rows(old: str, new: str) -> Iterator[Change]:
    """Differences of two tables by their rows, cells named by their heading."""
    before, after = (list(csv.reader(io.StringIO(text))) for text in (old, new))
    heads = before[0]
    for tag, i, j, k, m in SequenceMatcher(
        None, list(map(tuple, before)), list(map(tuple, after)), False
    ).get_opcodes():
        if tag == "replace" and j - i == m - k:
            for row, other in zip(before[i:j], after[k:m], strict=True):
                if len(row) != len(other):
                    yield Change(("row",), row, other)
                for head, cell, mutant in zip(heads, row, other, strict=False):
                    if cell.strip() != mutant.strip():
                        yield Change(("cell", head), _scalar(cell), _scalar(mutant))
        elif tag != "equal":
            paired = min(j - i, m - k)  # rows that were broken before the rest of the file was lost
            yield from (
                Change(("row",), row, other) for row, other in zip(before[i:], after[k : k + paired], strict=False)
            )
            yield from (Change(("row",), row, None) for row in before[i + paired : j])
            yield from (Change(("row",), None, row) for row in after[k + paired : m])


def _scalar(cell: str) -> Any:
    text = cell.strip()
    return float(text) if _WRITTEN.fullmatch(text) else text


def _tree(old: Any, new: Any, path: tuple[str, ...]) -> Iterator[Change]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [*old, *(key for key in new if key not in old)]:
            if key not in new or key not in old:
                yield Change((*path, str(key)), old.get(key), new.get(key))
            else:
                yield from _tree(old[key], new[key], (*path, str(key)))
    elif isinstance(old, list) and isinstance(new, list):
        yield from _lists(old, new, path)
    elif type(old) is not type(new) or old != new:
        yield Change(path, old, new)


def _lists(old: list[Any], new: list[Any], path: tuple[str, ...]) -> Iterator[Change]:
    texts = [[json.dumps(item, sort_keys=True, default=str) for item in items] for items in (old, new)]
    for tag, i, j, k, m in SequenceMatcher(None, *texts, autojunk=False).get_opcodes():
        if tag == "replace" and j - i == m - k:
            for one, other in zip(old[i:j], new[k:m], strict=True):
                yield from _tree(one, other, (*path, "*"))
        elif tag != "equal":
            yield from (Change((*path, "*"), item, None) for item in old[i:j])
            for item, text in zip(new[k:m], texts[1][k:m], strict=True):
                doubled = texts[1].count(text) > 1
                yield Change((*path, "*"), "the same item" if doubled else None, item)


def _explained(change: Change) -> str | None:
    """The rule that allows a change to change results, or None."""
    old, new, path = change.old, change.new, change.path
    if new is None and old is not None:
        return "something was left out: the file declares less, and says nowhere how much it should hold"
    if old == "the same item" or (path == ("row",) and old is None):
        return None  # a line twice
    if path[0] in RUN or (path[-1] in RUN and path[-2:-1] == ("run",)):
        return "the run's draws, individuals, seed or method were changed"
    if set(path) & TEXTS:
        return None  # a text cannot change a number
    if _number(old) and _number(new):
        return "a number was changed to another that its unit allows"
    if old is None:
        return "an optional key was added that the reader knows" if _plain(new) else None
    if _number(old) and isinstance(new, str):
        return "a number was changed to a formula of known names" if re.search("[A-Za-z(*/+]", new) else None
    if isinstance(old, str) and _number(new):
        return "a formula was changed to a number"
    if isinstance(old, str) and isinstance(new, str):
        return _texts(path, old, new)
    if isinstance(old, bool) or isinstance(new, bool):
        return "a choice was changed to another allowed one"
    if path == ("row",):
        return "a row was changed where the table ends early"
    if isinstance(old, list | dict) or isinstance(new, list | dict):
        return "a list or mapping was changed to another form that is allowed there"
    return None


def _texts(path: tuple[str, ...], old: str, new: str) -> str | None:
    if path[-1] == "unit":
        return None  # a unit is what the number means; one that fits its use as well must be looked at
    words = [set(re.findall(r"[A-Za-z_]\w*", text)) for text in (old, new)]
    if re.sub(r"[A-Za-z_]\w*", "", old) != re.sub(r"[A-Za-z_]\w*", "", new):
        return "a formula or span was changed to another whose names and units fit"
    return "a name was changed to another that is declared" if words[0] != words[1] else "a formula was changed"


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _plain(value: Any) -> bool:
    return not isinstance(value, str) or value.isprintable()


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=True, default=str)
    return text if len(text) <= 70 else text[:67] + "..."
