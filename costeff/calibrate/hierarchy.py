"""Calibration with effects of sources, eras and countries: ES-MDA on scores of parameters and of the effects' levels.

The SDs of source effects are learned first, from the prior's own simulation: targets are regressed on what they read,
and the evidence of the published figures is compared between nodes of the SDs (`costeff.calibrate.linear`). Each member
then has an SD of its own, drawn from that, and the ensemble is moved towards the figures. At the end targets are
regressed again, on the ensembles near the posterior, for what is read off in closed form.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from costeff.analysis.smoother import ASSIMILATIONS, Predicted, posterior_ensemble
from costeff.calibrate.effects import Effect, Level, all_levels, effect_problems, multiplied
from costeff.calibrate.fits import with_passages
from costeff.calibrate.likelihood import error_covariance, transformed
from costeff.calibrate.linear import Linear, fit_linear, log_evidence, normalised
from costeff.calibrate.observe import Observed, Population, populations
from costeff.calibrate.setting import Run, check_populations, columns_of, moved, prior_evidence, significant
from costeff.calibrate.state import State, prior_sds
from costeff.calibrate.target import Target
from costeff.calibrate.targets import CalibrationPlan
from costeff.errors import ModelError
from costeff.evidence import Evidence
from costeff.evidence.draw import generator
from costeff.model import Model
from costeff.problems import raise_all

Floats = NDArray[np.float64]
POINTS = 1000
"""Nodes of the unknown SDs, drawn from their priors."""


@dataclass(frozen=True)
class Problem:
    """A calibration set up: P columns of the state, K targets to calibrate to, out of all targets of the plan.

    `spare` holds the levels that only held-out targets have; `rows` (K,) are the places of the fitted targets.
    """

    plan: CalibrationPlan
    prior: Evidence
    everything: tuple[Population, ...]
    groups: tuple[Population, ...]
    state: State
    spare: State
    rows: tuple[int, ...]
    data: Floats
    error: Floats
    seed: int = 1

    @property
    def fitted(self) -> tuple[Target, ...]:
        """The targets to calibrate to."""
        return tuple(self.plan.targets[row] for row in self.rows)

    @property
    def reads(self) -> NDArray[np.bool_]:
        """Which columns of the state each fitted target reads, (K, P)."""
        followers: dict[str, set[str]] = {}
        for name, leader in self.plan.leaders.items():
            followers.setdefault(leader, set()).add(name)
        mask = np.zeros((len(self.rows), len(self.state.addresses)), bool)
        for group in self.groups:
            own = {*group.parameters, *(level.name for level in group.levels)}
            row = [name in own or not own.isdisjoint(followers.get(name, ())) for name in self.state.addresses]
            mask[list(group.rows)] = row
        return mask

    @property
    def centres(self) -> Floats:
        """Prior means of the columns, (P,): scores of parameters, log ratios of levels."""
        return np.array([*np.zeros(len(self.state.names)), *(level.centre for level in self.state.levels)])

    def variances(self, sds: Mapping[str, Floats], size: int) -> Floats:
        """Prior variances of the columns for each node of the unknown SDs, (N, P)."""
        ones = np.ones((size, len(self.state.names)))
        levels = [sds.get(x.effect, np.full(size, x.sd)) ** 2 for x in self.state.levels]
        return np.column_stack([ones, *levels])

    def columns(self, scores: Floats, sds: Mapping[str, Floats]) -> Floats:
        """Scores of parameters and log ratios of levels, (J, P)."""
        size = len(self.state.names)
        ratios = self.state.log_ratios(scores[:, size:], sds)
        return np.column_stack([scores[:, :size], *(ratios[level.name] for level in self.state.levels)])


@dataclass(frozen=True)
class Solution:
    """What assimilation found: the ensemble (J, P), the SDs of its members, and what was simulated before and after.

    `values` holds the posterior of parameters and the log ratios of levels, (J,) each; `linear` the model near it.
    """

    ensemble: Floats
    sds: dict[str, Floats]
    before: Observed
    after: Observed
    values: dict[str, Floats]
    linear: Linear


def set_up(study_model: Model, evidence: Evidence, plan: CalibrationPlan, seed: int = 1) -> Problem:
    """The calibration of `plan`.

    Raises CosteffError for targets and effects that do not fit the model or the evidence.
    """
    prior = prior_evidence(evidence, plan)
    check_populations(prior, plan.targets)
    model = with_passages(study_model, plan)
    fitted = plan.used("calibrate")
    if not fitted:
        raise ModelError(
            "no figure is calibrated to",
            where=plan.file,
            value=f"{len(plan.targets)} held out",
            rule="at least one target with `use: calibrate`",
            way_out="write `use: calibrate` on some, or look at the fit of what ships with --check",
        )
    everything = populations(model, plan.targets, plan.effects)
    read = dict.fromkeys(name for group in everything for name in group.parameters)
    raise_all(list(effect_problems(plan.effects, plan.targets, tuple(read))))
    groups = populations(model, fitted, plan.effects)
    names = tuple(name for name in moved(prior, plan, groups) if name not in plan.leaders)
    state = State(prior, names, plan.leaders, all_levels(plan.effects, fitted), plan.effects)
    spare = tuple(x for x in all_levels(plan.effects, plan.targets) if x not in state.levels)
    return Problem(
        plan,
        prior,
        everything,
        groups,
        state,
        State(prior, (), {}, spare, plan.effects),
        tuple(plan.targets.index(t) for t in fitted),
        np.array([transformed(t, t.value) for t in fitted]),
        error_covariance(fitted, plan.discrepancy),
        seed,
    )


def drawn_prior(problem: Problem, draws: int, seed: int) -> tuple[Floats, dict[str, Floats], dict[str, Floats]]:
    """Scores of the prior (J, P), unknown SDs, and all that simulations read, by name."""
    columns, sds = columns_of(problem.prior, draws, seed), prior_sds(problem.plan.effects, draws, seed)
    scores, spare_scores = problem.state.scores(draws, seed), problem.spare.scores(draws, seed)
    moved_values = {**problem.spare.values(spare_scores, sds), **problem.state.values(scores, sds)}
    own = {name: v for name, v in moved_values.items() if name not in columns or name in problem.plan.leaders}
    return scores, sds, {**columns, **own}


Pass = tuple[Floats, Observed]
"""Columns (J, P) of an ensemble, and the fitted targets simulated with it."""


def assimilate(
    problem: Problem, run: Run, draws: int, before: Observed | None = None
) -> tuple[Floats, dict[str, Floats], list[Pass]]:
    """The posterior ensemble (J, P), the SDs of its members, and what was simulated on the way.

    `before` holds the fitted targets under the prior, if they have been simulated.
    """
    state, seed = problem.state, run.seed
    scores, sds, start = drawn_prior(problem, draws, seed)
    first = run.observe(problem.groups, start, draws, 0) if before is None else before
    if sds:
        sds = learned_sds(problem, linear_of(problem, [(problem.columns(scores, sds), first)]), sds, seed)
    passes: list[Pass] = []

    def predict(ensemble: Floats, update: int) -> Predicted:
        """The fitted targets; the prior has been simulated, but not with the SDs that were learned."""
        is_known, turn = update == 0 and not sds, update or ASSIMILATIONS + 1
        values = {**start, **state.values(ensemble, sds)}
        predictions = first if is_known else run.observe(problem.groups, values, draws, turn)
        passes.append((problem.columns(ensemble, sds), predictions))
        return Predicted(predictions.values, predictions.noise)

    by_source = bool(problem.plan.effects)
    ensemble = posterior_ensemble(
        scores,
        predict,
        problem.data,
        problem.error,
        names=[t.name for t in problem.fitted],
        seed=seed,
        noise_may_be_large=by_source,
        inflate=by_source,
    )
    return ensemble, sds, passes


def solve(problem: Problem, run: Run, draws: int) -> Solution:
    """The posterior of a problem, all its targets simulated before and after."""
    plan, state, seed = problem.plan, problem.state, run.seed
    scores, _, start = drawn_prior(problem, draws, seed)
    before = run.observe(problem.everything, start, draws, 0)
    ensemble, sds, passes = assimilate(problem, run, draws, before.of(problem.rows))
    values = state.values(ensemble, sds)
    posterior = significant({name: values[name] for name in plan.priors})
    ratios = {level.name: values[level.name] for level in state.levels}
    ratios |= problem.spare.values(problem.spare.scores(draws, seed), sds)
    # Rolled by half, so that a row meets the people of another member, as it will in every later use.
    rolled_columns = {
        name: np.roll(column, draws // 2) for name, column in columns_of(problem.prior, draws, seed).items()
    }
    after = run.observe(problem.everything, {**rolled_columns, **ratios, **posterior}, draws, ASSIMILATIONS)
    last = problem.columns(ensemble, sds)
    free = [i for i, name in enumerate(state.names) if name not in plan.priors]
    last[:, free] = np.roll(scores[:, free], draws // 2, axis=0)
    near = [*passes[1:], (last, after.of(problem.rows))]
    return Solution(ensemble, sds, before, after, {**posterior, **ratios}, linear_of(problem, near))


def linear_of(problem: Problem, passes: Sequence[tuple[Floats, Observed]]) -> Linear:
    """Each target regressed on what it reads, over these simulations: (columns (J, P), what was seen)."""
    columns = np.concatenate([part for part, _ in passes])
    values = np.concatenate([observed.values for _, observed in passes])
    noise = np.mean([np.diag(observed.noise) for _, observed in passes], axis=0)
    return fit_linear(columns, values, problem.reads, noise)


def learned_sds(problem: Problem, linear: Linear, sds: Mapping[str, Floats], seed: int) -> dict[str, Floats]:
    """Draws (J,) of the unknown SDs given the data: nodes of their priors, taken as often as their evidence says."""
    size = len(next(iter(sds.values())))
    nodes, weights = weighted_sds(problem, linear, seed)
    start = generator(seed, "calibrate: sds of effects").random()
    places = np.searchsorted(np.cumsum(weights)[:-1], (np.arange(size) + start) / size)
    order = generator(seed, "calibrate: order of sds").permutation(size)
    return {name: column[places[order]] for name, column in nodes.items()}


def weighted_sds(problem: Problem, linear: Linear, seed: int) -> tuple[dict[str, Floats], Floats]:
    """Nodes of the unknown SDs under their priors, (N,) each, and the weights (N,) that the data give them."""
    nodes = prior_sds(problem.plan.effects, POINTS, seed)
    variances = problem.variances(nodes, POINTS)
    return nodes, normalised(log_evidence(linear, problem.data, problem.error, problem.centres, variances))


def of_population(
    effects: Sequence[Effect], values: Mapping[str, Floats], ratios: Mapping[str, Floats], source: str
) -> dict[str, Floats]:
    """The parameters `values` (J,) of the people of one source: times its own effects, of log ratios `ratios`."""
    own = [Level(e.name, source, 0.0, e.sd) for e in effects if e.by == "source" and f"{e.name} @ {source}" in ratios]
    return {name: multiplied(name, column, effects, own, ratios) for name, column in values.items()}


def new_population(
    effects: Sequence[Effect], values: Mapping[str, Floats], sds: Mapping[str, Floats], seed: int
) -> dict[str, Floats]:
    """The parameters `values` (J,) of people who are no source's: times a draw of each effect's part `population`."""
    out = dict(values)
    for effect in effects:
        if effect.population:
            size = len(next(iter(values.values())))
            normal = generator(seed, f"calibrate: new population, {effect.name}").standard_normal(size)
            ratio = np.exp(np.sqrt(effect.population) * sds.get(effect.name, np.full(size, effect.sd)) * normal)
            out |= {name: out[name] * ratio for name in effect.parameters if name in out}
    return out


def held_out(plan: CalibrationPlan, sources: Sequence[str]) -> CalibrationPlan:
    """The plan with every target of these sources held out."""
    targets = (replace(t, use="holdout") if t.source in sources else t for t in plan.targets)
    return replace(plan, targets=tuple(targets))
