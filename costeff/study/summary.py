"""summary.json: the numbers that other programs read."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from costeff.analysis import result_tables as tables
from costeff.analysis.intervals import interval
from costeff.analysis.result_tables import error
from costeff.cea.acceptability import ceac
from costeff.cea.icer import icer_table
from costeff.model.country import country_file
from costeff.reporting.differences import plain_differences
from costeff.reporting.run_facts import plain, versions
from costeff.study.decision.board import Board, own_board
from costeff.study.decision.plain_board import plain_board
from costeff.study.wtp_range import wtp_range

if TYPE_CHECKING:
    import pandas as pd

    from costeff.analysis.study import ResultData

TABLE_KEYS = (
    "strategy",
    "cost",
    "cost_mcse",
    "effect",
    "effect_mcse",
    "incremental_cost",
    "incremental_cost_mcse",
    "incremental_effect",
    "incremental_effect_mcse",
    "icer",
    "status",
    "settled",
    "quadrant_share",
)


def summary(result: ResultData, board: Board | None = None) -> dict[str, Any]:
    """Plain numbers, texts, lists and dicts; None where a number does not exist.

    Parameters
    ----------
    result : Result
        The run that is read.
    board : Board, optional
        What a board acts on, as a report completed it; by default what the run alone says, without break-even.

    Returns
    -------
    dict
        As summary.json holds it.

    Examples
    --------
    >>> from costeff import load
    >>> result = load("sick_sicker").run(engine="cohort", progress=False)
    >>> "perspectives" in result.summary()
    True
    """
    conventions = result.model.conventions
    return {
        "model": result.model.name,
        "scenario": result.study.scenario.name,
        **({"caution": result.study.scenario.caution.en} if result.study.scenario.caution else {}),
        "seed": result.seed,
        "draws": result.draws,
        "individuals": result.individuals,
        "price_year": conventions.price_year,
        "currency": conventions.currency,
        "comparator": result.model.comparator,
        "versions": versions(),
        "hashes": hashes(result),
        "conventions": {key: str(value) for key, value in conventions_of(result).items()},
        "wtp": asdict(result.study.scenario.wtp) if result.study.scenario.wtp else None,
        "differences": plain_differences(result.study.evidence.differences()),
        "decision": plain_board(board or own_board(result)) if result.model.perspectives else None,
        "perspectives": {p.name: _perspective(result, p.name) for p in result.model.perspectives},
        **({"stop": asdict(result.stop) | {"met": result.stop.met}} if result.stop else {}),
        "parties": _increments(tables.parties(result), "party"),
        "effects": {e.name: _effect(result, i) for i, e in enumerate(result.model.effects)},
        "effect_increments": _increments(tables.effects_table(result), "effect"),
        "simulated": {"person_cycles": result.simulated.person_cycles, "sojourns": result.counts.sojourns},
    }


def _perspective(result: ResultData, name: str) -> dict[str, Any]:
    evaluation = result.perspective(name)
    table = icer_table(evaluation)
    rows = [
        {key: plain(row[key]) for key in TABLE_KEYS} | {"quadrant": plain(row["quadrant"])}
        for row in table.to_dict("records")
    ]
    wtp = wtp_range(result)
    curve: dict[str, Any] = {"wtp": wtp.tolist(), "probability": {}}
    if len(wtp):
        dataset = ceac(evaluation, wtp)
        for variable in ("probability", "probability_noise_corrected"):
            if variable in dataset:
                curve[variable] = {s: dataset[variable].sel(strategy=s).values.tolist() for s in result.strategies}
    by_year = result.cost_by_year(name).mean(axis=0)
    return {
        "effect": evaluation.effect_name,
        "errors": evaluation.errors,
        "icer_table": rows,
        "dominating": table.attrs["dominating"] or None,
        "dominating_settled": table.attrs["dominating_settled"],
        "ceac": curve,
        "undiscounted_cost_by_year": {s: by_year[g].tolist() for g, s in enumerate(result.strategies)},
    }


def _increments(frame: pd.DataFrame, name: str) -> list[dict[str, Any]]:
    """The increments of a table of parties or effects, with their errors and whether their signs are settled."""
    keys = [name, *(key for key in ("strategy",) if key in frame), "increment", "mcse", "settled"]
    return [{str(key): plain(value) for key, value in row.items()} for row in frame[keys].to_dict("records")]


def _effect(result: ResultData, index: int) -> dict[str, Any]:
    by_strategy = {}
    for g, strategy in enumerate(result.strategies):
        values = result.effects.value[:, g, index]
        half = result.effects.half[:, :, g, index] if result.effects.half is not None and result.halves else None
        ends = interval(values, 0.95) if len(values) > 1 else (None, None)
        by_strategy[strategy] = {
            "mean": float(values.mean()),
            "mcse": plain(error(values, half, result.replicates)),
            "ci95": [plain(end) for end in ends],
        }
    return by_strategy


def hashes(result: ResultData) -> dict[str, str]:
    """sha256 (first 16 hex digits) of the model, parameter and scenario files and of the kernels."""
    from costeff.numerics.kernel_cache import kernel_hash

    files = {
        "model": result.model.file,
        "parameters": str(result.study.evidence.file),
        "scenario": result.study.scenario.file,
        "country": str(country_file(result.model) or ""),
    }
    digests = {
        name: hashlib.sha256(Path(file).read_bytes()).hexdigest()[:16]
        for name, file in files.items()
        if file and Path(file).is_file()
    }
    return digests | {"kernels": kernel_hash()[:16]}


def conventions_of(result: ResultData) -> dict[str, object]:
    """The conventions that travel with every number."""
    c = result.model.conventions
    rates = {
        name: float(np.asarray(getattr(c, name).evaluate(result.environment), float).flat[0])
        for name in ("discount_rate_cost", "discount_rate_effect")
    }
    later = [f"after {b.after} years {b.cost.text} (cost), {b.effect.text} (effect)" for b in c.discount_bands]
    return {
        "cycle": c.cycle,
        "cycles_per_year": c.cycles_per_year,
        "horizon_cycles": c.horizon,
        "within_cycle": c.within_cycle,
        "events_at": c.events_at,
        "discounting": c.discounting,
        **rates,
        **({"discount_bands": ", ".join(later)} if later else {}),
        "currency": c.currency,
        "price_year": c.price_year,
        "price_basis": c.price_basis,
        "entry_date": c.entry_date,
        "engine": result.simulated.engine,
        "method": result.method,
        **({} if result.replicates is None else {"replicates": result.replicates}),
    }
