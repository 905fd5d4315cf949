"""What a model's description says of clocks, hazards and the effects of strategies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from costeff.model.describe_words import Words
from costeff.model.elements import TIME, Clock, LookBack, StrategyEffect, Transition
from costeff.model.formulas.expression import Expression

if TYPE_CHECKING:
    from costeff.model.model import Model


def clock_text(clock: Clock, say: Words) -> str:
    """Where a clock starts, what it counts, and when it is set back."""
    reset = _reset(clock, say)
    if clock.counts:
        return say("counter", initial=clock.initial.text, events=_names(clock.counts), reset=reset)
    states = _names(clock.advances_in or ())
    advances = say("advances_always") if clock.advances_in is None else say("advances_in", states=states)
    if clock.within is not None:
        days = say("weekdays") if clock.weekdays else ""
        until = clock.initial_until.text if clock.initial_until is not None else "0"
        advances += say("recent", within=clock.within, until=until, days=days)
    return say("clock", initial=clock.initial.text, advances=advances, reset=reset)


def _reset(clock: Clock, say: Words) -> str:
    reset = clock.reset
    if reset is None:
        return say("reset_never")
    if not isinstance(reset, LookBack):
        return say("reset_leaving", states=_names(reset.states))
    bank_text = ""
    if reset.banked is not None and reset.banked_until is not None:
        bank_text = say("banked", banked=reset.banked.text, until=reset.banked_until.text)
    spans = {"after": reset.after, "within": reset.within}
    return say("reset_look_back", states=_names(reset.counted_in), banked=bank_text, **spans)


def hazard_text(t: Transition, say: Words) -> str:
    """An exit's hazard or probability, its clock and what multiplies it."""
    parts = [say("on_clock", clock=t.clock)]
    if t.hazard is not None:
        parts.insert(0, say("hazard", formula=t.hazard.text))
    if t.probability is not None:
        is_rest = t.probability.text == "rest"
        parts.insert(0, say("probability_rest") if is_rest else say("probability", formula=t.probability.text))
    if t.strata:
        parts.append(say("strata", names=_names(t.strata)))
    if t.multiplier is not None:
        parts.append(say("multiplier", formula=t.multiplier.text))
    if t.ratio_on is not None:
        parts.append(say("ratio_on", formula=t.ratio_on.text, clock=t.ratio_clock))
    if t.leg not in ("", t.name):
        parts.append(say("leg", leg=t.leg))
    if t.lifelong is not None:
        parts.append(say("lifelong", name=t.lifelong))
    return "; ".join(parts)


def effect_text(model: Model, effect: StrategyEffect, say: Words) -> str:
    """The ratios of an effect, by category and window by window as declared (windows past the horizon too)."""
    if effect.categories:
        by_category = [
            f"{name} {_windows(model, effect.ratios(code), say)}" for code, name in enumerate(effect.categories)
        ]
        text = ", ".join(by_category)
    else:
        text = _windows(model, effect.ratio, say)
    if effect.scale == "instead":
        return say("instead", strategy=effect.strategy, formula=text)
    if any("t" in formula.names for formula in effect.ratio):
        text += say("ratio_of_start") if effect.clock == TIME else say("ratio_of_clock", clock=effect.clock)
        text += say("ratio_every", every=effect.every) if effect.every > 1 else ""
    return say("ratio", strategy=effect.strategy, scale=effect.scale, ratios=text)


def _windows(model: Model, formulas: Sequence[Expression], say: Words) -> str:
    starts, ratios = (0, *model.windows), [e.text for e in formulas]
    if len(ratios) == 1:
        return ratios[0]
    ends = (*(w - 1 for w in model.windows), None)
    parts = (
        say("window_last", ratio=r, first=a) if b is None else say("window", ratio=r, first=a, last=b)
        for r, a, b in zip(ratios, starts, ends, strict=True)
    )
    return say("windows", ratios=", ".join(parts))


def _names(names: Iterable[str]) -> str:
    return ", ".join(names)
