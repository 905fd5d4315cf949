"""Kernel of the cohort engine: carries one group's probabilities through states, durations, clocks and run lengths.

A cell holds the probability of (state s, duration k, clock value v, run length q) at index
((cell_first[s] + k) * values + v) * runs + q. The last duration and the last clock value stand for all beyond, too.
At time t the carried clock lies between `low`, its first value, and low + t; other cells are empty and passed over.
"""

from __future__ import annotations

import numpy as np

from costeff.engine.cohort.chances import chances, clock_value, exit_hazard, renew_stays
from costeff.engine.cohort.gains import gain_of, gain_row, unit_of
from costeff.engine.tensors import CLOCK_TIME_IN_STATE
from costeff.numerics.kernel_cache import kernel, kernel_part


@kernel_part
def tally_cell(tb, d, n, tally, s, t, k, v, clock_index, base):
    """Cell of a tally for state s at time t, duration k and carried clock at base + v."""
    cell = 0
    for i in range(tb.tally_first[tally], tb.tally_first[tally + 1]):
        b = tb.tally_band[i]
        c = tb.band_clock[b]
        value = base + v if c == clock_index else clock_value(tb, d, n, c, t, k)
        first, last = tb.band_first[b], tb.band_first[b + 1]
        e = first
        while e < last and value >= tb.band_edge[e]:
            e += 1
        cell = cell * (last - first + 1) + e - first
    return tb.tally_offset[tally] + s * tb.tally_cells[tally] + cell


@kernel_part
def add_event(tb, d, n, event, at, count, events):
    """Add `count` of an event in the cycle from `at`, also to the event tallies."""
    events[event, at] += count
    for tally in range(tb.event_tally_event.shape[0]):
        if tb.event_tally_event[tally, event]:
            events[gain_row(tb, d, n, tally, at), at] += gain_of(tb, d, n, tally, at) * count


@kernel_part
def leave_at_deadlines(tb, d, n, t, grid, clock_index, base, low, now, events, with_events):
    """Move everybody whose deadline has been reached, until nobody is left to move; False on a circle."""
    cell_first, values, runs = grid
    states = tb.exit_first.shape[0] - 1
    exits = tb.exit_target.shape[0]
    inner = values * runs
    until = min(low + t + 1, values) * runs
    for _ in range(states + 2):
        any_move = False
        for s in range(states):
            for x in range(tb.deadline_first[s], tb.deadline_first[s + 1]):
                c = tb.deadline_clock[x]
                limit = np.int64(tb.deadline_at[tb.deadline_row[x], d, n])
                first = low * runs
                youngest = np.int64(0)
                if c == clock_index:
                    first = max(first, min(max(limit - base, 0), values) * runs)
                elif c == CLOCK_TIME_IN_STATE:
                    youngest = limit if limit > 0 else np.int64(0)
                elif clock_value(tb, d, n, c, t, 0) < limit:
                    continue
                for k in range(youngest, min(t + 1, cell_first[s + 1] - cell_first[s])):
                    row = (cell_first[s] + k) * inner
                    to = cell_first[tb.deadline_target[x]] * inner
                    total = 0.0
                    for i in range(first, until):
                        total += now[row + i]
                        now[to + i] += now[row + i]
                        now[row + i] = 0.0
                    if total > 0.0:
                        any_move = True
                        if with_events:
                            add_event(tb, d, n, exits + x, max(t - 1, 0), total, events)
        if not any_move:
            return True
    return False


@kernel_part
def add(to, factor, what):
    """Add `factor` times `what` to the array `to`."""
    for i in range(to.shape[0]):
        to[i] += factor * what[i]


@kernel_part
def count(tb, d, n, t, grid, clock_index, base, low, uses, now, rows, columns, occupancy):
    """Add the occupancy at time t to every tally. `uses` (K, 2): whether its bands need duration, carried clock."""
    cell_first, values, _ = grid
    until = min(low + t + 1, values)
    for s in range(tb.exit_first.shape[0] - 1):
        depth = min(t + 1, cell_first[s + 1] - cell_first[s])
        columns[low:until] = 0.0
        for k in range(depth):
            row = (cell_first[s] + k) * values
            add(columns[low:until], 1.0, now[row + low : row + until])
        total = 0.0
        for v in range(low, until):
            total += columns[v]
        if total == 0.0:
            continue
        for tally in range(tb.tally_weight.shape[0]):
            if not tb.tally_state[tally, s]:
                continue
            unit = unit_of(tb, d, n, tally, t)
            by_duration, by_value = uses[tally, 0], uses[tally, 1]
            if by_duration and not by_value:
                for k in range(depth):
                    rows[k] = 0.0
                    for v in range(low, until):
                        rows[k] += now[(cell_first[s] + k) * values + v]
            for k in range(depth if by_duration else 1):
                for v in range(low if by_value else 0, until if by_value else 1):
                    if by_duration and by_value:
                        mass = now[(cell_first[s] + k) * values + v]
                    elif by_duration:
                        mass = rows[k]
                    elif by_value:
                        mass = columns[v]
                    else:
                        mass = total
                    if mass != 0.0:
                        occupancy[tally_cell(tb, d, n, tally, s, t, k, v, clock_index, base), t] += unit * mass


@kernel_part
def run_on(tb, t, grid, passage, now, passage_mass):
    """One more cycle for those in the passage's states; who has stayed long enough passes and is taken out."""
    cell_first, values, runs = grid
    for s in range(tb.exit_first.shape[0] - 1):
        inside = tb.passage_state[passage, s] != 0
        for i in range(cell_first[s] * values, cell_first[s + 1] * values):
            row = i * runs
            if inside:
                passage_mass[t - runs + 1 if t >= runs - 1 else 0] += now[row + runs - 1]
                for q in range(runs - 1, 0, -1):
                    now[row + q] = now[row + q - 1]
                now[row] = 0.0
            else:
                for q in range(1, runs):
                    now[row] += now[row + q]
                    now[row + q] = 0.0


@kernel_part
def move(tb, d, g, n, t, grid, clock_index, low, window, folds, tables, flow, now, after, events, with_events):
    """The exits of the cycle from t: lifelong ones first, the others among those who survive them."""
    cell_first, values, runs = grid
    _, p, stay, life = tables
    inner = values * runs
    begin, until = low * runs, min(low + t + 1, values) * runs
    next_until = min(low + t + 2, values) * runs
    states = tb.exit_first.shape[0] - 1
    for s in range(states):
        for k in range(min(t + 2, cell_first[s + 1] - cell_first[s])):
            row = (cell_first[s] + k) * inner
            after[row + begin : row + next_until] = 0.0
    for s in range(states):
        depth = cell_first[s + 1] - cell_first[s]
        shift = runs if clock_index >= 0 and tb.clock_advances[clock_index, s] else 0
        below = max(min(until, inner - shift), begin)  # from here on the clock has reached its last value
        first, last = tb.exit_first[s], tb.exit_first[s + 1]
        alive = 1.0
        by_life = 0.0
        total = 0.0
        if not folds[s]:
            for j in range(first, last):
                if tb.exit_lifelong[j] >= 0:
                    life[j] = exit_hazard(tb, d, g, n, j, t, 0, window)
                    total += life[j]
            if total > 0.0:
                alive, by_life, _ = chances(total, 0.0)
        for j in range(first, last):
            flow[j - first, begin:until] = 0.0
        for k in range(min(t + 1, depth)):
            row = (cell_first[s] + k) * inner
            for j in range(first, last):
                if tb.exit_lifelong[j] >= 0 and not folds[s]:
                    chance = by_life * (life[j] / total) if life[j] > 0.0 else 0.0
                else:
                    chance = alive * p[j, k]
                if chance > 0.0:
                    add(flow[j - first, begin:until], chance, now[row + begin : row + until])
            chance = alive * stay[s, k]
            to = (cell_first[s] + min(k + 1, depth - 1)) * inner
            add(after[to + shift + begin : to + shift + below], chance, now[row + begin : row + below])
            add(after[to + below : to + until], chance, now[row + below : row + until])
        for j in range(first, last):
            to = cell_first[tb.exit_target[j]] * inner
            add(after[to + shift + begin : to + shift + below], 1.0, flow[j - first, begin:below])
            add(after[to + below : to + until], 1.0, flow[j - first, below:until])
            if with_events:
                flow_total = 0.0
                for i in range(begin, until):
                    flow_total += flow[j - first, i]
                add_event(tb, d, n, j, t, flow_total, events)


@kernel
def live_group(
    tb, d, g, n, weight, grid, clock, windows, uses, changing, passage, scratch, occupancy, events, passage_mass
):
    """Carry group n of draw d through all cycles under strategy g; False when deadlines lead round in a circle.

    `grid` is (cell_first, values, runs), `clock` the carried clock and the value of its first cell, `windows` (T,) the
    effect window of each cycle, `changing` what `changing_states` gave. With `passage` -1 it adds to `occupancy`
    (cells, T+1) and `events` (events, T+1), else only to `passage_mass` (T+2,).
    """
    now, after, flow, rows, columns, tables = scratch
    folds, moving = changing
    hazard, p, stay, _ = tables
    cell_first, values, runs = grid
    clock_index, base = clock
    horizon = windows.shape[0]
    now[:] = 0.0
    after[:] = 0.0
    low = np.int64(0)
    if clock_index >= 0:
        low = min(np.int64(tb.clock_initial[clock_index, d, n]) - base, values - 1)
    now[(cell_first[tb.start_state[tb.start_row[g], d, n]] * values + low) * runs] = weight
    for t in range(horizon + 1):
        if not leave_at_deadlines(tb, d, n, t, grid, clock_index, base, low, now, events, passage < 0):
            return False
        if passage < 0:
            count(tb, d, n, t, grid, clock_index, base, low, uses, now, rows, columns, occupancy)
        elif t < horizon:
            run_on(tb, t, grid, passage, now, passage_mass)
        if t < horizon:
            new_window = t == 0 or windows[t] != windows[t - 1]
            for s in range(tb.exit_first.shape[0] - 1):
                if new_window or moving[s]:
                    depth = cell_first[s + 1] - cell_first[s]
                    until = min(t + 1, depth) if moving[s] else depth
                    renew_stays(tb, d, g, n, s, t, windows[t], until, folds[s], hazard, p, stay)
            move(
                tb, d, g, n, t, grid, clock_index, low, windows[t], folds, tables, flow, now, after, events, passage < 0
            )
            now, after = after, now
    if passage >= 0:
        for i in range(now.shape[0]):
            passage_mass[horizon + 1] += now[i]
    return True
