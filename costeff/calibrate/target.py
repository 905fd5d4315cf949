"""One published figure: how the model reproduces it, and in whom it was seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from costeff.calibrate.statistic import Statistic
from costeff.errors import Place


@dataclass(frozen=True)
class Target:
    """One published figure with its 95 % `interval`, its use, and the people it was seen in.

    `changes` sets parameters; `start` names the state in which everyone starts, '' for the model's own start.
    `family`, `era`, `country` and `condition` say what kind of figure it is, when and where it was seen, and in whom;
    '' where not stated.
    """

    name: str
    title: str
    use: str
    statistic: Statistic
    value: float
    interval: tuple[float, float]
    changes: Mapping[str, float] = field(default_factory=dict)
    start: str = ""
    n: int | None = None
    source: str = ""
    note: str = ""
    place: Place | None = None
    family: str = ""
    era: str = ""
    country: str = ""
    condition: str = ""
