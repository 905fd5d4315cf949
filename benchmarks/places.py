"""Times the flow engine: 1,000 draws x 5 years x 2 strategies of 36 places, and one arrival against ciw and simpy.

    python benchmarks/places.py

Theirs is what tests/oracles/queues.py measured, on the machine of its day: run it again for one's own.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

from costeff.engine.flow.analytic import waiting_line
from costeff.engine.flow.simulate import simulate_flow
from costeff.engine.flow.stays import exponential_stay
from costeff.engine.flow.system import FlowSystem, Station

ORACLES = Path(__file__).resolve().parents[1] / "tests" / "engine" / "data" / "queues.json"
DRAWS, DAYS, PLACES, OCCUPANCY = 1000, 5 * 364, 36, 0.88


def main() -> None:
    """Print seconds of processor time and of the clock, after a call that compiles."""
    rate = OCCUPANCY * PLACES / 24.5
    systems = [FlowSystem(rate, [Station("place", PLACES, exponential_stay(stay))]) for stay in (24.5, 24.0)]
    simulate_flow(systems[0], 100.0, 2)
    clock, processor = time.perf_counter(), time.process_time()
    results = [simulate_flow(system, DAYS, DRAWS, 1, warm_up_days=0.0) for system in systems]
    clock, processor = time.perf_counter() - clock, time.process_time() - processor
    people = sum(int(result.totals[:, 0, 0].sum()) for result in results)
    print(f"{DRAWS} draws x 5 years x 2 strategies, {people} people, one thread:")
    print(f"{clock:.2f} s by the clock, {processor:.2f} s of processor time")
    crowd = FlowSystem(18.0, [Station("place", 20, exponential_stay(1.0))])
    start = time.process_time()
    people = int(simulate_flow(crowd, 1111.0, 50, 1, warm_up_days=0.0).totals[:, 0, 0].sum())
    each = (time.process_time() - start) / people
    theirs = json.loads(ORACLES.read_text(encoding="utf-8"))["seconds_per_arrival"]
    ratios = ", ".join(f"{name} {seconds / each:.0f} times" for name, seconds in theirs.items())
    print(f"one arrival, 20 places at 90 %: {1e9 * each:.0f} ns of processor time; {ratios}")
    start = time.process_time()
    waiting_line([rate] * DRAWS, 24.5, PLACES)
    print(f"the same 1,000 draws by theory: {time.process_time() - start:.4f} s")


if __name__ == "__main__":
    main()
