"""Checks of lives: people are neither lost nor made, and die as declared (TECH-VER, events and states)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from costeff.model import Expression, Model, Transition
from costeff.verification.subject import LIVES, LOTS, PEOPLE, SEED, Run, Subject, model_with
from costeff.verification.verdict import Verdict, check, failing, of_equal, of_limits, of_names, passing, without

LUCK = 7.0
"""Standard errors, from lots of people, that luck does not reach: below 1 in 100,000 comparisons of 16 lots."""
WHOLE_TIME = ("none", "none_end", "half_cycle", "simpson")
"""Rules within the cycle whose weights add up to the horizon."""


@check("shares_sum", "lives", "8")
def shares_sum(subject: Subject) -> Verdict:
    """Shares of people over the states."""
    if subject.model.system is not None:
        return without("system")
    return of_equal(subject.draws.trace.sum(axis=1), 1.0)


@check("shares_are_shares", "lives", "9, 10")
def shares_are_shares(subject: Subject) -> Verdict:
    """Every share by itself."""
    if subject.model.system is not None:
        return without("system")
    return of_limits(subject.draws.trace, 0, 1)


@check("nobody_is_lost", "lives", "8, 26")
def nobody_is_lost(subject: Subject) -> Verdict:
    """People in all states of a system, and who came and left, on every day."""
    come_and_gone = subject.draws.simulated.quantities.come_and_gone
    if come_and_gone is None:
        return without("no_system")
    return of_equal(subject.draws.simulated.quantities.trace.sum(axis=1), come_and_gone[:, 0] - come_and_gone[:, 1], 0)


@check("places_hold_who_is_on_them", "lives", "9")
def places_hold_who_is_on_them(subject: Subject) -> Verdict:
    """Time of people on places beside the time that these stand ready."""
    states = {state.counts: state.name for state in subject.model.states if state.counts}
    system = subject.model.system
    places_of_states = [] if system is None else [one for one in system.places if one.name in states]
    if not places_of_states:
        return without("no_system")
    names, time = subject.model.state_names, subject.draws.time.sum(axis=-1)
    time_on_places = [
        sum(time[:, :, names.index(own)] for own in dict.fromkeys(one.states)) for one in places_of_states
    ]
    ready = [time[:, :, names.index(states[one.name])] for one in places_of_states]
    return of_limits(np.array(time_on_places), 0, np.array(ready))


@check("dead_stay_dead", "lives", "11")
def dead_stay_dead(subject: Subject) -> Verdict:
    """The dead over time."""
    dead = [not state.alive for state in subject.model.states]
    if not any(dead):
        return without("no_death")
    return of_limits(np.diff(subject.draws.trace[:, dead].sum(axis=1)), 0, 1)


@check("states_balance", "lives", "26")
def states_balance(subject: Subject) -> Verdict:
    """Who enters a state less who leaves it."""
    if subject.model.conventions.events_at == "end_weighted":
        return without("weighted_events")
    missing = _missing(subject.draws)
    if subject.model.system is not None:  # the outside has room for everybody
        missing[:, subject.model.state_names.index(subject.model.system.arrivals.outside)] = 0
    if not subject.model.deadlines:
        return of_equal(1 + missing, 1.0)
    c = subject.model.conventions  # who is due at the start has moved when people are first counted
    first = model_with(subject.model, conventions=replace(c, horizon=1), effects=(), windows=())
    one = _of_the_first_window(first)
    return of_equal(1 + missing, 1 + _missing(subject.run(one, subject.drawn_values)))


def _of_the_first_window(model: Model) -> Model:
    """Ratios of the first window alone, as a horizon of one cycle has it."""
    first = tuple(replace(e, ratio=e.ratio[:1], categories=()) for e in model.strategy_effects)
    return model_with(model, strategy_effects=first)


def _missing(run: Run) -> np.ndarray:
    """Shares by strategy and state at the start, with who came and without who left, less those at the end."""
    names = run.model.state_names
    missing: np.ndarray = run.trace[:, :, 0] - run.trace[:, :, -1]
    for event, pair in enumerate(run.simulated.layout.pairs):
        source, target = pair.split(" -> ")
        share = run.events[:, :, event].mean(axis=0)
        missing[:, names.index(source)] -= share
        missing[:, names.index(target)] += share
    return missing


@check("time_is_the_horizon", "lives", "48")
def time_is_the_horizon(subject: Subject) -> Verdict:
    """Time in all states, the dead's too."""
    c = subject.model.conventions
    if subject.model.system is not None:
        return without("system")
    if c.within_cycle not in WHOLE_TIME:
        return without("weights")
    return of_equal(subject.draws.time.sum(axis=(2, 3)), c.horizon)


@check("time_by_hand", "lives", "45")
def time_by_hand(subject: Subject) -> Verdict:
    """Time in each state from the shares at the points of time, by the declared rule within the cycle."""
    if subject.model.system is not None:
        return without("system")
    trace, rule = subject.draws.trace, subject.model.conventions.within_cycle
    ends = {"none": trace[..., :-1], "none_end": trace[..., 1:], "half_cycle": (trace[..., :-1] + trace[..., 1:]) / 2}
    if rule not in ends or (rule == "half_cycle" and subject.model.deadlines):
        return without("weights")
    return of_equal(subject.draws.time.mean(axis=0).sum(axis=-1), ends[rule].sum(axis=-1))


def deaths(model: Model) -> list[Transition]:
    """Exits from a living state to a dead one."""
    alive = {state.name: state.alive for state in model.states}
    return [t for t in model.transitions if alive[t.source] and not alive[t.target]]


def _with_deaths(model: Model, factor: float) -> Model:
    """The model with all hazards of death times a factor."""

    def times(t: Transition) -> Transition:
        if t.hazard is not None:
            return replace(t, hazard=Expression(f"{factor} * ({t.hazard.text})"))
        assert t.probability is not None
        return replace(t, probability=Expression(f"1 - (1 - ({t.probability.text})) ** {factor}"))

    exits = deaths(model)
    return model_with(model, transitions=tuple(times(t) if t in exits else t for t in model.transitions))


def _deadly(model: Model) -> bool:
    alive = {state.name: state.alive for state in model.states}
    return any(alive[d.source] and not alive[d.target] for d in model.deadlines)


@check("nobody_dies_without_hazard", "lives", "18, 48")
def nobody_dies_without_hazard(subject: Subject) -> Verdict:
    """Hazards of death at 0."""
    if not deaths(subject.model) or _deadly(subject.model):
        return without("no_death")
    dead = [not state.alive for state in subject.model.states]
    run = subject.run(_with_deaths(subject.model, 0))
    return of_equal(run.trace[:, dead].sum(axis=1), run.trace[:, dead, :1].sum(axis=1), 0)


@check("more_die_younger", "lives", "19, 39")
def more_die_younger(subject: Subject) -> Verdict:
    """Hazards of death doubled."""
    if not deaths(subject.model):
        return without("no_death")
    return of_limits(subject.run(_with_deaths(subject.model, 2)).alive, 0, subject.base.alive)


@check("all_die_at_once", "lives", "12, 19")
def all_die_at_once(subject: Subject) -> Verdict:
    """Hazards of death at 60 a cycle, and no other exit: who starts in a living state has a way to die from there."""
    exits = deaths(subject.model)
    if not exits or _deadly(subject.model):
        return without("no_death")
    certain = {"hazard": Expression(60), "probability": None, "multiplier": None, "ratio_on": None, "ratio_clock": ""}
    moves = tuple(replace(t, **certain) for t in exits)  # type: ignore[arg-type]
    run = subject.run(model_with(subject.model, transitions=moves, strategy_effects=()))
    return of_names(
        [s.name for i, s in enumerate(run.model.states) if s.alive and run.trace[:, i, 1:].max(initial=0) > 1e-6],
        sum(s.alive for s in run.model.states),
    )


def _first_year(run: Run) -> np.ndarray:
    return np.asarray(run.time[..., 0])


@check("horizon_leaves_the_first_year", "lives", "41")
def horizon_leaves_the_first_year(subject: Subject) -> Verdict:
    """The horizon cut by half: the first year stays as it was."""
    c = subject.model.conventions
    years = c.horizon // c.cycles_per_year
    reads_horizon = any("horizon" in e.names for t in subject.model.transitions for e in t.formulas)
    if years < 4 or c.within_cycle not in ("none", "half_cycle") or reads_horizon:
        return without("horizon")
    half = model_with(subject.model, conventions=replace(c, horizon=years // 2 * c.cycles_per_year), effects=())
    return of_equal(_first_year(subject.run(half)), _first_year(subject.base))


@check("shorter_is_no_more", "lives", "41")
def shorter_is_no_more(subject: Subject) -> Verdict:
    """The horizon a year shorter: time alive is no longer."""
    c = subject.model.conventions
    reads_horizon = any("horizon" in e.names for t in subject.model.transitions for e in t.formulas)
    if c.horizon <= c.cycles_per_year or reads_horizon:
        return without("horizon")
    shorter = model_with(subject.model, conventions=replace(c, horizon=c.horizon - c.cycles_per_year), effects=())
    return of_limits(subject.run(shorter).alive, 0, subject.base.alive)


@check("same_seed_same_lives", "lives", "67, 68")
def same_seed_same_lives(subject: Subject) -> Verdict:
    """Two runs of one seed."""
    return of_equal(subject.in_lots(SEED).time, subject.lots.time, 0)


def _by_luck(first: np.ndarray, second: np.ndarray) -> Verdict:
    """Means over lots (lot, ...), or known numbers (1, ...), that luck may set apart."""
    variance = sum(x.var(axis=0, ddof=1) / len(x) for x in (first, second) if len(x) > 1)
    apart = np.abs(first.mean(axis=0) - second.mean(axis=0))
    error = np.sqrt(variance)
    common = error > 1e-3 * np.abs(second).max(initial=0.0)  # where few have anything, errors are not known either
    errors = float((apart[common] / error[common]).max(initial=0.0))
    return (passing if errors <= LUCK else failing)("errors", errors=f"{errors:.1f}", people=str(LOTS * PEOPLE))


@check("other_seed_other_luck_only", "lives", "68")
def other_seed_other_luck_only(subject: Subject) -> Verdict:
    """Another seed."""
    return _by_luck(subject.lots.time.sum(axis=-1), subject.in_lots(SEED + 1).time.sum(axis=-1))


@check("engines_agree", "lives", "13")
def engines_agree(subject: Subject) -> Verdict:
    """Simulated lives beside the expected course of a cohort."""
    if subject.cohort is None:
        return without("no_cohort")
    return _by_luck(subject.lots.time.sum(axis=-1), subject.cohort.time.sum(axis=-1))


@check("lives_go_on_with_more_draws", "lives", "30")
def lives_go_on_with_more_draws(subject: Subject) -> Verdict:
    """A run of one draw beside the same draw among others: neighbours change nothing."""
    first = {name: value[:1] for name, value in subject.drawn_values.items()}
    keys = np.zeros(1, dtype=np.int64)
    alone = subject.run(values=first, engine=LIVES, keys=keys)
    two = {name: value[:2] for name, value in subject.drawn_values.items()}
    both = subject.run(values=two, engine=LIVES, keys=np.arange(2))
    return of_equal(both.time[:1], alone.time, 0)
