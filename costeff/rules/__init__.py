"""Dated rule sets: benefit rates, reimbursement, taxes and reforms that hold from a calendar date."""

from costeff.rules.read import load_rules
from costeff.rules.rule_set import Benefit, Block, Reform, RuleSet, cycles_between

__all__ = ["Benefit", "Block", "Reform", "RuleSet", "cycles_between", "load_rules"]
