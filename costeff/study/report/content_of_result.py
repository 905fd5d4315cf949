"""Gathers what the report shows; everything is computed here, so that presenting computes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from costeff.analysis import result_tables as tables
from costeff.analysis.exactness import exactness
from costeff.analysis.intervals import interval, monte_carlo_error
from costeff.analysis.load import beside_comparator
from costeff.analysis.measures import NET_COST
from costeff.analysis.noise import noise, without_luck
from costeff.analysis.result_tables import effects_table, items, parties
from costeff.files import writing_day
from costeff.labels import Label, joined, worded
from costeff.model import describe
from costeff.model.system import systems_of
from costeff.reporting.numbers import number_label
from costeff.reporting.parameter_labels import parameter_labels, parameter_notes
from costeff.reporting.run_facts import versions
from costeff.sensitivity.break_even import BreakEven, break_even
from costeff.sensitivity.measure import Measure, measure
from costeff.sensitivity.one_way import OneWay, tornado_of
from costeff.sensitivity.points import Points, Settings
from costeff.study import summary as told
from costeff.study.decision.board import board_of, primary_rules, remember, with_break_even
from costeff.study.groups.groups import groups
from costeff.study.report.beside import other_scenarios
from costeff.study.report.content import Content, PerspectiveView
from costeff.study.report.conventions_in_words import conventions_in_words, of_items
from costeff.study.report.delivery import delivery
from costeff.study.report.practice import practice
from costeff.study.report.spread import psfs_of_result, rollout_of_result
from costeff.study.report.validation import validation_of_result
from costeff.study.wtp_range import wtp_range

if TYPE_CHECKING:
    from costeff.analysis.study import ResultData, StudyData


def content(
    result: ResultData, language: str = "en", others: Sequence[str] = (), meanwhile: Callable[[], None] = lambda: None
) -> Content:
    """Everything in the report, with a one-way analysis on common people; the description is in `language`.

    `others` are scenarios that are shown beside the result's own. `meanwhile` is what the caller can do without the
    one-way analyses, and is called while they are simulated.
    """
    model, scenario = result.model, result.study.scenario
    effect = result.effect(result.main_effect)
    ask = _Asked(*next(iter(primary_rules(result).items())), by_declaration=bool(scenario.primary))
    # Both simulate on all cores, which leaves Python to this thread; three that want Python wait for each other.
    with ThreadPoolExecutor(1) as beside:
        around_base = beside.submit(copy_context().run, _tornadoes, result, ask)
        around_even = beside.submit(copy_context().run, _at_break_even, result, ask)
        validation, reasons = validation_of_result(result)
        views = [_view(result, p.name) for p in model.perspectives]
        by_group = groups(result, ask.perspective)
        board = board_of(result)
        meanwhile()
        tornado, measured_on, bases = around_base.result()
        even = around_even.result()
    whole = replace(
        with_break_even(board, result, even.at, ask.perspective, even.wtp), validation=None if reasons else validation
    )
    remember(result, whole)
    places = {name: at for name, at in even.at.items() if at is not None}
    return Content(
        title=scenario.title if scenario.file else model.title,
        scenario=scenario.name,
        model=model.name,
        strategies={s.name: s.label for s in model.strategies},
        comparator=model.comparator,
        states={s.name: s.label for s in model.states},
        cycles_per_year=model.conventions.cycles_per_year,
        currency=model.conventions.currency,
        price_year=model.conventions.price_year,
        wtp=wtp_range(result),
        wtp_at=scenario.wtp.at if scenario.wtp else None,
        effect_label=effect.label,
        effect_unit=effect.unit,
        parties=_shown(parties(result)),
        items=items(result),
        perspectives=views,
        effects=_shown(effects_table(result)),
        trace=result.trace,
        people_come_and_go=model.system is not None,
        passages=result.passages,
        passage_labels={p.name: p.label for p in model.passages},
        medians=tables.medians(result),
        tornado=tornado,
        tornado_measure=measured_on,
        tornado_base=bases,
        tornado_even=even.table,
        tornado_even_base=even.bases,
        tornado_even_at=places,
        noise=_noise(result),
        implied=implied(result),
        parameters=result.study.evidence.parameter_table(),
        diagram=_diagram(result),
        description=describe(model, result.study.evidence, language),
        conventions=conventions_in_words(result),
        provenance=_provenance(result),
        parameter_labels=parameter_labels(
            result.study.evidence, [*tornado["name"].unique(), *(one.parameter for one in places.values())]
        ),
        parameter_notes=parameter_notes(result.study.evidence.parameters.values()),
        accounts={p.name: p.label for p in model.parties},
        differences=result.study.evidence.differences(),
        delivery=delivery(result),
        practice=practice(result),
        practice_today=scenario.practice,
        notes=_notes(result),
        validation=validation,
        validation_stale=reasons,
        board=whole,
        caution=scenario.caution,
        psfs=psfs_of_result(result),
        rollout=rollout_of_result(result),
        groups=by_group,
        beside=other_scenarios(result, others),
    )


@dataclass(frozen=True)
class _AtBreakEven:
    """One-way tables and unchanged results by strategy, where each breaks even, and the value put on an effect."""

    table: pd.DataFrame
    bases: Mapping[str, float]
    at: Mapping[str, BreakEven | None]
    wtp: float | None


@dataclass(frozen=True)
class _Asked:
    """What one-way analysis and break-even are on: the first primary perspective, by its rule where it is declared."""

    perspective: str
    rule: str
    by_declaration: bool

    def measure(self, study: StudyData, strategy: str) -> Measure:
        """Net cost where that is the declared rule; else net benefit at the scenario's stated value, if it has one."""
        on = NET_COST if self.by_declaration and self.rule == NET_COST else None
        return measure(study, self.perspective, strategy=strategy, on=on)


def _shown(frame: pd.DataFrame) -> pd.DataFrame:
    """Increments with the one kind of limits that the report shows: without the luck of individuals where known."""
    out = frame.copy()
    for end in ("lo", "hi"):
        out[end] = out[f"{end}_corrected"].where(out[f"{end}_corrected"].notna(), out[end])
    return out.drop(columns=["lo_corrected", "hi_corrected"])


def _view(result: ResultData, name: str) -> PerspectiveView:
    perspective = result.model.find("perspectives", name)
    basis = result.model.conventions.price_basis
    notes = []
    if perspective.items:
        notes.append(of_items(result, "only_items", perspective.items))
    if perspective.exclude_items:
        notes.append(of_items(result, "without_items", perspective.exclude_items))
    if perspective.factor is not None:
        factor = float(np.asarray(perspective.factor.evaluate(result.environment), float).mean())
        notes.append(worded("times_factor", factor=number_label(factor, decimals=2)))
    elif str(basis):
        notes.append(basis)
    if perspective.tax_financing is not None:
        rate = float(np.asarray(perspective.tax_financing.rate.evaluate(result.environment), float).mean())
        payers = joined(", ", [result.model.find("parties", x).label for x in perspective.tax_financing.parties])
        notes.append(worded("with_tax_financing", rate=number_label(rate, decimals=2), parties=payers))
    return PerspectiveView(
        name=name,
        label=perspective.label,
        evaluation=result.perspective(name),
        note=joined("; ", notes),
        by_year=tables.cost_by_year(result, name),
    )


def _tornadoes(result: ResultData, ask: _Asked) -> tuple[pd.DataFrame, Label, dict[str, float]]:
    """One-way tables of every strategy beside the comparator, what they are on, and each unchanged result.

    The strategies share what is simulated, with the settings of `Result.tornado`.
    """
    settings = Settings(individuals=2000, batches=1, seed=result.seed, engine=result.simulated.engine)
    points, tornadoes = Points(result.study, settings), {}
    for name in result.strategies:
        if name != result.model.comparator:
            on_what = ask.measure(result.study, name)
            tornadoes[name] = tornado_of(points, on_what, OneWay(joint_draws=20))
    parts = [table.assign(strategy=name) for name, table in tornadoes.items()]
    whole = pd.concat([part[["strategy", *part.columns.drop("strategy")]] for part in parts], ignore_index=True)
    about = next(iter(tornadoes.values())).attrs
    bases = {name: float(table.attrs["base"]) for name, table in tornadoes.items()}
    return whole, Label.by(lambda language: str(about[f"measure_{language}"])), bases


def _at_break_even(result: ResultData, ask: _Asked) -> _AtBreakEven:
    """The same tables where a parameter of the strategy's effect makes it break even, and where; None where none does.

    Tables and results are of those that can.

    Each strategy is simulated beside the comparator alone, as none shares a point of break-even with another.
    """
    settings = Settings(individuals=2000, batches=1, seed=result.seed, engine=result.simulated.engine)
    parts, bases = [], {}
    places: dict[str, BreakEven | None] = {}
    wtp = None
    for name in result.strategies:
        if name == result.model.comparator:
            continue
        study = beside_comparator(result.study, name)
        points, on_what = Points(study, settings), ask.measure(study, name)
        places[name] = even = break_even(points, on_what)
        wtp = on_what.wtp
        if even is None:
            continue
        here = tornado_of(points, on_what, OneWay(joint_draws=20, at={even.parameter: even.value}))
        bases[name] = float(here.attrs["base"])
        part = here.assign(strategy=name, held=even.parameter, held_at=even.value)
        parts.append(part[["strategy", "held", "held_at", *here.columns]])
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    return _AtBreakEven(table, bases, places, wtp)


def _noise(result: ResultData) -> pd.DataFrame:
    """Share of the variance of each increment that is individual noise, by perspective."""
    columns = [
        "perspective",
        "quantity",
        "total_sd",
        "total_sd_mcse",
        "noise_sd",
        "noise_sd_mcse",
        "share",
        "share_mcse",
    ]
    if not result.halves or result.draws < 2:
        return pd.DataFrame(columns=columns)
    _, other = tables.pair(result)
    rows = []
    for perspective in result.model.perspectives:
        table = noise(result.perspective(perspective.name))
        rows += _noise_rows(perspective.name, table, result.strategies[other], result.draws)
    return pd.DataFrame(rows, columns=columns)


def _noise_rows(name: str, table: pd.DataFrame, strategy: str, draws: int) -> list[dict[str, Any]]:
    """SDs with their errors for normal draws: that of a variance from D of them is sqrt(2 / D) of it."""
    here = table[table["strategy"] == strategy] if "strategy" in table else table
    rough, rows = np.sqrt(2 / draws), []
    for row in here.to_dict("records"):
        total, luck = (float(np.sqrt(max(row[f"{kind}_variance"], 0.0))) for kind in ("total", "noise"))
        rows.append(
            {
                "perspective": name,
                "quantity": row["quantity"],
                "total_sd": total,
                "total_sd_mcse": total * rough / 2,
                "noise_sd": luck,
                "noise_sd_mcse": luck * rough / 2,
                "share": float(row["share"]),
                "share_mcse": float(row["share"]) * rough * np.sqrt(2),
            }
        )
    return rows


def implied(result: ResultData) -> pd.DataFrame:
    """The ratio on each first passage that the effects on single legs amount to, within the first year.

    Ratio of cumulative hazards -log(1 - share passed) of the strategy and the comparator at one year, over all draws
    and by draw (95 % interval).
    """
    columns = ["measure", "strategy", "value", "mcse", "lo", "hi"]
    comparator, _ = tables.pair(result)
    sizes = result.counts.half_sizes
    per_year = min(result.model.conventions.cycles_per_year, result.model.conventions.horizon)
    early = result.counts.early(per_year)
    rows = []
    for i, passage in enumerate(result.model.passages):
        passage_counts = early[..., i]
        share = passage_counts.sum(axis=2) / sizes.sum()
        half = passage_counts / sizes if result.halves else None  # (draw, strategy, 2)
        for g, strategy in enumerate(result.strategies):
            if g == comparator or not 0 < share[:, comparator].mean() < 1 or not share[:, g].mean() < 1:
                continue
            whole = np.log1p(-share[:, g].mean()) / np.log1p(-share[:, comparator].mean())
            by_draw, error = _ratios(share[:, g], share[:, comparator], result.replicates)
            if half is not None and len(by_draw) > 1:
                halves = [_ratios(half[:, g, k], half[:, comparator, k], None)[0] for k in (0, 1)]
                if all(len(one) == len(by_draw) for one in halves):
                    by_draw = without_luck(by_draw, np.stack(halves, axis=1))
            low, high = interval(by_draw, 0.95) if len(by_draw) > 1 else (np.nan, np.nan)
            label = worded("implied_ratio", passage=passage.label)
            rows.append(
                {
                    "measure": label,
                    "strategy": strategy,
                    "value": whole,
                    "mcse": error,
                    "lo": float(low),
                    "hi": float(high),
                }
            )
    return pd.DataFrame(rows, columns=columns)


def _ratios(own: np.ndarray, other: np.ndarray, replicates: int | None) -> tuple[np.ndarray, float]:
    """Ratio of cumulative hazards in draws where both are known, and the error of their mean (NaN: some lack it)."""
    inside = (own > 0) & (own < 1) & (other > 0) & (other < 1)
    ratios = np.asarray(np.log1p(-own[inside]) / np.log1p(-other[inside]))
    return ratios, float(monte_carlo_error(ratios, replicates)) if inside.all() else float("nan")


def _diagram(result: ResultData) -> dict[str, Any]:
    pairs: dict[tuple[str, str], int] = {}
    moves = [(x.source, x.target) for x in result.model.transitions]
    for move in moves + [(x.source, x.target) for x in result.model.deadlines]:
        pairs[move] = pairs.get(move, 0) + 1
    edges = [(a, b, n) for (a, b), n in pairs.items()]
    return {"states": list(result.model.state_names), "edges": edges}


def _lived(result: ResultData) -> tuple[Label, str]:
    """How many individuals, or whole systems, each draw has."""
    if result.model.system is not None:
        return worded("made_systems"), str(systems_of(result.individuals))
    return worded("made_individuals"), str(result.individuals)


def _provenance(result: ResultData) -> list[tuple[Label, str]]:
    return [
        (worded("made_scenario"), result.study.scenario.name),
        (worded("made_draws"), str(result.draws)),
        _lived(result),
        (worded("made_seed"), str(result.seed)),
        *([(worded("made_target_error"), result.stop.sentence())] if result.stop else []),
        *((worded("made_version", name=name), text) for name, text in versions().items()),
        *((worded("made_hash", name=name), text) for name, text in told.hashes(result).items()),
        (worded("made_written"), writing_day().isoformat()),
    ]


def _notes(result: ResultData) -> list[Label]:
    date = result.model.conventions.entry_date
    notes = []
    if date:
        notes.append(worded("note_entry_date", date=date))
    rounding_note = exactness(result)
    notes += [rounding_note] if rounding_note else []
    notes += [assumption.text for assumption in result.model.assumptions]
    return notes
