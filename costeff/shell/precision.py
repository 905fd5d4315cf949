"""Options of `run` about its precision: a target error, or advice on the split from a pilot."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import click

from costeff.shell.ahead import read_ahead
from costeff.shell.number import NumberRange, WholeRange
from costeff.shell.output import hold

_WRITERS = (
    "costeff.study.report.content_of_result",
    "costeff.study.report.report",
    "plotly.graph_objs._figure",
    "scipy.optimize",
    "xlsxwriter",
)
"""What writes the result is read while it is simulated."""
PILOT = {"draws": 256, "individuals": 200}
"""Size of a pilot unless the command says otherwise."""


def precision_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a run to a target error and of a pilot."""
    for option in reversed(
        [
            click.option(
                "--target-error",
                type=NumberRange(min=0, min_open=True),
                help="Add draws until the Monte Carlo error of the incremental net benefit (net cost without --wtp "
                "or the scenario's) is no larger.",
            ),
            click.option("--max-draws", type=WholeRange(min=2), help="With --target-error; default 20000."),
            click.option("--perspective", help="Of --target-error and --pilot; default: the model's first."),
            click.option(
                "--wtp",
                type=NumberRange(min=0),
                help="Money per unit of the main effect: acceptability, headline, figures; also of --target-error.",
            ),
            click.option(
                "--set",
                "figures",
                metavar="NAME=VALUE",
                multiple=True,
                help="A parameter set to a known number, at the prices of the analysis; may be repeated.",
            ),
            click.option("--replicates", type=WholeRange(min=1), help="Designs of Latin hypercube or Sobol draws."),
            click.option(
                "--posterior",
                type=click.Path(),
                help="What `costeff trial update --out` wrote: its draws in the place of the model's own.",
            ),
            click.option("--pilot", is_flag=True, help="A short run and advice on draws and individuals."),
            click.option("--budget", type=NumberRange(min=0, min_open=True), help="With --pilot: seconds of the run."),
        ]
    ):
        function = option(function)
    return function


def precise(scenario: str, out: str | None, request: dict[str, Any]) -> Any:
    """The result of `run`, or None after a pilot, whose advice is printed."""
    from costeff.analysis.psa import psa
    from costeff.errors import ScenarioError
    from costeff.precision.advice_of_result import printed_advice
    from costeff.shell.study_options import with_options
    from costeff.trial.learning.posterior import read_posterior

    if request["posterior"]:
        _check_draws_are_its_own(request)
    study = with_options(
        scenario, horizon=request["horizon"], figures=typed_figures(request["figures"]), wtp=request["wtp"]
    )
    keys = ("draws", "individuals", "seed", "threads", "method", "engine", "replicates")
    options = {key: request[key] for key in keys} | {"progress": False if request["quiet"] else None}
    if request["posterior"]:
        options["values"] = read_posterior(request["posterior"], study)
    about = {key: request[key] for key in ("perspective", "wtp", "target_error")}
    if request["pilot"]:
        if out:
            raise ScenarioError("a pilot writes no files", value=out, way_out="run with its advice, then --out")
        options |= {key: request[key] or size for key, size in PILOT.items()}
        result = psa(study, **options)
        from costeff.precision.advice_of_result import advice

        table = advice(result, **about, budget=request["budget"])
        click.echo(printed_advice(table, result))
        return None
    _check(request)
    if out and len(study.model.strategies) < 2:
        raise ScenarioError(
            "a model with one strategy has no report",
            where=study.model.file,
            value=study.model.comparator,
            rule="report, tables and workbook compare strategies with the comparator",
            way_out="leave out --out to print its costs and effects, or add a strategy",
        )
    hold(out, "run")
    if out:
        read_ahead(*_WRITERS, pages=("report.html.j2",))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Monte Carlo error of")  # printed with the result
        if request["target_error"] is None:
            return psa(study, **options)
        return psa(study, **options, **about, maximum=request["max_draws"])


def _check_draws_are_its_own(request: dict[str, Any]) -> None:
    """Raise ScenarioError where an option would say something else than the draws of a posterior."""
    from costeff.errors import ScenarioError

    for key in ("draws", "method", "replicates", "target_error", "figures", "pilot"):
        if request[key]:
            option = "--set" if key == "figures" else _option(key)
            raise ScenarioError(
                f"{option} does not go with a posterior",
                value=request["posterior"],
                rule="a posterior holds its own draws, as many as it has, of every uncertain parameter",
                way_out=f"leave out {option}",
            )


def typed_figures(texts: Sequence[str]) -> dict[str, float]:
    """Parameters and their numbers from texts NAME=VALUE. Raises ScenarioError for what reads two ways or stands twice.

    >>> typed_figures(["wait=0,5", "price = 12 000"])
    {'wait': 0.5, 'price': 12000.0}
    """
    from costeff.documents.numerals import clear
    from costeff.errors import ScenarioError

    figures: dict[str, float] = {}
    for text in texts:
        name, sign, value = (part.strip() for part in text.partition("="))
        if not sign or not name:
            raise ScenarioError("--set takes a name and a number", value=text, way_out="write it as --set NAME=VALUE")
        if name in figures:
            raise ScenarioError(f"--set names '{name}' twice", value=value, way_out="name each parameter once")
        try:
            figures[name] = clear(value, ScenarioError)
        except ScenarioError as error:
            raise ScenarioError(
                f"--set {name}: {error.what}", value=value, rule=error.rule, way_out=error.way_out
            ) from None
    return figures


def _check(request: dict[str, Any]) -> None:
    """Raise ScenarioError, in the words of the command, for options that do not go together."""
    from costeff.errors import ScenarioError

    if request["budget"] is not None:
        raise ScenarioError("a budget is for advice from a pilot", way_out="give --pilot with --budget")
    if request["target_error"] is None:
        for key in ("perspective", "max_draws"):
            if request[key] is not None:
                raise ScenarioError(
                    f"{_option(key)} is for a run to a target error" + (" or a pilot" if key != "max_draws" else ""),
                    value=request[key],
                    way_out="give --target-error, or leave it out",
                )
    else:
        for key in ("draws", "replicates"):
            if request[key] is not None:
                raise ScenarioError(
                    "a run to a target error decides how many draws it needs",
                    value=f"{_option(key)} {request[key]}",
                    way_out="leave it out, or give --max-draws",
                )


def _option(key: str) -> str:
    return "--" + key.replace("_", "-")
