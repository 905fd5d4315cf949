"""Anchored in twins in plain Python, in a table by hand, and in trials whose mean cost is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from conftest import Rehearsed
from twins import censored_costs as twin

from costeff.errors import CosteffError
from costeff.rules import load_rules
from costeff.trial.evaluation.censored import FollowedCosts, censored_mean
from costeff.trial.evaluation.lost import follow_up, lost_rows
from costeff.trial.extract import Extract, read_extract
from costeff.trial.lives import UNSEEN
from costeff.trial.results import costs_by_part, price_groups

EDGES = np.array([0, 13, 26, 39, 52])


def followed(seed: int, people: int, lost: float = 0.5, dead: float = 0.2) -> tuple[FollowedCosts, np.ndarray]:
    """(as far as it was seen, whole cost) of people whose cost in each part is drawn, nothing after death."""
    luck = np.random.default_rng(seed)
    death = np.where(luck.random(people) < dead, luck.integers(1, 52, people), 99)
    loss = np.where(luck.random(people) < lost, 13 * luck.integers(1, 4, people), 99)  # at the end of a part
    sick = luck.gamma(2.0, 1.0, people)[:, None]
    share_alive = np.clip((death[:, None] - EDGES[:-1]) / 13, 0, 1)
    whole = (1000 * sick + luck.gamma(1.0, 500.0, (people, 4))) * share_alive
    seen = np.minimum(np.minimum(death, loss), 52)
    has_died = (death <= loss) & (death < 52)
    cost = np.where(seen[:, None] > EDGES[:-1], whole, 0.0)
    return FollowedCosts(cost, seen, has_died, EDGES), whole.sum(axis=1)


@pytest.mark.parametrize("seed", range(3))
def test_both_estimators_are_the_twins(seed: int) -> None:
    own, _ = followed(seed, 60)
    one = censored_mean(own, np.random.default_rng(1), replicates=2)
    table = (own.cost.tolist(), own.seen.tolist(), own.has_died.tolist(), EDGES.tolist())
    assert one.lin == pytest.approx(twin.lin(*table), rel=1e-12)
    assert one.weighted == pytest.approx(twin.bang_tsiatis(*table), rel=1e-12)


def test_a_table_by_hand() -> None:
    """Four people, two half-years. One dies after 10 weeks, one is lost after 26: of the first half 10 + 20 + 30 + 4
    over 4; of the second, Lin: three of four alive, mean of 50 and 70; weights: 2 of 3 are in sight, so 120 / (2/3)."""
    cost = np.array([[10.0, 50], [20, 70], [30, 0], [4, 0]])
    own = FollowedCosts(cost, np.array([52, 52, 26, 10]), np.array([False, False, False, True]), np.array([0, 26, 52]))
    one = censored_mean(own, np.random.default_rng(1), replicates=2)
    assert one.lin == pytest.approx(64 / 4 + 0.75 * 60)
    assert one.weighted == pytest.approx(64 / 4 + 120 / (2 / 3) / 4)


def test_with_nobody_lost_both_are_the_mean() -> None:
    own, whole = followed(4, 80, lost=0.0)
    one = censored_mean(own, np.random.default_rng(1), replicates=400)
    assert one.weighted == pytest.approx(whole.mean(), rel=1e-12)
    error = whole.std(ddof=1) / 80**0.5
    assert one.weighted_error == pytest.approx(error, rel=4 / (2 * 400) ** 0.5)
    assert abs(one.lin - whole.mean()) < error / 3  # parts in which some die are weighed by who begins them


def test_both_are_unbiased_where_complete_cases_are_not() -> None:
    """Whoever dies early costs little and is never lost: complete cases hold too many of them."""
    errors = []
    for seed in range(60):
        own, whole = followed(seed, 200, lost=0.7, dead=0.4)
        one = censored_mean(own, np.random.default_rng(1), replicates=2)
        complete = own.has_died | (own.seen == 52)
        errors.append([value - whole.mean() for value in (one.lin, one.weighted, whole[complete].mean())])
    mean, error = np.mean(errors, axis=0), np.std(errors, axis=0, ddof=1) / 60**0.5
    assert abs(mean[0]) < 3 * error[0]
    assert abs(mean[1]) < 3 * error[1]
    assert mean[2] < -4 * error[2]


def test_a_part_that_nobody_was_seen_in_is_refused() -> None:
    own = FollowedCosts(np.ones((6, 2)), np.full(6, 20), np.zeros(6, bool), np.array([0, 26, 52]))
    with pytest.raises(CosteffError, match="of which nobody was seen"):
        censored_mean(own, np.random.default_rng(1))


def partly_lost(rehearsed: Rehearsed) -> Extract:
    """The rehearsal, in which the register loses nobody, with every fifth person lost after 30 weeks."""
    own = read_extract(rehearsed.folder, rehearsed.plan, rehearsed.lens, rehearsed.study)
    weeks = own.trial.weeks.copy()
    weeks[::5, 30:] = UNSEEN
    return replace(own, trial=replace(own.trial, weeks=weeks))


@pytest.mark.parametrize("is_dated", [True, False])
def test_costs_by_part_add_to_those_of_the_year(rehearsed: Rehearsed, is_dated: bool) -> None:
    name, own = rehearsed.plan.strategies[-1], partly_lost(rehearsed)
    rules = load_rules(rehearsed.plan.rules, rehearsed.study.model) if is_dated else None
    whole = price_groups(own, rehearsed.prices, rules).costs[name].cost
    by_part = costs_by_part(own, rehearsed.prices, rules, name, EDGES)
    for view in rehearsed.plan.perspectives:
        assert by_part[view].sum(axis=1) == pytest.approx(whole[view], rel=1e-9, abs=1e-6)
        assert np.abs(by_part[view]).sum(axis=0).min() > 0


def test_whoever_is_lost_counts_with_the_weeks_that_were_seen(rehearsed: Rehearsed) -> None:
    own = partly_lost(rehearsed)
    seen, has_died = follow_up(own, rehearsed.plan.strategies[0])
    assert set(seen[~has_died].tolist()) == {30, 52}
    rows = lost_rows(own, rehearsed.prices, None, np.random.default_rng(1))
    assert [row.perspective for row in rows] == list(rehearsed.plan.perspectives)
    for row in rows:
        spread = max(row.complete[1], row.lin[1], row.weighted[1])
        assert abs(row.lin[0] - row.complete[0]) < 3 * spread
        assert row.lin[0] != row.weighted[0] != row.complete[0]
    whole = read_extract(rehearsed.folder, rehearsed.plan, rehearsed.lens, rehearsed.study)
    assert lost_rows(whole, rehearsed.prices, None, np.random.default_rng(1)) == ()
