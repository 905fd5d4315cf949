"""How every command ends: a user's mistake, what the machine refused, and a fault of costeff, each in its own words."""

from __future__ import annotations

import errno
import os
import platform
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import click

from costeff.characters import visible
from costeff.errors import CosteffError
from costeff.shell.language import asked_language

MISTAKE, FAULT, INTERRUPT = 2, 70, 130
"""Exit codes: something that the user can mend; a fault of costeff itself (EX_SOFTWARE of sysexits.h); Ctrl-C.

`costeff benchmark --against` ends with 1 when something is slower.
"""

_WAYS_OUT = {
    errno.ENOSPC: "free some space, or name a folder on another disk",
    errno.EDQUOT: "free some of your quota, or name a folder on another disk",
    errno.EACCES: "choose a place that is yours to read and write, or ask its owner",
    errno.EPERM: "choose a place that is yours to read and write, or ask its owner",
    errno.EROFS: "choose a place that can be written",
    errno.ENOENT: "check the path; make the folder first",
    errno.ENOTDIR: "check the path: a part of it is a file",
    errno.EISDIR: "name a file in the folder",
    errno.ENAMETOOLONG: "shorten the name",
    errno.ELOOP: "name the file itself: the links lead round in a circle",
    errno.EMFILE: "close other programs, or raise `ulimit -n`",
    errno.ENOMEM: "use fewer --draws or --individuals, or close other programs",
}


@contextmanager
def net() -> Iterator[None]:
    """End the command with a message and an exit code in place of a traceback.

    CosteffError and what the operating system refuses end with 2, anything that nobody foresaw with 70 and a log file
    for the report. Click's own endings and a closed pipe go on to click.
    """
    try:
        yield
    except CosteffError as error:
        _end(_in_words(error), MISTAKE)
    except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
        raise
    except KeyboardInterrupt:
        _end("interrupted", INTERRUPT)
    except (OSError, MemoryError, RecursionError, UnicodeError) as error:
        _end(_in_words(refused(error)), MISTAKE)
    except Exception as error:
        _end(_bug(error), FAULT)


def _in_words(error: CosteffError) -> str:
    """The error in the language of the command; in English where that language cannot be read."""
    from costeff.messages import error_text

    try:
        return error_text(error, asked_language())
    except CosteffError:
        return str(error)


def refused(error: OSError | MemoryError | RecursionError | UnicodeError) -> CosteffError:
    """What the machine refused, as an error of ours with a way out.

    >>> print(refused(OSError(28, "No space left on device", "out/draws.csv")))
    the system refused to read or write (value: out/draws.csv).
      Rule: No space left on device.
      Way out: free some space, or name a folder on another disk.
    """
    if isinstance(error, MemoryError):
        return CosteffError(
            "the run takes more memory than there is",
            value=str(error) or None,
            way_out="use fewer --draws or --individuals, or a shorter --horizon",
        )
    if isinstance(error, RecursionError):
        return CosteffError("a file or formula is nested too deeply", way_out="write it with fewer levels")
    if isinstance(error, UnicodeError):
        return CosteffError(
            "a text cannot be read or written",
            value=str(error),
            rule="files and names are UTF-8",
            way_out="save the file as UTF-8, and name files in letters of this system",
        )
    names = [os.fsdecode(name) for name in (error.filename, error.filename2) if isinstance(name, str | bytes)]
    return CosteffError(
        "the system refused to read or write",
        value=" -> ".join(names) or None,
        rule=error.strerror or str(error) or type(error).__name__,
        way_out=_WAYS_OUT.get(error.errno or 0, "check the path and try again"),
    )


def _bug(error: Exception) -> str:
    """What to tell of a fault of costeff; the traceback goes to a file."""
    first_line = (str(error).splitlines() or [""])[0][:200]
    lines = [
        f"this is a bug in costeff, please report it ({type(error).__name__}: {first_line}).",
        "  Rule: whatever is given, costeff computes it or says what is wrong with it.",
    ]
    try:
        lines.append(f"  Way out: send {_log(error)} with the files that you used.")
    except OSError as reason:
        last = traceback.extract_tb(error.__traceback__)[-1]
        lines.append(f"  Way out: report {last.filename}, line {last.lineno}; no log could be written ({reason}).")
    return "\n".join(lines)


def _log(error: Exception) -> str:
    """Write what a report needs into a file for temporary things; its path."""
    from costeff import __version__

    handle, path = tempfile.mkstemp(prefix="costeff-bug-", suffix=".log")
    with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(f"costeff {__version__}, Python {platform.python_version()}, {platform.platform()}\n")
        file.write(f"command: {sys.argv!r}\n\n")
        file.writelines(traceback.format_exception(error))
    return path


def _end(message: str, code: int) -> NoReturn:
    """Say it on stderr, without characters that act on the terminal, and leave."""
    text = visible(message).encode("utf-8", "backslashreplace").decode("utf-8")
    try:
        click.echo(f"costeff: {text}", err=True)
    finally:  # a closed stderr does not change how the command ends
        sys.exit(code)
