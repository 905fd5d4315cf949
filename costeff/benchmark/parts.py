"""The parts of costeff that are held against the calibration loop: kernels, cohorts, and what lies between them.

`python -m costeff.benchmark.parts a,random SMALL TURNS` measures them in turns with the loop in this process, on one
core, and prints one line of JSON: for each part its ratio, its seconds, its size and what else it says.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from costeff.benchmark import calibration, models
from costeff.benchmark.workloads import CHAINS, SICK_SICKER, Families, drawn, priced
from costeff.compile import compile_model
from costeff.compile.groups import compile_groups
from costeff.engine.cohort.cohort import cohort
from costeff.engine.events.microsim import microsim
from costeff.model import Model
from costeff.numerics.random import individual_uniforms
from costeff.simulation.simulate import simulate

TURNS = 5
"""Turns in a process; the least of each counts."""
SMALL = 8
"""How many times smaller the small sizes are."""
Turn = Callable[[], float]


def seconds_of(work: Callable[[], Any]) -> float:
    """Seconds of processor time, of all threads, of one call."""
    start_time = time.process_time()
    work()
    return time.process_time() - start_time


@dataclass(frozen=True)
class Part:
    """A part with its size in full; `turns` makes what is timed of a size, and `loop` is what it is held against."""

    size: int
    turns: Callable[[int], Mapping[str, Turn]]
    loop: str = "compiled"
    most_turns: int = TURNS

    def at(self, *, small: bool) -> int:
        """Its size."""
        return max(2, self.size // SMALL) if small else self.size


def _timed(work: Callable[[], Any]) -> dict[str, Turn]:
    return {"seconds": partial(seconds_of, work)}


def _microsimulation(model: Model, draws: Mapping[str, np.ndarray], tables: Any, people: int) -> dict[str, Turn]:
    """The event kernel, and beside it stepping on the same exponentials for a twentieth of the people."""
    tensors, few = (
        compile_model(model, draws, tables, individuals=size, seed=1).tensors for size in (people, max(2, people // 20))
    )
    return {
        "seconds": partial(seconds_of, lambda: microsim(tensors, 1)),
        "stepping_seconds": partial(seconds_of, lambda: microsim(few, 1, "stepping")),
    }


def _tki2_lives(people: int) -> dict[str, Turn]:
    from costeff.api import load

    study = load("tki2")
    base = {name: np.array([value]) for name, value in study.evidence.base().items()}
    return _microsimulation(study.model, base, study.tables, people)


def _krijkamp_lives(people: int) -> dict[str, Turn]:
    draws = {name: np.array([value]) for name, value in models.KRIJKAMP.items()}
    return _microsimulation(models.krijkamp(), draws, {}, people)


def _cohort(make: Callable[[], Model], families: Families, draws: int) -> dict[str, Turn]:
    """The cohort kernel for a tenth of the draws, ten times, whose arrays stay in the processor's caches."""
    tensors = compile_groups(make(), drawn(families, draws // 10), {}, compact=True).tensors
    totals = replace(tensors, period=np.zeros_like(tensors.period))
    return _timed(lambda: [cohort(totals, threads=1) for _ in range(10)])


def _numbers(many: int) -> dict[str, Turn]:
    """Uniform numbers, 40,000 at a time, which stay in the processor's caches."""
    keys = np.arange(20, dtype=np.uint64)
    return _timed(lambda: [individual_uniforms(1, keys, 0, 2_000, "benchmark") for _ in range(many // 40_000)])


def _places(draws: int) -> dict[str, Turn]:
    """Two whole systems of places in each draw, over a year of warm-up and five that are counted."""
    stay = np.random.default_rng(1).gamma(600, 24.5 / 600, draws)
    return _timed(lambda: simulate(models.places(), {"stay": stay}, {}, individuals=200, seed=1, threads=1))


def _tki2_result(draws: int) -> Any:
    from costeff.api import load

    return load("tki2").psa(draws, 20, 1, method="random", threads=1, progress=False)


def _population(draws: int) -> dict[str, Turn]:
    result = _tki2_result(draws)
    model, tables = result.study.model, result.study.tables
    return _timed(lambda: compile_model(model, result.parameters, tables, individuals=1000, seed=1))


def _ledger(draws: int) -> dict[str, Turn]:
    result = _tki2_result(draws)
    return _timed(lambda: priced(result.study.model, result.parameters, result.simulated))


def _report(draws: int) -> dict[str, Turn]:
    """A report of a new result each time, since a result keeps what was worked out from it."""

    def turn() -> float:
        result = _tki2_result(draws)
        with tempfile.TemporaryDirectory() as folder:
            return seconds_of(lambda: result.report(Path(folder) / "report.html"))

    return {"seconds": turn}


PARTS = {
    "a": Part(20_000, _tki2_lives),
    "c": Part(40_000, _krijkamp_lives),
    "d": Part(4_000, partial(_cohort, models.sick_sicker, SICK_SICKER)),
    "e": Part(4_000, partial(_cohort, models.markov, CHAINS)),
    "f": Part(60, partial(_cohort, models.semi_markov, CHAINS)),
    "places": Part(100, _places),
    "random": Part(8_000_000, _numbers),
    "compile": Part(30, _population),
    "ledger": Part(200, _ledger),
    "report": Part(50, _report, "interpreted", 2),
}


def measured(letters: Sequence[str], turns: int, *, small: bool) -> dict[str, dict[str, Any]]:
    """By part the least of `turns` seconds over the least of its loop's, and the seconds; all taken in turns."""
    loops: dict[str, Turn] = {"compiled": calibration.compiled, "interpreted": calibration.interpreted}
    works = {letter: PARTS[letter].turns(PARTS[letter].at(small=small)) for letter in letters}
    least: dict[tuple[str, str], float] = {}
    for turn in range(turns + 1):
        for letter in letters:
            loop = PARTS[letter].loop
            if turn > PARTS[letter].most_turns:
                continue
            for key, work in {f"{loop}_loop": loops[loop], **works[letter]}.items():
                seconds = work()
                if turn:  # the first compiles, loads and fills caches
                    least[letter, key] = min(seconds, least.get((letter, key), seconds))
    out: dict[str, dict[str, Any]] = {}
    for letter in letters:
        own = {key: seconds for (name, key), seconds in least.items() if name == letter}
        out[letter] = {"ratio": own["seconds"] / own[f"{PARTS[letter].loop}_loop"], **own}
    return out


def _on_one_core() -> None:
    """Keep this process to one core where the system can: threads that wait for each other on two take more time."""
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[os.getpid() % len(cores)]})  # another one in the next round


def main(words: list[str]) -> None:
    """Measure the parts that `words` name and write one line of JSON to stdout."""
    letters, small, turns = words
    _on_one_core()
    sys.stdout.write(json.dumps(measured(letters.split(","), int(turns), small=bool(int(small)))) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
