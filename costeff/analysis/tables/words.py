"""The usual names of the columns of PSA tables, in English and Danish, whatever their case and marks."""

from __future__ import annotations

import re

COST = (
    "total_costs",
    "total_cost",
    "totalcosts",
    "totalcost",
    "costs",
    "cost",
    "omkostninger",
    "omkostning",
    "udgifter",
    "udgift",
)
EFFECT = (
    "total_qalys",
    "total_qaly",
    "totalqalys",
    "totalqaly",
    "effectiveness",
    "effects",
    "effect",
    "effs",
    "eff",
    "qalys",
    "qaly",
    "benefits",
    "benefit",
    "outcomes",
    "outcome",
    "effekter",
    "effekt",
)
YEARS = ("life_years", "lifeyears", "lys", "ly", "leveår")
"""Effects where the table has no other."""
NET = ("net_monetary_benefit", "netmonetarybenefit", "net_benefit", "netbenefit", "nmbs", "nmb", "nbs", "nb")
_MORE = ("incremental", "incr", "inc", "delta", "diff")
INCREMENTS = tuple(f"{more}{mark}{word}" for more in _MORE for mark in ("_", ".", " ", "") for word in (*COST, *EFFECT))
"""Differences from the comparator that stand beside costs and effects: inc_cost_X, X_delta_qaly."""
RESULTS = ("icer", "inmb", "inb", "nhb", "enb", "enmb", *NET)
"""What tables hold beside costs and effects and what follows from them."""

_DRAWS = {
    "draw",
    "draws",
    "drawid",
    "drawno",
    "drawnr",
    "drawnumber",
    "iteration",
    "iterations",
    "iter",
    "iterationid",
    "iterationno",
    "iterationnumber",
    "sim",
    "sims",
    "simid",
    "simno",
    "simnr",
    "simulation",
    "simulations",
    "simulationid",
    "simulationno",
    "simulationnumber",
    "sample",
    "samples",
    "sampleid",
    "sampleno",
    "samplenumber",
    "psaid",
    "psadraw",
    "psaiteration",
    "psarun",
    "psasample",
    "psasim",
    "psano",
    "run",
    "runid",
    "runno",
    "rep",
    "replicate",
    "replication",
    "trækning",
    "trækningnr",
    "udtræk",
    "simulering",
    "kørsel",
    "gentagelse",
}
_ROWS = {
    "",
    "unnamed0",
    "x",
    "index",
    "id",
    "n",
    "nr",
    "no",
    "row",
    "rows",
    "rowid",
    "rownames",
    "rowname",
    "rownumber",
    "rownum",
    "rowno",
    "obs",
    "række",
}
_STRATEGIES = {
    "strategy",
    "strategies",
    "strategyid",
    "strategyname",
    "strategynames",
    "arm",
    "arms",
    "armid",
    "armname",
    "treat",
    "treatment",
    "treatments",
    "treatmentid",
    "treatmentname",
    "treatmentarm",
    "trt",
    "tx",
    "option",
    "options",
    "intervention",
    "interventions",
    "interventionid",
    "interventionname",
    "interv",
    "alternative",
    "technology",
    "strategi",
    "strategier",
    "behandling",
    "indsats",
    "alternativ",
}
_GROUPS = {
    "grp",
    "grpid",
    "grpname",
    "group",
    "groupid",
    "subgroup",
    "subgroupid",
    "patientgroup",
    "undergruppe",
    "gruppe",
}


def bare(name: str) -> str:
    """A name in small letters without blanks and marks.

    >>> bare(".Strategy_Names"), bare("Unnamed: 0")
    ('strategynames', 'unnamed0')
    """
    return re.sub(r"[\W_]+", "", name.casefold())


_WORDS_BY_KIND = {
    kind: frozenset(map(bare, words))
    for kind, words in (
        ("cost", COST),
        ("effect", EFFECT),
        ("years", YEARS),
        ("net", NET),
        ("result", RESULTS),
        ("increment", INCREMENTS),
    )
}


def is_draw(name: str) -> bool:
    """Whether a column of this name usually numbers the draws."""
    return bare(name) in _DRAWS


def is_row_number(name: str) -> bool:
    """Whether a column of this name often numbers the rows (R's and pandas' row names among them)."""
    return bare(name) in _ROWS


def is_strategy(name: str) -> bool:
    """Whether a column of this name usually names the strategy of a row."""
    return bare(name) in _STRATEGIES


def is_group(name: str) -> bool:
    """Whether a column of this name usually names a subgroup."""
    return bare(name) in _GROUPS


def is_chain(name: str) -> bool:
    """Whether a column of this name numbers the chains of a sampler."""
    return bare(name) in ("chain", "chainid")


def is_cost(name: str) -> bool:
    """Whether a column of this name is the cost of a long table."""
    return bare(name) in _WORDS_BY_KIND["cost"]


def is_effect(name: str) -> bool:
    """Whether a column of this name is the effect of a long table."""
    return bare(name) in _WORDS_BY_KIND["effect"]


def is_years(name: str) -> bool:
    """Whether a column of this name is a number of life-years, an effect where there is no other."""
    return bare(name) in _WORDS_BY_KIND["years"]


def is_net(name: str) -> bool:
    """Whether a column of this name is a net benefit."""
    return bare(name) in _WORDS_BY_KIND["net"]


def is_increment(name: str) -> bool:
    """Whether a column of this name is a difference from the comparator: Inc_Cost, incremental QALYs."""
    return bare(name) in _WORDS_BY_KIND["increment"] and not bare(name).startswith(("delta", "diff"))


def is_difference(name: str) -> bool:
    """Whether a column of this name may be a difference of results: delta_e, diff_cost, inc.effect.2.

    >>> is_difference("delta_e"), is_difference("delta.c.2"), is_difference("delta"), is_difference("price")
    (True, True, False, False)
    """
    word = re.match(rf"(?:{'|'.join(sorted(_MORE, key=len, reverse=True))})(.+?)\d*$", bare(name))
    return word is not None and word[1] in {"e", "c"} | _WORDS_BY_KIND["cost"] | _WORDS_BY_KIND["effect"]


def is_result(name: str) -> bool:
    """Whether a column of this name follows from costs and effects."""
    return bare(name) in _WORDS_BY_KIND["result"]
