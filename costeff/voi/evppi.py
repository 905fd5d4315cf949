"""Expected value of partial perfect information by regression of net benefit on the parameters."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costeff.analysis.net_benefit import increments
from costeff.analysis.regression.groups import Names, read_groups
from costeff.analysis.regression.level_means import constants, points_of
from costeff.analysis.wtp import read_wtp
from costeff.errors import ResultError
from costeff.voi.evpi import evpi, with_population
from costeff.voi.optimism import most_lost
from costeff.voi.regression.regression import Regression, Value

if TYPE_CHECKING:
    import xarray as xr

    from costeff.analysis.evaluation import EvaluationData

Floats = NDArray[np.float64]

_DUST = 1e-9
"""Share of EVPI by which a value may exceed its bound by rounding."""
_FEWEST = 50
"""Draws below which a regression is refused."""


def evppi(
    evaluation: EvaluationData,
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
    decision; too large where the truth is 0; see costeff.voi.regression.error); `evppi_raw`, without the correction
    for the variance that a fit takes from noise and for luck; `degrees` of freedom of the fit; `missed`, the share of
    the explainable variance that the fit surely leaves in its residuals (a lower limit, from draws that are
    neighbours in the group's parameters); `adequate`, 0 when that is more than 2 %, which also warns. No group is worth
    more than a larger one, or than perfect information: `bound` is the least of these in the same draws, `bound_of`
    which it is (evpi, or a group), and `above_bound` 1 where luck leaves `evppi` above it; the value is never cut here
    (`cut_at_bounds` does so for display). `carrying_draws` carry the error, which is rough below 10 (see
    costeff.analysis.tails), NaN where it is 0; `optimism`, over (wtp,), as in evpi.
    Texts, yes/no and other discrete parameters have a mean for each combination of levels; constants count for nothing.
    Individual noise needs no further correction: regression removes it. With `population`
    also population_NAME as in evpi.

    Source: Strong, Oakley and Brennan 2014 (regression); the error's first-order part is that of the efficient
    estimator of a mean of maxima.

    Parameters
    ----------
    evaluation : Evaluation
        Cost and effect over (draw, strategy), in currency and in units of effect, per individual.
    names : str, sequence or mapping, optional
        A parameter, some that are known together, or labels of groups to either. Default: each that varies.
    wtp : float or sequence of float
        Willingness to pay, (wtp,), in currency per unit of effect gained; there is no default.
    population : float or sequence of float, optional
        People whom the decision concerns: in all, or a year with `horizon`.
    horizon : int, optional
        Whole years for which the decision stands.
    discount_rate : float, optional
        Per year, such as 0.03; needed with `horizon`.

    Returns
    -------
    xarray.Dataset
        Over (group, wtp), in currency per decision.

    Raises
    ------
    ResultError
        For an unknown parameter or fewer than 50 draws.
    ScenarioError
        When `wtp` is missing.

    Examples
    --------
    >>> from costeff import Evaluation
    >>> draws = np.random.default_rng(1).normal(size=(200, 2))
    >>> many = Evaluation("payer", "qaly", ("usual", "new"), "usual", draws * [0.0, 10.0], draws * [0.0, 1.0],
    ...                 parameters={"x": draws[:, 1]})
    >>> float(evppi(many, "x", 0)["evppi"].item()) > 0
    True
    """
    import xarray as xr

    groups = read_groups(evaluation, names)
    values, _ = read_wtp(wtp, evaluation)
    if evaluation.draws < _FEWEST:
        raise ResultError(
            "too few draws for a regression",
            value=evaluation.draws,
            rule=f"at least {_FEWEST}",
            way_out="run more draws",
        )
    gain = increments(evaluation.gain, evaluation.comparator_index)
    cost = increments(evaluation.cost, evaluation.comparator_index)
    columns: dict[str, list[list[float]]] = {name: [] for name in Value.__dataclass_fields__}
    points = {label: points_of(evaluation, members) for label, members in groups.items()}
    for own in points.values():
        fits = Regression(own, gain, cost, evaluation.replicates)
        row = [fits.value(w) for w in values.tolist()]
        for name, rows in columns.items():
            rows.append([float(getattr(one, name)) for one in row])
    axes = ("group", "wtp")
    table = xr.Dataset(
        {
            name: (
                axes,
                np.array(rows, np.int8 if name == "adequate" else np.float64),
                {"unit": evaluation.currency} if name.startswith("evppi") else {},
            )
            for name, rows in columns.items()
        },
        {"group": list(groups), "wtp": values},
        attrs={**evaluation.conventions(), "unit": evaluation.currency},
    )
    _warn(table)
    table["optimism"] = ("wtp", most_lost(evaluation, values), {"unit": evaluation.currency})
    perfect = evpi(evaluation, values)["evpi"].values
    table = table.assign(_bounds(evaluation, groups, table["evppi"].values, perfect, evaluation.currency))
    return with_population(table, population, horizon, discount_rate)


def cut_at_bounds(table: xr.Dataset) -> xr.Dataset:
    """The table with values above their bound cut there, also for the population: for display only.

    Examples
    --------
    >>> import xarray as xr
    >>> table = xr.Dataset({"evppi": ("group", [3.2, 1.0]), "bound": ("group", [3.1, 3.1])}, {"group": ["a", "b"]})
    >>> cut_at_bounds(table)["evppi"].values.tolist()
    [3.1, 1.0]
    """
    cut = {
        f"{prefix}evppi": table[f"{prefix}evppi"].clip(max=table[f"{prefix}bound"], keep_attrs=True)
        for prefix in ("", "population_")
        if f"{prefix}bound" in table and f"{prefix}evppi" in table
    }
    return table.assign(cut)


def _bounds(
    evaluation: EvaluationData, groups: Mapping[str, tuple[str, ...]], value: Floats, perfect: Floats, unit: str
) -> dict[str, tuple[tuple[str, str], NDArray[Any], dict[str, str]]]:
    """The least that bounds each value, (group, wtp): perfect information, or a group that holds all of this one."""
    moving = [set(own) - set(constants(evaluation, own)) for own in groups.values()]
    upper_bound = np.broadcast_to(perfect, value.shape).copy()
    name = np.full(value.shape, "evpi", dtype=object)
    for g, own in enumerate(moving):
        for h, (label, other) in enumerate(zip(groups, moving, strict=True)):
            if own < other:
                less = value[h] < upper_bound[g]
                upper_bound[g][less], name[g][less] = value[h][less], label
    above = value > upper_bound + _DUST * np.abs(perfect)
    axes = ("group", "wtp")
    return {
        "bound": (axes, upper_bound, {"unit": unit}),
        "bound_of": (axes, name, {}),
        "above_bound": (axes, above.astype(np.int8), {}),
    }


def _warn(table: xr.Dataset) -> None:
    poor = (table["adequate"] == 0).any("wtp")
    if poor.any():
        group_names = ", ".join(str(name) for name in table["group"].values[poor.values])
        warnings.warn(
            f"EVPPI of {group_names}: the regression misses structure (residuals of neighbouring draws agree; see "
            "`missed`). The value is likely too low; more draws or fewer parameters together may help.",
            stacklevel=3,
        )
