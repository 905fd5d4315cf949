"""Anchored in what a draw must be: right moments and correlations, exact strata, numbers at their address."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costeff.errors import EvidenceError
from costeff.evidence import (
    Beta,
    Correlation,
    Dirichlet,
    Evidence,
    Gamma,
    Lognormal,
    Normal,
    Parameter,
    Uniform,
    read_evidence,
)
from costeff.evidence.draw import METHODS, _owen, uniforms

DATA = Path(__file__).parents[1] / "data" / "evidence"


def uniform(name: str) -> Parameter:
    return Parameter(name, 0.5, "share", Uniform(0.0, 1.0), kind="assumption")


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return read_evidence(DATA / "complete.yaml")


@pytest.mark.parametrize("method", METHODS)
def test_a_dataset_of_draws(evidence: Evidence, method: str) -> None:
    drawn = evidence.draw(4096, 11, method)
    assert list(drawn.data_vars) == list(evidence.parameters)
    assert drawn.sizes == {"draw": 4096}
    assert drawn.attrs["method"] == method
    assert drawn.attrs["seed"] == "11"
    for name, p in evidence.parameters.items():
        column = drawn[name]
        assert column.dtype == np.float64
        assert column.attrs == {"unit": p.unit, "kind": p.kind}
        assert column.mean().item() == pytest.approx(p.mean, abs=5 * p.spread.sd / 64 + 1e-12)
        low, high = p.interval()
        inside = ((column >= low) & (column <= high)).mean().item()
        if p.group != "posterior":  # four rows have no 95 %
            assert inside == pytest.approx(1.0 if p.fixed else 0.95, abs=5 * (0.05 * 0.95 / 4096) ** 0.5)
    total = drawn["p_heart"] + drawn["p_cancer"] + drawn["p_other"]
    assert np.allclose(total, 1.0, atol=1e-12)
    assert set(zip(drawn["h1"].values, drawn["h2"].values, strict=True)) == {(1, 10), (2, 20), (3, 30), (6, 60)}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seed", [0, 1, 2**64 - 1])
def test_draws_repeat_and_seeds_differ(evidence: Evidence, method: str, seed: int) -> None:
    first, second = evidence.draw(32, seed, method), evidence.draw(32, seed, method)
    assert first.identical(second)
    other = evidence.draw(32, (seed + 1) % 2**64, method)
    assert (first["p_x"] != other["p_x"]).mean() > 0.9


def test_random_numbers_are_those_of_philox_at_the_address() -> None:
    """The address rule, written out: key = (seed, first 8 bytes of SHA-256 of the name)."""
    word = int.from_bytes(hashlib.sha256(b"x").digest()[:8], "little")
    rng = np.random.Generator(np.random.Philox(key=np.array([5, word], dtype=np.uint64)))
    expected = (rng.integers(0, 2**52, 10) + 0.5) / 2**52
    assert (Evidence([uniform("x")]).draw(10, 5)["x"].values == expected).all()


@pytest.mark.parametrize("method", ["random", "latin_hypercube"])
def test_adding_a_parameter_changes_no_other(evidence: Evidence, method: str) -> None:
    first = Parameter("aa", 1.0, "ratio", Gamma(2, 2), kind="assumption")
    more = Evidence(
        [first, *evidence.parameters.values()],
        evidence.groups,
        evidence.correlations,
        evidence.sources,
        evidence.tables,
    )
    old, new = evidence.draw(100, 4, method), more.draw(100, 4, method)
    for name in evidence.parameters:
        assert (old[name] == new[name]).all(), name


def test_sobol_keeps_the_others_when_one_is_added_at_the_end() -> None:
    two, three = Evidence([uniform("x"), uniform("y")]), Evidence([uniform("x"), uniform("y"), uniform("z")])
    old, new = two.draw(64, 4, "sobol"), three.draw(64, 4, "sobol")
    assert (old["x"] == new["x"]).all()
    assert (old["y"] == new["y"]).all()


def test_more_random_draws_begin_with_the_same_ones(evidence: Evidence) -> None:
    few, many = evidence.draw(10, 3), evidence.draw(1000, 3)
    for name in evidence.parameters:
        assert (many[name].values[:10] == few[name].values).all()


@pytest.mark.parametrize("n", [1, 7, 100])
def test_latin_hypercube_puts_one_draw_in_each_cell(n: int) -> None:
    drawn = Evidence([uniform("x"), uniform("y")]).draw(n, 0, "latin_hypercube")
    for name in ("x", "y"):
        assert sorted(np.floor(drawn[name].values * n).astype(int)) == list(range(n))
    if n == 100:
        assert abs(np.corrcoef(drawn["x"], drawn["y"])[0, 1]) < 0.4


@pytest.mark.parametrize("power", [0, 1, 5, 11])
def test_sobol_fills_every_elementary_cell_of_the_first_two_dimensions(power: int) -> None:
    """The first two Sobol dimensions are a (0, m, 2)-net: every box of area 2^-m holds exactly one point."""
    n = 2**power
    drawn = Evidence([uniform("x"), uniform("y")]).draw(n, 12, "sobol")
    x, y = drawn["x"].values, drawn["y"].values
    for a in range(power + 1):
        cells = np.floor(x * 2**a) * 2 ** (power - a) + np.floor(y * 2 ** (power - a))
        assert sorted(cells.astype(int)) == list(range(n))
    assert "note" not in drawn.attrs


def test_sobol_is_unbiased_over_seeds() -> None:
    """Every single point is uniform over seeds, also the first, which is 0 before scrambling."""
    made = Evidence([uniform("x"), uniform("y")])
    first = np.array([[made.draw(1, seed, "sobol")[name].item() for name in ("x", "y")] for seed in range(400)])
    assert first.mean(axis=0) == pytest.approx(0.5, abs=5 / np.sqrt(12 * 400))
    assert np.histogram(first[:, 0], 4, (0, 1))[0].min() > 60  # 100 expected, standard deviation 8.7


def test_sobol_away_from_a_power_of_two_says_so() -> None:
    drawn = Evidence([uniform("x")]).draw(100, 1, "sobol")
    assert drawn.sizes["draw"] == 100
    assert "power of two" in drawn.attrs["note"]


def test_sobol_integrates_better_than_chance() -> None:
    names = [f"x{i}" for i in range(5)]
    made = Evidence([uniform(name) for name in names])

    def rms(method: str) -> float:
        errors = []
        for seed in range(20):
            drawn = made.draw(1024, seed, method)
            product = np.prod([1.5 * np.sqrt(drawn[name].values) for name in names], axis=0)
            errors.append(product.mean() - 1.0)  # the exact mean is 1
        return float(np.sqrt(np.mean(np.square(errors))))

    assert rms("sobol") < rms("random") / 5


@given(st.integers(0, 2**32 - 1), st.integers(1, 31), st.integers(0, 2**32 - 1))
def test_scrambling_is_nested(key: int, digits: int, number: int) -> None:
    """Numbers that share their first digits still share them after scrambling, and differ after those."""
    flipped = number ^ (1 << (31 - digits))
    a, b = _owen(np.array([number, flipped], dtype=np.uint32), np.uint32(key)).tolist()
    assert a >> (32 - digits) == b >> (32 - digits)
    assert (a >> (31 - digits)) ^ (b >> (31 - digits)) == 1


@pytest.mark.parametrize("method", METHODS)
def test_uniform_numbers_are_strictly_inside(method: str) -> None:
    column = uniforms(["x"], 50_000, 3, method)["x"]
    assert column.min() > 0.0
    assert column.max() < 1.0
    assert column.mean() == pytest.approx(0.5, abs=0.01)
    assert column.std() == pytest.approx(12**-0.5, abs=0.005)


def test_columns_are_independent() -> None:
    columns = uniforms([f"x{i}" for i in range(20)], 20_000, 8, "random")
    correlations = np.corrcoef(np.array(list(columns.values())))[np.triu_indices(20, 1)]
    assert abs(correlations).max() < 4.5 / np.sqrt(20_000)


@pytest.mark.parametrize("method", METHODS)
def test_the_copula_has_the_stated_correlation_and_keeps_the_margins(method: str) -> None:
    made = Evidence(
        [
            Parameter("x", 2.0, "ratio", Gamma(4, 2), kind="assumption"),
            Parameter("y", 0.25, "share", Beta(2, 6), kind="assumption"),
            Parameter("z", 1.0, "ratio", Lognormal(0.0, 0.5), centre="median", kind="assumption"),
            uniform("free"),
        ],
        correlations=[Correlation(("x", "y"), 0.6), Correlation(("z", "y"), -0.4)],
    )
    n = 2**14
    drawn = made.draw(n, 21, method)
    ranks = {name: drawn[name].values.argsort().argsort() for name in drawn.data_vars}

    def spearman(first: str, second: str) -> float:
        return float(np.corrcoef(ranks[first], ranks[second])[0, 1])

    # The rank correlation of a Gaussian copula is (6 / pi) arcsin(r / 2).
    for first, second, r in (("x", "y", 0.6), ("y", "z", -0.4), ("x", "z", 0.0), ("x", "free", 0.0)):
        assert spearman(first, second) == pytest.approx(6 / np.pi * np.arcsin(r / 2), abs=4.5 / np.sqrt(n))
    for name, p in made.parameters.items():
        assert drawn[name].mean().item() == pytest.approx(p.mean, abs=5 * p.spread.sd / np.sqrt(n))
        quantiles = np.quantile(drawn[name], [0.1, 0.9])
        assert p.spread.ppf([0.1, 0.9]) == pytest.approx(quantiles, rel=0.06)
    alone = Evidence([made.parameters["x"], uniform("free")]).draw(n, 21, "random")
    if method == "random":  # the first of a block, and everything outside it, stay where they were
        assert (alone["x"] == drawn["x"]).all()
        assert (alone["free"] == drawn["free"]).all()


def test_correlation_can_be_strong() -> None:
    pair = [Parameter(n, 0.0, "number", Normal(0, 1), kind="assumption") for n in "xy"]
    drawn = Evidence(pair, correlations=[Correlation(("x", "y"), -0.999)]).draw(2000, 1)
    assert np.corrcoef(drawn["x"], drawn["y"])[0, 1] == pytest.approx(-0.999, abs=0.001)


def test_dirichlet_members_have_negative_correlation() -> None:
    shares = [Parameter(n, 0.5, "share", kind="assumption") for n in "xy"]
    drawn = Evidence(shares, groups=[Dirichlet(("x", "y"), (5, 5), name="g")]).draw(100, 1, "sobol")
    assert np.corrcoef(drawn["x"], drawn["y"])[0, 1] == pytest.approx(-1.0)


@pytest.mark.parametrize(
    ("n", "seed", "method", "piece"),
    [
        (0, 1, "random", "number of draws"),
        (2.5, 1, "random", "number of draws"),
        (5, -1, "random", "wrong seed"),
        (5, 2**64, "random", "wrong seed"),
        (5, 1.0, "random", "wrong seed"),
        (5, 1, "halton", "unknown method"),
    ],
)
def test_wrong_requests_are_refused(evidence: Evidence, n: int, seed: int, method: str, piece: str) -> None:
    with pytest.raises(EvidenceError, match=piece):
        evidence.draw(n, seed, method)


def test_evidence_without_uncertainty_can_be_drawn() -> None:
    made = Evidence([Parameter("x", 3.0, "weeks", kind="assumption")])
    for method in METHODS:
        assert made.draw(4, 0, method)["x"].values.tolist() == [3.0] * 4


def test_two_hundred_parameters_by_ten_thousand_draws() -> None:
    families = [Beta(20, 46), Gamma(5, 2), Lognormal(0.0, 0.4), Normal(0.0, 1.0)]
    made = Evidence(
        [
            Parameter(f"p{i}", d.mean, "number", d, kind="assumption")
            for i, d in enumerate(families[i % 4] for i in range(200))
        ]
    )
    drawn = made.draw(10_000, 1)
    assert drawn.sizes["draw"] == 10_000
    for i, d in enumerate(families):
        assert float(drawn[f"p{i}"].mean()) == pytest.approx(d.mean, abs=5 * d.sd / 100)
