"""Quantities as arrays that travel and are kept: what is zero in every draw, and what is the same in all, is left out.

A model cannot reach most combinations of a state and a tally: of the cells of TKI2, 61 % are zero in every draw.
"""

from __future__ import annotations

import numpy as np

from costeff.engine.quantities import Quantities
from costeff.simulation.store import Arrays

#: Axis of `time`, `events` and `passages` of which only the reached places are kept: cells, events, cycles.
AXES = {"time": 3, "events": 3, "passages": 4}

OPEN = ("come_and_gone", "starts")
"""What quantities of a system have besides."""


def packed(quantities: Quantities) -> Arrays:
    """Arrays by name that hold the quantities, bit for bit."""
    arrays: Arrays = {
        "trace": quantities.trace,
        "half_sizes": quantities.half_sizes,
        "sojourns": np.array(quantities.sojourns),
    }
    arrays |= {name: array for name in OPEN if (array := getattr(quantities, name)) is not None}
    for name, axis in AXES.items():
        whole = getattr(quantities, name)
        arrays[f"{name}_draws"] = np.array(len(whole))
        if whole.strides[0] == 0:  # one row stands for all draws
            whole = whole[:1]
        others = tuple(a for a in range(whole.ndim) if a != axis)
        at = np.flatnonzero((whole != 0).any(axis=others))
        arrays[name] = np.ascontiguousarray(whole.take(at, axis=axis))
        arrays[f"{name}_at"] = at
        arrays[f"{name}_places"] = np.array(whole.shape[axis])
    return arrays


def unpacked(arrays: Arrays) -> Quantities:
    """The quantities that `packed` made arrays of."""
    wholes = {}
    for name, axis in AXES.items():
        places_reached = arrays[name]
        shape = list(places_reached.shape)
        shape[axis] = int(arrays[f"{name}_places"])
        whole = np.zeros(shape, places_reached.dtype)
        whole[(slice(None),) * axis + (arrays[f"{name}_at"],)] = places_reached
        draws = int(arrays[f"{name}_draws"])
        wholes[name] = whole if len(whole) == draws else np.broadcast_to(whole[0], (draws, *whole.shape[1:]))
    wholes |= {name: arrays[name] for name in OPEN if name in arrays}
    return Quantities(
        **wholes, trace=arrays["trace"], half_sizes=arrays["half_sizes"], sojourns=int(arrays["sojourns"])
    )
