"""The compiled passes over draws and willingness to pay that acceptability, loss and EVPI share. Arrays only.

Net benefits are formed as NumPy does. One that only rounding dust parts from the best of its draw ties with it, and
loses nothing (see dust). The innermost loop runs over willingness to pay, whose sums do not depend on each other, so it
is vectorised without changing the order of any sum.
"""

from __future__ import annotations

from typing import Any

from costeff.analysis.dust import DUST
from costeff.numerics.kernel_cache import kernel

WIDTH = 64
"""Values of willingness to pay taken together, so that their sums stay in the processor's nearest cache."""


@kernel
def tally(gain: Any, cost: Any, wtp: Any, low: int, high: int, shift: Any, room: Any, part: Any, sums: Any) -> None:
    """Add draws low to high, for all of `wtp`.

    `gain`, `cost` (draw, strategy); `wtp` (wtp,); `shift` (strategy, wtp) is taken off each loss, so that
    squares do not cancel; `room` (3, WIDTH) and `part` (4, strategy, WIDTH) are scratch; `sums` (4, strategy,
    wtp): shares of the first place (ties share equally), their squares, losses less `shift`, their squares.
    """
    strategies = gain.shape[1]
    for first in range(0, wtp.shape[0], WIDTH):
        width = min(WIDTH, wtp.shape[0] - first)
        for w in range(WIDTH):
            room[0, w] = wtp[first + w] if w < width else 0.0
        for s in range(strategies):
            for w in range(WIDTH):
                part[0, s, w], part[1, s, w], part[2, s, w] = 0.0, 0.0, 0.0
                part[3, s, w] = shift[s, first + w] if w < width else 0.0
        for d in range(low, high):
            g, c = gain[d, 0], cost[d, 0]
            large_gain, large_cost = abs(g), abs(c)
            for w in range(WIDTH):
                room[1, w] = room[0, w] * g - c
            for s in range(1, strategies):
                g, c = gain[d, s], cost[d, s]
                large_gain, large_cost = max(large_gain, abs(g)), max(large_cost, abs(c))
                for w in range(WIDTH):
                    benefit = room[0, w] * g - c
                    room[1, w] = benefit if benefit > room[1, w] else room[1, w]
            for w in range(WIDTH):
                room[2, w] = DUST * (room[0, w] * large_gain + large_cost)
            for s in range(strategies):
                g, c = gain[d, s], cost[d, s]
                for w in range(WIDTH):
                    loss = room[1, w] - (room[0, w] * g - c)
                    loss = loss if loss > room[2, w] else 0.0
                    part[0, s, w] += 1.0 if loss == 0.0 else 0.0
                    loss -= part[3, s, w]
                    part[1, s, w] += loss
                    part[2, s, w] += loss * loss
        for w in range(width):
            wins = 0.0
            for s in range(strategies):
                wins += part[0, s, w]
                sums[2, s, first + w] += part[1, s, w]
                sums[3, s, first + w] += part[2, s, w]
            if wins == high - low:  # nobody tied
                for s in range(strategies):
                    sums[0, s, first + w] += part[0, s, w]
                    sums[1, s, first + w] += part[0, s, w]
                continue
            for d in range(low, high):
                best, wins = room[0, w] * gain[d, 0] - cost[d, 0], 0.0
                large_gain, large_cost = abs(gain[d, 0]), abs(cost[d, 0])
                for s in range(1, strategies):
                    best = max(best, room[0, w] * gain[d, s] - cost[d, s])
                    large_gain, large_cost = (max(large_gain, abs(gain[d, s])), max(large_cost, abs(cost[d, s])))
                least = DUST * (room[0, w] * large_gain + large_cost)
                for s in range(strategies):
                    wins += 1.0 if best - (room[0, w] * gain[d, s] - cost[d, s]) <= least else 0.0
                for s in range(strategies):
                    if best - (room[0, w] * gain[d, s] - cost[d, s]) <= least:
                        sums[0, s, first + w] += 1.0 / wins
                        sums[1, s, first + w] += 1.0 / wins / wins


@kernel
def tally_corrected(
    gain: Any, cost: Any, large: Any, group: Any, wtp: Any, centre: Any, matrix: Any, copies: Any, room: Any, sums: Any
) -> None:
    """Add all draws, by group, each moved towards the mean: see noise.corrected_nmb.

    `gain`, `cost` (draw, k) less the comparator's, of k strategies; `large` (draw, 2): how large the gains and costs
    are that each draw is formed of; `group` (draw,): the row of `sums` that each draw is added to; `wtp` (wtp,), a
    multiple of WIDTH long; `centre` (k, wtp): mean net benefit; `matrix` (k, k, wtp): how far each draw's distance
    from it shrinks; `copies` (k + 1,): how many strategies have the numbers of the comparator and of each other one;
    `room` (2 k + 3, WIDTH) is scratch; `sums` (group, 2, k + 1, wtp), the comparator first: shares of the first place
    (ties share equally) and losses, in currency.
    """
    others = gain.shape[1]
    best, least, wins = 2 * others, 2 * others + 1, 2 * others + 2
    for first in range(0, wtp.shape[0], WIDTH):
        for d in range(gain.shape[0]):
            row = group[d]
            for s in range(others):
                g, c = gain[d, s], cost[d, s]
                for w in range(WIDTH):
                    room[s, w] = wtp[first + w] * g - c - centre[s, first + w]
            for w in range(WIDTH):
                room[best, w] = 0.0
            for s in range(others):
                for w in range(WIDTH):
                    room[others + s, w] = centre[s, first + w]
                for t in range(others):
                    for w in range(WIDTH):
                        room[others + s, w] += matrix[s, t, first + w] * room[t, w]
                for w in range(WIDTH):
                    room[best, w] = max(room[best, w], room[others + s, w])
            g, c, count = large[d, 0], large[d, 1], copies[0]
            for w in range(WIDTH):
                room[least, w] = room[best, w] - DUST * (wtp[first + w] * g + c)
                room[wins, w] = count if room[least, w] <= 0.0 else 0.0
            for s in range(others):
                count = copies[s + 1]
                for w in range(WIDTH):
                    room[wins, w] += count if room[others + s, w] >= room[least, w] else 0.0
            for w in range(WIDTH):
                room[wins, w] = 1.0 / room[wins, w]
                sums[row, 0, 0, first + w] += room[wins, w] if room[least, w] <= 0.0 else 0.0
                sums[row, 1, 0, first + w] += room[best, w]
            for s in range(others):
                for w in range(WIDTH):
                    sums[row, 0, s + 1, first + w] += room[wins, w] if room[others + s, w] >= room[least, w] else 0.0
                    sums[row, 1, s + 1, first + w] += room[best, w] - room[others + s, w]
