"""Reads one export of a register, a CSV file of counts, and makes targets of it: an authority's own figures.

The columns are `benefit`, `measure`, `weeks`, `status` and `people`; commas or semicolons part them. Rows of a benefit:

- `begun`: `people` who began a spell; `ended`: how many of them had left it before week `weeks`.
- `status`: how many were in `status`, `weeks` weeks after they left; status `all` is how many left.

What benefits and statuses mean in the model stands under `register` in the targets file. A count below `least`, and one
that the register itself withholds, is no target; where it could be found by subtraction, the next smallest is none
either.
"""

from __future__ import annotations

import csv
import math
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from costeff.calibrate.keys import BENEFIT, REGISTER
from costeff.calibrate.statistic import Statistic
from costeff.calibrate.target import Target
from costeff.errors import CosteffError, ModelError, Place
from costeff.evidence.distributions.distribution import Z975
from costeff.model.formula_section import FormulaSection
from costeff.problems import raise_all

COLUMNS = ("benefit", "measure", "weeks", "status", "people")
MEASURES = ("begun", "ended", "status")
OWN_SOURCE = "register"
"""The source of all targets of an export, hence the level of its effects."""
_COUNT = re.compile(r"\d+|[1-9]\d{0,2}([., \u00a0])\d{3}(\1\d{3})*")
"""Digits, or thousands parted by one and the same sign; `0,125` and `1.234,567` are no counts."""
_WITHHELD = re.compile(r"<\s*\d+|\.\.?|\*|-|")


@dataclass(frozen=True)
class Benefit:
    """How the model starts people on a benefit, which passage ends it, and by when most have left."""

    ended: str
    within: int
    start: str = ""
    changes: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Register:
    """`register` of a targets file: benefits by name, the states of each status, and the least count that is used."""

    benefits: Mapping[str, Benefit]
    status: Mapping[str, tuple[str, ...]]
    least: int
    country: str = ""
    era: str = ""
    family: str = ""


@dataclass(frozen=True)
class _Row:
    """One row of an export; `people` is None where the count is withheld."""

    benefit: str
    measure: str
    weeks: int
    status: str
    people: int | None
    place: Place


def read_register_block(block: FormulaSection) -> Register:
    """`register` of a targets file. Raises the document's error at the line of what is wrong."""
    block.closed(REGISTER)
    benefits = dict(block.named("benefits", "benefit", lambda name, b: (name, _benefit(b))))
    statuses = block.block("status", "`status`")
    status = {str(name): statuses.texts(name, True) for name in statuses.data}
    least = block.whole("least", 5)
    texts = (block.text(key, "") for key in ("country", "era", "family"))
    return Register(benefits, status, least, *texts)


def _benefit(block: FormulaSection) -> Benefit:
    block.closed(BENEFIT)
    inner = block.block("set", f"`set` of {block.name}") if block.has("set") else None
    changes = {str(key): inner.number(key) for key in inner.data} if inner else {}
    return Benefit(block.text("ended"), block.whole("within"), block.text("start", ""), changes)


def register_targets(register: Register, path: str | os.PathLike[str]) -> tuple[Target, ...]:
    """Targets of an export, in its order. Raises ModelError with file and line, several problems in one message."""
    rows = _rows(register, Path(path))
    raise_all(list(_twice(rows)))
    targets: list[Target] = []
    for benefit in dict.fromkeys(row.benefit for row in rows):
        own = [row for row in rows if row.benefit == benefit]
        targets += _ended(register, benefit, own)
        for weeks in sorted({row.weeks for row in own if row.measure == "status"}):
            targets += _status(register, benefit, weeks, [r for r in own if (r.measure, r.weeks) == ("status", weeks)])
    if not targets:
        rule, way_out = f"counts of at least {register.least} of people who left a benefit", "ask for a wider export"
        raise ModelError(
            "the export holds nothing to calibrate to", where=str(path), value=len(rows), rule=rule, way_out=way_out
        )
    return tuple(targets)


def _twice(rows: Sequence[_Row]) -> Iterator[CosteffError]:
    """A problem for each row that says again what one before it says: it would count twice, or one would be ignored."""
    first: dict[tuple[str, str, int, str], _Row] = {}
    for row in rows:
        weeks = 0 if row.measure == "begun" else row.weeks
        before = first.setdefault((row.benefit, row.measure, weeks, row.status), row)
        if before is not row:
            own = f"{row.measure} {row.status}".strip()
            what = f"'{row.benefit}', {own} stands twice, first on line {before.place.line}"
            yield _problem(what, row.place, row.people, "each count once", "take one out, or add the two up")


def _ended(register: Register, benefit: str, rows: Sequence[_Row]) -> Iterator[Target]:
    """Shares that had left by some week, of those who began."""
    starters = [row for row in rows if row.measure == "begun"]
    leavers = sorted((row for row in rows if row.measure == "ended"), key=lambda row: row.weeks)
    if leavers and (not starters or starters[0].people is None):
        raise _problem(
            f"nobody is known to have begun '{benefit}'", leavers[0].place, "", "a row `begun`", "add how many began"
        )
    with_count = [row for row in leavers if row.people is not None]
    for before, after in pairwise(with_count):
        if (after.people or 0) < (before.people or 0):
            what = f"fewer had left '{benefit}' before week {after.weeks} than before week {before.weeks}"
            rule = f"everyone who had left before week `weeks`: at least {before.people}"
            raise _problem(what, after.place, after.people, rule, "add up the weeks, or correct one of the counts")
    own = register.benefits[benefit]
    for row in leavers:
        statistic = Statistic("passage_share", row.weeks, passage=own.ended)
        title = f"Register: left {benefit} before week {row.weeks}"
        yield from _target(register, row, statistic, starters[0].people, f"{benefit}_ended_{row.weeks}", title)


def _status(register: Register, benefit: str, weeks: int, rows: Sequence[_Row]) -> Iterator[Target]:
    """Shares in each status some weeks after leaving, with the next smallest withheld where one alone is."""
    everyone = [row for row in rows if row.status == "all"]
    cells = [row for row in rows if row.status != "all"]
    withheld_rows = [row for row in cells if row.people is None or row.people < register.least]
    if everyone:
        total = everyone[0].people
    else:
        total = None if withheld_rows else sum(row.people or 0 for row in cells)
    if total is None:
        rule, way_out = "status `all`, where a count is withheld", f"add a row {benefit},status,{weeks},all"
        if everyone:
            way_out = "ask for the count of `all`, or take these rows out"
        row = everyone[0] if everyone else withheld_rows[0]
        raise _problem("how many left is not known", row.place, "withheld", rule, way_out)
    together = sum(row.people or 0 for row in cells)
    if together > total:
        what, rule = f"statuses {weeks} weeks after '{benefit}' hold more people than left", f"{total} (`all`) or fewer"
        raise _problem(what, cells[-1].place, together, rule, "count each person in one status, or correct `all`")
    if len(withheld_rows) == 1 and len(cells) > 1:
        withheld_rows.append(min((row for row in cells if row not in withheld_rows), key=lambda row: row.people or 0))
    if len(cells) == 2 and together == total and not withheld_rows:
        cells = cells[:1]  # the other is what it leaves out: the same figure
    own = register.benefits[benefit]
    for row in cells:
        if row not in withheld_rows:
            states = register.status[row.status]
            statistic = Statistic("state_share_after", own.within, states, (), own.ended, follow=weeks)
            title = f"Register: {row.status}, {weeks} weeks after {benefit}"
            yield from _target(register, row, statistic, total, f"{benefit}_{row.status}_{weeks}", title)


def _target(
    register: Register, row: _Row, statistic: Statistic, total: int | None, name: str, title: str
) -> Iterator[Target]:
    """The target of one count; none for a count that is withheld, small, or everyone but a few."""
    least = register.least
    if total is None or row.people is None:
        return
    if row.people > total:
        raise _problem(f"more people than all {total}", row.place, row.people, "a part of them", "correct the count")
    if row.people < least or total - row.people < least:
        return
    own = register.benefits[row.benefit]
    yield Target(
        name=f"register_{name}",
        title=title,
        use="calibrate",
        statistic=statistic,
        value=row.people / total,
        interval=wilson(row.people, total),
        changes=own.changes,
        start=own.start,
        n=total,
        source=OWN_SOURCE,
        place=row.place,
        family=register.family,
        era=register.era,
        country=register.country,
    )


def wilson(count: int, size: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share.

    >>> [round(x, 4) for x in wilson(163, 244)]
    [0.6067, 0.7241]
    """
    p, z2 = count / size, Z975**2
    centre = (p + z2 / (2 * size)) / (1 + z2 / size)
    half = Z975 / (1 + z2 / size) * math.sqrt(p * (1 - p) / size + z2 / (4 * size**2))
    return centre - half, centre + half


def _rows(register: Register, path: Path) -> list[_Row]:
    """The rows of a file, all problems in one message."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        rule = "a CSV file in UTF-8"
        raise ModelError(
            "the export cannot be read",
            where=str(path),
            value=str(error),
            rule=rule,
            way_out="name a file that is there; in a spreadsheet, save it as `CSV UTF-8`",
        ) from error
    lines = text.splitlines()
    delimiter = ";" if lines and ";" in lines[0] else ","
    table = list(csv.reader(lines, delimiter=delimiter))
    head = [cell.strip().lower() for cell in table[0]] if table else []
    if sorted(head) != sorted(COLUMNS):
        place, rule = Place(str(path), 1), f"columns {', '.join(COLUMNS)}, parted by commas or semicolons"
        way_out = "name them so; take other columns out, such as a year: one export is of one time"
        raise _problem("the head of the export is not as expected", place, ", ".join(head), rule, way_out)
    rows, problems = list[_Row](), list[CosteffError]()
    for line, cells in enumerate(table[1:], 2):
        if any(cell.strip() for cell in cells):
            place = Place(str(path), line)
            try:
                rows.append(_row(register, _cells(head, cells, place), place))
            except CosteffError as error:
                problems.append(error)
    raise_all(problems)
    return rows


def _cells(head: Sequence[str], cells: Sequence[str], place: Place) -> dict[str, str]:
    """The cells of one line by the names of their columns, as many as the head has."""
    whole = len(cells) >= len(head) and not any(cell.strip() for cell in cells[len(head) :])
    if not whole:
        rule = f"{len(head)} cells, as in the head; an empty one where there is nothing"
        way_out = "write counts without a sign for thousands, or put them in quotes; `<5` or `..` where one is withheld"
        raise _problem("a line with more or fewer cells than the head", place, len(cells), rule, way_out)
    return dict(zip(head, (cell.strip() for cell in cells), strict=False))


def _row(register: Register, cells: Mapping[str, str], place: Place) -> _Row:
    """One row, each cell looked at."""
    benefit, measure, status = (cells[key] for key in ("benefit", "measure", "status"))
    for what, value, choices in (
        ("benefit", benefit, tuple(register.benefits)),
        ("measure", measure, MEASURES),
        *([("status", status, (*register.status, "all"))] if measure == "status" else []),
    ):
        if value not in choices:
            raise _problem(f"unknown {what}", place, value, f"one of {', '.join(choices)}", "correct it, or name it")
    if status and measure != "status":
        rule = "`status` stands in rows of measure `status` alone"
        raise _problem(f"a status in a row `{measure}`", place, status, rule, "leave it empty, and count all together")
    weeks = cells["weeks"] or "0"
    if not weeks.isdigit() or (measure != "begun" and int(weeks) == 0):
        raise _problem("`weeks` is no number of weeks", place, weeks, "a whole number above 0", "write weeks")
    people = cells["people"]
    if _WITHHELD.fullmatch(people):
        return _Row(benefit, measure, int(weeks), status, None, place)
    if not _COUNT.fullmatch(people):
        rule = "a whole number, or <5, .. or * where it is withheld"
        raise _problem("`people` is no count", place, people, rule, "write how many people, no share and no per cent")
    return _Row(benefit, measure, int(weeks), status, int(re.sub(r"\D", "", people)), place)


def _problem(what: str, place: Place, value: object, rule: str, way_out: str) -> ModelError:
    return ModelError(what, where=place, value=value, rule=rule, way_out=way_out)
