"""Runs the workloads, each in a process of its own, so that one's memory and warm caches do not colour another's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import costeff
from costeff.benchmark.machine import machine, parallel_capacity, versions
from costeff.benchmark.workloads import WORKLOADS
from costeff.errors import CosteffError, EngineError


def benchmark(
    *,
    quick: bool = False,
    threads: int | None = None,
    only: Sequence[str] = (),
    scale: float = 1.0,
    tell: Callable[[str], object] = lambda line: None,
) -> dict[str, Any]:
    """Time the workloads and return {"machine", "versions", "quick", "compile", "workloads"}.

    `quick` takes smaller sizes (about a minute once kernels are compiled; the full set is held under ten), `only` some
    of the letters a to f, `scale` shrinks every size further, for tests. `tell` gets a line as each workload begins.
    Each workload says its own size, since a slow machine runs fewer draws. Raises EngineError for an unknown letter.
    """
    unknown = sorted(set(only) - set(WORKLOADS))
    if unknown:
        raise EngineError(f"unknown workload '{unknown[0]}'", rule=f"one of {', '.join(WORKLOADS)}")
    from costeff.engine.events.microsim import thread_count

    workers = thread_count(threads)
    tell("compiling, or loading what is compiled")
    compile_seconds = {"warm_seconds": _apart("compile", workers, quick, scale, None)["seconds"]}
    if not quick and not only:
        with tempfile.TemporaryDirectory(prefix="costeff-cold-") as folder:
            compile_seconds["cold_seconds"] = _apart("compile", workers, quick, scale, folder)["seconds"]
    workloads = {}
    for letter in only or WORKLOADS:
        tell(f"{letter}: {WORKLOADS[letter].title}")
        workloads[letter] = _apart(letter, workers, quick, scale, None)
    here = machine() | {"parallel_capacity": parallel_capacity(workers)}
    return {"machine": here, "versions": versions(), "quick": quick, "compile": compile_seconds, "workloads": workloads}


def _apart(letter: str, threads: int, quick: bool, scale: float, cache: str | None) -> dict[str, Any]:
    """What the workload reports from a fresh Python process; `cache` is a folder for its kernels."""
    root = str(Path(costeff.__file__).parents[1])
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    env = os.environ | {"PYTHONPATH": path} | ({"COSTEFF_CACHE_DIR": cache} if cache else {})
    words = [sys.executable, "-m", "costeff.benchmark.process", letter, str(threads), str(int(quick)), str(scale)]
    process = subprocess.run(words, capture_output=True, text=True, env=env)
    if process.returncode != 0:
        raise CosteffError(f"workload {letter} failed", value=process.stderr.strip()[-2000:])
    measures: dict[str, Any] = json.loads(process.stdout.splitlines()[-1])
    return measures
