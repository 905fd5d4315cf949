"""Kernel for semi-Markov models without a carried clock: one number per state and cycle of entry, no tunnel states.

Those who entered a state in one cycle stay at one place of its row while they age; the row is read from an edge that
moves by one place a cycle, so that place `edge + k` holds duration k and nothing is copied. The last duration stands
for all beyond. Hazards are in two parts, by duration and by time (see `split`); only in states where a lifelong exit is
on the duration are probabilities made for each duration when a hazard changes. Totals are handed over once a period.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from costeff.engine.cohort.chances import clock_value, renew_stays
from costeff.engine.cohort.gains import gain_of, gain_row, turns, unit_of
from costeff.engine.cohort.kernel import tally_cell
from costeff.engine.cohort.lanes import COARSE, FINE
from costeff.engine.cohort.split import leave_split, renew_by_duration, renew_by_time, split_scratch
from costeff.engine.tensors import CLOCK_TIME_IN_STATE, Tables
from costeff.numerics.kernel_cache import kernel, kernel_outline, kernel_part
from costeff.numerics.sums import PARTS, padded, sum_of, sum_of_products


def scratch(tables: Tables, cycles: int, layers: int) -> tuple[Any, ...]:
    """Arrays that one thread reuses.

    Mass by duration, inflow and totals by state, flux by exit; occupancy and events of this period so far, by layer;
    hazards by duration; exit and stay probabilities of states that do not split, and a `Split` for the others.
    """
    states, exits = len(tables.exit_first) - 1, len(tables.exit_target)
    width = cycles + 1 + PARTS
    return (
        np.zeros((states, width)),
        np.zeros(states),
        np.zeros(states),
        np.zeros(exits),
        np.zeros((states, layers)),
        np.zeros((exits, layers)),
        np.full((exits, width), -1.0),
        (np.zeros((exits, width)), np.ones((states, width))),
        split_scratch(tables, width),
    )


@kernel_part
def _gain(tb, d, g, n, event, at, period, layer, count, events):
    """Add `count` of an event in the cycle from `at` to the event tallies."""
    for tally in range(tb.event_tally_event.shape[0]):
        if tb.event_tally_event[tally, event]:
            row = gain_row(tb, d, n, tally, at)
            events[d, g, 0, row, period, layer] += gain_of(tb, d, n, tally, at) * count


@kernel_part
def stays_due(tb, d, g, n, t, depth, mass, event_weight, period, events):
    """Move everybody whose deadline has been reached, until nobody is left to move; False on a circle."""
    states = depth.shape[0]
    exits = tb.exit_target.shape[0]
    edge = mass.shape[1] - 1 - PARTS - t
    at = max(t - 1, 0)
    for _ in range(states + 2):
        any_move = False
        for s in range(states):
            until = min(t + 1, depth[s])
            for x in range(tb.deadline_first[s], tb.deadline_first[s + 1]):
                c = tb.deadline_clock[x]
                limit = np.int64(tb.deadline_at[tb.deadline_row[x], d, n])
                if c == CLOCK_TIME_IN_STATE:
                    first = limit if limit > 0 else np.int64(0)
                else:
                    first = np.int64(0 if clock_value(tb, d, n, c, t, 0) >= limit else until)
                total = 0.0
                for k in range(first, until):
                    total += mass[s, edge + k]
                    mass[s, edge + k] = 0.0
                if total > 0.0:
                    any_move = True
                    mass[tb.deadline_target[x], edge] += total
                    for layer in range(event_weight.shape[0]):
                        events[d, g, 0, exits + x, period[at], layer] += event_weight[layer, at] * total
                        _gain(tb, d, g, n, exits + x, at, period[at], layer, event_weight[layer, at] * total, events)
        if not any_move:
            return True
    return False


@kernel_outline
def count_stays(tb, d, g, n, t, depth, by_duration, mass, totals, occupancy, weight, period, time, trace):
    """Occupancy at time t: gathered by layer, added to tallies with bands and to the exact trace.

    Leaves the sum of each state in `totals`.
    """
    edge = mass.shape[1] - 1 - PARTS - t
    for s in range(depth.shape[0]):
        until = min(t + 1, depth[s])
        total = sum_of(mass[s, edge : edge + padded(until)], padded(until))
        totals[s] = total
        if total == 0.0:
            continue
        whole = np.rint(total * COARSE)
        trace[0, g, s, t] += np.int64(whole)
        trace[1, g, s, t] += np.int64(np.rint((total - whole / COARSE) * FINE))
        for layer in range(weight.shape[0]):
            occupancy[s, layer] += weight[layer, t] * total
        for tally in range(tb.tally_weight.shape[0]):
            if tb.tally_first[tally] == tb.tally_first[tally + 1] or not tb.tally_state[tally, s]:
                continue
            unit = unit_of(tb, d, n, tally, t)
            for k in range(until if by_duration[tally] else 1):
                part = mass[s, edge + k] if by_duration[tally] else total
                if part != 0.0:
                    cell = tally_cell(tb, d, n, tally, s, t, k, 0, -1, 0)
                    for layer in range(weight.shape[0]):
                        time[d, g, 0, cell, period[t], layer] += weight[layer, t] * (unit * part)


@kernel_outline
def hand_over_stays(tb, d, g, n, at, period, occupancy, event_sums, time, events):
    """Add what was gathered until the cycle from `at` to the results, and begin the next period with nothing."""
    states, layers = occupancy.shape
    for j in range(event_sums.shape[0]):
        for layer in range(layers):
            events[d, g, 0, j, period, layer] += event_sums[j, layer]
            _gain(tb, d, g, n, j, at, period, layer, event_sums[j, layer], events)
    for tally in range(tb.tally_weight.shape[0]):
        if tb.tally_first[tally] != tb.tally_first[tally + 1]:
            continue
        unit = unit_of(tb, d, n, tally, at)
        for s in range(states):
            if tb.tally_state[tally, s]:
                for layer in range(layers):
                    time[d, g, 0, tb.tally_offset[tally] + s, period, layer] += unit * occupancy[s, layer]
    occupancy[:] = 0.0
    event_sums[:] = 0.0


@kernel_outline
def leave_unsplit(tb, s, until, row, p, stay, flux):
    """Moves of the cycle out of state s, into `flux` (exits,); `row` (durations,) is left with those who stay."""
    for j in range(tb.exit_first[s], tb.exit_first[s + 1]):
        flux[j] = sum_of_products(p[j], row, padded(until))
    for k in range(until):
        row[k] *= stay[s, k]


@kernel_outline
def move_stays(tb, t, depth, folds, state, event_weight):
    """The exits of the cycle from t, and one cycle more in the state for those who stay."""
    mass, inflow, totals, flux, _, event_sums, hazard, unsplit, split = state
    p, stay = unsplit
    edge = mass.shape[1] - 1 - PARTS - t
    inflow[:] = 0.0
    for s in range(depth.shape[0]):
        if totals[s] == 0.0:
            continue
        until = min(t + 1, depth[s])
        row = mass[s, edge : edge + padded(until)]
        if folds[s]:
            leave_unsplit(tb, s, until, row, p, stay, flux)
        else:
            leave_split(tb, s, until, row, totals[s], hazard, split, flux)
        for j in range(tb.exit_first[s], tb.exit_first[s + 1]):
            inflow[tb.exit_target[j]] += flux[j]
            for layer in range(event_weight.shape[0]):
                event_sums[j, layer] += event_weight[layer, t] * flux[j]
        if until == depth[s]:  # the last duration takes in those who would pass it
            mass[s, edge + until - 2] += mass[s, edge + until - 1]
            mass[s, edge + until - 1] = 0.0
    for s in range(depth.shape[0]):
        mass[s, edge - 1] += inflow[s]


@kernel_outline
def renew_hazards(tb, d, g, n, t, windows, depth, folds, moving, state):
    """Hazards of the cycle from t, and chances, of every state where one can have changed."""
    _, _, _, _, _, _, hazard, unsplit, split = state
    p, stay = unsplit
    new_window = t == 0 or windows[t] != windows[t - 1]
    for s in range(depth.shape[0]):
        if not new_window and not moving[s]:
            continue
        most = min(depth[s], windows.shape[0])
        if folds[s]:
            until = min(t + 1, most) if moving[s] else most
            renew_stays(tb, d, g, n, s, t, windows[t], until, folds[s], hazard, p, stay)
        else:
            if new_window:
                renew_by_duration(tb, d, g, n, s, windows[t], most, hazard, split)
            renew_by_time(tb, d, g, n, s, t, windows[t], split)


@kernel_outline
def live_stays_group(
    tb,
    d,
    g,
    n,
    start,
    depth,
    windows,
    by_duration,
    folds,
    moving,
    weight,
    event_weight,
    period,
    state,
    time,
    events,
    trace,
):
    """Carry group n of draw d, of weight `start`, through all cycles; False on a circle of deadlines."""
    mass, _, totals, _, occupancy, event_sums, _, _, _ = state
    horizon = windows.shape[0]
    deadlines = tb.deadline_target.shape[0] > 0
    mass[:] = 0.0
    mass[tb.start_state[tb.start_row[g], d, n], horizon] = start
    for t in range(horizon + 1):
        if deadlines and not stays_due(tb, d, g, n, t, depth, mass, event_weight, period, events):
            return False
        count_stays(tb, d, g, n, t, depth, by_duration, mass, totals, occupancy, weight, period, time, trace)
        if t < horizon:
            renew_hazards(tb, d, g, n, t, windows, depth, folds, moving, state)
            move_stays(tb, t, depth, folds, state, event_weight)
        if t == horizon or period[t + 1] != period[t] or turns(tb, t + 1):
            hand_over_stays(tb, d, g, n, t, period[t], occupancy, event_sums, time, events)
    return True


@kernel
def live_stays(
    tb,
    draws,
    first,
    stride,
    depths,
    group_weight,
    windows,
    by_duration,
    folds,
    moving,
    weight,
    event_weight,
    period,
    state,
    time,
    events,
    trace,
):
    """Draws number first, first + stride, ... of `draws`; False when deadlines form a circle.

    `depths` (D, S) are the durations told apart, `by_duration` (K,) says which tallies have bands on them; `folds`
    (S,) is that of `changing_states`, `moving` (S,) what `moving_with_time` gave. Adds to `time` and `events` (as in
    Quantities) and to the two parts of the trace, (2, G, S, T+1) int64.
    """
    for i in range(first, draws.shape[0], stride):
        d = draws[i]
        for n in range(group_weight.shape[1]):
            if group_weight[d, n] <= 0.0:
                continue
            for g in range(tb.ratio.shape[1]):
                if not live_stays_group(
                    tb,
                    d,
                    g,
                    n,
                    group_weight[d, n],
                    depths[d],
                    windows,
                    by_duration,
                    folds,
                    moving,
                    weight,
                    event_weight,
                    period,
                    state,
                    time,
                    events,
                    trace,
                ):
                    return False
    return True
