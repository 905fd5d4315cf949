"""What the screens show of a case: its file, its case as read or what is wrong with it, its result, and what runs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from costeff.app.files.folder import CaseFolder
from costeff.app.files.versions import CaseFile, Version
from costeff.app.results.job import Job
from costeff.app.results.kept import CaseResults
from costeff.errors import CosteffError
from costeff.investment.case import Case
from costeff.investment.read import read_case
from costeff.investment.report.content import CaseContent
from costeff.investment.report.content_of_case import case_content
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
    preview: bool = False


@dataclass(frozen=True, eq=False)
class State:
    """A case as the screens show it now."""

    text: str
    version: Version
    case: Case | None
    problem: CosteffError | None
    shown: Shown | None
    before: Shown | None
    job: Job | None

    @property
    def is_current(self) -> bool:
        """Whether the result on the screen is that of the file."""
        return self.shown is not None and self.shown.version == self.version.number and not self.shown.preview

    @property
    def runs(self) -> bool:
        """Whether a simulation runs."""
        return self.job is not None and self.job.runs


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
        self._before: Shown | None = None
        self._job: Job | None = None

    def state(self) -> State:
        """The case as it is now. A changed file is read, and priced when kept quantities have its result."""
        with self._turn:
            text, version = self.file.read()
            if version.number != self._seen:
                self._look(version.number)
            problem = self._problem or (self._job.error if self._job is not None else None)
            return State(text, version, self._case, problem, self._shown, self._before, self._job)

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
            self._show(Shown(number, self._case, result, case_content(result)))
        elif self._shown is None:  # nothing is on the screen yet
            case = self._case
            self._job = Job(lambda tell: self._simulate(case, number, tell))

    def _simulate(self, case: Case, number: int, tell: Callable[[int, int], None]) -> None:
        draws = int(case.run.get("draws", PREVIEW_DRAWS + 1))
        if draws > PREVIEW_DRAWS:
            people = min(PREVIEW_INDIVIDUALS, int(case.run.get("individuals", PREVIEW_INDIVIDUALS)))
            quick = self.results.simulate(case, tell, PREVIEW_DRAWS, people)
            with self._turn:
                if self._seen == number:
                    self._show(Shown(number, case, quick, case_content(quick), preview=True))
        result = self.results.simulate(case, tell)
        with self._turn:
            if self._seen == number:
                self._show(Shown(number, case, result, case_content(result)))

    def _show(self, new: Shown) -> None:
        if self._shown is not None and not self._shown.preview:
            self._before = self._shown
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
