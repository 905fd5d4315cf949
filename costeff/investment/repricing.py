"""A case at other prices, and every figure behind it with its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from costeff.investment import figures
from costeff.investment.case import Programme
from costeff.investment.pricing import columns
from costeff.investment.result import CaseResultData, OnTop

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

    Parameters
    ----------
    result : CaseResult
        The case that is read.
    values : mapping, optional
        Parameter name to what stands in the place of the model's value, in the parameter's unit.
    programme : Programme, optional
        Other costs of the programme.

    Returns
    -------
    CaseResult
        Another result; this one stays.

    Examples
    --------
    >>> from costeff import invest
    >>> case = invest("tki2-aarhus-investment", draws=2, individuals=10, progress=False)
    >>> case.reprice({"state_share_3": 0.25}).repriced["state_share_3"].tolist()
    [0.25, 0.25]
    """
    pricing = result.with_prices()
    changes = {**result.repriced, **columns(pricing, values or {})}
    case = replace(result.case, programme=programme) if programme is not None else result.case
    money = pricing.cash(case, changes)
    return replace(
        result,
        case=case,
        cash=money.cash,
        half=money.half,
        no_effect=money.no_effect,
        parameters={**result.parameters, **changes},
        repriced=changes,
        by_evidence=None if result.by_evidence is None else reprice(result.by_evidence, values, programme),
        on_top=None
        if result.on_top is None
        else OnTop(reprice(result.on_top.other, values), reprice(result.on_top.alone, values, programme)),
    )


def sources(result: CaseResultData) -> pd.DataFrame:
    """Every figure behind the case with its value, kind, source and origin (model, case or dated rules).

    Parameters
    ----------
    result : CaseResult
        The case that is read.

    Returns
    -------
    pandas.DataFrame
        One row per figure.

    Examples
    --------
    >>> from costeff import invest
    >>> case = invest("tki2-aarhus-investment", draws=2, individuals=10, progress=False)
    >>> "state_share_3" in set(case.sources()["name"])
    True
    """
    at = figures.as_repriced(result.with_prices(), result.repriced)
    return figures.sources(at, result.case, result.repriced)


def differences(result: CaseResultData) -> pd.DataFrame:
    """What the case, its scenario or `reprice` set in the place of the model's figures: `Evidence.differences`.

    Parameters
    ----------
    result : CaseResult
        The case that is read.

    Returns
    -------
    pandas.DataFrame
        One row per parameter that was set.

    Examples
    --------
    >>> from costeff import invest
    >>> case = invest("tki2-aarhus-investment", draws=2, individuals=10, progress=False)
    >>> len(case.reprice({"state_share_3": 0.25}).differences()) - len(case.differences())
    1
    """
    at = figures.as_repriced(result.with_prices(), result.repriced)
    return figures.differences(at, result.case, result.repriced)
