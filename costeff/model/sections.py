"""One function per section of a model file: a checked mapping in, the element of `costeff.model.elements` out.

Only keys and types are checked here; whether names refer to something is the business of `costeff.model.checks.check`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from costeff.catalogue import is_word, languages
from costeff.documents.keys import label_languages
from costeff.documents.numerals import read, span_fault
from costeff.documents.values import plain
from costeff.labels import Label, worded
from costeff.model import keys
from costeff.model.checks.ledger import BETTER, PER
from costeff.model.checks.structure import BEYOND_TABLE, CYCLES_PER_YEAR, DISCOUNTING, EVENTS_AT, WITHIN_CYCLE
from costeff.model.elements import (
    TIME_IN_STATE,
    Assumption,
    Attribute,
    Band,
    Conventions,
    Deadline,
    DiscountBand,
    Effect,
    Flow,
    Party,
    Passage,
    Perspective,
    Share,
    State,
    TaxFinancing,
    Term,
    Transition,
)
from costeff.model.formula_section import FormulaSection
from costeff.model.formulas.expression import Expression
from costeff.model.other_words import LIMITS, band_way
from costeff.model.strategy_sections import first_formula, ratio_on


def conventions(block: FormulaSection) -> Conventions:
    """How time, money and discounting are counted."""
    block.closed(keys.CONVENTIONS)
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
        price_basis=_price_basis(block),
        entry_date=block.date("entry_date"),
        beyond_table=block.choice("beyond_table", BEYOND_TABLE, "constant"),
        events_at=block.choice("events_at", EVENTS_AT, "start"),
        discount_bands=block.listed("discount_bands", "discount band", discount_band),
        place=block.place,
    )


def _price_basis(block: FormulaSection) -> Label:
    """What the prices are: a label, or one text, which is translated where the catalogue of words has it."""
    basis = block.label("", "price_basis")
    key = f"price_basis_{basis.en.replace(' ', '_')}"
    return worded(key) if basis.en == basis.da and is_word(key, languages()[0]) else basis


def discount_band(block: FormulaSection) -> DiscountBand:
    """Other rates from a year on, for both or one for costs and one for effects."""
    block.closed(keys.DISCOUNT_BAND)
    after = block.whole("after")
    if block.has("rate"):
        for key in ("cost", "effect"):
            if block.has(key):
                block.refuse(
                    key, f"`{key}` beside `rate`", "`rate` stands for both", "keep `cost` and `effect`, or `rate`"
                )
        return DiscountBand(after, block.formula("rate"), block.formula("rate"), block.place)
    return DiscountBand(after, block.formula("cost"), block.formula("effect"), block.place)


def horizon(block: FormulaSection, key: str, cycles_per_year: int) -> int:
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


def state(name: str, block: FormulaSection) -> State:
    """One state."""
    block.closed(keys.STATE)
    alive = block.boolean("alive") if block.has("alive") else True
    return State(name, block.label(name), alive, block.place, block.text("counts", ""))


def attribute(name: str, block: FormulaSection) -> Attribute:
    """One attribute: a value, or categories with probabilities."""
    block.closed(keys.ATTRIBUTE)
    unit = block.text("unit", "")
    if block.has("categories") == block.has("value"):
        rule = "an attribute has either `value` or `categories`"
        block.document.refuse(f"{block.name} has both or neither", block.line, None, rule, "keep exactly one")
    if block.has("value"):
        if block.has("labels"):
            block.refuse("labels", f"`labels` of {block.name}", "labels belong to categories", "leave them out")
        return Attribute(name, value=block.formula("value"), unit=unit, place=block.place)
    categories = formula_map(block, "categories")
    labels = _category_labels(block, categories) if block.has("labels") else {}
    return Attribute(name, categories=categories, unit=unit, place=block.place, labels=labels)


def _category_labels(block: FormulaSection, categories: Collection[str]) -> dict[str, Label]:
    inner = block.block("labels", f"`labels` of {block.name}")
    inner.closed(categories)
    return {str(name): inner.label(str(name), str(name)) for name in inner.data}


def formula_map(block: FormulaSection, key: str) -> dict[str, Expression]:
    """A mapping of names to formulas, not empty."""
    inner = block.block(key, f"`{key}` of {block.name}")
    if not inner.data:
        block.refuse(key, f"`{key}` is empty", "at least one name with a formula", "write {name: formula}")
    formulas = {}
    for name in inner.data:
        if not isinstance(name, str):
            inner.refuse(name, f"'{name}' is not a text", "names are texts", "put the name in quotes")
        formulas[name] = inner.formula(name)
    return formulas


def _exits(block: FormulaSection) -> list[tuple[str, str, str, str]]:
    """(name, source, target, explicit leg name) for each state under `from`; names are made unique by the reader."""
    target, own_name = block.text("to"), block.text("name", "")
    several = isinstance(block.required("from"), list)
    exits = []
    for source in block.texts("from", mandatory=True):
        name = own_name or f"{source} -> {target}"
        exits.append((f"{name} [{source}]" if several and own_name else name, source, target, own_name))
    return exits


def transitions(block: FormulaSection) -> list[Transition]:
    """One declared exit, or one for each state under `from`."""
    block.closed(keys.TRANSITION)
    leg = block.text("leg", "")
    return [
        Transition(
            name=name,
            source=source,
            target=target,
            clock=block.text("clock", TIME_IN_STATE),
            hazard=first_formula(block, "hazard"),
            probability=first_formula(block, "probability"),
            multiplier=block.optional_formula("multiplier"),
            strata=block.texts("strata"),
            leg=leg or own_name,  # still empty: the reader gives it the unique name
            lifelong=block.text("lifelong") if block.has("lifelong") else None,
            place=block.place,
            **ratio_on(block),
        )
        for name, source, target, own_name in _exits(block)
    ]


def deadlines(block: FormulaSection) -> list[Deadline]:
    """One certain exit, or one for each state under `from`."""
    block.closed(keys.DEADLINE)
    at, on = block.formula("at"), block.text("clock")
    return [Deadline(name, source, target, on, at, block.place) for name, source, target, _ in _exits(block)]


def band(name: str, block: FormulaSection) -> Band:
    """Named intervals of a clock."""
    block.closed(keys.BAND)
    block.required("edges")
    return Band(name, block.text("clock"), block.wholes("edges"), block.place)


def party(name: str, block: FormulaSection) -> Party:
    """One party or outside account."""
    block.closed(keys.PARTY)
    return Party(name, block.label(name), block.boolean("outside"), block.place)


def flow(block: FormulaSection) -> Flow:
    """One flow of money."""
    block.closed(keys.FLOW, {key: band_way(key, plain(block.data.get(key))) for key in LIMITS})
    item = block.text("item")
    block.name = f"flow '{item}'"
    of = block.text("of") if block.has("of") else None
    if of is not None:
        extra_keys = [k for k in ("per", "states", "transitions", "amount", "weight") if block.has(k)]
        if extra_keys:
            rule = "a flow `of` another takes that flow's amounts; it adds only `share` and `strategies`"
            block.refuse(extra_keys[0], f"`{extra_keys[0]}` beside `of`", rule, f"remove `{extra_keys[0]}` or `of`")
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


def _amounts(block: FormulaSection, per: str) -> Mapping[str, Expression]:
    states, raw = block.texts("states"), block.required("amount")
    block.document.sure(list(raw.values()) if isinstance(raw, dict) else raw, "`amount`", block.line_of("amount"))
    if per != "cycle":
        if states or isinstance(raw, dict):
            key = "states" if states else "amount"
            rule = "states belong to flows per cycle"
            block.refuse(key, f"states in a flow per {per}", rule, "write `per: cycle`, or one amount")
        return {"": block.formula("amount")}
    if not isinstance(raw, dict):
        return dict.fromkeys(block.texts("states", mandatory=True), block.formula("amount"))
    amounts = formula_map(block, "amount")
    if states and set(states) != set(amounts):
        rule = f"the amounts name {', '.join(amounts)}"
        block.refuse("states", "`states` and the states of `amount` differ", rule, "remove `states`")
    return amounts


def _shares(block: FormulaSection) -> tuple[Share, ...]:
    if not block.has("share"):
        return ()
    raw = plain(block.data["share"])
    if isinstance(raw, list):
        rule = "a number, a formula, or {band: name, values: [...]}"
        block.refuse("share", "a list of shares without its band", rule, "write {band: name, values: [...]}")
    if not isinstance(raw, dict):
        return (Share((block.formula("share"),)),)
    inner = block.block("share", f"share of {block.name}")
    inner.closed(keys.SHARE)
    if inner.has("band") == inner.has("bands"):
        rule = "a share by band names `band` (one) or `bands` (crossed)"
        block.refuse("share", "both or neither of `band` and `bands`", rule, "keep exactly one")
    bands = (inner.text("band"),) if inner.has("band") else inner.texts("bands")
    _check_nesting(inner, inner.required("values"), len(bands))
    return (Share(inner.formulas("values"), bands),)


def _check_nesting(block: FormulaSection, values: Any, depth: int) -> None:
    """Values of crossed bands are lists in lists, one level per band, each of the same length."""
    level = [values]
    for _ in range(depth):
        same = all(isinstance(v, list) and len(v) == len(level[0]) for v in level if isinstance(level[0], list))
        if not isinstance(level[0], list) or not same:
            rule = "one level of [ ] for each band, rows of equal length"
            block.refuse("values", "`values` has another shape than its bands", rule, "write [..] or [[..], [..]]")
        level = [part for v in level for part in v]
    if any(isinstance(v, list) for v in level):
        rule = "one level of [ ] for each band"
        block.refuse("values", "`values` is nested deeper than its bands", rule, "name both bands under `bands`")


def perspective(name: str, block: FormulaSection, parties: tuple[Party, ...]) -> Perspective:
    """One perspective; `parties: all` stands for every party that is not outside."""
    block.closed(keys.PERSPECTIVE)
    members = block.texts("parties", mandatory=True)
    if members == ("all",):
        members = tuple(p.name for p in parties if not p.outside)
    return Perspective(
        name=name,
        label=block.label(name),
        parties=members,
        items=block.texts("items"),
        exclude_items=block.texts("exclude_items"),
        factor=block.optional_formula("factor"),
        tax_financing=_tax_financing(block) if block.has("tax_financing") else None,
        place=block.place,
        group=block.boolean("group") if block.has("group") else None,
    )


def _tax_financing(block: FormulaSection) -> TaxFinancing:
    inner = block.block("tax_financing", f"`tax_financing` of {block.name}")
    inner.closed(keys.TAX_FINANCING)
    return TaxFinancing(inner.texts("parties", mandatory=True), inner.formula("rate"))


def assumption(name: str, block: FormulaSection) -> Assumption:
    """One structural assumption, in every language that the file gives."""
    codes = label_languages()
    block.closed(codes)
    en = block.text("en")
    others = {code: block.text(code) for code in codes[2:] if block.has(code)}
    return Assumption(name, Label(en, block.text("da", en), **others), block.place)


def passage(name: str, block: FormulaSection) -> Passage:
    """One first passage."""
    block.closed(keys.PASSAGE)
    return Passage(name, block.texts("states", mandatory=True), block.whole("stay", 1), block.label(name), block.place)


def _effect_label(name: str, unit: str) -> Label:
    """What an effect without a label is called: as its unit where its name is that, else by its name as words.

    >>> _effect_label("qaly", "QALY").da, _effect_label("weeks_in_work", "weeks").en
    ('QALY', 'Weeks in work')
    """
    words = unit if name.casefold() == unit.casefold() else name.replace("_", " ")
    return Label(words[:1].upper() + words[1:], words[:1].upper() + words[1:])


def effect(name: str, block: FormulaSection) -> Effect:
    """One result in health or work."""
    block.closed(keys.EFFECT)
    unit = block.text("unit")
    return Effect(
        name=name,
        label=block.label(name) if block.has("label") else _effect_label(name, unit),
        unit=unit,
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


def _term(block: FormulaSection) -> Term:
    block.closed(keys.TERM)
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
