"""Flows resolved: a flow `of` another item becomes one line for each flow of that item, with its own parties."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from costeff.errors import ModelError
from costeff.model.elements import Flow, Share
from costeff.model.formulas.expression import Expression
from costeff.model.model import Model


@dataclass(frozen=True)
class Line:
    """One flow that can be priced by itself: time in states (or events, or entry) x amount x shares."""

    item: str
    payer: str
    recipient: str
    per: str
    amounts: Mapping[str, Expression]
    transitions: tuple[str, ...]
    weight: str | None
    shares: tuple[Share, ...]
    strategies: tuple[str, ...]
    flow: Flow

    @property
    def bands(self) -> tuple[str, ...]:
        """Band systems that the shares use, each once, in order of appearance."""
        return tuple(dict.fromkeys(band for share in self.shares for band in share.bands))

    @property
    def states(self) -> tuple[str, ...]:
        return tuple(self.amounts) if self.per == "cycle" else ()


def lines(model: Model) -> tuple[Line, ...]:
    """All flows of `model` as lines, in declared order. Raises ModelError when `of` goes round in a circle."""
    by_item: dict[str, list[Flow]] = {}
    for flow in model.flows:
        by_item.setdefault(flow.item, []).append(flow)
    return tuple(line for flow in model.flows for line in _resolve(flow, by_item, ()))


def _resolve(flow: Flow, by_item: Mapping[str, list[Flow]], chain: tuple[str, ...]) -> list[Line]:
    if flow.of is None:
        return [
            Line(
                flow.item,
                flow.payer,
                flow.recipient,
                flow.per,
                flow.amounts,
                flow.transitions,
                flow.weight,
                flow.shares,
                flow.strategies,
                flow,
            )
        ]
    if flow.of in chain or flow.of == flow.item:
        raise ModelError(
            "flows refer to each other in a circle",
            where=flow.place,
            value=" -> ".join((*chain, flow.item, flow.of)),
            rule="`of` leads to a flow with an amount",
            way_out="give one of them an `amount`",
        )
    item_lines = []
    for base in by_item[flow.of]:
        for line in _resolve(base, by_item, (*chain, flow.item)):
            strategies = flow.strategies or line.strategies
            if flow.strategies and line.strategies:
                strategies = tuple(s for s in flow.strategies if s in line.strategies)
                if not strategies:  # a share of what is never paid under these strategies
                    continue
            item_lines.append(
                Line(
                    flow.item,
                    flow.payer,
                    flow.recipient,
                    line.per,
                    line.amounts,
                    line.transitions,
                    line.weight,
                    (*line.shares, *flow.shares),
                    strategies,
                    flow,
                )
            )
    return item_lines
