"""Simulation-based calibration: posteriors of truths that were simulated, and where each truth lies among their draws.

Each truth is drawn from the priors, its figures are simulated and get their error, and the posterior is found as
always. If the method is right, the truth's rank among the draws is uniform (Talts et al. 2018, arXiv:1804.06788).
Uniformity is tested by Neyman's smooth test of order 4, which sees location, spread, skewness and tails; p values over
all quantities are corrected by Holm's method.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from costeff.calibrate.hierarchy import Problem, assimilate, drawn_prior, set_up
from costeff.calibrate.setting import Run
from costeff.calibrate.targets import CalibrationPlan
from costeff.evidence import Evidence
from costeff.evidence.draw import generator
from costeff.model import Model
from costeff.simulation.parts import finished_parts
from costeff.simulation.store import Arrays

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
TRUTHS, DRAWS, INDIVIDUALS = 200, 200, 300
SCALES = (1.0, 0.7, 1.5)
"""What the SDs of the posteriors are multiplied by; at 1 the posterior as it is, at the others one that is wrong."""
TRUE_INDIVIDUALS = 8
"""A truth's figures are read from this many times as many individuals as the posterior's draws."""
Z95 = 1.6448536269514722


@dataclass(frozen=True)
class Ranks:
    """Where truths lie: one row per truth, one column per quantity.

    `shares` (scales, T, Q) are the shares of the draws below the truth, for each of `SCALES`; `names` (Q,) are those of
    parameters' scores, log ratios of effects' levels, and SDs of effects.
    """

    names: tuple[str, ...]
    shares: Floats

    def table(self, scale: int = 0) -> pd.DataFrame:
        """One row per quantity: p of uniform ranks, the same by Holm, coverage of the 90 % interval."""
        import pandas as pd

        shares = self.shares[scale]
        p = np.array([smooth_p(column) for column in shares.T])
        inside = ((shares > 0.05) & (shares < 0.95)).mean(axis=0)
        return pd.DataFrame({"quantity": self.names, "p": p, "holm": holm(p), "coverage": inside})

    def verdict(self, scale: int = 0) -> tuple[float, float]:
        """The least p by Holm, and the coverage of the 90 % interval over all quantities."""
        table = self.table(scale)
        return float(table["holm"].min()), float(table["coverage"].mean())

    def lines(self) -> list[str]:
        """The table, histograms of ten bins, and the verdicts on posteriors that are wrong."""
        table = self.table()
        truths = self.shares.shape[1]
        out = [
            f"Ranks of {truths} simulated truths; ten bins, {truths / 10:g} expected in each",
            f"{'quantity':<42}{'p':>7}{'Holm':>7}{'90 %':>7}  histogram",
        ]
        for row, column in zip(table.to_dict("records"), self.shares[0].T, strict=True):
            bins = np.bincount(np.minimum((column * 10).astype(int), 9), minlength=10)
            cells = f"{row['p']:>7.3f}{row['holm']:>7.3f}{row['coverage']:>7.3f}"
            out.append(f"{row['quantity']:<42}{cells}  {' '.join(f'{n:3d}' for n in bins)}")
        for i, scale in enumerate(SCALES):
            least, inside = self.verdict(i)
            out.append(f"SDs times {scale:g}: least p by Holm {least:.2g}, pooled coverage of 90 % {inside:.3f}")
        return out


def ranks(
    study_model: Model,
    evidence: Evidence,
    plan: CalibrationPlan,
    *,
    truths: int = TRUTHS,
    draws: int = DRAWS,
    individuals: int = INDIVIDUALS,
    seed: int = 1,
    threads: int | None = None,
    progress: bool = False,
) -> Ranks:
    """Ranks of simulated truths among the draws of their posteriors, each an ensemble of `draws` members.

    Each truth is a part (`costeff.simulation.parts`): a workplace keeps it, so that more truths, or those after a stop,
    go on from there, and a cluster works several out at once. The first truths are the same however many there are.
    """
    import sys

    from tqdm import tqdm

    problem = set_up(study_model, evidence, plan, seed)
    names = quantities(problem)
    shares = np.empty((len(SCALES), truths, len(names)))
    parts = finished_parts(_truth, _Truths(problem, seed, draws, individuals), range(truths), threads=threads)
    show = tqdm(parts, total=truths, unit="truth", disable=not progress, file=sys.stderr, leave=False)
    for t, arrays in enumerate(show):
        shares[:, t] = arrays["shares"]
    return Ranks(names, shares)


@dataclass(frozen=True)
class _Truths:
    """What all truths share."""

    problem: Problem
    seed: int
    draws: int
    individuals: int


def _truth(of_all: _Truths, t: int) -> Arrays:
    """One truth, in one thread."""
    return {"shares": _one(of_all.problem, of_all.seed, t, of_all.draws, of_all.individuals, 1)}


def quantities(problem: Problem) -> tuple[str, ...]:
    """What is ranked: scores of calibrated parameters, log ratios of levels, unknown SDs."""
    own = [name for name in problem.state.names if name in problem.plan.priors]
    sds = [f"sd of {effect.name}" for effect in problem.plan.effects if effect.unknown_sd]
    return (*own, *(level.name for level in problem.state.levels), *sds)


def _one(problem: Problem, seed: int, t: int, draws: int, individuals: int, threads: int | None) -> Floats:
    """Shares (scales, Q) of the draws below one truth."""
    own_seed = int(generator(seed, f"ranks: truth {t}").integers(1, 2**62))
    truth = Run(problem.prior, individuals * TRUE_INDIVIDUALS, own_seed, threads, False)
    scores, sds, values = drawn_prior(problem, 1, own_seed)
    figures = truth.observe(problem.groups, values, 1, 0).values[0]
    error = generator(own_seed, "ranks: error of the figures").standard_normal(len(figures))
    data = figures + np.linalg.cholesky(problem.error) @ error
    posed = replace(problem, data=data, seed=own_seed + 1)
    run = Run(problem.prior, individuals, own_seed + 1, threads, False)
    ensemble, member_sds, _ = assimilate(posed, run, draws)
    mask = [i for i, name in enumerate(problem.state.addresses) if name in set(quantities(problem))]
    real = np.array([*problem.columns(scores, sds)[0, mask], *(v[0] for v in sds.values())])
    members = np.column_stack([problem.columns(ensemble, member_sds)[:, mask], *member_sds.values()])
    centre = members.mean(axis=0)
    return np.array([((centre + s * (members - centre)) < real).mean(axis=0) for s in SCALES])


def smooth_p(shares: Sequence[float] | Floats) -> float:
    """p of Neyman's smooth test of order 4 that `shares` (T,) are uniform on 0-1.

    >>> smooth_p((np.arange(200) + 0.5) / 200) > 0.99, smooth_p((np.arange(200) + 0.5) / 400) < 1e-9
    (True, True)
    """
    from scipy.special import eval_legendre
    from scipy.stats import chi2

    x = 2 * np.asarray(shares) - 1
    sums = [np.sqrt(2 * k + 1) * eval_legendre(k, x).sum() / np.sqrt(len(x)) for k in (1, 2, 3, 4)]
    return float(chi2.sf(np.square(sums).sum(), 4))


def holm(p: Floats) -> Floats:
    """p values corrected for their number by Holm's method.

    >>> holm(np.array([0.01, 0.04, 0.03])).tolist()
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p)
    by_order = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)), 1)
    out = np.empty(len(p))
    out[order] = by_order
    return out
