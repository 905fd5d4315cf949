"""The line that says which run a page is of, on the page and in the foot of every printed sheet."""

from __future__ import annotations

from costeff.catalogue import say
from costeff.investment.report.content import Stamp
from costeff.reporting.numbers import write_date, write_number


def stamp_line(name: str, stamp: Stamp | None, language: str) -> str:
    """'My case · version 2 · A. Author · 3 May 2026 · costeff 0.3.0 · 1,000 draws x 500 individuals · seed 1'."""
    if stamp is None:
        return name
    parts = [name]
    if stamp.version:
        parts.append(say("stamp_version", language, version=stamp.version))
    if stamp.author:
        parts.append(stamp.author)
    draws, people = (write_number(n, language, decimals=0) for n in (stamp.draws, stamp.individuals))
    size = say("stamp_size", language, draws=draws, people=people)
    parts += [write_date(stamp.made_on, language), f"costeff {stamp.costeff}", size]
    return " · ".join([*parts, say("stamp_seed", language, seed=stamp.seed)])


def foot_style(line: str) -> str:
    """Style that prints a line at the foot of every sheet, its text made safe for a style sheet inside a page.

    >>> print(foot_style('a "b" </style>'))
    @page { @bottom-left { content: "a \\22 b\\22  \\3c /style\\3e "; font: 7pt sans-serif; color: #4d4d4d; } }
    """
    text = "".join(f"\\{ord(c):x} " if c in '"\\<>&' or ord(c) < 32 else c for c in line)
    return f'@page {{ @bottom-left {{ content: "{text}"; font: 7pt sans-serif; color: #4d4d4d; }} }}'
