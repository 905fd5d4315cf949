"""Expected value of perfect information, and the number of decisions that information serves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from costeff.analysis.corrected import corrected_curves
from costeff.analysis.curves import curves
from costeff.analysis.tails import carrying_evpi
from costeff.analysis.wtp import read_wtp
from costeff.errors import ScenarioError
from costeff.voi.optimism import most_lost

if TYPE_CHECKING:
    import xarray as xr

    from costeff.analysis.evaluation import EvaluationData


def decisions(population: float | Sequence[float], horizon: int | None, discount_rate: float | None) -> float:
    """Discounted number of people whose decision the information serves.

    `population` is the total when `horizon` is None; else people per year for `horizon` years, discounted by
    the whole year, the first year not at all. A row of numbers gives the people of each year. Raises
    ScenarioError: a horizon needs a discount rate, which has no default.

    >>> decisions(1000, None, None), decisions(100, 3, 0.0), round(decisions([100, 110], 2, 0.1), 6)
    (1000.0, 300.0, 200.0)
    """
    people = np.atleast_1d(np.asarray(population, dtype=np.float64))
    if people.ndim > 1 or people.size == 0 or not (np.isfinite(people) & (people >= 0)).all():
        raise ScenarioError("the population is not a number of people", value=population)
    if horizon is None and people.size == 1 and discount_rate is None:
        return float(people[0])
    if horizon is None or discount_rate is None:
        raise ScenarioError(
            "people per year need a horizon and a discount rate",
            value=f"horizon={horizon}, discount_rate={discount_rate}",
            way_out="give both (discount_rate=0 for none), or the total number of people and neither",
        )
    if horizon < 1 or int(horizon) != horizon or not 0 <= discount_rate < 1:
        raise ScenarioError(
            "the horizon or the discount rate is out of range",
            value=f"{horizon}, {discount_rate}",
            rule="whole years from 1; a rate from 0 to below 1",
        )
    if people.size not in (1, horizon):
        raise ScenarioError("the population does not fit the horizon", value=people.size, rule=f"{horizon} years")
    return float((people / (1 + discount_rate) ** np.arange(horizon)).sum())


def with_population(
    table: xr.Dataset, population: float | Sequence[float] | None, horizon: int | None, discount_rate: float | None
) -> xr.Dataset:
    """The table with every value per decision also for the population, as population_NAME."""
    if population is None:
        if horizon is not None or discount_rate is not None:
            raise ScenarioError("a horizon or discount rate without a population", way_out="give population=")
        return table
    people = decisions(population, horizon, discount_rate)
    money = [str(name) for name, array in table.data_vars.items() if array.attrs.get("unit")]
    population_table = table.assign({f"population_{name}": table[name] * people for name in money})
    for name in money:
        population_table[f"population_{name}"].attrs["unit"] = table[name].attrs["unit"]
    population_table.attrs["decisions"] = people
    return population_table


def evpi(
    evaluation: EvaluationData,
    wtp: ArrayLike | None = None,
    *,
    population: float | Sequence[float] | None = None,
    horizon: int | None = None,
    discount_rate: float | None = None,
) -> xr.Dataset:
    """Expected value of perfect information: what knowing all parameters would gain per decision, in currency.

    Mean over draws of the best net monetary benefit of the draw, less that of the strategy with the highest
    expected net benefit. Variables over (wtp,): `evpi` and its Monte Carlo standard error `evpi_mcse` (NaN
    with one draw). When halves of the individuals are there and there are several draws, `evpi` still
    includes the luck of the individuals, which no study can reveal; `evpi_noise_corrected` does not, with
    `evpi_noise_corrected_mcse` (from leaving out tenths of the draws, or replicates, in turn) and
    `noise_floored` as in ceac. `optimism` is by how much the value may be too low on average where strategies nearly
    tie in the mean, since the best of estimated means is taken; 0 elsewhere. `carrying_draws` carry the error, which is
    rough below 10 (see costeff.analysis.tails). With `population` also population_NAME for each, for the people
    counted by `decisions`.

    Parameters
    ----------
    evaluation : Evaluation
        Cost and effect over (draw, strategy), in currency and in units of effect, per individual.
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
        Over (wtp,), in currency per decision.

    Raises
    ------
    ScenarioError
        When `wtp` is missing.

    Examples
    --------
    >>> from costeff import Evaluation
    >>> two = Evaluation("municipal", "qaly", ("usual", "new"), "usual",
    ...                  cost=[[0.0, 100.0], [0.0, 100.0]], effect=[[0.0, 1.0], [0.0, 0.2]])
    >>> found = evpi(two, 200, population=1000, horizon=2, discount_rate=0.0)
    >>> float(found["evpi"][0]), float(found["population_evpi"][0])
    (30.0, 60000.0)
    """
    import xarray as xr

    values, _ = read_wtp(wtp, evaluation)
    raw_curves, clean_curves = curves(evaluation, values), corrected_curves(evaluation, values)
    columns = {"evpi": raw_curves.of_best(raw_curves.loss), "evpi_mcse": raw_curves.evpi_mcse}
    if clean_curves is not None:
        columns |= {"evpi_noise_corrected": clean_curves.evpi, "evpi_noise_corrected_mcse": clean_curves.evpi_mcse}
    columns["optimism"] = most_lost(evaluation, values)
    unit = {"unit": evaluation.currency}
    table = xr.Dataset(
        {name: ("wtp", column, unit) for name, column in columns.items()},
        {"wtp": values},
        attrs={**evaluation.conventions(), "unit": evaluation.currency},
    )
    table = with_population(table, population, horizon, discount_rate)
    table["carrying_draws"] = ("wtp", carrying_evpi(evaluation, values))
    if clean_curves is not None:
        table["noise_floored"] = ("wtp", clean_curves.floored)
    return table
