"""Names as addresses of random numbers: hashes, of which no two may be the same where they would share their luck."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from costeff.compile.scales import Exit, exponential_names
from costeff.errors import ModelError, Place
from costeff.model.model import Model
from costeff.numerics.random import name_hash

NamePlace = tuple[str, Place | None]


def state_names(model: Model) -> list[int]:
    """The hash of each state's name."""
    return _hashes("state", [(state.name, state.place) for state in model.states])


def exit_names(exits: Sequence[Exit]) -> list[int]:
    """The hash of the exponential that each exit draws; exits of other states draw from other words."""
    by_state: dict[str, list[NamePlace]] = {}
    names = exponential_names(exits)
    for name, exit_ in zip(names, exits, strict=True):
        by_state.setdefault(exit_.transition.source, []).append((name, exit_.transition.place))
    for state, own in by_state.items():
        _hashes(f"exit of '{state}'", own)
    return [name_hash(name) for name in names]


def lifelong_names(exits: Sequence[Exit]) -> dict[str, int]:
    """The hash of each lifelong number, by its name."""
    places = {e.transition.lifelong: e.transition.place for e in exits if e.transition.lifelong is not None}
    return dict(zip(places, _hashes("lifelong number", places.items()), strict=True))


def check_attributes(model: Model) -> None:
    """Raise ModelError when two attributes would share their numbers."""
    _hashes("attribute", [(attribute.name, attribute.place) for attribute in model.attributes], bits=56)


def _hashes(kind: str, names: Iterable[NamePlace], bits: int = 64) -> list[int]:
    """The hash of each name. Raises ModelError when two different names agree in the first `bits`."""
    owner: dict[int, str] = {}
    hashes = []
    for name, place in names:
        number = name_hash(name)
        other = owner.setdefault(number >> (64 - bits), name)
        if other != name:
            raise ModelError(
                f"{kind} '{name}' would share the random numbers of '{other}'",
                where=place,
                value=f"hash {number:#018x} of both names",
                rule="random numbers are looked up by the hash of a name, and no two names may have the same",
                way_out=f"rename '{name}' or '{other}' (a chance of 1 in 10^19 for two names)",
            )
        hashes.append(number)
    return hashes
