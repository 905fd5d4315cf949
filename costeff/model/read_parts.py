"""One function per section of a model file: a checked mapping in, the element of `costeff.model.elements` out.

Only keys and types are checked here; whether names refer to something is the business of `costeff.model.check`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from costeff.model.check_ledger import BETTER, PER
from costeff.model.check_structure import (
    BEYOND_TABLE,
    CYCLES_PER_YEAR,
    DISCOUNTING,
    EVENTS_AT,
    SCALES,
    WITHIN_CYCLE,
)
from costeff.model.document import Block
from costeff.model.elements import (
    TIME_IN_STATE,
    Assumption,
    Attribute,
    Band,
    Clock,
    Conventions,
    Deadline,
    DiscountBand,
    Effect,
    Flow,
    Label,
    LookBack,
    OnLeaving,
    Party,
    Passage,
    Perspective,
    Share,
    State,
    Strategy,
    StrategyEffect,
    Term,
    Transition,
)
from costeff.model.expressions import Expression
from costeff.model.other_words import LIMITS, band_way
from costeff.numerals import read, span_fault
from costeff.yaml_file.values import plain


def conventions(block: Block) -> Conventions:
    """How time, money and discounting are counted."""
    block.closed(
        "cycle cycles_per_year horizon within_cycle discounting discount_rate_cost "
        "discount_rate_effect discount_bands events_at currency price_year price_basis entry_date beyond_table"
    )
    cycle = block.choice("cycle", tuple(CYCLES_PER_YEAR))
    per_year = block.whole("cycles_per_year", CYCLES_PER_YEAR[cycle][0])
    return Conventions(
        cycle=cycle,
        cycles_per_year=per_year,
        horizon=horizon(block, "horizon", per_year),
        within_cycle=block.choice("within_cycle", WITHIN_CYCLE, "none"),
        discounting=block.choice("discounting", DISCOUNTING, "whole_year"),
        discount_rate_cost=block.formula("discount_rate_cost"),
        discount_rate_effect=block.formula("discount_rate_effect"),
        currency=block.text("currency"),
        price_year=block.whole("price_year", least=1900),
        price_basis=block.text("price_basis", ""),
        entry_date=block.date("entry_date"),
        beyond_table=block.choice("beyond_table", BEYOND_TABLE, "constant"),
        events_at=block.choice("events_at", EVENTS_AT, "start"),
        discount_bands=block.listed("discount_bands", "discount band", _discount_band),
        place=block.place,
    )


def _discount_band(block: Block) -> DiscountBand:
    block.closed("after rate cost effect")
    after = block.whole("after")
    if block.has("rate"):
        for key in ("cost", "effect"):
            if block.has(key):
                block.refuse(
                    key,
                    f"`{key}` beside `rate`",
                    "`rate` stands for both",
                    "keep `cost` and `effect`, or `rate`",
                )
        return DiscountBand(after, block.formula("rate"), block.formula("rate"), block.place)
    return DiscountBand(after, block.formula("cost"), block.formula("effect"), block.place)


def horizon(block: Block, key: str, cycles_per_year: int) -> int:
    """A span written as "N years" or "N cycles", in cycles."""
    words = str(block.required(key)).split()
    rule = "'N years' or 'N cycles', a whole number of cycles of at least 1"
    wrong = span_fault(" ".join(words))
    if wrong:
        block.refuse(key, f"`{key}`: {wrong[0]}", rule, wrong[1])
    try:
        number, unit = read(words[0], "en") or 0.0, words[1].rstrip("s")
        cycles = number * {"year": cycles_per_year, "cycle": 1}[unit]
        if len(words) != 2 or not cycles.is_integer() or cycles < 1:
            raise ValueError
    except (ValueError, KeyError, IndexError, OverflowError):
        block.refuse(key, f"`{key}` is not a span of time", rule, "write for example `5 years`")
    return int(cycles)


def state(name: str, block: Block) -> State:
    """One state."""
    block.closed("label alive")
    return State(name, block.label(name), block.boolean("alive") if block.has("alive") else True, block.place)


def attribute(name: str, block: Block) -> Attribute:
    """One attribute: a value, or categories with probabilities."""
    block.closed("categories labels value unit")
    unit = block.text("unit", "")
    if block.has("categories") == block.has("value"):
        rule = "an attribute has either `value` or `categories`"
        block.document.refuse(f"{block.name} has both or neither", block.line, None, rule, "keep exactly one")
    if block.has("value"):
        if block.has("labels"):
            block.refuse(
                "labels", f"`labels` of {block.name}", "labels belong to categories", "leave them out"
            )
        return Attribute(name, value=block.formula("value"), unit=unit, place=block.place)
    categories = formula_map(block, "categories")
    labels = _category_labels(block, categories) if block.has("labels") else {}
    return Attribute(name, categories=categories, unit=unit, place=block.place, labels=labels)


def _category_labels(block: Block, categories: Collection[str]) -> dict[str, Label]:
    inner = block.block("labels", f"`labels` of {block.name}")
    inner.closed(" ".join(categories))
    return {str(name): inner.label(str(name), str(name)) for name in inner.data}


def formula_map(block: Block, key: str) -> dict[str, Expression]:
    """A mapping of names to formulas, not empty."""
    inner = block.block(key, f"`{key}` of {block.name}")
    if not inner.data:
        block.refuse(key, f"`{key}` is empty", "at least one name with a formula", "write {name: formula}")
    found = {}
    for name in inner.data:
        if not isinstance(name, str):
            inner.refuse(name, f"'{name}' is not a text", "names are texts", "put the name in quotes")
        found[name] = inner.formula(name)
    return found


def clock(name: str, block: Block) -> Clock:
    """One clock with its reset rule."""
    block.closed("initial advances_in reset")
    advances = block.texts("advances_in") or None
    reset = _reset(block.block("reset", f"reset of {block.name}")) if block.has("reset") else None
    return Clock(name, block.formula("initial"), advances, reset, block.place)


def _reset(block: Block) -> LookBack | OnLeaving:
    if block.has("on_leaving"):
        block.closed("on_leaving")
        return OnLeaving(block.texts("on_leaving"))
    block.closed("after within counted_in banked banked_until on_leaving")
    return LookBack(
        after=block.whole("after"),
        within=block.whole("within"),
        counted_in=block.texts("counted_in", needed=True),
        banked=block.optional_formula("banked"),
        banked_until=block.optional_formula("banked_until"),
    )


def _exits(block: Block) -> list[tuple[str, str, str, str]]:
    """(name, source, target, explicit leg name) for each state under `from`; names are made unique by the reader."""
    target, given = block.text("to"), block.text("name", "")
    several = isinstance(block.required("from"), list)
    found = []
    for source in block.texts("from", needed=True):
        name = given or f"{source} -> {target}"
        found.append((f"{name} [{source}]" if several and given else name, source, target, given))
    return found


def transitions(block: Block) -> list[Transition]:
    """One declared exit, or one for each state under `from`."""
    block.closed("name from to hazard probability clock multiplier strata leg lifelong")
    leg = block.text("leg", "")
    return [
        Transition(
            name=name,
            source=source,
            target=target,
            clock=block.text("clock", TIME_IN_STATE),
            hazard=block.optional_formula("hazard"),
            probability=block.optional_formula("probability"),
            multiplier=block.optional_formula("multiplier"),
            strata=block.texts("strata"),
            leg=leg or given,  # still empty: the reader gives it the unique name
            lifelong=block.text("lifelong") if block.has("lifelong") else None,
            place=block.place,
        )
        for name, source, target, given in _exits(block)
    ]


def deadlines(block: Block) -> list[Deadline]:
    """One certain exit, or one for each state under `from`."""
    block.closed("name from to clock at")
    at, on = block.formula("at"), block.text("clock")
    return [Deadline(name, source, target, on, at, block.place) for name, source, target, _ in _exits(block)]


def strategy(name: str, block: Block) -> Strategy:
    """One option compared."""
    block.closed("label comparator")
    return Strategy(name, block.label(name), block.boolean("comparator"), block.place)


def strategy_effect(block: Block) -> StrategyEffect:
    """Ratios of one strategy on its legs."""
    block.closed("strategy legs ratio scale")
    return StrategyEffect(
        strategy=block.text("strategy"),
        legs=block.texts("legs", needed=True),
        ratio=block.formulas("ratio"),
        scale=block.choice("scale", SCALES, "hazard"),
        place=block.place,
    )


def band(name: str, block: Block) -> Band:
    """Named intervals of a clock."""
    block.closed("clock edges")
    block.required("edges")
    return Band(name, block.text("clock"), block.wholes("edges"), block.place)


def party(name: str, block: Block) -> Party:
    """One party or outside account."""
    block.closed("label outside")
    return Party(name, block.label(name), block.boolean("outside"), block.place)


def flow(block: Block) -> Flow:
    """One flow of money."""
    block.closed(
        "item from to per states transitions amount weight share strategies of real programme gross "
        "negative only_in needs_simulation adds after_death label",
        {key: band_way(key, plain(block.data.get(key))) for key in LIMITS},
    )
    item = block.text("item")
    block.name = f"flow '{item}'"
    of = block.text("of") if block.has("of") else None
    if of is not None:
        taken = [k for k in ("per", "states", "transitions", "amount", "weight") if block.has(k)]
        if taken:
            rule = "a flow `of` another takes that flow's amounts; it adds only `share` and `strategies`"
            block.refuse(taken[0], f"`{taken[0]}` beside `of`", rule, f"remove `{taken[0]}` or `of`")
    per = block.choice("per", PER, "cycle")
    return Flow(
        item=item,
        payer=block.text("from"),
        recipient=block.text("to"),
        label=block.label(item),
        per=per,
        amounts={} if of is not None else _amounts(block, per),
        transitions=block.texts("transitions"),
        weight=block.text("weight") if block.has("weight") else None,
        shares=_shares(block),
        strategies=block.texts("strategies"),
        of=of,
        real=block.text("real") if block.has("real") else None,
        programme=block.boolean("programme"),
        gross=block.boolean("gross"),
        negative=block.boolean("negative"),
        only_in=block.texts("only_in"),
        needs_simulation=block.boolean("needs_simulation"),
        adds=block.boolean("adds"),
        after_death=block.boolean("after_death"),
        place=block.place,
    )


def _amounts(block: Block, per: str) -> Mapping[str, Expression]:
    states, raw = block.texts("states"), block.required("amount")
    block.document.sure(
        list(raw.values()) if isinstance(raw, dict) else raw, "`amount`", block.line_of("amount")
    )
    if per != "cycle":
        if states or isinstance(raw, dict):
            key = "states" if states else "amount"
            rule = "states belong to flows per cycle"
            block.refuse(key, f"states in a flow per {per}", rule, "write `per: cycle`, or one amount")
        return {"": block.formula("amount")}
    if not isinstance(raw, dict):
        return dict.fromkeys(block.texts("states", needed=True), block.formula("amount"))
    amounts = formula_map(block, "amount")
    if states and set(states) != set(amounts):
        rule = f"the amounts name {', '.join(amounts)}"
        block.refuse("states", "`states` and the states of `amount` differ", rule, "remove `states`")
    return amounts


def _shares(block: Block) -> tuple[Share, ...]:
    if not block.has("share"):
        return ()
    raw = plain(block.data["share"])
    if isinstance(raw, list):
        rule = "a number, a formula, or {band: name, values: [...]}"
        block.refuse("share", "a list of shares without its band", rule, "write {band: name, values: [...]}")
    if not isinstance(raw, dict):
        return (Share((block.formula("share"),)),)
    inner = block.block("share", f"share of {block.name}")
    inner.closed("band bands values")
    if inner.has("band") == inner.has("bands"):
        rule = "a share by band names `band` (one) or `bands` (crossed)"
        block.refuse("share", "both or neither of `band` and `bands`", rule, "keep exactly one")
    bands = (inner.text("band"),) if inner.has("band") else inner.texts("bands")
    _check_nesting(inner, inner.required("values"), len(bands))
    return (Share(inner.formulas("values"), bands),)


def _check_nesting(block: Block, values: Any, depth: int) -> None:
    """Values of crossed bands are lists in lists, one level per band, each of the same length."""
    level = [values]
    for _ in range(depth):
        same = all(
            isinstance(v, list) and len(v) == len(level[0]) for v in level if isinstance(level[0], list)
        )
        if not isinstance(level[0], list) or not same:
            rule = "one level of [ ] for each band, rows of equal length"
            block.refuse(
                "values", "`values` has another shape than its bands", rule, "write [..] or [[..], [..]]"
            )
        level = [part for v in level for part in v]
    if any(isinstance(v, list) for v in level):
        rule = "one level of [ ] for each band"
        block.refuse(
            "values", "`values` is nested deeper than its bands", rule, "name both bands under `bands`"
        )


def perspective(name: str, block: Block, parties: tuple[Party, ...]) -> Perspective:
    """One perspective; `parties: all` stands for every party that is not outside."""
    block.closed("label parties items exclude_items factor")
    members = block.texts("parties", needed=True)
    if members == ("all",):
        members = tuple(p.name for p in parties if not p.outside)
    return Perspective(
        name=name,
        label=block.label(name),
        parties=members,
        items=block.texts("items"),
        exclude_items=block.texts("exclude_items"),
        factor=block.optional_formula("factor"),
        place=block.place,
    )


def assumption(name: str, block: Block) -> Assumption:
    """One structural assumption, in both languages."""
    block.closed("en da")
    en = block.text("en")
    return Assumption(name, Label(en, block.text("da", en)), block.place)


def passage(name: str, block: Block) -> Passage:
    """One first passage."""
    block.closed("label states stay")
    return Passage(
        name, block.texts("states", needed=True), block.whole("stay", 1), block.label(name), block.place
    )


def effect(name: str, block: Block) -> Effect:
    """One result in health or work."""
    block.closed("label unit better discount factor terms events passage within mean_within without")
    return Effect(
        name=name,
        label=block.label(name),
        unit=block.text("unit"),
        better=block.choice("better", BETTER),
        terms=block.listed("terms", f"term of {block.name}", _term),
        events=block.texts("events"),
        passage=block.text("passage") if block.has("passage") else None,
        within=block.whole("within") if block.has("within") else None,
        mean_within=block.whole("mean_within") if block.has("mean_within") else None,
        discount=block.boolean("discount"),
        factor=block.optional_formula("factor"),
        without=block.texts("without"),
        place=block.place,
    )


def _term(block: Block) -> Term:
    block.closed("states events amount weight strategies within band adds")
    if block.has("states") == block.has("events"):
        rule = "a term counts time in `states` or `events`"
        block.document.refuse(f"{block.name} has both or neither", block.line, None, rule, "keep exactly one")
    return Term(
        states=block.texts("states"),
        amount=block.formula("amount"),
        weight=block.text("weight") if block.has("weight") else None,
        strategies=block.texts("strategies"),
        within=block.whole("within") if block.has("within") else None,
        events=block.texts("events"),
        band=block.text("band") if block.has("band") else None,
        adds=block.boolean("adds"),
        place=block.place,
    )
