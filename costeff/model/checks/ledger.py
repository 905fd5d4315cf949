"""Checks of bands, parties, flows, perspectives, passages and effects: each function yields the problems it finds."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import TYPE_CHECKING

from costeff.errors import ModelError, Place
from costeff.model.elements import Effect, Flow, Perspective
from costeff.model.problems import problem, unknown

if TYPE_CHECKING:
    from costeff.model.data import ModelData

PER = ("cycle", "event", "start")
BETTER = ("more", "fewer")


def bands(model: ModelData) -> Iterator[ModelError]:
    """Bands lie on a known clock and their edges increase."""
    for band in model.bands:
        yield from unknown("clock", [band.clock], model.clock_names, band.place, f"band '{band.name}'")
        if not band.edges or list(band.edges) != sorted({e for e in band.edges if e > 0}):
            rule, way_out = "whole cycles, positive and increasing", "sort them and remove repetitions"
            yield problem(f"edges of band '{band.name}'", band.place, list(band.edges), rule, way_out)


def flows(model: ModelData) -> Iterator[ModelError]:
    """Each flow joins two parties, is counted in one way, and touches an outside account only under a tag."""
    tags: dict[str, str] = {}
    for flow in model.flows:
        what = f"flow '{flow.item}'"
        yield from _parties(model, flow)
        yield from _counted(model, flow)
        yield from _shares(model, flow)
        yield from unknown("strategy", flow.strategies, model.strategy_names, flow.place, what)
        yield from unknown("perspective", flow.only_in, [p.name for p in model.perspectives], flow.place, what)
        if flow.real is not None and tags.setdefault(flow.real, flow.item) != flow.item:
            rule = f"a tag stands for one item; this one is taken by '{tags[flow.real]}'"
            way_out = "choose another tag; two items that are one real thing would be counted twice"
            yield problem(f"{what} repeats a `real` tag", flow.place, flow.real, rule, way_out)
    yield from _circles(model)


def _parties(model: ModelData, flow: Flow) -> Iterator[ModelError]:
    what = f"flow '{flow.item}'"
    yield from unknown("party", (flow.payer, flow.recipient), [p.name for p in model.parties], flow.place, what)
    if flow.payer == flow.recipient:
        rule = "payer and recipient differ"
        yield problem(f"{what} goes to its own payer", flow.place, flow.payer, rule, "correct `from` or `to`")
    outside = {p.name for p in model.parties if p.outside} & {flow.payer, flow.recipient}
    if len(outside) == 2:
        rule = "one side of a flow is inside society"
        yield problem(f"{what} joins two outside accounts", flow.place, None, rule, "name the party that pays")
    if outside and flow.real is None:
        rule = "every flow to or from an outside account carries a unique `real` tag"
        yield problem(f"{what} has no `real` tag", flow.place, min(outside), rule, "add `real: name`")
    if flow.real is not None and not outside:
        rule = "`real` belongs to flows to or from an outside account"
        way_out = "remove `real`, or let the flow go to `resources` or come from `production`"
        yield problem(f"{what} is a transfer with a `real` tag", flow.place, flow.real, rule, way_out)


def _counted(model: ModelData, flow: Flow) -> Iterator[ModelError]:
    what = f"flow '{flow.item}'"
    if flow.of is not None:
        yield from unknown("item", [flow.of], dict.fromkeys(f.item for f in model.flows), flow.place, what)
        if flow.amounts or flow.transitions or flow.weight:
            rule = "a flow `of` another takes that flow's amounts"
            yield problem(f"{what} has amounts beside `of`", flow.place, flow.of, rule, "keep one of them")
        return
    if flow.per not in PER:
        rule = f"one of {', '.join(PER)}"
        yield problem(f"{what}: unknown `per`", flow.place, flow.per, rule, "choose one of them")
        return
    if not flow.amounts:
        yield problem(f"{what} has no amount", flow.place, None, "an amount is required", "add `amount`")
    if flow.per == "cycle":
        yield from unknown("state", flow.amounts, model.state_names, flow.place, what)
    elif set(flow.amounts) - {""}:
        rule, way_out = "states belong to flows per cycle", "write `per: cycle`, or one amount"
        yield problem(f"{what} has states per {flow.per}", flow.place, ", ".join(flow.amounts), rule, way_out)
    if flow.per == "event" and not flow.transitions:
        rule, way_out = "a flow per event names `transitions`", "add `transitions: [name]`"
        yield problem(f"{what} names no transitions", flow.place, None, rule, way_out)
    if flow.per != "event" and flow.transitions:
        rule, way_out = "`transitions` belong to flows per event", "write `per: event`, or remove them"
        yield problem(f"{what} names transitions per {flow.per}", flow.place, None, rule, way_out)
    yield from moves(model, flow.transitions, flow.place, what)
    yield from _weight(model, flow.weight, flow, what)


def _weight(model: ModelData, weight: str | None, element: Flow | Effect, what: str) -> Iterator[ModelError]:
    if weight is None:
        return
    numeric = [a.name for a in model.attributes if a.value is not None]
    yield from unknown("attribute with a value", [weight], numeric, element.place, f"{what}, `weight`")


def _shares(model: ModelData, flow: Flow) -> Iterator[ModelError]:
    what, bands_by_name = f"flow '{flow.item}'", {b.name: b for b in model.bands}
    for share in flow.shares:
        yield from unknown("band", share.bands, bands_by_name, flow.place, what)
        if all(name in bands_by_name for name in share.bands):
            n = prod(len(bands_by_name[name].edges) + 1 for name in share.bands)
            if len(share.values) != n:
                rule = f"{n} intervals of {' x '.join(share.bands)}" if share.bands else "one share without a band"
                yield problem(f"{what}: number of shares", flow.place, len(share.values), rule, f"write {n}")
        base = [f for f in model.flows if f.item == flow.of and f.of is None] if flow.of else [flow]
        if share.bands and any(f.per == "start" for f in base):
            rule, way_out = (
                "bands divide time in states and events",
                "give one share, or an amount that reads attributes",
            )
            yield problem(f"{what} has bands on the start", flow.place, None, rule, way_out)


def _circles(model: ModelData) -> Iterator[ModelError]:
    after: dict[str, set[str]] = {}
    for flow in model.flows:
        if flow.of is not None:
            after.setdefault(flow.item, set()).add(flow.of)
    for flow in model.flows:
        ancestors, ahead = set[str](), {flow.of} if flow.of else set()
        while ahead:
            item = ahead.pop()
            ancestors.add(item)
            ahead |= after.get(item, set()) - ancestors
        if flow.of and flow.item in ancestors:
            rule, way_out = ("`of` refers to another item, and not back", "refer to the flow that has an amount")
            yield problem(f"flow '{flow.item}' is a share of itself", flow.place, flow.of, rule, way_out)


def perspectives(model: ModelData) -> Iterator[ModelError]:
    """Perspectives hold parties inside society and filter by known items."""
    inside = [p.name for p in model.parties if not p.outside]
    items = list(dict.fromkeys(f.item for f in model.flows))
    for view in model.perspectives:
        what = f"perspective '{view.name}'"
        if not view.parties:
            rule = "at least one party"
            yield problem(f"{what} has no parties", view.place, None, rule, "add `parties: [...]`")
        yield from unknown("party inside society", view.parties, inside, view.place, what)
        yield from unknown("item", (*view.items, *view.exclude_items), items, view.place, what)
        if view.tax_financing is not None:
            payers = view.tax_financing.parties
            yield from unknown("party inside society", payers, inside, view.place, f"tax financing of {what}")
        both = set(view.items) & set(view.exclude_items)
        if both:
            rule, way_out = "an item is included or excluded", "remove it from one list"
            yield problem(f"{what} does both", view.place, ", ".join(sorted(both)), rule, way_out)


def silent_perspectives(model: ModelData) -> Iterator[ModelError]:
    """Each perspective holds a party that pays or receives."""
    for view in model.perspectives:
        if model.flows and not any(_enters(flow, view) for flow in model.flows):
            rule = "a perspective holds a party that pays or receives; its cost would be 0 under every strategy"
            way_out = "name other parties or items, or remove the perspective"
            yield problem(f"perspective '{view.name}' has no flow", view.place, ", ".join(view.parties), rule, way_out)


def _enters(flow: Flow, view: Perspective) -> bool:
    """Whether a flow counts in a perspective: a member pays or receives it, and no filter keeps it out."""
    item_passes = flow.item in (view.items or (flow.item,)) and flow.item not in view.exclude_items
    return (
        item_passes
        and view.name in (flow.only_in or (view.name,))
        and bool({flow.payer, flow.recipient} & {*view.parties})
    )


def effects(model: ModelData) -> Iterator[ModelError]:
    """Passages name states; an effect is counted in exactly one way over spans that can be counted."""
    for passage in model.passages:
        yield from unknown("state", passage.states, model.state_names, passage.place, f"passage '{passage.name}'")
        if passage.stay < 1 or not passage.states:
            rule, way_out = "states, and a stay of at least 1 cycle", "correct `stay` or `states`"
            yield problem(f"passage '{passage.name}'", passage.place, passage.stay, rule, way_out)
    for effect in model.effects:
        what = f"effect '{effect.name}'"
        ways = [k for k in ("terms", "events", "passage") if getattr(effect, k)]
        if len(ways) != 1:
            rule, value = "exactly one of `terms`, `events` and `passage`", " and ".join(ways) or None
            yield problem(f"{what} is counted in {len(ways)} ways", effect.place, value, rule, "keep one")
        if effect.better not in BETTER:
            rule = f"one of {', '.join(BETTER)}"
            yield problem(f"{what}: unknown `better`", effect.place, effect.better, rule, "choose one of them")
        yield from moves(model, effect.events, effect.place, what)
        yield from _terms(model, effect)
        yield from _spans(model, effect)


def _terms(model: ModelData, effect: Effect) -> Iterator[ModelError]:
    what = f"effect '{effect.name}'"
    for term in effect.terms:
        yield from unknown("state", term.states, model.state_names, effect.place, what)
        yield from unknown("strategy", term.strategies, model.strategy_names, effect.place, what)
        yield from moves(model, term.events, effect.place, what)
        yield from _weight(model, term.weight, effect, what)
        if bool(term.states) == bool(term.events):
            rule = "a term counts time in `states` or `events`"
            yield problem(f"{what} has a term with both or neither", effect.place, None, rule, "keep exactly one")
        if term.band is not None:
            yield from unknown("band", [term.band], [b.name for b in model.bands], effect.place, what)


def _spans(model: ModelData, effect: Effect) -> Iterator[ModelError]:
    what, year = f"effect '{effect.name}'", model.conventions.cycles_per_year
    if effect.passage is not None:
        yield from unknown("passage", [effect.passage], [p.name for p in model.passages], effect.place, what)
        yield from _never_passed(model, effect, what)
        if (effect.within is None) == (effect.mean_within is None):
            rule = "`within` (share passed by then) or `mean_within` (restricted mean time)"
            yield problem(f"{what} has both or neither", effect.place, None, rule, "keep exactly one")
        if effect.discount:
            rule, way_out = "time in states and events are discounted, a passage is not", "remove `discount`"
            yield problem(f"{what} discounts a passage", effect.place, None, rule, way_out)
    elif effect.mean_within is not None:
        rule, way_out = "`mean_within` belongs to a passage", "write `within`, or name a passage"
        yield problem(f"{what} has no passage", effect.place, effect.mean_within, rule, way_out)
    spans = [effect.within, effect.mean_within, *(t.within for t in effect.terms)]
    for span in dict.fromkeys(s for s in spans if s is not None):
        if span < 1:
            yield problem(f"{what}: a span in cycles", effect.place, span, "at least 1 cycle", "correct it")
        elif effect.passage is None and span % year:
            rule = f"a whole number of years ({year} cycles each)"
            way_out = f"write {max(year, round(span / year) * year)}, or count a passage"
            yield problem(f"{what}: `within`", effect.place, span, rule, way_out)
        if span > model.conventions.horizon:
            rule, way_out = (f"within the horizon of {model.conventions.horizon} cycles", "lengthen the horizon")
            yield problem(f"{what}: a span beyond the horizon", effect.place, span, rule, way_out)


def _never_passed(model: ModelData, effect: Effect, what: str) -> Iterator[ModelError]:
    """A passage that nobody can make is a share of 0 that looks like a result."""
    for passage in model.passages:
        if passage.name == effect.passage and passage.stay > model.conventions.horizon:
            yield problem(
                f"{what} counts a passage that nobody can make: '{passage.name}' asks for a stay beyond the horizon",
                passage.place,
                passage.stay,
                f"a stay within the horizon of {model.conventions.horizon} cycles",
                "shorten `stay`, which is in cycles, or lengthen the horizon",
            )


def moves(model: ModelData, names: tuple[str, ...], place: Place | None, what: str) -> Iterator[ModelError]:
    """Events are known by one reading: a name, a leg, or a pair of states whose ways need no telling apart."""
    choices: dict[str, None] = {}
    for t in model.transitions:
        choices |= dict.fromkeys((t.name, t.leg or t.name, f"{t.source} -> {t.target}"))
    for d in model.deadlines:
        choices |= dict.fromkeys((d.name, d.leg, f"{d.source} -> {d.target}"))
    yield from unknown("transition, deadline or leg", names, choices, place, what)
    for name in names:
        ways = [x for x in model.moves(name) if f"{x.source} -> {x.target}" == name]
        plain_ways = [x for x in ways if x.name.partition(" (")[0] == name]
        if plain_ways and len(ways) > 1:
            kinds = ", ".join(f"{'deadline' if x in model.deadlines else 'transition'} '{x.name}'" for x in ways)
            rule = f"`{name}` may mean one of these or all of them: {kinds}"
            way_out = "give each a `name`, and list the names that count; the pair then stands for all of them"
            yield problem(f"{what} counts events that can be read two ways", place, name, rule, way_out)
