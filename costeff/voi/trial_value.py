"""Value of a declared study, of implementing it, and for whom: for the terminal and as JSON rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from costeff.reporting.terminal import by_error, verdict
from costeff.types import EvsiMethod
from costeff.voi.cluster_text import Detection, cluster_content, detections, printed_clusters
from costeff.voi.clusters import over_correlations
from costeff.voi.decision_makers import by_decision_maker
from costeff.voi.evpi import evpi
from costeff.voi.evppi import evppi
from costeff.voi.evsi import enbs, evsi
from costeff.voi.trial_file import Trial, read_trial
from costeff.voi.trial_of_result import sizes, trial_design
from costeff.voi.trial_of_table import table_design

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from costeff.analysis.evaluation import EvaluationData
    from costeff.analysis.study import ResultData
    from costeff.voi.trial_design import TrialDesign


@dataclass(frozen=True, eq=False)
class TrialValue:
    """EVSI and ENBS of a design over sizes and wtp, and what bounds them."""

    design: Trial
    decides_for: str
    evsi: xr.Dataset
    enbs: xr.Dataset
    detects: list[Detection]
    """Where clusters are allocated: what the planned study could see."""
    learns: xr.Dataset
    """EVPPI of all that the design names under `learns`, at the place of the decision."""
    perfect: xr.Dataset

    def __repr__(self) -> str:
        sizes = ", ".join(f"{size:g}" for size in self.evsi["participants"].values.tolist())
        return f"TrialValue of {self.design.name}, decides for {self.decides_for}, participants: {sizes}"


def trial_value(
    result: ResultData | None,
    design: Trial,
    evaluation: EvaluationData,
    wtp: Sequence[float],
    *,
    participants: Sequence[int] = (),
    decides_for: str | None = None,
    method: EvsiMethod = "moment_matching",
    cost: tuple[float, float] | None = None,
    people: Mapping[str, Any] | None = None,
    seed: int = 1,
) -> TrialValue:
    """The study's value under one perspective of the result; without a result, on a table's own columns.

    `participants` (default: the design's range), `cost` (fixed, per participant) and `people` (population,
    horizon, discount_rate) take the place of the design's own; people per year count from the year of the result.
    """
    study = declared_study(result, evaluation, design, decides_for)
    counts = list(participants) or sizes(design)
    fixed, each = cost or (design.fixed_cost, design.cost_per_participant)
    clusters = design.clusters
    correlations = np.zeros(1) if clusters is None else clusters.correlations()
    information = evsi(
        evaluation,
        study,
        list(wtp),
        participants=counts
        if clusters is None
        else np.concatenate([clusters.counts_as(n, correlations) for n in counts]),
        method=method,
        seed=seed if result is None else result.seed,
        **_still_to_decide(design, people),
    )
    seen: list[Detection] = []
    if clusters is not None:
        information = over_correlations(information, counts, len(correlations))
        cells = study.cells(evaluation.parameters, evaluation.draws)
        seen = detections(clusters, cells, [one.name for one in design.endpoints], design.planned)
    information.attrs |= {"design": design.name, "planned": design.planned, "result_after": design.result_after}
    place = decides_for or design.decides_for
    information.attrs["decides_for"] = place
    return TrialValue(
        design,
        place,
        information,
        enbs(information, fixed_cost=fixed, cost_per_participant=each),
        seen,
        evppi(evaluation, {"learns": list(design.learns)}, list(wtp)),
        evpi(evaluation, list(wtp)),
    )


def declared_study(
    result: ResultData | None, evaluation: EvaluationData, design: Trial, decides_for: str | None
) -> TrialDesign:
    """The study on simulated effects where there is a result, else on columns of the table."""
    if result is not None:
        return trial_design(result, design, decides_for)
    return table_design(evaluation, design, decides_for)


def _still_to_decide(design: Trial, people: Mapping[str, Any] | None) -> dict[str, Any]:
    """People whose decision comes after the study's result."""
    if people is None or people["population"] is None:
        return {"population": design.decided(), "horizon": design.years, "discount_rate": design.discount_rate}
    if people["horizon"] is None:
        return dict(people)
    years = np.arange(people["horizon"])
    rows = np.where(years < design.result_after, 0.0, people["population"])
    return {**people, "population": rows.tolist()}


def printed_study(study: TrialValue) -> str:
    """Table over sizes for each willingness to pay, and the bounds of the value."""
    about, design = study.evsi.attrs, study.design
    where = "its own place" if study.decides_for == "here" else "another place"
    parts = [
        f"Study: {design.title.en}, {_allocation(design)}, deciding for "
        f"{where}; {about['method'].replace('_', ' ')}; {about['decisions']:,.6g} discounted decisions after its result"
        + (f" in {design.result_after} years" if design.result_after else "")
        + f"; cost {study.enbs.attrs['fixed_cost']:,.10g} + {study.enbs.attrs['cost_per_participant']:,.10g} per "
        f"participant ({design.notes['cost'].partition(':')[0]})"
    ]
    if design.clusters is not None:
        parts.append(printed_clusters(design.clusters, study.detects, design.planned))
    more = ", in ever more clusters" if design.clusters else ""
    for w, value in enumerate(study.evsi["wtp"].values.tolist()):
        rows = study_rows(study, w)
        error = float(study.evsi["evppi_limit_mcse"][w])
        perfect = study.perfect
        name = "evpi_noise_corrected" if "evpi_noise_corrected" in perfect else "evpi"
        upper_bound = float(perfect["evpi"][w])  # of the same draws: what a fit has above it is luck
        limit, learns = (
            min(float(most), upper_bound) for most in (study.evsi["evppi_limit"][w], study.learns["evppi"][0, w])
        )
        parts.append(
            f"Value of the study at {value:,.10g} per {about['effect_unit']}, {about['currency']}\n"
            + _sizes(rows)
            + f"\nLimit, an endless study of this design{more}: {by_error(limit, error, 0)} (error "
            f"{by_error(error, error, 0)}); knowing all that it "
            f"learns about: {_told(learns, study.learns['evppi_mcse'][0, w])}; perfect "
            f"information: {_told(perfect[name][w], perfect[f'{name}_mcse'][w])}\n"
            f"{conclusion(rows, about['currency'])}; planned: {design.planned}"
        )
    return "\n\n".join(parts)


def _allocation(design: Trial) -> str:
    """How participants are allocated: 'usual_care 1 : tki2 2'."""
    return " : ".join(f"{name} {part:g}" for name, part in design.allocation.items())


def _told(value: Any, error: Any) -> str:
    """An amount to the digits of its error."""
    return by_error(float(value), float(error), 0)


def _sizes(rows: pd.DataFrame) -> str:
    """The table over sizes, each amount to the digits of its error, and whether its net benefit is settled."""
    import pandas as pd

    text_rows = [
        {
            "participants": f"{row['participants']:,.0f}",
            "evsi": _told(row["evsi"], row["evsi_mcse"]),
            "mcse": _told(row["evsi_mcse"], row["evsi_mcse"]),
            "for the population": _told(row["population_evsi"], row["enbs_mcse"]),
            "enbs": _told(row["enbs"], row["enbs_mcse"]),
            "its mcse": _told(row["enbs_mcse"], row["enbs_mcse"]),
            "settled": verdict(bool(row["enbs_settled"])),
        }
        for row in rows.to_dict("records")
    ]
    return str(pd.DataFrame(text_rows).to_string(index=False))


def conclusion(rows: pd.DataFrame, currency: str) -> str:
    """Which size is best and whether it is worth its cost, as far as the errors of `study_rows` let it be said."""
    best = rows.to_dict("records")[int(rows["enbs"].to_numpy().argmax())]
    size, worth = f"{best['participants']:,.0f}", _told(best["enbs"], best["enbs_mcse"])
    error = f"{worth} {currency}, error {_told(best['enbs_mcse'], best['enbs_mcse'])}"
    near = rows.loc[rows["may_be_best"] == 1, "participants"]
    ends = f"{near.min():,.0f} to {near.max():,.0f}"
    rivals = f"; sizes that the error cannot tell from it: {ends}" if len(near) > 1 else ""
    if best["enbs"] > 0 and best["enbs_settled"]:
        sentence = f"Highest net benefit of the sizes tried: {size} participants ({error})"
        return f"{sentence}, worth more than its cost{rivals}"
    if best["enbs"] <= 0 and rows["enbs_settled"].all():
        return f"No size tried is worth its cost: the least loss is that of {size} participants ({error})"
    return (
        f"Whether a study of these sizes is worth its cost is not settled: the highest net benefit is that of {size} "
        f"participants ({error}){rivals}; more draws tell"
    )


def study_rows(study: TrialValue, at: int) -> pd.DataFrame:
    """EVSI and ENBS by number of participants at one of the values of wtp."""
    table = study.evsi.isel(wtp=at, drop=True).to_dataframe().reset_index()
    names = ("enbs", "enbs_mcse", "enbs_settled", "may_be_best")
    return table.assign(**{name: study.enbs[name].isel(wtp=at).values for name in names})


def study_content(study: TrialValue) -> dict[str, Any]:
    """What JSON holds of a study: conventions, notes on where its numbers come from, rows, bounds."""
    rows = []
    for w, value in enumerate(study.evsi["wtp"].values.tolist()):
        rows += [{"wtp": value, **row} for row in study_rows(study, w).to_dict("records")]
    bounds = [
        {
            "wtp": value,
            "evppi_limit": float(study.evsi["evppi_limit"][w]),
            "evppi_limit_mcse": float(study.evsi["evppi_limit_mcse"][w]),
            "evppi_learns": float(study.learns["evppi"][0, w]),
            "best_participants": float(study.enbs["best_participants"][w]),
            "conclusion": conclusion(study_rows(study, w), str(study.evsi.attrs["currency"])),
        }
        for w, value in enumerate(study.evsi["wtp"].values.tolist())
    ]
    return {
        "conventions": {**study.evsi.attrs, **study.enbs.attrs},
        "rests_on": dict(study.design.notes),
        "learns": list(study.design.learns),
        **({"clusters": cluster_content(study.design.clusters, study.detects)} if study.design.clusters else {}),
        "sizes": rows,
        "bounds": bounds,
    }


def deciders(result: ResultData, names: Sequence[str], effect: str | None, wtp: float, **more: Any) -> xr.Dataset:
    """by_decision_maker for perspectives of a result."""
    return by_decision_maker({name: result.perspective(name, effect) for name in names}, wtp, **more)


def printed_deciders(table: xr.Dataset, wtp: float) -> str:
    """Who gains from information, and from whose decision, as one table."""
    about = table.attrs
    choices = ", ".join(
        f"{name}: {choice}" + ("" if sure else " (not settled)")
        for name, choice, sure in zip(
            table["decides"].values, table["chosen"].values, table["chosen_settled"].values, strict=True
        )
    )
    rows = table[["left", "left_mcse", "information", "information_mcse"]].to_dataframe().reset_index()
    for name in ("left", "information"):
        errors = rows[f"{name}_mcse"]
        rows[name] = [by_error(x, e, 0) for x, e in zip(rows[name], errors, strict=True)]
        rows[f"{name}_mcse"] = [by_error(e, e, 0) for e in errors]
    text = rows.drop(columns=["wtp", "chosen_settled"], errors="ignore").to_string(index=False)
    return (
        f"Value per decision maker at {wtp:,.10g}, {about['currency']} per decision; information: {about['about']}\n"
        f"Chosen now: {choices}\n{text}\n"
        "left: what `values` loses because `decides` chose; information: its gain when `decides` is informed"
    )


def trial_value_of_result(
    result: ResultData,
    design: str,
    wtp: ArrayLike,
    perspective: str | None = None,
    effect: str | None = None,
    *,
    participants: Sequence[int] = (),
    decides_for: str | None = None,
    method: EvsiMethod = "moment_matching",
    cost: tuple[float, float] | None = None,
    people: Mapping[str, Any] | None = None,
) -> TrialValue:
    """EVSI and ENBS of a declared study, by a shipped name or a file: see `trial_value`.

    Parameters
    ----------
    result : Result
        The run that is read.
    design : str
        A trial that is shipped, or a YAML file.
    wtp : float or sequence of float
        Willingness to pay, (wtp,), in currency per unit of effect gained; there is no default.
    perspective : str, optional
        Whose costs count. Default: the model's first perspective.
    effect : str, optional
        Which effect counts. Default: the model's main effect.
    participants : sequence of int
        Numbers of participants. Default: the trial's range.
    decides_for : str, optional
        "here" or "elsewhere".
    method : str
        As in `evsi`.
    cost : tuple of float, optional
        Fixed, and for each participant, in currency.
    people : mapping, optional
        Population, horizon and discount rate, as in `evpi`.

    Returns
    -------
    TrialValue
        EVSI and ENBS over numbers of participants.

    Raises
    ------
    ScenarioError
        For numbers and options that cannot be used.

    Examples
    --------
    >>> from costeff import load
    >>> result = load("tki2").psa(draws=60, individuals=20, seed=1, progress=False)
    >>> found = result.trial_value("tki2_trial", 300_000, participants=[100])
    >>> type(found).__name__
    'TrialValue'
    """
    return trial_value(
        result,
        read_trial(design),
        result.perspective(perspective, effect),
        np.atleast_1d(np.asarray(wtp, float)).tolist(),
        participants=participants,
        decides_for=decides_for,
        method=method,
        cost=cost,
        people=people,
    )
