"""The workbooks that the tests of the workbook read: as the library writes them, and with changed inputs."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl

import costeff as ce
from costeff.api import with_face
from costeff.labels import Label
from costeff.model.formulas.expression import Expression
from costeff.reporting.workbook.content import (
    BookParameter,
    BookPerspective,
    Counted,
    Derived,
    MoneyLine,
    PricedCell,
    WorkbookContent,
)
from costeff.reporting.workbook.content_of_result import workbook_content
from costeff.reporting.workbook.formula import excel_formula
from costeff.reporting.workbook.write import write_workbook
from costeff.shell.study_options import with_options

INDIVIDUALS = 200
CHANGED = {
    "sickness_benefit_max": 5500.0,
    "state_share_2": 0.45,
    "municipal_tax": 0.2,
    "health_care_work": 321.5,
    "programme_cost": 9000.25,
    "net_tax_factor": 1.3,
    "flex_taper": 0.5,
    "casework_overhead": 1.75,
}


def same(text: str) -> Label:
    return Label(text, text)


def hand_content() -> WorkbookContent:
    """Two price blocks in three periods of two years: 100 or 110 kr. a week, of which the state refunds 40 or 30 %."""
    weeks = np.array([[10.0, 6.0, 4.0], [10.0, 5.0, 1.0]])
    factor = np.array([1.0, 1.0, 0.5])
    price, share = (100.0, 110.0), (0.4, 0.3)
    paid = weeks * np.array([100.0, 110.0, 110.0])
    back = weeks * np.array([40.0, 33.0, 33.0])
    start = np.array([[0.0, 0, 0], [1, 0, 0]])

    def by_year(money: np.ndarray) -> np.ndarray:
        return np.stack([money[:, 0], money[:, 1] + money[:, 2]], axis=1)

    lines = [
        MoneyLine(
            "benefit",
            same("Benefit"),
            "msb",
            "citizen",
            False,
            (True, True),
            True,
            by_year(paid),
            by_year(paid * factor),
        ),
        MoneyLine(
            "refund", same("Refund"), "state", "msb", False, (True, True), True, by_year(back), by_year(back * factor)
        ),
        MoneyLine(
            "course",
            same("=Course"),
            "msb",
            "resources",
            True,
            (False, True),
            True,
            by_year(start * 50),
            by_year(start * 50),
        ),
    ]
    week = Expression("week")
    return WorkbookContent(
        title=Label("=Hand", "=Hånd"),
        facts=[(same("Seed"), "1")],
        notes=[],
        currency="DKK",
        unit=Label("the whole case", "hele sagen"),
        strategies=[Label("Usual", "Vanlig"), Label("New", "Ny")],
        comparator=0,
        shown=1,
        periods=[same("2026"), same("2027 I"), same("2027 II")],
        years=[same("2026"), same("2027")],
        year_of=[0, 1, 1],
        blocks=[same("old"), same("reform")],
        block_of=[0, 1, 1],
        constants={"cycles_per_year": 52.0},
        parameters=[
            BookParameter("month", (52 * 100 / 12, 52 * 110 / 12), "DKK per month", True, "published", "law"),
            BookParameter("share", share, "share", True, "published", "law"),
            BookParameter("course", (50.0, 50.0), "DKK per individual", True, "assumption"),
        ],
        unpriced=[BookParameter("hazard", (0.1, 0.1), "rate per cycle", False, "assumption")],
        derived=[Derived("week", Expression("month * 12 / cycles_per_year"), price)],
        counted=[Counted(same("Sick"), "", "1-4", weeks, weeks * factor), Counted(same("Entry"), "", "", start, start)],
        lines=lines,
        cells=[
            PricedCell(0, 0, week, (), price, (1.0, 1.0)),
            PricedCell(1, 0, week, (Expression("share"),), price, share),
            PricedCell(2, 1, Expression("course"), (), (50.0, 50.0), (1.0, 1.0)),
        ],
        parties={p: same(p.upper()) for p in ("msb", "state", "citizen", "resources")},
        outside=["resources"],
        perspectives=[
            BookPerspective("municipal", same("Municipality"), (1, -1, 1)),
            BookPerspective("market", same("Market"), (0, 0, 1), Expression("1 + share"), 1.4),
        ],
        discount=[1.0, 1.0, 0.5],
        charted=["municipal"],
    )


FORMULAS = [
    "-a ** 2",
    "(-a) ** 2",
    "a - -b",
    "2 - (a - b)",
    "a / b / c",
    "a / (b / c)",
    "2 ** -c",
    "a ** b",
    "c ** 0",
    "(a - a) ** (b - b)",
    "min(a, b, c) - max(a, b)",
    "floor(-a)",
    "abs(b - a)",
    "sqrt(a) * exp(-b) + log(c)",
    "where(a > b, 1, where(a == b, 2, 3))",
    "a < b < c",
    "a > 1 and b > 1",
    "a > 1 or b > 1",
    "not a",
    "not (a - a)",
    "rate_to_probability(a)",
    "rate_to_probability(a, 2)",
    "probability_to_rate(c / 10)",
    "logit(c / 10)",
    "probability_to_odds(c / 10)",
    "odds_to_probability(a)",
    "expit(a - b)",
    "1e-7 * a + 1.5e6",
    "a != b",
    "+a",
]
VALUES = {"a": 1.75, "b": 0.6, "c": 2.0}


def write_formulas(file: Path) -> None:
    book = openpyxl.Workbook()
    for column, value in enumerate(VALUES.values(), start=1):
        book.active.cell(1, column, value)
    cells = {"a": "$A$1", "b": "$B$1", "c": "$C$1"}
    for row, text in enumerate(FORMULAS, start=2):
        book.active.cell(row, 1, f"={excel_formula(Expression(text), cells)}")
    book.save(file)


def put(file: Path, to: Path, sheet: str, values: dict[str, float]) -> None:
    """The workbook with new values beside the names in its first column, its old results forgotten."""
    book = openpyxl.load_workbook(file)
    rows = {row[0].value: row for row in book[sheet].iter_rows()}
    for name, value in values.items():
        cell = rows[name][1]
        assert not cell.protection.locked, name
        cell.value = value
    book.save(to)


@cache
def opened(file: Path, *, values: bool) -> Any:
    """A workbook, read once."""
    return openpyxl.load_workbook(file, data_only=values)


class Office:
    """Workbooks as written and as LibreOffice computed them, with the results they are compared with."""

    def __init__(self, folder: Path) -> None:
        self.study = ce.load("tki2")
        self.result = self.study.run(INDIVIDUALS, seed=3, progress=False)
        self.content = workbook_content(self.result)
        sicker = with_face(ce.Study, with_options("sick_sicker", horizon="10 years"))
        self.sicker = sicker.run(engine="cohort", progress=False)
        files = {name: folder / f"{name}.xlsx" for name in ("tki2", "tki2_da", "changed", "sicker", "hand")}
        write_workbook(self.content, files["tki2"])
        write_workbook(self.content, files["tki2_da"], "da")
        put(files["tki2"], files["changed"], "Inputs", CHANGED)
        self.sicker.workbook(files["sicker"])
        write_workbook(hand_content(), files["hand"])
        files["hand_changed"] = folder / "hand_changed.xlsx"
        put(files["hand"], files["hand_changed"], "Inputs", {"course": 80.0, "Number of citizens": 10})
        files["formulas"] = folder / "formulas.xlsx"
        write_formulas(files["formulas"])
        self.files = files
        self.made: dict[str, Path] = {}  # by LibreOffice, see conftest

    def book(self, name: str) -> Any:
        """A workbook as LibreOffice computed it."""
        return opened(self.made[name], values=True)

    def written(self, name: str, *, values: bool = False) -> Any:
        """A workbook as the library wrote it: its formulas, or the values that stand beside them."""
        return opened(self.files[name], values=values)

    def sheet(self, name: str, sheet: str) -> list[tuple[Any, ...]]:
        return list(self.book(name)[sheet].iter_rows(values_only=True))
