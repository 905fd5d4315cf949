"""How many draws a result has; until the next release it also answers as the mapping that `draws` once was."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any, NoReturn

import numpy as np

_NOTICE = "result.draws is the number of draws: write result.parameters for the drawn values by name"


class DrawCount(int):
    """A number of draws.

    In version 0.1.0 `result.draws` was the mapping that is now `result.parameters`. What was written for that works
    with a DeprecationWarning, except a loop over it, which is refused: many programs would take its items for columns.

    Examples
    --------
    >>> DrawCount.of(3, {"wait": np.zeros(3)}) + 1
    4
    """

    _parameters: Mapping[str, np.ndarray]

    @classmethod
    def of(cls, count: int, parameters: Mapping[str, np.ndarray]) -> DrawCount:
        """The count of some drawn parameters."""
        draws = cls(count)
        draws._parameters = parameters
        return draws

    def __reduce__(self) -> tuple[type[int], tuple[int]]:
        return int, (int(self),)

    def __getitem__(self, name: str) -> np.ndarray:
        return self._mapping()[name]

    def __contains__(self, name: object) -> bool:
        return name in self._mapping()

    def __iter__(self) -> NoReturn:
        raise TypeError(_NOTICE)

    def keys(self) -> Any:
        """Names of the parameters."""
        return self._mapping().keys()

    def values(self) -> Any:
        """Drawn values of the parameters."""
        return self._mapping().values()

    def items(self) -> Any:
        """Names and drawn values of the parameters."""
        return self._mapping().items()

    def get(self, name: str, default: Any = None) -> Any:
        """Drawn values of a parameter, or a default."""
        return self._mapping().get(name, default)

    def _mapping(self) -> Mapping[str, np.ndarray]:
        warnings.warn(_NOTICE, DeprecationWarning, stacklevel=3)
        return self._parameters
