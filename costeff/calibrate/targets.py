"""Reads a targets file: published figures, how the model reproduces each, priors, and the discrepancy allowed.

Keys are closed lists; every problem comes with file and line, all of them in one message.
"""

from __future__ import annotations

import os
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from math import isfinite, log, sqrt
from pathlib import Path
from typing import Any

from costeff.calibrate import keys
from costeff.calibrate.effects import Effect, read_effect
from costeff.calibrate.keys import USES
from costeff.calibrate.register import OWN_SOURCE, Register, read_register_block, register_targets
from costeff.calibrate.statistic import Statistic, read_statistic
from costeff.calibrate.target import Target
from costeff.documents.section import Document
from costeff.errors import ModelError, Place
from costeff.evidence import Source
from costeff.evidence.distributions.distribution import Z975
from costeff.evidence.keys import SOURCE
from costeff.evidence.read_parameter import parameter_from
from costeff.model import Passage
from costeff.model.formula_section import FormulaSection
from costeff.model.sections import passage
from costeff.old_names import by_old_name

MOST_APART = 1.5
"""How many times as large the error by `n` of a share may be as that by its interval, or the other way round."""
OFF_CENTRE = 0.2
"""How far from either end of its interval, as a share of its width on the scale of its error, a figure must lie."""


@dataclass(frozen=True)
class CalibrationPlan:
    """A whole targets file. `priors` maps parameter names to declarations as in a parameter file; `passages` are first
    passages that the targets name and the model lacks; `effects` are those of sources, eras and countries; parameters
    that stand `together` in one tuple keep the ratio of their prior medians, so that one score moves them."""

    targets: tuple[Target, ...]
    priors: Mapping[str, Any]
    discrepancy: float
    discrepancy_note: str = ""
    model: str = ""
    sources: Mapping[str, Source] = field(default_factory=dict)
    file: str = ""
    passages: tuple[Passage, ...] = ()
    effects: tuple[Effect, ...] = ()
    together: tuple[tuple[str, ...], ...] = ()
    priors_file: str = ""
    register: Register | None = None

    @property
    def leaders(self) -> dict[str, str]:
        """Whose score each parameter follows that is not the first of those it stands together with."""
        return {name: group[0] for group in self.together for name in group[1:]}

    def used(self, use: str) -> tuple[Target, ...]:
        """The targets of one use: calibrate or holdout."""
        return tuple(t for t in self.targets if t.use == use)


def read_targets(path: str | os.PathLike[str]) -> list[Target]:
    """The targets of a file, in its order. Raises ModelError as `read_plan` does."""
    return list(read_plan(path).targets)


def read_plan(path: str | os.PathLike[str]) -> CalibrationPlan:
    """A targets file with its priors, sources and discrepancy.

    Raises ModelError (for a prior EvidenceError) with file, line, value, rule and way out; several problems come in one
    message.
    """
    document = Document(str(path), numbers="en")
    top = document.load(Path(path), FormulaSection)
    top.closed(keys.TARGETS)
    sources: dict[str, Source] = dict(top.named("sources", "source", lambda name, b: (name, _source(b))))
    passages = top.named("passages", "passage", passage)
    effects = top.named("effects", "effect", read_effect)
    targets = top.listed("targets", "target", lambda b: _target(b, sources))
    _one_source(document, sources)
    _unique(document, targets)
    priors: Mapping[str, Any] = {}
    together: tuple[tuple[str, ...], ...] = ()
    register: Register | None = None
    discrepancy, note, model, priors_file = 0.0, "", "", ""
    with document.collecting():
        top.required("targets")
        model = top.text("model")
        priors, priors_file = _priors(top, Path(path))
        together = _together(top, priors)
        register = read_register_block(top.block("register", "`register`")) if top.has("register") else None
        block = top.block("discrepancy", "`discrepancy`")
        block.closed(keys.DISCREPANCY)
        discrepancy, note = _number(block, "value"), block.text("note")
        if discrepancy < 0:
            block.refuse("value", "the discrepancy is negative", "a standard deviation of at least 0", "write 0.1")
    document.finish()
    return CalibrationPlan(
        targets=targets,
        priors=priors,
        discrepancy=discrepancy,
        discrepancy_note=note,
        model=model,
        sources=sources,
        file=str(path),
        passages=passages,
        effects=effects,
        together=together,
        priors_file=priors_file,
        register=register,
    )


def _priors(top: FormulaSection, path: Path) -> tuple[Mapping[str, Any], str]:
    """Declarations by parameter, each whole in itself, and the file where they stand (the first of several): this one,
    or parameter files that it names. Whether the model has the parameters is not known here."""
    if not isinstance(top.data.get("priors"), str | list):
        return _declared(top.block("priors", "`priors`")), str(path)
    files = [path.with_name(name) for name in top.texts("priors", True)]
    together: dict[str, Any] = {}
    for file in files:
        own = _priors_of(top, file)
        for name in own.keys() & together.keys():
            rule, way_out = "each prior in one file", "take it out of one of them"
            top.refuse("priors", f"'{name}' has two priors, the second in {file.name}", rule, way_out)
        together |= own
    return together, str(files[0])


def _priors_of(top: FormulaSection, file: Path) -> Mapping[str, Any]:
    """The declarations of one parameter file."""
    if not file.is_file():
        way_out = "name a parameter file in the same folder, or write the priors here"
        top.refuse("priors", f"no such file {file.name}", "a parameter file beside this one, or priors", way_out)
    document = Document(str(file), numbers="en")
    whole = document.load(file, FormulaSection)
    with document.collecting():
        declared = _declared(whole.block("parameters", "`parameters`"))
    document.finish()
    return declared


def _declared(block: FormulaSection) -> Mapping[str, Any]:
    """Each declaration, looked at."""
    for name, declaration in block.data.items():
        with block.document.collecting():
            parameter_from(str(name), declaration, block.place_of(name))
    return block.data


def _together(top: FormulaSection, priors: Mapping[str, Any]) -> tuple[tuple[str, ...], ...]:
    """Groups of priors that one score moves; each parameter in one group at most."""
    rows = top.required("together") if top.has("together") else []
    if not isinstance(rows, list) or not all(isinstance(row, list) and len(row) > 1 for row in rows):
        rule, way_out = "lists of two or more priors", "write together: [[h_late_1, h_late_2]]"
        top.refuse("together", "`together` is not a list of lists", rule, way_out)
    names = [str(name) for row in rows for name in row]
    for name in dict.fromkeys(names):
        if name not in priors or names.count(name) > 1:
            what = f"'{name}' stands twice" if name in priors else f"'{name}' has no prior"
            top.refuse("together", what, "priors, each in one group at most", "correct or drop it")
    return tuple(tuple(str(name) for name in row) for row in rows)


def _source(block: FormulaSection) -> Source:
    block.closed(SOURCE)
    basis = block.choice("seen", ("seen", "recalled", "derived", "seed"), "recalled")
    return Source(block.text("title"), block.text("address", ""), basis, block.text("note", ""), block.place)


def _target(block: FormulaSection, sources: Mapping[str, Source]) -> Target:
    name = block.text("name")
    block.name = f"target '{name}'"
    block.closed(keys.TARGET)
    statistic = read_statistic(block.block("statistic", f"`statistic` of target '{name}'"))
    value, interval = _number(block, "value"), _interval(block)
    _in_range(block, statistic, value, interval)
    size = block.whole("n") if block.has("n") else None
    if size is not None and statistic.share:
        _one_error(block, size, value, interval)
    return Target(
        name=name,
        title=block.text("title"),
        use=block.choice("use", USES),
        statistic=statistic,
        value=value,
        interval=interval,
        changes=_changes(block),
        start=block.text("start", ""),
        n=size,
        source=block.choice("source", tuple(sources)),
        note=block.text("note", ""),
        place=block.place,
        family=block.text("family", ""),
        era=block.text("era", ""),
        country=block.text("country", ""),
        condition=block.text("condition", ""),
    )


def _in_range(block: FormulaSection, statistic: Statistic, value: float, interval: tuple[float, float]) -> None:
    """Refuse a figure or interval that has no logit or log, and an interval that is not around its figure."""
    low, high = interval
    if low > high:
        block.refuse("interval", "the interval runs from high to low", "[low, high]", f"write [{high:g}, {low:g}]")
    if statistic.share and value in (0, 1):
        rule, way_out = "a share above 0 and below 1: it is compared on the logit scale", "(count + 0.5) / (n + 1)"
        block.refuse("value", "a share of nobody or of everybody", rule, f"write {way_out} and an interval around it")
    if statistic.share and (value > 1 or high >= 1 or low <= 0):
        key = "value" if value > 1 else "interval"
        way_out = f"give shares, not per cent: {value / 100:g}" if 1 < value < 100 else "give shares, not per cent"
        block.refuse(key, "a share outside 0-1", "0 < low and high < 1", way_out)
    if not statistic.share and low <= 0:
        what = "weeks of 0 or fewer" if statistic.type == "median_weeks" else "a number of 0 or below"
        block.refuse("interval", what, "above 0", "correct the interval")
    if not low < value < high:
        rule = f"low < value < high; the value is {value:g}"
        block.refuse("interval", "the interval does not hold the value", rule, "correct one of them")
    scale = "logit" if statistic.share else "log"
    bottom, middle, top = ((log(x / (1 - x)) if statistic.share else log(x)) for x in (low, value, high))
    place = (middle - bottom) / (top - bottom)
    if not OFF_CENTRE < place < 1 - OFF_CENTRE:
        block.refuse(
            "interval",
            "the value lies at an end of its interval",
            f"its error is normal on the {scale} scale; the value {value:g} is {place:.0%} of the way up there",
            "correct one of them, or write an interval as wide around the value",
        )


def _one_error(block: FormulaSection, size: int, value: float, interval: tuple[float, float]) -> None:
    """Refuse `n` and `interval` of a share that say different errors: `n` would be taken, and nobody would see it."""
    low, high = (log(x / (1 - x)) for x in interval)
    by_interval, by_size = (high - low) / (2 * Z975), 1 / sqrt(size * value * (1 - value))
    if max(by_interval, by_size) > MOST_APART * min(by_interval, by_size):
        block.refuse(
            "n",
            "`n` and `interval` do not go together",
            f"one error: SD {by_size:.2g} on the logit by n, {by_interval:.2g} by the interval",
            "take out `n` where the interval is meant to be wider than the sample's; else correct one of them",
        )


def _changes(block: FormulaSection) -> dict[str, float]:
    if not block.has("set"):
        return {}
    inner = block.block("set", f"`set` of {block.name}")
    return {str(key): _number(inner, key) for key in inner.data}


def _interval(block: FormulaSection) -> tuple[float, float]:
    value = block.required("interval")
    if not isinstance(value, list) or len(value) != 2 or not all(_is_number(v) for v in value):
        block.refuse("interval", "`interval` is not two numbers", "[low, high], 95 %", "write [low, high]")
    return float(value[0]), float(value[1])


def _number(block: FormulaSection, key: str) -> float:
    value = block.required(key)
    if not _is_number(value):
        block.refuse(key, f"`{key}` is not a number", "a finite number", "write digits with a point for decimals")
    return float(value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def with_register(plan: CalibrationPlan, path: str | os.PathLike[str]) -> CalibrationPlan:
    """The plan and the targets of a register's export. Raises ModelError with file and line for what cannot be read."""
    if plan.register is None:
        raise ModelError(
            "the targets file does not say what a register's words mean",
            where=plan.file,
            value=os.fspath(path),
            rule="`register` names benefits and statuses",
            way_out="add `register` to the targets file",
        )
    targets = register_targets(plan.register, path)
    source = Source(f"Export of a register: {Path(path).name}", "", "seen", "", Place(str(path)))
    return replace(plan, targets=(*plan.targets, *targets), sources={**plan.sources, OWN_SOURCE: source})


def _unique(document: Document, targets: tuple[Target, ...]) -> None:
    """Refuse a name that two targets have, and one figure under two names, which would count twice."""
    names: set[str] = set()
    figures: dict[Hashable, str] = {}
    for target in targets:
        line, figure = target.place.line if target.place else None, _figure(target)
        with document.collecting():
            if target.name in names:
                document.refuse("two targets have this name", line, target.name, "each name once", "rename one")
            if figure in figures:
                what, rule = f"target '{target.name}' is the figure of '{figures[figure]}'", "each figure counts once"
                document.refuse(what, line, target.value, rule, "take one out, or correct what tells them apart")
        names.add(target.name)
        figures.setdefault(figure, target.name)


def _figure(target: Target) -> Hashable:
    """What makes a figure: its number, what is counted in whom, and where it was seen; not what it is called."""
    origin = (target.source, target.era, target.country, target.condition)
    people = (target.start, tuple(sorted(target.changes.items())))
    return (target.statistic, target.value, target.interval, *people, *origin)


def _one_source(document: Document, sources: Mapping[str, Source]) -> None:
    """Refuse one source under two names: its figures would err apart that err together."""
    titles: dict[str, str] = {}
    for name, source in sources.items():
        with document.collecting():
            title = "".join(c for c in source.title.casefold() if c.isalnum())
            if title in titles:
                line, rule = source.place.line if source.place else None, "each source once: its figures err together"
                way_out = f"use '{titles[title]}' for both, or give each its own title"
                document.refuse(f"'{name}' and '{titles[title]}' are one source", line, source.title, rule, way_out)
            titles[title] = name


def __getattr__(name: str) -> Any:
    return by_old_name(__name__, name)
