"""Names of parameters: what people read for them, as figures take it, and the error for one that is not there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from costeff.errors import EvidenceError
from costeff.model.elements import Label
from costeff.problems import closest

if TYPE_CHECKING:
    from costeff.evidence import Evidence


def parameter_labels(evidence: Evidence, names: Iterable[str] = ()) -> dict[str, Label]:
    """Name to label for everything that has one, and for `names` that put several together ("a + b", "a,b").

    A part without a label stays as it is; a name of which no part has a label is left out.

    >>> from costeff.evidence import Evidence, Parameter
    >>> number = Parameter("wait", 4.0, "weeks", kind="assumption")
    >>> found = parameter_labels(Evidence([number], labels={"wait": ("Waiting", "Ventetid")}), ["wait + cost"])
    >>> found["wait"].da, found["wait + cost"].en
    ('Ventetid', 'Waiting + cost')
    """
    found = {name: Label(*label) for name, label in evidence.labels.items()}
    for name in names:
        for mark, between in ((" + ", " + "), (",", ", ")):
            parts = [part.strip() for part in name.split(mark)]
            if len(parts) > 1 and any(part in found for part in parts):
                written = [found.get(part, Label(part, part)) for part in parts]
                found[name] = Label(
                    between.join(label.en for label in written), between.join(label.da for label in written)
                )
    return found


def unknown_parameter(evidence: Evidence, name: str) -> EvidenceError:
    """The error for a name that is no parameter, with those that look like it.

    >>> from costeff.evidence import Evidence, Parameter
    >>> print(unknown_parameter(Evidence([Parameter("wait", 4.0, "weeks", kind="assumption")]), "wiat"))
    unknown parameter (value: wiat).
      Rule: parameters are those of the parameter file, and groups of them where they are varied together.
      Way out: did you mean wait?.
    """
    rule = "parameters are those of the parameter file, and groups of them where they are varied together"
    known = [*evidence.parameters, *evidence.groups]
    way_out = closest(name, known, "`costeff describe SCENARIO` lists them")
    return EvidenceError("unknown parameter", value=name, rule=rule, way_out=way_out)
