"""What a scenario, a case or a program sets in the place of a model's parameter, and what that figure rests on.

A figure that is set is the setter's own: without a kind and a source of its own it is an assumption, whatever the
model's figure rests on. The model's parameter is kept beside it, so that every output can say what differs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from costeff.documents.numerals import advice, refuse_two_readings
from costeff.documents.section import is_number
from costeff.documents.values import line_at
from costeff.errors import EvidenceError, Place
from costeff.evidence.distributions.distribution import amount_text
from costeff.evidence.distributions.symmetric import Fixed
from costeff.evidence.parameter import Parameter
from costeff.evidence.read_parameter import SPREADS, is_amount, parameter_from
from costeff.evidence.source import Setter, Source
from costeff.problems import closest
from costeff.units import is_money


@dataclass(frozen=True)
class Changes:
    """What one file or program sets: who sets it, at which price level, and the sources that it brings.

    Parameters
    ----------
    figures
        Parameter name to a number, or to a mapping with any of the keys of a parameter.
    by
        Who sets them.
    places
        Where each figure stands; one place for all of them, or None when they were not read from a file.
    price_year
        The price year of amounts that do not name their own; None: that of the parameter in whose place they stand.
    sources
        Sources by key, beside those of the parameter file.

    Examples
    --------
    >>> Changes({"wait": 6}, Setter("case", "ours")).figures
    {'wait': 6}
    """

    figures: Mapping[str, Any]
    by: Setter = field(default_factory=Setter)
    places: Place | Mapping[str, Place] | None = None
    price_year: int | None = None
    sources: Mapping[str, Source] | None = None

    def place(self, name: str) -> Place | None:
        """Where a figure stands."""
        if isinstance(self.places, Mapping):
            return self.places.get(name)
        if self.places is None:
            return None
        return Place(self.places.file, line_at(self.figures, name) or self.places.line)


def set_parameter(old: Parameter, change: Any, changes: Changes, model_sources: Mapping[str, Source]) -> Parameter:
    """The parameter that stands in the place of `old`: known when `change` is a number, else as the mapping says.

    What a mapping leaves out and the model knows is the model's: the unit, and the family and centre of a spread.
    Raises EvidenceError for what is neither, and for everything that a mapping lacks, named together.
    """
    where = changes.place(old.name)
    if isinstance(change, Mapping):
        replacement = parameter_from(old.name, _completed(old, change, changes, where), where)
        note = replacement.note
    elif is_number(change):
        if is_amount(old.unit):
            refuse_two_readings(change, f"parameter {old.name!r}, {old.unit}", where, EvidenceError)
        constant = old.known(float(change), where)
        year = _price_year(old, changes)
        replacement = replace(constant, kind="assumption", source=(), price_year=year, price_note="")
        replacement, note = replace(replacement, notes={}), ""
    else:
        raise EvidenceError(
            f"parameter {old.name!r}: neither a number nor a mapping",
            where=where,
            value=repr(change),
            rule="a parameter is changed to a number, or to a mapping with a value",
            way_out=advice(change) or "write a number",
        )
    model = old.replaces or old
    if not note:
        note = f"set here ({_setter_text(changes.by, where)}); the model has {_model_text(model, model_sources)}"
    if old.group:
        note += f"; the rest of group {old.group!r} is drawn as before"
    return replace(replacement, note=note, replaces=model, set_by=changes.by)


def merged_sources(own: Mapping[str, Source], more: Mapping[str, Source]) -> dict[str, Source]:
    """Sources of the parameter file with those of a scenario or case, which may not give a key another meaning."""
    for key, source in more.items():
        namesake = own.get(key)
        if namesake is not None and (namesake.title, namesake.address) != (source.title, source.address):
            raise EvidenceError(
                f"source {key!r} means something else in the parameter file",
                where=source.place,
                value=source.title,
                rule=f"a key stands for one source; there it is {namesake.title!r}",
                way_out="give the new source a key of its own",
            )
    return {**own, **more}


def unknown_parameter(name: str, parameters: Mapping[str, Parameter], where: Place | None) -> EvidenceError:
    """The error about a change of something that the parameter file does not have."""
    return EvidenceError(
        "unknown parameter",
        where=where,
        value=name,
        rule="a scenario changes parameters of the parameter file",
        way_out=closest(name, parameters, "see the parameter table for the names"),
    )


def _completed(old: Parameter, change: Mapping[str, Any], changes: Changes, where: Place | None) -> Mapping[str, Any]:
    """The mapping with what the model knows and the setter left out; a copy that still knows its lines."""
    own_keys = {key for key, value in change.items() if value is not None}
    spread = [key for key in SPREADS if key in own_keys]
    model_family = "" if old.fixed or old.group else old.spread.family
    family = str(change.get("distribution") or (model_family if spread else "fixed"))
    _refuse_incomplete(old, own_keys, spread, family, str(change.get("kind") or "assumption"), where)
    defaults: dict[str, Any] = {"unit": old.unit, "kind": "assumption", "distribution": family}
    if family == model_family:
        defaults["centre"] = old.centre
    if is_money(str(change.get("unit") or old.unit)):
        defaults |= {"price_year": _price_year(old, changes), "index": old.index or None}
    defaults |= {"clock": old.clock or None, "legs": list(old.legs) or None}  # the model's question stays as it was
    full: Any = change.copy() if hasattr(change, "copy") else dict(change)
    for key, value in defaults.items():
        if key not in own_keys and value is not None:
            full[key] = value
    return full  # type: ignore[no-any-return]  # a copy of the mapping that was given


def _refuse_incomplete(
    old: Parameter, own_keys: set[str], spread: list[str], family: str, kind: str, where: Place | None
) -> None:
    """Name everything that is missing and that the model does not know, in one error."""
    missing = [] if "value" in own_keys else ["value"]
    if spread and not family:
        missing.append("distribution")
    if family and family != Fixed.family and not spread:
        missing.append("interval (or se, shape or counts)")
    if kind != "assumption" and "source" not in own_keys:
        missing.append("source")
    if missing:
        names = ", ".join(missing)
        raise EvidenceError(
            f"parameter {old.name!r}: {names} missing",
            where=where,
            value=", ".join(sorted(own_keys)) or "an empty mapping",
            rule="a change states its value, with a distribution how far it spreads, and with a kind other than "
            "assumption its source",
            way_out=f"add {names}, or write a plain number",
        )


def _price_year(old: Parameter, changes: Changes) -> int | None:
    """The price year of an amount that does not state one."""
    return (changes.price_year or old.price_year) if is_money(old.unit) else None


def _setter_text(by: Setter, where: Place | None) -> str:
    """Who set a figure and where: the file by its name, since folders differ between machines."""
    place = "" if where is None else str(Place(Path(where.file).name, where.line))
    return ", ".join(part for part in (str(by) if by.name or not place else "", place) if part)


def _model_text(model: Parameter, sources: Mapping[str, Source]) -> str:
    """The model's value with its kind and sources."""
    titles = [sources[key].title for key in model.source if key in sources]
    year = f" in {model.price_year} prices" if model.price_year else ""
    return f"{amount_text(model.value)}{year} ({', '.join([model.kind, *titles])})"
