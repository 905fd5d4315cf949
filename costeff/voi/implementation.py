"""Value of implementation, alone and jointly with information (Fenwick, Claxton and Sculpher 2008)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costeff.analysis.curves import groups_left_out, jackknife, left_out
from costeff.analysis.intervals import mean, monte_carlo_error
from costeff.analysis.mix import read_shares
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
    uptake: float | None = None,
    uptake_then: float = 1.0,
    mix: Mapping[str, float] | None = None,
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
    `otherwise` (default the comparator), or are divided by `mix` (strategy to share of people), whether what they get
    is good or bad. With `mix` alone nobody follows the information now. A specific programme raises the share that
    follows it to `uptake_then` after `delay` years, at a `cost` in all. `evaluation` is the strategies delivered as
    planned; `delivered` is what they give at today's delivery, `delivered_then` at the programme's (default: as
    `delivered`), on the same draws. Perfect implementation gives everybody the best strategy without delay, delivered
    as planned or as today, whichever is better, so that it is never worth less than any other.

    Variables over (information, implementation, wtp), per decision in currency: `value`, expected net benefit
    less that of `otherwise` for everyone; `of_implementation`, what this implementation adds to the current one;
    `of_information`, what perfect information adds to current information; `of_both`, above current and current;
    each with `_mcse`. So `of_implementation` of (current, perfect) is the expected value of perfect
    implementation, `of_information` of (perfect, perfect) the EVPI, `of_both` of (perfect, perfect) the value of
    perfection. Information is worth the less the fewer follow it, and may point elsewhere when delivery is poor.

    Over (wtp,): `preferred`, the best strategy under current information, and its `preferred_delivery` ("planned" or
    "today"); `gain_from`: "stopping" where usual care (the comparator) is best and others are in use, so that perfect
    implementation gains by stopping them, "nothing" where everybody has the best already, else "implementing";
    `as_planned` with `_mcse`, the gain from delivering as planned what is in use today, by the same shares: another
    number, below 0 where what is delivered more fully is worse than usual care.
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
    >>> worse = implementation(two, 50, mix={"usual": 0.5, "new": 0.5}).sel(wtp=50)
    >>> worse["gain_from"].item(), worse["of_implementation"].sel(implementation="perfect").values.tolist()
    ('stopping', [10.0, 10.0])
    """
    import xarray as xr

    values, _ = read_wtp(wtp, evaluation)
    share, weight = _today(evaluation, uptake, mix, otherwise)
    if not 0 <= uptake_then <= 1:
        raise ScenarioError("uptake_then is out of range", value=uptake_then, rule="a share from 0 to 1")
    if not (math.isfinite(cost) and cost >= 0):
        raise ScenarioError("the cost of a programme is a number from 0", value=cost)
    rest = evaluation.comparator if otherwise is None else otherwise
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
    practice = Practice(
        weight, evaluation.strategies.index(rest), (share, late * share, (1 - late) * uptake_then), late
    )
    delivery = now, then, evaluation
    unit, axes = {"unit": evaluation.currency}, ("information", "implementation", "wtp")
    columns: dict[str, Any] = {}
    over = [_over(_terms(delivery, one, practice)) for one in values.tolist()]
    errors = [_errors(delivery, one, practice) for one in values.tolist()]
    for name in over[0]:
        columns[name] = (axes, np.stack([one[name].mean(axis=-1) for one in over], axis=-1), unit)
        columns[f"{name}_mcse"] = (axes, np.stack([one[name] for one in errors], axis=-1), unit)
    settings = {"uptake": share, "uptake_then": uptake_then, "otherwise": rest, "delay": delay, "cost": cost}
    if mix is not None:
        settings["mix"] = ", ".join(f"{name} {float(part):g}" for name, part in mix.items() if part)
    columns |= _best_of_today(delivery, values, practice)
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


@dataclass(frozen=True)
class Practice:
    """Who gets what: `mix` (strategy,) of those who do not follow the information, `base` the strategy that values are
    above, `shares` of all decisions that follow it today, before the programme works and after, `late` the share of
    decisions before."""

    mix: Floats
    base: int
    shares: tuple[float, float, float]
    late: float


def _today(
    evaluation: EvaluationData, uptake: float | None, mix: Mapping[str, float] | None, otherwise: str | None
) -> tuple[float, Floats]:
    """Share of people who follow the information today, and what the rest get, (strategy,)."""
    if uptake is None and mix is None:
        raise ScenarioError(
            "what people get today is missing",
            rule="the value of implementation is above today's practice",
            way_out="give uptake, the share who get the best strategy, or mix, the share of people in each strategy",
        )
    if uptake is not None and not 0 <= uptake <= 1:
        raise ScenarioError("uptake is out of range", value=uptake, rule="a share from 0 to 1")
    rest = evaluation.comparator if otherwise is None else otherwise
    if rest not in evaluation.strategies:
        raise ResultError(
            "the strategy of those not reached is unknown",
            value=rest,
            rule=f"strategies: {', '.join(evaluation.strategies)}",
        )
    if mix is not None and otherwise is not None:
        raise ScenarioError(
            "what the rest get is said twice",
            value=f"mix and otherwise={otherwise}",
            rule="mix divides them between strategies, otherwise gives all of them one",
            way_out="leave one out",
        )
    return uptake or 0.0, read_shares(evaluation, {rest: 1.0} if mix is None else mix)


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
    delivery: Delivery, wtp: float, practice: Practice, without: Sequence[Floats | None] = (None, None, None)
) -> Floats:
    """What each draw adds to the values, (information, implementation, draw).

    `without`: instead of the choice under current information today, by the programme and among all ways, the chance
    of each to be it.
    """
    nets = [_net(one, delivery[2], wtp, practice.base) for one in delivery]
    today, programme, ideal = (
        _chosen(net, chance) for net, chance in zip((*nets[:2], _all_ways(delivery, nets)), without, strict=True)
    )
    rest_today, rest_then = nets[0] @ practice.mix, nets[1] @ practice.mix
    current, before, after = practice.shares
    early, later = practice.late, 1 - practice.late
    now = current * today + (1 - current) * rest_today
    then = before * today + (early - before) * rest_today + after * programme + (later - after) * rest_then
    return np.stack([now, then, ideal], axis=1)


def _all_ways(delivery: Delivery, values: Sequence[Floats]) -> Floats:
    """Values of every strategy under every kind of delivery that differs, (draw, way): as planned, today, programme's.

    `values` (draw, strategy) for each of `delivery`. With one kind of delivery, the values themselves.
    """
    now, then, ideal = delivery
    ways = [values[2]]
    if now is not ideal:
        ways.append(values[0])
    if then is not now and then is not ideal:
        ways.append(values[1])
    return ways[0] if len(ways) == 1 else np.concatenate(ways, axis=1)


def _best_of_today(delivery: Delivery, wtp: Floats, practice: Practice) -> dict[str, Any]:
    """Over (wtp,): which strategy and delivery is best, what perfect implementation is, the gain from planned delivery.

    Means of the draws as they are, so that with common random numbers the last is the difference to the last digit.
    """
    now, _, ideal = delivery
    names, others = np.asarray(ideal.strategies, dtype=str), np.asarray(ideal.strategies) != ideal.comparator
    current = practice.shares[0]
    columns: dict[str, list[Any]] = {name: [] for name in ("preferred", "preferred_delivery", "gain_from")}
    gains, errors = [], []
    for value in wtp.tolist():
        benefits = [value * one.gain - one.cost for one in delivery]
        ways = mean(_all_ways(delivery, benefits))
        # Of a tie the comparator is the best, then the first.
        order = [ideal.comparator_index, *(k for k in range(len(ways)) if k != ideal.comparator_index)]
        best = max(order, key=lambda k: ways[k])
        strategy, as_today = best % len(names), best >= len(names)
        use = (1 - current) * practice.mix + current * (np.arange(len(names)) == int(np.argmax(mean(benefits[0]))))
        as_in_use = (now is ideal or as_today) and use[strategy] == 1
        stops = strategy == ideal.comparator_index and bool(use[others].sum() > 0)
        columns["preferred"].append(names[strategy])
        columns["preferred_delivery"].append("today" if as_today else "planned")
        columns["gain_from"].append("stopping" if stops else "nothing" if as_in_use else "implementing")
        difference = (benefits[2] - benefits[0]) @ use
        gains.append(float(mean(difference)))
        errors.append(float(monte_carlo_error(difference, ideal.replicates)))
    unit = {"unit": ideal.currency}
    return {
        **{name: ("wtp", np.asarray(values)) for name, values in columns.items()},
        "as_planned": ("wtp", np.asarray(gains), unit),
        "as_planned_mcse": ("wtp", np.asarray(errors), unit),
    }


def _errors(delivery: Delivery, wtp: float, practice: Practice) -> dict[str, Floats]:
    """Standard errors by name, (information, implementation), with chances of being best: see ties."""
    replicates = delivery[2].replicates
    benefits = [wtp * one.gain - one.cost for one in delivery]
    without = [chances_of(one, replicates) for one in (*benefits[:2], _all_ways(delivery, benefits))]
    terms = _terms(delivery, wtp, practice, without)
    if not any(_has_noise(one) for one in delivery):
        return {name: monte_carlo_error(np.moveaxis(term, -1, 0), replicates) for name, term in _over(terms).items()}
    # A delivery that stands twice is left out once, so that it is still seen to be the same.
    kinds = {id(one): left_out(one) for one in delivery}
    subsets = [kinds[id(one)] for one in delivery]
    parts = [
        list(_over(_terms(part, wtp, practice, without).mean(axis=-1)).values()) for part in zip(*subsets, strict=True)
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


def _net(evaluation: EvaluationData, ideal: EvaluationData, wtp: float, base: int) -> Floats:
    """Net benefit less that of `base` delivered as planned, (draw, strategy), without individuals' luck where known."""

    def net_of(one: EvaluationData) -> Floats:
        return corrected_nmb(one, wtp)[0] if _has_noise(one) else wtp * one.gain - one.cost

    net = net_of(evaluation)
    if evaluation is ideal:
        return np.asarray(net - net[:, [base]])
    # Corrected net benefits are above the comparator, which may be delivered in another way too.
    at = ideal.comparator_index
    own, other = (wtp * one.gain[:, [at]] - one.cost[:, [at]] for one in (evaluation, ideal))
    above = net - net[:, [at]] + (own - other)
    reference = net_of(ideal)
    return np.asarray(above - (reference[:, [base]] - reference[:, [at]]))


def _chosen(net: Floats, chance: Floats | None) -> Floats:
    """Net benefit (draw, way) of the best under current and under perfect information, (2, draw)."""
    current = net[:, int(np.argmax(net.mean(axis=0)))] if chance is None else net @ chance
    return np.stack([current, net.max(axis=1)])
