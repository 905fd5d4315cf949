"""Checks of whole names: a parameter called as an item of money, or a strategy, is read for it (TECH-VER, inputs)."""

from __future__ import annotations

from collections.abc import Iterable

from costeff.model import Expression, Flow, parameter_names
from costeff.verification.reads import holds, words_of
from costeff.verification.strategies import parameters_behind
from costeff.verification.subject import Subject
from costeff.verification.verdict import Verdict, check, of_names, without


def _behind(subject: Subject, formulas: Iterable[Expression]) -> set[str]:
    return {name for formula in formulas for name in parameters_behind(subject.model, formula)}


def _formulas(flow: Flow) -> list[Expression]:
    return [*flow.amounts.values(), *(value for share in flow.shares for value in share.values)]


@check("money_called_as_an_item_is_in_it", "declarations", "83")
def money_called_as_an_item_is_in_it(subject: Subject) -> Verdict:
    """A parameter whose name is that of an item, such as gp_copay, is read in a flow of the item."""
    items = {flow.item for flow in subject.model.flows}
    names = [name for name in parameter_names(subject.model) if "_".join(words_of(name)) in items]
    wrong = []
    for name in names:
        own = [flow for flow in subject.model.flows if flow.item == "_".join(words_of(name))]
        if name not in _behind(subject, (formula for flow in own for formula in _formulas(flow))):
            wrong.append(name)
    return of_names(sorted(wrong), len(names)) if names else without("no_names")


@check("numbers_of_a_strategy_are_read_for_it", "declarations", "83")
def numbers_of_a_strategy_are_read_for_it(subject: Subject) -> Verdict:
    """A parameter named after one strategy is read for it, and not for everybody's moves or traits alone."""
    model = subject.model
    states = set(model.state_names)
    strategies = [s for s in model.strategy_names if len(s) > 1 and s not in states]
    of_everyone = _behind(
        subject,
        [
            *(formula for t in model.transitions for formula in t.formulas),
            *(a.value for a in model.attributes if a.value is not None),
            *(share for a in model.attributes for share in (a.categories or {}).values()),
        ],
    )
    wrong, number = [], 0
    for name in parameter_names(model):
        of_this_name = [s for s in strategies if holds(words_of(name), tuple(s.split("_")))]
        if len(of_this_name) != 1:
            continue
        number += 1
        own = [ratio for e in model.strategy_effects if e.strategy == of_this_name[0] for ratio in e.ratio]
        own += [formula for f in model.flows if of_this_name[0] in f.strategies for formula in _formulas(f)]
        if name in of_everyone and name not in _behind(subject, own):
            wrong.append(name)
    return of_names(sorted(wrong), number) if number else without("no_names")
