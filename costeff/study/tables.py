"""Result tables, as pandas frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from costeff.economics import interval, monte_carlo_error
from costeff.ledger import Flows, parties_net

if TYPE_CHECKING:
    from costeff.study.result import Result


def increments(
    values: np.ndarray,
    halves: np.ndarray | None,
    comparator: int,
    other: int,
    replicates: int | None = None,
) -> dict[str, float]:
    """Mean increment of (D, G) `values`, its Monte Carlo error and the 95 % interval over draws."""
    difference = values[:, other] - values[:, comparator]
    half = None if halves is None else halves[..., other] - halves[..., comparator]
    low, high = interval(difference, 0.95) if len(difference) > 1 else (np.nan, np.nan)
    return {
        "increment": float(difference.mean()),
        "mcse": error(difference, half, replicates),
        "lo": float(low),
        "hi": float(high),
    }


def error(values: np.ndarray, half: np.ndarray | None, replicates: int | None = None) -> float:
    """Monte Carlo error of the mean over draws; from the halves of the individuals when there is one draw."""
    if len(values) > 1:
        return float(monte_carlo_error(values, replicates))
    if half is None:
        return float("nan")
    return float(abs(half[0, 0] - half[0, 1]) / 2)


def pair(result: Result) -> tuple[int, int]:
    """Positions of the comparator and of the strategy that tables compare with it (the last other one)."""
    comparator = result.strategies.index(result.model.comparator)
    others = [i for i in range(len(result.strategies)) if i != comparator]
    return comparator, others[-1] if others else comparator


def alternatives(result: Result) -> list[tuple[int, dict[str, str]]]:
    """Position of each strategy beside the comparator, with the column that names it where there are several."""
    comparator, _ = pair(result)
    others = [i for i in range(len(result.strategies)) if i != comparator] or [comparator]
    return [(i, {"strategy": result.strategies[i]} if len(others) > 1 else {}) for i in others]


def parties(result: Result) -> pd.DataFrame:
    """One row per party inside society and strategy beside the comparator: discounted cost paid less received per
    individual, and its increment."""
    comparator, _ = pair(result)
    net = parties_net(result.model, result.flows, result.simulated.layer_cost)
    labels = {p.name: p.label for p in result.model.parties}
    rows: list[dict[str, Any]] = []
    for other, named in alternatives(result):
        programme = _programme(result, comparator, other)
        for name, by_period in net.items():
            values = by_period.sum(axis=-1)
            rows.append(
                {"party": name, "label": labels[name], "inside": True}
                | named
                | {s: float(values[:, i].mean()) for i, s in enumerate(result.strategies)}
                | increments(values, None, comparator, other, result.replicates)
                | {"programme": programme[name]}
            )
    return pd.DataFrame(rows)


def _programme(result: Result, comparator: int, other: int) -> dict[str, float]:
    """The programme's own cost within each party's increment, discounted, per individual."""
    own = [i for i, line in enumerate(result.flows.lines) if line.flow.programme]
    cells = Flows(tuple(result.flows.lines[i] for i in own), result.flows.amount[:, :, own], None)
    net = parties_net(result.model, cells, result.simulated.layer_cost)
    by_draw = {party: values.sum(axis=-1) for party, values in net.items()}
    return {
        party: float((values[:, other] - values[:, comparator]).mean()) for party, values in by_draw.items()
    }


def items(result: Result) -> pd.DataFrame:
    """One row per (item, payer, recipient) and strategy beside the comparator: discounted amounts and the increment."""
    comparator, _ = pair(result)
    layer = result.simulated.layer_cost
    groups: dict[tuple[str, str, str], list[int]] = {}
    for i, line in enumerate(result.flows.lines):
        groups.setdefault((line.item, line.payer, line.recipient), []).append(i)
    rows = []
    for other, named in alternatives(result):
        for (item, payer, recipient), lines in groups.items():
            values = result.flows.amount[..., layer][:, :, lines].sum(axis=(2, 3))
            flow = result.flows.lines[lines[0]].flow
            change = increments(values, None, comparator, other, result.replicates)
            rows.append(
                {"item": item, "label": flow.label, "payer": payer, "recipient": recipient}
                | named
                | {s: float(values[:, i].mean()) for i, s in enumerate(result.strategies)}
                | {"increment": change["increment"], "mcse": change["mcse"], "programme": flow.programme}
            )
    return pd.DataFrame(rows)


def effects_table(result: Result) -> pd.DataFrame:
    """One row per effect and strategy beside the comparator."""
    comparator, _ = pair(result)
    rows = []
    for other, named in alternatives(result):
        for i, effect in enumerate(result.model.effects):
            values = result.effects.value[:, :, i]
            half = result.effects.half[..., i] if result.effects.half is not None and result.halves else None
            rows.append(
                {"effect": effect.name, "label": effect.label, "unit": effect.unit, "better": effect.better}
                | named
                | {s: float(values[:, g].mean()) for g, s in enumerate(result.strategies)}
                | increments(values, half, comparator, other, result.replicates)
                | {"discounted": effect.discount}
            )
    return pd.DataFrame(rows)


def cost_by_year(result: Result, perspective: str) -> pd.DataFrame:
    """Undiscounted mean cost per individual: strategy, year, cost."""
    means = result.cost_by_year(perspective).mean(axis=0)
    return pd.DataFrame(
        [
            {"strategy": s, "year": year + 1, "cost": float(means[g, year])}
            for g, s in enumerate(result.strategies)
            for year in range(means.shape[1])
        ]
    )


def medians(result: Result) -> pd.DataFrame:
    """Median time to each first passage (cycles; NaN when fewer than half), and the share within a year."""
    rows = []
    per_year = result.model.conventions.cycles_per_year
    for passage in result.model.passages:
        for strategy in result.strategies:
            curve = result.passages.sel(passage=passage.name, strategy=strategy).values
            reached = np.flatnonzero(curve >= 0.5)
            rows.append(
                {
                    "passage": passage.name,
                    "strategy": strategy,
                    "median": float(reached[0]) if len(reached) else np.nan,
                    "share_within_year": float(curve[min(per_year, len(curve) - 1)]),
                    "stay": passage.stay,
                }
            )
    return pd.DataFrame(rows)
