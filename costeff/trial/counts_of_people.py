"""Counts that may leave the research machine: how many went from one state to another, with weeks at risk."""

from __future__ import annotations

import csv
import os

import numpy as np

from costeff.files import whole_file
from costeff.trial.aggregates import MOVES, Aggregates, Move
from costeff.trial.intake import TrialPeople
from costeff.trial.lives import UNSEEN


def counts_of(people: TrialPeople) -> Aggregates:
    """Moves of each group from the week of inclusion on, by pair of states that anybody went between.

    A count from 1 to the plan's smallest cell less 1 is None. States in which fewer people than that were ever seen are
    left out whole, since their weeks would tell of those few.
    """
    names, smallest = people.model.state_names, people.plan.smallest_cell
    before, after = people.weeks[:, :-1], people.weeks[:, 1:]
    both_seen = (before != UNSEEN) & (after != UNSEEN)
    has_moved = both_seen & (before != after)
    pairs = np.unique(np.stack([before[has_moved], after[has_moved]], axis=1), axis=0).tolist()
    moves: dict[tuple[str, str, str], Move] = {}
    for group in people.plan.strategies:
        own = people.group(group)
        for source, target in pairs:
            here = both_seen[own] & (before[own] == source)
            if int(here.any(axis=1).sum()) >= smallest:
                count = int((here & (after[own] == target)).sum())
                movers = int((here & (after[own] == target)).any(axis=1).sum())
                visible_count = None if 0 < movers < smallest else count
                moves[group, names[source], names[target]] = Move(visible_count, float(here.sum()))
    return Aggregates(smallest, moves, {})


def write_counts(counts: Aggregates, file: str | os.PathLike[str]) -> None:
    """Write moves as a CSV that `read_aggregates` reads; a hidden count is an empty cell. It is whole, or absent."""
    with whole_file(file) as draft, draft.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text, delimiter=";")
        writer.writerow(MOVES)
        for (group, source, target), move in counts.moves.items():
            writer.writerow([group, source, target, f"{move.weeks:g}", "" if move.count is None else move.count])
