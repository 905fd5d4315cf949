"""Strategy effects that need a hazard table of their own.

On the rate behind a probability, on the probability itself, in the place of hazard or probability, or read on a clock.

All probabilities of one state are converted to hazards together, so changing one changes the hazards of its rivals too.
Where no probability of the state depends on time, the changed hazards are the old ones times one number for each
strategy and window, which enters as a ratio: strategies keep sharing their luck, and kernels see nothing new. Where
one does, each changed table becomes a compiled exit of its own, switched on by ratios of 1 and off by ratios of 0. Such
exits share one exponential if no strategy uses both, so that strategies still share their luck. Ratios by category make
one exit for each category, which share one as well: nobody belongs to two.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from costeff.errors import ModelError
from costeff.model.elements import TIME, StrategyEffect, Transition
from costeff.model.formulas.expression import Expression
from costeff.model.memory import once_a_model
from costeff.model.model import Model

#: What multiplies the probabilities of the exits beside each other: (name of the exit, effect, its ratio).
Changes = tuple[tuple[str, StrategyEffect, Expression], ...]


@dataclass(frozen=True)
class Exit:
    """One compiled exit: a declared transition under the changes of some strategies and windows.

    `table` are the changes that its hazard table holds. `active` lists the (strategy, window) in which it is the one
    that happens, None: in all. `ratios` are changes that enter as ratios, by (strategy, window). `category` (attribute,
    code) says whose exit it is, None: everybody's.
    """

    transition: Transition
    table: Changes = ()
    active: frozenset[tuple[int, int]] | None = None
    ratios: tuple[tuple[tuple[int, int], Changes], ...] = ()
    category: tuple[str, int] | None = None

    @property
    def code(self) -> int | None:
        """The code of its category."""
        return None if self.category is None else self.category[1]

    @property
    def on_clocks(self) -> tuple[tuple[str, Expression], ...]:
        """(clock, ratio that reads its value), of the exit under every strategy, and of those in which it happens."""
        t = self.transition
        always = () if t.ratio_on is None else ((t.ratio_clock, t.ratio_on),)
        return (*always, *((e.clock, ratio) for name, e, ratio in self.table if name == t.name and e.scale == "hazard"))


@once_a_model
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
    # exponentials of a transition that a strategy has so far, for a category
    uses: Counter[tuple[str, int | None, int]] = Counter()
    for exit_ in exits:
        name, code = exit_.transition.name, exit_.code
        strategies = {g for g, _ in exit_.active} if exit_.active is not None else {0}
        number = max(uses[name, code, g] for g in strategies)
        names.append(f"{name}\n{number + 1}" if number else name)
        uses.update((name, code, g) for g in strategies)
    return names


def beside(exits: list[Transition], transition: Transition) -> list[Transition]:
    """The exits whose probabilities share a cycle with this one (empty for a hazard)."""
    if transition.probability is None:
        return []
    same = [t for t in exits if t.source == transition.source and t.probability is not None]
    return [t for t in same if (t.lifelong is None) == (transition.lifelong is None)]


def _exits(model: Model, transition: Transition, order: list[Transition]) -> list[Exit]:
    attribute = category_attribute(model, transition)
    if attribute is None:
        return _exits_of(model, transition, order, None)
    codes = range(len(model.find("attributes", attribute).categories))
    return [one for code in codes for one in _exits_of(model, transition, order, (attribute, code))]


def category_attribute(model: Model, transition: Transition) -> str | None:
    """The attribute by whose categories strategies multiply the hazard; None where none does."""
    legs = {transition.name, transition.leg}
    names = {c for e in model.strategy_effects if legs & set(e.legs) for c in e.categories}
    return next((a.name for a in model.attributes if names & set(a.categories or ())), None)


def _exits_of(
    model: Model, transition: Transition, order: list[Transition], category: tuple[str, int] | None
) -> list[Exit]:
    rivals = beside(order, transition) or [transition]
    windows = len(model.window_edges) - 1
    places = [(g, w) for g in range(len(model.strategies)) for w in range(windows)]
    changes = {place: _changes(model, rivals, transition, category, *place) for place in places}
    if not any(changes.values()):
        return [Exit(transition, category=category)]
    formulas = [t.probability for t in rivals if t.probability is not None]
    scales = {effect.scale for own in changes.values() for _, effect, _ in own}
    steady = all(not {"t", "rest"} & f.names for f in formulas) and not any(t.strata for t in rivals)
    if steady and scales <= {"rate", "probability"}:
        return [Exit(transition, ratios=tuple((p, c) for p, c in changes.items() if c), category=category)]
    if transition.lifelong is not None:
        _refuse_windows(model, transition, changes)
    return [
        Exit(transition, table, frozenset(p for p, c in changes.items() if c == table), category=category)
        for table in sorted(dict.fromkeys(changes.values()), key=_by_name)
    ]


def _by_name(changes: Changes) -> list[tuple[str, str, str]]:
    """Sorts tables without regard to the order of strategies: the one without changes, then those of each strategy."""
    return [(effect.strategy, name, ratio.text) for name, effect, ratio in changes]


def _changes(
    model: Model, rivals: list[Transition], transition: Transition, category: tuple[str, int] | None, g: int, w: int
) -> Changes:
    """What strategy g does in window w to the probabilities of `rivals`, in their order, and to the hazard of
    `transition` by a clock; ratios that only windows change are not among them."""
    changes = []
    for t in rivals:
        for effect in model.strategy_effects:
            if effect.strategy != model.strategy_names[g] or not {t.name, t.leg} & set(effect.legs):
                continue
            if effect.scale == "hazard" and (effect.clock == TIME or t is not transition):
                continue
            ratio = effect.in_window(w, None if category is None else category[1])
            is_one = ratio.is_constant and float(ratio.evaluate({})) == 1.0
            if effect.scale == "instead" or not is_one:
                changes.append((t.name, effect, ratio))
    return tuple(changes)


def _refuse_windows(model: Model, transition: Transition, changes: Mapping[tuple[int, int], Changes]) -> None:
    """A lifelong number is spent on one table at a time: it cannot be handed from one exit to the next at a window."""
    for g in range(len(model.strategies)):
        tables = {c for (h, _), c in changes.items() if h == g}
        if len(tables) > 1:
            effect = next(e for own in tables for _, e, _ in own)
            raise ModelError(
                f"an effect by window on the lifelong exit '{transition.name}', whose hazard table it changes",
                where=effect.place,
                value=effect.scale if effect.clock == TIME else f"clock {effect.clock}",
                rule="an effect that changes the table of a lifelong exit (by a clock, in the place of its hazard, or "
                "on the scale of a probability that depends on time) is the same in all windows",
                way_out="write `scale: hazard` and a ratio per window, without another `clock`",
            )
