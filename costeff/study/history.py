"""Which lives are asked for: the parameter values, the number of people, the seed and the address of a draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from costeff.errors import ScenarioError
from costeff.study.given_values import SET_BY, given_values
from costeff.study.study import INDIVIDUALS

if TYPE_CHECKING:
    from costeff.study.given_values import Given
    from costeff.study.study import Study

Settings = tuple[dict[str, np.ndarray], int, int, np.ndarray]
"""Parameter values, each (1,); individuals; seed; the draw's address, (1,)."""


def history_settings(
    study: Study, individuals: int | None, seed: int | None, draw: int | None, values: Given | None = None
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
                "values= holds draws, and no draw is asked for", rule="draw=k takes row k, from 0",
                way_out="give draw=, or set one known number each with run(values=)",
            )  # fmt: skip
        base = {name: np.array([value]) for name, value in study.evidence.base().items()}
        return base, people, start, np.zeros(1, np.uint64)
    if draw < 0:
        raise ScenarioError("a draw's number is negative", value=draw, rule="draws are numbered from 0")
    own = {} if values is None else given_values(study.evidence, values)
    number = len(next(iter(own.values()))) if own else draw + 1
    check_draw(draw, number, "values=")
    ordered_elsewhere = [
        name for name, one in study.evidence.parameters.items() if one.set_by == SET_BY and name not in own
    ]
    if ordered_elsewhere:
        raise ScenarioError(
            "the draws of some parameters were given, and this study does not hold their order",
            value=", ".join(ordered_elsewhere[:5]), rule="draw=k is the very draw that the analysis counted",
            way_out="result.histories(draw=k) of that analysis, or give the same values=",
        )  # fmt: skip
    dataset = study.evidence.draw(number, start, "random")
    columns = {str(name): np.asarray(column) for name, column in dataset.data_vars.items()} | own
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
            "there is no such draw", where=where, value=draw, rule=f"draws are numbered from 0 to {draws - 1}",
            way_out="name one of them",
        )  # fmt: skip
