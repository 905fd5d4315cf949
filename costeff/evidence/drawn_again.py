"""Draws of evidence that differs from other evidence in a few certain figures: all other columns are the same."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from costeff.evidence.distributions.joint import Floats, Group
from costeff.evidence.draw import Design
from costeff.evidence.evidence import Evidence
from costeff.evidence.parameter import Parameter


def columns_again(
    evidence: Evidence, size: int, design: Design, before: Evidence, columns: dict[str, Floats]
) -> dict[str, Floats]:
    """What `Evidence.columns` gives, from the `columns` of the evidence `before` where they are the same.

    >>> from costeff.evidence import Parameter, Uniform
    >>> one = Evidence([Parameter(name, 0.5, "share", Uniform(0, 1), kind="assumption") for name in ("x", "y")])
    >>> other, design = one.override({"y": 0.25}), Design(1)
    >>> columns = one.columns(4, *design)
    >>> again = columns_again(other, 4, design, one, columns)
    >>> again["x"] is columns["x"], bool((again["y"] == other.columns(4, *design)["y"]).all())
    (True, True)
    """
    others = {name for name, one in evidence.parameters.items() if not _drawn_alike(before.parameters.get(name), one)}
    joint = {name for group in (*before.groups.values(), *evidence.groups.values()) for name in group.parameters}
    joint |= {name for pair in (*before.correlations, *evidence.correlations) for name in pair.parameters}
    certain = all(evidence.parameters[name].fixed for name in others) and not others & joint
    same_luck = before.correlations == evidence.correlations and (
        before.groups.keys() == evidence.groups.keys()
        and all(_same_group(one, evidence.groups[name]) for name, one in before.groups.items())
    )
    if not certain or not same_luck or (design.method == "sobol" and before.dimensions != evidence.dimensions):
        return evidence.columns(size, *design)
    return {
        name: np.full(size, float(parameter.value)) if name in others else columns[name]
        for name, parameter in evidence.parameters.items()
    }


def _drawn_alike(before: Parameter | None, now: Parameter) -> bool:
    """Whether two parameters of one name have the same draws, with the same luck."""
    return before is now or (
        before is not None
        and (before.value, before.distribution, before.centre, before.group, before.fixed)
        == (now.value, now.distribution, now.centre, now.group, now.fixed)
    )


def _same_group(before: Group, now: Group) -> bool:
    """Whether two groups are drawn alike."""
    return before is now or (
        type(before) is type(now)
        and all(_equal(getattr(before, f.name), getattr(now, f.name)) for f in fields(before) if f.name != "place")
    )


def _equal(one: object, other: object) -> bool:
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return one is other or np.array_equal(one, other)  # type: ignore[arg-type]
    return bool(one == other)
