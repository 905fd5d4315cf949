"""The municipality's case: who pays, who gains, when it breaks even. Names load their module on first use."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from costeff.investment.case import Area, Capacity, Case, Programme
    from costeff.investment.cash import CashFlow, CashLine, Service

__all__ = ["Area", "Capacity", "Case", "CashFlow", "CashLine", "Programme", "Service"]


def __getattr__(name: str) -> Any:
    """A name of today from its module; one that stood here in version 0.1.0 with a warning that names its new place."""
    from costeff.old_names import at_new_place

    if name not in __all__:
        return at_new_place(__name__, name)
    home = "cash" if name in ("CashFlow", "CashLine", "Service") else "case"
    return getattr(import_module(f"costeff.investment.{home}"), name)
