"""Tries whether the numbers of two exits of one stay are independent: many numbers a pair, from the real kernel.

The words come from `costeff.numerics.random` (Philox at the address of a stay, then `exit_word` with the hash of each
exit's name); the statistics are numpy's, and know nothing of how the words are made. For each pair of names eleven
statistics are computed, whose laws are known for independent numbers: the correlation of the two uniforms; how often
their highest and their lowest bits agree; chi-square of their joint counts in 16 x 16 cells, by the four highest and by
the four lowest bits; and the correlation of each number with its neighbour in visit, person and draw, of the same exit
and of the other one. All p-values together are held against 0.01 by Holm's rule.

    python tests/fuzz/independence.py --numbers 100000000 --seed 2027 --log tests/fuzz/independence.log
"""

from __future__ import annotations

import argparse
import datetime as dt
import platform
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from costeff.numerics.kernel_cache import kernel
from costeff.numerics.random import SOJOURN, exit_word, name_hash, philox

PAIRS = (
    ("sick -> work", "sick -> dead"),
    ("a", "b"),
    ("state_1", "state_2"),
    ("state_12", "state_21"),
    ("a -> b", "b -> a"),
    ("Work", "work"),
    ("return", "returm"),
    ("x", "x "),
    ("", "a"),
)
"""Pairs of names: as in models, close to each other, permuted, and different only in case, a blank or at all."""
SHAPE = (4, 31250, 8)
"""Draws, persons and visits of one portion: a million stays."""
ALPHA = 0.01
_CELLS = 16


@kernel
def _fill(seed: Any, state: Any, one: Any, other: Any, draw: Any, person: Any, out: Any) -> None:
    """Words of the two exits for the stays of a portion: out (2, draws, persons, visits)."""
    for d in range(out.shape[1]):
        for p in range(out.shape[2]):
            for v in range(out.shape[3]):
                place = SOJOURN + np.uint64(v)
                w0, w1, w2, w3 = philox(seed, np.uint64(draw + d), np.uint64(person + p), place, state)
                out[0, d, p, v] = exit_word(w0, w1, w2, w3, one)
                out[1, d, p, v] = exit_word(w0, w1, w2, w3, other)


def portions(pair: tuple[str, str], numbers: int, seed: int) -> Iterator[np.ndarray]:
    """Words (2, draws, persons, visits) of portions, until there are at least `numbers` stays."""
    one, other = (np.uint64(name_hash(name)) for name in pair)
    size = int(np.prod(SHAPE))
    for number in range(-(-numbers // size)):
        words = np.empty((2, *SHAPE), np.uint64)
        draw, person = np.uint64(SHAPE[0] * number), np.uint64(SHAPE[1] * number)
        _fill(np.uint64(seed), np.uint64(name_hash("sick")), one, other, draw, person, words)
        yield words


class Pair:
    """The sums that the statistics of one pair need, added up portion by portion."""

    def __init__(self) -> None:
        self.size = 0
        self.products = dict.fromkeys(("same stay", *_NEIGHBOURS), 0.0)
        self.pairs = dict.fromkeys(self.products, 0)
        self.agreements = {"highest": 0, "lowest": 0}
        self.cells = {"high": np.zeros(_CELLS**2), "low": np.zeros(_CELLS**2)}

    def add(self, words: np.ndarray) -> None:
        """Add a portion."""
        u = (words >> np.uint64(11)).astype(float) * 2.0**-53 - 0.5
        self.size += words[0].size
        self._product("same stay", u[0], u[1])
        for name, (exits, axis) in _NEIGHBOURS.items():
            before = [slice(None)] * 3
            after = [slice(None)] * 3
            before[axis], after[axis] = slice(None, -1), slice(1, None)
            self._product(name, u[exits[0]][tuple(before)], u[exits[1]][tuple(after)])
        differing = words[0] ^ words[1]
        self.agreements["highest"] += int((differing >> np.uint64(63) == 0).sum())
        self.agreements["lowest"] += int((differing & np.uint64(1) == 0).sum())
        for name, parts in (("high", words >> np.uint64(60)), ("low", words & np.uint64(_CELLS - 1))):
            cell = (parts[0] * np.uint64(_CELLS) + parts[1]).astype(np.intp).ravel()
            self.cells[name] += np.bincount(cell, minlength=_CELLS**2)

    def _product(self, name: str, a: np.ndarray, b: np.ndarray) -> None:
        self.products[name] += float(np.vdot(a, b))
        self.pairs[name] += a.size

    def tests(self) -> dict[str, tuple[float, float]]:
        """Each statistic in standard errors (chi-square: as it is), and its p-value if the numbers are independent."""
        found = {}
        for name, total in self.products.items():
            z = 12 * total / np.sqrt(self.pairs[name])  # two uniforms: each product has the variance 1 / 144
            found[f"correlation, {name}"] = (z, float(2 * stats.norm.sf(abs(z))))
        for name, count in self.agreements.items():
            z = (2 * count - self.size) / np.sqrt(self.size)
            found[f"{name} bits agree"] = (z, float(2 * stats.norm.sf(abs(z))))
        for name, counts in self.cells.items():
            even = self.size / _CELLS**2
            square = float(((counts - even) ** 2 / even).sum())
            tail = stats.chi2.sf(square, _CELLS**2 - 1)
            found[f"16 x 16 cells, {name} bits"] = (square, float(2 * min(tail, 1 - tail)))
        return found


_NEIGHBOURS = {
    f"{own} in the next {where}": (exits, axis)
    for own, exits in (("same exit", (0, 0)), ("other exit", (0, 1)))
    for axis, where in enumerate(("draw", "person", "visit"))
}


def holm(p_values: list[float]) -> list[float]:
    """p-values corrected for how many there are, by Holm's rule.

    >>> holm([0.01, 0.04, 0.5])
    [0.03, 0.08, 0.5]
    """
    order = np.argsort(p_values)
    corrected, highest = [0.0] * len(p_values), 0.0
    for rank, at in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[at]))
        corrected[at] = round(highest, 12)
    return corrected


def report(pairs: tuple[tuple[str, str], ...], numbers: int, seed: int) -> tuple[list[str], bool]:
    """The lines of the log, and whether no test speaks against independence."""
    rows, begun = [], time.perf_counter()
    for pair in pairs:
        sums = Pair()
        for words in portions(pair, numbers, seed):
            sums.add(words)
        rows += [(pair, name, *result) for name, result in sums.tests().items()]
        print(f"{pair}: {sums.size:,} stays, {time.perf_counter() - begun:.0f} s", file=sys.stderr, flush=True)
    corrected = holm([row[3] for row in rows])
    lines = [f"{'names':<34} {'test':<42} {'statistic':>10} {'p':>8} {'Holm':>8}"]
    for (pair, name, statistic, p), after in zip(rows, corrected, strict=True):
        names = f"{pair[0]!r}, {pair[1]!r}"
        lines.append(f"{names:<34} {name:<42} {statistic:>10.3f} {p:>8.4f} {after:>8.4f}")
    smallest = min(corrected)
    good = smallest >= ALPHA
    verdict = "no test speaks" if good else "A TEST SPEAKS"
    lines.append(
        f"{len(rows)} tests; smallest p {min(row[3] for row in rows):.2g}, by Holm {smallest:.2g}: "
        f"{verdict} against independence at {ALPHA:g}"
    )
    return lines, good


def _commit() -> str:
    asked = ["git", "-C", str(Path(__file__).parent), "rev-parse", "--short", "HEAD"]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip() or "unknown"


def main() -> int:
    """Run from the command line; 1 when a test speaks against independence."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--numbers", type=int, default=10**6, help="stays for each pair of names")
    parser.add_argument("--pairs", type=int, default=len(PAIRS), help="how many of the pairs of names")
    parser.add_argument("--seed", type=int, default=2027)
    parser.add_argument("--log", type=Path, help="a file for the result")
    asked = parser.parse_args()
    pairs = PAIRS[: asked.pairs]
    lines, good = report(pairs, asked.numbers, asked.seed)
    head = [
        f"Independence of the numbers of two exits: {asked.numbers:,} stays for each of {len(pairs)} pairs of names, "
        f"seed {asked.seed}",
        f"date {dt.date.today().isoformat()}, commit {_commit()}, {platform.machine()}, Python "
        f"{platform.python_version()}, numpy {np.__version__}",
    ]
    text = "\n".join([*head, "", *lines]) + "\n"
    print(text)
    if asked.log is not None:
        asked.log.write_text(text, encoding="utf-8")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
