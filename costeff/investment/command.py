"""invest: a municipality's investment case. Comparing cases is called by `compare`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, get_args

import click

from costeff.shell.ahead import read_ahead
from costeff.shell.base import main, mended
from costeff.shell.image_option import check_image, image_option
from costeff.shell.language import LanguageName
from costeff.shell.number import WholeRange
from costeff.shell.output import deliver, hold, saved
from costeff.shell.workplace_options import workplace_options
from costeff.types import CaseMethod

if TYPE_CHECKING:
    from costeff.investment.report.content import CaseContent

_WRITERS = (
    "costeff.investment.report.write",
    "costeff.study.start_designs",
    "xarray",
    "plotly.graph_objs._figure",
    "xlsxwriter",
)
"""What values and writes a case is read while it is simulated."""


@main.command("invest")
@click.argument("case")
@click.option("--out", type=click.Path(file_okay=False), help="Folder for case.html, .pdf, .xlsx, .json and tables.")
@image_option
@click.option("--language", type=LanguageName(), default="en", show_default=True)
@click.option("--draws", type=WholeRange(min=1), help="Parameter sets (default: the case's).")
@click.option("--individuals", type=WholeRange(min=2), help="People simulated in each draw.")
@click.option("--seed", type=WholeRange(0, 2**64 - 1), help="Same seed, same numbers.")
@click.option("--method", type=click.Choice(get_args(CaseMethod)), help="How parameters are drawn.")
@click.option("--threads", type=WholeRange(min=1), help="Default: all. It changes no number.")
@click.option("--quiet", is_flag=True, help="No progress bar.")
@mended
@workplace_options
def invest_(case: str, out: str | None, image: str | None, language: str, quiet: bool, **request: Any) -> None:
    """Run an investment case: who pays, who gains, and when it is paid back.

    CASE is a shipped name or the path of a case file (a YAML file with `case:` at its top).

    \b
    Examples: costeff invest tki2-aarhus-investment --out case --language da
              costeff invest my_case.yaml --draws 200 --individuals 500 --out case
    """
    from costeff.reporting.pdf import waiting_browser

    check_image(image, out, "--out")
    hold(out, "case")

    def read_writers(_: object) -> None:
        if out is not None:
            read_ahead(*_WRITERS, pages=("case.html.j2",))

    with waiting_browser(out is not None) as browser:  # modules are read when there is time for them
        from costeff.investment.invest import invest_all

        (result,) = invest_all([case], **request, progress=False if quiet else None, before=read_writers)

        from costeff.investment.report.content_of_case import case_content
        from costeff.investment.report.write import write_case
        from costeff.study.ask import FEWEST, worth_asking
        from costeff.study.start_designs import start_designs

        content = case_content(result)
        if out is not None and result.draws >= FEWEST:
            content = replace(content, ask_rows=worth_asking(result), start_designs=start_designs(result))
        files = saved(
            lambda place: write_case(result, place, language, content=content, image=image, browser=browser), out
        )
    deliver(_summary_text(content, language), files)


def _summary_text(content: CaseContent, language: str) -> str:
    """What the command prints of a case, as one text."""
    from costeff.investment.report.amounts_fact import amounts_fact
    from costeff.investment.report.sentences import case_sentences, paid_by_fact, programme_line
    from costeff.reporting.differences import difference_lines

    facts = [*amounts_fact(content, language), *paid_by_fact(content, language)]
    amounts = [f"{heading}: {text}." for heading, text in facts]
    lines = [
        *amounts,
        programme_line(content, language),
        *case_sentences(content, language),
        *(note[language] for note in content.notes),
    ]
    if changes := difference_lines(content.differences, content.parameter_labels, language):
        lines += ["", *changes]
    return "\n".join(lines)


def compare_cases(
    cases: Sequence[str],
    parties: str | None,
    out: str | None,
    language: str,
    limits: Sequence[float],
    request: dict[str, Any],
) -> None:
    """Run cases on the same draws and print their ranking; write the pages when a folder is given."""
    from costeff.catalogue import say
    from costeff.errors import ScenarioError
    from costeff.investment.choice import check_alike, check_plans
    from costeff.investment.invest import invest_all
    from costeff.investment.read import read_case
    from costeff.investment.report.comparison_sentences import cases_sentences
    from costeff.investment.report.write_comparison import cases_content, write_cases
    from costeff.reporting.numbers import MINUS, write_number
    from costeff.reporting.pdf import waiting_browser

    unfit = [key for key in ("horizon", "engine") if request[key] is not None]
    if unfit:
        raise ScenarioError(
            "this option is for scenarios, not for cases",
            value=", ".join(f"--{key}" for key in unfit),
            rule="a case states its own years, and is simulated by event",
            way_out="leave it out",
        )
    keys = ("draws", "individuals", "seed", "method", "threads")
    progress = False if request["quiet"] else None
    read = [read_case(name) for name in cases]
    check_alike(read)
    with waiting_browser(out is not None) as browser:
        results = invest_all(
            read,
            **{key: request[key] for key in keys},
            progress=progress,
            before=lambda plans: check_plans(plans, parties),
        )
        content = cases_content(results, parties, limits)
        files = saved(lambda place: write_cases(content, place, language, browser=browser), out)
    columns = ["case", "mean", "mcse", "lo", "hi", "gains", "best"]
    ranking = content.ranking[columns].rename(columns={name: say(f"ranking_{name}", language) for name in columns})
    table = ranking.to_string(
        index=False, float_format=lambda v: write_number(v, language, decimals=2).replace(MINUS, "-")
    )
    deliver("\n".join([*cases_sentences(content, language), "", table]), files)
