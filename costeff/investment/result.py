"""CaseResult: a case's cash flow with everything that can be read off it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from costeff.errors import ResultError
from costeff.investment import result_measures
from costeff.investment.case import Case
from costeff.investment.case_figures import Parties
from costeff.investment.cash import CashFlow, Service
from costeff.labels import Label

if TYPE_CHECKING:
    from costeff.investment.pricing import Priced


@dataclass(frozen=True, eq=False)
class OnTop:
    """The other programme, which everybody has, and this one where nobody has the other; each is a whole result."""

    other: CaseResultData
    alone: CaseResultData


@dataclass(frozen=True, eq=False)
class CaseResultData:
    """One case. Money is in the currency of the model at the case's price level; + is a gain for the party.

    Sizes: D draws, Y calendar years.

    `parties` names the parties; `groups` are sets of them by name (municipal, public, ...), which every method takes in
    place of a list of parties. `half` (D, 2, Y, L) is case less usual care as either half of the individuals has it.
    """

    case: Case
    cash: CashFlow
    service: Service
    rules: str
    parameters: Mapping[str, np.ndarray]
    individuals: int
    seed: int
    citizens_served: float
    parties: Mapping[str, Label]
    groups: Mapping[str, tuple[str, ...]]
    decider: str  # the group or party for whom the case is told unless another is named
    labels: Mapping[str, Label] = field(default_factory=dict)  # of groups
    half: np.ndarray | None = None
    equal_people: int | None = None  # as many in one cohort leave as much to luck; None: `individuals`
    priced: Priced | None = None  # what re-pricing needs
    repriced: Mapping[str, np.ndarray] = field(default_factory=dict)  # by `reprice`, (D,) each
    currency: str = "money"
    by_evidence: CaseResultData | None = None  # the same case with the evidence's effect, where the case has a belief
    on_top: OnTop | None = None  # the two programmes alone, where the case lies on top of another
    no_effect: CashFlow | None = None  # the same case when the programme changes nobody's life

    def __repr__(self) -> str:
        case, size = self.case, f"draws: {self.draws}, individuals: {self.individuals}, seed: {self.seed}"
        return (
            f"CaseResult: {case.name}, {self.years[0]}-{self.years[-1]}, {self.currency} at {case.price_year} prices, "
            f"{size}\n"
            f"  groups: {', '.join(self.groups)}"
        )

    @property
    def years(self) -> tuple[int, ...]:
        """The calendar years."""
        return self.cash.years

    @property
    def draws(self) -> int:
        """Number of draws."""
        return self.cash.draws

    net = result_measures.net
    npv = result_measures.npv
    cumulative = result_measures.cumulative
    payback = result_measures.payback
    break_even_probability = result_measures.break_even_probability
    realised_noise = result_measures.realised_noise
    return_per_krone = result_measures.return_per_krone
    expected_return_per_krone = result_measures.expected_return_per_krone
    without_effect = result_measures.without_effect
    expected_financing = result_measures.expected_financing
    peak_financing = result_measures.peak_financing
    permanent_change = result_measures.permanent_change
    largest_cost = result_measures.largest_cost

    def members(self, parties: Parties) -> tuple[str, ...]:
        """The parties meant by a group's name, a party's name or a list.

        Parameters
        ----------
        parties : str or sequence of str
            A group, a party, or parties by name.

        Returns
        -------
        tuple of str
            Names of parties.

        Raises
        ------
        ResultError
            For an unknown one.

        Examples
        --------
        >>> from costeff import invest
        >>> case = invest("tki2-aarhus-investment", draws=2, individuals=10, progress=False)
        >>> case.members("region")
        ('region',)
        """
        names = self.groups.get(parties, (parties,)) if isinstance(parties, str) else tuple(parties)
        for name in names:
            if name not in self.parties:
                party_names = ", ".join((*self.groups, *self.parties))
                raise ResultError("unknown party", value=name, rule=f"groups and parties: {party_names}")
        return tuple(names)

    def weeks(self, states: str | Collection[str]) -> np.ndarray:
        """Count citizen-weeks (cycles) in `states` by calendar year, case less usual care, (D, Y).

        Parameters
        ----------
        states : str or collection of str
            States of the model.

        Returns
        -------
        numpy.ndarray
            Over (draw, year), in cycles.

        Examples
        --------
        >>> from costeff import invest
        >>> case = invest("tki2-aarhus-investment", draws=2, individuals=10, progress=False)
        >>> case.weeks(case.with_prices().plan.model.state_names[0]).shape == case.net("public").shape
        True
        """
        pricing = self.with_prices()
        plan, q = pricing.plan, pricing.done.quantities
        names = (states,) if isinstance(states, str) else tuple(states)
        tally = plan.layout.tally(None)
        change = np.zeros((self.draws, len(self.years)))
        for name in names:
            if name not in tally.states:
                raise ResultError("unknown state", value=name, rule=f"states: {', '.join(tally.states)}")
            time = q.time[:, :, :, plan.layout.cells(tally, name), :, 0].sum(axis=(2, 3)) / q.half_sizes.sum()
            by_period = time[:, 1 - plan.usual] - time[:, plan.usual]
            for period, year in enumerate(pricing.period_year):
                change[:, year] += by_period[:, period]
        return change

    def with_prices(self) -> Priced:
        """What prices the case again.

        Returns
        -------
        Priced
            Plan, quantities and prices.

        Raises
        ------
        ResultError
            Where it is not there.

        Examples
        --------
        >>> from costeff import invest
        >>> case = invest("tki2-aarhus-investment", draws=2, individuals=10, progress=False)
        >>> case.with_prices() is case.priced
        True
        """
        if self.priced is None:
            raise ResultError(
                "the quantities behind this result are not there",
                rule="a result of `invest` holds them",
                way_out="run the case again",
            )
        return self.priced
