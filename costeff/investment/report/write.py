"""Writes a case's files: pages, PDF, workbook, tables, JSON. All are made first and moved in together, or none is."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from costeff.catalogue import languages, say
from costeff.errors import ResultError
from costeff.files import write_folder
from costeff.files.cells import csv_text
from costeff.investment.note.write import has_note, write_note
from costeff.investment.report.case import write_case_report
from costeff.investment.report.content import CaseContent, Payback, Payer, Spread
from costeff.investment.report.content_of_case import case_content
from costeff.investment.report.origin import stamp_of
from costeff.investment.report.sentences import case_notes, case_sentences
from costeff.investment.report.target_groups import group_frame
from costeff.investment.report.workbook import case_workbook
from costeff.labels import Label
from costeff.reporting.differences import plain_differences
from costeff.reporting.images import write_page_images
from costeff.reporting.pdf import find_browser, print_pdf
from costeff.reporting.run_facts import with_run

if TYPE_CHECKING:
    import pandas as pd

    from costeff.investment.result import CaseResultData
    from costeff.reporting.browser import Browser


PAGE, PRINT, BOOK = "case.html", "case.pdf", "case.xlsx"


def write_case(
    result: CaseResultData,
    folder: str | os.PathLike[str],
    language: str = "en",
    *,
    pdf: bool = True,
    content: CaseContent | None = None,
    image: str | None = None,
    browser: Browser | None = None,
) -> tuple[list[str], list[str]]:
    """Write case.html, case.pdf, case.xlsx, the tables as CSV, and case.json; returns their names, and what to tell.

    `content` is the content of the pages where it is made already. The browser, or one of its own,
    prints beside the other files. With `image` (png, svg or pdf) each figure of the page is a still image too.

    To tell: why there is no PDF, and what became of files that were there before.

    Without a browser that prints there is no PDF, which is said and is no failure. Danish tables have decimal commas
    and semicolons, as spreadsheets with decimal commas read them. Raises ResultError when the folder cannot be
    written; then nothing in it has changed.
    """
    pages = content or case_content(result)
    messages: list[str] = []

    def make(draft_folder: Path) -> None:
        page = write_case_report(pages, draft_folder / PAGE, language)
        with ThreadPoolExecutor(1) as beside:
            printing = beside.submit(print_or_tell, page, draft_folder / PRINT, language, browser) if pdf else None
            noting = None
            if has_note(pages):
                noting = beside.submit(write_note, pages, draft_folder, language, pdf=pdf, browser=browser)
            if result.priced is not None:
                case_workbook(result, draft_folder / BOOK, language)
            for name, frame in case_frames(result, pages, language).items():
                write_table(frame, draft_folder / f"{name}.csv", language)
            summary = with_run(case_summary(result, pages))
            text = json.dumps(summary, indent=1, allow_nan=False, ensure_ascii=False)
            (draft_folder / "case.json").write_text(text + "\n", encoding="utf-8")
            if image:
                write_page_images(page, image)
            if noting is not None:
                noting.result()
            if printing is not None:
                messages.extend(printing.result())

    files = write_folder(folder, make, kind="case")
    return files.names, messages + files.notes(language)


def print_or_tell(page: Path, path: Path, language: str, browser: Browser | None = None) -> list[str]:
    """Print a page to PDF; when no browser does, what to tell the reader. A run is worth more than its PDF."""
    if find_browser() is None:
        return [say("no_browser", language, file=page.name)]
    try:
        print_pdf(page, path, browser)
    except ResultError as error:
        return [say("no_pdf", language, file=page.name, reason=error.rule or error.what)]
    return []


def write_table(frame: pd.DataFrame, path: Path, language: str) -> None:
    """A CSV file in the form that spreadsheets of the language read: with decimal commas, cells part at semicolons."""
    if say("mark_decimal", language) == ",":
        text = csv_text(frame, sep=";", decimal=",", lineterminator="\r\n")
        path.write_bytes(text.encode("utf-8-sig"))
    else:
        path.write_bytes(csv_text(frame, lineterminator="\n").encode())


def case_frames(result: CaseResultData, content: CaseContent, language: str) -> dict[str, pd.DataFrame]:
    """Tables by file name, full precision; undiscounted amounts (budget, cash, cumulated) in tables apart."""
    import pandas as pd

    years = [str(year) for year in content.years]
    who = [_flat(p, language) for p in content.payers]
    areas = [
        {"area": x.label[language], "start_up": x.start_up}
        | dict(zip(years, map(float, x.net), strict=True))
        | {"permanent": x.permanent}
        for x in content.areas
    ]
    departments = [
        {"department": x.department[language], "area": x.area[language], "frame": x.frame}
        | dict(zip(years, map(float, x.net), strict=True))
        for x in content.departments
        if len(content.by_name[content.decider].parties) > 1 or any(row.frame for row in content.departments)
    ]
    items = [
        {"item": x.label[language], "programme": x.programme}
        | dict(zip([p.name for p in content.payers], x.npv, strict=True))
        for x in content.items
    ]
    cash = result.cash
    lines = [
        {
            "year": year,
            "item": x.item,
            "label": x.label[language],
            "payer": x.payer,
            "recipient": x.recipient,
            "area": x.area,
            "programme_cost": x.programme,
            "usual": float(cash.usual[:, y, i].mean()),
            "programme": float(cash.programme[:, y, i].mean()),
        }
        for i, x in enumerate(cash.lines)
        for y, year in enumerate(cash.years)
    ]
    chances = [
        {
            "party": p.name,
            "within_years": n + 1,
            "expected": float(p.break_even[n]),
            "realised": float("nan") if p.realised is None else float(p.realised[n]),
        }
        for p in content.payers
        for n in range(len(years))
        if not np.isnan(p.break_even).all()
    ]
    path = [
        {
            "party": p.name,
            "year": year,
            "net": float(p.net[y]),
            "cumulated": float(p.path[y]),
            "cumulated_10": float(p.fan[0, y]),
            "cumulated_90": float(p.fan[-1, y]),
        }
        for p in content.payers
        for y, year in enumerate(content.years)
    ]
    s = content.service
    citizens = {
        "year": s.years,
        "inflow": s.inflow,
        "served": s.served,
        "left": s.left,
        "waiting": s.waiting,
        "places": s.capacity,
        "mean_wait_weeks": s.mean_wait,
    }
    frames = {
        "who_gains": pd.DataFrame(who),
        "budget": pd.DataFrame(areas),
        **({"budget_by_department": pd.DataFrame(departments)} if departments else {}),
        "items": pd.DataFrame(items),
        "cash": pd.DataFrame(lines),
        "cumulated": pd.DataFrame(path),
        "payback": pd.DataFrame(chances),
        "citizens": pd.DataFrame(citizens),
        **({"target_groups": group_frame(content, language)} if content.target_groups else {}),
    }
    if content.sources is not None:
        frames["sources"] = content.sources
    return frames


def _flat(payer: Payer, language: str) -> dict[str, Any]:
    return {
        "party": payer.name,
        "label": payer.label[language],
        "sum": payer.total,
        "npv": payer.npv.mean,
        "mcse": payer.npv.error,
        "lo_80": payer.npv.lo,
        "hi_80": payer.npv.hi,
        "probability_gain": payer.npv.gains,
        "per_krone": payer.per_krone,
    }


def case_summary(result: CaseResultData, content: CaseContent) -> dict[str, Any]:
    """The content of case.json. An infinite payback time is 'never', one without an investment 'no investment'."""
    stamp = stamp_of(result)
    return {
        "case": content.case,
        "title": _both(content.title),
        "rules": _both(content.rules),
        "view": content.view,
        "years": list(content.years),
        "price_year": content.price_year,
        "currency": content.currency,
        "sign": say("sign", languages()[0]),
        "date": stamp.made_on.isoformat(),
        "author": stamp.author,
        "version": stamp.version,
        "costeff": stamp.costeff,
        "municipality": content.municipality,
        "price_index_projection": {str(year): growth for year, growth in content.price_growth.items()},
        "draws": result.draws,
        "individuals": result.individuals,
        "seed": result.seed,
        "citizens_served": content.citizens_served,
        "differences": [] if content.differences is None else plain_differences(content.differences),
        "noise_share": _number(content.noise),
        "payers": {p.name: _payer(p) for p in content.payers},
        "effects": [
            {"label": _both(x.label), "unit": x.unit, "mean": x.mean, "lo": _number(x.lo), "hi": _number(x.hi)}
            for x in content.effects
        ],
        "stated_costs": [
            {"label": _both(x.label), "stated": x.stated, "mean_of_draws": x.mean} for x in content.stated
        ],
        "smallest_effect": _number(content.smallest_effect),
        "scenarios": [
            {"label": _both(x.label), content.decider: x.npv, **({content.public: x.public} if content.public else {})}
            for x in content.scenarios
        ],
        "transfers": [dict(zip(("payer", "recipient", "amount"), x, strict=True)) for x in content.transfers],
        "sentences": {x: case_sentences(content, x) for x in languages()},
        "notes": {x: case_notes(content, x) for x in languages()},
    }


def _payer(payer: Payer) -> dict[str, Any]:
    return {
        "label": _both(payer.label),
        "parties": list(payer.parties),
        "npv": _spread(payer.npv),
        "net_by_year_undiscounted": [float(x) for x in payer.net],
        "payback_undiscounted": _payback(payer.payback),
        "payback_discounted": _payback(payer.payback_discounted),
        "break_even_probability": [_number(x) for x in payer.break_even],
        "break_even_probability_realised": None if payer.realised is None else [_number(x) for x in payer.realised],
        "financing_need": {"expected_profile": payer.need, "year": payer.need_year},
        "deepest_deficit_by_draw": _spread(payer.deficit),
        "permanent_change": None if payer.permanent is None else _spread(payer.permanent),
        "per_krone": _number(payer.per_krone),
        "largest_cost": _number(payer.largest_cost),
    }


def _both(label: Label) -> Mapping[str, str]:
    return label.texts()


def _spread(spread: Spread) -> dict[str, float | None]:
    return {name: _number(getattr(spread, name)) for name in ("mean", "error", "lo", "hi", "gains")}


def _payback(payback: Payback) -> dict[str, Any]:
    def years(value: float) -> float | str:
        return "no investment" if math.isnan(value) else "never" if math.isinf(value) else value

    times: dict[str, Any] = {name: years(getattr(payback, name)) for name in ("median", "lo", "hi")}
    return times | {"never": _number(payback.never)}


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
