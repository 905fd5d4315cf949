"""Figures that nobody publishes and for which no default stands in: a scenario or case gives them, or nothing runs."""

from __future__ import annotations

from collections.abc import Mapping

from costeff.errors import EvidenceError
from costeff.evidence.parameter import Parameter


def refuse_missing(parameters: Mapping[str, Parameter]) -> None:
    """Raise EvidenceError naming every required figure that is not set.

    >>> index = Parameter("index", 1.0, "ratio", kind="assumption", required=True)
    >>> refuse_missing({"index": index.known(1.2)})
    >>> refuse_missing({"index": index})
    Traceback (most recent call last):
    ...
    costeff.errors.EvidenceError: required figures are missing (value: index (ratio)).
      Rule: they were not found in any source, and no default stands in for them.
      Way out: give each, in a scenario or case: `set: {index: ...}`, or run a shipped scenario that has assumptions.
    """
    missing = [p for p in parameters.values() if p.required]
    if missing:
        names = ", ".join(f"{p.name}: ..." for p in missing)
        raise EvidenceError(
            "required figures are missing",
            where=missing[0].place,
            value=", ".join(f"{p.name} ({p.unit})" for p in missing),
            rule="they were not found in any source, and no default stands in for them",
            way_out=f"give each, in a scenario or case: `set: {{{names}}}`, or run a shipped scenario that has "
            "assumptions",
        )
