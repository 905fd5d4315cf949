"""One-way sensitivity: each uncertain parameter at the ends of its interval, the others at their base values.

All points share the same people and the same luck. Parameters that only price are re-priced without a new simulation.
Parameters that were estimated together (a group, or joined by correlations) are drawn together: their bar spans the
results of their joint draws, the others at base values. For one parameter that moves the result in one direction
both ways of varying give the same ends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Unpack

import numpy as np

from costeff import types
from costeff.errors import ScenarioError
from costeff.evidence.correlation import blocks
from costeff.reporting.parameter_labels import unknown_parameter
from costeff.sensitivity.break_even import break_even
from costeff.sensitivity.measure import Measure, measure
from costeff.sensitivity.points import Change, PointOptions, Points, Settings
from costeff.sensitivity.switching import Curve, switches_along
from costeff.sensitivity.tornado import Decision, tornado_table, with_decisions

if TYPE_CHECKING:
    import pandas as pd

    from costeff.analysis.study import ResultData, StudyData

JOINT_DRAWS = 60
"""Joint draws of parameters that were estimated together; of 20, 60 or 100 stratified draws one stands at 2.5 %."""


LOOKED_AT = 5
"""Values from end to end of a row at which the best strategy is looked for, where it differs between the ends."""
FINE = 1e-3
"""Share of a row's width to which the value where it changes is found."""


@dataclass(frozen=True)
class Variation:
    """One row of a tornado: the parameters that change, and the points at which. `joint`: drawn together."""

    name: str
    members: tuple[str, ...]
    points: tuple[Change, ...]
    joint: bool


class EndPoints(dict[str, dict[str, Change]]):
    """By row, the values at the low and the high end. Never changed: a table copies its attrs at every look."""

    def __deepcopy__(self, _: object) -> EndPoints:
        return self


@dataclass(frozen=True)
class OneWay:
    """What is varied and how; see `one_way`."""

    parameters: Sequence[str] | None = None
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    level: float = 0.95
    joint_draws: int = JOINT_DRAWS
    at: Mapping[str, float] = field(default_factory=dict)
    """Parameters held elsewhere than at their base values, in the base case and in every other row."""


def one_way(
    study: StudyData,
    perspective: str | None = None,
    *,
    parameters: Sequence[str] | None = None,
    ranges: Mapping[str, tuple[float, float]] | None = None,
    level: float = 0.95,
    joint_draws: int = JOINT_DRAWS,
    at: Mapping[str, float] | None = None,
    wtp: float | None = None,
    effect: str | None = None,
    strategy: str | None = None,
    on: types.Measure | None = None,
    **settings: Unpack[PointOptions],
) -> pd.DataFrame:
    """The increment of net benefit (or net cost: `sensitivity.measure.measure`) as each parameter varies, widest first.

    `parameters` chooses among parameters, groups and correlated parameters (named by one of them); `ranges` gives ends
    of its own to a parameter, which is then varied by itself. `level` is that of the intervals. `settings`:
    individuals, batches, seed, engine, threads, as `sensitivity.points.Settings`.

    Columns of `tornado_table` and `with_decisions` of `sensitivity.tornado`, and members (parameters in the row), unit,
    joint, needs_simulation, mcse (Monte Carlo error of the span between both ends; NaN with one batch). Of a joint row
    the ends are the lower and the upper result, and the values are NaN. attrs: the measure, base, base_mcse,
    simulations (parameter sets simulated, the base case included), priced (points priced), `points` (by name, the
    values at the low and the high end, so that each can be run again with `study.run(values=...)`), `switches`
    (by name, of rows that change the preferred strategy, the values where another becomes the best of all), and the
    settings.

    Parameters
    ----------
    study : Study
        The model, its evidence and the settings of the scenario.
    perspective : str, optional
        Whose costs count. Default: the model's first perspective.
    parameters : sequence of str, optional
        Which vary. Default: all that are uncertain.
    ranges : mapping, optional
        Parameter name to its low and high end, in its unit.
    level : float
        Probability of the intervals, between 0 and 1.
    joint_draws : int
        Draws of parameters that vary together.
    at : mapping, optional
        Parameter name to the value at which it is held, in the base case and while others vary. At the value where
        a programme breaks even, what scales its effect shows; around no effect it seems harmless.
    wtp : float, optional
        In currency per unit of effect; with it net benefit is measured, else net cost.
    effect : str, optional
        Which effect counts. Default: the model's main effect.
    strategy : str, optional
        The strategy that is compared with the comparator. Default: the last other one.
    on : str, optional
        What is measured: net benefit, or net cost. Default: net benefit where `wtp` is given.
    **settings : options of a run
        Of `individuals`, `batches`, `seed`, `engine` and `threads`: see `costeff.sensitivity.points.Settings`.

    Returns
    -------
    pandas.DataFrame
        One row per parameter, widest first, in currency per individual.

    Raises
    ------
    ScenarioError
        For parameters, ranges or numbers of draws that cannot be used together.
    ResultError or EvidenceError
        For a name that the study does not know, or a value outside its unit.

    Examples
    --------
    >>> from costeff import load
    >>> study = load("sick_sicker")
    >>> len(study.one_way(parameters=["c_H"], strategy="A"))
    1
    """
    request = OneWay(parameters, ranges or {}, level, joint_draws, at or {})
    on_what = measure(study, perspective, wtp=wtp, effect=effect, strategy=strategy, on=on)
    points = Points(study, Settings(**settings), on_what.effect)
    return with_switches(tornado_of(points, on_what, request), points, on_what)


def with_switches(table: pd.DataFrame, points: Points, on_what: Measure) -> pd.DataFrame:
    """The table of `tornado_of` with attrs["switches"]: by name, of rows whose ends differ in the preferred strategy.

    Each lists the values between the ends at which another strategy becomes the best of all. Parameters drawn together
    have no line between two ends to look along.
    """
    switches = {}
    for row in table[table["changes_preferred"] & ~table["joint"]].to_dict("records"):
        low, high = float(row["low_value"]), float(row["high_value"])
        curve = Curve(points, on_what, (str(row["name"]),), 0.0)
        along = np.linspace(low, high, LOOKED_AT).tolist()
        switches[str(row["name"])] = [vars(one) for one in switches_along(curve, along, FINE)]
    table.attrs |= points.about() | {"switches": switches}
    return table


def tornado_of(points: Points, on_what: Measure, request: OneWay) -> pd.DataFrame:
    """The table of `one_way`, from points that may have been simulated already."""
    rows = variations(points, request)
    flat: list[Change] = [dict(request.at), *({**request.at, **point} for row in rows for point in row.points)]
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
            out = int((1 - request.level) / 2 * len(here))
            here = here[[out, len(here) - 1 - out]]
        ends["low"][row.name], ends["high"][row.name] = int(here[0]), int(here[1])
    end_results = {
        end: {row.name: (_value(row, at := places[row.name], flat), float(mean[at])) for row in rows}
        for end, places in ends.items()
    }
    table = tornado_table(base, end_results["low"], end_results["high"])
    end_decisions: dict[str, dict[str, Decision]] = {
        end: {name: decisions[at] for name, at in places.items()} for end, places in ends.items()
    }
    table = with_decisions(table, decisions[0], end_decisions["low"], end_decisions["high"])
    by_name = {row.name: row for row in rows}
    table_rows = [by_name[name] for name in table["name"]]
    table["members"] = [len(row.members) for row in table_rows]
    parameters = points.study.evidence.parameters
    table["unit"] = ["" if row.joint else parameters[row.name].unit for row in table_rows]
    table["joint"] = [row.joint for row in table_rows]
    table["needs_simulation"] = [points.acts(row.members) for row in table_rows]
    table["mcse"] = [
        points.error(results[ends["high"][row.name]] - results[ends["low"][row.name]]) for row in table_rows
    ]
    end_points = EndPoints({name: {end: dict(flat[ends[end][name]]) for end in ends} for name in by_name})
    table.attrs |= on_what.about() | points.about()
    table.attrs |= {"base": base, "base_mcse": points.error(results[0]), "points": end_points, "level": request.level}
    table.attrs |= {"at": dict(request.at)}
    return table


def _value(row: Variation, at: int, flat: Sequence[Change]) -> float:
    return float("nan") if row.joint else float(flat[at][row.name])


def variations(points: Points, request: OneWay) -> list[Variation]:
    """The rows: ranges given, then parameters by themselves, then those estimated together.

    Raises ScenarioError for an unknown or fixed parameter, or an empty range.
    """
    evidence = points.study.evidence
    if not 0 < request.level < 1:
        raise ScenarioError("the level of the intervals is out of range", value=request.level, rule="0 < level < 1")
    if request.joint_draws < 2:
        raise ScenarioError("too few joint draws", value=request.joint_draws, rule="at least 2")
    together = _together(points.study, set(request.ranges))
    alone = [
        name
        for name, p in evidence.parameters.items()
        if not p.fixed and name not in request.ranges and not any(name in names for names in together.values())
    ]
    if request.parameters is not None:
        _check_asked(points.study, request, alone, together)
        alone = [name for name in alone if name in request.parameters]
        together = {label: names for label, names in together.items() if {label, *names} & set(request.parameters)}
    rows = [_between(name, *ends) for name, ends in request.ranges.items()]
    for name in alone:
        low, high = evidence.parameters[name].interval(request.level)
        if low < high:
            rows.append(_between(name, low, high))
    if together:
        samples = evidence.draw(request.joint_draws, points.seed, "latin_hypercube")
        columns = {name: samples[name].values.tolist() for names in together.values() for name in names}
        for label, names in together.items():
            sets = [{name: columns[name][i] for name in names} for i in range(request.joint_draws)]
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


def _together(study: StudyData, range_names: set[str]) -> dict[str, tuple[str, ...]]:
    """Parameters estimated together, by the name of their group or, joined by correlations, their names with +.

    Those with a range of their own (`range_names`) are left out; the others keep their joint draws.
    """
    evidence = study.evidence
    groups = {label: group.members for label, group in evidence.groups.items()}
    for block in blocks(evidence.correlations, list(evidence.parameters)):
        groups[" + ".join(block)] = tuple(block)
    joint_groups = {
        label: tuple(name for name in names if name not in range_names and not evidence.parameters[name].fixed)
        for label, names in groups.items()
    }
    return {label: names for label, names in joint_groups.items() if names}


def partners(study: StudyData, names: Sequence[str]) -> tuple[str, ...]:
    """Parameters estimated together with `names` that are not among them."""
    partner_names = {other for own in _together(study, set()).values() if set(own) & set(names) for other in own}
    return tuple(name for name in study.evidence.parameters if name in partner_names - set(names))


def _check_asked(
    study: StudyData, request: OneWay, alone: Sequence[str], together: Mapping[str, tuple[str, ...]]
) -> None:
    known_names = {*alone, *together, *request.ranges, *(name for names in together.values() for name in names)}
    for name in request.parameters or ():
        if name in known_names:
            continue
        if name in study.evidence.parameters:
            raise ScenarioError(
                "a parameter without a distribution has no interval",
                value=name,
                rule="bounds come from the parameter's distribution",
                way_out="give its ends: ranges={NAME: (low, high)}, or --range NAME LOW HIGH",
            )
        raise unknown_parameter(study.evidence, name)


def tornado(
    result: ResultData,
    perspective: str | None = None,
    individuals: int = 2000,
    at: Mapping[str, float] | types.HeldAt | None = None,
) -> pd.DataFrame:
    """One-way sensitivity with the seed and engine of a result, on one batch: see `one_way`.

    Parameters
    ----------
    result : Result
        The run that is read.
    perspective : str, optional
        Whose costs count. Default: the model's first perspective.
    individuals : int
        People in each simulation.
    at : mapping or "break_even", optional
        Values at which parameters are held, as for `one_way`; "break_even" holds the parameter of the effect that
        can make the last strategy pay for itself there, and is refused where none can within its interval.

    Returns
    -------
    pandas.DataFrame
        One row per parameter, widest first. attrs["at"]: the values held.

    Raises
    ------
    ScenarioError
        When nothing breaks even.

    Examples
    --------
    >>> from costeff import load
    >>> result = load("sick_sicker").run(engine="cohort", progress=False)
    >>> len(result.tornado()) > 0
    True
    """
    settings = PointOptions(individuals=individuals, batches=1, seed=result.seed, engine=result.simulated.engine)
    place = _break_even(result.study, perspective, settings) if at == "break_even" else at
    return one_way(result.study, perspective, joint_draws=20, at=place, **settings)


def _break_even(study: StudyData, perspective: str | None, settings: PointOptions) -> Mapping[str, float]:
    """The parameter of the effect that breaks even, with its value. Raises ScenarioError where none does."""
    even = break_even(Points(study, Settings(**settings)), measure(study, perspective))
    if even is None:
        raise ScenarioError(
            "no parameter of the effect breaks even within its 95 % interval",
            rule="`at='break_even'` holds the one that does",
            way_out="give a value: at={NAME: value}",
        )
    return {even.parameter: even.value}
