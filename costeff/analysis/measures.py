"""What a deterministic analysis is on: net benefit at a willingness to pay, net cost, or the effect. Never an ICER."""

from __future__ import annotations

import math

from costeff.errors import ScenarioError

NET_BENEFIT, NET_COST, EFFECT = "net_benefit", "net_cost", "effect"
MEASURES = (NET_BENEFIT, NET_COST, EFFECT)
"""An ICER is none of them: it jumps where the quadrant changes."""


def measure_of(on: str | None, wtp: float | None) -> tuple[str, float | None]:
    """The measure, and the willingness to pay when it is net benefit (else None).

    Without `on` it is net benefit where `wtp` is given, else net cost. Raises ScenarioError for a measure that is
    unknown or needs a willingness to pay, and for one out of range.

    >>> measure_of(None, 20_000), measure_of("effect", 20_000)
    (('net_benefit', 20000), ('effect', None))
    """
    if on is not None and on not in MEASURES:
        raise ScenarioError("unknown measure", value=on, rule=f"{', '.join(MEASURES)}; never an ICER")
    if on == NET_BENEFIT and wtp is None:
        raise ScenarioError(
            "net benefit needs a willingness to pay",
            rule="costeff has no default",
            way_out="give wtp= (in the shell --wtp)",
        )
    if wtp is not None and not (math.isfinite(wtp) and wtp >= 0):
        raise ScenarioError(
            "willingness to pay is out of range",
            value=wtp,
            rule="it is finite and not negative",
            way_out="give a number from 0; for an effect of which less is better its sign is turned already",
        )
    measure = on or (NET_COST if wtp is None else NET_BENEFIT)
    return measure, wtp if measure == NET_BENEFIT else None
