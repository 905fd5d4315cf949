"""Flows of a run that is too large for memory: written to a file as parts end, and read again part by part.

The file has no name and goes with the process, however it ends. It lies in the system's temporary folder (TMPDIR).
"""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Iterator

import numpy as np

from costeff.errors import ResultError


class Spool:
    """Arrays (d, ...) of equal shape but for the number of their draws, in the order in which they came."""

    def __init__(self) -> None:
        self.file = tempfile.TemporaryFile(prefix="costeff-")  # noqa: SIM115
        weakref.finalize(self, self.file.close)  # it is open for as long as the result is there
        self.shape: tuple[int, ...] = ()
        self.lengths: list[int] = []

    def add(self, array: np.ndarray) -> None:
        """Put the next draws behind the others. Raises ResultError when there is no room."""
        self.shape = array.shape[1:]
        try:
            self.file.write(np.ascontiguousarray(array, np.float64).tobytes())
            self.file.flush()
        except OSError as error:
            raise ResultError(
                "the flows of the run could not be put aside",
                value=tempfile.gettempdir(),
                rule=error.strerror or str(error),
                way_out="set TMPDIR to a folder on a disk with room, and give the same command again; "
                "with --resume it goes on from the parts that ended",
            ) from error
        self.lengths.append(len(array))

    def parts(self) -> Iterator[np.ndarray]:
        """The arrays again."""
        self.file.seek(0)
        for length in self.lengths:
            shape = (length, *self.shape)
            content = self.file.read(int(np.prod(shape)) * 8)
            yield np.frombuffer(content, np.float64).reshape(shape)
