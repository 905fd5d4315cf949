"""Rows of persons stay in the memory of one process: they are shown as counts, and never saved or copied out."""

from __future__ import annotations

from typing import NoReturn

from costeff.errors import ResultError


class PersonRows:
    """Base of everything that holds a row for each person. It is printed as a count, and refuses to be pickled.

    >>> import pickle
    >>> class Lives(PersonRows):
    ...     def people(self) -> int:
    ...         return 3
    >>> Lives()
    Lives of 3 people
    >>> pickle.dumps(Lives())
    Traceback (most recent call last):
    costeff.errors.ResultError: rows of persons cannot be saved (value: Lives of 3 people).
      Rule: personal data stay in the process that read them.
      Way out: save counts, tables or curves with a smallest cell size.
    """

    def people(self) -> int:
        """How many persons there are."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"{type(self).__name__} of {self.people()} people"

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        raise ResultError(
            "rows of persons cannot be saved",
            value=repr(self),
            rule="personal data stay in the process that read them",
            way_out="save counts, tables or curves with a smallest cell size",
        )
