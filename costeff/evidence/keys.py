"""The keys of a parameter file, and of a parameter and a source wherever they stand."""

from __future__ import annotations

from costeff.documents.keys import (
    BOOLEAN,
    LABEL,
    NAMES,
    NUMBER,
    TEXT,
    Keys,
    choice,
    either,
    listed,
    named,
    numbers,
    whole,
)
from costeff.documents.numerals import FORMATS
from costeff.evidence.distributions.bounded import Pert, Triangular
from costeff.evidence.distributions.counted import EventRate
from costeff.evidence.distributions.distribution import CENTRES, Distribution
from costeff.evidence.distributions.skewed import Beta, Gamma, Lognormal
from costeff.evidence.distributions.symmetric import Fixed, Normal, Uniform
from costeff.evidence.source import KINDS, PROVENANCE

FAMILIES: dict[str, type[Distribution]] = {
    family.family: family for family in (Beta, Gamma, Lognormal, Normal, Uniform, Triangular, Pert, EventRate)
}
NUMBERS = choice(*FORMATS)
KIND = choice(*KINDS)
SOURCE = Keys("title seen", title=TEXT, address=TEXT, seen=choice(*PROVENANCE), note=TEXT)
SOURCES = named(SOURCE)
COUNTS = Keys(
    "events of",
    events=whole(0),
    of=whole(),
    prior=numbers(2),
    entry=numbers(),
    entry_shares=numbers(),
    evaluated=NUMBER,
    stages=whole(),
    exit_hazard=NUMBER,
)
"""How many people took a step of how many; when they entered and were evaluated, where some may take it later."""
PARAMETER = Keys(
    "value unit kind",
    value=NUMBER,
    unit=TEXT,
    centre=choice(*CENTRES),
    price_year=whole(),
    index=TEXT,
    clock=TEXT,
    legs=NAMES,
    distribution=choice(Fixed.family, *FAMILIES),
    interval=numbers(2),
    interval_approximate=BOOLEAN,
    se=NUMBER,
    shape=named(NUMBER),
    counts=COUNTS,
    kind=KIND,
    source=NAMES,
    note=LABEL,
    derived_from=TEXT,
    meant=BOOLEAN,
    required=BOOLEAN,
)
SET = named(either(NUMBER, PARAMETER.requiring("value")))
"""What a scenario or a case sets in the place of a parameter: a number, or what differs from the parameter."""
DIRICHLET = Keys("distribution parameters counts", distribution=choice("dirichlet"), parameters=NAMES, counts=numbers())
MULTIVARIATE_NORMAL = Keys(
    "distribution parameters mean covariance",
    distribution=choice("multivariate_normal"),
    parameters=NAMES,
    scale=TEXT,
    mean=numbers(),
    covariance=listed(numbers()),
)
EMPIRICAL = Keys("distribution parameters file", distribution=choice("empirical"), parameters=NAMES, file=TEXT)
GROUPS = {"dirichlet": DIRICHLET, "multivariate_normal": MULTIVARIATE_NORMAL, "empirical": EMPIRICAL}
CORRELATION = Keys("parameters correlation", parameters=NAMES, correlation=NUMBER)
TABLE = Keys(
    "file unit kind",
    file=TEXT,
    unit=TEXT,
    kind=KIND,
    source=NAMES,
    note=TEXT,
    price_year=whole(),
    gaps=BOOLEAN,
    meant=BOOLEAN,
)
PRICE_INDEX = Keys("file index", file=TEXT, index=TEXT)
PARAMETER_FILE = Keys(
    "parameters",
    title=TEXT,
    numbers=NUMBERS,
    price_index=PRICE_INDEX,
    sources=SOURCES,
    parameters=named(PARAMETER),
    groups=named(either(*GROUPS.values())),
    correlations=listed(CORRELATION),
    tables=named(TABLE),
    labels=named(LABEL),
)
