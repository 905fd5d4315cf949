"""The address of a content: a hash by which a finished part of a simulation is found again, and no other is.

Two contents have one address when a simulation cannot tell them apart: where something was written (file and line) and
what readers see as its label do not count; every number, name and formula does.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from costeff.errors import EngineError, Place
from costeff.labels import Label
from costeff.model.data import ModelData
from costeff.model.formulas.expression import Expression
from costeff.numerics.kernel_cache import kernel_hash

#: Fields that say where something was written.
_WHERE = {"file", "place", "places", "key_places"}


def address_of(*values: Any) -> str:
    """Hash (sha256, hex) of all that `values` hold.

    Raises EngineError for a kind of value of which it is not known what it holds.

    >>> address_of(1, "a") == address_of(1, "a"), address_of(1) == address_of(1.0), address_of([1]) == address_of(1)
    (True, False, False)
    >>> address_of(Expression("x + 1")) == address_of(Expression("x + 2"))
    False
    """
    digest = hashlib.sha256()
    for piece in _pieces(values):
        digest.update(len(piece).to_bytes(8, "big"))
        digest.update(piece)
    return digest.hexdigest()


def _pieces(value: Any) -> Iterator[bytes]:
    """The value as pieces of bytes, each kind with its name and its length in front."""
    kind = f"{type(value).__module__}.{type(value).__qualname__}".encode()
    if value is None or isinstance(value, bool | int | str | Path | dt.date):
        yield kind
        yield str(value).encode()
    elif isinstance(value, float):
        yield kind
        yield value.hex().encode()
    elif isinstance(value, bytes):
        yield kind
        yield value
    elif isinstance(value, np.ndarray | np.generic):
        array = np.asarray(value)
        if array.dtype.hasobject:
            raise _unknown(value)
        yield f"array {array.dtype.str} {array.shape}".encode()
        yield np.ascontiguousarray(array).tobytes()
    elif isinstance(value, Place | Label):
        yield b"place or label"
    elif isinstance(value, Expression):
        yield kind
        yield value.text.encode()
    elif isinstance(value, Mapping):  # in its order, which may say which category comes first
        yield f"mapping {len(value)}".encode()
        for name, entry in value.items():
            yield from _pieces(name)
            yield from _pieces(entry)
    elif isinstance(value, tuple | list):
        yield f"sequence {len(value)}".encode()
        for entry in value:
            yield from _pieces(entry)
    elif isinstance(value, set | frozenset):
        yield f"set {len(value)}".encode()
        yield from sorted(address_of(entry).encode() for entry in value)
    elif isinstance(value, ModelData):
        yield _model_address(value)
    elif is_dataclass(value) and not isinstance(value, type):
        yield kind
        for field in fields(value):
            if field.name not in _WHERE:
                yield field.name.encode()
                yield from _pieces(getattr(value, field.name))
    else:
        raise _unknown(value)


_models: list[tuple[ModelData, bytes]] = []  # the last ones: a case asks for the same few again and again
MODELS = 32


def _model_address(model: ModelData) -> bytes:
    """The address of a model, worked out once for each of the last few."""
    for earlier, address in _models:
        if earlier is model:
            return address
    address = address_of({f.name: getattr(model, f.name) for f in fields(model) if f.name not in _WHERE}).encode()
    _models[:] = [(model, address), *_models[: MODELS - 1]]
    return address


def _unknown(value: Any) -> EngineError:
    return EngineError(
        "a simulation cannot be found again by a value of this kind",
        value=type(value).__name__,
        rule="numbers, texts, arrays, formulas, mappings, sequences and the elements of a model",
        way_out="leave out --resume and --scheduler",
    )


@cache
def library_address() -> str:
    """Hash of the source of this library, and of the kernels with Python, numba and NumPy: what numbers depend on.

    >>> len(library_address())
    64
    """
    digest = hashlib.sha256(kernel_hash().encode())
    digest.update(source_address().encode())
    return digest.hexdigest()


@cache
def source_address() -> str:
    """Hash of the source of this library alone, which is the same on every machine that has this version.

    >>> len(source_address())
    64
    """
    import costeff

    root = Path(costeff.__file__).parent
    digest = hashlib.sha256(costeff.__version__.encode())
    for path in sorted(root.rglob("*.py")):
        name = path.relative_to(root)
        if "_bundled" not in name.parts:
            digest.update(name.as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
