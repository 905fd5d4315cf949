"""Kernel of the flow engine: one replication of people who wait for places, event by event.

Sizes: N people in order of arrival, V visits that each may make, S stations in a line, M changes of places, P periods,
H events on the heap. Times are in days from the start. Everything random was drawn before: the kernel only says who
waits for whom, so that the same person comes at the same time with the same stays under every strategy.
"""

from __future__ import annotations

import numpy as np

from costeff.numerics.kernel_cache import kernel, kernel_part

JOINS, STARTS, STARTS_AFTER_WAIT, TURNED_AWAY, GAVE_UP, EXITS = range(6)
"""Columns of `counts`: who joined a station's line, got a place, had waited for it, was turned away, gave up, left."""
WAITING, ON_PLACES, BLOCKING, IN_DELAY, OPEN, WAIT = range(6)
"""Columns of `days`: person-days in line, on places, of those the blocked and the delayed; open places; waits ended."""
JOINED, STARTED, READY, RELEASED, LEFT = range(5)
"""Moments of a visit to a station: joined its line, got a place, needed it no more, free to go on, left the place or
the line."""
END, RELEASE, GIVE_UP, RETURN = range(4)
_BITS = 2  # of an event's code that hold its kind; its number stands above them
NOWHERE, IN_LINE, ON_PLACE = -1, 0, 1


@kernel_part
def _push(times, codes, people, size, time, code, person):
    """Put an event on the heap of `size` events: it holds one more. At the same time the lower code comes first."""
    at = size
    while at > 0:
        above = (at - 1) >> 1
        if not (time < times[above] or (time == times[above] and code < codes[above])):
            break
        times[at], codes[at], people[at] = times[above], codes[above], people[above]
        at = above
    times[at], codes[at], people[at] = time, code, person


@kernel_part
def _pop(times, codes, people, size):
    """Take the first event off the heap: the last one, at `size` - 1, is put in its place and sinks."""
    last = size - 1
    time, code, person = times[last], codes[last], people[last]
    at = 0
    while True:
        below = 2 * at + 1
        if below >= last:
            break
        other = min(below + 1, last - 1)
        if times[other] < times[below] or (times[other] == times[below] and codes[other] < codes[below]):
            below = other
        if not (times[below] < time or (times[below] == time and codes[below] < code)):
            break
        times[at], codes[at], people[at] = times[below], codes[below], people[below]
        at = below
    times[at], codes[at], people[at] = time, code, person


@kernel
def live(
    arrival,
    priority,
    stay,
    delay,
    patience,
    gap,
    change_time,
    change_places,
    room,
    holds,
    edges,
    heap_time,
    heap_code,
    heap_person,
    line_key,
    line_code,
    line_person,
    line_size,
    status,
    station,
    visit,
    since,
    began,
    ticket,
    state,
    counts,
    days,
    totals,
    first_wait,
    first_leave,
    moments,
):
    """Live one replication, from time 0 to the last edge.

    arrival (N,) float64, increasing; priority (N,) float64, small first; stay, delay (V, S, N) and gap (V, N), patience
    (N,) in days, infinite where nobody gives up or returns (a stay below 0 lasts until so many days after the visit
    began, or ends at once); change_time (S, M) increasing and then infinite, first 0, change_places (S, M) int64; room:
    how many may wait at the first station, -1 without a limit; holds: whether who waits for the next station keeps the
    place; edges (P + 1,) of the periods that are counted. Work space: heap_* (H,), line_* (S, N V + 1), line_size (S,),
    status, station, visit (N,) int64, since, began (N,) float64, ticket (N,) int64, state (S, 6) int64: places, taken,
    waiting, blocked, delayed, next change. Results: counts (P, S, 6) int64, days (P, S, 6), totals (S + 1, 4) int64
    from time 0 (arrivals, turned away, given up, left in row 0; then waiting and on places at the end by station),
    first_wait and first_leave (N,) of the first visit, nan where there was none. moments (V, S, N, 5) from time 0, or
    (0, 0, 0, 5) where nobody asks for them: see `JOINED`; nan for what has not come. Who is turned away has left
    without having joined.
    """
    tells_moments = moments.shape[0] > 0
    people, stations, periods = arrival.shape[0], state.shape[0], edges.shape[0] - 1
    horizon = edges[periods]
    now, period, coming, size, order = 0.0, -1, 0, 0, np.int64(0)
    while True:
        # What comes next: a change of places, a scheduled event, or an arrival; in this order at the same time.
        time, what = horizon, -1
        if coming < people and arrival[coming] < time:
            time, what = arrival[coming], stations + 1
        if size > 0 and heap_time[0] <= time and heap_time[0] < horizon:
            time, what = heap_time[0], stations
        for s in range(stations):
            at = state[s, 5]
            if at < change_time.shape[1] and change_time[s, at] <= time and change_time[s, at] < horizon:
                time, what = change_time[s, at], s
        # Days until then, period by period.
        while True:
            if period < 0:
                if time <= edges[0]:
                    now = time
                    break
                now, period = edges[0], 0
            until = min(time, edges[period + 1])
            span = until - now
            for s in range(stations):
                days[period, s, WAITING] += span * state[s, 2]
                days[period, s, ON_PLACES] += span * state[s, 1]
                days[period, s, BLOCKING] += span * state[s, 3]
                days[period, s, IN_DELAY] += span * state[s, 4]
                days[period, s, OPEN] += span * max(state[s, 0], state[s, 1])
            now = until
            if until == time or period == periods - 1:
                break
            period += 1
        if what < 0:
            break
        joins, direct, person = -1, -1, np.int64(-1)
        if what < stations:
            state[what, 0] = change_places[what, state[what, 5]]
            state[what, 5] += 1
        elif what > stations:
            person, joins = np.int64(coming), 0
            coming += 1
        else:
            kind, person = heap_code[0] & 3, heap_person[0]
            stale = kind == GIVE_UP and (status[person] != IN_LINE or ticket[person] != heap_code[0] >> _BITS)
            _pop(heap_time, heap_code, heap_person, size)
            size -= 1
            s = station[person]
            if kind == GIVE_UP and not stale:
                status[person] = NOWHERE
                if tells_moments:
                    moments[visit[person], s, person, LEFT] = now
                state[s, 2] -= 1
                totals[0, 2] += 1
                if period >= 0:
                    counts[period, s, GAVE_UP] += 1
            elif kind == RETURN:
                visit[person] += 1
                joins = 0
            elif kind == END and delay[visit[person], s, person] > 0:
                if tells_moments:
                    moments[visit[person], s, person, READY] = now
                state[s, 4] += 1
                order += 1
                code = (order << _BITS) + RELEASE
                _push(heap_time, heap_code, heap_person, size, now + delay[visit[person], s, person], code, person)
                size += 1
            elif kind < GIVE_UP:  # the end of a stay, or of a delay after it
                if kind == RELEASE:
                    state[s, 4] -= 1
                elif tells_moments:
                    moments[visit[person], s, person, READY] = now
                if tells_moments:
                    moments[visit[person], s, person, RELEASED] = now
                    if s + 1 == stations or not holds:
                        moments[visit[person], s, person, LEFT] = now
                if period >= 0:
                    counts[period, s, EXITS] += 1
                if s + 1 < stations:
                    joins = s + 1
                    state[s, 3] += 1  # blocked: until there is a place further on, which may be at once
                    if not holds:
                        state[s, 3] -= 1
                        state[s, 1] -= 1
                else:
                    state[s, 1] -= 1
                    status[person] = NOWHERE
                    totals[0, 3] += 1
                    if visit[person] == 0:
                        first_leave[person] = now
                    after = gap[visit[person], person]
                    if visit[person] + 1 < gap.shape[0] and after < np.inf:
                        order += 1
                        code = (order << _BITS) + RETURN
                        _push(heap_time, heap_code, heap_person, size, now + after, code, person)
                        size += 1
        if joins >= 0:
            full = state[0, 1] >= state[0, 0] or state[0, 2] > 0
            if joins == 0:
                totals[0, 0] += 1
            if joins == 0 and room >= 0 and full and state[0, 2] >= room:
                totals[0, 1] += 1
                status[person] = NOWHERE
                if tells_moments:
                    moments[visit[person], 0, person, LEFT] = now
                if period >= 0:
                    counts[period, 0, TURNED_AWAY] += 1
            else:
                station[person], since[person] = joins, now
                if joins == 0:
                    began[person] = now
                if tells_moments:
                    moments[visit[person], joins, person, JOINED] = now
                if period >= 0:
                    counts[period, joins, JOINS] += 1
                if state[joins, 1] < state[joins, 0] and state[joins, 2] == 0:
                    direct = joins
                else:
                    order += 1
                    status[person], ticket[person] = IN_LINE, order
                    state[joins, 2] += 1
                    key, code, among = line_key[joins], line_code[joins], line_person[joins]
                    _push(key, code, among, line_size[joins], priority[person], order, person)
                    line_size[joins] += 1
                    if joins == 0 and patience[person] < np.inf:
                        code = (order << _BITS) + GIVE_UP
                        _push(heap_time, heap_code, heap_person, size, now + patience[person], code, person)
                        size += 1
        # Whoever comes to a free place, or is first in a line, gets it; who leaves a blocked place frees one before it.
        for s in range(stations - 1, -1, -1):
            while direct == s or (state[s, 2] > 0 and state[s, 1] < state[s, 0]):
                if direct == s:
                    direct = -1  # nobody waits, and there is a place
                else:
                    person, code = line_person[s, 0], line_code[s, 0]
                    _pop(line_key[s], line_code[s], line_person[s], line_size[s])
                    line_size[s] -= 1
                    if status[person] != IN_LINE or ticket[person] != code:
                        continue  # has given up since
                    state[s, 2] -= 1
                status[person] = ON_PLACE
                state[s, 1] += 1
                if s > 0 and holds:
                    state[s - 1, 1] -= 1
                    state[s - 1, 3] -= 1
                    if tells_moments:
                        moments[visit[person], s - 1, person, LEFT] = now
                if tells_moments:
                    moments[visit[person], s, person, STARTED] = now
                if period >= 0:
                    counts[period, s, STARTS] += 1
                    days[period, s, WAIT] += now - since[person]
                    if now > since[person]:
                        counts[period, s, STARTS_AFTER_WAIT] += 1
                if s == 0 and visit[person] == 0:
                    first_wait[person] = now - since[person]
                order += 1
                length = stay[visit[person], s, person]
                time = now + length if length >= 0 else max(now, began[person] - length)
                _push(heap_time, heap_code, heap_person, size, time, (order << _BITS) + END, person)
                size += 1
    for s in range(stations):
        totals[s + 1, 0] = state[s, 2]
        totals[s + 1, 1] = state[s, 1]
