"""The keys of a rule set, section by section."""

from __future__ import annotations

from costeff.documents.keys import DATE, LABEL, NAMES, NUMBER, TEXT, WHOLES, Keys, choice, listed, named, whole
from costeff.evidence.keys import KIND, NUMBERS, PARAMETER, SOURCES

FUNDING = ("reimbursed", "co-financed", "flat", "municipality", "state")
HELD_TO = Keys("value kind", value=whole(), kind=KIND, source=NAMES, note=TEXT)
DISCOUNT_BAND = Keys("after rate", after=NUMBER, rate=NUMBER)
DISCOUNT = Keys("bands kind", bands=listed(DISCOUNT_BAND), kind=KIND, source=NAMES, note=TEXT)
WEEKS = Keys(
    "kind", band=TEXT, edges=WHOLES, clock=TEXT, after=whole(), within=whole(), kind=KIND, source=NAMES, note=TEXT
)
BENEFIT = Keys("items funding covered", label=LABEL, items=NAMES, funding=choice(*FUNDING), covered=PARAMETER)
CLOSED_STATE = Keys("to kind", to=TEXT, kind=KIND, source=NAMES, note=TEXT)
BLOCK = Keys("from", **{"from": DATE}, set=named(PARAMETER), legs=named(PARAMETER), closed=named(CLOSED_STATE))
RULES = Keys(
    "rules",
    rules=TEXT,
    title=LABEL,
    numbers=NUMBERS,
    base=TEXT,
    as_on=DATE,
    sources=SOURCES,
    yearly=NAMES,
    known_to=whole(),
    held_to=HELD_TO,
    weeks=listed(WEEKS),
    discount=DISCOUNT,
    benefits=named(BENEFIT),
    blocks=listed(BLOCK),
)
