"""The keys of a trial's design, section by section."""

from __future__ import annotations

from costeff.documents.keys import BOOLEAN, LABEL, NAMES, NUMBER, TEXT, WHOLES, Keys, choice, either, named, whole
from costeff.evidence.keys import KIND, NUMBERS, PARAMETER

DECIDES_FOR = ("here", "elsewhere")
"""The place of the study decides about itself, or another place decides."""

PARTICIPANTS = Keys("planned range kind note", planned=whole(), range=WHOLES, kind=KIND, note=TEXT)
ENDPOINT = Keys("effect note", effect=TEXT, sd=NUMBER, dropout=NUMBER, contrast=BOOLEAN, rate=BOOLEAN, note=TEXT)
BETWEEN = Keys("shares kind note", shares=named(NUMBER), kind=KIND, note=TEXT)
CLUSTERS = Keys("number icc", number=whole(4), icc=either(NUMBER, PARAMETER.requiring("value")), detects=named(NUMBER))
COST = Keys("fixed per_participant kind note", fixed=NUMBER, per_participant=NUMBER, kind=KIND, note=TEXT)
PEOPLE = Keys(
    "per_year years discount_rate kind note",
    per_year=NUMBER,
    years=whole(),
    discount_rate=NUMBER,
    result_after=whole(0),
    kind=KIND,
    note=TEXT,
)
TRIAL = Keys(
    "trial model allocation participants endpoints learns cost people",
    trial=TEXT,
    title=LABEL,
    numbers=NUMBERS,
    model=TEXT,
    allocation=named(NUMBER),
    participants=PARTICIPANTS,
    endpoints=named(ENDPOINT),
    learns=NAMES,
    decides_for=choice(*DECIDES_FOR),
    between=BETWEEN,
    clusters=CLUSTERS,
    cost=COST,
    people=PEOPLE,
    analysis={"type": "object"},  # the plan of the analysis, which costeff.trial reads
).called(design="trial")
