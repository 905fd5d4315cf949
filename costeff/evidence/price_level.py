"""All money of evidence at the prices of one year, by the index that each figure names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from costeff.errors import EvidenceError
from costeff.evidence.distributions.joint import Group
from costeff.evidence.parameter import Parameter
from costeff.evidence.prices import PriceIndex
from costeff.evidence.tables import Table
from costeff.problems import raise_all
from costeff.units import currency, is_money


def at_prices(
    parameters: Mapping[str, Parameter],
    groups: Mapping[str, Group],
    tables: Mapping[str, Table],
    index: PriceIndex | None,
    year: int,
) -> tuple[dict[str, Parameter], dict[str, Group], dict[str, Table]]:
    """Parameters, groups and tables by name at the prices of `year`: as `Evidence.at_prices`, which documents it."""
    money = [p for p in parameters.values() if is_money(p.unit)]
    money_tables = [t for t in tables.values() if is_money(t.unit)]
    _check_movable(index, [*money, *money_tables], year)
    factors: dict[str, float] = {}
    parameters, groups, tables = dict(parameters), dict(groups), dict(tables)
    for p in money:
        factors[p.name], note = _price_factor(index, p.price_year, year, p.price_note, p.index)
        parameters[p.name] = replace(p, price_note=note)
    for name, group in groups.items():
        groups[name] = group.scaled(factors)
    for p in money:
        if p.price_year not in (None, year):
            spread = groups[p.group].marginal(p.name) if p.group else p.spread.scaled(factors[p.name])
            parameters[p.name] = parameters[p.name].scaled(factors[p.name], year, spread)
    for name, p in parameters.items():
        if p.replaces is not None:
            parameters[name] = replace(p, replaces=_comparable(index, p.replaces, year))
    for t in money_tables:
        factor, note = _price_factor(index, t.price_year, year, t.price_note)
        tables[t.name] = t.scaled(factor, year, note)
    return parameters, groups, tables


def _comparable(index: PriceIndex | None, p: Parameter, year: int) -> Parameter:
    """A parameter that another figure replaced, at the prices of that figure; as it is where no index leads there,
    since nothing is computed from it and its price year is shown beside it."""
    if not is_money(p.unit):
        return p
    try:
        factor, note = _price_factor(index, p.price_year, year, p.price_note, p.index)
    except EvidenceError:
        return p
    at_year = p if p.price_year in (None, year) else p.scaled(factor, year, p.spread.scaled(factor))
    return replace(at_year, price_note=note)


def _price_factor(
    price_index: PriceIndex | None, from_year: int | None, year: int, before: str, name: str = ""
) -> tuple[float, str]:
    index = price_index.named(name) if price_index is not None else None
    if from_year is None or from_year == year or index is None:
        return 1.0, before or f"stated in {year} prices"
    factor = index.factor(from_year, year)
    note = f"moved from {from_year} to {year} prices by {index.name}, factor {factor:.6f}"
    kinds = sorted({index.kinds.get(y, "") for y in (from_year, year)} & {"assumption", "derived", "recalled"})
    note += f" (index values: {', '.join(kinds)})" if kinds else ""
    return factor, f"{before}; {note}" if before else note


def _check_movable(index: PriceIndex | None, money: Iterable[Parameter | Table], year: int) -> None:
    away = [m for m in money if m.price_year != year]
    if away and index is None:
        what = "is in prices of another year, and there is no price index"
        rule = "money moves between years by a named index"
        way_out = "name a price_index in the parameter file, or ask for another year"
        requests = [(m, f"{m.price_year}, asked for {year}") for m in away]
        raise_all(
            [
                EvidenceError(f"{m.name!r} {what}", where=m.place, value=value, rule=rule, way_out=way_out)
                for m, value in requests
            ],
            "evidence",
        )
    currencies = {currency(m.unit): m.name for m in away}
    if len(currencies) > 1:
        raise EvidenceError(
            "one price index would move several currencies",
            where=away[0].place,
            value=", ".join(f"{unit} ({name})" for unit, name in currencies.items()),
            rule="an index belongs to one currency",
            way_out="convert the figures to one currency in the file",
        )
