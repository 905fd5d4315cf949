"""A roll-out as tables of a terminal: who is reached when and where, what is paid in any case, and for whom it pays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from costeff.catalogue import say
from costeff.labels import Label
from costeff.reporting.numbers import limit_error, write_money, write_number, write_percent
from costeff.rollout.rollout import Rollout, mean_error


def rollout_text(of: Rollout, labels: dict[str, Label], currency: str, price_year: int, language: str) -> str:
    """The roll-out in words and three tables; `labels` are those of the perspectives, in the model's order."""
    plan = of.plan
    parts = [rollout_heading(of, language)]
    if plan.note:
        parts.append(plan.note[language])
    parts += ["", say("rollout_reach", language), *_aligned(reach_rows(of, language))]
    parts.append(people_reached(of, language))
    parts += ["", say("rollout_money", language, currency=currency, price_year=price_year)]
    parts += _aligned(money_rows(of, labels, language))
    parts += ["", say("rollout_pace", language)]
    return "\n".join(parts)


def rollout_heading(of: Rollout, language: str) -> str:
    """Which years and how many municipalities."""
    plan = of.plan
    last = plan.first_year + plan.years - 1
    return say("rollout_head", language, first=plan.first_year, last=last, places=len(plan.municipalities))


def people_reached(of: Rollout, language: str) -> str:
    """How many people are reached in all, with their interval over draws."""
    people = of.reached.sum(axis=(1, 2))
    low, high = np.quantile(people, [0.025, 0.975])
    sums = {"number": people.mean(), "low": low, "high": high}
    return say("rollout_reached", language, **{k: write_number(v, language, decimals=0) for k, v in sums.items()})


def reach_rows(of: Rollout, language: str) -> list[list[str]]:
    """By municipality the mean share reached in each year; a year without project money is marked."""
    mean = of.reach.mean(axis=0)
    rows = [[say("rollout_municipality", language), *map(str, of.years)]]
    for place, row in zip(of.plan.municipalities, mean, strict=True):
        ends = of.plan.years if place.ends is None else place.ends
        cells = [write_percent(share, language) + ("" if y < ends else "*") for y, share in enumerate(row)]
        rows.append([place.label[language], *cells])
    return rows


def money_rows(of: Rollout, labels: dict[str, Label], language: str) -> list[list[str]]:
    """By perspective the extra cost of the roll-out, its interval, the fixed part, and the slowest pace that pays."""
    keys = ("view", "cost", "interval", "fixed", "per_citizen", "slowest")
    rows = [[say(f"rollout_{key}", language) for key in keys]]
    for row in of.by_perspective().to_dict("records"):
        name = str(row["perspective"])
        error, each = row["mcse"], of.cost[name]
        errors = {"cost": error, "lo": limit_error(error), "hi": limit_error(error), "fixed": error}
        money = [write_money(row[key], language, error=e, with_sign=True) for key, e in errors.items()]
        rows.append(
            [
                labels[name][language],
                money[0],
                say("rollout_between", language, low=money[1], high=money[2]),
                money[3],
                write_money(float(each.mean()), language, error=mean_error(each), with_sign=True),
                _pace(of.slowest(name), language),
            ]
        )
    return rows


def _pace(constant: float, language: str) -> str:
    if np.isnan(constant):
        return say("rollout_never", language)
    if np.isinf(constant):
        return say("rollout_always", language)
    return say("rollout_years", language, years=write_number(constant, language, decimals=1))


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [
        "  ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
