"""Effects of sources, eras, countries and conditions: log ratios that multiply parameters where a figure was seen.

A source effect has one level for each source; effects of eras, countries and conditions (illnesses that the model does
not tell apart) have one for each of these.
In the simulation of a target, every parameter that the effect names is multiplied by the ratio of the target's own
level; no engine knows of it. Log ratios are normal. The SD of a source effect is fixed, or unknown with a half-normal
prior, and `population` is the share of its variance that is population and place, which people who are new draw too;
the rest is definition and measurement, an error of the published figure.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from costeff.calibrate.keys import EFFECT, KINDS_OF_EFFECT, LEVEL, SPREADS
from costeff.calibrate.target import Target
from costeff.errors import CosteffError, Place
from costeff.evidence.distributions.distribution import Z975
from costeff.model.formula_section import FormulaSection
from costeff.model.problems import problem, unknown

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Level:
    """One level of an effect, such as one source: its log ratio is normal around `centre`.

    `sd` is its SD; of an unknown SD the scale.
    """

    effect: str
    level: str
    centre: float
    sd: float

    @property
    def name(self) -> str:
        """What it is called among the draws; no parameter can have such a name."""
        return f"{self.effect} @ {self.level}"


@dataclass(frozen=True)
class Effect:
    """An effect as the targets file declares it: what it multiplies, and how far its levels spread.

    `levels` maps named levels to (median ratio, SD of the log ratio); levels without an entry have median 1 and `sd`,
    and none when `sd` is 0. `reference` is the level to which the parameters themselves belong. With `countries` only
    targets of these have the effect.
    """

    name: str
    by: str
    parameters: tuple[str, ...]
    sd: float = 0.0
    spread: str = "fixed"
    population: float = 0.0
    reference: str = ""
    levels: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    countries: tuple[str, ...] = ()
    note: str = ""
    place: Place | None = None

    @property
    def unknown_sd(self) -> bool:
        """Whether `sd` is the scale of a half-normal prior of the SD."""
        return self.spread == "half_normal"

    def level(self, target: Target) -> Level | None:
        """The level that a target has; None at the reference and where nothing is stated."""
        own = getattr(target, self.by)
        elsewhere = self.countries and target.country not in self.countries
        if not own or own == self.reference or elsewhere:
            return None
        if own in self.levels:
            ratio, sd = self.levels[own]
            return Level(self.name, own, math.log(ratio), sd)
        return Level(self.name, own, 0.0, self.sd) if self.sd else None


def levels_of(effects: Iterable[Effect], target: Target) -> tuple[Level, ...]:
    """The levels of all effects that a target has, in the order of the effects."""
    return tuple(level for effect in effects if (level := effect.level(target)) is not None)


def all_levels(effects: Sequence[Effect], targets: Iterable[Target]) -> tuple[Level, ...]:
    """Every level that some target has, each once, in the order of targets."""
    return tuple(dict.fromkeys(level for target in targets for level in levels_of(effects, target)))


def multiplied(
    name: str, values: Floats, effects: Iterable[Effect], levels: Iterable[Level], draws: Mapping[str, Floats]
) -> Floats:
    """Draws (D,) of the parameter `name` where these levels hold; `draws` has the log ratio of each level, (D,)."""
    acting = {effect.name for effect in effects if name in effect.parameters}
    logs = [draws[level.name] for level in levels if level.effect in acting]
    return np.asarray(values * np.exp(np.sum(logs, axis=0))) if logs else values


def read_effect(name: str, block: FormulaSection) -> Effect:
    """One entry of `effects`. Raises the document's error at the line of what is wrong."""
    block.closed(EFFECT)
    by, parameters = block.choice("by", KINDS_OF_EFFECT), block.texts("parameters", True)
    sd = block.number("sd") if block.has("sd") else 0.0
    population = block.number("population") if block.has("population") else 0.0
    spread, reference = block.choice("spread", SPREADS, "fixed"), block.text("reference", "")
    levels = dict(block.named("levels", "level", lambda level, b: (level, _level(b))))
    if sd < 0 or not (sd or levels):
        rule = "a standard deviation above 0 of the log ratio, or `levels` with intervals"
        block.refuse("sd", "the effect has no spread", rule, "write sd: 0.2")
    if not 0 <= population <= 1:
        block.refuse("population", "a share outside 0-1", "a share of the variance", "write a share, such as 0.25")
    if by != "source" and (population or spread != "fixed"):
        key = "population" if population else "spread"
        rule = "only sources are many enough for an unknown SD, and only they hold a population of their own"
        block.refuse(key, f"`{key}` of an effect by {by}", rule, f"take out `{key}`")
    if reference in levels:
        block.refuse("reference", "the reference has a ratio", "the reference has ratio 1", "take it out of `levels`")
    return Effect(
        name,
        by,
        parameters,
        sd,
        spread,
        population,
        reference,
        levels,
        block.texts("countries"),
        block.text("note", ""),
        block.place,
    )


def _level(block: FormulaSection) -> tuple[float, float]:
    block.closed(LEVEL)
    value, (low, high) = block.number("value"), block.numbers("interval", 2)
    if not 0 < low < value < high:
        rule = "0 < low < value < high: a median ratio and its 95 % interval"
        block.refuse("interval", "the interval does not hold the value", rule, "correct one of them")
    return value, math.log(high / low) / (2 * Z975)


def effect_problems(
    effects: Sequence[Effect], targets: Sequence[Target], names: Sequence[str]
) -> Iterator[CosteffError]:
    """A problem for each parameter that no simulation of a target reads (`names`) and each level that no target has."""
    for effect in effects:
        yield from unknown("parameter of the targets' simulations", effect.parameters, names, effect.place, effect.name)
        levels = {getattr(target, effect.by) for target in targets}
        for level in (*effect.levels, *([effect.reference] if effect.reference else [])):
            if level not in levels:
                rule, way_out = f"{effect.by} of some target: {', '.join(sorted(levels - {''}))}", "correct or drop it"
                what = f"effect '{effect.name}' names a level that no target has"
                yield problem(what, effect.place, level, rule, way_out)
        countries = {target.country for target in targets}
        for country in effect.countries:
            if country not in countries:
                rule, way_out = f"country of some target: {', '.join(sorted(countries - {''}))}", "correct or drop it"
                what = f"effect '{effect.name}' names a country that no target has"
                yield problem(what, effect.place, country, rule, way_out)
        yield from _without_level(effect, targets)


def _without_level(effect: Effect, targets: Sequence[Target]) -> Iterator[CosteffError]:
    """A problem for each word of a target that the effect does not know: it would pass for the reference."""
    for target in targets:
        word = getattr(target, effect.by)
        words = (*effect.levels, *([effect.reference] if effect.reference else []))
        elsewhere = effect.countries and target.country not in effect.countries
        if word and word not in words and not effect.sd and not elsewhere:
            what = f"target '{target.name}': effect '{effect.name}' has no ratio for this {effect.by}"
            rule = f"one of its `levels` or its `reference`: {', '.join(words)}"
            yield problem(what, target.place, word, rule, "correct the word, add a level, or write `sd` for all others")
