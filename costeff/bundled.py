"""Finds the models, parameters and scenarios that come with costeff, and the user's own files.

Rank 1. A bare name (`tki2`) is one of ours; anything with a slash or a .yaml ending is a path. The working
directory is never searched for a bare name, so a stray file there cannot take the place of a shipped model.

Only plain files of a bounded size are opened: a device such as /dev/zero has no end and a pipe may never begin, so a
scenario that names one would take all memory or wait for ever.
"""

from __future__ import annotations

import difflib
import os
import stat
import tomllib
from pathlib import Path

from costeff.characters import banned, visible
from costeff.errors import CosteffError, Place, ScenarioError

KINDS = ("models", "parameters", "scenarios", "designs", "rules", "countries", "cases", "lenses", "instruments")
FOLDERS = {
    "rules": "parameters/rules",
    "countries": "parameters/countries",
    "cases": "scenarios",
    "lenses": "designs/lenses",
    "instruments": "designs/instruments",
}  # else the kind itself

YAML_BYTES = 2 * 10**6
"""The largest file of declarations that is read: thirty times the largest that is shipped."""
TABLE_BYTES = 500 * 10**6
"""The largest table that is read."""
NO_FILE = "no such file"
_FEW = 12  # names in a message

_PACKAGE = Path(__file__).resolve().parent


def data_dir(kind: str) -> Path:
    """The folder of shipped files of one kind: one of KINDS.

    In an installed package `costeff/_bundled/<kind>`; in a source checkout or editable install the
    repository's own folder. Rules and countries lie under `parameters`, cases with the scenarios. Raises ScenarioError
    for an unknown kind or an incomplete installation.

    >>> data_dir("models").name
    'models'
    """
    if kind not in KINDS:
        raise ScenarioError("unknown kind of file", value=kind, rule=f"one of {', '.join(KINDS)}")
    folder = FOLDERS.get(kind, kind)
    package_folder = _PACKAGE / "_bundled" / folder
    if package_folder.is_dir():
        return package_folder
    checkout = _PACKAGE.parent / folder
    if checkout.is_dir() and _is_own_checkout(_PACKAGE.parent):
        return checkout
    raise ScenarioError(
        f"the shipped {kind} are missing",
        where=str(package_folder),
        rule="costeff is installed with its models, parameters and scenarios",
        way_out="install costeff again",
    )


def _is_own_checkout(folder: Path) -> bool:
    """Whether `folder` is costeff's repository, not a site-packages with a `models` folder."""
    try:
        project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8")).get("project", {})
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        return False
    return isinstance(project, dict) and project.get("name") == "costeff"


def available(kind: str) -> tuple[str, ...]:
    """Names of the shipped files of one kind, sorted, without their .yaml ending.

    Cases lie among the scenarios; `case:` tells them apart.
    """
    paths = sorted(path for path in data_dir(kind).glob("*.yaml") if path.is_file())
    if kind in ("scenarios", "cases"):
        paths = [path for path in paths if _is_case(path) == (kind == "cases")]
    return tuple(path.stem for path in paths)


def _is_case(path: Path) -> bool:
    """Whether a line of a shipped file begins with `case:`."""
    return any(line.startswith("case:") for line in path.read_text(encoding="utf-8").splitlines())


def resolve(kind: str, name_or_path: str | os.PathLike[str]) -> Path:
    """The file meant by a shipped name or by a path.

    Raises ScenarioError with the names available and the closest one when there is no such file.
    """
    text = os.fspath(name_or_path)
    if isinstance(name_or_path, str) and not is_path(text):
        names = available(kind)
        if text in names:
            return data_dir(kind) / f"{text}.yaml"
        raise ScenarioError(
            f"no shipped file of this name among the {kind}",
            value=repr(text),
            rule=f"available: {', '.join(names) or 'none'}",
            way_out=_closest(text, names) + "for a file of your own give its path, with .yaml",
        )
    try:
        return plain_file(text, most=YAML_BYTES)
    except ScenarioError as error:
        if error.what != NO_FILE:
            raise
    path = Path(text).expanduser()
    try:
        neighbours = [p.name for p in sorted(path.parent.glob("*.y*ml"))]
    except OSError:  # a folder that may not be listed
        neighbours = []
    raise ScenarioError(
        NO_FILE,
        value=str(path.absolute()),
        rule=f"a name with a slash or ending in .yaml is a path; {_shipped(kind)}",
        way_out=_closest(path.name, neighbours) + "check the path, or give the bare name of a shipped file",
    )


def _shipped(kind: str) -> str:
    """How many files of a kind are shipped, and the names of the first few."""
    names = available(kind)
    if len(names) <= _FEW:
        return f"shipped {kind}: {', '.join(names) or 'none'}"
    return f"shipped {kind}: {', '.join(names[:_FEW])} and {len(names) - _FEW} more (`costeff list` names them)"


def is_path(text: str) -> bool:
    """Whether a user's text names a file rather than something shipped.

    >>> is_path("tki2"), is_path("tki2.yaml"), is_path("mine/tki2")
    (False, True, True)
    """
    return "/" in text or "\\" in text or text.lower().endswith((".yaml", ".yml"))


def _closest(text: str, names: tuple[str, ...] | list[str]) -> str:
    """'did you mean ...? or ' with the closest name, ignoring case; empty when none is close."""
    by_lower = {name.lower(): name for name in names}
    close = difflib.get_close_matches(text.lower(), by_lower, n=1)
    return f"did you mean {by_lower[close[0]]!r}? Otherwise " if close else ""


def plain_file(
    path: str | os.PathLike[str],
    error: type[CosteffError] = ScenarioError,
    where: Place | str | None = None,
    most: int = TABLE_BYTES,
) -> Path:
    """The path, expanded, of a plain file of at most `most` bytes that may be read.

    Raises `error` (at `where`, when the name stands in another file) for anything else: no such file, a folder, a
    device or pipe, a name the system cannot take, a file that is not the user's to read, or one that is too large.

    >>> plain_file("/dev/zero")
    Traceback (most recent call last):
    costeff.errors.ScenarioError: not a plain file (value: /dev/zero).
      Rule: a device, pipe or socket has no end that a reader could wait for.
      Way out: copy its content into a file and name that.
    """
    text = os.fspath(path)
    safe_name = visible(text)
    file = at_home(text, error, where)
    try:
        status = file.stat()
    except (OSError, ValueError) as reason:
        raise _refused(error, where, file, reason) from reason
    if stat.S_ISDIR(status.st_mode):
        raise error("this is a folder, not a file", where=where, value=safe_name, way_out="name a file in the folder")
    if not stat.S_ISREG(status.st_mode):
        raise error(
            "not a plain file",
            where=where,
            value=safe_name,
            rule="a device, pipe or socket has no end that a reader could wait for",
            way_out="copy its content into a file and name that",
        )
    if status.st_size > most:
        raise error(
            "the file is too large",
            where=where,
            value=f"{safe_name}, {status.st_size / 1e6:,.1f} MB",
            rule=f"at most {most / 1e6:,.0f} MB are read",
            way_out="divide the file, or leave out what is not used",
        )
    if not os.access(file, os.R_OK):
        raise _refused(error, where, file, PermissionError(13, "Permission denied"))
    return file


def at_home(text: str, error: type[CosteffError] = ScenarioError, where: Place | str | None = None) -> Path:
    """A path with ~ and ~name replaced by home folders. Raises `error` for an unknown name, or a control character.

    >>> at_home("mine/tki2.yaml").as_posix()
    'mine/tki2.yaml'
    """
    safe_name = visible(text)
    if banned(text):
        raise error(
            "a file name with a control character",
            where=where,
            value=safe_name,
            rule="names of files are plain text",
            way_out="rename the file",
        )
    try:
        return Path(text).expanduser()
    except RuntimeError as reason:  # ~someone who is not a user here
        raise error(
            "no such home folder",
            where=where,
            value=safe_name,
            rule="~name is the home folder of a user",
            way_out="write the whole path",
        ) from reason


def _refused(
    error: type[CosteffError], where: Place | str | None, file: Path, reason: OSError | ValueError
) -> CosteffError:
    """What the system said about a name, in words that say what to do."""
    safe_name = visible(str(file))
    if isinstance(reason, FileNotFoundError | NotADirectoryError):
        return error(NO_FILE, where=where, value=safe_name, way_out="check the path")
    if isinstance(reason, PermissionError):
        return error(
            "the file may not be read",
            where=where,
            value=safe_name,
            rule="the file and its folders are open to you",
            way_out="ask its owner, or copy it to where you may read",
        )
    system_text = getattr(reason, "strerror", None) or str(reason)
    return error(
        "the file cannot be read",
        where=where,
        value=safe_name if len(safe_name) < 200 else f"{safe_name[:100]}...",
        rule=system_text,
        way_out="check the path",
    )
