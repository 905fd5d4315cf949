"""Refuses a lifelong number that could be used again: once spent, it would fire at once, whatever the hazard."""

from __future__ import annotations

from costeff.errors import ModelError
from costeff.model.model import Model


def check_lifelong(model: Model) -> None:
    """Raise ModelError when, after a lifelong exit, a state with an exit on the same number can be reached."""
    onward: dict[str, set[str]] = {name: set() for name in model.state_names}
    for transition in model.transitions:
        onward[transition.source].add(transition.target)
    for deadline in model.deadlines:
        onward[deadline.source].add(deadline.target)
    for transition in model.transitions:
        if transition.lifelong is None:
            continue
        states_seen, ahead = {transition.target}, [transition.target]
        while ahead:
            new = onward[ahead.pop()] - states_seen
            states_seen |= new
            ahead += new
        again = [t.name for t in model.transitions if t.lifelong == transition.lifelong and t.source in states_seen]
        if again:
            raise ModelError(
                f"the lifelong number '{transition.lifelong}' of '{transition.name}' is used again after that exit",
                where=transition.place,
                value=", ".join(again),
                rule="a lifelong event happens once in a life",
                way_out="let it lead where no exit with the same `lifelong` can be reached, or remove `lifelong`",
            )
