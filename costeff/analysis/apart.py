"""Draws that hold costs only, or net benefits only: what can be said of them, and what is refused, in one place.

A net benefit was made at one willingness to pay and holds no cost and no effect apart; costs without effects say
nothing of what an effect would be worth. Their effects are 0, so that net benefit at a willingness to pay of 0 is what
was read. At any other one, and in any result that shows costs or effects apart, that 0 would pass for a measured one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from costeff.errors import ScenarioError

if TYPE_CHECKING:
    from costeff.analysis.evaluation import EvaluationData

COSTS_ONLY, NET_ONLY = "costs only", "net benefits only"
"""What `attrs["results"]` of an evaluation says where there are no effects."""
READ_THEM = (
    "give costs and effects, each for itself; with wtp=0 nmb, ceac, evpi, evppi, dsa and threshold read net benefits "
    "as they are"
)
AT_ZERO = "give wtp=0 for net benefit as it was made, or costs and effects, each for itself"


def check_wtp(evaluation: EvaluationData, values: Sequence[float]) -> None:
    """Refuse a willingness to pay above 0 where the draws hold no effect that it could be paid for.

    >>> from costeff import Evaluation
    >>> net = Evaluation("payer", "none", ("usual", "new"), "usual", [[-9.0, -8.0]], [[0.0, 0.0]],
    ...                  attrs={"results": NET_ONLY})
    >>> check_wtp(net, [0.0])
    >>> check_wtp(net, [20_000.0])
    Traceback (most recent call last):
        ...
    costeff.errors.ScenarioError: the draws hold net benefits only, so there is no effect to pay for (value: 20,000).
    ...
    """
    results = evaluation.attrs.get("results")
    above = [value for value in values if value]
    if results not in (COSTS_ONLY, NET_ONLY) or not above:
        return
    raise ScenarioError(
        f"the draws hold {results}, so there is no effect to pay for",
        value=f"{above[0]:,.10g}",
        rule="net benefits are what they are at the willingness to pay with which they were made; wtp=0 reads them as "
        "they are"
        if results == NET_ONLY
        else "without effects, net benefit is the saving of cost; wtp=0 reads it",
        way_out="give wtp=0; at another willingness to pay give costs and effects, each for itself"
        if results == NET_ONLY
        else "give wtp=0, or the effects: effect=, or effects= in a second table",
    )


def check_apart(evaluation: EvaluationData, what: str, way_out: str = READ_THEM) -> None:
    """Refuse `what`, which shows costs or effects, where the draws hold net benefits only.

    >>> from costeff import Evaluation
    >>> net = Evaluation("payer", "none", ("usual", "new"), "usual", [[-9.0, -8.0]], [[0.0, 0.0]],
    ...                  attrs={"results": NET_ONLY})
    >>> check_apart(net, "an ICER")
    Traceback (most recent call last):
        ...
    costeff.errors.ScenarioError: the draws hold net benefits only, and an ICER needs costs and effects apart.
    ...
    """
    if evaluation.attrs.get("results") != NET_ONLY:
        return
    raise ScenarioError(
        f"the draws hold {NET_ONLY}, and {what} needs costs and effects apart",
        rule="a net benefit is no cost: many costs and effects give the same one",
        way_out=way_out,
    )
