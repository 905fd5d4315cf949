"""Old places of modules and names (version 0.1.0): for one release they work, with a warning that names the new place.

`old_names.csv` holds the table. `costeff/__init__.py` asks here only for modules that nobody else finds, so that
programs with today's names never load this file.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cache, wraps
from importlib import import_module
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar, cast

F = TypeVar("F", bound=Callable[..., Any])
PACKAGES = ("costeff.economics", "costeff.present")
"""Folders that are no more; what they held lies in several."""

NEW_NAMES = {
    ("costeff.calibrate", "Plan"): "CalibrationPlan",
    ("costeff.calibrate.targets", "Plan"): "CalibrationPlan",
    ("costeff.rules", "Block"): "RulePeriod",
    ("costeff.rules.rule_set", "Block"): "RulePeriod",
    ("costeff.sensitivity.sampling", "Design"): "SamplingPlan",
    ("costeff.voi.trial_design", "StudyDesign"): "TrialDesign",
    ("costeff.voi.trial_file", "Design"): "Trial",
    ("costeff.voi.trial_file", "read_design"): "read_trial",
    ("costeff.voi.trial_value", "StudyValue"): "TrialValue",
    ("costeff.voi.trial_value", "study_value"): "trial_value",
    ("costeff.voi.trial_of_result", "study_design"): "trial_design",
    ("costeff.documents.section", "Block"): "Section",
}
"""(module of today, name in version 0.1.0) to the name of today."""


@cache
def homes() -> dict[tuple[str, str], str]:
    """(old module, name) to the module that has it now; the name is empty for a module that moved as a whole."""
    import csv

    text = Path(__file__).with_name("old_names.csv").read_text(encoding="utf-8")
    return {
        (f"costeff.{row['module']}", row["name"]): f"costeff.{row['home']}" for row in csv.DictReader(text.splitlines())
    }


def at_new_place(module: str, name: str) -> Any:
    """The value that stood in an old module under a name, with a DeprecationWarning that says where it stands now.

    Raises AttributeError for a name that the module never had.
    """
    home = homes().get((module, name)) or homes().get((module, ""))
    inner = f"{module}.{name}"
    if home is None and (inner, "") in homes():
        return import_module(inner)
    now = NEW_NAMES.get((home or "", name), name)
    if home is None or not hasattr(import_module(home), now):
        raise AttributeError(f"module {module!r} has no attribute {name!r}")
    public = "costeff" if home == "costeff.api" else home
    warnings.warn(f"{module} has moved: use `from {public} import {now}`", DeprecationWarning, stacklevel=3)
    return getattr(import_module(home), now)


def by_old_name(module: str, name: str) -> Any:
    """The value that a module of today had under another name, with a DeprecationWarning that says its name now.

    Raises AttributeError for a name that the module never had.
    """
    if (module, name) not in NEW_NAMES:
        raise AttributeError(f"module {module!r} has no attribute {name!r}")
    now = NEW_NAMES[module, name]
    warnings.warn(f"{module}.{name} is now called {now}", DeprecationWarning, stacklevel=3)
    return getattr(import_module(module), now)


def called_once(old: str, now: str, function: F) -> F:
    """`function` under a name that it once had: it works, with a DeprecationWarning that says its name now."""

    @wraps(function)
    def call(*arguments: Any, **options: Any) -> Any:
        warnings.warn(f"{old} is now called {now}", DeprecationWarning, stacklevel=2)
        return function(*arguments, **options)

    return cast("F", call)


class _Old(ModuleType):
    """A module at its old place; each name is looked up at its new one."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return at_new_place(self.__name__, name)

    def __setattr__(self, name: str, value: Any) -> None:
        # Importing a submodule sets it on its package; where a function had that name, the function was meant.
        if not (isinstance(value, _Old) and (self.__name__, name) in homes()):
            super().__setattr__(name, value)


class _Loader:
    """Makes a module at its old place, whose names are looked up when they are used."""

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Old(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing stands in it."""


def old_place(name: str) -> ModuleSpec | None:
    """How to make a module that is no more; None for one that never was."""
    if name not in PACKAGES and (name, "") not in homes():
        return None
    return ModuleSpec(name, _Loader(), is_package=name in PACKAGES)  # type: ignore[arg-type]  # all that a loader needs
