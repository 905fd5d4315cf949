"""The keys of a model file, section by section, in the order of docs/model_language.md."""

from __future__ import annotations

from costeff.documents.keys import (
    BOOLEAN,
    DATE,
    FORMULA,
    LABEL,
    LABEL_KEYS,
    NAMES,
    TEXT,
    WHOLES,
    Form,
    Keys,
    choice,
    either,
    listed,
    named,
    whole,
)
from costeff.evidence.keys import NUMBERS
from costeff.model.checks.ledger import BETTER, PER
from costeff.model.checks.structure import BEYOND_TABLE, CYCLES_PER_YEAR, DISCOUNTING, EVENTS_AT, SCALES, WITHIN_CYCLE
from costeff.model.system import MONTHS, UNITS, WEEKDAYS

FORMULAS: Form = {"anyOf": [FORMULA, {"type": "array"}]}
"""A formula, or formulas in lists within lists."""
DISCOUNT_BAND = Keys("after", after=whole(), rate=FORMULA, cost=FORMULA, effect=FORMULA)
CONVENTIONS = Keys(
    "cycle horizon price_year",  # and what its country does not give: currency and discount rates
    cycle=choice(*CYCLES_PER_YEAR),
    cycles_per_year=whole(),
    horizon=TEXT,
    within_cycle=choice(*WITHIN_CYCLE),
    discounting=choice(*DISCOUNTING),
    discount_rate_cost=FORMULA,
    discount_rate_effect=FORMULA,
    discount_bands=listed(DISCOUNT_BAND),
    events_at=choice(*EVENTS_AT),
    currency=TEXT,
    price_year=whole(1900),
    price_basis=LABEL,
    entry_date=DATE,
    beyond_table=choice(*BEYOND_TABLE),
)
COUNTRY_CONVENTIONS = Keys(
    "",
    **{
        key: CONVENTIONS[key]
        for key in (
            "discounting",
            "discount_rate_cost",
            "discount_rate_effect",
            "discount_bands",
            "currency",
            "price_basis",
        )
    },
)
"""What a country may state for its models."""
STATE = Keys("", label=LABEL, alive=BOOLEAN, counts=TEXT)
ATTRIBUTE = Keys("", categories=named(FORMULA), labels=named(LABEL), value=FORMULA, unit=TEXT)
ON_LEAVING = Keys("on_leaving", on_leaving=NAMES)
LOOK_BACK = Keys(
    "after within counted_in",
    after=whole(),
    within=whole(),
    counted_in=NAMES,
    banked=FORMULA,
    banked_until=FORMULA,
    on_leaving=NAMES,
)
CLOCK = Keys(
    "initial",
    initial=FORMULA,
    advances_in=NAMES,
    counts=NAMES,
    within=whole(1),
    initial_until=FORMULA,
    weekdays=BOOLEAN,
    stages=FORMULAS,
    reset=either(ON_LEAVING, LOOK_BACK),
)
TRANSITION = Keys(
    "from to",
    name=TEXT,
    **{"from": NAMES},
    to=TEXT,
    hazard=either(FORMULA, named(FORMULA)),
    probability=either(FORMULA, named(FORMULA)),
    clock=TEXT,
    multiplier=FORMULA,
    ratio_on=named(FORMULA),
    strata=NAMES,
    leg=TEXT,
    lifelong=TEXT,
)
DEADLINE = Keys("from to clock at", name=TEXT, **{"from": NAMES}, to=TEXT, clock=TEXT, at=FORMULA)
STRATEGY = Keys("", label=LABEL, comparator=BOOLEAN, start=TEXT)
STRATEGY_EFFECT = Keys(
    "strategy legs ratio",
    strategy=TEXT,
    legs=NAMES,
    ratio=either(FORMULAS, named(FORMULAS)),
    scale=choice(*SCALES),
    clock=TEXT,
    every=whole(1),
)
STAGE = Keys(
    "dose",
    dose=FORMULA,
    probability=FORMULA,
    rate=FORMULA,
    delay=FORMULA,
    drop_out=FORMULA,
    costs=named(FORMULA),
    label=LABEL,
)
DELIVERY = Keys(
    "in legs ratio trial_dose stages",
    **{"in": NAMES},
    legs=NAMES,
    ratio=either(FORMULA, named(FORMULA)),
    trial_dose=FORMULA,
    stages=named(STAGE),
)
BAND = Keys("clock edges", clock=TEXT, edges=WHOLES)
PARTY = Keys("", label=LABEL, outside=BOOLEAN)
SHARE = Keys("values", band=TEXT, bands=NAMES, values=FORMULAS)
FLOW = Keys(
    "item from to",
    item=TEXT,
    **{"from": TEXT},
    to=TEXT,
    per=choice(*PER),
    states=NAMES,
    transitions=NAMES,
    amount=either(FORMULA, named(FORMULA)),
    weight=TEXT,
    share=either(FORMULA, SHARE),
    strategies=NAMES,
    of=TEXT,
    real=TEXT,
    programme=BOOLEAN,
    gross=BOOLEAN,
    negative=BOOLEAN,
    only_in=NAMES,
    needs_simulation=BOOLEAN,
    adds=BOOLEAN,
    after_death=BOOLEAN,
    label=LABEL,
)
TAX_FINANCING = Keys("parties rate", parties=NAMES, rate=FORMULA)
PERSPECTIVE = Keys(
    "parties",
    label=LABEL,
    parties=NAMES,
    items=NAMES,
    exclude_items=NAMES,
    factor=FORMULA,
    tax_financing=TAX_FINANCING,
    group=BOOLEAN,
)
PASSAGE = Keys("states", label=LABEL, states=NAMES, stay=whole())
TERM = Keys(
    "amount",
    states=NAMES,
    events=NAMES,
    amount=FORMULA,
    weight=TEXT,
    strategies=NAMES,
    within=whole(),
    band=TEXT,
    adds=BOOLEAN,
)
EFFECT = Keys(
    "unit better",
    label=LABEL,
    unit=TEXT,
    better=choice(*BETTER),
    discount=BOOLEAN,
    factor=FORMULA,
    terms=listed(TERM),
    events=NAMES,
    passage=TEXT,
    within=whole(),
    mean_within=whole(),
    without=NAMES,
)
RETURNS = Keys("share after visits", share=FORMULA, after=FORMULA, visits=whole(2))
ARRIVALS = Keys(
    "per_day outside warm_up",
    per_day=FORMULA,
    outside=TEXT,
    warm_up=whole(0),
    unit=choice(*UNITS),
    weekdays=Keys("", **dict.fromkeys(WEEKDAYS, FORMULA)),
    months=Keys("", **dict.fromkeys(MONTHS, FORMULA)),
    priority=NAMES,
    room=either(FORMULA, named(FORMULA)),
    patience=FORMULA,
    returns=RETURNS,
)
CHANGE = Keys("date number", date=DATE, number=FORMULA, strategies=NAMES)
PLACES = Keys(
    "number",
    number=either(FORMULA, named(FORMULA)),
    changes=listed(CHANGE),
    stay=either(FORMULA, named(FORMULA)),
    until=FORMULA,
    delay=either(FORMULA, named(FORMULA)),
    delayed=TEXT,
    blocked=TEXT,
)
MODEL = Keys(
    "model parameters conventions states population start strategies",
    model=TEXT,
    title=LABEL,
    numbers=NUMBERS,
    parameters=TEXT,
    country=TEXT,
    validation=TEXT,
    rules=TEXT,
    conventions=CONVENTIONS,
    states=named(STATE),
    definitions=named(FORMULA),
    population=named(ATTRIBUTE),
    start=TEXT,
    clocks=named(CLOCK),
    windows=WHOLES,
    transitions=listed(TRANSITION),
    deadlines=listed(DEADLINE),
    strategies=named(STRATEGY),
    strategy_effects=listed(STRATEGY_EFFECT),
    delivery=named(DELIVERY),
    arrivals=ARRIVALS,
    places=named(PLACES),
    bands=named(BAND),
    parties=named(PARTY),
    flows=listed(FLOW),
    perspectives=named(PERSPECTIVE),
    passages=named(PASSAGE),
    effects=named(EFFECT),
    assumptions=named(LABEL_KEYS),
)
