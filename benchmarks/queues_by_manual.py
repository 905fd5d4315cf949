"""Two queues in ciw and in simpy, written as their manuals show it: processor time of one arrival, printed as JSON.

Run by benchmarks/queues.py in an environment of their own. Both queues have 20 places and 18 arrivals a day: "plain"
has exponential stays of a day; "general" lognormal ones of a day, spread 0.9, and a quarter of the people are urgent.
"""

from __future__ import annotations

import json
import math
import random
import sys
import time
from collections.abc import Callable
from importlib.metadata import version

import ciw
import simpy

PLACES, RATE, SPREAD, URGENT = 20, 18.0, 0.9, 0.25
SD = math.sqrt(math.log1p(SPREAD**2))
MU = -(SD**2) / 2


def by_ciw(general: bool, many: int) -> tuple[int, float]:
    """How many came, and the mean wait of those who were served."""
    if general:
        stay = ciw.dists.Lognormal(mean=MU, sd=SD)
        network = ciw.create_network(
            arrival_distributions={
                "urgent": [ciw.dists.Exponential(URGENT * RATE)],
                "others": [ciw.dists.Exponential((1 - URGENT) * RATE)],
            },
            service_distributions={"urgent": [stay], "others": [stay]},
            priority_classes={"urgent": 0, "others": 1},
            number_of_servers=[PLACES],
        )
    else:
        network = ciw.create_network(
            arrival_distributions=[ciw.dists.Exponential(rate=RATE)],
            service_distributions=[ciw.dists.Exponential(rate=1.0)],
            number_of_servers=[PLACES],
        )
    ciw.seed(1)
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(many / RATE)
    waits = [record.waiting_time for record in simulation.get_all_records()]
    return simulation.nodes[0].number_of_individuals, sum(waits) / len(waits)


def by_simpy(general: bool, many: int) -> tuple[int, float]:
    """As `by_ciw`."""
    luck, environment, waits, came = random.Random(1), simpy.Environment(), [], [0]
    places = simpy.PriorityResource(environment, PLACES) if general else simpy.Resource(environment, PLACES)

    def citizen():  # type: ignore[no-untyped-def]
        arrival = environment.now
        asked = places.request(priority=int(luck.random() >= URGENT)) if general else places.request()
        with asked as request:
            yield request
            waits.append(environment.now - arrival)
            yield environment.timeout(luck.lognormvariate(MU, SD) if general else luck.expovariate(1.0))

    def arrivals():  # type: ignore[no-untyped-def]
        while True:
            yield environment.timeout(luck.expovariate(RATE))
            came[0] += 1
            environment.process(citizen())

    environment.process(arrivals())
    environment.run(until=many / RATE)
    return came[0], sum(waits) / len(waits)


def timed(run: Callable[[bool, int], tuple[int, float]], general: bool, many: int, runs: int) -> dict[str, float]:
    """Seconds of processor time by arrival, the least of the runs, and the mean wait in days."""
    spent = []
    for _ in range(runs):
        start = time.process_time()
        came, wait = run(general, many)
        spent.append(time.process_time() - start)
    return {"seconds": min(spent) / came, "wait": wait, "arrivals": came}


if __name__ == "__main__":
    arrivals_wanted, runs = int(sys.argv[1]), int(sys.argv[2])
    answers = {
        f"{name} {kind}": timed(run, kind == "general", arrivals_wanted, runs)
        for name, run in (("ciw", by_ciw), ("simpy", by_simpy))
        for kind in ("plain", "general")
    }
    print(json.dumps({"versions": {name: version(name) for name in ("ciw", "simpy")}, "answers": answers}))
