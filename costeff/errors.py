"""Named errors that say what is wrong, where, with which value, against which rule, and the way out.

Rank 0: imports nothing from costeff.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """Where something was written: a file and, when known, a line (1-based)."""

    file: str
    line: int | None = None

    def __str__(self) -> str:
        return self.file if self.line is None else f"{self.file}, line {self.line}"


def sentence(text: str) -> str:
    """The text with one full stop at its end; a question keeps its mark alone.

    >>> sentence("check the unit"), sentence("did you mean 'wait'?")
    ('check the unit.', "did you mean 'wait'?")
    """
    return text if text.endswith("?") else text.rstrip(".") + "."


class CosteffError(Exception):
    """Base of every error that a user can cause and mend.

    >>> print(CosteffError("probability out of range", where=Place("p.yaml", 3), value=1.2,
    ...                    rule="a probability lies in 0-1", way_out="check the unit"))
    p.yaml, line 3: probability out of range (value: 1.2).
      Rule: a probability lies in 0-1.
      Way out: check the unit.
    """

    def __init__(
        self,
        what: str,
        *,
        where: Place | str | None = None,
        value: object = None,
        rule: str | None = None,
        way_out: str | None = None,
        draw: int | None = None,
    ) -> None:
        self.what, self.where, self.value = what, where, value
        self.rule, self.way_out = rule, way_out
        self.draw = draw  # counted from the first that was handed over
        super().__init__(what)

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where is not None else self.what
        if self.draw is not None:
            head += f", in draw {self.draw}"
        if self.value is not None:
            head += f" (value: {self.value})"
        lines = [sentence(head)]
        if self.rule:
            lines.append(f"  Rule: {sentence(self.rule)}")
        if self.way_out:
            lines.append(f"  Way out: {sentence(self.way_out)}")
        return "\n".join(lines)


class EvidenceError(CosteffError):
    """A parameter, distribution, source or price index is wrong or missing."""


class ModelError(CosteffError):
    """A model declaration is wrong or inconsistent."""


class FormulaError(CosteffError):
    """A formula cannot be parsed, or asks for something outside the whitelist."""


class ScenarioError(CosteffError):
    """A scenario file, option or command line value is wrong."""


class EngineError(CosteffError):
    """The chosen engine cannot run this model; the message names the feature and the way out."""


class ResultError(CosteffError):
    """A result was asked for something it does not hold."""


class MissingExtraError(CosteffError):
    """An optional dependency is not installed; the message names the extra."""
