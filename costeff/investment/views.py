"""Views of one cash flow: this municipality alone (marginal), all of them doing the same, citizens who move away.

A view adds lines, so that every measure, table and workbook reads it unchanged, and every added line is a transfer
between parties, so that totals over them stay as they are. Sizes: D draws, Y calendar years, L lines.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from costeff.errors import ResultError
from costeff.evidence.draw import Design
from costeff.investment.case import Case
from costeff.investment.cash import CashFlow, CashLine
from costeff.investment.costs import area_of
from costeff.labels import Label, same, worded
from costeff.rules import RuleSet

ADDED_AREA = "between_authorities"  # the budget area of added lines, until a case names another
BLOCK_GRANT = "block_grant"
OUT_MIGRATION = "out_migration"
OWN, OWN_WITH_TAX = "municipal", "municipal_with_tax"
"""Perspectives of a model: the departments of the municipality, and the same with its tax account."""


@dataclass(frozen=True)
class Added:
    """A line that is a sum over the cash flow's lines, each times `weight` (broadcast to (D, Y, L))."""

    line: CashLine
    weight: np.ndarray


def marginal(cash: CashFlow) -> CashFlow:
    """The cash flow as it is: what this municipality alone gains, while the block grant stays as it is."""
    return cash


def all_municipalities(
    cash: CashFlow,
    coverage: Mapping[str, float | np.ndarray],
    items: Mapping[str, Collection[str]],
    municipality: Collection[str],
    state: str = "state",
) -> CashFlow:
    """The same when all municipalities do it: the state takes back the covered share of what they save on a benefit.

    `coverage` is a share (or one per draw) by benefit, `items` the ledger items of each benefit. The spending is net of
    reimbursement and co-financing, since those are among the items. The block grant is booked as a payment of the state
    for the covered share of the net spending, under both strategies: less spending, a smaller grant. The public total
    is unchanged. Raises ResultError for a share outside 0-1, an unknown benefit, or an item in two benefits.

    >>> lines = [CashLine(*x, "", same(x[0])) for x in (("benefit", "town", "citizen"), ("refund", "state", "town"))]
    >>> cash = CashFlow((2026,), tuple(lines), np.array([[[100.0, 40]]]), np.array([[[80.0, 32]]]), np.ones(1), 2026)
    >>> covered = all_municipalities(cash, {"sick": 0.75}, {"sick": ["benefit", "refund"]}, ["town"])
    >>> [float(c.net([party])[0, 0]) for c in (cash, covered) for party in ("town", "state")]
    [12.0, 8.0, 3.0, 17.0]
    """
    return with_lines(cash, grant_lines(cash, coverage, items, municipality, state))


def out_migrated(
    cash: CashFlow, mover_shares: np.ndarray, municipality: Collection[str], others: str = "other_municipalities"
) -> CashFlow:
    """The same when a share of the citizens has moved: what they cost or yield by then is another municipality's.

    `mover_shares` (Y,) or (D, Y) is the share of each year's money that is of movers, such as `share_moved` gives. The
    programme's own cost stays. Raises ResultError for a share outside 0-1.

    >>> line = CashLine("benefit", "town", "citizen", "", same("benefit"))
    >>> cash = CashFlow((2026, 2027), (line,), np.full((1, 2, 1), 100.0), np.full((1, 2, 1), 60.0), np.ones(2), 2026)
    >>> moved = out_migrated(cash, np.array([0.0, 0.25]), ["town"])
    >>> moved.net(["town"]).tolist(), moved.net(["other_municipalities"]).tolist()
    ([[40.0, 30.0]], [[0.0, 10.0]])
    """
    return with_lines(cash, moved_lines(cash, mover_shares, municipality, others))


def share_moved(entrants: Sequence[float] | np.ndarray, rate: float) -> np.ndarray:
    """Share of those who have entered by each calendar year who have moved, (Y,), at `rate` a year since entry.

    Entrants come evenly through their year. Money per citizen is taken as even over the years since entry, so a case
    whose savings come early has less to lose than this says. Raises ResultError for a rate outside 0-1 or a negative
    inflow.

    >>> share_moved([100, 0, 0], 0.1).round(4).tolist(), share_moved([100, 100], 0.0).tolist()
    ([0.0342, 0.0992, 0.1893], [0.0, 0.0])
    """
    n = np.asarray(entrants, float)
    if not 0 <= rate < 1 or n.min() < 0:
        what, rule = ("citizens cannot move at this rate", "a share a year from 0 to below 1, no negative inflow")
        raise ResultError(what, value=rate, rule=rule)
    if rate == 0:
        return np.zeros(len(n))
    a = -np.log1p(-rate)
    since = np.arange(len(n))[:, None] - np.arange(len(n))[None, :]  # calendar years since entry, by (year, entry)
    # Mean of exp(-a t) over time since entry t: k + a triangle on [-1, 1] in later years, below the diagonal in year 0.
    later = np.exp(-a * since) * (np.sinh(a / 2) / (a / 2)) ** 2
    first = 2 * (a - 1 + np.exp(-a)) / a**2
    departure_shares = 1 - np.where(since == 0, first, later)
    here = np.where(since >= 0, np.where(since == 0, 0.5, 1.0) * n, 0.0)
    total = here.sum(axis=1)
    mover_shares: np.ndarray = np.divide(
        (departure_shares * here).sum(axis=1), total, out=np.zeros(len(n)), where=total > 0
    )
    return mover_shares


def equalised(cash: CashFlow, share: float | np.ndarray, tax: str = "", item: str = "equalisation") -> CashFlow:
    """The same with another share of municipal tax equalised away: `item` becomes `share` times `tax`.

    `tax` is the item of the tax; "" is all that the party receives that pays the equalisation. `share` is a number or
    one per draw. Raises ResultError when the cash flow has no such lines, or for a share outside 0-1.

    >>> lines = [CashLine("tax", "citizen", "account", "", same("tax")),
    ...          CashLine("equalisation", "account", "other_municipalities", "", same("pool"))]
    >>> cash = CashFlow((2026,), tuple(lines), np.zeros((1, 1, 2)), np.array([[[100.0, 70.0]]]), np.ones(1), 2026)
    >>> equalised(cash, 0.6).net(["account"]).tolist()
    [[40.0]]
    """
    return with_lines(cash, equalisation_lines(cash, share, tax, item), without=[item])


def viewed(
    cash: CashFlow,
    half: np.ndarray | None,
    case: Case,
    rules: RuleSet | None,
    design: Design,
    groups: Mapping[str, Collection[str]],
) -> tuple[CashFlow, np.ndarray | None]:
    """A case's cash flow under its own view: equalisation, block grant and out-migration as the case states them.

    `half` (D, 2, Y, L) follows. `groups` holds the parties of the municipality, without and with its tax account. The
    coverage of a benefit is the case's, else the rule set's, drawn by `design`. What moves away takes its part of the
    block grant along. Raises ResultError for an all-municipalities view without rules.
    """
    if case.equalisation is not None:
        cash, half = _step(cash, half, equalisation_lines(cash, case.equalisation), ["equalisation"])
    if case.view == "all_municipalities":
        benefits = rules.benefits if rules is not None else {}
        if rules is None or not benefits:
            raise ResultError(
                "the all-municipalities view needs a rule set that lists benefits",
                where=case.places.get("view"),
                value=rules.name if rules is not None else "no rules",
                rule="the state takes back a share of what is saved on each benefit",
                way_out="name a rule set in the case, such as one that `costeff list` shows, or write `view: marginal`",
            )
        coverage: dict[str, float | np.ndarray] = {**rules.coverage(cash.draws, *design), **case.coverage}
        cash, half = _step(cash, half, grant_of(cash, coverage, rules, groups[OWN]))
    if case.out_migration:
        entrants = np.array(case.takers).reshape(case.years, -1).sum(axis=1)
        cash, half = _step(
            cash, half, moved_lines(cash, share_moved(entrants, case.out_migration), groups[OWN_WITH_TAX])
        )
    lines = tuple(replace(x, area=area_of(case, x.item)) if x.area == ADDED_AREA else x for x in cash.lines)
    return replace(cash, lines=lines), half


def equalisation_lines(
    cash: CashFlow, share: float | np.ndarray, tax: str = "", item: str = "equalisation"
) -> tuple[Added, ...]:
    """The line of `equalised`, to stand in the place of those of `item`."""
    own = [x for x in cash.lines if x.item == item]
    account = {x.payer for x in own}
    of = [x.item == tax if tax else x.recipient in account and x.item != item for x in cash.lines]
    taxes = np.array(of, float)
    if not taxes.any() or len({(x.payer, x.recipient) for x in own}) != 1:
        raise ResultError(
            "equalisation cannot be changed here",
            value=f"{int(taxes.sum())} lines of '{tax or 'tax'}', {len(own)} of '{item}'",
            rule="equalisation between two parties, and municipal tax to take it of",
        )
    part = _share("equalisation", share, (cash.draws, 1))
    return (Added(own[0], part[:, :, None] * taxes),)


def grant_lines(
    cash: CashFlow,
    coverage: Mapping[str, float | np.ndarray],
    items: Mapping[str, Collection[str]],
    municipality: Collection[str],
    state: str = "state",
    labels: Mapping[str, Label] = MappingProxyType({}),
) -> tuple[Added, ...]:
    """The lines of `all_municipalities`: one for each benefit and department that has net spending on it."""
    item_names = [item for benefit in coverage for item in items.get(benefit, ())]
    unknown = [benefit for benefit in coverage if benefit not in items]
    if unknown or len(item_names) > len(set(item_names)):
        twice = sorted({item for item in item_names if item_names.count(item) > 1})
        raise ResultError(
            "coverage names an unknown benefit" if unknown else "an item stands in two benefits",
            value=", ".join(unknown or twice),
            rule=f"benefits: {', '.join(items)}; each item belongs to one",
            way_out="see `benefits` of the rule set",
        )
    additions = []
    for benefit, share in coverage.items():
        part = _share(f"coverage of '{benefit}'", share, (cash.draws, 1))
        for department in municipality:
            spending = _spending(cash, department, [x.item in items[benefit] for x in cash.lines])
            if spending.any() and part.any():
                label = worded("block_grant_for", benefit=labels.get(benefit, same(benefit.replace("_", " "))))
                line = CashLine(f"{BLOCK_GRANT}_{benefit}", state, department, ADDED_AREA, label)
                additions.append(Added(line, part[:, :, None] * spending))
    return tuple(additions)


def grant_of(
    cash: CashFlow, coverage: Mapping[str, float | np.ndarray], rules: RuleSet, municipality: Collection[str]
) -> tuple[Added, ...]:
    """The lines of `grant_lines` for the benefits of a rule set."""
    benefits = rules.benefits.values()
    items, labels = {b.name: b.items for b in benefits}, {b.name: b.label for b in benefits}
    return grant_lines(cash, coverage, items, municipality, labels=labels)


def moved_lines(
    cash: CashFlow, mover_shares: np.ndarray, municipality: Collection[str], others: str = "other_municipalities"
) -> tuple[Added, ...]:
    """The lines of `out_migrated`: one for each department that has any money of citizens."""
    shares = np.asarray(mover_shares, float)
    part = _share("movers", shares, (cash.draws, len(cash.years)))
    label = worded("moved_away")
    additions = []
    for department in municipality:
        spending = _spending(cash, department, [not x.programme for x in cash.lines])
        if spending.any():
            line = CashLine(OUT_MIGRATION, others, department, ADDED_AREA, label)
            additions.append(Added(line, part[:, :, None] * spending))
    return tuple(additions)


def _spending(cash: CashFlow, department: str, among: Sequence[bool]) -> np.ndarray:
    """Weights (L,) whose sum is the net spending of a department on some lines: paid less received."""
    sign = [float(x.payer == department) - float(x.recipient == department) for x in cash.lines]
    return np.where(among, sign, 0.0)


def with_lines(cash: CashFlow, additions: Sequence[Added], without: Collection[str] = ()) -> CashFlow:
    """The cash flow with more lines, and without those of some items."""
    return _step(cash, None, additions, without)[0]


def _step(
    cash: CashFlow, half: np.ndarray | None, additions: Sequence[Added], without: Collection[str] = ()
) -> tuple[CashFlow, np.ndarray | None]:
    """`with_lines` for a cash flow and its differences by half, (D, 2, Y, L)."""
    keep = [i for i, x in enumerate(cash.lines) if x.item not in without]

    def extended(array: np.ndarray, halves: bool) -> np.ndarray:
        more = [_weighted(array, a.weight[:, None] if halves else a.weight) for a in additions]
        kept = array if len(keep) == array.shape[-1] else array[..., keep]
        return np.concatenate([kept, *(m[..., None] for m in more)], axis=-1)

    lines = (*(cash.lines[i] for i in keep), *(a.line for a in additions))
    usual, programme = extended(cash.usual, False), extended(cash.programme, False)
    return (
        replace(cash, lines=lines, usual=usual, programme=programme),
        None if half is None else extended(half, True),
    )


def _weighted(array: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """The sum over lines of `array` (..., L) times their weights, one line after another: most weights are 0."""
    total = np.zeros(array.shape[:-1])
    for line in np.flatnonzero(weight.any(axis=tuple(range(weight.ndim - 1)))):
        total += array[..., line] * weight[..., line]
    return total


def _share(what: str, value: float | np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """A share as (D, Y) or (D, 1); a number, one per draw (shape[1] 1) or one per year."""
    array = np.asarray(value, float)
    if array.ndim == 1 and shape[1] == 1:
        array = array[:, None]
    if array.ndim > 2 or not np.isfinite(array).all() or array.min() < 0 or array.max() > 1:
        raise ResultError(f"{what} is not a share", value=str(value), rule="a number from 0 to 1, or one per draw")
    return np.broadcast_to(array, shape)
