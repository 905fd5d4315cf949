"""Discrete parameters: those of a table that hold texts or yes/no, and numbers that take few values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from costeff.analysis.evaluation import EvaluationData

MOST_LEVELS = 10
"""A parameter of numbers that takes at most so many different values, each of them on average in at least
`LEAST_DRAWS` draws, is discrete: between its values there is nothing that a curve could go through."""
LEAST_DRAWS = 5


@dataclass(frozen=True)
class Levels:
    """The values that a discrete parameter takes.

    Parameters
    ----------
    values : (level,)
        The values in rising order, in the parameter's own unit; codes 0, 1, ... for texts.
    labels : (level,)
        What to call each level: its text, or the number as `%g` writes it.
    index : (draw,)
        Which level each draw has.
    """

    values: NDArray[np.float64]
    labels: tuple[str, ...]
    index: NDArray[np.intp]

    @property
    def counts(self) -> NDArray[np.intp]:
        """(level,): in how many draws each level stands; a text that no draw has counts 0."""
        return np.bincount(self.index, minlength=len(self.labels))


def levels_of(evaluation: EvaluationData, name: str) -> Levels | None:
    """The levels of a parameter, or None when it is continuous.

    A parameter that was read as text or yes/no is discrete whatever its number of levels; one of numbers when it takes
    at most `MOST_LEVELS` values. A constant has one level.

    Parameters
    ----------
    evaluation : Evaluation
        With the parameter among its `parameters`.
    name : str
        The parameter.

    Returns
    -------
    Levels or None

    Examples
    --------
    >>> from costeff import Evaluation
    >>> drawn = {"dose": [0.0, 2.0] * 10, "share": [i / 20 for i in range(20)]}
    >>> one = Evaluation("payer", "qaly", ("a",), "a", [[0.0]] * 20, [[0.0]] * 20, parameters=drawn)
    >>> levels_of(one, "dose").labels, levels_of(one, "share")
    (('0', '2'), None)
    """
    values = evaluation.parameters[name]
    names = evaluation.levels.get(name)
    if names is not None:
        return Levels(np.arange(len(names), dtype=np.float64), names, values.astype(np.intp))
    distinct, index = np.unique(values, return_inverse=True)
    if len(distinct) > MOST_LEVELS or (len(distinct) > 1 and len(values) < LEAST_DRAWS * len(distinct)):
        return None
    return Levels(distinct, tuple(f"{value:g}" for value in distinct), index)
