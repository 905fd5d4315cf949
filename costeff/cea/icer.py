"""The fully incremental cost-effectiveness table, the quadrant of a strategy, and intervals for an ICER."""

from __future__ import annotations

import html
import math
from statistics import NormalDist
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from costeff.analysis.apart import NET_ONLY, check_apart
from costeff.analysis.dust import alike, cleared
from costeff.analysis.frontier import (
    DOMINATED,
    EFFICIENT,
    EXTENDEDLY_DOMINATED,
    LESS_LESS,
    Standing,
    frontier,
    quadrant,
)
from costeff.analysis.intervals import block_means, mean, monte_carlo_error, read_level
from costeff.analysis.noise import covariance_of_gaps, shrinkage, total_covariance
from costeff.analysis.settled import FEWEST, every, quantile, replicates_behind, settled, standing_kept
from costeff.errors import ResultError, ScenarioError
from costeff.evidence.distributions.distribution import four_digits

if TYPE_CHECKING:
    import pandas as pd

    from costeff.analysis.evaluation import EvaluationData


COLUMNS = (
    "strategy",
    "cost",
    "cost_mcse",
    "effect",
    "effect_mcse",
    "incremental_cost",
    "incremental_cost_mcse",
    "incremental_effect",
    "incremental_effect_mcse",
    "icer",
    "status",
    "against",
    "quadrant",
    "settled",
    "quadrant_share",
)
"""Columns of the ICER table, in order."""
UNSETTLED_STATUS = "not settled: the error of the draws could explain the increments"
UNTOLD = "not settled: too few draws, designs or halves to tell their error"
"""Status of an interval whose ratio is withheld."""

_tables: WeakKeyDictionary[EvaluationData, pd.DataFrame] = WeakKeyDictionary()


def icer_table(evaluation: EvaluationData) -> pd.DataFrame:
    """Fully incremental table of the mean results, one row per strategy, ordered by cost.

    Columns: `strategy`, `cost`, `effect` (means over draws per individual, as counted), their increments and
    Monte Carlo standard errors (`_mcse`), `icer`, `status`, `against`, `quadrant`.

    - Increments are this row less the strategy named in `against`: for efficient strategies the one before on
      the frontier, for others the last frontier strategy that costs no more (NaN for the reference). `status`
      is explained in costeff.analysis.frontier.
    - `icer` is the incremental cost per unit of effect *gained*: with effect_sign -1, per week avoided. It is
      given for efficient strategies, and for `less costly, less effective` (two strategies, comparator the
      dearer), where it is the saving per unit of effect given up. Otherwise NaN, and the status says why; NaN too
      where `settled` is False, as a ratio of increments that luck could explain says nothing.
    - MCSE of an increment comes from the paired draws. With one draw it comes from the two halves of the
      individuals (one degree of freedom, so only its order of magnitude); without halves it is NaN. It is the error of
      the mean over draws, not the uncertainty that the draws hold: attrs["errors"] says of what.
    - `quadrant` is the position against the comparator (empty for the comparator).
    - Means that only rounding dust parts (see costeff.analysis.dust) are equal, and shown as equal.
    - `settled`: True when the status would be the same in another run (see costeff.analysis.settled: the signs of both
      increments, and with three strategies or more the standing); False when luck could explain it; None for one draw
      without an error. Of the reference: whether all that stand against it are settled.
    - `quadrant_share`: share of draws in which the increments have the signs of their means; 0.5 or less is common for
      a status that holds on average only. NaN for the reference and for one draw.
    - attrs["dominating"] names the strategy that dominates all others, if one does: then there is no ICER at all;
      attrs["dominating_settled"] says whether that is settled.

    Parameters
    ----------
    evaluation : Evaluation
        Cost and effect over (draw, strategy), in currency and in units of effect, per individual.

    Returns
    -------
    pandas.DataFrame
        One row per strategy, in currency and units of effect per individual.

    Examples
    --------
    >>> from costeff import Evaluation
    >>> cost, effect = [[0.0, 100.0 + i] for i in range(9)], [[0.0, 0.04 * (i - 3.9)] for i in range(9)]
    >>> two = Evaluation("state", "qaly", ("usual", "new"), "usual", cost, effect)
    >>> icer_table(two)[["status", "settled", "icer", "quadrant_share"]].round(2).values.tolist()[1]
    ['efficient', False, nan, 0.56]
    """
    if evaluation not in _tables:
        _tables[evaluation] = _icer_table(evaluation)
    return _tables[evaluation].copy()


def _icer_table(evaluation: EvaluationData) -> pd.DataFrame:
    """The table of icer_table, which keeps it with the evaluation: reports, words and summaries ask for it often."""
    import pandas as pd

    check_apart(evaluation, "an ICER")
    cost, gain = _means(evaluation)
    effect, base = evaluation.effect_sign * gain, evaluation.comparator_index
    standings = frontier(cost.tolist(), gain.tolist(), base)
    rows: list[dict[str, Any]] = []
    for s, (status, against) in enumerate(standings):
        row: dict[str, Any] = {"strategy": evaluation.strategies[s]}
        pair, blocks = (s, against), evaluation.replicates
        row |= _measure("cost", cost, evaluation.cost, evaluation.cost_half, pair, blocks)
        row |= _measure("effect", effect, evaluation.effect, evaluation.effect_half, pair, blocks)
        row["icer"] = math.nan
        row["status"] = status
        row["against"] = "" if against is None else evaluation.strategies[against]
        place = quadrant(float(cost[s] - cost[base]), float(gain[s] - gain[base]))
        row["quadrant"] = "" if s == base else place
        row["quadrant_share"] = _quadrant_share(evaluation, s, against)
        rows.append(row)
    for row, (status, against), certainty in zip(rows, standings, _settled(evaluation, standings, rows), strict=True):
        row["settled"] = certainty
        if against is not None and status in (EFFICIENT, LESS_LESS) and certainty is not False:
            s = evaluation.strategies.index(str(row["strategy"]))
            row["icer"] = (cost[s] - cost[against]) / (gain[s] - gain[against])
    rank = sorted(range(len(rows)), key=lambda s: (cost[s], -gain[s], s != base, s))
    table = pd.DataFrame([rows[s] for s in rank], columns=list(COLUMNS))
    name = dominating(evaluation) or ""
    certain = every([row["settled"] for row in rows]) if name else None
    table.attrs = {**evaluation.conventions(), "dominating": name, "dominating_settled": certain}
    return table


def _means(evaluation: EvaluationData) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean cost and gain by strategy; those that only rounding dust parts are equal."""
    cost, gain = (
        alike(mean(values), mean(np.abs(values)), evaluation.comparator_index)
        for values in (evaluation.cost, evaluation.gain)
    )
    return cost, gain


def _settled(evaluation: EvaluationData, standings: list[Standing], rows: list[dict[str, Any]]) -> list[bool | None]:
    """Whether each strategy's standing is settled, in the order of the strategies."""
    count, several = replicates_behind(evaluation), len(standings) > 2
    stability = (
        standing_kept(evaluation, standings, _means(evaluation)) if several and count else [True] * len(standings)
    )
    certainties: list[bool | None] = []
    for s, ((status, against), same) in enumerate(zip(standings, stability, strict=True)):
        if against is None:
            certainties.append(True)
        elif several and status in (DOMINATED, EXTENDEDLY_DOMINATED):
            certainties.append(same if count else None)  # another row of the frontier may be what beats it
        else:
            signs = [
                settled(float(rows[s][f"incremental_{k}"]), float(rows[s][f"incremental_{k}_mcse"]), count)
                for k in ("cost", "effect")
            ]
            certainties.append(every([*signs, same]))
    for s, (_, against) in enumerate(standings):
        if against is None:
            own = [certainty for certainty, (_, base) in zip(certainties, standings, strict=True) if base == s]
            certainties[s] = every([stability[s], *own])
    return certainties


def _quadrant_share(evaluation: EvaluationData, s: int, against: int | None) -> float:
    """Share of draws in which both increments have the signs of their means."""
    if against is None or evaluation.draws < 2:
        return math.nan
    same = np.ones(evaluation.draws, dtype=bool)
    for values, means in zip((evaluation.cost, evaluation.gain), _means(evaluation), strict=True):
        same &= np.sign(_difference(values, s, against)) == np.sign(means[s] - means[against])
    return float(same.mean())


def dominating(evaluation: EvaluationData) -> str | None:
    """The strategy that costs no more and gives no less than each other, and is better in one of the two; else None.

    On the means, equal where only rounding dust parts them. It has the highest expected net benefit at every
    willingness to pay, so no ICER is formed: a ratio would say nothing, and its sign not tell a saving from a loss.

    >>> from costeff import Evaluation
    >>> dominating(Evaluation("state", "qaly", ("usual", "new"), "usual", [[9.0, 5.0]], [[1.0, 1.5]]))
    'new'
    """
    cost, gain = _means(evaluation)
    at = int(np.lexsort((-gain, cost))[0])
    others = [s for s in range(len(cost)) if s != at]
    beaten = all(gain[s] <= gain[at] and (cost[s], gain[s]) != (cost[at], gain[at]) for s in others)
    return evaluation.strategies[at] if others and beaten else None


def _measure(
    name: str,
    means: NDArray[np.float64],
    whole: NDArray[np.float64],
    half: NDArray[np.float64] | None,
    pair: tuple[int, int | None],
    replicates: int | None,
) -> dict[str, float | str]:
    """Mean, increment and their errors; the increment is the difference of two rows, so the table adds up."""
    s, against = pair
    own = _mcse(whole, half, s, None, replicates)
    values: dict[str, float | str] = {name: means[s], f"{name}_mcse": own}
    if against is None:
        return values | {f"incremental_{name}": math.nan, f"incremental_{name}_mcse": math.nan}
    error = _mcse(whole, half, s, against, replicates)
    return values | {f"incremental_{name}": means[s] - means[against], f"incremental_{name}_mcse": error}


def _mcse(
    whole: NDArray[np.float64], half: NDArray[np.float64] | None, s: int, against: int | None, replicates: int | None
) -> float:
    """Monte Carlo standard error of a mean, or of a paired increment when `against` is given."""
    values = whole[:, s] if against is None else _difference(whole, s, against)
    if len(values) > 1 or half is None:
        return float(monte_carlo_error(values, replicates))
    parts = half[0, :, s] if against is None else half[0, :, s] - half[0, :, against]
    return float(abs(parts[0] - parts[1]) / 2)


def _difference(values: NDArray[np.float64], s: int, against: int) -> NDArray[np.float64]:
    """(draw, ..., strategy) of one strategy less another's, (draw, ...), without rounding dust."""
    one, other = values[..., s], values[..., against]
    return cleared(one - other, np.maximum(np.abs(one), np.abs(other)))


def icer_interval(evaluation: EvaluationData, level: float = 0.95, kind: str = "parameter") -> pd.DataFrame:
    """Fieller's interval for each ICER of the table: the values of willingness to pay not ruled out at
    `level`.

    `kind="parameter"`: what is uncertain is the ICER, through its parameters; covariance of the increments
    over draws, less individual noise when halves are there. `kind="monte_carlo"`: how far more draws could
    move the estimate; that covariance over draws divided by their number. Increments are taken as bivariate
    normal.

    Returns strategy, against, icer, lower, upper, excluded_low, excluded_high, floored, status: `bounded`;
    `unbounded: values between excluded_low and excluded_high are ruled out` (the increment of effect is not
    clearly different from 0: lower and upper are infinite); `unbounded: no value is ruled out`; `unbounded:
    on one side`; `not defined: one draw`. Where `icer_table` withholds the ratio, limits and `icer` are NaN and
    the status is UNSETTLED_STATUS, or UNTOLD where too few replicates carry the error. `floored`: noise was larger than
    the spread in some direction (see noise.shrinkage). Limits for "monte_carlo" are by Student's law with one
    degree of freedom less than there are draws or designs. Raises ScenarioError for a wrong level or kind.
    Source: Fieller 1954.
    """
    import pandas as pd

    read_level(level)
    if kind not in ("parameter", "monte_carlo"):
        raise ScenarioError("unknown kind of interval", value=kind, rule="parameter or monte_carlo")
    table = icer_table(evaluation)
    rows = []
    count = replicates_behind(evaluation)
    for row in table[table["status"].isin([EFFICIENT, LESS_LESS])].to_dict("records"):
        row_base = {key: row[key] for key in ("strategy", "against", "icer")}
        if row["settled"] is False:
            rows.append(row_base | {"floored": False, "status": UNSETTLED_STATUS if count >= FEWEST else UNTOLD})
            continue
        s, against = (evaluation.strategies.index(str(row[key])) for key in ("strategy", "against"))
        centre = (float(row["incremental_cost"]), evaluation.effect_sign * float(row["incremental_effect"]))
        covariance, excess_noise = _pair_covariance(evaluation, s, against, kind)
        wide = quantile(count, level) if kind == "monte_carlo" and count >= FEWEST else None
        bounds = fieller(centre, covariance, level, wide)
        names = ("lower", "upper", "excluded_low", "excluded_high", "status")
        rows.append({**row_base, **dict(zip(names, bounds, strict=True)), "floored": excess_noise})
    columns = ["strategy", "against", "icer", "lower", "upper", "excluded_low", "excluded_high", "floored", "status"]
    result = pd.DataFrame(rows, columns=columns)
    result.attrs = {**evaluation.conventions(), "level": level, "kind": kind}
    return result


def _pair_covariance(evaluation: EvaluationData, s: int, against: int, kind: str) -> tuple[NDArray[np.float64], bool]:
    """Covariance of (incremental cost, incremental gain) of two strategies, and whether it was floored."""
    pair = np.stack([_difference(values, s, against) for values in (evaluation.cost, evaluation.gain)], axis=-1)
    if kind == "monte_carlo":
        means = pair if evaluation.replicates is None else block_means(pair, evaluation.replicates)
        return total_covariance(means) / len(means), False
    total = total_covariance(pair)
    if evaluation.cost_half is None or evaluation.effect_half is None:
        return total, False
    both = (evaluation.cost_half, evaluation.effect_sign * evaluation.effect_half)
    gaps = np.stack([_gap_of_difference(half, s, against) for half in both], axis=-1)
    matrix, excess_noise = shrinkage(total, covariance_of_gaps(gaps))
    return matrix @ total @ matrix.T, excess_noise


def _gap_of_difference(half: NDArray[np.float64], s: int, against: int) -> NDArray[np.float64]:
    """Difference between the halves, (draw, 2, strategy), of one strategy less another's: (draw,), without dust."""
    apart = _difference(half, s, against)
    return cleared(apart[:, 0] - apart[:, 1], np.abs(half[..., [s, against]]).max(axis=(1, 2)))


def fieller(
    centre: tuple[float, float], covariance: NDArray[np.float64], level: float, errors: float | None = None
) -> tuple[float, float, float, float, str]:
    """Fieller's limits for the ratio centre[0] / centre[1] of two normal quantities with this (2, 2)
    covariance. `errors` takes the place of the normal law's standard errors on either side at `level`.

    Returns lower, upper, excluded_low, excluded_high, status, as described in icer_interval.
    Raises ResultError when the second is exactly 0 without spread: the ratio does not exist.

    >>> lower, upper, *_, status = fieller((10.0, 2.0), np.diag([1.0, 0.0]), 0.95)
    >>> round(lower, 4), round(upper, 4), status
    (4.02, 5.98, 'bounded')
    """
    if not np.isfinite(covariance).all():
        return math.nan, math.nan, math.nan, math.nan, "not defined: one draw"
    z2 = (NormalDist().inv_cdf((1 + read_level(level)) / 2) if errors is None else errors) ** 2
    (cc, cg), (_, gg) = covariance.tolist()
    cost, gain = centre
    if gain == 0 and gg == 0:
        raise ResultError("the increment of effect is exactly 0", way_out="read the net monetary benefit instead")
    # ratio r is kept when (cost - r gain)^2 <= z^2 Var(cost - r gain): a r^2 - 2 b r + c <= 0
    a, b, c = gain**2 - z2 * gg, cost * gain - z2 * cg, cost**2 - z2 * cc
    if a == 0:
        if b == 0:
            return -math.inf, math.inf, math.nan, math.nan, "unbounded: no value is ruled out"
        ends = (c / (2 * b), math.inf) if b > 0 else (-math.inf, c / (2 * b))
        return *ends, math.nan, math.nan, "unbounded: on one side"
    if a < 0 and b * b <= a * c:
        return -math.inf, math.inf, math.nan, math.nan, "unbounded: no value is ruled out"
    # when a > 0 the estimate itself is kept, so a negative discriminant is rounding; q avoids cancellation
    q = b + math.copysign(math.sqrt(max(b * b - a * c, 0.0)), b)
    low, high = sorted((q / a, c / q if q else 0.0))
    if a > 0:
        return low, high, math.nan, math.nan, "bounded"
    text = "unbounded: values between excluded_low and excluded_high are ruled out"
    return -math.inf, math.inf, low, high, text


def evaluation_html(evaluation: EvaluationData) -> str:
    """What a notebook shows of an evaluation: what it compares, and its ICER table."""
    head = f"{evaluation.label or 'Evaluation'}: {evaluation.about()}"
    if evaluation.attrs.get("results") == NET_ONLY:  # there is no ICER
        return f"<p>{html.escape(head)}</p>\n<p>{html.escape(evaluation.compared())}</p>"
    table = icer_table(evaluation).to_html(index=False, na_rep="", float_format=four_digits)
    return f"<p>{html.escape(head)}</p>\n{table}"
