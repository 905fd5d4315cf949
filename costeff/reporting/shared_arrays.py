"""Long arrays of a page's figures, each stored once however many figures draw it, and in four bytes a number."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np

LEAST = 100
"""Numbers from which an array is stored apart; a shorter one stands where it is drawn."""
WORDS = {"f8": "f4", "i8": "i4", "u8": "u4"}
"""What long arrays are stored as: seven digits are more than any screen shows."""


def shared_arrays(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Figures of plotly as `figures`, long arrays replaced by {"shared": place}, and the `arrays` by place.

    >>> import numpy as np
    >>> xs = np.linspace(0, 1, 200)
    >>> stored = shared_arrays({"a": {"data": [{"x": xs}]}, "b": {"data": [{"x": xs, "y": xs[:3]}]}})
    >>> stored["figures"]["b"]["data"][0]["x"], stored["figures"]["b"]["data"][0]["y"].tolist(), len(stored["arrays"])
    ({'shared': 0}, [0.0, 0.005025125628140704, 0.010050251256281407], 1)
    """
    store = _Store()
    return {"figures": {name: store.without(figure) for name, figure in figures.items()}, "arrays": store.arrays}


class _Store:
    """Arrays by their content."""

    def __init__(self) -> None:
        self.arrays: list[dict[str, Any]] = []
        self._places: dict[tuple[str, str, str], int] = {}

    def without(self, value: Any) -> Any:
        """The value with its long arrays in the store."""
        if isinstance(value, Mapping):
            if "bdata" in value and "dtype" in value:
                return self._encoded(value)
            return {name: self.without(one) for name, one in value.items()}
        if isinstance(value, list | tuple):
            return [self.without(one) for one in value] if not _numbers(value) else self._plain(value)
        if isinstance(value, np.ndarray):
            return self._kept(value) if value.size >= LEAST and value.dtype.kind in "fiu" else value
        return value

    def _plain(self, value: list[Any] | tuple[Any, ...]) -> Any:
        return self._kept(np.asarray(value, float)) if len(value) >= LEAST else list(value)

    def _encoded(self, value: Mapping[str, Any]) -> Any:
        kind = str(value["dtype"])
        raw = np.frombuffer(base64.b64decode(value["bdata"]), np.dtype(f"<{kind}"))
        if raw.size < LEAST:
            return dict(value)
        shape = tuple(int(size) for size in str(value["shape"]).split(",")) if "shape" in value else raw.shape
        return self._kept(raw.reshape(shape))

    def _kept(self, array: np.ndarray) -> dict[str, int]:
        kind = array.dtype.str.lstrip("<|=>")
        least = array.size == 0 or kind[0] == "f" or abs(array).max() < np.iinfo(np.int32).max
        kind = WORDS.get(kind, kind) if least else kind
        entry = {"dtype": kind, "bdata": base64.b64encode(array.astype(f"<{kind}").tobytes()).decode()}
        if array.ndim > 1:
            entry["shape"] = ", ".join(map(str, array.shape))
        key = (kind, entry.get("shape", ""), entry["bdata"])
        if key not in self._places:
            self._places[key] = len(self.arrays)
            self.arrays.append(entry)
        return {"shared": self._places[key]}


def _numbers(value: list[Any] | tuple[Any, ...]) -> bool:
    return len(value) > 0 and all(isinstance(one, int | float) and not isinstance(one, bool) for one in value)
