"""Several case results put side by side on shared draws, and the files of the comparison."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from costeff.catalogue import languages
from costeff.files import write_folder
from costeff.investment import measures
from costeff.investment.choice import check_choice, one_decider, overlap
from costeff.investment.compare import (
    best_portfolio,
    first_outlay,
    present_values,
    probability_best,
    ranking,
    shared_draws,
)
from costeff.investment.report.comparison import write_cases_report
from costeff.investment.report.comparison_content import CasesContent, Size
from costeff.investment.report.comparison_sentences import cases_sentences
from costeff.investment.report.content_of_case import payback_spread, sums
from costeff.investment.report.differences import differences
from costeff.investment.report.effect import spread
from costeff.investment.report.origin import stamp_of
from costeff.investment.report.write import print_or_tell, write_table
from costeff.labels import Label, joined, worded
from costeff.reporting.run_facts import with_run

if TYPE_CHECKING:
    import pandas as pd

    from costeff.investment import CashFlow
    from costeff.investment.result import CaseResultData
    from costeff.reporting.browser import Browser


PAGE, PRINT = "cases.html", "cases.pdf"


def cases_content(
    results: Sequence[CaseResultData], parties: str | None = None, limits: Sequence[float] = ()
) -> CasesContent:
    """Cases side by side: what differs, ranked for `parties` (default: those of their model's first perspective), best
    for whom, and chosen together under each of `limits` (money, on what the expected profile needs; none: no limit). Of
    cases that may reach the same citizens at most one is chosen.

    Raises ResultError when the cases do not share draws, seed, price year and calendar years, when names repeat, and
    when nobody can choose between them (`investment.choice.check_choice`).
    """
    check_choice(results)
    by_name = {r.case.name: r for r in results}
    if parties is None:
        parties = one_decider({r.case.name: r.decider for r in results})
    cash = {name: r.cash for name, r in by_name.items()}
    draws = shared_draws(cash)
    first = results[0]
    members = {name: first.members(name) for name in _payers(first, parties)}
    citizen_overlap = overlap(results)
    own = members[parties]
    return CasesContent(
        names=tuple(by_name),
        titles=_titles(results),
        decider=parties,
        payers=_payer_labels(results, list(members)),
        ranking=ranking(cash, own),
        best={name: probability_best(cash, who) for name, who in members.items()},
        worth={
            name: dict(zip(by_name, map(float, present_values(cash, who).mean(axis=0)), strict=True))
            for name, who in members.items()
        },
        years=first.years,
        net={name: r.net(parties).mean(axis=0) for name, r in by_name.items()},
        payback={name: payback_spread(r.payback(parties)) for name, r in by_name.items()},
        served={name: r.citizens_served for name, r in by_name.items()},
        portfolios=[
            best_portfolio(cash, own, limit, apart=citizen_overlap.pairs) for limit in sorted(set(limits)) or [math.inf]
        ],
        apart=citizen_overlap.groups,
        declared=citizen_overlap.declared,
        unknown=citizen_overlap.unknown,
        differences=differences(results),
        sizes={name: _size(r, parties) for name, r in by_name.items()},
        price_year=first.case.price_year,
        currency=first.currency,
        draws=draws,
        replicates=first.cash.replicates,
        seed=first.seed,
        stamp=replace(stamp_of(first), author="", version=""),
        same=_same(cash),
    )


def _same(cash: Mapping[str, CashFlow]) -> list[tuple[str, ...]]:
    """Sets of two cases or more that move the same money in every draw and year."""
    groups: list[list[str]] = []
    for name, flow in cash.items():
        home = next((g for g in groups if _alike(cash[g[0]], flow)), None)
        if home is None:
            groups.append([name])
        else:
            home.append(name)
    return [tuple(group) for group in groups if len(group) > 1]


def _alike(one: CashFlow, other: CashFlow) -> bool:
    def moves(cash: CashFlow) -> list[tuple[str, str, str]]:
        return [(x.item, x.payer, x.recipient) for x in cash.lines]

    return (
        moves(one) == moves(other)
        and np.array_equal(one.usual, other.usual)
        and np.array_equal(one.programme, other.programme)
    )


def _size(result: CaseResultData, parties: str) -> Size:
    members = result.members(parties)
    cost = float(measures.programme_cost(result.cash, members).mean())
    worth, citizens = float(result.npv(parties).mean()), result.citizens_served
    need, year = result.expected_financing(parties)
    return Size(
        served=citizens,
        cost=cost,
        per_citizen=worth / citizens if citizens > 0 else math.nan,
        per_krone=worth / cost if cost > 0 else math.nan,
        outlay=first_outlay(result.cash, members),
        need=need,
        need_year=year,
        deficit=spread(result.peak_financing(parties), result.cash.replicates).hi,
    )


def _titles(results: Sequence[CaseResultData]) -> dict[str, Label]:
    """Titles by case; those that several share get the case's name too."""
    every = [r.case.title for r in results]
    return {
        r.case.name: r.case.title
        if every.count(r.case.title) == 1
        else worded("title_of_case", title=r.case.title, name=r.case.name)
        for r in results
    }


def _payer_labels(results: Sequence[CaseResultData], names: Sequence[str]) -> dict[str, Label]:
    """Names of payers for people; where cases call one of them differently, all its names."""
    labels_by_payer = {}
    for name in names:
        labels = list(dict.fromkeys(r.labels.get(name) or r.parties[name] for r in results))
        labels_by_payer[name] = joined(" / ", labels)
    return labels_by_payer


def _payers(result: CaseResultData, parties: str) -> list[str]:
    """For whom the best case is told: who decides, the sums, then parties outside the municipality."""
    inside = set(result.groups.get("municipal_with_tax", ()))
    names = [parties, *sums(result), *(name for name in result.parties if name not in inside)]
    return list(dict.fromkeys(names))


def write_cases(
    content: CasesContent,
    folder: str | os.PathLike[str],
    language: str = "en",
    *,
    pdf: bool = True,
    browser: Browser | None = None,
) -> tuple[list[str], list[str]]:
    """Write cases.html, cases.pdf, the tables as CSV and cases.json; returns their names, and what to tell.

    `browser` prints, or one that is started for it.
    Raises ResultError when the folder cannot be written; then nothing in it has changed.
    """
    messages: list[str] = []

    def make(draft_folder: Path) -> None:
        page = write_cases_report(content, draft_folder / PAGE, language)
        if pdf:
            messages.extend(print_or_tell(page, draft_folder / PRINT, language, browser))
        for name, frame in _frames(content).items():
            write_table(frame, draft_folder / f"{name}.csv", language)
        text = json.dumps(with_run(_summary(content)), indent=1, allow_nan=False, ensure_ascii=False)
        (draft_folder / "cases.json").write_text(text + "\n", encoding="utf-8")

    files = write_folder(folder, make, kind="comparison")
    return files.names, messages + files.notes(language)


def _frames(content: CasesContent) -> dict[str, pd.DataFrame]:
    import pandas as pd

    best = [{"party": p, "case": n, "probability_best": v} for p, row in content.best.items() for n, v in row.items()]
    worth = [{"party": p, "case": n, "npv": v} for p, row in content.worth.items() for n, v in row.items()]
    sizes = [{"case": n, **asdict(x)} for n, x in content.sizes.items()]
    differing = [{"aspect": str(x.label), **{n: str(x.values[n]) for n in content.names}} for x in content.differences]
    net = [
        {"case": n, "year": year, "net": float(content.net[n][y])}
        for n in content.names
        for y, year in enumerate(content.years)
    ]
    portfolios = [
        {
            "limit": x.limit,
            "cases": " ".join(x.cases),
            "npv": x.mean,
            "lo_80": x.lo,
            "hi_80": x.hi,
            "probability_gain": x.gains,
            "financing_need": x.financing,
            "deficit_1_of_10": x.deficit,
            "outlay_first_year": x.outlay,
        }
        for x in content.portfolios
    ]
    return {
        "ranking": content.ranking,
        "best": pd.DataFrame(best),
        "worth": pd.DataFrame(worth),
        "net_by_year": pd.DataFrame(net),
        "portfolios": pd.DataFrame(portfolios),
        "sizes": pd.DataFrame(sizes),
        "differences": pd.DataFrame(differing, columns=["aspect", *content.names]),
    }


def _summary(content: CasesContent) -> dict[str, Any]:
    def number(value: Any) -> Any:
        return None if isinstance(value, float) and not math.isfinite(value) else value

    rows = content.ranking.to_dict("records")
    return {
        "cases": {n: content.titles[n].texts() for n in content.names},
        "date": content.stamp.made_on.isoformat() if content.stamp else None,
        "costeff": content.stamp.costeff if content.stamp else None,
        "individuals": content.stamp.individuals if content.stamp else None,
        "parties": content.decider,
        "draws": content.draws,
        "seed": content.seed,
        "price_year": content.price_year,
        "ranking": [{str(k): number(v) for k, v in row.items()} for row in rows],
        "probability_best": content.best,
        "expected_npv": content.worth,
        "differences": [
            {"label": x.label.texts(), "values": {n: str(x.values[n]) for n in content.names}}
            for x in content.differences
        ],
        "sizes": {n: {k: number(v) for k, v in asdict(x).items()} for n, x in content.sizes.items()},
        "same_cash_flow": [list(group) for group in content.same],
        "same_citizens": {
            "at_most_one_of": [list(group) for group in content.apart],
            "declared": [list(pair) for pair in content.declared],
            "unknown": [list(pair) for pair in content.unknown],
        },
        "portfolios": [
            {
                "limit": number(x.limit),
                "cases": list(x.cases),
                "npv": x.mean,
                "probability_gain": x.gains,
                "financing_need": x.financing,
                "deficit_1_of_10": number(x.deficit),
                "outlay_first_year": x.outlay,
            }
            for x in content.portfolios
        ],
        "sentences": {x: cases_sentences(content, x) for x in languages()},
    }
