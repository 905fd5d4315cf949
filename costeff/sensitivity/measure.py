"""What a deterministic analysis is on: the increment of net benefit at a willingness to pay, of net cost or effect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from costeff.analysis.measures import EFFECT, measure_of
from costeff.errors import ResultError, ScenarioError
from costeff.labels import Label, worded
from costeff.problems import closest
from costeff.reporting.numbers import currency_name, number_label
from costeff.reporting.unit_names import unit_name
from costeff.sensitivity.tornado import Decision, decision

if TYPE_CHECKING:
    from costeff.analysis.study import StudyData
    from costeff.model import Model
    from costeff.sensitivity.points import Expected


@dataclass(frozen=True)
class Measure:
    """The increment of one strategy against the comparator for a perspective, of what `name` says.

    An ICER is never the measure: it jumps where the quadrant changes.
    """

    model: Model
    perspective: str
    strategy: str
    effect: str
    wtp: float | None
    name: str
    """net_benefit, net_cost or effect."""

    @property
    def sign(self) -> int:
        """1 where more of the effect is better, else -1."""
        return 1 if self.model.find("effects", self.effect).better == "more" else -1

    def benefits(self, expected: Expected) -> np.ndarray:
        """(point, batch, strategy): what strategies are compared by, more is better."""
        if self.name == EFFECT:
            return expected.gain
        return np.asarray((0.0 if self.wtp is None else self.wtp * expected.gain) - expected.cost)

    def results(self, expected: Expected) -> np.ndarray:
        """(point, batch): the increment, in currency per individual; of an effect, as counted."""
        names = self.model.strategy_names
        own, other = names.index(self.strategy), names.index(self.model.comparator)
        better = expected.gain[..., own] - expected.gain[..., other]
        if self.name == EFFECT:
            return np.asarray(self.sign * better)
        dearer = expected.cost[..., own] - expected.cost[..., other]
        return np.asarray(dearer if self.wtp is None else self.wtp * better - dearer)

    def decisions(self, expected: Expected) -> list[Decision]:
        """The decision at each point, from means over batches."""
        names, comparator = self.model.strategy_names, self.model.comparator
        cost, gain = expected.cost.mean(axis=1), expected.gain.mean(axis=1)
        return [
            decision(names, comparator, self.strategy, c, g, self.wtp, benefit=g if self.name == EFFECT else None)
            for c, g in zip(cost, gain, strict=True)
        ]

    def label(self) -> Label:
        """The measure in words, with perspective and unit."""
        perspective = self.model.find("perspectives", self.perspective).label
        currency = self.model.conventions.currency
        money = Label.by(lambda language: currency_name(currency, language))
        unit = self.model.find("effects", self.effect).unit
        if self.name == EFFECT:
            units = Label.by(lambda language: unit_name(unit, language, plural=True))
            return worded("measure_effect", perspective=perspective, unit=units)
        if self.wtp is None:
            return worded("measure_net_cost", perspective=perspective, money=money)
        one = Label.by(lambda language: unit_name(unit, language, plural=False))
        wtp = number_label(self.wtp)
        return worded("measure_net_benefit", perspective=perspective, money=money, unit=one, wtp=wtp)

    def about(self) -> dict[str, object]:
        """What travels with every table."""
        label, c = self.label(), self.model.conventions
        return {
            "measure": self.name,
            **label.texts("measure_"),
            "perspective": self.perspective,
            "strategy": self.strategy,
            "comparator": self.model.comparator,
            "effect": self.effect,
            "wtp": self.wtp,
            "effect_unit": self.model.find("effects", self.effect).unit,
            "effect_sign": self.sign,
            "currency": c.currency,
            "price_year": c.price_year,
        }


def measure(
    study: StudyData,
    perspective: str | None = None,
    *,
    wtp: float | None = None,
    effect: str | None = None,
    strategy: str | None = None,
    on: str | None = None,
) -> Measure:
    """The measure asked for: net benefit where a willingness to pay is given or the scenario has one, else net cost.

    `on` is net_benefit, net_cost or effect and overrules this. Defaults: the first perspective, the main effect, the
    last strategy that is not the comparator. Raises ScenarioError for a measure that cannot be formed,
    ResultError for an unknown name.
    """
    model, scenario_wtp = study.model, study.scenario.wtp
    effect_name = effect or study.main_effect
    for kind, name in (("perspectives", perspective), ("effects", effect_name), ("strategies", strategy)):
        names = [item.name for item in getattr(model, kind)]
        if name is not None and name not in names:
            raise ResultError(
                f"unknown name among {kind}",
                value=name,
                rule=f"{kind}: {', '.join(names)}",
                way_out=closest(name, names, "name one of them"),
            )
    others = [name for name in model.strategy_names if name != model.comparator]
    if strategy == model.comparator or not others:
        raise ScenarioError(
            "the comparator cannot be compared with itself",
            value=model.comparator,
            rule="a measure compares another strategy with the comparator",
            way_out="name another strategy" if others else "declare a second strategy, or run without --out",
        )
    at = wtp if wtp is not None else (scenario_wtp.at if scenario_wtp and scenario_wtp.effect == effect_name else None)
    chosen_measure, at = measure_of(on, at)
    view = model.perspective_name(perspective)
    return Measure(model, view, strategy or others[-1], effect_name, at, chosen_measure)
