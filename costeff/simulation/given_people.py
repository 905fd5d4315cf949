"""Lives of people whose attributes are given: a row for each group of them, all groups in one simulation."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from costeff.compile.compiler import assemble, compile_arrays
from costeff.compile.entry import check_entry
from costeff.compile.environment import parameter_environment, population
from costeff.compile.limits import divide
from costeff.compile.windows import prepared
from costeff.engine.events.microsim import microsim, thread_count
from costeff.model.model import Model
from costeff.simulation.simulate import Simulated, job_of

People = Mapping[str, np.ndarray]
"""Attribute to its values by row and person, (R, N); categories are codes, in their order."""


def drawn_people(
    model: Model, values: Mapping[str, float], tables: Mapping[str, Any], *, count: int, seed: int
) -> dict[str, np.ndarray]:
    """Attributes of `count` people as the model draws them at one set of parameter values: name to (count,)."""
    env = parameter_environment(model, {name: np.array([value]) for name, value in values.items()}, tables, 1)
    keys = np.zeros(1, np.uint64)
    return {name: array[0] for name, array in population(prepared(model), env, seed, keys, 0, count).items()}


def simulate_people(
    model: Model,
    draws: Mapping[str, np.ndarray],
    tables: Mapping[str, Any],
    people: People,
    *,
    seed: int,
    keys: np.ndarray,
    threads: int | None = None,
) -> Simulated:
    """Run `model` for every row of `people` and every strategy, as `simulate` does for people that it draws itself.

    `draws` maps parameter names to (R,), `keys` (R,) are the rows' random addresses: rows with one address share the
    luck of their people, person by person.
    """
    begin = time.perf_counter()
    count = int(next(iter(people.values())).shape[1])
    job, keys = job_of(model, draws, tables, individuals=count, seed=seed, keys=keys)
    whole = prepared(model)
    env = parameter_environment(whole, draws, tables, len(keys))
    arrays = compile_arrays(whole, env, dict(people), (len(keys), count), job.where, keys)
    check_entry(whole, arrays)
    compilation = assemble(whole, env, arrays, job.where, seed=seed, split=(count + 1) // 2)
    tensors = compilation.tensors
    quantities = microsim(replace(tensors, period=job.fine), threads=thread_count(threads))
    if job.limits:
        quantities = divide(quantities, job.limits, tensors.cycle_weight, tensors.event_weight)
    return Simulated(
        quantities=quantities,
        layout=job.where,
        layer_cost=compilation.layer_cost,
        layer_effect=compilation.layer_effect,
        seconds=time.perf_counter() - begin,
        person_cycles=job.person_cycles * len(keys),
        engine="microsim",
        threads=thread_count(threads),
    )
