"""Compiles kernels once, so that no later run waits for them."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from costeff.analysis.corrected import corrected_curves
from costeff.analysis.curves import curves
from costeff.analysis.evaluation import EvaluationData
from costeff.benchmark.models import smallest, smallest_by_stay, smallest_carried, smallest_system
from costeff.compile import compile_model
from costeff.engine.events.replay import Stays, replay
from costeff.model.formulas.functions import beta_quantile, gamma_quantile
from costeff.numerics.kernel_cache import configure
from costeff.simulation.simulate import ENGINES, simulate

ORACLES = ("stepping", "weekly")
"""Engines that others are checked against: their kernels are compiled when they are asked for."""


def warmup(tell: Callable[[str], object], oracles: bool = False) -> dict[str, float]:
    """Compile the kernels of engines, of lives that are known, of quantiles and curves, or load them; seconds by name.

    `tell` gets lines. Those of the engines that others are checked against are compiled with `oracles`.
    """
    tell(f"compiling kernels for this machine into {configure()}")
    seconds = {}
    for name in (*(e for e in ENGINES if oracles or e not in ORACLES), "replay", "quantiles", "curves"):
        start_time = time.perf_counter()
        if name == "quantiles":
            beta_quantile(0.5, 2.0, 3.0)
            gamma_quantile(0.5, 2.0, 1.0)
        elif name == "replay":
            _replay()
        elif name == "curves":
            _curves()
        else:
            # The cohort engine has three kernels, chosen by what a model's hazards and bands depend on.
            few = {"cohort": (smallest(), smallest_by_stay(), smallest_carried()), "flow": (smallest_system(),)}
            models = few.get(name, (smallest(),))
            for model in models:
                simulate(model, {"stay": np.array([24.5])}, {}, individuals=2, seed=1, engine=name)
        seconds[name] = time.perf_counter() - start_time
        tell(f"  {name:<10} {seconds[name]:6.1f} s")
    return seconds


def _replay() -> None:
    """Two lives that stay where they begin, as a trial's people are counted."""
    tensors = compile_model(smallest(), {}, {}, individuals=2, seed=1).tensors
    stay = np.array([[0, 0, tensors.cycles + 1, -1]], np.int32)
    replay(tensors, [Stays(np.arange(3), np.repeat(stay, 2, axis=0))])


def _curves() -> None:
    """Acceptability of a made-up table, as counted and with individual noise taken out."""
    rng = np.random.default_rng(1)
    halves = rng.normal(size=(2, 20, 2, 2))
    cost, effect = halves.mean(axis=2)
    table = EvaluationData("payer", "qaly", ("usual", "new"), "usual", cost, effect, *halves)
    curves(table, np.array([1.0]))
    corrected_curves(table, np.array([1.0]))
