"""A check and its verdict: what was expected, what came, and whether that is well."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from costeff.verification.subject import Subject

Standing = Literal["fail", "pass", "not applicable"]
SUBJECTS = ("lives", "strategies", "money", "discounting", "health", "uncertainty", "decisions", "declarations")
DIGITS = 1e-9
"""Largest relative difference that sums of floats may leave where equal numbers are expected."""
MOST_NAMES = 6


@dataclass(frozen=True)
class Verdict:
    """How a check ended; `key` and `fields` are the text of the catalogue that says what came."""

    standing: Standing
    key: str
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Check:
    """One check: its name, the subject it is counted under, its number in TECH-VER's list, and what is done."""

    name: str
    subject: str
    item: str
    run: Callable[[Subject], Verdict]


CHECKS: dict[str, Check] = {}
"""Every check by name, in the order of the subjects."""


def check(name: str, subject: str, item: str) -> Callable[[Callable[[Subject], Verdict]], Callable[[Subject], Verdict]]:
    """Register a function as the check of a name; `item` is its number in TECH-VER's list, '' where it has none."""

    def register(function: Callable[[Subject], Verdict]) -> Callable[[Subject], Verdict]:
        CHECKS[name] = Check(name, subject, item, function)
        return function

    return register


def passing(key: str, **fields: str) -> Verdict:
    """What was expected came."""
    return Verdict("pass", f"verify_came_{key}", fields)


def failing(key: str, **fields: str) -> Verdict:
    """Something else came."""
    return Verdict("fail", f"verify_came_{key}", fields)


def without(reason: str, **fields: str) -> Verdict:
    """The model has nothing that the check is about."""
    return Verdict("not applicable", f"verify_why_{reason}", fields)


def of_names(wrong: Iterable[str], number: int) -> Verdict:
    """A fail that names what is wrong, or a pass that says how many were looked at."""
    names = list(dict.fromkeys(wrong))
    if not names:
        return passing("looked_at", number=str(number))
    more = f" + {len(names) - MOST_NAMES}" if len(names) > MOST_NAMES else ""
    return failing("names", names=", ".join(names[:MOST_NAMES]) + more)


def of_equal(actual: ArrayLike, expected: ArrayLike, tolerance: float = DIGITS) -> Verdict:
    """Whether two arrays are equal; with a tolerance, relative to the largest of the numbers expected.

    Examples
    --------
    >>> of_equal([1.0, 2.0], [1.0, 2.0], 0).standing, of_equal([1.0, 2.5], [1.0, 2.0]).fields["difference"]
    ('pass', '0.5')
    """
    first, second = np.broadcast_arrays(np.asarray(actual, float), np.asarray(expected, float))
    difference = float(np.abs(first - second).max(initial=0.0))
    scale = max(float(np.abs(second).max(initial=0.0)), float(np.abs(first).max(initial=0.0)))
    ending = passing if difference <= tolerance * scale else failing
    return ending("difference", difference=f"{difference:.6g}")


def of_limits(actual: ArrayLike, low: ArrayLike, high: ArrayLike, tolerance: float = DIGITS) -> Verdict:
    """Whether all numbers lie within limits; says how far the worst lies outside.

    Examples
    --------
    >>> of_limits([0.2, 1.2], 0, 1).fields["difference"], of_limits([0.2, 1.0], 0, 1).standing
    ('0.2', 'pass')
    """
    values = np.asarray(actual, float)
    outside = np.maximum(np.asarray(low, float) - values, values - np.asarray(high, float))
    worst = max(float(outside.max(initial=0.0)), 0.0)
    ending = passing if worst <= tolerance * max(float(np.abs(values).max(initial=0.0)), 1e-300) else failing
    return ending("outside", difference=f"{worst:.6g}")
