"""Names of parameters: what people read for them, as figures take it, and the error for one that is not there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from costeff.catalogue import say
from costeff.errors import EvidenceError
from costeff.evidence.source import KINDS
from costeff.labels import Label, joined, same
from costeff.messages import translated
from costeff.problems import closest
from costeff.reporting.numbers import write_number

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
    prices = [_price_note(part, language) for part in parameter.price_note.split("; ") if part]
    return "; ".join([*([own] if own else []), *prices])


def _price_note(text: str, language: str) -> str:
    """How an amount came to its prices, in the language.

    >>> _price_note("moved from 2019 to 2024 prices by cpi, factor 1.204689 (index values: assumption)", "nb")
    'flyttet fra 2019- til 2024-priser med cpi, faktor 1,204689 (indeksverdier: antakelse)'
    """
    moved = _MOVED.fullmatch(text)
    if moved is None:
        return translated(text, language)
    first, last, index, factor, kinds = moved.groups()
    written = write_number(float(factor), language, decimals=6)
    note = say("moved_prices", language, first=first, last=last, index=index, factor=written)
    if kinds is None:
        return note
    names = [say(f"kind_{kind}", language) if kind in KINDS else kind for kind in kinds.split(", ")]
    return f"{note} ({say('index_values', language, kind=', '.join(names))})"


_MOVED = re.compile(r"moved from (\d+) to (\d+) prices by (\S+), factor (\d+\.\d+)(?: \(index values: (.*)\))?")


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
