"""Deterministic analyses as plain text for the terminal and as rows for JSON."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from costeff.economics.settled import FEWEST
from costeff.present.numbers import supported_decimals
from costeff.study.summary import plain

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from costeff.economics.threshold import Threshold

MOST_ROWS = 20


def printed_one_way(table: pd.DataFrame, most: int = MOST_ROWS) -> str:
    """The tornado as text: both ends of each row, and what changes there."""
    about = table.attrs
    rows = [
        {
            "name": row["name"] + (f" ({row['members']} drawn together)" if row["joint"] else ""),
            "low": _number(row["low_value"]), "high": _number(row["high_value"]),
            "result at low": _money(row["low_result"]), "at high": _money(row["high_result"]),
            "swing": _money(row["swing"]), "mcse": _money(row["mcse"]),
            "preferred": _change(row, "preferred"), "quadrant": _change(row, "quadrant"),
        }
        for row in table.head(most).to_dict("records")
    ]  # fmt: skip
    parts = [f"{about['measure_en']}, {about['strategy']} against {about['comparator']}"]
    error = about.get("base_mcse", math.nan)
    said = f" (Monte Carlo error {_money(float(error))})" if error == error else ""
    mean = "Mean of all draws" if about.get("conditional") else "Base case"
    parts.append(
        f"{mean}: {_money(about['base'])}{said}; {about['base_quadrant']}; {_preferred(about, about['base_preferred'])}"
    )
    parts.append(_frame(rows))
    if len(table) > most:
        parts.append(f"{len(table) - most} narrower rows are not shown; --json has them all.")
    if table["joint"].any():
        parts.append(
            "Drawn together: estimated jointly; the ends are those of the middle of their joint draws."
        )
    parts.append(ran(about, int((~table["needs_simulation"]).sum())))
    return "\n".join(part for part in parts if part)


def _preferred(about: dict[Any, Any], strategy: str) -> str:
    """The strategy preferred of all, and by which rule."""
    rule = "lowest net cost" if about["wtp"] is None else "highest net benefit"
    return f"preferred ({rule}): {strategy}"


def ran(about: dict[Any, Any], repriced: int | None = None) -> str:
    """What was simulated, and how many rows were priced without it."""
    if about.get("conditional"):
        return (
            f"Conditional means by regression on {about['draws']} draws: what is correlated with the parameter moves "
            "along, the rest is averaged over. Nothing was simulated."
        )
    text = f"Parameter sets simulated: {about['simulations']}"
    if about["engine"] != "cohort":
        text += f", each {about['batches']} x {about['individuals']} individuals, seed {about['seed']}"
        if about["batches"] < FEWEST:
            text += f" (with fewer than {FEWEST} batches no Monte Carlo error is given)"
    text += f"; points priced: {about['priced']}"
    return (
        text
        + ("" if repriced is None else f"; re-priced without a new simulation: {repriced} parameters")
        + "."
    )


def _change(row: dict[Any, Any], what: str) -> str:
    if not row[f"changes_{what}"]:
        return ""
    low, high = (str(row[f"{end}_{what}"]).split(":")[0] for end in ("low", "high"))
    return f"{low} .. {high}"


def printed_two_way(grid: xr.Dataset) -> str:
    """Both grids as text: the result, and the strategy preferred."""
    about = grid.attrs
    first, second = (str(name) for name in grid["result"].dims)
    result, preferred = (_grid(grid, name, first, second) for name in ("result", "preferred"))
    parts = [
        f"{about['measure_en']}, {about['strategy']} against {about['comparator']}",
        f"{'Mean of all draws' if about.get('conditional') else 'Base case'}: {_money(about['base'])}; "
        f"{_preferred(about, about['base_preferred'])}",
        f"Result by {first} (down) and {second} (across)\n{result}",
        f"Preferred\n{preferred}",
        _held(about),
        ran(about),
    ]
    return "\n".join(part for part in parts if part)


def _grid(grid: xr.Dataset, name: str, first: str, second: str) -> str:
    """One variable as text, with the values of both parameters."""
    import pandas as pd

    values = [[_money(v) if name == "result" else str(v) for v in row] for row in grid[name].values.tolist()]
    rows = pd.Index([_number(x) for x in grid[first].values.tolist()], name=first)
    columns = pd.Index([_number(x) for x in grid[second].values.tolist()], name=second)
    return str(pd.DataFrame(values, index=rows, columns=columns).to_string())


def printed_threshold(found: Threshold) -> str:
    """The answer in sentences, then the curve that was searched."""
    about, names = found.attrs, " = ".join(found.parameters)
    unit = f" ({found.unit})" if found.unit else ""
    mean = "mean over draws" if about.get("conditional") else "base value"
    parts = [
        f"{about['measure_en']}, {about['strategy']} against {about['comparator']}",
        f"{names}{unit} at its {mean} {_number(found.base_value)}: {_money(found.base_result)}",
    ]
    goal = "zero" if found.target == 0 else _money(found.target)
    for i, root in enumerate(found.roots):
        said = "" if root.mcse != root.mcse else f" (Monte Carlo error {_by_error(root.mcse, root.mcse)})"
        if root.margin > 0:
            ends = (_by_error(root.value + side * root.margin, root.margin) for side in (-1, 1))
            said += f", 95 % interval {' to '.join(ends)}"
        if root.settled is False:
            said += ", which reaches beyond the range searched, so whether there is one here is not settled"
        below = (
            f"; probability that {names} lies below: {found.share_below[i]:.2f}" if found.share_below else ""
        )
        digits = _by_error(root.value, root.mcse)
        parts.append(f"The result is {goal} at {names} = {digits}{said}; it {root.direction} there{below}.")
    if not found.found:
        parts.append(_none(found, goal))
    rows = [
        {"value": _number(row["value"]), "result": _money(row["result"]), "mcse": _money(row["mcse"])}
        for row in _thinned(found.curve).to_dict("records")
    ]
    return "\n".join(part for part in [*parts, _frame(rows), _held(about), ran(about)] if part)


def _thinned(curve: pd.DataFrame) -> pd.DataFrame:
    """The points of a long curve at equal distances, the first and the last among them."""
    steps = len(curve) - 1
    apart = next((n for n in range(1, steps + 1) if steps % n == 0 and steps // n <= MOST_ROWS), 1)
    return curve.iloc[::apart]


def _none(found: Threshold, goal: str) -> str:
    """Why there is no root: flat, or never reached."""
    results = found.curve["result"].to_numpy(float)
    between = f"between {_number(found.low)} and {_number(found.high)}"
    if np.ptp(results) == 0:
        return f"The result does not depend on it: {_money(results[0])} everywhere {between}."
    ends = f"it goes from {_money(results[0])} to {_money(results[-1])}"
    return f"None within the range: {between} the result is nowhere {goal}; {ends}. A wider range: --low and --high."


def printed_scenarios(table: pd.DataFrame) -> str:
    """Scenarios side by side, a block for each perspective."""
    parts, about = [], table.attrs
    for perspective, own in table.groupby("perspective", sort=False):
        rows = [
            {
                "scenario": row["scenario"],
                "net cost": _money(row["incremental_cost"]), "mcse": _money(row["cost_mcse"]),
                "gain": _by_error(row["incremental_effect"], row["effect_mcse"]),
                "its error": _by_error(row["effect_mcse"], row["effect_mcse"]),
                "net benefit": _money(row["net_benefit"]),
                "difference": _money(row["cost_difference"]), "its mcse": _money(row["cost_difference_mcse"]),
                "preferred": row["preferred"], "quadrant": str(row["quadrant"]).split(":")[0],
            }
            for row in own.to_dict("records")
        ]  # fmt: skip
        head = (
            f"{perspective}: {about['strategy']} against {about['comparator']} in the base case, per citizen"
        )
        units = f"costs in {about['currency']}, gain in {about['effect_unit']} ({about['effect']})"
        parts.append(
            f"{head}; {units}; difference in net cost from {own['scenario'].iloc[0]}\n{_frame(rows)}"
        )
    rule = (
        "the lowest net cost"
        if about["wtp"] is None
        else f"the highest net benefit at {_number(about['wtp'])}"
    )
    parts.append(f"Preferred: {rule}.")
    return "\n\n".join(parts)


def _held(about: dict[Any, Any]) -> str:
    held = about.get("held")
    return f"Estimated jointly with it, kept at base values: {', '.join(held)}." if held else ""


def _frame(rows: list[dict[str, str]]) -> str:
    import pandas as pd

    frame = pd.DataFrame(rows)
    empty = [name for name in frame.columns if not frame[name].astype(bool).any()]
    return str(frame.drop(columns=empty).to_string(index=False))


def _by_error(value: float, error: float) -> str:
    """A number to the second significant digit of its Monte Carlo error, when that is known and not 0."""
    if not (math.isfinite(value) and error > 0 and math.isfinite(error)):
        return _number(value)
    digits = supported_decimals(error)
    return f"{round(value, digits):,.{max(digits, 0)}f}"


def _money(value: Any) -> str:
    return "" if value != value else f"{value:,.0f}"


def _number(value: Any) -> str:
    return "" if value != value else f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


# -- JSON ----


def content_of(thing: Any) -> dict[str, Any]:
    """A table, grid or threshold as JSON content: conventions, and rows with names and numbers; NaN is null."""
    import pandas as pd

    if isinstance(thing, pd.DataFrame):
        return {"conventions": _plain(thing.attrs), "rows": _records(thing)}
    if hasattr(thing, "data_vars"):
        return {"conventions": _plain(thing.attrs), "rows": _records(thing.to_dataframe().reset_index())}
    roots = [
        {
            "value": r.value,
            "mcse": plain(r.mcse),
            "direction": r.direction,
            "settled": r.settled,
            "lower": plain(r.value - r.margin),
            "upper": plain(r.value + r.margin),
        }
        | ({"share_below": thing.share_below[i]} if thing.share_below else {})
        for i, r in enumerate(thing.roots)
    ]
    return {
        "conventions": _plain(thing.attrs), "parameters": list(thing.parameters), "unit": thing.unit,
        "low": thing.low, "high": thing.high, "target": thing.target, "base_value": thing.base_value,
        "base_result": thing.base_result, "roots": roots, "curve": _records(thing.curve),
    }  # fmt: skip


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(k): plain(v) for k, v in row.items()} for row in frame.to_dict("records")]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return plain(value)
