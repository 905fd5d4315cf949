"""Addressed random numbers: Philox4x64-10, bit-equal to `numpy.random.Philox`.

A number is looked up at an address, not consumed: key = (seed, 0), counter = (draw, individual, place, name), where
`place` says what the number decides, and `name` is the hash of whose it is. Four words come out of one address. So
results do not depend on threads, batches or order; one more individual changes nobody else's life; strategies share
their luck; and so do models that have states and exits of the same name, in whatever order and beside whatever else.

Sources: Salmon, Moraes, Dror, Shaw (2011), Parallel random numbers: as easy as 1, 2, 3; Steele, Lea, Flood (2014), Fast
splittable pseudorandom number generators (the constants of `exit_word`, David Stafford's variant 13).
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from llvmlite.binding import get_host_cpu_features
from numba import types
from numba.extending import intrinsic

from costeff.numerics.kernel_cache import kernel, kernel_part

# What a number decides: the top bits of the third counter word. The fourth: a name, or a number.
SOJOURN = np.uint64(1) << np.uint64(60)  # + visit, name of the state: times of the exits of one sojourn
LIFELONG = np.uint64(2) << np.uint64(60)  # name of the number: an exponential carried through life
ATTRIBUTE = np.uint64(3) << np.uint64(60)  # + hash of the name in 56 bits: an individual's own number
WEEKLY = np.uint64(4) << np.uint64(60)  # + cycle: the plain stepping engine's own numbers

_M0, _M1 = np.uint64(0xD2E7470EE14C6C93), np.uint64(0xCA5A826395121157)
_W0, _W1 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBB67AE8584CAA73B)
_LOW, _HALF_WORD = np.uint64(0xFFFFFFFF), np.uint64(32)
_ELEVEN, _HALF, _STEP = np.uint64(11), 0.5, 2.0**-53
_MANTISSA = np.int64(52)  # bits
_ROOT = np.sqrt(np.array(0.5)).view(np.int64)[()]  # the bits of sqrt(1/2)
# log(2) as 32 bits, of which any multiple here is exact, and what is left, to 1e-26.
_LOG2, _LOG2_REST = 2977044471 / 2**32, 1.9082149292705877e-10
_SHIFT_1, _SHIFT_2, _SHIFT_3 = np.uint64(30), np.uint64(27), np.uint64(31)
_FACTOR_1, _FACTOR_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


@intrinsic
def _intrinsic_product(typing_context: Any, a: Any, b: Any) -> Any:
    """High 64 bits of the 128-bit product of two unsigned integers."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        from llvmlite import ir

        wide = ir.IntType(128)
        product = builder.mul(builder.zext(args[0], wide), builder.zext(args[1], wide))
        return builder.trunc(builder.lshr(product, ir.Constant(wide, 64)), ir.IntType(64))

    return types.uint64(types.uint64, types.uint64), generate


_high_product: Any = _intrinsic_product  # called from compiled code with (a, b) alone


@kernel_part
def philox(seed, c0, c1, c2, c3):
    """Four uint64 words at counter (c0, c1, c2, c3) under key (seed, 0)."""
    k0, k1 = np.uint64(seed), np.uint64(0)
    for _ in range(10):
        h0, l0 = _high_product(_M0, c0), _M0 * c0
        h1, l1 = _high_product(_M1, c2), _M1 * c2
        c0, c1, c2, c3 = h1 ^ c1 ^ k0, l1, h0 ^ c3 ^ k1, l0
        k0 += _W0
        k1 += _W1
    return c0, c1, c2, c3


@kernel_part
def _high_by_halves(low, high, b):
    """High 64 bits of (high * 2**32 + low) * b from products of 32 bits, which fit the lanes of a vector."""
    b_low, b_high = b & _LOW, b >> _HALF_WORD
    middle = high * b_low + ((low * b_low) >> _HALF_WORD)
    other = (middle & _LOW) + low * b_high
    return high * b_high + (middle >> _HALF_WORD) + (other >> _HALF_WORD)


@kernel_part
def _round(c0, c1, c2, c3, k0, k1):
    h0 = _high_by_halves(_M0 & _LOW, _M0 >> _HALF_WORD, c0)
    h1 = _high_by_halves(_M1 & _LOW, _M1 >> _HALF_WORD, c2)
    return h1 ^ c1 ^ k0, _M1 * c2, h0 ^ c3 ^ k1, _M0 * c0


@kernel_part
def philox_lanes(seed, c0, who, place, c3, many, words):
    """`philox_each` in lanes: written out, as a compiler makes lanes only of loops without a loop inside."""
    seed, c0, c3 = np.uint64(seed), np.uint64(c0), np.uint64(c3)
    w0, w1, w2, w3 = words[0], words[1], words[2], words[3]
    for k in range(np.uint64(many)):
        a, b, c, d = _round(c0, np.uint64(who[k]), np.uint64(place[k]), c3, seed, np.uint64(0))
        a, b, c, d = _round(a, b, c, d, seed + _W0, _W1)
        a, b, c, d = _round(a, b, c, d, seed + _W0 * np.uint64(2), _W1 * np.uint64(2))
        a, b, c, d = _round(a, b, c, d, seed + _W0 * np.uint64(3), _W1 * np.uint64(3))
        a, b, c, d = _round(a, b, c, d, seed + _W0 * np.uint64(4), _W1 * np.uint64(4))
        a, b, c, d = _round(a, b, c, d, seed + _W0 * np.uint64(5), _W1 * np.uint64(5))
        a, b, c, d = _round(a, b, c, d, seed + _W0 * np.uint64(6), _W1 * np.uint64(6))
        a, b, c, d = _round(a, b, c, d, seed + _W0 * np.uint64(7), _W1 * np.uint64(7))
        a, b, c, d = _round(a, b, c, d, seed + _W0 * np.uint64(8), _W1 * np.uint64(8))
        a, b, c, d = _round(a, b, c, d, seed + _W0 * np.uint64(9), _W1 * np.uint64(9))
        w0[k], w1[k], w2[k], w3[k] = a, b, c, d


@kernel_part
def philox_each(seed, c0, who, place, c3, many, words):
    """`philox` at counters (c0, who[k], place[k], c3), k < many, into words (4, at least many) uint64."""
    w0, w1, w2, w3 = words[0], words[1], words[2], words[3]
    for k in range(np.uint64(many)):
        w0[k], w1[k], w2[k], w3[k] = philox(seed, np.uint64(c0), who[k], place[k], np.uint64(c3))


# Eight products of 64 bits at once make up for their being made of halves; four, as without AVX-512, do not.
philox_many: Any = philox_lanes if get_host_cpu_features().get("avx512dq", False) else philox_each


@kernel_part
def exit_word(w0, w1, w2, w3, name):
    """The word of the exit whose name has the hash `name`, out of the four words of its sojourn.

    A polynomial with the four words as coefficients, taken at the hash: for two exits whose hashes differ by an odd
    number times 2**k, the second value is uniform over 2**(64 - k) numbers whatever the first is. Then the splitmix
    finaliser, so that no pattern of the hashes is left; `w3` enters once more, with the halves of the hash exchanged,
    for hashes that differ at their high end only.
    """
    x = ((w3 * name + w2) * name + w1) * name + w0
    x = (x ^ (x >> _SHIFT_1)) * _FACTOR_1 + w3 * ((name << _HALF_WORD) | (name >> _HALF_WORD))
    x = (x ^ (x >> _SHIFT_2)) * _FACTOR_2
    return x ^ (x >> _SHIFT_3)


@kernel_part
def to_uniform(word):
    """A uint64 word as a float in (0, 1), never 0 and never 1: (top 53 bits + 1/2) / 2**53.

    The largest value rounds to 1 - 2**-53, so that its logarithm is never 0.
    """
    u = (np.float64(word >> _ELEVEN) + _HALF) * _STEP
    return min(u, 1.0 - _STEP)


@kernel_part
def exponential(u):
    """-log(u) of u in (0, 1), a standard exponential number, to 0.8 of a unit in the last place.

    Arithmetic alone, so that a compiler makes lanes of it; the C library takes one number at a time. With
    u = 2^k (1 + f), 1 + f in [sqrt(1/2), sqrt(2)), and s = f / (2 + f): log(1 + f) = 2 artanh(s) = 2 s + s r,
    r = 2/3 s^2 + 2/5 s^4 + .., whose terms after s^20 are below 1e-18. As 2 s = f - s f and s f = f^2/2 - s f^2/2, most
    of the sum is exact.
    """
    bits = np.float64(u).view(np.int64)
    k = (bits - _ROOT) >> _MANTISSA
    f = np.int64(bits - (k << _MANTISSA)).view(np.float64) - 1.0
    s = f / (2.0 + f)
    z = s * s
    r = 2 / 17 + z * (2 / 19 + z * (2 / 21))
    r = 2 / 9 + z * (2 / 11 + z * (2 / 13 + z * (2 / 15 + z * r)))
    r = z * (2 / 3 + z * (2 / 5 + z * (2 / 7 + z * r)))
    half = 0.5 * f * f
    return (half - (s * (half + r) + k * _LOG2_REST)) - f - k * _LOG2


@kernel
def _fill_uniforms(seed, keys, first, block, place, word, out):
    # Four individuals share an address, one word each: individual i has word i % 4 of block i // 4.
    for d in range(out.shape[0]):
        philox_many(seed, keys[d], block, place, 0, block.shape[0], word)
        for n in range(out.shape[1]):
            i = np.uint64(first % 4 + n)
            out[d, n] = to_uniform(word[i % np.uint64(4), i // np.uint64(4)])


def name_hash(name: str) -> int:
    """64 bits that stand for `name` in an address: the first of its SHA-256, the same everywhere and always.

    >>> hex(name_hash("abc"))
    '0xba7816bf8f01cfea'
    """
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")


def name_place(name: str) -> np.uint64:
    """The address of an individual's own number called `name`; stable across models and versions."""
    return np.uint64(ATTRIBUTE | np.uint64(name_hash(name) >> 8))


def individual_uniforms(seed: int, keys: np.ndarray, first: int, count: int, name: str) -> np.ndarray:
    """Each individual's own uniform number `name`: (draws, count) in (0, 1).

    `keys` (draws,) uint64 are the draws' addresses; `first` is the number of the first individual.

    >>> import numpy as np
    >>> keys = np.array([0, 1], dtype=np.uint64)
    >>> all_five = individual_uniforms(7, keys, 0, 5, "age")
    >>> bool((individual_uniforms(7, keys, 3, 2, "age") == all_five[:, 3:]).all())
    True
    """
    out = np.empty((len(keys), count))
    block = np.arange(first // 4, (first + count + 3) // 4, dtype=np.uint64)
    place, word = np.full(len(block), name_place(name)), np.empty((4, len(block)), np.uint64)
    _fill_uniforms(np.uint64(seed), np.asarray(keys, np.uint64), first, block, place, word, out)
    return out
