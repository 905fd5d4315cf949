"""One workload in this process: `python -m costeff.benchmark.process LETTER THREADS QUICK SCALE` prints JSON."""

from __future__ import annotations

import json
import sys

from costeff.benchmark.machine import peak_mb
from costeff.benchmark.workloads import WORKLOADS, Asked, compiling


def main(words: list[str]) -> None:
    """Run the workload that `words` name and write one line of JSON to stdout."""
    letter, threads, quick, scale = words
    settings = Asked(int(threads), bool(int(quick)), float(scale))
    measures = compiling(settings) if letter == "compile" else WORKLOADS[letter].run(settings)
    sys.stdout.write(json.dumps({**measures, "threads": int(threads), "peak_mb": round(peak_mb(), 1)}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
