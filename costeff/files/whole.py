"""Writes one file whole or not at all: a draft beside it takes its place when it is complete."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from costeff.errors import ResultError
from costeff.files.drafts import draft_name, remove_abandoned


@contextmanager
def whole_file(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give the path of an empty draft to write to, which replaces `path` at the end of the block.

    When the block fails or is interrupted, the draft is removed and an older file is as it was. A link is followed;
    a device or pipe is written to directly. Raises OSError, also for an older file that is read-only.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "lives.csv"
    >>> with whole_file(path) as draft:
    ...     size = draft.write_text("id,state")
    >>> path.read_text(), [one.name for one in path.parent.iterdir()]
    ('id,state', ['lives.csv'])
    """
    place = Path(os.path.realpath(path))
    older = place.stat() if place.exists() else None
    if older and stat.S_ISDIR(older.st_mode):
        raise IsADirectoryError(21, "Is a directory", str(path))
    if older and not stat.S_ISREG(older.st_mode):
        yield Path(path)
        return
    if older and not os.access(place, os.W_OK):
        raise PermissionError(13, "The file is read-only", str(path))
    remove_abandoned(place.parent)
    draft = place.with_name(draft_name())
    os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
    try:
        yield draft
        if older:
            draft.chmod(stat.S_IMODE(older.st_mode))
        os.replace(draft, place)
    finally:
        draft.unlink(missing_ok=True)


def write_whole(content: str | bytes, path: str | os.PathLike[str]) -> Path:
    """Write text (UTF-8, line ends as they are) or bytes whole or not at all; returns the path. Raises OSError."""
    with whole_file(path) as draft:
        draft.write_bytes(content.encode() if isinstance(content, str) else content)
    return Path(path)


def reserved_file(path: str | os.PathLike[str], option: str = "--out") -> None:
    """Find out now whether a file can be written at `path`, so that no run is made in vain.

    Raises ResultError, with the option that named the file in its way out.
    """
    place = Path(os.path.realpath(path))
    try:
        if not place.parent.is_dir():
            state = "is a file" if place.parent.exists() else "is not there"
            raise _refused(path, option, f"the folder '{place.parent}' {state}")
        if place.is_dir():
            raise _refused(path, option, "this is a folder, and a file is to be written")
        if place.exists():
            if not os.access(place, os.W_OK):
                raise _refused(path, option, "the file that is there may not be changed")
            if not place.is_file():
                return
        else:  # its name may be one that the system cannot take
            place.lstat()
    except FileNotFoundError:
        pass
    except OSError as error:
        raise _refused(path, option, error.strerror or str(error)) from error
    try:
        draft = place.with_name(draft_name())
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        draft.unlink()
    except OSError as error:
        rule = f"the folder '{place.parent}' cannot be written to: {error.strerror}"
        raise _refused(path, option, rule) from error


def _refused(path: str | os.PathLike[str], option: str, rule: str) -> ResultError:
    return ResultError("cannot write here", value=os.fspath(path), rule=rule, way_out=f"choose another {option}")
