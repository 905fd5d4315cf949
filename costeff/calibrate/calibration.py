"""Calibrates parameters of a model to published targets, and re-simulates a posterior that is already shipped.

Every uncertain parameter that the simulation reads is moved on the scale of its normal score z (value =
quantile of Phi(z)), where its prior is exactly standard normal; for lognormal priors this is the log scale.
Parameters that are not calibrated, such as the share with a job to return to, are moved too, so that what
they explain is not put on the hazards; their own posterior is dropped, since it describes the sources'
people, and their priors are used again when the posterior is checked.
"""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from costeff.calibrate.effects import all_levels
from costeff.calibrate.fits import with_passages
from costeff.calibrate.hierarchy import Problem, Solution, new_population, of_population, set_up, solve
from costeff.calibrate.hierarchy_tables import hierarchy_of
from costeff.calibrate.observe import populations
from costeff.calibrate.register import OWN_SOURCE
from costeff.calibrate.report import Calibration, contraction_table, fit_table
from costeff.calibrate.scores import shipped_table
from costeff.calibrate.setting import Run, check_populations, columns_of, prior_evidence
from costeff.calibrate.state import State, prior_sds
from costeff.calibrate.targets import CalibrationPlan
from costeff.errors import EvidenceError
from costeff.evidence import EmpiricalRows, Evidence, Parameter
from costeff.model import Model

Floats = NDArray[np.float64]
DRAWS, INDIVIDUALS, SEED = 1000, 500, 1
CHECK_DRAWS, CHECK_INDIVIDUALS = 250, 1000
SHIPPED, SHIPPED_DISCREPANCY = "rival: parameters as shipped, discrepancy 0.1, no effects", 0.1


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
    With `effects`, the posterior is that of a new population, which draws the part of each effect that is population.
    Raises CosteffError for targets that do not fit the model or the evidence, and for too few draws or individuals.
    """
    start_time = time.perf_counter()
    problem = set_up(study_model, evidence, targets, seed)
    solution = solve(problem, Run(problem.prior, individuals, seed, threads, progress), draws)
    posterior = {name: solution.values[name] for name in targets.priors}
    hierarchy = None
    if targets.effects:
        hierarchy = hierarchy_of(problem, solution)
        as_shipped = _as_shipped(study_model, evidence, problem, Run(evidence, individuals, seed, threads, progress))
        hierarchy = hierarchy if as_shipped is None else hierarchy.with_rival(SHIPPED, as_shipped)
    return Calibration(
        plan=targets,
        fit=fit_table(targets, solution.after, solution.before),
        contraction=contraction_table(priors_of(problem.prior, targets), posterior),
        posterior=pd.DataFrame(_of_people(targets, solution, posterior, seed)),
        priors=priors_of(problem.prior, targets),
        seed=seed,
        draws=draws,
        individuals=individuals,
        seconds=time.perf_counter() - start_time,
        hierarchy=hierarchy,
    )


def _as_shipped(study_model: Model, evidence: Evidence, problem: Problem, run: Run) -> pd.DataFrame | None:
    """The fitted figures predicted by the posterior that `evidence` draws from, without effects; None without one."""
    empirical = {group for group, rows in evidence.groups.items() if isinstance(rows, EmpiricalRows)}
    if not any(p.group in empirical for name, p in evidence.parameters.items() if name in problem.plan.priors):
        return None
    groups = populations(with_passages(study_model, problem.plan), problem.fitted)
    predictions = run.observe(groups, columns_of(evidence, CHECK_DRAWS, run.seed), CHECK_DRAWS, 0)
    return shipped_table(problem, predictions.values, predictions.noise, SHIPPED_DISCREPANCY)


def _of_people(plan: CalibrationPlan, solution: Solution, posterior: dict[str, Floats], seed: int) -> dict[str, Floats]:
    """The posterior of a register's own population where one is among the targets, else of a new population."""
    if OWN_SOURCE in plan.sources:
        return of_population(plan.effects, posterior, solution.values, OWN_SOURCE)
    return new_population(plan.effects, posterior, solution.sds, seed)


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
    groups = populations(with_passages(study_model, targets), targets.targets, targets.effects)
    levels = State(evidence, (), {}, all_levels(targets.effects, targets.targets), targets.effects)
    drawn = levels.values(levels.scores(draws, seed), prior_sds(targets.effects, draws, seed))
    predictions = run.observe(groups, {**columns_of(evidence, draws, seed), **drawn}, draws, 0)
    prior = prior_evidence(evidence, targets)
    return Calibration(
        plan=targets,
        fit=fit_table(targets, predictions, None),
        contraction=contraction_table(priors_of(prior, targets), posterior),
        posterior=pd.DataFrame(posterior),
        priors=priors_of(prior, targets),
        seed=seed,
        draws=draws,
        individuals=individuals,
        seconds=time.perf_counter() - start_time,
        checked_only=True,
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


def priors_of(prior: Evidence, plan: CalibrationPlan) -> dict[str, Parameter]:
    """The prior of each calibrated parameter."""
    return {name: prior.parameters[name] for name in plan.priors}
