"""Builds the Tensors of a batch of draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from costeff.compile.counts import count_fields, second_clock_fields
from costeff.compile.discount import periods, within_cycle_weights
from costeff.compile.entry import by_source, check_entry
from costeff.compile.environment import parameter_environment, population
from costeff.compile.hazards import HazardTables, hazard_tables, stratum_sizes
from costeff.compile.layers import discount_layers
from costeff.compile.layout import Layout, Tally, Weight, layout
from costeff.compile.lifelong import check_lifelong
from costeff.compile.names import check_attributes, exit_names, lifelong_names, state_names
from costeff.compile.ratios import ratios
from costeff.compile.scales import compiled_exits
from costeff.compile.weights import Weights, weight_rows
from costeff.compile.windows import prepared
from costeff.engine.tensors import LOOK_BACK, ON_LEAVING, PLAIN, Tables, Tensors, as_array
from costeff.errors import ModelError
from costeff.model.amounts import changes
from costeff.model.elements import TIME, TIME_IN_STATE, Clock, LookBack, OnLeaving, Transition
from costeff.model.formulas.expression import Expression
from costeff.model.model import Model

ZERO, ONE = Expression(0), Expression(1)


@dataclass(frozen=True)
class Compiled:
    """Tensors with the labels that the kernels do not see."""

    tensors: Tensors
    layout: Layout
    layer_cost: int
    layer_effect: int


def compile_model(
    model: Model,
    draws: Mapping[str, np.ndarray],
    tables: Mapping[str, Any],
    *,
    individuals: int,
    seed: int,
    keys: np.ndarray | None = None,
    first: int = 0,
    count: int | None = None,
    where: Layout | None = None,
    period_cycles: int | None = None,
) -> Compiled:
    """Compile `model` for the drawn parameters `draws` (name to (D,)).

    `keys` (D,) are the draws' addresses (default 0, 1, ...); equal keys share their luck. `first` and `count` pick a
    block of the `individuals`. `period_cycles` is the length of a period, a year unless stated. Raises ModelError when
    a formula gives an impossible value, naming draw and place.
    """
    size = len(next(iter(draws.values()))) if draws else (1 if keys is None else len(keys))
    keys = np.arange(size, dtype=np.uint64) if keys is None else np.asarray(keys, np.uint64)
    count = individuals if count is None else count
    model = prepared(model)
    env = parameter_environment(model, draws, tables, size)
    people = population(model, env, seed, keys, first, count)
    where = layout(model) if where is None else where
    arrays = compile_arrays(model, env, people, (size, count), where, keys)
    check_entry(model, arrays, first)
    return assemble(
        model,
        env,
        arrays,
        where,
        seed=seed,
        split=(individuals + 1) // 2,
        period_cycles=period_cycles,
        first_individual=first,
    )


def compile_arrays(
    model: Model,
    env: dict[str, Any],
    people: dict[str, np.ndarray],
    shape: tuple[int, int],
    where: Layout,
    keys: np.ndarray,
    compact: bool = False,
) -> Tables:
    """The arrays of `shape` (draws, individuals or groups) whose attributes are `people`, each (D, N).

    `compact`: one entry for a hazard that does not change, see `hazard_tables`.
    """
    check_lifelong(model)
    check_attributes(model)
    return _Builder(model, env, people, shape, where).tables(keys, compact)


def start_states(model: Model, people: Mapping[str, np.ndarray]) -> np.ndarray:
    """First states, (rows, D, N): a row for each attribute that some strategy starts by, in order of strategies."""
    number = {name: i for i, name in enumerate(model.state_names)}
    states = []
    for name in dict.fromkeys(s.start or model.start for s in model.strategies):
        order = np.array([number[state] for state in model.find("attributes", name).categories])
        states.append(order[people[name].astype(np.int64)])
    return np.stack(states)


def assemble(
    model: Model,
    env: Mapping[str, Any],
    arrays: Tables,
    where: Layout,
    *,
    seed: int,
    split: int,
    period_cycles: int | None = None,
    **fields: Any,
) -> Compiled:
    """Put arrays, discount layers, within-cycle weights and periods together; `fields` are further ones of Tensors."""
    cycles = model.conventions.horizon
    factors, events, layer_cost, layer_effect = discount_layers(model, env)
    weights = within_cycle_weights(model.conventions.within_cycle, cycles)
    length = period_cycles or model.conventions.cycles_per_year
    period = periods(cycles, length)
    tensors = Tensors(
        tables=arrays,
        cycle_weight=np.ascontiguousarray(factors * weights),
        event_weight=np.ascontiguousarray(events),
        period=period,
        seed=seed,
        split=split,
        **fields,
    )
    return Compiled(tensors, where, layer_cost, layer_effect)


class _Builder:
    """Evaluates every formula once and lays the results out as arrays."""

    def __init__(
        self, model: Model, env: dict[str, Any], people: dict[str, np.ndarray], shape: tuple[int, int], where: Layout
    ) -> None:
        self.model, self.env, self.people, self.shape, self.layout = model, env, people, shape, where
        self.everyone = {**env, **people}
        self.states = {name: i for i, name in enumerate(model.state_names)}
        self.clocks = {name: i for i, name in enumerate(model.clock_names)}
        self.exits = compiled_exits(model)
        self.transitions = [e.transition for e in self.exits]
        self.deadlines = by_source(model)

    def tables(self, keys: np.ndarray, compact: bool) -> Tables:
        fields: dict[str, Any] = {"draw_key": keys}
        fields |= self._clock_fields()
        ranges = self._clock_ranges(fields["clock_initial"])
        hazards = hazard_tables(self.model, self.exits, self.env, ranges, self.shape[0], compact)
        fields |= self._exit_fields(hazards)
        fields |= second_clock_fields(self.model, self.exits, self.env, ranges, self.shape[0])
        fields |= count_fields(self.model, self.exits, self.deadlines, ranges, self.cycles)
        fields |= self._deadline_fields()
        fields |= self._tally_fields()
        fields |= self._passage_fields()
        fields |= self._start_fields()
        return Tables(**{name: as_array(name, fields[name]) for name in Tables._fields})

    def per_individual(self, formula: Expression, what: str, place: Any) -> np.ndarray:
        values = np.broadcast_to(np.asarray(formula.evaluate(self.everyone), float), self.shape)
        if not np.isfinite(values).all():
            raise ModelError(f"{what} is not finite", where=place, value=formula.text)
        return values

    def cycles(self, formula: Expression, what: str, place: Any) -> np.ndarray:
        whole: np.ndarray = np.floor(self.per_individual(formula, what, place)).astype(np.int64)
        return whole

    def mask(self, names: tuple[str, ...] | None) -> np.ndarray:
        if names is None:
            return np.ones(len(self.states), np.uint8)
        return np.array([name in names for name in self.states], dtype=np.uint8)

    def first(self, sources: list[str]) -> np.ndarray:
        counts = np.zeros(len(self.states), np.int64)
        for source in sources:
            counts[self.states[source]] += 1
        return np.concatenate([[0], np.cumsum(counts)])

    # -- clocks ---------------------------------------------------------------------------------------------------

    def _clock_fields(self) -> dict[str, Any]:
        built_in = (Clock(TIME_IN_STATE, ZERO), Clock(TIME, ZERO))
        clocks = (*built_in, *self.model.clocks)
        initial, cycles_banked, until = (np.zeros((len(clocks), *self.shape), np.int32) for _ in range(3))
        rows: list[tuple[int, np.ndarray, int, int]] = []
        for i, clock in enumerate(clocks):
            if clock.initial != ZERO:
                initial[i] = self.cycles(clock.initial, f"clock '{clock.name}'", clock.place)
            match clock.reset:
                case OnLeaving(states):
                    rows.append((ON_LEAVING, self.mask(states), 0, 0))
                case LookBack() as back:
                    rows.append((LOOK_BACK, self.mask(back.counted_in), back.after, back.within))
                    cycles_banked[i], until[i] = self._banked(clock, back)
                case _:
                    rows.append((PLAIN, self.mask(()), 0, 0))
        kind, mask, after, within = zip(*rows, strict=True)
        return {
            "clock_initial": initial,
            "clock_advances": np.stack([self.mask(() if c.counts or c.stages else c.advances_in) for c in clocks]),
            "clock_kind": kind,
            "clock_mask": np.stack(mask),
            "clock_after": after,
            "clock_within": within,
            "clock_banked": cycles_banked,
            "clock_banked_until": until,
        }

    def _banked(self, clock: Clock, back: LookBack) -> tuple[np.ndarray, np.ndarray]:
        what = f"cycles banked on clock '{clock.name}'"
        cycles_banked = self.cycles(back.banked or ZERO, what, clock.place)
        until = self.cycles(back.banked_until or ZERO, what, clock.place)
        if cycles_banked.min() < 0 or until.min() < 0 or cycles_banked.max() >= back.after:
            raise ModelError(
                f"{what} are out of range",
                where=clock.place,
                value=f"{cycles_banked.min()} to {cycles_banked.max()}, ended {until.min()} or more before the start",
                rule=f"from 0 to {back.after - 1}: with {back.after} the clock would already stand at 0",
                way_out="bound the formula with min and max",
            )
        return cycles_banked, until

    def _clock_ranges(self, initial: np.ndarray) -> dict[str, tuple[int, int]]:
        ranges = {}
        for name, i in self.clocks.items():
            clock = next((c for c in self.model.clocks if c.name == name), None)
            low, high = int(initial[i].min()), int(initial[i].max())
            if clock is not None and clock.reset is not None:
                low, high = min(low, 0), max(high, 0)
            ranges[name] = (low, high + self.model.conventions.horizon + 1)
        return ranges

    # -- exits ----------------------------------------------------------------------------------------------------

    def _exit_fields(self, hazards: HazardTables) -> dict[str, Any]:
        factors: dict[tuple[Expression, tuple[str, int] | None], int] = {}
        rows: list[np.ndarray] = []
        factor_index = []
        for one in self.exits:
            formula = one.transition.multiplier or ONE
            if formula == ONE and one.category is None:
                factor_index.append(-1)
                continue
            key = (formula, one.category)
            if key not in factors:
                factors[key] = len(rows)
                rows.append(self._multiplier(one.transition, formula) * self._members(one.category))
            factor_index.append(factors[key])
        lifelong = lifelong_names(self.exits)
        lifelong_row = {name: i for i, name in enumerate(lifelong)}
        ratio_index, ratio = ratios(self.model, self.exits, self.env, self.shape[0])
        return {
            "exit_first": self.first([t.source for t in self.transitions]),
            "exit_target": [self.states[t.target] for t in self.transitions],
            "exit_clock": [self.clocks[t.clock] for t in self.transitions],
            "exit_table": hazards.exit_table,
            "exit_factor": factor_index,
            "exit_ratio": ratio_index,
            "exit_name": exit_names(self.exits),
            "exit_lifelong": [lifelong_row[t.lifelong] if t.lifelong else -1 for t in self.transitions],
            "lifelong_name": list(lifelong.values()),
            "state_name": state_names(self.model),
            "table_offset": hazards.offset,
            "table_start": hazards.start,
            "table_length": hazards.length,
            "table_stratum": hazards.stratum,
            "stratum": self._strata(hazards.strata),
            "cumulative": hazards.cumulative,
            "table_most": hazards.most,
            "ratio": ratio,
            "ratio_most": ratio.max(axis=3),
            "window_edge": self.model.window_edges,
            "factor": np.stack(rows) if rows else np.ones((1, *self.shape)),
        }

    def _multiplier(self, exit_: Transition, formula: Expression) -> np.ndarray:
        values = self.per_individual(formula, f"multiplier of '{exit_.name}'", exit_.place)
        if values.min() < 0:
            raise ModelError(
                f"multiplier of '{exit_.name}' is negative",
                where=exit_.place,
                value=float(values.min()),
                rule="a multiplier is at least 0",
                way_out="bound the formula with max(0, ...)",
            )
        return values

    def _members(self, category: tuple[str, int] | None) -> np.ndarray | float:
        """1 for those of the category, 0 for others."""
        return 1.0 if category is None else (self.people[category[0]] == category[1]).astype(float)

    def _strata(self, strata: list[tuple[str, ...]]) -> np.ndarray:
        if not strata:
            return np.zeros((1, *self.shape))
        return np.stack(
            [
                np.ravel_multi_index(
                    tuple(self.people[name].astype(np.int64) for name in names), stratum_sizes(self.model, names)
                )
                for names in strata
            ]
        )

    # -- the rest -------------------------------------------------------------------------------------------------

    def _deadline_fields(self) -> dict[str, Any]:
        formulas = list(dict.fromkeys(x.at for x in self.deadlines))
        at = [self.cycles(f, "a deadline", None) for f in formulas]
        return {
            "deadline_first": self.first([x.source for x in self.deadlines]),
            "deadline_target": [self.states[x.target] for x in self.deadlines],
            "deadline_clock": [self.clocks[x.clock] for x in self.deadlines],
            "deadline_row": [formulas.index(x.at) for x in self.deadlines],
            "deadline_at": np.stack(at) if at else np.zeros((1, *self.shape)),
        }

    def _tally_fields(self) -> dict[str, Any]:
        bands = {band.name: i for i, band in enumerate(self.model.bands)}
        tallies = self.layout.tallies
        weights = weight_rows(self.model, self.layout, self.env, self.people, self.shape)
        return {
            "band_clock": [self.clocks[b.clock] for b in self.model.bands],
            "band_first": np.concatenate([[0], np.cumsum([len(b.edges) for b in self.model.bands])]),
            "band_edge": [e for b in self.model.bands for e in b.edges],
            "tally_first": np.concatenate([[0], np.cumsum([len(t.bands) for t in tallies])]),
            "tally_band": [bands[b] for t in tallies for b in t.bands],
            "tally_weight": [weights.row(t.weight) for t in tallies],
            "tally_dated": [self._dated(t.weight) for t in tallies],
            "tally_offset": [*(t.offset for t in tallies), self.layout.size],
            "tally_cells": [t.cells for t in tallies],
            "tally_state": np.stack([self.mask(t.states) for t in tallies]),
            "tally_strategy": [
                [not t.strategies or name in t.strategies for name in self.model.strategy_names] for t in tallies
            ],
            "tally_from": [[self._finer(t, state) for state in self.layout.states] for t in tallies],
            "weight": weights.rows,
            **self._rule_fields(weights.starts),
            **self._event_tally_fields(weights, bands),
        }

    def _rule_fields(self, edges: tuple[int, ...]) -> dict[str, Any]:
        points = np.arange(self.model.conventions.horizon + 1)
        return {
            "rule_start": [*edges, self.model.conventions.horizon + 2],
            "rule_at": np.searchsorted(edges, points, side="right") - 1,
        }

    def _event_tally_fields(self, weights: Weights, bands: Mapping[str, int]) -> dict[str, Any]:
        tallies = self.layout.event_tallies
        events = np.zeros((len(tallies), len(self.layout.events)), np.uint8)
        for e, tally in enumerate(tallies):
            events[e, list(tally.rows)] = 1
        return {
            "event_tally_event": events,
            "event_tally_weight": [weights.row(t.weight) for t in tallies],
            "event_tally_dated": [self._dated(t.weight) for t in tallies],
            "event_tally_first": np.concatenate([[0], np.cumsum([len(t.bands) for t in tallies])]),
            "event_tally_band": [bands[b] for t in tallies for b in t.bands],
            "event_tally_offset": np.concatenate([[0], np.cumsum([t.cells for t in tallies])]),
        }

    def _dated(self, weight: Weight) -> bool:
        return isinstance(weight, Expression) and changes(self.model, weight)

    def _finer(self, tally: Tally, state: str) -> int:
        """The first tally of the same weight that splits this state's time by bands, for one that does not; else -1."""
        if not tally.bands and state in tally.states:
            for k, other in enumerate(self.layout.tallies):
                if other.bands and not other.strategies and other.weight == tally.weight and state in other.states:
                    return k
        return -1

    def _passage_fields(self) -> dict[str, Any]:
        passages = self.model.passages
        masks = [self.mask(p.states) for p in passages] or [self.mask(())]
        return {"passage_state": np.stack(masks), "passage_stay": [p.stay for p in passages] or [1]}

    def _start_fields(self) -> dict[str, Any]:
        """First states by attribute, (rows, D, N), and which row each strategy takes."""
        names = [s.start or self.model.start for s in self.model.strategies]
        rows = list(dict.fromkeys(names))
        states = start_states(self.model, self.people)
        return {"start_row": [rows.index(name) for name in names], "start_state": states}
