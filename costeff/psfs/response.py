"""Who has improved at 1.3, 2.0 and 2.7 points, from the first conversation and from the one before, beside none."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import betaincinv, ndtri

from costeff.errors import ResultError
from costeff.evidence.draw import uniforms
from costeff.psfs.scores import GROUPS, HIGHEST, LOWEST, Course, simulated_scores

Floats = NDArray[np.float64]
CUTS = (1.3, 2.0, 2.7)
"""Points: small and large change in 1,708 patients (1.3 and 2.7), and the rule of the pilots (2.0)."""
SINCE = ("first", "previous")
COLUMNS = ("person", "group", "conversation", "score")
COURSES = 200
PEOPLE_IN_COURSE = 400
LEAST_PEOPLE = 10


@dataclass(frozen=True)
class PsfsResponse:
    """Shares responding and what they say of the team.

    Attributes
    ----------
    table : one row per cut and reference (`cut`, `since`): `team` and `usual_care` (share responding, NaN without the
        group), `team_people`, `usual_people`, `no_effect` with `no_effect_lo` and `no_effect_hi` (share responding
        under no effect), `gain` with `lo` and `hi`, and `credited`
    controlled : whether usual care was followed too
    """

    table: pd.DataFrame
    controlled: bool


def psfs_response(scores: pd.DataFrame, seed: int = 1) -> PsfsResponse:
    """Shares responding at each person's last conversation, against usual care's own change.

    Where usual care was followed, the gain is the difference of the two shares (Newcombe's interval). Where it was
    not, it is the team's share less the share responding under no effect, whose course is not known: reliability,
    activities named and usual care's change are drawn widely. The team is credited only where the interval lies above
    0, and never without a group of usual care.

    Parameters
    ----------
    scores : columns `person`, `group` (team or usual_care), `conversation` (1, 2, ...), `score` (0 to 10: the mean of
        the activities named)
    seed : of the courses under no effect

    Raises
    ------
    ResultError
        For columns, groups, scores or numbers of people that cannot be used.

    Examples
    --------
    >>> from costeff.psfs.scores import as_table, simulated_scores
    >>> alone = psfs_response(as_table(simulated_scores(200, seed=2), "team"))
    >>> bool(alone.table["credited"].any()), bool((alone.table["no_effect"] > 0).all())
    (False, True)
    """
    changes = _changes(_checked(scores))
    no_effect = responding_under_no_effect(seed)
    controlled = {*changes["group"]} == set(GROUPS)
    rows = []
    for since in SINCE:
        for cut in CUTS:
            hits = {g: changes.loc[changes["group"] == g, since] >= cut - 1e-9 for g in GROUPS}
            team, usual = (hits[g].mean() if len(hits[g]) else float("nan") for g in ("team", "usual_care"))
            expected = no_effect[since, cut]
            low, high = np.quantile(expected, [0.025, 0.975])
            if controlled:
                gain, bounds = team - usual, _newcombe(hits["team"], hits["usual_care"])
            else:
                gain, bounds = team - expected.mean(), _apart(hits["team"], expected, seed)
            rows.append(
                {
                    "cut": cut,
                    "since": since,
                    "team": team,
                    "team_people": len(hits["team"]),
                    "usual_care": usual,
                    "usual_people": len(hits["usual_care"]),
                    "no_effect": expected.mean(),
                    "no_effect_lo": low,
                    "no_effect_hi": high,
                    "gain": gain,
                    "lo": bounds[0],
                    "hi": bounds[1],
                    "credited": bool(controlled and bounds[0] > 0),
                }
            )
    return PsfsResponse(pd.DataFrame(rows), controlled)


def psfs_without_scores(seed: int = 1) -> PsfsResponse:
    """What would be seen under no effect, where no scores are given: no share of the team's, and nothing is credited.

    >>> alone = psfs_without_scores()
    >>> bool(alone.table["credited"].any()), bool((alone.table["no_effect"] > 0).all())
    (False, True)
    """
    rows = []
    for (since, cut), expected in responding_under_no_effect(seed).items():
        low, high = np.quantile(expected, [0.025, 0.975])
        row = {"cut": cut, "since": since, "team_people": 0, "usual_people": 0, "no_effect": expected.mean()}
        unknown = dict.fromkeys(("team", "usual_care", "gain", "lo", "hi"), float("nan"))
        rows.append({**row, **unknown, "no_effect_lo": low, "no_effect_hi": high, "credited": False})
    return PsfsResponse(pd.DataFrame(rows), controlled=False)


@cache
def responding_under_no_effect(seed: int) -> dict[tuple[str, float], Floats]:
    """Share responding under no effect by reference and cut, one for each of the courses that are thought possible.

    Reliability 0.70 to 0.95 (intraclass correlations of three studies), usual care's own change 0 to 2 points
    (assumed: PSFS rose in all groups of the one cohort that was seen), 2 to 5 activities of 5 to 10 (assumed).
    """
    names = ("reliability", "change", "named", "activities")
    luck = uniforms([f"psfs {name}" for name in names], COURSES, seed, "latin_hypercube")
    shares: dict[tuple[str, float], list[float]] = {(since, cut): [] for since in SINCE for cut in CUTS}
    for d in range(COURSES):
        reliability, change, named_part, activities = (float(luck[f"psfs {name}"][d]) for name in names)
        course = Course(
            reliability=0.70 + 0.25 * reliability,
            usual_change=2 * change,
            named_activities=2 + int(4 * named_part),
            activities=5 + int(6 * activities),
        )
        scores = simulated_scores(PEOPLE_IN_COURSE, seed + d, course=course)
        for since, change_by_person in zip(
            SINCE, (scores[:, -1] - scores[:, 0], scores[:, -1] - scores[:, -2]), strict=True
        ):
            for cut in CUTS:
                shares[since, cut].append(float((change_by_person >= cut).mean()))
    return {key: np.array(values) for key, values in shares.items()}


def _checked(scores: pd.DataFrame) -> pd.DataFrame:
    """The table, sorted, without conversations that have no score. Raises ResultError."""
    missing = [name for name in COLUMNS if name not in scores]
    if missing:
        raise ResultError(
            "the table of scores lacks columns",
            value=", ".join(missing),
            rule=f"columns: {', '.join(COLUMNS)}",
            way_out="rename the columns, or add them",
        )
    table = scores[list(COLUMNS)].dropna(subset=["score"])
    wrong = sorted({str(group) for group in table["group"]} - set(GROUPS))
    outside = table.loc[(table["score"] < LOWEST) | (table["score"] > HIGHEST), "score"].tolist()
    for what, value, rule in (
        ("an unknown group", wrong, f"groups: {', '.join(GROUPS)}"),
        ("a score outside the scale", outside[:3], "the mean of the activities named, 0 to 10"),
        (
            "a conversation stands twice",
            table.loc[table.duplicated(["person", "conversation"]), "person"].tolist()[:3],
            "one mean score for each person and conversation",
        ),
    ):
        if value:
            raise ResultError(what, value=value, rule=rule, way_out="correct the table of scores")
    if (table.groupby("person")["group"].nunique() > 1).any():
        raise ResultError(
            "a person stands in both groups", rule="one group each", way_out="correct the table of scores"
        )
    return table.sort_values(["person", "conversation"], kind="stable")


def _changes(table: pd.DataFrame) -> pd.DataFrame:
    """One row per person with two conversations or more: `group`, and change since the `first` and the `previous`."""
    by_person = table.groupby("person", sort=False)
    last, first = by_person["score"].last(), by_person["score"].first()
    previous = by_person["score"].nth(-2)
    two = by_person.size() >= 2
    before = table.loc[previous.index].set_index("person")["score"]
    changes = pd.DataFrame({"group": by_person["group"].first(), "first": last - first})[two]
    changes["previous"] = last[two] - before.reindex(changes.index)
    few = [group for group, rows in changes.groupby("group") if len(rows) < LEAST_PEOPLE]
    if few or not (changes["group"] == "team").any():
        raise ResultError(
            "too few people with two conversations",
            value=", ".join(map(str, few)) or "no team",
            rule=f"{LEAST_PEOPLE} or more in each group, and a group `team`",
            way_out="wait for more conversations",
        )
    return changes


def _newcombe(team: pd.Series[bool], usual: pd.Series[bool]) -> tuple[float, float]:
    """95 % interval of a difference of two shares, from Wilson's intervals of each (Newcombe's method 10).

    >>> [round(x, 4) for x in _newcombe(pd.Series([True] * 56 + [False] * 14), pd.Series([True] * 48 + [False] * 32))]
    [0.0524, 0.3339]
    """
    (p, low, high), (q, least, most) = (_wilson(int(hits.sum()), len(hits)) for hits in (team, usual))
    below = np.sqrt((p - low) ** 2 + (most - q) ** 2)
    above = np.sqrt((high - p) ** 2 + (q - least) ** 2)
    return float(p - q - below), float(p - q + above)


def _wilson(hits: int, people: int) -> tuple[float, float, float]:
    z = float(ndtri(0.975))
    share = hits / people
    middle = (share + z**2 / (2 * people)) / (1 + z**2 / people)
    half = z * np.sqrt(share * (1 - share) / people + z**2 / (4 * people**2)) / (1 + z**2 / people)
    return share, float(middle - half), float(middle + half)


def _apart(team: pd.Series[bool], expected: Floats, seed: int) -> tuple[float, float]:
    """95 % interval of the team's share less what no effect gives: counts by a beta, courses as they were drawn."""
    luck = uniforms(["psfs team"], len(expected), seed, "latin_hypercube")["psfs team"]
    hits = int(team.sum())
    low, high = np.quantile(betaincinv(hits + 0.5, len(team) - hits + 0.5, luck) - expected, [0.025, 0.975])
    return float(low), float(high)
