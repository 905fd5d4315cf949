"""Numbers as people type them, in English and Danish, with and without thousands grouped: for property tests."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from hypothesis import strategies as st

MARKS = {"en": (",", "."), "da": (".", ",")}


class Typed(NamedTuple):
    """A number, the format it is written in, and its text."""

    value: float
    form: str
    text: str


def typed(luck: Random) -> Typed:
    """A number of up to ten digits and four decimals, written in one of the formats."""
    form = luck.choice(["en", "da"])
    group, point = MARKS[form]
    whole = luck.randrange(10 ** luck.randint(1, 10))
    decimals = "".join(luck.choices("0123456789", k=luck.randint(0, 4)))
    sign = luck.choice(["", "", "", "-"])
    digits = f"{whole:,}".replace(",", luck.choice([group, group, " "])) if luck.random() < 0.5 else str(whole)
    text = sign + digits + (point + decimals if decimals else "")
    return Typed(float(f"{sign}{whole}.{decimals or 0}"), form, text)


def hundred(seed: int) -> list[Typed]:
    """A hundred numbers: hypothesis chooses the seed, since it is slow to choose a hundred numbers itself."""
    luck = Random(seed)
    return [typed(luck) for _ in range(100)]


HUNDRED = st.integers(0, 2**32).map(hundred)
