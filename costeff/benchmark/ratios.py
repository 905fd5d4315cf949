"""Measures ratios in rounds until their own error is small, and measures again what looks slower than it was.

A round measures all parts in one process of their own and each command once, so that a busy minute meets all of them.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from costeff.benchmark import calibration, parts, whole_commands
from costeff.benchmark.machine import machine, versions
from costeff.benchmark.verdict import KINDS, Estimate, Verdict, verdict
from costeff.errors import CosteffError, EngineError

FORM = 1
"""Of the JSON."""
NAMES = (*parts.PARTS, *whole_commands.COMMANDS)
"""All workloads: parts first."""
LEAST, MOST = 4, 10
"""Rounds of a workload before anything is measured again; of a small size there are no more than the least."""
FEWER = {"k": 2}
"""Least rounds of what takes half a minute each."""
FIRST_LIMIT, TIME_LIMIT = 330.0, 460.0
"""Seconds after which no round ends: of the first rounds, and with those that measure again."""

Tell = Callable[[str, int], object]

#: For glibc: memory that is freed stays with the process. Else it is given back and taken anew at each call, or not, by
#: where the heap happens to end: random numbers took 1 or 1.7 times as long.
_MEMORY = {"MALLOC_TRIM_THRESHOLD_": "1000000000", "MALLOC_MMAP_THRESHOLD_": "33554432"}


def kind_of(name: str) -> str:
    """`part` or `command`."""
    return "part" if name in parts.PARTS else "command"


def size_of(name: str, *, small: bool) -> str:
    """What a workload runs; only equal sizes are held against each other."""
    if name in parts.PARTS:
        return str(parts.PARTS[name].at(small=small))
    return whole_commands.COMMANDS[name].size(small=small)


@dataclass
class Rounds:
    """What was measured so far; `measure` makes one round of some workloads, by name."""

    measure: Callable[[Sequence[str]], Mapping[str, Mapping[str, Any]]]
    tell: Tell
    start_time: float = field(default_factory=time.monotonic)
    rows: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    count: int = 0
    took: dict[str, float] = field(default_factory=dict)

    def go(self, names: Sequence[str], limit: float) -> bool:
        """One round of these; False, and nothing done, where there is nothing to do or it would end after the limit."""
        groups = [[name for name in names if kind_of(name) == "part"]]
        groups = [*filter(None, groups), *([name] for name in names if kind_of(name) == "command")]
        expected = sum(self.took.get(group[0], 0.0) for group in groups)
        if not names or time.monotonic() - self.start_time + expected > limit:
            return False
        self.count += 1
        for group in groups:
            self.tell(", ".join(group), self.count)
            start_time = time.monotonic()
            for name, row in self.measure(group).items():
                self.rows.setdefault(name, []).append(row)
                self.took[name] = time.monotonic() - start_time
        return True

    def estimate(self, name: str) -> Estimate:
        """The ratio of a workload by all its rounds."""
        return Estimate(tuple(row["ratio"] for row in self.rows[name]), kind_of(name))


def measured_round(names: Sequence[str], *, small: bool) -> Mapping[str, Mapping[str, Any]]:
    """Parts in a process of their own, or commands one after the other."""
    if kind_of(names[0]) == "command":
        return {name: whole_commands.measured(name, small=small) for name in names}
    words = [sys.executable, "-m", "costeff.benchmark.parts", ",".join(names), str(int(small)), str(parts.TURNS)]
    process = subprocess.run(words, capture_output=True, text=True, env=whole_commands.environment() | _MEMORY)
    if process.returncode:
        raise CosteffError(f"workloads {', '.join(names)} failed", value=process.stderr.strip()[-2000:])
    measures: dict[str, dict[str, Any]] = json.loads(process.stdout.splitlines()[-1])
    return measures


def ratios(
    *,
    only: Sequence[str] = (),
    small: bool = False,
    old: Mapping[str, Estimate] | None = None,
    factor: float = 1.2,
    tell: Tell = lambda names, number: None,
    measure: Callable[[Sequence[str]], Mapping[str, Mapping[str, Any]]] | None = None,
) -> dict[str, Any]:
    """Ratios of the workloads `only` (all unless given), as plain data for JSON; see `Rounds`.

    With `old` estimates, what looks slower by `factor` and may be by luck, and what cannot be told, is measured as
    often once more; the verdict then rests on all rounds together. Raises EngineError for an unknown workload.
    """
    names = tuple(dict.fromkeys(only)) or NAMES
    if unknown := [name for name in names if name not in NAMES]:
        raise EngineError(f"unknown workload '{unknown[0]}'", rule=f"one of {', '.join(NAMES)}")
    rounds = Rounds(measure or (lambda group: measured_round(group, small=small)), tell)
    most = LEAST if small else MOST
    while rounds.go([n for n in names if _needs_more(rounds, n, most)], FIRST_LIMIT if rounds.count > 1 else math.inf):
        pass
    if old:
        _measure_again(rounds, old, factor)
    return {
        "form": FORM,
        "loop": calibration.LOOP,
        "machine": machine(),
        "versions": versions(),
        "small": small,
        "ratios": {name: _entry(name, rounds, small=small) for name in names},
    }


def _needs_more(rounds: Rounds, name: str, most: int) -> bool:
    """Whether a workload has too few rounds, or too large an error and not yet `most`, for a first verdict."""
    many = len(rounds.rows.get(name, ()))
    if many < FEWER.get(name, LEAST):
        return True
    return many < most and rounds.estimate(name).error > KINDS[kind_of(name)].target


def _measure_again(rounds: Rounds, old: Mapping[str, Estimate], factor: float) -> None:
    """As many rounds again of what is in doubt, one at least; it drops out as soon as it is not."""
    most = {name: 2 * len(rounds.rows[name]) for name in rounds.rows if name in old}

    def in_doubt(name: str) -> bool:
        return (
            len(rounds.rows[name]) < most[name] and verdict(old[name], rounds.estimate(name), factor, len(NAMES)).doubt
        )

    first = rounds.count
    while rounds.go([n for n in most if in_doubt(n)], TIME_LIMIT if rounds.count > first else math.inf):
        pass


def _entry(name: str, rounds: Rounds, *, small: bool) -> dict[str, Any]:
    """One workload as data: its ratio with error, what it ran, and the ratios of the rounds, from which both come."""
    rows, estimate = rounds.rows[name], rounds.estimate(name)
    loop = parts.PARTS[name].loop if name in parts.PARTS else " + ".join(whole_commands.COMMANDS[name].loop)
    entry = {
        "ratio": estimate.ratio,
        "error": estimate.error,
        "rounds": len(rows),
        "to": loop,
        "size": size_of(name, small=small),
        "cpu_seconds": min(row["seconds"] for row in rows),
        "values": list(estimate.values),
    }
    if "stepping_seconds" in rows[0]:
        # Stepping ran a twentieth of the people.
        entry["to_stepping"] = entry["cpu_seconds"] / (20 * min(row["stepping_seconds"] for row in rows))
    return entry


def verdicts(results: Mapping[str, Any], old: Mapping[str, Estimate], factor: float) -> dict[str, Verdict]:
    """By workload that stands in both, what became of it."""
    return {
        name: verdict(old[name], Estimate(tuple(entry["values"]), kind_of(name)), factor, len(NAMES))
        for name, entry in results["ratios"].items()
        if name in old
    }
