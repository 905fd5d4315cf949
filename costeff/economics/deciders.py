"""One piece of information priced by each decision maker, and what the choice of one leaves for the others."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from costeff.economics.evpi import with_population
from costeff.economics.evppi import Regression, read_groups
from costeff.economics.net_benefit import increments
from costeff.economics.noise import noise_covariance, shrinkage, total_covariance
from costeff.economics.wtp import read_wtp
from costeff.errors import ResultError, ScenarioError

if TYPE_CHECKING:
    import xarray as xr

    from costeff.economics.evaluation import Evaluation

Floats = NDArray[np.float64]


def by_decision_maker(
    evaluations: Mapping[str, Evaluation],
    wtp: float | Mapping[str, float],
    names: Sequence[str] | None = None,
    *,
    population: float | Sequence[float] | None = None,
    horizon: int | None = None,
    discount_rate: float | None = None,
) -> xr.Dataset:
    """Information valued by each party when each party decides, per decision in currency: (decides, values).

    `evaluations`, by decision maker, are of the same draws and strategies under each one's perspective. `wtp` is
    one amount, or one for each. Information is perfect, or about the parameters `names` together (by regression
    as in evppi). Variables: `chosen` (decides,), the strategy with the highest expected net benefit for the one
    who decides; `left`, what `values` loses in expectation under current information because `decides` chose
    (0 on the diagonal); `information`, the gain of `values` when `decides` is informed: EVPI or EVPPI on the
    diagonal, elsewhere possibly negative, since what is good news for one may not be for the other; each with
    `_mcse`. Individual noise is removed jointly when all hold halves. With `population` also population_NAME as
    in evpi.

    Raises ResultError for evaluations that do not match, ScenarioError for a missing willingness to pay.

    >>> from costeff.economics.evaluation import Evaluation
    >>> effect, pair = [[0.0, 0.0]] * 2, ("usual", "new")
    >>> town = Evaluation("municipal", "qaly", pair, "usual", cost=[[0.0, 30.0], [0.0, -10.0]], effect=effect)
    >>> all_ = Evaluation("societal", "qaly", pair, "usual", cost=[[0.0, -5.0], [0.0, -40.0]], effect=effect)
    >>> found = by_decision_maker({"town": town, "all": all_}, 0)
    >>> found["chosen"].values.tolist(), found["left"].values.tolist(), found["information"].values.tolist()
    (['usual', 'new'], [[0.0, 22.5], [10.0, 0.0]], [[5.0, 20.0], [0.0, 0.0]])
    """
    import xarray as xr

    deciders = list(evaluations)
    first = _matching(evaluations)
    amounts = [_amount(wtp, name) for name in deciders]
    nets = np.stack(
        [
            increments(w * one.gain - one.cost, one.comparator_index)
            for w, one in zip(amounts, evaluations.values(), strict=True)
        ],
        axis=1,
    )  # (draw, decider, strategy - 1)
    mean = nets.mean(axis=0)
    known = _known(evaluations, amounts, nets, names)
    padded = np.concatenate([np.zeros((*nets.shape[:2], 1)), nets], axis=-1)
    informed = np.concatenate([np.zeros((*nets.shape[:2], 1)), known], axis=-1)
    now = np.append(np.zeros((len(deciders), 1)), mean, axis=1).argmax(axis=1)
    after = informed.argmax(axis=-1)  # (draw, decider)
    draws, rows = len(nets), np.arange(len(nets))
    left, gain = (np.empty((draws, len(deciders), len(deciders))) for _ in range(2))
    for d in range(len(deciders)):
        for v in range(len(deciders)):
            left[:, d, v] = padded[:, v, now[v]] - padded[:, v, now[d]]
            gain[:, d, v] = informed[rows, v, after[:, d]] - informed[:, v, now[d]]
    unit, axes = {"unit": first.currency}, ("decides", "values")
    order = [first.comparator, *first.alternatives]
    columns: dict[str, tuple[object, ...]] = {"chosen": ("decides", [order[s] for s in now])}
    for name, term in (("left", left), ("information", gain)):
        columns[name] = (axes, term.mean(axis=0), unit)
        columns[f"{name}_mcse"] = (axes, term.std(axis=0, ddof=1) / math.sqrt(draws), unit)
    conventions = first.conventions()
    kept = {key: conventions[key] for key in ("comparator", "currency", "draws")}
    about = "all parameters" if names is None else ", ".join(names)
    table = xr.Dataset(
        columns, {"decides": deciders, "values": deciders, "wtp": ("decides", amounts)},
        attrs={**kept, "unit": first.currency, "about": about},
    )  # fmt: skip
    return with_population(table, population, horizon, discount_rate)


def _matching(evaluations: Mapping[str, Evaluation]) -> Evaluation:
    if not evaluations:
        raise ResultError("no decision makers", way_out="give at least one evaluation")
    first = next(iter(evaluations.values()))
    for name, one in evaluations.items():
        pair = [(e.strategies, e.comparator, e.draws, e.currency) for e in (first, one)]
        if pair[0] != pair[1]:
            raise ResultError(
                f"the evaluation of '{name}' is not of the same strategies, draws and currency", value=pair[1],
                rule=str(pair[0]), way_out="take all perspectives from one result",
            )  # fmt: skip
    if first.draws < 2:
        raise ResultError("one draw has no uncertainty", way_out="run more draws")
    return first


def _amount(wtp: float | Mapping[str, float], name: str) -> float:
    if isinstance(wtp, Mapping):
        if name not in wtp:
            raise ScenarioError("a willingness to pay is missing", value=name, rule="one for each")
        return float(read_wtp(wtp[name])[0][0])
    return float(read_wtp(wtp)[0][0])


def _known(
    evaluations: Mapping[str, Evaluation], amounts: Sequence[float], nets: Floats, names: Sequence[str] | None
) -> Floats:
    """Expected net benefits given the information, (draw, decider, strategy - 1)."""
    draws, shape = len(nets), nets.shape
    flat = nets.reshape(draws, -1)
    if names is not None:
        first = next(iter(evaluations.values()))
        (members,) = read_groups(first, list(names)).values()
        points = np.column_stack([first.parameters[name] for name in members])
        fit = Regression(points, flat, np.zeros_like(flat)).fit(1.0)
        fitted = flat.mean(axis=0) + np.zeros_like(flat) if fit is None else fit.fitted
        return np.asarray(fitted.reshape(shape))
    halves = []
    for w, one in zip(amounts, evaluations.values(), strict=True):
        if one.cost_half is None or one.effect_half is None:
            return nets
        half = w * one.effect_sign * one.effect_half - one.cost_half
        halves.append(increments(half, one.comparator_index))
    half = np.concatenate(halves, axis=-1)
    matrix, _ = shrinkage(total_covariance(flat), noise_covariance(half))
    centre = flat.mean(axis=0)
    return np.asarray((centre + (flat - centre) @ matrix.T).reshape(shape))
