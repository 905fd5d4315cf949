"""What an extract holds and which rows of it are refused: counts by kind, with the line of the first; never who."""

from __future__ import annotations

from dataclasses import dataclass, field

KINDS = (
    "row_of_another_length",
    "no_person",
    "person_twice",
    "unknown_code",
    "alive_after_death",
    "not_among_persons",
    "not_in_register",
    "unknown_group",
    "wrong_date",
    "wrong_number",
    "before_the_extract",
    "unknown_kind",
    "unknown_value",
    "small_cell",
)
"""Why a row is refused; the words of `trial_refused_KIND` say it to people."""


@dataclass
class Refusals:
    """Refused rows of one file by kind: how many, and the line of the first."""

    file: str
    rows: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    first: dict[str, int] = field(default_factory=dict)
    unknown_codes: dict[str, int] = field(default_factory=dict)

    def refuse(self, kind: str, line: int, count: int = 1) -> None:
        """Count refused rows."""
        if count:
            self.counts[kind] = self.counts.get(kind, 0) + count
            self.first[kind] = min(line, self.first.get(kind, line))


@dataclass
class Quality:
    """The report of an extract: its files, what was refused, and facts as counts."""

    files: dict[str, Refusals] = field(default_factory=dict)
    facts: dict[str, int | str] = field(default_factory=dict)
    groups: dict[str, int] = field(default_factory=dict)
    people_listed: dict[str, int] = field(default_factory=dict)
    """People of each group in the table of persons, refused ones left out only where their row could not be read."""

    def of(self, name: str, file: str) -> Refusals:
        """The refusals of one file, made on first use."""
        return self.files.setdefault(name, Refusals(file))

    def refused(self) -> int:
        """All refused rows."""
        return sum(sum(one.counts.values()) for one in self.files.values())

    def as_dict(self) -> dict[str, object]:
        """The report for JSON; counts only."""
        files = {
            name: {
                "rows": one.rows,
                "refused": dict(one.counts),
                "first_line": dict(one.first),
                "unknown_codes": dict(one.unknown_codes),
            }
            for name, one in self.files.items()
        }
        return {"files": files, "facts": dict(self.facts), "groups": dict(self.groups)}
