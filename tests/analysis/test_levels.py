"""Discrete parameters of an evaluation: texts by name, numbers that take few values."""

import numpy as np
import pytest

from costeff import Evaluation
from costeff.analysis.levels import levels_of
from costeff.errors import ResultError


def _evaluation(draws=60, **given):
    zeros = np.zeros((draws, 1))
    return Evaluation("payer", "qaly", ("a",), "a", zeros, zeros, **given)


def test_texts_keep_their_names_and_counts():
    codes = np.array([0.0, 2.0, 2.0] * 20)
    one = _evaluation(parameters={"region": codes}, levels={"region": ("north", "south", "west")})
    levels = levels_of(one, "region")
    assert levels.labels == ("north", "south", "west")
    assert levels.counts.tolist() == [20, 0, 40]


def test_numbers_that_take_few_values_are_levels_and_others_are_not():
    one = _evaluation(parameters={"yes": np.arange(60) % 2, "seed": np.arange(60), "same": np.full(60, 3.5)})
    assert levels_of(one, "yes").values.tolist() == [0, 1]
    assert levels_of(one, "seed") is None
    assert levels_of(one, "same").labels == ("3.5",)


def test_few_draws_do_not_make_a_number_discrete():
    assert levels_of(_evaluation(8, parameters={"price": np.arange(8.0)}), "price") is None


@pytest.mark.parametrize(
    ("codes", "names", "match"),
    [
        (np.full(60, 2.0), ("no", "yes"), "0 to 1"),
        (np.full(60, 0.5), ("no", "yes"), "0.5"),
        (np.zeros(60), ("no", "no"), "different names"),
    ],
)
def test_codes_that_do_not_fit_are_refused(codes, names, match):
    with pytest.raises(ResultError, match=match):
        _evaluation(parameters={"cured": codes}, levels={"cured": names})


def test_levels_of_nothing_are_refused():
    with pytest.raises(ResultError, match="not there"):
        _evaluation(levels={"cured": ("no", "yes")})
