"""A case at other prices, and every figure behind it with its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from costeff.investment import figures
from costeff.investment.case import Programme
from costeff.investment.pricing import columns
from costeff.investment.result import CaseResultData

if TYPE_CHECKING:
    import pandas as pd

Kind = TypeVar("Kind", bound=CaseResultData)


def reprice(
    result: Kind, values: Mapping[str, float | np.ndarray] | None = None, programme: Programme | None = None
) -> Kind:
    """The case at other prices, shares, costs or discount rates, without a simulation.

    `values`: parameter name to a number or one per draw, in the place of what was drawn and of what rules set, at
    the case's price year; `programme`: other costs of the programme. What was re-priced before stays. Raises
    ResultError for a parameter that needs a simulation.
    """
    priced = result.with_prices()
    changes = {**result.repriced, **columns(priced, values or {})}
    case = replace(result.case, programme=programme) if programme is not None else result.case
    cash, half = priced.cash(case, changes)
    return replace(
        result, case=case, cash=cash, half=half, no_effect=priced.no_effect(case, changes),
        parameters={**result.parameters, **changes}, repriced=changes,
    )  # fmt: skip


def sources(result: CaseResultData) -> pd.DataFrame:
    """Every figure behind the case with its value, kind, source and origin (model, case or dated rules)."""
    at = figures.as_repriced(result.with_prices(), result.repriced)
    return figures.sources(at, result.case, result.repriced)


def differences(result: CaseResultData) -> pd.DataFrame:
    """What the case, its scenario or `reprice` set in the place of the model's figures: `Evidence.differences`."""
    at = figures.as_repriced(result.with_prices(), result.repriced)
    return figures.differences(at, result.case, result.repriced)
