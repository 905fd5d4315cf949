"""What is missing, lost or taken twice: utilities, a programme that the comparator pays, money of the dead, savings.

Each function yields the problems it finds. Where something unusual is meant, a key in the model says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from costeff.errors import ModelError
from costeff.model.elements import Effect, Flow
from costeff.model.formulas.expression import Expression
from costeff.model.problems import problem, unknown

if TYPE_CHECKING:
    from costeff.model.data import ModelData


_QALY = ("qaly", "quality-adjusted life year", "quality adjusted life year", "kvalitetsjusterede leveår")


def in_qaly(unit: str) -> bool:
    """True for an effect counted in quality-adjusted life years.

    >>> in_qaly("QALY"), in_qaly("QALYs"), in_qaly("kvalitetsjusterede leveår"), in_qaly("weeks")
    (True, True, True, False)
    """
    return unit.strip().lower().startswith(_QALY)


def utilities(model: ModelData) -> Iterator[ModelError]:
    """An effect in QALY gives every living state a utility under every strategy, or names the state in `without`."""
    dead = {s.name for s in model.states if not s.alive}
    for effect in model.effects:
        yield from unknown(
            "state", effect.without, model.state_names, effect.place, f"effect '{effect.name}', `without`"
        )
        if not in_qaly(effect.unit) or not any(term.states for term in effect.terms):
            continue
        for strategy in model.strategy_names:
            missing = _without_utility(effect, strategy, model)
            if missing:
                yield _missing(effect, strategy, missing, model)
                break  # the other strategies miss the same states, or the message grows without a gain
        for term in effect.terms:
            dead_in_term = sorted(dead & set(term.states))
            if dead_in_term and not _zero(term.amount):
                what = f"effect '{effect.name}' gives QALYs to the dead in '{dead_in_term[0]}'"
                rule = "a quality-adjusted life year is lived"
                place = term.place or effect.place
                yield problem(
                    what, place, term.amount.text, rule, f"take '{dead_in_term[0]}' out of the term's `states`"
                )


def _without_utility(effect: Effect, strategy: str, model: ModelData) -> list[str]:
    spans = [term for term in effect.terms if term.states]
    lasting = [term for term in spans if term.within is None] or spans
    states_counted = {s for t in lasting if not t.strategies or strategy in t.strategies for s in t.states}
    passed_over = {*states_counted, *effect.without, *model.empty_states}
    return [s.name for s in model.states if s.alive and s.name not in passed_over]


def _missing(effect: Effect, strategy: str, missing: list[str], model: ModelData) -> ModelError:
    states = ", ".join(f"'{name}'" for name in missing)
    under = f" under '{strategy}'" if len(model.strategies) > 1 else ""
    what = f"effect '{effect.name}' has no utility for {states}{under}"
    rule = "time in a living state without a utility would count as 0, as if the person were dead"
    way_out = f"add a term for it, or write `without: [{', '.join(missing)}]` if 0 is meant"
    return problem(what, effect.place, ", ".join(missing), rule, way_out)


def directions(model: ModelData) -> Iterator[ModelError]:
    """More QALYs are better; a rate that discounts effects discounts at least one where QALYs are counted."""
    in_qalys = [effect for effect in model.effects if in_qaly(effect.unit)]
    for effect in in_qalys:
        if effect.better == "fewer" and effect.unit.strip().lower() in ("qaly", "qalys", *_QALY[1:]):
            rule = "more QALYs are better; with `fewer` every comparison turns round"
            way_out = f"write `better: more`, or `unit: {effect.unit} lost` if losses are counted"
            yield problem(f"effect '{effect.name}' calls fewer QALYs better", effect.place, "fewer", rule, way_out)
    rate = model.conventions.discount_rate_effect
    if in_qalys and not any(effect.discount for effect in model.effects) and not _zero(rate):
        first = in_qalys[0]
        what = f"effect '{first.name}' is not discounted, nor is any other, and a discount rate of effects is stated"
        rule = "an effect is discounted where it says `discount: true`"
        way_out = "write `discount: true` in it, or `discount_rate_effect: 0` if nothing is discounted"
        yield problem(what, first.place, rate.text, rule, way_out)


def programme(model: ModelData) -> Iterator[ModelError]:
    """A flow of the programme says under which strategies it is paid; else the comparator pays for it too."""
    for flow in model.flows:
        if flow.programme and len(model.strategies) > 1 and not _limited(flow, model):
            others = ", ".join(s for s in model.strategy_names if s != model.comparator)
            what = f"flow '{flow.item}' of the programme is paid under '{model.comparator}' too"
            rule = "a programme's own money names its `strategies`; what every strategy pays makes no difference"
            way_out = f"write `strategies: [{others}]`, or name all of them if the comparator pays it too"
            yield problem(what, flow.place, "no `strategies`", rule, way_out)


def replaced_work(model: ModelData) -> Iterator[ModelError]:
    """A whole cost comes with the usual work that it replaces; nothing is taken off a cost over usual care again."""
    gross = [flow for flow in model.flows if flow.gross]
    savings = [flow for flow in model.flows if flow.programme and flow.negative]
    for flow in gross:
        if not flow.programme or flow.negative:
            rule = "`gross` says that a programme's cost is its whole cost"
            yield problem(
                f"flow '{flow.item}' is `gross`, but no cost of a programme",
                flow.place,
                None,
                rule,
                "write it on the flow with `programme: true` that costs money, or remove it",
            )
    if gross and not savings:
        rule = "a whole cost stands beside the usual work that the programme replaces, 0 if it replaces none"
        yield problem(
            f"flow '{gross[0].item}' is the programme's whole cost, and nothing says what it replaces",
            gross[0].place,
            "gross: true",
            rule,
            "add a flow with `programme: true, negative: true` and the amount replaced, below 0; or remove `gross` if "
            "the cost is over usual care",
        )
    if savings and not gross:
        rule = (
            "a programme's cost is over usual care, so that a saving taken off it counts twice; or it is a whole cost, "
            "and then its flow says `gross: true`"
        )
        yield problem(
            f"flow '{savings[0].item}' takes a saving off the programme's cost",
            savings[0].place,
            "programme: true, negative: true",
            rule,
            "write `gross: true` on the programme's cost if it is a whole cost, else remove this flow",
        )


def _limited(flow: Flow, model: ModelData) -> bool:
    """True when the flow, or each flow that it is a share of, names strategies."""
    if flow.strategies or flow.of is None:
        return bool(flow.strategies)
    bases = [other for other in model.flows if other.item == flow.of and other.of is None]
    return bool(bases) and all(base.strategies for base in bases)


def dead_states(model: ModelData) -> Iterator[ModelError]:
    """Nothing is paid each cycle for the dead, unless the flow says `after_death: true`."""
    dead = {s.name for s in model.states if not s.alive}
    for flow in model.flows:
        states = [name for name, amount in flow.amounts.items() if name in dead and not _zero(amount)]
        if states and not flow.after_death:
            what = f"flow '{flow.item}' is paid each cycle in '{states[0]}', a state of the dead"
            rule = "the dead stay so for the rest of the horizon, and the amount is paid in every cycle of it"
            way_out = "remove the state; `per: event` prices dying once, `after_death: true` says it is meant"
            yield problem(what, flow.place, flow.amounts[states[0]].text, rule, way_out)
        elif flow.after_death and not dead & set(flow.amounts):
            rule, way_out = ("`after_death` belongs to a flow with an amount in a state of the dead", "remove it")
            yield problem(f"flow '{flow.item}' is not paid for the dead", flow.place, None, rule, way_out)


def _zero(formula: Expression) -> bool:
    return formula.is_constant and formula.evaluate() == 0
