"""The list of what costeff wrote into a folder: by it a later run knows its own files from the user's."""

from __future__ import annotations

import hashlib
import json
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path

from costeff.errors import ResultError

MANIFEST = "costeff-files.json"
_ABOUT = "what costeff wrote here, with the sha256 of each file"

Sets = Mapping[str, Mapping[str, str]]
"""Kind of result ('run', 'case', ...) to file name to sha256."""


def digest(path: Path) -> str:
    """sha256 (hex) of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def manifest_text(sets: Sets, *, complete: bool) -> str:
    """The list as JSON. `complete` is false while files are being moved in, and after a kill in that moment."""
    content = {"about": _ABOUT, "complete": complete, "files": sets}
    return json.dumps(content, indent=1, sort_keys=True) + "\n"


def read_manifest(folder: Path) -> dict[str, dict[str, str]]:
    """What costeff wrote into the folder; empty where there is no list, or one that is not ours."""
    try:
        content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if content["about"] != _ABOUT:
            return {}
        return {
            str(kind): {str(name): str(sha) for name, sha in files.items() if Path(name).name == name}
            for kind, files in content["files"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def is_own(path: Path, shas: Iterable[str]) -> bool:
    """Whether a file is as costeff wrote it: one of these hashes, and not made read-only since."""
    info = path.lstat()
    return stat.S_ISREG(info.st_mode) and bool(info.st_mode & stat.S_IWUSR) and digest(path) in shas


def check_kind(folder: Path, kind: str, option: str) -> None:
    """Refuse a folder with another kind of result: some of their files have the same names. Raises ResultError."""
    for other, files in read_manifest(folder).items():
        if "figures" not in (kind, other) and other != kind and any((folder / name).exists() for name in files):
            raise ResultError(
                f"this folder holds the files of a {other}, and these are of a {kind}",
                value=str(folder),
                rule="one folder, one result, as files of both have the same names",
                way_out=f"choose another {option}, or remove that folder",
            )
