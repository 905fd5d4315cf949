"""Global sensitivity for the terminal: its table as text, as JSON and as a figure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from costeff.reporting.outputs import write_figures, write_json

if TYPE_CHECKING:
    from costeff.labels import Label
    from costeff.sensitivity.global_ import GlobalSensitivity


_MOST = 20


def printed_gsa(analysis: GlobalSensitivity, most: int = _MOST) -> str:
    """What was analysed, the `most` largest factors, and the notes."""
    table = analysis.table.head(most).copy()
    for name in [name for name in table.columns if not name.endswith(("_lower", "_upper"))]:
        if table[name].dtype == bool:
            table[name] = ["yes" if value else "no" for value in table[name]]
        if f"{name}_lower" in table:  # an estimate and its interval as one text
            ends = [table.pop(f"{name}_{end}") for end in ("lower", "upper")]
            table[name] = [
                f"{_number(value)} [{_number(low)}, {_number(high)}]"
                for value, low, high in zip(table[name], *ends, strict=True)
            ]
    rest = len(analysis.table) - len(table)
    text = table.to_string(index=False, na_rep="", float_format=_number)
    parts = [analysis.head() + "\n" + text + (f"\n... and {rest} smaller" if rest else "")]
    if "floor" in analysis.attrs:
        parts.append(
            "`floor` is the median that a parameter without influence reaches by chance; `above_floor` says which "
            "exceed it, or what chance reaches as the highest."
        )
    return "\n\n".join(parts) + "\n\n" + "\n".join(f"* {note}" for note in analysis.notes)


def _number(value: float) -> str:
    if not math.isfinite(value):
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3f}".replace("-0.000", "0.000")


def write_gsa(analysis: GlobalSensitivity, file: str) -> None:
    """Method, conventions, notes and every row of the table, as JSON; what is not a number is null."""
    content = {"method": analysis.method, "conventions": dict(analysis.attrs), "notes": list(analysis.notes)}
    write_json(file, {**content, "factors": analysis.table.to_dict("records")})


def figure_gsa(
    analysis: GlobalSensitivity,
    folder: str,
    language: str,
    labels: Mapping[str, Label] | None = None,
    image: str | None = None,
) -> list[str]:
    """Write the figure as an HTML page, and as an image of a kind; their names. `labels`: of parameters and views."""
    from costeff.sensitivity.figures.global_ import sensitivity

    name = f"gsa_{analysis.method}"
    draw = {name: lambda language_code: sensitivity(analysis, labels or {}, language_code)}
    return write_figures(folder, draw, language, image)
