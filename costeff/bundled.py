"""Finds the models, parameters and scenarios that come with costeff, and the user's own files.

Rank 1. A bare name (`tki2`) is one of ours; anything with a slash or a .yaml ending is a path. The working
directory is never searched for a bare name, so a stray file there cannot take the place of a shipped model.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from pathlib import Path

from costeff.errors import ScenarioError

KINDS = ("models", "parameters", "scenarios", "designs", "rules", "cases")
FOLDERS = {"rules": "parameters/rules", "cases": "scenarios"}  # else the kind itself

_PACKAGE = Path(__file__).resolve().parent


def data_dir(kind: str) -> Path:
    """The folder of shipped files of one kind: one of KINDS.

    In an installed package `costeff/_bundled/<kind>`; in a source checkout or editable install the
    repository's own folder. Rules lie in `parameters/rules`, cases with the scenarios. Raises ScenarioError for an
    unknown kind or an incomplete installation.

    >>> data_dir("models").name
    'models'
    """
    if kind not in KINDS:
        raise ScenarioError("unknown kind of file", value=kind, rule=f"one of {', '.join(KINDS)}")
    folder = FOLDERS.get(kind, kind)
    installed = _PACKAGE / "_bundled" / folder
    if installed.is_dir():
        return installed
    checkout = _PACKAGE.parent / folder
    if checkout.is_dir() and _is_own_checkout(_PACKAGE.parent):
        return checkout
    raise ScenarioError(
        f"the shipped {kind} are missing",
        where=str(installed),
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

    Cases lie among the scenarios, and begin with `case:` in the place of `scenario:`.
    """
    found = sorted(path for path in data_dir(kind).glob("*.yaml") if path.is_file())
    first = {"scenarios": "scenario:", "cases": "case:"}.get(kind)
    return tuple(path.stem for path in found if first is None or _says(path, first))


def _says(path: Path, first: str) -> bool:
    """Whether a line of a shipped file begins with this key."""
    return any(line.startswith(first) for line in path.read_text(encoding="utf-8").splitlines())


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
    path = Path(text).expanduser()
    if path.is_file():
        return path
    shipped = ", ".join(available(kind)) or "none"
    neighbours = [p.name for p in sorted(path.parent.glob("*.y*ml"))] if path.parent.is_dir() else []
    raise ScenarioError(
        "this is a folder, not a file" if path.is_dir() else "no such file",
        value=str(path.absolute()),
        rule=f"a name with a slash or ending in .yaml is a path; shipped {kind}: {shipped}",
        way_out=_closest(path.name, neighbours) + "check the path, or give the bare name of a shipped file",
    )


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
