"""What is read off a case's cash flow: functions of a case's result, bound to its class."""

from __future__ import annotations

import numpy as np

from costeff.errors import ResultError
from costeff.investment import measures
from costeff.investment.case_figures import CaseFigures, Parties
from costeff.investment.cash import CashFlow, net_by_half


def net(result: CaseFigures, parties: Parties) -> np.ndarray:
    """Net gain by calendar year, (D, Y), undiscounted.

    Parameters
    ----------
    result : CaseResult
        Of one case.
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
    return result.cash.net(result.members(parties))


def npv(result: CaseFigures, parties: Parties) -> np.ndarray:
    """Net present value, (D,).

    Parameters
    ----------
    result : CaseResult
        Of one case.
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
    return measures.npv(result.cash, result.members(parties))


def cumulative(result: CaseFigures, parties: Parties, discounted: bool = False) -> np.ndarray:
    """Net gain up to and including each year, (D, Y).

    Parameters
    ----------
    result : CaseResult
        Of one case.
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
    return measures.cumulative(result.cash, result.members(parties), discounted)


def payback(result: CaseFigures, parties: Parties, discounted: bool = False) -> np.ndarray:
    """Count the years until paid back for good, (D,): infinity is never within the horizon, NaN no investment.

    Parameters
    ----------
    result : CaseResult
        Of one case.
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
    return measures.payback(result.cash, result.members(parties), discounted)


def break_even_probability(
    result: CaseFigures, parties: Parties, discounted: bool = False, realised: bool = False
) -> np.ndarray:
    """Probability of being paid back within 1, 2, ..., Y years, (Y,), by the expected result or the realised one.

    The realised result is that of the actual number of citizens, with the luck of each. It needs two halves of
    individuals.

    Parameters
    ----------
    result : CaseResult
        Of one case.
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
    noise = realised_noise(result, parties) if realised else None
    return measures.break_even_probability(result.cash, result.members(parties), discounted, noise)


def realised_noise(result: CaseFigures, parties: Parties) -> np.ndarray:
    """Yearly departures of the actual citizens from their expectation, (D, Y), as individual luck spreads them.

    Parameters
    ----------
    result : CaseResult
        Of one case.
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
    if result.half is None:
        raise ResultError(
            "the spread between individuals is not known",
            rule="it is measured between two equal halves of simulated individuals",
            way_out="simulate an even number of individuals",
        )
    by_half = net_by_half(result.cash, result.half, result.members(parties))
    return measures.half_spread(by_half, result.equal_people or result.individuals, result.citizens_served)


def return_per_krone(result: CaseFigures, parties: Parties) -> np.ndarray:
    """Present value gained per krone of programme cost, (D,); NaN where nothing is put in.

    Parameters
    ----------
    result : CaseResult
        Of one case.
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
    return measures.return_per_krone(result.cash, result.members(parties))


def expected_return_per_krone(result: CaseFigures, parties: Parties) -> float:
    """Expected gain over expected programme cost.

    Parameters
    ----------
    result : CaseResult
        Of one case.
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
    return measures.expected_return_per_krone(result.cash, result.members(parties))


def without_effect(result: CaseFigures) -> CashFlow:
    """The case with the programme booked as it is (its cost, and the case work that it replaces) and no effect:
    every ratio of the programme at 1 for the same citizens.

    Parameters
    ----------
    result : CaseResult
        Of one case.

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
    if result.no_effect is None:
        raise ResultError(
            "the result without effect is not known", rule="a result of `invest` holds it", way_out="run the case again"
        )
    return result.no_effect


def expected_financing(result: CaseFigures, parties: Parties) -> tuple[float, int | None]:
    """What the expected budget profile needs at its lowest point, undiscounted, and the calendar year of it.

    Parameters
    ----------
    result : CaseResult
        Of one case.
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
    return measures.expected_financing(result.cash, result.members(parties))


def peak_financing(result: CaseFigures, parties: Parties) -> np.ndarray:
    """The deepest deficit of each draw, (D,), undiscounted: the risk; its mean is not `expected_financing`.

    Parameters
    ----------
    result : CaseResult
        Of one case.
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
    return measures.peak_financing(result.cash, result.members(parties))


def permanent_change(result: CaseFigures, parties: Parties) -> np.ndarray:
    """Yearly net gain at full effect, (D,): that of the horizon's last year; NaN when inflow has ended by then.

    Parameters
    ----------
    result : CaseResult
        Of one case.
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
    change = measures.permanent_change(result.cash, result.members(parties))
    return change if result.service.inflow[-1] > 0 else np.full(change.shape, np.nan)


def largest_cost(result: CaseFigures, parties: Parties) -> float:
    """Largest programme cost per citizen served at which the expected net present value is not negative.

    Undiscounted cost over citizens served, the parties' own share only; every part of it rises alike. NaN: no
    investment.

    Parameters
    ----------
    result : CaseResult
        Of one case.
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
    members = result.members(parties)
    cost = -result.cash.net(members, measures.programme_lines(result.cash)).sum(axis=1).mean()
    return measures.largest_cost_factor(result.cash, members) * float(cost) / result.citizens_served
