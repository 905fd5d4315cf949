"""Checks of what words tell: numbers that changed places, legs taken apart (TECH-VER, inputs)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from costeff.model import Expression, Model
from costeff.verification.strategies import parameters_behind
from costeff.verification.subject import Subject
from costeff.verification.verdict import MOST_NAMES, Verdict, check, of_names, without
from costeff.verification.wording import Fit


@check("no_two_numbers_changed_places", "declarations", "83")
def no_two_numbers_changed_places(subject: Subject) -> Verdict:
    """No two parameters of one unit would each stand better in the other's place, by name, label and note."""
    fit = Fit(subject.study)
    if len(fit.names) < 2:
        return without("no_names")
    return of_names([f"{a} <-> {b}" for a, b in fit.better_the_other_way_round()], len(fit.names))


@check("ratios_act_on_the_legs_of_their_evidence", "strategies", "30, 83")
def ratios_act_on_the_legs_of_their_evidence(subject: Subject) -> Verdict:
    """A parameter that says on which legs it was measured acts on these and on no other."""
    model = subject.model
    legs_of_parameters = {name: set(p.legs) for name, p in subject.study.evidence.parameters.items() if p.legs}
    if not legs_of_parameters:
        names = sorted(_ratios_of_strategies(subject))
        return without("no_measured_leg", names=", ".join(names[:MOST_NAMES])) if names else without("no_effect")
    wrong, number = [], 0
    for effect in model.strategy_effects:
        for name in legs_of_parameters.keys() & _behind(model, effect.ratio):
            number += 1
            wrong += [
                f"{name} ({effect.strategy}: {leg})" for leg in effect.legs if leg not in legs_of_parameters[name]
            ]
    for t in model.transitions:
        for name in legs_of_parameters.keys() & _behind(model, t.formulas):
            number += 1
            if not {t.name, t.leg} & legs_of_parameters[name]:
                wrong.append(f"{name} ({t.source} -> {t.target})")
    return of_names(sorted(wrong), number)


def _behind(model: Model, formulas: Iterable[Expression]) -> set[str]:
    return {name for formula in formulas for name in parameters_behind(model, formula)}


def _ratios_of_strategies(subject: Subject) -> set[str]:
    evidence = subject.study.evidence.parameters
    names = {name for effect in subject.model.strategy_effects for name in _behind(subject.model, effect.ratio)}
    return {name for name in names if name in evidence and evidence[name].unit == "ratio"}


@check("legs_are_treated_whole", "strategies", "30")
def legs_are_treated_whole(subject: Subject) -> Verdict:
    """No strategy acts on one exit by name out of a leg of several."""
    model = subject.model
    leg_of = {t.name: t.leg for t in model.transitions if t.leg and t.name != t.leg}
    several = {leg for leg, number in Counter(leg_of.values()).items() if number > 1}
    wrong = [
        f"{effect.strategy}: {leg}"
        for effect in model.strategy_effects
        for leg in effect.legs
        if leg_of.get(leg) in several
    ]
    return of_names(wrong, len(model.strategy_effects)) if model.strategy_effects else without("no_effect")
