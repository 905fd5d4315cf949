"""How a programme is delivered inside a spell: ordered stages that run against return, transfer and death.

Each person draws when each stage would be taken and whether it is dropped out of before; a stage is taken if the person
is still in one of the states of the process by then, and the dose reached so far multiplies hazards from then on. This
is the race of the stages with everything else: independent waiting times, of which the first happens. All of it is
expressed in elements that the model has anyway: attributes (luck, the same under every strategy), clocks of stages, a
ratio on such a clock, and costs in the one cycle in which a stage is taken. So a programme that changes nothing leaves
every life as it is.

A waiting time is continuous and stages begin with a cycle. It is rounded up with the chance that is its fraction, so
that the share of people who reach a stage is off by less than 1/8 of the square of the hazard of leaving per cycle.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from costeff.errors import Place
from costeff.labels import Label
from costeff.model.elements import Attribute, Band, Clock, Effect, Flow, Share, StrategyEffect, Term
from costeff.model.formulas.expression import Expression

ROUND = "delivery_round"
ZERO, ONE = Expression(0), Expression(1)
RESOURCES = "resources"


@dataclass(frozen=True)
class Stage:
    """One stage: `probability` to take it at all, then a `rate` per cycle or a known `delay` in cycles, during which
    people drop out at the hazard `drop_out`; `dose` is what has been reached with it; `costs` by party."""

    name: str
    label: Label
    dose: Expression
    probability: Expression = ONE
    rate: Expression | None = None
    delay: Expression = ZERO
    drop_out: Expression = ZERO
    costs: Mapping[str, Expression] = field(default_factory=dict)
    place: Place | None = None

    @property
    def chance(self) -> str:
        """Formula of the chance to take it if nothing else ends the wait."""
        p, d = self.probability.text, self.drop_out.text
        if self.drop_out == ZERO:
            return f"({p})"
        if self.rate is None:
            return f"({p}) * exp(-({d}) * ({self.delay.text}))"
        return f"({p}) * ({self.rate.text}) / (({self.rate.text}) + ({d}))"

    @property
    def wait(self) -> str:
        """Formula of the cycles of waiting before it, given that it is taken; at a rate of 0 for ever."""
        if self.rate is None:
            return f"({self.delay.text})"
        ends = f"(({self.rate.text}) + ({self.drop_out.text}))"
        return f"where(({self.rate.text}) > 0, wait_{self.name} / {ends}, horizon + 1)"


@dataclass(frozen=True)
class Delivery:
    """The stages of one strategy. `ratios` multiply the hazards of `legs` at the dose `trial_dose` of their source: one
    under the name '', or one for each category of an attribute. The first stage is waited for from the cycle `begins`
    on."""

    strategy: str
    states: tuple[str, ...]
    legs: tuple[str, ...]
    ratios: Mapping[str, Expression]
    trial_dose: Expression
    stages: tuple[Stage, ...]
    place: Place | None = None
    begins: int = 0

    @property
    def clock(self) -> str:
        """The clock that counts the stages taken."""
        return f"delivery_{self.strategy}"

    def stage_clock(self, stage: Stage) -> str:
        """The clock, and the band on it, that is in its second interval in the one cycle in which a stage is taken."""
        return f"{self.strategy}_{stage.name}"

    def times(self) -> list[Expression]:
        """The cycle in which each stage is taken, if the person is still there; after the horizon: never."""
        times, takes, waits = [], [], [f"{self.begins} + {ROUND}" if self.begins else ROUND]
        for stage in self.stages:
            takes.append(f"(take_{stage.name} < {stage.chance})")
            waits.append(stage.wait)
            formula = f"where({' * '.join(takes)}, floor({' + '.join(waits)}), horizon + 1)"
            times.append(Expression(formula, stage.place))
        return times

    def ratio_by_stage(self, ratio: Expression) -> Expression:
        """The ratio by how many stages have been taken, `t`: 1 before the first; that of the dose relative to the
        trial's from each on."""
        formula = "1"
        for count, stage in enumerate(self.stages, 1):
            at_dose = f"({ratio.text}) ** (({stage.dose.text}) / ({self.trial_dose.text}))"
            formula = f"where(t >= {count}, {at_dose}, {formula})"
        return Expression(formula, ratio.place)


def with_deliveries(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of a model with what its deliveries add to them; `delivery` is kept beside."""
    deliveries: tuple[Delivery, ...] = fields["delivery"]
    if not deliveries:
        return fields
    targets = {x.target for x in (*fields["transitions"], *fields["deadlines"])}
    clocks = tuple(clock for one in deliveries for clock in clocks_of(one, targets))
    return {
        **fields,
        "attributes": (*fields["attributes"], *_luck(deliveries)),
        "clocks": (*fields["clocks"], *clocks),
        "bands": (*fields["bands"], *(Band(*_taken(one, stage)) for one in deliveries for stage in one.stages)),
        "strategy_effects": (*fields["strategy_effects"], *map(_effect, deliveries)),
        "flows": (*fields["flows"], *(flow for one in deliveries for flow in _flows(one))),
        "effects": (*fields["effects"], *_reached(deliveries)),
    }


def changed(model: Any, change: Delivery, more: Iterable[Attribute] = ()) -> Any:
    """The model with one strategy delivered in another way: its times and ratio, and `more` attributes."""
    old = next(one for one in model.delivery if one.strategy == change.strategy)
    targets = {x.target for x in (*model.transitions, *model.deadlines)}
    fresh = {clock.name: clock for clock in clocks_of(change, targets)}
    return replace(
        model,
        attributes=(*model.attributes, *more),
        delivery=tuple(change if one is old else one for one in model.delivery),
        clocks=tuple(fresh.get(clock.name, clock) for clock in model.clocks),
        strategy_effects=tuple(
            _effect(change) if effect == _effect(old) else effect for effect in model.strategy_effects
        ),
    )


def of_strategies(model: Any, names: Collection[str]) -> dict[str, Any]:
    """The fields of a model that hold deliveries, with those of the strategies `names` alone."""
    deliveries = tuple(one for one in model.delivery if one.strategy in names)
    left_out = _names(model.delivery) - _names(deliveries)
    return {
        "delivery": deliveries,
        **{
            key: tuple(each for each in getattr(model, key) if each.name not in left_out)
            for key in ("attributes", "clocks", "bands")
        },
    }


def later(model: Any, cycles: int) -> Any:
    """The model whose programmes begin to be delivered `cycles` later; their ratios go by the stages taken."""
    for one in model.delivery:
        model = changed(model, replace(one, begins=one.begins + cycles))
    return model


def _names(deliveries: Iterable[Delivery]) -> set[str]:
    """Names of everything that deliveries add for themselves: luck, clocks and bands."""
    deliveries = tuple(deliveries)
    own = {luck.name for luck in _luck(deliveries)} if deliveries else set()
    return own | {name for one in deliveries for name in (one.clock, *map(one.stage_clock, one.stages))}


def clocks_of(one: Delivery, targets: Iterable[str]) -> list[Clock]:
    """The clock of all stages, and one for each stage; entry into any other state ends them."""
    ends = tuple(sorted(set(targets) - set(one.states)))
    times = one.times()
    clocks = [Clock(one.clock, ZERO, counts=ends, stages=tuple(times), place=one.place)]
    for stage, time in zip(one.stages, times, strict=True):
        later = Expression(f"({time.text}) + 1", stage.place)
        name = one.stage_clock(stage)
        clocks.append(Clock(name, ZERO, counts=ends, stages=(time, later), place=stage.place))
    return clocks


def _luck(deliveries: Iterable[Delivery]) -> list[Attribute]:
    """Luck of stages by their names, shared by all strategies."""
    stages = {stage.name: stage for one in deliveries for stage in one.stages}
    waits = {stage.name for one in deliveries for stage in one.stages if stage.rate is not None}
    luck = [Attribute(ROUND, Expression("u"))]
    for name, stage in stages.items():
        luck.append(Attribute(f"take_{name}", Expression("u"), place=stage.place))
        if name in waits:
            luck.append(Attribute(f"wait_{name}", Expression("-log(1 - u)"), place=stage.place))
    return luck


def _taken(one: Delivery, stage: Stage) -> tuple[str, str, tuple[int, ...], Place | None]:
    name = one.stage_clock(stage)
    return name, name, (1, 2), stage.place


def _effect(one: Delivery) -> StrategyEffect:
    by_stage = tuple(map(one.ratio_by_stage, one.ratios.values()))
    categories = tuple(name for name in one.ratios if name)
    return StrategyEffect(one.strategy, one.legs, by_stage, clock=one.clock, categories=categories, place=one.place)


def _flows(one: Delivery) -> list[Flow]:
    """What each stage costs each party, once, in the cycle in which it is taken."""
    once = (Share((ZERO, ONE, ZERO), ()),)
    return [
        Flow(
            item=f"{stage.name}_{party}",
            payer=party,
            recipient=RESOURCES,
            label=stage.label,
            amounts=dict.fromkeys(one.states, cost),
            shares=(replace(once[0], bands=(one.stage_clock(stage),)),),
            strategies=(one.strategy,),
            real=f"{stage.name}_{party}",
            programme=True,
            place=stage.place,
            stage=stage.name,
        )
        for stage in one.stages
        for party, cost in stage.costs.items()
    ]


def _reached(deliveries: Iterable[Delivery]) -> list[Effect]:
    """The share of people who reach each stage, by its name."""
    amount = Expression("where(t == 1, 1, 0)")
    terms: dict[str, list[Term]] = {}
    labels: dict[str, Label] = {}
    for one in deliveries:
        for stage in one.stages:
            labels.setdefault(stage.name, stage.label)
            term = Term(one.states, amount, strategies=(one.strategy,), band=one.stage_clock(stage), place=stage.place)
            terms.setdefault(stage.name, []).append(term)
    return [
        Effect(f"reached_{name}", labels[name], "share", "more", terms=tuple(own), place=own[0].place)
        for name, own in terms.items()
    ]
