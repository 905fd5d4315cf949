"""What varies independently: single parameters, jointly drawn groups, correlated parameters; and uniforms made values.

A design in the unit cube (Sobol indices, Morris) needs independent axes. A group or a block of correlated parameters
is one factor with several axes; its members are never varied apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from costeff.evidence.correlation import blocks
from costeff.evidence.distributions.joint import EmpiricalRows, Floats
from costeff.evidence.values import values_of

if TYPE_CHECKING:
    from costeff.evidence.evidence import Evidence


@dataclass(frozen=True)
class Factor:
    """One independent factor: its `parameters`, the names of the uniform numbers they need, and how they hang together.

    `kind`: single; group (a Dirichlet or multivariate normal); rows (of a posterior file: one number picks a row, and
    neighbouring rows are unrelated); correlated (a Gaussian copula).
    """

    name: str
    parameters: tuple[str, ...]
    addresses: tuple[str, ...]
    kind: str


def factors(evidence: Evidence) -> dict[str, Factor]:
    """Every factor that varies, in file order: fixed parameters are none, members of a group are one.

    A group has its own name, correlated parameters have theirs joined by " + ".

    >>> from costeff.evidence import Correlation, Evidence, Parameter, Uniform
    >>> a, b, c = (Parameter(n, 0.5, "share", Uniform(0, 1), kind="assumption") for n in "abc")
    >>> found = factors(Evidence([a, b, c], correlations=[Correlation(("a", "c"), 0.5)]))
    >>> [(f.name, f.kind) for f in found.values()]
    [('a + c', 'correlated'), ('b', 'single')]
    """
    order = list(evidence.parameters)
    block_of = {name: tuple(block) for block in blocks(evidence.correlations, order) for name in block}
    factors_by_name: dict[str, Factor] = {}
    for name, parameter in evidence.parameters.items():
        if parameter.group:
            group = evidence.groups[parameter.group]
            label = group.name if group.name not in evidence.parameters else f"group {group.name}"
            kind = "rows" if isinstance(group, EmpiricalRows) else "group"
            factors_by_name.setdefault(label, Factor(label, group.members, group.addresses, kind))
        elif name in block_of:
            block = block_of[name]
            factors_by_name.setdefault(" + ".join(block), Factor(" + ".join(block), block, block, "correlated"))
        elif not parameter.fixed:
            factors_by_name[name] = Factor(name, (name,), (name,), "single")
    return factors_by_name


def values_at(evidence: Evidence, uniforms: Mapping[str, Floats], size: int) -> dict[str, Floats]:
    """Every parameter of the evidence, (size,), from independent uniform numbers by address: see `values_of`."""
    return values_of(evidence.parameters, evidence.groups, evidence.correlations, uniforms, size)
