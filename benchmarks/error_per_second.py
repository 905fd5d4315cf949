"""Monte Carlo error that is observed over seeds, beside the one that is reported, and what it costs in seconds.

    python benchmarks/error_per_second.py [--scenario tki2] [--seeds 20] [--default] [--log FILE]

Each size and method is run with as many seeds as asked for. Observed: the spread of a number between seeds, with its
own error. Reported: root mean square of the Monte Carlo errors that the runs give themselves. Seconds: processor time
of drawing, simulating and pricing, on all threads; `to 300` is what an observed error of 300 of the first perspective's
increment takes, as variance falls with time. Rows are taken in turn, seed by seed, so that a busy machine is as unfair
to all.
"""

from __future__ import annotations

import argparse
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from costeff import load
from costeff.analysis.study import DRAWS, INDIVIDUALS
from costeff.types import DrawMethod

ROOT = Path(__file__).parents[1]
TARGET = 300.0
CHANCE, EVPI = (tuple(f"{name}_noise_corrected{end}" for end in ("", "_mcse")) for name in ("probability", "evpi"))


@dataclass
class Row:
    """One size and method, and what its runs gave: (seed, number), (seed, number with a reported error), (seed,)."""

    draws: int
    people: int
    method: DrawMethod
    values: list[list[float]] = field(default_factory=list)
    errors: list[list[float]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


ROWS = (
    (1000, 1000, "random"),
    (1000, 200, "random"),
    (DRAWS, INDIVIDUALS, "latin_hypercube"),
    (DRAWS, INDIVIDUALS, "sobol"),
    (2 * DRAWS, INDIVIDUALS, "latin_hypercube"),
    (DRAWS, 500, "latin_hypercube"),
)
NAMES = ("increment", "effect", "chance", "evpi", "low", "high")
"""Of the first perspective: increments of cost and of the main effect, probability that the programme is best and
expected value of perfect information at `wtp` without individual noise, ends of the 95 % interval of the increment."""


def measure(row: Row, scenario: str, seed: int, wtp: float) -> None:
    """Run once, and note numbers, errors and seconds."""
    study = load(scenario)
    start = time.process_time()
    result = study.psa(row.draws, row.people, seed, method=row.method, progress=False)
    evaluation = result.perspective()
    row.seconds.append(time.process_time() - start)
    table = evaluation.icer_table()
    last = table.iloc[-1]
    curve, value = evaluation.ceac([wtp]), evaluation.evpi([wtp])
    name = evaluation.strategies[-1]
    low, high = np.quantile(np.diff(evaluation.cost, axis=1)[:, -1], [0.025, 0.975])
    chance, chance_error = (float(curve[key].sel(strategy=name).item()) for key in CHANCE)
    row.values.append(
        [last["incremental_cost"], last["incremental_effect"], chance, float(value[EVPI[0]].item()), low, high]
    )
    row.errors.append(
        [last["incremental_cost_mcse"], last["incremental_effect_mcse"], chance_error, float(value[EVPI[1]].item())]
    )


def lines_of(rows: Sequence[Row]) -> list[str]:
    """A table: observed over reported error of each number, and seconds."""
    out = [
        "| draws x people, method | cpu s | s to 300 | " + " | ".join(NAMES) + " |",
        "|---|---|---|" + "---|" * len(NAMES),
    ]
    for row in rows:
        observed = np.std(row.values, axis=0, ddof=1)
        reported = np.sqrt(np.mean(np.square(row.errors), axis=0))
        cells = [f"{o:.3g} ({r:.3g})" for o, r in zip(observed, reported, strict=False)]
        cells += [f"{o:.3g}" for o in observed[len(reported) :]]
        seconds = float(np.mean(row.seconds))
        to_target = seconds * (observed[0] / TARGET) ** 2
        size = f"{row.draws:,d} x {row.people:,d}, {row.method}"
        out.append(f"| {size} | {seconds:.2f} | {to_target:.1f} | " + " | ".join(cells) + " |")
    return out


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenario", default="tki2")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--wtp", type=float, default=500_000)
    parser.add_argument("--default", action="store_true", help="Only the default, beside the default before it.")
    parser.add_argument("--log", type=Path)
    options = parser.parse_args(words)
    rows = [Row(*row) for row in ((ROWS[0], ROWS[2]) if options.default else ROWS)]
    for seed in range(1, options.seeds + 1):
        for row in rows:
            measure(row, options.scenario, seed, options.wtp)
        sys.stderr.write(f"\rseed {seed} of {options.seeds}")
    sys.stderr.write("\n")
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    text = [
        f"# Observed (reported) Monte Carlo errors, `{options.scenario}`, {options.seeds} seeds",
        "",
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {commit.stdout.strip() or 'unknown'}, {platform.machine()}, "
        f"Python {platform.python_version()}. Willingness to pay {options.wtp:,.0f}. An observed error of "
        f"{options.seeds} seeds has itself an error of {100 / np.sqrt(2 * (options.seeds - 1)):.0f} %.",
        "",
        *lines_of(rows),
        "",
    ]
    print("\n".join(text))
    if options.log:
        options.log.write_text("\n".join(text), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
