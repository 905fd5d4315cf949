"""Target groups of a case: who belongs to one, and the model in which nobody but they live on.

Those outside a group are dead from their start, so that everybody else is the same person with the same luck as in the
whole case, and what groups that share out the citizens do adds up to what all of them do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from costeff.errors import ScenarioError
from costeff.evidence import Evidence
from costeff.investment.case import Case, TargetGroup
from costeff.investment.keys import TARGET_GROUP
from costeff.model.elements import Attribute
from costeff.model.formula_section import FormulaSection
from costeff.model.formulas.expression import Expression
from costeff.model.model import Model
from costeff.problems import way_to


def read_target_group(name: str, block: FormulaSection) -> TargetGroup:
    """A group's name in words, and the formula that says who belongs to it."""
    block.closed(TARGET_GROUP)
    return TargetGroup(name, block.label(name), block.formula("who"), block.place)


def check_target_groups(case: Case, model: Model, evidence: Evidence) -> Iterator[ScenarioError]:
    """A group is told by attributes that are known before people begin, in a model in which people can die."""
    if not case.target_groups:
        return
    starts = {model.start, *(s.start for s in model.strategies if s.start)}
    names = [attribute.name for attribute in model.attributes]
    at_start = names[: min(names.index(start) for start in starts)]
    others = {*model.definitions, *evidence.parameters, *model.categories}
    for group in case.target_groups:
        where = group.who.place or group.place
        for name in sorted(group.who.names - others - set(at_start)):
            rule = f"attributes that are known when people begin: {', '.join(at_start)}"
            way_out = way_to(name, [*at_start, *others], "name one of them")
            what = f"target group '{group.name}' reads what nobody has at the start"
            yield ScenarioError(what, where=where, value=name, rule=rule, way_out=way_out)
        wrong = _compared_wrongly(group.who.text, model)
        if wrong or not re.search("[<>=]", group.who.text):
            own = next((a for a in model.attributes if a.name in at_start and a.categories), None)
            example = "" if own is None else f", such as `{own.name} == {next(iter(own.categories or ()))}`"
            yield ScenarioError(
                f"target group '{group.name}' is no condition on people",
                where=where,
                value=wrong or group.who.text,
                rule="numbers are compared by < or >, and an attribute with one of its own categories by ==",
                way_out=f"write a comparison{example}",
            )
        elif not group.who.names & set(at_start):
            yield ScenarioError(
                f"target group '{group.name}' has everybody or nobody",
                where=where,
                value=group.who.text,
                rule="`who` is a condition on attributes of people, such as `origin == from_work`",
                way_out=f"name one of {', '.join(at_start)}",
            )
    if all(state.alive for state in model.states):
        yield ScenarioError(
            "the model has no state for those outside a target group",
            where=case.places.get("target_groups"),
            value=model.name,
            rule="people outside a group are taken for dead, in a state with `alive: false`",
            way_out="remove `target_groups`",
        )


def _compared_wrongly(text: str, model: Model) -> str:
    """An attribute with categories, or a category, that does not stand beside its own by == or !=; '' for none.

    Categories are numbers inside, so that `origin == heart` would be true of somebody.
    """
    categories = {a.name: set(a.categories) for a in model.attributes if a.categories}

    def removed(match: re.Match[str]) -> str:
        one, other = match.groups()
        own = other in categories.get(one, ()) or one in categories.get(other, ())
        return "" if own else match.group()

    rest = re.sub(r"\b(\w+)\s*[=!]=\s*(\w+)\b", removed, text)
    names = set(re.findall(r"[A-Za-z_]\w*", rest))
    return next(
        (name for name in sorted(names) if name in categories or any(name in c for c in categories.values())), ""
    )


def only_group(model: Model, group: TargetGroup) -> Model:
    """The model in which everybody outside the group is dead from the start."""
    dead = next(state.name for state in model.states if not state.alive)
    starts = {model.start, *(s.start for s in model.strategies if s.start)}
    attributes = (_within(a, group, dead) if a.name in starts else a for a in model.attributes)
    return replace(model, attributes=tuple(attributes), left_out=dead)


def _within(start: Attribute, group: TargetGroup, dead: str) -> Attribute:
    """First states of the group alone, each with its own chance and in its own place."""
    assert start.categories is not None
    chances = [formula.text for name, formula in start.categories.items() if formula.text != "rest" and name != dead]
    rest = f"max(1 - ({' + '.join(chances) or '0'}), 0)"
    categories = {
        name: Expression(f"({condition(group)}) * ({rest if formula.text == 'rest' else formula.text})")
        for name, formula in start.categories.items()
        if name != dead
    }
    return replace(start, categories={**categories, dead: Expression("rest")})


def condition(group: TargetGroup) -> str:
    """A formula that is 1 of those in the group and 0 of the others."""
    return f"where({group.who.text}, 1, 0)"
