"""Warns where a distribution cannot be drawn with the interval that was declared for it, and says what can."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping

from costeff.errors import EvidenceError, Place
from costeff.evidence.distributions.distribution import CENTRES, Distribution, amount_text
from costeff.evidence.distributions.skewed import Lognormal
from costeff.units import parse_unit

MOST_MISSED = 0.05
"""Share of the declared width by which an end may be missed without a word."""
MOST_OF_LIMIT = 0.5
"""Share of a limit itself by which it may be missed: a limit of 0.3 that is drawn as 0 may miss little of the width."""
RATIO_MISSED, RATIO_MET = 0.02, 0.01
"""A ratio whose limits are missed by more than the first around a mean, and by less than the second around a median,
was very probably published as a median."""


class IntervalWarning(UserWarning):
    """A declared interval and the drawn one differ by more than a little."""


def warn_of_interval(
    name: str,
    drawn: Distribution,
    value: float,
    centre: str,
    unit: str,
    families: Mapping[str, type[Distribution]],
    where: Place | None,
) -> None:
    """Warn with the declared and the drawn interval, and the way out, when they differ too much.

    Parameters
    ----------
    name, value, centre, unit, where
        Of the parameter.
    drawn
        Its distribution, which knows the declared interval.
    families
        Distributions by name, among which a better one is looked for.
    """
    if drawn.declared is None:
        return
    ends = zip(drawn.declared, drawn.interval(), strict=True)
    close = drawn.miss <= MOST_MISSED and all(abs(a - b) <= MOST_OF_LIMIT * abs(a) for a, b in ends if a)
    mean_ratio = unit == "ratio" and centre == "mean" and drawn.miss > RATIO_MISSED
    if close and not mean_ratio:
        return
    better = list(_better(drawn, value, centre, unit, families))
    published = [
        text
        for text, made in better
        if mean_ratio and isinstance(made, Lognormal) and "median" in text and made.miss < RATIO_MET
    ]
    if close and not published:
        return
    ways = [*published[:1], *(text for text, _ in better if text not in published)]
    meant = "`interval_approximate: true` if the interval was only meant roughly"
    problem = EvidenceError(
        f"parameter {name!r}: the drawn 95 % interval is not the declared one",
        where=where,
        value=f"declared {interval_text(drawn.declared)}, drawn {interval_text(drawn.interval())}, "
        f"an end missed by {drawn.miss:.1%} of the width",
        rule=f"around this {centre} a {drawn.family} has one number for its spread, and cannot meet two limits; the "
        "spread that misses them least is drawn",
        way_out=" or ".join([*ways[:2], meant]),
    )
    warnings.warn(str(problem), IntervalWarning, stacklevel=2)


def interval_text(limits: tuple[float, float]) -> str:
    """Two limits in a sentence.

    >>> interval_text((0.18604, 0.8672))
    '0.186 to 0.8672'
    """
    return " to ".join(amount_text(float(f"{limit:.4g}")) for limit in limits)


def _better(
    drawn: Distribution, value: float, centre: str, unit: str, families: Mapping[str, type[Distribution]]
) -> Iterator[tuple[str, Distribution]]:
    """What meets the limits, as it would be written, with its distribution: the same family first, then by miss."""
    assert drawn.declared is not None
    found: list[tuple[bool, float, str, Distribution]] = []
    for family in families.values():
        for other in CENTRES:
            try:
                made = family.from_interval(value, *drawn.declared, other)
                allowed = parse_unit(unit).allows(*made.support)
            except EvidenceError:
                continue
            if made.miss > MOST_MISSED or not allowed or (family.family, other) == (drawn.family, centre):
                continue
            keys = [] if family is type(drawn) else [f"distribution: {family.family}"]
            keys += [] if other == centre else [f"centre: {other}"]
            told = f"`{', '.join(keys)}` (drawn {interval_text(made.interval())})"
            if other != centre:
                told += f" if {amount_text(value)} is a {other}" + ", as of a ratio" * (
                    unit == "ratio" and isinstance(made, Lognormal)
                )
            found.append((family is not type(drawn), made.miss, told, made))
    for *_, told, made in sorted(found, key=lambda x: x[:3]):
        yield told, made
