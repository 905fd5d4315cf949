"""What the screens show of a case: its file, its case as read or what is wrong with it, its result, and what runs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

from costeff.app.files.folder import CaseFolder
from costeff.app.files.versions import CaseFile, Version
from costeff.app.results.job import Job
from costeff.app.results.kept import CaseResults
from costeff.app.results.task import Task, TaskOutput, asked_for, compared, task, written
from costeff.errors import CosteffError
from costeff.investment.case import Case
from costeff.investment.read import read_case
from costeff.investment.report.content import CaseContent
from costeff.investment.report.content_of_case import screen_content, with_tables
from costeff.investment.result import CaseResultData

PREVIEW_DRAWS, PREVIEW_INDIVIDUALS = 64, 100
MOST_CASES = 3
"""Cases whose simulations are kept at once; of others the files are read again."""


@dataclass(frozen=True, eq=False)
class Shown:
    """A result on the screen, of which version of the file; `preview`: of few draws, until the whole one is there."""

    version: int
    case: Case
    result: CaseResultData
    content: CaseContent
    """What stands beside the controls: sums come first."""
    preview: bool = False

    @cached_property
    def with_tables(self) -> CaseContent:
        """The content with the tables and figures behind it, which are made when a screen asks for them."""
        return with_tables(self.content, self.result)


@dataclass(frozen=True, eq=False)
class State:
    """A case as the screens show it now."""

    text: str
    version: Version
    case: Case | None
    problem: CosteffError | None
    latest: Shown | None
    before: CaseContent | None
    """What the result before it showed: its quantities and prices are let go."""
    job: Job | None
    task: Task | None = None

    @property
    def is_current(self) -> bool:
        """Whether the result on the screen is that of the file."""
        return self.latest is not None and self.latest.version == self.version.number and not self.latest.preview

    @property
    def runs(self) -> bool:
        """Whether a simulation runs."""
        return self.job is not None and self.job.runs

    @property
    def is_busy(self) -> bool:
        """Whether anything runs, so that the screens ask again."""
        return self.runs or (self.task is not None and self.task.job.runs)

    @property
    def stage(self) -> str:
        """What a screen shows, as one text: equal while nothing on it would change."""
        latest = self.latest and (self.latest.version, self.latest.preview)
        work = self.task and (self.task.kind, self.task.job.runs)
        return f"{self.version.number} {self.runs} {latest} {work}"


class CaseDesk:
    """One open case."""

    def __init__(self, file: CaseFile) -> None:
        self.file = file
        self.results = CaseResults()
        self._turn = threading.RLock()
        self._case: Case | None = None
        self._problem: CosteffError | None = None
        self._seen = 0  # the version that was read last
        self._shown: Shown | None = None
        self._before: CaseContent | None = None
        self._job: Job | None = None
        self._task: Task | None = None

    def state(self) -> State:
        """The case as it is now. A changed file is read, and priced when kept quantities have its result."""
        with self._turn:
            text, version = self.file.read()
            if version.number != self._seen:
                self._look(version.number)
            problem = self._problem or (self._job.error if self._job is not None else None)
            return State(text, version, self._case, problem, self._shown, self._before, self._job, self._task)

    def look_ahead(self) -> None:
        """Begin to read and price a file that has just been saved, while the answer is on its way to the page."""

        def look() -> None:
            with suppress(CosteffError, OSError):  # whoever asks for the state is told
                self.state()

        threading.Thread(target=look, daemon=True).start()

    def start(self) -> None:
        """Simulate the case as its file stands: first a preview, then the whole."""
        state = self.state()
        with self._turn:
            if state.case is None or state.is_current:
                return
            self.cancel()
            case, number = state.case, state.version.number
            self._job = Job(lambda tell: self._simulate(case, number, tell))

    def cancel(self) -> None:
        """End the simulation that runs."""
        if self._job is not None:
            self._job.cancel()

    def write(self, language: str) -> None:
        """Write the files of the case as its result stands."""
        self._begin(
            "export",
            lambda latest, output, _: written(
                latest.result, latest.with_tables, self.file.folder.results(self.file.name), language, output
            ),
        )

    def ask(self) -> None:
        """Rank the figures that are worth asking for."""
        self._begin("ask", lambda latest, output, _: asked_for(latest.result, output))

    def compare(self, names: list[str], limit: float | None) -> None:
        """Put other cases of the folder beside this one."""
        every = [self.file.name, *names]
        self._begin("compare", lambda _, output, tell: compared(self.file.folder, every, limit, output, tell))

    def _begin(self, kind: str, work: Callable[[Shown, TaskOutput, Callable[[int, int], None]], None]) -> None:
        """Begin work on the result that is the file's; nothing where there is none, or where work is being done."""
        state = self.state()
        latest = state.latest
        if latest is None or not state.is_current or (state.task is not None and state.task.job.runs):
            return
        with self._turn:
            self._task = task(kind, state.version.number, lambda output, tell: work(latest, output, tell))

    def _look(self, number: int) -> None:
        """Read the file and price it; leave the older result on the screen where there is no new one."""
        self.cancel()
        self._seen, self._case, self._problem, self._job = number, None, None, None
        try:
            self._case = read_case(self.file.path)
            result = self.results.at_once(self._case)
        except CosteffError as error:
            self._problem, self._case = error, None
            return
        if result is not None:
            self._show(Shown(number, self._case, result, screen_content(result)))
        elif self._shown is None:  # nothing is on the screen yet
            case = self._case
            self._job = Job(lambda tell: self._simulate(case, number, tell))

    def _simulate(self, case: Case, number: int, tell: Callable[[int, int], None]) -> None:
        draws = int(case.run.get("draws", PREVIEW_DRAWS + 1))
        if draws > PREVIEW_DRAWS:
            people = min(PREVIEW_INDIVIDUALS, int(case.run.get("individuals", PREVIEW_INDIVIDUALS)))
            with suppress(CosteffError):  # so few people may be too few for a belief; the whole run tells what is wrong
                quick = self.results.simulate(case, tell, PREVIEW_DRAWS, people)
                with self._turn:
                    if self._seen == number:
                        self._show(Shown(number, case, quick, screen_content(quick), preview=True))
        result = self.results.simulate(case, tell)
        with self._turn:
            if self._seen == number:
                self._show(Shown(number, case, result, screen_content(result)))

    def _show(self, new: Shown) -> None:
        if self._shown is not None and not self._shown.preview:
            self._before = self._shown.content
        self._shown = new


class Desk:
    """The folder's cases that are open. The one that was not looked at for longest is closed first."""

    def __init__(self, folder: CaseFolder) -> None:
        self.folder = folder
        self._turn = threading.Lock()
        self._open: dict[str, CaseDesk] = {}

    def case(self, name: str) -> CaseDesk:
        """The case of a file of the folder; raises ScenarioError where it is none."""
        self.folder.file(name)
        with self._turn:
            one = self._open.pop(name, None) or CaseDesk(CaseFile(self.folder, name))
            self._open[name] = one
            while len(self._open) > MOST_CASES:
                self._open.pop(next(iter(self._open))).cancel()
            return one
