"""Kernel for semi-Markov models without a carried clock: one number per state and cycle of entry, no tunnel states.

Those who entered a state in one cycle stay at one place of its row while they age; the row is read from an edge that
moves by one place a cycle, so that place `edge + k` holds duration k and nothing is copied. The last duration stands
for all beyond. Probabilities by duration are made again only when a hazard changes. Sums run in eight parts.
"""

from __future__ import annotations

import numpy as np

from costeff.engine.cohort.chances import chances, clock_value, exit_hazard, renew_stays
from costeff.engine.cohort.kernel import tally_cell
from costeff.engine.cohort.lanes import COARSE, FINE
from costeff.engine.tensors import CLOCK_TIME_IN_STATE, FIXED_POINT, Tables
from costeff.numerics.kernel_cache import kernel, kernel_part

PARTS = 8  # rows are read in whole multiples of this


def scratch(tables: Tables, cycles: int) -> tuple[np.ndarray, ...]:
    """Arrays that one thread reuses: mass, inflow, totals; by duration hazards, exit and stay probabilities."""
    states, exits = len(tables.exit_first) - 1, len(tables.exit_target)
    width = cycles + 1 + PARTS
    return (
        np.zeros((states, width)),
        np.zeros(states),
        np.zeros(states),
        np.full((exits, width), -1.0),
        np.zeros((exits, width)),
        np.ones((states, width)),
        np.zeros(exits),
    )


@kernel_part
def sum_of_products(a, x, count):
    """Sum of a[k] x[k] for k below `count`, a multiple of PARTS."""
    s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = 0.0
    for i in range(count // 8):
        k = np.uint64(i) * np.uint64(8)
        s0 += a[k] * x[k]
        s1 += a[k + np.uint64(1)] * x[k + np.uint64(1)]
        s2 += a[k + np.uint64(2)] * x[k + np.uint64(2)]
        s3 += a[k + np.uint64(3)] * x[k + np.uint64(3)]
        s4 += a[k + np.uint64(4)] * x[k + np.uint64(4)]
        s5 += a[k + np.uint64(5)] * x[k + np.uint64(5)]
        s6 += a[k + np.uint64(6)] * x[k + np.uint64(6)]
        s7 += a[k + np.uint64(7)] * x[k + np.uint64(7)]
    return ((s0 + s4) + (s1 + s5)) + ((s2 + s6) + (s3 + s7))


@kernel_part
def sum_of(x, count):
    """Sum of x[k] for k below `count`, a multiple of PARTS."""
    s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = 0.0
    for i in range(count // 8):
        k = np.uint64(i) * np.uint64(8)
        s0 += x[k]
        s1 += x[k + np.uint64(1)]
        s2 += x[k + np.uint64(2)]
        s3 += x[k + np.uint64(3)]
        s4 += x[k + np.uint64(4)]
        s5 += x[k + np.uint64(5)]
        s6 += x[k + np.uint64(6)]
        s7 += x[k + np.uint64(7)]
    return ((s0 + s4) + (s1 + s5)) + ((s2 + s6) + (s3 + s7))


@kernel_part
def padded(count):
    """The next multiple of PARTS."""
    return (count + 7) // 8 * 8


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
        if not any_move:
            return True
    return False


@kernel_part
def count_stays(tb, d, g, n, t, depth, by_duration, mass, totals, weight, period, time, trace):
    """Occupancy at time t, added to every tally and to the exact trace; leaves the sum of each state in `totals`."""
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
        for tally in range(tb.tally_weight.shape[0]):
            if not tb.tally_state[tally, s]:
                continue
            a = tb.tally_weight[tally]
            unit = 1.0 if a < 0 else tb.weight[a, d, n] / FIXED_POINT
            for k in range(until if by_duration[tally] else 1):
                part = mass[s, edge + k] if by_duration[tally] else total
                if part != 0.0:
                    cell = tally_cell(tb, d, n, tally, s, t, k, 0, -1, 0)
                    for layer in range(weight.shape[0]):
                        time[d, g, 0, cell, period[t], layer] += weight[layer, t] * (unit * part)


@kernel_part
def move_stays(tb, d, g, n, t, window, depth, folds, mass, inflow, totals, p, stay, life, event_weight, now, events):
    """The exits of the cycle from t, and one cycle more in the state for those who stay."""
    layers = event_weight.shape[0]
    edge = mass.shape[1] - 1 - PARTS - t
    inflow[:] = 0.0
    for s in range(depth.shape[0]):
        if totals[s] == 0.0:
            continue
        first, last = tb.exit_first[s], tb.exit_first[s + 1]
        alive = 1.0
        by_life = 0.0
        hazard = 0.0
        if not folds[s]:
            for j in range(first, last):
                if tb.exit_lifelong[j] >= 0:
                    life[j] = exit_hazard(tb, d, g, n, j, t, 0, window)
                    hazard += life[j]
            if hazard > 0.0:
                alive, by_life, _ = chances(hazard, 0.0)
        until = min(t + 1, depth[s])
        count = padded(until)
        row = mass[s, edge : edge + count]
        for j in range(first, last):
            if tb.exit_lifelong[j] >= 0 and not folds[s]:
                flux = totals[s] * (by_life * (life[j] / hazard)) if life[j] > 0.0 else 0.0
            else:
                flux = alive * sum_of_products(p[j], row, count)
            inflow[tb.exit_target[j]] += flux
            for layer in range(layers):
                events[d, g, 0, j, now, layer] += event_weight[layer, t] * flux
        for k in range(until):
            row[k] *= alive * stay[s, k]
        if until == depth[s]:  # the last duration takes in those who would pass it
            mass[s, edge + until - 2] += mass[s, edge + until - 1]
            mass[s, edge + until - 1] = 0.0
    for s in range(depth.shape[0]):
        mass[s, edge - 1] += inflow[s]


@kernel_part
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
    mass, inflow, totals, hazard, p, stay, life = state
    horizon = windows.shape[0]
    deadlines = tb.deadline_target.shape[0] > 0
    mass[:] = 0.0
    mass[tb.start_state[d, n], horizon] = start
    for t in range(horizon + 1):
        if deadlines and not stays_due(tb, d, g, n, t, depth, mass, event_weight, period, events):
            return False
        count_stays(tb, d, g, n, t, depth, by_duration, mass, totals, weight, period, time, trace)
        if t == horizon:
            break
        new_window = t == 0 or windows[t] != windows[t - 1]
        for s in range(depth.shape[0]):
            if new_window or moving[s]:
                until = min(t + 1, depth[s]) if moving[s] else depth[s]
                renew_stays(tb, d, g, n, s, t, windows[t], until, folds[s], hazard, p, stay)
        move_stays(
            tb,
            d,
            g,
            n,
            t,
            windows[t],
            depth,
            folds,
            mass,
            inflow,
            totals,
            p,
            stay,
            life,
            event_weight,
            period[t],
            events,
        )
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

    `depths` (D, S) are the durations told apart, `by_duration` (K,) says which tallies have bands on them; `folds` and
    `moving` are those of `changing_states`. Adds to `time` and `events` (as in Quantities) and to the two parts of the
    trace, (2, G, S, T+1) int64.
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
