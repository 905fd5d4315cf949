"""Faults put into the text of a model or of its parameters: thirteen kinds, each at a random place."""

from __future__ import annotations

import copy
import random
import re
from collections.abc import Callable
from typing import Any

Data = dict[str, Any]
Fault = Callable[[Data, Data, random.Random], str | None]
NAME = re.compile(r"[A-Za-z_]\w*")
NAMES_OF_MONEY = ("item", "of", "real", "label")


def listed(value: Any) -> list[Any]:
    """A value that may be written alone or as a list."""
    return list(value) if isinstance(value, list) else [value]


def strings(value: Any, change: Callable[[str], str]) -> Any:
    """The same structure with each text changed; keys stay, and so do names of items, which are no formulas."""
    if isinstance(value, dict):
        return {k: v if k in NAMES_OF_MONEY else strings(v, change) for k, v in value.items()}
    if isinstance(value, list):
        return [strings(v, change) for v in value]
    return change(value) if isinstance(value, str) else value


def drop_an_exit(model: Data, parameters: Data, rng: random.Random) -> str | None:
    if not model.get("transitions"):  # people of such a model pass places
        return None
    at = rng.randrange(len(model["transitions"]))
    exit_ = model["transitions"][at]
    sources = listed(exit_["from"])
    lost = rng.choice(sources)
    if len(sources) > 1:
        exit_["from"] = [s for s in sources if s != lost]
    else:
        del model["transitions"][at]
    return f"{lost} -> {exit_['to']}"


def swap_two_parameters(model: Data, parameters: Data, rng: random.Random) -> str | None:
    own = parameters["parameters"]
    read = {name for text in texts(model) for name in NAME.findall(text) if name in own}
    pairs = [(a, b) for a in read for b in read if a < b and own[a].get("unit") == own[b].get("unit")]
    if not pairs:
        return None
    a, b = rng.choice(sorted(pairs))
    swap = {a: b, b: a}
    for section in ("definitions", "population", "transitions", "strategy_effects", "flows", "effects"):
        if section in model:
            model[section] = strings(model[section], lambda t: NAME.sub(lambda m: swap.get(m[0], m[0]), t))
    return f"{a} with {b}"


def texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [t for v in value.values() for t in texts(v)]
    if isinstance(value, list):
        return [t for v in value for t in texts(v)]
    return [value] if isinstance(value, str) else []


def halve_a_cycle(model: Data, parameters: Data, rng: random.Random) -> str | None:
    c = model["conventions"]
    places: list[str] = ["cycles_per_year"]
    places += [f"factor of {n}" for n, e in model["effects"].items() if "cycles_per_year" in str(e.get("factor", ""))]
    places += [
        f"hazard {i}"
        for i, t in enumerate(model.get("transitions", ()))
        if "cycles_per_year" in str(t.get("hazard", ""))
    ]
    place = rng.choice(places)
    halved = "(2 * cycles_per_year)"
    if place == "cycles_per_year":
        c["cycles_per_year"] = c["cycles_per_year"] * 2
    elif place.startswith("factor"):
        effect = model["effects"][place.removeprefix("factor of ")]
        effect["factor"] = effect["factor"].replace("cycles_per_year", halved)
    else:
        exit_ = model["transitions"][int(place.removeprefix("hazard "))]
        exit_["hazard"] = strings(exit_["hazard"], lambda t: t.replace("cycles_per_year", halved))
    return place


def drop_a_state_from_utilities(model: Data, parameters: Data, rng: random.Random) -> str | None:
    terms = [
        t for e in model["effects"].values() if e.get("unit") == "QALY" for t in e.get("terms", ()) if "states" in t
    ]
    terms = [t for t in terms if not t.get("adds")]
    if not terms:
        return None
    term = rng.choice(terms)
    lost = rng.choice(listed(term["states"]))
    term["states"] = [s for s in listed(term["states"]) if s != lost]
    if not term["states"]:
        for effect in model["effects"].values():
            effect["terms"] = [t for t in effect.get("terms", []) if t is not term] or effect.get("terms", [])
    return str(lost)


def reverse_a_flow(model: Data, parameters: Data, rng: random.Random) -> str | None:
    flow = rng.choice(model["flows"])
    flow["from"], flow["to"] = flow["to"], flow["from"]
    return str(flow["item"])


def effect_on_the_wrong_leg(model: Data, parameters: Data, rng: random.Random) -> str | None:
    effects = model.get("strategy_effects")
    legs = sorted({t[k] for t in model.get("transitions", ()) for k in ("leg", "name") if k in t})
    if not effects or len(legs) < 2:
        return None
    effect = rng.choice(effects)
    old = listed(effect["legs"])
    others = [leg for leg in legs if leg not in old]
    if not others:
        return None
    new = rng.choice(others)
    effect["legs"] = [new, *old[1:]]
    return f"{old[0]} to {new}"


def one_effect_undiscounted(model: Data, parameters: Data, rng: random.Random) -> str | None:
    names = [n for n, e in model["effects"].items() if e.get("discount")]
    if not names:
        return None
    name = rng.choice(names)
    del model["effects"][name]["discount"]
    return name


def wrong_clock(model: Data, parameters: Data, rng: random.Random) -> str | None:
    clocks = ["time_in_state", "time", *(model.get("clocks") or {})]
    timed = [
        t
        for t in model.get("transitions", ())
        if re.search(r"\bt\b", " ".join(texts(t.get("hazard", t.get("probability", "")))))
    ]
    if not timed:
        return None
    exit_ = rng.choice(timed)
    old = exit_.get("clock", "time_in_state")
    exit_["clock"] = rng.choice([c for c in clocks if c != old])
    return f"{exit_['from']} -> {exit_['to']}: {old} to {exit_['clock']}"


def ratio_inverted(model: Data, parameters: Data, rng: random.Random) -> str | None:
    effects = [e for e in model.get("strategy_effects") or [] if e.get("scale") != "instead"]
    if not effects:
        return None
    effect = rng.choice(effects)
    inverted = [f"1 / ({r})" for r in listed(effect["ratio"])] if not isinstance(effect["ratio"], dict) else None
    if inverted is None:
        return None
    effect["ratio"] = inverted if len(inverted) > 1 else inverted[0]
    return str(effect["legs"])


def a_line_doubled(model: Data, parameters: Data, rng: random.Random) -> str | None:
    flow = copy.deepcopy(rng.choice(model["flows"]))
    flow["item"] = f"{flow['item']}_again"
    if "real" in flow:
        flow["real"] = f"{flow['real']}_again"
    model["flows"].append(flow)
    return str(flow["item"])


def a_price_year_off(model: Data, parameters: Data, rng: random.Random) -> str | None:
    priced = [p for p in parameters["parameters"].values() if isinstance(p, dict) and "price_year" in p]
    if not priced:
        model["conventions"]["price_year"] -= 1
        return "of the model"
    one = rng.choice(priced)
    one["price_year"] -= 1
    return str(next(n for n, p in parameters["parameters"].items() if p is one))


def a_price_put_on_the_analysis_year(model: Data, parameters: Data, rng: random.Random) -> str | None:
    """A price of another year that is said to be of the analysis: of a model that has some, one of those; else one
    that is read in a source so many years older, and entered as it stood there."""
    priced = {n: p for n, p in parameters["parameters"].items() if isinstance(p, dict) and "price_year" in p}
    year = model["conventions"]["price_year"]
    others = [name for name, p in priced.items() if p["price_year"] != year]
    if others:
        name = rng.choice(others)
        priced[name]["price_year"] = year
        return name
    if not priced:
        return None
    name, years = rng.choice(list(priced)), rng.randint(1, 5)
    as_of_then(priced[name], parameters["sources"], years)
    return f"{name}, {years} years"


PRICES_RISE = 0.025
"""A year, in the amounts of an older source."""


def as_of_then(price: Data, sources: Data, years: int) -> None:
    """A price as one would have read it in a source some years older: all years that texts tell, and the amounts."""
    factor = (1 + PRICES_RISE) ** -years
    earlier = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")

    def older(value: Any) -> Any:
        return strings(value, lambda text: earlier.sub(lambda m: str(int(m[0]) - years), text))

    for key in ("value", "se"):
        if key in price:
            price[key] = price[key] * factor
    if "interval" in price:
        price["interval"] = [limit * factor for limit in price["interval"]]
    for key in {"scale", "low", "high"} & set(price.get("shape", ())):
        price["shape"][key] = price["shape"][key] * factor
    keys = {key: str(older(key)) for key in listed(price.get("source", []))}
    for key, new in keys.items():
        read_then = {"title": older(str(sources[key]["title"])), "note": older(str(sources[key].get("note", "")))}
        sources.setdefault(new if new != key else f"{key}_read_then", {**sources[key], **read_then})
    if keys:
        price["source"] = [new if new != key else f"{key}_read_then" for key, new in keys.items()]
    if "note" in price:
        price["note"] = {language: older(str(text)) for language, text in dict(price["note"]).items()}


FAULTS: dict[str, Fault] = {
    "drop an exit": drop_an_exit,
    "swap two parameters": swap_two_parameters,
    "halve a cycle": halve_a_cycle,
    "drop a state from utilities": drop_a_state_from_utilities,
    "reverse a flow": reverse_a_flow,
    "effect on the wrong leg": effect_on_the_wrong_leg,
    "one effect undiscounted": one_effect_undiscounted,
    "wrong clock": wrong_clock,
    "ratio inverted": ratio_inverted,
    "a line doubled past the reader": a_line_doubled,
    "a price year off": a_price_year_off,
    "a price put on the analysis year": a_price_put_on_the_analysis_year,
}
