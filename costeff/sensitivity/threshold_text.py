"""A threshold as plain text for the terminal: where the target is reached, and which strategy is the best where."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from costeff.analysis.dust import DUST
from costeff.analysis.settled import margin, replicates_of
from costeff.reporting.terminal import verdict
from costeff.sensitivity.text import MOST_ROWS, by_error, frame, held, number, ran, rule_of, written

if TYPE_CHECKING:
    import pandas as pd

    from costeff.sensitivity.threshold import Threshold


def printed_threshold(search: Threshold) -> str:
    """The answer in sentences, then the curve that was searched."""
    about, names = search.attrs, " = ".join(search.parameters)
    unit = f" ({search.unit})" if search.unit else ""
    mean = "mean over draws" if about.get("conditional") else "base value"
    parts = [
        f"{about['measure_en']}, {about['strategy']} against {about['comparator']}",
        f"{names}{unit} at its {mean} {number(search.base_value)}: {written(search.base_result, about)}",
    ]
    if "levels" in about:
        parts[1] = f"Mean of all draws: {written(search.base_result, about)}"
        return "\n".join([*parts, *_levels(search, names), ran(about)])
    goal = "zero" if search.target == 0 else written(search.target, about)
    for i, root in enumerate(search.roots):
        error_text = "" if root.mcse != root.mcse else f" (Monte Carlo error {by_error(root.mcse, root.mcse)})"
        if root.margin > 0:
            ends = (by_error(root.value + side * root.margin, root.margin) for side in (-1, 1))
            error_text += f", 95 % interval {' to '.join(ends)}"
        if root.settled is False:
            error_text += ", which reaches beyond the range searched, so whether there is one here is not settled"
        below = f"; probability that {names} lies below: {search.share_below[i]:.2f}" if search.share_below else ""
        digits = by_error(root.value, root.mcse)
        parts.append(f"The result is {goal} at {names} = {digits}{error_text}; it {root.direction} there{below}.")
    if not search.found:
        parts.append(_none(search, goal))
    parts += [_slope(search, names), *_best(search, names)]
    rows = [
        {
            "value": number(row["value"]),
            "result": written(row["result"], about),
            "mcse": written(row["mcse"], about),
            "preferred": str(row.get("preferred", "")),
        }
        for row in _thinned(search.curve).to_dict("records")
    ]
    return "\n".join(part for part in [*parts, frame(rows), held(about), ran(about)] if part)


def printed_price(table: pd.DataFrame) -> str:
    """The value-based price in a sentence, then the price against each other strategy."""
    about = table.attrs
    rows = [
        {
            "against": str(row["against"]),
            "price": by_error(row["price"], row["mcse"]),
            "mcse": by_error(row["mcse"], row["mcse"]),
            "lead": f"{row['lead']:,.0f}",
        }
        for row in table.to_dict("records")
    ]
    error = about["price_mcse"]
    error_text = f" (Monte Carlo error {by_error(error, error)})" if math.isfinite(error) else ""
    worth = f"{number(about['wtp'])} {about['currency']} per {about['effect_unit']}"
    free = ". Below 0: it is not worth having free of charge" if about["price"] < 0 else ""
    return "\n".join(
        [
            f"Value-based price of {about['strategy']} at {worth}: "
            f"{by_error(about['price'], error)} {about['currency']} "
            f"per unit{error_text}{free}.",
            f"Up to that price it has the highest expected net benefit of all; counted: {number(about['units'])} units "
            f"for each person at {number(about['price_counted'])}.",
            frame(rows),
            "Lead: expected net benefit over the other strategy at the price counted.",
        ]
    )


def _levels(search: Threshold, names: str) -> list[str]:
    """Of each level its result, and on which side of the target it is."""
    about = search.attrs
    goal = "zero" if search.target == 0 else written(search.target, about)
    rows = [
        {
            names: str(row["label"]),
            "draws": f"{row['draws']:,}",
            "result": written(row["result"], about),
            "mcse": written(row["mcse"], about),
            f"against {goal}": str(row["side"]),
            "settled": verdict(row["settled"]),
            "preferred": str(row["preferred"]),
        }
        for row in search.curve.to_dict("records")
    ]
    sentence = f"{names} takes {len(rows)} levels; no draw lies between them, so that no value between is a threshold."
    return [sentence, frame(rows)]


def _slope(search: Threshold, names: str) -> str:
    """How far the result moves with the parameter among draws, or what the draws rule out."""
    about: dict[str, Any] = search.attrs
    slope, error = float(about.get("slope", math.nan)), float(about.get("slope_mcse", math.nan))
    if not (math.isfinite(slope) and math.isfinite(error)) or about.get("everywhere"):
        return ""
    half = margin(error, replicates_of(about["draws"], about.get("replicates")))
    if math.isnan(half):
        return ""
    low, high = (by_error(slope + side * half, error) for side in (-1, 1))
    first, last = (number(end) for end in about["slope_between"])
    if abs(slope) > half:
        return (
            f"Per unit of {names} the result moves by {by_error(slope, error)} between {first} and {last} "
            f"(95 % interval {low} to {high})."
        )
    return (
        f"The draws do not tell which way {names} moves the result: between {first} and {last} they rule out "
        f"movements below {low} and above {high} per unit."
    )


def _best(search: Threshold, names: str) -> list[str]:
    """Which strategy is the best of all over which values, where there are more than the two compared."""
    if "preferred" not in search.curve:
        return []
    rule, first = rule_of(search.attrs), str(search.curve["preferred"].iloc[0])
    if not search.switches:
        return [
            f"Best of all strategies ({rule}) everywhere between {number(search.low)} and "
            f"{number(search.high)}: {first}."
        ]
    parts = []
    for switch in search.switches:
        open_ = "; not settled" if switch.settled is False else ""
        error = f"error {by_error(switch.mcse, switch.mcse)}" if math.isfinite(switch.mcse) else "no error is known"
        error_text = f" ({error}{open_})" if open_ or math.isfinite(switch.mcse) else ""
        parts.append(f"{switch.before} up to {names} = {by_error(switch.value, switch.mcse)}{error_text}")
    return [f"Best of all strategies ({rule}): {', then '.join(parts)}, then {search.switches[-1].after}."]


def _thinned(curve: pd.DataFrame) -> pd.DataFrame:
    """The points of a long curve at equal distances, the first and the last among them."""
    steps = len(curve) - 1
    apart = next((n for n in range(1, steps + 1) if steps % n == 0 and steps // n <= MOST_ROWS), 1)
    return curve.iloc[::apart]


def _none(search: Threshold, goal: str) -> str:
    """Why there is no root: flat, or never reached."""
    about, results = search.attrs, search.curve["result"].to_numpy(float)
    between = f"between {number(search.low)} and {number(search.high)}"
    if np.ptp(results) <= DUST * np.abs(results).max():
        if about.get("conditional"):
            return f"The result is the same in all draws: {written(results[0], about)}."
        return f"The result does not depend on it: {written(results[0], about)} everywhere {between}."
    ends = f"it goes from {written(results[0], about)} to {written(results[-1], about)}"
    return f"None within the range: {between} the result is nowhere {goal}; {ends}. A wider range: --low and --high."
