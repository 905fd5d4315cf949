"""Writes tests/engine/data/queues.json: answers of ciw and simpy for tests/engine/test_flow_oracles.py.

They are no dependencies, so they have an environment of their own:

    python3 -m venv --without-pip ENV && python3 -m pip --python ENV/bin/python install ciw==3.2.7 simpy==4.1.2
    ENV/bin/python tests/oracles/queues.py

Each answer is a mean over independent replications with its standard error; times are in days. Written as their manuals
show it.
"""

from __future__ import annotations

import json
import math
import random
import statistics
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import ciw
import simpy

REPLICATIONS, WARM, DAYS = 12, 200.0, 2000.0


def answer(values: list[float]) -> dict[str, float]:
    return {"mean": statistics.mean(values), "error": statistics.stdev(values) / math.sqrt(len(values))}


def ciw_records(network: ciw.network.Network, seed: int, days: float = DAYS) -> list[ciw.data_record.DataRecord]:
    ciw.seed(seed)
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(WARM + days + 50)
    records = simulation.get_all_records()
    return [r for r in records if WARM < r.arrival_date < WARM + days and r.record_type == "service"]


def ciw_lognormal(seed: int) -> float:
    """Three places, 2.4 a day, lognormal stays of mean 1 and spread 1.5: mean wait."""
    sd = math.sqrt(math.log1p(1.5**2))
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate=2.4)],
        service_distributions=[ciw.dists.Lognormal(mean=-(sd**2) / 2, sd=sd)],
        number_of_servers=[3],
    )
    return statistics.mean(r.waiting_time for r in ciw_records(network, seed))


def ciw_priorities(seed: int) -> tuple[float, float]:
    """Two places, 1.6 a day, a quarter of them urgent, exponential stays of a day: mean waits of urgent and others."""
    one = ciw.dists.Exponential(rate=1.0)
    network = ciw.create_network(
        arrival_distributions={"urgent": [ciw.dists.Exponential(0.4)], "others": [ciw.dists.Exponential(1.2)]},
        service_distributions={"urgent": [one], "others": [one]},
        priority_classes={"urgent": 0, "others": 1},
        number_of_servers=[2],
    )
    records = ciw_records(network, seed)
    waits = {
        urgency: statistics.mean(r.waiting_time for r in records if r.customer_class == urgency)
        for urgency in ("urgent", "others")
    }
    return waits["urgent"], waits["others"]


def ciw_blocking(seed: int) -> tuple[float, float]:
    """Five beds (stays of 2 days), then two places (1 day) and nowhere to wait but the bed; 1.5 a day."""
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(1.5), None],
        service_distributions=[ciw.dists.Exponential(0.5), ciw.dists.Exponential(1.0)],
        number_of_servers=[5, 2],
        queue_capacities=[float("inf"), 0],
        routing=[[0.0, 1.0], [0.0, 0.0]],
    )
    records = [r for r in ciw_records(network, seed) if r.node == 1]
    return statistics.mean(r.waiting_time for r in records), statistics.mean(r.time_blocked for r in records)


def simpy_giving_up(seed: int) -> tuple[float, float]:
    """Three places, 3.6 a day, stays of a day, patience exponential of mean 0.5: share who give up, mean wait."""
    luck, waits, gave_up, came = random.Random(seed), [], [0], [0]
    environment = simpy.Environment()
    places = simpy.Resource(environment, capacity=3)

    def citizen():  # type: ignore[no-untyped-def]
        arrival = environment.now
        counts = WARM < arrival < WARM + DAYS
        came[0] += counts
        with places.request() as request:
            got = yield request | environment.timeout(luck.expovariate(2.0))
            if request in got:
                if counts:
                    waits.append(environment.now - arrival)
                yield environment.timeout(1.0)
            else:
                gave_up[0] += counts

    def arrivals():  # type: ignore[no-untyped-def]
        while True:
            yield environment.timeout(luck.expovariate(3.6))
            environment.process(citizen())

    environment.process(arrivals())
    environment.run(until=WARM + DAYS + 50)
    return gave_up[0] / came[0], statistics.mean(waits)


def seconds_per_arrival(places: int = 20, occupancy: float = 0.9, many: int = 20_000) -> dict[str, float]:
    """Processor time of one arrival at exponential stays, each by its manual."""
    rate = occupancy * places
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate)],
        service_distributions=[ciw.dists.Exponential(1.0)],
        number_of_servers=[places],
    )
    start = time.process_time()
    ciw.seed(1)
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(many / rate)
    simulation.get_all_records()
    by_ciw = (time.process_time() - start) / many
    luck, environment = random.Random(1), simpy.Environment()
    resource = simpy.Resource(environment, capacity=places)

    def citizen():  # type: ignore[no-untyped-def]
        with resource.request() as request:
            yield request
            yield environment.timeout(luck.expovariate(1.0))

    def arrivals():  # type: ignore[no-untyped-def]
        while True:
            yield environment.timeout(luck.expovariate(rate))
            environment.process(citizen())

    start = time.process_time()
    environment.process(arrivals())
    environment.run(until=many / rate)
    return {"ciw": by_ciw, "simpy": (time.process_time() - start) / many}


def several(run: Callable[[int], tuple[float, ...]], names: tuple[str, ...]) -> dict[str, dict[str, float]]:
    rows = [run(seed) for seed in range(1, REPLICATIONS + 1)]
    return {name: answer(list(column)) for name, column in zip(names, zip(*rows, strict=True), strict=True)}


if __name__ == "__main__":
    answers = {
        "versions": {name: version(name) for name in ("ciw", "simpy")},
        "days": DAYS,
        "replications": REPLICATIONS,
        "lognormal": several(lambda seed: (ciw_lognormal(seed),), ("wait",)),
        "priorities": several(ciw_priorities, ("urgent", "others")),
        "blocking": several(ciw_blocking, ("wait", "time_blocked")),
        "giving_up": several(simpy_giving_up, ("gave_up", "wait")),
        "seconds_per_arrival": seconds_per_arrival(),
    }
    target = Path(__file__).resolve().parents[1] / "engine" / "data" / "queues.json"
    target.write_text(json.dumps(answers, indent=2) + "\n", encoding="utf-8")
    print(target.read_text(encoding="utf-8"))
