"""Global sensitivity of a study: the design's points are mapped to parameters, simulated with shared luck, analysed.

All points share the same people and the same luck (common random numbers), and points that differ in prices only share
one simulation. Points are simulated in batches, so memory stays that of a batch.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from costeff.analysis.evaluation import EvaluationData
from costeff.analysis.psa import psa
from costeff.engine.quantities import pick
from costeff.errors import ScenarioError
from costeff.evidence import Factor, factors, values_at
from costeff.model import simulation_names
from costeff.sensitivity.global_ import GIVEN_DATA, RESULTS, GlobalSensitivity, enough, result_values
from costeff.sensitivity.sampling import DESIGNS, SamplingPlan, design, indices, salib
from costeff.types import Engine, GivenDataMethod, ResultName, SensitivityMethod

if TYPE_CHECKING:
    from costeff.analysis.study import ResultData, StudyData

METHODS = (*DESIGNS, *GIVEN_DATA)
SIZE = {"sobol": 256, "morris": 30}
"""Base points or trajectories when none are asked for."""
_BATCH = 500
PEOPLE = 1000
"""People at each point unless more are asked for: a point has no other draw beside it that evens out their luck."""
"""Points evaluated together, at least one block of the design."""


@dataclass(frozen=True)
class Asked:
    """Which result, and how it is simulated."""

    perspective: str
    effect: str | None
    result: str
    strategy: str | None
    wtp: float | None
    individuals: int
    seed: int
    engine: str
    threads: int | None


def gsa(
    study: StudyData,
    method: SensitivityMethod = "sobol",
    *,
    perspective: str | None = None,
    effect: str | None = None,
    result: ResultName | None = None,
    strategy: str | None = None,
    wtp: float | None = None,
    size: int | None = None,
    individuals: int | None = None,
    seed: int | None = None,
    engine: Engine | None = None,
    threads: int | None = None,
    progress: bool | None = None,
) -> GlobalSensitivity:
    """Global sensitivity of one result, from a design of its own: see `costeff.sensitivity.global_search`.

    Parameters
    ----------
    study : Study
        The model, its evidence and the settings of the scenario.
    method : str
        "sobol", "morris", or a method for draws that exist.
    perspective : str, optional
        Whose costs count. Default: the model's first perspective.
    effect : str, optional
        Which effect counts. Default: the model's main effect.
    result : str, optional
        "incremental_nmb", "incremental_cost" or "incremental_effect".
    strategy : str, optional
        The strategy that is compared with the comparator. Default: the last other one.
    wtp : float, optional
        In currency per unit of effect; for net benefit.
    size : int, optional
        Points of the design.
    individuals : int, optional
        People in each parameter set. Default: the scenario's.
    seed : int, optional
        Start of the random numbers. Default: the scenario's.
    engine : str, optional
        How lives are lived: "microsim" or "cohort". Default: the scenario's.
    threads : int, optional
        Threads that work at once; the numbers are the same for any. Default: one for each core.
    progress : bool, optional
        Whether a progress bar is shown. Default: where a person watches the terminal.

    Returns
    -------
    GlobalSensitivity
        The table, and notes.

    Raises
    ------
    ScenarioError
        For numbers and options that cannot be used.

    Examples
    --------
    >>> from costeff import load
    >>> study = load("sick_sicker")
    >>> found = study.gsa("morris", result="incremental_cost", strategy="A", size=4, seed=1, progress=False)
    >>> len(found.table) > 0
    True
    """
    if method not in METHODS:
        raise ScenarioError("unknown method", value=method, rule=f"one of {', '.join(METHODS)}")
    if wtp is None and study.scenario.wtp is not None and effect in (None, study.scenario.wtp.effect):
        wtp = study.scenario.wtp.at
    result_name = result or ("incremental_cost" if wtp is None else "incremental_nmb")
    perspective = study.model.perspective_name(perspective)
    if result_name not in RESULTS:
        raise ScenarioError("unknown result", value=result_name, rule=f"one of {', '.join(RESULTS)}")
    if method in GIVEN_DATA:
        _check(study, perspective, result_name, strategy, wtp)  # refused before the run, not after it
        if size is not None:
            enough(size)
        elif "draws" in study.scenario.run:
            enough(int(study.scenario.run["draws"]))
        run = psa(study, size, individuals, seed, engine=engine, threads=threads, progress=progress)
        from costeff.sensitivity.global_ import gsa as given_data

        evaluation = run.perspective(perspective, effect)
        data_method = cast("GivenDataMethod", method)
        return given_data(evaluation, data_method, result=result_name, strategy=strategy, wtp=wtp, seed=run.seed)
    salib()
    _check(study, perspective, result_name, strategy, wtp)  # refused before the runs, not after them
    factors_by_name = factors(study.evidence)
    if not factors_by_name:
        raise ScenarioError("no parameter varies", way_out="give parameters distributions")
    people = individuals if individuals is not None else max(int(study.scenario.run.get("individuals", PEOPLE)), PEOPLE)
    request = Asked(
        perspective,
        effect,
        result_name,
        strategy,
        wtp,
        people,
        study.seed if seed is None else seed,
        engine or str(study.scenario.options.get("engine", "microsim")),
        threads,
    )
    loose = [a for f in factors_by_name.values() if f.kind == "rows" for a in f.addresses]
    plan = design(
        method,
        {name: f.addresses for name, f in factors_by_name.items()},
        size or SIZE[method],
        request.seed,
        unordered_columns=loose,
    )
    show = sys.stderr.isatty() if progress is None else progress
    value, halves, about, simulated = _results(study, plan, request, show)
    table = indices(plan, value, halves)
    attributes = {str(name): entry for name, entry in table.attrs.items()}
    if method == "morris":  # between random rows a sign, and its spread, say nothing
        table.loc[
            table["factor"].isin([n for n, f in factors_by_name.items() if f.kind == "rows"]), ["mu", "sigma"]
        ] = math.nan
    table.insert(1, "parameters", [len(factors_by_name[name].parameters) for name in table["factor"]])
    about |= {**attributes, "individuals": people, "seed": request.seed, "simulations": simulated}
    notes = _notes(factors_by_name, method, request.engine, halves is not None, attributes)
    return GlobalSensitivity(method, table, about, notes, plan, value)


def _check(study: StudyData, perspective: str, result: str, strategy: str | None, wtp: float | None) -> None:
    """Refuse an unknown perspective or strategy, or a missing wtp, on an evaluation of nothing."""
    names = study.model.strategy_names
    nothing = np.zeros((1, len(names)))
    study.model.find("perspectives", perspective)
    empty = EvaluationData(perspective, "", names, study.model.comparator, nothing, nothing)
    result_values(empty, result, strategy, wtp)


def _results(
    study: StudyData, plan: SamplingPlan, request: Asked, show: bool
) -> tuple[np.ndarray, np.ndarray | None, dict[str, Any], int]:
    """The result at every point, by half, what it is, and how many points needed a simulation of their own."""
    from tqdm import tqdm

    values, halves, simulated = [], [], 0
    about: dict[str, Any] = {}
    with tqdm(
        total=plan.points, unit="point", desc="sensitivity", disable=not show, file=sys.stderr, leave=False
    ) as bar:
        for rows in _batches(plan):
            run, runs = _run(study, plan, rows, request)
            evaluation = run.perspective(request.perspective, request.effect)
            value, half, about = result_values(evaluation, request.result, request.strategy, request.wtp)
            values.append(value)
            halves += [] if half is None else [half]
            simulated += runs
            bar.update(len(value))
    return np.concatenate(values), np.concatenate(halves) if halves else None, about, simulated


def _batches(plan: SamplingPlan) -> Iterator[slice]:
    count = max(_BATCH // plan.block, 1) * plan.block
    for start in range(0, plan.points, count):
        yield slice(start, min(start + count, plan.points))


def _run(study: StudyData, plan: SamplingPlan, rows: slice, request: Asked) -> tuple[ResultData, int]:
    """The points as a Result: each different set of simulated parameters is run once, and priced for every point."""
    from costeff.analysis.study import ResultData
    from costeff.simulation.simulate import simulate

    uniforms = plan.uniforms[rows]
    columns = dict(zip(plan.columns, uniforms.T, strict=True))
    draws = values_at(study.evidence, columns, len(uniforms))
    needs = simulation_names(study.model)
    moving = [name for name, column in draws.items() if name in needs and np.ptp(column) > 0]
    if moving:
        key = np.column_stack([draws[name] for name in moving])
        _, first, back = np.unique(key, axis=0, return_index=True, return_inverse=True)
    else:
        first, back = np.zeros(1, int), np.zeros(len(uniforms), int)
    simulated = simulate(
        study.model,
        {name: column[first] for name, column in draws.items()},
        study.tables,
        individuals=request.individuals,
        seed=request.seed,
        keys=np.zeros(len(first), np.uint64),
        threads=request.threads,
        engine=request.engine,
        progress=False,
    )
    runs_by_point = replace(simulated, quantities=pick(simulated.quantities, back.ravel()))
    return ResultData(study, draws, runs_by_point, request.individuals, request.seed, plan.method), len(first)


def _notes(
    factors_by_name: dict[str, Factor], method: str, engine: str, halves: bool, about: dict[str, Any]
) -> tuple[str, ...]:
    """What a reader must know: joint factors, rows, noise."""
    joint = [f"{name} ({len(f.parameters)} parameters)" for name, f in factors_by_name.items() if f.kind != "single"]
    notes = []
    if joint:
        notes.append(f"Varied as one factor each, since drawn jointly: {', '.join(joint)}.")
    if method == "morris":
        notes.append("Levels lie at quantiles from 2.5 to 97.5 %; effects are per move over all of that range.")
        rows = [name for name, f in factors_by_name.items() if f.kind == "rows"]
        if rows:
            notes.append(f"Moves of {', '.join(rows)} are between two rows picked at random: rows have no order.")
    share = float(about["noise_share"])
    if halves and not math.isnan(share):
        remark = "Sobol columns _corrected are without it" if method == "sobol" else "it adds to mu_star and sigma"
        notes.append(
            f"All points share people and luck; what individual noise is left is {100 * share:.2g} % of the variance "
            f"({remark})."
        )
    elif not halves and engine == "cohort":
        notes.append("No individual noise: the cohort engine gives expectations.")
    elif not halves:
        notes.append("Individual noise is not measured: it needs an even number of individuals.")
    return tuple(notes)
