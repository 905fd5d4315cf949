"""The declared model: elements, safe formulas, reading, checking, describing. Rank 4.

Every public name loads its module on first use, so that importing the package stays light.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from costeff.labels import Label
    from costeff.model.checks.check import check_against, check_model
    from costeff.model.describe import describe, describe_html
    from costeff.model.elements import (
        Assumption,
        Attribute,
        Band,
        Clock,
        Conventions,
        Deadline,
        DiscountBand,
        Effect,
        Flow,
        LookBack,
        OnLeaving,
        Party,
        Passage,
        Perspective,
        Share,
        State,
        Strategy,
        StrategyEffect,
        Term,
        Transition,
    )
    from costeff.model.formulas.expression import Expression
    from costeff.model.model import Model
    from costeff.model.names import parameter_names, pricing_names, simulation_names, table_names
    from costeff.model.read import parameter_file, read_model, validation_file
    from costeff.model.scenario import Scenario, Wtp, apply_options, horizon_state, model_file, read_scenario


__all__ = [
    "Assumption",
    "Attribute",
    "Band",
    "Clock",
    "Conventions",
    "Deadline",
    "DiscountBand",
    "Effect",
    "Expression",
    "Flow",
    "Label",
    "LookBack",
    "Model",
    "OnLeaving",
    "Party",
    "Passage",
    "Perspective",
    "Scenario",
    "Share",
    "State",
    "Strategy",
    "StrategyEffect",
    "Term",
    "Transition",
    "Wtp",
    "apply_options",
    "check_against",
    "check_model",
    "describe",
    "describe_html",
    "horizon_state",
    "model_file",
    "parameter_file",
    "parameter_names",
    "pricing_names",
    "read_model",
    "read_scenario",
    "simulation_names",
    "table_names",
    "validation_file",
]

_HOME = {
    "Expression": "formulas.expression",
    "Model": "model",
    "Scenario": "scenario",
    "Wtp": "scenario",
    "apply_options": "scenario",
    "check_against": "checks.check",
    "check_model": "checks.check",
    "describe": "describe",
    "describe_html": "describe",
    "horizon_state": "scenario",
    "model_file": "scenario",
    "parameter_file": "read",
    "parameter_names": "names",
    "pricing_names": "names",
    "read_model": "read",
    "read_scenario": "scenario",
    "simulation_names": "names",
    "table_names": "names",
    "validation_file": "read",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'costeff.model' has no attribute {name!r}")
    value = getattr(import_module(f"costeff.model.{_HOME.get(name, 'elements')}"), name)
    globals()[name] = value  # the next look-up does not come here
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
