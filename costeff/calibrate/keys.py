"""The keys of a targets file, section by section."""

from __future__ import annotations

from costeff.documents.keys import NAMES, NUMBER, TEXT, Keys, choice, either, listed, named, numbers, whole
from costeff.evidence.keys import NUMBERS, PARAMETER, SOURCE

USES = ("calibrate", "holdout")
STATISTICS = {
    "state_share": Keys("type at states", type=choice("state_share"), states=NAMES, at=whole(0), among=NAMES),
    "passage_share": Keys("type passage within", type=choice("passage_share"), passage=TEXT, within=whole()),
    "median_weeks": Keys("type states within", type=choice("median_weeks"), states=NAMES, within=whole()),
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
    note=TEXT,
)
DISCREPANCY = Keys("value note", value=NUMBER, note=TEXT)
TARGETS = Keys(
    "model priors discrepancy targets",
    model=TEXT,
    numbers=NUMBERS,
    sources=named(SOURCE.requiring("title")),
    discrepancy=DISCREPANCY,
    priors=named(PARAMETER),
    targets=listed(TARGET),
)
