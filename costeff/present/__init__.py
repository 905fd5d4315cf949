"""Reports, figures and tables from results already computed; it formats and draws, and decides nothing.

May import costeff.model, costeff.economics and below; never costeff.study, the app or the shell. Figures are
functions of their own (`plane`, `ceac`, ...) that return plotly figures; plotly and jinja2 load when first used.
"""

from costeff.present.content import Content, PerspectiveView
from costeff.present.diagram import transition_diagram
from costeff.present.figure_acceptability import ceac, ceaf
from costeff.present.figure_money import cost_by_year, who_pays
from costeff.present.figure_plane import plane
from costeff.present.figure_time import time_to_return, trace
from costeff.present.figure_tornado import tornado
from costeff.present.numbers import (
    write_date,
    write_interval,
    write_money,
    write_number,
    write_percent,
)
from costeff.present.report import write_report
from costeff.present.sentences import key_result
from costeff.present.tables import html_table
from costeff.present.terms import term
from costeff.present.tidy import tidy_tables, write_csv

__all__ = [
    "Content",
    "PerspectiveView",
    "ceac",
    "ceaf",
    "cost_by_year",
    "html_table",
    "key_result",
    "plane",
    "term",
    "tidy_tables",
    "time_to_return",
    "tornado",
    "trace",
    "transition_diagram",
    "who_pays",
    "write_csv",
    "write_date",
    "write_interval",
    "write_money",
    "write_number",
    "write_percent",
    "write_report",
]
