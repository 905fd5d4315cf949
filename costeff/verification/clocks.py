"""Checks of clocks: a hazard that changes over time reads the time that it was measured in (TECH-VER, events)."""

from __future__ import annotations

import ast

import numpy as np

from costeff.compile import compile_model
from costeff.model import Expression
from costeff.verification.strategies import parameters_behind
from costeff.verification.subject import PEOPLE, SEED, Subject
from costeff.verification.verdict import Verdict, check, of_names, without


@check("hazards_read_the_clock_of_their_evidence", "declarations", "4, 83")
def hazards_read_the_clock_of_their_evidence(subject: Subject) -> Verdict:
    """A parameter that says on which clock it was measured is read by exits on that clock."""
    clocks = {name: one.clock for name, one in subject.study.evidence.parameters.items() if one.clock}
    wrong, number = [], 0
    for t in subject.model.transitions:
        for formula in (t.hazard, t.probability):
            if formula is None or "t" not in formula.names:
                continue
            own = parameters_behind(subject.model, formula) & clocks.keys()
            number += len(own)
            wrong += [f"{name} ({t.source} -> {t.target}: {t.clock})" for name in own if clocks[name] != t.clock]
    return of_names(sorted(wrong), number) if number else without("no_measured_clock")


@check("someone_is_in_every_span_of_a_hazard", "declarations", "4, 23")
def someone_is_in_every_span_of_a_hazard(subject: Subject) -> Verdict:
    """No span of `piecewise` ends before the clock's lowest value, so that nobody is ever in it."""
    model, tables = subject.model, subject.study.tables
    spans = {t.name: end for t in model.transitions if (end := first_end(t.hazard or t.probability)) is not None}
    if not spans:
        return without("no_spans_of_hazards")
    compilation = compile_model(model, subject.base_values, tables, individuals=PEOPLE, seed=SEED)
    initial = np.asarray(compilation.tensors.tables.clock_initial)
    lowest = dict(zip(model.clock_names, initial.reshape(len(initial), -1).min(axis=1), strict=True))
    for clock in model.clocks:
        if clock.reset is not None:
            lowest[clock.name] = min(lowest[clock.name], 0)
    late = [f"{t.name} ({t.clock})" for t in model.transitions if t.name in spans and spans[t.name] <= lowest[t.clock]]
    return of_names(late, len(spans))


def first_end(formula: Expression | None) -> float | None:
    """Where the first span of a formula's `piecewise(t, ...)` ends, in cycles; None without one.

    Examples
    --------
    >>> first_end(Expression("piecewise(t, [4, 9], [h_1, h_2, h_3])")), first_end(Expression("0.2"))
    (4.0, None)
    """
    ends = []
    for node in ast.walk(ast.parse(formula.text, mode="eval")) if formula is not None else ():
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "piecewise"):
            continue
        over, breaks = node.args[0], node.args[1]
        if isinstance(over, ast.Name) and over.id == "t" and isinstance(breaks, ast.List) and breaks.elts:
            first = breaks.elts[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, int | float):
                ends.append(float(first.value))
    return min(ends, default=None)
