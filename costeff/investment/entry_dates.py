"""From which date the entrants of each quarter meet the values by date that the model's amounts read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from costeff import bundled
from costeff.errors import ScenarioError
from costeff.evidence import Evidence
from costeff.investment.case import QUARTERS, Case
from costeff.investment.timing import middle
from costeff.model.amounts import counted, schedule
from costeff.model.model import Model
from costeff.model.read import rules_file
from costeff.rules import load_rules


def entry_dates(case: Case, model: Model, evidence: Evidence) -> tuple[str, ...]:
    """The date of entry that stands for each quarter's entrants, (Q,): its middle; '' where no amount reads dates.

    Quarters for whose entrants all changes lie as far ahead share the first one's date, and so a simulation; those in
    which nobody comes have that of the first in which somebody does. Raises ScenarioError for a date that the rule set
    does not hold.
    """
    days = [middle(case.first_year, quarter) for quarter in range(QUARTERS * case.years)]
    path = rules_file(model)
    if path is None or not model.dated:
        return ("",) * len(days)
    if case.rules:
        _same_rules(case, model, path)
    load_rules(path, model, evidence).check(days[0], days[-1])
    dates: dict[object, str] = {}
    taken = [day for day, takers in zip(days, case.takers, strict=True) if takers > 0]
    for day in taken:
        dates.setdefault(_seen(model, day.isoformat()), day.isoformat())
    nobody = next(iter(dates.values()), "")
    return tuple(dates[_seen(model, day.isoformat())] if day in taken else nobody for day in days)


def _seen(model: Model, entry: str) -> object:
    """Values by date as they lie ahead of those who enter on a date."""
    at = replace(model, conventions=replace(model.conventions, entry_date=entry))
    horizon = model.conventions.horizon
    return tuple(
        (name, tuple((max(cycle, 0), parameter) for cycle, parameter in schedule(at, name) if cycle < horizon))
        for name in model.dated
    )


def own_starts(case: Case, model: Model) -> Iterator[ScenarioError]:
    """A case pays what falls on the start by head, as citizens begin; an amount of each person's own it cannot."""
    for flow in model.flows:
        formulas = flow.amounts.values()
        if flow.per == "start" and (flow.weight is not None or any(counted(model, formula) for formula in formulas)):
            yield ScenarioError(
                f"flow '{flow.item}' is paid at the start by each person's own amount",
                where=case.places.get("scenario"),
                value=flow.weight or next(iter(formulas)).text,
                rule="a case pays the start by head, in the quarter in which a citizen begins",
                way_out="give the flow one amount for all, or pay it per event or cycle",
            )


def _same_rules(case: Case, model: Model, path: Path) -> None:
    """Refuse a case whose rules are others than those that the model's amounts read."""
    name = str(Path(case.file).parent / case.rules) if bundled.is_path(case.rules) else case.rules
    same = bundled.resolve("rules", name).resolve() == path.resolve()
    if not same or case.regime != "across":
        raise ScenarioError(
            "the case names other rules than its model",
            where=case.places.get("rules"),
            value=f"{case.rules}, {case.regime}",
            rule=f"amounts of model '{model.name}' read rule set '{model.rules}' by date, and one set holds",
            way_out=f"leave `rules` out of the case, or name '{model.rules}' with `regime: across`",
        )
