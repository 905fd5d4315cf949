"""The population as discrete groups with weights, for the cohort engine: one group per combination of categories."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from costeff.compile.compiler import Compiled, assemble, compile_arrays
from costeff.compile.entry import check_entry
from costeff.compile.environment import category_probabilities, parameter_environment
from costeff.compile.layout import Layout, layout
from costeff.compile.scales import category_attribute
from costeff.compile.weights import all_weights
from costeff.compile.windows import prepared
from costeff.engine.cohort.check import check_cohort
from costeff.errors import EngineError
from costeff.model.elements import Attribute, LookBack
from costeff.model.formulas.expression import Expression
from costeff.model.model import Model

MOST_GROUPS = 100_000


def compile_groups(
    model: Model,
    draws: Mapping[str, np.ndarray],
    tables: Mapping[str, Any],
    *,
    keys: np.ndarray | None = None,
    where: Layout | None = None,
    compact: bool = False,
    period_cycles: int | None = None,
) -> Compiled:
    """Compile `model` for the drawn parameters `draws` (name to (D,)), with groups in the place of individuals.

    `Tensors.group_weight` (D, N) sums to 1 in each draw. `compact` keeps hazards that do not change as one number; the
    cohort engine gives the same bits either way. Raises EngineError naming what the cohort engine cannot hold.
    """
    size = len(next(iter(draws.values()))) if draws else (1 if keys is None else len(keys))
    keys = np.arange(size, dtype=np.uint64) if keys is None else np.asarray(keys, np.uint64)
    where = layout(model) if where is None else where
    model = prepared(model)
    env = parameter_environment(model, draws, tables, size)
    people, weight = groups(model, env, where, size)
    arrays = compile_arrays(model, env, people, weight.shape, where, keys, compact)
    check_entry(model, arrays, weight=weight)
    compilation = assemble(
        model, env, arrays, where, seed=0, split=weight.shape[1], period_cycles=period_cycles, group_weight=weight
    )
    check_cohort(compilation.tensors, model.clock_names, where.events)
    return compilation


def groups(model: Model, env: Mapping[str, Any], where: Layout, size: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Attributes that matter, each (D, N), and the probability of each group in each draw, (D, N).

    Attributes that nothing reads are left out; groups that are impossible in every draw fall away.
    """
    read, starts = _read(model, where), _starts(model)
    names = _with_what_they_read(model, read | starts)
    # Where strategies start people in states of their own, which nothing else reads, each strategy has its own shares
    # and no other sees them: one division of the group serves them all, in the place of every combination.
    apart = starts - _with_what_they_read(model, read | (names - starts)) - _direct(model, starts)
    together = [a for a in model.attributes if a.name in apart] if len(apart) > 1 else []
    names -= {a.name for a in together}
    values: dict[str, np.ndarray] = {}
    weight = np.ones((size, 1))
    for attribute in model.attributes:
        if attribute.name not in names:
            continue
        everything = {**env, **values}
        if attribute.categories is None:
            values[attribute.name] = _value(attribute, everything, weight.shape)
            continue
        shares = _shares(attribute, everything, weight.shape)
        possible_groups = [np.flatnonzero((weight * share > 0).any(axis=0)) for share in shares]
        values = {name: np.concatenate([v[:, k] for k in possible_groups], axis=1) for name, v in values.items()}
        codes = [np.full((size, len(k)), float(code)) for code, k in enumerate(possible_groups)]
        values[attribute.name] = np.concatenate(codes, axis=1)
        weight = np.concatenate([(weight * s)[:, k] for s, k in zip(shares, possible_groups, strict=True)], axis=1)
        if weight.shape[1] > MOST_GROUPS:
            raise EngineError(
                f"too many groups with attribute '{attribute.name}'",
                where=attribute.place,
                value=weight.shape[1],
                rule=f"at most {MOST_GROUPS:,} combinations of categories",
                way_out="use the microsimulation, or merge categories",
            )
    return _divided_together(together, env, values, weight) if together else (values, weight)


def _divided_together(
    attributes: list[Attribute], env: Mapping[str, Any], values: dict[str, np.ndarray], weight: np.ndarray
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """The groups divided by attributes of which none is read together with another.

    Each group is cut where the running sum of any attribute's shares ends, so that each has its own shares, and n
    attributes of k categories give n (k - 1) + 1 pieces and not k to the power of n.

    >>> start, later = (Attribute(n, categories={"a": Expression(p), "b": Expression("rest")}) for n, p in
    ...                 (("start", 0.25), ("later", 0.5)))
    >>> pieces, weight = _divided_together([start, later], {}, {}, np.ones((1, 1)))
    >>> weight.tolist(), pieces["start"].tolist(), pieces["later"].tolist()
    ([[0.25, 0.25, 0.5]], [[0.0, 1.0, 1.0]], [[0.0, 0.0, 1.0]])
    """
    ends = []  # of all categories but the last, (D, N, categories - 1)
    for attribute in attributes:
        shares = np.stack(_shares(attribute, {**env, **values}, weight.shape), axis=2)
        nothing_later = shares[:, :, :0:-1].cumsum(axis=2)[:, :, ::-1] == 0
        ends.append(np.where(nothing_later, 1.0, np.minimum(shares[:, :, :-1].cumsum(axis=2), 1.0)))
    cuts = np.sort(np.concatenate(ends, axis=2), axis=2)
    low = np.concatenate([np.zeros((*weight.shape, 1)), cuts], axis=2)
    high = np.concatenate([cuts, np.ones((*weight.shape, 1))], axis=2)
    shape = (len(weight), -1)
    whole = (weight[:, :, None] * (high - low)).reshape(shape)
    pieces = {name: np.repeat(v, low.shape[2], axis=1) for name, v in values.items()}
    for attribute, end in zip(attributes, ends, strict=True):
        code = (end[:, :, None, :] <= low[:, :, :, None]).sum(axis=3)
        pieces[attribute.name] = code.reshape(shape).astype(float)
    possible = np.flatnonzero((whole > 0).any(axis=0))
    return {name: v[:, possible] for name, v in pieces.items()}, whole[:, possible]


def _value(attribute: Attribute, env: Mapping[str, Any], shape: tuple[int, int]) -> np.ndarray:
    assert attribute.value is not None
    random = attribute.value.names & {"u", "z"}
    if random:
        raise EngineError(
            f"attribute '{attribute.name}' differs between individuals of a group",
            where=attribute.place,
            value=attribute.value.text,
            rule="groups of the cohort engine are combinations of categories: no formula reads u or z",
            way_out="use the microsimulation, or give the attribute categories",
        )
    return np.array(np.broadcast_to(np.asarray(attribute.value.evaluate(env), float), shape))


def _shares(attribute: Attribute, env: Mapping[str, Any], shape: tuple[int, int]) -> list[np.ndarray]:
    """Probability of each category; as in the microsimulation the last possible one takes what rounding leaves."""
    shares = [np.array(np.broadcast_to(p, shape)) for p in category_probabilities(attribute, env)]
    gap = 1.0 - np.sum(shares, axis=0)
    last = np.zeros(shape, int)
    for i, share in enumerate(shares):
        last = np.where(share > 0, i, last)
    return [np.maximum(share + np.where(last == i, gap, 0.0), 0.0) for i, share in enumerate(shares)]


def _starts(model: Model) -> set[str]:
    """Attributes that say where people start."""
    return {model.start, *(s.start for s in model.strategies if s.start)}


def _read(model: Model, where: Layout) -> set[str]:
    """Names that the compiled arrays read, but for where people start."""
    names = set[str]()
    for weight in all_weights(where):
        names |= {weight} if isinstance(weight, str) else _names(weight)
    for transition in model.transitions:
        names |= {*transition.strata, *filter(None, [category_attribute(model, transition)])}
    for formula in _formulas(model):
        names |= _names(formula)
    return names


def _with_what_they_read(model: Model, some_names: set[str]) -> set[str]:
    """These names, and the attributes that they depend on."""
    names = set(some_names)
    for attribute in reversed(model.attributes):
        names |= _direct(model, {attribute.name} & names)
    return names


def _direct(model: Model, some_names: set[str]) -> set[str]:
    """What the attributes of these names depend on without a step between."""
    names = set[str]()
    for attribute in model.attributes:
        if attribute.name in some_names:
            for own in attribute.categories.values() if attribute.categories else (attribute.value,):
                if own is not None and own.text != "rest":
                    names |= _names(own)
    return names


def _formulas(model: Model) -> Iterator[Expression]:
    """Every formula with one value per individual."""
    yield from (t.multiplier for t in model.transitions if t.multiplier is not None)
    yield from (x.at for x in model.deadlines)
    yield from (stage for clock in model.clocks for stage in clock.stages)
    for clock in model.clocks:
        yield from filter(None, (clock.initial, clock.initial_until))
        if isinstance(clock.reset, LookBack):
            yield from (f for f in (clock.reset.banked, clock.reset.banked_until) if f is not None)


def _names(formula: Expression) -> set[str]:
    return set(formula.names) | {column for _, column in formula.column_names}
