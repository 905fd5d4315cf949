"""A cost-effectiveness analysis of a table of draws: its text for the terminal and its folder of files."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costeff.analysis.apart import NET_ONLY
from costeff.analysis.wtp import wtp_curve
from costeff.catalogue import say
from costeff.cea import acceptability
from costeff.cea.icer import icer_table
from costeff.cea.icer_rows import icer_rows, pairwise_rows
from costeff.cea.pairwise import pairwise
from costeff.files import Written, write_folder
from costeff.files.cells import csv_text
from costeff.reporting.measure_words import NO_PERSPECTIVE
from costeff.reporting.numbers import write_number
from costeff.reporting.run_facts import plain, versions, with_run
from costeff.study.report.evaluation_report import decisions, labels_of, write_evaluation_report
from costeff.study.report.evaluation_tables import evaluation_tables
from costeff.voi.evpi import evpi
from costeff.voi.text import near_ties

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from costeff.analysis.evaluation import EvaluationData
    from costeff.analysis.wtp import WtpCurve
    from costeff.reporting.tables import Row


INCREMENTAL = ("strategy", "cost", "effect", "extra cost", "extra effect", "against", "ICER", "95 % interval of ICER")
AGAINST = ("strategy", "extra cost", "95 % interval", "extra effect", "95 % interval ", "ICER", "P(saves)", "P(better)")
"""Headings of the terminal's tables: short, so that a row takes one line."""
KIND = "analysis of a table"
"""What the folder's list of files calls it."""


def printed_cea(evaluation: EvaluationData, thresholds: WtpCurve | None) -> str:
    """The fully incremental table, each strategy against the comparator, and the decision at each value."""
    if evaluation.attrs.get("results") == NET_ONLY:
        return _printed_net(evaluation)
    labels = labels_of(evaluation)
    year = "" if evaluation.price_year is None else f" {evaluation.price_year}"
    money = f"{evaluation.currency}{year} per individual"
    unit = evaluation.effect_unit
    parts = [
        f"{_head(evaluation)}, {money}, effect in {unit}",
        f"Fully incremental, by rising cost\n{_text(INCREMENTAL, icer_rows(evaluation, labels, 'en'))}",
    ]
    if evaluation.alternatives:
        against = _text(AGAINST, pairwise_rows(evaluation, labels, "en"))
        parts.append(f"Each strategy against {evaluation.comparator}, with 95 % intervals over draws\n{against}")
    if thresholds is None:
        parts.append(f"{say('decision_none')} Give --wtp, money per {unit}; it may be repeated.")
    else:
        parts.append(f"The decision by willingness to pay per {unit}\n{_plain(_decisions(evaluation, thresholds))}")
        parts += near_ties(evpi(evaluation, thresholds.values))
    return "\n\n".join(parts)


def _head(evaluation: EvaluationData) -> str:
    whose = "" if evaluation.perspective == NO_PERSPECTIVE else f"{evaluation.perspective}: "
    return f"{whose}{len(evaluation.strategies)} strategies, {evaluation.draws:,} draws"


def _printed_net(evaluation: EvaluationData) -> str:
    """The decision by net benefits as they were made: there is no cost and no effect to show beside it."""
    zero = wtp_curve(0)
    decision_table = _decisions(evaluation, zero).drop(columns="wtp")
    parts = [
        f"{_head(evaluation)}, {evaluation.currency} per individual, net benefit as it was made",
        f"The decision at the willingness to pay with which they were made\n{_plain(decision_table)}",
        *near_ties(evpi(evaluation, 0), "there"),
        "No ICER, plane or report: they need costs and effects apart.",
    ]
    return "\n\n".join(parts)


def _decisions(evaluation: EvaluationData, thresholds: WtpCurve) -> pd.DataFrame:
    """At each value what is best, how probably (CEAF), EVPI, and the probability of every strategy (CEAC)."""
    import pandas as pd

    rows = decisions(evaluation, thresholds, labels_of(evaluation), "en")
    return pd.DataFrame(
        {
            "wtp": write_number(row["wtp"]),
            "best on average": row["best"],
            "probability": row["probability"],
            "EVPI": row["evpi"],
            "mcse": row["evpi_mcse"],
        }
        | {f"P({name})": share for name, share in zip(evaluation.strategies, row["shares"], strict=True)}
        for row in rows
    )


def _text(headings: Sequence[str], rows: Sequence[Row]) -> str:
    """The first columns of a table of the report for the terminal, one for each heading, in plain characters."""
    import pandas as pd

    cells = [[str(cell) for cell in row[: len(headings)]] for row in rows if isinstance(row, list)]
    return _plain(pd.DataFrame(cells, columns=list(headings)))


def _plain(frame: pd.DataFrame) -> str:
    text = str(frame.to_string(index=False))
    return text.replace("\u2212", "-").replace("\u2013", "-").replace("\u00a0", " ")


def cea_summary(evaluation: EvaluationData, thresholds: WtpCurve | None, source: str) -> dict[str, Any]:
    """The content of summary.json: plain numbers, texts, lists and dicts; None where a number does not exist."""
    summary: dict[str, Any] = {
        "source": Path(source).name,
        "sha256": hashlib.sha256(Path(source).read_bytes()).hexdigest()[:16],
        **({"read_as": evaluation.attrs["read_as"]} if "read_as" in evaluation.attrs else {}),
        "versions": versions(),
        "conventions": {str(key): value for key, value in evaluation.conventions().items()},
        "strategies": list(evaluation.strategies),
        "icer_table": _rows(icer_table(evaluation)),
        "pairwise": _rows(pairwise(evaluation, None if thresholds is None else thresholds.values)),
    }
    if thresholds is not None:
        curves, information = acceptability.ceac(evaluation, thresholds.values), evpi(evaluation, thresholds.values)
        summary |= {
            "ceac": _rows(curves.to_dataframe().reset_index()),
            "ceaf": _rows(acceptability.ceaf(evaluation, thresholds.values).to_dataframe().reset_index()),
            "evpi": _rows(information.to_dataframe().reset_index()),
        }
    return summary


def _rows(frame: Any) -> list[dict[str, Any]]:
    return [{str(key): plain(value) for key, value in row.items()} for row in frame.to_dict("records")]


def write_cea(
    evaluation: EvaluationData, thresholds: WtpCurve | None, folder: str | os.PathLike[str], language: str, source: str
) -> Written:
    """Report, tables as CSV and summary.json in `folder`; all of them or none.

    Raises ResultError when the folder cannot be written; then nothing in it has changed.
    """

    def make(draft: Path) -> None:
        summary = with_run(cea_summary(evaluation, thresholds, source))
        origin = (summary["source"], summary["sha256"])
        title = evaluation.label or summary["source"]
        write_evaluation_report(evaluation, draft / "report.html", thresholds, language, title=title, source=origin)
        for name, frame in evaluation_tables(evaluation, thresholds).items():
            (draft / f"{name}.csv").write_bytes(csv_text(frame, lineterminator="\n").encode())
        text = json.dumps(summary, indent=1, allow_nan=False)
        (draft / "summary.json").write_text(f"{text}\n", encoding="utf-8")

    return write_folder(folder, make, kind=KIND)
