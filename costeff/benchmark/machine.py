"""What was measured on: processor, memory, load, versions; and the peak memory of this process."""

from __future__ import annotations

import datetime as dt
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any


def machine() -> dict[str, Any]:
    """Processor, cores this process may use, memory (GB), load average (how busy), operating system, date."""
    from costeff.engine.events.microsim import thread_count

    load = os.getloadavg() if hasattr(os, "getloadavg") else (float("nan"),) * 3
    return {
        "processor": processor(),
        "cores": thread_count(None),
        "memory_gb": round(_memory() / 2**30, 1),
        "load_average": [round(x, 2) for x in load],
        "system": f"{platform.system()} {platform.machine()}",
        "date": dt.date.today().isoformat(),
    }


def processor() -> str:
    """Its name and what tells generations apart to which virtual machines give one name."""
    name = _line("/proc/cpuinfo", "model name") or platform.processor() or platform.machine()
    keys = {"family": "cpu family", "model": "model", "implementer": "CPU implementer", "part": "CPU part"}
    values = {word: _line("/proc/cpuinfo", key) for word, key in keys.items()}
    apart = ", ".join(f"{word} {value}" for word, value in values.items() if value)
    return f"{name} ({apart})" if apart else name


def parallel_capacity(threads: int) -> float:
    """How many times the work of one thread `threads` threads do here and now, for work that shares nothing.

    Hashing, which needs no memory and holds no lock. Below about `threads`, other programs are busy or the cores are
    shared, and a ratio of threads to one thread says little about costeff. The median of five rounds.
    """
    import hashlib
    import statistics
    import time
    from concurrent.futures import ThreadPoolExecutor

    block = bytes(2**25)

    def seconds(pool: ThreadPoolExecutor, times: int) -> float:
        start_time = time.perf_counter()
        list(pool.map(lambda _: hashlib.sha256(block).digest(), range(times)))
        return time.perf_counter() - start_time

    with ThreadPoolExecutor(threads) as pool:
        seconds(pool, threads)
        return statistics.median(threads * seconds(pool, 1) / seconds(pool, threads) for _ in range(5))


def versions() -> dict[str, str]:
    """Versions of costeff, Python and what the kernels are made with."""
    from costeff import __version__

    names = ("numpy", "numba", "llvmlite", "scipy", "pandas")
    return {"costeff": __version__, "python": platform.python_version(), **{n: version(n) for n in names}}


def peak_mb() -> float:
    """Largest memory this process has held, in MB (2^20 bytes)."""
    line = _line("/proc/self/status", "VmHWM")
    if line:
        return int(line.split()[0]) / 1024
    if sys.platform == "win32":
        return float("nan")
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 2**20 if sys.platform == "darwin" else most / 1024


def _memory() -> float:
    names = getattr(os, "sysconf_names", {})
    if "SC_PHYS_PAGES" not in names:
        return float("nan")
    return float(os.sysconf("SC_PHYS_PAGES")) * os.sysconf("SC_PAGE_SIZE")


def _line(file: str, key: str) -> str:
    """The value after `key:` in a file of the kernel, '' where there is none."""
    try:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    pairs = (line.partition(":") for line in lines)
    return next((value.strip() for name, _, value in pairs if name.strip() == key), "")
