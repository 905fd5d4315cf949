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
from typing import Any

import numpy as np
from numpy.typing import NDArray

from costeff.calibrate.fits import with_passages
from costeff.calibrate.likelihood import error_covariance, transformed
from costeff.calibrate.observe import Observed, populations
from costeff.calibrate.report import Calibration, contraction_table, fit_table
from costeff.calibrate.setting import METHOD, Run, check_populations, columns_of, moved, prior_evidence, significant
from costeff.calibrate.smoother import ASSIMILATIONS, Predicted, posterior_ensemble
from costeff.calibrate.targets import CalibrationPlan
from costeff.errors import EvidenceError
from costeff.evidence import EmpiricalRows, Evidence
from costeff.evidence.draw import uniforms
from costeff.model import Model

Floats = NDArray[np.float64]
DRAWS, INDIVIDUALS, SEED = 1000, 2000, 1
CHECK_DRAWS, CHECK_INDIVIDUALS = 250, 1000


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
    run = Run(prior, individuals, seed, threads, progress)
    start = columns_of(prior, draws, seed)
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
    posterior = significant({n: v for n, v in _values(prior, names, ensemble).items() if n in targets.priors})
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
    run = Run(evidence, individuals, seed, threads, progress)
    groups = populations(with_passages(study_model, targets), targets.targets)
    predictions = run.observe(groups, columns_of(evidence, draws, seed), draws, 0)
    prior = prior_evidence(evidence, targets)
    return _made(
        targets, prior, posterior, predictions, None, seed, draws, individuals, time.perf_counter() - start_time
    )


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


def _scores(columns: Mapping[str, Floats], names: Sequence[str]) -> Floats:
    from scipy.special import ndtri

    return np.asarray(ndtri(np.column_stack([columns[name] for name in names])))


def _values(prior: Evidence, names: Sequence[str], scores: Floats) -> dict[str, Floats]:
    from scipy.special import ndtr

    u = np.clip(ndtr(scores), 1e-12, 1 - 1e-12)
    return {name: np.asarray(prior.parameters[name].spread.ppf(u[:, i])) for i, name in enumerate(names)}


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
