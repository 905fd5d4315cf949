"""Conditional means of an evaluation: costs, effects and net benefits of every strategy given values of parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from costeff.analysis.apart import AT_ZERO, NET_ONLY, check_apart, check_wtp
from costeff.analysis.dust import DUST
from costeff.analysis.levels import Levels, levels_of
from costeff.analysis.measures import EFFECT, NET_BENEFIT, NET_COST, measure_of
from costeff.analysis.net_benefit import increments, net_increments
from costeff.errors import ResultError
from costeff.sensitivity.conditional_fit import Bases, Curve, LevelMeans, Mean, PairMean, mean_given_pair
from costeff.sensitivity.netting import Netted, Netting
from costeff.sensitivity.tornado import Decision, decision

if TYPE_CHECKING:
    from costeff.analysis.evaluation import EvaluationData

Floats = NDArray[np.float64]
FEWEST = 50
"""Draws below which a regression is refused."""


@dataclass(frozen=True, eq=False)
class Given:
    """Means given values of some parameters, (row, strategy) as increments against the comparator (its own are 0)."""

    cost: Floats
    gain: Floats
    benefit: Floats
    """What strategies are compared by, more is better: net benefit, net cost with its sign turned, or gain."""
    result: Floats
    """(row,): the measure for the compared strategy."""
    weights: Floats
    """(row, column): how errors enter each row, in units of the result; see `Means.errors`."""

    @property
    def mcse(self) -> Floats:
        """(row,): standard error of the result."""
        return np.asarray(np.sqrt((self.weights**2).sum(axis=1)))

    def span_mcse(self) -> float:
        """Standard error of the last row's result less the first one's."""
        return float(np.sqrt(((self.weights[-1] - self.weights[0]) ** 2).sum()))


class Conditional:
    """Conditional means of one evaluation; `on` is the measure (see costeff.analysis.measures), by default by `wtp`.

    Raises ResultError for an unknown strategy or parameter or fewer than 50 draws, ScenarioError for a measure or `wtp`
    that cannot be used.
    """

    def __init__(
        self, evaluation: EvaluationData, wtp: float | None = None, strategy: str | None = None, on: str | None = None
    ) -> None:
        others = evaluation.alternatives
        if evaluation.draws < FEWEST:
            raise ResultError(
                "too few draws for conditional means",
                value=evaluation.draws,
                rule=f"at least {FEWEST}",
                way_out="run more draws, or give a scenario, which can be run at any value",
            )
        if not others:
            raise ResultError(
                "there is one strategy, and nothing to compare it with",
                value=evaluation.comparator,
                rule="a result here is the difference from the comparator",
                way_out="give two strategies or more",
            )
        if strategy is not None and strategy not in others:
            raise ResultError(
                "unknown strategy to compare",
                value=strategy,
                rule=f"strategies: {', '.join(others)}",
                way_out="name one of them, or another comparator",
            )
        self.on, self.wtp = measure_of(on, wtp)
        self.net_only = evaluation.attrs.get("results") == NET_ONLY
        if self.on != NET_BENEFIT:
            check_apart(evaluation, f"'{self.on}'", AT_ZERO)
        elif self.wtp is not None:
            check_wtp(evaluation, [self.wtp])
        self.evaluation, self.strategy = evaluation, strategy or others[-1]
        self.own = others.index(self.strategy)
        base = evaluation.comparator_index
        self.cost, self.gain = increments(evaluation.cost, base), increments(evaluation.gain, base)
        self.benefit = (
            self.gain if self.on == EFFECT else -self.cost if self.wtp is None else net_increments(evaluation, self.wtp)
        )
        self.sign = {NET_BENEFIT: 1, NET_COST: -1, EFFECT: evaluation.effect_sign}[self.on]

    @cached_property
    def varying(self) -> dict[str, Levels | None]:
        """The parameters that vary between the draws, with their levels where they are discrete."""
        parameters = self.evaluation.parameters
        moving = [name for name, x in parameters.items() if np.ptp(x) > DUST * np.abs(x).max()]
        return {name: levels_of(self.evaluation, name) for name in moving}

    @cached_property
    def netting(self) -> Netting:
        """The regressions of cost, gain and what is compared on all parameters that vary."""
        parameters = {name: self.evaluation.parameters[name] for name in self.varying}
        groups = [self.cost, self.gain, self.benefit]
        return Netting(parameters, self.varying, groups, self.evaluation.replicates)

    def column(self, name: str) -> Floats:
        """The draws of a parameter that varies. Raises ResultError for another."""
        parameters = self.evaluation.parameters
        if name not in self.varying:
            raise ResultError(
                "this parameter does not vary between the draws" if name in parameters else "unknown parameter",
                value=name,
                rule=f"parameters that vary: {', '.join(self.varying) or 'none'}",
                way_out="name one of them; a table's parameters stand in their own columns or in --parameters TABLE",
            )
        return parameters[name]

    def given(self, names: Sequence[str]) -> Means:
        """The means given one or two parameters, to be asked for any values."""
        return Means(self, names)

    def mean(self) -> float:
        """The measure in the mean over all draws."""
        return float(self.sign * self.benefit[:, self.own].mean())

    def base(self) -> Decision:
        """The decision by the means over all draws."""
        return self.decide(self.cost.mean(axis=0), self.gain.mean(axis=0), self.benefit.mean(axis=0))

    def decide(self, cost: Floats, gain: Floats, benefit: Floats) -> Decision:
        """The decision from increments of the strategies beside the comparator."""
        names = (self.evaluation.comparator, *self.evaluation.alternatives)
        costs, gains, worth = (np.append(0.0, values) for values in (cost, gain, benefit))
        choice = decision(names, self.evaluation.comparator, self.strategy, costs, gains, self.wtp, benefit=worth)
        return replace(choice, quadrant="") if self.net_only else choice  # no cost and effect apart, so no plane

    def about(self) -> dict[str, object]:
        """What travels with every table."""
        e = self.evaluation
        who, money = e.label or e.perspective, e.currency
        worth = f"{self.wtp:,.10g} {money} per {e.effect_unit}" if self.wtp is not None else ""
        english, danish = {
            NET_BENEFIT: ("Incremental net benefit as it was made", "Ekstra nettogevinst, som den blev dannet")
            if self.net_only
            else (f"Incremental net benefit at {worth}", f"Ekstra nettogevinst ved {worth}"),
            NET_COST: ("Incremental net cost", "Meromkostning"),
            EFFECT: ("Incremental effect", "Ekstra effekt"),
        }[self.on]
        unit = e.effect_unit if self.on == EFFECT else money
        return {
            **({} if e.replicates is None else {"replicates": e.replicates}),
            "measure": self.on,
            "measure_en": f"{english}: {who} ({unit} per individual)",
            "measure_da": f"{danish}: {who} ({unit} pr. person)",
            "perspective": e.perspective,
            "strategy": self.strategy,
            "comparator": e.comparator,
            "effect": e.effect_name,
            "effect_unit": e.effect_unit,
            "effect_sign": e.effect_sign,
            "wtp": self.wtp,
            "currency": money,
            "price_year": e.price_year,
            "draws": e.draws,
            "errors": e.errors,
            "simulations": 0,
            "conditional": True,
        }


class Means:
    """Means given `names`, one or two parameters, as functions of their values (row, parameter)."""

    def __init__(self, ask: Conditional, names: Sequence[str]) -> None:
        self.ask, self.names = ask, list(names)
        points = np.column_stack([ask.column(name) for name in names])
        levels = [ask.varying[name] for name in names]
        self.partners = ask.netting.partners(names)
        self.netted = ask.netting.without_others(names)
        bases = Bases.on(points) if not any(levels) else None
        self.fits: list[Mean | PairMean] = []
        for group in self.netted:
            if len(names) == 2:
                self.fits.append(mean_given_pair(points, levels, group.values, bases))
            elif levels[0] is not None:
                self.fits.append(LevelMeans(levels[0], group.values))
            elif bases is not None:
                self.fits.append(Curve(bases, group.values))

    def __call__(self, values: Floats) -> Given:
        """Means at values (row, parameter)."""
        ask = self.ask
        cost, gain, benefit = (fit.at(values) for fit in self.fits)
        contrast = np.zeros(benefit.shape[1])
        contrast[ask.own] = 1.0
        return Given(cost, gain, benefit, ask.sign * benefit[:, ask.own], self.errors(values, contrast))

    def benefit(self, values: Floats) -> Floats:
        """What strategies are compared by, the comparator's 0 first: (row, strategy)."""
        benefits = self.fits[2].at(values)
        return np.column_stack([np.zeros(len(benefits)), benefits])

    def errors(self, values: Floats, contrast: Floats) -> Floats:
        """(row, column): what goes into the error of a combination of benefits (strategy - 1,), as roots of variances.

        By draw, or by replicate where draws lie in them, what its luck does to each row: through the regression, and
        as one of the draws that other parameters are averaged over; then what smoothing may have missed, and rounding.
        A single replicate tells none (NaN).
        """
        ask, fit, net_responses = self.ask, self.fits[2], self.netted[2]
        draws, blocks = ask.evaluation.draws, ask.evaluation.replicates
        if blocks == 1:
            return np.full((len(values), 1), np.nan)
        influence = fit.pull(values) * (fit.spread @ contrast) + self._averaged(net_responses, values, contrast) / draws
        if blocks is not None:
            influence = influence.reshape(len(values), blocks, -1).sum(axis=2)
            influence = (influence - influence.mean(axis=1, keepdims=True)) * np.sqrt(blocks / (blocks - 1))
        size = DUST * float(np.abs(ask.benefit @ contrast).mean())
        return np.hstack([influence, fit.missed(values, contrast), np.full((len(values), 1), size)])

    def _averaged(self, net_responses: Netted, values: Floats, contrast: Floats) -> Floats:
        """(row, draw): what is taken off each draw at these values, of which the mean over other draws would differ."""
        terms = self.ask.netting.terms
        scores = np.hstack([terms[name].score_at(x) for name, x in zip(self.names, values.T, strict=True)])
        return np.asarray(net_responses.constant @ contrast + scores @ (net_responses.by_score @ contrast).T)
