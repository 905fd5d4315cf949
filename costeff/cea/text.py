"""Who would choose what, and for whom: the decision matrix and results by subgroup; text, JSON rows and figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from costeff.analysis.intervals import interval, monte_carlo_error
from costeff.analysis.settled import replicates_of, settled
from costeff.cea.decision_matrix import decision_matrix_of_result
from costeff.cea.stratified import stratified
from costeff.cea.subgroups import subgroups
from costeff.errors import ScenarioError
from costeff.reporting.numbers import limit_error
from costeff.reporting.terminal import by_error
from costeff.types import DrawMethod

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from costeff.analysis.evaluation import EvaluationData
    from costeff.analysis.study import ResultData
    from costeff.cea.stratified import Subgroups

ALL = "all"
"""What asks for every perspective of the model."""


def matrix(result: ResultData, perspectives: Sequence[str], effect: str | None, wtp: Sequence[float]) -> xr.Dataset:
    """The decision matrix of the perspectives asked for, or of all. Raises ResultError for an unknown one."""
    names = () if ALL in perspectives else tuple(dict.fromkeys(perspectives))
    return decision_matrix_of_result(result, list(wtp), names, effect)


def printed_matrix(table: xr.Dataset) -> str:
    """Preferred strategy, its lead and how often it is best, by perspective and willingness to pay."""
    import pandas as pd

    about, columns = table.attrs, {}
    for w, value in enumerate(table["wtp"].values.tolist()):
        cells = []
        for i in range(table.sizes["perspective"]):
            cell = table.isel(perspective=i, wtp=w)
            mark = "=" if cell["tied"].item() else "" if cell["settled"].item() else "*"
            lead, often = cell["lead"].item(), cell["probability"].item()
            cells.append(f"{cell['preferred'].item()}{mark} +{lead:,.0f} ({100 * often:.0f} %)")
        columns[f"{value:,.10g}"] = cells
    frame = pd.DataFrame(columns, index=pd.Index(table["perspective"].values.tolist()))
    return (
        f"Decision matrix: strategy preferred by perspective and {about['currency']} per {about['effect_unit']}\n"
        f"{frame.to_string()}\n"
        f"+: ahead of the next best, {about['currency']} per individual; (%): of draws in which it is best; "
        f"*: {about['errors']} could turn it; =: tied"
    )


def by_subgroup(groups: Subgroups, wtp: Sequence[float]) -> pd.DataFrame:
    """One row per wtp, subgroup and strategy beside the comparator: increments per individual of the subgroup.

    Columns: wtp, subgroup, share (of people), strategy, incremental_cost, cost_mcse, incremental_effect (as gained),
    effect_mcse, incremental_nmb, nmb_mcse, lower and upper (95 % of draws, the luck of individuals included).
    """
    import pandas as pd

    rows = []
    for value in wtp:
        for name, (share, one) in groups.items():
            base, weight = one.comparator_index, float(np.asarray(share, float).mean())
            for s, strategy in enumerate(one.strategies):
                if s == base:
                    continue
                cost, gain = (x[:, s] - x[:, base] for x in (one.cost, one.gain))
                benefit = value * gain - cost
                low, high = interval(benefit, 0.95) if len(benefit) > 1 else (np.nan, np.nan)
                errors = [float(monte_carlo_error(x, one.replicates)) for x in (cost, gain, benefit)]
                rows.append(
                    {
                        "wtp": value,
                        "subgroup": name,
                        "share": weight,
                        "strategy": strategy,
                        "incremental_cost": float(cost.mean()),
                        "cost_mcse": errors[0],
                        "incremental_effect": float(gain.mean()),
                        "effect_mcse": errors[1],
                        "incremental_nmb": float(benefit.mean()),
                        "nmb_mcse": errors[2],
                        "lower": float(low),
                        "upper": float(high),
                    }
                )
    table = pd.DataFrame(rows)
    first: EvaluationData = next(iter(groups.values()))[1]
    table.attrs = {str(key): value for key, value in first.conventions().items()}
    return table


def subgroup_result(
    result: ResultData, attribute: str, perspective: str | None, effect: str | None, **run: Any
) -> Subgroups:
    """The result's study once for each category of an attribute, on the same draws."""
    if not attribute.strip():
        raise ScenarioError("no attribute is named", way_out="name one with categories, such as diagnosis")
    return subgroups(
        result.study,
        attribute,
        perspective,
        effect=effect,
        draws=result.draws,
        individuals=result.individuals,
        seed=result.seed,
        method=cast("DrawMethod", result.method),
        **run,
    )


def value_by_subgroup(groups: Subgroups, wtp: Sequence[float]) -> xr.Dataset:
    """One decision for all against one for each subgroup; see `costeff.cea.stratified`."""
    return stratified(groups, list(wtp))


def printed_subgroups(table: pd.DataFrame, value: xr.Dataset, attribute: str) -> str:
    """Results by subgroup, and what deciding for each is worth."""
    about = table.attrs
    parts = [
        f"Results by {attribute}: {about['perspective']}, against {about['comparator']}, {about['currency']} and "
        f"{about['effect_unit']} per individual of the subgroup"
    ]
    for w, wtp in enumerate(value["wtp"].values.tolist()):
        here = value.isel(wtp=w)
        rows = [
            {
                "subgroup": row["subgroup"],
                "share": f"{row['share']:.2f}",
                "strategy": row["strategy"],
                "net cost": by_error(row["incremental_cost"], row["cost_mcse"], 0),
                "mcse": by_error(row["cost_mcse"], row["cost_mcse"], 0),
                "gain": by_error(row["incremental_effect"], row["effect_mcse"]),
                "net benefit": by_error(row["incremental_nmb"], row["nmb_mcse"], 0),
                "its mcse": by_error(row["nmb_mcse"], row["nmb_mcse"], 0),
                "95 % from": by_error(row["lower"], limit_error(row["nmb_mcse"]), 0),
                "to": by_error(row["upper"], limit_error(row["nmb_mcse"]), 0),
                "preferred": str(here["preferred"].sel(subgroup=row["subgroup"]).item()),
            }
            for row in table[table["wtp"] == wtp].to_dict("records")
        ]
        parts.append(f"At {wtp:,.10g} per {about['effect_unit']}\n{_frame(rows)}\n{_worth(here)}")
    return "\n\n".join(parts)


def _worth(here: xr.Dataset) -> str:
    gain, error = here["value"].item(), here["value_mcse"].item()
    error_text = f" (error {by_error(error, error, 0)}" if error == error else ""
    if error_text:
        count = replicates_of(int(here.attrs["draws"]), here.attrs.get("replicates"))
        error_text += ")" if settled(gain, error, count) else "; not settled)"
    return (
        f"Best for all: {here['preferred_for_all'].item()}. Deciding for each subgroup gains "
        f"{by_error(gain, error, 0)}{error_text} per individual of the whole population; perfect "
        f"information is worth {_money(here['evpi_for_all'].item())} to "
        f"one decision for all and {_money(here['evpi_stratified'].item())} to decisions by subgroup"
    )


def _frame(rows: list[dict[str, str]]) -> str:
    import pandas as pd

    return str(pd.DataFrame(rows).to_string(index=False))


def _money(value: float) -> str:
    return "" if value != value else f"{value:,.0f}"


def content_of_subgroups(table: pd.DataFrame, value: xr.Dataset, attribute: str) -> Mapping[str, Any]:
    """What JSON holds of results by subgroup."""
    worth = ["preferred_for_all", "value", "value_mcse", "evpi_for_all", "evpi_stratified"]
    return {
        "attribute": attribute,
        "conventions": dict(table.attrs),
        "rows": table.to_dict("records"),
        "preferred": value[["preferred", "probability"]].to_dataframe().reset_index().to_dict("records"),
        "value": value[worth].to_dataframe().reset_index().to_dict("records"),
    }
