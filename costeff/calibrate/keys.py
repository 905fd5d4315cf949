"""The keys of a targets file and of a validation file, section by section."""

from __future__ import annotations

from costeff.documents.keys import (
    BOOLEAN,
    DATE,
    NAMES,
    NUMBER,
    TEXT,
    Form,
    Keys,
    choice,
    either,
    listed,
    named,
    numbers,
    whole,
)
from costeff.evidence.keys import NUMBERS, PARAMETER, SOURCE
from costeff.model.keys import PASSAGE

USES = ("calibrate", "holdout")
MEASURES = ("mean", "variance")
RATIOS = ("odds_ratio", "ratio")
SIMPLE = {
    "state_share": Keys("type at states", type=choice("state_share"), states=NAMES, at=whole(0), among=NAMES),
    "passage_share": Keys("type passage within", type=choice("passage_share"), passage=TEXT, within=whole()),
    "median_weeks": Keys("type states within", type=choice("median_weeks"), states=NAMES, within=whole()),
    "state_share_after": Keys(
        "type passage within follow states",
        type=choice("state_share_after"),
        passage=TEXT,
        within=whole(),
        follow=whole(0),
        states=NAMES,
        among=NAMES,
    ),
    "passage_after": Keys(
        "type after within passage follow",
        type=choice("passage_after"),
        after=TEXT,
        within=whole(),
        passage=TEXT,
        follow=whole(),
    ),
    "passage_window": Keys(
        "type passage to",
        type=choice("passage_window"),
        passage=TEXT,
        **{"from": whole(0)},
        to=whole(),
        at_risk=BOOLEAN,
        among=NAMES,
    ),
    "event_count": Keys(
        "type events to measure",
        type=choice("event_count"),
        events=NAMES,
        **{"from": whole(0)},
        to=whole(),
        measure=choice(*MEASURES),
    ),
    "status_among_left": Keys(
        "type left at states", type=choice("status_among_left"), left=NAMES, at=whole(0), states=NAMES, among=NAMES
    ),
}
CONTRASTED = tuple(name for name in SIMPLE if name != "median_weeks")
RANGES: Form = {"type": "array", "items": either(TEXT, numbers(2)), "minItems": 2, "maxItems": 2}
STATISTICS = {
    **SIMPLE,
    "contrast": Keys(
        "type of between measure",
        type=choice("contrast"),
        of=either(*(SIMPLE[name] for name in CONTRASTED)),
        between={**named(RANGES), "minProperties": 1, "maxProperties": 1},
        measure=choice(*RATIOS),
    ),
}
TARGET = Keys(
    "name title use statistic value interval source",
    name=TEXT,
    title=TEXT,
    use=choice(*USES),
    start=TEXT,
    set=named(NUMBER),
    statistic=either(*STATISTICS.values()),
    value=NUMBER,
    interval=numbers(2),
    n=whole(),
    source=TEXT,
    family=TEXT,
    era=TEXT,
    country=TEXT,
    condition=TEXT,
    note=TEXT,
)
KINDS_OF_EFFECT = ("source", "era", "country", "condition")
SPREADS = ("fixed", "half_normal")
LEVEL = Keys("value interval", value=NUMBER, interval=numbers(2), note=TEXT)
EFFECT = Keys(
    "by parameters",
    by=choice(*KINDS_OF_EFFECT),
    parameters=NAMES,
    sd=NUMBER,
    spread=choice(*SPREADS),
    population=NUMBER,
    reference=TEXT,
    levels=named(LEVEL),
    countries=NAMES,
    note=TEXT,
)
BENEFIT = Keys("ended within", ended=TEXT, within=whole(), start=TEXT, set=named(NUMBER))
REGISTER = Keys(
    "benefits status", benefits=named(BENEFIT), status=named(NAMES), least=whole(), country=TEXT, era=TEXT, family=TEXT
)
DISCREPANCY = Keys("value note", value=NUMBER, note=TEXT)
TARGETS = Keys(
    "model priors discrepancy targets",
    model=TEXT,
    numbers=NUMBERS,
    sources=named(SOURCE.requiring("title")),
    discrepancy=DISCREPANCY,
    priors=either(NAMES, named(PARAMETER)),
    together=listed({"type": "array", "items": TEXT, "minItems": 2}),
    effects=named(EFFECT),
    register=REGISTER,
    passages=named(PASSAGE),
    targets=listed(TARGET),
)
VALIDATION_RUN = Keys("draws individuals seed", draws=whole(), individuals=whole(), seed=whole(0))
VALIDATION_FIGURE = Keys(
    "name title use share published prior posterior z",
    name=TEXT,
    title=TEXT,
    source=TEXT,
    family=TEXT,
    use=choice(*USES),
    share=BOOLEAN,
    published=numbers(3),
    prior=numbers(2),
    posterior=numbers(4),
    z=NUMBER,
    left_out_z=NUMBER,
    predicted=numbers(3),
)
VALIDATION_PARAMETER = Keys(
    "name prior posterior contraction", name=TEXT, prior=numbers(3), posterior=numbers(3), contraction=NUMBER
)
VALIDATION = Keys(
    "validation date run hashes summary sds densities figures parameters",
    validation=TEXT,
    date=DATE,
    run=VALIDATION_RUN,
    hashes=named(TEXT),
    summary=named(NUMBER),
    sds=named(numbers(3)),
    densities=named(NUMBER),
    figures=listed(VALIDATION_FIGURE),
    parameters=listed(VALIDATION_PARAMETER),
)
