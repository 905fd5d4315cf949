"""Hazards of every state that the register shows, by interval of a clock, with the strategy's ratios.

The fit is checked against what was seen: shares in each state by its weekly transition probabilities, and by those
observed (Aalen-Johansen). Sizes: S states, T weeks, G groups.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from costeff.errors import ResultError
from costeff.trial.evaluation.person_values import covariate_columns
from costeff.trial.extract import WEEKS_OF_COST, Extract
from costeff.trial.hazards.families import FAMILIES, PIECEWISE, piecewise
from costeff.trial.hazards.likelihood import HazardFit, fit_hazards
from costeff.trial.hazards.parametric import fit_family
from costeff.trial.hazards.person_weeks import SPELL, TIME, person_weeks
from costeff.trial.lives import UNSEEN

SPLITS = (13, 26)
LIVES, LUCK = 20_000, 1
"""Lives, and their seed, by which shares are worked out where people have frailties."""


@dataclass(frozen=True, eq=False)
class FittedTrial:
    """Fits by state, with the names of states and covariates. `observed_shares` and `fitted_shares` (G, T, S).

    `currency` and `price_year` are those of the model that the trial is about. `asks_frailty`: whether states had one
    in question, which `has_frailty` of each fit answers.
    """

    fits: tuple[HazardFit, ...]
    states: tuple[str, ...]
    covariates: tuple[str, ...]
    clock: str
    splits: tuple[int, ...]
    starts: np.ndarray
    observed_shares: np.ndarray
    fitted_shares: np.ndarray
    rare: tuple[str, ...]
    currency: str
    price_year: int
    family: str = PIECEWISE
    asks_frailty: bool = False


def akaike(estimates: FittedTrial) -> float:
    """Akaike's criterion of all fits together: the smaller of two families' is the better one of the same moves."""
    return float(sum(2 * len(fit.coefficients) - 2 * fit.log_likelihood for fit in estimates.fits))


def fit_trial(
    extract: Extract,
    splits: Sequence[int] = SPLITS,
    clock: str = TIME,
    covariates: bool = False,
    family: str = PIECEWISE,
    has_frailty: bool = False,
) -> FittedTrial:
    """Fit all moves that at least the plan's smallest cell of people in each group make, in 52 weeks.

    `covariates`: those of the plan, less their mean, so that hazards are those of the mean person. On the clock of the
    spell, whoever is included late in one is at risk from there on. `family`: of the hazards, `piecewise` between
    `splits` or one of `FAMILIES`. `has_frailty`: one that all of a person's spells in a state share.
    """
    plan, trial = extract.plan, extract.trial
    order = np.concatenate([trial.group(plan.strategies[0]), trial.group(plan.strategies[-1])])
    weeks = trial.weeks[order][:, : WEEKS_OF_COST + 1]
    in_programme = (trial.strategy[order] != 0).astype(float)
    table, names = covariate_columns(extract, order) if covariates else (np.zeros((len(order), 0)), ())
    table = table - table.mean(axis=0)
    before = trial.attributes["spell_weeks"][order] if clock == SPELL else None
    states = extract.study.model.state_names
    fits, rare = [], []
    for state in np.unique(weeks[weeks != UNSEEN]).tolist():
        movers = _both_groups(weeks, state, in_programme, plan.smallest_cell)
        own = person_weeks(weeks, state, splits, plan.smallest_cell, before)
        rare += [f"{states[state]} -> {states[target]}" for target in _targets(weeks, state) if target not in movers]
        own = person_weeks(_without(weeks, state, movers), state, splits, plan.smallest_cell, before)
        if own.targets:
            if family == PIECEWISE and not has_frailty:
                fits.append(fit_hazards(own, in_programme, table))
            else:
                form = piecewise(splits) if family == PIECEWISE else FAMILIES[family]
                entry_time = None if before is None else np.where(weeks[:, 0] == state, before, 0)
                fits.append(fit_family(own, form, in_programme, table, entry_time, has_frailty=has_frailty))
    if not fits:
        raise ResultError(
            "no move that enough people make",
            rule=f"at least {plan.smallest_cell} people of each group",
            way_out="fit a trial of more people, or join states in the lens",
        )
    observed_shares = np.stack([_shares(weeks[in_programme == g], len(states)) for g in (0, 1)])
    expected_shares = _shares_with_frailty if any(fit.has_frailty for fit in fits) else _fitted_shares
    fitted_shares = np.stack([expected_shares(fits, observed_shares[g, 0], g, splits, clock) for g in (0, 1)])
    starts = _shares(weeks, len(states))[0]
    conventions = extract.study.model.conventions
    return FittedTrial(
        tuple(fits),
        states,
        tuple(names),
        clock,
        tuple(splits),
        starts,
        observed_shares,
        fitted_shares,
        tuple(rare),
        conventions.currency,
        conventions.price_year,
        family,
        has_frailty,
    )


def _targets(weeks: np.ndarray, state: int) -> list[int]:
    leaves = (weeks[:, :-1] == state) & (weeks[:, 1:] != state) & (weeks[:, 1:] != UNSEEN)
    return [int(one) for one in np.unique(weeks[:, 1:][leaves])]


def _both_groups(weeks: np.ndarray, state: int, in_programme: np.ndarray, fewest: int) -> list[int]:
    """Targets that enough people of each group go to."""
    out = []
    for target in _targets(weeks, state):
        makes = ((weeks[:, :-1] == state) & (weeks[:, 1:] == target)).any(axis=1)
        if min(int(makes[in_programme == g].sum()) for g in (0, 1)) >= fewest:
            out.append(target)
    return out


def _without(weeks: np.ndarray, state: int, targets: Sequence[int]) -> np.ndarray:
    """The weeks in which a move out of `state` to another target than these ends the time in sight."""
    out = weeks.copy()
    person, at = np.nonzero((weeks[:, :-1] == state) & (weeks[:, 1:] != state) & (weeks[:, 1:] != UNSEEN))
    for n, week in zip(person.tolist(), at.tolist(), strict=True):
        if weeks[n, week + 1] not in targets and out[n, week + 1] != UNSEEN:
            out[n, week + 1] = UNSEEN
    return out


def _shares(weeks: np.ndarray, states: int) -> np.ndarray:
    """Shares in each state by week (T, S): products of the weekly transitions of those in sight (Aalen-Johansen)."""
    share = np.bincount(weeks[:, 0][weeks[:, 0] != UNSEEN], minlength=states) / max((weeks[:, 0] != UNSEEN).sum(), 1)
    out = [share]
    for at in range(weeks.shape[1] - 1):
        now, after = weeks[:, at], weeks[:, at + 1]
        in_sight = (now != UNSEEN) & (after != UNSEEN)
        counts = np.zeros((states, states))
        np.add.at(counts, (now[in_sight], after[in_sight]), 1)
        totals = counts.sum(axis=1, keepdims=True)
        moves = np.where(totals > 0, counts / np.maximum(totals, 1), np.eye(states))
        out.append(out[-1] @ moves)
    return np.array(out)


def _fitted_shares(
    fits: Sequence[HazardFit], start: np.ndarray, group: int, splits: Sequence[int], clock: str
) -> np.ndarray:
    """The same by the fitted hazards; missing on the clock of the spell, where a week's row does not tell them."""
    out = [start]
    for at in range(WEEKS_OF_COST):
        moves = np.eye(len(start))
        for fit in fits:
            own = weekly_hazards(fit, at, splits, group)
            total = own.sum()
            moves[fit.state, list(fit.targets)] = own / total * -np.expm1(-total)
            moves[fit.state, fit.state] = np.exp(-total)
        out.append(out[-1] @ moves)
    shares = np.array(out)
    return shares if clock == TIME else np.full_like(shares, np.nan)


def _shares_with_frailty(
    fits: Sequence[HazardFit], start: np.ndarray, group: int, splits: Sequence[int], clock: str
) -> np.ndarray:
    """The same of many lives that are lived by the hazards, each with frailties of its own: their mean is no chain."""
    if clock != TIME:
        return np.full((WEEKS_OF_COST + 1, len(start)), np.nan)
    luck = np.random.default_rng(LUCK)
    now = np.searchsorted(np.cumsum(start / start.sum()), (np.arange(LIVES) + 0.5) / LIVES)
    frailty = {fit.state: _frailties(fit, luck) for fit in fits}
    out = [np.bincount(now, minlength=len(start)) / LIVES]
    for at in range(WEEKS_OF_COST):
        after = now.copy()
        for fit in fits:
            own = weekly_hazards(fit, at, splits, group)
            here = np.flatnonzero(now == fit.state)
            leaves = here[luck.random(len(here)) < -np.expm1(-own.sum() * frailty[fit.state][here])]
            which = np.searchsorted(np.cumsum(own / own.sum()), luck.random(len(leaves)))
            after[leaves] = np.array(fit.targets)[np.minimum(which, len(own) - 1)]
        now = after
        out.append(np.bincount(now, minlength=len(start)) / LIVES)
    return np.array(out)


def _frailties(fit: HazardFit, luck: np.random.Generator) -> np.ndarray:
    """Of each life, log normal with mean 1; exactly 1 where the state has none."""
    spread = float(np.exp(fit.coefficients[-1])) if fit.has_frailty else 0.0
    return np.asarray(np.exp(spread * luck.standard_normal(LIVES) - spread**2 / 2))


def weekly_hazards(fit: HazardFit, week: int, splits: Sequence[int], group: int) -> np.ndarray:
    """Hazards (M,) of a week of the clock, of every move of a state, at mean covariates and a frailty of 1."""
    if fit.family is None:
        return hazards_of(fit, int(np.searchsorted(np.asarray(splits), week, side="right")), group)
    width = len(fit.family.parameters)
    own = [fit.coefficients[fit.place(j) : fit.place(j) + width + 1] for j in range(len(fit.targets))]
    logs, _ = fit.family.logs(np.array([float(week)]), np.array([one[:width] for one in own]))
    return np.asarray(np.exp(logs[0] + group * np.array([one[width] for one in own])))


def hazards_of(fit: HazardFit, interval: int, group: int) -> np.ndarray:
    """Hazards (M,) a week of every move of a state, in an interval of the clock and a group, at mean covariates."""
    number = int(np.searchsorted(np.asarray(fit.intervals), interval, side="right")) - 1
    width = len(fit.intervals)
    at = [fit.place(j) for j in range(len(fit.targets))]
    return np.exp([fit.coefficients[p + max(number, 0)] + group * fit.coefficients[p + width] for p in at])
