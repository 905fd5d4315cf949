"""Rewrites the words of version 0.1.0 in a file of the user to those of today; all else stays as it was typed.

Words are replaced where they stand, so comments, order and layout are kept. The words are those of the readers' own key
lists (`Keys.called`), so a file that is read with a warning can be rewritten, and no other.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from costeff.bundled import YAML_BYTES, plain_file
from costeff.documents.keys import Keys
from costeff.documents.reader import read_yaml
from costeff.errors import Place, ScenarioError
from costeff.files.whole import write_whole
from costeff.study.schemas import KINDS


@dataclass(frozen=True)
class Replaced:
    """A word of a file that has another name now."""

    old: str
    new: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"line {self.line}: `{self.old}` is now `{self.new}`"


def migrate(path: str | os.PathLike[str]) -> list[Replaced]:
    """Rewrite the old words of a model, parameter, scenario, case, rule, trial or targets file.

    Parameters
    ----------
    path
        The file, which is written whole, and only when a word is replaced.

    Returns
    -------
    list of Replaced
        What was replaced, by line; empty when nothing is to change.

    Raises
    ------
    ScenarioError
        When the file is not YAML, is none of costeff's kinds, has both the old and the new word, or has an old word
        where it cannot be replaced.
    """
    file = plain_file(path, most=YAML_BYTES)
    data, _ = read_yaml(file, ScenarioError, "en")
    replacements = sorted(
        _old_words(data, KINDS[kind_of(data, str(file))][1], str(file)), key=lambda w: (w.line, w.column)
    )
    if replacements:
        with open(file, encoding="utf-8", newline="") as stream:
            lines = stream.read().splitlines(keepends=True)
        for word in reversed(replacements):
            lines[word.line - 1] = _replaced(lines[word.line - 1], word, str(file))
        write_whole("".join(lines).encode("utf-8"), file)
    return replacements


def kind_of(data: Mapping[Any, Any], file: str) -> str:
    """The kind of a file, from its top keys. Raises ScenarioError when it is none of costeff's."""
    for kind in ("case", "scenario", "rules", "targets", "trial", "model", "parameters"):
        keys = KINDS[kind][1]
        names = {old for old, new in keys.once.items() if new == kind} | {kind}
        if names & set(data):
            return kind
    raise ScenarioError(
        "this is none of costeff's files",
        where=Place(file),
        value=", ".join(map(str, list(data)[:6])),
        rule=f"a file has one of the keys {', '.join(KINDS)} at its top",
        way_out="name a model, parameter, scenario, case, rule, trial or targets file",
    )


def _old_words(data: Any, form: Any, file: str) -> Iterator[Replaced]:
    """The old words of some data, wherever its form has a mapping with closed keys."""
    if isinstance(form, Keys) and isinstance(data, Mapping):
        for old, new in form.once.items():
            if old in data:
                yield _word(data, old, new, file)
        for key, value in data.items():
            yield from _old_words(value, form.get(form.once.get(str(key), str(key))), file)
    elif isinstance(form, Mapping):
        for inner in form.get("anyOf", ()):
            yield from _old_words(data, inner, file)
        if isinstance(data, Mapping):
            for value in data.values():
                yield from _old_words(value, form.get("additionalProperties"), file)
        elif isinstance(data, list):
            for value in data:
                yield from _old_words(value, form.get("items"), file)


def _word(data: Any, old: str, new: str, file: str) -> Replaced:
    """Where an old word stands. Raises ScenarioError when it cannot be replaced there."""
    try:
        line, column = data.lc.key(old)
    except (AttributeError, KeyError) as reason:
        rule, way_out = "a word is replaced where it is written", f"write `{new}` in place of `{old}` by hand"
        what = f"`{old}` comes from another mapping, by `<<`"
        raise ScenarioError(what, where=Place(file), value=old, rule=rule, way_out=way_out) from reason
    if new in data:
        raise ScenarioError(
            f"both `{old}` and `{new}` stand here",
            where=Place(file, line + 1),
            value=str(data[old]),
            rule=f"`{new}` is the new name of `{old}`",
            way_out="keep the one that is right",
        )
    return Replaced(old, new, line + 1, column)


def _replaced(line: str, word: Replaced, file: str) -> str:
    """The line with the new word; a key in quotes keeps them."""
    start = word.column + (line[word.column : word.column + 1] in ("'", '"'))
    end = start + len(word.old)
    if line[start:end] != word.old:
        rule, way_out = "the key is written as it is read", f"write `{word.new}` by hand"
        raise ScenarioError(
            f"`{word.old}` is not written plainly",
            where=Place(file, word.line),
            value=line.strip(),
            rule=rule,
            way_out=way_out,
        )
    return line[:start] + word.new + line[end:]
