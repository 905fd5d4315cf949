"""Whether the parameters of a table have anything to do with its results: if not, their rows hardly belong together.

Everything is judged by ranks, as normal scores, so that neither skewed parameters nor heavy tails of costs hide or
feign a relation. A table passes as soon as one test finds one: all parameters together, as straight lines and
parabolas; each parameter by itself, in groups of equal size, for whatever shape; each pair by its product.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from costeff.analysis.evaluation import EvaluationData
from costeff.analysis.net_benefit import increments
from costeff.numerics.ranks import normal_scores

Floats = NDArray[np.float64]
LEVEL = 0.05
"""Chance of each kind of test, over all results, parameters and pairs, to find a relation where there is none."""
LEAST_SHARE = 0.1
"""The share of the variance of a result that must have been seen for a table to be called unrelated: with fewer draws
nothing is said."""
_FEWEST, _MOST_DRAWS = 500, 20_000
_GROUPS = 8


class UnrelatedWarning(UserWarning):
    """All parameters of a table together explain nothing of any of its results."""


def warn_of_unrelated(evaluation: EvaluationData) -> None:
    """Warn when all parameters together explain nothing of any result, and enough draws would have shown it.

    Parameters
    ----------
    evaluation : Evaluation
        Read from a table.

    Warns
    -----
    UnrelatedWarning
        With the largest adjusted R2 of a regression on all parameters.

    Examples
    --------
    >>> from costeff import Evaluation
    >>> rng = np.random.default_rng(1)
    >>> cost, price = rng.normal(size=(1000, 2)), rng.normal(size=1000)
    >>> one = Evaluation("payer", "qaly", ("a", "b"), "a", cost, 0 * cost, parameters={"price": price})
    >>> with warnings.catch_warnings(record=True) as told:
    ...     warnings.simplefilter("always")
    ...     warn_of_unrelated(one)
    >>> str(told[0].message)[:62]
    'the parameter explains nothing of any cost or effect (adjusted'
    """
    share = unexplained(evaluation)
    if share is not None:
        count = sum(np.ptp(values) > 0 for values in evaluation.parameters.values())
        who = "the parameter explains" if count == 1 else f"all {count} parameters together explain"
        warnings.warn(
            f"{who} nothing of any cost or effect (adjusted R2 at most {share:.3f}, {evaluation.draws} draws, where "
            f"{100 * LEAST_SHARE:.0f} % of the variance would have been seen): the rows of parameters and results "
            "probably do not belong together, or the luck of individuals drowns them. Way out: check that row k is the "
            "same draw in both, or join them by a column `draw`; what is no parameter is left out by ignore=.",
            UnrelatedWarning,
            stacklevel=4,
        )


def unexplained(evaluation: EvaluationData) -> float | None:
    """The largest adjusted R2 of a regression on all parameters when no test finds a relation; else None."""
    columns = [values[:_MOST_DRAWS] for values in evaluation.parameters.values() if np.ptp(values[:_MOST_DRAWS]) > 0]
    results = [values[:_MOST_DRAWS] for values in _results(evaluation)]
    if not columns or not results:
        return None
    draws, size = len(columns[0]), 2 * len(columns)
    if not _enough(draws, size, len(results)):
        return None
    scores = np.column_stack([_scores(values) for values in columns])
    outcomes = np.column_stack([_scores(values) for values in results])
    share, chance = _together(scores, outcomes)
    if chance * outcomes.shape[1] < LEVEL or _each(columns, outcomes) or _pairs(scores, outcomes):
        return None
    return share


def _results(evaluation: EvaluationData) -> Iterator[Floats]:
    """Costs and effects that vary, and their increments where they are not the same again."""
    for values in (evaluation.cost, evaluation.gain):
        varying = [column for column in values.T if np.ptp(column) > 0]
        yield from varying
        if len(varying) > 1:
            yield from (column for column in increments(values, evaluation.comparator_index).T if np.ptp(column) > 0)


def _enough(draws: int, size: int, results: int) -> bool:
    """Whether a relation of LEAST_SHARE would be found in 99 of 100 tables, by the regression on all parameters."""
    from scipy.special import fdtri, ncfdtr

    freedom = draws - size - 1
    if draws < _FEWEST or freedom < 2 * size:
        return False
    limit = fdtri(size, freedom, 1 - LEVEL / results)
    return bool(ncfdtr(size, freedom, draws * LEAST_SHARE / (1 - LEAST_SHARE), float(limit)) < 0.01)


def _scores(values: Floats) -> Floats:
    """Normal scores of the ranks, with mean 0 and variance 1; ties share their mean rank."""
    scores = normal_scores(values)
    return np.asarray((scores - scores.mean()) / scores.std(), dtype=np.float64)


def _together(scores: Floats, outcomes: Floats) -> tuple[float, float]:
    """Largest adjusted R2 over results of lines and parabolas in all parameters, and the least chance of its F."""
    from scipy.special import fdtrc

    draws = len(scores)
    design = np.column_stack([scores, scores**2 - (scores**2).mean(axis=0)])
    values, vectors = np.linalg.eigh(design.T @ design)
    mask = values > 1e-10 * values.max()  # a parameter that follows from others adds nothing
    size = int(mask.sum())
    fit_squares = ((vectors[:, mask].T @ (design.T @ outcomes)) ** 2 / values[mask, None]).sum(axis=0)
    freedom = draws - size - 1
    share = np.clip(fit_squares / (outcomes**2).sum(axis=0), 0, 1 - 1e-12)
    chances = fdtrc(size, freedom, share / size / ((1 - share) / freedom))
    return float((1 - (1 - share) * (draws - 1) / freedom).max()), float(chances.min())


def _each(columns: list[Floats], outcomes: Floats) -> bool:
    """Whether means of a result differ between groups of draws with low to high values of one parameter."""
    from scipy.special import fdtrc

    least = LEVEL / (len(columns) * outcomes.shape[1])
    draws = len(outcomes)
    whole = (outcomes**2).sum(axis=0)
    for values in columns:
        edges = np.unique(np.quantile(values, np.linspace(0, 1, _GROUPS + 1)[1:-1]))
        group = np.searchsorted(edges, values)
        counts = np.bincount(group)
        there = counts > 0
        size, freedom = int(there.sum()) - 1, draws - int(there.sum())
        if size < 1:
            continue
        sums = np.stack([np.bincount(group, weights=column)[there] for column in outcomes.T], axis=1)
        between = (sums**2 / counts[there][:, None]).sum(axis=0)
        if fdtrc(size, freedom, between / size / ((whole - between) / freedom)).min() < least:
            return True
    return False


def _pairs(scores: Floats, outcomes: Floats) -> bool:
    """Whether the product of two parameters goes with a result."""
    from scipy.special import ndtri

    count = scores.shape[1]
    if count < 2:
        return False
    upper = np.triu_indices(count, 1)
    limit = -ndtri(LEVEL / 2 / (len(upper[0]) * outcomes.shape[1]))
    squares = np.sqrt((scores**2).T @ (scores**2))
    return any(
        (np.abs(((scores * outcome[:, None]).T @ scores) / squares)[upper] > limit).any() for outcome in outcomes.T
    )
