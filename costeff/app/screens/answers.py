"""What a planner's answers and orders do to a case: each becomes an edit of its file, or work on its result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import dash

from costeff.app.files import typed
from costeff.app.files.edit import value_at
from costeff.app.files.versions import Change
from costeff.app.results.desk import CaseDesk, Desk
from costeff.app.screens import entry
from costeff.app.screens.fields import every_field, path_of
from costeff.catalogue import say


@dataclass(frozen=True)
class Answer:
    """What was typed, in which control of which case, and why."""

    name: str
    key: str
    value: str
    reason: str = ""


def answered(desk: Desk, answer: Answer, version: int, tab: str, language: str) -> tuple[Any, str]:
    """Put one answer into the file; what is said under the control, and how it looks.

    Raises ConflictError when somebody else has changed the file, and CosteffError for an answer that is none.
    """
    one = desk.case(answer.name)
    text, _ = one.file.read()
    field = every_field(value_at(text, ()) or {})[answer.key]
    if answer.value.strip() == entry.shown(field, text, language):
        return entry.as_read(field, text, language), "message"
    edit, change = entry.edit(field, answer.value, text, language, tab, answer.reason)
    new = one.file.save(edit, version, change)
    dash.set_props("version", {"data": new.number})
    now, _ = one.file.read()
    one.look_ahead()
    return [say("app_saved", language), " ", entry.as_read(field, now, language)], "message saved"


@dataclass(frozen=True)
class Order:
    """A button that was pressed, by its id, on which case, and the limit that stands beside it."""

    name: str
    button: Mapping[str, str]
    limit: str = ""


def done(desk: Desk, order: Order, version: int, tab: str, language: str) -> bool:
    """Do what a button says; whether the page is drawn anew. Raises as `answered` does."""
    one, key = desk.case(order.name), order.button["key"]
    if order.button["type"] == "choice":
        text, _ = one.file.read()
        field = every_field(value_at(text, ()) or {})[key]
        edit, change = entry.edit(field, order.button["choice"], text, language, tab)
        one.file.save(edit, version, change)
        return True
    if order.button["type"] == "spread":
        edit = entry.spread(path_of(key), value_at(one.file.read()[0], ()))
        one.file.save(edit, version, Change(key, "", say("app_by_year", language), tab))
        return True
    if key == "undo":
        one.file.undo(version, tab)
        return True
    return _worked(one, desk, key, order.limit, language)


def _worked(one: CaseDesk, desk: Desk, key: str, limit: str, language: str) -> bool:
    """Begin or end work in the background; whether the page is drawn anew."""
    word, _, other = key.partition(" ")
    if word == "compare":
        others = [other] if other else [name for name in desk.folder.names() if name != one.file.name]
        one.compare(others, typed.number(limit) if limit.strip() else None)
    elif word == "write":
        one.write(language)
    elif word == "ask":
        one.ask()
    elif word == "cancel":
        one.cancel()
        return True
    else:
        one.start()
        return True
    return False
