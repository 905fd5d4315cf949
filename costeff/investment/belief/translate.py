"""From a belief in planner's units to ratios on return, by simulation of the case's own draws and people.

The ratio is found on the scale on which proportional hazards are straight lines: log(-log(1 - share)) of a share, the
log of mean weeks. A median is a share of one half after that many weeks. Sizes: D draws.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from costeff.compile.calendar import reformed
from costeff.errors import Place, ScenarioError
from costeff.evidence.draw import Design
from costeff.investment.belief.belief import LOCAL, TOLD_WEEKS, Belief, Guess, Measures, Translation
from costeff.investment.variant_models import only
from costeff.model.elements import StrategyEffect
from costeff.model.model import Model
from costeff.model.names import simulation_names
from costeff.model.two_strategies import without_unread
from costeff.problems import way_to
from costeff.simulation.simulate import simulate, undiscounted

FURTHEST = np.log(50.0)
"""Ratios beyond 50, or below 1/50, are not looked for."""
TRIES = 14
CLOSE = 2e-4
"""A share this near, or weeks within this part of themselves, are reached."""
NEAR_ENOUGH = 2e-3

#: Share back by week, with the programme or under usual care, at each of several (log local, log ratio).
Curves = Callable[[bool, Sequence[tuple[float, float]]], list[np.ndarray]]


@dataclass(frozen=True)
class Lives:
    """What is simulated for a translation: the case's model and its drawn parameters (D,)."""

    model: Model
    draws: Mapping[str, np.ndarray]
    tables: Mapping[str, Any]
    individuals: int
    design: Design
    threads: int | None = None

    def alike(self, other: Lives) -> bool:
        """Whether the two are the same lives, at whatever prices."""
        same_run = (self.individuals, self.design) == (other.individuals, other.design)
        if not same_run or (self.model is not other.model and self.model != other.model):
            return False
        names = simulation_names(undiscounted(self.model)) & set(self.draws)
        return all(n in other.draws and np.array_equal(self.draws[n], other.draws[n]) for n in names)


def return_legs(model: Model, parameter: str) -> tuple[str, ...]:
    """The legs on which the programme's ratio reads `parameter`."""
    own = [e for e in model.strategy_effects if _reads(model, e, parameter)]
    return tuple(dict.fromkeys(leg for e in own for leg in e.legs))


def with_own_effect(model: Model, belief: Belief) -> Model:
    """The model with no effect of the programme but the belief's, unless the others stand."""
    own = tuple(e for e in model.strategy_effects if _reads(model, e, belief.parameter))
    if belief.others or not belief.believes or len(own) in (0, len(model.strategy_effects)):
        return model
    return without_unread(model, {"strategy_effects": own})


def with_local_return(model: Model, belief: Belief) -> Model:
    """The model in which return has the local base rate, with and without the programme."""
    return reformed(model, dict.fromkeys(return_legs(model, belief.parameter), LOCAL), 0)


def check_belief(belief: Belief, model: Model, where: Place | None) -> None:
    """Raise ScenarioError for a passage or a ratio that the model does not have."""
    passages = [p.name for p in model.passages]
    if belief.passage not in passages:
        raise ScenarioError(
            "`effect` counts a passage that the model does not have",
            where=where,
            value=belief.passage,
            rule=f"first passages of the model: {', '.join(passages) or 'none'}",
            way_out=way_to(belief.passage, passages, "name one of them"),
        )
    if not return_legs(model, belief.parameter):
        raise ScenarioError(
            "`effect` puts its ratio where the model has no effect of a programme",
            where=where,
            value=belief.parameter,
            rule="`ratio` names the parameter that the programme's effect on return reads",
            way_out="name it under `ratio`",
        )
    most = model.conventions.horizon
    if belief.counted > most:
        raise ScenarioError(
            "`effect` counts beyond the years of the case",
            where=where,
            value=belief.counted,
            rule=f"the case has {most} weeks",
            way_out="write more `years`, or fewer weeks",
        )


def translate(belief: Belief, lives: Lives, where: Place | None = None) -> Translation:
    """The ratios that give what is believed. Raises ScenarioError for what no ratio reaches.

    The expected measure over the draws is what is met: of usual care today, then of the programme at its middle, low
    and high, all on the same people with the same luck.
    """
    check_belief(belief, lives.model, where)
    curves_at = _simulation(belief, lives)

    def usual(logs: Mapping[int, float]) -> list[float]:
        curves = curves_at(False, [(x, 0.0) for x in logs.values()])
        return [_measure(belief, curve, week_ends[i]) for i, curve in zip(logs, curves, strict=True)]

    guesses = _distinct(belief.today)
    week_ends = [_week(belief, v) for v in guesses]
    logs = _solve(usual, [_target(belief, v) for v in guesses], _slope(belief), where, "today")
    by_value = dict(zip(guesses, logs, strict=True))
    middle = by_value[belief.today.value]
    local = _ordered(by_value, belief.today)

    beliefs = _distinct(belief.programme)
    targets = [_target(belief, v) for v in beliefs]
    moving = [v for v in beliefs if v != belief.today.value]
    ends = [_week(belief, v) for v in moving]

    def programme(logs: Mapping[int, float]) -> list[float]:
        curves = curves_at(True, [(middle, x) for x in logs.values()])
        return [_measure(belief, curve, ends[i]) for i, curve in zip(logs, curves, strict=True)]

    by_belief = dict.fromkeys(beliefs, 0.0)  # what is as today has a ratio of exactly 1
    if moving:
        goals = [t for v, t in zip(beliefs, targets, strict=True) if v in moving]
        by_belief |= dict(zip(moving, _solve(programme, goals, _slope(belief), where, "programme"), strict=True))
    ratio = _ordered(by_belief, belief.programme)
    (usual_curve,) = curves_at(False, [(middle, 0.0)])
    (programme_curve,) = curves_at(True, [(middle, by_belief[belief.programme.value])])
    return Translation(local, ratio, _measures(belief, usual_curve), _measures(belief, programme_curve))


def measured(belief: Belief, lives: Lives) -> float:
    """The belief's figure with the programme, simulated on these lives with the ratios of its translation."""
    assert belief.translation is not None
    logs = np.log(belief.translation.local.value), np.log(belief.translation.ratio.value)
    (curve,) = _simulation(belief, lives)(True, [logs])
    return median_week(curve) if belief.measure == "median" else _measure(belief, curve, float(belief.weeks))


def _reads(model: Model, effect: StrategyEffect, parameter: str) -> bool:
    """Whether the ratio of a strategy effect depends on a parameter, by the model's definitions too."""
    names = {name for formula in effect.ratio for name in formula.names}
    names_read: set[str] = set()
    while names:
        name = names.pop()
        names_read.add(name)
        formula = model.definitions.get(name)
        names |= (set() if formula is None else set(formula.names)) - names_read
    return parameter in names_read


def _distinct(guess: Guess) -> list[float]:
    return list(dict.fromkeys((guess.value, guess.low, guess.high)))


def _ordered(logs: Mapping[float, float], guess: Guess) -> Guess:
    """The ratios of a guess, the lower of its ends first, which are more weeks or fewer back."""
    low, high = sorted((logs[guess.low], logs[guess.high]))
    return Guess(*(float(np.exp(x)) for x in (logs[guess.value], low, high)))


def _week(belief: Belief, value: float) -> float:
    """The week at which the share is read."""
    return value if belief.measure == "median" else float(belief.weeks)


def _target(belief: Belief, value: float) -> float:
    return 0.5 if belief.measure == "median" else value


def _slope(belief: Belief) -> float:
    return -1.0 if belief.measure == "mean" else 1.0


def share_after(curve: np.ndarray, week: float) -> float:
    """The share who have passed in week `week` or before; `curve` (W,) is the share in week 1, 2, ..., linear between.

    Whoever is back in the 26th week is back after 26 weeks, as in the effects of a model `within` so many weeks.

    >>> share_after(np.array([0.1, 0.3]), 1.5), share_after(np.array([0.1, 0.3]), 0.5)
    (0.2, 0.05)
    """
    return float(np.interp(week, np.arange(len(curve) + 1), np.concatenate([[0.0], curve])))


def mean_within(curve: np.ndarray, weeks: int) -> float:
    """The mean weeks until passed, nobody counted beyond `weeks`.

    >>> mean_within(np.array([0.5, 1.0]), 2)
    0.5
    """
    return float((1.0 - curve[:weeks]).sum())


def median_week(curve: np.ndarray) -> float:
    """The week by which half have passed; NaN where fewer ever do.

    >>> median_week(np.array([0.25, 0.75])), median_week(np.array([0.1]))
    (1.5, nan)
    """
    if curve[-1] < 0.5:
        return float("nan")
    after = int(np.argmax(curve >= 0.5))
    before = curve[after - 1] if after else 0.0
    return float(after + (0.5 - before) / (curve[after] - before))


def _measure(belief: Belief, curve: np.ndarray, week: float) -> float:
    return mean_within(curve, belief.weeks) if belief.measure == "mean" else share_after(curve, week)


def _measures(belief: Belief, curve: np.ndarray) -> Measures:
    shares = {week: share_after(curve, week) for week in belief.told if week <= len(curve)}
    within = belief.weeks if belief.measure == "mean" else min(TOLD_WEEKS[-1], len(curve))
    return Measures(shares, median_week(curve), mean_within(curve, within), within)


def _simulation(belief: Belief, lives: Lives) -> Curves:
    """Simulates the first passage for several pairs of ratios at once, each on the same draws, people and luck.

    Only the strategy that is asked for is simulated: people live the same lives in it as beside the other.
    """
    local_model = with_local_return(without_unread(lives.model, {"effects": ()}), belief)
    stay = next(p.stay for p in local_model.passages if p.name == belief.passage)
    weeks = max(belief.counted, TOLD_WEEKS[-1]) + stay
    model = undiscounted(local_model).with_horizon(min(weeks, lives.model.conventions.horizon))
    place = [p.name for p in model.passages].index(belief.passage)
    programme_name = next(name for name in model.strategy_names if name != model.comparator)
    models = {with_it: only(model, programme_name if with_it else model.comparator) for with_it in (False, True)}
    size = len(next(iter(lives.draws.values())))

    def run(with_programme: bool, pairs: Sequence[tuple[float, float]]) -> list[np.ndarray]:
        draws = {name: np.tile(values, len(pairs)) for name, values in lives.draws.items()}
        draws[LOCAL] = np.repeat([np.exp(local) for local, _ in pairs], size)
        draws[belief.parameter] = np.repeat([np.exp(ratio) for _, ratio in pairs], size)
        quantities = simulate(
            models[with_programme],
            draws,
            lives.tables,
            individuals=lives.individuals,
            seed=lives.design.seed,
            keys=np.tile(np.arange(size, dtype=np.uint64), len(pairs)),
            threads=lives.threads,
        ).quantities
        first_passages = quantities.passages[:, 0, :, place, :-1].sum(axis=1) / quantities.half_sizes.sum()
        return list(np.cumsum(first_passages, axis=-1).reshape(len(pairs), size, -1).mean(axis=1))

    return run


def _solve(
    measure: Callable[[Mapping[int, float]], list[float]],
    targets: Sequence[float],
    slope: float,
    where: Place | None,
    key: str,
) -> list[float]:
    """Log ratios at which the measures reach their targets, all at once by the secant on a straight scale.

    `measure` is given the log ratios of those that have not reached theirs, by number.
    """
    scale = np.log if slope < 0 else _cloglog
    goal = scale(np.asarray(targets))
    at, slopes = np.zeros(len(targets)), np.full(len(targets), slope)
    best, error = at.copy(), np.full(len(targets), np.inf)
    last: tuple[np.ndarray, np.ndarray] | None = None
    values = np.zeros(len(targets))
    for _ in range(TRIES):
        open_ = np.flatnonzero(error >= CLOSE).tolist()
        values[open_] = measure({i: float(at[i]) for i in open_})
        off = np.abs(values - targets) / (np.asarray(targets) if slope < 0 else 1.0)
        best, error = np.where(off < error, at, best), np.minimum(off, error)
        if (error < CLOSE).all():
            break
        height = scale(values)
        if last is not None:
            with np.errstate(divide="ignore", invalid="ignore"):
                secant = (height - last[1]) / (at - last[0])
            slopes = np.where(np.isfinite(secant) & (secant * slope > 0.1), secant, slopes)
        last = at, height
        at = np.where(error < CLOSE, best, np.clip(at + (goal - height) / slopes, -FURTHEST, FURTHEST))
        if (at == last[0]).all():
            break
    if (error > NEAR_ENOUGH).any():
        wrong = int(np.argmax(error))
        raise ScenarioError(
            f"no ratio on return gives the `{key}` of `effect`",
            where=where,
            value=f"{targets[wrong]:g}",
            rule="others die, retire or go on to other benefits, and few simulated people make coarse steps",
            way_out="correct the figure, or simulate more draws and individuals",
        )
    return [float(x) for x in best]


def _cloglog(share: np.ndarray) -> np.ndarray:
    inside = np.clip(share, 1e-9, 1 - 1e-9)
    return np.asarray(np.log(-np.log1p(-inside)))
