"""A run until the Monte Carlo error is small enough, and how draws by Latin hypercube or Sobol make replicates."""

from __future__ import annotations

import sys
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Generic, cast

import numpy as np

from costeff.analysis.intervals import monte_carlo_error
from costeff.analysis.stop import Stop
from costeff.analysis.streamed import Stream, Streamed, contracted, is_too_large, not_held
from costeff.analysis.study import R, StudyData
from costeff.errors import ScenarioError
from costeff.evidence.distributions.distribution import four_digits

if TYPE_CHECKING:
    from costeff.analysis.evaluation import EvaluationData
    from costeff.simulation.simulate import Simulated

BATCH = 128
"""Draws added at a time, and of one replicate (a power of two, which Sobol points like)."""
MAXIMUM = 20_000
DESIGNS = ("latin_hypercube", "sobol")
"""Methods whose draws depend on each other."""
REPLICATES = range(16, 7, -1)
"""Numbers of replicates that are tried: the error of an error from R of them is about 1 / sqrt(2 (R - 1))."""


def method_for(draws: int, replicates: int | None = None) -> str:
    """How parameters are drawn where nobody says: by Latin hypercube where the draws make designs, else at random.

    A Latin hypercube leaves a third to half of the error of independent draws (docs/performance.md).

    >>> method_for(1024), method_for(1000), method_for(3)
    ('latin_hypercube', 'latin_hypercube', 'random')
    """
    if replicates is not None or any(draws % r == 0 for r in REPLICATES):
        return DESIGNS[0]
    return "random"


def replicates_of(method: str, draws: int, replicates: int | None) -> int | None:
    """Number of replicates of a run; None for independent draws. Raises ScenarioError when they do not divide."""
    if method not in DESIGNS:
        if replicates is not None:
            raise ScenarioError(
                "independent draws have no replicates", value=replicates, way_out="leave replicates out"
            )
        return None
    if replicates is not None:
        if replicates < 1 or draws % replicates:
            raise ScenarioError(
                "the draws do not make equal replicates", value=f"{draws} draws, {replicates} replicates"
            )
        return replicates
    able = [r for r in REPLICATES if draws % r == 0]
    if not able:
        raise ScenarioError(
            f"draws by '{method}' come in 8 to 16 replicates of equal size, and these do not",
            value=draws,
            rule="the error of one design can only be told from several, each randomised by itself",
            way_out="give a multiple of 8 or 10 draws, or replicates=1, which gives no Monte Carlo errors",
        )
    return next((r for r in able if (draws // r) & (draws // r - 1) == 0), able[0])


def until_error(
    study: StudyData[R],
    target: float,
    *,
    perspective: str | None,
    wtp: float | None,
    maximum: int | None,
    batch: int | None,
    method: str,
    progress: bool,
    individuals: int,
    **options: Any,
) -> R:
    """Add batches of draws until the Monte Carlo error of every increment is at most `target`.

    The error is that of the incremental net monetary benefit at `wtp` (default: the scenario's `wtp.at`), of the net
    cost where there is none, against the comparator; with several strategies, the largest. The result is that of one
    run with as many draws and the same seed. With Latin hypercube or Sobol draws each batch is a replicate, and at
    least 8 are made. Warns when `maximum` is reached first.
    """
    size, most = batch or BATCH, MAXIMUM if maximum is None else maximum
    fewest = 1 if method == "random" else min(REPLICATES)
    if not target > 0 or size < 2 or most < size * fewest:
        raise ScenarioError(
            "the target error cannot be run for",
            value=f"target {target}, batch {size}, maximum {most}",
            rule=f"a target above 0, batches of 2 draws or more, a maximum of at least {fewest} of them",
            way_out=f"give a maximum (--max-draws) of {max(size, 2) * fewest} or more, or smaller batches",
        )
    scenario_wtp = study.scenario.wtp
    value = wtp if wtp is not None else (scenario_wtp.at if scenario_wtp else None)
    view = study.model.perspective_name(perspective)
    study.model.find("perspectives", view)  # refused before anything is simulated
    batches = _Batches(study, size, most, method, individuals, options)
    increments: list[np.ndarray] = []
    while True:
        part = batches.following()
        increments.append(_increments(part.perspective(view), value))
        replicates = None if method == "random" else len(increments)
        error = float(np.max(monte_carlo_error(np.concatenate(increments), replicates), initial=0.0))
        if progress:
            sys.stderr.write(f"\r{batches.made:,} draws: error {four_digits(error)}, target {four_digits(target)}   ")
            sys.stderr.flush()
        if batches.ended or (len(increments) >= fewest and error <= target):
            break
    if progress:
        sys.stderr.write("\n")
    currency = study.model.conventions.currency
    stop = Stop(target, error, batches.made, size, most, view, value, currency)
    if not stop.met:
        warnings.warn(stop.sentence(), stacklevel=3)
    return batches.joined(replicates, stop)


def _increments(evaluation: EvaluationData, wtp: float | None) -> np.ndarray:
    """Incremental net benefit, or net cost, of each draw: (draw, strategy - 1)."""
    others = [s for s, name in enumerate(evaluation.strategies) if name != evaluation.comparator]
    value = -evaluation.cost if wtp is None else wtp * evaluation.gain - evaluation.cost
    return np.asarray(value[:, others] - value[:, [evaluation.comparator_index]])


class _Batches(Generic[R]):
    """Draws made in doublings and simulated batch by batch; the first draws of more are those of fewer."""

    def __init__(
        self, study: StudyData[R], size: int, most: int, method: str, individuals: int, options: dict[str, Any]
    ) -> None:
        self.study, self.size, self.method, self.options = study, size, method, options
        self.individuals = individuals
        self.most = most if method == "random" else most // size * size
        self.made, self.drawn = 0, 0
        self.draws: dict[str, np.ndarray] = {}
        self.parts: list[tuple[dict[str, np.ndarray], Simulated]] = []
        self.stream: Stream | None = None
        self.seconds, self.person_cycles = 0.0, 0

    @property
    def ended(self) -> bool:
        return self.made >= self.most

    def following(self) -> R:
        """The next batch as a result of its own."""
        from costeff.simulation.simulate import simulate

        low, high = self.made, min(self.made + self.size, self.most)
        if high > self.drawn:
            self.drawn = min(max(8 * self.size, 2 * self.drawn), self.most)
            replicates = 1 if self.method == "random" else self.drawn // self.size
            dataset = self.study.draw(self.drawn, self.options["seed"], self.method, replicates)
            self.draws = {str(name): np.asarray(values) for name, values in dataset.data_vars.items()}
        part = {name: values[low:high] for name, values in self.draws.items()}
        keys = np.arange(low, high, dtype=np.uint64)
        simulated = simulate(
            self.study.model, part, self.study.tables, individuals=self.individuals, keys=keys, **self.options
        )
        self.made = high
        return self._result(part, simulated, self._kept(part, simulated))

    def _kept(self, draws: dict[str, np.ndarray], simulated: Simulated) -> Streamed | None:
        """Keep a batch. When all are too large to be held whole, they are contracted and the batch alone returned."""
        model, self.last = self.study.model, simulated
        self.seconds += simulated.seconds
        self.person_cycles += simulated.person_cycles
        self.parts.append((draws, simulated))
        if self.stream is None:
            if not is_too_large(model, self.made, self.individuals, self.options["engine"]):
                return None
            self.stream = Stream(model, simulated.layout, self.most)
        for of_part, part in self.parts:
            layers = part.layer_cost, part.layer_effect
            arrays = contracted(model, part.layout, self.study.tables, of_part, part.quantities, layers)
            self.stream.add(arrays)
        self.parts.clear()
        return self.stream.alone(arrays)

    def _result(
        self,
        draws: dict[str, np.ndarray],
        simulated: Simulated,
        totals_only: Streamed | None,
        replicates: int | None = None,
        stop: Stop | None = None,
    ) -> R:
        arguments = self.study, draws, simulated, self.individuals, self.options["seed"], self.method
        return cast("R", self.study.result_class(*arguments, replicates, stop, streamed=totals_only))

    def joined(self, replicates: int | None, stop: Stop) -> R:
        """All batches as one result."""
        from costeff.engine.quantities import join

        totals_only = self.stream.streamed() if self.stream else None
        quantities = not_held() if totals_only else join([part.quantities for _, part in self.parts])
        whole = replace(self.last, seconds=self.seconds, person_cycles=self.person_cycles, quantities=quantities)
        draws = {name: values[: self.made] for name, values in self.draws.items()}
        return self._result(draws, whole, totals_only, replicates, stop)
