"""Advice on the split of a run into draws and individuals, with costs measured on this machine; as text too."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from costeff.analysis.psa import psa
from costeff.precision.advice import split_advice

if TYPE_CHECKING:
    import pandas as pd

    from costeff.analysis.study import ResultData

DRAWS, FEW, MANY = 32, 2, 1000
"""Draws of a timed run, and individuals in the two runs whose difference is the cost of individuals."""


def advice(
    result: ResultData,
    perspective: str | None = None,
    wtp: float | None = None,
    *,
    budget: float | None = None,
    target_error: float | None = None,
    per_draw: float | None = None,
    per_individual: float | None = None,
) -> pd.DataFrame:
    """The table of `costeff.precision.advice.split_advice` with `result` as the pilot.

    `wtp` defaults to the scenario's `wtp.at`; without one, the increment is that of net cost. `budget` in seconds.
    Costs that are not given are measured: see `measured_costs`.

    Parameters
    ----------
    result : Result
        The run that is read.
    perspective : str, optional
        Whose costs count. Default: the model's first perspective.
    wtp : float, optional
        In currency per unit of effect.
    budget : float, optional
        In seconds.
    target_error : float, optional
        Monte Carlo error of the increment, in currency per individual.
    per_draw : float, optional
        Seconds that a draw takes by itself.
    per_individual : float, optional
        Seconds that an individual takes.

    Returns
    -------
    pandas.DataFrame
        One row per way to share the time between draws and individuals.

    Raises
    ------
    ResultError
        For a result without halves of individuals, or of one draw.

    Examples
    --------
    >>> from costeff import load
    >>> pilot = load("tki2").psa(draws=8, individuals=20, seed=1, progress=False)
    >>> len(pilot.advice(budget=1.0, per_draw=0.01, per_individual=0.001)) > 0
    True
    """
    scenario_wtp = result.study.scenario.wtp
    value = wtp if wtp is not None else (scenario_wtp.at if scenario_wtp else None)
    evaluation = result.perspective(perspective)
    if per_draw is None or per_individual is None:
        costs = measured_costs(result)
        per_draw = costs[0] if per_draw is None else per_draw
        per_individual = costs[1] if per_individual is None else per_individual
    return split_advice(
        evaluation,
        result.individuals,
        per_draw=per_draw,
        per_individual=per_individual,
        wtp=value,
        budget=budget,
        target_error=target_error,
    )


def measured_costs(result: ResultData, repeats: int = 3) -> tuple[float, float]:
    """Seconds per draw and per individual in it: the least of a few short runs with few and with many individuals.

    Drawing, simulating and pricing are timed, with all threads.
    """
    many = max(MANY, result.individuals)
    seconds = {}
    for individuals in (FEW, many):
        times = []
        for _ in range(repeats):
            start = time.perf_counter()
            trial = psa(
                result.study,
                draws=DRAWS,
                individuals=individuals,
                seed=result.seed,
                method="random",
                engine=result.simulated.engine,
                progress=False,
            )
            trial.perspective()
            times.append(time.perf_counter() - start)
        seconds[individuals] = min(times) / DRAWS
    each = max((seconds[many] - seconds[FEW]) / (many - FEW), 1e-12)
    return max(seconds[FEW] - each * FEW, 1e-12), each


def printed_advice(table: pd.DataFrame, pilot: ResultData) -> str:
    """The advice for the terminal."""
    about = table.attrs
    what = "net cost" if "wtp" not in about else f"net benefit at {about['wtp']:,.10g}"
    head = (
        f"Pilot: {pilot.draws} draws x {pilot.individuals} individuals. Incremental {what} ({about['perspective']}, "
        f"{about['strategy']}), {about['currency']} per individual:\n"
        f"SD of the parameters {about['parameter_sd']:,.0f}, SD of individuals {about['individual_sd']:,.0f}; "
        f"a draw costs {1000 * about['per_draw']:.3g} ms and {1e6 * about['per_individual']:.3g} us per individual."
    )
    rows = []
    names = {
        "pilot": "as the pilot",
        "mean": "least error of the increment",
        "spread": "least error of its uncertainty",
    }
    for row in table.to_dict("records"):
        span = f"{row['individuals_low']:,} to {row['individuals_high']:,}"
        span = "" if row["purpose"] == "pilot" else span
        rows.append(
            [
                names[row["purpose"]],
                f"{row['individuals']:,}",
                span,
                f"{row['draws']:,}",
                f"{row['cost']:,.1f}",
                f"{row['mcse']:,.0f}",
                f"{100 * row['spread_error']:.1f} %",
                f"{row['mean_cost']:.2f}",
                f"{row['spread_cost']:.2f}",
            ]
        )
    import pandas as pd

    columns = [
        "split",
        "individuals",
        "95 %",
        "draws",
        "seconds",
        "error",
        "error of parameter variance",
        "cost, increment",
        "cost, uncertainty",
    ]
    text = pd.DataFrame(rows, columns=columns).to_string(index=False)
    return (
        f"{head}\n\n{text}\n\nThe last two columns: cost for equal precision, the best split's being 1. Intervals, "
        "acceptability and value of information rest on the uncertainty; take that row unless only the mean matters."
    )
