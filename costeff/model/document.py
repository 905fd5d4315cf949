"""Reads one YAML file of declarations: keys checked against a closed list, values by type, with file and line.

Nothing here knows what a model is; `costeff.documents` reads the text. Problems are collected per element, so that one
reading shows them all.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from costeff.documents.numerals import (
    advice,
    refuse_two_readings,
    shown_readings,
    two_ways_in_formula,
    warn_of_default,
    written_apart,
)
from costeff.documents.reader import read_yaml
from costeff.documents.values import as_text, line_at, plain, shown
from costeff.errors import CosteffError, FormulaError, ModelError, Place, ScenarioError
from costeff.model.elements import Label
from costeff.model.formulas.expression import Expression
from costeff.model.problems import raise_all, way_to

T = TypeVar("T")
_SPAN_OF_TIME = re.compile(r"[0-9.,]+\s*(?:day|week|month|year|quarter|cycle)s?")
_UNQUOTED = "a formula with a comma inside { } must stand in quotes"


class Document:
    """One file being read: its name, the class of its errors, how it writes numbers, and the problems found so far.

    numbers: `en`, `da`, or None, when amounts that can be read in two ways are refused; the file's own key `numbers`
    takes its place.
    """

    def __init__(
        self,
        file: str,
        error: type[ModelError] | type[ScenarioError] = ModelError,
        numbers: str | None = None,
    ) -> None:
        self.file, self.error, self.numbers = file, error, numbers
        self.problems: list[CosteffError] = []

    def refuse(self, what: str, line: int | None, value: object, rule: str, way_out: str) -> NoReturn:
        """Raise the document's kind of error at a line."""
        place = Place(self.file, line)
        raise self.error(what, where=place, value=value, rule=rule, way_out=way_out)

    @contextmanager
    def collecting(self) -> Iterator[None]:
        """Keep a problem raised inside and go on with the next element."""
        try:
            yield
        except CosteffError as problem:
            self.problems.append(problem)

    def finish(self) -> None:
        """Raise what was collected, if anything."""
        raise_all(self.problems, "model" if issubclass(self.error, ModelError) else "scenario")

    def load(self, path: Path) -> Block:
        """The file's top mapping. Raises the document's error for text that is not YAML or not one mapping."""
        data, self.numbers = read_yaml(path, self.error, self.numbers)
        return Block(self, data, "the file", 1)

    def sure(self, value: object, what: str, line: int | None) -> None:
        """Refuse an amount (or each of a list) that was typed so that it can be read in two ways, or warn of it where
        the default of the file's kind tells which is meant."""
        for one in value if isinstance(value, list) else [value]:
            warn_of_default(one, what, Place(self.file, line))
            refuse_two_readings(one, what, Place(self.file, line), self.error)


class Block:
    """A mapping in a document. `name` says in a message where it stands, such as "state 'sick'"."""

    def __init__(self, document: Document, data: Mapping[Any, Any], name: str, line: int | None) -> None:
        self.document, self.data, self.name, self.line = document, data, name, line

    @property
    def place(self) -> Place:
        """File and line where the mapping begins."""
        return Place(self.document.file, self.line)

    def line_of(self, key: str) -> int | None:
        """Line of a key, or of the mapping if the key came by a merge or is absent."""
        return line_at(self.data, key) or self.line

    def place_of(self, key: str) -> Place:
        """File and line of a key."""
        return Place(self.document.file, self.line_of(key))

    def refuse(self, key: str, what: str, rule: str, way_out: str, line: int | None = None) -> NoReturn:
        """Raise an error about the value of `key`."""
        value = shown(self.data.get(key))
        self.document.refuse(f"{self.name}: {what}", line or self.line_of(key), value, rule, way_out)

    def closed(self, keys: str, ways: Mapping[str, str] | None = None) -> None:
        """Collect a problem for every key that is not among `keys` (separated by spaces); the rest is read too.

        `ways`: keys that people write here for something else, with the way out.
        """
        known = keys.split()
        for key in self.data:
            if key in known:
                continue
            broken = not isinstance(key, str) or (self.data[key] is None and not key.isidentifier())
            way_out = _UNQUOTED if broken else way_to(str(key), known, "remove it, or correct its name")
            way_out = (ways or {}).get(str(key), way_out)
            with self.document.collecting():
                rule = f"keys here: {', '.join(known)}"
                what = f"unknown key '{key}' in {self.name}"
                self.document.refuse(what, self.line_of(key), shown(self.data[key]), rule, way_out)

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
            self.refuse(
                key, f"`{key}` is not a text", "a text", "write a name, in quotes if it looks like a number"
            )
        return str(value).strip()

    def choice(self, key: str, allowed: Collection[str], default: str | None = None) -> str:
        """A text out of a closed list."""
        value = self.text(key, default)
        if value not in allowed:
            way_out = way_to(value, allowed, "choose one of them")
            self.refuse(key, f"unknown `{key}`", f"one of {', '.join(allowed)}", way_out)
        return value

    def boolean(self, key: str) -> bool:
        """True or false; false when absent."""
        value = plain(self.data.get(key, False))
        if not isinstance(value, bool):
            self.refuse(
                key, f"`{key}` is not true or false", "true or false", f"write `{key}: true`, or remove it"
            )
        return value

    def whole(self, key: str, default: int | None = None, least: int | None = 1) -> int:
        """A whole number of at least `least`; `default` None makes the key required."""
        value = default if default is not None and not self.has(key) else self.required(key)
        self.document.sure(value, f"`{key}`", self.line_of(key))
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            span = isinstance(value, str) and _SPAN_OF_TIME.fullmatch(value.strip())
            way_out = (
                "write how many cycles that is, as a number" if span else advice(value) or "write digits only"
            )
            self.refuse(key, f"`{key}` is not a whole number", "a whole number", way_out)
        if least is not None and value < least:
            self.refuse(
                key, f"`{key}` is too small", f"at least {least}", f"write a whole number from {least} up"
            )
        return value

    def date(self, key: str) -> str:
        """A date as YYYY-MM-DD; '' when absent."""
        if not self.has(key):
            return ""
        try:
            return dt.date.fromisoformat(str(self.data[key])).isoformat()
        except ValueError:
            self.refuse(key, f"`{key}` is not a date", "a calendar date YYYY-MM-DD", "write it as 2024-01-31")

    def texts(self, key: str, needed: bool = False) -> tuple[str, ...]:
        """A list of texts; a single text counts as a list of one; () when absent and not `needed`."""
        if not self.has(key) and not needed:
            return ()
        value = self.required(key)
        value = as_text(self.data[key]) if isinstance(value, float) else value
        value = [value] if isinstance(value, str) else value
        value = [as_text(one) for one in value] if isinstance(value, list) else value
        if (
            not isinstance(value, list)
            or not value
            or not all(isinstance(v, str) and v.strip() for v in value)
        ):
            self.refuse(
                key, f"`{key}` is not a list of names", "a list of names: [a, b]", "write names in [ ]"
            )
        if len(set(value)) < len(value):
            self.refuse(key, f"`{key}` names something twice", "each name once", "remove the repetition")
        return tuple(str(v) for v in value)

    def wholes(self, key: str) -> tuple[int, ...]:
        """A list of whole numbers; () when absent."""
        value = plain(self.data.get(key)) if self.has(key) else []
        self.document.sure(value, f"`{key}`", self.line_of(key))
        if not isinstance(value, list) or any(isinstance(v, bool) or not isinstance(v, int) for v in value):
            self.refuse(
                key,
                f"`{key}` is not a list of whole numbers",
                "such as [26, 52]",
                "write whole numbers in [ ]",
            )
        return tuple(value)

    def formula(self, key: str) -> Expression:
        """A formula or a number. Raises FormulaError with the line for what is neither."""
        return self.expression(self.required(key), key, self.value_line(key))

    def optional_formula(self, key: str) -> Expression | None:
        """A formula, or None when the key is absent."""
        return self.formula(key) if self.has(key) else None

    def formulas(self, key: str) -> tuple[Expression, ...]:
        """A list of formulas, also nested lists (first index varies slowest); one formula counts as a list of one."""
        return tuple(self._leaves(self.required(key), key, self.data[key], self.value_line(key)))

    def _leaves(
        self, value: Any, key: str, raw: Any, line: int | None, depth: int = 0
    ) -> Iterator[Expression]:
        if not isinstance(value, list):
            yield self.expression(value, key, line)
            return
        if not value or depth > 3:
            self.refuse(key, f"`{key}` is empty or nested too deeply", "a list of formulas", "write [a, b]")
        for i, part in enumerate(value):
            yield from self._leaves(part, key, raw[i], line_at(raw, i) or line, depth + 1)

    def expression(self, value: object, key: str, line: int | None) -> Expression:
        """A raw value as a formula at a line."""
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            rule = "a number or a formula"
            self.refuse(
                key, f"`{key}` is not a formula", rule, "write a number, or a formula in quotes", line
            )
        unsure = (
            two_ways_in_formula(value) if isinstance(value, str) and self.document.numbers != "en" else ""
        )
        if unsure:
            rule = "formulas take a decimal point in every file, and no number that could be thousands"
            what = f"a formula with a number that reads two ways: {shown_readings(unsure)}"
            self.refuse(key, what, rule, f"write {written_apart(unsure)}", line)
        try:
            return Expression(value, Place(self.document.file, line))
        except FormulaError:
            if way_out := advice(value):  # a number with its unit, or with commas, is no formula at all
                what = f"`{key}` is not a number as files write it"
                self.refuse(key, what, "a number or a formula", way_out, line)
            raise

    def amount_formula(self, key: str) -> Expression:
        """A formula or a number that is an amount; a number that can be read in two ways is refused."""
        self.document.sure(self.required(key), f"`{key}`", self.value_line(key))
        return self.formula(key)

    def value_line(self, key: str) -> int | None:
        """Line where the value of a key begins."""
        try:
            return int(self.data.lc.value(key)[0]) + 1  # type: ignore[attr-defined]
        except (AttributeError, KeyError, TypeError):
            return self.line_of(key)

    def label(self, name: str, key: str = "label") -> Label:
        """The label under `key`: a text for both languages, or {en, da}; absent: the name with spaces."""
        if not self.has(key):
            return Label(name.replace("_", " "), name.replace("_", " "))
        if isinstance(plain(as_text(self.data[key])), str):
            return Label(self.text(key), self.text(key))
        inner = self.block(key, f"`{key}` of {self.name}")
        inner.closed("en da")
        en = inner.text("en")
        return Label(en, inner.text("da", en))

    def block(self, key: str, name: str) -> Block:
        """The mapping under `key`."""
        value = self.required(key)
        if not isinstance(value, dict):
            self.refuse(key, f"`{key}` is not a mapping", "keys with values", "write `key: value` pairs")
        return Block(self.document, value, name, self.line_of(key))

    def named(self, key: str, kind: str, build: Callable[[str, Block], T]) -> tuple[T, ...]:
        """What `build` makes of each named mapping under `key`, in order; an empty one stands for all defaults."""
        if not self.has(key):
            return ()
        outer = self.block(key, f"`{key}`")
        built = []
        for name, value in outer.data.items():
            with self.document.collecting():
                line = outer.line_of(name)
                if not isinstance(name, str) or not name.strip():
                    rule, way_out = "names are texts", "put the name in quotes"
                    self.document.refuse(f"the name of a {kind} is not a text", line, name, rule, way_out)
                if value is not None and not isinstance(value, dict):
                    outer.refuse(
                        name, f"{kind} '{name}' is not a mapping", "keys with values", "write {key: value}"
                    )
                built.append(build(name, Block(self.document, value or {}, f"{kind} '{name}'", line)))
        return tuple(built)

    def listed(self, key: str, kind: str, build: Callable[[Block], T]) -> tuple[T, ...]:
        """What `build` makes of each mapping in the list under `key`."""
        if not self.has(key):
            return ()
        value = self.required(key)
        if not isinstance(value, list):
            self.refuse(
                key, f"`{key}` is not a list", "a list, each item after a dash", "begin each item with `- `"
            )
        built = []
        for i, part in enumerate(value):
            with self.document.collecting():
                line = line_at(value, i) or self.line_of(key)
                if not isinstance(part, dict):
                    rule, way_out = "each item is a mapping", "write {key: value}"
                    self.refuse(key, f"item {i + 1} of `{key}` is not a mapping", rule, way_out, line)
                built.append(build(Block(self.document, part, f"{kind} {i + 1}", line)))
        return tuple(built)
