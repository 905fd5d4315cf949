"""costeff: what return-to-work programmes cost, what they give, and who pays and gains.

Importing it is fast: every name below loads its module on first use. `load` opens a study, `read_model` and
`read_evidence` read its two halves.

>>> import costeff as ce
>>> ce.__version__.count(".")
2
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec

    from costeff.api import CaseResult, Evaluation, Result, Study, invest, load, read_psa
    from costeff.evidence import Evidence, Parameter, read_evidence
    from costeff.model import Model, read_model
    from costeff.simulation.workplace import workplace
    from costeff.verification.verify import verify

__version__ = "0.2.0"

__all__ = [
    "CaseResult",
    "Evaluation",
    "Evidence",
    "Model",
    "Parameter",
    "Result",
    "Study",
    "__version__",
    "invest",
    "load",
    "read_evidence",
    "read_model",
    "read_psa",
    "verify",
    "workplace",
]

_HOME = {
    "CaseResult": "costeff.api",
    "Evaluation": "costeff.api",
    "Evidence": "costeff.evidence",
    "Model": "costeff.model",
    "Parameter": "costeff.evidence",
    "Result": "costeff.api",
    "Study": "costeff.api",
    "invest": "costeff.api",
    "load": "costeff.api",
    "read_evidence": "costeff.evidence",
    "read_model": "costeff.model",
    "read_psa": "costeff.api",
    "verify": "costeff.verification.verify",
    "workplace": "costeff.simulation.workplace",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'costeff' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value  # the next look-up does not come here
    return value


def __dir__() -> list[str]:
    return sorted(__all__)


class _OldPlaces:
    """Asked last, for modules of costeff that nobody finds: some stood there in version 0.1.0."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if not name.startswith("costeff."):
            return None
        from costeff.old_names import old_place

        return old_place(name)


if not any(type(one).__name__ == "_OldPlaces" for one in sys.meta_path):
    sys.meta_path.append(_OldPlaces())
