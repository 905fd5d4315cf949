"""What people read for parameters, groups and lists of them: the evidence's labels, as figures take them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from costeff.model.elements import Label

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
