"""Names of levels, checked against the values of their parameters."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from costeff.errors import ResultError


def checked_levels(
    levels: Mapping[str, tuple[str, ...]], parameters: Mapping[str, NDArray[np.float64]]
) -> dict[str, tuple[str, ...]]:
    """The names of levels as tuples, refused unless each belongs to a parameter that holds its codes 0, 1, ..."""
    level_names = {}
    for name, labels in levels.items():
        if name not in parameters:
            raise ResultError(
                "levels are named for a parameter that is not there",
                value=name,
                rule=f"parameters: {', '.join(parameters)}",
                way_out="leave them out of levels=, or give the parameter",
            )
        codes = parameters[name]
        wrong = (codes != np.round(codes)) | (codes < 0) | (codes >= len(labels))
        if wrong.any() or len(set(labels)) < len(labels):
            raise ResultError(
                f"the levels of parameter '{name}' do not fit its values",
                value=codes[wrong][0] if wrong.any() else labels,
                rule=f"values are the codes 0 to {len(labels) - 1} of its levels, which have different names",
                way_out="give one code for each draw, or leave the parameter out of levels=",
            )
        level_names[name] = tuple(labels)
    return level_names
