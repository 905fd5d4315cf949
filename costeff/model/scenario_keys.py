"""The keys of a scenario file, section by section."""

from __future__ import annotations

from costeff.documents.keys import DATE, LABEL, NAMES, NUMBER, TEXT, Keys, choice, either, listed, named, numbers, whole
from costeff.evidence.keys import KIND, NUMBERS, PARAMETER, SET, SOURCES
from costeff.model.checks.structure import DISCOUNTING, EVENTS_AT, WITHIN_CYCLE

ENGINES = ("microsim", "stepping", "weekly", "cohort")
METHODS = ("random", "latin_hypercube", "sobol")

OPTIONS = Keys(
    "",
    horizon=TEXT,
    price_year=whole(1900),
    entry_date=DATE,
    engine=choice(*ENGINES),
    within_cycle=choice(*WITHIN_CYCLE),
    discounting=choice(*DISCOUNTING),
    events_at=choice(*EVENTS_AT),
)
RUN = Keys("", draws=whole(), individuals=whole(), seed=whole(0), method=choice(*METHODS))
WTP = Keys("effect range", effect=TEXT, range=numbers(2), at=NUMBER)
REPORTING = (
    *("title", "abstract", "background", "plan", "population", "setting", "comparators", "perspective", "horizon"),
    *("discount_rate", "outcomes", "measurement", "valuation", "costs", "currency", "model", "analytics"),
    *("heterogeneity", "distribution", "uncertainty", "engagement", "parameters", "results"),
    *("effect_of_uncertainty", "effect_of_engagement", "findings", "funding", "conflicts"),
)
"""The 28 items of CHEERS 2022, in its order, to which authors may write."""
IMPLIED_VALUE = Keys(
    "passage value over",
    passage=TEXT,
    value=NUMBER,
    over=listed(TEXT),
    interval=numbers(2),
    kind=KIND,
    source=TEXT,
    note=TEXT,
)
PRIMARY_RULES = ("net_cost", "net_benefit")
PRACTICE = Keys("mix", mix=named(NUMBER), delivered=named(TEXT), note=LABEL)
FIGURE = either(NUMBER, PARAMETER.requiring("value"))
ROLLOUT_MUNICIPALITY = Keys("citizens", citizens=NUMBER, ends=whole(1900), label=LABEL)
ROLLOUT = Keys(
    "strategy first_year years payer ceiling time_constant municipalities",
    strategy=TEXT,
    first_year=whole(1900),
    years=whole(),
    payer=TEXT,
    grant_from=TEXT,
    ceiling=FIGURE,
    time_constant=FIGURE,
    spread=FIGURE,
    spread_pace=FIGURE,
    kept=FIGURE,
    loss=FIGURE,
    turnover=FIGURE,
    retrained=FIGURE,
    start_up=FIGURE,
    running=FIGURE,
    training=FIGURE,
    grant=FIGURE,
    municipalities=named(ROLLOUT_MUNICIPALITY),
    note=LABEL,
)
PSFS = Keys("", scores=TEXT)
OWN_NAME = Keys("name label", name=TEXT, label=LABEL)
SCENARIO = Keys(
    "scenario model",
    scenario=TEXT,
    title=LABEL,
    caution=LABEL,
    numbers=NUMBERS,
    model=TEXT,
    parameters=TEXT,
    set=SET,
    sources=SOURCES,
    options=OPTIONS,
    run=RUN,
    wtp=WTP,
    effect=TEXT,
    implied=IMPLIED_VALUE,
    practice=PRACTICE,
    rollout=ROLLOUT,
    psfs=PSFS,
    primary=named(choice(*PRIMARY_RULES)),
    trial=TEXT,
    subgroups=named(LABEL),
    reporting=Keys("", **dict.fromkeys(REPORTING, LABEL)),
    names=named(OWN_NAME),
    without=NAMES,
)
