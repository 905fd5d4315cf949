"""The tables of the report: which columns each one shows, and to which digits."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from costeff.present.figure_tornado import moving, turns
from costeff.present.icer_rows import icer_columns, icer_rows, pairwise_columns, pairwise_rows
from costeff.present.numbers import (
    MISSING,
    SPACE,
    currency_name,
    is_missing,
    write_interval,
    write_money,
    write_number,
    write_percent,
)
from costeff.present.rows import increments_of
from costeff.present.sentences import effect_interval, write_effect
from costeff.present.style import label_of
from costeff.present.tables import Band, Cell, Column, Row, html_table
from costeff.present.terms import term, unit_name

if TYPE_CHECKING:
    import pandas as pd

    from costeff.present.content import Content, PerspectiveView


def report_tables(content: Content, language: str) -> dict[str, str]:
    """Every table of the report by name, as HTML; '' for a table without rows."""
    assumed = content.parameters
    if len(assumed):
        assumed = assumed[assumed["kind"] == "assumption"]
    return {
        "parties": _parties(content, language),
        "items": _items(content, language),
        "icer": _icer(content, language),
        "pairwise": _pairwise(content, language),
        "by_year": _by_year(content, language),
        "effects": _effects(content, language),
        "medians": _medians(content, language),
        "tornado": _tornado(content, language),
        "noise": _noise(content, language),
        "implied": _implied(content, language),
        "exits": _exits(content, language),
        "assumptions": _parameters(content, assumed, term("assumptions", language), language, cited=False),
        "parameters": _parameters(content, content.parameters, term("parameters", language), language),
        "conventions": _pairs(
            [(label[language], text) for label, text in content.conventions], "conventions", language
        ),
        "provenance": _pairs(content.provenance, "provenance", language),
    }


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def _table(columns: list[Column], rows: list[Row], caption: str) -> str:
    return html_table(columns, rows, caption) if rows else ""


def _strategies(content: Content, language: str) -> list[Column]:
    return [Column(label_of(content.strategies, name, language), True) for name in content.strategies]


def _heading(content: Content, key: str, strategy: str, language: str) -> str:
    """The section's title, with the strategy when there are several to compare."""
    money = (
        f"{currency_name(content.currency, language)} {content.price_year} {term('per_citizen', language)}"
    )
    text = f"{term(key, language)}, {money}"
    several = len(content.strategies) > 2
    return f"{text}: {label_of(content.strategies, strategy, language)}" if several else text


def _each_alternative(content: Content, frame: pd.DataFrame) -> list[tuple[str, list[dict[str, Any]]]]:
    names = [name for name in content.strategies if name != content.comparator]
    return [(name, _records(increments_of(frame, content, name))) for name in names]


def _error(value: float, language: str) -> str:
    return write_number(value, language, error=value)


def _own(row: dict[str, Any], strategy: str) -> float:
    """The error of a strategy's own level; where the table has none, that of the increment."""
    return float(row.get(f"mcse_{strategy}", row["mcse"]))


def _parties(content: Content, language: str) -> str:
    columns = [
        Column(term("party", language)), *_strategies(content, language), Column(term("difference", language), True),
        Column(term("interval_95", language), True), Column(term("of_which_programme", language), True),
        Column(term("error", language), True),
    ]  # fmt: skip
    parts = []
    for strategy, records in _each_alternative(content, content.parties):
        rows: list[Row] = []
        records.sort(key=lambda row: not row["inside"])
        for row in records:
            if not row["inside"] and not any(isinstance(r, Band) for r in rows):
                rows.append(Band(term("outside", language)))
            error = row["mcse"]
            rows.append([
                row["label"][language],
                *(write_money(row[name], language, error=_own(row, name)) for name in content.strategies),
                write_money(row["increment"], language, error=error, signed=True),
                write_interval(row["lo"], row["hi"], language, decimals=0, error=error),
                write_money(row["programme"], language, error=row.get("programme_mcse", error), signed=True),
                _error(error, language),
            ])  # fmt: skip
        heading = _heading(content, "who_pays", strategy, language)
        parts.append(_table(columns, rows, f"{heading} ({term('sign_party', language)})"))
    return "\n".join(parts)


def _items(content: Content, language: str) -> str:
    columns = [
        Column(term("item", language)), Column(term("payer", language)), Column(term("recipient", language)),
        *_strategies(content, language), Column(term("difference", language), True),
        Column(term("error", language), True),
    ]  # fmt: skip
    known = {row["party"]: row["label"][language] for row in _records(content.parties)}
    parts = []
    for strategy, records in _each_alternative(content, content.items):
        rows: list[Row] = [
            [
                row["label"][language], known.get(row["payer"], str(row["payer"])),
                known.get(row["recipient"], str(row["recipient"])),
                *(write_money(row[name], language, error=_own(row, name)) for name in content.strategies),
                write_money(row["increment"], language, error=row["mcse"], signed=True), _error(row["mcse"], language),
            ]
            for row in records
        ]  # fmt: skip
        parts.append(_table(columns, rows, _heading(content, "flows", strategy, language)))
    return "\n".join(parts)


def _icer(content: Content, language: str) -> str:
    """All perspectives below each other; a band names each one."""
    if not content.perspectives:
        return ""
    rows: list[Row] = []
    for view in content.perspectives:
        rows += [_band(view, language), *icer_rows(view.evaluation, content.strategies, language)]
    caption = (
        f"{term('icer_heading', language)}, {currency_name(content.currency, language)} {content.price_year}"
    )
    columns = icer_columns(content.effect_unit, content.strategies, content.comparator, language)
    return _table(columns, rows, f"{caption} {term('per_citizen', language)}")


def _pairwise(content: Content, language: str) -> str:
    """Each strategy against the comparator, perspectives below each other."""
    rows: list[Row] = []
    for view in content.perspectives:
        rows += [_band(view, language), *pairwise_rows(view.evaluation, content.strategies, language)]
    base = label_of(content.strategies, content.comparator, language)
    money = (
        f"{currency_name(content.currency, language)} {content.price_year} {term('per_citizen', language)}"
    )
    caption = f"{term('against_comparator', language, strategy=base)}, {money}"
    return _table(pairwise_columns(content.effect_unit, language), rows, caption)


def _band(view: PerspectiveView, language: str) -> Band:
    note = view.note[language]
    return Band(f"{view.label[language]} – {note}" if note else view.label[language])


def _by_year(content: Content, language: str) -> str:
    """Perspectives as bands, strategies and differences as rows, years as columns."""
    years = sorted({int(year) for view in content.perspectives for year in view.by_year["year"]})
    columns = [Column(term("perspective", language))]
    columns += [Column(f"{term('year', language)} {year}", True) for year in years]
    base = label_of(content.strategies, content.comparator, language)
    rows: list[Row] = []
    for view in content.perspectives:
        if not len(view.by_year):
            continue
        wide = view.by_year.pivot(index="strategy", columns="year", values="cost").reindex(columns=years)
        errors = {key: _by_strategy(view.by_year, key, years) for key in ("mcse", "increment_mcse")}
        rows.append(Band(view.label[language]))
        for name in content.strategies:
            costs = zip(wide.loc[name], errors["mcse"].loc[name], strict=True)
            written = [write_money(value, language, error=error) for value, error in costs]
            rows.append([label_of(content.strategies, name, language), *written])
        for name in content.strategies:
            if name == content.comparator:
                continue
            gap = wide.loc[name] - wide.loc[content.comparator]
            head = term("difference_from", language, strategy=base)
            if len(content.strategies) > 2:
                head = f"{label_of(content.strategies, name, language)}: {head.lower()}"
            pairs = zip(gap, errors["increment_mcse"].loc[name], strict=True)
            rows.append(
                [head, *(write_money(value, language, error=error, signed=True) for value, error in pairs)]
            )
    money = (
        f"{currency_name(content.currency, language)} {content.price_year} {term('per_citizen', language)}"
    )
    sign = term("sign_payer", language)
    return _table(columns, rows, f"{term('cost_by_year', language)}, {money} ({sign})")


def _by_strategy(by_year: pd.DataFrame, key: str, years: list[int]) -> pd.DataFrame:
    """A column of the costs by year as (strategy, year); missing everywhere where the table has no such column."""
    frame = by_year if key in by_year else by_year.assign(**{key: math.nan})
    return frame.pivot(index="strategy", columns="year", values=key).reindex(columns=years)


def _effects(content: Content, language: str) -> str:
    columns = [
        Column(term("effect", language)), Column(term("unit", language)), *_strategies(content, language),
        Column(term("difference", language), True), Column(term("interval_95", language), True),
        Column(term("error", language), True), Column(term("better", language)), Column(term("discounted", language)),
    ]  # fmt: skip
    parts = []
    for strategy, records in _each_alternative(content, content.effects):
        rows: list[Row] = []
        for row in records:
            unit, error = str(row["unit"]), row["mcse"]
            rows.append([
                row["label"][language], "%" if unit == "share" else unit_name(unit, language),
                *(_bare(write_effect(row[name], unit, language, error=_own(row, name))) for name in content.strategies),
                _bare(write_effect(row["increment"], unit, language, error=error, signed=True)),
                _bare(effect_interval(row["lo"], row["hi"], unit, language, error)),
                _bare(write_effect(error, unit, language, error=error)),
                term(row["better"], language),
                term("yes" if row["discounted"] else "no", language),
            ])  # fmt: skip
        caption = term("effects", language)
        if len(content.strategies) > 2:
            caption += f": {label_of(content.strategies, strategy, language)}"
        parts.append(_table(columns, rows, caption))
    return "\n".join(parts)


def _bare(text: str) -> str:
    """The number without its percent sign or points: the column of units says it."""
    return text.split(f"{SPACE}%")[0]


def _medians(content: Content, language: str) -> str:
    heads = [
        ("first_passage", False),
        ("strategy", False),
        ("median_time", True),
        ("within_year", True),
        ("stay", True),
    ]
    columns = [Column(term(key, language), number) for key, number in heads]
    rows: list[Row] = [
        [
            label_of(content.passage_labels, row["passage"], language),
            label_of(content.strategies, row["strategy"], language),
            cycles_in_words(row["median"], content, language),
            write_percent(row["share_within_year"], language, decimals=1, error=row.get("share_mcse")),
            cycles_in_words(row["stay"], content, language),
        ]
        for row in _records(content.medians)
    ]  # fmt: skip
    return _table(columns, rows, term("time_to_return", language))


def cycles_in_words(cycles: float, content: Content, language: str) -> str:
    """A number of cycles in weeks, months or years when a cycle is one of these; NaN: not reached."""
    if is_missing(cycles):
        return term("not_reached", language)
    key = {52: "weeks", 12: "months", 1: "years"}.get(content.cycles_per_year, "cycles")
    return term(key, language, number=write_number(cycles, language, decimals=1 if cycles % 1 else 0))


def _tornado(content: Content, language: str) -> str:
    """A table for each strategy, with the rows that move its result."""
    keys = ("parameter", "low_value", "high_value", "result_low", "result_high", "changes")
    columns = [Column(term(key, language), key not in ("parameter", "changes")) for key in keys]
    parts = []
    for strategy in content.strategies:
        if strategy == content.comparator or not len(content.tornado):
            continue
        table = increments_of(content.tornado, content, strategy)
        rows: list[Row] = [
            [
                label_of(content.parameter_labels, row["name"], language),
                write_number(row["low_value"], language), write_number(row["high_value"], language),
                *(write_money(row[f"{end}_result"], language, error=row.get(f"{end}_mcse")) for end in ("low", "high")),
                term("yes" if turns(row) else "no", language),
            ]
            for row in _records(table[moving(table, content.tornado_base[strategy])])
        ]  # fmt: skip
        caption = term(
            "compared", language, measure=content.tornado_measure[language],
            strategy=label_of(content.strategies, strategy, language),
            comparator=label_of(content.strategies, content.comparator, language),
        )  # fmt: skip
        parts.append(_table(columns, rows, f"{term('tornado', language)}: {caption}"))
    return "\n".join(part for part in parts if part)


def _noise(content: Content, language: str) -> str:
    """Costs by perspective; an effect that is the same under all of them stands once, for all perspectives."""
    keys = ("perspective", "quantity", "total_sd", "noise_sd", "noise_share")
    columns = [Column(term(key, language), key not in ("perspective", "quantity")) for key in keys]
    known = {view.name: view.label[language] for view in content.perspectives}
    rows: list[Row] = []
    told: dict[tuple[str, ...], int] = {}
    for row in _records(content.noise):
        quantity = str(row["quantity"]).removeprefix("incremental_")
        said = term(f"incremental_{quantity}", language) if quantity in ("cost", "effect") else quantity
        if "strategy" in row:
            said += f", {label_of(content.strategies, str(row['strategy']), language)}"
        write = write_money if quantity == "cost" else write_number
        sizes = [write(row[end], language, error=row.get(f"{end}_mcse")) for end in ("total_sd", "noise_sd")]
        share = write_percent(row["share"], language, error=row.get("share_mcse"))
        cells = [said, *sizes, share]
        if quantity == "effect" and tuple(cells) in told:
            rows[told[tuple(cells)]] = [term("all_perspectives", language), *cells]
            continue
        told[tuple(cells)] = len(rows)
        name = str(row["perspective"])
        rows.append([known.get(name, name), *cells])
    return _table(columns, rows, term("simulation_error", language))


def _implied(content: Content, language: str) -> str:
    keys = ("measure", "strategy", "value", "interval_95")
    columns = [Column(term(key, language), key in ("value", "interval_95")) for key in keys]
    rows: list[Row] = [
        [
            row["measure"][language], label_of(content.strategies, str(row["strategy"]), language),
            write_number(row["value"], language, decimals=3, error=row.get("mcse")),
            write_interval(row["lo"], row["hi"], language, decimals=3, error=row.get("mcse")),
        ]
        for row in _records(content.implied)
    ]  # fmt: skip
    return _table(columns, rows, term("implied", language))


def _exits(content: Content, language: str) -> str:
    columns = [
        Column(term("from_state", language)), Column(term("to_state", language)),
        Column(term("transitions", language), True),
    ]  # fmt: skip
    rows: list[Row] = [
        [label_of(content.states, source, language), label_of(content.states, target, language), str(count)]
        for source, target, count in content.diagram["edges"]
    ]
    return _table(columns, rows, term("exits", language))


def _parameters(
    content: Content, frame: pd.DataFrame, caption: str, language: str, *, cited: bool = True
) -> str:
    """Parameters, with their labels; without kind and source when `cited` is False: all are assumptions."""
    keys = ["parameter", "value", "unit", "interval_95", "distribution", "kind", "source", "note"]
    if not cited:
        keys = [key for key in keys if key not in ("kind", "source")]
    columns = [Column(term(key, language), key in ("value", "interval_95")) for key in keys]
    rows: list[Row] = []
    for row in _records(frame):
        kind, unit = str(row["kind"]), str(row["unit"])
        if not is_missing(row["price_year"]):
            unit = f"{unit} ({int(row['price_year'])})"
        name = str(row["name"])
        if name in content.parameter_labels:
            name = f"{content.parameter_labels[name][language]} ({name})"
        cells: dict[str, str | Cell] = {
            "parameter": name, "value": write_number(row["value"], language), "unit": unit,
            "interval_95": _drawn(row, language),
            "distribution": str(row["distribution"]),
            "kind": term(f"kind_{kind}", language) if kind in KINDS else kind,
            "source": Cell(str(row["source"]), tuple(part for part in str(row["address"]).split("; ") if part)),
            "note": str(row["note"]),
        }  # fmt: skip
        rows.append([cells[key] for key in keys])
    return _table(columns, rows, caption)


def _drawn(row: dict[str, Any], language: str) -> str:
    """The drawn interval of a parameter, and the declared one beside it where its digits differ."""
    if row["lo"] == row["hi"]:
        return MISSING
    drawn = write_interval(row["lo"], row["hi"], language)
    low, high = row.get("declared_lo"), row.get("declared_hi")
    if is_missing(low) or is_missing(high):
        return drawn
    declared = write_interval(low, high, language)
    return drawn if declared == drawn else term("drawn_declared", language, drawn=drawn, declared=declared)


KINDS = ("published", "derived", "calibrated", "assumption")
"""Kinds of a figure that have a translation."""


def _pairs(pairs: Any, key: str, language: str) -> str:
    columns = [Column(term("quantity", language)), Column(term("value", language))]
    rows: list[Row] = [[str(name), str(value)] for name, value in pairs]
    return _table(columns, rows, term(key, language))
