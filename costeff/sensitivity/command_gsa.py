"""gsa: global sensitivity, of a scenario or of a PSA table from elsewhere."""

from __future__ import annotations

from typing import Any, cast

import click

from costeff.shell.base import main, mended
from costeff.shell.image_option import check_image, image_option
from costeff.shell.language import LanguageName
from costeff.shell.number import Number, WholeRange
from costeff.shell.output import deliver_tables, hold_tables
from costeff.shell.table_options import table_options
from costeff.shell.workplace_options import workplace_options
from costeff.types import ResultName


@main.command("gsa")
@click.argument("source")
@click.option(
    "--method",
    type=click.Choice(["sobol", "morris", "pawn", "regression"]),
    help="Sobol and Morris need a scenario. Default: sobol; regression for a table.",
)
@click.option(
    "--result",
    type=click.Choice(["cost", "effect", "nmb", "incremental_cost", "incremental_effect", "incremental_nmb"]),
    help="Default: incremental net benefit where a willingness to pay is known, else incremental cost.",
)
@click.option("--wtp", type=Number(), help="Currency per unit of effect; default: the scenario's, where it states one.")
@click.option("--strategy", help="Needed where there are several beside the comparator.")
@click.option("--size", type=WholeRange(min=2), help="Sobol base points (a power of 2), Morris trajectories, or draws.")
@click.option("--perspective", help="Of a scenario; default: its model's first.")
@click.option("--individuals", type=WholeRange(min=1), help="People at each point; the same at all points.")
@click.option("--seed", type=WholeRange(0, 2**64 - 1), help="Same seed, same numbers.")
@click.option("--threads", type=WholeRange(min=1), help="Default: all. It changes no number.")
@click.option("--horizon", help="For example '10 years'.")
@click.option("--engine", help="microsim (default), stepping or cohort.")
@table_options
@click.option("--json", "file", type=click.Path(dir_okay=False), help="Write every row to this file.")
@click.option("--figures", type=click.Path(file_okay=False), help="Folder for the figure as an HTML page.")
@image_option
@click.option("--language", type=LanguageName(), default="en", show_default=True, help="Of the figure.")
@click.option("--quiet", is_flag=True, help="No progress bar.")
@mended
@workplace_options
def gsa_(source: str, image: str | None, **request: Any) -> None:
    """What drives a result: Sobol indices, Morris' effects, PAWN, or the variance that each parameter explains.

    SOURCE is a scenario, or a CSV, XLSX or Parquet table of costs, effects and parameters by draw.

    \b
    Examples: costeff gsa tki2 --method morris --size 20 --individuals 500
              costeff gsa sick_sicker --perspective health_care --strategy AB --figures figures
              costeff gsa psa.csv --method pawn --wtp 100000 --strategy B
    """
    from costeff.sensitivity.global_text import figure_gsa, printed_gsa, write_gsa
    from costeff.shell.table_options_read import is_table

    check_image(image, request["figures"], "--figures")
    hold_tables(request["file"], request["figures"])
    analysis, labels, preface = (_of_table if is_table(source) else _of_scenario)(source, request)
    deliver_tables(
        preface + printed_gsa(analysis),
        request["file"],
        request["figures"],
        lambda place: write_gsa(analysis, place),
        lambda place: figure_gsa(analysis, place, request["language"], labels, image),
    )


def _of_table(source: str, request: dict[str, Any]) -> tuple[Any, dict[str, Any], str]:
    """The table's sensitivity; a table names its parameters itself; and how the table was read."""
    from costeff.sensitivity.global_ import gsa
    from costeff.shell.table_options_read import read_table, refuse_apart, refuse_options, refuse_wtp, said_first

    names = ("perspective", "size", "individuals", "horizon", "engine", "threads")
    options = {name: f"--{name}" for name in names}
    refuse_options(request, options, "a PSA table", "leave it out: a table has been run")
    result = request["result"] or ("incremental_cost" if request["wtp"] is None else "incremental_nmb")
    seed = 1 if request["seed"] is None else request["seed"]
    table = read_table(source, request)
    refuse_wtp(table, [request["wtp"]])
    if not result.endswith("nmb"):
        refuse_apart(table, f"'{result}'", "give --wtp 0, and leave out --result")
    method: Any = request["method"] or "regression"
    analysis = gsa(
        table, method, result=cast("ResultName", result), strategy=request["strategy"], wtp=request["wtp"], seed=seed
    )
    return analysis, {}, said_first(table, "")


def _of_scenario(source: str, request: dict[str, Any]) -> tuple[Any, dict[str, Any], str]:
    """The scenario's sensitivity, and the labels of what is in it."""
    from costeff.sensitivity import global_search
    from costeff.sensitivity.drawings import names_of
    from costeff.shell.study_options import with_options
    from costeff.shell.table_options_read import refuse_of_a_table

    refuse_of_a_table(request)

    names = ["result", "wtp", "strategy", "size", "perspective", "effect", "individuals", "seed", "threads", "engine"]
    options = {name: request[name] for name in names} | {"progress": False if request["quiet"] else None}
    study = with_options(source, horizon=request["horizon"])
    analysis = global_search.gsa(study, request["method"] or "sobol", **options)
    labels = names_of(study, analysis.table["factor"])
    return analysis, {**labels.parameters, **labels.perspectives}, ""
