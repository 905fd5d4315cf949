"""The municipality's case: who pays, who gains, when it breaks even."""

from costeff.investment.cash import CashFlow, CashLine, Service

__all__ = ["CashFlow", "CashLine", "Service"]
