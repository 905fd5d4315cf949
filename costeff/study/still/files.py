"""Writes a report's figures as images and its tables as Word, LaTeX or Excel, beside the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from costeff.files.cells import write_csv
from costeff.files.day import FIXED
from costeff.reporting.images import write_images
from costeff.study.still.tables import tables_of, write_latex, write_word

if TYPE_CHECKING:
    import pandas as pd

    from costeff.reporting.page_figures import Figures

TABLES = ("docx", "tex", "xlsx")
MOST_ROWS = 1_000_000
"""Of a sheet; a longer table stands in its CSV file alone."""


def write_figure_images(figures: Figures, folder: Path, kind: str) -> None:
    """Every figure of a report as an image, and figures.csv with the title and caption of each."""
    import pandas as pd

    files = write_images(figures.drawn, folder, kind)
    rows = [(file, *figures.texts[key]) for file, key in zip(files, figures.drawn, strict=True)]
    write_csv(pd.DataFrame(rows, columns=["file", "title", "caption"]), folder / "figures.csv")


def write_tables(
    page: str, frames: Mapping[str, pd.DataFrame], folder: Path, kinds: Sequence[str], about: tuple[str, str, str]
) -> None:
    """The tables of a report's page as tables.docx and tables.tex; its tidy tables as the sheets of tables.xlsx.

    `about`: title, the line under it, and the language, of the Word document.
    """
    tables = list(tables_of(page))
    if "docx" in kinds:
        write_word(tables, folder / "tables.docx", *about)
    if "tex" in kinds:
        write_latex(tables, folder / "tables.tex")
    if "xlsx" in kinds:
        _write_sheets(frames, folder / "tables.xlsx")


def _write_sheets(frames: Mapping[str, pd.DataFrame], path: Path) -> None:
    import pandas as pd

    with pd.ExcelWriter(path, engine="xlsxwriter") as book:
        book.book.set_properties({"created": FIXED})
        for name, frame in frames.items():
            if len(frame) <= MOST_ROWS:
                frame.to_excel(book, sheet_name=name[:31], index=False, freeze_panes=(1, 0))
