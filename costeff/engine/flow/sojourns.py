"""Kernels that turn the moments of a replication of the flow engine into the cells of `Quantities`.

Who waits is in the state in which they came; who has a place is in that of the station, then in that of the delay, then
in that of who blocks it. Sizes: N people, V visits, S stations, M states, P periods, K tallies, E event tallies, R rows
of events, A weights, L sojourns, B bands. Times are in days from the start of the replication.
"""

from __future__ import annotations

import numpy as np

from costeff.engine.flow.kernel import JOINED, LEFT, STARTED
from costeff.numerics.kernel_cache import kernel, kernel_part

ARRIVED, CAME_BACK, TURNED_AWAY, GAVE_UP = range(4)
"""Rows of `line_rows`: events of who comes to a line or leaves it, by the state in which they wait."""


@kernel
def sojourns(moments, start_state, place_states, line_rows, move_rows, outside, person, state, row, begins, ends):
    """List the stays of all people in states, the first of each visit outside and without length; how many there are.

    moments (V, S, N, 5) as `live` of the flow's kernel tells them; start_state (N,): where each waits; place_states
    (S, 3): of who needs the place, is delayed, blocks it; line_rows (4, M): rows of events, see `ARRIVED`; move_rows
    (M, M): row of the move from one state to another. Results, (L,) with L >= (4 + 3 S) V N: person, state, row of the
    event that ends the stay (-1: none yet), begins and ends, infinite where nobody has.
    """
    visits, stations, people = moments.shape[0], moments.shape[1], moments.shape[2]
    many = 0
    for n in range(people):
        waits_in = start_state[n]
        for v in range(visits):
            at = moments[v, 0, n, JOINED]
            turned_away = np.isnan(at)
            if turned_away:
                at = moments[v, 0, n, LEFT]
                if np.isnan(at):
                    break  # has not come, or not come back
            person[many], state[many], begins[many], ends[many] = n, outside, at, at
            row[many] = line_rows[ARRIVED if v == 0 else CAME_BACK, waits_in]
            many += 1
            person[many], state[many], begins[many], ends[many], row[many] = n, waits_in, at, np.inf, -1
            if turned_away:
                ends[many], row[many] = at, line_rows[TURNED_AWAY, waits_in]
                many += 1
                continue
            for s in range(stations):
                for stage in range(3):
                    at = moments[v, s, n, STARTED + stage]
                    if np.isnan(at):
                        break
                    following = place_states[s, stage]
                    if following != state[many]:
                        ends[many], row[many] = at, move_rows[state[many], following]
                        many += 1
                        person[many], state[many], begins[many], ends[many] = n, following, at, np.inf
                        row[many] = -1
            at = moments[v, 0, n, LEFT]
            if np.isnan(moments[v, 0, n, STARTED]) and not np.isnan(at):
                ends[many], row[many] = at, line_rows[GAVE_UP, waits_in]
            at = moments[v, stations - 1, n, LEFT]
            if not np.isnan(moments[v, stations - 1, n, STARTED]) and not np.isnan(at):
                ends[many], row[many] = at, move_rows[state[many], outside]
            many += 1
    return many


@kernel_part
def _interval(value, first, last, edges):
    """Which interval of a band, with the edges from `first` to `last`, holds a value of its clock."""
    at = first
    while at < last and edges[at] <= value:
        at += 1
    return at - first


@kernel_part
def _amount(row, n, own_row, by_draw, own):
    """What weight `row` is for person n: of all people of the draw, or their own."""
    return by_draw[row] if own_row[row] < 0 else own[own_row[row], n]


@kernel
def count(
    person,
    state,
    row,
    begins,
    ends,
    many,
    arrival,
    outside,
    edges,
    band_clock,
    band_first,
    band_edge,
    tally_first,
    tally_band,
    tally_weight,
    tally_dated,
    tally_offset,
    tally_cells,
    state_first,
    state_tally,
    own_row,
    by_draw,
    own,
    rule_begins,
    event_mask,
    event_weight,
    event_dated,
    event_first,
    event_band,
    event_offset,
    time,
    events,
    present,
    come_and_gone,
):
    """Add the time and the events of the `many` stays that `sojourns` listed, from edges[0] to the last edge.

    arrival (N,); edges (P + 1,), whole days; bands and tallies as in `Tables`, bands on clock 0 (days in the state) or
    1 (days since arrival); state_tally[state_first[m] .. state_first[m + 1] - 1]: the tallies that count state m under
    this strategy; weights (A,) as in `PeopleWeights`, of what is dated one row for each rule period, which begin at
    rule_begins (the last: infinite). Added to: time (P, cells) in days, events (P, R + cells), present (M, T + 2) and
    come_and_gone (2, T + 2) int64: changes, at the whole days from edges[0] on, of how many are in each state, and of
    how many have come and have ends.
    """
    periods = edges.shape[0] - 1
    begin, horizon = edges[0], edges[periods]
    days = present.shape[1] - 2
    for i in range(many):
        n, where = person[i], state[i]
        first_day = min(max(np.int64(np.ceil(begins[i] - begin)), 0), days + 1)
        last_day = days + 1
        if ends[i] < horizon + 1.0:
            last_day = min(max(np.int64(np.ceil(ends[i] - begin)), 0), days + 1)
        if where == outside:
            come_and_gone[0, first_day] += 1
        else:
            present[where, first_day] += 1
            present[where, last_day] -= 1
            if i + 1 == many or person[i + 1] != n or state[i + 1] == outside:
                come_and_gone[1, last_day] += 1
        low, high = max(begins[i], begin), min(ends[i], horizon)
        if where != outside and low < high:
            for i_tally in range(state_first[where], state_first[where + 1]):
                k = state_tally[i_tally]
                amount = 1.0 if tally_weight[k] < 0 else _amount(tally_weight[k], n, own_row, by_draw, own)
                cell_of_state = tally_offset[k] + where * tally_cells[k]
                at, p, rule = low, 0, 0
                while edges[p + 1] <= at:
                    p += 1
                while at < high:
                    until, cell = min(high, edges[p + 1]), 0
                    if tally_dated[k]:
                        while rule_begins[rule + 1] <= at:
                            rule += 1
                        until = min(until, rule_begins[rule + 1])
                        amount = _amount(tally_weight[k] + rule, n, own_row, by_draw, own)
                    for b in range(tally_first[k], tally_first[k + 1]):
                        band = tally_band[b]
                        zero = begins[i] if band_clock[band] == 0 else arrival[n]
                        first, last = band_first[band], band_first[band + 1]
                        inside = _interval(at - zero, first, last, band_edge)
                        cell = cell * (last - first + 1) + inside
                        if first + inside < last:
                            until = min(until, max(zero + band_edge[first + inside], np.nextafter(at, np.inf)))
                    time[p, cell_of_state + cell] += amount * (until - at)
                    at = until
                    if at >= edges[p + 1]:
                        p += 1
        at = ends[i]
        if row[i] < 0 or at < begin or at >= horizon:
            continue
        p = 0
        while edges[p + 1] <= at:
            p += 1
        events[p, row[i]] += 1.0
        for e in range(event_mask.shape[0]):
            if event_mask[e, row[i]] == 0:
                continue
            cell = 0
            for b in range(event_first[e], event_first[e + 1]):
                band = event_band[b]
                zero = begins[i] if band_clock[band] == 0 else arrival[n]
                first, last = band_first[band], band_first[band + 1]
                cell = cell * (last - first + 1) + _interval(at - zero, first, last, band_edge)
            amount = 1.0 if event_weight[e] < 0 else _amount(event_weight[e], n, own_row, by_draw, own)
            if event_dated[e]:
                rule = 0
                while rule_begins[rule + 1] <= at:
                    rule += 1
                amount = _amount(event_weight[e] + rule, n, own_row, by_draw, own)
            events[p, event_offset[e] + cell] += amount
