"""Names of parameters: what people read for them, as figures take it, and the error for one that is not there."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from costeff.errors import EvidenceError
from costeff.labels import Label, joined, same
from costeff.messages import translated
from costeff.problems import closest

if TYPE_CHECKING:
    from costeff.evidence import Evidence, Parameter


def parameter_labels(evidence: Evidence, names: Iterable[str] = ()) -> dict[str, Label]:
    """Name to label for everything that has one, and for `names` that put several together ("a + b", "a,b").

    A part without a label stays as it is; a name of which no part has a label is left out.

    >>> from costeff.evidence import Evidence, Parameter
    >>> from costeff.labels import Label
    >>> number = Parameter("wait", 4.0, "weeks", kind="assumption")
    >>> labels = parameter_labels(Evidence([number], labels={"wait": Label("Waiting", "Ventetid")}), ["wait + cost"])
    >>> labels["wait"].da, labels["wait + cost"].en
    ('Ventetid', 'Waiting + cost')
    """
    labels = dict(evidence.labels)
    for name in names:
        for mark, between in ((" + ", " + "), (",", ", ")):
            parts = [part.strip() for part in name.split(mark)]
            if len(parts) > 1 and any(part in labels for part in parts):
                part_labels = [labels.get(part, same(part)) for part in parts]
                labels[name] = joined(between, part_labels)
    return labels


def parameter_notes(parameters: Iterable[Parameter]) -> dict[str, Label]:
    """The notes of parameters in every language, by the English text that `parameter_table` holds.

    >>> from costeff.evidence import Parameter
    >>> one = Parameter("wait", 4.0, "weeks", kind="assumption", note="no figure", notes={"da": "intet tal"})
    >>> parameter_notes([one])["no figure"]["da"]
    'intet tal'
    """
    notes = {}
    for parameter in parameters:
        text = "; ".join(part for part in (parameter.note, parameter.price_note) if part)
        if text:
            notes[text] = Label.by(partial(_note, parameter))
    return notes


def _note(parameter: Parameter, language: str) -> str:
    own = parameter.notes.get(language, parameter.note)
    prices = [translated(part, language) for part in parameter.price_note.split("; ") if part]
    return "; ".join([*([own] if own else []), *prices])


def unknown_parameter(evidence: Evidence, name: str) -> EvidenceError:
    """The error for a name that is no parameter, with those that look like it.

    >>> from costeff.evidence import Evidence, Parameter
    >>> print(unknown_parameter(Evidence([Parameter("wait", 4.0, "weeks", kind="assumption")]), "wiat"))
    unknown parameter (value: wiat).
      Rule: parameters are those of the parameter file, and groups of them where they are varied together.
      Way out: did you mean wait?
    """
    rule = "parameters are those of the parameter file, and groups of them where they are varied together"
    names = [*evidence.parameters, *evidence.groups]
    way_out = closest(name, names, "`costeff describe SCENARIO` lists them")
    return EvidenceError("unknown parameter", value=name, rule=rule, way_out=way_out)
