"""Anchored in order statistics, in scores simulated under no effect, in Newcombe's printed example and by hand.

Newcombe 1998, table II, example (a), method 10: 56 of 70 against 48 of 80, difference 0.2000 (0.0524 to 0.3339).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from costeff.cli import main
from costeff.errors import ResultError
from costeff.psfs.response import CUTS, psfs_response, responding_under_no_effect
from costeff.psfs.scores import Course, as_table, simulated_scores

WORST = Course(reliability=0.75, usual_change=1.0)


def table(team: float, *, usual: bool = True, people: int = 150, seed: int = 1) -> pd.DataFrame:
    """Scores of a team that adds so many points, and of usual care."""
    groups = [as_table(simulated_scores(people, seed, effect=team, course=WORST), "team")]
    if usual:
        groups.append(as_table(simulated_scores(people, seed + 1000, course=WORST), "usual_care"))
    return pd.concat(groups, ignore_index=True)


def test_activities_named_at_their_worst_rise_by_chance() -> None:
    """Nothing is done: the four lowest of eight rise by (1 - reliability) x spread x 0.7253.

    Normal order statistics of eight: 1.4236, 0.8522, 0.4728 and 0.1525 below the mean, 0.7253 on average.
    """
    still = Course(reliability=0.7, activities=8, named_activities=4, mean=5, spread=0.5, usual_change=0)
    scores = simulated_scores(20_000, seed=3, course=still)
    assert (scores[:, -1] - scores[:, 0]).mean() == pytest.approx(0.3 * 0.5 * 0.7253, abs=0.006)
    # From the previous conversation nothing rises once the first is past.
    assert (scores[:, 2] - scores[:, 1]).mean() == pytest.approx(0, abs=0.006)


@pytest.mark.parametrize("seed", range(6))
def test_no_effect_without_usual_care_is_never_credited(seed: int) -> None:
    of = psfs_response(table(0, usual=False, seed=seed))
    assert not of.controlled
    assert not of.table["credited"].any()
    assert (of.table["team"] > 0).any()  # there are people who improve, and they are no evidence
    assert of.table["no_effect"].between(0, 1).all()


def test_no_effect_beside_usual_care_is_credited_as_often_as_chance() -> None:
    """At each limit a 95 % interval lies above 0 in 2.5 % of trials of no effect."""
    credited = sum(
        int(psfs_response(table(0, seed=seed)).table.query("cut == 2.0 and since == 'first'")["credited"].iloc[0])
        for seed in range(40)
    )
    assert credited <= 4  # of 40; more than 4 comes in 0.3 % of cases


def test_an_effect_beside_usual_care_is_credited() -> None:
    of = psfs_response(table(2.5))
    first = of.table[of.table["since"] == "first"]
    assert first["credited"].all()
    assert (first["gain"] > 0.2).all()
    # The same people without usual care followed: not credited, and the share under no effect is printed.
    assert not psfs_response(table(2.5, usual=False)).table["credited"].any()


def test_shares_by_hand() -> None:
    """Twenty with a team: 5 rise by 3 and then fall by 1, 15 rise by 1.3 in all, evenly; ten in usual care stay."""
    rows = [(f"a{i}", "team", k + 1, s) for i in range(5) for k, s in enumerate((2, 5, 4))]
    rows += [(f"b{i}", "team", k + 1, s) for i in range(15) for k, s in enumerate((3, 3.65, 4.3))]
    rows += [(f"c{i}", "usual_care", k + 1, 5) for i in range(10) for k in range(2)]
    rows += [("lost", "team", 1, 4)]  # one conversation only: says nothing of a change
    of = psfs_response(pd.DataFrame(rows, columns=["person", "group", "conversation", "score"])).table
    shares = of.set_index(["since", "cut"])["team"].to_dict()
    assert [shares["first", cut] for cut in CUTS] == [1.0, 0.25, 0.0]
    assert [shares["previous", cut] for cut in CUTS] == [0.0, 0.0, 0.0]
    assert of["team_people"].tolist() == [20] * 6
    assert of["usual_care"].tolist() == [0.0] * 6


def test_the_share_under_no_effect_has_its_own_spread() -> None:
    shares = responding_under_no_effect(1)
    for since in ("first", "previous"):
        means = [shares[since, cut].mean() for cut in CUTS]
        assert means == sorted(means, reverse=True)
    assert np.quantile(shares["first", 2.0], 0.975) > 2 * np.quantile(shares["first", 2.0], 0.25)


def test_the_command_prints_the_share_under_no_effect(tmp_path: Path) -> None:
    file = tmp_path / "scores.csv"
    table(0, usual=False).to_csv(file, index=False)
    for language, said in (("en", "not credited"), ("da", "krediteres ikke"), ("nb", "Uten noen effekt")):
        done = CliRunner().invoke(main, ["psfs", str(file), "--language", language])
        assert done.exit_code == 0, done.output
        assert said in done.output
    danish = tmp_path / "danish.csv"
    table(0, usual=False).round(2).to_csv(danish, index=False, sep=";", decimal=",")
    assert CliRunner().invoke(main, ["psfs", str(danish)]).exit_code == 0


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda t: t.drop(columns="group"), "lacks columns"),
        (lambda t: t.assign(group="control"), "an unknown group"),
        (lambda t: t.assign(score=t["score"] + 10), "outside the scale"),
        (lambda t: pd.concat([t, t]), "stands twice"),
        (lambda t: t.head(6), "too few people"),
        (lambda t: t.assign(group=["team" if k == 1 else "usual_care" for k in t["conversation"]]), "both groups"),
    ],
)
def test_scores_that_cannot_be_used_are_refused(change: object, told: str) -> None:
    with pytest.raises(ResultError) as caught:
        psfs_response(change(table(0, usual=False)))  # type: ignore[operator]
    assert told in str(caught.value)
    assert "Way out" in str(caught.value)


def test_a_cell_that_is_no_number_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "scores.csv"
    file.write_text("person,group,conversation,score\na,team,1,4\na,team,2,better\n", encoding="utf-8")
    done = CliRunner().invoke(main, ["psfs", str(file)])
    assert done.exit_code != 0
    assert "line 3" in done.output + str(done.stderr)
