"""A case's base case at other strengths of its effect: what the workbook goes between, and how far it is then off.

Nothing but what the programme's citizens do moves with the effect: usual care, the queue and all prices stay, and
every strength shares its luck with the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from costeff.investment.belief.translate import Lives, measured
from costeff.investment.case_plan import CasePlan
from costeff.investment.pricing import Priced
from costeff.investment.quantities import CaseQuantities, case_quantities, quantities_beside
from costeff.investment.result import CaseResultData
from costeff.investment.variants import FIDELITY, Variants
from costeff.labels import Label, worded
from costeff.reporting.workbook.content import Counted, EffectGap, EffectLevels, WorkbookContent

LEVELS = (0.0, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0)
"""Strengths that the workbook has quantities of: the log ratios of the programme times this; 0 none, 1 the case's."""
MIDDLES = tuple((a + b) / 2 for a, b in pairwise(LEVELS))


def has_levels(pricing: Priced) -> bool:
    """Whether the model says how its effects follow the strength with which the programme is carried out."""
    return FIDELITY in pricing.plan.moving and FIDELITY in pricing.plan.draws


def plan_at(plan: CasePlan, dose: float) -> CasePlan:
    """The plan at so many times its effect."""
    case = replace(plan.case, fidelity=tuple(f * dose for f in plan.case.fidelity), target_groups=())
    return replace(plan, case=case)


def quantities_at(plan: CasePlan, doses: Sequence[float], lives: Sequence[Variants] = ()) -> list[CaseQuantities]:
    """What a case's citizens do at each of several strengths, on the same luck; `lives` of the plan are used again."""
    plans = [plan_at(plan, dose) for dose in doses]
    return quantities_beside(plans, lives) if lives else case_quantities(plans)


def told_levels(base: CaseResultData, doses: Sequence[float]) -> tuple[Label | None, tuple[float, ...], bool]:
    """(what the planner counts, its figure with the programme at each strength, whether it is a share).

    Without a belief in such a figure: None, none, and False.
    """
    belief, pricing = base.case.belief, base.priced
    if belief is None or belief.translation is None or pricing is None or pricing.study is None:
        return None, (), False
    plan = pricing.plan
    draws = [{**plan.draws, FIDELITY: plan.draws[FIDELITY] * dose * plan.case.fidelity[0]} for dose in doses]
    figures = [
        measured(belief, Lives(pricing.study.model, d, plan.tables, plan.individuals, plan.design)) for d in draws
    ]
    return worded(f"book_effect_{belief.measure}", weeks=belief.weeks), tuple(figures), belief.measure == "share"


def gap_between(
    content: WorkbookContent, levels: Sequence[Sequence[Counted]], middles: Sequence[Sequence[Counted]], payer: str
) -> EffectGap:
    """How far a straight line between two levels is at most from a simulation at their middle: in the payer's present
    value and in its gain of one year, at the workbook's own prices."""
    view = next(p for p in content.perspectives if p.name == payer)
    signs = np.array([view.weight(line) for line in range(len(content.lines))])
    at_levels = [programme_money(content, rows_of_quantities) for rows_of_quantities in levels]
    at_middles = [programme_money(content, rows_of_quantities) for rows_of_quantities in middles]
    years = [
        signs @ (middle - (low + high) / 2)
        for low, high, middle in zip(at_levels, at_levels[1:], at_middles, strict=False)
    ]
    factors = np.ones(len(content.periods)) if content.discount is None else np.asarray(content.discount)
    by_year = np.array([factors[list(content.year_of).index(y)] for y in range(len(content.years))])
    return EffectGap(
        view.label, max(abs(float(off @ by_year)) for off in years), max(float(np.abs(off).max()) for off in years)
    )


def programme_money(content: WorkbookContent, rows_of_quantities: Sequence[Counted]) -> np.ndarray:
    """Money of every line by year under the programme, (lines, Y), as the workbook works it out from quantities."""
    blocks, years = np.array(content.block_of), np.array(content.year_of)
    money = np.zeros((len(content.lines), len(content.years)))
    for cell in content.cells:
        if content.lines[cell.line].paid[content.shown]:
            price = np.array(cell.amount_values) * np.array(cell.share_values)
            np.add.at(money[cell.line], years, price[blocks] * rows_of_quantities[cell.counted].value[content.shown])
    for i, line in enumerate(content.lines):
        if line.of:
            money[i] = np.array(line.weights) * sum(sign * money[j] for j, sign in line.of)
    return money


def effect_levels(
    content: WorkbookContent,
    rows_of_quantities: Sequence[Sequence[Counted]],
    effect_figures: tuple[Label | None, tuple[float, ...], bool],
    gap: EffectGap,
) -> EffectLevels:
    """The quantities of each row of the workbook under the programme at each strength, (rows, L, P)."""
    values = np.array([[row.value[content.shown] for row in rows] for rows in rows_of_quantities]).swapaxes(0, 1)
    return EffectLevels(LEVELS, values, effect_figures[0], effect_figures[1], effect_figures[2], gap)
