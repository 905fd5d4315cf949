"""Reads one YAML file of declarations: keys checked against a closed list, values by type, with file and line.

Nothing here knows what a model is; `costeff.documents.reader` reads the text. Every file that costeff reads goes
through here: models, scenarios, parameters, rule sets, cases, designs, targets. Problems are collected per element, so
that one reading shows them all.
"""

from __future__ import annotations

import datetime as dt
import re
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn, Self, TypeVar, cast

from costeff.documents.keys import Keys, label_languages
from costeff.documents.numerals import advice, readings, refuse_two_readings, warn_of_default
from costeff.documents.reader import read_yaml
from costeff.documents.values import as_text, line_at, plain, shown
from costeff.errors import CosteffError, EvidenceError, ModelError, Place, ScenarioError
from costeff.problems import raise_all, split, way_to

S = TypeVar("S", bound="Section")
T = TypeVar("T")
_SPAN_OF_TIME = re.compile(r"[0-9.,]+\s*(?:day|week|month|year|quarter|cycle)s?")
_QUOTE_HINT = "a formula with a comma inside { } must stand in quotes"
NO_OR_YES = dict.fromkeys(("no", "off", "nej", "nei", "0"), "false") | dict.fromkeys(("yes", "on", "ja", "1"), "true")
"""Words that older YAML, or a Dane, takes for true or false."""
_KINDS: dict[type[CosteffError], str] = {ModelError: "model", ScenarioError: "scenario", EvidenceError: "evidence"}


class OldWordWarning(FutureWarning):
    """A file uses a word of version 0.1.0, which works for one more release."""


class Document:
    """One file being read: its name, the class of its errors, how it writes numbers, and the problems found so far.

    file: '' for what a program states, which has no place. numbers: `en`, `da`, or None, when amounts that can be read
    in two ways are refused; the file's own key `numbers` takes its place.
    """

    def __init__(self, file: str, error: type[CosteffError] = ModelError, numbers: str | None = None) -> None:
        self.file, self.error, self.numbers = file, error, numbers
        self.problems: list[CosteffError] = []

    def refuse(self, what: str, line: int | None, value: object, rule: str, way_out: str) -> NoReturn:
        """Raise the document's kind of error at a line."""
        raise self.error(what, where=self.place(line), value=value, rule=rule, way_out=way_out)

    def place(self, line: int | None) -> Place | None:
        """A line of the file; None for what stands in no file."""
        return Place(self.file, line) if self.file else None

    @contextmanager
    def collecting(self) -> Iterator[None]:
        """Keep a problem raised inside and go on with the next element."""
        try:
            yield
        except CosteffError as problem:
            self.problems.extend(split(problem))

    def noted(self, read: Callable[..., T], *arguments: Any) -> T | None:
        """What `read(*arguments)` gives; None when it raises, and the problem is kept."""
        with self.collecting():
            return read(*arguments)
        return None

    def finish(self) -> None:
        """Raise what was collected, if anything."""
        raise_all(self.problems, _KINDS[self.error])

    def load(self, path: Path, section: type[S]) -> S:
        """The file's top mapping. Raises the document's error for text that is not YAML or not one mapping."""
        data, self.numbers = read_yaml(path, self.error, self.numbers)
        return section(self, data, "the file", 1)

    def sure(self, value: object, what: str, line: int | None) -> None:
        """Refuse an amount (or each of a list) that was typed so that it can be read in two ways, or warn of it where
        the default of the file's kind tells which is meant."""
        for one in value if isinstance(value, list) else [value]:
            warn_of_default(one, what, self.place(line))
            refuse_two_readings(one, what, self.place(line), self.error)


class Section:
    """A mapping in a document. `name` says in a message where it stands, such as "state 'sick'"."""

    def __init__(self, document: Document, data: Mapping[Any, Any], name: str, line: int | None) -> None:
        self.document, self.data, self.name, self.line = document, data, name, line

    @property
    def place(self) -> Place | None:
        """File and line where the mapping begins."""
        return self.document.place(self.line)

    def line_of(self, key: str) -> int | None:
        """Line of a key, or of the mapping if the key came by a merge or is absent."""
        return line_at(self.data, key) or self.line

    def place_of(self, key: str) -> Place | None:
        """File and line of a key."""
        return self.document.place(self.line_of(key))

    def refuse(self, key: str, what: str, rule: str, way_out: str, line: int | None = None) -> NoReturn:
        """Raise an error about the value of `key`."""
        value = shown(self.data.get(key))
        self.document.refuse(f"{self.name}: {what}", line or self.line_of(key), value, rule, way_out)

    def closed(self, keys: Collection[str], ways: Mapping[str, str] | None = None) -> None:
        """Collect a problem for every key that is not among `keys`; the rest is read too.

        `ways`: keys that people write here for something else, with the way out.
        """
        names = list(keys)
        if isinstance(keys, Keys):
            self._rename(keys.once)
        for key in self.data:
            if key in names:
                continue
            is_fragment = not isinstance(key, str) or (self.data[key] is None and not key.isidentifier())
            way_out = _QUOTE_HINT if is_fragment else way_to(str(key), names, "remove it, or correct its name")
            way_out = (ways or {}).get(str(key), way_out)
            with self.document.collecting():
                rule = f"keys here: {', '.join(names)}"
                what = f"unknown key '{key}' in {self.name}"
                self.document.refuse(what, self.line_of(key), shown(self.data[key]), rule, way_out)

    def _rename(self, once: Mapping[str, str]) -> None:
        """Read a key by its new name where the file has its old one, with a warning."""
        for old, new in once.items():
            if old in self.data and new not in self.data:
                place = f"{self.place_of(old)}: " if self.place_of(old) else ""
                words = f"{place}`{old}` is now called `{new}`; `costeff migrate FILE` rewrites it"
                warnings.warn(words, OldWordWarning, stacklevel=2)
                lines = getattr(getattr(self.data, "lc", None), "data", {})
                lines[new] = lines.get(old)
                data = cast("dict[Any, Any]", self.data)
                data[new] = data.pop(old)

    def has(self, key: str) -> bool:
        """Whether the key stands there with a value."""
        return self.data.get(key) is not None

    def required(self, key: str) -> Any:
        """The raw value. Raises when the key is missing or empty."""
        if not self.has(key):
            line = self.line_of(key)
            what = f"{self.name} lacks `{key}`"
            self.document.refuse(what, line, None, f"`{key}` is required here", f"add `{key}: ...`")
        return plain(self.data[key])

    def text(self, key: str, default: str | None = None) -> str:
        """A text; `default` None makes the key required."""
        value = default if default is not None and not self.has(key) else self.required(key)
        if isinstance(value, float):
            value = as_text(self.data[key])
        if not isinstance(value, str) or (not value.strip() and value != default):
            self.refuse(key, f"`{key}` is not a text", "a text", "write a name, in quotes if it looks like a number")
        return str(value).strip()

    def choice(self, key: str, choices: Collection[str], default: str | None = None) -> str:
        """A text out of a closed list."""
        value = self.text(key, default)
        if value not in choices:
            way_out = way_to(value, choices, "choose one of them")
            self.refuse(key, f"unknown `{key}`", f"one of {', '.join(choices)}", way_out)
        return value

    def boolean(self, key: str) -> bool:
        """True or false; false when absent."""
        value = plain(self.data.get(key, False))
        if not isinstance(value, bool):
            meant = NO_OR_YES.get(str(value).lower())
            way_out = f"write `{key}: {meant}`" if meant else f"write `{key}: true`, or remove it"
            self.refuse(key, f"`{key}` is not true or false", "true or false", way_out)
        return value

    def whole(self, key: str, default: int | None = None, least: int | None = 1, exact: bool = False) -> int:
        """A whole number of at least `least`; `default` None: the key is required; `exact`: without a decimal point."""
        value = default if default is not None and not self.has(key) else self.required(key)
        if not exact:
            self.document.sure(value, f"`{key}`", self.line_of(key))
        if isinstance(value, float) and value.is_integer() and not exact:
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            span = isinstance(value, str) and _SPAN_OF_TIME.fullmatch(value.strip())
            way_out = "write how many cycles that is, as a number" if span else _way_to_whole(value)
            self.refuse(key, f"`{key}` is not a whole number", "a whole number", way_out)
        if least is not None and value < least:
            self.refuse(key, f"`{key}` is too small", f"at least {least}", f"write a whole number from {least} up")
        return value

    def number(self, key: str) -> float:
        """A number; yes and no are none. Amounts that may read in two ways are for the caller to ask about."""
        value = self.required(key)
        if not is_number(value):
            self.refuse(key, f"`{key}` is not a number", "a number", _way_to_number(value))
        return float(value)

    def numbers(self, key: str, length: int | None = None) -> tuple[float, ...]:
        """A list of numbers, of a given length if one is stated."""
        value = self.required(key)
        good = isinstance(value, list) and all(is_number(plain(item)) for item in value)
        if not good or length not in (None, len(value)):
            several = "numbers" if length is None else f"{length} numbers"
            items = value if isinstance(value, list) else [value]
            way_out = next((hint for item in items if (hint := advice(item))), "correct the list")
            self.refuse(key, f"`{key}` is not a list of {several}", f"{key}: [{several}]", way_out)
        return tuple(float(item) for item in value)

    def date(self, key: str) -> str:
        """A date as YYYY-MM-DD; '' when absent."""
        if not self.has(key):
            return ""
        try:
            return dt.date.fromisoformat(str(self.data[key])).isoformat()
        except ValueError:
            self.refuse(key, f"`{key}` is not a date", "a calendar date YYYY-MM-DD", "write it as 2024-01-31")

    def texts(self, key: str, mandatory: bool = False) -> tuple[str, ...]:
        """A list of texts; a single text counts as a list of one; () when absent and not `mandatory`."""
        if not self.has(key) and not mandatory:
            return ()
        value = self.required(key)
        value = as_text(self.data[key]) if isinstance(value, float) else value
        value = [value] if isinstance(value, str) else value
        value = [as_text(one) for one in value] if isinstance(value, list) else value
        if not isinstance(value, list) or not value or not all(isinstance(v, str) and v.strip() for v in value):
            self.refuse(key, f"`{key}` is not a list of names", "a list of names: [a, b]", "write names in [ ]")
        if len(set(value)) < len(value):
            self.refuse(key, f"`{key}` names something twice", "each name once", "remove the repetition")
        return tuple(str(v) for v in value)

    def wholes(self, key: str) -> tuple[int, ...]:
        """A list of whole numbers; () when absent."""
        value = plain(self.data.get(key)) if self.has(key) else []
        self.document.sure(value, f"`{key}`", self.line_of(key))
        if not isinstance(value, list) or any(isinstance(v, bool) or not isinstance(v, int) for v in value):
            self.refuse(
                key, f"`{key}` is not a list of whole numbers", "such as [26, 52]", "write whole numbers in [ ]"
            )
        return tuple(value)

    def value_line(self, key: str) -> int | None:
        """Line where the value of a key begins."""
        try:
            return int(self.data.lc.value(key)[0]) + 1  # type: ignore[attr-defined]
        except (AttributeError, KeyError, TypeError):
            return self.line_of(key)

    def worded(self, key: str) -> tuple[str, dict[str, str]]:
        """A text, or {en: ..., da: ...}: in English, and in other languages by their code; ("", {}) when absent."""
        if not self.has(key) or not isinstance(self.data[key], Mapping):
            return self.text(key, ""), {}
        inner = self.block(key, f"{self.name}, `{key}`")
        languages = label_languages()
        inner.closed(languages)
        return inner.text("en"), {x: inner.text(x) for x in languages if x != "en" and inner.has(x)}

    def block(self, key: str, name: str) -> Self:
        """The mapping under `key`."""
        value = self.required(key)
        if not isinstance(value, dict):
            self.refuse(key, f"`{key}` is not a mapping", "keys with values", "write `key: value` pairs")
        return type(self)(self.document, value, name, self.line_of(key))

    def named(self, key: str, kind: str, build: Callable[[str, Self], T]) -> tuple[T, ...]:
        """What `build` makes of each named mapping under `key`, in order; an empty one stands for all defaults."""
        if not self.has(key):
            return ()
        outer = self.block(key, f"`{key}`")
        elements = []
        for name, value in outer.data.items():
            with self.document.collecting():
                line = outer.line_of(name)
                if not isinstance(name, str) or not name.strip():
                    rule, way_out = "names are texts", "put the name in quotes"
                    self.document.refuse(f"the name of a {kind} is not a text", line, name, rule, way_out)
                if value is not None and not isinstance(value, dict):
                    outer.refuse(name, f"{kind} '{name}' is not a mapping", "keys with values", "write {key: value}")
                elements.append(build(name, type(self)(self.document, value or {}, f"{kind} '{name}'", line)))
        return tuple(elements)

    def listed(self, key: str, kind: str, build: Callable[[Self], T]) -> tuple[T, ...]:
        """What `build` makes of each mapping in the list under `key`."""
        if not self.has(key):
            return ()
        value = self.required(key)
        if not isinstance(value, list):
            self.refuse(key, f"`{key}` is not a list", "a list, each item after a dash", "begin each item with `- `")
        elements = []
        for i, part in enumerate(value):
            with self.document.collecting():
                line = line_at(value, i) or self.line_of(key)
                if not isinstance(part, dict):
                    rule, way_out = "each item is a mapping", "write {key: value}"
                    self.refuse(key, f"item {i + 1} of `{key}` is not a mapping", rule, way_out, line)
                elements.append(build(type(self)(self.document, part, f"{kind} {i + 1}", line)))
        return tuple(elements)


def is_number(value: object) -> bool:
    """True for an int or float; a yes or no is not a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _way_to_whole(value: Any) -> str:
    """How to write what was probably meant as a whole number: 2024 for 2.024, which has one whole reading."""
    text = repr(value) if isinstance(value, float) else value
    wholes = {int(n) for n in readings(text).values() if n.is_integer()} if isinstance(text, str) else set()
    return f"write {wholes.pop()}" if len(wholes) == 1 else advice(value) or "write digits only"


def _way_to_number(value: Any) -> str:
    """How to write what was probably meant as a number."""
    if hint := advice(value):
        return hint
    if isinstance(value, str) and any(ch.isdigit() for ch in value):
        return "write digits only: a point for decimals, no thousands separator, no quotes, no unit"
    return "write a number"
