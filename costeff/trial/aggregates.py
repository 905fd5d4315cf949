"""Aggregated intake: counts with cell sizes, where rows of persons may not leave the research machine.

A table of moves says how many went from one state to another and in how many weeks at risk; a table of statuses says
how many of those whose spell ended had a status so many weeks later, as public registers export them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from costeff.errors import Place, ScenarioError
from costeff.trial.plan import AnalysisPlan
from costeff.trial.process import Share, wilson
from costeff.trial.quality import Refusals
from costeff.trial.table_text import number, rows, text_form

MOVES = ("group", "from", "to", "weeks", "count")
STATUSES = ("group", "from", "status", "after_weeks", "people", "count")


@dataclass(frozen=True)
class Move:
    """How many went from one state to another in so many weeks at risk; None where the count is hidden."""

    count: int | None
    weeks: float

    @property
    def hazard(self) -> float:
        """Moves for each week at risk; missing where the count is hidden."""
        return float("nan") if self.count is None else self.count / self.weeks


@dataclass(frozen=True)
class Aggregates:
    """Counts by group. `moves` by (group, from, to); `statuses` by (group, from, status, weeks after a spell ended).

    A status whose count is hidden is None: from 1 to `smallest` - 1 people had it.
    """

    smallest: int
    moves: Mapping[tuple[str, str, str], Move]
    statuses: Mapping[tuple[str, str, str, int], Share | None]


def read_aggregates(path: str | Path, plan: AnalysisPlan, states: tuple[str, ...], refusals: Refusals) -> Aggregates:
    """A CSV of moves (group, from, to, weeks, count) or of statuses (group, from, status, after_weeks, people, count).

    An empty count is hidden. Rows of another group or state, counts above the people, and counts smaller than the
    plan's smallest cell (they should not have left) are refused and counted. Raises ScenarioError for a table that is
    neither, and for a cell that stands twice.
    """
    place = Path(path)
    columns = text_form(place).columns
    moves: dict[tuple[str, str, str], Move] = {}
    statuses: dict[tuple[str, str, str, int], Share | None] = {}
    needed_columns = MOVES if "to" in columns else STATUSES
    for line, cells in rows(place, needed_columns, refusals):
        kind = _wrong(cells, plan, states)
        if kind:
            refusals.refuse(kind, line)
            continue
        count = None if not cells["count"] else int(number(cells["count"]) or 0)
        if count is not None and 0 < count < plan.smallest_cell:
            refusals.refuse("small_cell", line)
        elif needed_columns is MOVES:
            move = (cells["group"], cells["from"], cells["to"])
            _once(move, moves, place, line)
            moves[move] = Move(count, number(cells["weeks"]) or 0.0)
        else:
            status = (cells["group"], cells["from"], cells["status"], int(number(cells["after_weeks"]) or 0))
            _once(status, statuses, place, line)
            statuses[status] = None if count is None else wilson(count, int(number(cells["people"]) or 0))
    return Aggregates(plan.smallest_cell, moves, statuses)


def _wrong(cells: Mapping[str, str], plan: AnalysisPlan, states: tuple[str, ...]) -> str:
    """Why a row is refused; '' for a good one."""
    if cells["group"] not in (*plan.strategies, "all"):
        return "unknown_group"
    if cells["from"] not in states or cells.get("to", cells["from"]) not in states:
        return "unknown_kind"
    if "status" in cells and cells["status"] not in states:
        return "unknown_kind"
    base = number(cells.get("people", cells.get("weeks", "")))
    count = number(cells["count"]) if cells["count"] else 0.0
    after = number(cells.get("after_weeks", "0"))
    numbers = (base, count, after)
    if any(one is None or one < 0 for one in numbers) or not base:
        return "wrong_number"
    whole = [count, *([base, after] if "people" in cells else [])]
    if any(one is not None and one != int(one) for one in whole):
        return "wrong_number"
    return "wrong_number" if count is not None and count > base else ""


def _once(key: tuple[str | int, ...], there: Mapping[Any, object], place: Path, line: int) -> None:
    if key in there:
        raise ScenarioError(
            "a cell stands twice",
            where=Place(str(place), line),
            value=", ".join(str(part) for part in key),
            rule="each cell of a table of counts stands once",
            way_out="add the rows together at their source, or say what tells them apart",
        )
