"""One table of an analysis as a paper prints it: means, increments with intervals, ICER and net benefit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from costeff.analysis.intervals import interval
from costeff.analysis.wtp import read_wtp
from costeff.cea.acceptability import ceac
from costeff.cea.icer import icer_table
from costeff.cea.pairwise import pairwise, wtp_name

if TYPE_CHECKING:
    import pandas as pd

    from costeff.analysis.evaluation import EvaluationData


def table(evaluation: EvaluationData, wtp: ArrayLike | None = None, level: float = 0.95) -> pd.DataFrame:
    """The pairwise and the fully incremental comparison in one table, a row per strategy by rising cost.

    Parameters
    ----------
    evaluation : Evaluation
        Cost and effect over (draw, strategy), in currency and in units of effect, per individual.
    wtp : number or row of numbers, optional
        Willingness to pay at which net benefit and the probability of being the best of all are shown too.
    level : float
        Of the intervals.

    Returns
    -------
    DataFrame
        `strategy`; `cost` and `effect`, each with error and interval; the increments against the comparator and their
        intervals as `pairwise` gives them (NaN for the comparator); of the fully incremental comparison `against`,
        `icer`, `status` and `settled` as `icer_table` gives them; with `wtp` also `nmb_at_W` (increment against the
        comparator), its interval, and `best_at_W`, the probability that no other strategy has a higher net benefit.

    Examples
    --------
    >>> from costeff import Evaluation
    >>> two = Evaluation("payer", "qaly", ("usual", "new"), "usual",
    ...                  cost=[[100.0, 150.0], [120.0, 150.0]] * 3, effect=[[1.0, 1.5], [1.0, 1.5]] * 3)
    >>> table(two, 100)[["strategy", "incremental_cost", "icer", "nmb_at_100", "best_at_100"]].to_dict("records")[1]
    {'strategy': 'new', 'incremental_cost': 40.0, 'icer': 80.0, 'nmb_at_100': 10.0, 'best_at_100': 0.75}
    """

    incremental = icer_table(evaluation)
    frame = incremental[["strategy"]].copy()
    at = [evaluation.strategies.index(name) for name in frame["strategy"]]
    for key in ("cost", "effect"):
        lower, upper = interval(getattr(evaluation, key), level)
        frame[key], frame[f"{key}_mcse"] = incremental[key], incremental[f"{key}_mcse"]
        frame[f"{key}_lower"], frame[f"{key}_upper"] = lower[at], upper[at]
    pairs = pairwise(evaluation, wtp, level).set_index("strategy")
    increments = [name for name in pairs if str(name).startswith("incremental_")]
    frame = frame.join(pairs[increments], on="strategy")
    frame = frame.join(incremental[["against", "icer", "status", "settled"]])
    for value in [] if wtp is None else read_wtp(wtp, evaluation)[0].tolist():
        name = wtp_name(value)
        frame = frame.join(pairs[[f"nmb_at_{name}{end}" for end in ("", "_mcse", "_lower", "_upper")]], on="strategy")
        curves = ceac(evaluation, value).isel(wtp=0)
        variable = "probability_noise_corrected" if "probability_noise_corrected" in curves else "probability"
        frame[f"best_at_{name}"] = curves[variable].values[at]
    frame.attrs = {**incremental.attrs, "level": level}
    return frame
