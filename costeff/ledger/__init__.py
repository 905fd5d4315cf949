"""Quantities become money and health: flows between parties, perspectives on them, and effects.

Money is exact: each flow cell is rounded once to a multiple of a power of 2 (2**-24 kroner but for very small or very
large amounts), so that sums do not depend on their order and identities between perspectives hold with `==`.
"""

from costeff.ledger.effects import Effects, effects
from costeff.ledger.flows import QUANTUM, Flows, flows
from costeff.ledger.perspectives import cost, enters, financing, parties_net, rounding, rounding_by_draw

__all__ = [
    "QUANTUM",
    "Effects",
    "Flows",
    "cost",
    "effects",
    "enters",
    "financing",
    "flows",
    "parties_net",
    "rounding",
    "rounding_by_draw",
]
