"""What a planner asks of a case beside its result: its files, other cases, figures to ask for; in the background."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from costeff.app.files.folder import CaseFolder
from costeff.app.results.job import Job
from costeff.investment.choice import check_alike, check_plans
from costeff.investment.invest import invest_all
from costeff.investment.read import read_case
from costeff.investment.report.comparison_content import CasesContent
from costeff.investment.report.content import AskRow, CaseContent, StartDesign
from costeff.investment.report.write import write_case
from costeff.investment.report.write_comparison import cases_content
from costeff.investment.result import CaseResultData
from costeff.investment.soem.write import case_soem, write_soem
from costeff.study.ask import FEWEST, worth_asking
from costeff.study.start_designs import start_designs

SOEM = "soem.xlsx"


@dataclass
class TaskOutput:
    """What came out: files and what to tell of them, cases side by side, or figures to ask for."""

    files: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    cases: CasesContent | None = None
    ask_rows: Sequence[AskRow] = ()
    start_designs: Sequence[StartDesign] = ()


@dataclass(frozen=True, eq=False)
class Task:
    """Work in the background, of which version of the case it is, and what has come out so far."""

    kind: str
    version: int
    job: Job
    output: TaskOutput


def task(kind: str, version: int, work: Callable[[TaskOutput, Callable[[int, int], None]], None]) -> Task:
    """Begin a piece of work, which writes into an output."""
    output = TaskOutput()
    return Task(kind, version, Job(lambda tell: work(output, tell)), output)


def written(result: CaseResultData, content: CaseContent, place: Path, language: str, output: TaskOutput) -> None:
    """Write the files that `costeff invest --out` writes, and the table on SØM's principle."""
    if result.draws >= FEWEST:
        content = replace(content, ask_rows=worth_asking(result), start_designs=start_designs(result))
    names, output.notes = write_case(result, place, language, content=content)
    # These are there, whatever becomes of the next.
    output.files = [name for name in names if not name.startswith("costeff-")]
    write_soem(case_soem(result, language), place / SOEM, language)
    output.files.append(SOEM)


def compared(
    folder: CaseFolder, names: Sequence[str], limit: float | None, output: TaskOutput, tell: Callable[[int, int], None]
) -> None:
    """Put cases of the folder side by side, as `costeff compare` does."""
    cases = [read_case(folder.file(name)) for name in names]
    check_alike(cases)
    tell(0, 0)
    results = invest_all(cases, progress=False, before=check_plans)
    tell(0, 0)
    output.cases = cases_content(results, limits=[] if limit is None else [limit])


def asked_for(result: CaseResultData, output: TaskOutput) -> None:
    """Rank the figures of a case by what knowing each is worth, and the starts that teach, as `costeff ask` does."""
    output.ask_rows = worth_asking(result)
    output.start_designs = start_designs(result)
