"""Hazards of any family by maximum likelihood, with a frailty that all spells of one person share.

The frailty multiplies all hazards of a person out of one state: log normal with mean 1. A person's likelihood is the
mean over it, by quadrature. Whoever is included late in a spell has lasted until then, and who lasts is less frail: the
likelihood is of what was seen, given that. Before inclusion there was no programme. Without frailty that is nothing but
being at risk from there on. Sizes: R rows, M moves, B parameters of the family, C covariates and 1 for the group, K
points, P = M (B + C) coefficients and 1 more of the frailty.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from costeff.errors import ResultError
from costeff.trial.hazards.families import Family
from costeff.trial.hazards.likelihood import NUDGE, HazardFit, check_groups, log_likelihood_of
from costeff.trial.hazards.person_weeks import PersonWeeks

POINTS = 21
NO_FRAILTY = 0.05
"""Standard deviation of the log frailty below which the likelihood says that there is none."""
GRADIENT = 1e-4


def fit_family(
    own: PersonWeeks,
    family: Family,
    in_programme: np.ndarray,
    covariates: np.ndarray,
    before: np.ndarray | None = None,
    *,
    has_frailty: bool = False,
) -> HazardFit:
    """Fit every move out of one state.

    Parameters
    ----------
    own
        Weeks at risk and moves.
    family
        Of the hazards over the clock.
    in_programme, covariates
        (N,) and (N, C), centred, of all people.
    before
        (N,) weeks of the clock that had gone by when each person was included in the state; 0 for all others.
    has_frailty
        Whether spells of one person share a frailty. The fit is without where it makes Akaike's criterion no better.

    Raises
    ------
    ResultError
        Where only one group makes a move, or the likelihood has no maximum.
    """
    from scipy.optimize import minimize

    check_groups(own, in_programme)
    likelihood = _Likelihood.of(own, family, in_programme, covariates, before, has_frailty)

    def negative(theta: np.ndarray) -> tuple[float, np.ndarray]:
        value, scores = likelihood.terms(theta)
        return -float(value.sum()), -scores.sum(axis=0)

    result = minimize(
        negative, likelihood.start(), jac=True, method="BFGS", options={"gtol": GRADIENT * len(own.move) ** 0.5}
    )
    theta = result.x
    if has_frailty:
        without = fit_family(own, family, in_programme, covariates, before)
        if np.exp(theta[-1]) < NO_FRAILTY or -result.fun < without.log_likelihood + 1:
            return without
    steps = np.eye(len(theta)) * NUDGE
    information = np.stack([(negative(theta + e)[1] - negative(theta - e)[1]) / (2 * NUDGE) for e in steps])
    information = (information + information.T) / 2
    if not np.isfinite(information).all() or np.linalg.eigvalsh(information)[0] <= 0:
        raise ResultError(
            "hazards whose likelihood has no maximum",
            value=f"{family.name}, {len(own.move)} weeks at risk, {int((own.move >= 0).sum())} moves",
            rule="the data bend the likelihood in every parameter",
            way_out="choose a family with fewer parameters (--family exponential), or fit without --frailty",
        )
    inverse = np.linalg.inv(information)
    value, scores = likelihood.terms(theta)
    factor = len(scores) / max(len(scores) - 1, 1)
    events = np.bincount(own.move[own.move >= 0], minlength=len(own.targets))
    return HazardFit(
        own.state,
        own.targets,
        tuple(range(len(family.parameters))),
        theta,
        factor * inverse @ (scores.T @ scores) @ inverse,
        tuple(events.tolist()),
        float(value.sum()),
        family,
        has_frailty,
    )


@dataclass(frozen=True, eq=False)
class _Likelihood:
    """What the likelihood is made of; rows stand person after person, `first` (people,) says where each begins."""

    own: PersonWeeks
    family: Family
    weeks: np.ndarray
    number: np.ndarray
    first: np.ndarray
    columns: np.ndarray
    entry_weeks: np.ndarray
    has_frailty: bool

    @classmethod
    def of(
        cls,
        own: PersonWeeks,
        family: Family,
        in_programme: np.ndarray,
        covariates: np.ndarray,
        before: np.ndarray | None,
        has_frailty: bool,
    ) -> _Likelihood:
        order = np.argsort(own.person, kind="stable")
        sorted_rows = replace(
            own, person=own.person[order], interval=own.interval[order], move=own.move[order], week=own.week[order]
        )
        people, first = np.unique(sorted_rows.person, return_index=True)
        weeks, number = np.unique(sorted_rows.week, return_inverse=True)
        entry_weeks = np.zeros(len(people), int) if before is None else before[people].astype(int)
        columns = np.column_stack([in_programme, covariates])[people]
        return cls(sorted_rows, family, weeks.astype(float), number, first, columns, entry_weeks, has_frailty)

    @property
    def moves(self) -> int:
        return len(self.own.targets)

    def start(self) -> np.ndarray:
        events = np.bincount(self.own.move[self.own.move >= 0], minlength=self.moves)
        zeros = [0.0] * self.columns.shape[1]
        own = [x for count in events for x in (*self.family.starts(count / len(self.own.move)), *zeros)]
        return np.array([*own, np.log(0.5)] if self.has_frailty else own)

    def points(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
        """(scores (K,), weights (K,), standard deviation) of the log frailty."""
        if not self.has_frailty:
            return np.zeros(1), np.ones(1), 0.0
        score, weight = np.polynomial.hermite_e.hermegauss(POINTS)
        return score, weight / weight.sum(), float(np.exp(np.clip(theta[-1], -10, 1.5)))

    def terms(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Log likelihood (people,) and scores (people, P) of each person."""
        size, parameters = len(self.family.parameters) + self.columns.shape[1], len(self.family.parameters)
        beta = theta[: self.moves * size].reshape(self.moves, size)
        logs, slopes = self.family.logs(self.weeks, beta[:, :parameters])
        counts = np.diff(np.r_[self.first, len(self.own.move)])
        which = np.repeat(np.arange(len(self.first)), counts)
        log_hazard = logs[self.number] + (self.columns @ beta[:, parameters:].T)[which]
        score, weight, spread = self.points(theta)
        log_frailty = spread * score - spread**2 / 2
        hazard_before, slopes_before = self._hazard_before(beta[:, :parameters], beta[:, parameters:])
        by_point = np.empty((len(score), len(self.first)))
        slope_of_row = np.empty((len(score), *log_hazard.shape))
        for k, shift in enumerate(log_frailty):
            value, slope_of_row[k] = log_likelihood_of(log_hazard + shift, self.own.move)
            by_point[k] = np.add.reduceat(value, self.first)
        frailty = np.exp(log_frailty)[:, None]
        before = -hazard_before.sum(axis=1) * frailty
        total, posterior = _mean(by_point + before, weight)
        entry, prior = _mean(before, weight)
        row_slope = np.einsum("kr,krm->rm", posterior[:, which], slope_of_row)
        to_before = ((prior - posterior) * frailty).sum(axis=0)
        scores = self._scores(row_slope, slopes, which, to_before, hazard_before, slopes_before)
        if self.has_frailty:
            from_rows = np.add.reduceat(slope_of_row.sum(axis=2), self.first, axis=1)
            away = (score - spread)[:, None]
            by_spread = (posterior * (from_rows + before) * away).sum(axis=0) - (prior * before * away).sum(axis=0)
            scores = np.column_stack([scores, spread * by_spread])
        return total - entry, scores

    def _hazard_before(self, of_family: np.ndarray, of_columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Hazards summed until inclusion (people, M), without the programme, and their slopes (people, M, B)."""
        end = int(self.entry_weeks.max(initial=0))
        if end == 0 or not self.has_frailty:
            shape = (len(self.first), self.moves)
            return np.zeros(shape), np.zeros((*shape, of_family.shape[1]))
        logs, slopes = self.family.logs(np.arange(end, dtype=float), of_family)
        hazard = np.exp(logs)
        sums = np.concatenate([np.zeros((1, self.moves)), np.cumsum(hazard, axis=0)])
        slope_sums = np.cumsum(hazard[:, :, None] * slopes, axis=0)
        slope_sums = np.concatenate([np.zeros((1, *slope_sums.shape[1:])), slope_sums])
        factor = np.exp(self.columns[:, 1:] @ of_columns[:, 1:].T)
        return sums[self.entry_weeks] * factor, slope_sums[self.entry_weeks] * factor[:, :, None]

    def _scores(
        self,
        row_slope: np.ndarray,
        slopes: np.ndarray,
        which: np.ndarray,
        to_before: np.ndarray,
        hazard_before: np.ndarray,
        slopes_before: np.ndarray,
    ) -> np.ndarray:
        """Scores (people, M (B + C)) of everything but the frailty."""
        of_family = np.add.reduceat(row_slope[:, :, None] * slopes[self.number], self.first, axis=0)
        of_family += to_before[:, None, None] * slopes_before
        by_person = np.add.reduceat(row_slope, self.first, axis=0)
        of_columns = by_person[:, :, None] * self.columns[:, None, :]
        of_columns[:, :, 1:] += (to_before[:, None] * hazard_before)[:, :, None] * self.columns[:, None, 1:]
        return np.concatenate([of_family, of_columns], axis=2).reshape(len(self.first), -1)


def _mean(logs: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(log of the weighted mean (people,), share of each point in it (K, people)) of logs (K, people)."""
    top = logs.max(axis=0)
    parts = weight[:, None] * np.exp(logs - top)
    total = parts.sum(axis=0)
    return top + np.log(total), parts / total
