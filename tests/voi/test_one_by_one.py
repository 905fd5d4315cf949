"""Anchored in `evppi`, whose values and errors have anchors of their own: one by one they are the same."""

from __future__ import annotations

import warnings

import numpy as np

from costeff import Evaluation
from costeff.voi.evppi import cut_at_bounds, evppi
from costeff.voi.one_by_one import worth_of_each


def test_each_is_worth_what_evppi_says() -> None:
    """Three parameters, of which one moves the decision, one hardly and one not; independent draws."""
    rng = np.random.default_rng(3)
    x, y, z = rng.normal(size=(3, 400))
    cost = np.stack([np.zeros(400), 10 * x + 2 * y - 4 + rng.normal(size=400)], axis=1)
    evaluation = Evaluation(
        "payer", "qaly", ("usual", "new"), "usual", cost, np.zeros_like(cost), parameters={"x": x, "y": y, "z": z}
    )
    found = worth_of_each(evaluation, 0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table = cut_at_bounds(evppi(evaluation, wtp=0.0)).isel(wtp=0)
    assert list(found) == table["group"].values.tolist() == ["x", "y", "z"]
    for name, (value, error) in found.items():
        own = table.sel(group=name)
        assert value == own["evppi"].item()
        assert error == own["evppi_mcse"].item() if value > 0 else np.isnan(error)
    assert found["x"][0] > 2 * found["x"][1] > 0
    assert any(value == 0 for value, _ in found.values())
