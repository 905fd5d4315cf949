"""A section of a file that may hold formulas, and labels in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from costeff.documents.keys import label_languages
from costeff.documents.numerals import advice, shown_readings, two_ways_in_formula, written_apart
from costeff.documents.section import Section
from costeff.documents.values import as_text, line_at, plain
from costeff.errors import FormulaError
from costeff.labels import Label, same
from costeff.model.formulas.expression import Expression


class FormulaSection(Section):
    """A mapping in a model, a scenario, a case or a rule set."""

    def formula(self, key: str) -> Expression:
        """A formula or a number. Raises FormulaError with the line for what is neither."""
        return self.expression(self.required(key), key, self.value_line(key))

    def optional_formula(self, key: str) -> Expression | None:
        """A formula, or None when the key is absent."""
        return self.formula(key) if self.has(key) else None

    def formulas(self, key: str) -> tuple[Expression, ...]:
        """A list of formulas, also nested lists (first index varies slowest); one formula counts as a list of one."""
        return tuple(self._leaves(self.required(key), key, self.data[key], self.value_line(key)))

    def _leaves(self, value: Any, key: str, raw: Any, line: int | None, depth: int = 0) -> Iterator[Expression]:
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
            self.refuse(key, f"`{key}` is not a formula", rule, "write a number, or a formula in quotes", line)
        unsure = two_ways_in_formula(value) if isinstance(value, str) and self.document.numbers != "en" else ""
        if unsure:
            rule = "formulas take a decimal point in every file, and no number that could be thousands"
            what = f"a formula with a number that reads two ways: {shown_readings(unsure)}"
            self.refuse(key, what, rule, f"write {written_apart(unsure)}", line)
        try:
            return Expression(value, self.document.place(line))
        except FormulaError:
            if way_out := advice(value):  # a number with its unit, or with commas, is no formula at all
                what = f"`{key}` is not a number as files write it"
                self.refuse(key, what, "a number or a formula", way_out, line)
            raise

    def amount_formula(self, key: str) -> Expression:
        """A formula or a number that is an amount; a number that can be read in two ways is refused."""
        self.document.sure(self.required(key), f"`{key}`", self.value_line(key))
        return self.formula(key)

    def label(self, name: str, key: str = "label") -> Label:
        """The label under `key`: a text for both languages, or {en, da}; absent: the name with spaces."""
        if not self.has(key):
            return same(name.replace("_", " "))
        if isinstance(plain(as_text(self.data[key])), str):
            return same(self.text(key))
        inner = self.block(key, f"`{key}` of {self.name}")
        languages = label_languages()
        inner.closed(languages)
        en = inner.text("en")
        return Label(en, inner.text("da", en), **{x: inner.text(x) for x in languages[2:] if inner.has(x)})
