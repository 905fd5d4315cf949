"""What an evaluation writes and draws: a report, four figures in one, its draws and tables."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from costeff.analysis.apart import check_apart
from costeff.analysis.evaluation import EvaluationData
from costeff.analysis.wtp import wtp_curve
from costeff.errors import ResultError
from costeff.files import write_folder, write_whole
from costeff.files.cells import csv_text
from costeff.study.figures.panels import panels
from costeff.study.report.evaluation_report import labels_of, write_evaluation_report
from costeff.study.report.evaluation_tables import draws_table, evaluation_tables

if TYPE_CHECKING:
    import plotly.graph_objects as go


def report(
    evaluation: EvaluationData,
    path: str | os.PathLike[str],
    wtp: ArrayLike | None = None,
    language: str = "en",
    *,
    title: str = "",
) -> Path:
    """Write a report as one HTML file that opens anywhere: ICER table, pairwise table, plane, CEAC, CEAF and EVPI.

    Parameters
    ----------
    evaluation : Evaluation
        Cost and effect over (draw, strategy), in currency and in units of effect, per individual.
    path : path of the file
        Of the file.
    wtp : number or row of numbers, optional
        At most six values are shown in tables, and curves run from 0 to twice the largest; more values are the
        points of the curves. Without it there are no curves, as there is no default: the page says so.
    language : "en", "da" or "nb"
        Of the texts: "en", "da" or "nb".
    title : str
        Of the page; default: the evaluation's label.

    Returns
    -------
    Path
        Of the file.

    Examples
    --------
    >>> import tempfile
    >>> from costeff import Evaluation
    >>> two = Evaluation("payer", "qaly", ("usual", "new"), "usual",
    ...                  cost=[[100.0, 150.0], [120.0, 150.0]], effect=[[1.0, 1.5], [1.0, 1.4]])
    >>> two.report(Path(tempfile.mkdtemp()) / "out.html", wtp=100).name
    'out.html'
    """
    thresholds = None if wtp is None else wtp_curve(wtp)
    try:
        return write_evaluation_report(evaluation, path, thresholds, language, title=title)
    except OSError as error:
        raise ResultError(
            "cannot write here", value=os.fspath(path), rule=error.strerror or str(error), way_out="choose another path"
        ) from error


def plot(evaluation: EvaluationData, wtp: ArrayLike, language: str = "en", *, height: int = 900) -> go.Figure:
    """Four figures in one: plane with frontier, expected net benefit, acceptability curve and EVPI.

    Parameters
    ----------
    evaluation : Evaluation
        Cost and effect over (draw, strategy), in currency and in units of effect, per individual.
    wtp : number or row of numbers
        Of one number, curves run from 0 to twice it, and it is marked; more than six are the points of the curves.
    language : "en", "da" or "nb"
        Of the texts: "en", "da" or "nb".
    height : int
        In pixels.

    Returns
    -------
    plotly.graph_objects.Figure
        Shown by a notebook as it is; `write_html` and `write_image` save it.

    Examples
    --------
    >>> from costeff import Evaluation
    >>> two = Evaluation("payer", "qaly", ("usual", "new"), "usual",
    ...                  cost=[[100.0, 150.0], [120.0, 150.0]], effect=[[1.0, 1.5], [1.0, 1.4]])
    >>> len({trace.xaxis for trace in two.plot(100).data})
    4
    """
    check_apart(evaluation, "the plane, one of the four figures,")
    if evaluation.draws < 2 or not evaluation.alternatives:
        raise ResultError(
            "there is nothing to draw",
            value=f"{evaluation.draws} draws, {len(evaluation.strategies)} strategies",
            rule="the figures compare strategies over draws",
            way_out="give two draws and two strategies or more",
        )
    return panels(evaluation, wtp_curve(wtp), labels_of(evaluation), language, height=height)


def to_csv(evaluation: EvaluationData, path: str | os.PathLike[str], wtp: ArrayLike | None = None) -> list[str]:
    """Write the draws to a file ending in .csv, or every table to a folder; returns the names of the files.

    Parameters
    ----------
    evaluation : Evaluation
        Cost and effect over (draw, strategy), in currency and in units of effect, per individual.
    path : path
        `name.csv`: the draws, which `read_psa` reads back. Else a folder: icer_table.csv, pairwise.csv, draws.csv.
    wtp : number or row of numbers, optional
        As in `report`. To a folder also ceac.csv, ceaf.csv and evpi.csv.

    Returns
    -------
    list of str
        Names of the files.

    Examples
    --------
    >>> import tempfile
    >>> from costeff import Evaluation
    >>> two = Evaluation("payer", "qaly", ("usual", "new"), "usual", [[9.0, 5.0]] * 2, [[1.0, 1.5]] * 2)
    >>> two.to_csv(Path(tempfile.mkdtemp()) / "draws.csv")
    ['draws.csv']
    """
    thresholds = None if wtp is None else wtp_curve(wtp)
    if not str(path).lower().endswith(".csv"):
        tables = {f"{name}.csv": table for name, table in evaluation_tables(evaluation, thresholds).items()}

        def make(folder: Path) -> None:
            for name, table in tables.items():
                (folder / name).write_bytes(csv_text(table, lineterminator="\n").encode())

        output_files = write_folder(path, make, "path", "analysis of a table")
        output_files.log()
        return output_files.names
    if thresholds is not None:
        raise ResultError(
            "one file holds the draws, which have no willingness to pay",
            value=os.fspath(path),
            way_out="name a folder, or leave out wtp=",
        )
    try:
        return [write_whole(csv_text(draws_table(evaluation), lineterminator="\n"), path).name]
    except OSError as error:
        raise ResultError(
            "cannot write here", value=os.fspath(path), rule=error.strerror or str(error), way_out="choose another path"
        ) from error
