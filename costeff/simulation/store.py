"""A folder of finished parts of simulations: a run that was stopped, however it was stopped, goes on from them.

Each part is one file, whole or absent, under the address of all that it depends on (`simulation.content`). So parts of
different runs, models and versions may lie side by side, and none is ever read in the place of another.
"""

from __future__ import annotations

import contextlib
import logging
import os
import zipfile
from pathlib import Path

import numpy as np

from costeff.errors import ResultError
from costeff.files.drafts import draft_name, remove_abandoned

Arrays = dict[str, np.ndarray]
_log = logging.getLogger("costeff")


class Store:
    """The folder; it is made, and written to once, so that a run is not made in vain. Raises ResultError."""

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)
        self.read, self.kept = 0, 0
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            remove_abandoned(self.folder)
            draft = self.folder / draft_name()
            draft.write_bytes(b"\0")
            draft.unlink()
        except OSError as error:
            raise ResultError(
                "finished parts cannot be kept here",
                value=str(self.folder),
                rule=error.strerror or str(error),
                way_out="choose another --resume",
            ) from error

    def path(self, address: str) -> Path:
        """Where the part of an address lies."""
        return self.folder / f"{address[:40]}.npz"

    def load(self, address: str) -> Arrays | None:
        """The arrays of a part; None where it is not kept, or where its file is damaged (which the log says)."""
        path = self.path(address)
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:  # which looks at each CRC
                part = {str(name): arrays[name] for name in arrays.files}
        except FileNotFoundError:
            return None
        except (zipfile.BadZipFile, ValueError, EOFError, KeyError, OSError) as error:
            _log.warning("%s is damaged and is simulated again: %s", path.name, error)
            return None
        self.read += 1
        return part

    def save(self, address: str, arrays: Arrays) -> None:
        """Keep a part. Raises ResultError when it cannot be written; then what was kept before is as it was."""
        draft = self.folder / draft_name()
        try:
            try:
                with draft.open("xb") as file:
                    np.savez(file, **arrays)  # type: ignore[arg-type]
                os.replace(draft, self.path(address))
            finally:
                with contextlib.suppress(OSError):
                    draft.unlink(missing_ok=True)
        except OSError as error:
            raise ResultError(
                "a finished part of the run could not be kept",
                value=str(self.folder),
                rule=error.strerror or str(error),
                way_out="make room there and give the same command again: it goes on from what is kept there, "
                f"{sum(1 for _ in self.folder.glob('*.npz'))} whole files",
            ) from error
        self.kept += 1
