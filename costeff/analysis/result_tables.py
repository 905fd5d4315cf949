"""Result tables, as pandas frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from costeff.analysis.intervals import interval, monte_carlo_error
from costeff.analysis.noise import without_luck
from costeff.analysis.settled import replicates_of, settled
from costeff.analysis.totals import item_groups

if TYPE_CHECKING:
    from costeff.analysis.study import ResultData


def increments(
    values: np.ndarray, halves: np.ndarray | None, comparator: int, other: int, replicates: int | None = None
) -> dict[str, float | bool | None]:
    """Mean increment of (D, G) `values`, its Monte Carlo error, whether its sign is settled, and 95 % intervals.

    `lo` and `hi` are those of the draws as they are; `lo_corrected` and `hi_corrected` without the luck of individuals,
    NaN without `halves` (D, 2, G), with one draw, and where that luck is as large as the whole spread: nothing is left
    then to tell the parameters' part by.
    """
    difference = values[:, other] - values[:, comparator]
    half = None if halves is None else halves[..., other] - halves[..., comparator]
    luck_known = half is not None and len(difference) > 1
    clean = without_luck(difference, half) if luck_known and half is not None else np.full(1, np.nan)
    if np.ptp(clean) == 0 < np.ptp(difference):
        clean = np.full(1, np.nan)
    centre, mcse = float(difference.mean()), error(difference, half, replicates)
    ends = [*interval(difference, 0.95), *interval(clean, 0.95)]
    count = replicates_of(len(difference), replicates, halves=half is not None)
    names = ("lo", "hi", "lo_corrected", "hi_corrected")
    return {
        "increment": centre,
        "mcse": mcse,
        "settled": settled(centre, mcse, count),
        **{name: float(end) for name, end in zip(names, ends, strict=True)},
    }


def levels(result: ResultData, values: np.ndarray, half: np.ndarray | None) -> dict[str, float]:
    """Mean of (D, G) `values` by strategy, and the error of each as mcse_STRATEGY."""
    means: dict[str, float] = {}
    for i, name in enumerate(result.strategies):
        own = None if half is None else half[..., i]
        means |= {name: float(values[:, i].mean()), f"mcse_{name}": error(values[:, i], own, result.replicates)}
    return means


def error(values: np.ndarray, half: np.ndarray | None, replicates: int | None = None) -> float:
    """Monte Carlo error of the mean over draws; from the halves of the individuals when there is one draw."""
    if len(values) > 1:
        return float(monte_carlo_error(values, replicates))
    if half is None:
        return float("nan")
    return float(abs(half[0, 0] - half[0, 1]) / 2)


def pair(result: ResultData) -> tuple[int, int]:
    """Positions of the comparator and of the strategy that tables compare with it (the last other one)."""
    comparator = result.strategies.index(result.model.comparator)
    others = [i for i in range(len(result.strategies)) if i != comparator]
    return comparator, others[-1] if others else comparator


def alternatives(result: ResultData) -> list[tuple[int, dict[str, str]]]:
    """Position of each strategy beside the comparator, with the column that names it where there are several."""
    comparator, _ = pair(result)
    others = [i for i in range(len(result.strategies)) if i != comparator] or [comparator]
    return [(i, {"strategy": result.strategies[i]} if len(others) > 1 else {}) for i in others]


def parties(result: ResultData) -> pd.DataFrame:
    """One row per party inside society and strategy beside the comparator: discounted cost paid less received per
    individual, and its increment.

    Parameters
    ----------
    result : Result
        The run that is read.

    Returns
    -------
    pandas.DataFrame
        Money per individual, discounted, with Monte Carlo errors and whether the sign is settled.

    Examples
    --------
    >>> from costeff import load
    >>> result = load("sick_sicker").run(engine="cohort", progress=False)
    >>> sorted(set(result.parties()["party"]))
    ['health_care']
    """
    comparator, _ = pair(result)
    halves = result.totals.party_half
    labels = {p.name: p.label for p in result.model.parties}
    rows: list[dict[str, Any]] = []
    for other, strategy_column in alternatives(result):
        programme = _programme(result, comparator, other)
        for name, values in result.totals.party.items():
            half = halves.get(name)
            rows.append(
                {"party": name, "label": labels[name], "inside": True}
                | strategy_column
                | levels(result, values, half)
                | increments(values, half, comparator, other, result.replicates_known(bool(halves)))
                | programme[name]
            )
    return pd.DataFrame(rows)


def _programme(result: ResultData, comparator: int, other: int) -> dict[str, dict[str, float]]:
    """The programme's own cost within each party's increment, discounted, per individual, with its error."""
    over = {party: values[:, other] - values[:, comparator] for party, values in result.totals.programme.items()}
    return {
        party: {"programme": float(d.mean()), "programme_mcse": error(d, None, result.replicates)}
        for party, d in over.items()
    }


def items(result: ResultData) -> pd.DataFrame:
    """One row per (item, payer, recipient) and strategy beside the comparator: discounted amounts and the increment.

    Parameters
    ----------
    result : Result
        The run that is read.

    Returns
    -------
    pandas.DataFrame
        Money per individual, discounted, with Monte Carlo errors and whether the sign is settled.

    Examples
    --------
    >>> from costeff import load
    >>> result = load("sick_sicker").run(engine="cohort", progress=False)
    >>> sorted(set(result.items()["payer"]))
    ['health_care']
    """
    comparator, _ = pair(result)
    lines = result.simulated.layout.lines
    first_lines = {group: lines[at[0]] for group, at in item_groups(result.simulated.layout).items()}
    rows = []
    for other, strategy_column in alternatives(result):
        for (item, payer, recipient), values in result.totals.item.items():
            flow = first_lines[item, payer, recipient].flow
            change = increments(values, None, comparator, other, result.replicates_known(False))
            rows.append(
                {"item": item, "label": flow.label, "payer": payer, "recipient": recipient}
                | strategy_column
                | levels(result, values, None)
                | {key: change[key] for key in ("increment", "mcse", "settled")}
                | {"programme": flow.programme}
            )
    return pd.DataFrame(rows)


def effects_table(result: ResultData) -> pd.DataFrame:
    """One row per effect and strategy beside the comparator.

    Parameters
    ----------
    result : Result
        The run that is read.

    Returns
    -------
    pandas.DataFrame
        Effects, as counted, per individual, with Monte Carlo errors and whether the sign is settled.

    Examples
    --------
    >>> from costeff import load
    >>> result = load("sick_sicker").run(engine="cohort", progress=False)
    >>> result.effects_table()["effect"].unique().tolist()
    ['qaly', 'life_years']
    """
    comparator, _ = pair(result)
    rows = []
    for other, strategy_column in alternatives(result):
        for i, effect in enumerate(result.model.effects):
            values = result.effects.value[:, :, i]
            half = result.effects.half[..., i] if result.effects.half is not None and result.halves else None
            rows.append(
                {"effect": effect.name, "label": effect.label, "unit": effect.unit, "better": effect.better}
                | strategy_column
                | levels(result, values, half)
                | increments(values, half, comparator, other, result.replicates_known(half is not None))
                | {"discounted": effect.discount}
            )
    return pd.DataFrame(rows)


def cost_by_year(result: ResultData, perspective: str) -> pd.DataFrame:
    """Undiscounted mean cost per individual: strategy, year, cost, mcse, increment (on comparator), increment_mcse."""
    values = result.cost_by_year(perspective)
    comparator, _ = pair(result)
    over = values - values[:, [comparator]]
    errors = [monte_carlo_error(array, result.replicates) for array in (values, over)]
    means, gaps = values.mean(axis=0), over.mean(axis=0)
    return pd.DataFrame(
        [
            {
                "strategy": s,
                "year": year + 1,
                "cost": float(means[g, year]),
                "mcse": float(errors[0][g, year]),
                "increment": float(gaps[g, year]),
                "increment_mcse": float(errors[1][g, year]),
            }
            for g, s in enumerate(result.strategies)
            for year in range(means.shape[1])
        ]
    )


def medians(result: ResultData) -> pd.DataFrame:
    """Median time to each first passage (cycles; NaN when fewer than half), and the share within a year, with error."""
    rows = []
    per_year = result.model.conventions.cycles_per_year
    early, people = result.counts.early(per_year), result.counts.half_sizes.sum()
    for i, passage in enumerate(result.model.passages):
        for g, strategy in enumerate(result.strategies):
            by_draw = early[:, g, :, i].sum(axis=1) / people
            curve = result.passages.sel(passage=passage.name, strategy=strategy).values
            cycles = np.flatnonzero(curve >= 0.5)
            rows.append(
                {
                    "passage": passage.name,
                    "strategy": strategy,
                    "median": float(cycles[0]) if len(cycles) else np.nan,
                    "share_within_year": float(curve[min(per_year, len(curve) - 1)]),
                    "share_mcse": float(monte_carlo_error(by_draw, result.replicates)),
                    "stay": passage.stay,
                }
            )
    return pd.DataFrame(rows)
