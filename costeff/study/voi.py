"""Value of information for the terminal: EVPI and EVPPI of a result or of a PSA table, as text, JSON and figures."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from costeff.economics import evpi, evppi
from costeff.errors import ScenarioError

if TYPE_CHECKING:
    import xarray as xr

    from costeff.economics import Evaluation

TABLES = (".csv", ".tsv", ".txt", ".parquet", ".pq")
"""Endings by which the command tells a PSA table from a scenario."""


def voi(
    evaluation: Evaluation, wtp: Sequence[float], groups: Sequence[str] = (), **people: Any
) -> tuple[xr.Dataset, xr.Dataset]:
    """EVPI, and EVPPI of every parameter that varies by itself and of each group written as "a,b,c"."""
    drawn = evaluation.parameters.items()
    names: dict[str, str | list[str]] = {name: name for name, values in drawn if np.ptp(values) > 0}
    names |= {group: [name.strip() for name in group.split(",")] for group in groups}
    if not names:
        raise ScenarioError("no parameter varies", way_out="give them as columns, or in --parameters TABLE")
    return evpi(evaluation, list(wtp), **people), evppi(evaluation, names, list(wtp), **people)


def printed_voi(information: xr.Dataset, partial: xr.Dataset) -> str:
    """Both tables as text, in currency per decision, largest EVPPI first."""
    about = information.attrs
    head = (
        f"Value of information per decision, {about['currency']}: {about['perspective']}, effect {about['effect']} "
        f"({about['effect_unit']}), compared with {about['comparator']}, {about['draws']} draws"
    )
    parts = [head]
    if "decisions" in about:
        parts[0] += f"; population_ columns: {about['decisions']:,.6g} discounted decisions"
    shown = information.to_dataframe().reset_index()
    parts.append("Perfect information\n" + shown.to_string(index=False, float_format=_number))
    columns = [name for name in partial.data_vars if name not in ("degrees", "population_evppi_raw")]
    for value in partial["wtp"].values.tolist():
        rows = (
            partial.sel(wtp=value)
            .to_dataframe()[columns]
            .sort_values("evppi", ascending=False, kind="stable")
        )
        rows["missed"] = [f"{100 * share:.0f} %" for share in rows["missed"]]
        rows["adequate"] = ["yes" if fine else "NO" for fine in rows["adequate"]]
        text = rows.reset_index().to_string(index=False, float_format=_number)
        parts.append(f"Partial perfect information at {value:,.10g} per {about['effect_unit']}\n{text}")
    return "\n\n".join(parts)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.4g}"


def rows(table: xr.Dataset) -> list[dict[str, Any]]:
    """A dataset as rows for JSON; NaN becomes null."""
    import pandas as pd

    frame: pd.DataFrame = table.to_dataframe().reset_index()
    return [{str(k): None if v != v else v for k, v in row.items()} for row in frame.to_dict("records")]


def write_voi(information: xr.Dataset, partial: xr.Dataset, file: str, **more: Any) -> None:
    """Tables as JSON: rows with their units, the conventions that hold for all of them, and `more` by name."""
    content = {
        "conventions": dict(information.attrs), "evpi": rows(information), "evppi": rows(partial), **more,
    }  # fmt: skip
    Path(file).write_text(
        json.dumps(content, indent=1, ensure_ascii=False, default=float) + "\n", encoding="utf-8"
    )


def figures_voi(
    information: xr.Dataset,
    partial: xr.Dataset,
    folder: str,
    language: str,
    more: Mapping[str, Any] | None = None,
) -> list[str]:
    """Write the figures, and `more` by name, as self-contained HTML pages; returns the file names."""
    from costeff.present import figure_voi

    figures = {"evpi": figure_voi.evpi(information, language)}
    values = partial["wtp"].values.tolist()
    for value in values:
        figures[f"evppi_{value:.10g}"] = figure_voi.evppi_bars(partial, {}, language, wtp=value)
    if len(values) > 1:
        figures["evppi_curves"] = figure_voi.evppi_curves(partial, {}, language)
    figures |= more or {}
    Path(folder).mkdir(parents=True, exist_ok=True)
    for name, figure in figures.items():
        figure.write_html(Path(folder) / f"{name}.html", include_plotlyjs=True)
    return [f"{name}.html" for name in figures]
