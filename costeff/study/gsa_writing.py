"""Global sensitivity for the terminal: its table as text, as JSON and as a figure."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from costeff.economics import GlobalSensitivity

_MOST = 20


def printed_gsa(found: GlobalSensitivity, most: int = _MOST) -> str:
    """What was analysed, the `most` largest factors, and the notes."""
    table = found.table.head(most).copy()
    for name in [name for name in table.columns if not name.endswith(("_lower", "_upper"))]:
        if table[name].dtype == bool:
            table[name] = ["yes" if value else "no" for value in table[name]]
        if f"{name}_lower" in table:  # an estimate and its interval as one text
            ends = [table.pop(f"{name}_{end}") for end in ("lower", "upper")]
            table[name] = [
                f"{_number(value)} [{_number(low)}, {_number(high)}]"
                for value, low, high in zip(table[name], *ends, strict=True)
            ]
    left = len(found.table) - len(table)
    text = table.to_string(index=False, na_rep="", float_format=_number)
    parts = [found.head() + "\n" + text + (f"\n... and {left} smaller" if left else "")]
    if "floor" in found.attrs:
        parts.append(f"A parameter without influence reaches {found.attrs['floor']:.3f} by chance.")
    return "\n\n".join(parts) + "\n\n" + "\n".join(f"* {note}" for note in found.notes)


def _number(value: float) -> str:
    if not math.isfinite(value):
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3f}".replace("-0.000", "0.000")


def write_gsa(found: GlobalSensitivity, file: str) -> None:
    """Method, conventions, notes and every row of the table, as JSON; what is not a number is null."""

    def plain(value: Any) -> Any:
        return None if isinstance(value, float) and not math.isfinite(value) else value

    rows = [{str(k): plain(v) for k, v in row.items()} for row in found.table.to_dict("records")]
    about = {name: plain(value) for name, value in found.attrs.items()}
    content = {"method": found.method, "conventions": about, "notes": list(found.notes), "factors": rows}
    text = json.dumps(content, indent=1, ensure_ascii=False, default=lambda value: value.item())
    Path(file).write_text(text + "\n", encoding="utf-8")


def figure_gsa(found: GlobalSensitivity, folder: str, language: str) -> str:
    """Write the figure as a self-contained HTML page; returns its name."""
    from costeff.present.figure_gsa import sensitivity

    Path(folder).mkdir(parents=True, exist_ok=True)
    name = f"gsa_{found.method}.html"
    sensitivity(found, {}, language).write_html(Path(folder) / name, include_plotlyjs=True)
    return name
