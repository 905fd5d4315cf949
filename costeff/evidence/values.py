"""Uniform numbers made values of parameters: groups and correlations are applied here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from costeff.evidence.correlation import Correlation, correlate
from costeff.evidence.distributions.joint import Floats, Group
from costeff.evidence.parameter import Parameter


def values_of(
    parameters: Mapping[str, Parameter],
    groups: Mapping[str, Group],
    correlations: Sequence[Correlation],
    uniforms: Mapping[str, Floats],
    size: int,
) -> dict[str, Floats]:
    """Every parameter, (size,), from independent uniform numbers by address; fixed parameters at their values.

    Groups and correlations are applied here, so independent numbers give jointly distributed parameters.
    """
    columns = dict(uniforms)
    correlate(columns, correlations, list(parameters))
    group_draws: dict[str, Floats] = {}
    for group in groups.values():
        if group.members:
            group_draws.update(group.draw(np.column_stack([columns[name] for name in group.addresses])))
    values: dict[str, Floats] = {}
    for name, parameter in parameters.items():
        if parameter.group:
            values[name] = group_draws[name]
        elif name in columns and not parameter.fixed:
            values[name] = parameter.spread.ppf(columns[name])
        else:
            values[name] = np.full(size, float(parameter.value))
    return values
