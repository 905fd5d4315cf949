"""What a deterministic analysis is on: the increment of net benefit at a willingness to pay, or of net cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from costeff.economics.dsa import Decision, decision
from costeff.errors import ResultError, ScenarioError
from costeff.evidence.problems import closest
from costeff.model import Label
from costeff.present.numbers import currency_name, write_number
from costeff.present.terms import unit_name

if TYPE_CHECKING:
    from costeff.model import Model
    from costeff.study.points import Expected
    from costeff.study.study import Study

NET_BENEFIT, NET_COST = "net_benefit", "net_cost"


@dataclass(frozen=True)
class Measure:
    """The increment of one strategy against the comparator for a perspective; `wtp` None: net cost.

    An ICER is never the measure: it jumps where the quadrant changes.
    """

    model: Model
    perspective: str
    strategy: str
    effect: str
    wtp: float | None

    @property
    def name(self) -> str:
        """net_benefit or net_cost."""
        return NET_COST if self.wtp is None else NET_BENEFIT

    def results(self, expected: Expected) -> np.ndarray:
        """(point, batch): the increment, in currency per individual."""
        names = self.model.strategy_names
        own, other = names.index(self.strategy), names.index(self.model.comparator)
        dearer = expected.cost[..., own] - expected.cost[..., other]
        if self.wtp is None:
            return np.asarray(dearer)
        return np.asarray(self.wtp * (expected.gain[..., own] - expected.gain[..., other]) - dearer)

    def decisions(self, expected: Expected) -> list[Decision]:
        """The decision at each point, from means over batches."""
        names, comparator = self.model.strategy_names, self.model.comparator
        cost, gain = expected.cost.mean(axis=1), expected.gain.mean(axis=1)
        return [
            decision(names, comparator, self.strategy, c, g, self.wtp)
            for c, g in zip(cost, gain, strict=True)
        ]

    def label(self) -> Label:
        """The measure in words, with perspective and unit."""
        perspective = self.model.find("perspectives", self.perspective).label
        currency = self.model.conventions.currency
        money = {language: currency_name(currency, language) for language in ("en", "da")}
        if self.wtp is None:
            return Label(
                f"Incremental net cost: {perspective.en} ({money['en']} per citizen)",
                f"Meromkostning: {perspective.da} ({money['da']} pr. borger)",
            )
        unit = self.model.find("effects", self.effect).unit
        per = {language: unit_name(unit, language, plural=False) for language in ("en", "da")}
        return Label(
            f"Incremental net benefit at {write_number(self.wtp, 'en')} {money['en']} per {per['en']}: "
            f"{perspective.en} ({money['en']} per citizen)",
            f"Ekstra nettogevinst ved {write_number(self.wtp, 'da')} {money['da']} pr. {per['da']}: "
            f"{perspective.da} ({money['da']} pr. borger)",
        )

    def about(self) -> dict[str, object]:
        """What travels with every table."""
        label, c = self.label(), self.model.conventions
        return {
            "measure": self.name, "measure_en": label.en, "measure_da": label.da, "perspective": self.perspective,
            "strategy": self.strategy, "comparator": self.model.comparator, "effect": self.effect, "wtp": self.wtp,
            "effect_unit": self.model.find("effects", self.effect).unit,
            "currency": c.currency, "price_year": c.price_year,
        }  # fmt: skip


def measure(
    study: Study,
    perspective: str | None = None,
    *,
    wtp: float | None = None,
    effect: str | None = None,
    strategy: str | None = None,
    on: str | None = None,
) -> Measure:
    """The measure asked for: net benefit where a willingness to pay is given or the scenario has one, else net cost.

    `on` is net_benefit or net_cost and overrules this. Defaults: the first perspective, the main effect, the last
    strategy that is not the comparator. Raises ScenarioError for a measure that cannot be formed, ResultError for an
    unknown name.
    """
    model, asked = study.model, study.scenario.wtp
    chosen = effect or study.main_effect
    for kind, name in (("perspectives", perspective), ("effects", chosen), ("strategies", strategy)):
        known = [item.name for item in getattr(model, kind)]
        if name is not None and name not in known:
            raise ResultError(
                f"unknown name among {kind}", value=name, rule=f"{kind}: {', '.join(known)}",
                way_out=closest(name, known, "name one of them"),
            )  # fmt: skip
    others = [name for name in model.strategy_names if name != model.comparator]
    if strategy == model.comparator or not others:
        raise ScenarioError(
            "the comparator cannot be compared with itself", value=model.comparator,
            rule="a measure compares another strategy with the comparator",
            way_out="name another strategy" if others else "declare a second strategy, or run without --out",
        )  # fmt: skip
    at = wtp if wtp is not None else (asked.at if asked and asked.effect == chosen else None)
    if on not in (None, NET_BENEFIT, NET_COST):
        raise ScenarioError("unknown measure", value=on, rule=f"{NET_BENEFIT} or {NET_COST}, never an ICER")
    if on == NET_BENEFIT and at is None:
        raise ScenarioError(
            "net benefit needs a willingness to pay",
            rule="costeff has no default",
            way_out="give wtp= (in the shell --wtp)",
        )
    if at is not None and not (np.isfinite(at) and at >= 0):
        raise ScenarioError(
            "willingness to pay is out of range",
            value=at,
            rule="it is finite and not negative",
            way_out="give a number from 0; for an effect of which less is better its sign is turned already",
        )
    at = None if on == NET_COST else at
    return Measure(model, model.perspective_name(perspective), strategy or others[-1], chosen, at)
