"""The workloads: what is timed, at which size. Every call is made once before its timing, outside it.

`seconds` is the median over repeats of a whole call: sampling of parameters where there are draws, compiling the model
to arrays, simulating, and totals of cost and effect. `kernel_seconds` is the simulation alone.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from costeff.benchmark import models
from costeff.compile import compile_model
from costeff.compile.environment import parameter_environment
from costeff.engine.events.microsim import microsim
from costeff.engine.tensors import Tensors
from costeff.ledger import cost, effects, flows
from costeff.model import Model
from costeff.simulation.batches import BLOCK
from costeff.simulation.simulate import simulate

FULL_BUDGET, QUICK_BUDGET = 60.0, 3.0  # seconds that the repeats of one workload may take


@dataclass(frozen=True)
class Asked:
    """How a workload is run."""

    threads: int
    quick: bool
    scale: float = 1.0

    @property
    def budget(self) -> float:
        return (QUICK_BUDGET if self.quick else FULL_BUDGET) * min(1.0, self.scale)

    def size(self, full: int, quick: int) -> int:
        return max(2, int((quick if self.quick else full) * self.scale))


@dataclass(frozen=True)
class Workload:
    """A title and the function that runs it."""

    title: str
    run: Callable[[Asked], dict[str, Any]]


def clock(work: Callable[[], Any]) -> float:
    """Seconds of one call."""
    start_time = time.perf_counter()
    work()
    return time.perf_counter() - start_time


def repeated(work: Callable[[], Any], budget: float, most: int = 7) -> dict[str, Any]:
    """First call apart, then as many repeats as fit into the budget (1 to `most`): median and minimum."""
    first = clock(work)
    times = [clock(work)]
    while len(times) < most and sum(times) + times[-1] < budget:
        times.append(clock(work))
    return {
        "seconds": statistics.median(times),
        "seconds_min": min(times),
        "repeats": len(times),
        "first_call_seconds": first,
    }


def interleaved(works: list[Callable[[], Any]], rounds: int) -> list[tuple[float, float]]:
    """(median, least) seconds of each work, in turns, so that a busy moment meets all of them; one round before."""
    times: list[list[float]] = [[] for _ in works]
    for round_ in range(rounds + 1):
        for own, work in zip(times, works, strict=True):
            seconds = clock(work)
            if round_:
                own.append(seconds)
    return [(statistics.median(own), min(own)) for own in times]


def priced(model: Model, draws: Mapping[str, np.ndarray], simulated: Any) -> tuple[list[np.ndarray], np.ndarray]:
    """Totals per draw and strategy: cost of each perspective, and the effects."""
    q = simulated.quantities
    env = parameter_environment(model, draws, {}, q.draws)
    money = flows(model, simulated.layout, env, q)
    health = effects(model, simulated.layout, env, q, simulated.layer_effect)
    return [cost(p, money, env, simulated.layer_cost).sum(-1) for p in model.perspectives], health.value


# -- microsimulation --------------------------------------------------------------------------------------------------


def _blocks(model: Model, draws: Mapping[str, np.ndarray], tables: Mapping[str, Any], people: int) -> list[Tensors]:
    return [
        compile_model(
            model, draws, tables, individuals=people, seed=1, first=first, count=min(BLOCK, people - first)
        ).tensors
        for first in range(0, people, BLOCK)
    ]


def _kernel(settings: Asked, model: Model, draws: Mapping[str, np.ndarray], tables: Any, people: int) -> dict[str, Any]:
    """The simulation alone: rates on all threads, against one thread, and against both stepping kernels at one."""
    rounds = 3 if settings.quick else 5
    cycles = model.conventions.horizon * len(model.strategies)
    blocks = _blocks(model, draws, tables, people)
    sojourns = sum(microsim(block, threads=settings.threads).sojourns for block in blocks)

    def on(threads: int) -> Callable[[], Any]:
        return lambda: [microsim(block, threads=threads) for block in blocks]

    if settings.threads > 1:
        (many, least), (one, least_one) = interleaved([on(settings.threads), on(1)], rounds)
    else:
        many, least = one, least_one = interleaved([on(1)], rounds)[0]
    few = _blocks(model, draws, tables, min(people, max(20, people // 20)))[:1]
    modes = ("events", "stepping", "weekly")
    (by_event, _), (by_cycle, _), (weekly, _) = interleaved(
        [partial(microsim, few[0], 1, mode) for mode in modes], rounds
    )
    both = [microsim(few[0], 1, mode) for mode in modes[:2]]
    return {
        "kernel_seconds": many,
        "kernel_seconds_min": least,
        "kernel_seconds_one_thread": one,
        "kernel_seconds_one_thread_min": least_one,
        "kernel_person_cycles_per_second": people * cycles / many,
        "sojourns": sojourns,
        "sojourns_per_life": sojourns / people / len(model.strategies),
        "sojourns_per_second": sojourns / many,
        "ns_per_sojourn_per_thread": 1e9 * many * settings.threads / sojourns,
        "ns_per_sojourn_one_thread_min": 1e9 * least_one / sojourns,
        "threads_over_one_thread": one / many,
        "ratio_to_stepping": by_cycle / by_event,
        "ratio_to_weekly": weekly / by_event,
        "same_as_stepping": bool(
            np.array_equal(both[0].time, both[1].time) and np.array_equal(both[0].events, both[1].events)
        ),
    }


def _tki2_one_draw(settings: Asked) -> dict[str, Any]:
    from costeff.api import load

    study = load("tki2")
    people = settings.size(400_000, 100_000)
    measures = repeated(lambda: study.run(people, 1, threads=settings.threads, progress=False), settings.budget)
    base = {name: np.array([value]) for name, value in study.evidence.base().items()}
    return {**_rates(measures, study.model, 1, people), **_kernel(settings, study.model, base, study.tables, people)}


def _tki2_psa(settings: Asked) -> dict[str, Any]:
    from costeff.api import load

    study = load("tki2")
    people, draws_wanted = settings.size(1_000, 1_000), settings.size(10_000, 200)
    parts: dict[str, float] = {}

    def analysis(draws: int, threads: int) -> None:
        start_time = time.perf_counter()
        result = study.psa(draws, people, 1, method="random", threads=threads, progress=False)
        parts["simulate_seconds"] = result.simulated.seconds
        parts["draw_parameters_seconds"] = time.perf_counter() - start_time - result.simulated.seconds
        start_time = time.perf_counter()
        for perspective in study.model.perspectives:
            result.perspective(perspective.name).icer_table()
        parts["ledger_and_tables_seconds"] = time.perf_counter() - start_time

    analysis(2, settings.threads)
    pilot = max(2, min(50, draws_wanted // 4))
    draws = min(
        draws_wanted, max(pilot, int(pilot * 2 * settings.budget / clock(lambda: analysis(pilot, settings.threads))))
    )
    seconds = clock(lambda: analysis(draws, settings.threads))
    measures = {"seconds": seconds, "seconds_min": seconds, "repeats": 1, **parts}
    if settings.threads > 1:
        some = max(2, min(draws, 20 if settings.quick else 2_000))
        (many, _), (one, _) = interleaved(
            [lambda: analysis(some, settings.threads), lambda: analysis(some, 1)], 1 if settings.quick else 3
        )
        measures["threads_over_one_thread"] = one / many
    return _full_size(_rates(measures, study.model, draws, people), draws, draws_wanted)


def _krijkamp(settings: Asked) -> dict[str, Any]:
    model = models.krijkamp()
    draws = {name: np.array([value]) for name, value in models.KRIJKAMP.items()}
    people = settings.size(100_000, 100_000)
    totals: dict[str, Any] = {}

    def whole() -> None:
        simulated = simulate(model, draws, {}, individuals=people, seed=1, threads=settings.threads)
        money, health = priced(model, draws, simulated)
        totals["cost"] = money[0][0].tolist()
        totals["qaly"] = (health[0, :, 0] - money[1][0]).tolist()

    measures = _rates(repeated(whole, settings.budget), model, 1, people)
    return {**measures, **_kernel(settings, model, draws, {}, people), "totals": totals}


# -- cohort -----------------------------------------------------------------------------------------------------------


Families = Mapping[str, tuple[str, float, float]]

# Gamma by shape and rate, beta by its two shapes, log-normal by mean and spread of the logarithm. They fix the work
# that is timed and feed no analysis: of the form of the tutorial's Sick-Sicker analysis, and made up for the chains.
SICK_SICKER: Families = {
    "r_hd": ("gamma", 20, 10_000),
    "r_hs1": ("gamma", 30, 200),
    "r_s1h": ("gamma", 60, 120),
    "r_s1s2": ("gamma", 84, 800),
    "hr_s1": ("log_normal", float(np.log(3)), 0.01),
    "hr_s2": ("log_normal", float(np.log(10)), 0.02),
    "hr_b": ("log_normal", float(np.log(0.6)), 0.02),
    "c_h": ("gamma", 100, 1 / 20),
    "c_s1": ("gamma", 178, 1 / 22.5),
    "c_s2": ("gamma", 225, 1 / 66.7),
    "c_a": ("gamma", 576, 1 / 20.8),
    "c_b": ("gamma", 676, 1 / 19.2),
    "u_h": ("beta", 200, 3),
    "u_s1": ("beta", 130, 45),
    "u_s2": ("beta", 230, 230),
    "u_gain": ("beta", 40, 160),
}
CHAINS: Families = {
    "h": ("gamma", 50, 1000),
    "death": ("gamma", 50, 10_000),
    "cost": ("gamma", 100, 0.1),
    "hr": ("log_normal", float(np.log(0.8)), 0.05),
    "shape": ("beta", 20, 20),
}


def drawn(families: Families, size: int) -> dict[str, np.ndarray]:
    """Pseudo-random parameter sets, (size,) each."""
    rng = np.random.default_rng(1)
    parameters = {}
    for name, (family, a, b) in families.items():
        if family == "gamma":
            parameters[name] = rng.gamma(a, 1 / b, size)
        elif family == "beta":
            parameters[name] = rng.beta(a, b, size)
        else:
            parameters[name] = rng.lognormal(a, b, size)
    return parameters


def _cohort(settings: Asked, model: Model, families: Families, full: int, quick: int) -> dict[str, Any]:
    draws_wanted = settings.size(full, quick)

    def whole(draws: int) -> None:
        parameters = drawn(families, draws)
        simulated = simulate(
            model, parameters, {}, individuals=1, seed=0, threads=settings.threads, engine="cohort", by_year=False
        )
        priced(model, parameters, simulated)

    whole(2)
    pilot, seconds = 2, clock(lambda: whole(2))
    while pilot < draws_wanted and seconds < settings.budget / 50:
        pilot = min(draws_wanted, pilot * 4)
        seconds = clock(partial(whole, pilot))
    draws = min(draws_wanted, max(2, int(pilot * settings.budget / 2 / seconds)))
    measures = repeated(lambda: whole(draws), settings.budget / 2, 5)
    cycles, states = model.conventions.horizon, len(model.states)
    work = draws * len(model.strategies) * cycles
    measures = {
        **measures,
        "draws": draws,
        "states": states,
        "strategies": len(model.strategies),
        "cycles": cycles,
        "draw_cycles_per_second": work / measures["seconds"],
        "ns_per_draw_cycle_and_state_squared": 1e9 * measures["seconds"] * settings.threads / work / states**2,
    }
    return _full_size(measures, draws, draws_wanted)


def _full_size(measures: dict[str, Any], draws: int, draws_wanted: int) -> dict[str, Any]:
    """A run of fewer draws than wanted says so, and how long all would take at the same rate."""
    if draws == draws_wanted:
        return {**measures, "extrapolated": False}
    return {
        **measures,
        "draws_wanted": draws_wanted,
        "seconds_at_full_size": measures["seconds"] * draws_wanted / draws,
        "extrapolated": True,
    }


def _rates(measures: dict[str, Any], model: Model, draws: int, people: int) -> dict[str, Any]:
    cycles = model.conventions.horizon
    total = draws * people * len(model.strategies) * cycles
    return {
        **measures,
        "draws": draws,
        "individuals": people,
        "strategies": len(model.strategies),
        "cycles": cycles,
        "person_cycles": total,
        "person_cycles_per_second": total / measures["seconds"],
    }


def compiling(settings: Asked) -> dict[str, Any]:
    """Seconds of the first call of the event engine in a process: compiling it, or loading it from the cache."""
    model = models.smallest()
    return {"seconds": clock(lambda: simulate(model, {}, {}, individuals=2, seed=1, threads=settings.threads))}


WORKLOADS = {
    "a": Workload("TKI2, one draw, 400,000 individuals x 260 weeks x 2 strategies", _tki2_one_draw),
    "b": Workload("TKI2 analysis, 10,000 draws x 1,000 individuals x 2 strategies", _tki2_psa),
    "c": Workload("Krijkamp microsimulation, 100,000 individuals x 30 years x 2 strategies", _krijkamp),
    "d": Workload(
        "Sick-Sicker cohort, 4 strategies x 75 years x 10,000 draws",
        lambda settings: _cohort(settings, models.sick_sicker(), SICK_SICKER, 10_000, 1_000),
    ),
    "e": Workload(
        "10-state cohort, 100 cycles x 25,000 draws x 2 strategies",
        lambda settings: _cohort(settings, models.markov(), CHAINS, 25_000, 1_000),
    ),
    "f": Workload(
        "semi-Markov cohort, 11 states x 260 durations x 260 weeks x 1,000 draws",
        lambda settings: _cohort(settings, models.semi_markov(), CHAINS, 1_000, 20),
    ),
}
