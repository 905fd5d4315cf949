"""What a target reads from a simulation, and how a targets file says it. Time is in cycles after the start, from 0."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from costeff.calibrate.keys import CONTRASTED, MEASURES, RATIOS, STATISTICS
from costeff.documents.section import is_number
from costeff.model.formula_section import FormulaSection

COUNTS = ("state_share", "passage_share", "median_weeks")
"""Types read from counts of individuals; all others are read from the sojourns of each of them."""
NO_SHARES = ("median_weeks", "event_count", "contrast")
Group = str | tuple[float, float]
"""Individuals of one category of an attribute, or those whose number is at least the first and below the second."""


@dataclass(frozen=True)
class Between:
    """Two groups of individuals, told apart by an attribute that they have at the start."""

    attribute: str
    groups: tuple[Group, Group]


@dataclass(frozen=True)
class Statistic:
    """What is read from a simulation; all cycles are counted from 0, the start.

    state_share: share in `states` in cycle `at`, of all or of those in `among`. passage_share: share whose
    first passage began before cycle `at`. median_weeks: median number of cycles spent in `states` before
    cycle `at`. state_share_after: share in `states` (of those in `among`) `follow` cycles after the first
    `passage`, of those whose passage began before cycle `at`. passage_after: share of those whose first
    passage `after` began before cycle `at` that have `passage` begin, from then on, within `follow` cycles.
    passage_window: share whose first `passage` began in cycle `begin` or later and before cycle `at`; with
    `at_risk` of those alive in cycle `begin` without it before, with `among` of those in these states then.
    event_count: mean or variance (`measure`) over individuals of the number of `events` in cycles `begin`
    to `at` - 1. status_among_left: share in `states` (of those in `among`) in cycle `at` of those who have
    been in `origins` and out of them again by then. contrast: odds ratio or ratio (`measure`) of the
    statistic `of`, the first group of `between` over the second.
    """

    type: str
    at: int
    states: tuple[str, ...] = ()
    among: tuple[str, ...] = ()
    passage: str = ""
    begin: int = 0
    follow: int = 0
    after: str = ""
    origins: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    measure: str = ""
    at_risk: bool = False
    of: Statistic | None = None
    between: Between | None = None

    @property
    def share(self) -> bool:
        """True for a share between 0 and 1, False for a number above 0: weeks, events, or a ratio."""
        return self.type not in NO_SHARES

    @property
    def counts(self) -> bool:
        """Whether counts of individuals hold it; else it is read from their sojourns."""
        return self.type in COUNTS

    @property
    def passages(self) -> tuple[str, ...]:
        """The passages that it names."""
        inner = self.of.passages if self.of else ()
        return (*(name for name in (self.passage, self.after) if name), *inner)

    def horizon(self, stays: Mapping[str, int]) -> int:
        """Cycles that must be simulated; `stays` maps passages to the cycles that one takes."""
        if self.of is not None:
            return self.of.horizon(stays)
        stay = stays.get(self.passage, 1)
        if self.type == "state_share_after":
            return self.at + max(stay, self.follow + 1)
        if self.type == "passage_after":
            return self.at + max(stays.get(self.after, 1), self.follow + stay)
        return self.at + stay


def read_statistic(block: FormulaSection) -> Statistic:
    """`statistic` of a target. Raises the document's error at the line of what is wrong."""
    kind = block.choice("type", tuple(STATISTICS))
    block.closed(STATISTICS[kind])
    if kind == "contrast":
        return _contrast(block)
    if kind in ("passage_window", "event_count"):
        return _window(block, kind)
    if kind in ("state_share", "status_among_left"):
        at = block.whole("at", least=0)
        origins = block.texts("left", True) if kind == "status_among_left" else ()
        return Statistic(kind, at, block.texts("states", True), block.texts("among"), origins=origins)
    if kind == "median_weeks":
        return Statistic(kind, block.whole("within"), block.texts("states", True))
    statistic = Statistic(kind, block.whole("within"), passage=block.text("passage"))
    if kind == "passage_share":
        return statistic
    follow, passage = block.whole("follow", least=0 if kind == "state_share_after" else 1), statistic.passage
    if kind == "passage_after":
        return Statistic(kind, statistic.at, passage=passage, follow=follow, after=block.text("after"))
    states, among = block.texts("states", True), block.texts("among")
    return Statistic(kind, statistic.at, states, among, passage, follow=follow)


def _window(block: FormulaSection, kind: str) -> Statistic:
    """A passage or events in cycles `from` to `to` - 1."""
    begin, end = block.whole("from", 0, least=0), block.whole("to")
    if begin >= end:
        block.refuse(
            "to", "the window ends before it begins", f"`to` above `from` ({begin})", f"write {begin + 1} or more"
        )
    if kind == "event_count":
        return Statistic(
            kind, end, begin=begin, events=block.texts("events", True), measure=block.choice("measure", MEASURES)
        )
    return Statistic(
        kind,
        end,
        among=block.texts("among"),
        passage=block.text("passage"),
        begin=begin,
        at_risk=block.boolean("at_risk"),
    )


def _contrast(block: FormulaSection) -> Statistic:
    inner = block.block("of", f"`of` in {block.name}")
    kind = inner.text("type")
    if kind in STATISTICS and kind not in CONTRASTED:
        inner.refuse(
            "type",
            f"a contrast of type '{kind}'",
            f"a share or a number of events: {', '.join(CONTRASTED)}",
            "contrast a `state_share` in the cycle that matters, or give each group a target of its own",
        )
    of = read_statistic(inner)
    measure = block.choice("measure", RATIOS)
    if measure == "odds_ratio" and not of.share:
        block.refuse("measure", f"odds of `{of.type}`", "only shares have odds", "write `measure: ratio`")
    between = _between(block.block("between", f"`between` in {block.name}"))
    return Statistic("contrast", of.at, measure=measure, of=of, between=between)


def _between(block: FormulaSection) -> Between:
    way_out = "write between: {sex: [women, men]} or between: {age: [[18, 31], [51, 61]]}"
    if len(block.data) != 1:
        names = ", ".join(str(name) for name in block.data) or "none"
        block.document.refuse(
            f"{block.name} names {len(block.data)} attributes", block.line, names, "one attribute", way_out
        )
    name = str(next(iter(block.data)))
    value = block.required(name)
    groups = tuple(_groups(value)) if isinstance(value, list) else ()
    if len(groups) != 2 or None in groups or isinstance(groups[0], str) != isinstance(groups[1], str):
        rule = "two categories, or two ranges [from, to) of a number, each with from below to"
        block.refuse(name, f"`{name}` does not name two groups", rule, way_out)
    return Between(name, (groups[0], groups[1]))  # type: ignore[arg-type]  # None was refused


def _groups(values: list[object]) -> Iterator[Group | None]:
    """Each value as a group; None for what is none."""
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, list) and len(value) == 2 and all(map(is_number, value)) and value[0] < value[1]:
            yield float(value[0]), float(value[1])
        else:
            yield None
