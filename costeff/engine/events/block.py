"""The lives of a block from start to horizon, counted, and a draw's counts turned into quantities.

Kernels add only integers, so the same bits come out for any number of threads, any batch and any block size.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from costeff.engine.events.counting import add_gains, add_time
from costeff.engine.events.lives import TOGETHER, LifeBlock, begin, enter, gather, half_of, move_clocks, pass_through
from costeff.engine.events.plan import look
from costeff.engine.events.search import make_guide, next_exits, spend
from costeff.engine.events.stepping import next_exits_stepping, next_exits_weekly
from costeff.numerics.kernel_cache import kernel, kernel_outline, kernel_part


class Counts(NamedTuple):
    """What is counted of one draw, by strategy and half of the individuals."""

    occupancy: np.ndarray  # (G, 2, points + 1, counters) int64: +1 on entry, -1 on exit
    events: np.ndarray  # (G, 2, points, events) int32
    passages: np.ndarray  # (G, 2, P, points + 1) int64: first passages by time, the last: never
    gains: np.ndarray  # (G, 2, points, cells of event tallies) int64
    # (rows, 6) int64: (individual, strategy, state, start, end, event) of sojourns, while rows last
    record: np.ndarray


class Weighing(NamedTuple):
    """How counts by point of time become totals by period and layer."""

    period: np.ndarray  # (points,) int32
    cycle_weight: np.ndarray  # (layers, points) float64
    event_weight: np.ndarray  # (layers, points) float64
    one: np.ndarray  # (events,) float64 of 1
    each: np.ndarray  # (events + 1,) int64: 0, 1, ..
    each_gain: np.ndarray  # (cells of event tallies + 1,) int64: 0, 1, ..
    now: np.ndarray  # (counters,) int64, scratch, as all that follow
    times: np.ndarray  # (counters,) float64
    part: np.ndarray  # (periods, layers, counters) float64
    now_events: np.ndarray  # (events,) int64
    times_events: np.ndarray  # (events,) float64
    part_events: np.ndarray  # (periods, layers, events) float64
    now_gains: np.ndarray  # (cells of event tallies,) int64
    times_gains: np.ndarray  # (cells of event tallies,) float64
    part_gains: np.ndarray  # (periods, layers, cells of event tallies) float64
    no_trace: np.ndarray  # (G, 0, events) int64


class Results(NamedTuple):
    """Where results of the draws go."""

    time: np.ndarray  # (D, G, 2, cells, periods, layers) float64
    events: np.ndarray  # (D, G, 2, events + cells of event tallies, periods, layers) float64: the events are written
    passages: np.ndarray  # (D, G, 2, P, points + 1) int64
    gains: np.ndarray  # (D, G, 2, cells of event tallies, periods, layers) float64
    trace: np.ndarray  # (G, points, counters) int64: what each counter held, summed over draws


@kernel_part
def sojourns_in(tb, pl, bl, s, mode, lives, so, occupancy, record, row):
    """Live the next sojourn of all lives in state s; returns how many those were."""
    many = gather(lives, so, s)
    if mode is None:
        next_exits(tb, pl, bl, s, lives, so, many)
    elif mode == 1:
        next_exits_stepping(tb, pl, bl, s, lives, so, many)
    else:
        next_exits_weekly(tb, pl, bl, s, lives, so, many)
    for k in range(min(many, record.shape[0] - row)):
        record[row + k, 0] = bl.low + so.life[k]
        record[row + k, 1] = bl.g
        record[row + k, 2] = s
        record[row + k, 3] = so.start[k]
        record[row + k, 4] = so.end[k]
        record[row + k, 5] = so.event[k]
    add_time(tb, pl, bl, s, lives, so, many, occupancy)
    pass_through(tb, bl, s, lives, so, many)
    return many


@kernel_outline
def go_on(tb, pl, bl, s, lives, so, many, events, gains):
    """Count the events and keep in `so` the sojourns that had one; returns how many."""
    event_count = 0
    for k in range(many):
        b, start, end, event = (np.uint64(look(so.life, k)), look(so.start, k), look(so.end, k), look(so.event, k))
        so.life[np.uint64(event_count)] = b
        so.start[np.uint64(event_count)] = start
        so.end[np.uint64(event_count)] = end
        so.event[np.uint64(event_count)] = event
        event_count += 1 if event >= 0 else 0
        lives.at[b] = end
        lives.visits[np.uint64(s), b] += 1
    for k in range(event_count):
        half = half_of(bl, look(so.life, k))
        events[np.uint64(half), np.uint64(max(so.end[k] - 1, 0)), np.uint64(so.event[k])] += 1
    if gains.shape[2] > 0:
        add_gains(tb, pl, bl, lives, so, event_count, gains)
    return event_count


@kernel_outline
def live(tb, pl, bl, count, mode, lives, so, occupancy, events, passages, gains, record, row):
    """Lives 0 .. count - 1 of a block. Adds to the integer arrays; returns the sojourns lived, -1 on a loop.

    `record` takes (individual, strategy, state, start, end, event) of each sojourn from its `row` on, while rows last.
    """
    begin(tb, pl, bl, lives, so, count)
    states = lives.many.shape[0]
    # At one point of time a life passes through every state at most, and then stays in one.
    most = count * (states + 1) * (bl.horizon + 2)
    sojourns = 0
    while True:
        s: Any = np.int64(0)  # typed at once: as a literal the parts below would be compiled for it too
        for other in range(states):
            s = other if lives.many[other] > lives.many[s] else s
        if lives.many[s] == 0:
            break
        many = sojourns_in(tb, pl, bl, s, mode, lives, so, occupancy, record, row + sojourns)
        sojourns += many
        if sojourns > most:
            return -1
        many = go_on(tb, pl, bl, s, lives, so, many, events, gains)
        if mode is None or mode == 1:
            spend(tb, pl, bl, s, lives, so, many)
        move_clocks(tb, pl, s, lives, so, many)
        enter(pl, s, lives, so, many)
    for p in range(lives.found.shape[0]):
        for b in range(count):
            passage_time = lives.found[p, b]
            passages[half_of(bl, b), p, passage_time if passage_time >= 0 else bl.horizon + 1] += 1
    return sojourns


@kernel_outline
def _live_block(tb, pl, seed, d, low, high, first, split, horizon, mode, lives, so, counts):
    """All lives of individuals low..high under every strategy; returns sojourns lived, -1 on a loop of deadlines."""
    sojourns = 0
    make_guide(pl, tb.cumulative[d], lives.guide, lives.scale)
    for n in range(low, high, TOGETHER):
        count = min(high - n, TOGETHER)
        for g in range(tb.ratio.shape[1]):
            bl = LifeBlock(
                d,
                g,
                n,
                first + n,
                split - first - n,
                seed,
                horizon,
                tb.cumulative[d],
                pl.exit_most[d, g],
                tb.ratio[d, g],
            )
            new_sojourns = live(
                tb,
                pl,
                bl,
                count,
                mode,
                lives,
                so,
                counts.occupancy[g],
                counts.events[g],
                counts.passages[g],
                counts.gains[g],
                counts.record,
                sojourns,
            )
            if new_sojourns < 0:
                return np.int64(-1)
            sojourns += new_sojourns
    return np.int64(sojourns)


@kernel
def live_draws(
    tb, pl, seed, draw, stride, low, high, first, split, horizon, mode, lives, so, counts, weighing, results
):
    """Live individuals low..high of every `stride`-th draw from `draw` on; returns sojourns lived, -1 on a loop.

    Each draw is counted anew and totalled. With a stride of 0 `draw` alone is lived and only added to `counts`; with
    -1 it is totalled as well. (One kernel for all that: a process takes 13 ms to load another.)
    """
    sojourns = 0
    for d in range(draw, tb.draw_key.shape[0] if stride > 0 else draw + 1, max(stride, 1)):
        if stride > 0:
            counts.occupancy[:] = 0
            counts.events[:] = 0
            counts.passages[:] = 0
            counts.gains[:] = 0
        new_sojourns = _live_block(tb, pl, seed, d, low, high, first, split, horizon, mode, lives, so, counts)
        if new_sojourns < 0:
            return np.int64(-1)
        sojourns += new_sojourns
        if stride != 0:
            total_draw(pl, counts, weighing, results, d)
    return np.int64(sojourns)


@kernel_outline
def total_draw(pl, counts, weighing, results, d):
    """Turn the counts of draw d into its results."""
    we = weighing
    _summarise(
        counts.occupancy,
        1,
        we.cycle_weight,
        we.period,
        pl.unit,
        pl.cell_first,
        pl.cell_from,
        we.now,
        we.times,
        we.part,
        results.time[d],
        results.trace,
    )
    _summarise(
        counts.events,
        0,
        we.event_weight,
        we.period,
        we.one,
        we.each,
        we.each,
        we.now_events,
        we.times_events,
        we.part_events,
        results.events[d],
        we.no_trace,
    )
    if counts.gains.shape[3] > 0:
        _summarise(
            counts.gains,
            0,
            we.event_weight,
            we.period,
            pl.gain_unit,
            we.each_gain,
            we.each_gain,
            we.now_gains,
            we.times_gains,
            we.part_gains,
            results.gains[d],
            we.no_trace,
        )
    for g in range(counts.passages.shape[0]):
        for half in range(2):
            for p in range(counts.passages.shape[2]):
                for k in range(counts.passages.shape[3]):
                    results.passages[d, g, half, p, k] = counts.passages[g, half, p, k]


@kernel_part
def _summarise(changes, running, weight, period, unit, first, of, now, times, part, time, occupants):
    """Turn counts by point of time into totals by cell, period and layer, in fixed order.

    `changes` (G, 2, points, counters): with `running` 1 entries less exits, summed up on the way, with 0 the counts
    themselves. Counters of[first[c]:first[c + 1]] add up to cell c. `now`, `times` (counters,) and `part` (periods,
    layers, counters) are scratch. `time` (G, 2, cells, periods, layers) is added to, and so is what each counter holds
    to `occupants` (G, points, counters), where it has points.
    """
    layers, points = weight.shape
    counters = changes.shape[3]
    cells = first.shape[0] - 1
    for g in range(changes.shape[0]):
        for half in range(2):
            now[:] = 0
            part[:] = 0.0
            for t in range(points):
                row = changes[g, half, t]
                for i in range(counters):
                    now[i] = running * now[i] + row[i]
                    times[i] = now[i] * unit[i]
                if occupants.shape[1] > 0:
                    whole = occupants[g, t]
                    for i in range(counters):
                        whole[i] += now[i]
                for layer in range(layers):
                    w = weight[layer, t]
                    sums = part[period[t], layer]
                    for i in range(counters):
                        sums[i] += w * times[i]
            # Cell by cell, so that what is written lies side by side.
            for cell in range(cells):
                for x in range(look(first, cell), look(first, cell + 1)):
                    i = look(of, x)
                    for p in range(part.shape[0]):
                        for layer in range(layers):
                            time[g, half, cell, p, layer] += part[p, layer, i]
