"""Results as plain text for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from costeff.economics import icer_table, noise
from costeff.present.differences import difference_lines
from costeff.study import tables
from costeff.study.exactness import exactness
from costeff.study.parameter_labels import parameter_labels

if TYPE_CHECKING:
    from costeff.study.result import Result


def printed(result: Result) -> str:
    """Who pays and who gains, then the ICER table of each perspective, then the effects."""
    c = result.model.conventions
    money = f"{c.currency} per individual, price year {c.price_year}, discounted"
    parts = [
        f"{result.study.scenario.title.en}: {result.size} draws x {result.individuals} individuals, "
        f"seed {result.seed}, {c.horizon / c.cycles_per_year:g} years, entry {c.entry_date or 'not dated'}",
        f"Who pays (+) and who gains (-): increment in {money}",
        _text(_shown(tables.parties(result), ["party"], ["increment", "mcse", "lo", "hi", "programme"]), 0),
    ]
    evidence = result.study.evidence
    told = difference_lines(evidence.differences(), parameter_labels(evidence), "en")
    parts[1:1] = ["\n".join(told)] if told else []
    if result.stop is not None:
        parts.insert(1, result.stop.sentence())
    for perspective in result.model.perspectives:
        evaluation = result.perspective(perspective.name)
        factor = perspective.factor is not None
        basis = "market prices" if factor else c.price_basis
        parts.append(f"{perspective.label.en} [{perspective.name}]  ({money}; {basis})")
        table = icer_table(evaluation)
        parts.append(_icer(table) + dominance_sentence(table))
    parts.append(noise_sentence(result))
    effects = tables.effects_table(result)
    columns = [*result.strategies, "increment", "mcse", "lo", "hi"]
    parts += ["Effects per individual", _text(_shown(effects, ["effect"], columns), 4)]
    rounded = exactness(result)
    parts += [rounded.en] if rounded else []
    return "\n\n".join(parts)


def _shown(frame: pd.DataFrame, first: list[str], rest: list[str]) -> pd.DataFrame:
    """The columns shown, with the strategy that increments are of where there are several."""
    return frame[first + [name for name in ("strategy",) if name in frame.columns] + rest]


def noise_sentence(result: Result) -> str:
    """How much of the spread between draws is the luck of the individuals rather than uncertain parameters."""
    if result.simulated.engine == "cohort":
        return "No individual noise: the cohort engine gives expectations."
    if not result.halves or result.size < 2:
        return (
            "Individual noise is not measured: it needs two draws or more and an even number of individuals."
        )
    _, other = tables.pair(result)
    names = [p.name for p in result.model.perspectives if not p.filtered]
    shares = {}
    for name in names:
        table = noise(result.perspective(name))
        here = table[
            (table["strategy"] == result.strategies[other]) & (table["quantity"] == "incremental_cost")
        ]
        shares[name] = float(here["share"].iloc[0])
    told = ", ".join(f"{name} {100 * share:.0f} %" for name, share in shares.items() if np.isfinite(share))
    return (
        "Share of the variance of the increment between draws that is individual noise, not uncertain parameters:\n"
        f"{told}.\n"
        "Intervals and raw acceptability curves are too wide by that much; the report also shows corrected curves."
    )


def dominance_sentence(table: pd.DataFrame) -> str:
    """What is said instead of an ICER when one strategy dominates all others; nothing when none does."""
    name = table.attrs["dominating"]
    if not name:
        return ""
    told = (
        f"\nOn average {name} costs least and gives most: it dominates, no ICER is formed, and its expected net "
        "benefit is the highest at every willingness to pay."
    )
    unsure = any(
        bool((table[key].abs() < 1.96 * table[f"{key}_mcse"]).any())
        for key in ("incremental_cost", "incremental_effect")
    )
    return told + (
        " Simulation error could still undo this: run more draws or individuals." if unsure else ""
    )


def _icer(table: pd.DataFrame) -> str:
    shown = table[
        [
            "strategy",
            "cost",
            "cost_mcse",
            "effect",
            "incremental_cost",
            "incremental_effect",
            "icer",
            "status",
        ]
    ].copy()
    digits_of = {"effect": 4, "incremental_effect": 4}
    for name in shown.columns.difference(["strategy", "status"]):
        digits = digits_of.get(name, 0)
        shown[name] = [_number(v, digits) for v in shown[name]]
    return str(shown.to_string(index=False))


def _text(frame: pd.DataFrame, digits: int) -> str:
    shown = frame.copy()
    for name in shown.columns:
        if pd.api.types.is_float_dtype(shown[name]):
            shown[name] = [_number(v, digits) for v in shown[name]]
    return str(shown.to_string(index=False))


def _number(value: float, digits: int) -> str:
    if not np.isfinite(value):
        return ""
    text = f"{value:,.{digits}f}"
    return text.lstrip("-") if float(text.replace(",", "")) == 0 else text


def compared(results: list[tuple[str, Result]], perspective: str | None = None) -> str:
    """Increments of cost and of the main effect, a row per scenario, under one perspective or each model's first.

    What all scenarios share stands above the table; what differs between them has a column of its own.
    """
    rows = []
    terms = []
    for _, result in results:
        evaluation = result.perspective(perspective)
        comparator, other = tables.pair(result)
        cost = tables.increments(evaluation.cost, evaluation.cost_half, comparator, other, result.replicates)
        effect = tables.increments(
            evaluation.effect, evaluation.effect_half, comparator, other, result.replicates
        )
        rows.append(
            {f"cost_{k}": _number(v, 0) for k, v in cost.items()}
            | {f"{evaluation.effect_name}_{k}": _number(v, 4) for k, v in effect.items()}
        )
        strategies = result.model.strategies
        terms.append(
            {
                "strategy": strategies[other].label.en,
                "comparator": strategies[comparator].label.en,
                "perspective": evaluation.perspective,
                "money": f"{evaluation.currency} {evaluation.price_year}",
            }
        )
    differs = [key for key in terms[0] if len({term[key] for term in terms}) > 1]
    shared = terms[0] | {key: f"the {key} named below" for key in differs}
    head = (
        f"Increment of {shared['strategy']} against {shared['comparator']}, {shared['perspective']}: "
        f"{shared['money']} per individual, discounted"
    )
    table = pd.DataFrame(
        {"scenario": name} | {key: term[key] for key in differs} | row
        for (name, _), term, row in zip(results, terms, rows, strict=True)
    )
    return f"{head}\n\n{table.fillna('').to_string(index=False)}"
