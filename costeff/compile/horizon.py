"""A horizon that ends when everyone has reached a state by its deadline, such as pension age."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from costeff.compile.environment import parameter_environment, population
from costeff.errors import ScenarioError
from costeff.model.model import Model

INDIVIDUALS = 20_000


def cycles_to(model: Model, base: Mapping[str, np.ndarray], tables: Mapping[str, Any], state: str) -> int:
    """Cycles, in whole years, until the last of 20,000 individuals reaches a deadline to `state`.

    Counts deadlines on clocks that advance in every state without reset (age, calendar). Raises ScenarioError when
    there is none.
    """
    plain = {c.name: c for c in model.clocks if c.plain and c.advances_in is None and c.reset is None}
    deadlines = [x for x in model.deadlines if x.target == state and x.clock in plain]
    if not deadlines:
        targets = sorted({x.target for x in model.deadlines if x.clock in plain})
        raise ScenarioError(
            f"no deadline leads to '{state}' on a clock that always advances",
            value=f"to {state}",
            rule=f"states with such a deadline: {', '.join(targets) or 'none'}",
            way_out="give the horizon in years",
        )
    env = parameter_environment(model, base, tables, 1)
    people = population(model, env, 0, np.zeros(1, np.uint64), 0, INDIVIDUALS)
    everyone = {**env, **people}
    longest = max(
        float(np.max(np.asarray(x.at.evaluate(everyone)) - np.asarray(plain[x.clock].initial.evaluate(everyone))))
        for x in deadlines
    )
    per_year = model.conventions.cycles_per_year
    return max(1, int(np.ceil(longest / per_year))) * per_year
