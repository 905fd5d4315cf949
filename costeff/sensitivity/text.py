"""Deterministic analyses as plain text for the terminal and as rows for JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from costeff.analysis.measures import EFFECT, NET_COST
from costeff.analysis.settled import FEWEST
from costeff.model.system import systems_of
from costeff.reporting.numbers import supported_decimals
from costeff.reporting.run_facts import plain

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

MOST_ROWS = 20


def printed_one_way(table: pd.DataFrame, most: int = MOST_ROWS) -> str:
    """The tornado as text: both ends of each row, and what changes there."""
    about = table.attrs
    rows = [
        {
            "name": row["name"] + (f" ({row['members']} drawn together)" if row["joint"] else ""),
            "low": row.get("low_label") or number(row["low_value"]),
            "high": row.get("high_label") or number(row["high_value"]),
            "result at low": written(row["low_result"], about),
            "at high": written(row["high_result"], about),
            "swing": written(row["swing"], about),
            "mcse": written(row["mcse"], about),
            "preferred": _change(row, "preferred"),
            "quadrant": _change(row, "quadrant"),
        }
        for row in table.head(most).to_dict("records")
    ]
    parts = [f"{about['measure_en']}, {about['strategy']} against {about['comparator']}"]
    error = about.get("base_mcse", math.nan)
    error_text = f" (Monte Carlo error {written(float(error), about)})" if error == error else ""
    mean = "Mean of all draws" if about.get("conditional") else "Base case"
    parts.append(
        f"{mean}: {written(about['base'], about)}{error_text}; "
        + (f"{about['base_quadrant']}; " if about["base_quadrant"] else "")
        + preferred_by(about, about["base_preferred"])
    )
    parts.append(frame(rows))
    parts += _switches(about, list(table["name"].head(most)))
    if len(table) > most:
        parts.append(f"{len(table) - most} narrower rows are not shown; --json has them all.")
    if table["joint"].any():
        parts.append("Drawn together: estimated jointly; the ends are those of the middle of their joint draws.")
    parts.append(ran(about, int((~table["needs_simulation"]).sum())))
    return "\n".join(part for part in parts if part)


def _switches(about: Mapping[Any, Any], names: list[str]) -> list[str]:
    """Where another strategy becomes the best of all, as each parameter grows."""
    return [
        f"Best of all as {name} grows: "
        + ", then ".join(
            f"{one['before']} up to {by_error(one['value'], one['mcse'])}"
            + (" (not settled)" if one["settled"] is False else "")
            for one in switches
        )
        + f", then {switches[-1]['after']}."
        for name in names
        if (switches := about.get("switches", {}).get(name))
    ]


def rule_of(about: Mapping[Any, Any]) -> str:
    """By which rule a strategy is preferred."""
    return {NET_COST: "lowest net cost", EFFECT: "best effect"}.get(str(about["measure"]), "highest net benefit")


def preferred_by(about: Mapping[Any, Any], strategy: str) -> str:
    """The strategy preferred of all, and by which rule."""
    return f"preferred ({rule_of(about)}): {strategy}"


def ran(about: dict[Any, Any], repriced_count: int | None = None) -> str:
    """What was simulated, and how many rows were priced without it."""
    if about.get("conditional"):
        return (
            f"Conditional means by regression on {about['draws']} draws: what is related to the parameter moves "
            "along, the rest is averaged over. Nothing was simulated."
        )
    text = f"Parameter sets simulated: {about['simulations']}"
    if about["engine"] != "cohort":
        people = about["individuals"]
        lives = f"{systems_of(people)} systems" if about["engine"] == "flow" else f"{people} individuals"
        text += f", each {about['batches']} x {lives}, seed {about['seed']}"
        if about["batches"] < FEWEST:
            text += f" (with fewer than {FEWEST} batches no Monte Carlo error is given)"
    text += f"; points priced: {about['priced']}"
    return (
        text
        + ("" if repriced_count is None else f"; re-priced without a new simulation: {repriced_count} parameters")
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
    result, best_strategies = (_grid(grid, name, first, second) for name in ("result", "preferred"))
    parts = [
        f"{about['measure_en']}, {about['strategy']} against {about['comparator']}",
        f"{'Mean of all draws' if about.get('conditional') else 'Base case'}: {written(about['base'], about)}; "
        f"{preferred_by(about, about['base_preferred'])}",
        f"Result by {first} (down) and {second} (across)\n{result}",
        f"Preferred\n{best_strategies}",
        _blank(about, grid["result"].size),
        held(about),
        ran(about),
    ]
    return "\n".join(part for part in parts if part)


def _blank(about: Mapping[Any, Any], cells: int) -> str:
    """How many cells are empty, and why."""
    empty = about.get("blank")
    sentence = f"{empty} of {cells} cells are empty: hardly any draws lie near them to say anything."
    return sentence if empty else ""


def _grid(grid: xr.Dataset, name: str, first: str, second: str) -> str:
    """One variable as text, with the values of both parameters."""
    import pandas as pd

    about = grid.attrs
    values = [[written(v, about) if name == "result" else str(v) for v in row] for row in grid[name].values.tolist()]
    axes = [
        pd.Index(about.get(f"labels_{i}") or [number(x) for x in grid[axis].values.tolist()], name=axis)
        for i, axis in ((1, first), (2, second))
    ]
    rows, columns = axes
    return str(pd.DataFrame(values, index=rows, columns=columns).to_string())


def printed_scenarios(table: pd.DataFrame) -> str:
    """Scenarios side by side, a block for each perspective."""
    parts, about = [], table.attrs
    for perspective, own in table.groupby("perspective", sort=False):
        rows = [
            {
                "scenario": row["scenario"],
                "net cost": written(row["incremental_cost"]),
                "mcse": written(row["cost_mcse"]),
                "gain": by_error(row["incremental_effect"], row["effect_mcse"]),
                "its error": by_error(row["effect_mcse"], row["effect_mcse"]),
                "net benefit": written(row["net_benefit"]),
                "difference": written(row["cost_difference"]),
                "its mcse": written(row["cost_difference_mcse"]),
                "preferred": row["preferred"],
                "quadrant": str(row["quadrant"]).split(":")[0],
            }
            for row in own.to_dict("records")
        ]
        head = f"{perspective}: {about['strategy']} against {about['comparator']} in the base case, per citizen"
        units = f"costs in {about['currency']}, gain in {about['effect_unit']} ({about['effect']})"
        parts.append(f"{head}; {units}; difference in net cost from {own['scenario'].iloc[0]}\n{frame(rows)}")
    rule = "the lowest net cost" if about["wtp"] is None else f"the highest net benefit at {number(about['wtp'])}"
    parts.append(f"Preferred: {rule}.")
    return "\n\n".join(parts)


def held(about: dict[Any, Any]) -> str:
    """Which parameters stay at base values although they were estimated with the one that varies."""
    names = about.get("held")
    return f"Estimated jointly with it, kept at base values: {', '.join(names)}." if names else ""


def frame(rows: list[dict[str, str]]) -> str:
    """Rows as text, without columns that are empty."""
    import pandas as pd

    table = pd.DataFrame(rows)
    empty = [name for name in table.columns if not table[name].astype(bool).any()]
    return str(table.drop(columns=empty).to_string(index=False))


def by_error(value: float, error: float) -> str:
    """A number to the second significant digit of its Monte Carlo error, when that is known and not 0."""
    if not (math.isfinite(value) and error > 0 and math.isfinite(error)):
        return number(value)
    digits = supported_decimals(error)
    return f"{round(value, digits):,.{max(digits, 0)}f}"


def written(value: Any, about: Mapping[Any, Any] | None = None) -> str:
    """A result in whole units of money; in an analysis of an effect, with four digits. NaN is empty."""
    if value != value:
        return ""
    return number(value) if about and about["measure"] == EFFECT else f"{value:,.0f}"


def number(value: Any) -> str:
    """A value of a parameter: whole from 1,000, else with four digits. NaN is empty."""
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
    changes = [
        {
            "value": s.value,
            "mcse": plain(s.mcse),
            "before": s.before,
            "after": s.after,
            "settled": s.settled,
            "lower": plain(s.value - s.margin),
            "upper": plain(s.value + s.margin),
        }
        for s in thing.switches
    ]
    return {
        "conventions": _plain(thing.attrs),
        "parameters": list(thing.parameters),
        "unit": thing.unit,
        "low": thing.low,
        "high": thing.high,
        "target": thing.target,
        "base_value": thing.base_value,
        "base_result": thing.base_result,
        "roots": roots,
        "switches": changes,
        "curve": _records(thing.curve),
    }


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(k): plain(v) for k, v in row.items()} for row in frame.to_dict("records")]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return plain(value)
