"""Lines written twice: exits, flows and terms that meet are refused unless the model says that they add.

What two lines have in common is worked out on sets (states, exits, strategies, perspectives), not by comparing
texts, so a copied line of which a part was changed is seen too. Each function yields the problems it finds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from costeff.errors import ModelError, Place
from costeff.labels import Label
from costeff.model.elements import Deadline, Effect, Flow, Share, Term, Transition
from costeff.model.formulas.expression import Expression
from costeff.model.problems import problem

if TYPE_CHECKING:
    from costeff.model.data import ModelData


def exits(model: ModelData) -> Iterator[ModelError]:
    """Two exits from one state to another one have names: without, their hazards would add without a word."""
    ways: dict[tuple[str, str], list[Transition]] = {}
    for exit_ in model.transitions:
        ways.setdefault((exit_.source, exit_.target), []).append(exit_)
    for (source, target), group in ways.items():
        for second in group[1:]:
            if second.name.startswith(f"{source} -> {target}"):  # the name that the reader gives
                what = f"'{source}' is left for '{target}' by a second exit without a name"
                rule = f"the chances of two exits add; the first stands at {_line(group[0])}"
                way_out = "remove one, or give the second a `name` of its own if both are meant"
                yield problem(what, second.place, second.name, rule, way_out)


def same_exits(model: ModelData) -> Iterator[ModelError]:
    """Two exits from one state to another are not one exit copied and given another name."""
    earlier_exits: list[tuple[Transition, Transition]] = []
    for second in () if model.system else model.transitions:  # moves between places have no hazard to compare
        bare = _unnamed(second)
        first = next((one for one, same in earlier_exits if same == bare), None)
        if first is not None:
            what = f"'{second.source}' is left for '{second.target}' by two exits that are the same but for their names"
            yield _identical(what, second.place, first, "give one another hazard")
        earlier_exits.append((second, bare))


def _unnamed(exit_: Transition) -> Transition:
    """An exit without what only names it."""
    return replace(exit_, name="", leg="", place=None)


def deadlines(model: ModelData) -> Iterator[ModelError]:
    """A state is left for another one at one time of one clock: of two deadlines the later never comes."""
    earlier: dict[tuple[str, str, str], Deadline] = {}
    for second in model.deadlines:
        first = earlier.setdefault((second.source, second.target, second.clock), second)
        if first is not second and second.name.startswith(f"{second.source} -> {second.target}"):
            what = f"'{second.source}' is left for '{second.target}' by a second deadline on '{second.clock}'"
            rule = f"of two deadlines the earlier one alone is ever met; the first stands at {_line(first)}"
            way_out = "remove one, write min(a, b), or give the second a `name` of its own if both are meant"
            yield problem(what, second.place, second.at.text, rule, way_out)


def copies(model: ModelData) -> Iterator[ModelError]:
    """Two flows that are the same but for the name of their item are one line copied, if they read a parameter."""
    earlier_flows: list[tuple[Flow, Flow]] = []
    for flow in model.flows:
        if flow.of is None and all(amount.is_constant for amount in flow.amounts.values()):
            continue  # two things may well cost the same round number
        bare = replace(flow, item="", label=Label("", ""), real=None, place=None, adds=False)
        first = next((one for one, same in earlier_flows if same == bare and one.item != flow.item), None)
        if first is not None and not flow.adds:
            what = f"flow '{flow.item}' is flow '{first.item}' under another name"
            rule = f"the same amount between the same parties is paid twice; the first stands at {_line(first)}"
            way_out = "remove one, or write `adds: true` in the second if both are meant"
            yield problem(what, flow.place, flow.item, rule, way_out)
        earlier_flows.append((flow, bare))


def flows(model: ModelData) -> Iterator[ModelError]:
    """Two flows of one item between the same parties do not meet in a state, event and strategy."""
    alike: dict[tuple[object, ...], list[Flow]] = {}
    for flow in model.flows:
        alike.setdefault((flow.item, flow.payer, flow.recipient, flow.per, flow.of), []).append(flow)
    for group in alike.values():
        for number, second in enumerate(group):
            yield from _earlier_flow(model, group[:number], second)


def terms(model: ModelData) -> Iterator[ModelError]:
    """Two terms of one effect do not meet in a state, event and strategy."""
    for effect in model.effects:
        for number, second in enumerate(effect.terms):
            yield from _earlier_term(model, effect, effect.terms[:number], second)


def _earlier_flow(model: ModelData, earlier: list[Flow], second: Flow) -> Iterator[ModelError]:
    """The problem with the first of the earlier flows that this one meets."""
    for first in earlier:
        common = _common_of_flows(model, first, second)
        if common is None or _never_both(first.shares, second.shares):
            continue
        what = f"flow '{second.item}' is written twice{common}"
        if replace(first, place=None) == replace(second, place=None):
            yield _identical(what, second.place, first)
        elif not second.adds:
            yield _added(what, second.place, second.item, first)
        else:
            continue
        return


def _earlier_term(model: ModelData, effect: Effect, earlier: tuple[Term, ...], second: Term) -> Iterator[ModelError]:
    """The problem with the first of the earlier terms that this one meets."""
    place = second.place or effect.place
    for first in earlier:
        common = _common_of_terms(model, first, second)
        if common is None:
            continue
        what = f"effect '{effect.name}' has two terms{common}"
        if replace(first, place=None) == replace(second, place=None):
            yield _identical(what, place, first)
        elif not second.adds:
            yield _added(what, place, f"amounts {first.amount.text} and {second.amount.text}", first)
        else:
            continue
        return


def _added(what: str, place: Place | None, value: str, first: Flow | Term) -> ModelError:
    rule = f"what is written twice is counted twice; the first stands at {_line(first)}"
    way_out = "remove one, or write `adds: true` in the second if both are meant"
    return problem(what, place, value, rule, way_out)


def _identical(
    what: str, place: Place | None, first: Flow | Term | Transition, otherwise: str = "change its amount"
) -> ModelError:
    rule = f"two lines that are the same in everything are one line copied; the first stands at {_line(first)}"
    return problem(what, place, None, rule, f"remove one, or {otherwise}")


def _line(element: Transition | Deadline | Flow | Term) -> str:
    place = element.place
    return f"line {place.line}" if place is not None and place.line is not None else "its place in the list"


def _common_of_flows(model: ModelData, first: Flow, second: Flow) -> str | None:
    """In words, what both flows pay for; None when there is nothing."""
    views = [p.name for p in model.perspectives]
    if not _meet(first.only_in, second.only_in, views or [""]):
        return None
    strategies = _meet(first.strategies, second.strategies, model.strategy_names)
    if first.of is not None or first.per == "start":
        return _words([], strategies, model) if strategies else None
    if first.per == "event":
        common = _events(model, first.transitions) & _events(model, second.transitions)
    else:
        common = set(first.amounts) & set(second.amounts)
    return _words(sorted(common), strategies, model) if common and strategies else None


def _common_of_terms(model: ModelData, first: Term, second: Term) -> str | None:
    common = set(first.states) & set(second.states)
    common |= _events(model, first.events) & _events(model, second.events)
    strategies = _meet(first.strategies, second.strategies, model.strategy_names)
    return _words(sorted(common), strategies, model) if common and strategies else None


def _meet(first: Collection[str], second: Collection[str], everything: Collection[str]) -> list[str]:
    """The names in both; an empty collection stands for everything."""
    return [name for name in everything if name in (first or everything) and name in (second or everything)]


def _events(model: ModelData, names: Collection[str]) -> set[str]:
    """The exits that transitions, deadlines, legs and pairs of states stand for."""
    return {x.name for name in names for x in model.moves(name)}


def _never_both(first: tuple[Share, ...], second: tuple[Share, ...]) -> bool:
    """True when the two share out the intervals of the same bands, so that one of them is 0 in each."""
    by_bands = {share.bands: share.values for share in first if share.bands}
    return any(
        len(by_bands[share.bands]) == len(share.values)
        and all(_zero(a) or _zero(b) for a, b in zip(by_bands[share.bands], share.values, strict=True))
        for share in second
        if share.bands in by_bands
    )


def _zero(formula: Expression) -> bool:
    return formula.is_constant and formula.evaluate() == 0


def _words(names: Collection[str], strategies: Collection[str], model: ModelData) -> str:
    where = f" for {_few(names)}" if names else ""
    return where + (f" under {_few(strategies)}" if len(strategies) < len(model.strategies) else "")


def _few(names: Collection[str]) -> str:
    items = list(names)
    return ", ".join(f"'{n}'" for n in items[:3]) + (f" and {len(items) - 3} more" if len(items) > 3 else "")
