"""The table of mending as plain text for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from costeff.sensitivity.text import by_error, frame, number, written

if TYPE_CHECKING:
    import pandas as pd

PARTS = {"share": "who takes it", "pace": "delay", "drop_out": "drop-out", "all": "all of these"}
"""What is mended of a stage, in words."""


def printed_mending(table: pd.DataFrame) -> str:
    """Which stage is worth mending: a row for each part of each stage, and one for all of them together."""
    about = table.attrs
    rows = [
        {
            "stage": row["stage"] if row["stage"] != "all" else "all stages",
            "mended": PARTS[row["part"]],
            "gain": by_error(row["gain"], row["gain_mcse"]),
            "mcse": by_error(row["gain_mcse"], row["gain_mcse"]),
            f"more reach {about['last_stage']}": f"{row['reached']:.3f}",
            "extra cost": written(row["cost"]),
            "per person more": written(row["per_reached"]),
        }
        for row in table.to_dict("records")
    ]
    reach_words = f"{about['reached']:.3f} of people reach {about['last_stage']}"
    each = "" if about["per_reached"] != about["per_reached"] else f", {written(about['per_reached'])} for each of them"
    parts = [
        f"One part of one stage of {about['strategy']} delivered as in {about['like']}; {about['perspective']}, "
        f"{about['currency']} per individual, net benefit at {number(about['wtp'])} per {about['effect_unit']}",
        f"As it is: {reach_words}; it costs {written(about['cost'])} more than {about['comparator']}{each}.",
        frame(rows) if rows else "The two strategies deliver every stage alike: there is nothing to mend.",
        f"Each row: {about['draws']} draws x {about['individuals']} individuals, seed {about['seed']}; the same people "
        "and draws, with the same luck at every stage.",
    ]
    return "\n".join(parts)
