"""Expected value of partial perfect information by regression of net benefit on the parameters."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costeff.economics.evpi import with_population
from costeff.economics.evppi_fit import Regression, Value
from costeff.economics.level_means import points_of
from costeff.economics.net_benefit import increments
from costeff.economics.wtp import read_wtp
from costeff.errors import ResultError

if TYPE_CHECKING:
    import xarray as xr

    from costeff.economics.evaluation import Evaluation

Floats = NDArray[np.float64]
Names = str | Sequence[str] | Mapping[str, str | Sequence[str]]

_FEWEST = 50
"""Draws below which a regression is refused."""


def evppi(
    evaluation: Evaluation,
    names: Names | None = None,
    wtp: ArrayLike | None = None,
    *,
    population: float | Sequence[float] | None = None,
    horizon: int | None = None,
    discount_rate: float | None = None,
) -> xr.Dataset:
    """Expected value of knowing some parameters exactly, per decision, in currency: (group, wtp).

    `names` is one parameter, a list of parameters known together (one group), or a mapping from a group's
    label to either; None takes every parameter that varies by itself. Net benefits are regressed on the
    group: up to three parameters by a tensor product of penalised cubic splines, which sees every
    interaction; more by squares, products and a Gaussian kernel on 250 landmarks. Fits are averaged over smoothness,
    weighted by its restricted likelihood.

    Variables: `evppi`; its standard error `evppi_mcse`, of which regression is part (0 when no draw changes the
    decision; too large where the truth is 0; see costeff.economics.evppi_error); `evppi_raw`, without the correction
    for the variance that a fit takes from noise and for luck; `degrees` of freedom of the fit; `missed`, the share of
    the explainable variance that the fit surely leaves in its residuals (a lower limit, from draws that are
    neighbours in the group's parameters); `adequate`, 0 when that is more than 2 %, which also warns.
    Individual noise needs no further correction: regression removes it. With `population`
    also population_NAME as in evpi.

    Source: Strong, Oakley and Brennan 2014 (regression); the error's first-order part is that of the efficient
    estimator of a mean of maxima. Raises ResultError for an unknown parameter or fewer than 50 draws, ScenarioError
    when `wtp` is missing.
    """
    import xarray as xr

    groups = read_groups(evaluation, names)
    values, _ = read_wtp(wtp)
    if evaluation.draws < _FEWEST:
        raise ResultError(
            "too few draws for a regression", value=evaluation.draws, rule=f"at least {_FEWEST}",
            way_out="run more draws",
        )  # fmt: skip
    gain = increments(evaluation.gain, evaluation.comparator_index)
    cost = increments(evaluation.cost, evaluation.comparator_index)
    found: dict[str, list[list[float]]] = {name: [] for name in Value.__dataclass_fields__}
    for members in groups.values():
        fits = Regression(points_of(evaluation, members), gain, cost, evaluation.replicates)
        row = [fits.value(w) for w in values.tolist()]
        for name, kept in found.items():
            kept.append([float(getattr(one, name)) for one in row])
    axes = ("group", "wtp")
    table = xr.Dataset(
        {
            name: (axes, np.array(kept, np.int8 if name == "adequate" else np.float64),
                   {"unit": evaluation.currency} if name.startswith("evppi") else {})
            for name, kept in found.items()
        },
        {"group": list(groups), "wtp": values}, attrs={**evaluation.conventions(), "unit": evaluation.currency},
    )  # fmt: skip
    _warn(table)
    return with_population(table, population, horizon, discount_rate)


def read_groups(evaluation: Evaluation, names: Names | None) -> dict[str, tuple[str, ...]]:
    """Groups by label, each a tuple of parameters; ResultError for an unknown or repeated one."""
    known = evaluation.parameters
    if not known:
        raise ResultError(
            "the evaluation holds no parameters", rule="value of information is about drawn parameters",
            way_out="give them: read_psa(..., parameters=table)",
        )  # fmt: skip
    asked: Mapping[str, str | Sequence[str]]
    if names is None:
        asked = {name: name for name, drawn in known.items() if np.ptp(drawn) > 0}
    elif isinstance(names, str):
        asked = {names: names}
    elif isinstance(names, Mapping):
        asked = names
    elif all(isinstance(name, str) for name in names):
        asked = {" + ".join(names): names}
    else:
        raise ResultError(
            "several groups of parameters need labels", value=repr(names),
            rule="a list names the parameters of one group",
            way_out='give a mapping: {"x and y": ["x", "y"], "z": "z"}',
        )  # fmt: skip
    if not asked:
        raise ResultError("no parameter varies between draws", way_out="draw parameters, or name some")
    groups = {label: (own,) if isinstance(own, str) else tuple(own) for label, own in asked.items()}
    for label, own in groups.items():
        wrong = [name for name in own if name not in known]
        if wrong or not own or len(set(own)) < len(own):
            raise ResultError(
                "a group names no parameter, an unknown one, or one twice", where=f"group '{label}'",
                value=", ".join(wrong or own), rule=f"parameters: {', '.join(known)}",
            )  # fmt: skip
    return groups


def _warn(table: xr.Dataset) -> None:
    poor = (table["adequate"] == 0).any("wtp")
    if poor.any():
        named = ", ".join(str(name) for name in table["group"].values[poor.values])
        warnings.warn(
            f"EVPPI of {named}: the regression misses structure (residuals of neighbouring draws agree; see "
            "`missed`). The value is likely too low; more draws or fewer parameters together may help.",
            stacklevel=3,
        )
