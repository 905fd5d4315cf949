"""Expected value of sample information of a study, and its net benefit over the cost of the study."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costeff.economics.evpi import with_population
from costeff.economics.evppi_fit import Fit, Regression, Value, mean_of_best, whitening
from costeff.economics.evsi_methods import (
    FEWEST_EFFECTIVE,
    GROUPS,
    MATCHED,
    WEIGHTED,
    Likelihood,
    Posterior,
    gaussian,
    importance_sampling,
    moment_matching,
    normal_luck,
    spaced,
)
from costeff.economics.intervals import monte_carlo_error
from costeff.economics.net_benefit import increments
from costeff.economics.study_design import StudyDesign
from costeff.economics.wtp import read_wtp
from costeff.errors import ResultError, ScenarioError

if TYPE_CHECKING:
    import xarray as xr

    from costeff.economics.evaluation import Evaluation

Floats = NDArray[np.float64]
_kept: WeakKeyDictionary[Evaluation, tuple[Floats, Floats, Regression, list[Value]]] = WeakKeyDictionary()

METHODS = ("regression", "gaussian", "moment_matching", "importance_sampling")


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
    all) and regresses net benefit on its summaries as evppi does. The others regress once, on the expected
    summaries, and say what a study of each size leaves uncertain: "gaussian" shrinks the summaries (exact
    when summaries are normal and net benefit is linear in them), "moment_matching" shrinks the fitted net
    benefits to the variance that 64 simulated studies leave, "importance_sampling" averages the fitted net
    benefits with each simulated study's likelihoods as weights. See costeff.economics.evsi_methods.
    Summaries are taken as normal, so groups should not be tiny.

    Variables: `evsi`, `evsi_mcse`, with the last two methods `effective_draws` behind a posterior (a warning
    when few), and over (wtp,) `evppi_limit`, the value of an endless study, which is the EVPPI of what the
    study identifies rather than of all parameters, with `evppi_limit_mcse`. With `population` also
    population_NAME as in evpi. Source of "regression": Strong, Oakley, Brennan and Breeze 2015. Raises
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
    endless, limits = _endless(evaluation, expected, values, gain, cost)
    shape = (len(sizes), len(values))
    value, error, effective = np.zeros(shape), np.zeros(shape), np.full(shape, math.nan)
    if method == "regression":
        noise = _one_study_each(spread, seed)
        for i, n in enumerate(sizes.tolist()):
            study = Regression(expected + noise / math.sqrt(n), gain, cost, evaluation.replicates)
            found = [study.value(w) for w in values.tolist()]
            value[i], error[i] = [one.evppi for one in found], [one.evppi_mcse for one in found]
    else:
        for w, one_wtp in enumerate(values.tolist()):
            fit = endless.fit(one_wtp)
            if fit is None:
                continue
            after = _after(method, fit, expected, spread, seed)
            for i, n in enumerate(sizes.tolist()):
                left = after(n)
                effective[i, w] = left.effective
                value[i, w], error[i, w] = _value(fit, left, evaluation.replicates)
    unit, over = {"unit": evaluation.currency}, ("participants", "wtp")
    simulated = method in ("moment_matching", "importance_sampling")
    table = xr.Dataset(
        {"evsi": (over, value, unit), "evsi_mcse": (over, error, unit),
         "evppi_limit": ("wtp", [one.evppi for one in limits], unit),
         "evppi_limit_mcse": ("wtp", [one.evppi_mcse for one in limits], unit),
         **({"effective_draws": (over, effective)} if simulated else {})},
        {"participants": sizes, "wtp": values},
        attrs={**evaluation.conventions(), "unit": evaluation.currency, "method": method},
    )  # fmt: skip
    if simulated:
        _warn_few(effective)
    return with_population(table, population, horizon, discount_rate)


def _endless(
    evaluation: Evaluation, expected: Floats, wtp: Floats, gain: Floats, cost: Floats
) -> tuple[Regression, list[Value]]:
    """Regression on the expected summaries, and its values; the last one asked for is kept with the evaluation."""
    found = _kept.get(evaluation)
    if found is None or not (np.array_equal(found[0], expected) and np.array_equal(found[1], wtp)):
        endless = Regression(expected, gain, cost, evaluation.replicates)
        values = [endless.value(w) for w in wtp.tolist()]
        found = _kept[evaluation] = expected, wtp, endless, values
    return found[2], found[3]


def _one_study_each(spread: Floats, seed: int) -> Floats:
    """Sampling noise of one participant's study for every draw, (draw, k)."""
    luck = np.random.default_rng(seed).normal(size=spread.shape[:2])
    size, axes = np.linalg.eigh(spread)
    return np.asarray(np.einsum("dij,dj->di", axes * np.sqrt(np.maximum(size, 0))[:, None, :], luck))


def _after(
    method: str, fit: Fit, expected: Floats, spread: Floats, seed: int
) -> Callable[[float], Posterior]:
    """What a study of n participants leaves, as a function of n; the simulated studies' luck is the same for all n."""
    if method == "gaussian":
        luck = spread.mean(axis=0)
        return lambda n: gaussian(fit, expected, luck / n)
    matched = method == "moment_matching"
    at = spaced(fit, MATCHED if matched else WEIGHTED)
    if matched:  # neighbouring luck is even by itself, so groups of neighbours shall be even in what they are about too
        at = at[np.argsort(np.arange(len(at)) % GROUPS, kind="stable")]
    likelihood = Likelihood(expected, spread, at, normal_luck(len(at), expected.shape[1], seed))
    left = moment_matching if matched else importance_sampling
    return lambda n: left(fit, likelihood, n)


def _value(fit: Fit, left: Posterior, replicates: int | None) -> tuple[float, float]:
    """EVSI and its error: that of the draws and the regression, and that of a limited number of simulated studies."""
    covariance = fit.covariance(replicates)
    influence = _influence(fit, left, covariance)
    variance = float(monte_carlo_error(influence, replicates)) ** 2
    if left.direct is not None:
        best = np.maximum(left.direct.max(axis=1), 0)
        if len(best) < len(influence):
            # studies are at equal steps of quantiles: neighbours show their luck
            gap = np.diff(best - left.direct @ fit.without(covariance))
            variance += float(gap @ gap) / (2 * len(gap) * len(best))
        return mean_of_best(left.direct, fit.mean), math.sqrt(variance)
    found = mean_of_best(left.fitted, fit.mean)
    if left.variants:
        without = np.array([mean_of_best(one, fit.mean) for one in left.variants])
        variance += (len(without) - 1) * float(without.var())
    return found, math.sqrt(variance)


def _influence(fit: Fit, left: Posterior, covariance: Floats) -> Floats:
    """What each draw adds to the value after a study, (draw,).

    As a study shrinks the fitted values, so it shrinks how residuals move them; and by how much it shrinks them depends
    on their variance: a standard deviation p^(1/2) becomes p / (p + luck)^(1/2), which draws far from the mean raise.
    """
    raw, after = fit.raw - fit.mean, left.fitted - fit.mean
    moves = np.asarray(np.linalg.lstsq(raw, after, rcond=1e-9)[0].T, np.float64)
    white, back = whitening(raw.T @ raw / len(raw), fit.residual)
    turned = white @ moves @ back
    kept, axes = np.linalg.eigh((turned + turned.T) / 2)
    unit = raw @ white.T @ axes
    gain = (fit.change(left.fitted, covariance) @ (back @ axes) * unit).mean(axis=0) * kept
    slope = gain * np.maximum(1 - kept**2, 0.0) / 2
    own = fit.influence(left.fitted, covariance, moves if left.columns is None else fit.moves, left.columns)
    return np.asarray(own + (unit**2 - 1) @ slope)


def _warn_few(effective: Floats) -> None:
    fewest = float(np.nanmin(effective)) if np.isfinite(effective).any() else math.inf
    if fewest < FEWEST_EFFECTIVE:
        warnings.warn(
            f"EVSI: a simulated study leaves {fewest:.0f} effective draws; the value is likely too high. More "
            "draws, fewer endpoints, or method='gaussian' or 'regression'.",
            stacklevel=3,
        )


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
