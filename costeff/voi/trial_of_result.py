"""A declared study made ready for a result: its endpoints' means follow the simulated effects, draw by draw.

The effects simulated for a draw carry the luck of its individuals, which is also in that draw's costs. So each effect
is first regressed on the parameters that the study learns about, and the fitted function is the endpoint's mean: free
of luck, and known at other parameter values too, such as those of the place where the study is done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from costeff.errors import ResultError, ScenarioError
from costeff.problems import closest
from costeff.voi.keys import DECIDES_FOR
from costeff.voi.regression.regression import Regression
from costeff.voi.trial_design import Endpoint, TrialDesign
from costeff.voi.trial_file import Trial

if TYPE_CHECKING:
    from costeff.analysis.study import ResultData

Floats = NDArray[np.float64]
SIZES = 16
"""Numbers of participants tried over the design's range, besides the planned one."""


def trial_design(result: ResultData, design: Trial, decides_for: str | None = None) -> TrialDesign:
    """The study on the draws of a result. `decides_for`: "here" or "elsewhere" in place of the design's own.

    Spread between individuals and its correlation between endpoints come from the two halves of each draw's
    individuals; where an endpoint declares a larger `sd`, the rest is measurement, unrelated to other endpoints.
    Raises ScenarioError for a design that does not fit the model, ResultError for a result without halves.
    """
    place = check_place(design, decides_for)
    groups = _groups(result, design)
    parameters = _learnt(result, design)
    names = [endpoint.effect for endpoint in design.endpoints]
    for endpoint in design.endpoints:
        check_known(design, "effect", endpoint.effect, [e.name for e in result.model.effects])
    at = [result.effects.names.index(name) for name in names]
    level = result.effects.value[:, groups][:, :, at]  # (draw, group, endpoint)
    alone = len(design.endpoints) == 1 and (design.endpoints[0].sd is not None or design.endpoints[0].rate)
    simulated = np.ones((1, 1)) if alone else _between_individuals(result, groups, at)
    points = np.column_stack([result.parameters[name] for name in parameters])
    shares = [result.effect(name).unit == "share" for name in names]
    first = level[:, :1]
    responses = np.concatenate([first, level[:, 1:] - first], axis=1).reshape(len(level), -1)
    regression = Regression(points, responses, np.zeros_like(responses))
    fits = [fitted(regression, j, parameters) for j in range(responses.shape[1])]
    endpoints, scale = [], []
    for e, measure in enumerate(design.endpoints):
        base = fits[e]
        means = {
            group: mean_of(base, fits[g * len(names) + e] if g else None, shares[e], measure.rate)
            for g, group in enumerate(design.allocation)
        }
        own = float(np.sqrt(simulated[e, e]))
        is_count = measure.rate or (shares[e] and measure.sd is None)
        sd = None if is_count else own if measure.sd is None else measure.sd
        endpoints.append(Endpoint(measure.name, means, sd, measure.dropout, measure.contrast, measure.rate))
        scale.append(1.0 if measure.sd is None else min(1.0, own / measure.sd))
    return TrialDesign(
        tuple(endpoints),
        dict(design.allocation),
        _correlation(simulated, np.array(scale)),
        dict(design.between) if place == "elsewhere" else {},
    )


def sizes(design: Trial) -> list[int]:
    """Numbers of participants to try: the range in equal ratios, rounded to two digits, and the planned one."""
    from math import floor, log10

    low, high = design.range
    steps = np.geomspace(low, high, SIZES)
    round_sizes = {int(round(n, 1 - floor(log10(n)))) for n in steps.tolist()}
    return sorted({low, high, design.planned, *(n for n in round_sizes if low < n < high)})


def check_place(design: Trial, decides_for: str | None) -> str:
    """For which place the decision is made; ScenarioError for an unknown one."""
    place = decides_for or design.decides_for
    if place not in DECIDES_FOR:
        raise ScenarioError("unknown place of the decision", value=place, rule=f"one of {', '.join(DECIDES_FOR)}")
    return place


def check_known(design: Trial, kind: str, name: str, names: list[str]) -> None:
    """Refuse a name of the design that is not known. Raises ScenarioError."""
    plural = "strategies" if kind == "strategy" else f"{kind}s"
    if name not in names:
        raise ScenarioError(
            f"design '{design.name}' names an unknown {kind}",
            where=design.place,
            value=name,
            rule=f"{plural}: {', '.join(names)}",
            way_out=closest(name, names, "correct the design, or the source"),
        )


def _groups(result: ResultData, design: Trial) -> list[int]:
    for name in design.allocation:
        check_known(design, "strategy", name, list(result.strategies))
    return [result.strategies.index(name) for name in design.allocation]


def _learnt(result: ResultData, design: Trial) -> list[str]:
    """The parameters learnt about that vary in these draws."""
    for name in design.learns:
        check_known(design, "parameter", name, sorted(result.parameters))
    varying = [name for name in design.learns if np.ptp(result.parameters[name]) > 0]
    if not varying:
        raise ScenarioError(
            "nothing that the study learns about is uncertain",
            where=design.place,
            value=", ".join(design.learns),
            way_out="run with distributions for these parameters",
        )
    return varying


def _between_individuals(result: ResultData, groups: list[int], at: list[int]) -> Floats:
    """Covariance of the endpoints between individuals of one draw and group, pooled, (endpoint, endpoint).

    Nobody asks for it where a single endpoint is counted, or states its own spread: it has no other to go along with.
    """
    half = result.effects.half
    if half is None or not result.halves:
        raise ResultError(
            "this result holds no halves of the individuals, from which their spread is read",
            way_out="run the microsimulation with an even number of individuals",
        )
    gap = (half[:, 0] - half[:, 1])[:, groups][:, :, at].reshape(-1, len(at))
    return np.asarray(gap.T @ gap / len(gap) / 4 * float(result.counts.half_sizes.sum()))


def _correlation(simulated: Floats, scale: Floats) -> Floats:
    sd = np.sqrt(np.maximum(np.diag(simulated), 1e-300))
    between = simulated / np.outer(sd, sd) * np.outer(scale, scale)
    between = (between + between.T) / 2
    np.fill_diagonal(between, 1.0)
    return np.asarray(between)


Fitted = Callable[[Mapping[str, Floats]], Floats]


def fitted(regression: Regression, column: int, parameters: list[str]) -> Fitted:
    """The response as a function of the parameters, with the spread that luck does not explain."""
    fit = regression.only(column).fit(1.0)
    if fit is None:
        mean = float(regression.gain_mean[column])
        return lambda draws: np.full(len(draws[parameters[0]]), mean)
    return lambda draws: fit.at(np.column_stack([draws[name] for name in parameters]))[:, 0]


def mean_of(base: Fitted, difference: Fitted | None, share: bool, rate: bool = False) -> Fitted:
    """An endpoint's mean: the fitted level, and the difference of a group from the first one.

    Shares stay between 0 and 1, and rates above 0.
    """
    least, most = 0.0 if share or rate else -np.inf, 1.0 if share else np.inf

    def mean(draws: Mapping[str, Floats]) -> Floats:
        value = base(draws) if difference is None else base(draws) + difference(draws)
        return np.clip(value, least, most)

    return mean
