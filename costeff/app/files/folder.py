"""The one folder that the app reads and writes: files directly in it, never through a link, never outside."""

from __future__ import annotations

import re
from pathlib import Path

from costeff.errors import ScenarioError
from costeff.investment.read import is_case

_NAME = re.compile(r"[\w](?:[\w .-]{0,78}[\w])?\.ya?ml", re.UNICODE)
_VERSIONS = ".costeff-versions"


class CaseFolder:
    """A folder of case files. Every path of the app comes from one of its methods."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise ScenarioError(
                "the folder of the app is not there",
                value=str(folder),
                rule="costeff app opens a folder of case files",
                way_out="make the folder first, or name another",
            )
        self.root = folder.resolve()

    def names(self) -> list[str]:
        """Names of the case files in the folder, links left out."""
        files = [path for path in self.root.iterdir() if _NAME.fullmatch(path.name)]
        return sorted(path.name for path in files if not path.is_symlink() and path.is_file() and is_case(path))

    def file(self, name: str) -> Path:
        """The path of a case file of the folder; raises ScenarioError for any other name."""
        path = self.free(name)
        if path.is_symlink() or not path.is_file():
            raise ScenarioError("no case of this name in the folder", value=name, rule="plain files of the folder only")
        return path

    def free(self, name: str) -> Path:
        """The path that a name has in the folder, whether a file is there or not."""
        if not _NAME.fullmatch(name):
            raise ScenarioError(
                "this is no name of a case file",
                value=name[:100],
                rule="letters, digits, blanks, - and _, then .yaml: a file of the folder itself",
                way_out="write for example my_case.yaml",
            )
        return self.root / name

    def versions(self, name: str) -> Path:
        """The folder of a case's versions, made when it is not there. Raises ScenarioError where a link stands."""
        return self._own(_VERSIONS, self.free(name).name)

    def results(self, name: str) -> Path:
        """The folder that a case's notes, tables and workbook are written to."""
        return self._own(f"{Path(self.free(name).name).stem} - result")

    def _own(self, *parts: str) -> Path:
        path = self.root
        for part in parts:
            path = path / part
            if path.is_symlink():
                raise ScenarioError(
                    "a link stands where the app keeps its files",
                    value=str(path),
                    rule="nothing outside the folder is read or written",
                    way_out="remove the link",
                )
            path.mkdir(exist_ok=True)
        return path
