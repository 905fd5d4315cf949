"""What a result writes: the report, the workbook, or a folder of everything."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from costeff.study.decision.board import board_of
from costeff.study.decision.table import with_board
from costeff.study.writing import write

if TYPE_CHECKING:
    from costeff.analysis.study import ResultData


def report(result: ResultData, path: str | os.PathLike[str], language: str = "en") -> None:
    """Write the self-contained HTML report.

    Parameters
    ----------
    result : Result
        The run that is read.
    path : str or path
        Where the file is written.
    language : str
        Of the texts: "en", "da" or "nb".

    Raises
    ------
    ResultError
        When the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from costeff import load
    >>> result = load("sick_sicker").run(engine="cohort", progress=False)
    >>> result.report(Path(tempfile.mkdtemp()) / "report.html")
    """
    from costeff.study.report.content_of_result import content
    from costeff.study.report.report import write_report

    write_report(content(result, language), path, language)


def workbook(result: ResultData, path: str | os.PathLike[str], language: str = "en") -> None:
    """Write the spreadsheet twin of the base case: inputs, quantities, and live formulas for every flow.

    Parameters
    ----------
    result : Result
        The run that is read.
    path : str or path
        Where the file is written.
    language : str
        Of the texts: "en", "da" or "nb".

    Raises
    ------
    ResultError
        When the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from costeff import load
    >>> result = load("sick_sicker").run(engine="cohort", progress=False)
    >>> result.workbook(Path(tempfile.mkdtemp()) / "workbook.xlsx")
    """
    from costeff.reporting.workbook.content_of_result import workbook_content
    from costeff.reporting.workbook.write import write_workbook

    write_workbook(with_board(workbook_content(result), board_of(result)), path, language)


def write_files(result: ResultData, folder: str | os.PathLike[str], language: str = "en") -> list[str]:
    """Write report, workbook, netCDF, tidy CSVs and summary.json; all of them or none. Returns the file names.

    A file of the same name that costeff did not write is renamed, which the log (logger `costeff`) says.

    Parameters
    ----------
    result : Result
        The run that is read.
    folder : str or path
        Where they are written.
    language : str
        Of the texts: "en", "da" or "nb".

    Returns
    -------
    list of str
        Names of the files.

    Raises
    ------
    ResultError
        When the folder cannot be written; then nothing in it has changed.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from costeff import load
    >>> result = load("sick_sicker").run(engine="cohort", progress=False)
    >>> "report.html" in result.write(tempfile.mkdtemp())
    True
    """
    output_files = write(result, folder, language)
    output_files.log()
    return output_files.names
