"""One word per thing: the words costeff uses, and the words it refuses for the same things.

`tests/test_vocabulary.py` holds every public name to this table.
"""

from __future__ import annotations

import re

#: word in use -> words refused for the same thing.
REFUSED_WORDS: dict[str, tuple[str, ...]] = {
    "strategy": ("arm", "treatment", "intervention"),
    "cycle": ("step", "iteration"),
    "state": ("health_state", "node"),
    "transition": ("edge", "jump"),
    "trace": ("occupancy_matrix",),
    "draw": ("sample", "iteration", "simulation"),
    "individual": ("agent", "patient", "simulant"),
    "parameter": ("input",),
    "one_way": ("owsa",),
    "flow": ("payoff",),
    "effect": ("outcome",),
    "perspective": ("viewpoint",),
}

#: Whole names (as patterns) that hold a refused word in another sense, each with that sense.
ALLOWED_NAMES: dict[str, str] = {
    r"edges|(band|cycle|date|period|window)_edges?": "an edge in time, not a transition",
    r"most_nodes": "nodes of a formula's syntax tree, not states",
    r"get_single_node": "what ruamel.yaml calls it, whose composer this stands for",
    r"needs_simulation|simulation_names": "a quantity that prices alone cannot give",
    r"sample_size": "people in a study to come (EVSI), not draws",
}

#: Quantities with a name of their own: their function carries the name and nothing else.
QUANTITIES: tuple[str, ...] = (
    "break_even",
    "budget_impact",
    "ceac",
    "ceaf",
    "enbs",
    "evpi",
    "evppi",
    "evsi",
    "expected_loss",
    "icer",
    "icer_table",
    "investment_case",
    "nhb",
    "nmb",
    "payback",
)

_BEFORE_QUANTITY = ("calc", "calculate", "compute", "determine", "get")


def words(name: str) -> str:
    """The name as lower-case words joined by underscores.

    >>> words("HealthState"), words("n_cycles"), words("ICERTable")
    ('health_state', 'n_cycles', 'icer_table')
    """
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower().strip("_")


def refusals(name: str) -> list[str]:
    """What is wrong with a public name, one sentence each; empty when it may be used.

    Whole words count, singular and plural, so `stepping`, `alarm` and `resample` pass.

    >>> refusals("n_patients")
    ['patients in n_patients: say individual']
    >>> refusals("calc_nmb")
    ['calc_nmb: call it nmb']
    >>> refusals("period_edges"), refusals("stepping")
    ([], [])
    """
    plain = words(name)
    if any(re.fullmatch(pattern, plain) for pattern in ALLOWED_NAMES):
        return []
    problems = [
        f"{match[1]} in {name}: say {use}"
        for use, synonyms in REFUSED_WORDS.items()
        for word in synonyms
        if (match := re.search(rf"(?:^|_)({word}s?)(?:_|$)", plain))
    ]
    first, _, rest = plain.partition("_")
    if first in _BEFORE_QUANTITY and rest in QUANTITIES:
        problems.append(f"{name}: call it {rest}")
    return problems
