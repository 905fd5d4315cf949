"""The keys of an investment case, section by section, in the order of docs/investment.md."""

from __future__ import annotations

from typing import get_args

from costeff.documents.keys import (
    FORMULA,
    LABEL,
    NAMES,
    NUMBER,
    TEXT,
    Form,
    Keys,
    by_year,
    choice,
    either,
    listed,
    named,
    numbers,
    whole,
)
from costeff.evidence.keys import KIND, NUMBERS, PARAMETER, SET, SOURCES
from costeff.investment.belief.keys import EFFECT
from costeff.investment.case import ABOUT, FIGURES, FRAMES, MEANT, REGIMES, VIEWS
from costeff.model.scenario_keys import RUN as SCENARIO_RUN
from costeff.types import CaseMethod

CASE_METHODS = get_args(CaseMethod)
RUN = Keys("", **{key: form for key, form in SCENARIO_RUN.items() if key != "method"}, method=choice(*CASE_METHODS))
RULES = Keys("set", set=TEXT, regime=choice(*REGIMES))
DEPARTMENT = Keys("share", share=FORMULA, label=LABEL)
PROGRAMME = Keys(
    "departments",
    label=LABEL,
    departments=named(either(FORMULA, DEPARTMENT)),
    variable=FORMULA,
    fixed=FORMULA,
    per_consultant=FORMULA,
    start_up={"type": "object", "patternProperties": {"^[0-9]{4}$": FORMULA}, "additionalProperties": False},
    replaces=named(FORMULA),
)
CAPACITY = Keys(
    "consultants caseload course leaves",
    consultants=by_year(NUMBER),
    caseload=NUMBER,
    course=whole(),
    leaves=TEXT,
    patience=whole(0),
    turnover=NUMBER,
    vacancy=NUMBER,
)
AREA = Keys("items", label=LABEL, items=NAMES, frame=choice(*FRAMES))
BASIS = Keys("kind", kind=KIND, source=NAMES, note=LABEL)
MEANT_FORM: Form = either(choice(*MEANT), listed(choice(*MEANT)))
LEVEL = Keys("states", label=LABEL, states=NAMES, now=NUMBER)
BUDGET_CHANGE = Keys(
    "department area since amount by", department=TEXT, area=TEXT, since=whole(1900), amount=NUMBER, by=LABEL
)
FUNDING = Keys(
    "from department by amounts",
    **{"from": TEXT},
    department=TEXT,
    by=LABEL,
    amounts={"type": "object", "patternProperties": {"^[0-9]{4}$": NUMBER}, "additionalProperties": False},
)
TARGET_GROUP = Keys("who", label=LABEL, who=FORMULA)
RISK = Keys("risk answer", risk=LABEL, answer=LABEL)
ABOUT_FORM = Keys("", **dict.fromkeys(ABOUT, LABEL), risks=listed(RISK))
RAMP = Keys("ceiling time_constant", ceiling=NUMBER, time_constant=NUMBER, ends=whole(1900), kept=NUMBER, loss=NUMBER)
"""Uptake that grows towards a ceiling, and what lasts when project money ends."""
CASE = Keys(
    "case scenario first_year years inflow programme",
    case=TEXT,
    title=LABEL,
    author=TEXT,
    version=TEXT,
    municipality=TEXT,
    numbers=NUMBERS,
    scenario=TEXT,
    citizens=TEXT,
    strategy=TEXT,
    on_top_of=TEXT,
    rules=either(TEXT, RULES),
    first_year=whole(1900),
    years=whole(),
    price_year=whole(1900),
    price_index={"type": "object", "patternProperties": {"^[0-9]{4}$": NUMBER}, "additionalProperties": False},
    inflow=by_year(either(NUMBER, numbers(4))),
    last_inflow=whole(1900),
    ramp_up=numbers(),
    uptake=either(by_year(NUMBER), RAMP),
    fidelity=by_year(NUMBER),
    programme=PROGRAMME,
    capacity=CAPACITY,
    areas=named(AREA),
    view=choice(*VIEWS),
    coverage=named(NUMBER),
    equalisation=NUMBER,
    out_migration=NUMBER,
    set=SET,
    parameters=named(PARAMETER),
    labels=named(LABEL),
    sources=SOURCES,
    basis=Keys("", **dict.fromkeys((*FIGURES, "programme"), BASIS)),
    run=RUN,
    meant=MEANT_FORM,
    effect=EFFECT,
    about=ABOUT_FORM,
    levels=named(LEVEL),
    budget_changes=listed(BUDGET_CHANGE),
    funding=listed(FUNDING),
    target_groups=named(TARGET_GROUP),
)
