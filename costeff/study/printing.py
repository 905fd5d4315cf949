"""Results as plain text for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from costeff.analysis import result_tables as tables
from costeff.analysis.exactness import exactness
from costeff.analysis.noise import noise
from costeff.analysis.settled import FEWEST, replicates_of
from costeff.catalogue import in_unit, languages, told_per
from costeff.cea.icer import icer_table
from costeff.model.system import systems_of
from costeff.reporting.differences import difference_lines
from costeff.reporting.numbers import limit_error
from costeff.reporting.parameter_labels import parameter_labels
from costeff.reporting.terminal import by_error, verdict
from costeff.study.decision.board import board_of
from costeff.study.decision.table import board_text
from costeff.study.pairwise_text import against_comparator, decision_at_wtp

if TYPE_CHECKING:
    from costeff.analysis.study import ResultData


def printed(result: ResultData) -> str:
    """Who pays and who gains, then the ICER table of each perspective, then the effects."""
    with told_per(result.model.results_unit):
        return in_unit(_all_parts(result))


def _all_parts(result: ResultData) -> str:
    c = result.model.conventions
    money = f"{c.currency} per individual, price year {c.price_year}, discounted"
    parts = [
        f"{result.study.scenario.title.en}: {result.draws} draws x {_lived(result)}, "
        f"seed {result.seed}, {c.horizon / c.cycles_per_year:g} years, entry {c.entry_date or 'not dated'}",
        board_text(board_of(result), languages()[0]),
        f"Who pays (+) and who gains (-): increment in {money}",
        _increments(tables.parties(result), ["party"], ["programme"], 0),
        reading(result),
    ]
    evidence = result.study.evidence
    differences = difference_lines(evidence.differences(), parameter_labels(evidence), "en")
    parts[1:1] = ["\n".join(differences)] if differences else []
    caution = result.study.scenario.caution
    parts[1:1] = [caution[languages()[0]]] if caution else []
    if result.stop is not None:
        parts.insert(1, result.stop.sentence())
    sentences: set[str] = set()  # one sentence for all perspectives in which the same strategy dominates alike
    for perspective in result.model.perspectives:
        evaluation = result.perspective(perspective.name)
        factor = perspective.factor is not None
        basis = "market prices" if factor else c.price_basis
        of_basis = f"; {basis}" if str(basis) else ""
        parts.append(f"{perspective.label.en} [{perspective.name}]  ({money}{of_basis})")
        table = icer_table(evaluation)
        sentence = dominance_sentence(table)
        parts.append(printed_icer(table) + ("" if sentence in sentences else sentence))
        sentences.add(sentence)
    parts += against_comparator(result)
    parts += decision_at_wtp(result)
    parts.append(noise_sentence(result))
    effects = tables.effects_table(result)
    parts += ["Effects per individual", _increments(effects, ["effect"], list(result.strategies), None)]
    rounding_note = exactness(result)
    parts += [rounding_note.en] if rounding_note else []
    return "\n\n".join(parts)


def _increments(frame: pd.DataFrame, first: list[str], levels: list[str], decimals: int | None) -> str:
    """Increments with their error, whether they are settled and 95 % limits, and `levels`, each to its own digits."""
    key_columns = first + [name for name in ("strategy",) if name in frame.columns]
    rows = []
    for row in frame.to_dict("records"):
        error = row["mcse"]
        lo, hi = limits(row)
        rows.append(
            {name: str(row[name]) for name in key_columns}
            | {name: by_error(row[name], _error_of(row, name), decimals) for name in levels}
            | {"increment": by_error(row["increment"], error, decimals), "mcse": by_error(error, error, decimals)}
            | {"settled": verdict(row["settled"])}
            | {"lo": by_error(lo, limit_error(error), decimals), "hi": by_error(hi, limit_error(error), decimals)}
        )
    return _frame(rows)


def _error_of(row: dict[Any, Any], name: str) -> float:
    """The error of a level: its own where the table has it."""
    return float(row.get(f"mcse_{name}", row.get(f"{name}_mcse", row["mcse"])))


def limits(row: dict[Any, Any]) -> tuple[float, float]:
    """The 95 % limits that are shown: without the luck of the individuals where that is known."""
    kind = "" if np.isnan(row["lo_corrected"]) else "_corrected"
    return float(row[f"lo{kind}"]), float(row[f"hi{kind}"])


def _lived(result: ResultData) -> str:
    """How many individuals, or whole systems, each draw has."""
    system = result.model.system
    return f"{result.individuals} individuals" if system is None else f"{systems_of(result.individuals)} systems"


def reading(result: ResultData) -> str:
    """What the columns mcse, settled, lo and hi mean, once for all tables."""
    count = replicates_of(result.draws, result.replicates_known(result.halves), halves=result.halves)
    parts = []
    if count:
        parts.append("mcse: simulation error of a mean, how far another seed would land.")
    if 0 < count < FEWEST:
        parts.append(
            f"Nothing is settled: an error from fewer than {FEWEST} draws or designs says too little of itself."
        )
    elif count:
        parts.append("settled: whether another seed would give the same sign; without that no ICER is shown.")
    if result.draws > 1:
        without = ", the luck of the simulated individuals taken out" if result.halves else ""
        parts.append(f"lo, hi: 95 % of draws{without}.")
    return "\n".join(parts)


def noise_sentence(result: ResultData) -> str:
    """How much of the spread between draws is the luck of the individuals rather than uncertain parameters."""
    if result.simulated.engine == "cohort":
        return "No individual noise: the cohort engine gives expectations."
    if not result.halves or result.draws < 2:
        return "Individual noise is not measured: it needs two draws or more and an even number of individuals."
    _, other = tables.pair(result)
    names = [p.name for p in result.model.perspectives if not p.filtered]
    shares = {}
    for name in names:
        table = noise(result.perspective(name))
        here = table[(table["strategy"] == result.strategies[other]) & (table["quantity"] == "incremental_cost")]
        shares[name] = float(here["share"].iloc[0])
    shares_text = ", ".join(f"{name} {100 * share:.0f} %" for name, share in shares.items() if np.isfinite(share))
    width = max((share for share in shares.values() if np.isfinite(share)), default=0.0)
    wide = 100 * (1 / np.sqrt(1 - width) - 1) if width < 1 else np.inf
    most = f"by up to {wide:.2g} %" if np.isfinite(wide) else "by far"
    return (
        "Share of the variance of the increment between draws that is individual noise, not uncertain parameters:\n"
        f"{shares_text}.\n"
        f"Left in, it makes intervals wider ({most}) and acceptability curves flatter. The limits above are without "
        "it;\nthe report shows both curves."
    )


def dominance_sentence(table: pd.DataFrame) -> str:
    """What is said instead of an ICER when one strategy dominates all others; nothing when none does."""
    name = table.attrs["dominating"]
    if not name:
        return ""
    certainty = table.attrs["dominating_settled"]
    if certainty is False:
        return (
            f"\nOn average, in these draws, {name} costs least and gives most. {table.attrs['errors'].capitalize()} "
            "could undo this, so it is not settled: more draws tell. No ICER is formed."
        )
    where = "In this one draw" if certainty is None else "On average"
    return (
        f"\n{where} {name} costs least and gives most: it dominates, no ICER is formed, and its expected net "
        "benefit is the highest at every willingness to pay."
    )


def printed_icer(table: pd.DataFrame) -> str:
    """An ICER table as text, each number to the digits of its error, with whether the status is settled."""
    rows = []
    for row in table.to_dict("records"):
        errors = {key: row[f"{key}_mcse"] for key in ("cost", "effect", "incremental_cost", "incremental_effect")}
        rows.append(
            {
                "strategy": row["strategy"],
                "cost": by_error(row["cost"], errors["cost"], 0),
                "cost_mcse": by_error(row["cost_mcse"], row["cost_mcse"], 0),
                "effect": by_error(row["effect"], errors["effect"]),
                "incremental_cost": by_error(row["incremental_cost"], errors["incremental_cost"], 0),
                "incremental_effect": by_error(row["incremental_effect"], errors["incremental_effect"]),
                "icer": by_error(row["icer"], _ratio_error(row), 0),
                "status": row["status"],
                "settled": verdict(row["settled"]),
            }
        )
    return _frame(rows)


def _ratio_error(row: dict[Any, Any]) -> float:
    """Rough error of a ratio, for its digits: those of its two increments, as if they were independent."""
    cost, effect = row["incremental_cost"], row["incremental_effect"]
    if not cost or not effect:
        return np.nan
    parts = (row["incremental_cost_mcse"] / cost, row["incremental_effect_mcse"] / effect)
    return float(abs(row["icer"]) * np.hypot(*parts))


def _frame(rows: list[dict[str, str]]) -> str:
    return str(pd.DataFrame(rows).to_string(index=False))


def _compared(change: dict[Any, Any], decimals: int | None) -> dict[str, str]:
    """An increment's numbers as text."""
    error, ends = change["mcse"], limits(change)
    return {
        "increment": by_error(change["increment"], error, decimals),
        "mcse": by_error(error, error, decimals),
        "settled": verdict(change["settled"]),
        "lo": by_error(ends[0], limit_error(error), decimals),
        "hi": by_error(ends[1], limit_error(error), decimals),
    }


def compared(results: list[tuple[str, ResultData]], perspective: str | None = None) -> str:
    """Increments of cost and of the main effect, a row per scenario, under one perspective or each model's first.

    What all scenarios share stands above the table; what differs between them has a column of its own.
    """
    rows = []
    terms = []
    for _, result in results:
        evaluation = result.perspective(perspective)
        comparator, other = tables.pair(result)
        cost = tables.increments(evaluation.cost, evaluation.cost_half, comparator, other, result.replicates)
        effect = tables.increments(evaluation.effect, evaluation.effect_half, comparator, other, result.replicates)
        rows.append(
            {f"cost_{k}": text for k, text in _compared(cost, 0).items()}
            | {f"{evaluation.effect_name}_{k}": text for k, text in _compared(effect, None).items()}
        )
        strategies = result.model.strategies
        terms.append(
            {
                "strategy": strategies[other].label.en,
                "comparator": strategies[comparator].label.en,
                "perspective": evaluation.perspective,
                "money": f"{evaluation.currency} {evaluation.price_year} {_per(result)}",
            }
        )
    differs = [key for key in terms[0] if len({term[key] for term in terms}) > 1]
    common_terms = terms[0] | {key: f"the {key} named below" for key in differs}
    head = (
        f"Increment of {common_terms['strategy']} against {common_terms['comparator']}, {common_terms['perspective']}: "
        f"{common_terms['money']}, discounted"
    )
    table = pd.DataFrame(
        {"scenario": name} | {key: term[key] for key in differs} | row
        for (name, _), term, row in zip(results, terms, rows, strict=True)
    )
    return f"{head}\n\n{table.fillna('').to_string(index=False)}"


def _per(result: ResultData) -> str:
    """What the results of a model count: an individual, an arrival, or a system and year."""
    with told_per(result.model.results_unit):
        return in_unit("per individual")
