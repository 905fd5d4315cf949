"""Breaks shipped files in thousands of ways and runs each.

The whole of it: python tests/fuzz/mutants.py --mutants 10000 --seed 1 --log FILE

A mutant is refused by an error of ours, gives the same numbers, or gives others; each of the last needs a reason (see
reasons.py). Anything else is a finding: another exception, no end within the limit, a worker that dies, a reason that
is missing. The exit code is 0 when there are no findings. Mutant number k of a seed is the same on every machine.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import math
import multiprocessing
import random
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2])]

from mutations import MUTATIONS  # noqa: E402
from reasons import reason  # noqa: E402
from targets import Target, place, targets  # noqa: E402

LIMIT = 60.0  # seconds for one mutant
START = 3600.0  # seconds for the unbroken file, with imports and kernels that may have to be compiled
MEMORY = 6 << 30  # bytes of a worker's address space
FINDINGS = ("crash", "no end", "died", "unexplained")


@dataclass
class Record:
    """What became of one mutant."""

    number: int
    target: str
    mutation: str
    outcome: str  # refused, same, changed, unmade; or one of FINDINGS
    said: str = ""
    differs: tuple[str, ...] = ()
    seconds: float = 0.0


def mutant(number: int, seed: int) -> tuple[Target, str, str, str]:
    """Target, mutation, text before and after of one mutant; the mutation is '' when none could be made."""
    rng = random.Random(f"{seed} {number}")
    every = targets()
    target = rng.choices(every, [t.weight for t in every])[0]
    old = target.file.read_text(encoding="utf-8")
    for _ in range(20):
        name = rng.choice(sorted(MUTATIONS))
        new = MUTATIONS[name](rng, old)
        if new is not None and new != old:
            return target, name, old, new
    return target, "", old, old


def ran(number: int, seed: int, folder: Path, known: dict[str, Any], ready: Callable[[], None]) -> Record:
    """Make a mutant, run it, and say what became of it. `known` keeps the numbers of unbroken files.

    `ready` is called when only the mutant itself is left to run.
    """
    from costeff.errors import CosteffError

    target, name, old, new = mutant(number, seed)
    record = Record(number, target.label, name, "unmade")
    if not name:
        return record
    if target.label not in known:
        place(target, old, folder)
        known[target.label] = target.run(folder)
    place(target, new, folder)
    ready()
    start = time.perf_counter()
    try:
        numbers = target.run(folder)
    except CosteffError as error:
        record.outcome, record.said = "refused", _line(str(error), folder)
        if not error.what:
            record.outcome = "crash"
    except Exception as error:
        record.outcome = "crash"
        record.said = "".join(traceback.format_exception(error)[-2:])
    else:
        record.outcome = "same" if alike(numbers, known[target.label]) else "changed"
    record.seconds = round(time.perf_counter() - start, 3)
    if record.outcome == "changed":
        why, differs = reason(target.kind, old, new)
        record.outcome, record.said, record.differs = ("changed" if why else "unexplained", why or "", tuple(differs))
    return record


def alike(one: Mapping[str, float], other: Mapping[str, float]) -> bool:
    """Whether two results have the same numbers, but for the order in which they were added up."""
    if one.keys() != other.keys():
        return False
    return all(math.isclose(one[key], other[key], rel_tol=1e-9, abs_tol=1e-9) for key in one)


def _line(text: str, folder: Path) -> str:
    """The first line of a message, without the folder's name, which differs from run to run."""
    return text.replace(str(folder), "").splitlines()[0][:160]


def _worker(pipe: Connection, seed: int) -> None:
    """Run mutants by number until the pipe closes."""
    import resource
    import warnings

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    warnings.simplefilter("ignore")
    _remember()
    known: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="costeff-fuzz-") as folder:
        while True:
            try:
                number = pipe.recv()
            except EOFError:
                return
            pipe.send(ran(number, seed, Path(folder), known, lambda: pipe.send(None)))


def _remember() -> None:
    """Read shipped models and parameter files once a process: only what is broken is read anew."""
    from functools import cache

    from costeff.analysis import study
    from costeff.bundled import data_dir

    shipped = {str(data_dir(kind)) for kind in ("models", "parameters")}
    for name in ("read_model", "read_evidence"):
        plain = getattr(study, name)
        stored = cache(plain)

        def read(path: Any, plain: Any = plain, stored: Any = stored) -> Any:
            ours = "/" not in str(path) or str(Path(path).parent) in shipped
            return (stored if ours else plain)(str(path))

        setattr(study, name, read)


def campaign(numbers: Iterator[int], seed: int, processes: int = 2) -> Iterator[Record]:
    """Records of mutants as they end, from several processes; one that does not end in time is ended."""
    context = multiprocessing.get_context("spawn")
    busy: dict[Connection, tuple[Any, int, float]] = {}

    def begin() -> tuple[Connection, Any]:
        here, there = context.Pipe()
        process = context.Process(target=_worker, args=(there, seed), daemon=True)
        process.start()
        there.close()
        return here, process

    def give(pipe: Connection, process: Any) -> None:
        number = next(numbers, None)
        if number is None:
            pipe.close()
            process.join(5)
            return
        pipe.send(number)
        busy[pipe] = process, number, time.monotonic() + START - LIMIT

    for _ in range(processes):
        give(*begin())
    while busy:
        for pipe in wait(list(busy), timeout=1.0):
            assert isinstance(pipe, Connection)
            process, number, _ = busy.pop(pipe)
            try:
                record = pipe.recv()
            except EOFError:
                yield _lost(number, seed, "died")
                give(*begin())
                continue
            if record is None:  # the unbroken file is known; now the mutant begins
                busy[pipe] = process, number, time.monotonic()
                continue
            yield record
            give(pipe, process)
        for pipe, (process, number, since) in list(busy.items()):
            if time.monotonic() - since > LIMIT:
                process.kill()
                del busy[pipe]
                yield _lost(number, seed, "no end")
                give(*begin())


def _lost(number: int, seed: int, outcome: str) -> Record:
    target, name, *_ = mutant(number, seed)
    return Record(number, target.label, name, outcome)


def report(records: list[Record], seed: int, seconds: float) -> list[str]:
    """The log: counts, findings, reasons with their counts, then every accepted mutant that changed a result."""
    records = sorted(records, key=lambda record: record.number)
    outcomes = Counter(record.outcome for record in records)
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False).stdout
    lines = [
        f"{len(records)} mutants of shipped files, seed {seed}, {seconds / 60:.1f} minutes, "
        f"{dt.date.today()}, commit {commit.strip() or 'unknown'}",
        ", ".join(f"{name} {count}" for name, count in sorted(outcomes.items())),
        "",
    ]
    found = [record for record in records if record.outcome in FINDINGS]
    lines += [f"findings: {len(found)}", *(json.dumps(asdict(record), ensure_ascii=True) for record in found), ""]
    kinds = Counter((record.mutation, record.outcome) for record in records)
    names = sorted({record.mutation for record in records})
    lines += ["mutation: refused, same, changed"]
    lines += [f"  {n}: {kinds[n, 'refused']}, {kinds[n, 'same']}, {kinds[n, 'changed']}" for n in names]
    reasons = Counter(record.said for record in records if record.outcome == "changed")
    lines += ["", "why results changed:", *(f"  {count} x {why}" for why, count in reasons.most_common()), ""]
    lines += ["every accepted mutant that changed a result (number, target, mutation, what differs, why):"]
    lines += [
        f"  {r.number} {r.target}, {r.mutation}: {' | '.join(r.differs)} ({r.said})"
        for r in records
        if r.outcome == "changed"
    ]
    return lines


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutants", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0, help="number of the first mutant")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--log", type=Path)
    asked = parser.parse_args(words)
    start, records = time.monotonic(), []
    numbers = iter(range(asked.first, asked.first + asked.mutants))
    try:
        for record in campaign(numbers, asked.seed, asked.processes):
            records.append(record)
            if record.outcome in FINDINGS:
                print(json.dumps(asdict(record), ensure_ascii=True), flush=True)
            if len(records) % 100 == 0:
                print(f"{len(records)} in {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
    except KeyboardInterrupt:
        print("stopped: the log holds the mutants so far", file=sys.stderr)
    lines = report(records, asked.seed, time.monotonic() - start)
    if asked.log:
        asked.log.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines[:3]))
    return int(any(record.outcome in FINDINGS for record in records))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
