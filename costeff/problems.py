"""Several mistakes in one message: a reader or a check collects what it finds before it stops."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Any

from costeff.errors import CosteffError, EvidenceError, ModelError, Place, ScenarioError

MOST = 50
"""Problems that one message tells; a file with more is wrong in one way throughout."""


class SeveralError(CosteffError):
    """All problems found in one reading; `problems` holds them one by one."""

    def __init__(self, problems: Sequence[CosteffError], of_what: str) -> None:
        super().__init__(f"{len(problems)} problems in the {of_what}")
        self.problems: list[Any] = list(problems)

    def __str__(self) -> str:
        remainder = len(self.problems) - MOST
        more = [f"... and {remainder} more"] if remainder > 0 else []
        return "\n".join([f"{self.what}:", *(str(problem) for problem in self.problems[:MOST]), *more])

    def __reduce__(self) -> tuple[type[SeveralError], tuple[list[CosteffError], str]]:
        return type(self), (self.problems, self.what.split(" in the ", 1)[1])


class SeveralModelError(SeveralError, ModelError):
    """Several problems in a model."""


class SeveralScenarioError(SeveralError, ScenarioError):
    """Several problems in a scenario, a case, a rule set or a study design."""


class CollectedEvidenceError(SeveralError, EvidenceError):
    """Several problems in the evidence."""


_KINDS: dict[str, type[SeveralError]] = {
    "model": SeveralModelError,
    "scenario": SeveralScenarioError,
    "evidence": CollectedEvidenceError,
}


def split(error: CosteffError) -> list[Any]:
    """The single problems inside an error."""
    return error.problems if isinstance(error, SeveralError) else [error]


def raise_all(problems: Sequence[CosteffError], of_what: str = "model") -> None:
    """Raise the one problem itself, several as one error, and nothing when there are none.

    of_what: 'model', 'scenario' or 'evidence'; it says which class the common error has.
    """
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise _KINDS[of_what](problems, of_what)


def closest(name: object, names: Iterable[str], otherwise: str) -> str:
    """The way out of a misspelt name: up to three known ones that look like it, or another advice."""
    close = difflib.get_close_matches(str(name), list(names), 3)
    return f"did you mean {' or '.join(close)}?" if close else otherwise


def check_names(
    what: str, section: str, used: Iterable[tuple[str, Place | None]], names: Sequence[str], model: str
) -> None:
    """Raise ScenarioError for a name under `section` of a scenario, with its place, that is no `what` of the model."""
    for name, place in used:
        if name not in names:
            raise ScenarioError(
                f"unknown {what} under `{section}`",
                where=place,
                value=name,
                rule=f"{what}s of model '{model}': {', '.join(names) or 'none'}",
                way_out=way_to(name, names, "choose one of them"),
            )


def way_to(name: str, names: Iterable[str], otherwise: str) -> str:
    """A way out for an unknown name: the closest known one, else `otherwise`.

    >>> way_to("wrok", ["work", "sick"], "declare it")
    "did you mean 'work'?"
    >>> way_to("xyz", ["work", "sick"], "declare it")
    'declare it'
    """
    by_lower = {str(item).lower(): str(item) for item in names}
    close = difflib.get_close_matches(name.lower(), by_lower, 1)
    return f"did you mean '{by_lower[close[0]]}'?" if close else otherwise
