"""How many people of each group came how far, as a trial's flow diagram says it, without telling of a few of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from costeff.trial.evaluation.evaluate import TrialEvaluation
from costeff.trial.extract import WEEKS_OF_COST, Extract
from costeff.trial.lives import UNSEEN


@dataclass(frozen=True)
class FlowRow:
    """A step with the count of each group: exact, or a text such as `>=56` where the rest would be of a few."""

    name: str
    counts: tuple[str, ...]
    detail: str = ""


def flow(extract: Extract, evaluation: TrialEvaluation) -> tuple[FlowRow, ...]:
    """Randomised, analysed, followed, answered at the start and at the end, complete; the first group and the last.

    Each count is that of the step before less those who were lost, so a count that differs from the last one shown by
    fewer than the plan's smallest cell is not shown exactly.
    """
    plan, trial = extract.plan, extract.trial
    groups = (plan.strategies[0], plan.strategies[-1])
    rows = [trial.group(name) for name in groups]
    is_followed = (trial.weeks[:, :WEEKS_OF_COST] != UNSEEN).all(axis=1)
    flow_rows: list[tuple[str, list[int], str]] = [
        ("listed", [extract.quality.people_listed.get(name, 0) for name in groups], ""),
        ("analysed", [len(own) for own in rows], ""),
        ("followed", [int(is_followed[own].sum()) for own in rows], ""),
    ]
    for answers in extract.answers.values():
        scores_by_week = answers.measured()
        for name, place in (("answered_first", 0), ("answered_last", -1)):
            counts = [int((~np.isnan(scores_by_week[place, own])).sum()) for own in rows]
            flow_rows.append((name, counts, answers.name))
    by_effect = {one.effect_name: list(one.people) for one in evaluation.pairs}
    flow_rows += [("complete", counts, name) for name, counts in by_effect.items()]
    return tuple(guarded(flow_rows, plan.smallest_cell))


def people_of(flow_rows: tuple[FlowRow, ...], effect_name: str) -> tuple[str, ...]:
    """How many people of each group an effect is evaluated of, as the flow says it."""
    return next(one.counts for one in flow_rows if one.name == "complete" and one.detail == effect_name)


def guarded(flow_rows: list[tuple[str, list[int], str]], smallest: int) -> list[FlowRow]:
    """Steps with exact counts where no two of a group differ by fewer than the smallest cell, else with a limit."""
    out: list[FlowRow] = []
    exact: list[set[int]] = [set() for _ in flow_rows[0][1]]
    for name, counts, detail in flow_rows:
        texts = []
        for group, count in enumerate(counts):
            near = [other for other in exact[group] if 0 < abs(other - count) < smallest]
            if 0 < count < smallest:
                texts.append(f"<{smallest}")
            elif near:
                texts.append(f"≥{min(near) - smallest + 1}" if count < min(near) else f"≤{max(near) + smallest - 1}")
            else:
                exact[group].add(count)
                texts.append(str(count))
        out.append(FlowRow(name, tuple(texts), detail))
    return out
