"""The register lens: which states a register shows as which code, and what of a life it does not show.

A life in whole weeks becomes what the register would hold: benefits with one code for several states, weeks that nobody
is paid in, one week more where a spell begins in the middle of a week, the last weeks not yet final.
Sizes: N people, T weeks.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from costeff import bundled
from costeff.documents.section import Document
from costeff.errors import Place, ScenarioError
from costeff.labels import Label
from costeff.model.formula_section import FormulaSection
from costeff.model.model import Model
from costeff.problems import way_to
from costeff.trial import keys
from costeff.trial.lives import UNSEEN

BLANK = ""


@dataclass(frozen=True)
class CodeGroup:
    """Codes that mean one thing. `shows`: states of the model with these codes; `read_as`: the state that a week of
    them is read as.

    `ends`: the person is lost from sight (emigrated). `benefit`: something is paid, so that a day is enough for a week.
    """

    name: str
    label: Label
    codes: tuple[str, ...]
    shows: tuple[str, ...] = ()
    read_as: str = ""
    benefit: bool = False
    ends: bool = False
    note: str = ""
    place: Place | None = None


@dataclass(frozen=True)
class Lens:
    """A register's way of seeing. `groups` in order of priority; `codes_verified`: they are the register's own."""

    name: str
    title: Label
    groups: tuple[CodeGroup, ...]
    codes_verified: bool
    extra_week: float
    shortest: int
    delay: int
    notes: Mapping[str, str]
    file: str = ""
    place: Place | None = None

    def group_of_code(self) -> dict[str, int]:
        """Each code as text, without leading zeros, to the number of its group.

        >>> read_lens("dream").group_of_code()["893"]
        4
        """
        return {code: number for number, group in enumerate(self.groups) for code in group.codes}

    def group_of_state(self, model: Model) -> np.ndarray:
        """Number of the group that shows each state of a model, (S,). Raises ScenarioError for a state without one."""
        groups_shown = {state: number for number, group in enumerate(self.groups) for state in group.shows}
        missing = [name for name in model.state_names if name not in groups_shown]
        unknown = [name for name in groups_shown if name not in model.state_names]
        if missing or unknown:
            raise ScenarioError(
                "the lens is for another model",
                where=self.place,
                value=", ".join(missing or unknown),
                rule=f"every state of '{model.name}' is shown by one group, and no other state",
                way_out="name the state under `shows` of a group" if missing else "take it out of `shows`",
            )
        return np.array([groups_shown[name] for name in model.state_names], np.int16)

    def state_of_group(self, model: Model) -> np.ndarray:
        """Number of the state that a week of each group is read as, UNSEEN for a group that ends a life in sight."""
        self.group_of_state(model)
        return np.array(
            [UNSEEN if group.ends else model.state_names.index(group.read_as) for group in self.groups], np.int16
        )


def read_lens(name_or_path: str | os.PathLike[str]) -> Lens:
    """The lens of a shipped name ("dream") or of a YAML file.

    Raises ScenarioError with file, line, value, rule and way out: a code in two groups, a state shown twice, a group
    that shows states without saying what it is read as.

    >>> lens = read_lens("dream")
    >>> lens.codes_verified, lens.groups[4].name, lens.groups[4].shows
    (False, 'sickness_benefit', ('sick_full', 'sick_partial', 'sick_unemployed', 'sick_flex'))
    """
    path = Path(bundled.resolve("lenses", name_or_path))
    document = Document(str(path), ScenarioError)
    top = document.load(path, FormulaSection)
    top.closed(keys.LENS)
    name = top.text("lens")
    groups = top.named("groups", "group", _group)
    with document.collecting():
        _check_once(top, groups)
    extra, notes = top.block("extra_week", "`extra_week`"), {"lens": top.text("note", "")}
    extra.closed(keys.SHARE)
    share = 0.0
    with document.collecting():
        share = extra.number("value")
        if not 0 <= share <= 1:
            extra.refuse("value", "a share outside 0-1", "a share of spells", "write a number from 0 to 1")
    notes["extra_week"] = f"{extra.text('kind')}: {extra.text('note')}"
    weeks = {}
    for key, default in (("shortest", 1), ("delay", 0)):
        weeks[key] = default
        if top.has(key):
            block = top.block(key, f"`{key}`")
            block.closed(keys.WEEKS)
            with document.collecting():
                weeks[key] = block.whole("weeks", least=0)
            notes[key] = f"{block.text('kind')}: {block.text('note')}"
    with document.collecting():
        title = top.label(name, "title")
    document.finish()
    return Lens(
        name,
        title,
        groups,
        top.boolean("verified"),
        share,
        weeks["shortest"],
        weeks["delay"],
        notes,
        document.file,
        top.place,
    )


def seen_groups(weeks: np.ndarray, lens: Lens, model: Model, luck: np.random.Generator) -> np.ndarray:
    """What the register shows of `weeks` (N, T) of states: (N, T) numbers of groups, UNSEEN for a life out of sight.

    The weeks within the register's delay are still there: an extract cuts them off, see `extract`.

    >>> from costeff import read_model
    >>> model = read_model("tki2")
    >>> names = model.state_names
    >>> life = np.array([[names.index("sick_partial")] * 2 + [names.index("work")] * 2], np.int16)
    >>> lens = read_lens("dream")
    >>> [lens.groups[g].name for g in seen_groups(life, lens, model, np.random.default_rng(1))[0]]
    ['sickness_benefit', 'sickness_benefit', 'sickness_benefit', 'self_support']
    """
    groups_shown = np.append(lens.group_of_state(model), UNSEEN)[weeks]
    benefit = np.array([group.benefit for group in lens.groups])
    is_paid = (groups_shown != UNSEEN) & benefit[groups_shown]
    if lens.shortest > 1:
        groups_shown = _without_short(groups_shown, is_paid, lens.shortest)
        is_paid = (groups_shown != UNSEEN) & benefit[groups_shown]
    out = np.array(groups_shown)
    # A spell that begins in the middle of a week ends in the middle of one: its last days show in the week after.
    ends = is_paid[:, :-1] & (groups_shown[:, 1:] != groups_shown[:, :-1]) & (groups_shown[:, 1:] != UNSEEN)
    person, at = np.nonzero(ends)
    reaches = luck.random(len(person)) < lens.extra_week
    person, at = person[reaches], at[reaches]
    out[person, at + 1] = np.minimum(groups_shown[person, at], groups_shown[person, at + 1])
    return out


def states_seen(groups: np.ndarray, lens: Lens, model: Model) -> np.ndarray:
    """What weeks (N, T) of groups are read as: states of the model, UNSEEN from the first week out of sight on."""
    states = np.append(lens.state_of_group(model), UNSEEN)[groups].astype(np.int16)
    is_gone = np.maximum.accumulate(states == UNSEEN, axis=1)
    return np.where(is_gone, np.int16(UNSEEN), states)


def _without_short(groups_shown: np.ndarray, is_paid: np.ndarray, shortest: int) -> np.ndarray:
    """Runs of one benefit of fewer weeks take the group of the week before; the first run of a life stays."""
    out = groups_shown.copy()
    for n in range(len(out)):
        edges = np.flatnonzero(np.r_[True, out[n, 1:] != out[n, :-1], True])
        for low, high in pairwise(edges[1:]):
            if is_paid[n, low] and high - low < shortest and high < out.shape[1]:
                out[n, low:high] = out[n, low - 1]
    return out


def _group(name: str, block: FormulaSection) -> CodeGroup:
    block.closed(keys.CODE_GROUP)
    codes = _codes(block)
    shows, ends = block.texts("shows"), block.boolean("ends")
    read_as = block.text("read_as", "")
    if ends == bool(read_as):
        block.refuse(
            "read_as",
            "a week of these codes is read as a state, or ends the life in sight",
            "one of `read_as` and `ends: true`",
            "say which of them it is",
        )
    return CodeGroup(
        name,
        block.label(name),
        codes,
        shows,
        read_as,
        block.boolean("benefit"),
        ends,
        block.text("note", ""),
        block.place,
    )


def _codes(block: FormulaSection) -> tuple[str, ...]:
    """Codes as texts without leading zeros; `890-899` is ten of them, and an empty text is a week without a code."""
    value = block.required("codes")
    parts = value if isinstance(value, list) else [value]
    codes: list[str] = []
    for part in parts:
        low, dash, high = str(part).strip().partition("-")
        if not dash:
            codes.append(plain_code(low))
        elif low.isdigit() and high.isdigit() and int(low) <= int(high):
            codes += [str(code) for code in range(int(low), int(high) + 1)]
        else:
            block.refuse("codes", "a range of codes that is none", "from a code to a higher one", "write 890-899")
    return tuple(dict.fromkeys(codes))


def plain_code(code: str) -> str:
    """A code as text: without spaces and leading zeros, and without the decimals that a table of numbers adds.

    >>> plain_code(" 0890 "), plain_code("890.0"), plain_code("000"), plain_code("")
    ('890', '890', '', '')
    """
    text = code.strip()
    text = text[:-2] if text.endswith(".0") else text
    return text.lstrip("0")


def _check_once(top: FormulaSection, groups: tuple[CodeGroup, ...]) -> None:
    for what in ("codes", "shows"):
        at: dict[str, CodeGroup] = {}
        for group in groups:
            for one in getattr(group, what):
                if one in at:
                    raise ScenarioError(
                        f"{'a code' if what == 'codes' else 'a state'} stands in two groups",
                        where=group.place,
                        value=f"{one or 'blank'} in '{at[one].name}' and '{group.name}'",
                        rule="each code means one thing, and each state shows in one way",
                        way_out="take it out of one of them",
                    )
                at[one] = group
    reads = {group.read_as for group in groups if group.read_as}
    shows = {state for group in groups for state in group.shows}
    for name in sorted(reads - shows):
        top.refuse(
            "groups",
            f"weeks are read as '{name}', which no group shows",
            f"states that are shown: {', '.join(sorted(shows))}",
            way_to(name, shows, "name it under `shows`"),
        )
