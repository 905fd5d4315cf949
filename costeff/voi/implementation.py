"""Value of implementation, alone and jointly with information (Fenwick, Claxton and Sculpher 2008)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costeff.analysis.curves import groups_left_out, jackknife, left_out
from costeff.analysis.intervals import monte_carlo_error
from costeff.analysis.noise import corrected_nmb
from costeff.analysis.ties import chances_of
from costeff.analysis.wtp import read_wtp
from costeff.errors import ResultError, ScenarioError
from costeff.voi.evpi import decisions, with_population

if TYPE_CHECKING:
    import xarray as xr

    from costeff.analysis.evaluation import EvaluationData

Floats = NDArray[np.float64]
INFORMATION = ("current", "perfect")
IMPLEMENTATION = ("current", "specific", "perfect")


def implementation(
    evaluation: EvaluationData,
    wtp: ArrayLike | None = None,
    *,
    uptake: float,
    uptake_then: float = 1.0,
    otherwise: str | None = None,
    delivered: EvaluationData | None = None,
    delivered_then: EvaluationData | None = None,
    delay: int = 0,
    cost: float = 0.0,
    population: float | Sequence[float] | None = None,
    horizon: int | None = None,
    discount_rate: float | None = None,
) -> xr.Dataset:
    """Four-way table: current or perfect information x current, specific or perfect implementation.

    `uptake` is the share of people who now get the strategy that the information at hand points to; the rest get
    `otherwise` (default the comparator). A specific programme raises it to `uptake_then` after `delay` years, at
    a `cost` in all. `evaluation` is the strategies delivered as intended; `delivered` is what they give at
    today's fidelity, `delivered_then` at the programme's (default: as `delivered`), on the same draws. Perfect
    implementation is uptake 1, delivery as intended and no delay.

    Variables over (information, implementation, wtp), per decision in currency: `value`, expected net benefit
    less that of `otherwise` for everyone; `of_implementation`, what this implementation adds to the current one;
    `of_information`, what perfect information adds to current information; `of_both`, above current and current;
    each with `_mcse`. So `of_implementation` of (current, perfect) is the expected value of perfect
    implementation, `of_information` of (perfect, perfect) the EVPI, `of_both` of (perfect, perfect) the value of
    perfection. Information is worth the less the fewer follow it, and may point elsewhere when delivery is poor.
    Individual noise is removed as in evpi when halves are there, and errors are then from leaving out tenths of the
    draws, or replicates, in turn. With `population` also population_NAME, and over
    (information, wtp) `population_specific_net`, the programme's value less its cost.

    Raises ScenarioError for a share, delay or cost out of range, ResultError for evaluations that do not match.

    >>> from costeff import Evaluation
    >>> two = Evaluation("municipal", "qaly", ("usual", "new"), "usual",
    ...                  cost=[[0.0, 50.0], [0.0, 50.0]], effect=[[0.0, 1.0], [0.0, 0.2]])
    >>> found = implementation(two, 100, uptake=0.25)
    >>> found["value"].sel(wtp=100, implementation=["current", "perfect"]).values.tolist()
    [[2.5, 10.0], [6.25, 25.0]]
    """
    import xarray as xr

    values, _ = read_wtp(wtp, evaluation)
    for name, share in (("uptake", uptake), ("uptake_then", uptake_then)):
        if not 0 <= share <= 1:
            raise ScenarioError(f"{name} is out of range", value=share, rule="a share from 0 to 1")
    if not (math.isfinite(cost) and cost >= 0):
        raise ScenarioError("the cost of a programme is a number from 0", value=cost)
    rest = evaluation.comparator if otherwise is None else otherwise
    if rest not in evaluation.strategies:
        raise ResultError(
            "the strategy of those not reached is unknown",
            value=rest,
            rule=f"strategies: {', '.join(evaluation.strategies)}",
        )
    now = delivered or evaluation
    then = delivered_then or now
    for other in (now, then):
        if other.strategies != evaluation.strategies or other.draws != evaluation.draws:
            raise ResultError(
                "results at another fidelity have other strategies or draws",
                value=f"{', '.join(other.strategies)}; {other.draws} draws",
                rule=f"{', '.join(evaluation.strategies)}; {evaluation.draws} draws, the same ones",
            )
    late = _share_before(delay, population, horizon, discount_rate)
    at = evaluation.strategies.index(rest)
    shares = uptake, late * uptake, (1 - late) * uptake_then
    delivery = now, then, evaluation
    unit, axes = {"unit": evaluation.currency}, ("information", "implementation", "wtp")
    columns = {}
    over = [_over(_terms(delivery, one, at, shares)) for one in values.tolist()]
    errors = [_errors(delivery, one, at, shares) for one in values.tolist()]
    for name in over[0]:
        columns[name] = (axes, np.stack([one[name].mean(axis=-1) for one in over], axis=-1), unit)
        columns[f"{name}_mcse"] = (axes, np.stack([one[name] for one in errors], axis=-1), unit)
    settings = {"uptake": uptake, "uptake_then": uptake_then, "otherwise": rest, "delay": delay, "cost": cost}
    table = xr.Dataset(
        columns,
        {"information": list(INFORMATION), "implementation": list(IMPLEMENTATION), "wtp": values},
        attrs={**evaluation.conventions(), **settings, **_groups_behind(delivery), "unit": evaluation.currency},
    )
    table = with_population(table, population, horizon, discount_rate)
    if population is not None:
        net = table["population_of_implementation"].sel(implementation="specific", drop=True) - cost
        table["population_specific_net"] = net.assign_attrs(unit)
    return table


def _share_before(
    delay: int, population: float | Sequence[float] | None, horizon: int | None, discount_rate: float | None
) -> float:
    """Share of the discounted decisions that fall before the programme works."""
    if delay == 0:
        return 0.0
    if delay < 0 or int(delay) != delay:
        raise ScenarioError("the delay is out of range", value=delay, rule="whole years from 0")
    if population is None or horizon is None or discount_rate is None:
        raise ScenarioError(
            "a delay needs people per year, a horizon and a discount rate",
            value=f"delay={delay}",
            way_out="give population=, horizon= and discount_rate=",
        )
    if delay > horizon:
        raise ScenarioError("the delay is longer than the horizon", value=delay, rule=f"{horizon} years")
    people = np.broadcast_to(np.asarray(population, np.float64), (horizon,))
    soon = np.where(np.arange(horizon) < delay, people, 0.0)
    whole = decisions(people.tolist(), horizon, discount_rate)
    return decisions(soon.tolist(), horizon, discount_rate) / whole if whole > 0 else 0.0


def _over(terms: Floats) -> dict[str, Floats]:
    """Values (information, implementation, ...), and what they are above others."""
    return {
        "value": terms,
        "of_implementation": terms - terms[:, :1],
        "of_information": terms - terms[:1],
        "of_both": terms - terms[:1, :1],
    }


Delivery = tuple["EvaluationData", "EvaluationData", "EvaluationData"]
"""Today, by the programme, as intended."""


def _terms(
    delivery: Delivery,
    wtp: float,
    otherwise: int,
    shares: tuple[float, float, float],
    without: Sequence[Floats | None] = (None, None, None),
) -> Floats:
    """What each draw adds to the values, (information, implementation, draw).

    `shares` of people who are reached today, before the programme works, and then. `without`: instead of the choice
    under current information, the chance of each strategy to be it.
    """
    pairs = [_chosen(one, wtp, otherwise, chance) for one, chance in zip(delivery, without, strict=True)]
    today, programme, ideal = pairs
    current, before, after = shares
    return np.stack([current * today, before * today + after * programme, ideal], axis=1)


def _errors(delivery: Delivery, wtp: float, otherwise: int, shares: tuple[float, float, float]) -> dict[str, Floats]:
    """Standard errors by name, (information, implementation), with chances of being best: see ties."""
    replicates = delivery[2].replicates
    without = [chances_of(wtp * one.gain - one.cost, replicates) for one in delivery]
    terms = _terms(delivery, wtp, otherwise, shares, without)
    if not any(_has_noise(one) for one in delivery):
        return {name: monte_carlo_error(np.moveaxis(term, -1, 0), replicates) for name, term in _over(terms).items()}
    subsets = [left_out(one) for one in delivery]
    parts = [
        list(_over(_terms(part, wtp, otherwise, shares, without).mean(axis=-1)).values())
        for part in zip(*subsets, strict=True)
    ]
    whole = _over(terms.mean(axis=-1))
    return dict(zip(whole, jackknife(parts, list(whole.values())), strict=True))


def _groups_behind(delivery: Delivery) -> dict[str, int]:
    """How many groups of draws are behind the errors, where these come from leaving out groups."""
    if not any(_has_noise(one) for one in delivery):
        return {}
    return {"error_groups": groups_left_out(delivery[2].draws, delivery[2].replicates)}


def _has_noise(evaluation: EvaluationData) -> bool:
    return evaluation.cost_half is not None and evaluation.draws > 1


def _chosen(evaluation: EvaluationData, wtp: float, otherwise: int, chance: Floats | None) -> Floats:
    """Net benefit less that of `otherwise` under current and under perfect information, (2, draw)."""
    if _has_noise(evaluation):
        net = corrected_nmb(evaluation, wtp)[0]
    else:
        net = wtp * evaluation.gain - evaluation.cost
    net = net - net[:, [otherwise]]
    current = net[:, int(np.argmax(net.mean(axis=0)))] if chance is None else net @ chance
    return np.stack([current, net.max(axis=1)])
