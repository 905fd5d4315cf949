"""A new case of the planner's own: a commented file whose questions are open, from a form."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

from costeff.catalogue import say
from costeff.errors import ScenarioError
from costeff.files import write_whole
from costeff.files.day import writing_day
from costeff.investment.belief.belief import MEASURES
from costeff.investment.municipalities import with_answers
from costeff.problems import way_to

FOLDER = Path(__file__).parent / "forms"
LAST_PRICES = 2026
"""The last year of the shipped price index; a later level needs a projection, which the case states."""
BUDGET_YEARS = 4
_COMMENT = re.compile(r"^(\s*)#([?:]) (\w+)$")


def forms() -> tuple[str, ...]:
    """Names of the forms that a new case can begin from."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


def new_case(
    path: Path,
    form: str,
    language: str = "en",
    measure: str = "share",
    first_year: int | None = None,
    municipality: str | None = None,
) -> Path:
    """Write a new case file with open questions; returns its path. Nothing of the user's is overwritten.

    The table of tax rates answers for a `municipality`. Raises ScenarioError for an unknown form, measure or
    municipality, and where the file is there already.
    """
    if form not in forms():
        names = ", ".join(forms())
        raise ScenarioError(
            "no form of this name", value=form, rule=f"forms: {names}", way_out=way_to(form, forms(), f"write {names}")
        )
    if measure not in MEASURES:
        raise ScenarioError("unknown measure of an effect", value=measure, rule=f"one of {', '.join(MEASURES)}")
    check_free(path)
    return write_whole(case_text(path.stem, form, language, measure, first_year, municipality), path)


def check_free(path: Path) -> None:
    """Raise ScenarioError for a file that is there, or whose name does not end in .yaml."""
    if path.suffix.lower() not in (".yaml", ".yml"):
        raise ScenarioError(
            "the name of a file of declarations ends in .yaml",
            value=path.name,
            rule="names without an ending are those of shipped files",
            way_out=f"write {path.name}.yaml",
        )
    if path.exists():
        raise ScenarioError(
            "this file is there already",
            value=str(path),
            rule="a new file takes the place of nothing",
            way_out="choose another name, or move the file away",
        )


def case_text(
    name: str, form: str, language: str, measure: str, first_year: int | None = None, municipality: str | None = None
) -> str:
    """The text of a new case: what is known is filled in, and above each open answer stands its question."""
    first = writing_day().year + 1 if first_year is None else first_year
    weeks = {"share": "  weeks: 26\n", "median": "", "mean": "  weeks: 104\n"}[measure]
    form_text = (FOLDER / f"{form}.yaml").read_text(encoding="utf-8")
    text = form_text.format(
        name=re.sub(r"\W+", "_", name) or "case",
        numbers="da" if say("mark_decimal", language) == "," else "en",
        first=first,
        last=first + BUDGET_YEARS - 1,
        price=LAST_PRICES,
        measure=measure,
        weeks=weeks,
    )
    if municipality:
        text = with_answers(text, form, municipality, first, say("mark_decimal", language))
    return "".join(_commented(line, language, measure) for line in text.splitlines())


def _commented(line: str, language: str, measure: str) -> str:
    match = _COMMENT.match(line)
    if match is None:
        return f"{line}\n"
    indent, kind, key = match.groups()
    text = say(f"question_{key}" if kind == "?" else f"form_{key}", language).replace("\u00a0", " ")
    mark = "# >> " if kind == "?" else "# "
    paragraphs = textwrap.wrap(text, 100 - len(indent), break_on_hyphens=False)
    return "".join(f"{indent}{mark}{part}\n" for part in paragraphs)
