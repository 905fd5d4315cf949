"""The municipality's case: who pays, who gains, when it breaks even."""

from costeff.investment.case import Area, Capacity, Case, Programme
from costeff.investment.cash import CashFlow, CashLine, Service
from costeff.investment.result import CaseResultData

__all__ = ["Area", "Capacity", "Case", "CaseResultData", "CashFlow", "CashLine", "Programme", "Service"]
