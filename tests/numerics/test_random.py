"""Anchored in numpy.random.Philox: the addressed numbers are its words, bit for bit, and so are the twin's."""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from twins import philox as twin

from costeff.numerics.kernel_cache import kernel
from costeff.numerics.random import (
    ATTRIBUTE,
    LIFELONG,
    SOJOURN,
    WEEKLY,
    exit_word,
    exponential,
    individual_uniforms,
    name_hash,
    name_place,
    philox,
    philox_each,
    philox_lanes,
    to_uniform,
)

WORDS = st.integers(0, 2**64 - 1)

address: Any = philox
fraction: Any = to_uniform
minus_log: Any = exponential
each: Any = philox_each
pick: Any = exit_word
lanes: Any = philox_lanes


@kernel
def _words(seed: Any, c: Any, out: Any) -> None:
    out[0], out[1], out[2], out[3] = address(seed, c[0], c[1], c[2], c[3])


@kernel
def _many(in_lanes: Any, seed: Any, c0: Any, who: Any, place: Any, c3: Any, out: Any) -> None:
    if in_lanes:
        lanes(seed, c0, who, place, c3, who.shape[0], out)
    else:
        each(seed, c0, who, place, c3, who.shape[0], out)


@kernel
def _uniforms(words: Any, out: Any) -> None:
    for i in range(words.shape[0]):
        out[i] = fraction(words[i])


def words(seed: int, counter: tuple[int, ...]) -> list[int]:
    out = np.zeros(4, np.uint64)
    _words(np.uint64(seed), np.array(counter, np.uint64), out)
    return [int(word) for word in out]


def numpy_words(seed: int, counter: tuple[int, ...]) -> list[int]:
    # numpy adds 1 to the counter before it makes the first block.
    whole = (sum(c << 64 * i for i, c in enumerate(counter)) - 1) % 2**256
    generator = np.random.Philox(key=seed, counter=whole)
    return [int(word) for word in generator.random_raw(4)]


@given(WORDS, st.tuples(WORDS, WORDS, WORDS, WORDS))
def test_kernel_and_twin_are_numpys_philox(seed: int, counter: tuple[int, int, int, int]) -> None:
    expected = numpy_words(seed, counter)
    assert words(seed, counter) == expected
    assert list(twin.philox((seed, 0), counter)) == expected


@given(WORDS, WORDS, WORDS, st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=21), st.booleans())
def test_many_at_once_are_the_same_words(
    seed: int, c0: int, c3: int, counters: list[tuple[int, int]], in_lanes: bool
) -> None:
    who, place = np.array(counters, np.uint64).T.copy()
    out = np.zeros((4, len(who)), np.uint64)
    _many(in_lanes, np.uint64(seed), np.uint64(c0), who, place, np.uint64(c3), out)
    for k, (one, other) in enumerate(counters):
        assert out[:, k].tolist() == numpy_words(seed, (c0, one, other, c3))


@pytest.mark.parametrize("seed", [0, 1, 2**63, 2**64 - 1])
def test_every_seed_is_a_seed(seed: int) -> None:
    assert words(seed, (0, 0, 0, 0)) == numpy_words(seed, (0, 0, 0, 0))


def test_uniform_never_touches_0_or_1() -> None:
    edges = np.array([0, 1, 2**11 - 1, 2**11, 2**63, 2**64 - 2**11, 2**64 - 1], np.uint64)
    out = np.zeros(len(edges))
    _uniforms(edges, out)
    assert out.tolist() == [twin.uniform(int(word)) for word in edges]
    assert 0 < out.min() == 2.0**-54
    assert out.max() == 1 - 2.0**-53
    assert out[4] == 0.5  # 2**52 + 1/2 rounds to even


def test_purposes_have_addresses_of_their_own() -> None:
    """The four purposes differ in the top bits, which visits, 56 bits of a name and cycles cannot reach."""
    tops = [int(place) >> 60 for place in (SOJOURN, LIFELONG, ATTRIBUTE, WEEKLY)]
    assert tops == [1, 2, 3, 4]
    assert {int(name_place(name)) >> 60 for name in ("age", "sex", "", "æ" * 90)} == {3}


@given(st.integers(0, 40), st.integers(1, 30), st.integers(0, 2**64 - 1))
def test_a_block_of_individuals_is_a_slice_of_all(first: int, count: int, seed: int) -> None:
    keys = np.array([0, 5, 2**64 - 1], np.uint64)
    everyone = individual_uniforms(seed, keys, 0, 70, "age")
    assert np.array_equal(individual_uniforms(seed, keys, first, count, "age"), everyone[:, first : first + count])


def test_attributes_follow_the_twin() -> None:
    """Individual i has word i % 4 of block i // 4 at the address of the attribute's name."""
    place = int(name_place("wage"))
    found = individual_uniforms(9, np.array([3], np.uint64), 0, 10, "wage")[0]
    expected = [twin.uniform(twin.philox((9, 0), (3, i // 4, place, 0))[i % 4]) for i in range(10)]
    assert found.tolist() == expected


def test_names_of_attributes_are_stable() -> None:
    """First 7 bytes of SHA-256 (of 'abc': ba7816bf8f01cfea, NIST FIPS 180-4 example) under the top bits."""
    assert int(name_place("abc")) == 3 << 60 | 0xBA7816BF8F01CF
    assert name_hash("abc") == 0xBA7816BF8F01CFEA


# -- numbers of the exits of one stay -------------------------------------------------------------------------------

CELLS = 64  # a side of the grid; its corners are where both numbers are extreme


@kernel
def _exit_words(words: Any, names: Any, out: Any) -> None:
    for j in range(names.shape[0]):
        out[j] = pick(words[0], words[1], words[2], words[3], names[j])


@kernel
def _pairs(seed: Any, state: Any, one: Any, others: Any, first: Any, grid: Any, products: Any) -> None:
    """Count (the first exit's number, each other's) by cell, and sum the products of what they lie from the middle."""
    for i in range(first, first + products.shape[1]):
        w0, w1, w2, w3 = address(seed, np.uint64(0), np.uint64(i), SOJOURN, state)
        x = pick(w0, w1, w2, w3, one)
        for j in range(others.shape[0]):
            y = pick(w0, w1, w2, w3, others[j])
            grid[j, x >> np.uint64(58), y >> np.uint64(58)] += 1
            products[j, i - first] = (fraction(x) - 0.5) * (fraction(y) - 0.5)


@given(st.tuples(WORDS, WORDS, WORDS, WORDS), st.lists(WORDS, min_size=1, max_size=5))
def test_the_number_of_an_exit_follows_the_twin(block: twin.Words, names: list[int]) -> None:
    out = np.zeros(len(names), np.uint64)
    _exit_words(np.array(block, np.uint64), np.array(names, np.uint64), out)
    assert out.tolist() == [twin.exit_word(block, name) for name in names]


ONE = name_hash("sick -> well")


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(
    ("one", "others"),
    [
        (ONE, [name_hash(name) for name in ("sick -> dead", "sick -> job", "a", "way_1", "way_2", "")]),
        (ONE, [ONE ^ (1 << bit) for bit in range(0, 64, 3)] + [ONE ^ (1 << 31), ONE ^ (1 << 32)]),
        (0, [1, 2, 3, 4, 2**32, 2**63, 2**64 - 1]),
    ],
    ids=["names", "one bit apart", "small hashes"],
)
def test_exits_of_one_stay_are_independent(seed: int, one: int, others: list[int]) -> None:
    """Each pair fills a grid of 64 x 64 evenly, its corners too, and is uncorrelated, within 5 standard errors.

    With 10^8 numbers a pair nothing was found either: tests/fuzz/independence.py and its log.
    """
    n = 200_000
    grid, products = np.zeros((len(others), CELLS, CELLS)), np.zeros((len(others), n))
    state = np.uint64(name_hash("sick"))
    _pairs(np.uint64(seed), state, np.uint64(one), np.array(others, np.uint64), 0, grid, products)
    even = n / CELLS**2
    squares = ((grid - even) ** 2 / even).sum(axis=(1, 2))
    freedom = CELLS**2 - 1
    assert (abs(squares - freedom) < 5 * np.sqrt(2 * freedom)).all()
    corners = grid[:, [0, 0, -1, -1], [0, -1, 0, -1]].sum(axis=1)
    assert (abs(corners - 4 * even) < 5 * np.sqrt(4 * even)).all()
    assert (abs(products.mean(axis=1)) < 5 / 12 / np.sqrt(n)).all()


@kernel
def _at_once(seed: Any, names: Any, counts: Any, many: Any) -> None:
    for i in range(many):
        w0, w1, w2, w3 = address(seed, np.uint64(0), np.uint64(i), SOJOURN, np.uint64(0))
        cell = np.uint64(0)
        for j in range(names.shape[0]):
            cell = cell * np.uint64(8) + (pick(w0, w1, w2, w3, names[j]) >> np.uint64(61))
        counts[cell] += 1


@pytest.mark.parametrize("seed", [0, 1])
def test_four_exits_of_one_stay_are_independent(seed: int) -> None:
    """Four numbers at a time fill a grid of 8^4 cells evenly: within 5 standard errors."""
    n = 400_000
    names = np.array([name_hash(f"way_{i}") for i in range(4)], np.uint64)
    counts = np.zeros(8**4)
    _at_once(np.uint64(seed), names, counts, n)
    even = n / len(counts)
    squares = ((counts - even) ** 2 / even).sum()
    assert abs(squares - (len(counts) - 1)) < 5 * np.sqrt(2 * (len(counts) - 1))


@pytest.mark.parametrize("other", [("age", 1), ("sex", 0)])
def test_streams_are_uncorrelated(other: tuple[str, int]) -> None:
    """Neighbouring seeds and other names share no numbers; correlation of 4,000 pairs within 4 standard errors."""
    keys = np.arange(4, dtype=np.uint64)
    name, seed = other
    a = individual_uniforms(0, keys, 0, 1000, "age").ravel()
    b = individual_uniforms(seed, keys, 0, 1000, name).ravel()
    assert not np.intersect1d(a, b).size
    assert abs(np.corrcoef(a, b)[0, 1]) < 4 / np.sqrt(a.size)
    assert abs(a.mean() - 0.5) < 4 * np.sqrt(1 / 12 / a.size)


@kernel
def _exponentials(u: Any, out: Any) -> None:
    for k in range(u.shape[0]):
        out[k] = minus_log(u[k])


def test_exponentials_are_minus_logarithms_to_the_last_place() -> None:
    rng = np.random.default_rng(1)
    root = np.sqrt(0.5)
    near = np.concatenate([np.nextafter(x, [0.0, 1.0]) for x in (0.25, 0.5, root)])
    ends = np.array([2.0**-54, 2.0**-53, 1 - 2.0**-52, 1 - 2.0**-53, 0.25, 0.5, root])
    few = rng.random(2000)
    u = np.concatenate([few, 1 - few * 1e-6, few * 1e-9, near, ends])
    found = np.empty_like(u)
    _exponentials(u, found)
    with localcontext() as context:
        context.prec = 60
        exact = [-Decimal(x).ln() for x in u.tolist()]
        off = [abs(Decimal(e) - x) / Decimal(float(np.spacing(e))) for e, x in zip(found, exact, strict=True)]
    assert max(off) < Decimal("0.8")
    # What the event kernel rules exits out by, short of rounding.
    x = 1.0 - u
    assert (x * (1.0 + x * (0.5 + x / 3)) <= found * (1 + 1e-12)).all()
