"""Capacity and waiting as expected flows per quarter: who begins when, who leaves the queue, who still waits.

The oldest in the queue begin first, nobody beyond the places. Sizes: D draws, Q quarters, W longest wait in quarters.
Shares of a citizen are counted: the account is of expectations, exact when numbers are large.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Queue:
    """What became of each quarter's citizens.

    `assigned` (D, Q, W+1): citizens who came in a quarter and whose place fell free w quarters later, with those who
    had left by then: so many follow the programme begun w quarters late. `begun`, those of them who did begin.
    `left` (D, Q): who left the queue in each quarter, well or weary. `waiting` (D, Q): in the queue at its end.
    """

    assigned: np.ndarray
    begun: np.ndarray
    left: np.ndarray
    waiting: np.ndarray

    @property
    def begun_in(self) -> np.ndarray:
        """Who began in each quarter, (D, Q)."""
        out, quarters = np.zeros(self.left.shape), self.left.shape[1]
        for wait in range(min(self.begun.shape[2], quarters)):
            out[:, wait:] += self.begun[:, : quarters - wait, wait]
        return out

    @property
    def waited(self) -> np.ndarray:
        """Quarters waited by those who began in each quarter, summed, (D, Q)."""
        out, quarters = np.zeros(self.left.shape), self.left.shape[1]
        for wait in range(1, min(self.begun.shape[2], quarters)):
            out[:, wait:] += wait * self.begun[:, : quarters - wait, wait]
        return out


def queue(takers: np.ndarray, remaining: np.ndarray, places: np.ndarray, course: int) -> Queue:
    """Serve `takers` (D, Q) with `places` (Q,), each taken for `course` quarters.

    `remaining` (D, Q, W+2) is the share of a quarter's citizens still in need of the programme 0, 1, ..., W+1 quarters
    after they came (1 at 0, never rising). Those who have waited W quarters and are not served then leave.

    Two places, four citizens a quarter, courses of one quarter, nobody recovers, nobody waits more than one quarter:

    >>> q = queue(np.full((1, 4), 4.0), np.ones((1, 4, 3)), np.full(4, 2.0), 1)
    >>> q.begun_in[0].tolist(), q.waiting[0].tolist(), q.left[0].tolist()
    ([2.0, 2.0, 2.0, 2.0], [2.0, 4.0, 4.0, 4.0], [0.0, 0.0, 2.0, 2.0])
    """
    draws, quarters = takers.shape
    longest = remaining.shape[2] - 2
    assignments = np.zeros((draws, quarters, longest + 1))
    starts = np.zeros((draws, quarters, longest + 1))
    leavers, waiting, begun_in = (np.zeros((draws, quarters)) for _ in range(3))
    open_ = takers.astype(float).copy()  # citizens of each quarter not yet assigned, counted as they came
    for now in range(quarters):
        busy = begun_in[:, max(now - course + 1, 0) : now].sum(axis=1)
        free = np.maximum(places[now] - busy, 0.0)
        for wait in range(min(longest, now), -1, -1):
            entry, still = now - wait, remaining[:, now - wait, wait]
            here = open_[:, entry] * still
            starts_now = np.minimum(here, free)
            free = free - starts_now
            # Everybody of that quarter at once, exactly, when all who are here are served; nobody when none is here.
            share = np.divide(starts_now, here, out=np.zeros(draws), where=here > 0)
            part = np.where((starts_now == here) & (here > 0), open_[:, entry], open_[:, entry] * share)
            assignments[:, entry, wait], starts[:, entry, wait] = part, starts_now
            open_[:, entry] -= part
            begun_in[:, now] += starts_now
            later = remaining[:, entry, wait + 1]
            if wait == longest:
                leavers[:, now] += open_[:, entry] * still
                open_[:, entry] = 0.0
            else:
                leavers[:, now] += open_[:, entry] * (still - later)
                waiting[:, now] += open_[:, entry] * later
    return Queue(assignments, starts, leavers, waiting)


def unlimited(takers: np.ndarray) -> Queue:
    """Everybody begins in the quarter they come.

    >>> unlimited(np.array([[3.0, 4.0]])).begun_in.tolist()
    [[3.0, 4.0]]
    """
    none = np.zeros(takers.shape)
    return Queue(takers[..., None].astype(float), takers[..., None].astype(float), none, none)
