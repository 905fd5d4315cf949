"""Lives in columns, and their book-keeping, shared by the event and the stepping kernel: clocks, passages.

Individuals of a block that are in the same state live their next sojourn together, so that everything that depends
on the state is looked up once, and each loop does one thing to many lives. A sojourn occupies whole cycles
[start, end). All results are integers, so sums do not depend on order.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from costeff.engine.events.counts import count_events, first_used, keep_used
from costeff.engine.events.plan import look
from costeff.engine.tensors import CLOCK_TIME_IN_STATE, LOOK_BACK, Tables
from costeff.numerics.kernel_cache import kernel_outline, kernel_part
from costeff.numerics.random import LIFELONG, exponential, philox_many, to_uniform

TOGETHER = 1024  # lives side by side


class Lives(NamedTuple):
    """What lives carry along, a column for each life b of the B side by side; a thread uses them again and again."""

    at: np.ndarray  # (B,) int32: the point of time
    clock: np.ndarray  # (C, B) int32: every clock's value, less `at` where it advances in every state
    visits: np.ndarray  # (S, B) int32
    luck: np.ndarray  # (lifelong, B) float64: what is left of lifelong exponentials
    head: np.ndarray  # (Y, B) int32: the first of a look-back clock's banked sojourns
    tail: np.ndarray  # (Y, B) int32: the place after the last
    kept: np.ndarray  # (Y, B) int32: their time
    bank: np.ndarray  # (Y, ring, B, 2) int32: their start and end
    used_head: np.ndarray  # (recent, B) int32: as `head`, of clocks that count the last cycles only
    used_tail: np.ndarray  # (recent, B) int32
    stays_used: np.ndarray  # (recent, ring, B, 2) int32: their stays, start and end
    run: np.ndarray  # (P, B) int32: since when the individual was last in the states of a passage
    ran: np.ndarray  # (P, B) int32: until when, -1: never
    found: np.ndarray  # (P, B) int32: when it passed, -1: not yet
    ones: np.ndarray  # (B,) float64: multipliers of an exit without any
    zeros: np.ndarray  # (B,) int32: strata of a table without any
    here: np.ndarray  # (S, B) int32: the lives in each state
    many: np.ndarray  # (S,) int64: how many those are
    guide: np.ndarray  # (M,) int32: where in a hazard table to look for a value, see `make_guide`
    scale: np.ndarray  # (M,) float64: steps of the guide to a hazard of 1, by table and stratum


class Sojourns(NamedTuple):
    """The sojourns in one state that are lived now, k = 0 .. many - 1; columns of B."""

    life: np.ndarray  # int32: whose it is
    start: np.ndarray  # int32
    end: np.ndarray  # int32
    event: np.ndarray  # int32: an exit, J + a deadline, or -1 at the horizon
    cycles: np.ndarray  # int32: those in which an exit would count, from the start to the end so far
    best: np.ndarray  # (3, B) float64: of the exit found so far, its exponential, and the hazard before and at its end
    lifelong: np.ndarray  # int32: 1 where that exit spends a lifelong exponential
    who: np.ndarray  # uint64: the individual's address
    address: np.ndarray  # uint64: that of the sojourn
    block: np.ndarray  # (4, B) uint64: the words at both
    word: np.ndarray  # (slots, B) uint64: those of its exits
    least: np.ndarray  # (slots, B) float64: a lower bound of each exponential
    tried: np.ndarray  # int32: sojourns in which an exit may happen
    place: np.ndarray  # int64: where each of those stands in the exit's hazard table
    limit: np.ndarray  # float64: the most hazard it can meet
    wanted: np.ndarray  # float64: its exponential
    open: np.ndarray  # int32: those, by place in `tried`, for which more windows are to be looked at
    found: np.ndarray  # int32: those in which the exit happens
    since: np.ndarray  # int32: from where it has still to be searched
    until: np.ndarray  # int32: to where
    rate: np.ndarray  # float64: what the table's hazard is multiplied by from there to there
    cycle: np.ndarray  # int32: in which it happens
    below: np.ndarray  # float64: the hazard before `since`, then before `cycle`
    above: np.ndarray  # float64: that at its end


class LifeBlock(NamedTuple):
    """Whose lives are lived: the draw, the strategy, the first individual."""

    d: int
    g: int
    low: int  # the place of life 0 among the individuals of the tensors
    who: int  # its address, the same in any block
    split: int  # lives from this one on belong to the second half
    seed: int
    horizon: int
    h: np.ndarray  # the draw's row of `cumulative`
    most: np.ndarray  # the row of `exit_most`
    ratio: np.ndarray  # (L, W)


def new_lives(tables: Tables) -> tuple[Lives, Sojourns]:
    """Arrays of the sizes that `tables` need."""
    states = len(tables.exit_first) - 1
    slots = int(np.diff(tables.exit_first).max(initial=0))
    b = max(TOGETHER, slots)  # stepping keeps exits in columns
    backs, passages = int((tables.clock_kind == LOOK_BACK).sum()), len(tables.passage_stay)
    # A power of two: a division would cost more than all the rest.
    ring = 1 << (int(max(tables.clock_within.max(), tables.clock_after.max())) + 1).bit_length()
    recent, used_ring = (
        len(tables.recent_within),
        1 << (int(np.abs(tables.recent_within).max(initial=0)) // 2 + 4).bit_length(),
    )

    def whole(*shape: int) -> np.ndarray:
        return np.zeros((*shape, b), np.int32)

    lives = Lives(
        at=whole(),
        clock=whole(len(tables.clock_kind)),
        visits=whole(states),
        luck=np.zeros((len(tables.lifelong_name), b)),
        head=whole(backs),
        tail=whole(backs),
        kept=whole(backs),
        bank=np.zeros((backs, ring, b, 2), np.int32),
        used_head=whole(recent),
        used_tail=whole(recent),
        stays_used=np.zeros((recent, used_ring, b, 2), np.int32),
        run=whole(passages),
        ran=whole(passages),
        found=whole(passages),
        ones=np.ones(b),
        zeros=whole(),
        here=whole(states),
        # By itself in memory: two threads that write to one line of their caches wait for each other.
        many=np.zeros(states + 16, np.int64)[8:-8],
        guide=np.zeros(tables.cumulative.shape[1], np.int32),
        scale=np.zeros(tables.cumulative.shape[1]),
    )
    sojourns = Sojourns(
        life=whole(),
        start=whole(),
        end=whole(),
        event=whole(),
        cycles=whole(),
        best=np.zeros((3, b)),
        lifelong=whole(),
        who=np.zeros(b, np.uint64),
        address=np.zeros(b, np.uint64),
        block=np.zeros((4, b), np.uint64),
        word=np.zeros((slots, b), np.uint64),
        least=np.zeros((slots, b)),
        tried=whole(),
        place=np.zeros(b, np.int64),
        limit=np.zeros(b),
        wanted=np.zeros(b),
        open=whole(),
        found=whole(),
        since=whole(),
        until=whole(),
        rate=np.zeros(b),
        cycle=whole(),
        below=np.zeros(b),
        above=np.zeros(b),
    )
    return lives, sojourns


@kernel_outline
def begin(tb, pl, bl, lives, so, count):
    """Set what lives 0 .. count - 1 carry along to the values at the start."""
    lives.many[:] = 0
    lives.at[:] = 0
    lives.visits[:] = 0
    lives.ran[:] = -1
    lives.found[:] = -1
    lives.head[:] = 0
    lives.tail[:] = 0
    lives.kept[:] = 0
    for c in range(lives.clock.shape[0]):
        for b in range(count):
            lives.clock[c, b] = tb.clock_initial[c, bl.d, bl.low + b]
    first_state = tb.start_state[tb.start_row[bl.g], bl.d]
    for b in range(count):
        s = first_state[bl.low + b]
        lives.here[s, lives.many[s]] = b
        lives.many[s] += 1
        so.who[b] = bl.who + b
    so.address[:] = LIFELONG
    for i in range(lives.luck.shape[0]):
        philox_many(bl.seed, tb.draw_key[bl.d], so.who, so.address, tb.lifelong_name[i], count, so.block)
        for b in range(count):
            lives.luck[i, b] = exponential(to_uniform(so.block[0, b]))
    for y in range(pl.look_back.shape[0]):
        c = pl.look_back[y]
        for b in range(count):
            n = bl.low + b
            if tb.clock_banked[c, bl.d, n] > 0:
                end = -tb.clock_banked_until[c, bl.d, n]
                lives.bank[y, 0, b, 0] = end - tb.clock_banked[c, bl.d, n]
                lives.bank[y, 0, b, 1] = end
                if lives.clock[c, b] != 0 or not tb.clock_advances[c, first_state[n]]:
                    lives.tail[y, b] = 1
                    lives.kept[y, b] = tb.clock_banked[c, bl.d, n]
    first_used(tb, bl, lives, count)


@kernel_outline
def gather(lives, so, s):
    """Take the lives in state s out of its list into `so`; returns how many."""
    many = lives.many[s]
    for k in range(many):
        b = lives.here[s, k]
        so.life[k] = b
        so.start[k] = lives.at[b]
    lives.many[s] = 0
    return many


@kernel_part
def half_of(bl, b):
    """The half, 0 or 1, of the individuals to which life b belongs."""
    return np.int64(b >= bl.split)


@kernel_part
def column(array, row, b):
    """array[row, b] for a row and a life known to be 0 or more."""
    return array[np.uint64(row), np.uint64(b)]


@kernel_outline
def pass_through(tb, bl, s, lives, so, many):
    """Follow first passages: a run of `stay` cycles in the passage's states, joined across sojourns.

    A run goes on where it stopped: time spent elsewhere since shows by the later start, so nothing is done elsewhere.
    """
    for p in range(lives.run.shape[0]):
        if tb.passage_state[p, s] == 0:
            continue
        run, run_end, passage_time = lives.run[np.uint64(p)], lives.ran[np.uint64(p)], lives.found[np.uint64(p)]
        stay = tb.passage_stay[p]
        for k in range(many):
            b = np.uint64(look(so.life, k))
            start, end = look(so.start, k), look(so.end, k)
            since = run[b] if run_end[b] == start else start
            run[b] = since
            run_end[b] = end
            # The cycle at the horizon is a point, not a cycle lived through.
            through = min(np.int64(end), bl.horizon) - since >= stay and end > start
            passage_time[b] = since if through and passage_time[b] < 0 else passage_time[b]


@kernel_outline
def move_clocks(tb, pl, s, lives, so, many):
    """Carry all clocks through the sojourns in s, up to the state that follows."""
    for x in range(look(pl.moved_first, s), look(pl.moved_first, s + 1)):
        clock = lives.clock[np.uint64(look(pl.moved, x))]
        for k in range(many):
            clock[np.uint64(look(so.life, k))] += look(so.end, k) - look(so.start, k)
    for x in range(look(pl.reset_first, s), look(pl.reset_first, s + 1)):
        _reset(pl, look(pl.reset_clock, x), lives, so, many)
    for x in range(look(pl.settled_first, s), look(pl.settled_first, s + 1)):
        _settle(tb, pl, look(pl.settled, x), lives, so, many)
    _reset(pl, CLOCK_TIME_IN_STATE, lives, so, many)
    if tb.recent_within.shape[0] > 0:
        keep_used(tb, pl, s, lives, so, many)
    if tb.count_clock.shape[0] > 0:
        count_events(tb, lives, so, many)


@kernel_outline
def _reset(pl, c, lives, so, many):
    always = look(pl.always, c)
    clock = lives.clock[np.uint64(c)]
    for k in range(many):
        clock[np.uint64(look(so.life, k))] = -always * look(so.end, k)


@kernel_part
def clock_value(clock, always, c, b, at):
    """The value of clock c of life b, whose point of time is `at`."""
    return column(clock, c, b) + look(always, c) * at


@kernel_outline
def _settle(tb, pl, y, lives, so, many):
    """Bank the sojourns, and reset look-back clock y of lives in which enough was counted within the look-back.

    Within one counted sojourn the count never falls, so looking at its end is enough. What lies before the look-back
    is dropped only when there is enough without; then of the time kept only the first sojourn's can have begun before.
    """
    c = look(pl.look_back, y)
    after = look(tb.clock_after, c)
    head, tail, bank_time, bank = (
        lives.head[np.uint64(y)],
        lives.tail[np.uint64(y)],
        lives.kept[np.uint64(y)],
        lives.bank[np.uint64(y)],
    )
    mask = bank.shape[0] - 1
    open_count = 0
    for k in range(many):
        b, start, end = np.uint64(look(so.life, k)), look(so.start, k), look(so.end, k)
        last = tail[b]
        bank[np.uint64(last & mask), b, 0] = start
        bank[np.uint64(last & mask), b, 1] = end
        tail[b] = last + (1 if end > start else 0)
        bank_time[b] += end - start
        so.open[np.uint64(open_count)] = k
        open_count += 1 if bank_time[b] >= after and end > start else 0
    for o in range(open_count):
        k = look(so.open, o)
        b = np.uint64(look(so.life, k))
        since = np.int64(look(so.end, k)) - look(tb.clock_within, c)
        first, last, time = np.int64(head[b]), np.int64(tail[b]), np.int64(bank_time[b])
        while first < last and bank[np.uint64(first & mask), b, 1] <= since:
            place = np.uint64(first & mask)
            time -= bank[place, b, 1] - bank[place, b, 0]
            first += 1
        if time >= after and time - max(since - bank[np.uint64(first & mask), b, 0], 0) >= after:
            lives.clock[np.uint64(c), b] = -look(pl.always, c) * look(so.end, k)
            first = last
            time = np.int64(0)
        head[b] = first
        bank_time[b] = time


@kernel_outline
def enter(pl, s, lives, so, many):
    """Put each life into the list of the state that its event leads to."""
    clocks = lives.clock.shape[0]
    for y in range(pl.look_back.shape[0]):
        # A placement from 0: only what is counted after it can reset the clock again.
        c = look(pl.look_back, y)
        if look(pl.advance, s * clocks + c) == 0:
            for k in range(many):
                b = np.uint64(look(so.life, k))
                is_placement = look(pl.advance, look(pl.target, look(so.event, k)) * clocks + c) != 0
                is_placement = is_placement and clock_value(lives.clock, pl.always, c, b, look(so.end, k)) == 0
                lives.head[np.uint64(y), b] = column(lives.tail if is_placement else lives.head, y, b)
                lives.kept[np.uint64(y), b] = 0 if is_placement else column(lives.kept, y, b)
    for k in range(many):
        b = look(so.life, k)
        target = look(pl.target, look(so.event, k))
        lives.here[np.uint64(target), np.uint64(look(lives.many, target))] = b
        lives.many[np.uint64(target)] += 1
