"""Holds the flow engine against Erlang B, Erlang C and M/M/c/K over a grid of loads and places, and logs it.

    python tests/flow_grid.py --log

50 independent replications a cell; what is reported is how many standard errors each mean lies from the truth. The
bar: at most 1 % of the figures beyond 3 errors, none beyond 4.5; a stay that is planted 1 % too long is found at load
0.9. Some minutes of processor time; tests/engine/test_flow.py has a few cells of it.
"""

from __future__ import annotations

import argparse
import datetime as dt
import time
from pathlib import Path

import numpy as np

from costeff.engine.flow.analytic import limited_line, relaxation_time, waiting_line
from costeff.engine.flow.simulate import simulate_flow
from costeff.engine.flow.stays import exponential_stay
from costeff.engine.flow.system import FlowSystem, Station

LOADS = (0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98)
PLACES = (1, 2, 5, 10, 20, 40, 60)
REPLICATIONS = 50
ROOM = 10
RELAXATIONS = 40  # of the counted days, and at least so many arrivals:
ARRIVALS = 5_000
LEAST = 10.0  # people of a replication who are expected to wait or to be turned away; below it a mean has no error
LOG = Path(__file__).with_name("flow_grid.md")


def distances(occupancy: float, places: int, room: int | None, seed: int, bias: float = 1.0) -> dict[str, float]:
    """Standard errors between simulation and truth, by figure; stays of one day, `bias` times too long."""
    rate = occupancy * places
    truth = waiting_line(rate, 1.0, places) if room is None else limited_line(rate, 1.0, places, room)
    relaxation = float(relaxation_time(rate, 1.0, places))
    days = max(RELAXATIONS * relaxation, ARRIVALS / rate)
    system = FlowSystem(rate, [Station("place", places, exponential_stay(bias))], room=room)
    result = simulate_flow(system, days, REPLICATIONS, seed, warm_up_days=8 * relaxation)
    names = ["wait", "share_waiting", "occupancy"] if room is None else ["turned_away", "occupancy"]
    names += ["wait"] if room else []
    affected = {"occupancy": np.inf, "turned_away": rate * days * float(truth.turned_away)}
    affected["wait"] = affected["share_waiting"] = rate * days * float(truth.share_waiting)
    errors = {}
    for name in names:
        if affected[name] < LEAST:
            continue
        mean, error = result.mean(name)
        errors[name] = (mean - float(getattr(truth, name))) / error
    return errors


def error_over_spread(seeds: int = 100, replications: int = 20) -> dict[str, float]:
    """Mean reported error over the spread of the means, load 0.9: of a wait, and of what stays 5 % shorter gain.

    The gain is of two systems with the same people, replication by replication, as of two strategies.
    """
    means: dict[str, list[float]] = {"wait": [], "gain": []}
    errors: dict[str, list[float]] = {"wait": [], "gain": []}
    systems = [FlowSystem(18.0, [Station("place", 20, exponential_stay(stay))]) for stay in (1.0, 0.95)]
    for seed in range(1, seeds + 1):
        kept, shorter = (
            simulate_flow(system, 300.0, replications, seed, warm_up_days=120.0).per_replication("wait")
            for system in systems
        )
        for name, values in (("wait", kept), ("gain", kept - shorter)):
            means[name].append(float(values.mean()))
            errors[name].append(float(values.std(ddof=1) / np.sqrt(replications)))
    return {name: float(np.mean(errors[name]) / np.std(means[name], ddof=1)) for name in means}


def main(log: bool) -> None:
    """Run the grid, print, and write the log when asked for."""
    start, rows = time.process_time(), []
    for model, room in (("Erlang C", None), ("Erlang B", 0), (f"M/M/c/c+{ROOM}", ROOM)):
        for places in PLACES:
            for occupancy in LOADS:
                seed = 1000 * places + round(100 * occupancy)
                for name, distance in distances(occupancy, places, room, seed).items():
                    rows.append((model, places, occupancy, name, distance))
            print(model, places, round(time.process_time() - start), "s", flush=True)
    errors = np.array([row[-1] for row in rows])
    left_out = len(PLACES) * len(LOADS) * 8 - len(rows)
    beyond, worst = int((np.abs(errors) > 3).sum()), float(np.abs(errors).max())
    planted = distances(0.9, 20, None, 7, bias=1.01)
    ratios = error_over_spread()
    seconds = round(time.process_time() - start)
    lines = [
        "# The flow engine against closed forms",
        "",
        f"Written by `python tests/flow_grid.py --log` on {dt.date.today()}: loads {LOADS},",
        f"places {PLACES}, {REPLICATIONS} replications a cell, {seconds} s of processor time.",
        "",
        f"{len(errors)} figures: {beyond} beyond 3 standard errors ({100 * beyond / len(errors):.2f} %; bar 1 %), the",
        f"worst at {worst:.2f} (bar 4.5). Mean of the distances {errors.mean():.3f}, standard deviation",
        f"{errors.std():.3f} (that of a t with 49 degrees of freedom is 1.02). {left_out} other figures are not "
        "compared,",
        f"since fewer than {LEAST:g} people of a replication were expected to wait or to be turned away (low loads of "
        "many",
        "places).",
        "",
        "Stays planted 1 % too long, 20 places, load 0.9: "
        + ", ".join(f"{name} {distance:.1f} errors" for name, distance in planted.items())
        + ".",
        "",
        "Reported error over the spread of 100 seeds, 20 places, load 0.9 (bar 0.9 to 1.1): "
        + ", ".join(f"{name} {ratio:.3f}" for name, ratio in ratios.items())
        + ".",
        "",
        "The ten figures farthest from the truth:",
        "",
        "| model | places | load | figure | errors |",
        "|---|---|---|---|---|",
        *(
            f"| {model} | {places} | {occupancy} | {name} | {distance:.2f} |"
            for model, places, occupancy, name, distance in sorted(rows, key=lambda row: -abs(row[-1]))[:10]
        ),
    ]
    print("\n".join(lines))
    if log:
        LOG.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--log", action="store_true")
    main(parser.parse_args().log)
