"""Frail elders with a follow-up team, day by day in plain Python: admissions and the ten states of the model.

Independent of costeff: it imports nothing of it. One elder's expectation is a row of probabilities; exits compete
within a day by their hazards, so that an exit of hazard h among exits that add up to H takes h / H (1 - exp(-H)) of
those who are there.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import exp, log, sqrt

LEVELS = ("some", "medium", "extensive")


def hazards(p: Mapping[str, float], *, often: bool, ratio: float = 1.0) -> dict[str, dict[str, float]]:
    """Hazard per day of each exit: {from: {to: hazard}}."""
    admissions = p["transport_admission"] * p["admissions_home"] / 364
    seldom = admissions / (1 - p["p_often"] + p["p_often"] * p["ratio_often"])
    admitted = ratio * seldom * (p["ratio_often"] if often else 1.0)
    in_hospital = p["admissions_home"] * p["transport_admission"] * p["p_death_hospital"]
    death = max(p["transport_death"] * p["mortality"] - in_hospital, 0.01) / 364
    first, second = p["p_start_some"], p["p_start_medium"]
    medium = sqrt(p["hr_some"])
    worst = death / (first * p["hr_some"] + second * medium + (1 - first - second))
    leave = -log(1 - 1 / p["hospital_days"])
    back = 1 - p["p_death_hospital"] - p["p_ready"] - p["p_decline"]
    short = -log(1 - 1 / p["short_days"])
    institution = p["mortality_institution"] / 364
    ends = {"discharge_ready": p["p_ready"] * leave, "dead": p["p_death_hospital"] * leave}
    return {
        "home_some": {"hospital_some": admitted, "home_medium": p["up_some"] / 364, "dead": worst * p["hr_some"]},
        "home_medium": {"hospital_medium": admitted, "home_extensive": p["up_medium"] / 364, "dead": worst * medium},
        "home_extensive": {"hospital_extensive": admitted, "nursing_home": p["up_extensive"] / 364, "dead": worst},
        "hospital_some": {"home_some": back * leave, "home_medium": p["p_decline"] * leave, **ends},
        "hospital_medium": {"home_medium": back * leave, "home_extensive": p["p_decline"] * leave, **ends},
        "hospital_extensive": {"home_extensive": (back + p["p_decline"]) * leave, **ends},
        "discharge_ready": {"short_term": -log(1 - 1 / max(p["ready_days_each"], 1.05))},
        "short_term": {
            "home_extensive": p["share_home_again"] * short,
            "nursing_home": (1 - p["share_home_again"]) * short,
            "dead": institution,
        },
        "nursing_home": {"dead": institution},
        "dead": {},
    }


def live(p: Mapping[str, float], ratio: float = 1.0, days: int = 728) -> dict[str, float]:
    """Admissions, deaths, days by state and the share ever admitted, expected for one elder over so many days."""
    total = {"admissions": 0.0, "deaths": 0.0, "ever_admitted": 0.0, "ready_days": 0.0, "hospital_days": 0.0}
    start = {"home_some": p["p_start_some"], "home_medium": p["p_start_medium"]}
    start["home_extensive"] = 1 - sum(start.values())
    for often, weight in ((True, p["p_often"]), (False, 1 - p["p_often"])):
        exits = hazards(p, often=often, ratio=ratio)
        here = {state: weight * start.get(state, 0.0) for state in exits}
        never = dict(here)
        for day in range(days):
            total["ready_days"] += here["discharge_ready"]
            total["hospital_days"] += here["discharge_ready"] + sum(here[f"hospital_{level}"] for level in LEVELS)
            here, moved = _day(here, exits)
            total["admissions"] += sum(moved.get((f"home_{level}", f"hospital_{level}"), 0.0) for level in LEVELS)
            total["deaths"] += sum(amount for (_, to), amount in moved.items() if to == "dead")
            never, moved = _day(never, exits)
            for level in LEVELS:
                if day + 1 < days:  # the first day in hospital is the day after the exit, and lies within the days
                    total["ever_admitted"] += moved.get((f"home_{level}", f"hospital_{level}"), 0.0)
                never[f"hospital_{level}"] = 0.0  # whoever has been admitted is followed no longer
    return total


def _day(
    here: Mapping[str, float], exits: Mapping[str, Mapping[str, float]]
) -> tuple[dict[str, float], dict[tuple[str, str], float]]:
    there, moved = dict(here), {}
    for state, ways in exits.items():
        together = sum(ways.values())
        if together == 0 or here[state] == 0:
            continue
        leaving = here[state] * (1 - exp(-together))
        there[state] -= leaving
        for to, hazard in ways.items():
            moved[state, to] = leaving * hazard / together
            there[to] += moved[state, to]
    return there, moved
