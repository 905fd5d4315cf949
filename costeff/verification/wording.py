"""Words of numbers and of the places where they are read: what a name, a label and a note tell (TECH-VER, inputs)."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import combinations
from math import log
from typing import Any

from costeff.analysis.study import StudyData
from costeff.model import Expression, Model, parameter_names

Words = frozenset[str]
WordedFormula = tuple[Expression, Words]
WORD = re.compile(r"[^\W\d_]{2,}\d*|[^\W\d_]\d+")
PART = re.compile(r"[A-Z]?[^\W\d_A-Z]+\d*|[A-Z]+\d*")
"""A part of a name: between underscores, and where a capital letter begins."""
ENDINGS = ("ing", "ion", "ed", "es", "s")
WITHOUT_PLACE = """
the of and an to in on for from by with is are as at or not no it who they that one two per each than was were
year years week weeks month months day days hour hours share ratio hazard probability number first second third"""
COMMON = frozenset(WITHOUT_PLACE.split())
"""Words that tell no place apart from another."""
LEAST_GAIN = 0.55
"""By which two numbers must stand better in each other's places before that is said, in words that one place has."""


def words_in(*texts: str) -> Words:
    """The words of texts, in the form that their inflections share.

    Examples
    --------
    >>> sorted(words_in("Admissions of the sick", "Cost in S1 per year"))
    ['admiss', 'cost', 's1', 'sick']
    """
    words = (word.lower() for text in texts for word in WORD.findall(text))
    return frozenset(_root(word) for word in words if word not in COMMON)


def words_of_names(*names: str) -> Words:
    """The words of names in formulas, single letters too.

    Examples
    --------
    >>> sorted(words_of_names("h_work_sick_1", "c_trtA"))
    ['a', 'c', 'h', 'sick', 'trt', 'work']
    """
    parts = (part.lower() for name in names for part in PART.findall(name))
    return frozenset(_root(part) for part in parts if part not in COMMON)


def _root(word: str) -> str:
    ending = next((e for e in ENDINGS if word.endswith(e) and len(word) - len(e) >= 4), "")
    return word.removesuffix(ending)[:6]


def worded_formulas(model: Model) -> Iterator[WordedFormula]:
    """Every formula outside definitions, with the words of what it is about."""
    states = {s.name: words_of_names(s.name) | words_in(s.label["en"]) for s in model.states}
    strategies = {s.name: words_of_names(s.name) | words_in(s.label["en"]) for s in model.strategies}
    parties = {p.name: words_of_names(p.name) | words_in(p.label["en"]) for p in model.parties}
    legs = legs_in_words(model)
    for t in model.transitions:
        yield from ((formula, legs[t.name]) for formula in t.formulas)
    for d in model.deadlines:
        yield d.at, words_of_names(d.name) | states[d.source] | states[d.target]
    for change in model.strategy_effects:
        own = strategies[change.strategy].union(*(legs.get(leg, words_of_names(leg)) for leg in change.legs))
        yield from ((formula, own) for formula in change.ratio)
    for flow in model.flows:
        own = (
            words_of_names(flow.item, flow.real or "")
            | words_in(flow.label["en"])
            | parties[flow.payer]
            | parties[flow.recipient]
        )
        own = own.union(*(strategies[name] for name in flow.strategies))
        for state, amount in flow.amounts.items():
            yield amount, own | states.get(state, frozenset())
        yield from ((value, own) for share in flow.shares for value in share.values)
    for result in model.effects:
        own = words_of_names(result.name) | words_in(result.label["en"])
        yield from ((term.amount, own.union(*(states[s] for s in term.states))) for term in result.terms)
    for attribute in model.attributes:
        for category, share in (attribute.categories or {}).items():
            label = attribute.labels.get(category)
            yield share, words_of_names(attribute.name, category) | words_in(label["en"] if label else "")
        if attribute.value is not None:
            yield attribute.value, words_of_names(attribute.name)
    for clock in model.clocks:
        yield clock.initial, words_of_names(clock.name)
    if model.system is not None:
        yield from ((formula, words_in(what)) for formula, what, _ in model.system.formulas())


def legs_in_words(model: Model) -> dict[str, Words]:
    """The words of each exit and leg: its name, and the states that it joins."""
    states = {s.name: words_of_names(s.name) | words_in(s.label["en"]) for s in model.states}
    legs: dict[str, Words] = defaultdict(frozenset)
    for t in model.transitions:
        name = "" if "->" in t.name else t.name
        for leg in {t.name, t.leg} - {""}:
            legs[leg] |= words_of_names(name, t.leg) | states[t.source] | states[t.target]
    return legs


@dataclass
class Read:
    """Where one parameter is read: words of the formulas that name it, words of those behind definitions, names read
    beside it, and the formulas themselves."""

    near: set[str] = field(default_factory=set)
    far: set[str] = field(default_factory=set)
    beside: set[str] = field(default_factory=set)
    formulas: set[str] = field(default_factory=set)


def reads_in_words(model: Model) -> dict[str, Read]:
    """The words of the places of every name that formulas read."""
    reads: dict[str, Read] = defaultdict(Read)

    def visit(formula: Expression, words: Words, way: str, depth: int) -> None:
        for name in formula.names:
            (reads[name].far if depth else reads[name].near).update(words)
            reads[name].formulas.add(way)
            reads[name].beside |= set(formula.names) - {name}
            if name in model.definitions:
                visit(model.definitions[name], words, f"{way}/{name}", depth + 1)

    for at, (formula, words) in enumerate(worded_formulas(model)):
        visit(formula, words, str(at), 0)
    for definition, formula in model.definitions.items():
        for name in formula.names:
            reads[name].near |= words_of_names(definition)
    return reads


def all_words(study: StudyData[Any], name: str) -> Words:
    """The words of a parameter: of its name, its label and its note."""
    label = study.evidence.labels.get(name)
    return words_of_names(name) | words_in(study.evidence.parameters[name].note, label["en"] if label else "")


def rarity(words: Iterable[str], frequency: Counter[str], number: int) -> float:
    """What words tell together: the more, the fewer of a number of places have them."""
    return sum(log((number + 1) / (frequency[w] + 0.5)) for w in words if frequency[w])


class Fit:
    """How well the words of each parameter fit the places of others: the rarer a word in a model, the more it tells."""

    def __init__(self, study: StudyData[Any]) -> None:
        evidence = study.evidence
        self.reads = reads_in_words(study.model)
        self.names = sorted(
            n for n in set(parameter_names(study.model)) if n in evidence.parameters and n in self.reads
        )
        self.own = {name: words_of_names(name) for name in self.names}
        self.notes = {name: all_words(study, name) - self.own[name] for name in self.names}
        self.units = {name: evidence.parameters[name].unit for name in self.names}
        one_place = (self.reads[n].near | self.reads[n].far | words_of_names(*self.reads[n].beside) for n in self.names)
        self.frequency = Counter(word for words in one_place for word in words)

    def at(self, name: str, place: str, pair: tuple[str, str]) -> float:
        """How well a parameter fits where another is read; the two do not speak for each other."""
        read = self.reads[place]
        far = (read.far | words_of_names(*(read.beside - set(pair)))) - read.near
        own, notes = self.own[name], self.notes[name]
        parts = ((1.0, own & read.near), (0.6, own & far), (0.5, notes & read.near), (0.3, notes & far))
        return sum(weight * rarity(words, self.frequency, len(self.names)) for weight, words in parts)

    def better_the_other_way_round(self) -> Iterator[tuple[str, str]]:
        """Pairs of one unit of which each stands no worse, and both together much better, in the other's place."""
        least = LEAST_GAIN * log(len(self.names) + 1)
        for a, b in combinations(self.names, 2):
            if self.units[a] == self.units[b] and self.reads[a].formulas != self.reads[b].formulas:
                pair = (a, b)
                first = self.at(a, b, pair) - self.at(a, a, pair)
                second = self.at(b, a, pair) - self.at(b, b, pair)
                if min(first, second) >= 0 and first + second > least:
                    yield pair
