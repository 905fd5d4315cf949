"""Writes a `SoemCase` as an exchange table (CSV or XLSX), from which `read_soem` gives the very same case back.

And a case's cash flow in SØM's form: each municipal, regional and state line as a cost or a consequence by year.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from costeff.catalogue import check_language
from costeff.documents.numerals import two_ways
from costeff.errors import ResultError, ScenarioError
from costeff.files import FIXED, stated_time, write_whole
from costeff.files.cells import guarded
from costeff.investment.cash import CashFlow
from costeff.investment.result import CaseResultData
from costeff.investment.soem.form import COLUMNS, SETTINGS, TEXTS, is_danish, words
from costeff.investment.soem.form_of_costs import PAYERS, Consequence, Cost, Price, SoemCase
from costeff.investment.soem.xlsx import SHEET


def soem_rows(case: SoemCase, language: str = "en") -> list[dict[str, Any]]:
    """The table as rows, English column name to text, whole number or float; empty cells are left out."""
    check_language(language)
    record, setting, payer = (words(group, language) for group in ("records", "settings", "payers"))
    rows: list[dict[str, Any]] = []
    for name in SETTINGS:
        value = getattr(case, name)
        if value is None or value == "":
            continue
        row = {"record": record["setting"], "item": setting[name], "label" if name in TEXTS else "value": value}
        rows.append(row | {"source": case.sources.get(name, "")})
    for name, label in case.more_payers.items():
        rows.append({"record": record["payer"], "item": name, "label": label})
    for year, number in case.index.items():
        source = case.sources.get(f"index {year}", "")
        rows.append({"record": record["index"], "year": year, "value": number, "source": source})
    for part in case.parts:
        row = {"item": part.item, "label": part.label, "value": part.amount, "source": part.source}
        if isinstance(part, Cost):
            kind = "cost_per_participant" if part.per_participant else "cost"
            row |= {"year": part.year, "payer": payer.get(part.payer, part.payer)}
        elif isinstance(part, Consequence):
            kind = "consequence"
            row |= {"year": part.year, "unit": part.unit}
        else:
            kind = "price"
            row |= {"payer": payer.get(part.payer, part.payer), "price_year": part.price_year}
        rows.append({"record": record[kind]} | row)
    return [{c: row[c] for c in COLUMNS if row.get(c, "") != ""} for row in rows]


def soem_csv(case: SoemCase, language: str = "en") -> str:
    """The table as CSV: English with commas and decimal points, Danish with semicolons and decimal commas."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";" if is_danish(language) else ",", lineterminator="\n")
    writer.writerow(words("columns", language).values())
    for row in soem_rows(case, language):
        writer.writerow([_text(row.get(column, ""), language) for column in COLUMNS])
    return out.getvalue()


def _text(value: Any, language: str) -> str:
    """Numbers with every digit that tells them from their neighbours; texts that no spreadsheet executes."""
    if isinstance(value, str):
        return str(guarded(value))
    text = repr(float(value)).removesuffix(".0") if isinstance(value, float) else str(value)
    text += "0" if two_ways(text) else ""  # 1.125 alone could be 1125
    return text.replace(".", ",") if is_danish(language) else text


def write_soem(case: SoemCase, path: str | os.PathLike[str], language: str = "en") -> None:
    """Write `case` as .csv or .xlsx. Danish CSV begins with a byte-order mark, by which Excel knows its letters.

    Raises ScenarioError for another ending or language, ResultError when the file cannot be written.
    """
    file = Path(path)
    if file.suffix.lower() == ".csv":
        table_bytes = soem_csv(case, language).encode("utf-8-sig" if is_danish(language) else "utf-8")
    elif file.suffix.lower() == ".xlsx":
        table_bytes = _xlsx(soem_rows(case, language), language)
    else:
        raise ScenarioError(
            "unknown kind of file", value=file.name, rule=".csv or .xlsx", way_out="end the name with one of them"
        )
    try:
        write_whole(table_bytes, file)
    except OSError as error:
        raise ResultError(
            "the table cannot be written", value=str(path), rule=str(error), way_out="choose another name"
        ) from error


class _Exact(float):
    """A number that is written with all its digits: xlsxwriter asks for 16, and a double has up to 17."""

    def __format__(self, _: str) -> str:
        return float.__repr__(self)


def _xlsx(rows: list[dict[str, Any]], language: str) -> bytes:
    import xlsxwriter

    # Text that begins with = or looks like a number or an address stays text.
    plain = {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True} | plain) as book:
        book.set_properties({"created": stated_time() or FIXED})
        sheet = book.add_worksheet(SHEET[language])
        bold = book.add_format({"bold": True, "bottom": 1})
        for i, heading in enumerate(words("columns", language).values()):
            sheet.write_string(0, i, heading, bold)
        for r, row in enumerate(rows, start=1):
            for i, column in enumerate(COLUMNS):
                if isinstance(row.get(column), str):
                    sheet.write_string(r, i, row[column])
                elif column in row:
                    sheet.write_number(r, i, _Exact(row[column]))
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, 1, 24)
        sheet.set_column(2, 2, 44)
        sheet.set_column(3, 7, 14)
        sheet.set_column(8, 8, 60)
    return out.getvalue()


def soem_case_of(
    cash: CashFlow,
    payers: Mapping[str, Collection[str]],
    *,
    title: str,
    target_group: str,
    participants: float,
    discount_rate: float,
    language: str = "en",
    source: str = "",
    currency: str = "money",
) -> SoemCase:
    """The expected cash flow (mean over draws) of a case in SØM's form; its identity gives back the net of each payer.

    `payers` maps each payer of the table to its parties, such as municipality to its departments. There is no binary
    success: every participant counts as one (difference 1), a consequence is kroner per participant and its price is
    1. Flows inside one payer cancel. Programme lines become costs.
    """
    if participants <= 0:
        raise ScenarioError("nobody takes part", value=participants, rule="participants above 0")
    costs: list[Cost] = []
    consequences: list[Consequence] = []
    prices: list[Price] = []
    change = (cash.programme - cash.usual).mean(axis=0)
    for payer, parties in payers.items():
        signs = np.array([(x.recipient in parties) * 1.0 - (x.payer in parties) for x in cash.lines])
        for item in dict.fromkeys(x.item for x, s in zip(cash.lines, signs, strict=True) if s):
            lines = [i for i, x in enumerate(cash.lines) if x.item == item and signs[i]]
            gain = change[:, lines] @ signs[lines]
            first_line = cash.lines[lines[0]]
            label = f"{first_line.label[language]}, {payer}"
            name = f"{item} {payer}"
            for year, amount in zip(cash.years, gain.tolist(), strict=True):
                if amount and first_line.programme:
                    costs.append(Cost(name, year, payer, -amount, label=label, source=source))
                elif amount:
                    per_head = amount / participants
                    consequences.append(Consequence(name, year, per_head, currency, label, source))
            if any(x.item == name for x in consequences):
                prices.append(Price(name, payer, 1.0, cash.price_year, label, source))
    return SoemCase(
        title,
        target_group,
        participants,
        1.0,
        cash.years[0],
        discount_rate,
        tuple(costs),
        tuple(consequences),
        tuple(prices),
        price_level=cash.price_year,
        more_payers={name: name for name in payers if name not in PAYERS},
    )


def case_soem(result: CaseResultData, language: str = "en", *, with_tax: bool = False) -> SoemCase:
    """An investment case's expected cash flow in SØM's form, by municipality, region and state.

    The municipality is its departments, `with_tax` with its tax account too. Discounting is by one yearly rate, so a
    case whose rate changes within its horizon is refused.
    """
    group = "municipal_with_tax" if with_tax else "municipal"
    payers = {"municipality": result.members(group), "region": ("region",), "state": ("state",)}
    discount = result.cash.discount
    rate = float(discount[0] / discount[1] - 1) if len(discount) > 1 else 0.0
    if not np.allclose(discount, (1 + rate) ** -np.arange(len(discount)), rtol=1e-9, atol=0):
        raise ScenarioError(
            "the discount rate changes within the horizon",
            value=[round(float(x), 4) for x in discount],
            rule="a SØM-style table has one yearly rate",
            way_out="shorten the horizon to where the first rate holds",
        )
    rules = f", {result.rules}" if result.rules else ""
    about = result.case.about.get("target_group")  # for whom it is, where the case says so
    return soem_case_of(
        result.cash,
        {name: parties for name, parties in payers.items() if set(parties) <= set(result.parties)},
        title=result.case.title[language],
        target_group=about[language] if about else f"{result.case.scenario} ({result.case.name})",
        participants=result.citizens_served,
        discount_rate=rate,
        language=language,
        source=f"costeff, {result.case.name}{rules}",
        currency=result.currency,
    )
