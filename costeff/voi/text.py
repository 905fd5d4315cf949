"""Value of information for the terminal: EVPI and EVPPI of a result or of a PSA table, as text, JSON and figures."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from costeff.analysis.tables.asked import listed
from costeff.analysis.tails import FEWEST_CARRYING
from costeff.errors import ScenarioError
from costeff.reporting.outputs import write_figures, write_json
from costeff.reporting.terminal import by_error
from costeff.voi.evpi import evpi
from costeff.voi.evppi import cut_at_bounds, evppi
from costeff.voi.optimism import NEAR

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import xarray as xr

    from costeff.analysis.evaluation import EvaluationData
    from costeff.labels import Label


NEAR_ZERO = 2.5
"""Errors from 0 below which an EVPPI's error is rough: docs/simulation_error.md."""
MOST_ROWS = 20
"""Groups printed; JSON has them all."""


def voi(
    evaluation: EvaluationData,
    wtp: Sequence[float],
    groups: Sequence[str] = (),
    leave_out: Collection[str] = (),
    **people: Any,
) -> tuple[xr.Dataset, xr.Dataset]:
    """EVPI, and EVPPI of every parameter that varies by itself and of each group written as "a,b,c".

    `leave_out` names columns of a table that are results of its draws, and nothing to be informed about.
    """
    parameters = evaluation.parameters.items()
    names: dict[str, str | list[str]] = {
        name: name for name, values in parameters if np.ptp(values) > 0 and name not in leave_out
    }
    names |= {group: list(listed([group], evaluation.parameters)) for group in groups}
    if not names:
        raise ScenarioError("no parameter varies", way_out="give them as columns, or in --parameters TABLE")
    return evpi(evaluation, list(wtp), **people), evppi(evaluation, names, list(wtp), **people)


def printed_voi(information: xr.Dataset, partial: xr.Dataset) -> str:
    """Both tables as text, in currency, largest EVPPI first; groups that were asked for are always there."""
    about = information.attrs
    effect = about["effect_unit"] if about["effect"] == "effect" else f"{about['effect']} ({about['effect_unit']})"
    head = (
        f"Value of information, {about['currency']}: {about['perspective']}, effect {effect}, "
        f"compared with {about['comparator']}, {about['draws']} draws"
    )
    if "decisions" in about:
        head += f"; for the population: {about['decisions']:,.6g} discounted decisions"
    parts = [head]
    for prefix, title in (("", "per decision"), ("population_", "for the population")):
        if f"{prefix}evpi" in information:
            parts.append(f"Perfect information, {title}\n{_perfect(information, prefix)}")
    if "noise_floored" in information and information["noise_floored"].values.any():
        parts.append("Without the luck of individuals less than nothing was left at some values: shown as 0.")
    parts += near_ties(information) + _few_carry(information, "EVPI")
    for value in partial["wtp"].values.tolist():
        title = f"Partial perfect information at {value:,.10g} per {about['effect_unit']}"
        parts.append(f"{title}\n{_partial(partial.sel(wtp=value))}")
    return "\n\n".join(parts)


def near_ties(information: xr.Dataset, where: str = "") -> list[str]:
    """How much values may lack where the best strategy is not told from another one; nothing elsewhere.

    `where` stands in the place of "at" the willingness to pay.
    """
    shortfalls = [
        f"{by_error(most)} {where or f'at {value:,.10g}'}"
        for value, most in zip(information["wtp"].values, information["optimism"].values, strict=True)
        if most > 0
    ]
    if not shortfalls:
        return []
    return [
        f"Near a tie: within {NEAR:g} errors of the highest mean net benefit lies another. The luckiest is taken for "
        f"the best, which makes every value of information too low, on average by at most {', '.join(shortfalls)}."
    ]


def _few_carry(table: xr.Dataset, name: str) -> list[str]:
    """Values whose error is carried by a handful of draws, by willingness to pay or by group; nothing where none is."""
    few = table["carrying_draws"]
    cases = [
        f"{value:,.10g}" if isinstance(value, float) else str(value)
        for value, draws in zip(few[few.dims[0]].values.tolist(), few.values.tolist(), strict=True)
        if draws < FEWEST_CARRYING
    ]
    if not cases:
        return []
    return [
        f"Fewer than {FEWEST_CARRYING:g} draws carry the error of {name} (a heavy tail, or what few have), so that "
        f"it is rough and mostly too small; more draws tell: {', '.join(cases)}."
    ]


def _perfect(information: xr.Dataset, prefix: str) -> str:
    """EVPI and its error, and both without the luck of individuals where that is known."""
    import pandas as pd

    columns = {
        "evpi": "evpi",
        "evpi_mcse": "mcse",
        "evpi_noise_corrected": "without luck",
        "evpi_noise_corrected_mcse": "its mcse",
    }
    frame = pd.DataFrame({"wtp": information["wtp"].values})
    frame["wtp"] = [f"{value:,.10g}" for value in frame["wtp"]]
    for name, heading in columns.items():
        if f"{prefix}{name}" in information:
            error = information[f"{prefix}{name.removesuffix('_mcse')}_mcse"].values
            values = information[f"{prefix}{name}"].values
            frame[heading] = [by_error(x, e) for x, e in zip(values, error, strict=True)]
    return str(frame.to_string(index=False))


def _partial(here: xr.Dataset) -> str:
    """EVPPI at one willingness to pay: the largest, those asked for as groups, and how many more there are."""
    columns = ["evppi", "evppi_mcse", "evppi_raw", "missed", "adequate"]
    columns += [name for name in ("population_evppi", "population_evppi_mcse") if name in here]
    table = cut_at_bounds(here).to_dataframe()[columns].sort_values("evppi", ascending=False, kind="stable")
    some = (table["evppi"] > 0) | (table["evppi_mcse"] > 0)
    first = (np.arange(len(table)) < MOST_ROWS) & (some | (np.arange(len(table)) == 0))
    top_rows = table[first | table.index.str.contains(",")].copy()
    for prefix in ("", "population_"):
        errors = top_rows[f"{prefix}evppi_mcse"].copy() if f"{prefix}evppi_mcse" in top_rows else None
        for name in (f"{prefix}evppi", f"{prefix}evppi_raw", f"{prefix}evppi_mcse"):
            if errors is not None and name in top_rows:
                top_rows[name] = [by_error(x, e) for x, e in zip(top_rows[name], errors, strict=True)]
    top_rows["missed"] = [f"{100 * share:.0f} %" for share in top_rows["missed"]]
    top_rows["adequate"] = ["yes" if fine else "NO" for fine in top_rows["adequate"]]
    text = str(top_rows.reset_index().to_string(index=False))
    amounts = table.loc[top_rows.index]
    rough = amounts.index[(amounts["evppi_mcse"] > 0) & (amounts["evppi"] < NEAR_ZERO * amounts["evppi_mcse"])]
    if len(rough):
        text += (
            f"\nLess than {NEAR_ZERO:g} times its error, so hardly told from 0 (the error is rough there; more draws "
            f"tell): {', '.join(map(str, rough))}."
        )
    text += _above(here)
    clear_groups = here.sel(group=[name for name in top_rows.index if name not in rough])
    text += "".join(f"\n{line}" for line in _few_carry(clear_groups, "EVPPI"))
    rest_count = len(table) - len(top_rows)
    if not rest_count:
        return text
    rest = table.drop(top_rows.index)
    most, error = float(rest["evppi"].max()), float(rest["evppi_mcse"].max())
    if most == 0 and not error > 0:
        worth = "worth nothing here"
    else:
        worth = f"put at {by_error(most, error)} or less (error up to {by_error(error, error)})"
    return f"{text}\n{rest_count} more are {worth}; --json has them all."


def _above(here: xr.Dataset) -> str:
    """Values that luck leaves above what bounds them, with their errors and the bound, to digits that part the two."""
    cases = []
    for group in here["group"].values[here["above_bound"].values == 1].tolist():
        one = here.sel(group=group)
        value, error, upper_bound = (float(one[name]) for name in ("evppi", "evppi_mcse", "bound"))
        name = str(one["bound_of"].item()).replace("evpi", "perfect information (EVPI)")
        cases.append(
            f"{group}: {by_error(value, value - upper_bound)} (error {by_error(error, error)}), and {name} "
            f"{by_error(upper_bound, value - upper_bound)}"
        )
    return f"\nShown at what bounds it, which the draws leave it above: {'; '.join(cases)}." if cases else ""


def rows(table: xr.Dataset) -> list[dict[str, Any]]:
    """A dataset as rows for JSON; NaN becomes null."""
    import pandas as pd

    frame: pd.DataFrame = table.to_dataframe().reset_index()
    return [{str(k): None if v != v else v for k, v in row.items()} for row in frame.to_dict("records")]


def write_voi(information: xr.Dataset, partial: xr.Dataset, file: str, **more: Any) -> None:
    """Tables as JSON: rows with their units, the conventions that hold for all of them, and `more` by name."""
    conventions = dict(information.attrs)
    write_json(file, {"conventions": conventions, "evpi": rows(information), "evppi": rows(partial), **more})


def figures_voi(
    information: xr.Dataset,
    partial: xr.Dataset,
    folder: str,
    language: str,
    more: Mapping[str, Any] | None = None,
    labels: Mapping[str, Label] | None = None,
    image: str | None = None,
) -> list[str]:
    """Write the figures, and `more` by name, as self-contained HTML pages; returns the file names.

    `labels` are those of parameters, groups and perspectives; `image` is a kind of still images to write too.
    """
    from costeff.voi.figures import voi as figure_voi

    labels_by_name = labels or {}
    figures = {"evpi": figure_voi.evpi(information, language, labels=labels_by_name)}
    values = partial["wtp"].values.tolist()
    for value in values:
        figures[f"evppi_{value:.10g}"] = figure_voi.evppi_bars(partial, labels_by_name, language, wtp=value)
    if len(values) > 1:
        figures["evppi_curves"] = figure_voi.evppi_curves(partial, labels_by_name, language)
    figures |= more or {}
    return write_figures(folder, {name: _drawn(figure) for name, figure in figures.items()}, language, image)


def _drawn(figure: go.Figure) -> Callable[[str], go.Figure]:
    return lambda language: figure
