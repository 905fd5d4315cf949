"""The kept ratios of costeff by version, `benchmarks/history.json`, and their picture, `docs/images/ratios.svg`.

    python benchmarks/history.py add RESULT.json [--commit HASH]     put a `costeff benchmark --ratios --json` on record
    python benchmarks/history.py draw                                draw the picture again

Only ratios to one loop, on one processor, stand in one picture: that of the last entry. An older commit is measured by
laying this version's `costeff/benchmark` over it; `--commit` says which it was.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from costeff.benchmark.ratios import NAMES
from costeff.catalogue import say

ROOT = Path(__file__).resolve().parents[1]
HISTORY, PICTURE = ROOT / "benchmarks/history.json", ROOT / "docs/images/ratios.svg"
WIDTH, HEIGHT, ACROSS, TOP = 236, 132, 3, 34
BLUE, GREY, INK = "#1f6fb2", "#c9ced3", "#22272b"


def entry(results: dict[str, Any], commit: str) -> dict[str, Any]:
    """What is kept of one benchmark; ratios and errors to four digits."""
    return {
        "version": results["versions"]["costeff"],
        "commit": commit,
        "date": results["machine"]["date"],
        "processor": results["machine"]["processor"],
        "load": results["machine"]["load_average"][0],
        "python": results["versions"]["python"],
        "numba": results["versions"]["numba"],
        "loop": results["loop"],
        "ratios": {
            name: [float(f"{one['ratio']:.4g}"), float(f"{one['error']:.2g}")]
            for name, one in results["ratios"].items()
        },
    }


def together(history: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The entries that may stand in one picture."""
    keys = ("loop", "processor")
    return [one for one in history if all(one[key] == history[-1][key] for key in keys)]


def panel(name: str, entries: Sequence[dict[str, Any]], x: float, y: float) -> list[str]:
    """One workload: its ratios in order, with bars of two errors, on a scale of its own that begins at 0."""
    values = [one["ratios"].get(name) for one in entries]
    most = max(value * (1 + 2 * error) for value, error in (one for one in values if one))
    left, right, floor, ceiling = x + 12, x + WIDTH - 50, y + HEIGHT - 30, y + 34
    step = (right - left) / max(1, len(entries) - 1)

    def height(value: float) -> float:
        return floor - (floor - ceiling) * value / most

    points = [(left + k * step, *value) for k, value in enumerate(values) if value]
    line = " ".join(f"{across:.1f},{height(value):.1f}" for across, value, _ in points)
    last_x, last, _ = points[-1]
    title = escape(say(f"benchmark_{name}"))
    marks = [
        f'<text x="{x + 6}" y="{y + 18}" fill="{INK}"><tspan font-weight="600">{name}</tspan> {title}</text>',
        f'<line x1="{x + 6}" x2="{right + 6:.1f}" y1="{floor}" y2="{floor}" stroke="{GREY}"/>',
        f'<polyline points="{line}" fill="none" stroke="{BLUE}" stroke-width="1.5"/>',
        f'<text x="{last_x + 8:.1f}" y="{height(last) + 4:.1f}" fill="{INK}">{float(f"{last:.3g}"):,g}</text>',
    ]
    for across, value, error in points:
        low, high = height(value * (1 - 2 * error)), height(value * (1 + 2 * error))
        marks += [
            f'<line x1="{across:.1f}" x2="{across:.1f}" y1="{low:.1f}" y2="{high:.1f}" stroke="{BLUE}"/>',
            f'<circle cx="{across:.1f}" cy="{height(value):.1f}" r="3" fill="{BLUE}"/>',
        ]
    ends = [(left, "start", entries[0])] + ([(right, "end", entries[-1])] if len(entries) > 1 else [])
    marks += [
        f'<text x="{place:.1f}" y="{floor + 15}" text-anchor="{anchor}" fill="#5b636a">{one["commit"]}</text>'
        for place, anchor, one in ends
    ]
    return marks


def picture(history: Sequence[dict[str, Any]]) -> str:
    """The picture of all workloads side by side, as SVG."""
    entries = together(history)
    names = [name for name in NAMES if any(name in one["ratios"] for one in entries)]
    rows = math.ceil(len(names) / ACROSS)
    width, height = ACROSS * WIDTH, TOP + rows * HEIGHT
    last = entries[-1]
    head = (
        f"Ratio to the loop {last['loop'][:8]} by version; bars: two errors. {last['processor']}, "
        f"Python {last['python']}, numba {last['numba']}."
    )
    marks = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
        'font-size="11">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<text x="6" y="18" fill="{INK}">{escape(head)}</text>',
    ]
    for k, name in enumerate(names):
        marks += panel(name, entries, k % ACROSS * WIDTH, TOP + k // ACROSS * HEIGHT)
    return "\n".join([*marks, "</svg>", ""])


def main() -> None:
    """Add an entry, and draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=["add", "draw"])
    parser.add_argument("result", nargs="?", type=Path)
    parser.add_argument("--commit")
    settings = parser.parse_args()
    history = json.loads(HISTORY.read_text("utf-8")) if HISTORY.exists() else []
    if settings.action == "add":
        words = ["git", "rev-parse", "--short", "HEAD"]
        head = subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()
        history.append(entry(json.loads(settings.result.read_text("utf-8")), settings.commit or head))
        lines = ",\n".join(json.dumps(one) for one in history)
        HISTORY.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    PICTURE.write_text(picture(history), encoding="utf-8")


if __name__ == "__main__":
    main()
