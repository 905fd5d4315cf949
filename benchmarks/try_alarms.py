"""How often `costeff benchmark --against` catches planted slowdowns, and how often it alarms without any.

    python benchmarks/try_alarms.py [--tries 20] [--quick] [--only WORKLOAD ...] [--out benchmarks/alarms]

A try measures everything (held against the try before: what alarms there is false), and once more with slowdowns
planted by `planted/sitecustomize.py` (held against the first measurement): kernels and commands at once, parts that
work within others apart. Each try is a line of OUT.jsonl, so that the script goes on where it was stopped; lines of
runs side by side can be put together, and are then only summed up. OUT.md says what came out. About seven minutes a
try when quiet.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
#: By workload, what is planted: 20 % in a kernel, 40 % in a command. A function that is a part of a part is slowed by
#: so much that the part takes about 20 % more.
PLANTS = {
    "a": "costeff.engine.events.microsim:microsim=1.2",
    "c": "costeff.engine.events.microsim:microsim=1.2",
    "d": "costeff.engine.cohort.cohort:cohort=1.2",
    "e": "costeff.engine.cohort.cohort:cohort=1.2",
    "f": "costeff.engine.cohort.cohort:cohort=1.2",
    "places": "costeff.engine.flow.systems:live_systems=1.25",
    "random": "costeff.numerics.random:individual_uniforms=1.2",
    "compile": "costeff.compile.environment:population=1.35",
    "ledger": "costeff.ledger.flows:flows=1.25",
    "report": "costeff.study.report.content_of_result:content=1.25",
    "g": "exit:run=1.4",
    "h": "exit:invest=1.4",
    "i": "exit:voi=1.4",
    "j-import": "exit:-c=1.4",
    "j-help": "exit:--help=1.4",
    "k": "exit:run=1.4",
}
#: Parts that work within other parts are slowed apart from these, so that none is seen for another.
PARTS_WITHIN_PARTS = (("compile", "ledger"), ("random",), ("report",))


def benchmark(words: Sequence[str], plants: Sequence[str], place: Path) -> dict[str, Any]:
    """The JSON of one `costeff benchmark`, with its exit code and its minutes."""
    path = os.pathsep.join(filter(None, (str(ROOT / "benchmarks/planted"), os.environ.get("PYTHONPATH"))))
    environment = os.environ | {"COSTEFF_PLANTED": " ".join(dict.fromkeys(plants)), "PYTHONPATH": path}
    command = [sys.executable, "-m", "costeff.cli", "benchmark", "--ratios", "--json", str(place), *words]
    start_time = time.monotonic()
    ended = subprocess.run(command, cwd=ROOT, env=environment, check=False, stdout=subprocess.DEVNULL)
    if ended.returncode not in (0, 1):
        sys.exit(f"costeff benchmark ended with {ended.returncode}")
    minutes = (time.monotonic() - start_time) / 60
    return json.loads(place.read_text("utf-8")) | {"code": ended.returncode, "minutes": minutes}


def answers(results: dict[str, Any]) -> dict[str, Any]:
    """By workload the answer and the change."""
    return {name: [one["word"], round(one["change"], 4)] for name, one in results.get("against", {}).items()}


def one_try(folder: Path, words: Sequence[str], only: Sequence[str]) -> dict[str, Any]:
    """Measure without and with slowdowns; what came out."""
    before, after, planted = folder / "before.json", folder / "after.json", folder / "planted.json"
    chosen = [word for name in only for word in ("--only", name)]
    against = ["--against", str(before)] if before.exists() else []
    load = os.getloadavg()[0]
    plain = benchmark([*words, *chosen, *against], (), after)
    after.replace(before)
    apart = {name for group in PARTS_WITHIN_PARTS for name in group}
    together = tuple(name for name in PLANTS if name not in apart)
    slowed = []
    for group in (together, *PARTS_WITHIN_PARTS):
        names = [name for name in group if not only or name in only]
        if names:
            chosen = [word for name in names for word in ("--only", name)]
            plants = [PLANTS[name] for name in names]
            slowed.append(benchmark([*words, "--against", str(before), *chosen], plants, planted))
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, check=False, capture_output=True, text=True
    )
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M}",
        "commit": commit.stdout.strip() or "unknown",
        "processor": plain["machine"]["processor"],
        "cores": plain["machine"]["cores"],
        "load": round(load, 1),
        "words": list(words),
        "minutes": [round(one["minutes"], 1) for one in (plain, *slowed)],
        "codes": [one["code"] for one in (plain, *slowed)],
        "none": answers(plain),
        "planted": {name: answer for one in slowed for name, answer in answers(one).items()},
    }


def summary(tries: Sequence[dict[str, Any]]) -> str:
    """A page on all tries."""
    last = tries[-1]
    held = [one["none"] for one in tries if one["none"]]
    alarms = [[name for name, (word, _) in one.items() if word == "slower"] for one in held]
    names = sorted({name for one in alarms for name in one})
    loads, minutes = [one["load"] for one in tries], [one["minutes"][0] for one in tries]
    lines = [
        "# Alarms of `costeff benchmark --against`",
        "",
        f"Written by `benchmarks/try_alarms.py`, {tries[0]['date']} to {last['date']} UTC, at commit {last['commit']}, "
        f"on {last['cores']} cores of {last['processor']}; load before a try {min(loads):g} to {max(loads):g}; "
        f"options: {' '.join(last['words']) or 'none'}.",
        "",
        f"Without a slowdown, {sum(map(bool, alarms))} of {len(held)} tries alarmed"
        f"{': ' + ', '.join(names) if names else ''}. A measurement took {min(minutes):g} to {max(minutes):g} minutes.",
        "",
        "| workload | planted | caught | not told | median change seen |",
        "|---|---|---|---|---|",
    ]
    for name, plant in PLANTS.items():
        seen = [one["planted"][name] for one in tries if name in one["planted"]]
        if seen:
            words, changes = [word for word, _ in seen], sorted(change for _, change in seen)
            lines.append(
                f"| {name} | `{plant}` | {words.count('slower')} of {len(seen)} | {words.count('untold')} | "
                f"{changes[len(changes) // 2]:.2f} |"
            )
    return "\n".join([*lines, ""])


def main() -> None:
    """Try until there are as many lines as asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tries", type=int, default=20)
    parser.add_argument("--quick", action="store_true", help="small sizes")
    parser.add_argument("--only", nargs="*", default=[], help="workloads")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks/alarms")
    settings = parser.parse_args()
    log, folder = settings.out.with_suffix(".jsonl"), settings.out.with_suffix(".work")
    folder.mkdir(parents=True, exist_ok=True)
    lines = log.read_text("utf-8").splitlines() if log.exists() else []
    tries = [json.loads(line) for line in lines]
    try:
        while len(tries) < settings.tries:
            tries.append(one_try(folder, ["--quick"] if settings.quick else [], settings.only))
            with log.open("a", encoding="utf-8") as file:
                file.write(json.dumps(tries[-1]) + "\n")
            sys.stdout.write(f"try {len(tries)}: {tries[-1]['none']} {tries[-1]['planted']}\n")
    finally:
        if tries:
            settings.out.with_suffix(".md").write_text(summary(tries), encoding="utf-8")


if __name__ == "__main__":
    main()
