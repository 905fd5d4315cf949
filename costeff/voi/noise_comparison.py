"""Raw and noise-corrected results side by side, each with its Monte Carlo error.

Raw results read the spread between draws as if all of it were parameter uncertainty; corrected ones leave out the luck
of the individuals (O'Hagan, Stevenson and Madan 2007), which more individuals would remove and no study could.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costeff.analysis.corrected import corrected_curves
from costeff.analysis.curves import curves
from costeff.analysis.intervals import monte_carlo_error, read_level
from costeff.analysis.net_benefit import increments, net_increments
from costeff.analysis.noise import corrected_nmb, gap_of_benefit, noise
from costeff.analysis.regression.groups import Names
from costeff.analysis.wtp import read_wtp
from costeff.errors import ResultError
from costeff.voi.evppi import evppi

if TYPE_CHECKING:
    import pandas as pd

    from costeff.analysis.evaluation import EvaluationData

Floats = NDArray[np.float64]


def noise_comparison(
    evaluation: EvaluationData, wtp: ArrayLike | None = None, names: Names | None = None, level: float = 0.95
) -> pd.DataFrame:
    """Spread, interval, acceptability, expected loss, EVPI and EVPPI with and without individual noise.

    Columns: quantity (`sd`, `lower`, `upper` of the incremental net benefit; `probability`, `expected_loss`, `evpi`,
    `evppi`), of (a strategy, or a group of parameters; empty for EVPI), wtp, raw, raw_mcse, corrected, corrected_mcse,
    floored (noise exceeded the spread). EVPPI only for `names` that are given: its raw value lacks the correction for
    what a regression takes from noise, and has no error of its own (NaN). Errors of SDs and limits are those of the
    draws' influence on them; those of corrected curves and EVPI come from leaving out tenths of the draws, or
    replicates, in turn.

    Parameters
    ----------
    evaluation : Evaluation
        Cost and effect over (draw, strategy), in currency and in units of effect, per individual.
    wtp : float or sequence of float
        Willingness to pay, (wtp,), in currency per unit of effect gained; there is no default.
    names : str, sequence or mapping, optional
        A parameter, some that are known together, or labels of groups to either. Default: each that varies.
    level : float
        Probability of the intervals, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per quantity, with and without luck.

    Raises
    ------
    ResultError
        Without halves or with one draw.
    ScenarioError
        When `wtp` is missing.

    Examples
    --------
    >>> from costeff import load
    >>> result = load("tki2").psa(draws=20, individuals=20, seed=1, progress=False)
    >>> table = result.perspective().noise_comparison(300_000)
    >>> "evpi" in set(table["quantity"])
    True
    """
    import pandas as pd

    values, _ = read_wtp(wtp, evaluation)
    noise(evaluation)  # refuses an evaluation without halves
    raw_curves, clean_curves = curves(evaluation, values), corrected_curves(evaluation, values)
    if clean_curves is None:
        raise ResultError("one draw has no spread to correct", way_out="run more draws")
    rows = _of_increments(evaluation, values, level)
    for w, value in enumerate(values.tolist()):
        row_base = {"wtp": value, "floored": bool(clean_curves.floored[w])}
        for s, name in enumerate(evaluation.strategies):
            rows.append(
                row_base
                | {
                    "quantity": "probability",
                    "of": name,
                    "raw": raw_curves.probability[w, s],
                    "raw_mcse": raw_curves.probability_mcse[w, s],
                    "corrected": clean_curves.probability[w, s],
                    "corrected_mcse": clean_curves.probability_mcse[w, s],
                }
            )
            rows.append(
                row_base
                | {
                    "quantity": "expected_loss",
                    "of": name,
                    "raw": raw_curves.loss[w, s],
                    "raw_mcse": raw_curves.loss_mcse[w, s],
                    "corrected": clean_curves.loss[w, s],
                    "corrected_mcse": clean_curves.loss_mcse[w, s],
                }
            )
        rows.append(
            row_base
            | {
                "quantity": "evpi",
                "of": "",
                "raw": raw_curves.of_best(raw_curves.loss)[w],
                "raw_mcse": raw_curves.evpi_mcse[w],
                "corrected": clean_curves.evpi[w],
                "corrected_mcse": clean_curves.evpi_mcse[w],
            }
        )
    if names is not None:
        rows += _partial(evaluation, names, values)
    columns = ["quantity", "of", "wtp", "raw", "raw_mcse", "corrected", "corrected_mcse", "floored"]
    table = pd.DataFrame(rows, columns=columns)
    table.attrs = {**evaluation.conventions(), "level": level}
    return table


def _of_increments(evaluation: EvaluationData, wtp: Floats, level: float) -> list[dict[str, Any]]:
    """SD between draws, and limits of the interval, with their errors."""
    tail = (1 - read_level(level)) / 2
    base, blocks = evaluation.comparator_index, evaluation.replicates
    rows = []
    for value in wtp.tolist():
        net, gaps = net_increments(evaluation, value), gap_of_benefit(evaluation, value)
        full, excess_noise = corrected_nmb(evaluation, value)
        clean = increments(full, base)
        for s, name in enumerate(evaluation.alternatives):
            both = net[:, s], np.zeros(len(net)), net[:, s]
            less = net[:, s], gaps[:, s], clean[:, s]
            row_base = {"of": name, "wtp": value, "floored": excess_noise}
            for quantity, share in (("sd", None), ("lower", tail), ("upper", 1 - tail)):
                row = row_base | {"quantity": quantity}
                for side, (as_drawn, gap, spread) in (("raw", both), ("corrected", less)):
                    row[side] = np.std(spread, ddof=1) if share is None else np.quantile(spread, share)
                    pull = influence(as_drawn, gap, spread, share)
                    row[f"{side}_mcse"] = float(monte_carlo_error(pull, blocks))
                rows.append(row)
    return rows


def influence(net: Floats, gap: Floats, clean: Floats, share: float | None) -> Floats:
    """What each draw adds to an estimate, (draw,), so that its SD / sqrt(draws) is the estimate's error.

    `net` as drawn, `gap` between its halves (0: no correction), `clean` without noise. The estimate is the SD of
    `clean`, or with `share` its quantile: mean + SD x (quantile of the standardised draws), each of which moves with a
    draw. The density at the quantile is that between the quantiles one standard error of the share away (Woodruff
    1952). NaN where the SD is 0.
    """
    sd = float(np.std(clean, ddof=1))
    if sd == 0:
        return np.full(len(net), math.nan)
    deviations = net - net.mean()
    of_sd = (deviations**2 - gap**2 / 4 - sd**2) / (2 * sd)
    if share is None:
        return np.asarray(of_sd)
    standard = (clean - clean.mean()) / sd
    at = float(np.quantile(standard, share))
    away = math.sqrt(share * (1 - share) / len(net))
    low, high = np.clip([share - away, share + away], 0.0, 1.0)
    stretch = float(np.subtract(*np.quantile(standard, [high, low]))) / (high - low)
    of_rank = (share - (standard <= at)) * stretch - standard - at * (standard**2 - 1) / 2
    return np.asarray(deviations + at * of_sd + sd * of_rank)


def _partial(evaluation: EvaluationData, names: Names, wtp: Floats) -> list[dict[str, Any]]:
    table = evppi(evaluation, names, wtp)
    return [
        {
            "quantity": "evppi",
            "of": str(group),
            "wtp": value,
            "floored": False,
            "raw": float(table["evppi_raw"][g, w]),
            "raw_mcse": math.nan,
            "corrected": float(table["evppi"][g, w]),
            "corrected_mcse": float(table["evppi_mcse"][g, w]),
        }
        for g, group in enumerate(table["group"].values)
        for w, value in enumerate(wtp.tolist())
    ]
