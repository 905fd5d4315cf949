"""Quantities become money and health: flows between parties, perspectives on them, and effects.

Money is exact: each flow cell is rounded once to a multiple of 2**-24, so that sums below 5e8 do not depend on their
order and identities between perspectives hold with `==`.
"""

from costeff.ledger.effects import Effects, effects
from costeff.ledger.flows import QUANTUM, Flows, flows
from costeff.ledger.perspectives import cost, enters, parties_net

__all__ = ["QUANTUM", "Effects", "Flows", "cost", "effects", "enters", "flows", "parties_net"]
