"""Checks of effects: good life years are life years times how good they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from costeff.model import Effect, Expression, Model, Term
from costeff.verification.subject import Run, Subject, model_with
from costeff.verification.verdict import Verdict, check, of_equal, of_limits, of_names, without


def _qalys(model: Model) -> list[Effect]:
    return [e for e in model.effects if e.unit == "QALY" and any(term.states for term in e.terms)]


def _only(run: Run, effects: list[Effect], layer: int | None = None) -> np.ndarray:
    table = run.effects(layer)
    return table.value[:, :, [table.names.index(e.name) for e in effects]]


def _years(run: Run) -> np.ndarray:
    return run.alive[:, :, None] / run.model.conventions.cycles_per_year


def _with_utility(model: Model, value: int) -> Model:
    """The model with every utility at a value and none added, not discounted; factors, as of cycles to years, stay."""

    def own(effect: Effect) -> Effect:
        if effect not in _qalys(model):
            return effect
        terms = [t for t in effect.terms if t.states and not t.adds]
        plain = tuple(replace(t, amount=Expression(value), weight=None, within=None, band=None) for t in terms)
        return replace(effect, terms=plain, within=None, discount=False)

    return model_with(model, effects=tuple(own(e) for e in model.effects))


@check("utility_of_one_gives_life_years", "health", "14")
def utility_of_one_gives_life_years(subject: Subject) -> Verdict:
    """Every utility at 1, undiscounted: the QALYs are the life years, so that each living state counts, and once."""
    effects = _qalys(subject.model)
    if not effects:
        return without("no_qaly")
    run = subject.run(_with_utility(subject.model, 1))
    states, alive = run.model.state_names, run.alive
    expected = []
    for effect in effects:
        zero = sum(run.time[:, :, states.index(name)].sum(axis=-1) for name in effect.without)
        expected.append((alive - zero) / run.model.conventions.cycles_per_year)
    return of_equal(_only(run, effects), np.stack(expected, axis=2))


@check("utility_of_zero_gives_nothing", "health", "15")
def utility_of_zero_gives_nothing(subject: Subject) -> Verdict:
    """Every utility at 0."""
    if not _qalys(subject.model):
        return without("no_qaly")
    run = subject.run(_with_utility(subject.model, 0))
    return of_equal(_only(run, _qalys(subject.model)), 0.0, 0)


@check("qalys_are_no_more_than_life_years", "health", "36")
def qalys_are_no_more_than_life_years(subject: Subject) -> Verdict:
    """Undiscounted, in every draw."""
    effects, run = _qalys(subject.model), subject.draws
    if not effects:
        return without("no_qaly")
    return of_limits(_only(run, effects, 0), -1.0 * _years(run), _years(run))


@check("lower_utilities_give_less", "health", "16")
def lower_utilities_give_less(subject: Subject) -> Verdict:
    """Every utility times 0.9: the QALYs are 0.9 times as many."""
    effects = _qalys(subject.model)
    if not effects:
        return without("no_qaly")

    def lower(term: Term) -> Term:
        return replace(term, amount=Expression(f"0.9 * ({term.amount.text})"))

    own = tuple(
        replace(e, terms=tuple(lower(t) for t in e.terms)) if e in effects else e for e in subject.model.effects
    )
    run = subject.run(model_with(subject.model, effects=own))
    return of_equal(_only(run, effects), 0.9 * _only(subject.base, effects), 1e-6)


@check("qalys_are_discounted", "health", "37")
def qalys_are_discounted(subject: Subject) -> Verdict:
    """Where the model discounts effects, it discounts QALYs: by the same rate as all that is weighed against money."""
    effects, c = _qalys(subject.model), subject.model.conventions
    rate = np.asarray(c.discount_rate_effect.evaluate(subject.base.environment), float).ravel()[0]
    lasting = [e for e in effects if e.within is None]  # the first year may be left as it is
    if not lasting or rate == 0:
        return without("no_qaly" if not lasting else "no_rate")
    return of_names([e.name for e in lasting if not e.discount], len(lasting))


@check("discounted_effects_are_no_larger", "health", "37")
def discounted_effects_are_no_larger(subject: Subject) -> Verdict:
    """Effects that are never below 0, discounted beside undiscounted."""
    run = subject.draws
    if not run.model.effects:
        return without("no_outcome")
    plain, discounted = run.effects(0).value, run.effects().value
    positive = plain.min(axis=(0, 1), initial=0.0) >= 0
    return of_limits(discounted[..., positive], 0, plain[..., positive])


@check("time_fits_into_the_horizon", "health", "48")
def time_fits_into_the_horizon(subject: Subject) -> Verdict:
    """Effects that are years lie between none and the horizon."""
    if subject.model.system is not None:
        return without("system")
    c, run = subject.model.conventions, subject.draws
    spans = {"years": c.horizon / c.cycles_per_year, f"{c.cycle}s": float(c.horizon)}
    effects_of_time = [
        e for e in subject.model.effects if e.unit in spans and e.terms and not any(t.weight for t in e.terms)
    ]
    if not effects_of_time or c.within_cycle == "both_ends":
        return without("no_spans")
    value = _only(run, effects_of_time, 0)
    return of_limits(value, 0, np.array([spans[e.unit] for e in effects_of_time]))


@check("life_years_count_every_life", "health", "14")
def life_years_count_every_life(subject: Subject) -> Verdict:
    """An effect called life years is the time alive."""
    effects = [e for e in subject.model.effects if e.name == "life_years"]
    if not effects or subject.model.conventions.within_cycle == "darth":
        return without("no_life_years")
    return of_equal(_only(subject.draws, effects, 0), _years(subject.draws))


@check("first_passages_are_shares", "health", "40")
def first_passages_are_shares(subject: Subject) -> Verdict:
    """Who has passed, by the horizon, and who never passes are everyone."""
    if not subject.model.passages:
        return without("no_passage")
    run = subject.draws
    counts = run.simulated.quantities.passages[:, :, :, : len(subject.model.passages)]
    return of_equal(counts.sum(axis=(2, 4)), run.people)
