"""How much a run takes, estimated before it starts, and refused when the machine has not got it.

The memory of a run is its results: time, events and first passages of every draw, then the flows that price them. The
estimate adds them up and is right within a factor of two (measured on tki2 and sick_sicker, both engines). The work is
the person-cycles: draws x strategies x individuals x cycles, which no engine can need more of.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from costeff.compile.layout import Layout, layout
from costeff.errors import EngineError
from costeff.model.model import Model
from costeff.model.sizes import MOST_DRAWS, MOST_INDIVIDUALS

BASE = 300 * 2**20  # the interpreter with its libraries and compiled kernels
BATCHES = 100 * 2**20  # what is compiled and simulated at a time, in all threads
MOST_PERSON_CYCLES = 1e14  # a day or more on a large machine
MEMORY, WORK = "COSTEFF_MEMORY", "COSTEFF_PERSON_CYCLES"
"""Environment variables: gigabytes that a run may take, and person-cycles that it may simulate."""


@dataclass(frozen=True)
class RunSize:
    """What a run is made of, and the memory in bytes that it is estimated to take."""

    draws: int
    strategies: int
    individuals: int
    cycles: int
    memory: float
    results: float
    """Of these bytes, what is held by draw: quantities and flows."""

    @property
    def person_cycles(self) -> float:
        """Cycles of all individuals in all draws and strategies; a cohort counts as one individual."""
        return float(self.draws) * self.strategies * self.individuals * self.cycles

    def __str__(self) -> str:
        return (
            f"{self.draws:,} draws x {self.strategies} strategies x {self.individuals:,} individuals x "
            f"{self.cycles:,} cycles"
        )


def run_size(
    model: Model,
    draws: int,
    individuals: int,
    *,
    engine: str = "microsim",
    parameters: int = 0,
    periods: int | None = None,
    where: Layout | None = None,
    streamed: bool = False,
) -> RunSize:
    """The size of a run of `model`; `periods` are those kept apart (default: years), `parameters` how many are drawn.

    With `streamed`, quantities and flows are contracted to totals, part by part.

    Raises EngineError for more draws or individuals than can be counted.

    >>> from costeff.model import read_model
    >>> size = run_size(read_model("sick_sicker"), 1000, 1000)
    >>> print(size, f"{size.memory / 2**20:.0f} MB")
    1,000 draws x 4 strategies x 1,000 individuals x 75 cycles 556 MB
    """
    for what, number, most in (("draws", draws, MOST_DRAWS), ("individuals", individuals, MOST_INDIVIDUALS)):
        if number > most:
            raise EngineError(
                f"too many {what}",
                value=number if number < 10**30 else "a number of more than 30 digits",
                rule=f"at most {most:,}",
                way_out=f"use fewer --{what}",
            )
    where = where or layout(model)
    cycles, strategies = model.conventions.horizon, len(model.strategies)
    period_count = periods or -(-cycles // model.conventions.cycles_per_year)
    rates = {str(model.conventions.discount_rate_cost), str(model.conventions.discount_rate_effect)}
    layers = 1 + len(rates)  # undiscounted, costs, effects; the last two are often one
    cohort = engine == "cohort"
    each = 8.0 * strategies * period_count * layers  # one number by strategy, period and layer
    results = 2 * (where.size + where.event_size) * each
    passages = 0 if cohort else 2.0 * strategies * len(model.passages) * (cycles + 2) * _count_bytes(individuals)
    flows = len(where.lines) * each * (1 if cohort else 2) + 4 * 2 * each
    tables = 8.0 * (cycles + 2) * (len(model.transitions) + 2 * layers + strategies * len(model.states))
    by_draw = results + passages + flows
    if streamed:  # of perspectives and parties the whole, its halves and its years; of effects and lines the whole
        views = (len(model.perspectives) + len(model.parties)) * (3 + period_count)
        by_draw = 8.0 * strategies * (views + 3 * len(model.effects) + len(where.lines) + 2 * len(model.passages))
    memory = BASE + BATCHES + tables + draws * (by_draw + 8 * parameters)
    return RunSize(draws, strategies, 1 if cohort else individuals, cycles, memory, draws * by_draw)


def _count_bytes(individuals: int) -> int:
    """Bytes of a count of first passages."""
    return 2 if individuals < 2**15 else 4 if individuals < 2**31 else 8


def check_run_size(size: RunSize) -> None:
    """Refuse a run that takes more memory than is free, or more work than is sensible.

    Raises EngineError with the size, the limit, and how to raise it.
    """
    work = _asked(WORK, 1.0, lambda: MOST_PERSON_CYCLES)
    if work is not None and size.person_cycles > work:
        raise EngineError(
            "this run would not end",
            value=f"{size}: {size.person_cycles:.3g} person-cycles",
            rule=f"at most {work:.3g} person-cycles, a day or more of a large machine",
            way_out=f"use fewer --draws or --individuals, or a shorter --horizon; or set {WORK} to a higher limit",
        )
    free = _asked(MEMORY, 1e9, memory_free)
    if free is not None and size.memory > free:
        raise EngineError(
            "this run needs more memory than there is",
            value=f"{size}: about {size.memory / 1e9:,.1f} GB",
            rule=f"{free / 1e9:,.1f} GB may be used",
            way_out=f"use fewer --draws, or a shorter --horizon; or set {MEMORY} to the gigabytes that it may use",
        )


def _asked(name: str, unit: float, otherwise: Callable[[], float | None]) -> float | None:
    """A limit from the environment, else what holds without it."""
    text = os.environ.get(name, "").strip()
    if not text:
        return otherwise()
    try:
        value = float(text) * unit
    except ValueError:
        value = 0.0
    if not value > 0:
        raise EngineError(
            f"{name} is not a number above 0", value=text, rule=f"{name}=64 for example", way_out="correct or unset it"
        )
    return value


def memory_free() -> float | None:
    """Bytes that this process may still take, as far as the system says; None where it says nothing."""
    limits = [_meminfo(), _group()]
    if sys.platform != "win32":
        import resource

        soft = resource.getrlimit(resource.RLIMIT_AS)[0]
        limits.append(None if soft == resource.RLIM_INFINITY else float(soft))
    byte_limits = [limit for limit in limits if limit is not None]
    return min(byte_limits, default=None)


def _meminfo() -> float | None:
    for line in _lines("/proc/meminfo"):
        if line.startswith("MemAvailable:"):
            return float(line.split()[1]) * 1024
    return None


def _group() -> float | None:
    """What the container may take."""
    for line in _lines("/sys/fs/cgroup/memory.max"):
        if line.isdigit():
            return float(line)
    return None


def _lines(file: str) -> list[str]:
    try:
        return Path(file).read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
