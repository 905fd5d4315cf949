"""What results ask of a run, by draw: totals into which flows and quantities are contracted as each part of it ends.

A run whose time, events and flows would not fit into memory keeps totals in their place; flows of each year and line
go to a file on the way (`costeff.analysis.spool`), from which results.nc is written. Whatever reads a result asks
`ResultData` for totals, so that it gives the same bits for either kind of run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Generic, TypeVar

import numpy as np

from costeff.compile.layout import Layout
from costeff.ledger import Effects, Flows, cost, parties_net, rounding, rounding_by_draw
from costeff.model import Model, Perspective

Arrays = dict[str, np.ndarray]
Group = tuple[str, str, str]
"""Item, payer and recipient of flows that a table shows in one row."""


Key = TypeVar("Key")
Value = TypeVar("Value")


class OnDemand(Mapping[Key, Value], Generic[Key, Value]):
    """Values by name, each worked out when it is asked for."""

    def __init__(self, names: Sequence[Key], work_out: Callable[[Key], Value]) -> None:
        self.names, self.work_out = names, work_out

    def __getitem__(self, name: Key) -> Value:
        if name not in self.names:
            raise KeyError(name)
        return self.work_out(name)

    def __iter__(self) -> Iterator[Key]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True)
class Totals:
    """Totals of D draws under G strategies. Money is discounted, per individual, unless it says otherwise."""

    cost: Mapping[str, np.ndarray]  # by perspective, (D, G)
    cost_half: Mapping[str, np.ndarray]  # (D, 2, G), empty without halves
    cost_by_year: Mapping[str, np.ndarray]  # undiscounted, (D, G, years)
    rounding: Mapping[str, float]  # by perspective, see `ledger.rounding`; of parts the largest, which holds for all
    party: Mapping[str, np.ndarray]  # paid less received, by party, (D, G)
    party_half: Mapping[str, np.ndarray]  # (D, 2, G), empty without halves
    programme: Mapping[str, np.ndarray]  # of the programme's own flows, by party, (D, G)
    item: Mapping[Group, np.ndarray]  # (D, G)
    gross: Callable[[], float]  # the largest sum of all flows of a draw and strategy, signs left out, all layers


def item_groups(where: Layout) -> dict[Group, list[int]]:
    """Lines of each item, payer and recipient, in the order of the layout."""
    groups: dict[Group, list[int]] = {}
    for i, line in enumerate(where.lines):
        groups.setdefault((line.item, line.payer, line.recipient), []).append(i)
    return groups


def cost_of(view: Perspective, money: Flows, env: Mapping[str, Any], layer: int, *, half: bool = False) -> np.ndarray:
    """Discounted cost of a perspective, (D, G), or (D, 2, G) of the halves; 0 where it is no more than rounding."""
    total = cost(view, money, env, layer, half=half).sum(axis=-1)
    return _without_rounding(total, rounding_by_draw(view, money, env, layer))


def net_of_parties(model: Model, money: Flows, layer: int, *, half: bool = False) -> dict[str, np.ndarray]:
    """What each party inside society pays less what it receives: (D, G), or (D, 2, G) of the halves.

    It is 0 where it is no more than rounding: who passes on what is received has neither a gain nor a loss.
    """
    net = parties_net(model, money, layer, half=half)
    alone = {party.name: Perspective(party.name, party.label, (party.name,)) for party in model.parties}
    return {
        name: _without_rounding(by_period.sum(axis=-1), rounding_by_draw(alone[name], money, {}, layer))
        for name, by_period in net.items()
    }


def _without_rounding(total: np.ndarray, least: np.ndarray) -> np.ndarray:
    """Totals (D, ...) with 0 for those that lie within `least` (D,) of it."""
    limits = least.reshape(-1, *[1] * (total.ndim - 1))
    return np.where(np.abs(total) <= limits, 0.0, total)


def programme_of_parties(model: Model, money: Flows, layer: int) -> dict[str, np.ndarray]:
    """The same of the programme's own flows, (D, G)."""
    own = [i for i, line in enumerate(money.lines) if line.flow.programme]
    cells = Flows(tuple(money.lines[i] for i in own), money.amount[:, :, own], None)
    return net_of_parties(model, cells, layer)


def item_amounts(money: Flows, lines: list[int], layer: int) -> np.ndarray:
    """Discounted amount of some lines, (D, G)."""
    return np.asarray(money.amount[..., layer][:, :, lines].sum(axis=(2, 3)))


def gross_amount(money: Flows) -> float:
    """The largest sum of all flows of a draw and strategy, signs left out, in all layers."""
    return float(np.abs(money.amount).sum(axis=(2, 3)).max(initial=0.0))


def totals_of(model: Model, where: Layout, money: Flows, env: Mapping[str, Any], layer: int, halves: bool) -> Totals:
    """The totals of draws that have been priced, worked out on demand; `halves`: both halves hold as many people."""
    views = {view.name: view for view in model.perspectives}
    names, both = list(views), halves and money.half is not None
    groups = item_groups(where)
    parties = [party.name for party in model.parties if not party.outside]
    net = cache(lambda: net_of_parties(model, money, layer))
    net_half = cache(lambda: net_of_parties(model, money, layer, half=True))
    programme = cache(lambda: programme_of_parties(model, money, layer))
    return Totals(
        cost=OnDemand(names, lambda name: cost_of(views[name], money, env, layer)),
        cost_half=OnDemand(names if both else [], lambda name: cost_of(views[name], money, env, layer, half=True)),
        cost_by_year=OnDemand(names, lambda name: cost(views[name], money, env, 0)),
        rounding=OnDemand(names, lambda name: rounding(views[name], money, env, layer)),
        party=OnDemand(parties, lambda name: net()[name]),
        party_half=OnDemand(parties if both else [], lambda name: net_half()[name]),
        programme=OnDemand(parties, lambda name: programme()[name]),
        item=OnDemand(list(groups), lambda group: item_amounts(money, groups[group], layer)),
        gross=lambda: gross_amount(money),
    )


_BY_DRAW = ("cost", "cost_half", "cost_by_year", "party", "party_half", "programme", "item")


def to_arrays(totals: Totals, effect_totals: Effects) -> Arrays:
    """Totals and effects of a part as arrays by name."""
    arrays: Arrays = {"effect": effect_totals.value, "gross": np.array(totals.gross())}
    if effect_totals.half is not None:
        arrays["effect_half"] = effect_totals.half
    for kind in _BY_DRAW:
        for number, array in enumerate(getattr(totals, kind).values()):
            arrays[f"{kind}_{number}"] = np.ascontiguousarray(array)
    return arrays | {"rounding": np.array(list(totals.rounding.values()))}


class Gathered:
    """Totals and effects of at most so many draws, filled part by part."""

    def __init__(self, model: Model, where: Layout, draws: int) -> None:
        views = [view.name for view in model.perspectives]
        names = [party.name for party in model.parties if not party.outside]
        self.names: dict[str, list[Any]] = {
            **dict.fromkeys(("cost", "cost_half", "cost_by_year"), views),
            **dict.fromkeys(("party", "party_half", "programme"), names),
            "item": list(item_groups(where)),
        }
        self.effect_names = tuple(effect.name for effect in model.effects)
        self.draws, self.low = draws, 0
        self.wholes: Arrays = {}
        self.gross = 0.0
        self.rounding = np.zeros(len(views))

    def add(self, arrays: Arrays) -> None:
        """Put the next part behind the others."""
        size = len(arrays["effect"])
        kinds = ["effect", "effect_half", *(f"{k}_{n}" for k in _BY_DRAW for n in range(len(self.names[k])))]
        for name in kinds:
            if name in arrays:
                array = arrays[name]
                if name not in self.wholes:
                    self.wholes[name] = np.empty((self.draws, *array.shape[1:]), array.dtype)
                self.wholes[name][self.low : self.low + size] = array
        self.rounding = np.maximum(self.rounding, arrays["rounding"])
        self.gross = max(self.gross, float(arrays["gross"]))
        self.low += size

    def totals(self) -> Totals:
        """The totals of all draws that were added."""
        by_kind = {
            kind: {
                name: self._filled(at)
                for n, name in enumerate(self.names[kind])
                if (at := f"{kind}_{n}") in self.wholes
            }
            for kind in _BY_DRAW
        }
        by_view = dict(zip(self.names["cost"], self.rounding.tolist(), strict=True))
        return Totals(**by_kind, rounding=by_view, gross=partial(float, self.gross))

    def effects(self) -> Effects:
        """The effects of all draws that were added."""
        halves = self._filled("effect_half") if "effect_half" in self.wholes else None
        return Effects(self.effect_names, self._filled("effect"), halves)

    def _filled(self, name: str) -> np.ndarray:
        return self.wholes[name][: self.low]
