"""What every calibration sets up: priors in place of shipped values, what is moved, and how draws are simulated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from costeff.calibrate.observe import Observed, Population, observe
from costeff.calibrate.target import Target
from costeff.calibrate.targets import CalibrationPlan
from costeff.errors import EvidenceError, Place
from costeff.evidence import Changes, Evidence
from costeff.model.problems import problem
from costeff.problems import raise_all, way_to

Floats = NDArray[np.float64]
METHOD = "latin_hypercube"


@dataclass(frozen=True)
class Run:
    """What every simulation of one calibration shares."""

    evidence: Evidence
    individuals: int
    seed: int
    threads: int | None
    progress: bool

    def observe(self, groups: Sequence[Population], draws: Mapping[str, np.ndarray], size: int, turn: int) -> Observed:
        """One run of all `groups`; `turn` 0, 1, ... gives it random numbers of its own."""
        keys = np.arange(size, dtype=np.uint64) + np.uint64(turn * size)
        return observe(
            groups,
            draws,
            self.evidence.tables,
            individuals=self.individuals,
            seed=self.seed,
            keys=keys,
            threads=self.threads,
            progress=self.progress,
        )


def prior_evidence(evidence: Evidence, plan: CalibrationPlan) -> Evidence:
    """`evidence` with every calibrated parameter at its prior. Raises EvidenceError at a wrong prior's line."""
    changes = Changes(plan.priors, places=Place(plan.priors_file or plan.file))
    raise_all(
        [
            problem(
                f"a prior of '{name}', which is no parameter",
                changes.place(name),
                name,
                "`priors` names parameters of the model's parameter file",
                way_to(name, evidence.parameters, "take it out of `priors`"),
            )
            for name in plan.priors
            if name not in evidence.parameters
        ]
    )
    prior = evidence.override(changes)
    for name in plan.priors:
        parameter = prior.parameters[name]
        if parameter.fixed:
            raise parameter.problem(
                "distribution",
                "a prior without spread",
                parameter.value,
                "a prior has a distribution",
                "give it a distribution and an interval, or take it out of `priors`",
            )
    return prior


def check_populations(evidence: Evidence, targets: Sequence[Target]) -> None:
    """Raise a CosteffError when a target sets an unknown parameter, or one outside its unit."""
    raise_all(
        [
            problem(
                f"target '{target.name}' sets an unknown parameter",
                target.place,
                name,
                "`set` names parameters of the model's parameter file",
                way_to(name, evidence.parameters, "take it out of `set`"),
            )
            for target in targets
            for name in target.changes
            if name not in evidence.parameters
        ]
    )
    for target in targets:
        evidence.override(dict(target.changes), target.place)


def moved(prior: Evidence, plan: CalibrationPlan, groups: Sequence[Population]) -> tuple[str, ...]:
    """Parameters that the update moves: the calibrated ones, then other uncertain ones that a population reads.

    Members of joint groups (the diagnosis mix) keep their draws. Raises EvidenceError for a prior that is
    correlated.
    """
    read = dict.fromkeys(name for group in groups for name in group.parameters)
    free = [n for n in read if not prior.parameters[n].fixed and not prior.parameters[n].group and n not in plan.priors]
    names = (*plan.priors, *free)
    for pair in prior.correlations:
        if set(pair.parameters) & set(names):
            raise EvidenceError(
                "a correlated parameter in a calibration",
                where=pair.place,
                value=", ".join(pair.parameters),
                rule="priors are independent",
                way_out="drop the correlation, or take the parameter out of the model's usual care",
            )
    return names


def columns_of(evidence: Evidence, draws: int, seed: int) -> dict[str, Floats]:
    """Draws of every parameter, (J,) each, by name."""
    dataset = evidence.draw(draws, seed, METHOD)
    return {str(name): np.asarray(values.values) for name, values in dataset.data_vars.items()}


def significant(columns: Mapping[str, Floats]) -> dict[str, Floats]:
    """Values as the file will hold them: six significant digits."""
    return {name: np.array([float(f"{x:.6g}") for x in column]) for name, column in columns.items()}
