"""How well figures that were left out are predicted: by source from all others, and the hold-outs.

A source is left out in closed form, on the model made linear near the posterior (`costeff.calibrate.linear`). z is the
distance in standard deviations of all that is uncertain: parameters, effects of the source, era and country, the
discrepancy within the source, and the figure's own error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, xlog1py, xlogy

from costeff.calibrate.hierarchy import POINTS, Problem, Solution, weighted_sds
from costeff.calibrate.likelihood import error_covariance, natural, transformed
from costeff.calibrate.linear import Linear, Mixture, left_out, normal_log_density
from costeff.calibrate.target import Target

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Z95 = 1.6448536269514722
RIVAL_SOURCE, RIVAL_WITHIN = 0.3, 0.2
"""SDs on the likelihood's scale of the rival whose sources err by a constant width."""


def by_source(targets: Sequence[Target]) -> dict[str, NDArray[np.intp]]:
    """The places of the targets of each source, in order."""
    names = dict.fromkeys(target.source for target in targets)
    return {name: np.array([i for i, t in enumerate(targets) if t.source == name]) for name in names}


def left_out_table(problem: Problem, solution: Solution) -> pd.DataFrame:
    """One row per fitted target, its source predicted from all others: 90 % interval, z, log density of the source."""
    nodes, _ = weighted_sds(problem, solution.linear, problem.seed)
    variances = problem.variances(nodes, POINTS)
    groups = by_source(problem.fitted)
    mixtures = left_out(solution.linear, problem.data, problem.error, problem.centres, variances, list(groups.values()))
    return _rows(problem, groups, mixtures)


def constant_width_table(problem: Problem, solution: Solution, with_effects: bool) -> pd.DataFrame:
    """The same of a rival: each source shifts its figures by one number of constant SD, whatever is counted.

    The sign of the shift is that of the figure's slopes on the source's own effects. `with_effects` keeps the effects
    of eras and countries.
    """
    linear, fitted = solution.linear, problem.fitted
    own = {effect.name for effect in problem.plan.effects if effect.by == "source"}
    size = len(problem.state.names)
    of_sources = [size + i for i, level in enumerate(problem.state.levels) if level.effect in own]
    others = [size + i for i, level in enumerate(problem.state.levels) if level.effect not in own]
    kept_columns = [*range(size), *(others if with_effects else [])]
    groups = by_source(fitted)
    shifts = np.zeros((len(fitted), len(groups)))
    for j, rows in enumerate(groups.values()):
        signs = np.sign(linear.slopes[np.ix_(rows, np.array(of_sources, dtype=int))].sum(axis=1))
        shifts[rows, j] = np.where(signs == 0, 1, signs)
    rival = Linear(linear.intercept, np.column_stack([linear.slopes[:, kept_columns], shifts]), linear.rest)
    scales = {effect.name: np.array([effect.sd]) for effect in problem.plan.effects if effect.unknown_sd}
    variances = np.array([*problem.variances(scales, 1)[0, kept_columns], *[RIVAL_SOURCE**2] * len(groups)])
    centres = np.array([*problem.centres[kept_columns], *np.zeros(len(groups))])
    error = error_covariance(fitted, RIVAL_WITHIN)
    return _rows(problem, groups, left_out(rival, problem.data, error, centres, variances[None], list(groups.values())))


def _rows(problem: Problem, groups: Mapping[str, NDArray[np.intp]], mixtures: Sequence[Mixture]) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for (source, places), mixture in zip(groups.items(), mixtures, strict=True):
        density = mixture.log_density(problem.data[places])
        for i, mean, sd in zip(places, mixture.mean, mixture.sd, strict=True):
            target = problem.fitted[i]
            low, high = natural(target, [mean - Z95 * sd, mean + Z95 * sd])
            rows.append(
                {
                    "source": source,
                    "target": target.name,
                    "family": target.family,
                    "published": target.value,
                    "predicted": float(natural(target, mean)),
                    "low": float(low),
                    "high": float(high),
                    "z": float((mean - problem.data[i]) / sd),
                    "sd": float(sd),
                    "log_density": density / len(places),
                }
            )
    return pd.DataFrame(rows)


def summary(table: pd.DataFrame) -> dict[str, float]:
    """Figures, root mean square z, number beyond 1.96, and log density, of a table of figures left out."""
    return {
        "figures": float(len(table)),
        "rms_z": float(np.sqrt((table["z"] ** 2).mean())),
        "beyond": float((table["z"].abs() > 1.959963984540054).sum()),
        "log_density": float(table["log_density"].sum()),
    }


def width_table(problem: Problem, solution: Solution, table: pd.DataFrame) -> pd.DataFrame:
    """Mean width of the 90 % interval per family on the likelihood's scale, beside that of source and figure alone.

    The second has no uncertainty of parameters, eras and countries: only a new source's effects, the discrepancy within
    it, and the error of the figure.
    """
    import pandas as pd

    nodes, weights = weighted_sds(problem, solution.linear, problem.seed)
    own = {effect.name for effect in problem.plan.effects if effect.by == "source"}
    size = len(problem.state.names)
    columns = [size + i for i, level in enumerate(problem.state.levels) if level.effect in own]
    variances = (weights @ problem.variances(nodes, POINTS))[columns]
    alone = (solution.linear.slopes[:, columns] ** 2) @ variances + np.diag(problem.error)
    places = {target.name: i for i, target in enumerate(problem.fitted)}
    rows = []
    for family in dict.fromkeys(table["family"]):
        part = table[table["family"] == family]
        width = 2 * Z95 * float(part["sd"].mean())
        least = 2 * Z95 * float(np.sqrt(alone[[places[name] for name in part["target"]]]).mean())
        rows.append(
            {"family": family or "other", "figures": len(part), "width": width, "alone": least, "ratio": width / least}
        )
    return pd.DataFrame(rows)


def holdout_table(problem: Problem, solution: Solution) -> pd.DataFrame:
    """One row per held-out target: 90 % interval, z, whether it is inside, and log densities of its source and a rival.

    The rival is the plain average of the published figures of the family that were fitted, with their spread.
    """
    import pandas as pd

    targets = problem.plan.used("holdout")
    if not targets:
        return pd.DataFrame()
    places = [problem.plan.targets.index(target) for target in targets]
    observations = solution.after.of(places)
    mean, whole = observations.values.mean(axis=0), np.atleast_2d(np.cov(observations.values.T))
    covariance = less_noise(whole, observations.noise) + error_covariance(targets, problem.plan.discrepancy)
    published = np.array([float(transformed(t, t.value)) for t in targets])
    averages = [family_average(problem.fitted, target) for target in targets]
    rows = []
    for source, group in by_source(targets).items():
        density = normal_log_density(published[group] - mean[group], covariance[np.ix_(group, group)])
        for i in group:
            sd = float(np.sqrt(covariance[i, i]))
            low, high = natural(targets[i], [mean[i] - Z95 * sd, mean[i] + Z95 * sd])
            centre, spread = averages[i]
            miss = np.array([published[i] - centre])
            rival = normal_log_density(miss, np.array([[spread**2]])) if spread > 0 else float("nan")
            rows.append(
                {
                    "source": source,
                    "target": targets[i].name,
                    "family": targets[i].family,
                    "published": targets[i].value,
                    "predicted": float(natural(targets[i], mean[i])),
                    "low": float(low),
                    "high": float(high),
                    "z": float((mean[i] - published[i]) / sd),
                    "inside": bool(abs(mean[i] - published[i]) <= Z95 * sd),
                    "log_density": density / len(group),
                    "average": rival,
                }
            )
    return pd.DataFrame(rows)


def less_noise(covariance: Floats, noise: Floats) -> Floats:
    """Covariance (K, K) without that of the simulation noise; each variance keeps at least a hundredth."""
    out = covariance - noise
    least = np.diag(covariance) / 100
    return np.asarray(out + np.diag(np.maximum(least - np.diag(out), 0)))


def family_average(fitted: Sequence[Target], target: Target) -> tuple[float, float]:
    """Mean and SD of the published figures of the target's family and kind (share or number), as they stand.

    Of all families where its own has fewer than two; NaN where there are none.
    """
    alike = [t for t in fitted if t.family == target.family and t.statistic.share == target.statistic.share]
    alike = alike if len(alike) > 1 else [t for t in fitted if t.statistic.share == target.statistic.share]
    if len(alike) < 2:
        return float("nan"), float("nan")
    values = np.array([float(transformed(t, t.value)) for t in alike])
    return float(values.mean()), float(values.std(ddof=1))


def binomial_p(successes: int, size: int, chance: float) -> float:
    """Two-sided exact p: the chance of a number no more likely than `successes`.

    >>> round(binomial_p(8, 10, 0.9), 4)
    0.2639
    """
    hits = np.arange(size + 1)
    ways = -betaln(size - hits + 1, hits + 1) - np.log(size + 1)
    chances = np.exp(ways + xlogy(hits, chance) + xlog1py(size - hits, -chance))
    return float(min(1.0, chances[chances <= chances[successes] * (1 + 1e-7)].sum()))


def shipped_table(problem: Problem, values: Floats, noise: Floats, discrepancy: float) -> pd.DataFrame:
    """The same of a posterior without effects, not refitted: `values` (J, K) simulated, `discrepancy` its SD."""
    mean = values.mean(axis=0)
    covariance = less_noise(np.atleast_2d(np.cov(values.T)), noise) + error_covariance(problem.fitted, discrepancy)
    groups = by_source(problem.fitted)
    one = np.ones(1)
    mixtures = [Mixture(one, mean[None, g], covariance[np.ix_(g, g)][None]) for g in groups.values()]
    return _rows(problem, groups, mixtures)
