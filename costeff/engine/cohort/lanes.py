"""Kernel for plain Markov models: no state needs its durations told apart, so a group is one number per state.

LANES draws are carried side by side: every array ends in an axis of lanes, and each lane does the same sums in the same
order whatever its neighbours hold, so that batches and threads change no bit. Probabilities are made again only when a
hazard changes, and events are counted as probability times the occupancy summed since then.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from costeff.engine.cohort.chances import clock_value
from costeff.engine.cohort.gains import gain_of, gain_row, turns, unit_of
from costeff.engine.cohort.kernel import tally_cell
from costeff.engine.tensors import CLOCK_TIME_IN_STATE, Tables
from costeff.numerics.kernel_cache import kernel, kernel_part

LANES = 64

# The trace is kept as whole multiples of 2**-26 and of 2**-52, so that its sums are exact in any order.
COARSE = 2.0**26
FINE = 2.0**52


def scratch(tables: Tables, layers: int) -> tuple[Any, ...]:
    """Arrays that one thread reuses: now, after, exit and stay probabilities, hazards, occupancy, exposure, events.

    The last entry holds what `renew` needs lane by lane.
    """
    states, exits = len(tables.exit_first) - 1, len(tables.exit_target)
    deadlines = len(tables.deadline_target)
    return (
        np.zeros((states, LANES)),
        np.zeros((states, LANES)),
        np.zeros((exits, LANES)),
        np.ones((states, LANES)),
        np.full((exits, LANES), -1.0),
        np.zeros((states, layers, LANES)),
        np.zeros((states, layers, LANES)),
        np.zeros((exits + deadlines, layers, LANES)),
        tuple(np.zeros(LANES) for _ in range(6)),
    )


@kernel_part
def leave(total, exit_chance, stay_chance):
    """`exit_chance` = 1 - exp(-total) and `stay_chance` = exp(-total), by lane: a series below 0.5."""
    for lane in range(total.shape[0]):
        x = total[lane]
        y = 1.0
        for i in range(17, 1, -1):
            y = 1.0 - x * y * (1.0 / i)
        exit_chance[lane] = x * y
        stay_chance[lane] = 1.0 - x * y
    for lane in range(total.shape[0]):
        if total[lane] >= 0.5:
            stay_chance[lane] = np.exp(-total[lane])
            exit_chance[lane] = 1.0 - stay_chance[lane]


@kernel_part
def renew(tb, row, lanes_used, n, g, s, t, window, new_window, p, stay, hazard, exposure, event_sums, parts):
    """Probabilities of state s where a hazard has changed; events until now are counted with the old ones."""
    changes, life, other, by_life, by_other, alive = parts
    first, last = tb.exit_first[s], tb.exit_first[s + 1]
    lanes = life.shape[0]
    some = False
    changes[:] = 0.0
    for j in range(first, last):
        q = tb.exit_table[j]
        constant = tb.table_length[q] == 1
        if constant and not new_window:
            continue
        # As in `exit_hazard`, with what is the same for all lanes looked up once.
        c, z, factor, ratio = tb.exit_clock[j], tb.table_stratum[q], tb.exit_factor[j], tb.exit_ratio[j]
        later = t if tb.clock_advances[c, 0] else 0
        for lane in range(lanes_used):
            d = row[lane]
            i = tb.table_offset[q]
            if z >= 0:
                i += np.int64(tb.stratum[z, d, n]) * (tb.table_length[q] + 1)
            if not constant:
                i -= tb.table_start[q]
                if c != CLOCK_TIME_IN_STATE:
                    i += tb.clock_initial[c, d, n] + later
            m = 1.0 if factor < 0 else tb.factor[factor, d, n]
            if ratio != 0:
                m *= tb.ratio[d, g, ratio, window]
            h = m * (tb.cumulative[d, i + 1] - tb.cumulative[d, i])
            if h != hazard[j, lane]:
                hazard[j, lane] = h
                changes[lane] = 1.0
                some = True
    if not some:
        return
    for layer in range(exposure.shape[1]):
        for j in range(first, last):
            for lane in range(lanes):
                event_sums[j, layer, lane] += changes[lane] * (p[j, lane] * exposure[s, layer, lane])
        for lane in range(lanes):
            exposure[s, layer, lane] *= 1.0 - changes[lane]
    life[:] = 0.0
    other[:] = 0.0
    for j in range(first, last):
        total = life if tb.exit_lifelong[j] >= 0 else other
        for lane in range(lanes):
            total[lane] += hazard[j, lane]
    leave(other, by_other, stay[s])
    leave(life, by_life, alive)
    for lane in range(lanes):
        by_other[lane] *= alive[lane]
        stay[s, lane] *= alive[lane]
    for j in range(first, last):
        total = life if tb.exit_lifelong[j] >= 0 else other
        chance = by_life if tb.exit_lifelong[j] >= 0 else by_other
        for lane in range(lanes):
            p[j, lane] = chance[lane] * (hazard[j, lane] / (total[lane] if total[lane] > 0.0 else 1.0))


@kernel_part
def fall_due(tb, row, n, g, t, now, event_weight, event_sums):
    """Move everybody whose deadline has been reached, until nobody is left to move; False on a circle."""
    states, lanes = now.shape
    exits = tb.exit_target.shape[0]
    for _ in range(states + 2):
        any_move = False
        for s in range(states):
            for x in range(tb.deadline_first[s], tb.deadline_first[s + 1]):
                for lane in range(lanes):
                    mass = now[s, lane]
                    if mass == 0.0:
                        continue
                    d = row[lane]
                    if clock_value(tb, d, n, tb.deadline_clock[x], t, 0) >= tb.deadline_at[tb.deadline_row[x], d, n]:
                        any_move = True
                        now[tb.deadline_target[x], lane] += mass
                        now[s, lane] -= mass
                        for layer in range(event_weight.shape[0]):
                            event_sums[exits + x, layer, lane] += event_weight[layer, max(t - 1, 0)] * mass
        if not any_move:
            return True
    return False


@kernel_part
def count_lanes(tb, row, n, g, t, period, now, weight, occupancy, has_bands, time, trace):
    """Occupancy at time t: summed by layer, added to tallies with bands, and to the exact trace."""
    states, lanes = now.shape
    for s in range(states):
        big = np.int64(0)
        small = np.int64(0)
        for lane in range(lanes):
            whole = np.rint(now[s, lane] * COARSE)
            big += np.int64(whole)
            small += np.int64(np.rint((now[s, lane] - whole / COARSE) * FINE))
        trace[0, g, s, t] += big
        trace[1, g, s, t] += small
        for layer in range(weight.shape[0]):
            w = weight[layer, t]
            for lane in range(lanes):
                occupancy[s, layer, lane] += w * now[s, lane]
    if not has_bands:
        return
    for tally in range(tb.tally_weight.shape[0]):
        if tb.tally_first[tally] == tb.tally_first[tally + 1]:
            continue
        for s in range(states):
            if not tb.tally_state[tally, s]:
                continue
            for lane in range(lanes):
                d = row[lane]
                mass = now[s, lane] * unit_of(tb, d, n, tally, t)
                if mass != 0.0:
                    cell = tally_cell(tb, d, n, tally, s, t, 0, 0, -1, 0)
                    for layer in range(weight.shape[0]):
                        time[d, g, 0, cell, period, layer] += weight[layer, t] * mass


@kernel_part
def hand_over(tb, row, lanes_used, n, g, at, period, p, occupancy, exposure, event_sums, time, events):
    """Add what was gathered until the cycle from `at` to the results, and begin the next period with nothing."""
    states, layers, lanes = occupancy.shape
    for s in range(states):
        for layer in range(layers):
            for j in range(tb.exit_first[s], tb.exit_first[s + 1]):
                for lane in range(lanes):
                    event_sums[j, layer, lane] += p[j, lane] * exposure[s, layer, lane]
    exposure[:] = 0.0
    for lane in range(lanes_used):
        d = row[lane]
        for e in range(event_sums.shape[0]):
            for layer in range(layers):
                events[d, g, 0, e, period, layer] += event_sums[e, layer, lane]
        for tally in range(tb.event_tally_event.shape[0]):
            gain, to = gain_of(tb, d, n, tally, at), gain_row(tb, d, n, tally, at)
            for e in range(event_sums.shape[0]):
                if tb.event_tally_event[tally, e]:
                    for layer in range(layers):
                        events[d, g, 0, to, period, layer] += gain * event_sums[e, layer, lane]
        for tally in range(tb.tally_weight.shape[0]):
            if tb.tally_first[tally] != tb.tally_first[tally + 1]:
                continue
            unit = unit_of(tb, d, n, tally, at)
            for s in range(states):
                if tb.tally_state[tally, s]:
                    for layer in range(layers):
                        time[d, g, 0, tb.tally_offset[tally] + s, period, layer] += unit * occupancy[s, layer, lane]
    occupancy[:] = 0.0
    event_sums[:] = 0.0


@kernel_part
def advance_lanes(tb, p, stay, now, after):
    """One cycle of the matrix-vector product."""
    states, lanes = now.shape
    for s in range(states):
        for lane in range(lanes):
            after[s, lane] = stay[s, lane] * now[s, lane]
    for s in range(states):
        for j in range(tb.exit_first[s], tb.exit_first[s + 1]):
            to = tb.exit_target[j]
            for lane in range(lanes):
                after[to, lane] += p[j, lane] * now[s, lane]


@kernel_part
def live_lanes_group(
    tb, row, lanes_used, n, g, group_weight, windows, steady, weight, event_weight, period, state, time, events, trace
):
    """Carry group n of the draws in `row` through all cycles under strategy g; False on a circle of deadlines."""
    now, after, p, stay, hazard, occupancy, exposure, event_sums, parts = state
    states, lanes = now.shape
    horizon = windows.shape[0]
    deadlines = tb.deadline_target.shape[0] > 0
    has_bands = tb.tally_band.shape[0] > 0
    now[:] = 0.0
    for lane in range(lanes_used):
        now[tb.start_state[tb.start_row[g], row[lane], n], lane] = group_weight[row[lane], n]
    for t in range(horizon + 2):
        if t <= horizon and deadlines and not fall_due(tb, row, n, g, t, now, event_weight, event_sums):
            return False
        if t > horizon or (t > 0 and (period[t] != period[t - 1] or turns(tb, t))):
            hand_over(tb, row, lanes_used, n, g, t - 1, period[t - 1], p, occupancy, exposure, event_sums, time, events)
        if t > horizon:
            break
        count_lanes(tb, row, n, g, t, period[t], now, weight, occupancy, has_bands, time, trace)
        if t == horizon:
            continue
        new_window = t == 0 or windows[t] != windows[t - 1]
        for s in range(states):
            if new_window or not steady[s]:
                renew(
                    tb,
                    row,
                    lanes_used,
                    n,
                    g,
                    s,
                    t,
                    windows[t],
                    new_window,
                    p,
                    stay,
                    hazard,
                    exposure,
                    event_sums,
                    parts,
                )
            for layer in range(event_weight.shape[0]):
                w = event_weight[layer, t]
                for lane in range(lanes):
                    exposure[s, layer, lane] += w * now[s, lane]
        advance_lanes(tb, p, stay, now, after)
        now, after = after, now
    return True


@kernel
def live_lanes(
    tb, rows, first, stride, group_weight, windows, steady, weight, event_weight, period, state, time, events, trace
):
    """Blocks first, first + stride, ... of `rows` (blocks, LANES), draws or -1; False when deadlines form a circle.

    `steady` (S,) says that no hazard of the state changes but at the windows. Adds to `time` and `events` (as in
    Quantities) and to the two parts of the trace, (2, G, S, T+1) int64.
    """
    for block in range(first, rows.shape[0], stride):
        row = rows[block]
        lanes_used = 0
        while lanes_used < row.shape[0] and row[lanes_used] >= 0:
            lanes_used += 1
        for n in range(group_weight.shape[1]):
            alive = False
            for lane in range(lanes_used):
                if group_weight[row[lane], n] > 0.0:
                    alive = True
            if not alive:
                continue
            for g in range(tb.ratio.shape[1]):
                if not live_lanes_group(
                    tb,
                    row,
                    lanes_used,
                    n,
                    g,
                    group_weight,
                    windows,
                    steady,
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
