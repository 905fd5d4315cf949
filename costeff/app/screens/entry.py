"""From what a planner types in a control to the edit of the file, and back from the file to what the control shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from costeff.app.files import typed
from costeff.app.files.edit import KeyPath, as_scalar, value_at, with_value, without_key
from costeff.app.files.versions import Change
from costeff.app.screens.fields import Field
from costeff.catalogue import say
from costeff.characters import RULE, WAY_OUT, banned
from costeff.documents.numerals import DECIMAL_MARK, write
from costeff.errors import ScenarioError
from costeff.reporting.numbers import write_number

MOST_CHARACTERS = 2000


def shown(field: Field, text: str, language: str) -> str:
    """What the control shows: numbers that read one way, thousands parted by blanks; '' where nothing stands."""
    value = value_at(text, _place(field, text, language))
    if value is None:
        return ""
    if field.kind in ("text", "choice"):
        return str(value)
    number = typed.as_number(value, text)
    if number is None:
        return str(value)
    if field.kind == "share":
        return f"{_grouped(round(100 * number, 10), language)} %"
    return str(int(number)) if field.kind == "year" else _grouped(number, language)


def is_formula(field: Field, text: str) -> bool:
    """Whether a formula stands where the control takes a number: it is changed in the file."""
    value = value_at(text, field.path)
    return field.kind not in ("text", "choice") and value is not None and typed.as_number(value, text) is None


def edit(
    field: Field, answer: str, text: str, language: str, by: str, reason: str = ""
) -> tuple[Callable[[str], str], Change]:
    """The edit of the file, and what it changes. Raises ScenarioError for an answer that is none."""
    answer = answer.strip()
    place = _place(field, text, language)
    before = shown(field, text, language)
    if not answer:
        if not field.optional:
            raise ScenarioError(
                f"`{field.key}` is not answered", rule="this figure decides the result", way_out="write the figure"
            )
        return lambda now: without_key(now, place), Change(field.key, before, "", by, reason)
    scalar = _scalar(field, answer, text)

    def put(now: str) -> str:
        return with_value(_as_own_figure(now, place), place, scalar)

    return put, Change(field.key, before, answer, by, reason)


def _as_own_figure(text: str, place: KeyPath) -> str:
    """The text with a figure's record saying that it is the case's own: no source stands behind what is typed.

    >>> _as_own_figure("set: {tax: {value: 0.25, kind: published, source: law}}", ("set", "tax", "value"))
    'set: {tax: {value: 0.25, kind: assumption}}'
    """
    record = value_at(text, place[:-1])
    if place[-1] != "value" or not isinstance(record, dict) or record.get("kind") == "assumption":
        return text
    for key in ("source", "note"):
        text = without_key(text, (*place[:-1], key))
    return with_value(text, (*place[:-1], "kind"), "assumption")


def as_read(field: Field, text: str, language: str) -> str:
    """What the file now holds, as it was read: '12.000 kr.', '55 %'."""
    number = typed.as_number(value_at(text, field.path), text)
    if number is None or field.kind in ("text", "choice", "year"):
        return ""
    if field.kind == "share":
        return f"{_grouped(round(100 * number, 10), language)} %"
    decimals = len(write(number).partition(".")[2])
    number_text = write_number(number, language, decimals=decimals)
    return say("app_kroner", language, number=number_text) if field.kind == "money" else number_text


def spread(path: KeyPath, data: Any) -> Callable[[str], str]:
    """The edit that tells a figure apart by calendar year, each with the figure that holds for all today."""
    first = int(data["first_year"])
    years = [first + n for n in range(min(int(data["years"]), 4))]

    def by_year(text: str) -> str:
        value = value_at(text, path)
        number = typed.as_number(value, text)
        if number is None:
            raise ScenarioError(
                f"`{'.'.join(map(str, path))}` has no figure that could be told apart by year",
                rule="each year begins with the figure that holds for all",
                way_out="write the figure for all years first",
            )
        scalar = typed.scalar(number, text)
        mapping = ", ".join(f"{year}: {scalar}" for year in [*years, "later"])
        return with_value(text, path, f"{{{mapping}}}")

    return by_year


def _place(field: Field, text: str, language: str) -> KeyPath:
    """Where the value stands; a text in several languages in the one that is on the screen."""
    value = value_at(text, field.path)
    if field.kind == "text" and isinstance(value, dict):
        return (*field.path, language if language in value else next(iter(value)))
    return field.path


def _scalar(field: Field, answer: str, text: str) -> str:
    if field.kind in ("text", "choice"):
        if banned(answer) or len(answer) > MOST_CHARACTERS:
            raise ScenarioError("this text cannot stand in the file", rule=RULE, way_out=WAY_OUT)
        if field.kind == "choice" and answer not in field.choices:
            raise ScenarioError("unknown choice", value=answer, rule=f"one of {', '.join(field.choices)}")
        in_quotes = as_scalar(answer)
        return (
            f'"{answer}"' if typed.as_number(answer, text) is not None and not in_quotes.startswith('"') else in_quotes
        )
    if field.kind == "share":
        return typed.scalar(typed.share(answer), text)
    value = typed.number(answer)
    if field.kind in ("year", "whole") and value % 1:
        raise ScenarioError(f"`{field.key}` is not a whole number", value=answer, rule="a whole number")
    return typed.scalar(value, text)


def _grouped(number: float, language: str) -> str:
    """A number with thousands parted by blanks and the decimal mark of the language."""
    form = "en" if language == "en" else "da"
    whole, mark, decimals = write(number, form).partition(DECIMAL_MARK[form])
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    parts = [digits[max(end - 3, 0) : end] for end in range(len(digits), 0, -3)][::-1]
    return f"{sign}{' '.join(parts) if len(digits) > 4 else digits}{mark}{decimals}"
