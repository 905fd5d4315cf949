"""Uniform numbers by address: one column per name, whatever else is drawn.

`random` and `latin_hypercube` seed every column from (seed, name), so adding a parameter changes no other
column. `sobol` needs a dimension per column, given in file order, and scrambles it from (seed, name):
parameters added at the end change no other. All numbers lie strictly between 0 and 1.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from costeff.errors import EvidenceError

Floats = NDArray[np.float64]
METHODS = ("random", "latin_hypercube", "sobol")
_HALF_STEP = 2.0**-53
_FEW = 2**16
"""Numbers of a Sobol design that is kept for the next replicate."""


class Design(NamedTuple):
    """How parameters are drawn: the start of the random numbers, the method, and how many designs of equal size."""

    seed: int
    method: str = "random"
    replicates: int = 1


def check_request(n: Any, seed: Any, method: Any) -> None:
    """Refuse a number of draws below 1, a seed outside 64 bits, or an unknown method."""
    if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < 1:
        raise EvidenceError("wrong number of draws", value=n, rule="a whole number, 1 or more", way_out="ask for draws")
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or not 0 <= seed < 2**64:
        raise EvidenceError(
            "wrong seed",
            value=seed,
            rule="a whole number from 0 to 2^64 - 1",
            way_out="give such a number; 0 is a seed",
        )
    if method not in METHODS:
        raise EvidenceError(
            "unknown method of drawing", value=method, rule=f"one of {', '.join(METHODS)}", way_out="name one of these"
        )


def generator(seed: int, address: str) -> np.random.Generator:
    """The generator of one column: Philox keyed by the seed and the first 64 bits of the address's SHA-256.

    >>> float(generator(0, "x").random()) == float(generator(0, "x").random())
    True
    """
    name = int.from_bytes(hashlib.sha256(address.encode()).digest()[:8], "little")
    return np.random.Generator(np.random.Philox(key=np.array([int(seed), name], dtype=np.uint64)))


def uniforms(addresses: Sequence[str], n: int, seed: int, method: str) -> dict[str, Floats]:
    """Columns of `n` uniform numbers by address."""
    check_request(n, seed, method)
    if method == "random":
        return {address: _open(generator(seed, address), n) for address in addresses}
    if method == "latin_hypercube":
        return {address: _stratified(generator(seed, address), n) for address in addresses}
    return _sobol(addresses, n, seed)


def replicated(addresses: Sequence[str], n: int, seed: int, method: str, replicates: int) -> dict[str, Floats]:
    """Columns of `n` numbers made of `replicates` designs of equal size, each randomised from a seed of its own.

    >>> columns = replicated(["x"], 4, 0, "latin_hypercube", 2)["x"]
    >>> sorted((columns[:2] * 2).astype(int).tolist()), sorted((columns[2:] * 2).astype(int).tolist())
    ([0, 1], [0, 1])
    """
    check_request(n, seed, method)
    whole = isinstance(replicates, (int, np.integer)) and not isinstance(replicates, bool)
    if not whole or replicates < 1 or n % replicates or (method == "random" and replicates > 1):
        raise EvidenceError(
            "wrong number of replicates",
            value=f"{replicates} for {n} draws by '{method}'",
            rule="a whole number that divides the draws; independent (random) draws have 1",
            way_out="give a multiple of the replicates as draws",
        )
    parts = [uniforms(addresses, n // replicates, _seed_of(seed, r), method) for r in range(replicates)]
    return {address: np.concatenate([part[address] for part in parts]) for address in parts[0]}


def _seed_of(seed: int, replicate: int) -> int:
    """The seed itself for the first replicate; 64 bits of a hash for each later one."""
    if replicate == 0:
        return int(seed)
    digest = hashlib.sha256(f"{int(seed)} replicate {replicate}".encode()).digest()
    return int.from_bytes(digest[:8], "little")


def _open(rng: np.random.Generator, n: int) -> Floats:
    """Uniform on the open interval: midpoints of 2^52 cells, so neither 0 nor 1 can occur."""
    return (rng.integers(0, 1 << 52, n).astype(float) + 0.5) * 2.0**-52


def _stratified(rng: np.random.Generator, n: int) -> Floats:
    """One number in each of n equal cells, in random order."""
    order = rng.permutation(n)
    return np.clip((order + _open(rng, n)) / n, 2.0**-60, 1.0 - _HALF_STEP)


def _sobol(addresses: Sequence[str], n: int, seed: int) -> dict[str, Floats]:
    if not addresses:
        return {}
    points = _points if n * len(addresses) <= _FEW else _points.__wrapped__
    columns = {}
    for address, whole in zip(addresses, points(n, len(addresses)), strict=True):
        key = generator(seed, address).integers(0, 1 << 32, dtype=np.uint64)
        columns[address] = (_owen(whole, np.uint32(key)).astype(float) + 0.5) * 2.0**-32
    return columns


@functools.lru_cache(maxsize=8)
def _points(n: int, width: int) -> NDArray[np.uint32]:
    """The first n Sobol points in 32 binary digits, (width, n): the same for all replicates before scrambling."""
    from scipy.stats import qmc

    power = max(int(n - 1).bit_length(), 0)
    plain = qmc.Sobol(d=width, scramble=False, bits=32).random_base2(power)[:n]
    return np.ascontiguousarray(np.rint(plain.T * 2.0**32).astype(np.uint32))


def _owen(x: NDArray[np.uint32], key: np.uint32) -> NDArray[np.uint32]:
    """Nested uniform scrambling by hashing (Burley, J Computer Graphics Techniques 2020;9(4)); constants of
    Vegdahl 2021.

    Each binary digit is flipped according to the digits above it only, so every power-of-two stratum keeps
    its points.
    """
    y = _reversed(x)
    y = y ^ (y * np.uint32(0x3D20ADEA))
    y = y + key
    y = y * np.uint32((int(key) >> 16) | 1)
    y = y ^ (y * np.uint32(0x05526C56))
    y = y ^ (y * np.uint32(0x53A22864))
    return _reversed(y)


def _reversed(x: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The 32 binary digits of each number in opposite order."""
    for shift, mask in ((1, 0x55555555), (2, 0x33333333), (4, 0x0F0F0F0F), (8, 0x00FF00FF)):
        s, m = np.uint32(shift), np.uint32(mask)
        x = ((x >> s) & m) | ((x & m) << s)
    return (x >> np.uint32(16)) | (x << np.uint32(16))
