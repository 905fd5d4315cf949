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
    distribution: Distribution,
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
    distribution
        Its distribution, which knows the declared interval.
    families
        Distributions by name, among which a better one is looked for.
    """
    if distribution.declared is None:
        return
    ends = zip(distribution.declared, distribution.interval(), strict=True)
    close = distribution.miss <= MOST_MISSED and all(abs(a - b) <= MOST_OF_LIMIT * abs(a) for a, b in ends if a)
    mean_ratio = unit == "ratio" and centre == "mean" and distribution.miss > RATIO_MISSED
    if close and not mean_ratio:
        return
    better = list(_better(distribution, value, centre, unit, families))
    median_ways = [
        text
        for text, candidate in better
        if mean_ratio and isinstance(candidate, Lognormal) and "median" in text and candidate.miss < RATIO_MET
    ]
    if close and not median_ways:
        return
    ways = [*median_ways[:1], *(text for text, _ in better if text not in median_ways)]
    rough_way = "`interval_approximate: true` if the interval was only meant roughly"
    problem = EvidenceError(
        f"parameter {name!r}: the drawn 95 % interval is not the declared one",
        where=where,
        value=f"declared {interval_text(distribution.declared)}, drawn {interval_text(distribution.interval())}, "
        f"an end missed by {distribution.miss:.1%} of the width",
        rule=f"around this {centre} a {distribution.family} has one number for its spread, and cannot meet two limits; "
        "the spread that misses them least is drawn",
        way_out=" or ".join([*ways[:2], rough_way]),
    )
    warnings.warn(str(problem), IntervalWarning, stacklevel=2)


def interval_text(limits: tuple[float, float]) -> str:
    """Two limits in a sentence.

    >>> interval_text((0.18604, 0.8672))
    '0.186 to 0.8672'
    """
    return " to ".join(amount_text(float(f"{limit:.4g}")) for limit in limits)


def _better(
    distribution: Distribution, value: float, centre: str, unit: str, families: Mapping[str, type[Distribution]]
) -> Iterator[tuple[str, Distribution]]:
    """What meets the limits, as it would be written, with its distribution: the same family first, then by miss."""
    assert distribution.declared is not None
    candidates: list[tuple[bool, float, str, Distribution]] = []
    for family in families.values():
        for other in CENTRES:
            try:
                candidate = family.from_interval(value, *distribution.declared, other)
                fits_unit = parse_unit(unit).allows(*candidate.support)
            except EvidenceError:
                continue
            if candidate.miss > MOST_MISSED or not fits_unit or (family.family, other) == (distribution.family, centre):
                continue
            keys = [] if family is type(distribution) else [f"distribution: {family.family}"]
            keys += [] if other == centre else [f"centre: {other}"]
            wording = f"`{', '.join(keys)}` (drawn {interval_text(candidate.interval())})"
            if other != centre:
                wording += f" if {amount_text(value)} is a {other}" + ", as of a ratio" * (
                    unit == "ratio" and isinstance(candidate, Lognormal)
                )
            candidates.append((family is not type(distribution), candidate.miss, wording, candidate))
    for *_, wording, candidate in sorted(candidates, key=lambda x: x[:3]):
        yield wording, candidate
