"""The public names say in numpydoc's form what they take, in which shape and unit, and what they give, with an example.

Public: every name in `costeff.__all__`, the methods and properties of those classes, and with them each function that
`costeff/api.py` binds. Properties take nothing and need no example; everything else passes every check in pyproject.
"""

from __future__ import annotations

import inspect
import tomllib
from functools import cached_property
from pathlib import Path

import pytest
from numpydoc.validate import validate

import costeff

CHECKS = frozenset(
    tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))["tool"]["numpydoc_validation"][
        "checks"
    ]
)


def public() -> dict[str, bool]:
    """Where each public thing is defined, and whether it is a property."""
    names = {}
    for name in costeff.__all__:
        thing = getattr(costeff, name)
        if not callable(thing):
            continue
        names[_home(thing)] = False
        for method in dir(thing) if inspect.isclass(thing) else ():
            bound = inspect.getattr_static(thing, method)
            made = isinstance(bound, (property, cached_property))
            if isinstance(bound, property):
                bound = bound.fget
            bound = getattr(bound, "__func__", getattr(bound, "func", bound))
            if not method.startswith("_") and inspect.isfunction(bound):
                names[_home(bound)] = made
    return names


def _home(thing: object) -> str:
    return f"{thing.__module__}.{thing.__qualname__}"  # type: ignore[attr-defined]


def test_the_list_holds_what_users_hold() -> None:
    assert {"costeff.cea.icer.icer_table", "costeff.api.Evaluation", "costeff.analysis.psa.psa"} <= set(public())
    assert len(public()) > 120


@pytest.mark.parametrize("name", sorted(public()))
def test_docstring_is_whole(name: str) -> None:
    left_out = {"EX01"} if public()[name] else set()
    wrong = [f"{code}: {said}" for code, said in validate(name)["errors"] if code in CHECKS - left_out]
    assert not wrong, f"{name}: {'; '.join(wrong)}"
