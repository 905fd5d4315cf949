"""Ways in which a file goes wrong by hand or on its way: each takes a text and gives a broken one, or None."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

Mutation = Callable[[random.Random, str], str | None]

_NUMBER = re.compile(r"(?<![\w.,-])-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])")
_KEY = re.compile(r"(?<![\w.])([A-Za-z_]\w*)(?=:(?: |$))", re.M)
_NAME = re.compile(r"\b[A-Za-z_]\w{2,}\b")
_UNITS = ("day", "week", "month", "year")
_KINDS = ("rate", "probability", "ratio", "share", "DKK", "EUR", "USD", "hazard ratio", "per event", "per start")
MUTATIONS: dict[str, Mutation] = {}


def mutation(function: Mutation) -> Mutation:
    """Register a way of breaking a text by its name."""
    MUTATIONS[function.__name__] = function
    return function


def _lines(text: str) -> tuple[list[str], list[int]]:
    """All lines, and the numbers of those that say something."""
    lines = text.splitlines(keepends=True)
    return lines, [i for i, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")]


def _replaced(rng: random.Random, text: str, pattern: re.Pattern[str], new: Callable[[str], str]) -> str | None:
    """One match of a pattern, outside comments, written anew."""
    spans = [m for m in pattern.finditer(text) if "#" not in text[text.rfind("\n", 0, m.start()) + 1 : m.start()]]
    if not spans:
        return None
    match = rng.choice(spans)
    return text[: match.start()] + new(match[0]) + text[match.end() :]


@mutation
def line_deleted(rng: random.Random, text: str) -> str | None:
    lines, used = _lines(text)
    del lines[rng.choice(used)]
    return "".join(lines)


@mutation
def line_doubled(rng: random.Random, text: str) -> str | None:
    lines, used = _lines(text)
    at = rng.choice(used)
    lines.insert(at, lines[at])
    return "".join(lines)


@mutation
def lines_swapped(rng: random.Random, text: str) -> str | None:
    lines, used = _lines(text)
    one, other = (
        rng.sample(used, 2) if rng.random() < 0.5 else (lambda i: (used[i], used[i + 1]))(rng.randrange(len(used) - 1))
    )
    lines[one], lines[other] = lines[other], lines[one]
    return "".join(lines)


@mutation
def number_scaled(rng: random.Random, text: str) -> str | None:
    factor = rng.choice([0.01, 0.1, 0.5, 2, 10, 52, 100, 1000, 1e6, 1e9])
    return _replaced(rng, text, _NUMBER, lambda number: f"{float(number) * factor:.10g}")


@mutation
def number_sign(rng: random.Random, text: str) -> str | None:
    return _replaced(rng, text, _NUMBER, lambda n: n[1:] if n.startswith("-") else f"-{n}")


@mutation
def decimal_comma(rng: random.Random, text: str) -> str | None:
    return _replaced(
        rng, text, re.compile(_NUMBER.pattern.replace(r"(?:\.\d+)?", r"\.\d+")), lambda n: n.replace(".", ",")
    )


@mutation
def thousands(rng: random.Random, text: str) -> str | None:
    mark = rng.choice([".", ",", " ", "'", "_", "\u00a0"])
    found = re.compile(r"(?<![\w.,-])\d{4,}(?![\w.,])")
    return _replaced(rng, text, found, lambda n: f"{int(n):,}".replace(",", mark))


@mutation
def number_strange(rng: random.Random, text: str) -> str | None:
    strange = [
        "1e309",
        ".inf",
        "-.inf",
        ".nan",
        "0x1F",
        "0o17",
        "1_000",
        "9" * 60,
        "1e-320",
        "1.2.3",
        "１２",
        "½",
        "1e",
        "+-1",
        "5 %",
        "5%",
        "12 kr.",
        "true",
        "null",
        "~",
        "''",
        "2026-02-30",
        "2024-01-31",
        "1:30",
    ]
    return _replaced(rng, text, _NUMBER, lambda _: rng.choice(strange))


@mutation
def key_misspelt(rng: random.Random, text: str) -> str | None:
    def wrong(key: str) -> str:
        at = rng.randrange(len(key))
        return rng.choice(
            [key[:at] + key[at + 1 :] or "x", key[:at] + key[at] * 2 + key[at + 1 :], key.upper(), f"{key}s"]
        )

    return _replaced(rng, text, _KEY, wrong)


@mutation
def key_doubled(rng: random.Random, text: str) -> str | None:
    """A key stands twice, the second time with another number."""
    lines, used = _lines(text)
    at = rng.choice(used)
    second = _replaced(rng, lines[at], _NUMBER, lambda number: f"{float(number) * 3:.10g}")
    lines.insert(at + 1, second or lines[at])
    return "".join(lines)


@mutation
def unit_swapped(rng: random.Random, text: str) -> str | None:
    group = rng.choice([_UNITS, _KINDS])
    return _replaced(rng, text, re.compile(rf"\b({'|'.join(group)})\b"), lambda _: rng.choice(group))


@mutation
def name_swapped(rng: random.Random, text: str) -> str | None:
    names = _NAME.findall(text)
    return _replaced(rng, text, _NAME, lambda _: rng.choice(names))


@mutation
def quotes(rng: random.Random, text: str) -> str | None:
    at = rng.randrange(len(text))
    return (
        text[:at]
        + rng.choice(["'", '"', '""', "`", "\u201d", "|", ">", "&a ", "*a ", "<<: *a", "!!python/name:os ", "? "])
        + text[at:]
    )


@mutation
def tabs(rng: random.Random, text: str) -> str | None:
    lines, used = _lines(text)
    at = rng.choice(used)
    lines[at] = rng.choice([f"\t{lines[at]}", lines[at].replace("  ", "\t", 1), f"  {lines[at]}", lines[at].lstrip()])
    return "".join(lines)


@mutation
def control_characters(rng: random.Random, text: str) -> str | None:
    at = rng.randrange(len(text))
    strange = [
        "\0",
        "\x07",
        "\x1b[31m",
        "\u202e",
        "\u200f",
        "\ufeff",
        "\x85",
        "\u2028",
        "\udcff",
        '"\\e[31m"',
        '"\\x07"',
    ]
    return text[:at] + rng.choice(strange) + text[at:]


@mutation
def deep_nesting(rng: random.Random, text: str) -> str | None:
    at, depth = rng.choice([m.end() for m in re.finditer(": ", text)] or [0]), rng.choice([30, 300, 3000])
    left, right = rng.choice([("[", "]"), ("{a: ", "}"), ("(", ")")])
    return text[:at] + left * depth + "1" + right * rng.choice([depth, 0]) + text[at:]


@mutation
def byte_flipped(rng: random.Random, text: str) -> str | None:
    data = bytearray(text.encode())
    for _ in range(rng.choice([1, 1, 1, 4])):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return data.decode("utf-8", "surrogateescape")


@mutation
def truncated(rng: random.Random, text: str) -> str | None:
    lines = text.splitlines(keepends=True)
    return text[: rng.randrange(len(text))] if rng.random() < 0.5 else "".join(lines[: rng.randrange(len(lines))])


@mutation
def value_emptied(rng: random.Random, text: str) -> str | None:
    return _replaced(
        rng, text, re.compile(r"(?<=: )[^\s,{}\[\]]+"), lambda _: rng.choice(["", "null", "[]", "{}", '""'])
    )
