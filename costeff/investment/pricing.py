"""Quantities of a case by calendar period, and what turns them into a cash flow: prices, rules, programme costs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class Priced:
    """What re-pricing a case needs. (To be filled in.)"""
