"""Some of an evaluation's strategies, as an evaluation of their own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from costeff.errors import ResultError

if TYPE_CHECKING:
    from costeff.analysis.evaluation import EvaluationData

Kind = TypeVar("Kind", bound="EvaluationData")


def keep(evaluation: Kind, *names: str, comparator: str | None = None) -> Kind:
    """The evaluation of some of its strategies, on the same draws.

    What is said of the best strategy is said of the best of those that stay: with two of them `ceac` is the pairwise
    acceptability curve, and `icer_table` compares the two.

    Parameters
    ----------
    evaluation : Evaluation
        Cost and effect over (draw, strategy), in currency and in units of effect, per individual.
    *names : str
        The strategies that stay, in their new order.
    comparator : str, optional
        One of them. Default: the evaluation's own comparator, which must then be among them.

    Returns
    -------
    Evaluation
        Of the strategies that stay.

    Raises
    ------
    ResultError
        For an unknown or double name, or a comparator that does not stay.

    Examples
    --------
    >>> from costeff import Evaluation
    >>> three = Evaluation("payer", "qaly", ("a", "b", "c"), "a", [[1.0, 3.0, 2.0]], [[1.0, 2.0, 2.5]])
    >>> three.ceac(1)["probability"].values.tolist()
    [[0.0, 0.0, 1.0]]
    >>> keep(three, "a", "b").ceac(1)["probability"].values.tolist()
    [[1.0, 0.0]]
    """
    strategies = evaluation.strategies
    for name in names:
        if name not in strategies:
            raise ResultError(
                "unknown strategy to keep",
                value=name,
                rule=f"strategies: {', '.join(strategies)}",
                way_out="name one of them",
            )
        if names.count(name) > 1:
            raise ResultError("a strategy is kept twice", value=name, way_out="name each strategy once")
    if not names:
        raise ResultError(
            "no strategy is kept", rule=f"strategies: {', '.join(strategies)}", way_out="name those that stay"
        )
    base = evaluation.comparator if comparator is None else comparator
    if base not in names:
        raise ResultError(
            "the comparator is not among the strategies that are kept",
            value=base,
            rule=f"kept: {', '.join(names)}",
            way_out=f"keep '{base}' too, or name another with comparator=",
        )
    if names == strategies and base == evaluation.comparator:
        return evaluation  # with what is known of it already
    at = [strategies.index(name) for name in names]
    cost_half, effect_half = evaluation.cost_half, evaluation.effect_half
    return replace(
        evaluation,
        strategies=names,
        comparator=base,
        cost=evaluation.cost[:, at],
        effect=evaluation.effect[:, at],
        cost_half=None if cost_half is None else cost_half[..., at],
        effect_half=None if effect_half is None else effect_half[..., at],
    )
