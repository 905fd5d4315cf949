"""Timing this machine: fixed workloads a to f, each in a fresh process, with memory, threads and cold compilation.

Rank 10. `benchmark` returns plain data for JSON; `printed` is the same for people. docs/performance.md reads it.
"""

from costeff.benchmark.report import printed
from costeff.benchmark.running import benchmark

__all__ = ["benchmark", "printed"]
