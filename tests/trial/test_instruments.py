"""Anchored in the published Danish value set (20 weights, typed from its table) and in areas worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from costeff.errors import ScenarioError
from costeff.trial.instruments import area_under_curve, read_instrument, scores

# Jensen and others 2021, the Danish EQ-5D-5L value set, as tabulated by the Danish Centre for Health Services Research
# (Aalborg University): the address stands in the instrument's file. Answers 2, 3, 4, 5 of each dimension.
PUBLISHED = {
    "mobility": (0.041, 0.054, 0.157, 0.220),
    "self_care": (0.035, 0.050, 0.144, 0.209),
    "usual_activities": (0.033, 0.040, 0.139, 0.174),
    "pain": (0.048, 0.094, 0.381, 0.537),
    "anxiety": (0.072, 0.191, 0.430, 0.618),
}
WORST = -0.757  # 55555 as the paper states it, by recollection; the rounded weights give -0.758
DANISH = read_instrument("eq5d5l_dk")


@pytest.mark.parametrize("dimension", PUBLISHED)
@pytest.mark.parametrize("answer", [2, 3, 4, 5])
def test_each_of_the_twenty_weights(dimension: str, answer: int) -> None:
    state = np.ones((1, 5))
    state[0, list(PUBLISHED).index(dimension)] = answer
    assert scores(DANISH, state)[0] == pytest.approx(1 - PUBLISHED[dimension][answer - 2], abs=1e-12)


def test_the_worst_state_is_within_a_thousandth_of_the_published_value() -> None:
    assert [item.name for item in DANISH.items] == list(PUBLISHED)
    value = scores(DANISH, np.full((1, 5), 5))[0]
    assert value == pytest.approx(1 - sum(weights[3] for weights in PUBLISHED.values()), abs=1e-12)
    assert abs(value - WORST) <= 0.001 + 1e-12
    assert scores(DANISH, np.ones((1, 5)))[0] == 1


def test_area_by_hand_at_irregular_dates() -> None:
    """0.4 to 0.6 in 50 days, 0.6 to 0.8 in 150, then 0.8 to 0.5 in 200, of which the first 100 count."""
    by_hand = (50 * 0.5 + 150 * 0.7 + 100 * (0.8 + 0.65) / 2) / 365.25
    assert area_under_curve([0.4, 0.6, 0.8, 0.5], [0, 50, 200, 400], 300) == pytest.approx(by_hand, abs=1e-12)
    late_start = (20 * 0.4 + 80 * 0.5 + 265.25 * 0.6) / 365.25
    assert area_under_curve([0.4, 0.6], [20, 100], 365.25) == pytest.approx(late_start, abs=1e-12)


def test_a_wrong_answer_and_days_out_of_order_are_refused() -> None:
    with pytest.raises(ScenarioError, match="does not have") as error:
        scores(DANISH, np.array([[1, 1, 1, 1, 1], [1, 1, 6, 1, 1]]), "file.csv")
    assert "file.csv, row 2" in str(error.value)
    with pytest.raises(ScenarioError, match="give no area"):
        area_under_curve([0.5, 0.6], [10, 10], 100)
