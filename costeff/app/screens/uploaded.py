"""A table of draws of any program, uploaded: what `costeff cea` says of it. It is read once and kept nowhere."""

from __future__ import annotations

import base64
import binascii
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from dash import dcc, html

from costeff.analysis.read_psa import read_psa
from costeff.analysis.tables.source import ENDINGS
from costeff.app.files.typed import number
from costeff.app.screens.from_html import parts
from costeff.app.screens.pane import graph, problem
from costeff.catalogue import say
from costeff.cea.acceptability import ceac
from costeff.cea.figures.acceptability import ceac as acceptability
from costeff.cea.icer_rows import icer_columns, icer_rows
from costeff.errors import CosteffError, ResultError
from costeff.reporting.tables import html_table
from costeff.study.report.evaluation_report import labels_of
from costeff.voi.evpi import evpi
from costeff.voi.figures.voi import evpi as information

if TYPE_CHECKING:
    from collections.abc import Mapping

    from costeff.analysis.evaluation import EvaluationData
    from costeff.labels import Label

MOST_BYTES = 8 * 2**20
"""Of a table that is uploaded."""
POINTS = 51
"""Values of willingness to pay in a figure."""


def highest_field(name: str, word: str, language: str) -> html.Div:
    """The question for the highest willingness to pay, up to which curves are drawn."""
    answer = dcc.Input(id=name, type="text", value="", debounce=True, className="answer", autoComplete="off")
    return html.Div([html.Label(say(word, language), htmlFor=name, className="label"), answer], className="field")


def upload(language: str) -> list[Any]:
    """The button that takes a file, and room for what is said of it."""
    name: dict[str, Any] = {"data-label": say("app_table_choose", language)}  # of the control, by assets/upload.js
    button = html.Button(say("app_table_choose", language), className="quiet")
    return [
        html.H2(say("app_table_heading", language)),
        html.P(say("app_table_about", language), className="about"),
        highest_field("table-wtp", "app_table_wtp", language),
        html.Div(
            dcc.Upload(button, id="table", accept=",".join(ENDINGS), max_size=MOST_BYTES, className="choices"), **name
        ),
        html.Div(id="table-result"),
    ]


def of_table(contents: str, name: str, highest: str, language: str) -> list[Any]:
    """ICERs of an uploaded table, and acceptability and value of information up to the `highest` willingness to pay.

    What is wrong with the table is told in words.
    """
    try:
        return _said(contents, Path(name.replace("\\", "/")).name, highest, language)
    except CosteffError as error:
        return [problem(error, language)]


def _said(contents: str, name: str, highest: str, language: str) -> list[Any]:
    ending = Path(name).suffix.lower()
    if ending not in ENDINGS:
        raise ResultError("this is not a table of draws", value=name[:100], rule=f"tables end in {', '.join(ENDINGS)}")
    try:
        data = base64.b64decode(contents.partition(",")[2], validate=True)
    except binascii.Error:
        raise ResultError("the table did not arrive whole", value=name[:100], way_out="upload it again") from None
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / f"table{ending}"  # the browser's name is only shown
        path.write_bytes(data)
        evaluation = read_psa(str(path))
    labels = labels_of(evaluation)
    columns = icer_columns(evaluation.effect_unit, labels, evaluation.comparator, language)
    lines_said = [
        html.P(say("app_table_read", language, file=name, draws=str(evaluation.draws))),
        *parts(html_table(columns, icer_rows(evaluation, labels, language), say("app_table_icers", language))),
    ]
    if not highest.strip():
        return lines_said
    return [*lines_said, *curves(evaluation, labels, number(highest), language)]


def curves(evaluation: EvaluationData, labels: Mapping[str, Label], highest: float, language: str) -> list[Any]:
    """Acceptability and the value of information up to the `highest` willingness to pay."""
    values = np.linspace(0.0, highest, POINTS)
    return [
        html.H2(say("app_table_ceac", language)),
        graph(acceptability(ceac(evaluation, values), labels, language)),
        html.H2(say("app_table_evpi", language)),
        graph(information(evpi(evaluation, values), language, labels=labels)),
    ]
