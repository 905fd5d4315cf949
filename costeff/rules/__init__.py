"""Dated rule sets: benefit rates, reimbursement, taxes and reforms that hold from a calendar date."""

from __future__ import annotations

from typing import Any

from costeff.model.dates import cycles_between
from costeff.old_names import by_old_name
from costeff.rules.read import load_rules
from costeff.rules.rule_set import Benefit, Reform, RulePeriod, RuleSet

__all__ = ["Benefit", "Reform", "RulePeriod", "RuleSet", "cycles_between", "load_rules"]


def __getattr__(name: str) -> Any:
    return by_old_name(__name__, name)
