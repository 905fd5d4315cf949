"""Modules and names of version 0.1.0 work at their old places, with a warning that names the new one."""

from __future__ import annotations

import importlib
import sys

import pytest

import costeff
from costeff.old_names import NEW_NAMES, homes


@pytest.mark.parametrize(("module", "name"), [key for key in homes() if key[1]])
def test_every_name_is_there(module: str, name: str) -> None:
    old = importlib.import_module(module)
    now = NEW_NAMES.get((homes()[module, name], name), name)
    with pytest.warns(DeprecationWarning, match=f"use `from costeff.* import {now}`"):
        value = getattr(old, name)
    assert value is getattr(importlib.import_module(homes()[module, name]), now)


@pytest.mark.parametrize(("module", "name"), NEW_NAMES)
def test_renamed_names_are_there_by_their_new_name(module: str, name: str) -> None:
    new = importlib.import_module(module)
    assert hasattr(new, NEW_NAMES[module, name])
    if module in ("costeff.calibrate", "costeff.rules", "costeff.calibrate.targets", "costeff.rules.rule_set"):
        with pytest.warns(DeprecationWarning, match=f"is now called {NEW_NAMES[module, name]}"):
            assert getattr(new, name) is getattr(new, NEW_NAMES[module, name])


@pytest.mark.parametrize("module", [key[0] for key in homes() if not key[1]])
def test_every_module_is_there(module: str) -> None:
    new = importlib.import_module(homes()[module, ""])
    old = importlib.import_module(module)
    name = next(name for name in vars(new) if not name.startswith("_") and name not in vars(old))
    with pytest.warns(DeprecationWarning, match="has moved"):
        assert getattr(old, name) is getattr(new, name)


def test_as_users_wrote_it() -> None:
    with pytest.warns(DeprecationWarning, match="from costeff import Evaluation"):
        from costeff.economics import Evaluation
    assert Evaluation is costeff.Evaluation
    with pytest.warns(DeprecationWarning, match=r"use `from costeff\.cea\.icer import icer_table`"):
        from costeff.economics.icer import icer_table  # noqa: F401
    from costeff import economics

    with pytest.warns(DeprecationWarning, match="import stratified"):
        assert callable(economics.stratified)


def test_what_never_was_is_not_there() -> None:
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("costeff.economics_of_scale")
    with pytest.raises(ImportError):
        from costeff.economics import calc_nmb  # noqa: F401
    assert "costeff.economics_of_scale" not in sys.modules
