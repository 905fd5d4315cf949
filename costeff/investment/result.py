"""CaseResult: a case's cash flow with everything that can be read off it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from costeff.errors import ResultError
from costeff.investment import measures
from costeff.investment.case import Case
from costeff.investment.cash import CashFlow, Service
from costeff.labels import Label

if TYPE_CHECKING:
    from costeff.investment.pricing import Priced


Parties = str | Collection[str]


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

    def net(self, parties: Parties) -> np.ndarray:
        """Net gain by calendar year, (D, Y), undiscounted.

        Parameters
        ----------
        parties : str or sequence of str
            A group, a party, or parties by name.

        Returns
        -------
        numpy.ndarray
            Over (draw, year), in currency.

        Examples
        --------
        >>> from costeff import invest
        >>> case = invest("tki2-aarhus-investment", draws=2, individuals=10, progress=False)
        >>> case.net("public").shape == (case.draws, len(case.years))
        True
        """
        return self.cash.net(self.members(parties))

    def npv(self, parties: Parties) -> np.ndarray:
        """Net present value, (D,).

        Parameters
        ----------
        parties : str or sequence of str
            A group, a party, or parties by name.

        Returns
        -------
        numpy.ndarray
            Over (draw,), in currency.

        Examples
        --------
        >>> from costeff import invest
        >>> case = invest("tki2-aarhus-investment", draws=2, individuals=10, progress=False)
        >>> case.npv("public").shape
        (2,)
        """
        return measures.npv(self.cash, self.members(parties))

    def cumulative(self, parties: Parties, discounted: bool = False) -> np.ndarray:
        """Net gain up to and including each year, (D, Y).

        Parameters
        ----------
        parties : str or sequence of str
            A group, a party, or parties by name.
        discounted : bool
            Whether later years count less; else money is as paid.

        Returns
        -------
        numpy.ndarray
            Over (draw, year), in currency.

        Examples
        --------
        >>> from costeff import invest
        >>> case = invest("tki2-aarhus-investment", draws=2, individuals=10, progress=False)
        >>> bool(np.allclose(case.cumulative("public")[:, 0], case.net("public")[:, 0]))
        True
        """
        return measures.cumulative(self.cash, self.members(parties), discounted)

    def payback(self, parties: Parties, discounted: bool = False) -> np.ndarray:
        """Count the years until paid back for good, (D,): infinity is never within the horizon, NaN no investment.

        Parameters
        ----------
        parties : str or sequence of str
            A group, a party, or parties by name.
        discounted : bool
            Whether later years count less; else money is as paid.

        Returns
        -------
        numpy.ndarray
            Over (draw,), in years.

        Examples
        --------
        >>> from costeff import invest
        >>> case = invest("tki2-aarhus-investment", draws=2, individuals=10, progress=False)
        >>> case.payback("public").shape
        (2,)
        """
        return measures.payback(self.cash, self.members(parties), discounted)

    def break_even_probability(self, parties: Parties, discounted: bool = False, realised: bool = False) -> np.ndarray:
        """Probability of being paid back within 1, 2, ..., Y years, (Y,), by the expected result or the realised one.

        The realised result is that of the actual number of citizens, with the luck of each. It needs two halves of
        individuals.

        Parameters
        ----------
        parties : str or sequence of str
            A group, a party, or parties by name.
        discounted : bool
            Whether later years count less; else money is as paid.
        realised : bool
            Whether the luck of the actual citizens is included.

        Returns
        -------
        numpy.ndarray
            Over (year,), between 0 and 1.

        Examples
        --------
        >>> from costeff import invest
        >>> case = invest("tki2-aarhus-investment", draws=2, individuals=10, progress=False)
        >>> bool((np.diff(case.break_even_probability("public")) >= 0).all())
        True
        """
        noise = self.realised_noise(parties) if realised else None
        return measures.break_even_probability(self.cash, self.members(parties), discounted, noise)

    def realised_noise(self, parties: Parties) -> np.ndarray:
        """Yearly departures of the actual citizens from their expectation, (D, Y), as individual luck spreads them.

        Parameters
        ----------
        parties : str or sequence of str
            A group, a party, or parties by name.

        Returns
        -------
        numpy.ndarray
            Over (draw, year), in currency.

        Examples
        --------
        >>> from costeff import invest
        >>> case = invest("tki2-aarhus-investment", draws=2, individuals=10, progress=False)
        >>> case.realised_noise("public").shape == case.net("public").shape
        True
        """
        if self.half is None:
            raise ResultError(
                "the spread between individuals is not known",
                rule="it is measured between two equal halves of simulated individuals",
                way_out="simulate an even number of individuals",
            )
        sign = [
            (x.recipient in self.members(parties)) * 1.0 - (x.payer in self.members(parties)) for x in self.cash.lines
        ]
        return measures.half_spread(
            self.half @ np.array(sign), self.equal_people or self.individuals, self.citizens_served
        )

    def return_per_krone(self, parties: Parties) -> np.ndarray:
        """Present value gained per krone of programme cost, (D,); NaN where nothing is put in.

        Parameters
        ----------
        parties : str or sequence of str
            A group, a party, or parties by name.

        Returns
        -------
        numpy.ndarray
            Over (draw,), a ratio.

        Examples
        --------
        >>> from costeff import invest
        >>> case = invest("tki2-aarhus-investment", draws=2, individuals=10, progress=False)
        >>> case.return_per_krone("public").shape
        (2,)
        """
        return measures.return_per_krone(self.cash, self.members(parties))

    def expected_return_per_krone(self, parties: Parties) -> float:
        """Expected gain over expected programme cost.

        Parameters
        ----------
        parties : str or sequence of str
            A group, a party, or parties by name.

        Returns
        -------
        float
            A ratio.

        Examples
        --------
        >>> from costeff import invest
        >>> case = invest("tki2-aarhus-investment", draws=2, individuals=10, progress=False)
        >>> isinstance(case.expected_return_per_krone("public"), float)
        True
        """
        return measures.expected_return_per_krone(self.cash, self.members(parties))

    def without_effect(self) -> CashFlow:
        """The case with the programme booked as it is (its cost, and the case work that it replaces) and no effect:
        every ratio of the programme at 1 for the same citizens.

        Returns
        -------
        CashFlow
            By draw, year and line, in currency.

        Raises
        ------
        ResultError
            When it is not known.

        Examples
        --------
        >>> import costeff
        >>> case = costeff.invest("tki2-aarhus-investment", draws=2, individuals=10, progress=False)
        >>> bool(case.without_effect().net(["region"]).any())  # what the programme does not book stays as it was
        False
        """
        if self.no_effect is None:
            raise ResultError(
                "the result without effect is not known",
                rule="a result of `invest` holds it",
                way_out="run the case again",
            )
        return self.no_effect

    def expected_financing(self, parties: Parties) -> tuple[float, int | None]:
        """What the expected budget profile needs at its lowest point, undiscounted, and the calendar year of it.

        Parameters
        ----------
        parties : str or sequence of str
            A group, a party, or parties by name.

        Returns
        -------
        tuple
            Currency, and the calendar year; None where nothing has to be financed.

        Examples
        --------
        >>> from costeff import invest
        >>> case = invest("tki2-aarhus-investment", draws=2, individuals=10, progress=False)
        >>> len(case.expected_financing("public"))
        2
        """
        return measures.expected_financing(self.cash, self.members(parties))

    def peak_financing(self, parties: Parties) -> np.ndarray:
        """The deepest deficit of each draw, (D,), undiscounted: the risk; its mean is not `expected_financing`.

        Parameters
        ----------
        parties : str or sequence of str
            A group, a party, or parties by name.

        Returns
        -------
        numpy.ndarray
            Over (draw,), in currency.

        Examples
        --------
        >>> from costeff import invest
        >>> case = invest("tki2-aarhus-investment", draws=2, individuals=10, progress=False)
        >>> case.peak_financing("public").shape
        (2,)
        """
        return measures.peak_financing(self.cash, self.members(parties))

    def permanent_change(self, parties: Parties) -> np.ndarray:
        """Yearly net gain at full effect, (D,): that of the horizon's last year; NaN when inflow has ended by then.

        Parameters
        ----------
        parties : str or sequence of str
            A group, a party, or parties by name.

        Returns
        -------
        numpy.ndarray
            Over (draw,), in currency a year.

        Examples
        --------
        >>> from costeff import invest
        >>> case = invest("tki2-aarhus-investment", draws=2, individuals=10, progress=False)
        >>> case.permanent_change("public").shape
        (2,)
        """
        change = measures.permanent_change(self.cash, self.members(parties))
        return change if self.service.inflow[-1] > 0 else np.full(change.shape, np.nan)

    def largest_cost(self, parties: Parties) -> float:
        """Largest programme cost per citizen served at which the expected net present value is not negative.

        Undiscounted cost over citizens served, the parties' own share only; every part of it rises alike. NaN: no
        investment.

        Parameters
        ----------
        parties : str or sequence of str
            A group, a party, or parties by name.

        Returns
        -------
        float
            In currency per citizen served.

        Examples
        --------
        >>> from costeff import invest
        >>> case = invest("tki2-aarhus-investment", draws=2, individuals=10, progress=False)
        >>> isinstance(case.largest_cost("public"), float)
        True
        """
        members = self.members(parties)
        cost = -self.cash.net(members, measures.programme_lines(self.cash)).sum(axis=1).mean()
        return measures.largest_cost_factor(self.cash, members) * float(cost) / self.citizens_served

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
