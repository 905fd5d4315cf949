"""Several mistakes in one message: a reader or a check collects what it finds before it stops."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from costeff.errors import CosteffError, EvidenceError, ModelError, Place, ScenarioError
from costeff.evidence.problems import MOST


class SeveralError(CosteffError):
    """All problems found in one reading; `problems` holds them one by one."""

    def __init__(self, problems: Sequence[CosteffError], of_what: str) -> None:
        super().__init__(f"{len(problems)} problems in the {of_what}")
        self.problems = list(problems)

    def __str__(self) -> str:
        left = len(self.problems) - MOST
        more = [f"... and {left} more"] if left > 0 else []
        return "\n".join([f"{self.what}:", *(str(problem) for problem in self.problems[:MOST]), *more])

    def __reduce__(self) -> tuple[type[SeveralError], tuple[list[CosteffError], str]]:
        return type(self), (self.problems, self.what.split(" in the ", 1)[1])


class SeveralModelError(SeveralError, ModelError):
    """Several problems in a model."""


class SeveralScenarioError(SeveralError, ScenarioError):
    """Several problems in a scenario file."""


class UnreadError(SeveralError, EvidenceError):
    """SeveralError parameters that no formula reads."""


def raise_all(problems: Sequence[CosteffError], of_what: str = "model") -> None:
    """Raise the one problem itself, several as one error, and nothing when there are none.

    of_what: 'model', 'scenario' or 'evidence'; it says which class the common error has.
    """
    kinds: dict[str, type[SeveralError]] = {
        "model": SeveralModelError,
        "scenario": SeveralScenarioError,
        "evidence": UnreadError,
    }
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise kinds[of_what](problems, of_what)


def problem(what: str, where: Place | None, value: object, rule: str, way_out: str) -> ModelError:
    """A ModelError with all five parts."""
    return ModelError(what, where=where, value=value, rule=rule, way_out=way_out)


def unknown(
    kind: str, names: Iterable[str], known: Iterable[str], where: Place | None, what: str
) -> list[ModelError]:
    """A problem for each of `names` that is not among `known`; `what` says in which element it stands."""
    known = tuple(known)
    rule = f"declared: {', '.join(known) or 'none'}"
    return [
        problem(
            f"{what}: unknown {kind} '{name}'", where, name, rule, way_to(name, known, f"declare the {kind}")
        )
        for name in names
        if name not in known
    ]


def way_to(name: str, known: Iterable[str], otherwise: str) -> str:
    """A way out for an unknown name: the closest known one, else `otherwise`.

    >>> way_to("wrok", ["work", "sick"], "declare it")
    "did you mean 'work'?"
    >>> way_to("xyz", ["work", "sick"], "declare it")
    'declare it'
    """
    by_lower = {str(item).lower(): str(item) for item in known}
    close = difflib.get_close_matches(name.lower(), by_lower, 1)
    return f"did you mean '{by_lower[close[0]]}'?" if close else otherwise
