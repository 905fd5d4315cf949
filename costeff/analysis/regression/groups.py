"""Groups of parameters by label, as a user names them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from costeff.errors import ResultError

if TYPE_CHECKING:
    from costeff.analysis.evaluation import EvaluationData


Names = str | Sequence[str] | Mapping[str, str | Sequence[str]]


def read_groups(evaluation: EvaluationData, names: Names | None) -> dict[str, tuple[str, ...]]:
    """Groups by label, each a tuple of parameters; ResultError for an unknown or repeated one."""
    parameters = evaluation.parameters
    if not parameters:
        raise ResultError(
            "the evaluation holds no parameters",
            rule="value of information is about drawn parameters",
            way_out="give them: read_psa(..., parameters=table)",
        )
    names_by_label: Mapping[str, str | Sequence[str]]
    if names is None:
        names_by_label = {name: name for name, values in parameters.items() if np.ptp(values) > 0}
    elif isinstance(names, str):
        names_by_label = {names: names}
    elif isinstance(names, Mapping):
        names_by_label = names
    elif all(isinstance(name, str) for name in names):
        names_by_label = {" + ".join(names): names}
    else:
        raise ResultError(
            "several groups of parameters need labels",
            value=repr(names),
            rule="a list names the parameters of one group",
            way_out='give a mapping: {"x and y": ["x", "y"], "z": "z"}',
        )
    if not names_by_label:
        raise ResultError("no parameter varies between draws", way_out="draw parameters, or name some")
    groups = {label: (own,) if isinstance(own, str) else tuple(own) for label, own in names_by_label.items()}
    for label, own in groups.items():
        wrong = [name for name in own if name not in parameters]
        if wrong or not own or len(set(own)) < len(own):
            raise ResultError(
                "a group names no parameter, an unknown one, or one twice",
                where=f"group '{label}'",
                value=", ".join(wrong or own),
                rule=f"parameters: {', '.join(parameters)}",
            )
    return groups
