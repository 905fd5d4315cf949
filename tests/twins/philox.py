"""Philox4x64-10 with Python's own integers: the slow twin of costeff.numerics.random. Imports nothing from costeff.

Sources: Salmon, Moraes, Dror, Shaw (2011), Parallel random numbers: as easy as 1, 2, 3, table 2 and section 3.3;
Steele, Lea, Flood (2014), Fast splittable pseudorandom number generators, with David Stafford's variant 13 of its end.
"""

from __future__ import annotations

import math

WORD = 2**64
MULTIPLIERS = (0xD2E7470EE14C6C93, 0xCA5A826395121157)
WEYL = (0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B)

Words = tuple[int, int, int, int]


def philox(key: tuple[int, int], counter: Words) -> Words:
    """Four words of 64 bits at `counter` under `key`."""
    x0, x1, x2, x3 = counter
    k0, k1 = key
    for _ in range(10):
        high0, low0 = divmod(MULTIPLIERS[0] * x0, WORD)
        high1, low1 = divmod(MULTIPLIERS[1] * x2, WORD)
        x0, x1, x2, x3 = high1 ^ x1 ^ k0, low1, high0 ^ x3 ^ k1, low0
        k0, k1 = (k0 + WEYL[0]) % WORD, (k1 + WEYL[1]) % WORD
    return x0, x1, x2, x3


def exit_word(words: Words, name: int) -> int:
    """A polynomial in the hash `name` with the words as coefficients, then the finaliser of splitmix64.

    Between its two multiplications the last word is added once more, times `name` with its halves exchanged.
    """
    x = sum(word * name**power for power, word in enumerate(words)) % WORD
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9
    x = (x + words[3] * ((name << 32) + (name >> 32))) % WORD
    x = (x ^ x >> 27) * 0x94D049BB133111EB % WORD
    return x ^ x >> 31


def uniform(word: int) -> float:
    """The middle of the 2**-53 wide interval that the top 53 bits name; never 0 and never 1."""
    return min(((word >> 11) + 0.5) / 2.0**53, 1.0 - 2.0**-53)


def exponential(word: int) -> float:
    return -math.log(uniform(word))
