"""Writes a folder of files: all of them are made beside the target and moved in together, or none is."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from costeff.errors import ResultError


def write_folder(
    folder: str | os.PathLike[str], make: Callable[[Path], None], option: str = "--out"
) -> list[str]:
    """Let `make` write files into a new folder, then move them into `folder`; returns their names.

    `option` is what named the folder on the command line, for the way out of an error.

    Raises ResultError when the folder cannot be written; then nothing in it has changed.
    """
    target = Path(folder)
    if target.exists() and not target.is_dir():
        raise ResultError(
            "the output folder is a file", value=str(target), way_out=f"choose another {option}"
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    except OSError as error:
        raise ResultError(
            "cannot write here", value=str(target), rule=str(error), way_out=f"choose another {option}"
        ) from error
    try:
        make(made)
        names = sorted(path.name for path in made.iterdir())
        move(made, target, names)
    except OSError as error:
        raise ResultError(
            "the output could not be written",
            value=str(target),
            rule=str(error),
            way_out=f"choose another {option}",
        ) from error
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return names


def move(made: Path, target: Path, names: list[str]) -> None:
    """Move files into `target`; when one cannot be moved, put back what was there before."""
    existed, kept = target.exists(), made / "before"
    kept.mkdir()
    target.mkdir(exist_ok=True)
    moved: list[str] = []
    try:
        for name in names:
            if (target / name).is_dir():
                raise IsADirectoryError(f"'{target / name}' is a folder")
            if (target / name).exists():
                os.replace(target / name, kept / name)
            moved.append(name)
            os.replace(made / name, target / name)
    except BaseException:
        for name in moved:
            (target / name).unlink(missing_ok=True)
            if (kept / name).exists():
                os.replace(kept / name, target / name)
        if not existed:
            target.rmdir()
        raise
