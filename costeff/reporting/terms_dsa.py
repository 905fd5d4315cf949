"""Words of deterministic sensitivity analyses, in English and Danish; `terms.py` takes them up."""

from __future__ import annotations

import re

TERMS_DSA: dict[str, tuple[str, str]] = {
    "joint_range": ("95 % of joint draws", "95 % af fælles trækninger"),
    "joint_members": ("{number} parameters drawn together", "{number} parametre trukket sammen"),
    "quadrant_mark": (
        "◇ changes the quadrant of the cost-effectiveness plane",
        "◇ ændrer kvadrant i omkostningseffektplanen",
    ),
    "caption_joint": (
        "Parameters that were estimated together are drawn together, and their bar holds 95 % of the results",
        "Parametre, der er estimeret sammen, trækkes sammen, og deres bjælke rummer 95 % af resultaterne",
    ),
    "compared": ("{measure}. {strategy} against {comparator}", "{measure}. {strategy} over for {comparator}"),
    "table_effect": ("Incremental effect", "Ekstra effekt"),
    "table_net_cost": ("Incremental net cost", "Meromkostning"),
    "table_net_benefit": (
        "Incremental net benefit at {wtp} {currency} per {unit}",
        "Ekstra nettogevinst ved {wtp} {currency} pr. {unit}",
    ),
    "table_net_only": ("Incremental net benefit as it was made", "Ekstra nettogevinst, som den er dannet"),
    "table_money": ("{currency} per individual", "{currency} pr. person"),
    "scenario_net_cost": (
        "Incremental net cost of {strategy} against {comparator}, {currency} per citizen",
        "Meromkostning ved {strategy} over for {comparator}, {currency} pr. borger",
    ),
    "scenario_net_benefit": (
        "Incremental net benefit of {strategy} against {comparator} at {money} per {unit}, {currency} per citizen",
        "Ekstra nettogevinst ved {strategy} over for {comparator} ved {money} pr. {unit}, {currency} pr. borger",
    ),
    "base_case": ("Base case", "Hovedscenarie"),
    "mean_of_draws": ("Mean of all draws", "Gennemsnit af alle trækninger"),
    "prefers": ("{strategy} preferred", "{strategy} foretrækkes"),
    "break_even_line": ("Zero", "Nul"),
    "result_curve": ("Result", "Resultat"),
    "own_interval": ("95 % interval of the parameter", "95 %-interval for parameteren"),
    "target_line": ("Target", "Mål"),
    "reached_at": ("Reached at {value}", "Nås ved {value}"),
    "reached_with_error": (
        "Reached at {value} (simulation error {error})",
        "Nås ved {value} (simulationsfejl {error})",
    ),
    "not_reached": (
        "Not reached between {low} and {high}",
        "Nås ikke mellem {low} og {high}",
    ),
}

UNIT_WORDS = {
    "DKK": "kr.", "per": "pr.", "individual": "borger", "event": "hændelse", "cycle": "cyklus", "week": "uge",
    "weeks": "uger", "month": "måned", "months": "måneder", "year": "år", "years": "år", "day": "dag", "days": "dage",
    "share": "andel", "probability": "sandsynlighed", "utility": "nytte", "decrement": "tab", "count": "antal",
    "number": "antal", "score": "score", "ratio": "ratio", "rate": "rate", "hazard": "hazard",
    "may": "kan", "be": "være", "negative": "negativ",
}  # fmt: skip
"""Words of parameters' units in Danish."""


def titled(name: str, unit: str, language: str = "en") -> str:
    """A parameter's label with its unit in brackets, when it has one.

    >>> titled("Wage", "DKK per month", "da"), titled("c_trtA", "")
    ('Wage (kr. pr. måned)', 'c_trtA')
    """
    return f"{name} ({parameter_unit(unit, language)})" if unit else name


def parameter_unit(unit: str, language: str = "en") -> str:
    """The unit of a parameter in the language; words without a translation stay.

    >>> parameter_unit("DKK per week", "da"), parameter_unit("hazard per year"), parameter_unit("USD per event", "da")
    ('kr. pr. uge', 'hazard per year', 'USD pr. hændelse')
    """
    if language != "da":
        return unit
    return re.sub(r"[A-Za-z]+", lambda word: UNIT_WORDS.get(word[0], word[0]), unit)
