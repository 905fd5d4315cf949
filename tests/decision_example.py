"""Evaluations with a closed form for the tests of decisions, and what a refusal must say."""

from __future__ import annotations

import numpy as np
import pytest

from costeff import Evaluation
from costeff.errors import CosteffError


def normal(seed=1, draws=4000, *, cost=(0.0, 1000.0), spread=(0.0, 500.0), gain=(0.0, 0.01), parameters=(), **more):
    """Independent normal costs with these means and SDs; fixed effects."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(draws, len(cost)))
    names = ("A", "B", "C", "D")[: len(cost)]
    drawn = {name: z[:, i] for i, name in enumerate(parameters)}
    return Evaluation(
        more.pop("perspective", "municipal"),
        "qaly",
        names,
        "A",
        np.array(cost) + np.array(spread) * z,
        np.tile(gain, (draws, 1)),
        parameters=drawn,
        **{"currency": "DKK"} | more,
    )


def refused(error: type[CosteffError], what: str, call) -> None:
    with pytest.raises(error) as caught:
        call()
    assert what in str(caught.value)
