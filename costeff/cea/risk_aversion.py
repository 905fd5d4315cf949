"""Choosing when a sure result is worth more than an unsure one of the same mean: exponential utility, as in BCEA."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costeff.analysis.dust import DUST, cleared, highest, size_of_benefit
from costeff.analysis.intervals import mean, monte_carlo_error
from costeff.analysis.noise import covariance_of_gaps, shrinkage, total_covariance
from costeff.analysis.ties import chances, covariance_of_means
from costeff.analysis.wtp import read_wtp
from costeff.errors import ScenarioError

if TYPE_CHECKING:
    import xarray as xr

    from costeff.analysis.evaluation import EvaluationData


def read_aversion(aversion: ArrayLike | None) -> NDArray[np.float64]:
    """Risk aversion as (aversion,): per unit of currency, finite and not negative. ScenarioError otherwise."""
    if aversion is None:
        raise ScenarioError(
            "the risk aversion is missing",
            rule="costeff has no default aversion",
            way_out="give aversion= per unit of currency, such as [0, 1e-5, 1e-4]; 0 is the usual analysis",
        )
    values = np.atleast_1d(np.asarray(aversion, dtype=np.float64))
    if values.ndim > 1 or not values.size or not (np.isfinite(values) & (values >= 0)).all():
        raise ScenarioError(
            "the risk aversion is out of range", value=aversion, rule="numbers per unit of currency, 0 or more"
        )
    return values


def risk_aversion(
    evaluation: EvaluationData, wtp: ArrayLike | None = None, aversion: ArrayLike | None = None
) -> xr.Dataset:
    """Decide under exponential utility u(b) = (1 - exp(-r b)) / r of net benefit b; r = 0 is u(b) = b.

    `aversion` r is per unit of currency, for net benefit per individual. 1 / r is about the sum for which an even
    chance of gaining it or losing half of it is just accepted.

    Variables over (aversion, wtp, strategy): `expected_utility`, the mean of u (BCEA's CEriskav; -inf where it is
    below what a float holds); `certainty_equivalent`, the sure net benefit that is as good, -log(mean exp(-r b)) / r,
    with `certainty_equivalent_mcse`; `incremental_certainty_equivalent`, that less the
    comparator's; `risk_premium`, the mean less the certainty equivalent. Over (aversion, wtp): `preferred`, the one
    with the highest certainty equivalent, and `evpi`, what perfect information is worth: the price that leaves the
    decision maker as well off, exact for this utility, with `evpi_mcse`. With halves of the individuals also
    `certainty_equivalent_noise_corrected` and `preferred_noise_corrected`: individual noise is spread that the decision
    does not face, and would be charged as risk. Money per individual.

    Source: Baio and Dawid 2015; Baio, Berardi and Heath 2017 (BCEA).

    Parameters
    ----------
    evaluation : Evaluation
        Cost and effect over (draw, strategy), in currency and in units of effect, per individual.
    wtp : float or sequence of float
        Willingness to pay, (wtp,), in currency per unit of effect gained; there is no default.
    aversion : float or sequence of float, optional
        Aversion to risk r, (aversion,), per unit of currency; 0 is neutral.

    Returns
    -------
    xarray.Dataset
        Over (aversion, wtp, strategy), in currency per individual.

    Raises
    ------
    ScenarioError
        When `wtp` or `aversion` is missing or out of range.

    Examples
    --------
    >>> from costeff import Evaluation
    >>> two = Evaluation("state", "qaly", ("sure", "bet"), "sure", [[0.0, -30.0], [0.0, 10.0]], [[0.0, 0.0]] * 2)
    >>> found = risk_aversion(two, 0, [0, 0.1])
    >>> found["certainty_equivalent"].sel(strategy="bet").values.ravel().round(2).tolist()
    [10.0, -3.25]
    >>> found["preferred"].values.ravel().tolist()
    ['bet', 'sure']
    """
    import xarray as xr

    values, rates = read_wtp(wtp, evaluation)[0], read_aversion(aversion)
    count = len(evaluation.strategies)
    shape = (len(rates), len(values), count)
    utility, sure, error, clean = (np.full(shape, np.nan) for _ in range(4))
    information, information_error = np.empty(shape[:2]), np.empty(shape[:2])
    expected = values[:, None] * mean(evaluation.gain) - mean(evaluation.cost)
    size = values[:, None] * mean(np.abs(evaluation.gain)) + mean(np.abs(evaluation.cost))
    halves = evaluation.cost_half is not None and evaluation.draws > 1
    for w, value in enumerate(values.tolist()):
        benefit = value * evaluation.gain - evaluation.cost
        clean_benefit = _without_noise(evaluation, value) if halves else None
        for a, rate in enumerate(rates.tolist()):
            utility[a, w] = _utility(benefit, rate)
            sure[a, w], moves = _certain(benefit, rate)
            error[a, w] = monte_carlo_error(moves, evaluation.replicates)
            best = benefit.max(axis=1, keepdims=True)
            best_sure, best_moves = _certain(best, rate)
            information[a, w] = best_sure[0] - sure[a, w].max()
            chance = chances(sure[a, w], covariance_of_means(moves, evaluation.replicates))
            information_error[a, w] = monte_carlo_error(best_moves[:, 0] - moves @ chance, evaluation.replicates)
            if rate == 0:  # the usual analysis, to the last bit
                utility[a, w] = sure[a, w] = expected[w]
                information[a, w] = mean(best[:, 0] - benefit[:, int(expected[w].argmax())])
            if information[a, w] <= DUST * size[w].max():
                information[a, w] = information_error[a, w] = 0.0
            if clean_benefit is not None:
                clean[a, w] = _certain(clean_benefit, rate)[0]
    axes = ("aversion", "wtp", "strategy")
    base = evaluation.comparator_index
    data = {
        "incremental_certainty_equivalent": (axes, sure - sure[..., [base]]),
        "expected_utility": (axes, utility),
        "certainty_equivalent": (axes, sure),
        "certainty_equivalent_mcse": (axes, error),
        "risk_premium": (axes, expected - sure),
        "preferred": (axes[:2], _preferred(evaluation, sure, size)),
        "evpi": (axes[:2], np.maximum(information, 0)),
        "evpi_mcse": (axes[:2], information_error),
    }
    if halves:
        data["certainty_equivalent_noise_corrected"] = (axes, clean)
        data["preferred_noise_corrected"] = (axes[:2], _preferred(evaluation, clean, size))
    return xr.Dataset(
        data,
        {"aversion": rates, "wtp": values, "strategy": list(evaluation.strategies)},
        attrs={**evaluation.conventions(), "unit": evaluation.currency, "aversion_unit": f"per {evaluation.currency}"},
    )


def _preferred(evaluation: EvaluationData, sure: NDArray[np.float64], size: NDArray[np.float64]) -> NDArray[np.str_]:
    """Name of the best strategy; on a tie, but for rounding dust, the comparator, then the one named first."""
    base = evaluation.comparator_index
    order = [base, *(s for s in range(sure.shape[-1]) if s != base)]
    best = highest(sure, np.broadcast_to(size, sure.shape), order)
    return np.asarray(np.asarray(evaluation.strategies, dtype=str)[best])


def _utility(benefit: NDArray[np.float64], rate: float) -> NDArray[np.float64]:
    if rate == 0:
        return mean(benefit)
    with np.errstate(over="ignore"):
        return np.asarray((-np.expm1(-rate * benefit)).mean(axis=0) / rate)


def _certain(benefit: NDArray[np.float64], rate: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Certainty equivalent (strategy,), and (draw, strategy) of whose mean it has the error; nothing overflows."""
    if rate == 0:
        return mean(benefit), benefit
    least = benefit.min(axis=0)
    weight = np.exp(-rate * (benefit - least))  # the worst draw weighs 1, so the mean is never 0
    middle = weight.mean(axis=0)
    return np.asarray(least - np.log(middle) / rate), np.asarray(-weight / (rate * middle))


def _without_noise(evaluation: EvaluationData, wtp: float) -> NDArray[np.float64]:
    """Net benefit of every strategy, the comparator's level too, moved towards the mean as in noise.corrected_nmb."""
    assert evaluation.cost_half is not None
    assert evaluation.effect_half is not None
    size = size_of_benefit(wtp, evaluation.gain, evaluation.cost)
    net = cleared(wtp * evaluation.gain - evaluation.cost, size)
    half = wtp * evaluation.effect_sign * evaluation.effect_half - evaluation.cost_half
    gap = cleared(half[:, 0] - half[:, 1], size)
    centre = net.mean(axis=0)
    matrix, _ = shrinkage(total_covariance(net), covariance_of_gaps(gap))
    return np.asarray(centre + (net - centre) @ matrix.T)
