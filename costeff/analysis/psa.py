"""Runs of a study: the base case, and the probabilistic sensitivity analysis."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypedDict, cast

import numpy as np

from costeff.analysis.stopping import BATCH, DESIGNS, MAXIMUM, REPLICATES, method_for, replicates_of, until_error
from costeff.analysis.study import BASE_INDIVIDUALS, DRAWS, INDIVIDUALS, StudyData
from costeff.errors import ScenarioError
from costeff.evidence import Changes, Setter
from costeff.types import DrawMethod, Engine

if TYPE_CHECKING:
    from costeff.analysis.given_values import Given
    from costeff.analysis.study import R


class RunOptions(TypedDict, total=False):
    """How a probabilistic analysis is run, as keywords: see `psa`, where their meaning stands."""

    draws: int | None
    individuals: int | None
    seed: int | None
    method: DrawMethod | None
    replicates: int | None
    engine: Engine | None
    threads: int | None
    progress: bool | None


def run(
    study: StudyData[R],
    individuals: int | None = None,
    seed: int | None = None,
    *,
    values: Mapping[str, float] | None = None,
    engine: Engine | None = None,
    threads: int | None = None,
    progress: bool | None = None,
) -> R:
    """The base case: every parameter at its stated value (`values` changes some), one draw of many individuals.

    `values` are at the prices of the study, and stand in the result's evidence as set by a program.

    Parameters
    ----------
    study : Study
        The model, its evidence and the settings of the scenario.
    individuals : int, optional
        People in each parameter set. Default: the scenario's.
    seed : int, optional
        Start of the random numbers. Default: the scenario's.
    values : mapping, optional
        Parameter name to what stands in the place of the model's value, in the parameter's unit.
    engine : str, optional
        How lives are lived: "microsim" or "cohort". Default: the scenario's.
    threads : int, optional
        Threads that work at once; the numbers are the same for any. Default: one for each core.
    progress : bool, optional
        Whether a progress bar is shown. Default: where a person watches the terminal.

    Returns
    -------
    Result
        One draw.

    Raises
    ------
    ScenarioError
        For numbers and options that cannot be used.

    Examples
    --------
    >>> from costeff import load
    >>> load("sick_sicker").run(engine="cohort", progress=False).draws
    1
    """
    base = study.evidence.base() | dict(values or {})
    draws = {name: np.array([value]) for name, value in base.items()}
    people = BASE_INDIVIDUALS if individuals is None else individuals
    variant = study
    if values:
        figures = Changes(dict(values), Setter("program", "run"))
        variant = replace(study, evidence=study.evidence.override(figures))
    return simulate_study(variant, draws, people, study.seed_or(seed), engine, threads, progress, "base")


def psa(
    study: StudyData[R],
    draws: int | None = None,
    individuals: int | None = None,
    seed: int | None = None,
    *,
    values: Given | None = None,
    method: DrawMethod | None = None,
    replicates: int | None = None,
    target_error: float | None = None,
    perspective: str | None = None,
    wtp: float | None = None,
    maximum: int | None = None,
    batch: int | None = None,
    engine: Engine | None = None,
    threads: int | None = None,
    progress: bool | None = None,
) -> R:
    """Probabilistic sensitivity analysis: `draws` parameter sets, `individuals` new people in each.

    Defaults come from the scenario. The same seed gives the same numbers for any `threads`. Latin hypercube and
    Sobol draws are made of `replicates` designs (8 to 16 unless given), from which Monte Carlo errors come; draws that
    make no designs of equal size, such as 3, are drawn at random unless the method is named.

    `values`: parameters that were drawn elsewhere (a posterior, another program), as a mapping of names to columns,
    a DataFrame or the path of a table, one row per draw, at the prices of the study; a column `draw` is passed
    over. The others are drawn as usual. What is drawn jointly is given whole.

    `target_error`: draws are added in batches of `batch` (128) until the Monte Carlo error of the incremental net
    benefit at `wtp`, or of the net cost where none is stated, is no larger under `perspective`, or until there
    are `maximum` (20,000), which warns; `result.stop` says what was reached.

    Parameters
    ----------
    study : Study
        The model, its evidence and the settings of the scenario.
    draws : int, optional
        Number of parameter sets. Default: the scenario's.
    individuals : int, optional
        People in each parameter set. Default: the scenario's.
    seed : int, optional
        Start of the random numbers. Default: the scenario's.
    values : mapping, DataFrame or path, optional
        Parameters that were drawn elsewhere, (draw,), in their units.
    method : str, optional
        How parameters are drawn: "random", "latin_hypercube" or "sobol". Default: the scenario's, else Latin
        hypercube where the draws make designs.
    replicates : int, optional
        Designs of Latin hypercube or Sobol draws.
    target_error : float, optional
        Monte Carlo error at which to stop, in currency per individual.
    perspective : str, optional
        Whose costs count. Default: the model's first perspective.
    wtp : float, optional
        In currency per unit of effect; with `target_error`.
    maximum : int, optional
        Draws at which to stop in any case.
    batch : int, optional
        Draws added at a time.
    engine : str, optional
        How lives are lived: "microsim" or "cohort". Default: the scenario's.
    threads : int, optional
        Threads that work at once; the numbers are the same for any. Default: one for each core.
    progress : bool, optional
        Whether a progress bar is shown. Default: where a person watches the terminal.

    Returns
    -------
    Result
        What was counted, draw by draw.

    Raises
    ------
    ScenarioError
        For numbers and options that cannot be used.

    Examples
    --------
    >>> from costeff import load
    >>> load("sick_sicker").psa(draws=3, engine="cohort", seed=1, progress=False).draws
    3
    """
    defaults = study.scenario.run
    if target_error is None and (perspective, wtp, maximum, batch) != (None,) * 4:
        raise ScenarioError("perspective, wtp, maximum and batch are for target_error", way_out="give target_error")
    if target_error is not None and (draws, replicates) != (None, None):
        option = f"draws={draws}" if draws is not None else f"replicates={replicates}"
        raise ScenarioError(
            "a run to a target error decides how many draws it needs", value=option, way_out="give maximum= instead"
        )
    number = draws if draws is not None else int(defaults.get("draws", DRAWS))
    people = individuals if individuals is not None else int(defaults.get("individuals", INDIVIDUALS))
    if number < 2:
        raise ScenarioError(
            "a probabilistic analysis needs draws", value=number, rule="at least 2", way_out="or use run()"
        )
    if people < 1:
        raise ScenarioError("no individuals to simulate", value=people, rule="at least 1")
    start = study.seed_or(seed)
    if values is not None:
        return _with_values(study, values, draws, people, start, method, target_error, engine, threads, progress)
    stated_method = method or defaults.get("method")
    if target_error is not None:
        check_size(study, MAXIMUM if maximum is None else maximum, people, engine)
        most = (MAXIMUM if maximum is None else maximum) // (batch or BATCH)
        return until_error(
            study,
            target_error,
            perspective=perspective,
            wtp=wtp,
            maximum=maximum,
            batch=batch,
            method=stated_method or (DESIGNS[0] if most >= min(REPLICATES) else "random"),
            individuals=people,
            seed=start,
            threads=threads,
            engine=engine or str(study.scenario.options.get("engine", "microsim")),
            progress=sys.stderr.isatty() if progress is None else progress,
        )
    check_size(study, number, people, engine)
    method_name = stated_method or method_for(number, replicates)
    blocks = replicates_of(method_name, number, replicates)
    dataset = study.evidence.draw(number, start, method_name, blocks or 1)
    columns = {str(name): np.asarray(values) for name, values in dataset.data_vars.items()}
    return simulate_study(study, columns, people, start, engine, threads, progress, method_name, blocks)


def _with_values(
    study: StudyData[R],
    values: Given,
    draws: int | None,
    people: int,
    seed: int,
    method: str | None,
    target_error: float | None,
    engine: str | None,
    threads: int | None,
    progress: bool | None,
) -> R:
    """The analysis on parameters that were drawn elsewhere, the others drawn at random."""
    from costeff.analysis.given_values import given_values, stated

    own_values = given_values(study.evidence, values)
    number = len(next(iter(own_values.values())))
    for name, value, right in (
        ("draws", draws, number),
        ("method", method, "random"),
        ("target_error", target_error, None),
    ):
        if value not in (None, right):
            raise ScenarioError(
                f"{name}= does not go with the draws that are given",
                value=value,
                rule=f"values= holds {number} draws, each taken as it is",
                way_out=f"leave out {name}=",
            )
    check_size(study, number, people, engine)
    columns = {str(name): np.asarray(column) for name, column in study.evidence.draw(number, seed).data_vars.items()}
    variant = replace(study, evidence=stated(study.evidence, own_values))
    return simulate_study(variant, {**columns, **own_values}, people, seed, engine, threads, progress, "random")


def check_size(study: StudyData[R], draws: int, individuals: int, engine: str | None) -> None:
    """Refuse a run that is too large before its parameters are drawn."""
    from costeff.analysis.streamed import is_too_large
    from costeff.compile.run_size import check_run_size, run_size

    engine_name = engine or str(study.scenario.options.get("engine", "microsim"))
    many = len(study.evidence.parameters)
    large = is_too_large(study.model, draws, individuals, engine_name)
    check_run_size(run_size(study.model, draws, individuals, engine=engine_name, parameters=many, streamed=large))


def simulate_study(
    study: StudyData[R],
    draws: Mapping[str, np.ndarray],
    individuals: int,
    seed: int,
    engine: str | None,
    threads: int | None,
    progress: bool | None,
    method: str,
    replicates: int | None = None,
) -> R:
    """The study simulated at these parameter sets, as a result of the kind that the study makes."""
    from costeff.analysis.streamed import is_too_large, run_streamed
    from costeff.simulation.simulate import simulate

    show = sys.stderr.isatty() if progress is None else progress
    engine_name = engine or str(study.scenario.options.get("engine", "microsim"))
    size = len(next(iter(draws.values()))) if draws else 1
    asked: dict[str, Any] = {"individuals": individuals, "seed": seed, "threads": threads, "engine": engine_name}
    asked["progress"] = show
    totals_only = None
    if is_too_large(study.model, size, individuals, engine_name):
        simulated, totals_only = run_streamed(study.model, draws, study.tables, **asked)
    else:
        simulated = simulate(study.model, draws, study.tables, **asked)
    result = study.result_class(
        study, dict(draws), simulated, individuals, seed, method, replicates, streamed=totals_only
    )
    return cast("R", result)
