"""The user's folder of compiled kernels: where it is, that nobody else can put code into it, and what is old in it."""

from __future__ import annotations

import atexit
import contextlib
import functools
import logging
import os
import shutil
import stat
import sys
import tempfile
import time
from pathlib import Path

KEEP_DAYS = 30

_log = logging.getLogger("costeff")


class UnsafeFolderError(Exception):
    """The folder exists, but somebody else could have put code into it."""


def cache_root() -> Path:
    """The user's cache folder for costeff: COSTEFF_CACHE_DIR, or the system's usual place.

    Raises RuntimeError when no home directory can be found.
    """
    if custom_root := os.environ.get("COSTEFF_CACHE_DIR"):
        return Path(custom_root).expanduser().absolute()
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA")
        return Path(base) / "costeff" / "cache" if base else Path.home() / "AppData" / "Local" / "costeff" / "cache"
    xdg = os.environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(xdg):
        return Path(xdg) / "costeff"
    home = Path.home()
    if not home.is_absolute():
        raise RuntimeError("no home directory")
    return home / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "costeff"


def check_private(root: Path, folder: Path) -> None:
    """Raise UnsafeFolderError unless only this user can put files into `folder`, or swap it for another."""
    if not hasattr(os, "getuid"):  # Windows: LOCALAPPDATA is private to the user by its access list
        return
    me, others = os.getuid(), stat.S_IWGRP | stat.S_IWOTH
    info = folder.lstat()
    if not stat.S_ISDIR(info.st_mode):
        raise UnsafeFolderError(f"{folder} is not a plain folder")
    if info.st_uid != me:
        raise UnsafeFolderError(f"{folder} belongs to another user")
    if info.st_mode & others:
        raise UnsafeFolderError(f"{folder} can be written to by other users")
    above = root.stat()
    if above.st_uid not in (me, 0):
        raise UnsafeFolderError(f"{root} belongs to another user")
    if above.st_mode & others and not above.st_mode & stat.S_ISVTX:
        raise UnsafeFolderError(f"{root} can be written to by other users")


def temporary_folder() -> Path:
    """A new folder of this process alone, removed at its end."""
    folder, owner = Path(tempfile.mkdtemp(prefix="costeff-kernels-")), os.getpid()

    def remove() -> None:
        if os.getpid() == owner:  # a forked child must not remove its parent's folder
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(remove)
    return folder


def remove_old(root: Path, current: Path) -> None:
    """Remove folders of earlier kernels not used for KEEP_DAYS days, and notes as old; whatever resists stays."""
    oldest = time.time() - KEEP_DAYS * 86_400
    for path in (*root.glob("kernels-*"), *root.glob("followed-*.json")):
        try:
            info = path.lstat()
        except OSError:
            continue
        if stat.S_ISREG(info.st_mode) and path.suffix == ".json" and info.st_mtime < oldest:
            with contextlib.suppress(OSError):
                path.unlink()
        if path != current and stat.S_ISDIR(info.st_mode) and info.st_mtime < oldest:
            shutil.rmtree(path, ignore_errors=True)


def tidied(folder: Path) -> None:
    """Make sure that only this user can write to a folder in ours; raises OSError.

    Numba makes it under the user's umask. What lies in a folder that others could write to is not trusted.
    """
    if not hasattr(os, "getuid"):
        return
    info = folder.lstat()
    plain = stat.S_ISDIR(info.st_mode) and info.st_uid == os.getuid()
    if plain and not info.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return
    if plain and not any(folder.iterdir()):
        folder.chmod(0o700)  # made just now
        return
    warn_once(
        f"others could write to the compiled kernels in {folder}; they are removed and compiled again, which "
        "takes up to a minute"
    )
    if stat.S_ISDIR(info.st_mode):
        shutil.rmtree(folder)
    else:
        folder.unlink()
    folder.mkdir(mode=0o700)


@functools.cache
def warn_once(line: str) -> None:
    """Log a warning (logger `costeff`) unless this process has logged it before."""
    _log.warning("%s", line)
