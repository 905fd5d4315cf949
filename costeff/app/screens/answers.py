"""What a planner's answers and orders do to a case: each becomes an edit of its file, or work on its result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import dash

from costeff.app.files import typed
from costeff.app.files.edit import KeyPath, value_at
from costeff.app.files.versions import Change
from costeff.app.results.desk import CaseDesk, Desk
from costeff.app.screens import entry
from costeff.app.screens.fields import SCREENS, Field, every_field, groups, path_of
from costeff.app.screens.log import changes
from costeff.catalogue import say
from costeff.errors import ScenarioError


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
    field = _field(text, answer.key)
    if answer.value.strip() == entry.shown(field, text, language):
        return entry.as_read(field, text, language), "message"
    edit, change = entry.edit(field, answer.value, text, language, tab, answer.reason)
    new = one.file.save(edit, version, change)
    dash.set_props("version", {"data": new.number})
    now, _ = one.file.read()
    one.look_ahead()
    dash.set_props("changes", {"children": changes(one.file, language)})
    return [say("app_saved", language), " ", entry.as_read(field, now, language)], "message saved"


def _field(text: str, key: str) -> Field:
    """The control of a key, which another program may have taken out of the file meanwhile."""
    field = every_field(value_at(text, ()) or {}).get(key)
    if field is None:
        raise ScenarioError(
            f"`{key}` is no longer in the file",
            rule="an answer is put where the file has its key",
            way_out="load the page again, and look at what changed",
        )
    return field


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
        field = _field(text, key)
        edit, change = entry.edit(field, order.button["choice"], text, language, tab)
        one.file.save(edit, version, change)
        return True
    if order.button["type"] == "spread":
        text, _ = one.file.read()
        data = value_at(text, ())
        _check_spread(data, path_of(key))
        edit = entry.spread(path_of(key), data)
        one.file.save(edit, version, Change(key, "", say("app_by_year", language), tab))
        return True
    if key == "undo":
        one.file.undo(version, tab)
        return True
    return _worked(one, desk, key, order.limit, language)


def _check_spread(data: Any, path: KeyPath) -> None:
    if path not in {group.spread for screen in SCREENS for group in groups(screen, data)}:
        raise ScenarioError(
            f"`{'.'.join(map(str, path))}` cannot be told apart by year",
            rule="figures that hold for all years can",
            way_out="load the page again, and look at what changed",
        )


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
