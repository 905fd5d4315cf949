"""A small case of three years that simulates in a second, and a folder of the app that holds it."""

from __future__ import annotations

from pathlib import Path

from costeff.app.files.folder import CaseFolder
from costeff.app.results.desk import CaseDesk, Desk

CASE = """\
# A case of our own.
case: small
title: {en: Small case, da: Lille case}
scenario: own_programme
strategy: programme
municipality: Randers
rules: {set: denmark_reform, regime: old}
first_year: 2026
years: 2
inflow: {2026: 60, later: 0}   # a year
programme:
  departments: {employment: 1}
  variable: 12000  # kr.
  start_up: {2026: 50000}
set: {municipal_tax: 0.25}
run: {draws: 8, individuals: 10, seed: 1}
"""


def folder_with(path: Path, text: str = CASE, name: str = "small.yaml") -> CaseFolder:
    """A folder of the app with one case in it."""
    path.mkdir(exist_ok=True)
    (path / name).write_text(text, encoding="utf-8")
    return CaseFolder(path)


def open_case(path: Path, text: str = CASE) -> CaseDesk:
    """The case, open."""
    return Desk(folder_with(path, text)).case("small.yaml")
