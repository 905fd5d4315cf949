"""The same model at another time: effects that begin later, and rules that change while individuals are on their way.

Both are pure transforms of a Model. Time is counted in cycles since the individual's entry, so an entrant of another
quarter meets a reform at another cycle: one transformed model for each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from costeff.errors import ModelError
from costeff.model.elements import Clock, Deadline, StrategyEffect
from costeff.model.expressions import Expression
from costeff.model.model import Model
from costeff.model.problems import way_to

ZERO, ONE = Expression(0), Expression(1)


def delayed(model: Model, cycles: int) -> Model:
    """The model whose strategy effects begin `cycles` later: every window moves, and before the first the ratio is 1.

    Amounts per start and effects in health that name a strategy stay as they are. 0 gives the same model, the horizon
    or more gives strategies that differ in nothing but such amounts. Raises ModelError for a negative delay.
    """
    if cycles < 0:
        raise ModelError("a negative delay", value=cycles, rule="a delay is 0 cycles or more")
    if cycles == 0 or not model.strategy_effects:
        return model
    count = len(model.windows) + 1
    effects = [
        replace(e, ratio=(ONE, *(e.ratio if len(e.ratio) == count else e.ratio * count)))
        for e in model.strategy_effects
    ]
    windows = (cycles, *(w + cycles for w in model.windows))
    return replace(model, windows=windows, strategy_effects=tuple(effects))


def reformed(
    model: Model,
    legs: Mapping[str, str | float],
    cycle: int,
    closed: Mapping[str, str] | None = None,
) -> Model:
    """The model whose legs (or single exits) change from `cycle` since entry on, under every strategy alike.

    `legs` maps a leg to the ratio on its hazard: a number, or a formula over parameters and definitions (a name that
    the draws hold). `closed` maps a state to the one that those who would enter it from then on go to at once; those
    inside stay. (The clock behind it stands still in the state, so one who has been there before is let in for that
    much longer.) A reform at or past the horizon, and ratios of 1, change nothing; one at or before entry holds from
    the start.

    Raises ModelError for an unknown leg or state, and for an exit under an effect that is not on the hazard scale.
    """
    if cycle >= model.conventions.horizon:
        return model
    ratios = {name: Expression(value) for name, value in legs.items()}
    _check_legs(model, ratios)
    changed: dict[str, Expression] = {}
    for name, ratio in ratios.items():
        if not (ratio.is_constant and float(ratio.evaluate({})) == 1.0):
            for exit_ in model.exits_on(name):
                changed[exit_.name] = _times(changed[exit_.name], ratio) if exit_.name in changed else ratio
    out = _ratios_from(model, changed, max(cycle, 0)) if changed else model
    for state, onward in (closed or {}).items():
        out = _closed(out, state, onward, max(cycle, 0))
    return out


def _check_legs(model: Model, legs: Mapping[str, Expression]) -> None:
    known = dict.fromkeys(name for t in model.transitions for name in (t.leg or t.name, t.name))
    for name in legs:
        if name not in known:
            raise ModelError(
                f"a reform changes an unknown leg '{name}'",
                value=name,
                rule=f"legs and exits of the model: {', '.join(known)}",
                way_out=way_to(name, known, "give the transition a `leg`"),
            )


def _ratios_from(model: Model, changed: Mapping[str, Expression], cycle: int) -> Model:
    """`changed` (exit to ratio) multiplied into the effects of every strategy in the windows from `cycle` on."""
    windows = tuple(sorted({*model.windows, cycle} - {0}))
    starts = (0, *windows)
    before = [sum(w <= start for w in model.windows) for start in starts]  # the window each is a part of
    effects: list[StrategyEffect] = []
    done: set[tuple[str, str]] = set()
    for effect in model.strategy_effects:
        ratio = tuple(effect.ratio[i if len(effect.ratio) > 1 else 0] for i in before)
        exits = [t for t in model.transitions if {t.name, t.leg} & set(effect.legs)]
        touched = [t for t in exits if t.name in changed]
        if not touched:
            effects.append(replace(effect, ratio=ratio))
            continue
        if effect.scale != "hazard":
            raise ModelError(
                f"a reform of '{touched[0].name}', which an effect multiplies on another scale",
                where=effect.place,
                value=effect.scale,
                rule="a reform multiplies hazards",
                way_out="write the effect with `scale: hazard`",
            )
        rest = tuple(t.name for t in exits if t.name not in changed)
        if rest:
            effects.append(replace(effect, legs=rest, ratio=ratio))
        for exit_ in touched:
            done.add((effect.strategy, exit_.name))
            both = _from(starts, cycle, ratio, changed[exit_.name])
            effects.append(replace(effect, legs=(exit_.name,), ratio=both))
    ones = tuple(ONE for _ in starts)
    for strategy in model.strategy_names:
        for name, ratio_from in changed.items():
            if (strategy, name) not in done:
                effects.append(StrategyEffect(strategy, (name,), _from(starts, cycle, ones, ratio_from)))
    return replace(model, windows=windows, strategy_effects=tuple(effects))


def _from(
    starts: tuple[int, ...], cycle: int, ratio: tuple[Expression, ...], times: Expression
) -> tuple[Expression, ...]:
    return tuple(_times(r, times) if start >= cycle else r for start, r in zip(starts, ratio, strict=True))


def _times(a: Expression, b: Expression) -> Expression:
    return b if a == ONE else Expression(f"({a.text}) * ({b.text})", b.place or a.place)


def _closed(model: Model, state: str, onward: str, cycle: int) -> Model:
    """`state` sends on to `onward` whoever enters it from `cycle` on: a deadline on a clock that rests in the state."""
    place = model.find("states", state).place
    model.find("states", onward, place)
    clock = f"open_{state}"
    elsewhere = tuple(name for name in model.state_names if name != state)
    deadline = Deadline(f"{state} closed", state, onward, clock, Expression(cycle))
    return replace(
        model,
        clocks=(*model.clocks, Clock(clock, ZERO, advances_in=elsewhere)),
        deadlines=(*model.deadlines, deadline),
    )
