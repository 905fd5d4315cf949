"""Speed of the cohort engine: workloads d, e and f, whole call (drawing, compiling, running, totals) and kernel alone.

Run `python benchmarks/cohort.py [d e f] [--repeats 5] [--threads 2] [--small] [--json FILE]`. Times are minima over
repeats. The models are made for the benchmark: their sizes are those of published comparisons, their numbers answer no
question.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from costeff.compile.environment import parameter_environment
from costeff.compile.groups import compile_groups
from costeff.engine.cohort.cohort import cohort
from costeff.labels import Label
from costeff.ledger import cost, effects, flows
from costeff.model import (
    Attribute,
    Conventions,
    Effect,
    Expression,
    Flow,
    Model,
    Party,
    Perspective,
    State,
    Strategy,
    StrategyEffect,
    Term,
    Transition,
)
from costeff.simulation.simulate import simulate

E = Expression
Draws = dict[str, np.ndarray]


def text(name: str) -> Label:
    return Label(name, name)


def conventions(cycles: int, per_year: int, within_cycle: str = "half_cycle") -> Conventions:
    return Conventions(
        cycle="year" if per_year == 1 else "week",
        cycles_per_year=per_year,
        horizon=cycles,
        within_cycle=within_cycle,
        discounting="annual",
        discount_rate_cost=E(0.03),
        discount_rate_effect=E(0.03),
        currency="USD",
        price_year=2019,
    )


def states(*living: str) -> tuple[State, ...]:
    return (*(State(s, text(s)) for s in living), State("dead", text("dead"), alive=False))


def paid(item: str, amounts: dict[str, str], *strategies: str) -> Flow:
    return Flow(
        item, "payer", "provider", text(item), amounts={s: E(a) for s, a in amounts.items()}, strategies=strategies
    )


def assembled(name: str, living: tuple[str, ...], start: str, **fields: Any) -> Model:
    return Model(
        name=name,
        title=text(name),
        states=states(*living),
        attributes=(Attribute("start_state", categories={start: E(1)}),),
        start="start_state",
        clocks=(),
        parties=(Party("payer", text("payer")), Party("provider", text("provider"))),
        perspectives=(Perspective("payer", text("payer"), ("payer",)),),
        **fields,
    )


# -- d: Sick-Sicker, 4 strategies x 75 cycles -----------------------------------------------------------------------


def sick_sicker(ageing: str = "") -> Model:
    """Four states, four strategies, yearly cycles; the ratio of B multiplies the compiled hazard.

    `ageing` multiplies mortality, as a formula in `t`.
    """
    treated = {"A": "c_trt_a", "B": "c_trt_b", "AB": "c_trt_a + c_trt_b"}
    care = {"healthy": "c_h", "sick": "c_s1", "sicker": "c_s2"}
    with_a, without_a = ("A", "AB"), ("SoC", "B")
    die = [
        Transition(f"death_{s}", s, "dead", "time", hazard=E(h + ageing), lifelong="death")
        for s, h in (("healthy", "r_hd"), ("sick", "r_hd * hr_s1"), ("sicker", "r_hd * hr_s2"))
    ]
    rates = {"r_s1h": "recover", "r_s1s2": "worsen"}
    targets = {"r_s1h": "healthy", "r_s1s2": "sicker"}
    return assembled(
        "sick_sicker",
        ("healthy", "sick", "sicker"),
        "healthy",
        conventions=conventions(75, 1),
        transitions=(
            *die,
            Transition("fall_ill", "healthy", "sick", hazard=E("r_hs1")),
            *(
                Transition(leg, "sick", targets[r], probability=E(f"rate_to_probability({r})"), leg=leg)
                for r, leg in rates.items()
            ),
        ),
        strategies=tuple(Strategy(s, text(s)) for s in ("SoC", "A", "B", "AB")),
        strategy_effects=tuple(StrategyEffect(s, ("worsen",), (E("hr_b"),)) for s in ("B", "AB")),
        flows=(paid("care", care), *(paid(f"treatment_{s}", {"sick": c, "sicker": c}, s) for s, c in treated.items())),
        effects=(
            Effect(
                "qaly",
                text("QALY"),
                "QALY",
                "more",
                (
                    Term(("healthy",), E("u_h")),
                    Term(("sicker",), E("u_s2")),
                    Term(("sick",), E("u_s1"), strategies=without_a),
                    Term(("sick",), E("u_trt_a"), strategies=with_a),
                ),
                discount=True,
            ),
        ),
    )


def sick_sicker_draws(size: int, seed: int = 1) -> Draws:
    """Pseudo-random draws from the distributions of the published tutorial (Alarid-Escudero et al. 2023)."""
    rng = np.random.default_rng(seed)
    gamma = {
        "r_hd": (20, 10_000),
        "r_hs1": (30, 200),
        "r_s1h": (60, 120),
        "r_s1s2": (84, 800),
        "c_h": (100, 0.05),
        "c_s1": (177.8, 1 / 22.5),
        "c_s2": (225, 1 / 66.7),
        "c_trt_a": (576, 1 / 20.8),
        "c_trt_b": (676, 1 / 19.2),
    }
    lognormal = {"hr_s1": (3, 0.01), "hr_s2": (10, 0.02), "hr_b": (0.6, 0.02)}
    beta = {"u_h": (200, 3), "u_s1": (130, 45), "u_s2": (230, 230), "u_trt_a": (300, 15)}
    return {
        **{name: rng.gamma(shape, 1 / rate, size) for name, (shape, rate) in gamma.items()},
        **{name: rng.lognormal(np.log(median), sd, size) for name, (median, sd) in lognormal.items()},
        **{name: rng.beta(a, b, size) for name, (a, b) in beta.items()},
    }


# -- e: 10 states x 100 cycles x 2 strategies -----------------------------------------------------------------------


def ten_states() -> Model:
    """Ten states, every living state with an exit to every other: a dense matrix for each draw and strategy."""
    living = tuple(f"s{i}" for i in range(9))
    exits = [
        Transition(f"{a}_{b}", a, b, hazard=E(f"h_{a}_{b}"), leg="progress" if b > a else "")
        for a in living
        for b in (*living, "dead")
        if a != b
    ]
    return assembled(
        "ten_states",
        living,
        "s0",
        conventions=conventions(100, 1),
        transitions=tuple(exits),
        strategies=(Strategy("usual", text("usual")), Strategy("new", text("new"))),
        strategy_effects=(StrategyEffect("new", ("progress",), (E("hr"),)),),
        flows=(paid("care", {s: f"c_{s}" for s in living}), paid("drug", dict.fromkeys(living, "c_new"), "new")),
        effects=(
            Effect("qaly", text("QALY"), "QALY", "more", tuple(Term((s,), E(f"u_{s}")) for s in living), discount=True),
        ),
    )


def ten_states_draws(size: int, seed: int = 1) -> Draws:
    rng = np.random.default_rng(seed)
    living = [f"s{i}" for i in range(9)]
    hazards = {f"h_{a}_{b}": rng.gamma(4, 0.005, size) for a in living for b in (*living, "dead") if a != b}
    return {
        **hazards,
        "hr": rng.lognormal(-0.3, 0.1, size),
        "c_new": rng.gamma(50, 20, size),
        **{f"c_{s}": rng.gamma(50, 20 * (i + 1), size) for i, s in enumerate(living)},
        **{f"u_{s}": rng.beta(90 - 9 * i, 10 + 9 * i, size) for i, s in enumerate(living)},
    }


# -- f: semi-Markov, 11 states x 260 durations x 260 cycles ---------------------------------------------------------


def semi_markov() -> Model:
    """Eleven states, three exits from each living one with Weibull or piecewise hazards in the time spent there."""
    living = tuple(f"s{i}" for i in range(10))
    exits = []
    for i, s in enumerate(living):
        up, down = living[(i + 1) % 10], living[(i + 7) % 10]
        exits += [
            Transition(f"up_{s}", s, up, hazard=E(f"weibull(t, 1.3, scale_{i})"), leg="up"),
            Transition(f"down_{s}", s, down, hazard=E(f"weibull(t, 0.8, 2 * scale_{i})")),
            Transition(f"death_{s}", s, "dead", hazard=E("gompertz(t, 0.002, r_death)")),
        ]
    return assembled(
        "semi_markov",
        living,
        "s0",
        conventions=conventions(260, 52, "none"),
        transitions=tuple(exits),
        strategies=(Strategy("usual", text("usual")), Strategy("new", text("new"))),
        strategy_effects=(StrategyEffect("new", ("up",), (E("hr"),)),),
        flows=(paid("care", dict.fromkeys(living, "c_week")),),
        effects=(Effect("weeks", text("weeks"), "weeks", "more", (Term(living, E(1)),), discount=True),),
    )


def semi_markov_draws(size: int, seed: int = 1) -> Draws:
    rng = np.random.default_rng(seed)
    return {
        **{f"scale_{i}": rng.gamma(100, (0.4 + 0.1 * i), size) for i in range(10)},
        "r_death": rng.gamma(50, 0.0005 / 50, size),
        "hr": rng.lognormal(-0.2, 0.1, size),
        "c_week": rng.gamma(50, 20, size),
    }


# -- timing ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Workload:
    model: Callable[[], Model]
    draws: Callable[..., Draws]
    size: int
    peer_seconds: float | None  # heormodel, whole call, two cores at 2.5 GHz; another machine than yours


WORKLOADS = {
    "d": Workload(sick_sicker, sick_sicker_draws, 10_000, 17.5),
    "d_age": Workload(lambda: sick_sicker(" * exp(0.06 * t)"), sick_sicker_draws, 10_000, None),
    "e": Workload(ten_states, ten_states_draws, 25_000, 35.0),
    "f": Workload(semi_markov, semi_markov_draws, 1_000, None),
}


def totals(model: Model, draws: Draws, threads: int | None) -> tuple[np.ndarray, np.ndarray]:
    """Discounted cost and effect, each (D, G)."""
    simulated = simulate(model, draws, {}, individuals=1, seed=0, threads=threads, engine="cohort", by_year=False)
    size = simulated.quantities.draws
    env = parameter_environment(model, draws, {}, size)
    money = flows(model, simulated.layout, env, simulated.quantities)
    health = effects(model, simulated.layout, env, simulated.quantities, simulated.layer_effect)
    spent = cost(model.perspectives[0], money, env, simulated.layer_cost).sum(axis=-1)
    return spent, health.value[:, :, 0]


def least(work: Callable[[], Any], repeats: int) -> float:
    found = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return min(found)


def measure(name: str, threads: int | None, repeats: int, small: bool) -> dict[str, float]:
    """Seconds of the parts and the whole, minima over repeats."""
    chosen = WORKLOADS[name]
    size = chosen.size // (100 if small else 1)
    model = chosen.model()
    draws = chosen.draws(size)
    totals(model, {k: v[:2] for k, v in draws.items()}, threads)
    one = {k: v[: min(size, 1000)] for k, v in draws.items()}
    tensors = compile_groups(model, one, {}, compact=True).tensors
    tensors = replace(tensors, period=np.zeros_like(tensors.period))
    n, t = len(model.states), model.conventions.horizon
    kernel = least(lambda: cohort(tensors, threads=1), repeats) * size / tensors.draws
    found = {
        "drawing": least(lambda: chosen.draws(size), repeats),
        "compiling": least(lambda: compile_groups(model, one, {}, compact=True), repeats) * size / tensors.draws,
        "engine_one_thread": kernel,
        "whole_call": least(lambda: totals(model, chosen.draws(size), threads), repeats),
        "ns_per_draw_strategy_cycle_state_squared": kernel * 1e9 / (size * len(model.strategies) * t * n * n),
    }
    if chosen.peer_seconds:
        found["times_faster_than_heormodel_elsewhere"] = chosen.peer_seconds / found["whole_call"] * size / chosen.size
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workloads", nargs="*", default=list(WORKLOADS))
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--small", action="store_true", help="a hundredth of the draws")
    parser.add_argument("--json")
    asked = parser.parse_args()
    found = {}
    for name in asked.workloads:
        found[name] = measure(name, asked.threads, asked.repeats, asked.small)
        for key, value in found[name].items():
            sys.stdout.write(f"{name}  {key:42} {value:10.4f}\n")
    if asked.json:
        machine = {"python": sys.version.split()[0], "machine": platform.machine(), "cores": os.cpu_count()}
        with open(asked.json, "w", encoding="utf-8") as file:
            json.dump({"machine": machine, "workloads": found}, file, indent=1)


if __name__ == "__main__":
    main()
