"""Twin of costeff.ledger: money and effects by loops over draws, states, bands and years on plain lists.

Imports nothing from costeff. A flow is a dict: item, payer, recipient, per, amounts {state: [by draw]}, transitions,
weight, shares [{bands, values: [[by draw], ...]}], strategies, of, only_in. The `world` is a dict: strategies, bands
{name: intervals}, size [two halves], time {(weight, state): [draw][strategy][half][first band]...[year][layer]},
events {name: [draw][strategy][half][year][layer]}, legs {leg: [names]}, years.
"""

from itertools import product
from typing import Any

Plain = dict[str, Any]


def money(
    flow: Plain, flows: list[Plain], world: Plain, d: int, g: int, halves: list[int], year: int, layer: int
) -> float:
    """Total of one flow over the individuals of some halves."""
    places: list[Any] = [("start", None)]
    places += [("event", name) for name in world["events"]]
    crossings = list(product(*(range(n) for n in world["bands"].values())))
    places += [(state, cell) for state in world["states"] for cell in crossings]
    return sum(_at(flow, flows, world, d, g, half, year, layer, place) for half in halves for place in places)


def _at(
    flow: Plain, flows: list[Plain], world: Plain, d: int, g: int, half: int, year: int, layer: int, place: Any
) -> float:
    """Money of a flow that arises in one place: in a state and crossing of bands, with an event, or at the start."""
    if flow["strategies"] and world["strategies"][g] not in flow["strategies"]:
        return 0.0
    share = 1.0
    for one in flow["shares"]:
        if one["bands"] and place[0] in ("start", "event"):
            return 0.0  # bands divide time in states only
        share *= one["values"][_interval(one["bands"], world["bands"], place[1])][d]
    if flow["of"] is not None:
        bases = [other for other in flows if other["item"] == flow["of"]]
        return share * sum(_at(base, flows, world, d, g, half, year, layer, place) for base in bases)
    return share * _units(flow, world, d, g, half, year, layer, place)


def _units(flow: Plain, world: Plain, d: int, g: int, half: int, year: int, layer: int, place: Any) -> float:
    where, detail = place
    if flow["per"] == "start":
        once = where == "start" and year == 0
        return float(flow["amounts"][""][d] * world["size"][half]) if once else 0.0
    if flow["per"] == "event":
        wanted = {n for name in flow["transitions"] for n in world["legs"].get(name, [name])}
        if where != "event" or detail not in wanted:
            return 0.0
        return float(flow["amounts"][""][d] * world["events"][detail][d][g][half][year][layer])
    if where not in flow["amounts"]:
        return 0.0
    time = world["time"][flow["weight"], where][d][g][half]
    for index in detail:
        time = time[index]
    return float(flow["amounts"][where][d] * time[year][layer])


def _interval(bands: tuple[str, ...], sizes: dict[str, int], cell: tuple[int, ...]) -> int:
    """Position among the values of a share: the first band named varies slowest."""
    index = 0
    for band in bands:
        index = index * sizes[band] + cell[list(sizes).index(band)]
    return index


def net(view: Plain, flows: list[Plain], amounts: list[float]) -> float:
    """What leaves a set of parties less what enters it, given the amount of each flow."""
    total = 0.0
    for flow, amount in zip(flows, amounts, strict=True):
        if flow["only_in"] and view["name"] not in flow["only_in"]:
            continue
        if view["items"] and flow["item"] not in view["items"]:
            continue
        if flow["item"] in view["exclude_items"]:
            continue
        if flow["payer"] in view["parties"]:
            total += amount
        if flow["recipient"] in view["parties"]:
            total -= amount
    return total * float(view["factor"])


def effect(declared: Plain, world: Plain, d: int, g: int, halves: list[int], layer: int) -> float:
    """Mean per individual of some halves. declared: terms [{states, amount [by draw], weight, strategies, within}], or
    events with within, or passage with within or mean_within; factor."""
    size = sum(world["size"][half] for half in halves)
    total = 0.0
    for half in halves:
        for term in declared.get("terms", []):
            if term["strategies"] and world["strategies"][g] not in term["strategies"]:
                continue
            for state in term["states"]:
                for cell in product(*(range(n) for n in world["bands"].values())):
                    time = world["time"][term["weight"], state][d][g][half]
                    for index in cell:
                        time = time[index]
                    for year in range(world["years"]):
                        if term["within"] is None or year * world["cycles_per_year"] < term["within"]:
                            total += term["amount"][d] * time[year][layer]
        for name in declared.get("events", []):
            for year in range(world["years"]):
                if declared["within"] is None or year * world["cycles_per_year"] < declared["within"]:
                    total += world["events"][name][d][g][half][year][layer]
        if "passages" in declared:
            *by_cycle, never = declared["passages"][d][g][half]
            if declared["mean_within"] is None:
                total += sum(n for cycle, n in enumerate(by_cycle) if cycle < declared["within"])
            else:
                limit = declared["mean_within"]
                total += sum(n * min(cycle, limit) for cycle, n in enumerate(by_cycle)) + never * limit
    return float(declared["factor"] * total / size)
