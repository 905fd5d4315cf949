"""What has changed in a case's file so far, the last change first."""

from __future__ import annotations

from typing import Any

from dash import html

from costeff.app.files.versions import CaseFile
from costeff.catalogue import say

MOST_CHANGES = 8


def changes(file: CaseFile, language: str) -> list[Any]:
    """The last changes: when, which key, from what to what, and why."""
    versions = [v for v in file.versions() if v.key][-MOST_CHANGES:]
    rows = [
        html.Li([v.made_at[11:16], " ", html.Code(v.key), f": {v.before or '–'} → {v.after or '–'}", _reason(v.reason)])
        for v in reversed(versions)
    ]
    return rows or [html.Li(say("app_no_changes", language))]


def _reason(text: str) -> str:
    return f" ({text})" if text else ""
