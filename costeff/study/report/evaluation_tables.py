"""The tables of an evaluation as files: increments, curves, and the draws in a form that `read_psa` reads back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from costeff.analysis.apart import COSTS_ONLY, NET_ONLY
from costeff.cea import acceptability
from costeff.cea.icer import icer_table
from costeff.cea.pairwise import pairwise
from costeff.errors import ResultError
from costeff.voi.evpi import evpi

if TYPE_CHECKING:
    import pandas as pd

    from costeff.analysis.evaluation import EvaluationData
    from costeff.analysis.wtp import WtpCurve

KEYS = ("draw", "strategy", "cost", "effect")
"""Columns of the table of draws that are not parameters."""


def evaluation_tables(evaluation: EvaluationData, thresholds: WtpCurve | None) -> dict[str, pd.DataFrame]:
    """Tables by file name. Curves are there when a willingness to pay was asked for: there is no default."""
    tables = {
        "icer_table": icer_table(evaluation),
        "pairwise": pairwise(evaluation, None if thresholds is None else thresholds.values),
        "draws": draws_table(evaluation),
    }
    if thresholds is not None:
        tables["ceac"] = acceptability.ceac(evaluation, thresholds.curve).to_dataframe().reset_index()
        tables["ceaf"] = acceptability.ceaf(evaluation, thresholds.curve).to_dataframe().reset_index()
        tables["evpi"] = evpi(evaluation, thresholds.curve).to_dataframe().reset_index()
    return tables


def draws_table(evaluation: EvaluationData) -> pd.DataFrame:
    """A row for each draw and strategy: draw, strategy, cost and effect (or net_benefit), parameters, levels by name.

    Raises ResultError for a parameter whose name is one of the first four columns.
    """
    import pandas as pd

    clashes = [name for name in evaluation.parameters if name in KEYS]
    if clashes:
        raise ResultError(
            "a parameter has the name of a column of results",
            value=", ".join(clashes),
            rule=f"a table of draws has the columns {', '.join(KEYS)}, and one for each parameter",
            way_out="give the parameter another name before you write the table",
        )
    draws, strategies = evaluation.cost.shape
    columns: dict[str, object] = {
        "draw": np.repeat(np.arange(1, draws + 1), strategies),
        "strategy": list(evaluation.strategies) * draws,
    }
    results = evaluation.attrs.get("results")
    if results == NET_ONLY:
        columns["net_benefit"] = (0.0 - evaluation.cost).ravel()
    else:
        columns["cost"] = evaluation.cost.ravel()
        columns |= {} if results == COSTS_ONLY else {"effect": evaluation.effect.ravel()}
    for name, values in evaluation.parameters.items():
        labels = evaluation.levels.get(name)
        draw_values = values if labels is None else np.array(labels, dtype=object)[values.astype(int)]
        columns[name] = np.repeat(draw_values, strategies)
    return pd.DataFrame(columns)
