"""What has changed in a case's file so far, the last change first."""

from __future__ import annotations

import re
from typing import Any

from dash import html

from costeff.app.files.edit import value_at
from costeff.app.files.versions import CaseFile
from costeff.app.screens.controls import label_of
from costeff.app.screens.fields import every_field
from costeff.catalogue import say
from costeff.errors import ScenarioError

MOST_CHANGES = 8


def changes(file: CaseFile, language: str) -> list[Any]:
    """The last changes: when, which key, from what to what, and why."""
    versions = [v for v in file.versions() if v.key][-MOST_CHANGES:]
    try:
        fields = every_field(value_at(file.read()[0], ()) or {})
    except ScenarioError:  # another program has left no YAML in the file
        fields = {}
    rows = []
    for v in reversed(versions):
        question = [label_of(fields[v.key], language, {}), " "] if v.key in fields else []
        values = f": {v.before or '–'} → {v.after or '–'}"
        rows.append(html.Li([v.made_at[11:16], " ", *question, html.Code(v.key), values, _reason(v.reason, language)]))
    return rows or [html.Li(say("app_no_changes", language))]


def _reason(text: str, language: str) -> str:
    """Why; what the file of the log notes of a change that was taken back is said in words."""
    undone = re.fullmatch(r"undo (\d+)", text)
    words = say("app_undone", language, number=undone[1]) if undone else text
    return f" ({words})" if words else ""
