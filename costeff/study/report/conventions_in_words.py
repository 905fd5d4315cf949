"""Conventions of a result as people read them: names in words, rates in percent, items by their labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from costeff.labels import Label, joined, worded
from costeff.model.elements import DiscountBand
from costeff.reporting.numbers import number_label
from costeff.study import summary as told

if TYPE_CHECKING:
    from costeff.analysis.study import ResultData

FEW_ITEMS = 4
"""Up to how many items of money are named where a perspective is named."""
MANY_ITEMS = {"only_items": "only_items_number", "without_items": "without_items_number"}


def conventions_in_words(result: ResultData) -> list[tuple[Label, str | Label]]:
    """What holds for every number of a result, with how it is called."""
    return [
        (worded(f"convention_{key}"), convention_in_words(result, key, value))
        for key, value in told.conventions_of(result).items()
    ]


CHOICES = ("cycle", "within_cycle", "events_at", "discounting", "engine", "method")
"""Conventions that are one of a few names."""


def convention_in_words(result: ResultData, key: str, value: object) -> str | Label:
    """A convention as people read it: names in words, rates in percent."""
    if isinstance(value, Label):
        return value
    if key in CHOICES:
        return worded(f"convention_{key}_is_{value}")
    if key.startswith("discount_rate") and isinstance(value, float):
        return percent_label(value)
    if key == "discount_bands":
        return joined("; ", [_later_rates(result, band) for band in result.model.conventions.discount_bands])
    return str(value)


def _later_rates(result: ResultData, band: DiscountBand) -> Label:
    cost, effect = (
        percent_label(float(np.asarray(rate.evaluate(result.environment), float).flat[0]))
        for rate in (band.cost, band.effect)
    )
    return worded("convention_band", after=band.after, cost=cost, effect=effect)


def percent_label(share: float) -> Label:
    """A share in percent, to two decimals at most, as readers of each language write it."""
    percent = round(100 * share, 2)
    decimals = 0 if percent == round(percent) else 1 if round(10 * percent, 6) == round(10 * percent) else 2
    number = number_label(percent, decimals=decimals)
    return Label.by(lambda language: f"{number[language]}\u00a0%")


def of_items(result: ResultData, key: str, items: Sequence[str]) -> Label:
    """Which items a perspective counts, or leaves out: by their labels where they are few, else how many of all."""
    labels = {flow.item: flow.label for flow in result.model.flows}
    if len(items) > FEW_ITEMS:
        return worded(MANY_ITEMS[key], number=len(items), all=len(labels))
    return worded(key, items=joined(", ", [labels[item] for item in items]))
