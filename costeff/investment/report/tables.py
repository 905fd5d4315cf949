"""The tables of a case's pages. A table is either undiscounted (budget) or in present values (ranking), never both."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from costeff.catalogue import is_word, say
from costeff.investment.report.about import about_table
from costeff.investment.report.belief import belief_table
from costeff.investment.report.budget import grant_table, level_table
from costeff.investment.report.department_rows import department_table
from costeff.investment.report.figures_to_ask import ask_table
from costeff.investment.report.on_top import on_top_table
from costeff.investment.report.sentences import decider_name, payback_interval, title_of, years_in_words
from costeff.investment.report.start_designs import start_table
from costeff.investment.report.target_groups import group_table, income_table
from costeff.investment.report.thousands import thousands
from costeff.reporting.differences import differences_table, set_here
from costeff.reporting.numbers import (
    MISSING,
    SPACE,
    currency_name,
    write_date,
    write_interval,
    write_number,
    write_percent,
)
from costeff.reporting.style import note_of
from costeff.reporting.tables import Band, Cell, Column, Row, html_table
from costeff.reporting.unit_names import unit_name

if TYPE_CHECKING:
    from costeff.investment.report.content import AreaRow, CaseContent, Payer, Spread


PLAIN_UNITS = ("", "1", "share", "ratio", "probability", "number", "count")
"""Units of figures that are read without one."""
OUTLINE_YEARS = 3
"""Outline years after the budget year in table A."""
WITHIN = (1, 2, 3, 4, 6, 8, 10, 15)
"""Years within which the chance of payback is tabled, as far as the horizon goes."""


FEW = 5
"""Citizens who begin in a year, from which on their mean wait is told."""


def case_tables(content: CaseContent, language: str) -> dict[str, str]:
    """Every table of a case's pages by name, as HTML; '' for a table without rows."""
    years = range(len(content.years))
    return {
        "who": _who(content, language),
        "payback": _payback(content, language, "payback_time"),
        "payback_discounted": _payback(content, language, "payback_time_discounted"),
        "probability": _probability(content, language),
        "a": _areas(content, language, years[: 1 + OUTLINE_YEARS], "table_a"),
        "a_all": _areas(content, language, years, "table_a_all"),
        "b": _items(content, language),
        "transfers": _transfers(content, language),
        "scenarios": _scenarios(content, language),
        "citizens": _citizens(content, language),
        "effects": _effects(content, language),
        "on_top": on_top_table(content, language),
        "groups": group_table(content, language),
        "income": income_table(content, language),
        "belief": belief_table(content, language),
        "about": about_table(content, language),
        "levels": level_table(content, language),
        "grant": grant_table(content, language),
        "asked": ask_table(content, language),
        "starts": start_table(content, language),
        "departments": department_table(content, language),
        "assumptions": _sources(content, language, "assumptions_heading", ("assumption",)),
        "sources": _sources(content, language, "sources_heading", ("published", "derived", "calibrated")),
        "differences": differences_table(content.differences, content.parameter_labels, language),
        "how": _table(
            [Column(say("case_parameter", language)), Column(say("value", language))],
            [[label[language], text] for label, text in content.provenance],
            say("how_made", language),
        ),
    }


def money_unit(content: CaseContent, kind: str, language: str) -> str:
    """What the amounts of a table are: '1.000 kr., 2026-p/l, udiskonteret'."""
    unit = say("thousand_unit", language, currency=currency_name(content.currency, language), year=content.price_year)
    return f"{unit}, {say(kind, language)}"


def _table(columns: list[Column], rows: list[Row], caption: str) -> str:
    return html_table(columns, rows, caption) if rows else ""


def _heading(key: str, content: CaseContent, kind: str, language: str) -> str:
    return f"{say(key, language)} ({money_unit(content, kind, language)})"


def _interval(spread: Spread, language: str) -> str:
    if math.isnan(spread.lo):
        return MISSING
    return write_interval(spread.lo / 1000, spread.hi / 1000, language, decimals=0)


def _who(content: CaseContent, language: str) -> str:
    """Page 1: present value of every party, with how sure it is."""
    heads = (("party", False), ("net_present_value", True), ("interval_80", True), ("probability_gain", True))
    columns = [Column(say(key, language), number) for key, number in heads]
    worth = content.by_name[content.public].npv.mean if content.public else math.nan
    if worth > 0:
        columns.append(Column(say("share_of_public", language), True))
    inside = set(content.by_name[content.public].parties) if content.public else set()
    decider = content.by_name[content.decider]
    departments = set(decider.parties) - {decider.name}
    rows: list[Row] = []
    for p in content.payers:
        row = [
            _name(p, language),
            thousands(p.npv.mean, language),
            _interval(p.npv, language),
            write_percent(p.npv.gains, language),
        ]
        if worth > 0:
            has_share = p.npv.mean >= 0 and set(p.parties) <= inside and p.name not in departments
            share = (
                write_percent(p.npv.mean / worth, language) if p.npv.mean <= worth else say("more_than_all", language)
            )
            row.append(share if has_share else MISSING)
        rows.append(row)
    return _table(columns, rows, _heading("who_gains", content, "present_value", language))


def _name(payer: Payer, language: str) -> str:
    """A sum is marked, so that nobody adds it to its parts."""
    return f"= {payer.label[language]}" if payer.total else payer.label[language]


def _deciders(content: CaseContent) -> list[Payer]:
    """The decider and the sums around it, for whom payback is told."""
    return [p for p in content.payers if p.total or p.name == content.decider]


def _payback(content: CaseContent, language: str, key: str) -> str:
    """Payback of the decider and the sums around it; undiscounted and discounted stand in two tables."""
    deciders = _deciders(content)
    paybacks = [p.payback if key == "payback_time" else p.payback_discounted for p in deciders]
    columns = [Column(say("measure", language)), *(Column(p.label[language], True) for p in deciders)]
    intervals = [
        MISSING if math.isnan(p.npv.lo) else payback_interval(b, language, len(content.years))
        for p, b in zip(deciders, paybacks, strict=True)
    ]
    rows: list[Row] = [
        [say("median", language), *(years_in_words(b.median, language) for b in paybacks)],
        [say("interval_80", language), *intervals],
        [say("share_never", language), *(write_percent(b.never, language) for b in paybacks)],
    ]
    return _table(columns, rows, say(key, language))


def _probability(content: CaseContent, language: str) -> str:
    """Chance of payback within n years, undiscounted: of the expected result, and of the actual citizens' result."""
    payer = content.by_name[content.decider]
    if np.isnan(payer.break_even).all():
        return ""
    years = [*(n for n in WITHIN if n < len(content.years)), len(content.years)]
    columns = [Column(say("within", language)), *(Column(years_in_words(n, language), True) for n in years)]
    rows: list[Row] = [
        [say("expected_result", language), *(write_percent(payer.break_even[n - 1], language) for n in years)]
    ]
    if payer.realised is not None:
        chances = [write_percent(payer.realised[n - 1], language) for n in years]
        rows.append([say("realised_result", language), *chances])
    name = title_of(decider_name(content, language))
    caption = f"{say('figure_probability', language)}: {name} ({say('undiscounted', language)})"
    return _table(columns, rows, caption)


def _areas(content: CaseContent, language: str, years: Sequence[int], caption: str) -> str:
    """Table A: lasting changes by steering area, their sum, implementation costs, and the overall effect."""
    keys = ["budget_year", *("outline_year" for _ in years[1:])]
    if caption == "table_a_all":
        columns = [Column(str(content.years[y]), True) for y in years]
    else:
        columns = [Column(say(k, language, year=content.years[y]), True) for k, y in zip(keys, years, strict=True)]
    goes_on = not any(math.isnan(part.permanent) for part in content.areas)
    columns = [Column(say("area", language)), *columns]
    if goes_on:
        columns.append(Column(say("permanent", language), True))

    def row(name: str, parts: Sequence[AreaRow]) -> list[str | Cell]:
        amounts = [sum(part.net[y] for part in parts) for y in years]
        amounts += [sum(part.permanent for part in parts)] if goes_on else []
        return [name, *(thousands(amount, language) for amount in amounts)]

    heads = ("lasting_changes", "lasting_total") if goes_on else ("running_changes", "running_total")
    rows: list[Row] = [Band(say(heads[0], language))]
    lasting = [part for part in content.areas if not part.start_up]
    once = [part for part in content.areas if part.start_up]
    rows += [row(part.label[language], [part]) for part in lasting]
    rows.append(row(f"= {say(heads[1], language)}", lasting))
    if once:
        rows.append(Band(say("start_up_costs", language)))
        rows += [row(part.label[language], [part]) for part in once]
    rows.append(row(f"= {say('overall', language)}", content.areas))
    return _table(columns, rows, _heading(caption, content, "undiscounted", language))


def _items(content: CaseContent, language: str) -> str:
    """Table B: item by party, each party's total below; sums are of the parties before them."""
    columns = [Column(say("item", language)), *(Column(_name(p, language), True) for p in content.payers)]
    rows: list[Row] = [
        [item.label[language], *(thousands(x, language) if x else MISSING for x in item.npv)] for item in content.items
    ]
    total = np.sum([item.npv for item in content.items], axis=0) if content.items else []
    if rows:
        rows.append([f"= {say('in_all', language)}", *(thousands(float(x), language) for x in total)])
    return _table(columns, rows, _heading("table_b", content, "present_value", language))


def _transfers(content: CaseContent, language: str) -> str:
    labels = {p.name: p.label[language] for p in content.payers}
    columns = [
        Column(say("payer", language)),
        Column(say("recipient", language)),
        Column(say("amount", language), True),
    ]
    rows: list[Row] = [
        [labels.get(payer, payer), labels.get(to, to), thousands(amount, language, with_sign=False)]
        for payer, to, amount in content.transfers
    ]
    if content.shortfall > 0:
        rows.append([say("not_covered", language), "", thousands(content.shortfall, language, with_sign=False)])
    return _table(columns, rows, _heading("transfer_heading", content, "present_value", language))


def _scenarios(content: CaseContent, language: str) -> str:
    """Present values only; payback has a table of its own."""
    own = content.by_name[content.decider].label[language]
    columns = [Column(say("scenario", language)), Column(own, True)]
    if content.public:
        columns.append(Column(content.by_name[content.public].label[language], True))
    rows: list[Row] = []
    for x in content.scenarios:
        amounts = [thousands(x.npv, language), *([thousands(x.public, language)] if content.public else [])]
        rows.append([x.label[language], *amounts])
    return _table(columns, rows, _heading("scenario_heading", content, "present_value", language))


def _citizens(content: CaseContent, language: str) -> str:
    """Expected citizens by calendar year; what concerns a queue only where there is one."""
    s = content.service
    series = [("inflow", s.inflow, 0), ("served", s.served, 0)]
    if s.waiting.max(initial=0) >= 0.5 or s.left.sum() >= 0.5:
        wait = np.where(s.served >= FEW, s.mean_wait, np.nan)  # the mean over a citizen or two says nothing
        series += [("waiting", s.waiting, 0), ("left", s.left, 0), ("mean_wait", wait, 1)]
    if np.isfinite(s.capacity).all():
        series.append(("places", s.capacity, 0))
    columns = [Column(say("case_year", language)), *(Column(say(key, language), True) for key, *_ in series)]
    rows: list[Row] = [
        [str(year), *(write_number(values[y], language, decimals=digits) for _, values, digits in series)]
        for y, year in enumerate(s.years)
    ]
    return _table(columns, rows, say("citizens_heading", language))


def _effects(content: CaseContent, language: str) -> str:
    heads = (("effect", False), ("unit", False), ("case_difference", True), ("interval_80", True), ("better", False))
    columns = [Column(say(key, language), number) for key, number in heads]
    rows: list[Row] = []
    for x in content.effects:
        decimals = 0 if abs(x.mean) >= 100 else 1
        rows.append(
            [
                x.label[language],
                unit_name(x.unit, language),
                write_number(x.mean, language, decimals=decimals, with_sign=True),
                write_interval(x.lo, x.hi, language, decimals=decimals),
                say("more" if x.more_is_better else "fewer", language),
            ]
        )
    return _table(columns, rows, say("effects_heading", language))


def _sources(content: CaseContent, language: str, caption: str, kinds: Collection[str]) -> str:
    """Figures of these kinds that the result rests on, with value and source; those of dated rules with their date."""
    if content.sources is None:
        return ""
    columns = [Column(say(key, language)) for key in ("case_parameter", "value", "interval_95", "kind", "source")]
    here = _set_figures(content)
    rows: list[Row] = []
    for x in content.sources.to_dict("records"):
        if x["kind"] not in kinds:
            continue
        name = str(x["name"])
        labels = content.parameter_labels
        name = labels[name][language] if name in labels else name.replace("_", " ")
        if x.get("since"):
            name += f" ({say('since', language, date=write_date(date.fromisoformat(str(x['since'])), language))})"
        kind = f"kind_{x['kind']}"
        kind_text = say(kind, language) if is_word(kind, language) else str(x["kind"])
        address = str(x.get("address") or "")
        unit = str(x.get("unit") or "")
        number = isinstance(x["value"], int | float)
        value = write_number(x["value"], language) if number else str(x["value"])
        value += f"{SPACE}{unit_name(unit, language)}" if unit not in PLAIN_UNITS else ""
        ends = MISSING if x["lo"] == x["hi"] else write_interval(x["lo"], x["hi"], language)
        note = note_of(content.parameter_notes, str(x.get("note") or MISSING), language)
        if note.startswith("set here (") and str(x["name"]) in here:
            note = set_here(here[str(x["name"])], language)
        rows.append([name, value, ends, kind_text, Cell(str(x["source"] or note), tuple(address.split()))])
    return _table(columns, rows, say(caption, language))


def _set_figures(content: CaseContent) -> dict[str, dict[str, object]]:
    """What the case set in the place of the model's figures, by name."""
    rows = [] if content.differences is None else content.differences.to_dict("records")
    return {str(row["name"]): {str(key): value for key, value in row.items()} for row in rows}
