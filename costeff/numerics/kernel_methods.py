"""A method of numba that is replaced while one of our kernels compiles."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any


class Method:
    """A function of numba by its place, the parameters it had when it was read, and what does its work meanwhile.

    Parameters
    ----------
    owner : class or module of numba
    name : what the function is called there
    parameters : names of its parameters, with blanks between
    instead : takes the same parameters; `method.numba` is the function itself

    """

    def __init__(self, owner: Any, name: str, parameters: str, instead: Callable[..., Any]) -> None:
        self.owner, self.name, self.parameters, self.instead = owner, name, parameters.split(), instead
        self.numba: Any = getattr(owner, name, None)

    @property
    def is_as_read(self) -> bool:
        """Whether a function of that name is there and takes the parameters it took when it was read."""
        now = getattr(self.owner, self.name, None)
        return now is not None and list(inspect.signature(now).parameters) == self.parameters

    def replace(self) -> None:
        """Put the other function in its place."""
        setattr(self.owner, self.name, self.instead)

    def put_back(self, function: Any) -> None:
        """Put back what was there."""
        setattr(self.owner, self.name, function)
