"""Where on the screens a line of the case's file is, so that an error names what a planner sees."""

from __future__ import annotations

import re
from typing import Any

from dash import html

from costeff.app.files.edit import line_of, value_at
from costeff.app.screens.controls import label_of
from costeff.app.screens.fields import SCREENS, Field, groups
from costeff.app.screens.start import address
from costeff.catalogue import say
from costeff.errors import CosteffError, Place, ScenarioError


def screen_and_field(text: str, line: int, what: str) -> tuple[str, Field | None] | None:
    """The screen with the control of a line (from 1) of a case's text, and the control; None where no screen has it.

    `what` is what is said of the line: of several controls it tells which one is meant, by their key in backquotes or
    by their year. The line of a whole block leads to the screen of its controls.
    """
    try:
        data = value_at(text, ()) or {}
    except ScenarioError:
        return None
    names = {name for pair in re.findall(r"`([^`]+)`|\b(\d{4})\b", what) for name in pair if name}
    places = [(screen, one) for screen in SCREENS for group in groups(screen, data) for one in group.fields]
    on_line = [(screen, one) for screen, one in places if line_of(text, one.path) == line]
    by_name = [(screen, one) for screen, one in on_line if names & {one.key, str(one.path[-1])}]
    if len(by_name) == 1 or len(on_line) == 1:
        return (by_name or on_line)[0]
    blocks = [
        (screen, one)
        for screen, one in places
        for depth in range(1, len(one.path))
        if line_of(text, one.path[:depth]) == line
    ]
    blocks_by_name = [(screen, one) for screen, one in blocks if names & {one.key, str(one.path[-1])}]
    if len(blocks_by_name) == 1:
        return blocks_by_name[0]
    screens = {screen for screen, _ in [*on_line, *blocks]}
    return (screens.pop(), None) if len(screens) == 1 else None


def place_words(error: CosteffError, text: str, language: str) -> list[Any] | None:
    """Screen, question and key of the control that an error is about, with a way there; None where it is elsewhere."""
    where = error.where
    if not text or not isinstance(where, Place) or where.line is None:
        return None
    place = screen_and_field(text, where.line, error.what)
    if place is None:
        return None
    screen, field = place
    name = where.file.replace("\\", "/").rpartition("/")[2]
    parts: list[Any] = [html.A(say(f"app_screen_{screen}", language), href=address(language, name, screen))]
    if field is not None:
        parts += [f", {label_of(field, language, {})} (", html.Code(field.key), ")"]
    return [*parts, ": "]
