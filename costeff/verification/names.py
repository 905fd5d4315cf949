"""Checks of names: a parameter that is named after a state, a move or an item is read there (TECH-VER, inputs)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import combinations

import numpy as np

from costeff.errors import CosteffError
from costeff.model import Model, StrategyEffect, parameter_names
from costeff.verification.reads import (
    Move,
    Reads,
    all_moves,
    lists,
    moves_named,
    reads_by_parameter,
    things_named,
    words_of,
)
from costeff.verification.strategies import parameters_behind
from costeff.verification.subject import COHORT, Subject
from costeff.verification.verdict import Verdict, check, of_names, without

NUMBERED_NAME = re.compile(r"(.+)_(\d+)")
RATES = ("hazard", "rate", "probability", "count")
"""Beginnings of the units of numbers that belong to one clock."""
OF_A_STATE = re.compile("^utility$|^ratio$|^hazard|.+ per ")
"""Units of numbers that hold in a state."""


def _parameters(subject: Subject) -> dict[str, Reads]:
    own = set(parameter_names(subject.model))
    return {name: reads for name, reads in reads_by_parameter(subject.model).items() if name in own}


def _of_families(things_of: dict[str, set[str]]) -> dict[str, set[str]]:
    """Of names that tell a thing, those with a sister that tells another: c_sick and c_well, not start_work alone."""
    families: dict[tuple[str, ...], list[str]] = {}
    for name, things in things_of.items():
        rest = tuple("" if any(word in t.split("_") for t in things) else word for word in words_of(name))
        families.setdefault(tuple(w for w in rest if w), []).append(name)
    own = (family for family in families.values() if len({frozenset(things_of[n]) for n in family}) > 1)
    return {name: things_of[name] for family in own for name in family}


def _misplaced(reads: dict[str, Reads], things: set[str], where: Callable[[Reads], set[str]]) -> tuple[list[str], int]:
    """(Names read at things of the kind, but not at the one that they tell; how many names tell one)."""
    things_by_name = {name: things_named(name, things) for name, one in reads.items() if where(one)}
    several = _of_families({name: own for name, own in things_by_name.items() if own})
    return [name for name, own in several.items() if not own & where(reads[name])], len(several)


def _ends(one: Reads) -> set[str]:
    return one.states | {state for move in one.moves for state in move}


@check("parameters_stand_where_their_names_say", "declarations", "83")
def parameters_stand_where_their_names_say(subject: Subject) -> Verdict:
    """Of parameters that are named after states, such as c_H and c_S1, each is read where its state is."""
    evidence = subject.study.evidence.parameters
    of_a_state = {n: one for n, one in _parameters(subject).items() if OF_A_STATE.search(evidence[n].unit)}
    wrong, number = _misplaced(of_a_state, set(subject.model.state_names), _ends)
    return of_names(sorted(wrong), number) if number else without("no_names")


@check("amounts_stand_in_the_items_of_their_names", "declarations", "83")
def amounts_stand_in_the_items_of_their_names(subject: Subject) -> Verdict:
    """Of amounts that are named after items of money, each is read in a flow of its item."""
    items = {flow.item for flow in subject.model.flows}
    wrong, number = _misplaced(_parameters(subject), items, lambda one: one.items)
    return of_names(sorted(wrong), number) if number else without("no_names")


@check("numbers_of_a_group_stand_in_its_branch", "declarations", "83")
def numbers_of_a_group_stand_in_its_branch(subject: Subject) -> Verdict:
    """Of parameters that are named after categories of people, each is read where people are of that category."""
    categories = {name for a in subject.model.attributes for name in a.categories or ()}
    wrong, number = _misplaced(_parameters(subject), categories, lambda one: one.categories)
    return of_names(sorted(wrong), number) if number else without("no_names")


@check("moves_read_the_numbers_named_after_them", "declarations", "83")
def moves_read_the_numbers_named_after_them(subject: Subject) -> Verdict:
    """A parameter that is named after a move, such as h_sick_work, is read by that move, or by money of it."""
    moves = set(all_moves(subject.model))
    moves_by_name = {
        name: (own, one)
        for name, one in _parameters(subject).items()
        if one.moves and (own := moves_named(name, moves))
    }
    wrong = [name for name, (own, one) in moves_by_name.items() if not own & one.moves]
    return of_names(sorted(wrong), len(moves_by_name)) if moves_by_name else without("no_names")


@check("effects_act_where_their_names_say", "declarations", "83")
def effects_act_where_their_names_say(subject: Subject) -> Verdict:
    """A ratio of a strategy whose name tells a move, a leg or a word of legs acts on one of those, in each strategy."""
    moves, wrong, number = all_moves(subject.model), list[str](), 0
    for effect in subject.model.strategy_effects:
        legs = set(effect.legs)
        legs_of = {name: _legs_told(name, moves) for name in _ratios(subject, effect)}
        several = [own for own in legs_of.values() if own]
        number += bool(several)
        if several and not any(own & legs for own in several):
            wrong += [name for name, own in legs_of.items() if own]
    return of_names(sorted(wrong), number) if number else without("no_names")


def _ratios(subject: Subject, effect: StrategyEffect) -> list[str]:
    """The ratios in the evidence that an effect reads, itself or through definitions."""
    evidence = subject.study.evidence.parameters
    names = {name for ratio in effect.ratio for name in parameters_behind(subject.model, ratio)}
    return sorted(name for name in names if name in evidence and evidence[name].unit == "ratio")


def _legs_told(name: str, moves: dict[Move, set[str]]) -> set[str]:
    """The legs that a name tells: of the moves it is named after, else by whole names of legs, else by their words."""
    of_moves = {leg for move in moves_named(name, set(moves)) for leg in moves[move]}
    if of_moves:
        return of_moves
    whole = {leg for legs in moves.values() for leg in legs if set(leg.split("_")) <= set(words_of(name))}
    if whole:
        longest = max(len(leg.split("_")) for leg in whole)
        return {leg for leg in whole if len(leg.split("_")) == longest}
    words = words_of(name)[1:]
    return {
        leg
        for move, legs in moves.items()
        for leg in legs
        if set(words) & {word for one in (leg, *move) for word in one.split("_")}
    }


@check("a_shared_ratio_acts_alike", "strategies", "30")
def a_shared_ratio_acts_alike(subject: Subject) -> Verdict:
    """A ratio of the evidence that several strategies read acts on a leg in common."""
    legs: dict[str, dict[str, set[str]]] = {}
    for effect in subject.model.strategy_effects:
        for name in _ratios(subject, effect):
            legs.setdefault(name, {}).setdefault(effect.strategy, set()).update(effect.legs)
    by_strategy = {name: list(own.values()) for name, own in legs.items() if len(own) > 1}
    wrong = [name for name, own in by_strategy.items() if any(not one & other for one, other in combinations(own, 2))]
    return of_names(wrong, len(by_strategy)) if by_strategy else without("no_shared")


@check("numbered_parameters_stand_in_order", "declarations", "83")
def numbered_parameters_stand_in_order(subject: Subject) -> Verdict:
    """Where h_1, h_2 and h_3 stand in one list, such as the values of `piecewise`, they stand in that order."""
    wrong, number = [], 0
    for names in _rows(subject.model):
        series: dict[str, list[int]] = {}
        for name in names:
            match = NUMBERED_NAME.fullmatch(name)
            if match:
                series.setdefault(match[1], []).append(int(match[2]))
        for stem, own in series.items():
            number += len(own) > 1
            if own != sorted(own):
                wrong.append(f"{stem}_{own[0]}")
    return of_names(wrong, number) if number else without("no_names")


def _rows(model: Model) -> Iterable[list[str]]:
    """Names that stand beside each other: in lists of formulas, in shares by band, in ratios by window."""
    for t in model.transitions:
        for formula in t.formulas:
            yield from lists(formula)
    for flow in model.flows:
        for share in flow.shares:
            yield [name for value in share.values for name in sorted(value.names)]


@check("one_hazard_has_one_clock", "declarations", "4")
def one_hazard_has_one_clock(subject: Subject) -> Verdict:
    """A formula of hazards of the evidence that changes over time reads the same clock in every exit."""
    evidence = subject.study.evidence.parameters
    clocks: dict[str, set[str]] = {}
    for t in subject.model.transitions:
        for formula in (t.hazard, t.probability):
            if formula is None or "t" not in formula.names or formula.text.startswith("constant("):
                continue
            own = [n for n in formula.names if n in evidence and evidence[n].unit.startswith(RATES)]
            if own:
                clocks.setdefault(formula.text, set()).add(t.clock)
    if not clocks:
        return without("no_clock")
    return of_names([text for text, own in clocks.items() if len(own) > 1], len(clocks))


@check("every_parameter_moves_a_number", "uncertainty", "3, 83")
def every_parameter_moves_a_number(subject: Subject) -> Verdict:
    """Each parameter a twentieth smaller, by itself: time, events, money or an effect is another.

    Values are those of one draw, 0.5 for those at 0 and 0.9 for ratios at 1, so that no factor hides another.
    """
    if subject.engine != COHORT:
        return without("no_cohort")
    evidence, c = subject.study.evidence.parameters, subject.model.conventions
    rates = c.discount_rate_cost.names | c.discount_rate_effect.names  # the same in all draws; other checks move them
    names = sorted(set(parameter_names(subject.model)) & set(evidence) - rates - _read_where_nobody_is(subject))
    base = {name: float(np.asarray(values).ravel()[0]) for name, values in subject.drawn_values.items()}
    for name, value in base.items():
        if name in evidence and value in (0.0, 1.0):
            base[name] = (
                0.9 if value == 1.0 else 0.5 if evidence[name].unit in ("probability", "share", "ratio") else 0.0
            )
    other = {name: value * 0.95 if value else 0.01 for name, value in base.items()}
    try:
        still = _without_change(subject, base, {name: other[name] for name in names})
    except CosteffError:  # one that the model refuses at another value is read; which one, single runs tell
        still = [name for name in names if _stands_still(subject, base, name, other[name])]
    return of_names(still, len(names))


def _read_where_nobody_is(subject: Subject) -> set[str]:
    """Parameters of moves and amounts of states alone in which nobody spends time, as within a short horizon."""
    time = subject.draws.time.sum(axis=(0, 1, 3))
    states_with_people = {name for name, cycles in zip(subject.model.state_names, time, strict=True) if cycles > 0}
    return {
        name
        for name, one in _parameters(subject).items()
        if (states := one.states | {source for source, _ in one.moves}) and not states & states_with_people
    }


def _without_change(subject: Subject, base: dict[str, float], other: dict[str, float]) -> list[str]:
    """The parameters of `other` at whose other values, one at a time, every number of a run stays as it was."""
    values = {name: np.full(len(other) + 1, value) for name, value in base.items()}
    for at, (name, value) in enumerate(other.items()):
        values[name][at + 1] = value
    run = subject.run(values=values, engine=COHORT)
    parts = (run.time, run.events, run.flows.amount, run.effects().value)
    flat = np.concatenate([part.reshape(len(other) + 1, -1) for part in parts], axis=1)
    return [name for at, name in enumerate(other) if np.array_equal(flat[at + 1], flat[0])]


def _stands_still(subject: Subject, base: dict[str, float], name: str, value: float) -> bool:
    try:
        return bool(_without_change(subject, base, {name: value}))
    except CosteffError:
        return False
