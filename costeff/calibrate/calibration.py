"""Calibrates parameters of a model to published targets, and re-simulates a posterior that is already shipped.

Every uncertain parameter that the simulation reads is moved on the scale of its normal score z (value =
quantile of Phi(z)), where its prior is exactly standard normal; for lognormal priors this is the log scale.
Parameters that are not calibrated, such as the share with a job to return to, are moved too, so that what
they explain is not put on the hazards; their own posterior is dropped, since it describes the sources'
people, and their priors are used again when the posterior is checked.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from costeff.calibrate.fits import with_passages
from costeff.calibrate.likelihood import error_covariance, transformed
from costeff.calibrate.observe import Observed, Population, observe, populations
from costeff.calibrate.report import Calibration, contraction_table, fit_table
from costeff.calibrate.smoother import ASSIMILATIONS, Predicted, posterior_ensemble
from costeff.calibrate.targets import CalibrationPlan, Target
from costeff.errors import EvidenceError, Place
from costeff.evidence import EmpiricalRows, Evidence
from costeff.evidence.draw import uniforms
from costeff.model import Model

Floats = NDArray[np.float64]
METHOD = "latin_hypercube"
DRAWS, INDIVIDUALS, SEED = 1000, 2000, 1
CHECK_DRAWS, CHECK_INDIVIDUALS = 250, 1000


@dataclass(frozen=True)
class _Run:
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


def calibrate(
    study_model: Model,
    evidence: Evidence,
    targets: CalibrationPlan,
    seed: int = SEED,
    draws: int = DRAWS,
    individuals: int = INDIVIDUALS,
    threads: int | None = None,
    progress: bool = False,
) -> Calibration:
    """Posterior of the parameters under `targets.priors`, given the targets to calibrate to; all targets are reported.

    `draws` is the number of members of the ensemble and of rows of the posterior; `individuals` are simulated
    for each member and each population of targets. The same seed gives the same posterior for any `threads`.
    Raises CosteffError for targets that do not fit the model or the evidence, and for too few draws or
    individuals.
    """
    start_time = time.perf_counter()
    prior = prior_evidence(evidence, targets)
    check_populations(prior, targets.targets)
    study_model = with_passages(study_model, targets)
    everything, fitted = populations(study_model, targets.targets), targets.used("calibrate")
    groups = populations(study_model, fitted)
    names = moved(prior, targets, groups)
    run = _Run(prior, individuals, seed, threads, progress)
    start = _columns(prior, draws, seed)
    scores = _scores(uniforms(names, draws, seed, METHOD), names)
    before = run.observe(everything, start, draws, 0)
    rows = [targets.targets.index(t) for t in fitted]

    def predict(ensemble: Floats, update: int) -> Predicted:
        if update == 0:  # the prior, which has been simulated for all targets
            return Predicted(before.values[:, rows], before.noise[np.ix_(rows, rows)])
        predictions = run.observe(groups, {**start, **_values(prior, names, ensemble)}, draws, update)
        return Predicted(predictions.values, predictions.noise)

    data = np.array([transformed(t, t.value) for t in fitted])
    covariance = error_covariance(fitted, targets.discrepancy)
    ensemble = posterior_ensemble(scores, predict, data, covariance, names=[t.name for t in fitted], seed=seed)
    posterior = _significant({n: v for n, v in _values(prior, names, ensemble).items() if n in targets.priors})
    # Rolled by half, so that a row meets the people of another member, as it will in every later use.
    others = {name: np.roll(column, draws // 2) for name, column in start.items()}
    after = run.observe(everything, {**others, **posterior}, draws, ASSIMILATIONS)
    return _made(targets, prior, posterior, after, before, seed, draws, individuals, time.perf_counter() - start_time)


def check(
    study_model: Model,
    evidence: Evidence,
    targets: CalibrationPlan,
    seed: int = SEED,
    draws: int = CHECK_DRAWS,
    individuals: int = CHECK_INDIVIDUALS,
    threads: int | None = None,
    progress: bool = False,
) -> Calibration:
    """The fit of the posterior that `evidence` holds, simulated again on every target; nothing is calibrated.

    Raises EvidenceError when a parameter of `targets.priors` is not drawn from a posterior.

    """
    start_time = time.perf_counter()
    posterior = shipped_posterior(evidence, targets)
    check_populations(evidence, targets.targets)
    run = _Run(evidence, individuals, seed, threads, progress)
    groups = populations(with_passages(study_model, targets), targets.targets)
    predictions = run.observe(groups, _columns(evidence, draws, seed), draws, 0)
    prior = prior_evidence(evidence, targets)
    return _made(
        targets, prior, posterior, predictions, None, seed, draws, individuals, time.perf_counter() - start_time
    )


def prior_evidence(evidence: Evidence, plan: CalibrationPlan) -> Evidence:
    """`evidence` with every calibrated parameter at its prior. Raises EvidenceError at a wrong prior's line."""
    prior = evidence.override(plan.priors, Place(plan.file))
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
    """Raise EvidenceError when a target sets an unknown parameter, or one outside its unit."""
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


def shipped_posterior(evidence: Evidence, plan: CalibrationPlan) -> dict[str, Floats]:
    """The values that `evidence` draws each calibrated parameter from. Raises EvidenceError for another source."""
    for name in plan.priors:
        parameter = evidence.parameters.get(name)
        if parameter is None or not isinstance(evidence.groups.get(parameter.group or ""), EmpiricalRows):
            raise EvidenceError(
                f"parameter {name!r} is not drawn from a posterior",
                where=parameter.place if parameter else evidence.file,
                value=parameter.spread.family if parameter else None,
                rule="--check simulates the posterior that is shipped",
                way_out="run `costeff calibrate` with --out first, and name its file under `groups`",
            )
    columns: dict[str, Floats] = {}
    for group in evidence.groups.values():
        if isinstance(group, EmpiricalRows):
            table = np.asarray(group.rows, dtype=float)
            columns |= {name: table[:, i] for i, name in enumerate(group.parameters) if name in plan.priors}
    return {name: columns[name] for name in plan.priors}


def _columns(evidence: Evidence, draws: int, seed: int) -> dict[str, Floats]:
    dataset = evidence.draw(draws, seed, METHOD)
    return {str(name): np.asarray(values.values) for name, values in dataset.data_vars.items()}


def _scores(columns: Mapping[str, Floats], names: Sequence[str]) -> Floats:
    from scipy.special import ndtri

    return np.asarray(ndtri(np.column_stack([columns[name] for name in names])))


def _values(prior: Evidence, names: Sequence[str], scores: Floats) -> dict[str, Floats]:
    from scipy.special import ndtr

    u = np.clip(ndtr(scores), 1e-12, 1 - 1e-12)
    return {name: np.asarray(prior.parameters[name].spread.ppf(u[:, i])) for i, name in enumerate(names)}


def _significant(columns: Mapping[str, Floats]) -> dict[str, Floats]:
    """Values as the file will hold them: six significant digits."""
    return {name: np.array([float(f"{x:.6g}") for x in column]) for name, column in columns.items()}


def _made(
    plan: CalibrationPlan,
    prior: Evidence,
    posterior: Mapping[str, Floats],
    after: Observed,
    before: Observed | None,
    seed: int,
    draws: int,
    individuals: int,
    seconds: float,
) -> Calibration:
    import pandas as pd

    priors = {name: prior.parameters[name] for name in plan.priors}
    settings: dict[str, Any] = {"seed": seed, "draws": draws, "individuals": individuals, "seconds": seconds}
    return Calibration(
        plan=plan,
        fit=fit_table(plan, after, before),
        contraction=contraction_table(priors, posterior),
        posterior=pd.DataFrame(dict(posterior)),
        priors=priors,
        checked_only=before is None,
        **settings,
    )
