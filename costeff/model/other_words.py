"""What people write elsewhere for something that has another place here, and the way out that works."""

from __future__ import annotations

from typing import Any

TIME_WORDS = ("t", "time", "cycle", "cycles", "week", "weeks", "month", "months", "year", "years", "day", "days")
"""Names under which a formula asks for the time; a parameter of such a name is a parameter."""
STARTS = ("from_week", "from_cycle", "start", "after", "since", "delay", "begin")
"""Keys with which people try to let a flow begin later."""
IN_CYCLES = (
    "within",
    "until",
    "for",
    "first",
    "cycles",
    "limit",
    "end",
    "stop",
    "from_week",
    "from_cycle",
    "start",
    "after",
    "since",
    "delay",
    "begin",
)
"""Those of them whose whole number can be taken for cycles; what names another span of time cannot."""
LIMITS = (
    *STARTS,
    "within",
    "until",
    "duration",
    "for",
    "first",
    "weeks",
    "months",
    "years",
    "days",
    "cycles",
    "end",
    "stop",
    "clock",
    "time",
    "limit",
    "max_weeks",
    "period",
    "band",
    "bands",
    "values",
)
"""Keys with which people try to limit a flow in time."""
WAYS_OF_MODEL = {
    "wtp": "state it in a scenario file: `wtp: {effect: EFFECT, range: [0, 600000], at: 300000}`, or give "
    "`costeff run --wtp 300000`",
    "run": "it belongs in a scenario file: scenario: NAME, model: this file, run: {...}",
    "set": "it belongs in a scenario file: scenario: NAME, model: this file, set: {...}",
    "options": "it belongs in a scenario file: scenario: NAME, model: this file, options: {...}",
    "effect": "it belongs in a scenario file: scenario: NAME, model: this file, effect: EFFECT",
}
"""Keys at the top of a model file."""
_RUN = ("draws", "individuals", "seed", "method")
_OPTIONS = ("horizon", "price_year", "entry_date", "engine", "within_cycle", "discounting", "events_at")
WAYS_OF_SCENARIO = {
    **{key: f"write it under `run`: run: {{{key}: ...}}" for key in _RUN},
    **{key: f"write it under `options`: options: {{{key}: ...}}" for key in _OPTIONS},
    **dict.fromkeys(
        ("willingness_to_pay", "threshold", "lambda", "wtp_range"),
        "write wtp: {effect: EFFECT, range: [0, 600000], at: 300000}",
    ),
}
"""Keys at the top of a scenario file."""


def band_way(key: str = "", value: Any = None) -> str:
    """How a flow is limited in time, with the number of cycles that was asked for under a key.

    >>> print(band_way("within", 26))
    use a band: declare bands: {course: {clock: time, edges: [26]}} and give the flow share: {band: course, \
values: [1, 0]}; it then pays in full before cycle 26 and nothing from then on (edges count cycles)
    """
    whole = isinstance(value, int) and not isinstance(value, bool) and value > 0
    edge = value if whole and key in IN_CYCLES else 12
    values, what = (
        ("[0, 1]", f"nothing before cycle {edge} and in full from then on")
        if key in STARTS
        else ("[1, 0]", f"in full before cycle {edge} and nothing from then on")
    )
    return (
        f"use a band: declare bands: {{course: {{clock: time, edges: [{edge}]}}}} and give the flow "
        f"share: {{band: course, values: {values}}}; it then pays {what} (edges count cycles)"
    )


def time_way(what: str) -> str:
    """The way out of a formula that asks for the time where it has none; `what` says whose formula it is."""
    if what.startswith(("amount of flow", "share of flow")):
        return band_way()
    if what.startswith("a ratio of strategy"):
        return "declare windows: [26, 52] and write one ratio for each window: [HR, HR ** 0.5, 1]"
    if what.startswith("amount of effect"):
        return "give the term `band: NAME`; its amount then reads `t`, the first cycle of each interval"
    return "`t` is the clock value in a `hazard` or `probability`"
