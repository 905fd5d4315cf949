"""One-way sensitivity: each uncertain parameter at the ends of its interval, the others at their base values.

All points share the same people and the same luck. Parameters that only price are re-priced without a new simulation.
Parameters that were estimated together (a group, or joined by correlations) are drawn together: their bar spans the
results of their joint draws, the others at base values. For one parameter that moves the result in one direction
both ways of varying give the same ends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from costeff.economics.dsa import Decision, tornado_table, with_decisions
from costeff.errors import ScenarioError
from costeff.evidence.correlation import blocks
from costeff.study.measure import Measure, measure
from costeff.study.parameter_labels import unknown_parameter
from costeff.study.points import Change, Points, Settings

if TYPE_CHECKING:
    import pandas as pd

    from costeff.study.study import Study

JOINT_DRAWS = 60
"""Joint draws of parameters that were estimated together; of 20, 60 or 100 stratified draws one stands at 2.5 %."""


@dataclass(frozen=True)
class Variation:
    """One row of a tornado: the parameters that change, and the points at which. `joint`: drawn together."""

    name: str
    members: tuple[str, ...]
    points: tuple[Change, ...]
    joint: bool


@dataclass(frozen=True)
class OneWay:
    """What is varied and how; see `one_way`."""

    parameters: Sequence[str] | None = None
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    level: float = 0.95
    joint_draws: int = JOINT_DRAWS


def one_way(
    study: Study,
    perspective: str | None = None,
    *,
    parameters: Sequence[str] | None = None,
    ranges: Mapping[str, tuple[float, float]] | None = None,
    level: float = 0.95,
    joint_draws: int = JOINT_DRAWS,
    wtp: float | None = None,
    effect: str | None = None,
    strategy: str | None = None,
    on: str | None = None,
    **settings: Any,
) -> pd.DataFrame:
    """The increment of net benefit (or net cost; see `study.measure.measure`) as each parameter varies, widest first.

    `parameters` chooses among parameters, groups and correlated parameters (named by one of them); `ranges` gives ends
    of its own to a parameter, which is then varied by itself. `level` is that of the intervals. `settings`:
    individuals, batches, seed, engine, threads, as `study.points.Settings`.

    Columns of `economics.tornado_table` and `economics.with_decisions`, and members (parameters in the row), unit,
    joint, needs_simulation, mcse (Monte Carlo error of the span between both ends; NaN with one batch). Of a joint row
    the ends are the lower and the upper result, and the values are NaN. attrs: the measure, base, base_mcse,
    simulations (parameter sets simulated, the base case included), priced (points priced), `points` (by name, the
    values at the low and the high end, so that each can be run again with `study.run(values=...)`), and the settings.

    Raises ScenarioError, ResultError or EvidenceError for names, ranges or numbers that cannot be used.
    """
    asked = OneWay(parameters, ranges or {}, level, joint_draws)
    on_what = measure(study, perspective, wtp=wtp, effect=effect, strategy=strategy, on=on)
    points = Points(study, Settings(**settings), on_what.effect)
    return tornado_of(points, on_what, asked)


def tornado_of(points: Points, on_what: Measure, asked: OneWay) -> pd.DataFrame:
    """The table of `one_way`, from points that may have been simulated already."""
    rows = variations(points, asked)
    flat: list[Change] = [{}, *(point for row in rows for point in row.points)]
    expected = points.at(flat, on_what.perspective)
    results, decisions = on_what.results(expected), on_what.decisions(expected)
    mean, base = results.mean(axis=1), float(results[0].mean())
    ends: dict[str, dict[str, int]] = {"low": {}, "high": {}}
    first = 1
    for row in rows:
        here = first + np.arange(len(row.points))
        first += len(row.points)
        if row.joint:
            here = here[np.argsort(mean[here], kind="stable")]
            out = int((1 - asked.level) / 2 * len(here))
            here = here[[out, len(here) - 1 - out]]
        ends["low"][row.name], ends["high"][row.name] = int(here[0]), int(here[1])
    shown = {
        end: {row.name: (_value(row, at := found[row.name], flat), float(mean[at])) for row in rows}
        for end, found in ends.items()
    }
    table = tornado_table(base, shown["low"], shown["high"])
    decided: dict[str, dict[str, Decision]] = {
        end: {name: decisions[at] for name, at in found.items()} for end, found in ends.items()
    }
    table = with_decisions(table, decisions[0], decided["low"], decided["high"])
    by_name = {row.name: row for row in rows}
    chosen = [by_name[name] for name in table["name"]]
    table["members"] = [len(row.members) for row in chosen]
    known = points.study.evidence.parameters
    table["unit"] = ["" if row.joint else known[row.name].unit for row in chosen]
    table["joint"] = [row.joint for row in chosen]
    table["needs_simulation"] = [points.acts(row.members) for row in chosen]
    table["mcse"] = [
        points.error(results[ends["high"][row.name]] - results[ends["low"][row.name]]) for row in chosen
    ]
    kept = {name: {end: dict(flat[ends[end][name]]) for end in ends} for name in by_name}
    table.attrs |= on_what.about() | points.about()
    table.attrs |= {"base": base, "base_mcse": points.error(results[0]), "points": kept, "level": asked.level}
    return table


def _value(row: Variation, at: int, flat: Sequence[Change]) -> float:
    return float("nan") if row.joint else float(flat[at][row.name])


def variations(points: Points, asked: OneWay) -> list[Variation]:
    """The rows: ranges given, then parameters by themselves, then those estimated together.

    Raises ScenarioError for an unknown or fixed parameter, or an empty range.
    """
    evidence = points.study.evidence
    if not 0 < asked.level < 1:
        raise ScenarioError(
            "the level of the intervals is out of range", value=asked.level, rule="0 < level < 1"
        )
    if asked.joint_draws < 2:
        raise ScenarioError("too few joint draws", value=asked.joint_draws, rule="at least 2")
    together = _together(points.study, set(asked.ranges))
    alone = [
        name
        for name, p in evidence.parameters.items()
        if not p.fixed and name not in asked.ranges and not any(name in names for names in together.values())
    ]
    if asked.parameters is not None:
        _check_asked(points.study, asked, alone, together)
        alone = [name for name in alone if name in asked.parameters]
        together = {
            label: names for label, names in together.items() if {label, *names} & set(asked.parameters)
        }
    rows = [_between(name, *ends) for name, ends in asked.ranges.items()]
    for name in alone:
        low, high = evidence.parameters[name].interval(asked.level)
        if low < high:
            rows.append(_between(name, low, high))
    if together:
        drawn = evidence.draw(asked.joint_draws, points.seed, "latin_hypercube")
        columns = {name: drawn[name].values.tolist() for names in together.values() for name in names}
        for label, names in together.items():
            sets = [{name: columns[name][i] for name in names} for i in range(asked.joint_draws)]
            rows.append(Variation(label, names, tuple(sets), True))
    return rows


def _between(name: str, low: float, high: float) -> Variation:
    if not low < high:
        raise ScenarioError(
            f"the range of '{name}' is empty",
            value=f"{low:g} to {high:g}",
            rule="low < high",
            way_out="give the lower end first",
        )
    return Variation(name, (name,), ({name: float(low)}, {name: float(high)}), False)


def _together(study: Study, ranged: set[str]) -> dict[str, tuple[str, ...]]:
    """Parameters estimated together, by the name of their group or, joined by correlations, their names with +.

    Those with a range of their own (`ranged`) are left out; the others keep their joint draws.
    """
    evidence = study.evidence
    found = {label: group.members for label, group in evidence.groups.items()}
    for block in blocks(evidence.correlations, list(evidence.parameters)):
        found[" + ".join(block)] = tuple(block)
    kept = {
        label: tuple(name for name in names if name not in ranged and not evidence.parameters[name].fixed)
        for label, names in found.items()
    }
    return {label: names for label, names in kept.items() if names}


def partners(study: Study, names: Sequence[str]) -> tuple[str, ...]:
    """Parameters estimated together with `names` that are not among them."""
    found = {other for own in _together(study, set()).values() if set(own) & set(names) for other in own}
    return tuple(name for name in study.evidence.parameters if name in found - set(names))


def _check_asked(
    study: Study, asked: OneWay, alone: Sequence[str], together: Mapping[str, tuple[str, ...]]
) -> None:
    known = {*alone, *together, *asked.ranges, *(name for names in together.values() for name in names)}
    for name in asked.parameters or ():
        if name in known:
            continue
        if name in study.evidence.parameters:
            raise ScenarioError(
                "a parameter without a distribution has no interval", value=name,
                rule="bounds come from the parameter's distribution",
                way_out="give its ends: ranges={NAME: (low, high)}, or --range NAME LOW HIGH",
            )  # fmt: skip
        raise unknown_parameter(study.evidence, name)
