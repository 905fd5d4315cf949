"""Times the flow engine beside ciw and simpy, one thread each, on the same two queues; writes benchmarks/queues.md.

    python benchmarks/queues.py --log

Installs ciw and simpy into an environment of their own, in a folder that is deleted afterwards, so it needs a package
index. Not part of .ci/run. The queues stand in benchmarks/queues_by_manual.py. Times are of the processor, random
numbers included, the least of three runs each, so that a busy machine changes little.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from costeff.engine.flow.simulate import simulate_flow
from costeff.engine.flow.stays import exponential_stay, lognormal_stay
from costeff.engine.flow.system import FlowSystem, Station

HERE = Path(__file__).resolve().parent
LOG = HERE / "queues.md"
VERSIONS = ("ciw==3.2.7", "simpy==4.1.2")
MANY, REPLICATIONS, RUNS, BAR = 20_000, 50, 3, 50
SYSTEMS = {
    "plain": FlowSystem(18.0, [Station("place", 20, exponential_stay(1.0))]),
    "general": FlowSystem(18.0, [Station("place", 20, lognormal_stay(1.0, 0.9))], priorities=(0.25, 0.75)),
}
ASKED = {
    "plain": "20 places at 90 %, exponential stays",
    "general": "20 places at 90 %, lognormal stays, a quarter urgent",
}


def ours(kind: str) -> tuple[float, float]:
    """Seconds of processor time by arrival, and the mean wait in days, both from an empty system as theirs."""
    system, days = SYSTEMS[kind], MANY / 18.0
    simulate_flow(system, 2.0, 1, 1, warm_up_days=0.0)
    spent = []
    for _ in range(RUNS):
        start = time.process_time()
        result = simulate_flow(system, days, REPLICATIONS, 1, warm_up_days=0.0)
        spent.append(time.process_time() - start)
    return min(spent) / int(result.totals[:, 0, 0].sum()), result.mean("wait")[0]


def theirs(environment: str) -> dict:  # type: ignore[type-arg]
    """What queues_by_manual.py prints, from an environment in which both are installed."""
    python = Path(environment) / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
        install = [sys.executable, "-m", "pip", "--python", str(python), "install", "-q", *VERSIONS]
        subprocess.run(install, check=True)
    command = [str(python), str(HERE / "queues_by_manual.py"), str(MANY), str(RUNS)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main(log: bool, environment: str) -> int:
    """Print the table, and write it when asked for; 1 when a ratio is below the bar."""
    if environment:
        answers = theirs(environment)
    else:
        with tempfile.TemporaryDirectory() as folder:
            answers = theirs(str(Path(folder) / "queues"))
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
    load = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
    lines = [
        "# The flow engine beside ciw and simpy",
        "",
        f"Written by `python benchmarks/queues.py --log` on {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit "
        f"{commit.stdout.strip()}, {platform.machine()}, Python {platform.python_version()}, {load}; "
        f"{' and '.join(VERSIONS)}, as their manuals write it, {MANY:,} arrivals; {REPLICATIONS} times as many in "
        f"costeff. One thread each, processor time, random numbers included, the least of {RUNS} runs. "
        f"Bar: {BAR} times.",
        "",
        "| queue | costeff, ns an arrival | ciw, times | simpy, times | mean wait, days: costeff, ciw, simpy |",
        "|---|---|---|---|---|",
    ]
    least = float("inf")
    for kind, words in ASKED.items():
        seconds, wait = ours(kind)
        own = [answers["answers"][f"{name} {kind}"] for name in ("ciw", "simpy")]
        ratios = [one["seconds"] / seconds for one in own]
        least = min(least, *ratios)
        waits = ", ".join(f"{value:.3f}" for value in (wait, *(one["wait"] for one in own)))
        lines.append(f"| {words} | {1e9 * seconds:.0f} | {ratios[0]:.0f} | {ratios[1]:.0f} | {waits} |")
    text = "\n".join(lines) + "\n"
    print(text)
    if log:
        LOG.write_text(text, encoding="utf-8")
    return int(least < BAR)


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--log", action="store_true")
    asked.add_argument(
        "--environment", default="", help="an environment that has both; made in this folder if it is not there"
    )
    given = asked.parse_args()
    sys.exit(main(given.log, given.environment))
