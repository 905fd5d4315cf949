"""Several mistakes in one message: readers collect every problem of a file before they stop."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from costeff.errors import EvidenceError

MOST = 50
"""Problems that one message tells; a file with more is wrong in one way throughout."""


class CollectedEvidenceError(EvidenceError):
    """All problems found in one reading; `problems` holds them one by one."""

    def __init__(self, problems: Sequence[EvidenceError]) -> None:
        super().__init__(f"{len(problems)} problems in the evidence")
        self.problems = list(problems)

    def __str__(self) -> str:
        left = len(self.problems) - MOST
        more = [f"... and {left} more"] if left > 0 else []
        return "\n".join([f"{self.what}:", *(str(problem) for problem in self.problems[:MOST]), *more])


def split(error: EvidenceError) -> list[EvidenceError]:
    """The single problems inside an error."""
    return error.problems if isinstance(error, CollectedEvidenceError) else [error]


def raise_all(problems: Sequence[EvidenceError]) -> None:
    """Raise the one problem itself, several as one CollectedEvidenceError, and nothing when there are none."""
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise CollectedEvidenceError(problems)


def closest(name: object, known: Iterable[str], otherwise: str) -> str:
    """The way out of a misspelt name: up to three known ones that look like it, or another advice."""
    close = difflib.get_close_matches(str(name), list(known), 3)
    return f"did you mean {' or '.join(close)}?" if close else otherwise
