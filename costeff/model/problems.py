"""How checks of a model word what they find."""

from __future__ import annotations

from collections.abc import Iterable

from costeff.errors import ModelError, Place
from costeff.problems import way_to


def problem(what: str, where: Place | None, value: object, rule: str, way_out: str) -> ModelError:
    """A ModelError with all five parts."""
    return ModelError(what, where=where, value=value, rule=rule, way_out=way_out)


def unknown(
    kind: str, names: Iterable[str], choices: Iterable[str], where: Place | None, what: str
) -> list[ModelError]:
    """A problem for each of `names` that is not among `choices`; `what` says in which element it stands."""
    choices = tuple(choices)
    rule = f"declared: {', '.join(choices) or 'none'}"
    return [
        problem(f"{what}: unknown {kind} '{name}'", where, name, rule, way_to(name, choices, f"declare the {kind}"))
        for name in names
        if name not in choices
    ]
