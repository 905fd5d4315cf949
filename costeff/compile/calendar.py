"""The same model at another time: effects that begin later, and rules that change while individuals are on their way.

Both are pure transforms of a Model, in any order. Time is counted in cycles since the individual's entry, so an entrant
of another quarter meets a reform at another cycle: one transformed model for each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from costeff.errors import ModelError
from costeff.model.delivery import later as deliveries_later
from costeff.model.elements import Clock, Deadline, StrategyEffect
from costeff.model.formulas.expression import Expression
from costeff.model.model import Model
from costeff.problems import way_to

ZERO, ONE = Expression(0), Expression(1)


def delayed(model: Model, cycles: int) -> Model:
    """The model whose strategy effects begin `cycles` later: their windows move, and before the first the ratio is 1.

    Of a programme that is delivered in stages, the wait for the first stage begins later, and its ratio goes by stages.

    Amounts per start and effects in health that name a strategy stay as they are, and so do reforms. 0 gives the same
    model, the horizon or more gives strategies that differ in nothing but such amounts. Raises ModelError for a
    negative delay.
    """
    if cycles < 0:
        raise ModelError("a negative delay", value=cycles, rule="a delay is 0 cycles or more")
    if cycles > 0:
        _check_starts(model)
        model = deliveries_later(model, cycles)
    clocks = {delivery.clock for delivery in model.delivery}
    stays = [e.reform or e.clock in clocks for e in model.strategy_effects]
    if cycles == 0 or all(stays):
        return model
    windows_kept = model.windows if any(stays) else ()
    windows = tuple(sorted({*windows_kept, cycles, *(w + cycles for w in model.windows)}))
    delays = [0 if stay else cycles for stay in stays]
    effects = [
        replace(e, ratio=_on(model, windows, e, model.windows, delay), begins=e.begins + delay)
        for e, delay in zip(model.strategy_effects, delays, strict=True)
    ]
    return replace(model, windows=windows, strategy_effects=tuple(effects))


def later(strategy: str, cycles: int) -> str:
    """The name of a strategy begun so many cycles later, beside itself; a file cannot give it.

    >>> later("tki2", 13)
    'tki2\\n13'
    """
    return f"{strategy}\n{cycles}"


def with_later(model: Model, strategy: str, delays: Sequence[int]) -> Model:
    """The model with `strategy` once more for each delay (cycles, above 0), named by `later`, as `delayed` has it.

    What is common to all strategies is then compiled once. Amounts that name the strategy are not those of the new
    ones: such a model is for its lives only.
    """
    model.find("strategies", strategy)
    own = [(cycles, delayed(model, cycles)) for cycles in delays]
    windows = tuple(sorted({*model.windows, *(w for _, moved in own for w in moved.windows)}))
    effects = [replace(e, ratio=_on(model, windows, e, model.windows, 0)) for e in model.strategy_effects]
    for cycles, moved in own:
        effects += [
            replace(e, strategy=later(strategy, cycles), ratio=_on(model, windows, e, moved.windows, 0))
            for e in moved.strategy_effects
            if e.strategy == strategy
        ]
    strategies = tuple(replace(model.find("strategies", strategy), name=later(strategy, cycles)) for cycles in delays)
    return replace(model, windows=windows, strategies=(*model.strategies, *strategies), strategy_effects=tuple(effects))


def reformed(
    model: Model, legs: Mapping[str, str | float], cycle: int, closures: Mapping[str, str] | None = None
) -> Model:
    """The model whose legs (or single exits) change from `cycle` since entry on, under every strategy alike.

    `legs` maps a leg to the ratio on its hazard: a number, or a formula over parameters and definitions (a name that
    the draws hold). `closures` maps a state to the one that those who would enter it from then on go to at once; those
    inside stay. (The clock behind it stands still in the state, so one who has been there before is let in for that
    much longer.) A reform at or past the horizon, and ratios of 1, change nothing; one at or before entry holds from
    the start; one upon another multiplies.

    Raises ModelError for an unknown leg or state.
    """
    ratios = {name: Expression(value) for name, value in legs.items()}
    _check_legs(model, ratios)
    if cycle >= model.conventions.horizon:
        return model
    begins = max(cycle, 0)
    leg_ratios = {
        name: ratio for name, ratio in ratios.items() if not (ratio.is_constant and float(ratio.evaluate({})) == 1.0)
    }
    out = _ratios_from(model, leg_ratios, begins) if leg_ratios else model
    for state, onward in (closures or {}).items():
        out = _closed(out, state, onward, begins)
    return out


def _check_legs(model: Model, legs: Mapping[str, Expression]) -> None:
    names = dict.fromkeys(name for t in model.transitions for name in (t.leg or t.name, t.name))
    for name in legs:
        if name not in names:
            raise ModelError(
                f"a reform changes an unknown leg '{name}'",
                value=name,
                rule=f"legs and exits of the model: {', '.join(names)}",
                way_out=way_to(name, names, "give the transition a `leg`"),
            )


def _on(
    model: Model, windows: tuple[int, ...], effect: StrategyEffect, before: tuple[int, ...], delay: int
) -> tuple[Expression, ...]:
    """The ratios of `effect`, stated on the windows `before` and begun `delay` later, on finer `windows`.

    Before that the ratio is 1, and what takes the place of a hazard or probability is that itself.
    """
    without = ONE
    if effect.scale == "instead" and delay:
        (exit_,) = (t for t in model.transitions if t.name in effect.legs)
        without = exit_.hazard or exit_.probability or ONE

    def at(start: int, code: int | None) -> Expression:
        return without if start < delay else effect.in_window(sum(w <= start - delay for w in before), code)

    codes = range(len(effect.categories)) if effect.categories else (None,)
    return tuple(at(start, code) for code in codes for start in (0, *windows))


def _check_starts(model: Model) -> None:
    """Raise ModelError where a strategy that is to begin later decides where people start."""
    for strategy in model.strategies:
        if strategy.start not in ("", model.start):
            raise ModelError(
                f"strategy '{strategy.name}' begins later than its people",
                where=strategy.place,
                value=strategy.start,
                rule="a strategy with a `start` of its own decides the first state, so it begins when people do",
                way_out="ask without waiting time or delay, or let an exit take people to that state",
            )


def _ratios_from(model: Model, leg_ratios: Mapping[str, Expression], cycle: int) -> Model:
    """`leg_ratios` (leg to ratio) from `cycle` on, as effects of every strategy beside its own."""
    windows = tuple(sorted({*model.windows, cycle} - {0}))
    effects = [replace(e, ratio=_on(model, windows, e, model.windows, 0)) for e in model.strategy_effects]
    for strategy in model.strategy_names:
        for name, ratio in leg_ratios.items():
            from_then = tuple(ratio if start >= cycle else ONE for start in (0, *windows))
            effects.append(StrategyEffect(strategy, (name,), from_then, reform=True))
    return replace(model, windows=windows, strategy_effects=tuple(effects))


def _closed(model: Model, state: str, onward: str, cycle: int) -> Model:
    """`state` sends on to `onward` whoever enters it from `cycle` on: a deadline on a clock that rests in the state."""
    place = model.find("states", state).place
    model.find("states", onward, place)
    clock = f"open_{state}"
    elsewhere = tuple(name for name in model.state_names if name != state)
    deadline = Deadline(f"{state} closed", state, onward, clock, Expression(cycle))
    return replace(
        model, clocks=(*model.clocks, Clock(clock, ZERO, advances_in=elsewhere)), deadlines=(*model.deadlines, deadline)
    )
