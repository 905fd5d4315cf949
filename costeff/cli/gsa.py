"""gsa: global sensitivity, of a scenario or of a PSA table from elsewhere."""

from __future__ import annotations

from typing import Any

import click

from costeff.cli.base import main, mended
from costeff.cli.number import Number, WholeRange
from costeff.cli.output import deliver_tables, hold_tables
from costeff.errors import ScenarioError


@main.command("gsa")
@click.argument("source")
@click.option(
    "--method", type=click.Choice(["sobol", "morris", "pawn", "regression"]),
    help="Sobol and Morris need a scenario. Default: sobol; regression for a table.",
)  # fmt: skip
@click.option(
    "--result",
    type=click.Choice(["cost", "effect", "nmb", "incremental_cost", "incremental_effect", "incremental_nmb"]),
    help="Default: incremental net benefit where a willingness to pay is known, else incremental cost.",
)
@click.option(
    "--wtp", type=Number(), help="Currency per unit of effect; default: the scenario's, where it states one."
)
@click.option("--strategy", help="Needed where there are several beside the comparator.")
@click.option(
    "--size",
    type=WholeRange(min=2),
    help="Sobol base points (a power of 2), Morris trajectories, or draws.",
)
@click.option("--perspective", help="Of a scenario; default: its model's first.")
@click.option("--effect", help="Of a scenario; default: its main effect.")
@click.option("--individuals", type=WholeRange(min=1), help="People at each point; the same at all points.")
@click.option("--seed", type=WholeRange(0, 2**64 - 1), help="Same seed, same numbers.")
@click.option("--threads", type=WholeRange(min=1), help="Default: all. It changes no number.")
@click.option("--horizon", help="For example '10 years'.")
@click.option("--engine", help="microsim (default), stepping or cohort.")
@click.option(
    "--parameters", type=click.Path(dir_okay=False), help="Of a table: parameters in a second table."
)
@click.option("--comparator", help="Of a table; default: its first strategy.")
@click.option("--currency", default="money", show_default=True, help="Of a table.")
@click.option("--effect-unit", default="QALY", show_default=True, help="Of a table.")
@click.option("--json", "file", type=click.Path(dir_okay=False), help="Write every row to this file.")
@click.option("--figures", type=click.Path(file_okay=False), help="Folder for the figure as an HTML page.")
@click.option(
    "--language", type=click.Choice(["en", "da"]), default="en", show_default=True, help="Of the figure."
)
@click.option("--quiet", is_flag=True, help="No progress bar.")
@mended
def gsa_(source: str, **asked: Any) -> None:
    """What drives a result: Sobol indices, Morris' effects, PAWN, or the variance that each parameter explains.

    SOURCE is a scenario, or a CSV or Parquet table of costs, effects and parameters by draw.

    \b
    Examples: costeff gsa tki2 --method morris --size 20 --individuals 500
              costeff gsa sick_sicker --perspective health_care --strategy AB --figures figures
              costeff gsa psa.csv --method pawn --wtp 100000 --strategy B
    """
    from costeff.study.gsa_writing import figure_gsa, printed_gsa, write_gsa
    from costeff.study.voi import TABLES

    hold_tables(asked["file"], asked["figures"])
    found, labels = (_of_table if source.lower().endswith(TABLES) else _of_scenario)(source, asked)
    deliver_tables(
        printed_gsa(found), asked["file"], asked["figures"], lambda place: write_gsa(found, place),
        lambda place: [figure_gsa(found, place, asked["language"], labels)],
    )  # fmt: skip


def _of_table(source: str, asked: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The table's sensitivity; a table names its parameters itself."""
    from costeff.economics import gsa, read_psa

    for option in ("size", "individuals", "horizon", "engine", "threads", "effect"):
        if asked[option] is not None:
            raise ScenarioError(
                f"--{option} is about runs, and a table has been run", value=asked[option], way_out="leave it out",
            )  # fmt: skip
    told = {key: asked[key] for key in ("parameters", "comparator", "currency", "effect_unit")}
    result = asked["result"] or ("incremental_cost" if asked["wtp"] is None else "incremental_nmb")
    seed = 1 if asked["seed"] is None else asked["seed"]
    table = read_psa(source, **told)
    method = asked["method"] or "regression"
    return gsa(table, method, result=result, strategy=asked["strategy"], wtp=asked["wtp"], seed=seed), {}


def _of_scenario(source: str, asked: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The scenario's sensitivity, and the labels of what is in it."""
    from costeff.study.asking import with_options
    from costeff.study.dsa_figures import names_of

    names = [
        "result",
        "wtp",
        "strategy",
        "size",
        "perspective",
        "effect",
        "individuals",
        "seed",
        "threads",
        "engine",
    ]
    options = {name: asked[name] for name in names} | {"progress": False if asked["quiet"] else None}
    study = with_options(source, horizon=asked["horizon"])
    found = study.gsa(asked["method"] or "sobol", **options)
    known = names_of(study, found.table["factor"])
    return found, {**known.parameters, **known.perspectives}
