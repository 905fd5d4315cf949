"""The tables of the report: which columns each one shows, and to which digits."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from costeff.catalogue import counted, say
from costeff.labels import Label
from costeff.reporting.charts.tornado import moving, turns
from costeff.reporting.numbers import (
    MISSING,
    currency_name,
    is_missing,
    write_interval,
    write_money,
    write_number,
    write_percent,
)
from costeff.reporting.style import label_of, note_of
from costeff.reporting.tables import Band, Cell, Column, Row, html_table
from costeff.reporting.unit_names import parameter_unit
from costeff.study.report.beside import beside_table
from costeff.study.report.cohort import cohort_table
from costeff.study.report.delivery import delivery_table
from costeff.study.report.practice import practice_table
from costeff.study.report.result_tables import result_tables
from costeff.study.report.rows import increments_of

if TYPE_CHECKING:
    import pandas as pd

    from costeff.study.report.content import Content


def report_tables(content: Content, language: str) -> dict[str, str]:
    """Every table of the report by name, as HTML; '' for a table without rows."""
    assumptions = content.parameters
    if len(assumptions):
        assumptions = assumptions[assumptions["kind"] == "assumption"]
    return result_tables(content, language) | {
        "cohort": cohort_table(content, language),
        "beside": beside_table(content, language),
        "by_year": _by_year(content, language),
        "medians": _medians(content, language),
        "reached": delivery_table(content, language),
        "practice": practice_table(content, language),
        "tornado": _tornado(content, language),
        "noise": _noise(content, language),
        "implied": _implied(content, language),
        "exits": _exits(content, language),
        "assumptions": _parameters(content, assumptions, say("assumptions", language), language, with_sources=False),
        "parameters": _parameters(content, content.parameters, say("parameters", language), language),
        "conventions": _pairs(content.conventions, "conventions", language),
        "provenance": _pairs(content.provenance, "provenance", language),
    }


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def _table(columns: list[Column], rows: list[Row], caption: str) -> str:
    return html_table(columns, rows, caption) if rows else ""


def _by_year(content: Content, language: str) -> str:
    """Perspectives as bands, strategies and differences as rows, years as columns."""
    years = sorted({int(year) for view in content.perspectives for year in view.by_year["year"]})
    columns = [Column(say("perspective", language))]
    columns += [Column(f"{say('year', language)} {year}", True) for year in years]
    base = label_of(content.strategies, content.comparator, language)
    rows: list[Row] = []
    for view in content.perspectives:
        if not len(view.by_year):
            continue
        cost, error, gap, unsure = (
            view.by_year.pivot(index="strategy", columns="year", values=name).reindex(columns=years)
            for name in ("cost", "mcse", "increment", "increment_mcse")
        )
        rows.append(Band(view.label[language]))
        for name in content.strategies:
            pairs = zip(cost.loc[name], error.loc[name], strict=True)
            cells = [write_money(value, language, error=e) for value, e in pairs]
            rows.append([label_of(content.strategies, name, language), *cells])
        for name in content.strategies:
            if name == content.comparator:
                continue
            head = say("difference_from", language, strategy=base)
            if len(content.strategies) > 2:
                head = f"{label_of(content.strategies, name, language)}: {head.lower()}"
            pairs = zip(gap.loc[name], unsure.loc[name], strict=True)
            rows.append([head, *(write_money(value, language, error=e, with_sign=True) for value, e in pairs)])
    money = f"{currency_name(content.currency, language)} {content.price_year} {say('per_citizen', language)}"
    return _table(columns, rows, f"{say('cost_by_year', language)}, {money}")


def _medians(content: Content, language: str) -> str:
    heads = [
        ("first_passage", False),
        ("strategy", False),
        ("median_time", True),
        ("within_year", True),
        ("stay", True),
    ]
    columns = [Column(say(key, language), number) for key, number in heads]
    rows: list[Row] = [
        [
            label_of(content.passage_labels, row["passage"], language),
            label_of(content.strategies, row["strategy"], language),
            cycles_in_words(row["median"], content, language),
            write_percent(row["share_within_year"], language, decimals=1),
            cycles_in_words(row["stay"], content, language),
        ]
        for row in _records(content.medians)
    ]
    return _table(columns, rows, time_to(content, language))


def time_to(content: Content, language: str) -> str:
    """The heading over times to the model's events: the event where there is one."""
    if len(content.passage_labels) != 1:
        return say("time_to_events", language)
    (name,) = content.passage_labels
    return say("time_to_event", language, event=label_of(content.passage_labels, name, language))


def cycles_in_words(cycles: float, content: Content, language: str) -> str:
    """A number of cycles in days, weeks, months or years when a cycle is one of these; NaN: not reached."""
    if is_missing(cycles):
        return say("not_reached", language)
    units = {365: "days", 364: "days", 52: "weeks", 12: "months", 1: "years"}
    key = units.get(content.cycles_per_year, "cycles")
    number = write_number(cycles, language, decimals=1 if cycles % 1 else 0)
    return counted(key, cycles, language, number=number)


def _tornado(content: Content, language: str) -> str:
    """A table for each strategy, with the rows that move its result."""
    keys = ("parameter", "low_value", "high_value", "result_low", "result_high", "changes")
    columns = [Column(say(key, language), key not in ("parameter", "changes")) for key in keys]
    parts = []
    for strategy in content.strategies:
        if strategy == content.comparator or not len(content.tornado):
            continue
        table = increments_of(content.tornado, content, strategy)
        rows: list[Row] = [
            [
                label_of(content.parameter_labels, row["name"], language),
                write_number(row["low_value"], language),
                write_number(row["high_value"], language),
                write_money(row["low_result"], language),
                write_money(row["high_result"], language),
                say("yes" if turns(row) else "no", language),
            ]
            for row in _records(table[moving(table, content.tornado_base[strategy])])
        ]
        caption = say(
            "compared",
            language,
            measure=content.tornado_measure[language],
            strategy=label_of(content.strategies, strategy, language),
            comparator=label_of(content.strategies, content.comparator, language),
        )
        parts.append(_table(columns, rows, f"{say('tornado', language)}: {caption}"))
    return "\n".join(part for part in parts if part)


def _noise(content: Content, language: str) -> str:
    """Costs by perspective; an effect that is the same under all of them stands once, for all perspectives."""
    keys = ("perspective", "quantity", "total_sd", "noise_sd", "noise_share")
    columns = [Column(say(key, language), key not in ("perspective", "quantity")) for key in keys]
    labels = {view.name: view.label[language] for view in content.perspectives}
    rows: list[Row] = []
    effect_rows: dict[tuple[str, ...], list[str]] = {}
    for row in _records(content.noise):
        quantity = str(row["quantity"]).removeprefix("incremental_")
        quantity_name = say(f"incremental_{quantity}", language) if quantity in ("cost", "effect") else quantity
        if "strategy" in row:
            quantity_name += f", {label_of(content.strategies, str(row['strategy']), language)}"
        write = write_money if quantity == "cost" else _three
        sizes = [write(row[end], language) for end in ("total_sd", "noise_sd")]
        cells = [quantity_name, *sizes, write_percent(row["share"], language)]
        name = str(row["perspective"])
        if quantity == "effect":
            effect_rows.setdefault(tuple(cells), []).append(labels.get(name, name))
        else:
            rows.append([labels.get(name, name), *cells])
    for same, names in effect_rows.items():
        rows.append([names[0] if len(names) == 1 else say("all_perspectives", language), *same])
    return _table(columns, rows, say("simulation_error", language))


def _three(value: float, language: str) -> str:
    """Three significant digits, for spreads."""
    if is_missing(value) or value == 0:
        return write_number(value, language)
    return write_number(value, language, decimals=max(2 - math.floor(math.log10(abs(value))), 0))


def _implied(content: Content, language: str) -> str:
    keys = ("measure", "strategy", "value", "interval_95")
    columns = [Column(say(key, language), key in ("value", "interval_95")) for key in keys]
    rows: list[Row] = [
        [
            row["measure"][language],
            label_of(content.strategies, str(row["strategy"]), language),
            write_number(row["value"], language, decimals=3),
            write_interval(row["lo"], row["hi"], language, decimals=3),
        ]
        for row in _records(content.implied)
    ]
    return _table(columns, rows, say("implied", language))


def _exits(content: Content, language: str) -> str:
    columns = [
        Column(say("from_state", language)),
        Column(say("to_state", language)),
        Column(say("transitions", language), True),
    ]
    rows: list[Row] = [
        [label_of(content.states, source, language), label_of(content.states, target, language), str(count)]
        for source, target, count in content.diagram["edges"]
    ]
    return _table(columns, rows, say("exits", language))


def _parameters(
    content: Content, frame: pd.DataFrame, caption: str, language: str, *, with_sources: bool = True
) -> str:
    """Parameters, with their labels; without kind and source when `with_sources` is False: all are assumptions."""
    keys = ["parameter", "value", "unit", "interval_95", "distribution", "kind", "source", "note"]
    if not with_sources:
        keys = [key for key in keys if key not in ("kind", "source")]
    columns = [Column(say(key, language), key in ("value", "interval_95")) for key in keys]
    rows: list[Row] = []
    for row in _records(frame):
        kind, unit = str(row["kind"]), parameter_unit(str(row["unit"]), language)
        if not is_missing(row["price_year"]):
            unit = f"{unit} ({int(row['price_year'])})"
        name = str(row["name"])
        if name in content.parameter_labels:
            name = f"{content.parameter_labels[name][language]} ({name})"
        cells: dict[str, str | Cell] = {
            "parameter": name,
            "value": write_number(row["value"], language),
            "unit": unit,
            "interval_95": _drawn(row, language),
            "distribution": str(row["distribution"]),
            "kind": say(f"kind_{kind}", language) if kind in KINDS else kind,
            "source": Cell(str(row["source"]), tuple(part for part in str(row["address"]).split("; ") if part)),
            "note": note_of(content.parameter_notes, str(row["note"]), language),
        }
        rows.append([cells[key] for key in keys])
    return _table(columns, rows, caption)


def _drawn(row: dict[str, Any], language: str) -> str:
    """The drawn interval of a parameter, and the declared one beside it where its digits differ."""
    if row["lo"] == row["hi"]:
        return MISSING
    drawn_interval = write_interval(row["lo"], row["hi"], language)
    low, high = row.get("declared_lo"), row.get("declared_hi")
    if is_missing(low) or is_missing(high):
        return drawn_interval
    declared_interval = write_interval(low, high, language)
    return (
        drawn_interval
        if declared_interval == drawn_interval
        else say("drawn_declared", language, drawn=drawn_interval, declared=declared_interval)
    )


KINDS = ("published", "derived", "calibrated", "assumption")
"""Kinds of a figure that have a translation."""


def _pairs(pairs: Any, key: str, language: str) -> str:
    columns = [Column(say("quantity", language)), Column(say("value", language))]
    texts = [(name[language], value[language] if isinstance(value, Label) else str(value)) for name, value in pairs]
    rows: list[Row] = [[name, text] for name, text in texts if text]
    return _table(columns, rows, say(key, language))
