"""Where each parameter is read, and what its name says: names such as h_sick_work, c_sick or utility_cancer."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from costeff.model import Expression, Model

Words = tuple[str, ...]
Move = tuple[str, str]


@dataclass
class Reads:
    """The places that one parameter is read at, by what they are about."""

    moves: set[Move] = field(default_factory=set)
    states: set[str] = field(default_factory=set)
    items: set[str] = field(default_factory=set)
    categories: set[str] = field(default_factory=set)
    legs: set[str] = field(default_factory=set)


def words_of(name: str) -> Words:
    """The words of a name, without a number at its end.

    Examples
    --------
    >>> words_of("h_sick_full_work_2"), words_of("c_H")
    (('h', 'sick', 'full', 'work'), ('c', 'H'))
    """
    words = tuple(name.split("_"))
    return words[:-1] if len(words) > 1 and words[-1].isdigit() else words


def holds(words: Words, part: Words) -> bool:
    """Whether a part stands in words, in one piece."""
    return any(words[i : i + len(part)] == part for i in range(len(words) - len(part) + 1))


def moves_named(name: str, moves: set[Move]) -> set[Move]:
    """The moves that a name can mean: its words, without the first, tell a state and the state after it.

    States may be told by their first words, and joined, as in r_HS1.

    Examples
    --------
    >>> moves_named("r_HS1", {("H", "S1"), ("S1", "H")}), moves_named("h_work_sick_1", {("work", "sick_full")})
    ({('H', 'S1')}, {('work', 'sick_full')})
    """
    words = words_of(name)[1:]
    whole = {(a, b) for a, b in moves if holds(words, (*a.split("_"), *b.split("_"))) or a + b in words}
    longest = max((len(a.split("_")) + len(b.split("_")) for a, b in whole), default=0)
    whole = {(a, b) for a, b in whole if len(a.split("_")) + len(b.split("_")) == longest}
    parts = [(words[:i], words[i:]) for i in range(1, len(words))]
    return whole | {(a, b) for a, b in moves for first, last in parts if _begins(a, first) and _begins(b, last)}


def _begins(state: str, words: Words) -> bool:
    return _split(state)[: len(words)] == words


def things_named(name: str, things: set[str]) -> set[str]:
    """The longest of some names that stand in a name, its first word aside.

    Examples
    --------
    >>> things_named("c_sick_leave", {"sick", "sick_leave", "work"}), things_named("sick", {"sick"})
    ({'sick_leave'}, set())
    """
    words = words_of(name)[1:]
    within = {thing for thing in things if holds(words, _split(thing))}
    return {one for one in within if not any(one != b and holds(_split(b), _split(one)) for b in within)}


def _split(name: str) -> Words:
    return tuple(name.split("_"))


def all_moves(model: Model) -> dict[Move, set[str]]:
    """Every move that people can make at a hazard, with the names and legs of its exits."""
    moves: dict[Move, set[str]] = {}
    for t in model.transitions:
        own_name = "" if "->" in t.name else t.name.split(" [")[0]
        moves.setdefault((t.source, t.target), set()).update({own_name, t.leg} - {""})
    return moves


def reads_by_parameter(model: Model) -> dict[str, Reads]:
    """Where each parameter is read: by the formulas themselves, and by definitions only where no formula names it."""
    direct: dict[str, Reads] = {}
    behind: dict[str, Reads] = {}
    moves = all_moves(model)

    def note(formula: Expression, **about: Iterable[Move | str]) -> None:
        for names, reads in ((set(formula.names), direct), (_defined(model, formula), behind)):
            for name in names:
                one = reads.setdefault(name, Reads())
                for kind, things in about.items():
                    getattr(one, kind).update(things)

    for t in model.transitions:
        for formula in t.formulas:
            note(formula, moves={(t.source, t.target)})
    for effect in model.strategy_effects:
        own = {move for move, legs in moves.items() if legs & set(effect.legs)}
        for formula in effect.ratio:
            note(formula, moves=own, legs=set(effect.legs))
    for flow in model.flows:
        by_event = {move for move, legs in moves.items() if legs & set(flow.transitions)}
        for state, amount in flow.amounts.items():
            note(amount, items={flow.item}, states={state} - {""}, moves=by_event)
    for result in model.effects:
        for term in result.terms:
            note(
                term.amount, states=set(term.states), moves={m for m, legs in moves.items() if legs & set(term.events)}
            )
    for attribute in model.attributes:
        shares = attribute.categories or {}
        of_rest = {category for category, share in shares.items() if share.text == "rest"}  # what the others leave
        for category, share in shares.items():
            note(share, categories={category, *of_rest})
    groups = {a.name: tuple(a.categories) for a in model.attributes if a.categories}
    for formula in _of_people(model):
        for category, names in branches(formula, groups):
            for name in names:
                direct.setdefault(name, Reads()).categories.add(category)
    return {**behind, **direct}


def _of_people(model: Model) -> Iterator[Expression]:
    for attribute in model.attributes:
        yield from (attribute.categories or {}).values()
        if attribute.value is not None:
            yield attribute.value
    for t in model.transitions:
        yield from t.formulas


def _defined(model: Model, formula: Expression) -> set[str]:
    names: set[str] = set()
    for name in set(formula.names) & set(model.definitions):
        names |= set(model.definitions[name].names) | _defined(model, model.definitions[name])
    return names


def branches(formula: Expression, groups: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, set[str]]]:
    """(category, names read where someone is of it) of each `where(attribute == category, ..., ...)`.

    Examples
    --------
    >>> [(category, sorted(names)) for category, names in branches(
    ...     Expression("where(sex == women, w, m + n)"), {"sex": ("women", "men")})]
    [('women', ['w']), ('men', ['m', 'n'])]
    """
    for node in ast.walk(ast.parse(formula.text, mode="eval")):
        question = _category(node)
        if question is None or question[0] not in groups:
            continue
        attribute, category = question
        yield category, _names(node.args[1])  # type: ignore[attr-defined]
        others, last = set(groups[attribute]) - {category}, node.args[2]  # type: ignore[attr-defined]
        while (next_one := _category(last)) is not None and next_one[0] == attribute:
            others, last = others - {next_one[1]}, last.args[2]
        for other in sorted(others):
            yield other, _names(last)


def _category(node: ast.AST) -> tuple[str, str] | None:
    """(attribute, category) that a `where` asks about."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "where"):
        return None
    test = node.args[0]
    if not (isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and isinstance(test.ops[0], ast.Eq)):
        return None
    category = test.comparators[0]
    return (test.left.id, category.id) if isinstance(category, ast.Name) else None


def _names(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def lists(formula: Expression) -> Iterator[list[str]]:
    """The names in each list of a formula, such as the values of `piecewise`, from left to right.

    Examples
    --------
    >>> list(lists(Expression("piecewise(t, [4, 9], [h_1, 2 * h_2, h_3])")))
    [[], ['h_1', 'h_2', 'h_3']]
    """
    for node in ast.walk(ast.parse(formula.text, mode="eval")):
        if isinstance(node, ast.List):
            yield [n.id for part in node.elts for n in ast.walk(part) if isinstance(n, ast.Name)]
