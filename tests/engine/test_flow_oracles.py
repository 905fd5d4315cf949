"""Anchored in two other programs: ciw 3.2.7 and simpy 4.1.2, whose answers tests/oracles/queues.py wrote once.

General stays, priorities, a line of two stations that block each other, and people who give up.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from costeff.engine.flow import kernel
from costeff.engine.flow.simulate import FlowResult, people_of, simulate_flow
from costeff.engine.flow.stays import constant_stay, exponential_stay, lognormal_stay
from costeff.engine.flow.system import FlowSystem, Station

ANSWERS: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "queues.json").read_text(encoding="utf-8"))
WARM, DAYS, REPLICATIONS, SEED = 200.0, 6000.0, 16, 11


def simulate(system: FlowSystem) -> FlowResult:
    return simulate_flow(system, DAYS, REPLICATIONS, SEED, warm_up_days=WARM)


def agree(values: np.ndarray, theirs: dict[str, float]) -> None:
    """Two means with errors of their own, within four errors of the difference; theirs is known to a few percent."""
    error = np.hypot(values.std(ddof=1) / np.sqrt(len(values)), theirs["error"])
    assert abs(values.mean() - theirs["mean"]) < 4 * error, (values.mean(), theirs, error)
    assert error < 0.15 * theirs["mean"]


def test_lognormal_stays_of_ciw() -> None:
    system = FlowSystem(2.4, [Station("place", 3, lognormal_stay(1.0, 1.5))])
    agree(simulate(system).per_replication("wait"), ANSWERS["lognormal"]["wait"])


@pytest.mark.parametrize(("urgency", "name"), [(0, "urgent"), (1, "others")])
def test_priorities_of_ciw(urgency: int, name: str) -> None:
    system = FlowSystem(1.6, [Station("place", 2, exponential_stay(1.0))], priorities=(0.25, 0.75))
    means = []
    for replication, waits in enumerate(simulate(system).waits):
        people = people_of(system, WARM + DAYS, replication, SEED)
        means.append(np.nanmean(waits[(people.priority == urgency) & (people.arrival > WARM)]))
    agree(np.array(means), ANSWERS["priorities"][name])


def test_blocking_of_ciw() -> None:
    stations = [Station("bed", 5, exponential_stay(2.0)), Station("place", 2, exponential_stay(1.0))]
    result = simulate(FlowSystem(1.5, stations))
    agree(result.per_replication("wait"), ANSWERS["blocking"]["wait"])
    blocked = result.days[:, 0, 0, kernel.BLOCKING] / result.counts[:, 0, 0, kernel.EXITS]
    agree(blocked, ANSWERS["blocking"]["time_blocked"])


def test_giving_up_of_simpy() -> None:
    system = FlowSystem(3.6, [Station("place", 3, constant_stay(1.0))], patience=exponential_stay(0.5))
    result = simulate(system)
    agree(result.per_replication("gave_up"), ANSWERS["giving_up"]["gave_up"])
    agree(result.per_replication("wait"), ANSWERS["giving_up"]["wait"])


def test_the_oracles_are_named_with_their_versions() -> None:
    assert ANSWERS["versions"] == {"ciw": "3.2.7", "simpy": "4.1.2"}
