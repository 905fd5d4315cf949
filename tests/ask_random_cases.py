"""Whether `costeff ask` puts a decisive figure first: python tests/ask_random_cases.py [CASES]

Each random case has four uncertain figures of its own: the cost for each citizen, a year's fixed cost, the cost of
starting, and the effect. Lot picks one that moves the gain about three times as much as all else together, around a
gain near 0; the others move it little. The case is written as a file and asked by the command. Anchored in how each
was made.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from click.testing import CliRunner
from scipy.stats import gamma

from costeff import invest
from costeff.cli import main

DRAWS, INDIVIDUALS = 128, 60
COSTS = {"own_citizen": 20_000.0, "own_fixed": 500_000.0, "own_start": 1_000_000.0}
LABELS = {
    "own_citizen": "Own cost",
    "own_fixed": "Own fixed cost",
    "own_start": "Own start",
    "effect": "Effect on return to self-support",
}
TIMES = 3.0
"""The decisive figure moves the gain so many times as much as all others together."""


def case_text(seed: int, ratio: tuple[float, float, float], costs: dict[str, tuple[float, float]]) -> str:
    """A case of random size; `ratio` is the effect with the ends of its interval, `costs` (mean, spread) of each."""
    luck = np.random.default_rng([seed, 1])
    years = int(luck.integers(3, 6))
    value, low, high = ratio
    lines = [
        f"case: random_{seed}",
        "numbers: en",
        "scenario: own_programme",
        "strategy: programme",
        "rules: {set: denmark_reform, regime: old}",
        f"first_year: 2026\nyears: {years}\nprice_year: 2026",
        f"inflow: {{2026: {luck.integers(20, 200)}, 2027: {luck.integers(20, 200)}, later: 0}}",
        "programme:",
        "  {departments: {employment: 1}, variable: own_citizen, fixed: own_fixed, start_up: {2026: own_start}}",
        "meant: [programme]",
        "parameters:",
    ]
    for name, (mean, spread) in costs.items():
        ends = gamma(a=(mean / spread) ** 2, scale=spread**2 / mean).ppf([0.025, 0.975])
        interval = ", ".join(f"{end:.3f}" for end in ends)
        lines.append(
            f"  {name}: {{value: {mean:.3f}, unit: DKK, price_year: 2026, distribution: gamma, interval: [{interval}], "
            "kind: assumption, note: made up}"
        )
    lines += ["labels:", *(f"  {name}: {LABELS[name]}" for name in costs)]
    lines += [
        "set:",
        f"  hr_self_support: {{value: {value}, unit: ratio, distribution: lognormal, interval: [{low}, {high}], "
        "kind: assumption, note: made up}",
        f"  municipal_tax: {{value: {luck.uniform(0.23, 0.27):.4f}, kind: assumption, note: made up}}",
    ]
    return "\n".join(lines) + "\n"


def planted_case(seed: int, folder: Path) -> tuple[Path, str]:
    """The file of a random case, and the figure that decides it."""
    luck = np.random.default_rng([seed, 2])
    planted = str(luck.choice([*COSTS, "effect"]))
    ratio = (1.8, 0.9, 3.6) if planted == "effect" else (2.2, 2.1, 2.3)
    file = folder / f"random_{seed}.yaml"
    few = {name: (amount, 0.01 * amount) for name, amount in COSTS.items()}
    file.write_text(case_text(seed, ratio, few), encoding="utf-8")
    first = invest(file, draws=DRAWS, individuals=INDIVIDUALS, progress=False)
    free = first.reprice(dict.fromkeys(COSTS, 0.0)).npv("municipal")
    nothing = dict.fromkeys(COSTS, 0.0)
    worth = {}  # what one krone of each costs the decider
    for name in COSTS:
        gain = first.reprice({**nothing, name: 1.0}).npv("municipal")
        worth[name] = float((free - gain).mean())
    others = [name for name in COSTS if name != planted]
    total, spread = max(float(free.mean()), float(free.std())), float(free.std())
    costs = {}
    for name in others:
        part = total * luck.uniform(0.05, 0.15)
        costs[name] = part / worth[name], luck.uniform(0.05, 0.2) * min(part, spread) / worth[name]
    rest = total - sum(mean * worth[name] for name, (mean, _) in costs.items())
    if planted == "effect":  # the certain rest of its cost is put on the citizens
        costs["own_citizen"] = rest * luck.uniform(0.8, 1.2) / worth["own_citizen"], 0.02 * rest / worth["own_citizen"]
    else:
        mean = rest * luck.uniform(0.8, 1.2) / worth[planted]
        costs[planted] = mean, min(TIMES * spread / worth[planted], mean)
    file.write_text(case_text(seed, ratio, {name: costs[name] for name in COSTS}), encoding="utf-8")
    return file, planted


def main_(cases: int) -> int:
    """How many of so many cases have the planted figure first."""
    hits, runner = 0, CliRunner()
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(cases):
            began = time.process_time()
            file, planted = planted_case(seed, Path(folder))
            asked = runner.invoke(
                main, ["ask", str(file), "--draws", str(DRAWS), "--individuals", str(INDIVIDUALS), "--quiet"]
            )
            assert asked.exit_code == 0, asked.output
            top = asked.output.splitlines()[0]
            hit = top.startswith(f"1. {LABELS[planted]}")
            hits += hit
            seconds = time.process_time() - began
            print(
                f"{seed:3} planted {LABELS[planted]!r}: {top} {'' if hit else 'MISSED'} ({seconds:.1f} s)", flush=True
            )
    print(f"first in {hits} of {cases} random cases")
    return hits


if __name__ == "__main__":
    NUMBER = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    sys.exit(0 if main_(NUMBER) >= round(0.95 * NUMBER) else 1)
