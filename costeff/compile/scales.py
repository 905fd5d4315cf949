"""Strategy effects on another scale than the hazard: on the rate behind a probability, or on the probability itself.

All probabilities of one state are converted to hazards together, so changing one changes the hazards of its rivals too.
Where no probability of the state depends on time, the changed hazards are the old ones times one number for each
strategy and window, which enters as a ratio: strategies keep sharing their luck, and kernels see nothing new. Where
one does, each changed table becomes a compiled exit of its own, switched on by ratios of 1 and off by ratios of 0. Such
exits share one exponential if no strategy uses both, so that strategies still share their luck.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from costeff.errors import ModelError
from costeff.model.elements import StrategyEffect, Transition
from costeff.model.formulas.expression import Expression
from costeff.model.model import Model

#: What multiplies the probabilities of the exits beside each other: (name of the exit, effect, its ratio).
Changes = tuple[tuple[str, StrategyEffect, Expression], ...]


@dataclass(frozen=True)
class Exit:
    """One compiled exit: a declared transition under the changes of some strategies and windows.

    `table` are the changes that its hazard table holds. `active` lists the (strategy, window) in which it is the one
    that happens, None: in all. `ratios` are changes that enter as ratios, by (strategy, window).
    """

    transition: Transition
    table: Changes = ()
    active: frozenset[tuple[int, int]] | None = None
    ratios: tuple[tuple[tuple[int, int], Changes], ...] = ()


def compiled_exits(model: Model) -> tuple[Exit, ...]:
    """The exits of `model` by source state, in declared order; most are their declared transition and nothing more."""
    order = sorted(model.transitions, key=lambda t: model.state_names.index(t.source))
    return tuple(exit_ for t in order for exit_ in _exits(model, t, order))


def exponential_names(exits: Sequence[Exit]) -> list[str]:
    """The name of the exponential that each exit draws: its transition's, and a number beside it from the second on.

    Two tables of one transition may share an exponential only if no strategy uses both: within a life each hazard that
    is lived through is spent once. What a strategy draws does not depend on which others there are.
    """
    names = []
    uses: Counter[tuple[str, int]] = Counter()  # exponentials of a transition that a strategy has so far
    for exit_ in exits:
        name = exit_.transition.name
        strategies = {g for g, _ in exit_.active} if exit_.active is not None else {0}
        number = max(uses[name, g] for g in strategies)
        names.append(f"{name}\n{number + 1}" if number else name)
        uses.update((name, g) for g in strategies)
    return names


def beside(exits: list[Transition], transition: Transition) -> list[Transition]:
    """The exits whose probabilities share a cycle with this one (empty for a hazard)."""
    if transition.probability is None:
        return []
    same = [t for t in exits if t.source == transition.source and t.probability is not None]
    return [t for t in same if (t.lifelong is None) == (transition.lifelong is None)]


def _exits(model: Model, transition: Transition, order: list[Transition]) -> list[Exit]:
    rivals = beside(order, transition)
    windows = len(model.window_edges) - 1
    places = [(g, w) for g in range(len(model.strategies)) for w in range(windows)]
    changes = {place: _changes(model, rivals, *place) for place in places}
    if not any(changes.values()):
        return [Exit(transition)]
    if all("t" not in t.probability.names and not t.strata for t in rivals if t.probability is not None):
        return [Exit(transition, ratios=tuple((p, c) for p, c in changes.items() if c))]
    if transition.lifelong is not None:
        _refuse_windows(model, transition, changes)
    return [
        Exit(transition, table, frozenset(p for p, c in changes.items() if c == table))
        for table in sorted(dict.fromkeys(changes.values()), key=_by_name)
    ]


def _by_name(changes: Changes) -> list[tuple[str, str, str]]:
    """Sorts tables without regard to the order of strategies: the one without changes, then those of each strategy."""
    return [(effect.strategy, name, ratio.text) for name, effect, ratio in changes]


def _changes(model: Model, rivals: list[Transition], g: int, w: int) -> Changes:
    """What strategy g does in window w to the probabilities of `rivals`, in their order."""
    changes = []
    for t in rivals:
        for effect in model.strategy_effects:
            own = effect.strategy == model.strategy_names[g] and {t.name, t.leg} & set(effect.legs)
            if own and effect.scale != "hazard":
                ratio = effect.ratio[w if len(effect.ratio) > 1 else 0]
                if not (ratio.is_constant and float(ratio.evaluate({})) == 1.0):
                    changes.append((t.name, effect, ratio))
    return tuple(changes)


def _refuse_windows(model: Model, transition: Transition, changes: Mapping[tuple[int, int], Changes]) -> None:
    """A lifelong number is spent on one table at a time: it cannot be handed from one exit to the next at a window."""
    for g in range(len(model.strategies)):
        if len({c for (h, _), c in changes.items() if h == g}) > 1:
            effect = _effect_on(model, transition)
            raise ModelError(
                f"an effect by window on the lifelong exit '{transition.name}', whose probability depends on time",
                where=effect.place,
                value=effect.scale,
                rule="a lifelong probability that depends on time takes one ratio for all windows on this scale",
                way_out="write `scale: hazard`, which takes a ratio per window",
            )


def _effect_on(model: Model, transition: Transition) -> StrategyEffect:
    legs = {transition.name, transition.leg}
    return next(e for e in model.strategy_effects if legs & set(e.legs) and e.scale != "hazard")
