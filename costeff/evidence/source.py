"""Where a figure comes from: its kind, its sources, and who set it in the place of the model's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from costeff.errors import EvidenceError, Place

KINDS = ("published", "derived", "calibrated", "assumption")
PROVENANCE = ("seen", "recalled", "derived", "seed")


@dataclass(frozen=True)
class Source:
    """Where figures come from. `seen`: read there (seen), from memory (recalled), computed (derived), given
    (seed)."""

    title: str
    address: str = ""
    seen: str = "recalled"
    note: str = ""
    place: Place | None = None

    def __post_init__(self) -> None:
        if self.seen not in PROVENANCE:
            raise EvidenceError(
                "a source does not say how it was seen",
                where=self.place,
                value=self.seen,
                rule=f"seen is one of {', '.join(PROVENANCE)}",
                way_out="state it honestly",
            )


def normal_source(source: str | Sequence[str]) -> tuple[str, ...]:
    """Source keys as a tuple; a single key may be written plain."""
    return (source,) if isinstance(source, str) and source else tuple(source)


def check_kind(kind: str, subject: str, where: Place | None) -> list[EvidenceError]:
    """Problems with the kind of a figure."""
    if kind in KINDS:
        return []
    return [
        EvidenceError(
            f"{subject}: unknown kind",
            where=where,
            value=kind or "none",
            rule=f"kind is one of {', '.join(KINDS)}",
            way_out="state where the figure comes from",
        )
    ]


def check_source(kind: str, source: tuple[str, ...], subject: str, where: Place | None) -> list[EvidenceError]:
    """Problems with a missing source."""
    if source or kind == "assumption" or kind not in KINDS:
        return []
    return [
        EvidenceError(
            f"{subject}: no source",
            where=where,
            value=kind,
            rule="every figure that is not an assumption has a source",
            way_out="name a key of `sources`, or call it an assumption",
        )
    ]


COMMAND_LINE = "command_line"
"""The kind of a setter who typed the figure into the shell."""


@dataclass(frozen=True)
class Setter:
    """Who set a figure in the place of the model's: a scenario or a case by its name, a program, the command line.

    >>> str(Setter("scenario", "harm")), str(Setter())
    ("scenario 'harm'", 'a program')
    """

    kind: str = "program"
    name: str = ""

    def __str__(self) -> str:
        if self.kind == COMMAND_LINE:
            return "on the command line"
        return f"{self.kind} {self.name!r}" if self.name else f"a {self.kind}"
