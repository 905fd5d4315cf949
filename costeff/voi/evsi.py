"""Expected value of sample information of a study, and its net benefit over the cost of the study."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costeff.analysis.intervals import monte_carlo_error
from costeff.analysis.net_benefit import increments
from costeff.analysis.settled import FEWEST, quantile, replicates_of
from costeff.analysis.tails import carrying_draws
from costeff.analysis.wtp import read_wtp
from costeff.errors import ResultError, ScenarioError
from costeff.types import EvsiMethod
from costeff.voi.evpi import with_population
from costeff.voi.evsi_counts import Counted
from costeff.voi.evsi_methods import (
    FEWEST_EFFECTIVE,
    GROUPS,
    MATCHED_STUDIES,
    WEIGHTED_STUDIES,
    Likelihood,
    Posterior,
    gaussian,
    importance_sampling,
    moment_matching,
    normal_luck,
    spaced,
)
from costeff.voi.optimism import most_lost
from costeff.voi.regression.fit import Fit, mean_of_best, whitening
from costeff.voi.regression.regression import Regression, Value
from costeff.voi.trial_cells import FEWEST_EVENTS, Cells
from costeff.voi.trial_design import TrialDesign

if TYPE_CHECKING:
    import xarray as xr

    from costeff.analysis.evaluation import EvaluationData

Floats = NDArray[np.float64]
_regressions: WeakKeyDictionary[EvaluationData, tuple[Floats, Floats, Regression, list[Value]]] = WeakKeyDictionary()

METHODS = ("regression", "gaussian", "moment_matching", "importance_sampling")


def evsi(
    evaluation: EvaluationData,
    design: TrialDesign,
    wtp: ArrayLike | None = None,
    *,
    participants: ArrayLike,
    method: EvsiMethod = "regression",
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
    benefits with each simulated study's likelihoods as weights. See costeff.voi.evsi_methods.

    Endpoints that are shares or rates are counted: "regression" draws whole numbers of events in whole people, and
    where a study counts in at most two groups the other methods sum over all its possible results, which `summed` (1)
    says for each size. Elsewhere they take summaries as normal, and warn where few events are expected.

    Variables: `evsi`, `evsi_mcse`, `summed` over (participants,), with the last two methods `effective_draws` behind a
    posterior (a warning when few), and over (wtp,) `evppi_limit`, the value of an endless study, which is the EVPPI of
    what the study identifies rather than of all parameters, with `evppi_limit_mcse`; `carrying_draws` and
    `optimism` as in evpi. With
    `population` also
    population_NAME as in evpi. Source of "regression": Strong, Oakley, Brennan and Breeze 2015. Raises
    ScenarioError for a wrong option, ResultError for an unknown parameter.

    Parameters
    ----------
    evaluation : Evaluation
        Cost and effect over (draw, strategy), in currency and in units of effect, per individual.
    design : TrialDesign
        Arms and endpoints of the study.
    wtp : float or sequence of float
        Willingness to pay, (wtp,), in currency per unit of effect gained; there is no default.
    participants : int or sequence of int
        Numbers of participants, (participants,).
    method : str
        "regression", "gaussian", "moment_matching" or "importance_sampling".
    seed : int
        Of the simulated studies.
    population : float or sequence of float, optional
        People whom the decision concerns: in all, or a year with `horizon`.
    horizon : int, optional
        Whole years for which the decision stands.
    discount_rate : float, optional
        Per year, such as 0.03; needed with `horizon`.

    Returns
    -------
    xarray.Dataset
        Over (participants, wtp), in currency per decision.

    Examples
    --------
    >>> from costeff import Evaluation
    >>> draws = np.random.default_rng(1).normal(size=(200, 2))
    >>> many = Evaluation("payer", "qaly", ("usual", "new"), "usual", draws * [0.0, 10.0], draws * [0.0, 1.0],
    ...                 parameters={"x": draws[:, 1]})
    >>> from costeff.voi.trial_design import Endpoint, TrialDesign
    >>> trial = TrialDesign((Endpoint("x", {"all": "x"}, sd=1.0),), {"all": 1})
    >>> evsi(many, trial, 0, participants=[10, 100])["evsi"].shape
    (2, 1)
    """
    import xarray as xr

    values, _ = read_wtp(wtp, evaluation)
    sizes = np.atleast_1d(np.asarray(participants, np.float64))
    if sizes.ndim > 1 or not sizes.size or not (np.isfinite(sizes) & (sizes > 0)).all():
        raise ScenarioError("participants are positive numbers", value=participants)
    if method not in METHODS:
        raise ScenarioError("unknown method", value=method, rule=" or ".join(METHODS))
    gain = increments(evaluation.gain, evaluation.comparator_index)
    cost = increments(evaluation.cost, evaluation.comparator_index)
    cells = design.cells(evaluation.parameters, evaluation.draws)
    expected, spread = cells.summaries()
    endless, limits = _endless(evaluation, expected, values, gain, cost)
    shape = (len(sizes), len(values))
    value, error = np.zeros(shape), np.zeros(shape)
    effective, carrying = np.full(shape, math.nan), np.full(shape, math.nan)
    sum_flags = np.zeros(len(sizes), np.int8)
    if method == "regression":
        summaries_at = _one_study_each(cells, expected, spread, seed)
        for i, n in enumerate(sizes.tolist()):
            study = Regression(summaries_at(n), gain, cost, evaluation.replicates)
            study_values = [study.value(w) for w in values.tolist()]
            value[i], error[i] = [one.evppi for one in study_values], [one.evppi_mcse for one in study_values]
            carrying[i] = [one.carrying_draws for one in study_values]
    else:
        counts = Counted(cells)
        for w, one_wtp in enumerate(values.tolist()):
            fit = endless.fit(one_wtp)
            if fit is None:
                continue
            covariance = fit.covariance(evaluation.replicates)
            after = _after(method, fit, expected, spread, seed, covariance)
            for i, n in enumerate(sizes.tolist()):
                count_posterior = counts.of(fit, n, covariance)
                sum_flags[i] |= count_posterior is not None
                posterior = after(n) if count_posterior is None else count_posterior
                effective[i, w] = posterior.effective
                value[i, w], error[i, w], carrying[i, w] = _value(fit, posterior, evaluation.replicates, covariance)
        _warn_few_events(cells, sizes[sum_flags == 0], method)
    unit, over = {"unit": evaluation.currency}, ("participants", "wtp")
    simulated = method in ("moment_matching", "importance_sampling")
    table = xr.Dataset(
        {
            "evsi": (over, value, unit),
            "evsi_mcse": (over, error, unit),
            "carrying_draws": (over, carrying),
            "evppi_limit": ("wtp", [one.evppi for one in limits], unit),
            "evppi_limit_mcse": ("wtp", [one.evppi_mcse for one in limits], unit),
            "summed": ("participants", sum_flags),
            "optimism": ("wtp", most_lost(evaluation, values), unit),
            **({"effective_draws": (over, effective)} if simulated else {}),
        },
        {"participants": sizes, "wtp": values},
        attrs={**evaluation.conventions(), "unit": evaluation.currency, "method": method},
    )
    if simulated:
        _warn_few(effective)
    return with_population(table, population, horizon, discount_rate)


def _endless(
    evaluation: EvaluationData, expected: Floats, wtp: Floats, gain: Floats, cost: Floats
) -> tuple[Regression, list[Value]]:
    """Regression on the expected summaries, and its values; the last one asked for is kept with the evaluation."""
    entry = _regressions.get(evaluation)
    if entry is None or not (np.array_equal(entry[0], expected) and np.array_equal(entry[1], wtp)):
        endless = Regression(expected, gain, cost, evaluation.replicates)
        values = [endless.value(w) for w in wtp.tolist()]
        entry = _regressions[evaluation] = expected, wtp, endless, values
    return entry[2], entry[3]


def _one_study_each(cells: Cells, expected: Floats, spread: Floats, seed: int) -> Callable[[float], Floats]:
    """Summaries of one study of every draw, (draw, k), by participants; its luck is the same for all numbers."""
    if cells.counted.any():
        own = cells.luck(seed)
        return lambda n: cells.simulated(own, n)
    luck = np.random.default_rng(seed).normal(size=spread.shape[:2])
    size, axes = np.linalg.eigh(spread)
    noise = np.einsum("dij,dj->di", axes * np.sqrt(np.maximum(size, 0))[:, None, :], luck)
    return lambda n: expected + noise / math.sqrt(n)


def _after(
    method: str, fit: Fit, expected: Floats, spread: Floats, seed: int, covariance: Floats
) -> Callable[[float], Posterior]:
    """What a study of n participants leaves, as a function of n; the simulated studies' luck is the same for all n."""
    if method == "gaussian":
        luck = spread.mean(axis=0)
        return lambda n: gaussian(fit, expected, luck / n)
    moments = method == "moment_matching"

    @cache
    def likelihood() -> Likelihood:
        at = spaced(fit, MATCHED_STUDIES if moments else WEIGHTED_STUDIES)
        if moments:  # neighbouring luck is even by itself, so groups of neighbours shall be even in what they are about
            at = at[np.argsort(np.arange(len(at)) % GROUPS, kind="stable")]
        return Likelihood(expected, spread, at, normal_luck(len(at), expected.shape[1], seed))

    if moments:
        return lambda n: moment_matching(fit, likelihood(), n)
    return lambda n: importance_sampling(fit, likelihood(), n, covariance)


def _value(fit: Fit, posterior: Posterior, replicates: int | None, covariance: Floats) -> tuple[float, float, float]:
    """EVSI, its error (of the draws, the regression and a limited number of simulated studies), what draws carry it."""
    if posterior.followed is not None:
        influence = (posterior.followed * (fit.raw + fit.residual)).sum(axis=1)
    else:
        influence = _influence(fit, posterior, covariance)
    variance, carrying = float(monte_carlo_error(influence, replicates)) ** 2, carrying_draws(influence)
    if posterior.direct is not None:
        best = np.maximum(posterior.direct.max(axis=1), 0)
        now = max(float(fit.mean.max()), 0.0)
        if posterior.chance is not None:
            # a sum over all results is never below 0 but for rounding
            return max(float(posterior.chance @ best) - now, 0.0), math.sqrt(variance), carrying
        if len(best) < len(influence):
            # studies are at equal steps of quantiles: neighbours show their luck
            gap = np.diff(best - posterior.direct @ fit.without(covariance))
            variance += float(gap @ gap) / (2 * len(gap) * len(best))
        return mean_of_best(posterior.direct, fit.mean), math.sqrt(variance), carrying
    value = mean_of_best(posterior.fitted, fit.mean)
    if posterior.variants:
        without = np.array([mean_of_best(one, fit.mean) for one in posterior.variants])
        variance += (len(without) - 1) * float(without.var())
    return value, math.sqrt(variance), carrying


def _influence(fit: Fit, posterior: Posterior, covariance: Floats) -> Floats:
    """What each draw adds to the value after a study that shrinks the fitted values, (draw,).

    As a study shrinks the fitted values, so it shrinks how residuals move them; and by how much it shrinks them depends
    on their variance: a standard deviation p^(1/2) becomes p / (p + luck)^(1/2), which draws far from the mean raise.
    But nothing shrinks the mean net benefits: a draw moves them by all that it lies off them, and with them the value
    of each choice as often as it is made.
    """
    raw, after = fit.raw - fit.mean, posterior.fitted - fit.mean
    moves = np.asarray(np.linalg.lstsq(raw, after, rcond=1e-9)[0].T, np.float64)
    white, back = whitening(raw.T @ raw / len(raw), fit.residual)
    white_moves = white @ moves @ back
    factors, axes = np.linalg.eigh((white_moves + white_moves.T) / 2)
    unit = raw @ white.T @ axes
    change = fit.change(posterior.fitted, covariance)
    gain = (change @ (back @ axes) * unit).mean(axis=0) * factors
    slope = gain * np.maximum(1 - factors**2, 0.0) / 2
    own = fit.influence(
        posterior.fitted, covariance, moves if posterior.columns is None else fit.moves, posterior.columns
    )
    return np.asarray(own + (raw - after) @ change.mean(axis=0) + (unit**2 - 1) @ slope)


def _warn_few_events(cells: Cells, sizes: Floats, method: str) -> None:
    few = {float(n): cells.few_events(float(n)) for n in sizes}
    cases = [f"{', '.join(names)} with {n:g} participants" for n, names in few.items() if names]
    if cases:
        warnings.warn(
            f"EVSI by {method}: few events are expected (fewer than {FEWEST_EVENTS:g}, or fewer people without one, in "
            f"more than 1 draw of 20) of endpoint {'; '.join(cases)}, and this method takes counts as normal, so the "
            "value is likely off, by more than its error. method='regression' draws counts as counts.",
            stacklevel=3,
        )


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

    `information` is evsi's dataset with a population. Variables: `enbs`, `enbs_mcse`, `enbs_settled` (1: another run
    would give it the same sign), `may_be_best` (1: the error could make this size the best of those tried), and over
    (wtp,) `best_participants`, the number of those tried with the highest ENBS, 0 when none is above 0. Raises
    ResultError without population values, ScenarioError for a cost that is not a number from 0.
    """
    if "population_evsi" not in information:
        raise ResultError("the table has no population values", way_out="give population= to evsi")
    for cost in (fixed_cost, cost_per_participant):
        if not (math.isfinite(cost) and cost >= 0):
            raise ScenarioError("the cost of a study is a number from 0", value=cost)
    net = information["population_evsi"] - fixed_cost - cost_per_participant * information["participants"]
    best = net["participants"][net.argmax("participants")].where(net.max("participants") > 0, 0.0)
    error, about = information["population_evsi_mcse"], information.attrs
    count = replicates_of(int(about["draws"]), about.get("replicates"))
    far = quantile(count) if count >= FEWEST else math.inf
    highest = net.argmax("participants")
    top, its = (one.isel(participants=highest).drop_vars("participants") for one in (net, error))
    behind, apart = top - net, np.hypot(error, its)
    table = information[[]].assign(
        enbs=net,
        enbs_mcse=error,
        enbs_settled=(abs(net) > far * error).astype(np.int8),
        may_be_best=(behind <= far * apart).astype(np.int8),
        best_participants=best.drop_vars("participants"),
    )
    table.attrs |= {"fixed_cost": fixed_cost, "cost_per_participant": cost_per_participant}
    return table
