"""One writer of a folder at a time: a lock that the system lets go when its process ends, however it ends."""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK = ".costeff.lock"
#: What a file system without locks answers; such a folder is written without one.
_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL}


class BusyError(Exception):
    """Somebody else is writing; the text says who, and since when."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder's lock in this block. Raises BusyError when another holds it, OSError when it cannot be made."""
    path = folder / LOCK
    handle = _opened(path)
    try:
        now = dt.datetime.now().astimezone().strftime("%Y-%m-%d %H:%M:%S %Z")
        os.ftruncate(handle, 0)
        os.write(handle, f"process {os.getpid()} on {platform.node() or 'this machine'}, since {now}".encode())
        yield
    finally:
        if sys.platform == "win32":  # an open file cannot be removed there
            os.close(handle)
            path.unlink(missing_ok=True)
        else:  # removed while it is held, so that nobody waits for a file that is gone
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
            os.close(handle)


def _opened(path: Path) -> int:
    """The lock file, open and locked. One that its holder removed meanwhile is made anew."""
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
        try:
            _take(handle)
        except BlockingIOError:
            holder = os.read(handle, 300).decode(errors="replace") or "another process"
            os.close(handle)
            raise BusyError(holder) from None
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                os.close(handle)
                raise
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(handle), path.stat()):
                return handle
        os.close(handle)


def _take(handle: int) -> None:
    """Lock an open file or raise BlockingIOError."""
    if sys.platform == "win32":
        import msvcrt

        os.lseek(handle, 1 << 20, os.SEEK_SET)  # beyond the text, which others are to read
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            raise BlockingIOError(*error.args) from error
        finally:
            os.lseek(handle, 0, os.SEEK_SET)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
