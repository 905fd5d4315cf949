"""Global sensitivity of a result of a PSA that exists already: PAWN and explained variance, parameter by parameter.

Designs that need runs of their own (Sobol, Morris) are in gsa_design; `Study.gsa` runs them.
"""

from __future__ import annotations

import html
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from costeff.analysis.apart import check_apart
from costeff.analysis.dust import cleared, size_of_benefit
from costeff.analysis.intervals import monte_carlo_error
from costeff.analysis.regression.groups import Names, read_groups
from costeff.analysis.regression.level_means import Points, bases, constants, points_of
from costeff.analysis.regression.smooth import choose
from costeff.analysis.wtp import read_wtp
from costeff.errors import ResultError, ScenarioError
from costeff.evidence.distributions.distribution import amount_text, four_digits
from costeff.sensitivity.pawn import pawn
from costeff.sensitivity.sampling import SamplingPlan
from costeff.types import GivenDataMethod, ResultName

if TYPE_CHECKING:
    import pandas as pd

    from costeff.analysis.evaluation import EvaluationData

Floats = NDArray[np.float64]

GIVEN_DATA = ("pawn", "regression")
"""Methods that work on any PSA table."""
RESULTS = ("cost", "effect", "nmb", "incremental_cost", "incremental_effect", "incremental_nmb")
"""Results whose sensitivity can be asked for."""
FEWEST = 100
"""Draws below which a PSA table says too little."""


@dataclass(frozen=True, eq=False)
class GlobalSensitivity:
    """What drives one result, with how it was found. The columns of `table` depend on the method; see `gsa`."""

    method: str
    table: pd.DataFrame
    """One row per factor, largest first."""
    attrs: Mapping[str, Any] = field(default_factory=dict)
    """Perspective, result, strategy, unit, number of evaluations, mean, variance, share of individual noise, ..."""
    notes: tuple[str, ...] = ()
    """What a reader must know before using the numbers."""
    design: SamplingPlan | None = None
    """The points, when runs were made for it."""
    value: Floats | None = None
    """(point,): the result at each point of the design."""

    def __repr__(self) -> str:
        return f"GlobalSensitivity: {self.head()}\n  factors: {len(self.table)}, in `table`"

    @property
    def noise_share(self) -> float:
        """Share of the result's variance that is individual noise; NaN where it is not known."""
        return float(self.attrs.get("noise_share", math.nan))

    def head(self) -> str:
        """One sentence: what of, by which method, from how many evaluations."""
        a = self.attrs
        against = f" of {a['strategy']}" + (f" against {a['comparator']}" if "incremental" in a["result"] else "")
        wtp = f" at {a['wtp']:,.10g} {a['currency']} per {a['effect_unit']}" if "nmb" in a["result"] else ""
        noise = "" if math.isnan(self.noise_share) else f"; individual noise {100 * self.noise_share:.1f} % of variance"
        return (
            f"Global sensitivity ({self.method}) of {a['result']}{against}{wtp}, {a['perspective']}: "
            f"mean {amount_text(a['mean'])}, SD {four_digits(math.sqrt(a['variance']))} {a['unit']}, "
            f"{a['points']:,} evaluations{noise}"
        )

    def _repr_html_(self) -> str:
        table = self.table.to_html(index=False, na_rep="", float_format=four_digits)
        notes = "".join(f"<li>{html.escape(note)}</li>" for note in self.notes)
        return f"<p>{html.escape(self.head())}</p>\n{table}\n<ul>{notes}</ul>"


def result_values(
    evaluation: EvaluationData, result: str, strategy: str | None = None, wtp: float | None = None
) -> tuple[Floats, Floats | None, dict[str, Any]]:
    """One result by draw, (draw,), by half of the individuals, (draw, 2), and what it is.

    `result` is one of RESULTS; `strategy` may be left out when there is only one beside the comparator. Effects are
    as counted; net benefit counts a gain. Raises ScenarioError for an unknown result, strategy or missing wtp.
    """
    if result not in RESULTS:
        raise ScenarioError("unknown result", value=result, rule=f"one of {', '.join(RESULTS)}")
    if strategy is None:
        if len(evaluation.alternatives) != 1:
            raise ScenarioError(
                "which strategy?",
                value=result,
                rule=f"strategies: {', '.join(evaluation.strategies)}",
                way_out="name one: strategy=, or --strategy in the shell",
            )
        strategy = evaluation.alternatives[0]
    relative = result.startswith("incremental_")
    if strategy not in (evaluation.alternatives if relative else evaluation.strategies):
        raise ScenarioError("unknown strategy", value=strategy, rule=f"strategies: {', '.join(evaluation.strategies)}")
    at, base, kind = evaluation.strategies.index(strategy), evaluation.comparator_index, result.split("_")[-1]
    value = read_wtp(wtp, evaluation)[0] if kind == "nmb" else np.zeros(1)
    if kind != "nmb":
        check_apart(evaluation, f"'{result}'", f"ask for result='{result.replace(kind, 'nmb')}' with wtp=0")
    if len(value) > 1:
        raise ScenarioError("one willingness to pay at a time", value=wtp)

    def of(cost: Floats, effect: Floats) -> Floats:
        whole = {"cost": cost, "effect": effect}.get(kind)
        size = np.abs(cost if whole is None else whole)
        if whole is None:
            whole = float(value[0]) * evaluation.effect_sign * effect - cost
            size = size_of_benefit(float(value[0]), effect, cost)
        if not relative:
            return cleared(whole[..., at], size[..., at])
        return cleared(whole[..., at] - whole[..., base], np.maximum(size[..., at], size[..., base]))

    halves = None
    if evaluation.cost_half is not None and evaluation.effect_half is not None:
        halves = of(evaluation.cost_half, evaluation.effect_half)
    about: dict[str, Any] = {
        **{str(name): convention for name, convention in evaluation.conventions().items()},
        "result": result,
        "strategy": strategy,
        "wtp": float(value[0]) if kind == "nmb" else math.nan,
        "unit": evaluation.effect_unit if kind == "effect" else evaluation.currency,
    }
    return of(evaluation.cost, evaluation.effect), halves, about


def gsa(
    evaluation: EvaluationData,
    method: GivenDataMethod = "regression",
    *,
    result: ResultName = "incremental_nmb",
    strategy: str | None = None,
    wtp: float | None = None,
    names: Names | None = None,
    seed: int = 1,
) -> GlobalSensitivity:
    """Global sensitivity of one result, from the draws that exist; `names` as in evppi, by default each that varies.

    - `regression`: `first`, the share of the result's variance explained by a smooth function of the parameter or
      group (the first-order Sobol index), adjusted for degrees of freedom, with its standard error `first_mcse`;
      `explainable`, the same as a share of the variance that is not individual noise (with halves); and
      `rank_correlation`, whose sign is the direction (single parameters).
    - `pawn`: the distance (Kolmogorov-Smirnov) between the result's distribution and that within each of the
      parameter's `parts`, its levels where it is discrete, else tenths: `median`, `mean`, `lowest`, `highest`, with
      95 % bootstrap intervals of the median and the highest (`median_lower`, ...). Every distance is above 0 by chance;
      `floor` is the largest median when draws are dealt by lot to parts of the same sizes, 40 times, and `above_floor`
      says whether the median, or the highest, exceeds what is so reached. Groups are not possible.

    Texts and yes/no parameters are explained by a mean of each level, in both methods. A parameter that is the same in
    all draws has no row, and a note names it.

    Correlated parameters share what they explain, so values of single members do not add up; name them as a group.
    Individual noise is part of the result: it dilutes PAWN, and leaves `first` unbiased as a share of all variance.

    Source: Pianosi and Wagener 2018 (PAWN from given data); Strong and others 2014 (regression).

    Parameters
    ----------
    evaluation : Evaluation
        Cost and effect over (draw, strategy), in currency and in units of effect, per individual.
    method : str
        "regression" or "pawn".
    result : str
        "incremental_nmb", "incremental_cost" or "incremental_effect".
    strategy : str, optional
        The strategy that is compared with the comparator. Default: the last other one.
    wtp : float, optional
        In currency per unit of effect; for net benefit.
    names : str, sequence or mapping, optional
        A parameter, some that are known together, or labels of groups to either. Default: each that varies.
    seed : int
        Of the draws by lot.

    Returns
    -------
    GlobalSensitivity
        The table, and notes.

    Raises
    ------
    ResultError
        For fewer than 100 draws, no parameters, or none that varies.

    Examples
    --------
    >>> from costeff import Evaluation
    >>> draws = np.random.default_rng(1).normal(size=(200, 2))
    >>> many = Evaluation("payer", "qaly", ("usual", "new"), "usual", draws * [0.0, 10.0], draws * [0.0, 1.0],
    ...                 parameters={"x": draws[:, 1]})
    >>> round(float(many.gsa(result="incremental_cost").table["first"].iloc[0]), 2)
    1.0
    """
    if method not in GIVEN_DATA:
        raise ScenarioError(
            "this method needs runs of its own, or is unknown",
            value=method,
            rule=f"on a PSA table: {', '.join(GIVEN_DATA)}",
            way_out="use Study.gsa(method) for sobol and morris",
        )
    groups, still = _varying(evaluation, read_groups(evaluation, names))
    enough(evaluation.draws)
    y, halves, about = result_values(evaluation, result, strategy, wtp)
    if np.ptp(y) == 0:
        raise ResultError(
            "the result does not vary between draws",
            value=result,
            rule="differences by rounding are none",
            way_out="choose another result",
        )
    share = math.nan if halves is None else float(((halves[:, 0] - halves[:, 1]) ** 2).mean() / 4 / y.var(ddof=1))
    about |= {"points": len(y), "mean": float(y.mean()), "variance": float(y.var()), "noise_share": share}
    notes = (*_notes(share), *still)
    if method == "pawn":
        table, floor = pawn(evaluation, _single(groups), y, seed)
        return GlobalSensitivity("pawn", table, about | {"floor": floor}, notes)
    return GlobalSensitivity("regression", _regression(evaluation, groups, y, share), about, notes)


def _varying(
    evaluation: EvaluationData, groups: Mapping[str, tuple[str, ...]]
) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]]:
    """The groups of which something varies, and a note on the others. Raises ResultError when none varies."""
    still = [label for label, own in groups.items() if len(constants(evaluation, own)) == len(own)]
    if len(still) == len(groups):
        raise ResultError(
            "no parameter varies between draws",
            value=", ".join(still),
            rule="sensitivity is to what differs between draws",
            way_out="name others in names=",
        )
    note = f"The same in all draws, so that nothing depends on it: {', '.join(still)}."
    return {label: own for label, own in groups.items() if label not in still}, (note,) if still else ()


def _single(groups: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Label to the one parameter of each group. Raises ScenarioError for several."""
    several = [label for label, own in groups.items() if len(own) > 1]
    if several:
        raise ScenarioError(
            "PAWN is about one parameter at a time", value=", ".join(several), way_out="use method='regression'"
        )
    return {label: own[0] for label, own in groups.items()}


def enough(draws: int) -> None:
    """Refuse fewer draws than a PSA table needs, before or after they are run."""
    if draws < FEWEST:
        raise ResultError("too few draws", value=draws, rule=f"at least {FEWEST}", way_out="run more draws")


def _notes(share: float) -> tuple[str, ...]:
    correlation = "Correlated parameters share what they explain; name them as one group to see them together."
    noise = f"Individual noise is {100 * share:.1f} % of the variance between draws; no parameter explains it."
    return (correlation,) if math.isnan(share) else (correlation, noise)


def _regression(
    evaluation: EvaluationData, groups: Mapping[str, tuple[str, ...]], y: Floats, share: float
) -> pd.DataFrame:
    import pandas as pd
    from scipy.stats import spearmanr

    rows = []
    for label, own in groups.items():
        first, error = explained(points_of(evaluation, own), y, evaluation.replicates)
        row = {"factor": label, "first": first, "first_mcse": error}
        if not math.isnan(share):
            row["explainable"] = first / (1 - share) if share < 1 else math.nan
        has_order = (
            len(own) == 1 and len(evaluation.levels.get(own[0], ())) <= 2
        )  # texts have no order, two have a direction
        row["rank_correlation"] = (
            float(spearmanr(evaluation.parameters[own[0]], y).statistic) if has_order else math.nan
        )
        rows.append(row)
    return pd.DataFrame(rows).sort_values("first", ascending=False, kind="stable", ignore_index=True)


def explained(points: Floats | Points, y: Floats, replicates: int | None = None) -> tuple[float, float]:
    """Share of the variance of `y` (draw,) that a smooth function of `points` (draw, parameter) explains, its error.

    Of discrete parameters the function is a mean of each combination of levels. Adjusted for degrees of freedom, so
    near 0 (also below) when there is no relation.

    >>> x = np.linspace(0, 1, 200)[:, None]
    >>> round(explained(x, np.sin(6 * x[:, 0]))[0], 4)
    1.0
    """
    deviations = (y - y.mean())[:, None]
    whole = deviations.T @ deviations
    best: tuple[float, Floats, float] | None = None
    for smoother in bases(points):
        score = smoother.columns.T @ deviations
        weight, value = choose(smoother, score, whole - score.T @ score, len(y))
        if best is None or value < best[0]:
            shares = weight @ smoother.kept
            best = (
                float(value),
                (deviations - smoother.columns @ (shares[:, None] * score))[:, 0],
                float(shares.sum()),
            )
    if best is None:
        return 0.0, 0.0
    _, residual, degrees = best
    residual_variance = float(residual @ residual / max(len(y) - degrees, 1.0))
    variance = float(whole[0, 0] / (len(y) - 1))
    influence = (residual**2 - residual_variance / variance * deviations[:, 0] ** 2) / variance
    return 1 - residual_variance / variance, float(monte_carlo_error(influence, replicates))
