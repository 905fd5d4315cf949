"""Values of information against what bounds them, near ties, and where parameters are discrete or constant."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

from costeff import Evaluation
from costeff.analysis.regression.level_means import points_of
from costeff.errors import ResultError
from costeff.voi.evppi import cut_at_bounds
from costeff.voi.figures.voi import evppi_bars
from costeff.voi.optimism import most_lost
from costeff.voi.text import printed_voi, voi


def analysis(net: np.ndarray, **more: object) -> Evaluation:
    """Net benefits (draw, strategy) at a willingness to pay of 0."""
    names = tuple("uvwxyz"[: net.shape[1]])
    return Evaluation("payer", "qaly", names, "u", -net, np.zeros_like(net), **more)


def two(value: np.ndarray, **more: object) -> Evaluation:
    return analysis(np.column_stack([np.zeros(len(value)), value]), **more)


def above(seed: int = 3) -> Evaluation:
    """A curve through few draws without noise: the fit goes a little beyond the draws."""
    x = np.random.default_rng(seed).normal(size=300)
    return two(1000 * np.sin(2 * x) - 200, parameters={"x": x})


def test_a_value_above_perfect_information_is_kept_told_and_shown_at_its_bound() -> None:
    one = next(one for one in map(above, range(40)) if one.evppi("x", 0)["above_bound"].item())
    table = one.evppi("x", 0, population=10)
    value, bound = table["evppi"].item(), table["bound"].item()
    assert bound == one.evpi(0)["evpi"].item() < value
    assert table["bound_of"].item() == "evpi"
    assert table["evppi_mcse"].item() > 0
    cut = cut_at_bounds(table)
    assert cut["evppi"].item() == bound
    assert cut["population_evppi"].item() == pytest.approx(10 * bound)
    assert table["evppi"].item() == value  # the table itself is not cut
    information, partial = voi(one, [0])
    text = printed_voi(information, partial)
    assert "Shown at what bounds it" in text
    told = re.search(r"x: ([\d.]+) \(error [\d.]+\), and perfect information \(EVPI\) ([\d.]+)\.$", text, re.M)
    assert told is not None
    assert float(told[1]) > float(told[2]) == pytest.approx(bound, rel=0.01)
    assert evppi_bars(partial, {}, wtp=0).data[0]["x"][0] == bound


def test_a_part_is_bounded_by_the_group_that_holds_it() -> None:
    rng = np.random.default_rng(2)
    x, y, z = rng.normal(size=(3, 400))
    table = two(x + 0.1 * y + z, parameters={"x": x, "y": y, "z": z}).evppi(
        {"x": "x", "both": ["x", "y"], "y": "y", "z": "z"}, 0
    )
    by_name = table.sel(wtp=0)
    assert by_name["bound_of"].values.tolist() == ["both", "evpi", "both", "evpi"]
    assert float(by_name["bound"].sel(group="x")) == float(by_name["evppi"].sel(group="both"))


@pytest.mark.parametrize("draws", [80, 300])
def test_naming_a_constant_changes_nothing(draws: int) -> None:
    """Nor does one that is constant but for rounding; with three that vary it does not change the kind of fit."""
    rng = np.random.default_rng(4)
    a, b, c = rng.normal(size=(3, draws))
    still = np.full(draws, 0.3)
    still[::2] = 0.1 + 0.2
    one = two(a * b + c, parameters={"a": a, "b": b, "c": c, "still": still})
    for names in (["a"], ["a", "b", "c"]):
        with_it, without = (one.evppi(own, 0) for own in ([*names, "still"], names))
        for key in ("evppi", "evppi_mcse", "missed"):
            assert with_it[key].item() == without[key].item()


def test_levels_have_means_of_their_own() -> None:
    """Three texts whose means are 3, -3 and 3 in the order of the alphabet: EVPPI by hand from the sample means."""
    code = np.repeat([0, 1, 2], [100, 150, 50])
    rng = np.random.default_rng(5)
    y = np.array([3.0, -3.0, 3.0])[code] + rng.normal(size=300)
    one = two(y, parameters={"town": code}, levels={"town": ("a", "b", "c")})
    found = one.evppi("town", 0)
    means = np.array([y[code == k].mean() for k in range(3)])
    by_hand = np.maximum(means, 0) @ [1 / 3, 1 / 2, 1 / 6] - max(y.mean(), 0)
    assert found["evppi_raw"].item() == pytest.approx(by_hand, rel=1e-9)
    assert found["evppi"].item() == pytest.approx(by_hand, rel=0.02)


def test_pairs_of_levels_interact() -> None:
    """The net benefit is decided by whether two switches agree: neither is worth anything alone."""
    rng = np.random.default_rng(6)
    a, b = rng.integers(0, 2, (2, 2000))
    one = two(np.where(a == b, 1.0, -1.0) + rng.normal(size=2000), parameters={"a": a, "b": b})
    found = one.evppi({"a": "a", "b": "b", "both": ["a", "b"]}, 0)
    assert found.sel(group="both")["evppi"].item() == pytest.approx(0.5, abs=4 * found["evppi_mcse"].max().item())
    assert found.sel(group="a")["evppi"].item() < 0.05


def test_errors_of_means_of_levels_are_the_spread_of_repeated_runs() -> None:
    """200 runs of 200 draws, three levels, noise as large as their spread: within 20 %, without bias."""
    told = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        code = rng.integers(0, 3, 200)
        y = np.array([-1.0, 1.5, 0.7])[code] + rng.normal(0, 1, 200)
        found = two(y, parameters={"k": code}).evppi("k", 0)
        told.append([found["evppi"].item(), found["evppi_mcse"].item()])
    value, error = np.array(told).T
    assert math.sqrt((error**2).mean()) == pytest.approx(value.std(ddof=1), rel=0.2)
    assert value.mean() == pytest.approx(1 / 3, abs=3 * value.std() / math.sqrt(200))


def test_a_text_with_other_parameters_is_not_taken_for_an_order() -> None:
    """Levels a, b, c at 2, -2, 2 and a price: together they are worth nearly all of perfect information."""
    rng = np.random.default_rng(7)
    code, price = rng.integers(0, 3, 3000), rng.normal(0, 1, 3000)
    one = two(
        np.array([2.0, -2.0, 2.0])[code] - price,
        parameters={"town": code, "price": price},
        levels={"town": ("a", "b", "c")},
    )
    assert points_of(one, ["town", "price"]).values.shape == (3000, 3)
    found = one.evppi(["town", "price"], 0)
    assert found["evppi"].item() == pytest.approx(one.evpi(0)["evpi"].item(), rel=0.02)


def test_a_text_that_names_draws_is_refused() -> None:
    names = tuple(f"{i}" for i in range(100))
    one = two(np.arange(100.0), parameters={"id": np.arange(100.0)}, levels={"id": names})
    with pytest.raises(ResultError, match="too many levels"):
        one.evppi("id", 0)


def test_what_is_lost_at_a_tie() -> None:
    """400 runs of three strategies that tie exactly: EVPI is too low by what is said, on average, within a tenth."""
    lacking, said = [], []
    for seed in range(400):
        net = np.column_stack([np.zeros(100), np.random.default_rng(seed).normal(0, [1.0, 2.0], (100, 2))])
        one = analysis(net)
        lacking.append(net.mean(axis=0).max())
        said.append(float(most_lost(one, np.zeros(1))[0]))
    assert np.mean([s > 0 for s in said]) > 0.9
    assert np.mean(lacking) == pytest.approx(np.mean(said), rel=0.15)


def test_nothing_is_said_away_from_ties_nor_of_copies() -> None:
    """Four errors apart at most one run in twenty says it; a copy of a strategy does not tie with it."""
    told = []
    for seed in range(200):
        y = np.random.default_rng(seed).normal(0.4, 1, 100)
        told.append(most_lost(analysis(np.column_stack([0 * y, y, y])), np.zeros(1))[0] > 0)
    assert np.mean(told) <= 0.05


def test_a_near_tie_is_told_in_print() -> None:
    x = np.random.default_rng(8).normal(0, 100, 400)
    tied, apart = (two(x - x.mean() + shift, parameters={"x": x}) for shift in (0.0, 300.0))
    assert "Near a tie" in printed_voi(*voi(tied, [0]))
    assert "at most 1.99" in printed_voi(*voi(tied, [0])) or "at most 2" in printed_voi(*voi(tied, [0]))
    assert "Near a tie" not in printed_voi(*voi(apart, [0]))


def test_net_benefits_that_cancel_but_for_rounding_are_worth_nothing() -> None:
    """A gain that costs exactly what it is worth: only dust is left, and nothing of it is explained."""
    rng = np.random.default_rng(9)
    u = rng.gamma(4, 2500, 500) * 1.1
    cost = np.column_stack([u, u + u / 3])
    effect = np.column_stack([0 * u, u / 3 / 7.0])
    found = Evaluation("payer", "qaly", ("a", "b"), "a", cost, effect, parameters={"u": u}).evppi("u", 7.0)
    assert [found[name].item() for name in ("evppi", "evppi_mcse", "missed")] == [0.0, 0.0, 0.0]
