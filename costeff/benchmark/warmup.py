"""Compiles every kernel once, so that no later run waits for it."""

from __future__ import annotations

import time
from collections.abc import Callable

from costeff.benchmark.models import smallest, smallest_by_stay, smallest_carried
from costeff.model.formulas.functions import beta_quantile, gamma_quantile
from costeff.numerics.kernel_cache import configure
from costeff.simulation.simulate import ENGINES, simulate


def warmup(tell: Callable[[str], object]) -> dict[str, float]:
    """Compile the kernels of engines and quantiles, or load them; seconds by name. `tell` gets lines."""
    model = smallest()
    tell(f"compiling kernels for this machine into {configure()}")
    seconds = {}
    for engine in (*ENGINES, "quantiles"):
        start_time = time.perf_counter()
        if engine == "quantiles":
            beta_quantile(0.5, 2.0, 3.0)
            gamma_quantile(0.5, 2.0, 1.0)
        else:
            # The cohort engine has three kernels, chosen by what a model's hazards and bands depend on.
            for one in (model, smallest_by_stay(), smallest_carried()) if engine == "cohort" else (model,):
                simulate(one, {}, {}, individuals=2, seed=1, engine=engine)
        seconds[engine] = time.perf_counter() - start_time
        tell(f"  {engine:<10} {seconds[engine]:6.1f} s")
    return seconds
