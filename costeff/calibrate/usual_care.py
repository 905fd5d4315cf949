"""Cuts a model down to life under usual care: what exits and the start read, nothing that only prices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from costeff.model import Clock, Expression, LookBack, Model

ZERO = Expression(0)


def usual_care(model: Model, horizon: int, passages: Iterable[str] = (), attributes: Iterable[str] = ()) -> Model:
    """The comparator strategy of `model` alone over `horizon` cycles, without flows, effects, bands and perspectives.

    Clocks, attributes and definitions that no exit or start reads fall away, but for those `attributes`; lives are
    the same as in the whole model, because random numbers are addressed by name.
    """
    kept_clocks = {c for t in model.transitions for c in (t.clock, t.ratio_clock)} | {d.clock for d in model.deadlines}
    comparator = model.find("strategies", model.comparator)
    start = comparator.start or model.start
    clocks = tuple(clock for clock in model.clocks if clock.name in kept_clocks)
    roots = {start, *attributes}
    names = _reached(model, roots.union(*(e.names for e in _formulas(model, clocks)), _strata(model)))
    passage_names = set(passages)
    return replace(
        model,
        conventions=replace(model.conventions, horizon=horizon, discount_rate_cost=ZERO, discount_rate_effect=ZERO),
        definitions={name: formula for name, formula in model.definitions.items() if name in names},
        attributes=tuple(a for a in model.attributes if a.name in names),
        clocks=clocks,
        start=start,
        strategies=(replace(comparator, start=""),),
        passages=tuple(p for p in model.passages if p.name in passage_names),
        strategy_effects=(),
        windows=(),
        bands=(),
        flows=(),
        effects=(),
        perspectives=(),
        parties=(),
    )


def _strata(model: Model) -> set[str]:
    return {name for transition in model.transitions for name in transition.strata}


def _formulas(model: Model, clocks: Iterable[Clock]) -> Iterator[Expression]:
    """Every formula of exits, deadlines and the clocks that they read."""
    for transition in model.transitions:
        yield from transition.formulas
    for deadline in model.deadlines:
        yield deadline.at
    for clock in clocks:
        yield from filter(None, (clock.initial, clock.initial_until))
        if isinstance(clock.reset, LookBack):
            yield from (e for e in (clock.reset.banked, clock.reset.banked_until) if e is not None)


def _reached(model: Model, roots: Iterable[str]) -> set[str]:
    """Names reached from `roots` through attributes and definitions; a category stands for its attribute."""
    behind: dict[str, list[Expression]] = {name: [formula] for name, formula in model.definitions.items()}
    owner: dict[str, str] = {}
    for attribute in model.attributes:
        formulas = [attribute.value] if attribute.value is not None else []
        behind[attribute.name] = [*formulas, *(attribute.categories or {}).values()]
        owner |= dict.fromkeys(attribute.categories or {}, attribute.name)
    ahead, names = list(roots), set[str]()
    while ahead:
        name = ahead.pop()
        name = name if name in behind else owner.get(name, name)
        if name not in names:
            names.add(name)
            ahead += [n for formula in behind.get(name, ()) for n in formula.names]
    return names
