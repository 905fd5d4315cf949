"""Kernel of the cohort engine: carries one group's probabilities through states, durations, clocks and run lengths.

A cell holds the probability of (state s, duration k, clock value v, run length q) at index
((cell_first[s] + k) * values + v) * runs + q. The last duration and the last clock value stand for all beyond, too.
At time t the carried clock lies between `low`, its first value, and low + t; other cells are empty and passed over.
"""

from __future__ import annotations

import numpy as np

from costeff.engine.events import table_row
from costeff.kernel_cache import kernel, kernel_part
from costeff.tensors import CLOCK_TIME_IN_STATE, FIXED_POINT


@kernel_part
def clock_value(tb, d, n, c, t, k):
    """Value at time t of a clock that is the same for everybody in the group (k: cycles in the state)."""
    if c == CLOCK_TIME_IN_STATE:
        return k
    return tb.clock_initial[c, d, n] + (t if tb.clock_advances[c, 0] else 0)


@kernel_part
def exit_hazard(tb, d, g, n, j, t, k, window):
    """Hazard of exit j in the cycle that begins at t, after k cycles in the state."""
    m = 1.0 if tb.exit_factor[j] < 0 else tb.factor[tb.exit_factor[j], d, n]
    q = tb.exit_table[j]
    i = table_row(tb, d, n, j)
    if tb.table_length[q] > 1:  # else one hazard stands for all clock values
        i += clock_value(tb, d, n, tb.exit_clock[j], t, k) - tb.table_start[q]
    return m * tb.ratio[d, g, tb.exit_ratio[j], window] * (tb.cumulative[d, i + 1] - tb.cumulative[d, i])


@kernel_part
def tally_cell(tb, d, n, tally, s, t, k, v, carried, base):
    """Cell of a tally for state s at time t, duration k and carried clock at base + v."""
    cell = 0
    for i in range(tb.tally_first[tally], tb.tally_first[tally + 1]):
        b = tb.tally_band[i]
        c = tb.band_clock[b]
        value = base + v if c == carried else clock_value(tb, d, n, c, t, k)
        first, last = tb.band_first[b], tb.band_first[b + 1]
        e = first
        while e < last and value >= tb.band_edge[e]:
            e += 1
        cell = cell * (last - first + 1) + e - first
    return tb.tally_offset[tally] + s * tb.tally_cells[tally] + cell


@kernel_part
def leave_at_deadlines(tb, d, n, t, grid, carried, base, low, now, events, counted):
    """Move everybody whose deadline has been reached, until nobody is left to move; False on a circle."""
    cell_first, values, runs = grid
    states = tb.exit_first.shape[0] - 1
    exits = tb.exit_target.shape[0]
    inner = values * runs
    until = min(low + t + 1, values) * runs
    for _ in range(states + 2):
        moved = False
        for s in range(states):
            for x in range(tb.deadline_first[s], tb.deadline_first[s + 1]):
                c = tb.deadline_clock[x]
                limit = np.int64(tb.deadline_at[tb.deadline_row[x], d, n])
                for k in range(min(t + 1, cell_first[s + 1] - cell_first[s])):
                    if c == carried:
                        first = min(max(limit - base, 0), values) * runs
                    else:
                        first = 0 if clock_value(tb, d, n, c, t, k) >= limit else inner
                    row = (cell_first[s] + k) * inner
                    to = cell_first[tb.deadline_target[x]] * inner
                    total = 0.0
                    for i in range(max(first, low * runs), until):
                        total += now[row + i]
                        now[to + i] += now[row + i]
                        now[row + i] = 0.0
                    if total > 0.0:
                        moved = True
                        if counted:
                            events[exits + x, max(t - 1, 0)] += total
        if not moved:
            return True
    return False


@kernel_part
def count(tb, d, n, t, grid, carried, base, low, uses, now, rows, columns, occupancy):
    """Add the occupancy at time t to every tally. `uses` (K, 2): whether its bands need duration, carried clock."""
    cell_first, values, _ = grid
    until = min(low + t + 1, values)
    for s in range(tb.exit_first.shape[0] - 1):
        depth = min(t + 1, cell_first[s + 1] - cell_first[s])
        total = 0.0
        columns[:] = 0.0
        for k in range(depth):
            rows[k] = 0.0
            for v in range(low, until):
                mass = now[(cell_first[s] + k) * values + v]
                rows[k] += mass
                columns[v] += mass
            total += rows[k]
        if total == 0.0:
            continue
        for tally in range(tb.tally_weight.shape[0]):
            if not tb.tally_state[tally, s]:
                continue
            weight = tb.tally_weight[tally]
            unit = 1.0 if weight < 0 else tb.weight[weight, d, n] / FIXED_POINT
            by_duration, by_value = uses[tally, 0], uses[tally, 1]
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
                        occupancy[tally_cell(tb, d, n, tally, s, t, k, v, carried, base), t] += unit * mass


@kernel_part
def run_on(tb, t, grid, passage, now, passed):
    """One more cycle for those in the passage's states; who has stayed long enough passes and is taken out."""
    cell_first, values, runs = grid
    for s in range(tb.exit_first.shape[0] - 1):
        inside = tb.passage_state[passage, s] != 0
        for i in range(cell_first[s] * values, cell_first[s + 1] * values):
            row = i * runs
            if inside:
                passed[t - runs + 1 if t >= runs - 1 else 0] += now[row + runs - 1]
                for q in range(runs - 1, 0, -1):
                    now[row + q] = now[row + q - 1]
                now[row] = 0.0
            else:
                for q in range(1, runs):
                    now[row] += now[row + q]
                    now[row + q] = 0.0


@kernel_part
def move(tb, d, g, n, t, grid, carried, low, window, hazard, now, after, events, counted):
    """The exits of the cycle from t: lifelong ones first, the others among those who survive them."""
    cell_first, values, runs = grid
    inner = values * runs
    begin, until = low * runs, min(low + t + 1, values) * runs
    after[:] = 0.0
    for s in range(tb.exit_first.shape[0] - 1):
        depth = cell_first[s + 1] - cell_first[s]
        shift = runs if carried >= 0 and tb.clock_advances[carried, s] else 0
        first, last = tb.exit_first[s], tb.exit_first[s + 1]
        for k in range(min(t + 1, depth)):
            row = (cell_first[s] + k) * inner
            mass = 0.0
            for i in range(begin, until):
                mass += now[row + i]
            if mass == 0.0:
                continue
            life = 0.0
            other = 0.0
            for j in range(first, last):
                hazard[j - first] = exit_hazard(tb, d, g, n, j, t, k, window)
                if tb.exit_lifelong[j] >= 0:
                    life += hazard[j - first]
                else:
                    other += hazard[j - first]
            # Staying is the exit number `last`: into the next duration of the same state.
            for j in range(first, last + 1):
                if j == last:
                    p = np.exp(-life - other)
                    to = (cell_first[s] + min(k + 1, depth - 1)) * inner
                else:
                    to = cell_first[tb.exit_target[j]] * inner
                    if hazard[j - first] == 0.0:
                        continue
                    if tb.exit_lifelong[j] >= 0:
                        p = -np.expm1(-life) * (hazard[j - first] / life)
                    else:
                        p = np.exp(-life) * -np.expm1(-other) * (hazard[j - first] / other)
                    if counted:
                        events[j, t] += p * mass
                for i in range(begin, min(until, inner - shift)):
                    after[to + i + shift] += p * now[row + i]
                for i in range(max(begin, inner - shift), until):
                    after[to + i] += p * now[row + i]


@kernel
def live_group(tb, d, g, n, weight, grid, clock, windows, uses, passage, scratch, occupancy, events, passed):
    """Carry group n of draw d through all cycles under strategy g; False when deadlines lead round in a circle.

    `grid` is (cell_first, values, runs), `clock` the carried clock and the value of its first cell, `windows` (T,) the
    effect window of each cycle. With `passage` -1 it adds to `occupancy` (cells, T+1) and `events` (events, T+1), else
    only to `passed` (T+2,).
    """
    now, after, hazard, rows, columns = scratch
    cell_first, values, runs = grid
    carried, base = clock
    horizon = windows.shape[0]
    now[:] = 0.0
    low = np.int64(0)
    if carried >= 0:
        low = min(np.int64(tb.clock_initial[carried, d, n]) - base, values - 1)
    now[(cell_first[tb.start_state[d, n]] * values + low) * runs] = weight
    for t in range(horizon + 1):
        if not leave_at_deadlines(tb, d, n, t, grid, carried, base, low, now, events, passage < 0):
            return False
        if passage < 0:
            count(tb, d, n, t, grid, carried, base, low, uses, now, rows, columns, occupancy)
        elif t < horizon:
            run_on(tb, t, grid, passage, now, passed)
        if t < horizon:
            move(tb, d, g, n, t, grid, carried, low, windows[t], hazard, now, after, events, passage < 0)
            now, after = after, now
    if passage >= 0:
        for i in range(now.shape[0]):
            passed[horizon + 1] += now[i]
    return True
