"""The case's own costs (per citizen, fixed, consultants, start-up) and the lines of its cash flow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from costeff.compile.layout import Layout
from costeff.compile.lines import Line
from costeff.errors import ModelError
from costeff.investment.case import QUARTERS, Case, Funding
from costeff.investment.cash import CashLine
from costeff.labels import worded
from costeff.model.formulas.expression import Expression
from costeff.model.model import Model

DISPLACED_WORK = "displaced_work"  # the item of usual work that the programme's staff do in its place
FUNDING = "external_funding"  # the item of money for the programme from outside
OTHER = "other"  # the area of items that no area of the case names
COSTS = {
    "programme_variable": worded("cost_variable"),
    "programme_fixed": worded("cost_fixed"),
    "programme_consultants": worded("cost_consultants"),
    "programme_start_up": worded("cost_start_up"),
    DISPLACED_WORK: worded("cost_displaced"),
    FUNDING: worded("cost_funding"),
}

#: (item, payer, recipient, the programme's own cost): what one line of the cash flow is.
Key = tuple[str, str, str, bool]


def case_costs(case: Case, env: Mapping[str, Any], size: int) -> dict[str, list[np.ndarray]]:
    """The case's own costs by year (the variable one per citizen), each (D,). Raises ModelError if below 0."""
    programme, none = case.programme, np.zeros(size)
    running = [any(case.inflow[QUARTERS * y : QUARTERS * (y + 1)]) for y in range(case.years)]

    def value(formula: Expression | None) -> np.ndarray:
        if formula is None:
            return none
        amounts = np.broadcast_to(np.asarray(formula.evaluate(env), float).reshape(-1), (size,))
        if amounts.min() < 0:
            raise ModelError(
                "a cost of the programme is negative",
                where=formula.place or programme.place,
                value=float(amounts.min()),
                rule="costs are 0 or more in every draw",
                way_out="mend the formula",
            )
        return amounts

    fixed, variable, each = (value(f) for f in (programme.fixed, programme.variable, programme.per_consultant))
    consultants = case.capacity.consultants if case.capacity else (0.0,) * case.years
    return {
        "programme_variable": [variable] * case.years,
        "programme_fixed": [fixed * on for on in running],
        "programme_consultants": [each * n for n in consultants],
        "programme_start_up": [value(programme.start_up.get(year)) for year in case.calendar],
    }


def shares_of(case: Case, env: Mapping[str, Any], size: int) -> dict[str, np.ndarray]:
    """Each department's share of the case's own costs, (D,). Raises ModelError when they do not add up to 1."""
    shares = {
        name: np.broadcast_to(np.asarray(f.evaluate(env), float).reshape(-1), (size,))
        for name, f in case.programme.shares.items()
    }
    total = np.sum(list(shares.values()), axis=0)
    if np.abs(total - 1).max() > 1e-9 or min(float(s.min()) for s in shares.values()) < 0:
        worst = float(total[np.abs(total - 1).argmax()])
        raise ModelError(
            "the departments' shares of the programme do not add up to 1",
            where=case.programme.place,
            value=worst,
            rule="shares are 0 or more and add up to 1 in every draw",
            way_out="write `rest` for one",
        )
    return shares


def area_of(case: Case, item: str) -> str:
    """The budget area of an item."""
    return next((a.name for a in case.areas if item in a.items), OTHER)


def line_key(line: Line) -> Key:
    """The line of the cash flow that a ledger line belongs to: all of one item between the same two parties."""
    return line.item, line.payer, line.recipient, line.flow.programme and not line.flow.negative


def cost_keys(case: Case, model: Model) -> dict[tuple[str, str], Key]:
    """The lines of the costs that the case declares, by (item, department)."""
    programme = case.programme
    own_costs = {
        "programme_variable": programme.variable is not None and programme.variable.text != "0",
        "programme_fixed": programme.fixed is not None,
        "programme_consultants": programme.per_consultant is not None,
        "programme_start_up": bool(programme.start_up),
    }
    resources = real_resources(model)
    return {
        (item, name): (item, name, resources, True) for item, on in own_costs.items() if on for name in programme.shares
    }


def funding_key(funding: Funding) -> Key:
    """The line of the cash flow with money for the programme from outside."""
    return FUNDING, funding.payer, funding.department, True


def replaced(case: Case, line: Line) -> bool:
    """Whether the case's own cost per citizen stands in the place of this flow of the model."""
    return line.flow.programme and not line.flow.negative and case.programme.variable is not None


def displaced_lines(case: Case, where: Layout) -> tuple[Line, ...]:
    """The model's lines of usual work of which the programme replaces a share."""
    return tuple(
        x for x in where.lines if x.item in case.programme.replaces and x.per == "cycle" and not x.flow.programme
    )


def displaced_key(line: Line) -> Key:
    """The line of the cash flow with what the programme replaces of a line of usual work: a cost below 0."""
    return DISPLACED_WORK, line.payer, line.recipient, True


def displaced_shares(case: Case, env: Mapping[str, Any], size: int) -> dict[str, np.ndarray]:
    """The share of each item that the programme replaces, (D,). Raises ModelError outside 0-1."""
    shares = {}
    for item, formula in case.programme.replaces.items():
        share = np.broadcast_to(np.asarray(formula.evaluate(env), float).reshape(-1), (size,))
        if share.min() < 0 or share.max() > 1:
            raise ModelError(
                f"the share of '{item}' that the programme replaces is not a share",
                where=formula.place or case.programme.place,
                value=float(share.min() if share.min() < 0 else share.max()),
                rule="a share from 0 to 1 in every draw",
                way_out="use a distribution inside 0-1, such as beta",
            )
        shares[item] = share
    return shares


def cash_lines(case: Case, model: Model, where: Layout) -> dict[Key, CashLine]:
    """All lines of the case's cash flow: the model's in its order, then the case's own costs.

    Flows that stand in one perspective only (`only_in`) are another account of the same thing, and left out.
    """
    labels = {flow.item: flow.label for flow in reversed(model.flows)} | COSTS
    keys = [line_key(x) for x in where.lines if not x.flow.only_in and not replaced(case, x)]
    keys += cost_keys(case, model).values()
    keys += [funding_key(one) for one in case.funding]
    keys += [displaced_key(x) for x in displaced_lines(case, where)]
    return {
        (item, payer, to, own): CashLine(item, payer, to, area_of(case, item), labels[item], own)
        for item, payer, to, own in keys
    }


def real_resources(model: Model) -> str:
    """The outside account that programmes draw on: the recipient of the model's programme flows."""
    outside = [p.name for p in model.parties if p.outside]
    recipients = [f.recipient for f in model.flows if f.programme and f.recipient in outside]
    if not (recipients or outside):
        raise ModelError(
            "the model has no account for real resources",
            value=model.name,
            rule="a programme's cost goes to a party that is `outside`",
            way_out="declare `resources: {outside: true}`",
        )
    return (recipients or outside)[0]
