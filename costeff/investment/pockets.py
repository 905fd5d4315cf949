"""Wrong pockets: who pays, who gains, and the smallest transfers after which no public payer loses. Present values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from costeff.analysis.intervals import interval
from costeff.investment import measures

if TYPE_CHECKING:
    from costeff.investment.result import CaseResultData


NEAREST = ("municipal", "municipal_with_tax", "public")  # who pays a loser first: its own house


def wrong_pockets(result: CaseResultData) -> pd.DataFrame:
    """One row per group and party: `programme_cost`, `gain` and their difference `npv`, expected, with a 95 %
    interval (`lo`, `hi`), `probability` of a gain, and `share` of the expected public gain (NaN when that is 0
    or below).

    `kind` is "group" or "party". Groups overlap: only parties sum to the whole.

    Parameters
    ----------
    result : CaseResult
        The case that is read.

    Returns
    -------
    pandas.DataFrame
        One row per group and party.

    Examples
    --------
    >>> from costeff import invest
    >>> case = invest("tki2-aarhus-investment", draws=2, individuals=10, progress=False)
    >>> table = case.wrong_pockets()
    >>> bool(((table["gain"] - table["programme_cost"] - table["npv"]).abs() < 1).all())
    True
    """
    public = float(result.npv("public").mean()) if "public" in result.groups else float("nan")
    inside = set(result.groups.get("public", ()))
    rows = []
    for kind, names in (("group", result.groups), ("party", result.parties)):
        for name in names:
            members = result.members(name)
            value = result.npv(name)
            low, high = interval(value)
            has_share = public > 0 and set(members) <= inside
            rows.append(
                {
                    "kind": kind,
                    "name": name,
                    "programme_cost": float(measures.programme_cost(result.cash, members).mean()),
                    "gain": float((measures.gain(result.cash, members) @ result.cash.discount).mean()),
                    "npv": float(value.mean()),
                    "lo": float(low),
                    "hi": float(high),
                    "probability": float((value > 0).mean()),
                    "share": float(value.mean()) / public if has_share else float("nan"),
                }
            )
    return pd.DataFrame(rows)


def transfers(result: CaseResultData) -> pd.DataFrame:
    """Smallest payments `amount` (present value) from `payer` to `recipient` after which every public payer has an
    expected net present value of at least 0.

    Each loser is paid its loss and no more: first by gainers in its own municipality, then by its tax account, then by
    the rest of the public sector, within each in proportion to what they have gained. When the public sector as a whole
    loses, no transfers within it suffice: `attrs["shortfall"]` is what is missing.

    Parameters
    ----------
    result : CaseResult
        The case that is read.

    Returns
    -------
    pandas.DataFrame
        One row per payment.

    Examples
    --------
    >>> from costeff import invest
    >>> case = invest("tki2-aarhus-investment", draws=2, individuals=10, progress=False)
    >>> bool((case.transfers()["amount"] >= 0).all())
    True
    """
    worth = {name: float(result.npv(name).mean()) for name in result.groups.get("public", ())}
    slack = 1e-9 * max((abs(v) for v in worth.values()), default=0.0)
    rest = {name: value for name, value in worth.items() if value > slack}
    rows, shortfall = [], 0.0
    for loser in (name for name, value in worth.items() if value < -slack):
        missing = -worth[loser]
        for group in NEAREST:
            house = result.groups.get(group, ())
            if loser not in house and group != "public":
                continue
            able = {name: value for name, value in rest.items() if name in house and value > 0}
            total = sum(able.values())
            payment = min(missing, total)
            if payment <= 0:
                continue
            for name, value in able.items():
                amount = payment * value / total
                rest[name] -= amount
                rows.append({"payer": name, "recipient": loser, "amount": amount})
            missing -= payment
        shortfall += max(missing, 0.0)
    table = pd.DataFrame(rows, columns=["payer", "recipient", "amount"])
    table.attrs["shortfall"] = shortfall if shortfall > slack else 0.0
    return table
