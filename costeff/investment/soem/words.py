"""A SØM-style result as text, in English or Danish: who pays and gains, by year and by item, with its notice."""

from __future__ import annotations

from collections.abc import Sequence

from costeff.investment.soem.form_of_costs import NOTICE, PAYERS, SoemResult
from costeff.reporting.numbers import check_language, write_number, write_percent

_WORDS = {
    "head": ("SØM-style calculation", "Beregning efter SØM-princippet"),
    "target": ("Target group", "Målgruppe"),
    "participants": ("Participants", "Deltagere"),
    "difference": ("Difference in success", "Succesforskel"),
    "extra": ("Extra successes", "Ekstra succeser"),
    "level": ("kroner at {year} prices", "kroner i {year}-priser"),
    "current": ("kroner at each year's prices", "kroner i årets priser"),
    "discounted": (
        "Discounted to {year} at {rate} a year",
        "Diskonteret til {year} med {rate} om året",
    ),
    "budget": ("Net gain by year, not discounted", "Nettogevinst pr. år, ikke diskonteret"),
    "items": ("Gain by item, discounted", "Gevinst pr. post, diskonteret"),
    "payer": ("Payer", "Aktør"),
    "item": ("Item", "Post"),
    "cost": ("Cost of the programme", "Indsatsens udgift"),
    "gross": ("Gross saving", "Bruttobesparelse"),
    "net": ("Net gain", "Nettogevinst"),
    "public": ("All payers", "Alle aktører"),
    "per_success": ("Cost for each extra success", "Udgift pr. ekstra succes"),
    "sign": (
        "+ is a gain for the payer, - an expense.",
        "+ er en gevinst for aktøren, - en udgift.",
    ),
}
_NAMES = {"municipality": "Municipality", "region": "Region", "state": "State"}


def soem_text(result: SoemResult, language: str = "en") -> str:
    """The result as plain text; discounted and undiscounted figures stand in tables of their own."""
    at = ("en", "da").index(check_language(language))
    case = result.case
    said = {key: pair[at] for key, pair in _WORDS.items()}

    def number(value: float) -> str:
        return write_number(value, language, decimals=0)

    names = {p: _payer(result, p, language) for p in result.payers}
    prices = said["current"] if case.price_level is None else said["level"].format(year=case.price_level)
    head = [
        f"{said['head']}: {case.title}" if case.title else said["head"],
        f"{said['target']}: {case.target_group}",
        f"{said['participants']}: {write_number(case.participants, language)}; {said['difference']}: "
        f"{write_percent(case.success_difference, language, decimals=2)}; {said['extra']}: "
        f"{write_number(result.extra_successes, language)}",
        f"{said['per_success']}: {number(result.cost_per_success)} ({prices})",
    ]
    rate = write_percent(case.discount_rate, language, decimals=1)
    first = said["discounted"].format(year=case.start_year, rate=rate) + f", {prices}"
    money = [
        [name, number(-result.cost(p)), number(result.gross(p)), number(result.net(p))]
        for p, name in names.items()
    ]
    money.append([said["public"], *map(number, (-result.cost(), result.gross(), result.net()))])
    totals = result.amount.sum(axis=2)
    years = [[name, *map(number, row)] for name, row in zip(names.values(), totals.tolist(), strict=True)]
    years.append([said["public"], *map(number, totals.sum(axis=0).tolist())])
    by_item = (result.amount * result.discount[None, :, None]).sum(axis=1)
    items = [
        [case.label(item), *map(number, column.tolist()), number(float(column.sum()))]
        for item, column in zip(result.items, by_item.T, strict=True)
    ]
    return "\n\n".join(
        [
            "\n".join(head),
            first + "\n" + _columns([said["payer"], said["cost"], said["gross"], said["net"]], money),
            f"{said['budget']}, {prices}\n" + _columns([said["payer"], *map(str, result.years)], years),
            f"{said['items']}\n" + _columns([said["item"], *names.values(), said["public"]], items),
            f"{said['sign']} {NOTICE[language][0].upper()}{NOTICE[language][1:]}.",
        ]
    )


def _payer(result: SoemResult, payer: str, language: str) -> str:
    if payer in PAYERS:
        return PAYERS[payer].capitalize() if language == "da" else _NAMES[payer]
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
