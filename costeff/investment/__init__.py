"""The municipality's case: who pays, who gains, when it breaks even."""

from __future__ import annotations

from typing import Any

from costeff.investment.case import Area, Capacity, Case, Programme
from costeff.investment.cash import CashFlow, CashLine, Service

__all__ = ["Area", "Capacity", "Case", "CashFlow", "CashLine", "Programme", "Service"]


def __getattr__(name: str) -> Any:
    """Names that stood here in version 0.1.0, with a warning that names their new place."""
    from costeff.old_names import at_new_place

    return at_new_place(__name__, name)
