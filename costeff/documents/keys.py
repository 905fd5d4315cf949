"""The keys that a mapping of a file may have, each with the form of its value.

A reader names its keys once, as `Keys`: `Section.closed` refuses every other key, and `as_schema` turns the same keys
into a JSON Schema, from which editors complete and check a file while it is written. Forms are JSON Schemas
themselves, as narrow as the reader is. A number may also be written as text, since a Danish file has decimal commas.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from costeff.catalogue import languages

Form = Mapping[str, Any]
"""A JSON Schema of a value, or `Keys` of a mapping."""


class Keys(dict[str, Form]):
    """A closed list of keys, in the order in which messages name them.

    Parameters
    ----------
    required_keys
        The keys that must stand there, separated by spaces.
    forms
        Key to the form of its value.

    Examples
    --------
    >>> state = Keys("", label=TEXT, alive=BOOLEAN)
    >>> list(state)
    ['label', 'alive']
    >>> as_schema(state)["additionalProperties"]
    False
    """

    def __init__(self, required_keys: str = "", /, **forms: Form) -> None:
        super().__init__(forms)
        self.required = required_keys.split()
        self.once: dict[str, str] = {}

    def requiring(self, required_keys: str) -> Keys:
        """The same keys, of which others must stand there."""
        return Keys(required_keys, **self).called(**self.once)

    def called(self, **once: str) -> Keys:
        """The same keys, of which some had another name in version 0.1.0: old name to new. The old one still works."""
        self.once = once
        return self


TEXT: Form = {"type": "string"}
BOOLEAN: Form = {"type": "boolean"}
NUMERAL: Form = {"type": "string", "pattern": r"^\s*[-+−]?[0-9][0-9 .,'\u00a0\u202f]*([eE][-+]?[0-9]+)?\s*$"}
NUMBER: Form = {"anyOf": [{"type": "number"}, NUMERAL]}
FORMULA: Form = {"type": ["number", "string"]}
DATE: Form = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
NAMES: Form = {"anyOf": [TEXT, {"type": "array", "items": TEXT, "minItems": 1, "uniqueItems": True}]}
WHOLES: Form = {"type": "array", "items": {"type": "integer"}}
LABEL_KEYS = Keys("en", en=TEXT, da=TEXT, nb=TEXT)
LABEL: Form = {"anyOf": [TEXT, LABEL_KEYS]}
"""Editors know the shipped languages; a reader takes those of the user too, see `label_languages`."""
YEAR = "^([0-9]{4}|later)$"


def label_languages() -> tuple[str, ...]:
    """The keys of a label: the shipped languages, and every other language that has words."""
    return tuple(dict.fromkeys((*LABEL_KEYS, *languages())))


def whole(least: int | None = 1) -> Form:
    """The form of a whole number of at least `least`."""
    number = {"type": "integer"} if least is None else {"type": "integer", "minimum": least}
    return {"anyOf": [number, NUMERAL]}


def choice(*choices: str) -> Form:
    """The form of a text out of a closed list."""
    return {"enum": list(choices)}


def numbers(length: int | None = None) -> Form:
    """The form of a list of numbers, of a given length if one is stated."""
    form: dict[str, Any] = {"type": "array", "items": NUMBER}
    return form if length is None else {**form, "minItems": length, "maxItems": length}


def named(value: Form) -> Form:
    """The form of a mapping of freely chosen names; an empty entry stands for all defaults, if nothing is required."""
    bare = isinstance(value, Keys) and not value.required
    return {"type": "object", "additionalProperties": either(value, {"type": "null"}) if bare else value}


def listed(value: Form) -> Form:
    """The form of a list."""
    return {"type": "array", "items": value}


def by_year(value: Form) -> Form:
    """The form of one value, or of one for each calendar year."""
    return either(value, {"type": "object", "patternProperties": {YEAR: value}, "additionalProperties": False})


def either(*forms: Form) -> Form:
    """Any of several forms."""
    return {"anyOf": list(forms)}


def as_schema(form: Any) -> Any:
    """A form as a plain JSON Schema (draft 7).

    >>> as_schema(Keys("a", a=TEXT))
    {'type': 'object', 'properties': {'a': {'type': 'string'}}, 'required': ['a'], 'additionalProperties': False}
    """
    if isinstance(form, Keys):
        schema: dict[str, Any] = {"type": "object", "properties": {k: as_schema(v) for k, v in form.items()}}
        if form.required:
            schema["required"] = form.required
        return {**schema, "additionalProperties": False}
    if isinstance(form, Mapping):
        return {key: as_schema(value) for key, value in form.items()}
    if isinstance(form, list):
        return [as_schema(part) for part in form]
    return form
