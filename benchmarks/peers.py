"""Workloads c, d and e beside heormodel and pyheor, in the same run: `python benchmarks/peers.py --peers PYTHON`.

PYTHON is an interpreter of an environment of its own in which `heormodel` and `pyheor` are installed from the package
index. Every measurement is a process of its own that warms up on a small size and then times one whole call: sampling
the parameters, building, running, totals. The programs take turns, so that a busy moment meets all of them. The mean
cost and effect of every program are printed, since a ratio between different answers says nothing.

`--share 0.1` gives the peers a tenth of the draws and scales their seconds up: they are linear in draws. pyheor always
runs 200 draws (it is slower still) and, in c, a model without years sick, since with them it takes most of an hour.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

SIZES = {"c": 100_000, "d": 10_000, "e": 25_000}
WARM = {"c": 1_000, "d": 20, "e": 20}
TARGETS = {"c": 15, "d": 100, "e": 50}
PYHEOR_DRAWS = 200
DISCOUNT = 0.03


# -- costeff ----


def costeff(letter: str, size: int, threads: int) -> dict:
    import numpy as np

    from costeff.benchmark import models
    from costeff.benchmark.workloads import CHAINS, SICK_SICKER, drawn, priced
    from costeff.simulation.simulate import simulate

    def call(number: int) -> tuple[list[float], list[float]]:
        if letter == "c":
            model = models.krijkamp()
            draws = {name: np.array([value]) for name, value in models.KRIJKAMP.items()}
            money, health = priced(
                model, draws, simulate(model, draws, {}, individuals=number, seed=1, threads=threads)
            )
            return money[0][0].tolist(), (health[0, :, 0] - money[1][0]).tolist()
        model = models.sick_sicker() if letter == "d" else models.markov()
        draws = drawn(SICK_SICKER if letter == "d" else CHAINS, number)
        found = simulate(model, draws, {}, individuals=1, seed=0, threads=threads, engine="cohort", by_year=False)
        money, health = priced(model, draws, found)
        return money[0].mean(axis=0).tolist(), health[:, :, 0].mean(axis=0).tolist()

    return timed(call, letter, size)


def timed(call, letter: str, size: int) -> dict:
    call(min(size, WARM[letter]))
    began = time.perf_counter()
    cost, effect = call(size)
    return {"seconds": time.perf_counter() - began, "size": size, "cost": list(cost), "effect": list(effect)}


# -- the same models by hand, as rates ----


def sick_sicker_rates(np, p, strategy: str):
    rates = np.zeros((4, 4))
    rates[0, 1], rates[1, 0] = p["r_hs1"], p["r_s1h"]
    rates[1, 2] = p["r_s1s2"] * (p["hr_b"] if "b" in strategy else 1.0)
    rates[0, 3], rates[1, 3], rates[2, 3] = p["r_hd"], p["r_hd"] * p["hr_s1"], p["r_hd"] * p["hr_s2"]
    return rates


def sick_sicker_rewards(np, p, strategy: str):
    cost = np.array([p["c_h"], p["c_s1"], p["c_s2"], 0.0])
    effect = np.array([p["u_h"], p["u_s1"], p["u_s2"], 0.0])
    for letter in strategy.replace("soc", ""):
        cost[1:3] += p[f"c_{letter}"]
    if "a" in strategy:
        effect[1] += p["u_gain"]
    return cost, effect


def chain_parts(np):
    moves, death = np.zeros((10, 10)), np.zeros((10, 10))
    for i in range(9):
        for j in dict.fromkeys([x for x in (i + 1, i + 2) if x < 9] + [0]):
            if j != i:
                moves[i, j] = 1 + i / 10
        death[i, 9] = 1 + i / 2
    step = np.append(1.0 + np.arange(9), 0.0)
    return moves, death, step, np.append(1 - np.arange(9) / 10, 0.0)


def probabilities(np, rates):
    total = rates.sum(axis=1)
    leave = -np.expm1(-total)
    matrix = rates * (leave / np.where(total > 0, total, 1.0))[:, None]
    matrix[np.diag_indices(len(total))] = 1 - leave
    return matrix


def specification(np, letter: str):
    """Rates between states, and cost and effect of each state, as functions of parameters and strategy."""
    if letter == "d":
        return partial(sick_sicker_rates, np), partial(sick_sicker_rewards, np)
    moves, death, step, utility = chain_parts(np)

    def rates(p, strategy):
        return moves * (p["h"] * (p["hr"] if strategy == "two" else 1.0)) + death * p["death"]

    return rates, lambda p, strategy: (step * p["cost"], utility)


SHAPES = {
    "d": (("h", "s1", "s2", "dead"), ("soc", "a", "b", "ab"), 75),
    "e": ((*(f"s{i}" for i in range(9)), "dead"), ("one", "two"), 100),
}


# -- heormodel ----


def heormodel(letter: str, size: int, families: dict) -> dict:
    import numpy as np
    from heormodel.models import CohortSpec, MarkovModel, MicrosimModel
    from heormodel.params import Beta, Gamma, LogNormal, ParameterSet
    from heormodel.run import run_psa

    if letter == "c":
        return timed(lambda number: _heormodel_krijkamp(np, MicrosimModel, run_psa, number), letter, size)
    states, strategies, cycles = SHAPES[letter]
    rates, rewards = specification(np, letter)

    def build(p, strategy):
        return CohortSpec(probabilities(np, rates(p, strategy)), *rewards(p, strategy))

    made = {"gamma": lambda a, b: Gamma(a, 1 / b), "beta": Beta, "log_normal": LogNormal}

    def call(number: int):
        draws = ParameterSet({n: made[f](a, b) for n, (f, a, b) in families.items()}).sample(number, seed=1)
        engine = MarkovModel(
            states=states,
            interventions=strategies,
            transitions_and_rewards=build,
            n_cycles=cycles,
            discount_rate=DISCOUNT,
            cycle_correction="half_cycle",
        )
        return _means(run_psa(engine, draws, sequential=True), strategies)

    return timed(call, letter, size)


def _means(result, strategies):
    table = result.outcomes.data if hasattr(result.outcomes, "data") else result.outcomes
    means = table.groupby(level=0).mean()
    return [float(means.loc[s, "cost"]) for s in strategies], [float(means.loc[s, "qaly"]) for s in strategies]


def _heormodel_krijkamp(np, MicrosimModel, run_psa, number: int):  # noqa: N803
    import pandas as pd

    def move(params, strategy, state, attrs, rng):
        sick = attrs["sick"].to_numpy()
        p = np.zeros((len(state), 4))
        death = -np.log1p(-params["p_hd"])
        in_h, in_s1, in_s2, dead = (state == i for i in range(4))
        p[in_h] = [1 - params["p_hs1"] - params["p_hd"], params["p_hs1"], 0, params["p_hd"]]
        d1 = -np.expm1(-death * 3 * (1 + 0.2 * (sick[in_s1] + 1)))
        p[in_s1, 0], p[in_s1, 2], p[in_s1, 3] = params["p_s1h"], params["p_s1s2"], d1
        p[in_s1, 1] = 1 - params["p_s1h"] - params["p_s1s2"] - d1
        p[in_s2, 3] = -np.expm1(-death * 10 * (1 + 0.2 * (sick[in_s2] + 1)))
        p[in_s2, 2] = 1 - p[in_s2, 3]
        p[dead, 3] = 1
        return p

    def reward(params, strategy, state, attrs):
        treated = strategy == "treatment"
        cost = np.array([2000.0, 4000.0, 15000.0, 0.0])[state]
        utility = np.array([1.0, 0.75, 0.5, 0.0])[state]
        if treated:
            sick = (state == 1) | (state == 2)
            cost = cost + 12000.0 * sick
            utility = np.where(state == 1, 0.95 - 0.03 * attrs["sick"].to_numpy(), utility)
        return cost, utility * attrs["modifier"].to_numpy()

    engine = MicrosimModel.discrete(
        states=("h", "s1", "s2", "dead"),
        transition_probabilities=move,
        state_rewards=reward,
        interventions=("none", "treatment"),
        n_cycles=30,
        discount_rate=DISCOUNT,
        cycle_correction="none",
        population=lambda rng, n: pd.DataFrame({"modifier": rng.uniform(0.95, 1.05, n)}),
        n_individuals=number,
        duration_groups={"sick": ("s1", "s2")},
    )
    one = {"p_hd": [0.005], "p_hs1": [0.15], "p_s1h": [0.5], "p_s1s2": [0.105]}
    draws = pd.DataFrame(one, index=pd.RangeIndex(1, name="iteration"))
    return _means(run_psa(engine, draws, seed=1, sequential=True), ("none", "treatment"))


# -- pyheor ----


def pyheor(letter: str, size: int, families: dict) -> dict:
    import numpy as np
    import pyheor as ph

    year = ph.Cycle(1, "year")
    if letter == "c":
        return timed(lambda number: _pyheor_krijkamp(ph, year, number), letter, size)
    states, strategies, cycles = SHAPES[letter]
    rates, rewards = specification(np, letter)
    made = {
        "gamma": lambda a, b: ph.Gamma(shape=a, rate=b),
        "beta": lambda a, b: ph.Beta(alpha=a, beta=b),
        "log_normal": lambda a, b: ph.LogNormal(meanlog=a, sdlog=b),
    }
    base = {"gamma": lambda a, b: a / b, "beta": lambda a, b: a / (a + b), "log_normal": lambda a, b: float(np.exp(a))}

    def matrix(g):  # pyheor counts a function's arguments, so each strategy gets one of exactly (p, k)
        return lambda p, k: probabilities(np, rates(p, g))

    def reward(g, i, part):
        return lambda p, k: rewards(p, g)[part][i]

    def call(number: int):
        model = ph.MarkovModel(
            states=list(states),
            strategies=list(strategies),
            n_cycles=cycles,
            cycle=year,
            dr_cost=DISCOUNT,
            dr_qaly=DISCOUNT,
        )
        for name, (family, a, b) in families.items():
            model.add_param(name, base=base[family](a, b), dist=made[family](a, b))
        cost = {g: {s: reward(g, i, 0) for i, s in enumerate(states)} for g in strategies}
        effect = {g: {s: reward(g, i, 1) for i, s in enumerate(states)} for g in strategies}
        for g in strategies:
            model.set_transitions(g, matrix(g))
        model.set_state_cost("care", cost)
        model.set_state_qaly("health", effect)
        return _pyheor_means(model.run_psa(n_sim=number, seed=1), strategies)

    return timed(call, letter, size)


def _pyheor_means(result, strategies):
    means = result.ce_table.groupby("strategy")[["total_cost", "qalys"]].mean()
    return [[float(means.loc[s, column]) for s in strategies] for column in means.columns]


def _pyheor_krijkamp(ph, year, number: int):
    model = ph.MicroSimModel(
        states=["h", "s1", "s2", "dead"],
        strategies=["none", "treatment"],
        n_cycles=30,
        cycle=year,
        n_patients=number,
        dr_cost=DISCOUNT,
        dr_qaly=DISCOUNT,
        seed=1,
    )
    for g in ("none", "treatment"):
        model.set_transitions(
            g, [[ph.C, 0.15, 0, 0.005], [0.5, ph.C, 0.105, 0.0149], [0, 0, ph.C, 0.0489], [0, 0, 0, 1]]
        )
    plus = {"none": 0.0, "treatment": 12000.0}
    model.set_state_cost(
        "care", {g: {"h": 2000.0, "s1": 4000 + x, "s2": 15000 + x, "dead": 0.0} for g, x in plus.items()}
    )
    gain = {"none": 0.75, "treatment": 0.95}
    model.set_state_qaly("health", {g: {"h": 1.0, "s1": x, "s2": 0.5, "dead": 0.0} for g, x in gain.items()})
    model.run_base_case()
    return [], []


# -- the race ----


def apart(python: str, side: str, letter: str, size: int, threads: int, families: dict) -> dict:
    words = [python, str(Path(__file__).resolve()), "--side", side, "--letter", letter, "--size", str(size)]
    ran = subprocess.run(
        [*words, "--threads", str(threads)], input=json.dumps(families), capture_output=True, text=True
    )
    if ran.returncode != 0:
        raise SystemExit(f"{side}, {letter}: {ran.stderr[-3000:]}")
    return json.loads(ran.stdout.splitlines()[-1])


def race(peers: str, letters: str, rounds: int, share: float, threads: int, sides: list[str]) -> dict:
    from costeff.benchmark.machine import machine, versions
    from costeff.benchmark.workloads import CHAINS, SICK_SICKER

    names = "import json; from importlib.metadata import version as v; print(json.dumps({n: v(n) for n in %r}))"
    found = subprocess.run([peers, "-c", names % (sides,)], capture_output=True, text=True, check=True)
    result = {"machine": machine(), "versions": versions() | json.loads(found.stdout), "workloads": {}}
    for letter in letters:
        families = dict(SICK_SICKER) if letter == "d" else dict(CHAINS)
        rows: dict[str, list[dict]] = {side: [] for side in ("costeff", *sides)}
        sizes = {"costeff": SIZES[letter], "heormodel": SIZES[letter], "pyheor": SIZES[letter]}
        if letter != "c":
            sizes |= {"heormodel": max(20, int(SIZES[letter] * share)), "pyheor": PYHEOR_DRAWS}
        for _ in range(rounds):
            for side, own in rows.items():
                python = sys.executable if side == "costeff" else peers
                own.append(apart(python, side, letter, sizes[side], threads, families))
        work = {}
        for side, own in rows.items():
            seconds = statistics.median(r["seconds"] for r in own)
            work[side] = {
                "seconds": seconds,
                "size": sizes[side],
                "seconds_at_full_size": seconds * SIZES[letter] / sizes[side],
                "cost": own[0]["cost"],
                "effect": own[0]["effect"],
            }
        for side in sides:
            work[side]["ratio"] = work[side]["seconds_at_full_size"] / work["costeff"]["seconds"]
        result["workloads"][letter] = work
        tell(letter, work)
    return result


def tell(letter: str, work: dict) -> None:
    print(f"{letter}  (target: {TARGETS[letter]} times heormodel)", flush=True)
    for side, own in work.items():
        scaled = "" if own["size"] == SIZES[letter] else f" (from {own['size']:,})"
        ratio = f"  {own['ratio']:8.1f} times" if "ratio" in own else ""
        cost, effect = (", ".join(f"{x:,.{n}f}" for x in own[k]) for k, n in (("cost", 0), ("effect", 3)))
        means = f"  cost {cost}; effect {effect}"
        print(
            f"   {side:<10} {own['seconds_at_full_size']:9.3f} s{scaled}{ratio}{means if own['cost'] else ''}",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", help="Python of the environment with heormodel and pyheor")
    parser.add_argument("--only", default="cde")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--without", action="append", default=[], choices=["heormodel", "pyheor"])
    parser.add_argument("--json")
    for hidden in ("--side", "--letter", "--size"):
        parser.add_argument(hidden, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.side:
        families = json.loads(sys.stdin.read())
        run = {"heormodel": heormodel, "pyheor": pyheor}
        size = int(asked.size)
        own = (
            costeff(asked.letter, size, asked.threads)
            if asked.side == "costeff"
            else run[asked.side](asked.letter, size, families)
        )
        print(json.dumps(own))
        return
    if not asked.peers:
        parser.error("--peers PYTHON is needed: an environment with heormodel and pyheor")
    sides = [side for side in ("heormodel", "pyheor") if side not in asked.without]
    found = race(asked.peers, asked.only, asked.rounds, asked.share, asked.threads, sides)
    if asked.json:
        Path(asked.json).write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
