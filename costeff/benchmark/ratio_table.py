"""Ratios and what became of them, as lines of text in the language of the reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from costeff.benchmark.ratios import NAMES
from costeff.benchmark.verdict import KINDS, Estimate, Verdict
from costeff.catalogue import say
from costeff.reporting.numbers import write_number, write_percent


def ratio_table(results: Mapping[str, Any], language: str = "en") -> str:
    """The ratios of one benchmark with their errors."""
    rows = [
        (
            f"{name}  {say(f'benchmark_{name}', language)}",
            write_number(entry["ratio"], language, error=entry["ratio"] * entry["error"]),
            write_percent(entry["error"], language, decimals=1),
            str(entry["rounds"]),
            write_number(entry["cpu_seconds"], language, decimals=3),
        )
        for name, entry in results["ratios"].items()
    ]
    return "\n".join(
        [*_lines(("workload", "ratio", "error", "rounds", "seconds"), rows, language), "", _on(results, language)]
    )


def change_table(
    results: Mapping[str, Any],
    old: Mapping[str, Estimate],
    verdicts: Mapping[str, Verdict],
    factor: float,
    language: str = "en",
) -> str:
    """Each workload before and now, how it changed, and the answer; then what the reader is to know, in sentences."""
    rows = [_change(name, entry, old, verdicts, language) for name, entry in results["ratios"].items()]
    kinds = {name: write_number(kind.allowed(factor), language) for name, kind in KINDS.items()}
    lines = _lines(("workload", "before", "now", "change", "interval", "answer"), rows, language)
    lines += ["", _on(results, language), say("benchmark_rule", language, **kinds), ""]
    slower, untold = (_with(verdicts, word) for word in ("slower", "untold"))
    lines.append(
        say("benchmark_some_slower", language, names=slower) if slower else say("benchmark_none_slower", language)
    )
    if untold:
        lines.append(say("benchmark_some_untold", language, names=untold))
    if gone := ", ".join(name for name in NAMES if name in old and name not in verdicts):
        lines.append(say("benchmark_gone", language, names=gone))
    return "\n".join(lines)


def _change(
    name: str, entry: Mapping[str, Any], old: Mapping[str, Estimate], verdicts: Mapping[str, Verdict], language: str
) -> tuple[str, ...]:
    """The cells of one workload; one that is new has no past."""
    now = write_number(entry["ratio"], language, error=entry["ratio"] * entry["error"])
    title = f"{name}  {say(f'benchmark_{name}', language)}"
    if name not in old:
        return title, "", now, "", "", say("benchmark_new", language)
    before, one = old[name], verdicts[name]
    low, high = (write_number(end, language, decimals=2) for end in (one.low, one.high))
    return (
        title,
        write_number(before.ratio, language, error=before.ratio * before.error),
        now,
        write_number(one.change, language, decimals=2),
        say("benchmark_between", language, low=low, high=high),
        say(f"benchmark_{one.word}", language),
    )


def _with(verdicts: Mapping[str, Verdict], word: str) -> str:
    return ", ".join(name for name, one in verdicts.items() if one.word == word)


def _on(results: Mapping[str, Any], language: str) -> str:
    """What they are ratios to, and on which machine and with what they were measured."""
    sizes = say("benchmark_small" if results["small"] else "benchmark_full", language)
    on = results["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    caption = say("benchmark_caption", language, loop=results["loop"], sizes=sizes)
    return f"{caption} {on['processor']}, {on['date']}; {versions}."


def _lines(keys: Sequence[str], rows: Sequence[tuple[str, ...]], language: str) -> list[str]:
    """A table in columns as wide as their widest cell, the first to the left and numbers to the right."""
    cells = [tuple(say(f"benchmark_{key}", language) for key in keys), *rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(keys))]
    return [
        "  ".join(
            cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        for row in cells
    ]
