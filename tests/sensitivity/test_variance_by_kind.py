"""Anchored in a sum whose parts are known: 3 a + 4 b of independent figures of unit spread has 9/25 and 16/25."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from costeff.errors import ResultError
from costeff.sensitivity.variance_by_kind import variance_by_kind

DRAWS = 4000
KINDS = {"a": "published", "b": "assumption", "c": "assumption", "fixed": "published"}


@dataclass
class Made:
    """What the function reads of a result."""

    parameters: dict[str, Any]
    draws: int = DRAWS
    study: Any = field(
        default_factory=lambda: SimpleNamespace(
            evidence=SimpleNamespace(parameters={name: SimpleNamespace(kind=kind) for name, kind in KINDS.items()})
        )
    )


def made(draws: int = DRAWS) -> Made:
    rng = np.random.default_rng(1)
    figures = {name: rng.standard_normal(draws) for name in "abc"}
    return Made({**figures, "fixed": np.full(draws, 2.0)}, draws)


def test_shares_of_a_sum_are_those_of_its_parts() -> None:
    of = made()
    shares = variance_by_kind(of, 10 + 3 * of.parameters["a"] + 4 * of.parameters["b"])
    assert shares["published"] == pytest.approx(9 / 25, abs=0.02)
    assert shares["assumption"] == pytest.approx(16 / 25, abs=0.02)
    assert shares.sum() == pytest.approx(1)
    assert list(shares.index) == ["published", "assumption", "rest"]


def test_what_no_figure_explains_is_the_rest() -> None:
    of = made()
    luck = np.random.default_rng(2).standard_normal(DRAWS)
    shares = variance_by_kind(of, 3 * of.parameters["a"] + 4 * luck)
    assert shares["rest"] == pytest.approx(16 / 25, abs=0.03)
    # Chance alone is given to no kind.
    alone = variance_by_kind(of, luck)
    assert abs(alone["published"]) < 0.01
    assert abs(alone["assumption"]) < 0.01


def test_what_cannot_be_told_is_refused() -> None:
    few = made(6)
    for of, values in ((few, few.parameters["a"]), (made(), np.zeros(DRAWS)), (made(), np.zeros(3))):
        with pytest.raises(ResultError):
            variance_by_kind(of, values)  # type: ignore[arg-type]
