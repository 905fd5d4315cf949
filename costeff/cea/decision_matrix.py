"""Several perspectives and effects side by side: one table of means, and the preferred strategy of each at each wtp."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from costeff.analysis.curves import best_share, optimal
from costeff.analysis.dust import size_of_benefit
from costeff.analysis.intervals import interval, mean, monte_carlo_error
from costeff.analysis.net_benefit import increments
from costeff.analysis.settled import replicates_behind, settled
from costeff.analysis.wtp import read_wtp
from costeff.errors import ResultError

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from costeff.analysis.evaluation import EvaluationData
    from costeff.analysis.study import ResultData


def named(evaluations: Mapping[str, EvaluationData] | Iterable[EvaluationData]) -> dict[str, EvaluationData]:
    """Evaluations by name; those given without one are named by their perspective. ResultError when names repeat."""
    if isinstance(evaluations, Mapping):
        by_name = dict(evaluations)
    else:
        entries = list(evaluations)
        by_name = {one.perspective: one for one in entries}
        if len(by_name) < len(entries):
            raise ResultError(
                "two evaluations have the same perspective",
                value=", ".join(one.perspective for one in entries),
                way_out="give a mapping from names to evaluations",
            )
    if not by_name:
        raise ResultError("no evaluation is given", rule="at least one")
    return by_name


def same(evaluations: Mapping[str, EvaluationData], *fields: str, rule: str = "") -> EvaluationData:
    """The first of the evaluations, after a check that `fields` (attributes of Evaluation) agree in all of them."""
    names, first = list(evaluations), next(iter(evaluations.values()))
    for name in names[1:]:
        for field in fields:
            here, there = getattr(first, field), getattr(evaluations[name], field)
            if here != there:
                raise ResultError(
                    f"evaluations differ in {field}",
                    where=f"'{names[0]}' and '{name}'",
                    value=f"{here}; {there}",
                    rule=rule or "what is compared is measured alike",
                )
    return first


def side_by_side(
    evaluations: Mapping[str, EvaluationData] | Iterable[EvaluationData], level: float = 0.95
) -> pd.DataFrame:
    """Means and increments of several perspectives and effects, one row per evaluation, quantity and strategy.

    Columns: name, perspective, quantity (`cost`, then each effect's name), unit, strategy, mean, mcse, increment
    against the comparator, increment_mcse, lower, upper (percentile interval of the increment over draws, individual
    noise included). A cost that two evaluations of one name share would stand twice, so each (name, quantity) stands
    once per perspective. Raises ResultError when strategies or the comparator differ.
    """
    import pandas as pd

    by_name = named(evaluations)
    same(by_name, "strategies", "comparator")
    rows = []
    pairs_seen: set[tuple[str, str]] = set()
    for name, one in by_name.items():
        base = one.comparator_index
        for quantity, values, unit in (
            ("cost", one.cost, one.currency),
            (one.effect_name, one.effect, one.effect_unit),
        ):
            if (one.perspective, quantity) in pairs_seen:
                continue
            pairs_seen.add((one.perspective, quantity))
            over = values - values[:, [base]]
            low, high = interval(over, level)
            columns = zip(
                mean(values),
                monte_carlo_error(values, one.replicates),
                mean(over),
                monte_carlo_error(over, one.replicates),
                low,
                high,
                strict=True,
            )
            for s, numbers in enumerate(columns):
                estimates = dict(
                    zip(
                        ("mean", "mcse", "increment", "increment_mcse", "lower", "upper"),
                        map(float, numbers),
                        strict=True,
                    )
                )
                if s == base:
                    estimates |= dict.fromkeys(("increment", "increment_mcse", "lower", "upper"), math.nan)
                rows.append(
                    {
                        "name": name,
                        "perspective": one.perspective,
                        "quantity": quantity,
                        "unit": unit,
                        "strategy": one.strategies[s],
                        **estimates,
                    }
                )
    table = pd.DataFrame(rows)
    table.attrs = {"comparator": next(iter(by_name.values())).comparator, "level": level}
    return table


def decision_matrix(
    evaluations: Mapping[str, EvaluationData] | Iterable[EvaluationData], wtp: ArrayLike | None = None
) -> xr.Dataset:
    """Who would choose what: the strategy with the highest expected net benefit, by perspective and willingness to pay.

    Variables over (perspective, wtp): `preferred`, its name; `lead`, how much its expected net monetary benefit is
    above that of the next best (currency per individual; 0 on a tie, NaN with one strategy), with `lead_mcse`;
    `probability` that it is best in a draw (CEAF; individual noise included), with `probability_mcse`; `tied`;
    `settled`, 1 when more simulation is not likely to turn the choice (see costeff.analysis.settled). The names of a
    mapping take the place of perspectives. Evaluations share strategies, comparator, currency, and the unit of effect
    (money per QALY is not money per week: make one matrix for each effect). Raises ResultError otherwise,
    ScenarioError when `wtp` is missing.

    >>> from costeff import Evaluation
    >>> def two(perspective, cost):
    ...     return Evaluation(perspective, "qaly", ("usual", "new"), "usual", [[0.0, cost]] * 2, [[0.0, 0.1]] * 2)
    >>> found = decision_matrix([two("municipal", 30_000.0), two("state", -5_000.0)], [0, 500_000])
    >>> found["preferred"].values.tolist(), found["lead"].values.tolist()
    ([['usual', 'new'], ['new', 'new']], [[30000.0, 20000.0], [5000.0, 55000.0]])
    """
    import xarray as xr

    by_name = named(evaluations)
    first = same(by_name, "strategies", "comparator", "currency", "effect_unit", "effect_sign")
    values, _ = read_wtp(wtp, *by_name.values())
    shape = (len(by_name), len(values))
    numbers = {name: np.full(shape, np.nan) for name in ("lead", "lead_mcse", "probability", "probability_mcse")}
    choices, ties = np.empty(shape, dtype=object), np.zeros(shape, dtype=np.int8)
    for i, one in enumerate(by_name.values()):
        best, tie_flags = optimal(one, values)
        for w, value in enumerate(values.tolist()):
            at = int(best[w])
            benefit = value * one.gain - one.cost
            share = best_share(benefit, size_of_benefit(value, one.gain, one.cost))[:, at]
            choices[i, w], ties[i, w] = one.strategies[at], tie_flags[w]
            numbers["probability"][i, w] = share.mean()
            numbers["probability_mcse"][i, w] = monte_carlo_error(share, one.replicates)
            if len(one.strategies) > 1:
                over = value * -increments(one.gain, at) + increments(one.cost, at)  # chosen less each other
                gaps = value * -mean(increments(one.gain, at)) + mean(increments(one.cost, at))
                near = int(np.argmin(gaps))
                numbers["lead"][i, w] = gaps[near]
                numbers["lead_mcse"][i, w] = monte_carlo_error(over, one.replicates)[near]
    axes = ("perspective", "wtp")
    counts = [replicates_behind(one) for one in by_name.values()]
    sure = [
        [bool(settled(*pair, count)) for pair in zip(*own, strict=True)]
        for own, count in zip(zip(numbers["lead"], numbers["lead_mcse"], strict=True), counts, strict=True)
    ]
    return xr.Dataset(
        {
            "preferred": (axes, choices.astype(str)),
            **{name: (axes, array) for name, array in numbers.items()},
            "tied": (axes, ties),
            "settled": (axes, np.array(sure, dtype=np.int8)),
        },
        {"perspective": list(by_name), "wtp": values},
        attrs={
            "effect": first.effect_name,
            "effect_unit": first.effect_unit,
            "effect_sign": first.effect_sign,
            "currency": first.currency,
            "comparator": first.comparator,
            "unit": first.currency,
            "strategies": first.conventions()["strategies"],
            "errors": first.errors,
        },
    )


def decision_matrix_of_result(
    result: ResultData, wtp: ArrayLike | None = None, perspectives: Sequence[str] = (), effect: str | None = None
) -> xr.Dataset:
    """The preferred strategy of each perspective of a result (default: all) at each willingness to pay.

    See `decision_matrix`.

    Parameters
    ----------
    result : Result
        The run that is read.
    wtp : float or sequence of float
        Willingness to pay, (wtp,), in currency per unit of effect gained; there is no default.
    perspectives : sequence of str
        Whose costs count, one after the other. Default: all of the model.
    effect : str, optional
        Which effect counts. Default: the model's main effect.

    Returns
    -------
    xarray.Dataset
        Over (perspective, wtp).

    Raises
    ------
    ResultError
        For an unknown perspective or effect.
    ScenarioError
        When `wtp` is missing or negative.

    Examples
    --------
    >>> from costeff import load
    >>> result = load("sick_sicker").run(engine="cohort", progress=False)
    >>> result.decision_matrix([0, 50_000]).sizes["wtp"]
    2
    """
    names = perspectives or [view.name for view in result.model.perspectives]
    return decision_matrix({name: result.perspective(name, effect) for name in names}, wtp)
