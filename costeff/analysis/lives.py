"""Individual lives of a study or a result: the very people of its runs, one row per sojourn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from costeff.analysis.given_values import SET_BY, given_values
from costeff.analysis.study import INDIVIDUALS
from costeff.errors import ScenarioError
from costeff.simulation.histories import simulate_histories

if TYPE_CHECKING:
    import pandas as pd

    from costeff.analysis.given_values import Given
    from costeff.analysis.study import ResultData, StudyData

Settings = tuple[dict[str, np.ndarray], int, int, np.ndarray]
"""Parameter values, each (1,); individuals; seed; the draw's address, (1,)."""


def histories(
    study: StudyData,
    individuals: int | None = None,
    seed: int | None = None,
    *,
    draw: int | None = None,
    values: Given | None = None,
) -> pd.DataFrame:
    """Individual lives, one row per sojourn: see `costeff.simulation.histories.simulate_histories` for the columns.

    `draw` None: every parameter at its stated value, the lives of `run`. `draw=k`: parameter set k of
    `psa(..., method="random")` with the same seed, and the very lives counted there; with the same `values` where
    `psa` was given some. `result.histories` gives the lives of a result, however its draws were made.

    Parameters
    ----------
    study : Study
        The model, its evidence and the settings of the scenario.
    individuals : int, optional
        People in each parameter set. Default: the scenario's.
    seed : int, optional
        Start of the random numbers. Default: the scenario's.
    draw : int, optional
        Number of the parameter set, from 0. Default: the stated values.
    values : mapping, optional
        Parameter name to what stands in the place of the model's value, in the parameter's unit.

    Returns
    -------
    pandas.DataFrame
        One row per sojourn; weeks of entry and exit are counted from the start.

    Examples
    --------
    >>> from costeff import load
    >>> study = load("sick_sicker")
    >>> lives = study.histories(individuals=5, seed=1)
    >>> sorted(set(lives["individual"])), bool((lives["exit"] >= lives["entry"]).all())
    ([0, 1, 2, 3, 4], True)
    """
    parameters, people, start, keys = history_settings(study, individuals, seed, draw, values)
    return simulate_histories(study.model, parameters, study.tables, individuals=people, seed=start, keys=keys)


def histories_of_result(result: ResultData, draw: int = 0) -> pd.DataFrame:
    """The lives that were counted in one draw, one row per sojourn: see `simulate_histories` for the columns.

    Parameters
    ----------
    result : Result
        The run that is read.
    draw : int
        Number of the draw, from 0; a base case has one.

    Returns
    -------
    pandas.DataFrame
        One row per sojourn.

    Raises
    ------
    ScenarioError
        For a draw that the result does not hold, and for the shares of a cohort, which are no lives.

    Examples
    --------
    >>> from costeff import load
    >>> result = load("tki2").run(individuals=20, seed=1, progress=False)
    >>> result.histories()["individual"].nunique()
    20
    """
    if result.simulated.engine == "cohort":
        raise ScenarioError(
            "a cohort counts shares of people, not lives",
            value=result.simulated.engine,
            rule="a history is one person's",
            way_out="run with engine='microsim'",
        )
    check_draw(draw, result.draws, f"the result of scenario {result.study.scenario.name}")
    values = {name: np.asarray(column)[draw : draw + 1] for name, column in result.parameters.items()}
    return simulate_histories(
        result.model,
        values,
        result.study.tables,
        individuals=result.individuals,
        seed=result.seed,
        keys=np.array([draw], np.uint64),
    )


def history_settings(
    study: StudyData, individuals: int | None, seed: int | None, draw: int | None, values: Given | None = None
) -> Settings:
    """The settings of the lives of the base case (`draw` None) or of draw k of `psa` with independent draws.

    `values` are those that were given to `psa`. Raises ScenarioError for a draw that is not there, and for a study that
    holds given values as distributions only: a draw of those would be another one than the analysis counted.
    """
    people = int(study.scenario.run.get("individuals", INDIVIDUALS)) if individuals is None else individuals
    start = study.seed if seed is None else seed
    if draw is None:
        if values is not None:
            raise ScenarioError(
                "values= holds draws, and no draw is asked for",
                rule="draw=k takes row k, from 0",
                way_out="give draw=, or set one known number each with run(values=)",
            )
        base = {name: np.array([value]) for name, value in study.evidence.base().items()}
        return base, people, start, np.zeros(1, np.uint64)
    if draw < 0:
        raise ScenarioError("a draw's number is negative", value=draw, rule="draws are numbered from 0")
    own_values = {} if values is None else given_values(study.evidence, values)
    number = len(next(iter(own_values.values()))) if own_values else draw + 1
    check_draw(draw, number, "values=")
    here = [name for name, one in study.evidence.parameters.items() if one.set_by == SET_BY and name not in own_values]
    if here:
        raise ScenarioError(
            "the draws of some parameters were given, and this study does not hold their order",
            value=", ".join(here[:5]),
            rule="draw=k is the very draw that the analysis counted",
            way_out="result.histories(draw=k) of that analysis, or give the same values=",
        )
    dataset = study.evidence.draw(number, start, "random")
    columns = {str(name): np.asarray(column) for name, column in dataset.data_vars.items()} | own_values
    return (
        {name: column[draw : draw + 1] for name, column in columns.items()},
        people,
        start,
        np.array([draw], np.uint64),
    )


def check_draw(draw: int, draws: int, where: str) -> None:
    """Refuse a draw that is not one of `draws`, numbered from 0."""
    if not 0 <= draw < draws:
        raise ScenarioError(
            "there is no such draw",
            where=where,
            value=draw,
            rule=f"draws are numbered from 0 to {draws - 1}",
            way_out="name one of them",
        )
