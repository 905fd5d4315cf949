"""Checks of money: what one party pays another receives, and sums are sums of their parts (TECH-VER, results)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations

import numpy as np

from costeff.model import Expression, Flow, Model, Perspective
from costeff.verification.subject import Run, Subject, model_with
from costeff.verification.verdict import Verdict, check, of_equal, of_limits, of_names, without

CLOSE = 1e-6
"""Relative: cells of money are rounded to fixed steps, so that a double is not double to the last digit."""

CITIZEN = "citizen"
"""The party that people are, by its usual name."""


def _priced(model: Model, price: Callable[[Flow], str]) -> Model:
    """The model with the amounts of each flow as `price` writes them, from `{}`; a share of another flow stays one."""

    def own(flow: Flow) -> Flow:
        amounts = {k: Expression(price(flow).format(f"({e.text})")) for k, e in flow.amounts.items()}
        return flow if flow.of else replace(flow, amounts=amounts)

    return model_with(model, flows=tuple(own(flow) for flow in model.flows))


def _plain(model: Model) -> list[Perspective]:
    return [p for p in model.perspectives if not p.filtered]


def _costs(run: Run, layer: int | None = None) -> np.ndarray:
    """Every perspective's cost by draw, strategy, perspective."""
    return np.stack([run.cost(p, layer).sum(axis=-1) for p in run.model.perspectives], axis=2)


@check("no_prices_no_costs", "money", "17")
def no_prices_no_costs(subject: Subject) -> Verdict:
    """Every amount at 0."""
    if not subject.model.flows or not subject.model.perspectives:
        return without("no_money")
    return of_equal(_costs(subject.run(_priced(subject.model, lambda _: "0 * {}"))), 0.0, 0)


@check("double_prices_double_costs", "money", "1, 32")
def double_prices_double_costs(subject: Subject) -> Verdict:
    """Every amount doubled."""
    if not subject.model.flows or not subject.model.perspectives:
        return without("no_money")
    return of_equal(_costs(subject.run(_priced(subject.model, lambda _: "2 * {}"))), 2 * _costs(subject.base), CLOSE)


@check("a_dearer_programme_costs_more", "money", "1, 35")
def a_dearer_programme_costs_more(subject: Subject) -> Verdict:
    """Amounts of the programme half as much again: society pays that much more, and nobody's life changes."""
    model = subject.model
    if not any(f.programme and not f.of for f in model.flows):
        return without("no_programme")
    dearer = subject.run(_priced(model, lambda f: "1.5 * {}" if f.programme else "{}"))
    lines = [i for i, line in enumerate(subject.base.flows.lines) if line.flow.programme and not line.flow.of]
    before, after = (r.flows.amount[:, :, lines, :, 0].sum(axis=-1) for r in (subject.base, dearer))
    money = of_equal(after, 1.5 * before, CLOSE)
    return money if money.standing == "fail" else of_equal(dearer.time, subject.base.time, 0)


@check("what_is_paid_is_received", "money", "44")
def what_is_paid_is_received(subject: Subject) -> Verdict:
    """What all parties pay less what they receive, accounts outside society among them."""
    if not subject.model.flows:
        return without("no_money")
    run = subject.draws
    net = sum(run.cost(Perspective(p.name, p.label, (p.name,)), 0) for p in subject.model.parties)
    only = any(f.only_in for f in subject.model.flows)
    return without("some_views") if only else of_equal(net, 0.0, 0)


@check("views_are_their_parties", "money", "44")
def views_are_their_parties(subject: Subject) -> Verdict:
    """The cost of each view beside the sum of its parties' costs."""
    views = [] if any(f.only_in for f in subject.model.flows) else _plain(subject.model)
    if not views:
        return without("some_views")
    run, actual, expected = subject.draws, [], []
    for view in views:
        actual.append(run.cost(view))
        expected.append(sum(run.cost(Perspective(name, view.label, (name,))) for name in view.parties))
    return of_equal(np.stack(actual), np.stack(expected), 0)


@check("items_sum_to_the_cost", "money", "40, 44")
def items_sum_to_the_cost(subject: Subject) -> Verdict:
    """The cost of each view beside the sum of its items, added here."""
    views = _plain(subject.model)
    if not views:
        return without("no_money")
    run, actual, expected = subject.draws, [], []
    for view in views:
        total = np.zeros(run.flows.amount.shape[:2])
        for i, line in enumerate(run.flows.lines):
            if line.flow.only_in and view.name not in line.flow.only_in:
                continue
            sign = (line.payer in view.parties) - (line.recipient in view.parties)
            total += sign * run.flows.amount[:, :, i, :, run.simulated.layer_cost].sum(axis=-1)
        actual.append(run.cost(view).sum(axis=-1))
        expected.append(total)
    return of_equal(np.stack(actual), np.stack(expected))


@check("money_runs_one_way", "money", "9")
def money_runs_one_way(subject: Subject) -> Verdict:
    """No flow is below 0 unless it says that it is a saving."""
    if not subject.model.flows:
        return without("no_money")
    run = subject.draws
    lowest = run.flows.amount.min(axis=(0, 1, 3, 4), initial=0.0)
    plain = [not (line.flow.negative or _of_negative(subject.model, line.flow)) for line in run.flows.lines]
    wrong = [line.item for line, low, one in zip(run.flows.lines, lowest, plain, strict=True) if one and low < 0]
    return of_names(wrong, len(run.flows.lines))


def _of_negative(model: Model, flow: Flow) -> bool:
    """Whether a flow is a share of one that may be negative."""
    return any(f.negative or _of_negative(model, f) for f in model.flows if flow.of is not None and f.item == flow.of)


@check("resources_pay_nobody", "money", "35")
def resources_pay_nobody(subject: Subject) -> Verdict:
    """The account of real resources, which programmes use, pays for nothing unless that is said to be a saving."""
    outside = {p.name for p in subject.model.parties if p.outside}
    own = [f for f in subject.model.flows if not f.negative]
    accounts = {f.recipient for f in own if f.programme and f.recipient in outside}
    if not accounts:
        return without("no_programme")
    return of_names([f.item for f in own if f.payer in accounts], len(own))


@check("programmes_use_resources", "money", "35")
def programmes_use_resources(subject: Subject) -> Verdict:
    """A programme's money leaves society: an account outside it receives it, and never pays it."""
    outside = {p.name for p in subject.model.parties if p.outside}
    own = [f for f in subject.model.flows if f.programme and not f.negative]
    if not own or not outside:
        return without("no_programme")
    return of_names([f.item for f in own if f.payer in outside], len(own))


@check("items_run_one_way", "money", "35")
def items_run_one_way(subject: Subject) -> Verdict:
    """Flows of one item between the same two parties run in the same direction."""
    ways = {(f.item, f.payer, f.recipient) for f in subject.model.flows if not f.negative}
    if len(subject.model.flows) < 2:
        return without("no_money")
    return of_names([item for item, a, b in ways if (item, b, a) in ways], len(subject.model.flows))


@check("citizens_live_on_something", "money", "35")
def citizens_live_on_something(subject: Subject) -> Verdict:
    """Where citizens receive money in some states, they receive some in each state in which they pay."""
    receives, pays = (
        {s for f in subject.model.flows if getattr(f, end) == CITIZEN and not f.of for s in f.amounts if s}
        for end in ("recipient", "payer")
    )
    if not receives:
        return without("no_income")
    return of_names(sorted(pays - receives), len(receives | pays))


@check("nothing_is_counted_twice", "money", "40")
def nothing_is_counted_twice(subject: Subject) -> Verdict:
    """Two lines between the same parties with the same money in every draw, strategy and year are one line twice."""
    run = subject.draws
    lines, amount = run.flows.lines, run.flows.amount[..., 0]
    if len(lines) < 2:
        return without("no_money")
    wrong = [
        f"{a.item} = {b.item}"
        for (i, a), (j, b) in combinations(enumerate(lines), 2)
        if (a.payer, a.recipient) == (b.payer, b.recipient)
        and np.any(amount[:, :, i] != 0)
        and np.allclose(amount[:, :, i], amount[:, :, j], rtol=CLOSE, atol=0)
    ]
    return of_names(wrong, len(lines))


@check("discounted_flows_are_no_larger", "money", "37")
def discounted_flows_are_no_larger(subject: Subject) -> Verdict:
    """Each flow by itself, so that savings do not hide costs."""
    run = subject.draws
    if not run.flows.lines:
        return without("no_money")
    plain, discounted = (np.abs(run.flows.amount[..., k].sum(axis=-1)) for k in (0, run.simulated.layer_cost))
    return of_limits(discounted, 0, plain, CLOSE)
