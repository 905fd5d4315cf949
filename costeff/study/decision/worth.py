"""What it is worth to know for a decision, which parameters that lies in, and which study looks at them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from costeff import bundled
from costeff.cea.decide import NET_COST

if TYPE_CHECKING:
    from costeff.analysis.evaluation import EvaluationData
    from costeff.cea.decide import Decision
    from costeff.labels import Label

FEWEST_DRAWS = 50
"""Draws below which no regression is made."""
LOOKED_AT = 3
"""Parameters of which the worth is worked out: those that go along with the net benefit most."""


@dataclass(frozen=True)
class StudyOfWorth:
    """The study that the scenario names, and which of the parameters it looks at."""

    name: str
    title: Label
    learns: tuple[str, ...]


@dataclass(frozen=True)
class KnownParameter:
    """A parameter, what knowing it exactly is worth per individual, and the error of that."""

    name: str
    worth: float
    mcse: float


@dataclass(frozen=True)
class Worth:
    """What knowing is worth for the first decision, at one willingness to pay; per individual."""

    wtp: float
    perfect: float
    """Of all parameters together: the expected loss of the strategy that is chosen there."""
    parameters: tuple[KnownParameter, ...]
    """The dearest first; only those worth more than twice their error."""
    study: StudyOfWorth | None


def worth_knowing(
    evaluation: EvaluationData, decision: Decision, at_value: float | None, trial: str, scenario_file: str = ""
) -> Worth | None:
    """What it is worth to know, at 0 for net cost, else at the stated value, the first turn, or the range's middle.

    The parameters looked at are the LOOKED_AT whose share correlation with a net benefit is highest: a screen, which
    misses one that acts through interactions alone. None with fewer than FEWEST_DRAWS draws or one strategy.
    """
    if evaluation.draws < FEWEST_DRAWS or len(evaluation.strategies) < 2:
        return None
    wtp = _where(decision, at_value)
    stretch = next((one for one in decision.stretches if one.low <= wtp <= one.high), decision.stretches[-1])
    span = stretch.high - stretch.low
    weight = (wtp - stretch.low) / span if span > 0 else 0.0
    perfect = _perfect(evaluation, wtp) if weight not in (0.0, 1.0) else stretch.loss[int(weight)]
    return Worth(wtp, perfect, _ranked(evaluation, wtp), _study(trial, scenario_file))


def _where(decision: Decision, at_value: float | None) -> float:
    if decision.rule == NET_COST:
        return 0.0
    low, high = decision.stretches[0].low, decision.stretches[-1].high
    if at_value is not None and low <= at_value <= high:
        return at_value
    return decision.turns[0] if decision.turns else (low + high) / 2


def _perfect(evaluation: EvaluationData, wtp: float) -> float:
    from costeff.voi.evpi import evpi

    table = evpi(evaluation, [wtp])
    return float(table["evpi_noise_corrected" if "evpi_noise_corrected" in table else "evpi"].item())


def _ranked(evaluation: EvaluationData, wtp: float) -> tuple[KnownParameter, ...]:
    import warnings

    from costeff.voi.evppi import cut_at_bounds, evppi

    names = _screened(evaluation, wtp)
    if not names:
        return ()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a fit that misses structure gives too little, never too much
        table = cut_at_bounds(evppi(evaluation, names, wtp=[wtp]))
    worth, error = table["evppi"].values[:, 0], table["evppi_mcse"].values[:, 0]
    own = [
        KnownParameter(str(name), float(value), float(size))
        for name, value, size in zip(table["group"].values, worth, error, strict=True)
        if value > 2 * size and value > 0
    ]
    return tuple(sorted(own, key=lambda one: -one.worth))


def _screened(evaluation: EvaluationData, wtp: float) -> dict[str, str]:
    benefit = wtp * evaluation.gain - evaluation.cost
    over = benefit - benefit[:, [evaluation.comparator_index]]
    over = over[:, [s for s in range(over.shape[1]) if s != evaluation.comparator_index]]
    over = over - over.mean(axis=0)
    size = np.sqrt((over**2).sum(axis=0))
    strength = {}
    for name, values in evaluation.parameters.items():
        column = np.asarray(values)
        if column.dtype.kind not in "fi" or column.shape != (evaluation.draws,) or np.ptp(column) == 0:
            continue
        column = column - column.mean()
        moves = np.sqrt((column**2).sum())
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.nan_to_num((column @ over / (moves * size)) ** 2)
        strength[name] = float(share.max())
    best = sorted(strength, key=lambda name: -strength[name])[:LOOKED_AT]
    return {name: name for name in best if strength[name] > 0}


def _study(trial: str, scenario_file: str) -> StudyOfWorth | None:
    """The study that the scenario names; a path is taken from the scenario's folder."""
    if not trial:
        return None
    from costeff.voi.trial_file import read_trial

    own = bundled.is_path(trial)
    design = read_trial(Path(scenario_file).parent / trial if own else trial)
    return StudyOfWorth(trial, design.title, design.learns)
