"""Expected value of sample information of a study, and its net benefit over the cost of the study."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costeff.economics.evpi import with_population
from costeff.economics.evppi import Regression, mean_of_best
from costeff.economics.net_benefit import increments
from costeff.economics.noise import shrinkage
from costeff.economics.wtp import read_wtp
from costeff.errors import ResultError, ScenarioError

if TYPE_CHECKING:
    import xarray as xr

    from costeff.economics.evaluation import Evaluation

Floats = NDArray[np.float64]
Expected = str | float | Callable[[Mapping[str, Floats]], ArrayLike]
"""A parameter, a number, or a function of all parameters by name."""
METHODS = ("regression", "gaussian")


@dataclass(frozen=True)
class Endpoint:
    """What a study measures in each of its groups.

    `mean` gives by group what an individual's value is on average; `sd` the spread between individuals, None
    for a share (then mean x (1 - mean) is the variance). `dropout` is the share of participants without this
    measurement, lost at random. `contrast`: only the difference from the first group is learnt from, as when
    the level at the place of the study says nothing about ours.
    """

    name: str
    mean: Mapping[str, Expected]
    sd: Expected | None = None
    dropout: float = 0.0
    contrast: bool = False


@dataclass(frozen=True)
class StudyDesign:
    """Endpoints, and how participants are split between groups: {"usual": 1, "new": 2} is 2:1.

    `correlation` (endpoint, endpoint) is between the endpoints of one individual; independent unless given.
    """

    endpoints: tuple[Endpoint, ...]
    allocation: Mapping[str, float]
    correlation: ArrayLike | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "endpoints", tuple(self.endpoints))
        parts = list(self.allocation.values())
        if not self.endpoints or not parts or not all(part > 0 and math.isfinite(part) for part in parts):
            raise ScenarioError(
                "a study needs endpoints, and groups of positive size", value=dict(self.allocation)
            )
        for endpoint in self.endpoints:
            if not set(endpoint.mean) <= set(self.allocation) or not endpoint.mean:
                raise ScenarioError(
                    f"endpoint '{endpoint.name}' names a group that the study lacks",
                    value=", ".join(endpoint.mean), rule=f"groups: {', '.join(self.allocation)}",
                )  # fmt: skip
            if not 0 <= endpoint.dropout < 1:
                raise ScenarioError(
                    "dropout is out of range", value=endpoint.dropout, rule="from 0 to below 1"
                )
            if endpoint.contrast and len(endpoint.mean) < 2:
                raise ScenarioError(f"endpoint '{endpoint.name}' is a contrast of one group")
        size = len(self.endpoints)
        between = np.eye(size) if self.correlation is None else np.asarray(self.correlation, np.float64)
        if (
            between.shape != (size, size)
            or not np.array_equal(between, between.T)
            or (np.diag(between) != 1).any()
            or np.linalg.eigvalsh(between)[0] < -1e-12
        ):
            raise ScenarioError("this is no correlation matrix of the endpoints", value=between.tolist())

    def summaries(self, parameters: Mapping[str, Floats], draws: int) -> tuple[Floats, Floats]:
        """Expected summaries (draw, k) and their covariance for one participant in all, (draw, k, k).

        A summary is an endpoint's mean in a group, or the difference of one from the first group's. The
        covariance for n participants is 1 / n of it.
        """
        cells = [(e, group) for e, endpoint in enumerate(self.endpoints) for group in endpoint.mean]
        whole = sum(self.allocation.values())
        between = np.eye(len(self.endpoints)) if self.correlation is None else np.asarray(self.correlation)
        mean, sd = np.empty((draws, len(cells))), np.empty((draws, len(cells)))
        for c, (e, group) in enumerate(cells):
            endpoint = self.endpoints[e]
            mean[:, c] = _values(endpoint.mean[group], parameters, endpoint.name)
            if endpoint.sd is None:
                share = mean[:, c]
                if share.min() < 0 or share.max() > 1:
                    raise ScenarioError(
                        f"endpoint '{endpoint.name}' is a share outside 0-1", value=float(share.max()),
                        way_out="give sd= when it is not a share",
                    )  # fmt: skip
                sd[:, c] = np.sqrt(share * (1 - share))
            else:
                sd[:, c] = _values(endpoint.sd, parameters, endpoint.name)
        shape = np.zeros((len(cells),) * 2)
        for c, (e, group) in enumerate(cells):
            for d, (f, other) in enumerate(cells):
                if group == other:  # dropouts of two endpoints are independent, which leaves rho sd sd / n
                    seen = 1 - self.endpoints[e].dropout if e == f else 1.0
                    shape[c, d] = between[e, f] * whole / self.allocation[group] / seen
        turn = self._contrasts(cells)
        spread = shape * sd[:, :, None] * sd[:, None, :]
        return mean @ turn.T, turn @ spread @ turn.T

    def _contrasts(self, cells: Sequence[tuple[int, str]]) -> Floats:
        """Matrix from the cells to the summaries."""
        rows = []
        for e, endpoint in enumerate(self.endpoints):
            own = [c for c, (f, _) in enumerate(cells) if f == e]
            for c in own[1:] if endpoint.contrast else own:
                row = np.zeros(len(cells))
                row[c] = 1
                if endpoint.contrast:
                    row[own[0]] = -1
                rows.append(row)
        return np.array(rows)


def _values(what: Expected, parameters: Mapping[str, Floats], name: str) -> Floats | float:
    if isinstance(what, str):
        if what not in parameters:
            raise ResultError(
                f"endpoint '{name}' names an unknown parameter", value=what,
                rule=f"parameters: {', '.join(parameters) or 'none'}",
            )  # fmt: skip
        return parameters[what]
    return np.asarray(what(parameters), np.float64) if callable(what) else float(what)


def evsi(
    evaluation: Evaluation,
    design: StudyDesign,
    wtp: ArrayLike | None = None,
    *,
    participants: ArrayLike,
    method: str = "regression",
    seed: int = 1,
    population: float | Sequence[float] | None = None,
    horizon: int | None = None,
    discount_rate: float | None = None,
) -> xr.Dataset:
    """Expected value of a study's data, per decision, in currency: (participants, wtp).

    `method`: "regression" simulates one study per draw for each number of participants (the same luck for
    all) and regresses net benefit on its summaries as evppi does; "gaussian" regresses once on the expected
    summaries and shrinks them by what a study of each size would leave uncertain (exact when summaries are
    normal and net benefit is linear in them). Summaries are taken as normal, so groups should not be tiny.

    Variables: `evsi`, `evsi_mcse`, and over (wtp,) `evppi_limit`, the value of an endless study, which is the
    EVPPI of what the study identifies rather than of all parameters. With `population` also population_NAME
    as in evpi. Sources: Strong, Oakley, Brennan and Breeze 2015; Jalal and Alarid-Escudero 2018. Raises
    ScenarioError for a wrong option, ResultError for an unknown parameter.
    """
    import xarray as xr

    values, _ = read_wtp(wtp)
    sizes = np.atleast_1d(np.asarray(participants, np.float64))
    if sizes.ndim > 1 or not sizes.size or not (np.isfinite(sizes) & (sizes > 0)).all():
        raise ScenarioError("participants are positive numbers", value=participants)
    if method not in METHODS:
        raise ScenarioError("unknown method", value=method, rule=" or ".join(METHODS))
    gain = increments(evaluation.gain, evaluation.comparator_index)
    cost = increments(evaluation.cost, evaluation.comparator_index)
    expected, spread = design.summaries(evaluation.parameters, evaluation.draws)
    endless = Regression(expected, gain, cost)
    value, error = np.empty((len(sizes), len(values))), np.empty((len(sizes), len(values)))
    if method == "regression":
        luck = np.random.default_rng(seed).normal(size=expected.shape)
        size, axes = np.linalg.eigh(spread)
        noise = np.einsum("dij,dj->di", axes * np.sqrt(np.maximum(size, 0))[:, None, :], luck)
        for i, n in enumerate(sizes.tolist()):
            study = Regression(expected + noise / math.sqrt(n), gain, cost)
            found = [study.value(w) for w in values.tolist()]
            value[i], error[i] = [one.evppi for one in found], [one.evppi_mcse for one in found]
    else:
        for w, one_wtp in enumerate(values.tolist()):
            for i, n in enumerate(sizes.tolist()):
                value[i, w], error[i, w] = _gaussian(endless, expected, spread.mean(axis=0) / n, one_wtp)
    unit = {"unit": evaluation.currency}
    axes_of = ("participants", "wtp")
    table = xr.Dataset(
        {"evsi": (axes_of, value, unit), "evsi_mcse": (axes_of, error, unit),
         "evppi_limit": ("wtp", [endless.value(w).evppi for w in values.tolist()], unit)},
        {"participants": sizes, "wtp": values},
        attrs={**evaluation.conventions(), "unit": evaluation.currency, "method": method},
    )  # fmt: skip
    return with_population(table, population, horizon, discount_rate)


def _gaussian(endless: Regression, expected: Floats, luck: Floats, wtp: float) -> tuple[float, float]:
    """EVSI and its error by shrinking the expected summaries; `luck` (k, k) is their mean sampling covariance."""
    fit = endless.fit(wtp)
    if fit is None:
        return 0.0, 0.0
    centred = expected - expected.mean(axis=0)
    prior = centred.T @ centred / (len(expected) - 1)
    left = prior - prior @ np.linalg.pinv(prior + luck, hermitian=True) @ prior  # uncertain after the study
    matrix, _ = shrinkage(prior, left)
    fitted = fit.at(expected.mean(axis=0) + centred @ matrix.T)
    fitted = fitted - fitted.mean(axis=0) + fit.mean  # on average a study leaves the mean where it is
    influence = replace(fit, fitted=fitted).influence()
    return mean_of_best(fitted, fit.mean), float(influence.std(ddof=1)) / math.sqrt(len(influence))


def enbs(information: xr.Dataset, *, fixed_cost: float, cost_per_participant: float) -> xr.Dataset:
    """Expected net benefit of sampling: population value of a study less its cost, (participants, wtp).

    `information` is evsi's dataset with a population. Variables: `enbs`, `enbs_mcse`, and over (wtp,)
    `best_participants`, the number of those tried with the highest ENBS, 0 when no study is worth its cost.
    Raises ResultError without population values, ScenarioError for a cost that is not a number from 0.
    """
    if "population_evsi" not in information:
        raise ResultError("the table has no population values", way_out="give population= to evsi")
    for cost in (fixed_cost, cost_per_participant):
        if not (math.isfinite(cost) and cost >= 0):
            raise ScenarioError("the cost of a study is a number from 0", value=cost)
    net = information["population_evsi"] - fixed_cost - cost_per_participant * information["participants"]
    best = net["participants"][net.argmax("participants")].where(net.max("participants") > 0, 0.0)
    table = information[[]].assign(
        enbs=net,
        enbs_mcse=information["population_evsi_mcse"],
        best_participants=best.drop_vars("participants"),
    )
    table.attrs |= {"fixed_cost": fixed_cost, "cost_per_participant": cost_per_participant}
    return table
