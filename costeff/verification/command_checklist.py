"""checklist: CHEERS 2022, AdViSHE and TECH-VER, filled from a run and its files, as Word and HTML."""

from __future__ import annotations

import click

from costeff.shell.base import main, mended
from costeff.shell.language import LanguageName
from costeff.shell.number import NumberRange

WORD, PAGE = "checklist.docx", "checklist.html"


@main.command("checklist")
@click.argument("scenario")
@click.option("--out", type=click.Path(file_okay=False), required=True, help=f"Folder for {WORD} and {PAGE}.")
@click.option("--draws", type=NumberRange(min=1), help="Parameter sets. Default: the scenario's.")
@click.option("--individuals", type=NumberRange(min=1), help="People in each. Default: the scenario's.")
@click.option("--seed", type=NumberRange(min=0), help="Start of the random numbers. Default: the scenario's.")
@click.option("--verify/--no-verify", "checks", default=True, help="Whether checks of the model are run.")
@click.option("--language", "--lang", type=LanguageName(), default="en", show_default=True, help="Of the text.")
@mended
def checklist_(
    scenario: str,
    out: str,
    draws: float | None,
    individuals: float | None,
    seed: float | None,
    checks: bool,
    language: str,
) -> None:
    """What to do, the reporting checklist CHEERS 2022 and the questions of AdViSHE, filled from a run; blanks show.

    SCENARIO is a shipped name or the path of a scenario or model file. What the authors write stands under `reporting`
    in the scenario. With the checks of the model there is an appendix after TECH-VER.

    \b
    Examples: costeff checklist sick_sicker --out checklist
              costeff checklist tki2 --draws 128 --out tjekliste --language da
    """
    from pathlib import Path

    from costeff.api import load
    from costeff.files import write_folder
    from costeff.investment.note.page import note_html
    from costeff.reporting.word import write_docx
    from costeff.study.checklist.note import checklist
    from costeff.study.report.content_of_result import content
    from costeff.verification.appendix import answers_to_advishe, appendix
    from costeff.verification.verify import verify

    study = load(scenario)
    result = study.psa(draws=_whole(draws), individuals=_whole(individuals), seed=_whole(seed))
    content(result, language)  # finds break-even and held-out verdicts, which the first answers tell
    verification = verify(study) if checks else None
    blocks = [] if verification is None else [appendix(verification, language)]
    own_answers = None if verification is None else answers_to_advishe(verification, language)
    note = checklist(result, language, own_answers, blocks)

    def make(draft: Path) -> None:
        write_docx(note, draft / WORD)
        (draft / PAGE).write_text(note_html(note, language), encoding="utf-8")

    write_folder(out, make).log()
    click.echo(note.blocks[0].paragraphs[0])
    click.echo(f"{out}: {WORD}, {PAGE}")


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)
