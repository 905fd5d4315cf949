"""Whether cases can be chosen between: all seen the same way in the same world, and which reach the same citizens.

Cases are choices when nothing differs but what the municipality decides and whom it decides it for. Two that can reach
the same citizens are ways to serve them, of which at most one is chosen; what is not known is taken for that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from costeff.errors import ResultError
from costeff.investment.compare import NOTHING
from costeff.investment.payers import first_payer, payer_groups, payers
from costeff.model.formulas.expression import Expression
from costeff.model.model import Model
from costeff.problems import way_to

if TYPE_CHECKING:
    from costeff.investment import Case
    from costeff.investment.case_plan import CasePlan
    from costeff.investment.result import CaseResultData


@dataclass(frozen=True)
class Overlap:
    """Cases that may reach the same citizens: `pairs`, and `groups`, the largest sets in which all pairs do.

    `declared` are pairs that the cases' own `citizens` decide, either way; `unknown` those of which nothing is known.
    """

    pairs: tuple[tuple[str, str], ...]
    groups: tuple[tuple[str, ...], ...]
    declared: tuple[tuple[str, str], ...]
    unknown: tuple[tuple[str, str], ...]


def check_alike(cases: Sequence[Case]) -> None:
    """Raise ResultError for cases of which the files alone say that nobody can choose between them."""
    names = [case.name for case in cases]
    if duplicates := sorted({name for name in names if names.count(name) > 1}):
        raise ResultError(
            "two cases have the same name",
            value=", ".join(duplicates),
            rule="each case has a name of its own",
            way_out="change `case:` in one of the files",
        )
    if NOTHING in names:
        raise ResultError(
            "a case may not have this name",
            where=cases[names.index(NOTHING)].places.get("case"),
            value=NOTHING,
            rule="it stands for no case at all",
            way_out="change `case:` in the file",
        )
    for what, aspect, rule, way_out in _ALIKE:
        values = {case.name: aspect(case) for case in cases}
        if len({_folded(value) for value in values.values()}) > 1:
            raise ResultError(
                f"the cases cannot be chosen between: they {what}", value=_by_case(values), rule=rule, way_out=way_out
            )


_ALIKE: tuple[tuple[str, Callable[[Case], str], str, str], ...] = (
    (
        "do not cover the same calendar years",
        lambda case: f"{case.calendar[0]}-{case.calendar[-1]}",
        "a longer horizon sees more of the gain, so that only equal horizons can be ranked",
        "give them the same `first_year` and `years`",
    ),
    (
        "are at different price levels",
        lambda case: str(case.price_year),
        "amounts of different years are not added",
        "give them the same `price_year`",
    ),
    (
        "project prices differently",
        lambda case: _words(case.price_index),
        "prices of later years are the same whichever case is chosen",
        "give them the same `price_index`",
    ),
    (
        "are seen from different places",
        lambda case: case.view,
        "a gain of one municipality and one of all together are gains of different parties",
        "give them the same `view`",
    ),
    (
        "book between authorities differently",
        lambda case: (
            f"equalisation {case.equalisation}, out_migration {case.out_migration:g}, coverage {_words(case.coverage)}"
        ),
        "they say who bears a gain, and nobody chooses them",
        "give them the same `equalisation`, `out_migration` and `coverage`",
    ),
    (
        "hold under different rules",
        lambda case: f"{case.rules or 'those of the model'} ({case.regime})",
        "rules are not the municipality's choice: a case under other rules is the same choice in another world",
        "give them the same `rules`, or run each alone with `costeff invest` to see what rules mean",
    ),
    (
        "are of different municipalities",
        lambda case: case.municipality,
        "a municipality chooses between its own cases",
        "give them the same `municipality`, or compare those of one",
    ),
)


def _words(values: Mapping[Any, float]) -> str:
    return ", ".join(f"{key} {value:g}" for key, value in sorted(values.items())) or "as they are"


def check_plans(plans: Sequence[CasePlan], parties: str | None = None) -> None:
    """Raise ResultError for cases, ready to simulate, that nobody can choose between: so that none is run in vain.

    Beside `check_alike`: other draws, individuals or luck, another currency or other parties, a world that differs, and
    `parties` that are not among those of all.
    """
    check_alike([plan.case for plan in plans])
    _check_luck([(p.case.name, p.size, p.individuals, p.design.seed, p.design.method) for p in plans])
    _check_same({plan.case.name: plan.model.conventions.currency for plan in plans}, *_CURRENCY)
    _check_same({plan.case.name: _parties(plan.model) for plan in plans}, *_PARTIES)
    party_names = (*payer_groups(plans[0].model), *payers(plans[0].model))
    if parties is None:
        one_decider({plan.case.name: first_payer(plan.model, payers(plan.model)) for plan in plans})
    if parties is not None and parties not in party_names:
        raise ResultError(
            "unknown party",
            value=parties,
            rule=f"groups and parties: {', '.join(party_names)}",
            way_out=way_to(parties, party_names, "name one of them"),
        )
    for one, other in combinations(plans, 2):
        _check_world(one, other)


def one_decider(deciders: Mapping[str, str]) -> str:
    """Whom all cases are for, by name of the case. Raises ResultError when that is not one."""
    if len(set(deciders.values())) > 1:
        raise ResultError(
            "the cases are not for the same parties",
            value=", ".join(f"{who} ({name})" for name, who in deciders.items()),
            rule="cases are ranked for one decider: without another, the first perspective of their model",
            way_out="name the parties: --perspective",
        )
    return next(iter(deciders.values()))


def check_choice(results: Sequence[CaseResultData]) -> None:
    """Raise ResultError for results that nobody can choose between: as `check_plans`, where they hold plans."""
    check_alike([r.case for r in results])
    _check_luck([(r.case.name, r.draws, r.individuals, r.seed, "") for r in results])
    _check_same({r.case.name: ", ".join((*r.parties, *r.groups)) for r in results}, *_PARTIES)
    plans = [r.priced.plan for r in results if r.priced is not None]
    if plans:
        check_plans(plans)


_CURRENCY = (
    "are in different currencies",
    "amounts of different currencies are not added",
    "use models in one currency",
)
_PARTIES = (
    "have other parties",
    "cases are compared for the same parties and groups of them",
    "use models with the same parties",
)


def _check_same(values: Mapping[str, str], what: str, rule: str, way_out: str) -> None:
    if len(set(values.values())) > 1:
        raise ResultError(
            f"the cases cannot be chosen between: they {what}", value=_by_case(values), rule=rule, way_out=way_out
        )


def _parties(model: Model) -> str:
    return ", ".join((*payers(model), *payer_groups(model)))


def _check_luck(sizes: Sequence[tuple[str, int, int, int, str]]) -> None:
    """Refuse cases (name, draws, individuals, seed, method) whose difference would be chance: they share neither."""
    for place, (what, option) in enumerate(_LUCK, start=1):
        values = {size[0]: str(size[place]) for size in sizes}
        if len(set(values.values())) > 1:
            raise ResultError(
                f"the cases do not have the same {what}",
                value=_by_case(values),
                rule="cases are compared on the same draws and the same luck",
                way_out=f"give {option}, or write the same under `run` in all cases",
            )


_LUCK = (
    ("number of draws", "--draws"),
    ("number of individuals", "--individuals"),
    ("seed", "--seed"),
    ("method of drawing", "--method"),
)


def _by_case(values: Mapping[str, str]) -> str:
    return "; ".join(f"{name}: {value or 'not stated'}" for name, value in values.items())


def _check_world(one: CasePlan, other: CasePlan) -> None:
    """Refuse two cases under other prices and taxes, or for the same citizens with another course under usual care."""
    if one.model.name != other.model.name:
        return
    names = _surroundings(one)
    if _meets(one, other) is not False:
        names |= _usual_course(one.model)
    differing = sorted(
        name
        for name in names & set(one.draws) & set(other.draws)
        if not np.array_equal(one.draws[name], other.draws[name])
    )
    if differing:
        means = {
            plan.case.name: ", ".join(f"{n} {float(np.mean(plan.draws[n])):g}" for n in differing[:4])
            for plan in (one, other)
        }
        raise ResultError(
            "the cases cannot be chosen between: prices, taxes or usual care differ",
            where=next(
                (
                    plan.case.places[key]
                    for plan in (one, other)
                    for n in differing
                    if (key := f"set.{n}") in plan.case.places
                ),
                None,
            ),
            value=_by_case(means),
            rule="what the municipality does not decide is the same in all cases, so that their difference is the "
            "programme's",
            way_out="set these in all cases or in none; run each alone with `costeff invest` to see what they mean",
        )


def _surroundings(plan: CasePlan) -> set[str]:
    """Parameters behind the prices, shares, taxes and discount rates of usual care."""
    formulas: list[Expression] = [plan.model.conventions.discount_rate_cost]
    for line in plan.layout.lines:
        if not line.strategies or plan.model.comparator in line.strategies:
            formulas += [*line.amounts.values(), *(value for share in line.shares for value in share.values)]
    return _behind(plan.model, formulas)


def _usual_course(model: Model) -> set[str]:
    """Parameters behind how people move under usual care, their own attributes apart."""
    formulas = [e for t in model.transitions for e in t.formulas]
    return _behind(model, [*formulas, *(d.at for d in model.deadlines)])


def _behind(model: Model, formulas: Iterable[Expression]) -> set[str]:
    """Names that formulas read, through definitions too."""
    names: set[str] = set()
    waiting = [name for formula in formulas for name in formula.names]
    while waiting:
        name = waiting.pop()
        if name in model.definitions and name not in names:
            waiting += model.definitions[name].names
        names.add(name)
    return names - set(model.definitions)


def overlap(results: Sequence[CaseResultData]) -> Overlap:
    """Which cases may reach the same citizens, by their declared `citizens`, else by their populations."""
    names = [r.case.name for r in results]
    pairs, declared_pairs, unknown = [], [], []
    for one, other in combinations(results, 2):
        pair = one.case.name, other.case.name
        meets = _meet(one, other)
        if one.case.citizens and other.case.citizens:
            declared_pairs.append(pair)
        elif meets is None:
            unknown.append(pair)
        if meets is not False:
            pairs.append(pair)
    return Overlap(tuple(pairs), tuple(_cliques(names, pairs)), tuple(declared_pairs), tuple(unknown))


def _meet(one: CaseResultData, other: CaseResultData) -> bool | None:
    """Whether two results' cases can reach the same citizens; None when nothing tells."""
    if one.case.citizens and other.case.citizens:
        return _same_words(one.case.citizens, other.case.citizens)
    if one.priced is None or other.priced is None:
        return None
    return _meets(one.priced.plan, other.priced.plan)


def _meets(one: CasePlan, other: CasePlan) -> bool | None:
    """Whether two cases can reach the same citizens; None when nothing tells."""
    if one.case.citizens and other.case.citizens:
        return _same_words(one.case.citizens, other.case.citizens)
    if one.model.name != other.model.name:
        return None
    if one.shares_luck(other):
        return True  # the same people
    mine, theirs = one.possible, other.possible
    return all(mine[name] & theirs[name] for name in mine.keys() & theirs.keys())


def _folded(text: str) -> str:
    """A name as it is compared: capitals and blanks tell nobody apart."""
    return " ".join(text.split()).casefold()


def _same_words(one: str, other: str) -> bool:
    return _folded(one) == _folded(other)


def _cliques(names: Sequence[str], pairs: Sequence[tuple[str, str]]) -> list[tuple[str, ...]]:
    """The largest sets of two or more names of which every two are a pair, in order (Bron and Kerbosch).

    >>> _cliques("abcd", [("a", "b"), ("a", "c"), ("b", "c"), ("c", "d")])
    [('a', 'b', 'c'), ('c', 'd')]
    """
    near = {name: {b for pair in pairs for b in pair if name in pair and b != name} for name in names}
    cliques: list[tuple[str, ...]] = []

    def grow(clique: list[str], open_: set[str], exclusions: set[str]) -> None:
        if not open_ and not exclusions and len(clique) > 1:
            cliques.append(tuple(sorted(clique, key=list(names).index)))
        for name in sorted(open_, key=list(names).index):
            grow([*clique, name], open_ & near[name], exclusions & near[name])
            open_ = open_ - {name}
            exclusions = exclusions | {name}

    grow([], set(names), set())
    return cliques
