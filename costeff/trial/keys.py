"""The keys of an analysis plan, of a register lens and of an instrument, section by section."""

from __future__ import annotations

from costeff.documents.keys import (
    BOOLEAN,
    DATE,
    LABEL,
    NAMES,
    NUMBER,
    TEXT,
    Keys,
    choice,
    listed,
    named,
    numbers,
    whole,
)
from costeff.evidence.keys import KIND, NUMBERS

# -- the register lens --------------------------------------------------------------------------------------------
CODE_GROUP = Keys(
    "codes", codes=NAMES, shows=NAMES, read_as=TEXT, benefit=BOOLEAN, ends=BOOLEAN, label=LABEL, note=TEXT
)
SHARE = Keys("value kind note", value=NUMBER, kind=KIND, note=TEXT)
WEEKS = Keys("weeks kind note", weeks=whole(0), kind=KIND, note=TEXT)
LENS = Keys(
    "lens groups extra_week",
    lens=TEXT,
    title=LABEL,
    numbers=NUMBERS,
    verified=BOOLEAN,
    note=TEXT,
    groups=named(CODE_GROUP),
    extra_week=SHARE,
    shortest=WEEKS,
    delay=WEEKS,
)

# -- instruments ----------------------------------------------------------------------------------------------------
SCORES = ("value_set", "sum")
"""A value set gives a preference-based index, with which years of life can be weighted; a sum of items does not."""
ITEM = Keys("levels", levels=numbers(), reverse=BOOLEAN, label=LABEL)
INSTRUMENT = Keys(
    "instrument score items source",
    instrument=TEXT,
    title=LABEL,
    numbers=NUMBERS,
    score=choice(*SCORES),
    items=named(ITEM),
    source=TEXT,
    address=TEXT,
    better=choice("more", "fewer"),
)

# -- the analysis plan ----------------------------------------------------------------------------------------------
END_POINTS = ("time_to", "weeks_in", "relapse", "score", "qaly", "cost")
END_POINT = Keys(
    "kind",
    kind=choice(*END_POINTS),
    label=LABEL,
    states=NAMES,
    competing=NAMES,
    weeks=whole(),
    within=whole(),
    after=TEXT,
    instrument=TEXT,
    perspective=TEXT,
    primary=BOOLEAN,
    note=TEXT,
)
MISSING_MODELS = ("multiple_imputation", "complete_cases")
MISSING = Keys("model", model=choice(*MISSING_MODELS), by_group=BOOLEAN, uses=NAMES, note=TEXT)
DEVIATION = Keys("what why dated", what=TEXT, why=TEXT, dated=DATE)
MEASUREMENT = Keys("instrument weeks", instrument=TEXT, weeks=numbers(), end_of_course=BOOLEAN, kind=KIND, note=TEXT)
DERIVED_ATTRIBUTE = Keys(
    "",
    column=TEXT,
    categories=named(TEXT),
    run_before=NAMES,
    weeks_before=NAMES,
    within=whole(),
    less=TEXT,
    model=BOOLEAN,
)
TIME_OF = ("citizen", "shared")
KIND_OF_TIME = Keys("of", of=choice(*TIME_OF), label=LABEL)
MONTHLY = Keys("amount", amount=NUMBER, label=LABEL)
REGISTRATION = Keys(
    "pay_per_hour overhead kinds kind note",
    pay_per_hour=NUMBER,
    overhead=NUMBER,
    hours_paid=NUMBER,
    kinds=named(KIND_OF_TIME),
    fixed=named(MONTHLY),
    kind=KIND,
    note=TEXT,
)
PROCESS = Keys("label", label=LABEL, doses=NAMES, required=BOOLEAN, after=NAMES)
CARE = Keys("payer", payer=TEXT, label=LABEL)
REHEARSAL = Keys(
    "start recruiting_weeks kind note",
    participants=whole(3),
    start=DATE,
    recruiting_weeks=whole(),
    weeks_before=whole(0),
    consultants=whole(),
    contamination=NUMBER,
    dropout=named(NUMBER),
    missing=named(named(NUMBER)),
    kind=KIND,
    note=TEXT,
)
CONSULTANTS = Keys("correlation kind note", correlation=NUMBER, kind=KIND, note=TEXT)
VIEW = Keys("label", label=LABEL, values=named(NUMBER), note=TEXT)
ANALYSIS = Keys(
    "dated lens scenario follow_up end_points perspectives",
    dated=DATE,
    opened=DATE,
    lens=TEXT,
    scenario=TEXT,
    rules=TEXT,
    follow_up=whole(),
    perspectives=NAMES,
    covariates=NAMES,
    subgroups=NAMES,
    missing=MISSING,
    end_points=named(END_POINT),
    questionnaires=named(MEASUREMENT),
    attributes=named(DERIVED_ATTRIBUTE),
    time_registration=REGISTRATION,
    process=named(PROCESS),
    health_care=named(CARE),
    smallest_cell=whole(1),
    rehearsal=REHEARSAL,
    after_follow_up=named(VIEW),
    between_consultants=CONSULTANTS,
    deviations=listed(DEVIATION),
)
