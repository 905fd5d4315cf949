"""Hypothesis strategies that add what depends on a person's history to the models of `random_models`.

Counters with and without resets, stages that come at set times until an event ends them, clocks that count the last
cycles only, ratios on a second clock, effects by category,
by a clock and by time, hazards by strategy, and strategies with first states of their own.
"""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st
from random_models import E, models

from costeff.model import Attribute, Band, Clock, Deadline, LookBack, Model, OnLeaving, StrategyEffect, Transition

RATIOS = ("0.5 ** t", "1 + 0.3 * min(t, 4)", "where(t >= 2, 0, 1.5)", "2 * scale * (t < 3)")


def _clocks(draw: st.DrawFn, model: Model) -> tuple[Clock, ...]:
    living = [s.name for s in model.states if s.alive]
    some = st.lists(st.sampled_from(living), min_size=1, max_size=2, unique=True).map(tuple)
    events = [x.name for x in (*model.transitions, *model.deadlines)]
    counts = draw(st.lists(st.sampled_from(events), min_size=1, max_size=3, unique=True).map(tuple))
    within = draw(st.sampled_from([1, 3, 8, 40]))
    after = draw(st.integers(1, 4))
    resets = st.sampled_from([None, OnLeaving(draw(some)), LookBack(after, draw(st.integers(after, 6)), draw(some))])
    return (
        Clock("number", E("offset"), counts=counts, reset=draw(resets)),
        Clock("stages", E(0), counts=counts, stages=(E("offset"), E("3 * sex"), E("2 * offset + 1"))),
        Clock(
            "recent",
            E("offset"),
            draw(some),
            draw(resets),
            within=within,
            initial_until=draw(st.sampled_from([None, E(2), E("2 * sex")])),
            weekdays=draw(st.booleans()),
        ),
    )


def _changed(draw: st.DrawFn, transition: Transition) -> Transition:
    """The exit, sometimes multiplied on another clock, or read on the last cycles of one."""
    kind = draw(st.sampled_from(["as it is", "number", "stages", "recent", "time_in_state", "on recent"]))
    if kind == "on recent" and not transition.strata:
        return replace(transition, clock="recent", hazard=E("0.2 * scale * (1 + t)"))
    if kind in ("as it is", "on recent", transition.clock):
        return transition
    return replace(transition, ratio_clock=kind, ratio_on=E(draw(st.sampled_from(RATIOS))))


def _effect(draw: st.DrawFn, model: Model, transitions: tuple[Transition, ...]) -> tuple[StrategyEffect, ...]:
    """One effect on an exit that no other effect touches."""
    free = [t for t in transitions if t.leg != "leg" and t.lifelong is None]
    if not free:
        return ()
    t = draw(st.sampled_from(free))
    windows = len(model.windows) + 1
    on_clock = t.ratio_clock or t.clock
    effects = [
        StrategyEffect("programme", (t.name,), (E("0.4 + t / 20"),), every=draw(st.sampled_from([1, 3]))),
        StrategyEffect("programme", (t.name,), (E(2), E("1 + t"), E(1))),
        StrategyEffect("programme", (t.name,), (E(0.2), E(1), E(3)), categories=("young", "middle", "old")),
        StrategyEffect(
            "programme", (t.name,), (*[E("t + 1")] * windows, *[E(2)] * windows), categories=("women", "men")
        ),
    ]
    if on_clock != "time":
        effects.append(StrategyEffect("programme", (t.name,), (E("where(t < 3, 3, 0.5)"),), clock=on_clock))
    if t.clock != "recent":
        effects.append(StrategyEffect("programme", (t.name,), (E("0.05 * (1 + t)"),), scale="instead"))
    return (draw(st.sampled_from(effects)),)


@st.composite
def histories(draw: st.DrawFn) -> Model:
    """A model of `models()` with some of it; it reads one parameter, `scale`."""
    model = draw(models())
    clocks = _clocks(draw, model)
    transitions = tuple(_changed(draw, t) for t in model.transitions)
    bands = (*model.bands[1:], Band("ladder_band", draw(st.sampled_from(["number", "stages", "recent"])), (1, 2, 6)))
    source, target = model.states[0].name, model.states[1].name
    due = Deadline("due", source, target, draw(st.sampled_from(["number", "recent"])), E("offset + 2"))
    start = draw(st.sampled_from(["", "own_start"]))
    own = Attribute("own_start", categories={source: E(0.25), target: E(0.75)})
    return replace(
        model,
        conventions=replace(model.conventions, cycle="day", cycles_per_year=365, entry_date="2024-01-03"),
        attributes=(*model.attributes, *([own] if start else [])),
        clocks=(*model.clocks, *clocks),
        transitions=transitions,
        deadlines=(*model.deadlines, due),
        strategies=(model.strategies[0], replace(model.strategies[1], start=start)),
        strategy_effects=(*model.strategy_effects, *_effect(draw, model, transitions)),
        bands=bands,
    )
