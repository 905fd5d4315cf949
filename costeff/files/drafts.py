"""Names of files and folders that are being made, and the removal of those that a killed process left."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import platform
import re
import secrets
import shutil
import stat
import sys
import time
from pathlib import Path

DAY = 86_400.0
_NAME = re.compile(r"\.costeff-([0-9a-f]{8})-([0-9]+)-[0-9a-f]{16}\.draft")


def draft_name() -> str:
    """A hidden name that nobody can guess, with the machine and the process that made it."""
    return f".costeff-{_machine()}-{os.getpid()}-{secrets.token_hex(8)}.draft"


def remove_abandoned(folder: Path) -> None:
    """Remove drafts whose process is dead, and those of other machines older than a day; whatever resists stays."""
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            name = _NAME.fullmatch(path.name)
            if name is None:
                continue
            info = path.lstat()
            dead = name[1] == _machine() and not _alive(int(name[2]))
            if not dead and time.time() - info.st_mtime < DAY:
                continue
            if stat.S_ISDIR(info.st_mode):
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


@functools.cache
def _machine() -> str:
    """Eight digits for the machine: process numbers mean something only there, and only in this container."""
    space = ""
    with contextlib.suppress(OSError):
        space = os.readlink("/proc/self/ns/pid")
    return hashlib.sha256(f"{platform.node()} {space}".encode()).hexdigest()[:8]


def _alive(process: int) -> bool:
    if sys.platform == "win32":  # there is no harmless signal to ask with; a day has to pass
        return True
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:  # it is another user's
        return True
    return True
