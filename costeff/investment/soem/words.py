"""A SØM-style result as text, in English or Danish: who pays and gains, by year and by item, with its notice."""

from __future__ import annotations

from collections.abc import Sequence

from costeff.catalogue import say
from costeff.investment.soem.form_of_costs import PAYERS, SoemResult
from costeff.reporting.numbers import write_number, write_percent


def soem_text(result: SoemResult, language: str = "en") -> str:
    """The result as plain text; discounted and undiscounted figures stand in tables of their own."""
    case = result.case

    def word(key: str, **fields: object) -> str:
        return say(f"soem_{key}", language, **fields)

    def number(value: float) -> str:
        return write_number(value, language, decimals=0)

    names = {p: _payer(result, p, language) for p in result.payers}
    prices = word("current") if case.price_level is None else word("level", year=case.price_level)
    head = [
        f"{word('head')}: {case.title}" if case.title else word("head"),
        f"{word('target')}: {case.target_group}",
        f"{word('participants')}: {write_number(case.participants, language)}; {word('difference')}: "
        f"{write_percent(case.success_difference, language, decimals=2)}; {word('extra')}: "
        f"{write_number(result.extra_successes, language)}",
        f"{word('per_success')}: {number(result.cost_per_success)} ({prices})",
    ]
    rate = write_percent(case.discount_rate, language, decimals=1)
    first = word("discounted", year=case.start_year, rate=rate) + f", {prices}"
    money = [
        [name, number(-result.cost(p)), number(result.gross(p)), number(result.net(p))] for p, name in names.items()
    ]
    money.append([word("public"), *map(number, (-result.cost(), result.gross(), result.net()))])
    totals = result.amount.sum(axis=2)
    years = [[name, *map(number, row)] for name, row in zip(names.values(), totals.tolist(), strict=True)]
    years.append([word("public"), *map(number, totals.sum(axis=0).tolist())])
    by_item = (result.amount * result.discount[None, :, None]).sum(axis=1)
    items = [
        [case.label(item), *map(number, column.tolist()), number(float(column.sum()))]
        for item, column in zip(result.items, by_item.T, strict=True)
    ]
    notice = word("notice")
    return "\n\n".join(
        [
            "\n".join(head),
            first + "\n" + _columns([word("payer"), word("cost"), word("gross"), word("net")], money),
            f"{word('budget')}, {prices}\n" + _columns([word("payer"), *map(str, result.years)], years),
            f"{word('items')}\n" + _columns([word("item"), *names.values(), word("public")], items),
            f"{word('sign')} {notice[0].upper()}{notice[1:]}.",
        ]
    )


def _payer(result: SoemResult, payer: str, language: str) -> str:
    if payer in PAYERS:
        return say(f"soem_payer_{payer}", language)
    return result.case.more_payers[payer] or payer


def _columns(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Text in columns: the first to the left, the others to the right."""
    table = [heads, *rows]
    widths = [max(len(row[i]) for row in table) for i in range(len(heads))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in table
    )
