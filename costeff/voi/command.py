"""voi: value of information, of a scenario or of a PSA table from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from costeff.shell.base import main, mended, psa, run_options
from costeff.shell.image_option import check_image, image_option
from costeff.shell.language import LanguageName
from costeff.shell.number import Number, WholeRange
from costeff.shell.old_options import option_once
from costeff.shell.output import deliver_tables, hold_tables
from costeff.shell.table_options import table_options
from costeff.shell.workplace_options import workplace_options

OF_A_RUN = {
    "perspective": "--perspective",
    "draws": "--draws",
    "individuals": "--individuals",
    "threads": "--threads",
    "method": "--method",
    "horizon": "--horizon",
    "engine": "--engine",
}
"""Options of a run by their keys; `--seed` is the study's too."""


@main.command("voi")
@click.argument("source")
@click.option(
    "--wtp", type=Number(), multiple=True, required=True, help="Currency per unit of effect; may be repeated."
)
@click.option("--group", "groups", multiple=True, help="Parameters known together, as a,b,c; may be repeated.")
@click.option("--perspective", help="Of a scenario; default: its model's first.")
@table_options
@click.option("--population", type=Number(), help="People: in all, or per year with --years and --discount-rate.")
@click.option("--years", type=WholeRange(min=1), help="For how long the decision stands.")
@click.option("--discount-rate", type=Number(), help="Per year, such as 0.03.")
@option_once(
    "--design", "--trial", "design", help="A trial, shipped (tki2_trial) or a YAML file: EVSI and ENBS over its size."
)
@click.option(
    "--n",
    "participants",
    type=WholeRange(min=1),
    multiple=True,
    help="Of the study; may be repeated. Default: the design's range.",
)
@click.option(
    "--trial-cost", type=(Number(), Number()), metavar="FIXED EACH", help="Of the study, in place of the design's."
)
@click.option("--decides-for", type=click.Choice(["here", "elsewhere"]), help="The study's place, or another one.")
@click.option(
    "--evsi-method",
    default="moment_matching",
    show_default=True,
    type=click.Choice(["regression", "gaussian", "moment_matching", "importance_sampling"]),
)
@click.option(
    "--implementation",
    "practice",
    metavar="uptake=A,then=B,...",
    help="Value of implementation; also mix=A:SHARE+B:SHARE, delivered=PLANNED:TODAY, delay=, cost=, fidelity=, "
    "fidelity_then=, otherwise=.",
)
@click.option(
    "--decision-maker", "deciders", multiple=True, help="Of a scenario: a perspective that decides; may be repeated."
)
@click.option(
    "--matrix",
    multiple=True,
    metavar="PERSPECTIVE",
    help="Of a scenario: who prefers what at each --wtp; may be repeated, or all.",
)
@click.option(
    "--subgroups",
    metavar="ATTRIBUTE",
    help="Of a scenario: results by its categories, and what deciding for each is worth.",
)
@click.option("--json", "file", type=click.Path(dir_okay=False), help="Write every table to this file.")
@click.option("--figures", type=click.Path(file_okay=False), help="Folder for the figures as HTML pages.")
@image_option
@click.option("--language", type=LanguageName(), default="en", show_default=True, help="Of the figures.")
@run_options
@mended
@workplace_options
def voi_(source: str, wtp: tuple[float, ...], groups: tuple[str, ...], image: str | None, **request: Any) -> None:
    """Value of information (EVPI, EVPPI, EVSI, ENBS) and of implementation; who would decide what, and for whom.

    SOURCE is a scenario, or a CSV, XLSX or Parquet table from any program, of costs, effects and parameters by draw.

    \b
    Examples: costeff voi tki2 --wtp 300000 --draws 500 --individuals 500
              costeff voi tki2 --wtp 300000 --trial tki2_trial --implementation uptake=0.1,then=0.6
              costeff voi tki2 --wtp 0 --wtp 300000 --matrix all --subgroups diagnosis --figures figures
              costeff voi psa.csv --wtp 80000 --wtp 120000 --group u_S1,u_trtA --json voi.json
    """
    from costeff.sensitivity.drawings import names_in, names_of
    from costeff.shell.table_options_read import (
        is_table,
        read_groups,
        refuse_of_a_table,
        refuse_options,
        refuse_wtp,
        said_first,
    )
    from costeff.voi.command_extras import add_subgroups, extras, measured_results, possible
    from costeff.voi.text import figures_voi, printed_voi, voi, write_voi

    check_image(image, request["figures"], "--figures")
    hold_tables(request["file"], request["figures"])
    table = is_table(source)
    possible(None if table else source, wtp, request)
    result = None
    by_group: Mapping[str, Any] = {}
    if table:
        refuse_options(request, OF_A_RUN, "a PSA table", "leave it out: a table has been run")
        evaluation, by_group = read_groups(source, request)
        refuse_wtp(evaluation, wtp)
        names = names_in(evaluation)
    else:
        refuse_of_a_table(request)
        result = psa(source, request)
        evaluation = result.perspective(request["perspective"], request["effect"])
        names = names_of(result.study, groups)
    people = {
        "population": request["population"],
        "horizon": request["years"],
        "discount_rate": request["discount_rate"],
    }
    result_columns = measured_results(evaluation, request["design"]) if table else set()
    tables = voi(evaluation, wtp, groups, result_columns, **people)
    more = extras(result, evaluation, wtp, request, people, names)
    if by_group:
        add_subgroups(more, by_group, request["subgroup"], wtp, names.strategies, request["language"])
    labels = {**names.parameters, **names.perspectives}
    text = "\n\n".join([printed_voi(*tables), *more.texts])
    if table:
        text, more.content["read_as"] = said_first(evaluation, text), evaluation.attrs["read_as"]
    deliver_tables(
        text,
        request["file"],
        request["figures"],
        lambda place: write_voi(*tables, place, **more.content),
        lambda place: figures_voi(*tables, place, request["language"], more.figures, labels, image),
    )
